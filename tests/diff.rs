//! `smtpwhy diff`: what changed between two logs or two saved summaries.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

const SENT: &str = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZ)";
const UNKNOWN: &str = "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: 550 5.1.1 <u@example.net>: User unknown (in reply to RCPT TO command))";
const FULL: &str = "dsn=4.2.2, status=deferred (host mx.example.net[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))";
const GREY: &str =
    "dsn=4.2.0, status=deferred (host mx.example.net[192.0.2.1] said: 450 4.2.0 Greylisted, try again later (in reply to RCPT TO command))";

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{name}"));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    }

    /// A Postfix log with each outcome so many times.
    fn log(&self, name: &str, outcomes: &[(&str, usize)]) -> String {
        let repeated = outcomes.iter().flat_map(|(outcome, n)| std::iter::repeat_n(outcome, *n));
        let line = |(n, outcome)| {
            format!(
                "Nov 21 17:40:{:02} mail postfix/smtp[99]: {:010X}: to=<u{n}@example.net>, relay=mx.example.net[192.0.2.1]:25, \
                 delay=1, delays=0/0/0/1, {outcome}\n",
                n % 60,
                n + 1
            )
        };
        self.file(name, &repeated.enumerate().map(line).collect::<String>())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn smtpwhy(args: &[&str]) -> Assert {
    Command::cargo_bin("smtpwhy").unwrap().args(args).env_clear().assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(old: &str, new: &str) -> Value {
    serde_json::from_str(&out(&smtpwhy(&["diff", "--json", old, new]))).unwrap()
}

/// Change, cause, before, after.
fn row(change: &Value) -> (&str, &str, u64, u64) {
    let text = |key: &str| change[key].as_str().unwrap();
    let count = |key: &str| change[key].as_u64().unwrap();
    (text("change"), text("cause"), count("before"), count("after"))
}

fn rows(document: &Value) -> Vec<(&str, &str, u64, u64)> {
    document["changes"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn new_gone_up_and_down_are_told_with_their_counts() {
    let folder = Folder::new("kinds");
    let old = folder.log("old.log", &[(SENT, 90), (UNKNOWN, 5), (FULL, 5)]);
    let new = folder.log("new.log", &[(SENT, 88), (UNKNOWN, 10), (GREY, 2)]);
    let document = json(&old, &new);
    let expected = [("new", "greylisted", 0, 2), ("up", "mailbox-unknown", 5, 10), ("gone", "mailbox-full", 5, 0)];
    assert_eq!(rows(&document), expected);
    assert_eq!((&document["before"]["attempts"], &document["after"]["delivered"]), (&100.into(), &88.into()));
    assert_eq!(document["changes"][1]["share_after"], 0.1);
    assert_eq!(document["changes"][1]["verdict"], "remove");
    assert_eq!(rows(&json(&new, &old))[1], ("down", "mailbox-unknown", 10, 5));
    smtpwhy(&["diff", &old, &new]).code(1);
}

#[test]
fn logs_of_different_length_compare_by_their_shares() {
    let folder = Folder::new("shares");
    let day = folder.log("day.log", &[(SENT, 9), (UNKNOWN, 1)]);
    let week = folder.log("week.log", &[(SENT, 63), (UNKNOWN, 7)]);
    let same = smtpwhy(&["diff", &day, &week]).code(0);
    assert!(out(&same).contains("no difference"), "{}", out(&same));
    assert_eq!(out(&smtpwhy(&["diff", "-f", "jsonl", &day, &week]).code(0)), "");
    let better = folder.log("better.log", &[(SENT, 64), (UNKNOWN, 6)]);
    assert_eq!(rows(&json(&day, &better)), [("down", "mailbox-unknown", 1, 6)]);
}

#[test]
fn saved_summaries_are_told_by_content_and_equal_their_logs() {
    let folder = Folder::new("saved");
    let old = folder.log("old.log", &[(SENT, 90), (UNKNOWN, 5), (FULL, 5)]);
    let new = folder.log("new.log", &[(SENT, 88), (UNKNOWN, 10), (GREY, 2)]);
    let save = |name: &str, log: &str| folder.file(name, &out(&smtpwhy(&["scan", "-f", "json", log])));
    let (saved_old, saved_new) = (save("old.txt", &old), save("new.txt", &new));
    let changes = json(&old, &new)["changes"].take();
    assert_eq!(json(&saved_old, &saved_new)["changes"], changes);
    assert_eq!(json(&saved_old, &new)["changes"], changes);
    smtpwhy(&["diff", &saved_old, &old]).code(0);
    let value: Value = serde_json::from_str(&std::fs::read_to_string(&saved_old).unwrap()).unwrap();
    let pretty = folder.file("pretty.json", &serde_json::to_string_pretty(&value).unwrap());
    smtpwhy(&["diff", &pretty, &old]).code(0);
}

#[test]
fn summaries_that_cannot_be_compared_are_trouble() {
    let folder = Folder::new("trouble");
    let log = folder.log("a.log", &[(SENT, 1), (UNKNOWN, 1)]);
    let by_domain = folder.file("by.json", &out(&smtpwhy(&["scan", "-f", "json", "--by", "domain", &log])));
    let refused = smtpwhy(&["diff", &by_domain, &log]).code(2);
    assert!(err(&refused).contains("tip: save it without --by"), "{}", err(&refused));
    let cut = folder.file("cut.json", "{\"schema\":1,\"totals\":{\"records\":1");
    assert!(err(&smtpwhy(&["diff", &log, &cut]).code(2)).contains("cut.json"));
    smtpwhy(&["diff", &log, "/no/such/file"]).code(2);
    smtpwhy(&["diff", "-", "-"]).code(2);
    smtpwhy(&["diff", &log]).code(2);
    smtpwhy(&["diff", "--is", "remove", &log, &log]).code(2);
}

#[test]
fn one_side_may_be_standard_input() {
    let folder = Folder::new("stdin");
    let log = folder.log("a.log", &[(SENT, 3), (FULL, 2)]);
    let text = std::fs::read_to_string(&log).unwrap();
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.args(["diff", &log, "-"]).env_clear().write_stdin(text).assert().code(0);
}

#[test]
fn an_input_without_mail_is_told() {
    let folder = Folder::new("empty");
    let (empty, log) = (folder.file("empty.log", ""), folder.log("a.log", &[(SENT, 3), (FULL, 2)]));
    let done = smtpwhy(&["diff", "--json", &empty, &log]).code(1);
    assert!(err(&done).contains("empty.log: holds no record of mail"), "{}", err(&done));
    let document: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(document["changes"][0]["share_before"], Value::Null);
    smtpwhy(&["diff", &empty, &empty]).code(0);
}

#[test]
fn the_table_fits_its_width_and_tells_what_it_hides() {
    let folder = Folder::new("table");
    let old = folder.log("old.log", &[(SENT, 9000), (UNKNOWN, 1000)]);
    let new = folder.log("new.log", &[(SENT, 88), (FULL, 1), (GREY, 2)]);
    let table = out(&smtpwhy(&["diff", &old, &new]).code(1));
    for part in ["Change", "greylisted", "1,000", "Now %", "10.00", "REMOVE", "gone", "9,000 delivered"] {
        assert!(table.contains(part), "{part} is missing in:\n{table}");
    }
    let framed: Vec<&str> = table.lines().filter(|l| l.starts_with(['│', '┌', '└', '╞'])).collect();
    assert!(!framed.is_empty() && framed.iter().all(|l| l.chars().count() <= 80), "{table}");
    assert!(out(&smtpwhy(&["diff", "--top", "1", &old, &new])).contains("and 2 more; --top 3 shows all"));
    assert_eq!(out(&smtpwhy(&["diff", "-q", &old, &new]).code(1)), "");
    let lines = out(&smtpwhy(&["diff", "-f", "jsonl", &old, &new]));
    assert!(lines.lines().count() == 3 && lines.lines().all(|l| l.starts_with("{\"change\":")));
}

#[test]
fn a_provider_can_be_asked_for() {
    let folder = Folder::new("provider");
    let old = folder.log("old.log", &[(SENT, 9)]);
    let new = folder.log("new.log", &[(SENT, 9), (UNKNOWN, 1)]);
    smtpwhy(&["diff", "--provider", "google", &old, &new]).code(0);
    smtpwhy(&["diff", "--provider", "nobody-at-all", &old, &new]).code(2);
}
