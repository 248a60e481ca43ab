use super::*;

fn read(table: &Table, text: &str) -> Vec<Event<'static>> {
    let mut out = Vec::new();
    let mut keep = |found: Found| out.extend(found.event);
    table.read(text.as_bytes(), &mut keep).unwrap();
    out
}

#[test]
fn columns_are_found_by_name() {
    let text = "Email,Status,Reason,Created\na@example.com,5.1.1,\"550 5.1.1 no,\nsuch user\",2026-01-01\nb@example.com,4.0.0,421 later,2026-01-01\n";
    let out = read(&Table::of(text).unwrap(), text);
    assert_eq!(out[0].record.text, "550 5.1.1 no,\nsuch user");
    assert_eq!(out[0].record.mta_dsn.as_deref(), Some("5.1.1"));
    assert_eq!((out[0].record.line, out[1].record.line), (3, 4));
    assert_eq!(out[1].record.recipient.as_deref(), Some("b@example.com"));
}

#[test]
fn other_separators_and_parts_of_replies_are_read() {
    let text = "sep=;\nSMTP Code;Response;Recipient\n550;5.1.1 no;a@example.com\n452;full;\"B <b@example.com>\"\n";
    let out = read(&Table::of(text).unwrap(), text);
    assert_eq!(out[0].record.text, "550 5.1.1 no");
    assert_eq!((&*out[1].record.text, out[1].record.recipient.as_deref()), ("452 full", Some("b@example.com")));
}

#[test]
fn users_may_name_columns() {
    let text = "wer;was\na@example.com;550 no\n";
    assert!(Table::of(text).is_none());
    let table = Table::named(text, "recipient=wer, reply=2").unwrap();
    assert_eq!(read(&table, text)[0].record.text, "550 no");
    assert!(Table::named(text, "reply=x").unwrap_err().contains("no column 'x'"));
    assert!(Table::named(text, "foo=1").unwrap_err().contains("no kind"));
    let bare = "a@example.com\t550 no\n";
    let table = Table::named(bare, "recipient=1,reply=2").unwrap();
    assert_eq!(read(&table, bare).len(), 1);
}

#[test]
fn logs_are_no_tables() {
    for text in [
        "",
        "a,b\n",
        "Nov 21 mail postfix: to=<a@b>, relay=none, error",
        "550 5.1.1 no, really",
        "{\"email\":1,\"reason\":2}",
        "{\"event\":1,\"email\":2,\"reason\":3}",
        "#Fields: recipient,reply",
    ] {
        assert!(Table::of(text).is_none(), "{text}");
    }
}

#[test]
fn powermta_has_words_of_its_own() {
    let text = "type,timeLogged,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat\n\
        b,2012-06-12 00:11:57-0500,s@example.org,a@example.com,failed,5.1.1 (bad destination mailbox address),\"smtp;550 5.1.1 no, really\",mx.example.com (192.0.2.1),bad-mailbox\n\
        b,2012-06-12 00:11:58-0500,s@example.org,b@example.net,failed,\"5.4.4 (unable to route: no mail hosts for domain)\",,,bad-domain\n\
        d,2012-06-12 00:11:59-0500,s@example.org,c@example.com,relayed,2.0.0 (success),smtp;250 2.0.0 OK,mx.example.com (192.0.2.1),\n\
        f,2012-06-12 00:12:00-0500,,,,,,,\n";
    let out = read(&Table::of(text).unwrap(), text);
    assert_eq!(out.len(), 3);
    assert_eq!((&*out[0].record.text, out[0].label), ("550 5.1.1 no, really", Some("remove")));
    assert_eq!((out[0].record.relay.as_deref(), out[0].record.relay_ip.as_deref()), (Some("mx.example.com"), Some("192.0.2.1")));
    assert_eq!((out[0].record.mta_dsn.as_deref(), out[0].record.sender.as_deref()), (Some("5.1.1"), Some("s@example.org")));
    assert_eq!(out[1].record.text, "unable to route: no mail hosts for domain");
    assert!(out[2].record.is_delivered());
}

#[test]
fn no_bytes_are_too_much() {
    let table = Table::of("email,reason\n").unwrap();
    let mut count = 0;
    table
        .read(&b"email,reason\n\xff\xfe,\"550 \xe9\n,,,,\n\"\"\"\"\n"[..], &mut |found| count += usize::from(found.event.is_some()))
        .unwrap();
    assert_eq!(count, 1);
}
