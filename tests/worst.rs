//! Inputs made to do harm: the program ends, keeps what it can, and tells what
//! it cut. The sizes are small enough to run at every change and large enough
//! that time or memory in the square of them would not end. `benches/worst.py`
//! has the same inputs in full.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

fn smtpwhy(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.args(args).env_clear();
    command
}

fn piped(args: &[&str], input: impl Into<Vec<u8>>) -> Assert {
    smtpwhy(args).write_stdin(input).assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// The totals of a scan of standard input, its messages and its exit status.
fn totals(input: impl Into<Vec<u8>>) -> (Value, String, i32) {
    let done = piped(&["scan", "-f", "json", "-"], input);
    let all: Value = serde_json::from_str(&out(&done)).unwrap();
    (all["totals"].clone(), err(&done), done.get_output().status.code().unwrap())
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("worst-{name}"))
}

fn written(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = place(name);
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// A line of Postfix.
fn bounced(n: usize, text: &str) -> String {
    format!(
        "2026-11-21T17:40:48+00:00 mail postfix/smtp[7]: 4B{n:08X}: to=<user{n}@example.com>, relay=mx.example.com[192.0.2.25]:25, delay=1, \
         delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.25] said: 550 5.1.1 {text} (in reply to RCPT TO command))\n"
    )
}

fn log(lines: usize) -> String {
    (0..lines).map(|n| bounced(n, "User unknown")).collect()
}

const DAEMON: &str = "From: MAILER-DAEMON@example.com\nTo: a@example.com\nSubject: Undelivered Mail Returned to Sender\n";

// --- lines ---

#[test]
fn a_line_without_end_is_cut_and_told() {
    let line = "550 5.1.1 User unknown ".repeat(400_000);
    let (totals, said, status) = totals(line.clone());
    assert_eq!((number(&totals["lines"]), number(&totals["records"]), status), (1, 1, 2));
    assert!(said.contains("-:1: line cut after 1048576 bytes"), "{said}");
    let pasted = piped(&[], line.clone()).code(2);
    assert!(out(&pasted).starts_with("REMOVE") && err(&pasted).contains("standard input:1: line cut"), "{}", err(&pasted));
    let annotated = piped(&["annotate"], format!("{{\"reply\":\"{line}\"}}\n{{\"reply\":\"550 5.1.1 User unknown\"}}\n")).code(2);
    assert!(out(&annotated).contains("longer than 1048576 bytes"));
    assert_eq!(out(&annotated).lines().last().map(|l| l.contains("mailbox-unknown")), Some(true));
}

#[test]
fn tiny_lines_are_counted_one_by_one() {
    let lines = 50_000;
    for args in
        [&["scan", "-v", "-"][..], &["scan", "-v", "--unmatched"], &["scan", "-v", "--unknown"], &["scan", "-v", "--list", "recipients"]]
    {
        for line in ["a\n", "\n", "\0\n", "\r\n"] {
            let done = piped(args, line.repeat(lines)).code(1);
            assert!(err(&done).contains(&format!("smtpwhy: {lines} lines, 0 records")), "{args:?} {line:?}: {}", err(&done));
        }
    }
    let annotated = piped(&["annotate"], "a\n".repeat(20_000)).code(2);
    assert!(err(&annotated).contains("20000 lines are not JSON objects"));
    assert_eq!(out(&annotated).lines().count(), 20_000);
}

#[test]
fn zero_bytes_without_end_are_no_harm() {
    let zeros = vec![0; 20 << 20];
    for args in [&["scan"][..], &["scan", "--each"], &["scan", "--unknown"], &["annotate"], &["diff", "-", "/dev/null"], &[]] {
        let status = piped(args, zeros.clone()).get_output().status.code();
        assert_eq!(status, Some(2), "{args:?}");
    }
    let between = format!("\0\0{}\0\n{}", "x\0".repeat(1000), bounced(1, "User\0unknown"));
    assert_eq!(number(&totals(between).0["records"]), 1);
}

#[test]
fn signs_in_any_number_are_read() {
    for sign in [":", "::", "a:", "a/", ")", "}]", "550:", "5,", "\\377", "\\x", "&lt;", "%", "@", "<a@b>", "'\"", "not ", "user unknown "]
    {
        let text = sign.repeat(32_000 / sign.len());
        assert_eq!(smtpwhy::explain(&format!("550 5.1.1 {text}")).code, Some(550), "{sign}");
        let line = sign.repeat(300_000 / sign.len());
        let done = piped(&["scan", "-"], format!("{line}\n550 5.1.1 {line}\n"));
        assert!(done.get_output().status.code().is_some(), "{sign}");
    }
}

#[test]
fn a_field_that_is_too_long_is_cut_and_told() {
    let long = "a".repeat(500_000);
    let text = format!("{}{}", bounced(1, &long), bounced(2, "no").replace("user2", &long));
    let (totals, said, status) = totals(text.clone());
    assert_eq!((number(&totals["records"]), status), (2, 2));
    assert!(said.contains("-:1: longer than any reply") && said.contains("-:2: longer than any reply"), "{said}");
    for args in [&["--by", "recipient"][..], &["--each"], &["--unknown"], &["--list", "recipients"], &["-f", "csv"]] {
        let done = piped(&[&["scan"], args].concat(), text.clone()).code(2);
        assert!(done.get_output().stdout.len() < 200_000, "{args:?}");
    }
}

#[test]
fn a_pasted_text_of_any_length_is_explained_reply_by_reply() {
    let replies: String = (0..1000).map(|n| format!("550 5.1.1 User {n} unknown\n")).collect();
    let lines = piped(&["-f", "jsonl"], replies.clone()).code(0);
    assert_eq!(out(&lines).lines().count(), 1000);
    let whole: Value = serde_json::from_str(&out(&piped(&["--json"], replies).code(0))).unwrap();
    assert_eq!(whole["results"].as_array().map(Vec::len), Some(1000));
    let none: Value = serde_json::from_str(&out(&piped(&["--json"], "\n \n").code(1))).unwrap();
    assert_eq!(none["results"], Value::Array(Vec::new()));
    let prose = piped(&[], "the quick brown fox jumps over the lazy dog\n".repeat(30_000)).code(2);
    assert!(err(&prose).contains("a reply is too long: ") && out(&prose).starts_with("UNKNOWN"), "{}", err(&prose));
}

#[test]
fn of_a_long_unmatched_line_the_beginning_is_shown() {
    let done = piped(&["scan", "--unmatched", "-"], format!("the mail was rejected {}\n", "x".repeat(100_000))).code(1);
    assert!(out(&done).starts_with("-:1: the mail was rejected xxx") && out(&done).ends_with("x …\n"));
    assert!(out(&done).len() < 5000);
}

// --- many things ---

#[test]
fn rows_that_find_no_room_are_told() {
    let args = ["scan", "--by", "recipient", "-"];
    let text = out(&piped(&args, log(20_100)).code(0));
    let said = text.lines().find_map(|line| line.strip_suffix(" findings found no row of their own; group them more coarsely with --by"));
    let left_out: u64 = said.unwrap().replace(',', "").parse().unwrap();
    let all: Value = serde_json::from_str(&out(&piped(&[&args[..], &["-f", "json"]].concat(), log(20_100)).code(0))).unwrap();
    let groups = all["groups"].as_array().unwrap();
    assert!(groups.len() > 6000 && groups.len() as u64 + left_out == 20_100, "{} {left_out}", groups.len());
}

#[test]
fn recipients_and_replies_of_one_line_do_not_multiply() {
    let (many, long) = (60_000, "x".repeat(500_000));
    let tracking = format!(
        "#Fields: date-time,source,event-id,internal-message-id,recipient-address,recipient-status,a,b,c,d,e\n\
         2026-11-21T17:40:48.000Z,SMTP,FAIL,1,{}b,550 5.1.1 {long},,,,,\n",
        "a;".repeat(many - 1)
    );
    let sendmail = format!(
        "Nov 21 17:40:48 mail sendmail[1]: 3ALHemNQ012345: to={}<b@b>, delay=0, xdelay=0, mailer=esmtp, relay=mx.example.com [192.0.2.1], \
         dsn=5.1.1, reply=550 5.1.1 {}, stat=User unknown\n",
        "<a@b>,".repeat(many - 1),
        "x\\n".repeat(150_000)
    );
    let ses = format!(
        "{{\"eventType\":\"Delivery\",\"mail\":{{\"messageId\":\"1\"}},\"delivery\":{{\"recipients\":[{}\"b\"],\"smtpResponse\":\"250 {long}\"}}}}\n",
        "\"a\",".repeat(many - 1)
    );
    for line in [tracking, sendmail, ses] {
        assert_eq!(number(&totals(line).0["attempts"]), many as u64);
    }
}

#[test]
fn a_transcript_of_any_length_ends() {
    let head = "=== Connected to mx.example.com.\n<-  220 mx\n -> EHLO a\n<-  250 mx\n -> MAIL FROM:<a@example.com>\n<-  250 ok\n";
    let many = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    let taken = many(&|n| format!(" -> RCPT TO:<user{n}@example.com>\n<-  250 ok\n"), 20_000);
    let refused = many(&|n| format!("<** 451 no {n}\n -> DATA\n"), 500);
    let (all, _, status) = totals(format!("{head}{taken} -> DATA\n{refused}"));
    assert_eq!((number(&all["attempts"]), status), (20_000, 0));
    let refused = many(&|n| format!(" -> RCPT TO:<user{n}@example.com>\n<** 550 5.1.1 no\n"), 10_000);
    assert_eq!(number(&totals(format!("{head}{refused}")).0["attempts"]), 10_000);
    let greetings = many(&|n| format!(" -> EHLO a{n}\n<** 550 no {n}\n -> EHLO a\n<-  250 ok\n"), 3000);
    assert_eq!(number(&totals(format!("{head}{greetings}")).0["intermediate"]), 3000);
    let exceptions = many(&|n| format!("com.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 no {n}\n"), 3000);
    assert_eq!(number(&totals(exceptions).0["attempts"]), 3000);
    assert_eq!(totals(format!("{head}{}", "\n".repeat(1 << 20))).2, 1);
}

// --- whole files ---

#[test]
fn deep_json_is_passed_over() {
    let count = 100_000;
    let objects = ["{\"a\":".repeat(count), "{\"a\":\n".repeat(count), format!("[\n{}", "{\"a\":".repeat(count))];
    let none = objects.into_iter().map(|text| (text, "is no JSON"));
    for (text, why) in none.chain([("[".repeat(count), "ends before its array does")]) {
        let (all, said, status) = totals(text);
        assert!(number(&all["records"]) == 0 && status == 2 && said.contains(why), "{status} {said}");
    }
    let (all, said, status) = totals("[\n]\n[]\n");
    assert!(number(&all["records"]) == 0 && status == 1 && said.is_empty(), "{status} {said}");
    let deep = format!("{{\"reply\":\"550 5.1.1 User unknown\",\"a\":{}{}}}", "[".repeat(count), "]".repeat(count));
    let done = piped(&["annotate"], format!("{deep}\n{{\"a\":{}\n", "[".repeat(count))).code(2);
    assert_eq!(out(&done).lines().count(), 2);
    assert!(out(&done).contains("mailbox-unknown") && err(&done).contains("1 line is not a JSON object"));
}

#[test]
fn events_of_a_large_document_are_all_read() {
    let count = 10_000_usize;
    let event = |n: usize| format!("{{\"status\":\"bounce\",\"recipient\":\"user{n}@example.com\",\"reason\":\"550 5.1.1 User unknown\"}}");
    let events: Vec<String> = (0..count).map(event).collect();
    let by_id: Vec<String> = events.iter().enumerate().map(|(n, e)| format!("\"k{n}\":{e}")).collect();
    for text in [
        format!("[\n{}\n]", events.join(",\n")),
        format!("[{}]", events.join(",")),
        format!("{{\"list\":[\n{}\n]}}", events.join(",\n")),
        format!("{{\"list\":{{\n{}\n}}}}", by_id.join(",\n")),
    ] {
        assert_eq!(number(&totals(text).0["records"]), count as u64);
    }
    let same = format!("[\n{}\n]", [events[0].as_str(); 3].join(",\n"));
    assert_eq!(number(&totals(same).0["records"]), 3, "equal events are events all the same");
}

#[test]
fn a_journal_over_several_lines_is_read_as_one_line_by_line() {
    let journal = fs::read_to_string("tests/logs/postfix/journal.jsonl").unwrap();
    let pretty = |line: &str| serde_json::to_string_pretty(&serde_json::from_str::<Value>(line).unwrap()).unwrap() + "\n";
    let told = |text: String| {
        let all = totals(text).0;
        ["records", "attempts", "verdicts", "rejects", "first", "last", "counted"].map(|name| all[name].clone())
    };
    let lines = told(journal.clone());
    assert!(number(&lines[0]) > 0);
    assert_eq!(told(journal.lines().map(pretty).collect()), lines);
}

#[test]
fn large_mails_are_read_as_far_as_is_told() {
    let nested: String = (0..10_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let inside = "Content-Type: message/rfc822\n\nFrom: a@example.com\n".repeat(10_000);
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\nContent-Type: text/plain\n\n550 no\n".repeat(50_000));
    let headers: String = (0..200_000).map(|n| format!("X-{n}: y\n")).collect();
    let text = format!("\n{}", "<a@example.com>: 550 5.1.1 no\n\n".repeat(100_000));
    for (name, mail) in [
        ("multipart in multipart", format!("{DAEMON}{nested}")),
        ("mail in mail", format!("From: a@example.com\nTo: b@example.com\n{inside}")),
        ("parts", format!("{DAEMON}{parts}")),
        ("headers", format!("{DAEMON}{headers}")),
        ("text", format!("{DAEMON}{text}")),
    ] {
        let (_, said, status) = totals(mail);
        assert!(status == 2 && said.contains("mail 1: too large, only its beginning is read"), "{name}: {status} {said}");
    }
}

#[test]
fn reports_and_mailboxes_of_many_are_read() {
    let people: String =
        (0..4000).map(|n| format!("Final-Recipient: rfc822; user{n}@example.com\nAction: failed\nStatus: 5.1.1\n\n")).collect();
    let told: String = (0..4000).map(|n| format!("<user{n}@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 no\n\n")).collect();
    let report = format!(
        "{DAEMON}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n{told}--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.com\n\n{people}--b--\n"
    );
    assert_eq!(number(&totals(report).0["attempts"]), 4000);
    let empty = "From a@example.com Sat Nov 21 17:40:48 2026\n\n".repeat(50_000);
    assert_eq!(number(&totals(empty).0["counted"]["silent"]), 50_000);
    for piece in ["<", "<b>a", "&", "> ", "... while talking to a.example.:\n>>> DATA\n<<< 550 no\n"] {
        for kind in ["plain", "html"] {
            let mail = format!("{DAEMON}Content-Type: text/{kind}\n\n{}", piece.repeat(1_000_000 / piece.len()));
            assert!(matches!(totals(mail).2, 0..=2), "{piece} {kind}");
        }
    }
}

#[test]
fn a_table_may_be_as_wide_as_it_likes() {
    let wide = format!("reply,recipient{}\n", ",c".repeat(200_000));
    let row = format!("550 5.1.1 no,a@example.com{}\n", ",x".repeat(200_000));
    assert_eq!(number(&totals(format!("{wide}{}", row.repeat(5))).0["records"]), 5);
    let too_wide = format!("reply,recipient\n550 no,a@example.com{}\n550 no,b@example.com\n", ",x".repeat(3_000_000));
    let (all, said, status) = totals(too_wide);
    assert!(status == 2 && said.contains("-:2: a quote is not closed"), "{said}");
    assert_eq!(number(&all["records"]), 1);
}

#[test]
fn a_quote_that_is_never_closed_costs_no_other_row() {
    let rows = "550 5.1.1 no,c@example.com\n".repeat(200_000);
    let (all, said, status) = totals(format!("reply,recipient\n\"550 5.1.1 no,b@example.com\n{rows}"));
    assert_eq!((number(&all["records"]), status), (200_001, 2));
    assert!(said.contains("-:2: a quote is not closed"), "{said}");
}

// --- packed ---

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = liblzma::write::XzEncoder::new(Vec::new(), 0);
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Pack); 4] = [("gzip", gzip), ("bzip2", bzip2), ("xz", xz), ("zstd", zstd)];

