use super::*;

fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
    let (mut reader, mut out) = (Sendmail::default(), Vec::new());
    for (line, text) in (1..).zip(lines) {
        let message = Message { ident: Some(Cow::Borrowed("sm-mta")), text: Cow::Borrowed(text), ..Message::default() };
        assert!(reader.claims(&message));
        reader.read(&message, line, &mut out);
    }
    out
}

#[test]
fn deliveries_keep_both_codes_apart() {
    let records = read(&[
        "6ALIA9CX000091: from=<bounce+s001@example.org>, size=115, class=0, nrcpts=1, msgid=<s001@example.org>, proto=ESMTP, daemon=MTA-v4, relay=mail.example.org [203.0.113.5]",
        "6ALIA9CX000091: to=<user@s001.test>, ctladdr=<bounce+s001@example.org> (1000/1000), delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=30115, relay=mx.s001.test. [198.18.1.10], dsn=5.5.0, reply=550 5.7.1 Empf\\303\\244nger, no, stat=Service unavailable",
        "6ALIAM56000463: to=<ok@s061.test>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90147, relay=mx.s061.test. [198.18.1.70], dsn=2.0.0, stat=Sent (Ok: queued as FAKEs061)",
        "6ALIBB0A001380: to=<b@elsewhere.example>,<a@elsewhere.example>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90075, relay=elsewhere.example, dsn=5.1.2, stat=Host unknown (Name server: elsewhere.example: host not found)",
        "6ALIBB0A001380: to=<c@elsewhere.example>, delay=00:00:00, mailer=esmtp, pri=90075, stat=queued",
    ]);
    let r = &records[0];
    assert_eq!(
        (r.mta_dsn.as_deref(), &*r.text, r.status.as_deref()),
        (Some("5.5.0"), "550 5.7.1 Empfänger, no", Some("Service unavailable"))
    );
    assert_eq!(
        (r.relay.as_deref(), r.relay_ip.as_deref(), r.sender.as_deref()),
        (Some("mx.s001.test"), Some("198.18.1.10"), Some("bounce+s001@example.org"))
    );
    assert_eq!((&*records[1].text, records[1].is_delivered()), ("Ok: queued as FAKEs061", true));
    assert_eq!(
        (records[2].recipient.as_deref(), records[3].recipient.as_deref()),
        (Some("b@elsewhere.example"), Some("a@elsewhere.example"))
    );
    assert_eq!((records[2].relay.as_deref(), records[2].status.as_deref()), (None, Some("Host unknown")));
    assert_eq!((&*records[2].text, records.len()), ("Host unknown (Name server: elsewhere.example: host not found)", 4));
}

#[test]
fn deferrals_and_what_sendmail_invents() {
    let records = read(&[
        "6ALIAXg6000686: timeout waiting for input from mx.t008.test. during client DATA status",
        "6ALIAXg6000686: to=<user@t008.test>, delay=00:00:06, xdelay=00:00:06, mailer=esmtp, pri=30115, relay=mx.t008.test. [198.18.1.115], dsn=4.4.2, reply=421 4.4.1 Connection reset by mx.t008.test., stat=Deferred: Connection timed out with mx.t008.test.",
        "6ALIAXg6000686: to=<user@t008.test>, delay=00:00:06, mailer=esmtp, pri=30115, dsn=4.0.0, stat=Deferred: 451 4.3.2 later",
        "6ALIAqhN000931: to=<user@p012.test>, delay=00:00:00, mailer=esmtp, dsn=5.7.1, reply=550 5.7.1 Unfortunately, messages from [203.0.113.5] weren't sent. Please contact your Internet service provid...GT=PFA][MxId=11BC2AD1] [DB5PEPF00014B9A.eurprd02.prod.outlook.com 2024-11-20T09:00:00.000Z 08DD0A0B], stat=Service unavailable",
        "6ALIADiT000174: 6ALICGNg001616: DSN: Cannot send message for 5 days",
        "6ALIADiT000174: 6ALICGNg001616: DSN: User unknown",
    ]);
    assert_eq!((&*records[0].text, records[0].stage), ("Connection timed out with mx.t008.test.", Some(Stage::EndOfData)));
    assert_eq!((&*records[1].text, records[1].stage, records[1].status.as_deref()), ("451 4.3.2 later", None, Some("Deferred")));
    assert!(records[2].truncated && records[2].text.contains("provid...GT=PFA"));
    assert_eq!((records[3].kind, records[3].queue_id.as_deref(), records.len()), (Kind::Expired, Some("6ALIADiT000174"), 4));
}

