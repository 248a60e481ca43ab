use super::*;

/// Reads lines as files have them, or as syslog gives them with `exim` as the
/// program.
fn read(ident: Option<&'static str>, lines: &[&'static str]) -> Vec<Record<'static>> {
    let (mut reader, mut out) = (Exim::default(), Vec::new());
    for (line, text) in (1..).zip(lines) {
        let message = Message { ident: ident.map(Cow::Borrowed), text: Cow::Borrowed(text), ..Message::default() };
        if reader.claims(&message) {
            reader.read(&message, line, &mut out);
        }
    }
    reader.end(&mut out);
    out
}

#[test]
fn a_failure_with_all_fields() {
    let records = read(
        None,
        &[
            "2026-11-21 18:05:10 1xUpSY-00001K-2v <= bounce+s007@example.org U=root P=local S=334",
            "2026-11-21 18:05:10.123 +0100 [84] 1xUpSY-00001K-2v ** user@s007.test <orig@example.org> P=<p@example.org> R=dnslookup T=remote_smtp H=mx.s007.test [198.18.1.16]:25* I=[203.0.113.5]:52283 X=TLS1.3:ECDHE__X:256 CV=no: SMTP error from remote mail server after pipelined RCPT TO:<user@s007.test>: 550-5.7.1 a\\n550 5.7.1 Empf\\303\\244nger DT=0.000s",
            "2026-11-21 18:05:11 1xUpSY-00001K-2v == user@s007.test R=dnslookup T=remote_smtp defer (-44) H=mx.s007.test [2001:db8::1]: SMTP error from remote mail server after end of data: 451 4.3.2 later",
        ],
    );
    let r = &records[0];
    assert_eq!(
        (r.recipient.as_deref(), r.orig_to.as_deref(), r.sender.as_deref()),
        (Some("user@s007.test"), Some("orig@example.org"), Some("p@example.org"))
    );
    assert_eq!((r.relay.as_deref(), r.relay_ip.as_deref(), r.stage), (Some("mx.s007.test"), Some("198.18.1.16"), Some(Stage::Rcpt)));
    assert_eq!((&*r.text, r.status.as_deref()), ("550-5.7.1 a\n550 5.7.1 Empfänger", Some("bounced")));
    assert_eq!((r.time.as_deref(), r.queue_id.as_deref()), (Some("2026-11-21 18:05:10.123 +0100"), Some("1xUpSY-00001K-2v")));
    let r = &records[1];
    assert_eq!(
        (r.sender.as_deref(), r.status.as_deref(), r.stage),
        (Some("bounce+s007@example.org"), Some("deferred"), Some(Stage::EndOfData))
    );
    assert_eq!(r.relay_ip.as_deref(), Some("2001:db8::1"));
}

#[test]
fn addresses_of_all_kinds() {
    let records = read(
        None,
        &[
            "2026-11-21 18:01:42 1xUpPC-000000000Os-001a ** |/usr/local/bin/agent 75 over <full@example.org> R=aliases T=address_pipe: Child process returned 75",
            "2026-11-21 18:01:42 1xUpPC-0000PQ-1r => alice <alice@example.org> R=localuser T=maildir",
            "2026-11-21 18:01:42 1xUpPC-0000O2-18 => :blackhole: <alice@x001.test> R=x_discard",
            "2026-11-21 18:01:42 1xUpPC-0000Oi-1T ** nosuchlocal@example.org: Unknown user",
            "2026-11-21 18:01:42 1xUpPC-0000Oi-1T ** \"a: b\"@example.org R=x: 5.1.2 no",
            "2026-11-21 18:01:42 1xUpP8-00007f-2R => ok@s061.test R=d T=t H=mx.s061.test [198.18.1.70] L C=\"250 2.0.0 \\\"Ok\\\": queued\" QT=0.03s DT=0.04s",
        ],
    );
    let recipients: Vec<_> = records.iter().map(|r| r.recipient.as_deref().unwrap_or_default()).collect();
    assert_eq!(
        recipients,
        ["full@example.org", "alice@example.org", "alice@x001.test", "nosuchlocal@example.org", "\"a: b\"@example.org", "ok@s061.test"]
    );
    assert_eq!(records[3].text, "Unknown user");
    assert_eq!((&*records[5].text, records[5].stage), ("250 2.0.0 \"Ok\": queued", Some(Stage::EndOfData)));
    assert!(records[5].is_delivered() && records[1].text.is_empty());
}