#[test]
fn what_unpacks_to_very_much_is_read_to_the_end() {
    for (name, pack) in PACKERS {
        let (all, said, status) = totals(pack(&vec![0; 5 << 20]));
        assert!(status == 2 && said.contains("line cut"), "{name}: {said}");
        assert_eq!(number(&all["counted"]["other"]), 1, "{name}");
        let lines = bounced(1, "User unknown").repeat(3000);
        let done = piped(&["-f", "json"], pack(lines.as_bytes())).code(0);
        let all: Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!(number(&all["totals"]["records"]), 3000, "{name}");
    }
}

#[test]
fn the_parts_of_a_packed_file_are_all_read() {
    let (one, two) = (log(3), log(200));
    for (name, pack) in PACKERS {
        let parts = [pack(one.as_bytes()), pack(b""), pack(two.as_bytes())].concat();
        let (all, said, status) = totals(parts);
        assert_eq!((number(&all["records"]), status), (203, 0), "{name}: {said}");
    }
    let skippable = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zstd(two.as_bytes())].concat();
    let (all, said, _) = totals([zstd(one.as_bytes()), skippable].concat());
    assert_eq!(number(&all["records"]), 203, "{said}");
}

#[test]
fn an_xz_file_that_asks_for_very_much_memory_is_refused() {
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    options.dict_size(64 << 10);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut packed = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    packed.write_all(log(1).as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    assert_eq!(number(&totals(packed.clone()).0["records"]), 1);
    // The block's header behind that of the stream: its dictionary as large as
    // can be written, and its checksum.
    let size = (usize::from(packed[12]) + 1) * 4;
    let at = 12 + packed[12..12 + size].windows(2).position(|w| w == [0x21, 1]).unwrap() + 2;
    packed[at] = 40;
    let sum = crc32(&packed[12..12 + size - 4]);
    packed[12 + size - 4..12 + size].copy_from_slice(&sum.to_le_bytes());
    let file = written("large.xz", packed);
    let done = smtpwhy(&["scan", &file]).assert().code(2);
    assert!(err(&done).contains("large.xz") && err(&done).contains("memory limit"), "{}", err(&done));
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn of_a_packed_file_that_ends_early_what_was_read_is_kept() {
    let whole = written("whole.log", log(1));
    let noise = |n: u32| n.wrapping_mul(2_654_435_761);
    let mbox: String = (0..2000)
        .map(|n| format!("From MAILER-DAEMON Sat Nov 21 17:40:48 2026\n{DAEMON}\n<u{}@example.com>: 550 5.1.1 no\n\n", noise(n)))
        .collect();
    let noisy: String = (0..1500).map(|n| bounced(noise(n) as usize, "User unknown")).collect();
    for (name, pack) in PACKERS {
        for (kind, text) in [("log", noisy.as_bytes()), ("mbox", mbox.as_bytes())] {
            let packed = pack(text);
            let file = written(&format!("early-{name}-{kind}"), &packed[..packed.len() * 9 / 10]);
            let done = smtpwhy(&["scan", "-f", "json", &file, &whole]).assert().code(2);
            assert!(err(&done).contains(&format!("early-{name}-{kind}")) && err(&done).contains("cannot read"), "{}", err(&done));
            let all: Value = serde_json::from_str(&out(&done)).unwrap();
            assert!(number(&all["totals"]["records"]) > 1, "{name} {kind}: {}", all["totals"]);
        }
    }
    let pasted = piped(&["-f", "jsonl"], &gzip("550 5.1.1 User unknown\n421 later\n".as_bytes())[..40]);
    assert!(err(&pasted.code(2)).contains("cannot read"));
}

#[test]
fn zero_bytes_behind_a_packed_file_are_no_trouble() {
    let one = gzip(log(3).as_bytes());
    let (all, said, status) = totals([&one[..], &[0; 512]].concat());
    assert_eq!((number(&all["records"]), status), (3, 0), "{said}");
    let (all, said, status) = totals([&one[..], &[0; 70_000], &one].concat());
    assert_eq!((number(&all["records"]), status), (6, 0), "{said}");
    let (all, said, status) = totals([&one[..], &[0; 512], b"garbage"].concat());
    assert!(number(&all["records"]) == 3 && status == 2 && said.contains("-:4: cannot read"), "{said}");
}

// --- encodings and line ends ---

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

#[test]
fn text_of_any_system_is_read_alike() {
    let tracking = fs::read_to_string("tests/logs/events/exchange-tracking.log").unwrap().replace("\r\n", "\n");
    let replies = "550 5.1.1 Postfach nicht gefunden: jörg@example.com\n421 4.7.0 Try again later\n";
    for (args, text) in [(&["scan", "--each", "-f", "jsonl"][..], tracking.as_str()), (&["-f", "jsonl"], replies)] {
        let plain = out(&piped(args, text).code(0));
        let crlf = text.replace('\n', "\r\n");
        for (name, bytes) in [
            ("UTF-16LE", utf16(&crlf, u16::to_le_bytes)),
            ("UTF-16BE", utf16(text, u16::to_be_bytes)),
            ("UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
            ("CR LF", crlf.clone().into_bytes()),
            ("CR", text.replace('\n', "\r").into_bytes()),
            ("UTF-16LE, packed", gzip(&utf16(text, u16::to_le_bytes))),
        ] {
            let shown = out(&piped(args, bytes).code(0));
            assert_eq!(shown.replace("\\r\\n", "\\n"), plain, "{name}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_shown_as_marks() {
    let line = [&b"550 5.1.1 us\xe9r \xff\xfe unknown "[..], &[0x80; 5], b"\n"].concat();
    let done = piped(&["-f", "jsonl"], line.repeat(2)).code(0);
    for result in out(&done).lines() {
        let result: Value = serde_json::from_str(result).unwrap();
        assert_eq!(number(&result["replaced"]), 8, "{result}");
    }
    assert_eq!(number(&totals(line.repeat(50)).0["records"]), 50);
}

// --- files ---

#[test]
fn a_file_that_changes_while_it_is_read_does_no_harm() {
    use std::process::{Command as Process, Stdio};
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    for grows in [true, false] {
        let path = written(&format!("changes-{grows}.log"), log(50_000));
        let mut child = Process::new(&bin).args(["scan", &path]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut file = fs::File::options().write(true).append(grows).open(&path).unwrap();
        for n in 0..20 {
            if grows { file.write_all(log(100).as_bytes()).unwrap() } else { file.set_len(1_000_000 - n * 50_000).unwrap() }
        }
        // Whether the end came nearer before it was reached is a matter of chance.
        let status = child.wait().unwrap().code();
        assert!(status == Some(0) || !grows && status == Some(2), "grows: {grows}, {status:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_not_read_while_the_output_goes_to_it() {
    use std::process::{Command as Process, Stdio};
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    let line = "{\"reply\":\"550 5.1.1 User unknown\"}\n";
    let path = written("itself.jsonl", line);
    for (args, from_file) in [(&["annotate", &path][..], false), (&["annotate"], true), (&["scan", "--each", &path], false)] {
        let output = fs::File::options().append(true).open(&path).unwrap();
        let input = if from_file { Stdio::from(fs::File::open(&path).unwrap()) } else { Stdio::null() };
        let child = Process::new(&bin).args(args).stdin(input).stdout(output).stderr(Stdio::piped()).spawn().unwrap();
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && said.contains("is also the output"), "{args:?}: {said}");
        if args[0] == "annotate" {
            assert_eq!(fs::read_to_string(&path).unwrap(), line);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_folder_is_read_without_the_file_that_the_output_goes_to() {
    use std::process::{Command as Process, Stdio};
    let folder = place("folder");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("mail.log"), log(3)).unwrap();
    let output = fs::File::create(folder.join("report")).unwrap();
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    let done = Process::new(bin).args(["scan", "-r", "--each"]).arg(&folder).stdin(Stdio::null()).stdout(output).status().unwrap();
    assert_eq!(done.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.join("report")).unwrap().lines().count(), 3);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = place("closed");
    let _ = fs::create_dir_all(folder.join("inside"));
    fs::write(folder.join("mail.log"), log(3)).unwrap();
    let set = |mode| fs::set_permissions(folder.join("inside"), fs::Permissions::from_mode(mode)).unwrap();
    set(0);
    let is_root = fs::read_dir(folder.join("inside")).is_ok();
    let done = smtpwhy(&["scan", "-r", "-f", "json", folder.to_str().unwrap()]).assert();
    set(0o700);
    let all: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(number(&all["totals"]["records"]), 3);
    // To root nothing is closed.
    assert!(is_root || err(&done.code(2)).contains("closed/inside: cannot read"));
}

#[cfg(unix)]
#[test]
fn a_file_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let path = place("").with_file_name(std::ffi::OsStr::from_bytes(b"worst-\xff\x1b[31m\xe2\x80\xae.log"));
    if fs::write(&path, log(2)).is_err() {
        return; // The file system takes only names of its own kind.
    }
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    let done = command.args(["scan", "--unmatched", "-v"]).arg(&path).assert().code(0);
    assert!(err(&done).contains("2 records"), "{}", err(&done));
    fs::remove_file(&path).unwrap();
    let gone = Command::cargo_bin("smtpwhy").unwrap().arg("scan").arg(&path).assert().code(2);
    assert!(err(&gone).contains("cannot read") && !err(&gone).contains(['\u{1b}', '\u{202e}']), "{}", err(&gone));
}

#[test]
fn very_many_troubles_are_told_in_short() {
    let (all, said, status) = totals(format!("{{\"a\":1}}\n{}", "{\"a\":\n".repeat(5000)));
    assert!(status == 2 && said.lines().count() == 101, "{}", said.lines().count());
    assert!(said.ends_with(" more of this kind\n"), "{said}");
    assert_eq!(all["unreadable"].as_array().map(Vec::len), Some(100));
    assert_eq!(number(&all["unreadable_count"]), 5000);
}
