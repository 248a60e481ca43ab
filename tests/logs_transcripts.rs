//! Real output of mail clients and libraries beside the records that it must
//! give. `UPDATE=1` writes the records; review them like code.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use smtpwhy::input::Record;
use smtpwhy::input::transcript;
use smtpwhy::reply::Reply;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/transcripts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "txt"));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn records(text: &str) -> Vec<Record<'static>> {
    let (mut blocks, mut found) = (transcript::Blocks::new(text.as_bytes()), Vec::new());
    while let Some(block) = blocks.next() {
        found.extend(transcript::read(block.text, block.line));
    }
    found
}

fn described(record: &Record<'_>) -> Value {
    let reply = Reply::read(&record.text, |code| (200..600).contains(&code));
    json!({
        "line": record.line,
        "kind": format!("{:?}", record.kind),
        "direction": format!("{:?}", record.direction),
        "queue_id": record.queue_id,
        "sender": record.sender,
        "recipient": record.recipient,
        "orig_to": record.orig_to,
        "relay": record.relay,
        "relay_ip": record.relay_ip,
        "stage": record.stage.map(smtpwhy::Stage::name),
        "status": record.status,
        "mta_dsn": record.mta_dsn,
        "code": reply.code(),
        "enhanced": reply.enhanced().map(|s| s.to_string()),
        "text": record.text,
    })
}

#[test]
fn each_output_gives_the_records_beside_it() {
    for file in fixtures() {
        let text = fs::read_to_string(&file).unwrap();
        let found: Vec<Value> = records(&text).iter().map(described).collect();
        let beside = file.with_extension("jsonl");
        if std::env::var_os("UPDATE").is_some() {
            let lines: String = found.iter().map(|r| format!("{r}\n")).collect();
            fs::write(&beside, lines).unwrap();
        }
        let wanted = fs::read_to_string(&beside).unwrap();
        let wanted: Vec<Value> = wanted.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(found, wanted, "{}", file.display());
    }
}

/// Each client was given the same replies; where its text is complete, it
/// must be explained as the reply itself.
#[test]
fn a_record_is_explained_as_the_reply_that_was_sent() {
    let replies = include_str!("logs/transcripts/replies.tsv");
    let replies: Vec<(&str, String)> =
        replies.lines().filter_map(|l| l.split_once('\t')).map(|(mark, r)| (mark, r.replace("\\n", "\n"))).collect();
    let mut compared = 0;
    for file in fixtures() {
        for record in records(&fs::read_to_string(&file).unwrap()) {
            let Some((_, reply)) = replies.iter().find(|(mark, _)| record.text.contains(mark)) else { continue };
            let (told, sent) = (smtpwhy::explain(&record.text), smtpwhy::explain(reply));
            assert_eq!(told.verdict.name(), sent.verdict.name(), "{}: {}", file.display(), record.text);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn a_file_read_in_one_block_is_a_transcript() {
    for file in fixtures() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(transcript::recognise(&text), "{}", file.display());
    }
}