#[test]
fn reasons_without_a_reply() {
    let records = read(
        None,
        &[
            "2026-11-21 18:01:45 1xUpP9-0000Bx-2H == user@t008.test R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.t008.test [198.18.1.115] DT=6s: SMTP timeout after EHLO mail.example.org",
            "2026-11-21 18:01:39 1xUpP9-0000CR-2h == user@t017.test R=dnslookup T=remote_smtp defer (101): Network is unreachable",
            "2026-11-21 18:01:39 1xUpP9-0000CR-2h H=mx.t017.test [198.51.102.7] Network is unreachable",
            "2026-11-21 18:03:54 1xUpPA-0000Dd-0N ** user@t034.test: retry timeout exceeded",
            "2026-11-21 18:05:16 1xUpSe-0000IV-1v == bob@x003.test R=x_defer defer (-1) DT=0.000s: this domain is on hold",
        ],
    );
    let texts: Vec<_> = records.iter().map(|r| &*r.text).collect();
    assert_eq!(
        texts,
        [
            "SMTP timeout after EHLO mail.example.org",
            "Network is unreachable",
            "Network is unreachable",
            "retry timeout exceeded",
            "this domain is on hold"
        ]
    );
    assert_eq!((records[0].stage, records[0].relay.as_deref()), (Some(Stage::Ehlo), Some("mx.t008.test")));
    assert_eq!((records[2].kind, records[2].relay_ip.as_deref()), (Kind::Intermediate, Some("198.51.102.7")));
    assert_eq!(records[3].kind, Kind::Expired);
}

