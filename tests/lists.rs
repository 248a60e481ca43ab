//! Lists of addresses: who is on them, who is spared, and how they are written.
#![cfg(feature = "cli")]

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;

/// Refused for good twice; refused and later reached; refused and then put
/// off; only reached; put off; refused by us.
const LOG: &str = "\
Nov 20 08:00:00 mail postfix/smtp[1]: AAAA00001: to=<Gone@Example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <Gone@Example.com>: User unknown (in reply to RCPT TO command))
Nov 20 08:01:00 mail postfix/smtp[1]: AAAA00002: to=<back@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <back@example.com>: User unknown (in reply to RCPT TO command))
Nov 20 08:02:00 mail postfix/smtp[1]: AAAA00003: to=<mixed@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <mixed@example.com>: User unknown (in reply to RCPT TO command))
Nov 20 08:03:00 mail postfix/smtp[1]: AAAA00004: to=<well@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 12345)
Nov 20 08:04:00 mail postfix/smtp[1]: AAAA00005: to=<gone@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <gone@example.com>: User unknown (in reply to RCPT TO command))
Nov 20 08:05:00 mail postfix/smtp[1]: AAAA00006: to=<back@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 12346)
Nov 20 08:06:00 mail postfix/smtp[1]: AAAA00007: to=<mixed@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=4.2.2, status=deferred (host mx.example.com[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))
Nov 20 08:07:00 mail postfix/smtpd[1]: NOQUEUE: reject: RCPT from mx.example.net[192.0.2.9]: 550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown in local recipient table; from=<a@example.net> to=<nobody@example.org> proto=ESMTP helo=<mx.example.net>
";

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Standard output and standard error of a list of `log`.
fn list(name: &str, log: &str, args: &[&str]) -> (String, String) {
    let path = file(name, log);
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    let done = command.env_clear().arg("scan").arg(path).args(["--list", "recipients"]).args(args).assert();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&done.get_output().stdout), text(&done.get_output().stderr))
}

fn addresses(json_lines: &str) -> Vec<String> {
    let address = |line| serde_json::from_str::<Value>(line).unwrap()["address"].as_str().unwrap().to_string();
    json_lines.lines().map(address).collect()
}

#[test]
fn an_address_is_listed_once_whatever_its_case() {
    let (out, _) = list("once.log", LOG, &["--json"]);
    let all: Value = serde_json::from_str(&out).unwrap();
    let gone = &all["results"][0];
    assert_eq!((gone["address"].as_str(), gone["count"].as_u64()), (Some("gone@example.com"), Some(2)), "{out}");
    assert_eq!((gone["verdict"].as_str(), gone["cause"].as_str()), (Some("remove"), Some("mailbox-unknown")));
    assert_eq!((gone["code"].as_u64(), gone["enhanced"].as_str(), gone["line"].as_u64()), (Some(550), Some("5.1.1"), Some(5)));
    assert!(gone["first"].as_str().unwrap().ends_with("-11-20T08:00:00") && gone["last"].as_str().unwrap().ends_with("-11-20T08:04:00"));
    assert!(gone["evidence"].as_str().unwrap().contains("User unknown"));
}

#[test]
fn the_latest_refusal_decides() {
    let (out, _) = list("latest.log", LOG, &["-f", "jsonl"]);
    assert_eq!(addresses(&out), ["gone@example.com", "mixed@example.com"]);
    let (out, _) = list("latest-remove.log", LOG, &["-f", "jsonl", "--verdict", "remove"]);
    assert_eq!(addresses(&out), ["gone@example.com"]);
    let (out, _) = list("latest-retry.log", LOG, &["-f", "jsonl", "--verdict", "retry"]);
    assert_eq!(addresses(&out), ["mixed@example.com"]);
}

#[test]
fn the_order_of_files_does_not_hide_a_later_delivery() {
    let mut lines: Vec<&str> = LOG.lines().collect();
    lines.reverse();
    let (out, _) = list("reversed.log", &format!("{}\n", lines.join("\n")), &["-f", "jsonl", "--verdict", "remove"]);
    assert_eq!(addresses(&out), ["gone@example.com"]);
}

