use super::*;
use crate::Stage;
use crate::input::envelope;

/// The records of some messages without envelopes.
fn records(texts: &[&str]) -> Vec<Record<'static>> {
    let mut postfix = Postfix::default();
    let mut out = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let message = envelope::open(text);
        postfix.read(&message, n as u64 + 1, &mut out);
    }
    out.into_iter().map(Record::into_owned).collect()
}

fn one(text: &str) -> Record<'static> {
    let mut all = records(&[text]);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// A failed delivery; `reason` with its brackets.
fn failed(dsn: &str, reason: &str) -> Record<'static> {
    let fields = "relay=mx.example.net[192.0.2.1]:25, conn_use=2, delay=0.01, delays=0.01/0/0/0, tls=may";
    one(&format!("9CA96A189B0: to=<u@example.net>, orig_to=<o@example.org>, {fields}, dsn={dsn}, status=bounced {reason}"))
}

#[test]
fn fields_come_from_before_the_reason() {
    let reply = "550 5.7.1 a, status=sent (250 ok), dsn=2.0.0; from=<x> (in reply to MAIL FROM command)";
    let r = failed("5.7.0", &format!("(host mx.example.net[192.0.2.1] said: {reply} (in reply to RCPT TO command))"));
    assert_eq!(
        (r.queue_id.as_deref(), r.recipient.as_deref(), r.orig_to.as_deref()),
        (Some("9CA96A189B0"), Some("u@example.net"), Some("o@example.org"))
    );
    assert_eq!((r.relay.as_deref(), r.relay_ip.as_deref()), (Some("mx.example.net"), Some("192.0.2.1")));
    assert_eq!((r.status.as_deref(), r.mta_dsn.as_deref()), (Some("bounced"), Some("5.7.0")));
    assert_eq!((r.stage, r.text.as_ref(), r.truncated), (Some(Stage::Rcpt), reply, false));
}

#[test]
fn replies_stand_behind_many_words() {
    let told = |dsn: &str, reason: &str| {
        let r = failed(dsn, reason);
        (r.stage.map(Stage::name), r.text.into_owned())
    };
    let expect = |stage: &'static str, text: &str| (Some(stage), text.to_string());
    assert_eq!(told("4.7.1", "(host mx[192.0.2.1] refused to talk to me: 550 5.7.1 no)"), expect("connect", "550 5.7.1 no"));
    assert_eq!(told("5.7.1", "(host mx[192.0.2.1] refused to talk to me: 550 5.7.1 no)"), expect("ehlo", "550 5.7.1 no"));
    assert_eq!(
        told("4.7.0", "(TLS is required, but host mx[192.0.2.1] refused to start TLS: 454 4.7.0 no)"),
        expect("starttls", "454 4.7.0 no")
    );
    let auth = "authentication failed; server mx[192.0.2.1] said: 535-5.7.8 go to?535 5.7.8  why?";
    let joined = "535-5.7.8 go to\n535 5.7.8  why?";
    assert_eq!(told("4.7.8", &format!("(SASL {auth})")), expect("auth", joined));
    assert_eq!(told("4.7.8", &format!("(SASL [CACHED] {auth})")), expect("auth", joined));
    assert_eq!(told("5.0.0", "(host mx[192.0.2.1] said: 550 (in reply to end of DATA command))"), expect("end-of-data", "550"));
    let timeout = "conversation with mx[192.0.2.1] timed out while sending MAIL FROM";
    assert_eq!(told("4.4.2", &format!("({timeout})")), expect("mail", timeout));
    assert_eq!(told("5.4.6", "(mail for example.net loops back to myself)").1, "mail for example.net loops back to myself");
}

