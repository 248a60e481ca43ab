//! What holds for all inputs, tried on many made by chance; a failure is cut
//! down to the smallest input that shows it.
#![cfg(all(feature = "cli", unix))]

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::Config;
use serde_json::Value;
use smtpwhy::input::ahead::Ahead;
use smtpwhy::input::source::Source;
use smtpwhy::input::{charset, unpack};
use smtpwhy::reply::Reply;
use smtpwhy::scan::filter::Filter;
use smtpwhy::scan::reader::{Reader, Settings};
use smtpwhy::scan::ruling::Judge;
use smtpwhy::scan::{Seen, Sink};
use smtpwhy::{Catalogue, Status};

fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn run(args: &[&str], input: &[u8]) -> Output {
    run_os(args.iter().map(OsString::from).collect(), input)
}

fn run_os(args: Vec<OsString>, input: &[u8]) -> Output {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    let mut command = Command::new(bin);
    let command = command.args(args).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that is content may close its input early.
    let writer = std::thread::spawn(move || drop(io::Write::write_all(&mut stdin, &input)));
    let done = child.wait_with_output().unwrap();
    writer.join().unwrap();
    done
}

fn json(done: &Output) -> Value {
    serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stdout)))
}

// --- a reply, printed and parsed ---

/// How a server prints a reply (RFC 5321 section 4.2, RFC 2034).
#[derive(Clone, Copy, Debug)]
enum Print {
    /// The enhanced code on each line.
    Each,
    /// On the first line alone.
    First,
}

fn printed(code: u16, status: Option<&str>, lines: &[String], print: Print, end: &str) -> String {
    let last = lines.len() - 1;
    let line = |(n, line): (usize, &String)| {
        let own = status.filter(|_| n == 0 || matches!(print, Print::Each)).map_or(String::new(), |s| format!("{s} "));
        format!("{code}{}{own}{line}", if n < last { '-' } else { ' ' })
    };
    lines.iter().enumerate().map(line).collect::<Vec<_>>().join(end)
}

/// The words of a line. The first is no unit: `250 MB` is a size and no code.
fn words() -> impl Strategy<Value = String> {
    let first = select(vec!["User", "mailbox", "Requested", "Postfach", "Boîte", "用户不存在", "Ошибка"]);
    let more = proptest::collection::vec("[A-Za-zéüß]{2,9}|用户不存在|[Оо]шибка", 0..6);
    (first, more).prop_map(|(first, more)| [&[first.to_string()], &more[..]].concat().join(" "))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_reply_says_the_same_after_it_was_printed(
        code in select(vec![250_u16, 421, 450, 451, 452, 454, 500, 501, 530, 535, 550, 551, 552, 553, 554]),
        detail in proptest::option::of((0_u16..8, 0_u16..80)),
        lines in proptest::collection::vec(words(), 1..5),
        print in select(vec![Print::Each, Print::First]),
        end in select(vec!["\n", "\r\n"]),
    ) {
        let status = detail.map(|(subject, detail)| format!("{}.{subject}.{detail}", code / 100));
        let text = printed(code, status.as_deref(), &lines, print, end);
        let reply = Reply::read(&text, |code| Catalogue::built_in().code(code).is_some());
        prop_assert_eq!(reply.code(), Some(code));
        prop_assert_eq!(reply.enhanced(), status.as_deref().and_then(Status::parse));
        prop_assert_eq!(reply.words(), lines.join(" "));
    }
}

// --- the order of lines ---

const REPLIES: [&str; 8] = [
    "550 5.1.1 <USER>: Recipient address rejected: User unknown",
    "550 5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.spamhaus.org",
    "421 4.7.28 rate limit exceeded, try again later",
    "452 4.2.2 The email account that you tried to reach is over quota",
    "554 5.7.1 zorglub flurb",
    "550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy. 550 5.7.26 - gsmtp",
    "553 5.1.8 <bounce@example.org>: Sender address rejected: Domain not found",
    "550 5.1.1 <someone@example.net>: Recipient address rejected: User unknown",
];

/// A line of Postfix: recipient, relay, reply (or a delivery), minute.
fn delivery((user, relay, reply, minute): (usize, usize, usize, usize)) -> String {
    let host = ["mx.example.com", "gmail-smtp-in.l.google.com", "mx.example.net"][relay % 3];
    let (dsn, status, text) = match REPLIES.get(reply) {
        Some(text) => {
            let text = text.replace("USER", &format!("user{user}@example.com"));
            let status = if text.starts_with('4') { "deferred" } else { "bounced" };
            ("5.0.0", status, format!("host {host}[192.0.2.25] said: {text} (in reply to RCPT TO command)"))
        }
        None => ("2.0.0", "sent", "250 2.0.0 Ok: queued as 4B2".to_string()),
    };
    format!(
        "2026-11-21T{:02}:{:02}:00+00:00 mail postfix/smtp[7]: 4B{user:08X}: to=<user{user}@example.com>, relay={host}[192.0.2.25]:25, delay=1, \
         delays=0/0/0/1, dsn={dsn}, status={status} ({text})",
        minute / 60 % 24,
        minute % 60
    )
}

