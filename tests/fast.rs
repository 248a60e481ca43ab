//! The fast way to read a log gives what reading it line by line gives.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use smtpwhy::Catalogue;
use smtpwhy::cli::Format;
use smtpwhy::render::Style;
use smtpwhy::render::each::Each;
use smtpwhy::scan::filter::Filter;
use smtpwhy::scan::reader::Settings;
use smtpwhy::scan::ruling::Judge;
use smtpwhy::scan::tally::{By, Tally};

/// All that a scan tells, as text.
fn told(file: &Path, threads: usize, by: &[By], filter: &Filter) -> String {
    let mut tally = Tally::new(by.to_vec());
    let settings = Settings { threads, ..Settings::default() };
    let judge = Judge::new(Catalogue::built_in(), None);
    let report = smtpwhy::scan::scan(&[file.to_path_buf()], &settings, judge, filter, &mut tally).unwrap();
    let t = &tally.totals;
    let mut out = format!("{report:?}\n");
    let kinds = (t.attempts, t.delivered, t.rejects, t.logins, t.sessions, t.intermediate, t.expired);
    let verdicts: Vec<usize> = smtpwhy::Verdict::ALL.iter().map(|(_, v)| t.of(*v)).collect();
    writeln!(out, "{} {kinds:?} {verdicts:?} {} {} {:?} {:?}", t.records, t.messages.count(), t.recipients.count(), t.first, t.last)
        .unwrap();
    for g in tally.groups() {
        let hours: Vec<_> = g.hours.counts().collect();
        writeln!(out, "{:?} {} {} {} {:?} {:?}", g.key, g.count, g.messages.count(), g.recipients.count(), g.first, g.last).unwrap();
        writeln!(out, "  {:?} {hours:?} {:?} {:?}", g.about, g.place, g.example).unwrap();
    }
    for a in tally.watch.alarms() {
        writeln!(out, "{} {} {} {}", a.provider, a.since, a.attempts, a.recipients).unwrap();
    }
    out
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Lines that tell nothing, more than are read line by line at the start.
fn noise() -> String {
    "Nov 21 17:40:48 mx postfix/anvil[7]: statistics: max cache size 1 at Nov 21 17:40:40\n".repeat(400)
}

/// Lines that were made to be odd.
const ODD: &str = "\
Nov 21 17:40:48 mx postfix/qmgr[1]: 4B12345: from=<s@example.org>, size=1, nrcpt=1 (queue active)
Nov 21 17:40:48 mx postfix/smtp[1]: 4B12345: to=<A@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <A@example.com>: no such user a1b2c3 (in reply to RCPT TO command))\r
Nov 21 17:40:49 mx postfix/smtp[1]: 4B12346: to=<b@example.com>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.example.com[2001:db8::7]:25: Connection refused)

\u{feff}Nov 21 17:40:49 mx postfix/smtp[1]: 4B12346: to=<c@example.com>, relay=none, dsn=4.4.1, status=sent (250 ok)
Nov 21 17:40:49 mx postfix/smtp[1]: 4B12347: to=<c@example.com>, relay=gmail-smtp-in.l.google.com[192.0.2.9]:25, dsn=2.0.0, status=sent (250 2.0.0 OK)
Nov 21 17:40:49 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org; from=<x@example.net> to=<y@example.org> proto=ESMTP helo=<h>
Nov 21 17:40:49 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[198.51.100.8]: 554 5.7.1 Service unavailable; Client host [198.51.100.8] blocked using zen.spamhaus.org; from=<x@example.net> to=<y@example.org> proto=ESMTP helo=<h>
2026-11-21T17:41:02.5+01:00 mx postfix/smtp[1]: 4B12348: to=<d@example.com>, relay=mx.example.com[192.0.2.1]:25, dsn=5.2.2, status=bounced (host mx.example.com[192.0.2.1] said: 552 5.2.2 Mailbox full)
2026-11-21 18:01:37 1xUpP7-00003B-2B ** x@example.com R=dnslookup T=remote_smtp: 550 no such user
Nov 21 17:40:49 mx sm-mta[1]: 6ALIAAhb000131: to=<u@example.net>, delay=00:00:00, mailer=esmtp, relay=mx. [192.0.2.1], dsn=5.1.1, stat=User unknown
{\"event\":\"bounce\",\"email\":\"e@example.com\",\"reason\":\"550 5.1.1 unknown\",\"sg_event_id\":\"x\",\"timestamp\":1}
Nov 21 17:40:49 mx other[1]: mail rejected: user unknown
550 5.1.1 bare reply
";

/// Bare replies, a line each, and what looks like one.
fn replies() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/replies.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let replies = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let mut lines: String = replies.filter_map(|r| r["text"].as_str().map(|t| t.replace('\n', " ") + "\n")).collect();
    lines.push_str(
        "550 \n550\n500 octets\n250 | 550 5.1.1 no\n550-5.1.1 [203.0.113.9] listed 203.0.113.9\n 550 5.1.1 no\n450 of 550 said\n",
    );
    lines
}