#[test]
fn refused_clients() {
    let records = read(&[
        "s1P819mk027713: ruleset=check_rcpt, arg1=<a@b.ru>, relay=x.example [128.68.136.133] (may be forged), reject=550 5.7.1 <a@b.ru>... Relaying denied, proper authentication required.",
        "ruleset=check_relay, arg1=[192.0.2.6], arg2=192.0.2.6, relay=[192.0.2.6], reject=550 5.7.1 Access denied",
        "ruleset=tls_server, arg1=SOFTWARE, relay=mx.t032.test, reject=454 4.7.0 TLS handshake failed.",
        "6ALIBYZu001563: Milter: from=<mf-mail@client.test>, reject=550 5.7.1 Command rejected",
        "6ALIBZul001573: Milter (clamav): data, reject=550 5.7.1 milter says no at eom",
        "6ALIBZul001573: to=<alice@example.org>, delay=00:00:00, pri=30091, stat=milter says no at eom",
        "6ALIBBRE001385: <nosuch@example.org>... User unknown",
        "STARTTLS=client, error: connect failed=-1, reason=wrong version number, SSL_error=1, errno=0, retry=-1",
        "6ALIBaKw001575: Milter: data, discard",
    ]);
    let told: Vec<_> = records.iter().map(|r| (r.kind, r.stage, &*r.text)).collect();
    assert_eq!(
        told,
        [
            (Kind::Reject, Some(Stage::Rcpt), "550 5.7.1 <a@b.ru>... Relaying denied, proper authentication required."),
            (Kind::Reject, Some(Stage::Connect), "550 5.7.1 Access denied"),
            (Kind::Session, Some(Stage::StartTls), "454 4.7.0 TLS handshake failed."),
            (Kind::Reject, Some(Stage::Mail), "550 5.7.1 Command rejected"),
            (Kind::Reject, Some(Stage::EndOfData), "550 5.7.1 milter says no at eom"),
            (Kind::Intermediate, None, "milter says no at eom"),
            (Kind::Reject, Some(Stage::Rcpt), "User unknown"),
            (Kind::Session, Some(Stage::StartTls), "connect failed=-1, reason=wrong version number, SSL_error=1, errno=0, retry=-1"),
        ]
    );
    assert_eq!(
        (records[0].recipient.as_deref(), records[0].relay.as_deref(), records[0].relay_ip.as_deref()),
        (Some("a@b.ru"), Some("x.example"), Some("128.68.136.133"))
    );
    assert_eq!(records[3].sender.as_deref(), Some("mf-mail@client.test"));
}

#[test]
fn shapes_without_the_programs_name() {
    let claims = |text: &'static str| Sendmail::default().claims(&Message { text: Cow::Borrowed(text), ..Message::default() });
    assert!(claims("6ALIA9CX000091: to=<user@s001.test>, delay=00:00:00, mailer=esmtp, dsn=2.0.0, stat=Sent"));
    assert!(!claims("4ZABCDEF12345678: to=<user@s001.test>, relay=none, delay=0.1, delays=0/0/0/0, dsn=4.4.1, status=deferred (x)"));
    assert!(!claims("to=<a@b>, delay=1, stat=Sent"));
}

#[test]
fn many_recipients_of_a_long_reply_do_not_multiply_it() {
    let recipients = vec!["a@example.com"; 4_000].join(",");
    let text = format!("to={recipients}, mailer=esmtp, dsn=4.0.0, stat=Deferred: 451 {}", "x".repeat(20_000));
    let message = Message { ident: Some("sendmail".into()), text: format!("6ALIAJnn000358: {text}").into(), ..Message::default() };
    let (mut reader, mut out) = (Sendmail::default(), Vec::new());
    reader.read(&message, 1, &mut out);
    let mut told = 0;
    while !out.is_empty() {
        let bytes: usize = out.iter().map(|r| r.text.len()).sum();
        assert!(bytes <= 1 << 20, "{} records of {bytes} bytes", out.len());
        let known = |r: &Record<'_>| r.recipient.as_deref() == Some("a@example.com") && r.queue_id.as_deref() == Some("6ALIAJnn000358");
        assert!(out.iter().all(|r| known(r) && r.truncated && r.text.starts_with("451 x") && r.format == FORMAT && r.line == 1));
        told += out.len();
        out.clear();
        reader.more(&mut out);
    }
    assert_eq!(told, 4_000);
}