fn deliveries() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec((0..20_usize, 0..3_usize, 0..12_usize, 0..2000_usize).prop_map(delivery), 1..60)
}

fn bare_replies() -> impl Strategy<Value = Vec<String>> {
    let reply = (0..REPLIES.len(), 0..9_usize).prop_map(|(n, user)| REPLIES[n].replace("USER", &format!("user{user}@example.com")));
    proptest::collection::vec(reply, 1..40)
}

/// The summary without what the order decides by design: the example of a group
/// is the first record of it.
fn summary(lines: &[String]) -> Value {
    let mut all = json(&run(&["scan", "-f", "json", "-"], (lines.join("\n") + "\n").as_bytes()));
    for group in all["groups"].as_array_mut().unwrap() {
        group["example"].take();
    }
    all
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_order_of_lines_does_not_change_the_summary(
        (lines, shuffled) in prop_oneof![deliveries(), bare_replies()].prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())),
    ) {
        prop_assert_eq!(summary(&lines), summary(&shuffled));
    }
}

// --- the pieces of a stream ---

/// Gives its bytes in pieces of these sizes, again and again.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let piece = &self.bytes[self.at..(self.at + size.min(out.len())).min(self.bytes.len())];
        out[..piece.len()].copy_from_slice(piece);
        self.at += piece.len();
        Ok(piece.len())
    }
}

#[derive(Default)]
struct Kept(Vec<String>);

impl Sink for Kept {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.0.push(format!("{:?} {} {:?}", seen.record, seen.ruling.cause.id(), seen.ruling.verdict));
        Ok(())
    }
}

/// All records, and what else is told of the input.
fn scanned(bytes: &[u8], sizes: &[usize]) -> (Vec<String>, String) {
    let (filter, mut kept) = (Filter::default(), Kept::default());
    let mut reader = Reader::new(Settings::default(), Judge::new(Catalogue::built_in(), None), &filter);
    let pieces = Pieces { bytes: bytes.to_vec(), at: 0, sizes: sizes.to_vec(), turn: 0 };
    let text = unpack::unpacked(Ahead::new(pieces)).and_then(charset::plain);
    let opened = text.map(|reader| Source { name: "-".into(), reader, modified: None, size: None, live: false });
    match opened {
        Ok(source) => reader.opened(source, &mut kept).unwrap(),
        Err(error) => return (Vec::new(), error.to_string()),
    }
    let r = reader.report;
    (kept.0, format!("{:?} {:?} {:?} {:?}", r.lines, r.counted, r.unreadable, r.formats))
}

/// Files of all kinds, from the beginning and from somewhere within.
fn fixtures() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Vec<u8>> = ["postfix", "mtas", "bounces", "events", "transcripts"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(format!("tests/logs/{folder}")).unwrap())
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    (select(files), any::<prop::sample::Index>(), 1..12_000_usize, any::<bool>()).prop_map(|(bytes, from, length, begin)| {
        let from = if begin { 0 } else { from.index(bytes.len().max(1)) };
        bytes[from..(from + length).min(bytes.len())].to_vec()
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut packed, bytes).unwrap();
    packed.finish().unwrap()
}

fn utf16(bytes: &[u8]) -> Vec<u8> {
    format!("\u{feff}{}", String::from_utf8_lossy(bytes)).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_stream_says_the_same_in_whatever_pieces_it_comes(
        bytes in prop_oneof![fixtures(), fixtures().prop_map(|b| gzip(&b)), fixtures().prop_map(|b| utf16(&b)), proptest::collection::vec(any::<u8>(), 0..500)],
        sizes in proptest::collection::vec(prop_oneof![1..4_usize, 1..200_usize, 1..20_000_usize], 1..6),
    ) {
        let whole = scanned(&bytes, &[usize::MAX]);
        prop_assert_eq!(scanned(&bytes, &sizes), whole);
    }
}

// --- JSON ---

/// Text that holds a blank, so that it is no mistyped command.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        proptest::collection::vec(1_u8..=255, 0..30),
        "\\PC{0,30}".prop_map(String::into_bytes),
        "[\\x01-\\x1f\"\\\\\u{7f}-\u{9f}\u{202e}\u{2028}\u{fffd}\u{10ffff}]{0,10}".prop_map(String::into_bytes),
        select(vec!["550 5.1.1 ", "421-", "\n", "\r\n", "\\u0000", "User unknown"]).prop_map(|s| s.as_bytes().to_vec()),
    ];
    proptest::collection::vec(pieces, 0..6).prop_map(|p| [b"x ", &*p.concat()].concat())
}