/// The fixtures, each often enough to be read the fast way, behind noise so
/// that also what is seen first is; with bytes that are no UTF-8.
fn logs() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs"), &mut found);
    let mut logs: Vec<(String, Vec<u8>)> = found.iter().map(|p| (p.display().to_string(), std::fs::read(p).unwrap())).collect();
    logs.retain(|(name, _)| name.contains(".log") || name.contains("events"));
    let all: Vec<u8> = logs.iter().flat_map(|(_, log)| [log.as_slice(), b"\n"].concat()).collect();
    logs.push(("all".into(), all));
    logs.push(("odd".into(), ODD.into()));
    logs.push((
        "bytes".into(),
        [ODD.replace("user", "\u{fe}").as_bytes(), b"\xff\xfe\n", ODD.replace("mx", "m\u{e9}").as_bytes()].concat(),
    ));
    logs.push(("replies".into(), replies().into()));
    logs.push(("replies after a log".into(), [ODD, &replies()].concat().into()));
    let long = |log: Vec<u8>| [noise().into_bytes(), log.repeat(300_000 / log.len().max(1) + 1)].concat();
    logs.into_iter().map(|(name, log)| (name, long(log))).collect()
}

fn same(name: &str, log: &[u8], by: &[By], filter: &Filter) {
    let mut file = tempfile(name);
    file.0.write_all(log).unwrap();
    let slow = told(&file.1, 0, by, filter);
    for threads in [1, 3] {
        let fast = told(&file.1, threads, by, filter);
        let differs = slow.lines().zip(fast.lines()).find(|(a, b)| a != b);
        assert!(slow == fast, "{name}, {threads} threads: {differs:#?}");
    }
    std::fs::remove_file(&file.1).unwrap();
}

/// All records of a file, as they are shown.
fn shown(file: &Path, threads: usize, format: Format, filter: &Filter) -> String {
    let (mut out, mut tally) = (Vec::new(), Tally::new(Vec::new()));
    let settings = Settings { threads, ..Settings::default() };
    let style = Style { color: false, width: 80, table_width: 80, ascii: false };
    let mut sink = Each::new(&mut out, format, style, false, false, &mut tally);
    let judge = Judge::new(Catalogue::built_in(), None);
    let report = smtpwhy::scan::scan(&[file.to_path_buf()], &settings, judge, filter, &mut sink).unwrap();
    sink.end(&report).unwrap();
    format!("{}{report:?}", String::from_utf8(out).unwrap())
}

fn shown_alike(name: &str, log: &[u8], format: Format, filter: &Filter) {
    let mut file = tempfile(name);
    file.0.write_all(log).unwrap();
    let slow = shown(&file.1, 0, format, filter);
    for threads in [1, 3] {
        let fast = shown(&file.1, threads, format, filter);
        let differs = slow.lines().zip(fast.lines()).find(|(a, b)| a != b);
        assert!(slow == fast, "{name}, {threads} threads: {differs:#?}");
    }
    std::fs::remove_file(&file.1).unwrap();
}

fn tempfile(name: &str) -> (std::fs::File, PathBuf) {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fast{name}"));
    (std::fs::File::create(&path).unwrap(), path)
}

#[test]
fn every_log_is_counted_alike() {
    let logs = logs();
    assert!(logs.len() > 5, "{}", logs.len());
    for (name, log) in logs {
        same(&name, &log, &[], &Filter::default());
    }
}

#[test]
fn groups_and_filters_do_not_change_that() {
    let log = [noise().into_bytes(), ODD.repeat(300).into_bytes()].concat();
    same("by sender", &log, &[By::Sender, By::Code, By::Hour], &Filter::default());
    same("by recipient", &log, &[By::Recipient, By::Relay, By::Domain], &Filter::default());
    let filter = Filter { verdict: vec!["!ok".into()], domain: vec!["example.com".into()], ..Filter::default() };
    same("filtered", &log, &[By::Provider, By::Who], &filter);
}

#[test]
fn every_log_is_shown_alike() {
    for (name, log) in logs() {
        let several_pieces = &log[..log.len().min(150_000)];
        shown_alike(&format!("shown {name}"), several_pieces, Format::Jsonl, &Filter::default());
    }
}

#[test]
fn formats_and_filters_do_not_change_what_is_shown() {
    let log = [noise().into_bytes(), ODD.repeat(300).into_bytes()].concat();
    for format in [Format::Json, Format::Csv, Format::Text] {
        shown_alike("shown in a format", &log, format, &Filter::default());
    }
    let filter = Filter { verdict: vec!["!ok".into()], domain: vec!["example.com".into()], ..Filter::default() };
    shown_alike("shown and filtered", &log, Format::Jsonl, &filter);
}