#[test]
fn an_address_that_was_delivered_to_later_is_spared() {
    let (out, told) = list("spared.log", LOG, &["--verdict", "remove"]);
    assert!(!out.contains("back@example.com"), "{out}");
    assert_eq!(told, "smtpwhy: 1 address was delivered to later and is not listed; --spared lists it\n");
    let (out, told) = list("spared-only.log", LOG, &["--verdict", "remove", "--spared", "-f", "jsonl"]);
    assert_eq!((addresses(&out), told.as_str()), (vec!["back@example.com".to_string()], ""));
    assert!(out.contains("-11-20T08:05:00"), "{out}");
}

#[test]
fn a_bare_code_gives_no_address_up() {
    let log = LOG.replace("550 5.1.1 <gone@example.com>: User unknown", "550");
    let (out, _) = list("bare.log", &log, &["-f", "jsonl"]);
    assert!(out.lines().next().unwrap().contains("\"verdict\":\"unknown\""), "{out}");
    let (out, _) = list("bare-ses.log", &log, &["--for", "ses"]);
    assert_eq!(out, "email,reason\n");
}

#[test]
fn what_we_refused_ourselves_is_not_listed() {
    let (out, _) = list("inbound.log", LOG, &["-f", "csv"]);
    assert!(!out.contains("nobody@example.org"), "{out}");
}

#[test]
fn a_hash_is_the_same_for_an_address_in_any_case_and_shows_no_address() {
    let (out, _) = list("hash.log", LOG, &["--hash", "pepper", "--verdict", "remove", "-f", "jsonl"]);
    // printf peppergone@example.com | sha256sum
    assert_eq!(addresses(&out), ["fbd95a973bb8ff4c5cd451c988e83338088d42b130608abd6778911c15ed0a8f"]);
    assert!(!out.to_lowercase().contains("gone@"), "{out}");
    let (other, _) = list("hash-salt.log", LOG, &["--hash", "salt", "--verdict", "remove", "-f", "jsonl"]);
    assert_ne!(addresses(&out), addresses(&other));
}

#[test]
fn redacted_lists_show_no_person() {
    let (out, _) = list("redact.log", LOG, &["--redact"]);
    assert!(out.contains("g***@example.com") && !out.to_lowercase().contains("gone@"), "{out}");
}

#[test]
fn services_get_the_columns_that_they_import_and_only_dead_addresses() {
    for (service, expected) in [
        ("sendgrid", "email\ngone@example.com\n"),
        ("mailgun", "address,code,error\ngone@example.com,550,550 5.1.1 <gone@example.com>: User unknown\n"),
        ("ses", "email,reason\ngone@example.com,BOUNCE\n"),
        ("postmark", "EmailAddress\ngone@example.com\n"),
    ] {
        let (out, _) = list(&format!("for-{service}.log"), LOG, &["--for", service]);
        assert_eq!(out, expected, "{service}");
    }
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_defused() {
    let log = LOG.replace("gone@example.com", "=cmd@example.com").replace("Gone@Example.com", "=cmd@example.com");
    let (out, _) = list("injection.log", &log, &["-f", "csv", "--verdict", "remove"]);
    assert!(out.starts_with("address,verdict,cause,code,enhanced,evidence,count,first,last,delivered,file,line\n"), "{out}");
    assert!(out.contains("\n'=cmd@example.com,remove,mailbox-unknown,550,5.1.1,"), "{out}");
}

#[test]
fn the_text_list_names_source_and_evidence() {
    let (out, _) = list("text.log", LOG, &["--verdict", "remove"]);
    let line = out.lines().next().unwrap();
    assert!(line.starts_with("REMOVE  gone@example.com") && line.contains("550 5.1.1") && line.contains("text.log:5"), "{line}");
    assert!(line.ends_with("User unknown"), "{line}");
}