#[test]
fn a_cut_line_says_so_and_keeps_only_the_servers_words() {
    let cut = |reason: &str| {
        let r = failed("5.0.0", &format!("(host mx[192.0.2.1] said: {reason}"));
        assert!(r.truncated, "{reason}");
        (r.stage.map(Stage::name), r.text.into_owned())
    };
    assert_eq!(cut("550 5.7.1 long te"), (None, "550 5.7.1 long te".to_string()));
    assert_eq!(cut("550 5.7.1 long (see x)"), (None, "550 5.7.1 long (see x)".to_string()));
    assert_eq!(cut("550 5.7.1 long (see"), (None, "550 5.7.1 long (see".to_string()));
    assert_eq!(cut("550 5.7.1 long (in re"), (None, "550 5.7.1 long".to_string()));
    assert_eq!(cut("550 5.7.1 long (in reply to RCPT TO comm"), (Some("rcpt"), "550 5.7.1 long".to_string()));
    assert_eq!(cut("550 5.7.1 long (in reply to end of DATA"), (Some("end-of-data"), "550 5.7.1 long".to_string()));
    assert_eq!(cut("550 5.7.1 long (in reply to RCPT TO command)"), (Some("rcpt"), "550 5.7.1 long".to_string()));
}

#[test]
fn deliveries_without_a_reply_have_no_text() {
    let sent = |reason: &str| {
        one(&format!("4jX01X0YpMz1XnBR: to=<a@example.org>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent ({reason})"))
    };
    let quiet = sent("delivered to maildir");
    assert_eq!((quiet.text.as_ref(), quiet.relay.as_deref(), quiet.is_delivered()), ("", None, true));
    let loud = sent("250 2.0.0 Ok: queued as (x)");
    assert_eq!((loud.text.as_ref(), loud.stage), ("250 2.0.0 Ok: queued as (x)", Some(Stage::EndOfData)));
}

#[test]
fn senders_come_from_the_queue_manager() {
    let all = records(&[
        "9CA96A189B0: from=<s@example.org>, size=278, nrcpt=1 (queue active)",
        "9CA96A189B0: host mx.example.net[192.0.2.1] said: 421 4.7.0 later (in reply to RCPT TO command)",
        "9CA96A189B0: to=<u@example.net>, relay=none, delay=9, delays=9/0/0/0, dsn=4.7.0, status=deferred (delivery temporarily suspended: connect to mx.example.net[192.0.2.1]:25: Connection refused)",
        "9CA96A189B0: from=<s@example.org>, status=expired, returned to sender",
    ]);
    let kinds: Vec<Kind> = all.iter().map(|r| r.kind).collect();
    assert_eq!(kinds, [Kind::Intermediate, Kind::Intermediate, Kind::Expired]);
    assert!(all.iter().all(|r| r.sender.as_deref() == Some("s@example.org")));
    assert_eq!((all[1].relay.as_deref(), all[1].stage), (Some("mx.example.net"), Some(Stage::Connect)));
    assert_eq!(
        (all[1].text.as_ref(), all[2].text.as_ref()),
        ("connect to mx.example.net[192.0.2.1]:25: Connection refused", "status=expired, returned to sender")
    );
}

#[test]
fn rejects_end_at_the_last_tail() {
    let text = "550 5.7.1 Service unavailable; client [192.0.2.2] blocked; from=<x> see https://example.net/?s=mfrom;id=1";
    let smtpd = one(&format!(
        "NOQUEUE: reject: RCPT from unknown[192.0.2.2]:4711: {text}; from=<> to=<r@example.org> proto=ESMTP helo=<h> sasl_method=PLAIN sasl_username=u"
    ));
    assert_eq!((smtpd.kind, smtpd.direction, smtpd.queue_id.as_deref()), (Kind::Reject, Direction::In, None));
    assert_eq!((smtpd.sender.as_deref(), smtpd.recipient.as_deref(), smtpd.stage), (Some(""), Some("r@example.org"), Some(Stage::Rcpt)));
    assert_eq!((smtpd.relay.as_deref(), smtpd.relay_ip.as_deref(), smtpd.text.as_ref()), (None, Some("192.0.2.2"), text));
    let postscreen = one(&format!(
        "NOQUEUE: reject: RCPT from [192.0.2.2]:59175: {text}; from=<s@example.net>, to=<r@example.org>, proto=ESMTP, helo=<h>"
    ));
    assert_eq!((postscreen.recipient.as_deref(), postscreen.text.as_ref()), (Some("r@example.org"), text));
    let milter = one("NOQUEUE: milter-reject: EHLO from a.example[192.0.2.1]: 550 5.7.1 Command rejected; proto=SMTP helo=<h>");
    assert_eq!((milter.sender.as_deref(), milter.stage, milter.text.as_ref()), (None, Some(Stage::Ehlo), "550 5.7.1 Command rejected"));
    let proxy = one("proxy-reject: END-OF-MESSAGE: 550 5.7.1 no; from=<s@example.net> to=<r@example.org> proto=ESMTP helo=<h>");
    assert_eq!((proxy.kind, proxy.stage, proxy.text.as_ref()), (Kind::Reject, Some(Stage::EndOfData), "550 5.7.1 no"));
}

