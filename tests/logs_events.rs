//! Events of sending services, tables, Exchange logs and queue listings: each
//! file of `tests/logs/events` gives the records beside it.
//! `UPDATE=1 cargo test --test logs_events` rewrites them; review like code.

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Map, Value, json};
use smtpwhy::input::csv::{Found, Table};
use smtpwhy::input::envelope::Message;
use smtpwhy::input::events::{self, Event};
use smtpwhy::input::exchange::{Pasted, Protocol, Tracking};
use smtpwhy::input::hmailserver::HMailServer;
use smtpwhy::input::queues::{Queues, postqueue};
use smtpwhy::input::{Lines, Record};
use smtpwhy::reply::Reply;

/// Compares the records of a file with those kept beside it.
fn same(name: &str, made: &[Event]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/events");
    let path = folder.join(format!("{name}.records.jsonl"));
    let made: String = made.iter().map(|event| format!("{}\n", shown(event))).collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (made, kept) in made.lines().zip(kept.lines()) {
        assert_eq!(made, kept, "{name}");
    }
    assert_eq!(made.lines().count(), kept.lines().count(), "{name}");
}

fn input(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/events").join(name)).unwrap()
}

/// A record with the numbers that its text is read to have; fields without a
/// value are left out.
fn shown(event: &Event) -> Value {
    let record = &event.record;
    let reply = Reply::read(&record.text, |_| false);
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            out.insert(key.to_string(), value);
        }
    };
    put("line", json!(record.line));
    put("format", json!(record.format));
    put("kind", json!(format!("{:?}", record.kind)));
    put("direction", json!(format!("{:?}", record.direction)));
    put("time", json!(record.time));
    put("queue_id", json!(record.queue_id));
    put("sender", json!(record.sender));
    put("recipient", json!(record.recipient));
    put("orig_to", json!(record.orig_to));
    put("relay", json!(record.relay));
    put("relay_ip", json!(record.relay_ip));
    put("stage", json!(record.stage.map(|s| s.name())));
    put("status", json!(record.status));
    put("mta_dsn", json!(record.mta_dsn));
    put("label", json!(event.label));
    put("code", json!(reply.code()));
    put("enhanced", json!(reply.enhanced().map(|s| s.to_string())));
    put("text", json!(record.text));
    if record.truncated {
        put("truncated", json!(true));
    }
    Value::Object(out)
}

fn read_json(name: &str) {
    let mut out = Vec::new();
    let text = input(name);
    events::values(&text).for_each(|(value, line)| events::read(&value, line, &mut out));
    same(name, &out);
}

fn read_form(name: &str) {
    let mut out = Vec::new();
    events::read(&events::form::parse(&input(name)).unwrap(), 1, &mut out);
    same(name, &out);
}

fn read_table(name: &str) {
    let text = input(name);
    let mut out = Vec::new();
    let mut keep = |found: Found| out.extend(found.event);
    Table::of(&text).unwrap().read(text.as_bytes(), &mut keep).unwrap();
    same(name, &out);
}

fn read_lines(name: &str, mut reader: impl Lines) {
    same(name, &events_of(records(&input(name), &mut reader)));
}

fn events_of(records: Vec<Record<'static>>) -> Vec<Event<'static>> {
    records.into_iter().map(|record| Event { record, label: None }).collect()
}

fn records(text: &str, reader: &mut dyn Lines) -> Vec<Record<'static>> {
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let message = Message { text: Cow::Borrowed(line), ..Message::default() };
        if reader.claims(&message) {
            let mut found = Vec::new();
            reader.read(&message, n as u64 + 1, &mut found);
            out.extend(found.into_iter().map(Record::into_owned));
        }
    }
    reader.end(&mut out);
    out
}

#[test]
fn services_send_json() {
    for name in [
        "sendgrid.json",
        "mailgun.json",
        "ses.json",
        "postmark.json",
        "sparkpost.json",
        "mandrill.json",
        "brevo.json",
        "resend.json",
        "other.json",
        "kumomta.jsonl",
    ] {
        read_json(name);
    }
}

