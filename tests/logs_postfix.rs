//! Real lines of Postfix in every transport, with the records they must give
//! beside them. `UPDATE=1` rewrites those; read the difference before it is
//! kept.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use smtpwhy::input::{Lines, Record, envelope, postfix::Postfix};

mod support;
use support::as_json;

const FILES: [&str; 8] = [
    "rfc3164.log",
    "iso8601.log",
    "rfc5424.log",
    "syslog.jsonl",
    "postlogd.log",
    "journal.short-iso.log",
    "journal.jsonl",
    "journal.cat.log",
];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/postfix").join(file)
}

/// Logs hold bytes that are not UTF-8.
fn log(file: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(path(file)).expect("a fixture")).into_owned()
}

fn records(text: &str) -> Vec<Record<'_>> {
    let mut postfix = Postfix::default();
    let mut out = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let message = envelope::open(line);
        if postfix.claims(&message) {
            postfix.read(&message, number, &mut out);
        }
    }
    out
}

#[test]
fn real_lines_give_the_records_beside_them() {
    for file in FILES {
        let text = log(file);
        let got: Vec<String> = records(&text).iter().map(|r| as_json(r).to_string()).collect();
        let expected = path(&format!("{file}.expected.jsonl"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, got.join("\n") + "\n").expect("a writable folder");
        }
        let expected = std::fs::read_to_string(expected).expect("the expected records");
        for (got, expected) in got.iter().zip(expected.lines()) {
            let parse = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
            assert_eq!(parse(got), parse(expected), "{file}");
        }
        assert_eq!(got.len(), expected.lines().count(), "{file}");
    }
}

#[test]
fn plain_lines_are_read_without_copies() {
    use std::borrow::Cow;
    let text = log("rfc3164.log");
    let copied = records(&text).iter().filter(|r| matches!(&r.text, Cow::Owned(t) if !t.is_empty())).count();
    assert_eq!(copied, 1, "only the joined reply to AUTH has to be undone");
}

#[test]
fn every_record_has_a_time() {
    for file in FILES.iter().filter(|f| !f.contains("cat")) {
        let text = log(file);
        for record in records(&text) {
            let time = record.time.as_deref().and_then(|t| smtpwhy::input::time::Time::parse(t, 2026));
            let shown = time.expect("a time").to_string();
            assert!(shown.starts_with("2026-11-21T1"), "{file}: {shown}");
        }
    }
}

#[test]
fn any_cut_of_any_line_is_read_without_panic() {
    let mut postfix = Postfix::default();
    for file in FILES {
        let text = log(file);
        for line in text.lines() {
            for (at, _) in line.char_indices() {
                for part in [&line[..at], &line[at..]] {
                    let message = envelope::open(part);
                    postfix.claims(&message);
                    postfix.read(&message, 1, &mut Vec::new());
                }
            }
        }
    }
}
