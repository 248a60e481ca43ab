//! Replies that no rule knew: grouped, and drafted as entries.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// The same text for three recipients, another text, a short one, a quoted
/// one, numbers alone, a known one, a delivery.
const REPLIES: [(&str, &str, &str); 9] = [
    (
        "jane@example.com",
        "bounced",
        "550 5.7.1 Flurb wobbled for <jane@example.com> from 192.0.2.7 (mx.example.net) at 10:20:30, ref 4f3a-22b1",
    ),
    (
        "joe@example.com",
        "bounced",
        "550 5.7.1 Flurb wobbled for <joe@example.com> from 192.0.2.8 (mx7.example.net) at 10:21:31, ref 9c01-77aa",
    ),
    ("jim@example.com", "bounced", "554 Flurb wobbled for <jim@example.com> from 198.51.100.9 (mx.example.org) at 11:00:00, ref 0000-1111"),
    ("kim@example.com", "bounced", "550 Quux \"zorgle\\path\" declined 17 frobs"),
    ("kim@example.com", "bounced", "550 Splat"),
    ("kim@example.com", "deferred", "451 4.7.1 Blorp 'Kim Doe' snarfed again"),
    ("kim@example.com", "bounced", "550 5.7.1"),
    ("kim@example.com", "bounced", "550 5.1.1 <kim@example.com>: User unknown"),
    ("kim@example.com", "sent", "250 2.0.0 Flurb ok"),
];

fn log() -> String {
    let line = |(n, (to, status, reply)): (usize, &(&str, &str, &str))| {
        let host = format!("mx{}.example.com[192.0.2.1]", n % 2);
        let text =
            if *status == "sent" { (*reply).to_string() } else { format!("host {host} said: {reply} (in reply to RCPT TO command)") };
        format!(
            "Nov 20 08:00:0{n} mail postfix/smtp[1]: AAAA0000{n}: to=<{to}>, relay={host}:25, delay=1, dsn=5.0.0, status={status} ({text})\n"
        )
    };
    REPLIES.iter().enumerate().map(line).collect()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn smtpwhy() -> Command {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.env_clear();
    command
}

fn run(path: &Path, args: &[&str]) -> String {
    let done = smtpwhy().arg("unknown").arg(path).args(args).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn groups(path: &Path) -> Vec<Value> {
    let all: Value = serde_json::from_str(&run(path, &["--json"])).unwrap();
    all["groups"].as_array().unwrap().clone()
}

#[test]
fn texts_that_differ_in_names_numbers_and_times_meet() {
    let path = file("meet.log", &log());
    let groups = groups(&path);
    let first = &groups[0];
    assert_eq!(first["text"], "flurb wobbled for {addr} from {ip} {host} at {n} ref {id}", "{first}");
    assert_eq!((first["count"].as_u64(), first["example"]["line"].as_u64()), (Some(3), Some(1)));
    assert_eq!((&first["codes"], &first["enhanced"]), (&serde_json::json!([550, 554]), &serde_json::json!(["5.7.1"])));
    assert_eq!(first["hosts"], serde_json::json!(["mx0.example.com", "mx1.example.com"]));
    assert!(groups[1..].iter().all(|g| g["count"] == 1), "{groups:?}");
}

#[test]
fn what_is_known_or_delivered_is_no_group() {
    let path = file("known.log", &log());
    let texts: Vec<String> = groups(&path).iter().map(|g| g["text"].to_string()).collect();
    assert!(texts.iter().all(|t| !t.contains("user unknown") && !t.contains("flurb ok")), "{texts:?}");
}

#[test]
fn the_page_is_a_file_that_check_accepts() {
    let path = file("page.log", &log());
    let page = run(&path, &[]);
    let rules = file("page.toml", &page);
    let told = smtpwhy().arg("check").arg(&rules).assert().success();
    let told = String::from_utf8_lossy(&told.get_output().stdout).into_owned();
    assert_eq!(told, "4 rules, 4 examples, 0 failed\n", "{page}");
    assert!(page.contains("# 3 times: flurb wobbled") && page.contains("page.log:1: 550 5.7.1 Flurb wobbled"), "{page}");
    assert!(page.contains("said by mx0.example.com, mx1.example.com") && page.contains("# No draft"), "{page}");
    for reply in ["550 5.7.1 Flurb wobbled for <x@example.org> from 203.0.113.5 (a.example) at 1:2:3, ref 77-x1", "550 Splat"] {
        let found = smtpwhy().arg("--codes").arg(&rules).args(["--json", reply]).assert();
        let found = String::from_utf8_lossy(&found.get_output().stdout).into_owned();
        assert!(found.contains("\"entry\":\"house-"), "{reply}: {found}");
    }
}

#[test]
fn each_draft_of_the_json_is_a_file_that_check_accepts() {
    let path = file("drafts.log", &log());
    let drafts: Vec<String> = groups(&path).iter().filter_map(|g| g["draft"].as_str().map(str::to_string)).collect();
    assert_eq!(drafts.len(), 4);
    for (n, draft) in drafts.iter().enumerate() {
        smtpwhy().arg("check").arg(file(&format!("draft-{n}.toml"), draft)).assert().success();
    }
}

#[test]
fn drafts_name_no_one() {
    let path = file("names.log", &log());
    let page = run(&path, &[]);
    let kept = page.lines().filter(|l| !l.starts_with('#')).collect::<Vec<_>>().join("\n");
    for name in ["jane", "192.0.2.7", "mx.example.net", "Kim Doe", "4f3a"] {
        assert!(!kept.contains(name), "{name}: {kept}");
    }
    let redacted = run(&path, &["--redact"]);
    assert!(!redacted.contains("jane@") && redacted.contains("j***@example.com"), "{redacted}");
}

#[test]
fn drafts_that_would_explain_the_same_text_are_given_once() {
    let twins = log().replace("550 Splat", "550 Quux 192.0.2.1 declined mx.example.com frobs");
    let path = file("twins.log", &twins);
    let rules = file("twins.toml", &run(&path, &[]));
    smtpwhy().arg("check").arg(&rules).assert().success();
}

#[test]
fn the_option_and_the_command_are_the_same() {
    let path = file("same.log", &log());
    let done = smtpwhy().arg("scan").arg(&path).arg("--unknown").assert().success();
    assert_eq!(String::from_utf8_lossy(&done.get_output().stdout), run(&path, &[]));
    assert!(run(&path, &["--top", "1"]).contains("more; --top"));
    let none = file("none.log", &log().lines().last().map(|l| format!("{l}\n")).unwrap_or_default());
    assert_eq!(run(&none, &[]), "# Every reply was known by its words.\n");
}
