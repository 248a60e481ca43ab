//! The scan of logs and mails as scripts and people use it, on the fixtures
//! under `logs`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;
use smtpwhy::input::bulk::{stalwart::Stalwart, zonemta::ZoneMta};
use smtpwhy::input::exchange::{Pasted, Protocol, Tracking};
use smtpwhy::input::small::{chasquid::Chasquid, dma::Dma, nullmailer::Nullmailer};
use smtpwhy::input::{Lines, envelope};
use smtpwhy::input::{courier::Courier, exim::Exim, haraka::Haraka, hmailserver::HMailServer, opensmtpd::OpenSmtpd};
use smtpwhy::input::{postfix::Postfix, qmail::Qmail, queues::Queues, sendmail::Sendmail};

const POSTFIX: &str = "tests/logs/postfix/rfc3164.log";
const EXIM: &str = "tests/logs/mtas/exim-mainlog.log";
const SENDMAIL: &str = "tests/logs/mtas/sendmail.iso8601.log";
const BOUNCES: &str = "tests/logs/bounces/three.mbox";

/// Line logs and the reader that each is for.
const LOGS: [(&str, &str); 23] = [
    (POSTFIX, "postfix"),
    ("tests/logs/postfix/iso8601.log", "postfix"),
    ("tests/logs/postfix/rfc5424.log", "postfix"),
    ("tests/logs/postfix/syslog.jsonl", "postfix"),
    ("tests/logs/postfix/journal.jsonl", "postfix"),
    ("tests/logs/postfix/journal.cat.log", "postfix"),
    ("tests/logs/postfix/journal.short-iso.log", "postfix"),
    ("tests/logs/postfix/postlogd.log", "postfix"),
    (EXIM, "exim"),
    ("tests/logs/mtas/exim-long.log", "exim"),
    ("tests/logs/mtas/exim-rejectlog.log", "exim"),
    ("tests/logs/mtas/exim-syslog.iso8601.log", "exim"),
    (SENDMAIL, "sendmail"),
    ("tests/logs/mtas/opensmtpd.rfc3164.log", "opensmtpd"),
    ("tests/logs/mtas/qmail.log", "qmail"),
    ("tests/logs/mtas/courier.rfc3164.log", "courier"),
    ("tests/logs/mtas/haraka-default.log", "haraka"),
    ("tests/logs/mtas/haraka-json.log", "haraka"),
    ("tests/logs/mtas/dma.rfc3164.log", "dma"),
    ("tests/logs/mtas/nullmailer.log", "nullmailer"),
    ("tests/logs/mtas/chasquid.log", "chasquid"),
    ("tests/logs/events/hmailserver.log", "hmailserver"),
    ("tests/logs/events/exim-bp.txt", "queue"),
];

fn readers() -> Vec<(&'static str, Box<dyn Lines>)> {
    vec![
        ("postfix", Box::<Postfix>::default()),
        ("exim", Box::<Exim>::default()),
        ("sendmail", Box::<Sendmail>::default()),
        ("opensmtpd", Box::<OpenSmtpd>::default()),
        ("qmail", Box::<Qmail>::default()),
        ("courier", Box::<Courier>::default()),
        ("haraka", Box::<Haraka>::default()),
        ("dma", Box::<Dma>::default()),
        ("nullmailer", Box::<Nullmailer>::default()),
        ("chasquid", Box::<Chasquid>::default()),
        ("stalwart", Box::<Stalwart>::default()),
        ("zonemta", Box::<ZoneMta>::default()),
        ("exchange-tracking", Box::<Tracking>::default()),
        ("exchange-protocol", Box::<Protocol>::default()),
        ("exchange", Box::<Pasted>::default()),
        ("hmailserver", Box::<HMailServer>::default()),
        ("queue", Box::<Queues>::default()),
    ]
}