fn marks(text: &str) -> usize {
    text.matches(char::REPLACEMENT_CHARACTER).count()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn json_holds_every_byte_of_an_argument(bytes in any_bytes()) {
        let args = ["--json", "--"].map(OsString::from).into_iter().chain([OsString::from_vec(bytes.clone())]);
        let result = json(&run_os(args.collect(), b""))["results"][0].take();
        let text = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(result["input"].as_str(), Some(&*text));
        prop_assert_eq!(result["replaced"].as_u64(), Some(marks(&text) as u64));
    }

    #[test]
    fn json_holds_every_byte_of_standard_input(bytes in any_bytes()) {
        let without_ends = |text: &str| text.replace(['\r', '\n'], "");
        let lines = run(&["-f", "jsonl"], &bytes);
        let results: Vec<Value> = String::from_utf8(lines.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let whole = json(&run(&["--json"], &bytes));
        prop_assume!(whole.get("results").is_some()); // A log or transcript by chance is summed up.
        prop_assert_eq!(whole["results"].as_array().unwrap(), &results);
        let inputs: String = results.iter().filter_map(|r| r["input"].as_str()).collect();
        prop_assert_eq!(without_ends(&inputs), without_ends(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn every_json_output_of_a_scan_parses(bytes in any_bytes(), line in deliveries()) {
        let input = [line.join("\n").as_bytes(), b"\n", &bytes, b"\n"].concat();
        for args in [&["-f", "json"][..], &["--each", "-f", "json"], &["--unknown", "-f", "json"], &["--list", "recipients", "-f", "json"]] {
            json(&run(&[&["scan"], args, &["-"]].concat(), &input));
        }
        let each = run(&["scan", "--each", "-f", "jsonl", "-"], &input);
        for line in String::from_utf8(each.stdout).unwrap().lines() {
            prop_assert!(serde_json::from_str::<Value>(line).is_ok(), "{}", line);
        }
        let mut object = serde_json::to_vec(&serde_json::json!({"reply": String::from_utf8_lossy(&bytes)})).unwrap();
        object.extend_from_slice(b"\n");
        object.extend_from_slice(&bytes);
        let annotated = run(&["annotate"], &object);
        for line in String::from_utf8(annotated.stdout).unwrap().lines() {
            prop_assert!(serde_json::from_str::<Value>(line).is_ok(), "{}", line);
        }
    }
}

// --- addresses ---

/// A local part that can be told from all other text.
fn local_part() -> impl Strategy<Value = String> {
    prop_oneof!["zqx[a-z0-9.+=!#$%&'*/?^{|}~_-]{0,20}", "zqx[a-zé用]{1,5}", "\"zqx [a-z ]{0,8}\"",]
}

fn with_address(address: &str) -> String {
    // No name of a host holds a blank, so a log would be read otherwise.
    let host = if address.contains(' ') { "mx.example.com" } else { address };
    let event = serde_json::json!({
        "event": "bounce", "email": address, "reason": format!("550 5.1.1 <{address}> gone"), "timestamp": 1_795_282_848,
        "sg_message_id": address, "smtp-id": address,
    });
    [
        format!("Nov 21 17:40:47 mail postfix/qmgr[1]: 4B00000001: from=<{address}>, size=278, nrcpt=1 (queue active)"),
        format!(
            "Nov 21 17:40:48 mail postfix/smtp[1]: 4B00000001: to=<{address}>, orig_to=<{address}>, relay={host}[192.0.2.1]:25, delay=0, \
             delays=0/0/0/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <{address}>: zorglub {address} \
             https://example.com/?u={address} (in reply to RCPT TO command))"
        ),
        format!("2026-11-21 18:01:37 1xUpP7-00003B-2B ** {address} <{address}> R=dns T=smtp H={host} [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<{address}>: 550 5.1.1 {address} User unknown"),
        format!("2026-11-21 18:01:38 H={host} [192.0.2.9] F=<{address}> rejected RCPT <{address}>: no {address}"),
        format!("mail for {address} was rejected"),
        format!("550 5.1.1 User unknown: {address}"),
        format!("553 5.1.8 {address}: Sender address rejected: Domain not found"),
        event.to_string(),
    ]
    .join("\n") + "\n"
}

const OUTPUTS: [&[&str]; 13] = [
    &[],
    &["--full"],
    &["-f", "json"],
    &["--each"],
    &["--each", "-f", "jsonl"],
    &["-f", "csv"],
    &["--unmatched"],
    &["--unknown"],
    &["--unknown", "-f", "jsonl"],
    &["--list", "recipients"],
    &["--list", "recipients", "-f", "csv"],
    &["--list", "recipients", "-f", "jsonl"],
    &["--by", "recipient,sender,relay", "-f", "json"],
];

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn no_address_passes_redact(local in local_part(), outputs in subsequence(OUTPUTS.to_vec(), 5)) {
        let address = format!("{local}@example.com");
        let log = with_address(&address);
        for args in outputs {
            let done = run(&[&["scan", "--redact"], args, &["-", &address]].concat(), log.as_bytes());
            let shown = String::from_utf8([done.stdout, done.stderr].concat()).unwrap().to_lowercase();
            prop_assert!(shown.contains("cannot read"));
            prop_assert!(!shown.contains("zqx"), "{:?}: {}", args, shown);
        }
    }
}
