//! `smtpwhy annotate`: JSON lines in, the same lines with an answer out.
#![cfg(feature = "cli")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

const USER: &str = "550 5.1.1 <user@example.com>: User unknown";

fn annotate(args: &[&str], input: impl Into<Vec<u8>>) -> Assert {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.arg("annotate").args(args).env_clear().write_stdin(input).assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn values(assert: &Assert) -> Vec<Value> {
    out(assert).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The answer to one line.
fn one(args: &[&str], line: &str) -> Value {
    values(&annotate(args, line).code(0)).remove(0)["smtpwhy"].take()
}

fn live() -> Child {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    Process::new(bin).arg("annotate").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn lines_keep_their_order_and_blank_lines_are_left_out() {
    let input: String = (0..500).map(|n| format!("{{\"n\":{n},\"reply\":\"{} x{}\"}}\n\n \r\n", 400 + n % 200, n % 7)).collect();
    let lines = values(&annotate(&[], input).code(0));
    assert_eq!(lines.len(), 500);
    assert!(lines.iter().enumerate().all(|(n, l)| l["n"] == n && l["smtpwhy"].is_object()));
}

#[test]
fn what_an_object_holds_is_kept_byte_for_byte() {
    for line in [
        r#"{"a":1e400,"b":-0,"c":1.10,"d":123456789012345678901234567890,"e":1E+2}"#,
        r#"{ "z" : "caf\u00e9 \/ é \ud83d\ude00 \ud800" , "a" : [ 1 , {"}":"{"} ] }  "#,
        r#"  {"k":1,"k":2,"K":"\"}","":null}"#,
        "{\"t\":\"tab\\there\",\"u\":\"用户 \u{202e}\u{200b}\"}\t",
    ] {
        let shown = out(&annotate(&[], line).code(0));
        let close = line.rfind('}').unwrap();
        assert_eq!(shown, format!("{},\"smtpwhy\":null{}\n", &line[..close], &line[close..]));
    }
    assert_eq!(out(&annotate(&[], "{}\r\n { }").code(0)), "{\"smtpwhy\":null}\r\n { \"smtpwhy\":null}\n");
    let invalid = annotate(&[], b"{\"a\":\"\xff\xfe\"}\n".as_slice()).code(0);
    assert_eq!(invalid.get_output().stdout, b"{\"a\":\"\xff\xfe\",\"smtpwhy\":null}\n");
}

#[test]
fn the_answer_is_the_contract_without_the_input() {
    let lines = out(&annotate(&[], format!("{{\"reply\":\"{USER}\"}}")).code(0));
    let whole = Command::cargo_bin("smtpwhy").unwrap().args(["-f", "jsonl", "--", USER]).env_clear().assert();
    let whole = out(&whole);
    let rest = whole.trim_end().split_once("\"code\":").unwrap().1;
    assert_eq!(lines, format!("{{\"reply\":\"{USER}\",\"smtpwhy\":{{\"code\":{rest}}}\n"));
}

#[test]
fn an_answer_that_is_there_is_replaced_in_its_place() {
    let line = format!("{{\"smtpwhy\":{{\"verdict\":\"old\"}},\"reply\":\"{USER}\",\"n\":1e400}}");
    let first = out(&annotate(&[], line).code(0));
    assert!(first.starts_with("{\"smtpwhy\":{\"code\":550") && first.ends_with(",\"n\":1e400}\n"), "{first}");
    assert_eq!(out(&annotate(&[], first.clone()).code(0)), first);
    let twice = out(&annotate(&[], r#"{"smtpwhy":1,"a":2,"smtpwhy":3}"#).code(0));
    assert_eq!(twice, "{\"smtpwhy\":null,\"a\":2}\n");
}

#[test]
fn the_reply_is_the_first_usual_key_that_holds_text() {
    for key in ["reply", "response", "diagnostic", "diagnostic_code", "reason", "message", "text"] {
        assert_eq!(one(&[], &format!("{{\"{key}\":\"{USER}\"}}"))["verdict"], "remove", "{key}");
    }
    let line = format!("{{\"text\":\"452 4.2.2 over quota\",\"message\":{{\"id\":1}},\"reply\":\"\",\"reason\":\"{USER}\"}}");
    assert_eq!(one(&[], &line)["verdict"], "remove");
    for line in [r#"{"reply":550}"#, r#"{"reply":null,"other":"550 5.1.1 User unknown"}"#] {
        assert_eq!(one(&[], line), Value::Null, "{line}");
    }
}

#[test]
fn the_reply_may_be_under_a_key_of_nested_objects() {
    let line = format!("{{\"reply\":\"250 ok\",\"event\":{{\"smtp\":{{\"said\":\"{USER}\"}}}},\"flat.key\":\"{USER}\"}}");
    for field in ["event.smtp.said", "flat.key"] {
        assert_eq!(one(&["--field", field], &line)["verdict"], "remove", "{field}");
    }
    for field in ["event.smtp", "event.smtp.said.more", "missing"] {
        assert_eq!(one(&["--field", field], &line), Value::Null, "{field}");
    }
}

#[test]
fn relay_stage_direction_and_provider_are_used() {
    let google = one(&[], r#"{"reply":"550 5.1.1 No such user","relay":"gmail-smtp-in.l.google.com"}"#);
    assert_eq!(google["provider"], "google");
    let named = one(&["--provider", "google"], r#"{"reply":"550 5.1.1 No such user"}"#);
    assert_eq!(named["provider"], "google");
    let line = r#"{"reply":"550 5.1.1 User unknown","direction":"in","stage":"rcpt","relay":"mx.example.net"}"#;
    let flags = ["--direction", "in", "--stage", "rcpt", "--relay", "mx.example.net", "-f", "jsonl", "550 5.1.1 User unknown"];
    let mut same: Value = serde_json::from_str(&out(&Command::cargo_bin("smtpwhy").unwrap().args(flags).env_clear().assert())).unwrap();
    ["input", "replaced"].iter().for_each(|name| drop(same.as_object_mut().unwrap().remove(*name)));
    assert_eq!(one(&[], line), same);
    assert_ne!(one(&[], r#"{"reply":"550 5.1.1 User unknown"}"#), same);
    let odd = one(&[], r#"{"reply":"550 5.1.1 No such user","relay":1,"stage":"never","direction":[]}"#);
    assert_eq!(odd["verdict"], "remove");
    annotate(&["--provider", "nobody-at-all"], "{}").code(2);
}

#[test]
fn rules_of_ones_own_are_used() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("annotate-rules");
    std::fs::create_dir_all(&folder).unwrap();
    let rules = folder.join("own.toml");
    let rule = "[[concept]]\nid = \"own-word\"\nany = [\"zorglub\"]\n\n[[rule]]\nid = \"own-zorglub\"\ncause = \"mailbox-full\"\nneeds = [\"own-word\"]\n";
    std::fs::write(&rules, rule).unwrap();
    let done = annotate(&["--codes", rules.to_str().unwrap()], r#"{"reply":"550 5.2.0 zorglub"}"#);
    std::fs::remove_dir_all(&folder).unwrap();
    let shown = err(&done);
    assert_eq!(values(&done.code(0))[0]["smtpwhy"]["cause"], "mailbox-full", "{shown}");
}

#[test]
fn lines_that_are_no_objects_are_told_and_do_not_stop_the_rest() {
    let input = "\n{\"reply\":\"550 5.1.1 User unknown\"}\nnot json \u{1b}[31m\n[1]\n{\"a\":1}\n{\"a\":\r\n";
    let done = annotate(&[], input).code(2);
    let lines = values(&done);
    assert_eq!(lines.len(), 5);
    assert_eq!(out(&done).lines().nth(2), Some(r#"{"smtpwhy":{"error":"line 4: not a JSON object"},"line":"[1]"}"#));
    assert_eq!(lines[1]["line"], "not json \u{1b}[31m");
    assert_eq!(lines[3], serde_json::json!({"a": 1, "smtpwhy": null}));
    assert_eq!(lines[4]["smtpwhy"]["error"], "line 6: not a JSON object");
    assert_eq!(lines[4]["line"], "{\"a\":");
    assert!(err(&done).contains("3 lines are not JSON objects"), "{}", err(&done));
}

#[test]
fn overlong_lines_are_cut_and_told() {
    let input = format!("{{\"reply\":\"{}\"}}\n{{\"reply\":\"{USER}\"}}\n", "x".repeat(3 << 20));
    let lines = values(&annotate(&[], input).code(2));
    assert_eq!(lines[0]["smtpwhy"]["error"], "line 1: longer than 1048576 bytes");
    assert_eq!(lines[0]["line"].as_str().unwrap().len(), 1 << 20);
    assert_eq!(lines[1]["smtpwhy"]["verdict"], "remove");
}

#[test]
fn any_bytes_are_read() {
    for bytes in [&b""[..], b"\xef\xbb\xbf{}", b"\0\n", b"{\"\xff\":\"\\u0000\"}", b"{\"reply\":\"\\ud800 550 \\udc00\"}", b"\r\n\r\n"] {
        let status = annotate(&[], bytes).get_output().status.code();
        assert!(matches!(status, Some(0 | 2)), "{bytes:?}: {status:?}");
    }
    assert_eq!(out(&annotate(&[], "\u{feff}{}").code(0)), "{\"smtpwhy\":null}\n");
}

#[test]
fn files_are_read_in_turn_and_a_missing_one_is_trouble() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("annotate-files");
    std::fs::create_dir_all(&folder).unwrap();
    let (a, b) = (folder.join("a.ndjson"), folder.join("b.ndjson"));
    std::fs::write(&a, "{\"n\":1}\n{\"n\":2}").unwrap();
    std::fs::write(&b, "{\"n\":3}\noops\n").unwrap();
    let path = |p: &Path| p.to_str().unwrap().to_string();
    let done = annotate(&[&path(&a), "/no/such/file", &path(&b)], "").code(2);
    std::fs::remove_dir_all(&folder).unwrap();
    let lines = values(&done);
    assert_eq!(lines.iter().filter_map(|l| l["n"].as_u64()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(lines[3]["smtpwhy"]["error"].as_str().unwrap().ends_with("b.ndjson: line 2: not a JSON object"));
    assert!(err(&done).contains("/no/such/file: cannot read"), "{}", err(&done));
}

#[test]
fn scripts_can_ask_and_other_formats_are_refused() {
    let line = format!("{{\"reply\":\"{USER}\"}}");
    assert_eq!(out(&annotate(&["--is", "remove"], line.clone()).code(0)), "");
    annotate(&["--is", "retry"], line.clone()).code(1);
    annotate(&["--exit-code"], line.clone()).code(12);
    assert_eq!(out(&annotate(&["-q"], line.clone()).code(0)), "");
    annotate(&["-f", "table"], line.clone()).code(2);
    annotate(&["-f", "jsonl"], line).code(0);
}

#[test]
fn a_live_input_is_answered_line_by_line() {
    let mut child = live();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for n in 0..3 {
        write!(input, "{{\"n\":{n}}}\n{{\"half\":").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, format!("{{\"n\":{n},\"smtpwhy\":null}}\n"));
        writeln!(input, "1}}").unwrap();
        line.clear();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "{\"half\":1,\"smtpwhy\":null}\n");
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = live();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // The command may go away before it has read all.
    drop(input.write_all(format!("{{\"reply\":\"{USER}\"}}\n").repeat(2000).as_bytes()));
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.stderr.is_empty());
}