#[test]
fn refused_clients() {
    let records = read(
        None,
        &[
            "2022-06-29 15:33:46 H=test.com [1.2.3.4]:53343 F=<info@test.com> rejected RCPT <toto@toto.com>: \"JunkMail rejected\"",
            "2026-11-21 18:01:44 rejected EHLO from [192.0.2.1]:50727 I=[203.0.113.5]:25: syntactically invalid argument(s): bad_helo!name",
            "2026-11-21 18:01:44 H=[192.0.2.6] rejected connection in \"connect\" ACL: go away, 192.0.2.6",
            "2026-11-21 18:01:47 1xUpPH-0000Qx-2m rejected from <in@client.test> H=(in.client.test) [192.0.2.1]: message too big: read=142131 max=100000",
            "Envelope-from: <in@client.test>",
            "P Received: from [192.0.2.1] (helo=in.client.test)",
            "2026-11-21 18:01:48 1xUpPI-0000R4-2d H=(in-hchold.client.test) [192.0.2.1] F=<in@client.test> temporarily rejected after DATA: 451 4.7.1 later",
            "2026-11-21 18:01:46 H=(in-warn.client.test) [192.0.2.1] Warning: just looking",
            "2026-11-21 18:01:49 plain authenticator failed for (in.client.test) [192.0.2.1]: 535 Incorrect authentication data (set_id=u)",
        ],
    );
    let told: Vec<_> = records.iter().map(|r| (r.stage, &*r.text, r.relay_ip.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        told,
        [
            (Some(Stage::Rcpt), "\"JunkMail rejected\"", "1.2.3.4"),
            (Some(Stage::Ehlo), "syntactically invalid argument(s): bad_helo!name", "192.0.2.1"),
            (Some(Stage::Connect), "go away, 192.0.2.6", "192.0.2.6"),
            (Some(Stage::EndOfData), "message too big: read=142131 max=100000", "192.0.2.1"),
            (Some(Stage::EndOfData), "451 4.7.1 later", "192.0.2.1"),
            (Some(Stage::Auth), "535 Incorrect authentication data", "192.0.2.1"),
        ]
    );
    assert_eq!((records[0].sender.as_deref(), records[0].recipient.as_deref()), (Some("info@test.com"), Some("toto@toto.com")));
    assert_eq!(records[4].status.as_deref(), Some("temporarily rejected"));
    assert_eq!((records[5].kind, records[5].direction), (Kind::Login, Direction::In));
}

#[test]
fn a_login_goes_on_in_the_next_line() {
    let records = read(
        None,
        &[
            "2026-11-21 18:01:40 1xUpPA-0000E4-0s plain authenticator failed H=smtp.gmail.com [198.18.1.147] 535-5.7.8 Username and Password not accepted.",
            "535 5.7.8  https://support.google.com/ - gsmtp",
            "535 not ours",
        ],
    );
    let r = &records[0];
    assert_eq!(records.len(), 1);
    assert_eq!((r.kind, r.direction, r.line), (Kind::Login, Direction::Out, 2));
    assert_eq!(r.text, "535-5.7.8 Username and Password not accepted.\n535 5.7.8  https://support.google.com/ - gsmtp");
}

#[test]
fn syslog_has_parts_and_tells_refusals_twice() {
    let records = read(
        Some("exim"),
        &[
            r"[1/2] [350] 1xUpSa-00005U-0a ** user@s.test R=d T=t H=mx.s.test [192.0.2.1]:25: SMTP error from remote mail server after DATA: 550-5.7.1 li",
            r"[1248] H=(in.client.test) [192.0.2.1]:59105 F=<in@client.test> rejected RCPT <a@elsewhere.example>: relay not permitted",
            r"[1248] H=(in.client.test) [192.0.2.1]:59105 F=<in@client.test> rejected RCPT <a@elsewhere.example>: relay not permitted",
            r"[2/2] ne 1\n550-5.7.1 line 15 of a ve DT=0.001s",
            r"[1\3] [1280] 1xUpSk-0000Ke-21 H=(in.client.test) [192.0.2.1]:60787 rejected after DATA: 554 5.7.9 own code",
            r"[2\3] Envelope-from: <in@client.test>",
            r"[3/3] T To: <alice@example.org>",
            r"[2/2] an end without a start",
        ],
    );
    assert_eq!(records.iter().map(|r| r.kind).collect::<Vec<_>>(), [Kind::Reject, Kind::Intermediate, Kind::Attempt, Kind::Reject]);
    assert_eq!((&*records[2].text, records[2].truncated, records[2].line), ("550-5.7.1 line 1\n550-5.7.1 line 15 of a ve", true, 4));
    assert_eq!((&*records[3].text, records[3].line), ("554 5.7.9 own code", 5));
}

#[test]
fn other_lines_are_left_alone() {
    for line in [
        "2026-11-21 18:58:15.163829 _ queue.go:308       Queue.SendLoop o8pDqefzJ-U: from b@example.org",
        "H=x",
        "rejected mail from x",
        "",
        "[",
        "[1] [",
    ] {
        assert!(read(None, &[line]).is_empty(), "{line}");
        let message = Message { text: Cow::Borrowed(line), ..Message::default() };
        assert!(!Exim::default().claims(&message), "{line}");
    }
    let text = Cow::Borrowed("1xUpSY-00000u-2P Completed");
    assert!(!Exim::default().claims(&Message { ident: Some(Cow::Borrowed("postfix/smtp")), text, ..Message::default() }));
}

#[test]
fn a_message_whose_parts_are_cut_off_by_the_end_has_a_line_and_a_time() {
    let mut reader = Exim::default();
    let mut out = Vec::new();
    let lines = ["[1/3] 1xUpSY-00001K-2v ** user@s007.test F=<a@example.org> R=dnslookup ", "[2/3] T=remote_smtp: 550 no su"];
    for (line, text) in (4..).zip(lines) {
        let message = Message { time: Some("Nov 21 18:05:10".into()), ident: Some("exim".into()), text: text.into() };
        reader.read(&message, line, &mut out);
    }
    reader.end(&mut out);
    let [r] = &out[..] else { panic!("{out:?}") };
    assert_eq!((r.line, r.time.as_deref(), r.truncated), (5, Some("Nov 21 18:05:10"), true));
}

#[test]
fn a_reply_that_never_ends_is_not_kept_whole() {
    let first = "2026-11-21 18:01:40 1xUpPA-0000E4-0s plain authenticator failed H=mx.example.com [192.0.2.1] 535-5.7.8 no";
    let next = "535-5.7.8 and no more than that";
    let mut reader = Exim::default();
    let mut out = Vec::new();
    for (line, text) in (1..).zip(std::iter::once(first).chain([next; 1_000])) {
        let message = Message { text: text.into(), ..Message::default() };
        if reader.claims(&message) {
            reader.read(&message, line, &mut out);
        }
    }
    reader.end(&mut out);
    assert!(!out.is_empty() && out.iter().all(|r| r.text.len() < 17_000), "{} bytes", out[0].text.len());
}

#[test]
fn a_message_of_endless_parts_is_not_kept_whole() {
    let mut reader = Exim::default();
    let mut out = Vec::new();
    for number in 1..=1_000 {
        let text = format!("[{number}/1000] 1xUpSY-00001K-2v ** user@s007.test F=<a@example.org> R=d T=t: 550 no such user");
        reader.read(&Message { ident: Some("exim".into()), text: text.into(), ..Message::default() }, number, &mut out);
    }
    assert!(out.len() == 1 && out[0].text.len() < 17_000, "{} bytes", out[0].text.len());
}