#[test]
fn content_checks_say_their_text_behind_the_tail() {
    let head = "B6B29A18ADC: reject: header Subject: from x[1.2.3.4]; from=<a> me from a.example[192.0.2.1]";
    let r = one(&format!("{head}; from=<s@example.net> to=<r@example.org> proto=ESMTP helo=<h>: 5.7.9 header rejected"));
    assert_eq!((r.sender.as_deref(), r.relay_ip.as_deref(), r.stage), (Some("s@example.net"), Some("192.0.2.1"), Some(Stage::EndOfData)));
    assert_eq!(r.text, "5.7.9 header rejected");
    let hold = one("B6B29A18ADC: hold: header Subject: x from local; from=<s@example.net> to=<r@example.org>: keep it");
    assert_eq!((hold.kind, hold.status.as_deref(), hold.text.as_ref()), (Kind::Intermediate, Some("hold"), "keep it"));
}

#[test]
fn sessions_and_logins() {
    let login = one("warning: a.example[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=u");
    assert_eq!(
        (login.kind, login.direction, login.text.as_ref()),
        (Kind::Login, Direction::In, "SASL LOGIN authentication failed: UGFzc3dvcmQ6")
    );
    for (text, direction, stage) in [
        ("connect to mx.example[192.0.2.1]:25: Connection refused", Direction::Out, Some(Stage::Connect)),
        ("SSL_connect error to mx.example[192.0.2.1]:25: -1", Direction::Out, Some(Stage::StartTls)),
        ("SSL_accept error from mx.example[192.0.2.1]: lost connection", Direction::In, Some(Stage::StartTls)),
        ("lost connection after DATA (12 bytes) from mx.example[192.0.2.1]", Direction::In, Some(Stage::Data)),
        ("NOQUEUE: timeout after END-OF-MESSAGE from mx.example[192.0.2.1]", Direction::In, Some(Stage::EndOfData)),
        ("PREGREET 21 after 0 from [192.0.2.1]:47395: EHLO x\\r\\n", Direction::In, Some(Stage::Connect)),
        ("DNSBL rank 1 for [192.0.2.1]:57313", Direction::In, Some(Stage::Connect)),
    ] {
        let r = one(text);
        assert_eq!((r.kind, r.direction, r.stage, r.relay_ip.as_deref()), (Kind::Session, direction, stage, Some("192.0.2.1")), "{text}");
    }
}

#[test]
fn lines_of_no_interest_and_of_others_give_nothing() {
    for text in [
        "9CA96A189B0: removed",
        "9CA96A189B0: message-id=<x@example.org>",
        "connect from a.example[192.0.2.1]",
        "statistics: max connection rate 42/60s for (smtp:192.0.2.1) at Nov 21 17:41:10",
        "warning: non-ESMTP response",
        "[74B blob data]",
        "6ALIAAhb000131: to=<u@example.net>, delay=00:00:00, mailer=esmtp, relay=mx. [192.0.2.1], dsn=5.1.1, stat=User unknown",
        "",
    ] {
        assert!(records(&[text]).is_empty(), "{text}");
        assert!(!Postfix::default().claims(&envelope::open(text)), "{text}");
    }
    assert!(!Postfix::default().claims(&envelope::open("Nov 21 17:40:48 mail smtpd[47]: info: OpenSMTPD starting")));
    assert!(Postfix::default().claims(&envelope::open("Nov 21 17:40:48 mail transfer/smtp[47]: x")));
}