#[test]
fn services_send_forms() {
    read_form("mandrill-form.txt");
    read_form("mailgun-form.txt");
}

#[test]
fn tables_have_a_header() {
    read_table("powermta.csv");
    read_table("export.tsv");
}

#[test]
fn exchange_logs_what_was_said() {
    read_lines("exchange-tracking.log", Tracking::default());
    read_lines("exchange-send.log", Protocol::default());
    read_lines("exchange-receive.log", Protocol::default());
    read_lines("exchange-shell.txt", Pasted::default());
    read_lines("hmailserver.log", HMailServer::default());
}

#[test]
fn queues_keep_reasons() {
    for name in ["postqueue-p.txt", "sendmail-mailq.txt", "exim-bp.txt", "courier-mailq.txt", "smtpctl-queue.txt"] {
        read_lines(name, Queues::default());
    }
    let mut out = Vec::new();
    let text = input("postqueue-j.jsonl");
    for (value, line) in events::values(&text) {
        assert!(postqueue::recognise(&value));
        postqueue::read(&value, line, &mut out);
    }
    same("postqueue-j.jsonl", &events_of(out));
}

/// No line is claimed by two readers, and none of a format that another reads.
#[test]
fn claims_do_not_overlap() {
    let owner: [(&str, &str); 10] = [
        ("postqueue-p.txt", "queues"),
        ("sendmail-mailq.txt", "queues"),
        ("exim-bp.txt", "queues"),
        ("courier-mailq.txt", "queues"),
        ("smtpctl-queue.txt", "queues"),
        ("exchange-tracking.log", "tracking"),
        ("exchange-send.log", "protocol"),
        ("exchange-receive.log", "protocol"),
        ("exchange-shell.txt", "pasted"),
        ("hmailserver.log", "hmailserver"),
    ];
    for (name, owner) in owner {
        let text = input(name);
        let readers: [(&str, Box<dyn Lines>); 5] = [
            ("queues", Box::new(Queues::default())),
            ("tracking", Box::new(Tracking::default())),
            ("protocol", Box::new(Protocol::default())),
            ("pasted", Box::new(Pasted::default())),
            ("hmailserver", Box::new(HMailServer::default())),
        ];
        for (reader, mut lines) in readers.into_iter().filter(|(r, _)| *r != owner) {
            // The head of Exchange's logs is alike.
            let body: String = text.lines().filter(|l| !l.starts_with('#')).map(|l| format!("{l}\n")).collect();
            assert_eq!(records(&body, &mut *lines).len(), 0, "{name} by {reader}");
            let claimed = body.lines().any(|l| lines.claims(&Message { text: Cow::Borrowed(l), ..Message::default() }));
            assert!(!claimed, "{name} by {reader}");
        }
    }
}

/// Whatever the bytes, readers go on: each file is cut and mixed at many places.
#[test]
fn broken_input_does_not_stop_readers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/events");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let short: String = text.chars().take(6_000).collect();
        for step in (0..short.len()).step_by(97).filter(|at| short.is_char_boundary(*at)) {
            let (head, tail) = short.split_at(step);
            let mixed = format!("{tail}\"ä{{[}}]\u{0}{head}");
            for reader in [&mut Queues::default() as &mut dyn Lines, &mut Tracking::default(), &mut Protocol::default()] {
                records(&mixed, reader);
            }
            records(&mixed, &mut Pasted::default());
            records(&mixed, &mut HMailServer::default());
            let mut out = Vec::new();
            events::values(&mixed).for_each(|(value, line)| events::read(&value, line, &mut out));
            let _ = events::form::parse(&mixed).map(|value| events::read(&value, 1, &mut out));
            if let Some(table) = Table::of(&mixed) {
                table.read(mixed.as_bytes(), &mut |_| ()).unwrap();
            }
        }
    }
}