fn scan(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.arg("scan").args(args).env_clear();
    command
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// Standard output, whatever the exit status.
fn shown(args: &[&str]) -> String {
    out(&scan(args).assert())
}

fn summary(args: &[&str]) -> Value {
    let text = shown(&[&["-f", "json"], args].concat());
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"))
}

/// The records, and the last line.
fn each(args: &[&str]) -> (Vec<Value>, Value) {
    let text = shown(&[&["--each", "-f", "jsonl"], args].concat());
    let mut rows: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let last = rows.pop().unwrap();
    (rows, last)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a number"))
}

/// A file or folder of a test, anew.
fn place(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scan-{name}"));
    let _ = fs::remove_dir_all(&path);
    let _ = fs::remove_file(&path);
    path
}

fn written(name: &str, text: impl AsRef<[u8]>) -> String {
    let path = place(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn the_format_is_found_without_being_named_and_told_when_asked() {
    for (log, format) in LOGS {
        let notes = err(&scan(&["-v", log]).assert());
        assert!(notes.contains(&format!("formats: {format}, ")), "{log}: {notes}");
    }
    let notes = err(&scan(&["-v", POSTFIX, EXIM, BOUNCES]).assert());
    assert!(notes.contains("formats: postfix, exim, bounce,"), "{notes}");
    assert_eq!(err(&scan(&[POSTFIX]).assert()), "");
}

#[test]
fn no_reader_claims_the_lines_of_another() {
    for (log, own) in LOGS {
        let mut readers = readers();
        let bytes = fs::read(log).unwrap();
        let mut claimed = 0;
        for (number, line) in (1..).zip(String::from_utf8_lossy(&bytes).lines()) {
            let message = envelope::open(line);
            let mut records = Vec::new();
            for (name, reader) in readers.iter_mut().filter(|(_, r)| r.claims(&message)) {
                assert_eq!(*name, own, "{log}:{number}: {line}");
                reader.read(&message, number, &mut records);
                claimed += 1;
            }
        }
        assert!(claimed > 0, "{log}");
    }
}

#[test]
fn a_named_format_reads_nothing_else() {
    let found = |format: &str| number(&summary(&["--input", format, POSTFIX])["totals"]["records"]);
    assert_eq!(found("postfix"), number(&summary(&[POSTFIX])["totals"]["records"]));
    assert_eq!(found("exim"), 0);
}

#[test]
fn the_totals_are_those_of_the_log() {
    let totals = &summary(&[POSTFIX])["totals"];
    let shown = ["lines", "records", "attempts", "delivered", "rejects", "logins", "expired"].map(|n| number(&totals[n]));
    let text = fs::read(POSTFIX).unwrap();
    let text = String::from_utf8_lossy(&text);
    let count = |words: &str| text.lines().filter(|l| l.contains(words)).count() as u64;
    assert_eq!(shown[0], text.lines().count() as u64);
    assert_eq!(
        shown[2],
        count("sent (") + count("status=deferred (") + count("status=bounced (") - count("delivery temporarily suspended")
    );
    assert_eq!(shown[3], count("status=sent ("));
    assert_eq!(shown[6], count("status=expired"));
    assert!(shown[4] > 0 && shown[5] > 0 && shown[1] > shown[2]);
}

#[test]
fn totals_add_up() {
    for (log, _) in LOGS {
        let all = summary(&[log]);
        let t = &all["totals"];
        let verdicts: u64 = t["verdicts"].as_object().unwrap().values().map(number).sum();
        assert_eq!(verdicts, number(&t["attempts"]), "{log}: {t}");
        let kinds: u64 = ["attempts", "rejects", "logins", "sessions", "expired", "intermediate"].iter().map(|n| number(&t[*n])).sum();
        assert_eq!(kinds, number(&t["records"]), "{log}: {t}");
        let (rows, last) = each(&[log]);
        assert_eq!(rows.len() as u64, number(&t["records"]), "{log}");
        assert_eq!(last["verdicts"], t["verdicts"], "{log}");
        let groups: u64 = all["groups"].as_array().unwrap().iter().map(|g| number(&g["count"])).sum();
        let failures = rows.iter().filter(|r| r["verdict"] != "ok").count() as u64;
        assert_eq!(groups + number(&t["intermediate"]), failures.max(groups), "{log}");
    }
}

#[test]
fn several_files_folders_and_standard_input_give_the_same() {
    let records = |args: &[&str]| number(&summary(args)["totals"]["records"]);
    let (one, two) = (records(&[POSTFIX]), records(&[EXIM]));
    assert_eq!(records(&[POSTFIX, EXIM]), one + two);

    let folder = place("folder");
    fs::create_dir_all(folder.join("old")).unwrap();
    fs::copy(POSTFIX, folder.join("mail.log")).unwrap();
    fs::copy(EXIM, folder.join("old/mainlog.1")).unwrap();
    let folder = folder.display().to_string();
    assert_eq!(records(&["-r", &folder]), one + two);
    let refused = scan(&[&folder]).assert().code(2);
    assert!(err(&refused).contains("is a folder; use -r"));

    let piped = out(&scan(&["-f", "json", "-"]).write_stdin(fs::read(POSTFIX).unwrap()).assert().code(0));
    let without = out(&scan(&["-f", "json"]).write_stdin(fs::read(POSTFIX).unwrap()).assert().code(0));
    assert_eq!(number(&serde_json::from_str::<Value>(&piped).unwrap()["totals"]["records"]), one);
    assert_eq!(piped, without);
}

#[test]
fn packed_files_are_told_by_their_content() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&fs::read(POSTFIX).unwrap()).unwrap();
    let file = written("packed.log", packed.finish().unwrap());
    assert_eq!(summary(&[&file])["totals"], summary(&[POSTFIX])["totals"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_shown() {
    let done = scan(&["-f", "json", "no-such-file.log", POSTFIX]).assert().code(2);
    assert!(err(&done).starts_with("smtpwhy: no-such-file.log: cannot read: "), "{}", err(&done));
    let all: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(all["totals"]["unreadable"].as_array().unwrap().len(), 1);
    assert_eq!(all["totals"]["records"], summary(&[POSTFIX])["totals"]["records"]);
    let broken = written("broken.log.gz", b"\x1f\x8b\x08\x00 this is no gzip");
    assert!(err(&scan(&[&broken, POSTFIX]).assert().code(2)).contains("broken.log.gz"));
}

#[test]
fn records_are_kept_by_verdict_cause_domain_and_who() {
    let (all, _) = each(&[POSTFIX]);
    let domain = |r: &Value| r["recipient"].as_str().and_then(|a| a.rsplit('@').next()).unwrap_or("").to_string();
    for (option, value, field) in [
        ("--verdict", "fix", "verdict"),
        ("--verdict", "fix,remove", "verdict"),
        ("--verdict", "!retry", "verdict"),
        ("--cause", "relay-denied", "cause"),
        ("--cause", "!relay-denied,!delivered", "cause"),
        ("--who", "sender-admin", "who"),
        ("--who", "!nobody", "who"),
        ("--domain", "example.org", "domain"),
        ("--domain", "!example.org", "domain"),
    ] {
        let wanted = |r: &Value| {
            let has = if field == "domain" { domain(r) } else { r[field].as_str().unwrap().to_string() };
            let same = value.split(',').any(|v| v.trim_start_matches('!') == has);
            same != value.starts_with('!')
        };
        let kept: Vec<&Value> = all.iter().filter(|r| wanted(r)).collect();
        let (rows, last) = each(&[option, value, POSTFIX]);
        assert!(!kept.is_empty() && kept.len() < all.len(), "{option} {value} keeps {} of {}", kept.len(), all.len());
        assert_eq!(
            rows.iter().map(|r| &r["line"]).collect::<Vec<_>>(),
            kept.iter().map(|r| &r["line"]).collect::<Vec<_>>(),
            "{option} {value}"
        );
        assert_eq!(number(&last["records"]), kept.len() as u64);
    }
}

#[test]
fn records_are_kept_by_time() {
    let (all, _) = each(&[SENDMAIL]);
    let middle = all[all.len() / 2]["time"].as_str().unwrap()[..19].to_string();
    let (later, _) = each(&["--since", &middle, SENDMAIL]);
    let (earlier, _) = each(&["--until", &middle, SENDMAIL]);
    assert!(!later.is_empty() && !earlier.is_empty());
    assert_eq!(later.len() + earlier.len(), all.len());
    assert!(later.iter().all(|r| r["time"].as_str().unwrap()[..19] >= *middle));
    assert!(earlier.iter().all(|r| r["time"].as_str().unwrap()[..19] < *middle));
    let day = &middle[..10];
    assert_eq!(each(&["--since", day, SENDMAIL]).0.len(), all.len());
    assert!(err(&scan(&["--since", "sometime", SENDMAIL]).assert().code(2)).contains("--since: 'sometime' is not a time"));
}

#[test]
fn slips_in_options_are_told() {
    for (option, word) in [("--verdict", "fixx"), ("--cause", "!no-such-cause"), ("--who", "me"), ("--input", "postfx"), ("--max", "fix")] {
        let refused = scan(&[option, word, POSTFIX]).assert().code(2);
        assert!(err(&refused).contains(word) && out(&refused).is_empty(), "{option}: {}", err(&refused));
    }
}

#[test]
fn rows_are_grouped_by_what_is_asked() {
    let all = summary(&["--by", "domain,verdict", POSTFIX]);
    let groups = all["groups"].as_array().unwrap();
    assert!(groups.iter().all(|g| g["key"].as_array().unwrap().len() == 2 && g["key"][1] == g["verdict"]));
    let mut keys: Vec<String> = groups.iter().map(|g| g["key"].to_string()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), groups.len());
    for by in ["cause", "verdict", "provider", "domain", "recipient", "relay", "sender", "code", "who", "hour"] {
        let sum = |by: &str| summary(&["--by", by, POSTFIX])["groups"].as_array().unwrap().iter().map(|g| number(&g["count"])).sum::<u64>();
        assert_eq!(sum(by), sum("verdict"), "{by}");
    }
}

#[test]
fn the_table_shows_so_many_rows_and_says_how_many_more_there_are() {
    let groups = summary(&[POSTFIX])["groups"].as_array().unwrap().len();
    let page = shown(&["--top", "2", POSTFIX]);
    assert!(page.contains(&format!("and {} more; --top {groups} shows all", groups - 2)), "{page}");
    assert!(!shown(&["--top", &groups.to_string(), POSTFIX]).contains("more; --top"));
    assert!(page.lines().filter(|l| l.starts_with(['│', '┌', '└'])).all(|l| l.chars().count() <= 80), "{page}");
}

#[test]
fn a_record_has_all_fields_and_the_last_line_is_the_summary() {
    const FIELDS: [&str; 23] = [
        "type",
        "file",
        "line",
        "time",
        "format",
        "kind",
        "queue_id",
        "sender",
        "recipient",
        "orig_to",
        "relay",
        "relay_ip",
        "stage",
        "direction",
        "status",
        "mta_dsn",
        "input",
        "code",
        "enhanced",
        "text",
        "verdict",
        "who",
        "cause",
    ];
    let (rows, last) = each(&[POSTFIX, EXIM, BOUNCES]);
    assert_eq!(last["type"], "summary");
    for row in &rows {
        let missing: Vec<_> = FIELDS.iter().filter(|f| row.get(**f).is_none()).collect();
        assert!(missing.is_empty() && row["type"] == "finding", "{missing:?} in {row}");
    }
    let row = rows.iter().find(|r| r["recipient"] == "user@s009.test" && r["format"] == "postfix").unwrap();
    let shown =
        ["queue_id", "relay", "relay_ip", "stage", "direction", "status", "mta_dsn", "enhanced", "text"].map(|f| row[f].as_str().unwrap());
    let wanted = ["D712CA189B5", "mx.s009.test", "198.18.1.18", "data", "out", "bounced", "5.7.1", "5.7.1", "Access denied at data"];
    assert_eq!((shown, &row["code"]), (wanted, &Value::from(550)));
}

#[test]
fn an_enhanced_code_counts_where_the_server_put_it_first() {
    let replies = "550 5.1.1 User unknown\n553 sorry, that domain isn't allowed (#5.7.1)\n";
    let file = written("enhanced.txt", replies);
    let (rows, _) = each(&["--input", "plain", &file]);
    assert_eq!(rows.iter().map(|r| r["enhanced"].as_str()).collect::<Vec<_>>(), [Some("5.1.1"), None]);
}

#[test]
fn json_of_records_is_one_object() {
    let all: Value = serde_json::from_str(&shown(&["--each", "-f", "json", POSTFIX])).unwrap();
    assert_eq!(all["results"].as_array().unwrap().len(), each(&[POSTFIX]).0.len());
    let none: Value = serde_json::from_str(&shown(&["--each", "-f", "json", "--domain", "nobody.example", POSTFIX])).unwrap();
    assert_eq!(none["results"], Value::Array(Vec::new()));
}

#[test]
fn a_spreadsheet_gets_a_line_a_record() {
    let text = shown(&["-f", "csv", POSTFIX, SENDMAIL]);
    assert_eq!(text, shown(&["--each", "-f", "csv", POSTFIX, SENDMAIL]));
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = table.headers().unwrap().iter().map(str::to_string).collect();
    let (rows, _) = each(&[POSTFIX, SENDMAIL]);
    let lines: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        for name in ["file", "queue_id", "recipient", "relay", "stage", "enhanced", "verdict", "cause", "who"] {
            let cell = &line[names.iter().position(|n| n == name).unwrap()];
            assert_eq!(cell.trim_start_matches('\''), row[name].as_str().unwrap_or(""), "{name} of {row}");
        }
    }
}

#[test]
fn too_much_of_a_verdict_is_told_by_the_status() {
    let over = scan(&["--max", "fix=0", POSTFIX]).assert().code(3);
    assert!(err(&over).contains("is over the limit of 0") && out(&over).contains("attempts"));
    scan(&["--max", "fix=1%", POSTFIX]).assert().code(3);
    scan(&["--max", "fix=100%", "--max", "remove=1000", POSTFIX]).assert().code(0);
    scan(&["--max", "fix=0", POSTFIX, "no-such-file.log"]).assert().code(2);
}

#[test]
fn scripts_can_ask_whether_a_verdict_occurs() {
    for args in [&["--is", "remove"][..], &["--is", "remove", "--each"], &["-q", "--each", "-f", "jsonl"]] {
        assert_eq!(out(&scan(&[args, &[POSTFIX]].concat()).assert().code(0)), "");
    }
    scan(&["--is", "remove", "--verdict", "!remove", POSTFIX]).assert().code(1);
    scan(&["--is", "remove", "no-such-file.log"]).assert().code(2);
    scan(&["--exit-code", "--verdict", "remove", POSTFIX]).assert().code(12);
    scan(&["--exit-code", "--verdict", "retry", POSTFIX]).assert().code(10);
    scan(&["--domain", "nobody.example", POSTFIX]).assert().code(1);
}

/// Every way of output.
const OUTPUTS: [&[&str]; 9] = [
    &[],
    &["--full"],
    &["-f", "json"],
    &["--each"],
    &["--each", "-f", "json"],
    &["--each", "-f", "jsonl"],
    &["-f", "csv"],
    &["--unmatched"],
    &["--by", "recipient,sender"],
];

#[test]
fn credentials_and_where_asked_addresses_are_masked_in_every_output() {
    let secret = "AGFsaWNlAHNlY3JldHNlY3JldA==";
    let line = format!(
        "Nov 21 17:40:48 mail postfix/qmgr[1]: 86239A189AC: from=<bob@example.org>, size=278, nrcpt=1 (queue active)\n\
         Nov 21 17:40:48 mail postfix/smtp[1]: 86239A189AC: to=<alice@example.com>, orig_to=<al@example.com>, \
         relay=mx.example.com[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=5.5.2, status=bounced (host mx.example.com[192.0.2.1] \
         said: 502 5.5.2 <alice@example.com>: command not recognized: AUTH PLAIN {secret} (in reply to end of DATA command))\n\
         delivery of bob@example.org rejected: AUTH PLAIN {secret}\n"
    );
    let file = written("secrets.log", line);
    for args in OUTPUTS {
        let page = shown(&[args, &[&file]].concat());
        assert!(!page.is_empty() && !page.contains("AGFsaWNl"), "{args:?}: {page}");
        let page = shown(&[&["--redact"], args, &[&file]].concat());
        for hidden in ["AGFsaWNl", "alice", "bob@", "al@"] {
            assert!(!page.contains(hidden), "{hidden} in {args:?}: {page}");
        }
    }
    assert!(shown(&["--each", "--redact", &file]).contains("a***@example.com"));
}

#[test]
fn lines_that_fit_no_format_are_counted_and_shown() {
    let file = written("odd.log", "Nov 21 17:40:48 mail gate[1]: message for someone was rejected, no room\n\u{1b}[2Jbounced\n");
    assert_eq!(number(&summary(&[&file])["totals"]["unmatched"]), 2);
    let page = shown(&["--unmatched", &file]);
    assert!(page.contains("odd.log:1: Nov 21") && page.lines().count() == 2 && !page.contains('\u{1b}'), "{page}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command as Process, Stdio};
    let many = written("many.log", fs::read(POSTFIX).unwrap().repeat(50));
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    for format in ["text", "json", "jsonl", "csv"] {
        let mut child =
            Process::new(&bin).args(["scan", "--each", "-f", format, &many]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""), "{format}");
    }
}

#[test]
fn the_totals_fit_the_width_that_is_asked_for() {
    for width in [60, 80, 100] {
        let mut command = Command::cargo_bin("smtpwhy").unwrap();
        let told = command.args(["scan", POSTFIX]).env("COLUMNS", width.to_string()).assert().get_output().stdout.clone();
        let told = String::from_utf8(told).unwrap();
        let (totals, _) = told.split_once("\n\n").unwrap();
        assert!(totals.contains("besides:") && totals.contains(" to "), "{totals}");
        assert!(totals.lines().all(|line| line.chars().count() <= width), "{width}\n{totals}");
    }
}

#[test]
fn one_of_each_is_told_as_one_and_what_is_not_there_not_at_all() {
    let file = written("one.json", r#"[{"event":"bounce","email":"a@example.org","reason":"550 5.1.1 no such user"}]"#);
    let page = shown(&[&file]);
    assert!(page.starts_with("1 attempt, 0 messages, 1 recipient\n"), "{page}");
    assert!(page.contains(": once\n") && !page.contains("besides"), "{page}");
    let login = "Nov 21 17:40:48 mx postfix/smtpd[1]: warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: x\n";
    assert!(shown(&[&written("login.log", login)]).contains("besides: 1 failed login\n"));
}

#[test]
fn the_lines_of_files_that_are_no_logs_are_counted() {
    let mail = "From: MAILER-DAEMON@example.org\nTo: a@example.org\nSubject: x\n\n<b@example.org>: 550 5.1.1 no\n";
    let files = [
        ("lines.csv", "email,reason\nb@example.org,550 5.1.1 no\nc@example.org,550 5.1.1 no\n", 3),
        ("lines.json", "[{\"event\":\"bounce\",\"email\":\"b@example.org\",\"reason\":\"550 5.1.1 no\"}\n]\n", 2),
        ("lines.eml", mail, 5),
        ("lines.txt", "Traceback (most recent call last):\nsmtplib.SMTPSenderRefused: (550, b'5.1.1 no', 'b@example.org')\n", 2),
    ];
    for (name, text, lines) in files {
        assert_eq!(number(&summary(&[&written(name, text)])["totals"]["lines"]), lines, "{name}");
    }
}

#[test]
fn an_array_that_was_cut_off_is_told() {
    let file = written("cut.json", "[{\"event\":\"bounce\",\"email\":\"a@example.org\",\"reason\":\"550 5.1.1 no such user\"},\n");
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    let told = command.args(["scan", "-f", "json", &file]).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&told.stderr).contains("cut.json:2: ends before its array does"), "{told:?}");
    let summary: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(number(&summary["totals"]["attempts"]), 1);
}
