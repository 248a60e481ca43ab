//! Bounce mails of many writers and the records they must give
//! (`tests/logs/bounces/expected.jsonl`, checked by hand).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use smtpwhy::input::bounce::{Mail, Mails, looks_like_mail, read};
use smtpwhy::input::{Direction, Record};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/bounces")
}

fn files() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder()).expect("the folder of fixtures");
    let paths = entries.map(|e| e.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e != "jsonl"));
    let mut files: Vec<_> =
        paths.map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&p).expect("a fixture"))).collect();
    files.sort();
    files
}

fn rows(file: &str, data: &[u8]) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut mails = Mails::new(data);
    while let Some(mail) = mails.next() {
        match read(mail) {
            Mail::Bounce(records) => rows.extend(records.iter().map(|r| row(file, r))),
            other => rows.push(json!({"file": file, "mail": format!("{other:?}")})),
        }
    }
    rows
}

fn row(file: &str, r: &Record<'_>) -> Value {
    assert_eq!((r.direction, r.format), (Direction::Out, "bounce"));
    let finding = smtpwhy::explain(&r.text);
    json!({
        "file": file, "line": r.line, "kind": format!("{:?}", r.kind), "time": r.time, "queue_id": r.queue_id, "sender": r.sender,
        "recipient": r.recipient, "orig_to": r.orig_to, "relay": r.relay, "relay_ip": r.relay_ip, "stage": r.stage.map(|s| s.name()),
        "status": r.status, "mta_dsn": r.mta_dsn, "code": finding.code, "enhanced": finding.enhanced.map(|e| e.to_string()), "text": r.text,
    })
}

#[test]
fn every_form_gives_the_expected_records() {
    let found: Vec<String> = files().iter().flat_map(|(name, data)| rows(name, data)).map(|row| row.to_string()).collect();
    let path = folder().join("expected.jsonl");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, found.join("\n") + "\n").expect("written");
    }
    let expected = std::fs::read_to_string(path).expect("the expected records");
    for (found, expected) in found.iter().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.lines().count());
}

#[test]
fn mails_are_recognised_and_logs_are_not() {
    for (name, data) in files() {
        assert!(looks_like_mail(&data), "{name}");
    }
    for other in [
        "Nov 21 17:40:48 mail postfix/smtp[151]: 4F8F5A18A49: to=<b@example.com>, status=bounced\n",
        "2026-11-21 17:56:27 1xUpKB-00001S-1V == b@example.com defer (-44)\n",
        "550 5.1.1 <b@example.com>: Recipient address rejected\n",
        "From here on: 550 5.1.1 User unknown\nTo whom: nobody\n",
        "{\"event\":\"bounce\",\"email\":\"b@example.com\"}\n",
        "From: b@example.com\n",
        "",
    ] {
        assert!(!looks_like_mail(other.as_bytes()), "{other}");
    }
}

#[test]
fn line_ends_do_not_matter() {
    let records = |data: &[u8]| match read(data) {
        Mail::Bounce(records) => records,
        _ => Vec::new(),
    };
    for (name, data) in files().iter().filter(|(name, _)| name.ends_with(".eml")) {
        let crlf = data.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect::<Vec<_>>();
        assert_eq!(records(data), records(&crlf), "{name}");
    }
}

#[test]
fn a_text_that_a_person_quotes_is_read_without_its_frame() {
    let mail = "From: user@example.org\nTo: admin@example.org\nSubject: help\n\nWhat is this?\n\n> This is the mail system at host mail.example.org.\n>\n\
        > <b@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 User\n>     unknown (in reply to RCPT TO command)\n";
    let Mail::Bounce(records) = read(mail.as_bytes()) else { panic!("no bounce") };
    assert_eq!((records[0].text.as_ref(), records[0].sender.as_deref()), ("550 5.1.1 User unknown", None));
}

/// A small generator, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
    }
}

#[test]
fn damaged_mails_do_no_harm() {
    let mut random = Random(0x5eed);
    let rounds = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(30);
    let files = files();
    for (_, data) in &files {
        for _ in 0..rounds {
            let mut data = data.clone();
            for _ in 0..=random.below(8) {
                let (at, len) = (random.below(data.len()), random.below(40));
                let end = (at + len).min(data.len());
                match random.below(4) {
                    0 => drop(data.drain(at..end)),
                    1 => data[at..end].fill(u8::try_from(random.below(256)).unwrap_or(0)),
                    2 => data.truncate(at.max(1)),
                    _ => {
                        let other = &files[random.below(files.len())].1;
                        let from = random.below(other.len());
                        let piece = other[from..(from + len * 4).min(other.len())].to_vec();
                        data.splice(at..at, piece);
                    }
                }
            }
            looks_like_mail(&data);
            let mut mails = Mails::new(&data[..]);
            while let Some(mail) = mails.next() {
                read(mail);
            }
        }
    }
}

#[test]
fn mails_made_to_do_harm_are_read_in_bounded_time() {
    let head = "From: MAILER-DAEMON@example.org\nDate: Sat, 21 Nov 2026 18:00:00 +0000\n";
    let report = "Content-Type: message/delivery-status\n\n";
    let mail = |parts: &[&str], n: usize| (head.to_string() + parts[0] + &parts[1].repeat(n) + parts[2]).into_bytes();
    let cases = [
        mail(&["Content-Type: message/rfc822\n\n", "Content-Type: message/rfc822\n\n", ""], 200_000),
        mail(&["Content-Type: multipart/mixed; boundary=a\n\n", "--a\nContent-Type: multipart/mixed; boundary=b\n\n", ""], 50_000),
        mail(&["Content-Type: multipart/mixed; boundary=a\n\n", "--a\nContent-Type: multipart/mixed; boundary=a\n\n", ""], 50_000),
        mail(&["Subject: ", "=?utf-8?b?", "\n\nbody"], 100_000),
        mail(&["Subject: ", "=?utf-8?q?=\n ", "\n\nbody"], 100_000),
        mail(&["", "X: y\n", "\nbody"], 500_000),
        mail(&["To: ", "(<", "\n\nbody"], 500_000),
        mail(&[report, "Final-Recipient: rfc822; b@example.com\n", ""], 100_000),
        mail(&[report, "Diagnostic-Code: smtp; 550 5.1.1 no\n ", ""], 100_000),
        mail(&["\n", "<b@example.com>: host a[192.0.2.1] said: 550 no\n", ""], 50_000),
        mail(&["\n", "<b@example.com>:\n <<< 550-a\n", ""], 30_000),
        mail(&["\n... Transcript of session follows\n", "<<< 503 x\n... while talking to a.b.:\n", ""], 30_000),
        mail(&["\n", "b@example.com\nRemote Server returned '550 5.1.1 a\n\n", ""], 20_000),
        mail(&["\n", "#<smtp;", ""], 100_000),
        mail(&["\n", "'", ""], 500_000),
        mail(&["\n", "smtp;550 said: ", ""], 50_000),
        mail(&["Content-Type: text/html\n\n", "<a &lt; <!-- ", ""], 50_000),
        mail(&["\n", "'550-", ""], 100_000),
        mail(&["\n", "(reply 550-", ""], 50_000),
        mail(&["\nb@example.com: 550-5.1.1 ", "x5.1.1 ", ""], 60_000),
    ];
    for (n, case) in cases.iter().enumerate() {
        let start = Instant::now();
        looks_like_mail(case);
        drop(read(case));
        // Generous, since tests run unoptimised and in parallel.
        assert!(start.elapsed() < Duration::from_secs(10), "case {n}: {:?}", start.elapsed());
    }
}
