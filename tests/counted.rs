//! Nothing is lost without a word: every piece of every input is counted once,
//! the counts add up, and what cannot be read is told with its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    Command::new(bin).arg("scan").args(args).env_clear().stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn totals(args: &[&str]) -> Value {
    let done = run(&[&["-f", "json"], args].concat());
    serde_json::from_slice::<Value>(&done.stdout).unwrap()["totals"].take()
}

/// All files under `tests/logs` that are inputs and not what is expected of
/// them.
fn inputs() -> Vec<String> {
    let mut folders = vec![PathBuf::from("tests/logs")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name.contains("expected") || name.contains("records") => {}
                false => files.push(path.display().to_string()),
            }
        }
    }
    files.sort();
    files
}

/// Holds objects on a line each and one over lines, as no service sends them.
const MIXED: &str = "mailgun.json";

const PIECES: [&str; 6] = ["told", "silent", "unmatched", "other", "blank", "unreadable"];
const KINDS: [&str; 6] = ["attempts", "rejects", "logins", "sessions", "expired", "intermediate"];

fn sum(value: &Value, names: &[&str]) -> u64 {
    names.iter().map(|n| number(&value[*n])).sum()
}

fn verdicts(totals: &Value) -> u64 {
    totals["verdicts"].as_object().unwrap().values().map(number).sum()
}

fn add_up(totals: &Value, what: &str) {
    let counted = &totals["counted"];
    assert_eq!(number(&counted["pieces"]), sum(counted, &PIECES), "{what}");
    assert_eq!(number(&totals["records"]), sum(totals, &KINDS), "{what}");
    assert_eq!(number(&totals["attempts"]), verdicts(totals), "{what}");
    assert_eq!(number(&totals["unmatched"]), number(&counted["unmatched"]), "{what}");
}

#[test]
fn the_counts_of_every_format_add_up() {
    let mut line_logs = 0;
    for file in inputs() {
        let t = totals(&[&file]);
        add_up(&t, &file);
        assert!(number(&t["counted"]["unreadable"]) == 0 || file.ends_with(MIXED), "{file}");
        let lines = fs::read(&file).unwrap().split(|b| *b == b'\n').count() as u64;
        if [lines, lines - 1].contains(&number(&t["counted"]["pieces"])) && number(&t["lines"]) > 1 {
            line_logs += 1;
            assert_eq!(number(&t["lines"]), number(&t["counted"]["pieces"]), "{file}");
        }
    }
    assert!(line_logs > 20, "{line_logs}");
}

#[test]
fn the_last_line_and_the_messages_say_the_same() {
    for file in [
        "tests/logs/postfix/rfc3164.log",
        "tests/logs/mtas/exim-mainlog.log",
        "tests/logs/bounces/three.mbox",
        "tests/logs/events/powermta.csv",
    ] {
        let t = totals(&[file]);
        let each = text(&run(&["--each", "-f", "jsonl", file]).stdout);
        let last: Value = serde_json::from_str(each.lines().last().unwrap()).unwrap();
        assert_eq!(last["counted"], t["counted"]);
        add_up(&last, file);
        let c = &t["counted"];
        let said = text(&run(&["-v", file]).stderr);
        let pieces =
            format!("{} lines, rows, mails or objects: {} told of mail, {} of known formats did not", c["pieces"], c["told"], c["silent"]);
        let records = format!("{} records: {} attempts ({} ok, ", t["records"], t["attempts"], t["verdicts"]["ok"]);
        assert!(said.contains(&pieces) && said.contains(&records), "{said}");
    }
}

#[test]
fn what_an_option_hides_is_counted() {
    let file = "tests/logs/postfix/rfc3164.log";
    let all = number(&totals(&[file])["records"]);
    for args in [&["--verdict", "fix"][..], &["--domain", "nobody.example"], &["--since", "2100-01-01"]] {
        let t = totals(&[args, &[file]].concat());
        assert_eq!(number(&t["records"]) + number(&t["filtered"]), all, "{args:?}");
        assert_eq!(t["counted"], totals(&[file])["counted"], "{args:?}");
    }
}

#[test]
fn broken_pieces_are_told_with_file_and_line_and_the_rest_goes_on() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("counted");
    fs::create_dir_all(&folder).unwrap();
    let written = |name: &str, bytes: &[u8]| {
        let path = folder.join(name).display().to_string();
        fs::write(&path, bytes).unwrap();
        path
    };
    let event = "{\"event\":\"bounce\",\"email\":\"a@example.com\",\"reason\":\"550 5.1.1 no\",\"timestamp\":1,\"sg_message_id\":\"x\"}\n";
    let lines = written("lines.jsonl", format!("{event}{}\n{event}\n{{}}\n", &event[..40]).as_bytes());
    let document = written("document.json", format!("[\n{event},\n{}\n,{event}]\n", &event[..40]).as_bytes());
    let table =
        written("table.csv", b"reply,recipient\n550 5.1.1 no,a@example.com\n\"550 5.1.1 no,b@example.com\n550 5.1.1 no,c@example.com\n");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &fs::read("tests/logs/postfix/rfc3164.log").unwrap()).unwrap();
    let packed = packed.finish().unwrap();
    let early = written("early.log.gz", &packed[..packed.len() / 2]);
    let gone = folder.join("gone.log").display().to_string();
    let whole = "tests/logs/mtas/exim-mainlog.log";

    let files = [lines.as_str(), &document, &table, &early, &gone, whole];
    let done = run(&[&["-f", "json"], &files[..]].concat());
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    for place in ["lines.jsonl:2: is no JSON", "document.json:4: is no JSON", "table.csv:3: a quote is not closed", "gone.log: cannot read"]
    {
        assert!(said.contains(place), "{place} is missing in {said}");
    }
    let told = said.lines().find(|l| l.contains("early.log.gz:")).unwrap();
    assert!(told.contains(": cannot read: "), "{told}");
    let all: Value = serde_json::from_slice(&done.stdout).unwrap();
    let t = &all["totals"];
    add_up(t, "all");
    assert_eq!((number(&t["unreadable_count"]), t["unreadable"].as_array().unwrap().len()), (5, 5));
    assert!(number(&t["counted"]["unreadable"]) >= 3);
    let parts: u64 = files.iter().filter(|f| **f != gone).map(|f| number(&totals(&[f])["records"])).sum();
    assert_eq!(number(&t["records"]), parts);
    assert_eq!(number(&totals(&[&lines])["records"]), 2);
    assert_eq!(number(&totals(&[&document])["records"]), 2);
    assert_eq!(number(&totals(&[&table])["records"]), 3);
    assert!(number(&totals(&[&early])["records"]) > 10);
}
