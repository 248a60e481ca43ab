//! What strangers' servers say, and what files are called, is shown and never
//! acted on: not by a terminal, not by a spreadsheet. And output that cannot be
//! written is told.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What terminals act on: colours, a title, a link, 8-bit forms, bells,
/// overwriting, and marks that turn text around or hide it.
const MARKS: [&str; 15] = [
    "\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;https://example.com/\u{1b}\\",
    "\u{9b}31m",
    "\u{9d}0;title\u{9c}",
    "\u{7}",
    "\u{8}\u{8}",
    "\u{7f}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{0}",
    "\u{e0041}",
    "\u{3164}",
];

/// Characters that must not leave the program.
fn is_unsafe(c: char) -> bool {
    let hides = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() && c != '\n' || hides
}

fn run(args: &[&str]) -> Output {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    Command::new(bin).args(args).env_clear().stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn written(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// One log for each mark, with the mark in every field of every kind of record.
fn log(mark: &str) -> String {
    let m = mark;
    let json = serde_json::to_string(&format!("550 5.1.1 {m} no")).unwrap();
    let event = serde_json::json!({
        "event": "bounce", "email": format!("u{m}@example.com"), "reason": format!("550 5.1.1 {m} gone"), "timestamp": 1_795_282_848,
        "smtp-id": format!("<{m}>"), "sg_message_id": format!("id{m}"), "status": "5.1.1",
    });
    let mut lines = vec![
        format!("Nov 21 17:40:47 mail postfix/qmgr[1]: 4B00000001: from=<s{m}@example.org>, size=278, nrcpt=1 (queue active)"),
        format!(
            "Nov 21 17:40:48 mail postfix/smtp[1]: 4B00000001: to=<r{m}@example.com>, orig_to=<o{m}@example.com>, relay=mx{m}.example.com[192.0.2.1]:25, \
             delay=0, delays=0/0/0/0, dsn=5.5.2, status=bounced (host mx{m}.example.com[192.0.2.1] said: 502 5.5.2 zorglub {m} \
             <r{m}@example.com> http://example.com/{m} (in reply to end of DATA command))"
        ),
        format!(
            "2026-11-21 18:01:37 1xUpP7-00003B-2B ** r{m}@example.com R=dns T=smtp H=mx{m}.example.com [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<r{m}@example.com>: 550 5.1.1 {m} User unknown"
        ),
        format!("2026-11-21 18:01:38 H=client{m} [192.0.2.9] F=<s{m}@example.org> rejected RCPT <x{m}@example.org>: no {m}"),
        format!("mail for {m} was rejected"),
        format!("550 5.1.1 {m} User unknown <{m}@example.com>"),
        event.to_string(),
        format!("{{\"event\":\"bounce\",\"email\":\"a@example.com\",\"reason\":{json}}}"),
        format!("{{\"broken {m}"),
    ];
    if m.contains('\u{0}') {
        lines.retain(|l| !l.starts_with('<'));
    }
    lines.join("\n") + "\n"
}

/// Every way to show records.
const SCANS: [&[&str]; 22] = [
    &[],
    &["-v"],
    &["--full"],
    &["-f", "text"],
    &["-f", "json"],
    &["-f", "jsonl"],
    &["-f", "csv"],
    &["--each"],
    &["--each", "-f", "json"],
    &["--each", "-f", "jsonl"],
    &["--unmatched"],
    &["--unknown"],
    &["--unknown", "-f", "json"],
    &["--unknown", "-f", "jsonl"],
    &["--list", "recipients"],
    &["--list", "recipients", "-f", "csv"],
    &["--list", "recipients", "-f", "json"],
    &["--list", "recipients", "-f", "jsonl"],
    &["--list", "recipients", "--for", "mailgun", "--verdict", "!ok"],
    &["--by", "recipient,sender,relay,domain,code"],
    &["--by", "recipient,sender,relay,domain,code", "-f", "json"],
    &["--redact"],
];

#[test]
fn nothing_in_a_record_reaches_the_terminal() {
    for (n, mark) in MARKS.iter().enumerate() {
        let file = written(&format!("{n}.log"), &log(mark));
        for args in SCANS {
            let done = run(&[&["scan"], args, &[&file]].concat());
            let (out, err) = (text(&done.stdout), text(&done.stderr));
            assert!(!out.is_empty(), "{args:?}");
            assert!(!out.chars().any(is_unsafe), "{mark:?} {args:?}: {out:?}");
            assert!(!err.chars().any(is_unsafe), "{mark:?} {args:?}: {err:?}");
        }
        let other = written("plain.log", "550 5.1.1 User unknown\n");
        for format in ["text", "table", "json", "jsonl"] {
            for args in [&["diff", "-f", format, &file, &other][..], &["unknown", "-f", format, &file]] {
                let done = run(args);
                assert!(!text(&done.stdout).chars().chain(text(&done.stderr).chars()).any(is_unsafe), "{mark:?} {args:?}");
            }
        }
    }
}

#[test]
fn nothing_in_a_pasted_reply_reaches_the_terminal() {
    for mark in MARKS.iter().filter(|m| !m.contains('\0')) {
        let reply = format!("550 5.1.1 {mark} <user{mark}@example.com>: User unknown, see https://example.com/{mark}?a{mark}");
        for format in ["text", "table", "json", "jsonl"] {
            let done = run(&["-v", "-f", format, "--relay", &format!("mx{mark}"), "--", &reply]);
            assert!(!text(&done.stdout).chars().chain(text(&done.stderr).chars()).any(is_unsafe), "{mark:?} {format}");
        }
        for args in [&["show", mark][..], &["--provider", mark, "550"], &["list", "--cause", mark], &["scan", "--input", mark, "x"]] {
            let done = run(args);
            assert_eq!(done.status.code(), Some(2));
            assert!(!text(&done.stderr).chars().any(is_unsafe), "{mark:?} {args:?}: {:?}", text(&done.stderr));
        }
    }
}

#[test]
fn nothing_in_wrong_arguments_reaches_the_terminal() {
    for mark in MARKS.iter().filter(|m| !m.contains('\0')) {
        let option = format!("-{mark}");
        for args in [
            &["550", &option][..],
            &["--stage", mark, "550"],
            &["-f", mark],
            &["completions", mark],
            &["scan", "--top", mark],
            &["scan", &option],
        ] {
            let done = run(args);
            assert_eq!(done.status.code(), Some(2), "{args:?}");
            assert!(!text(&done.stderr).chars().any(is_unsafe), "{mark:?} {args:?}: {:?}", text(&done.stderr));
        }
    }
}

#[cfg(unix)]
#[test]
fn nothing_in_a_file_name_reaches_the_terminal() {
    for mark in MARKS.iter().filter(|m| !m.contains(['\0', '/'])) {
        let gone = format!("no-such-{mark}.log");
        for args in [&["scan", &gone][..], &["annotate", &gone], &["diff", &gone, &gone], &["check", &gone], &["--codes", &gone, "550"]] {
            let done = run(args);
            assert_eq!(done.status.code(), Some(2), "{args:?}");
            assert!(!text(&done.stderr).chars().any(is_unsafe), "{args:?}: {:?}", text(&done.stderr));
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-names");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("log{mark}"));
        fs::write(&file, log("")).unwrap();
        let file = file.display().to_string();
        for args in SCANS {
            let done = run(&[&["scan"], args, &[&file]].concat());
            assert!(!text(&done.stdout).chars().chain(text(&done.stderr).chars()).any(is_unsafe), "{mark:?} {args:?}");
        }
    }
}

#[test]
fn rules_of_ones_own_cannot_hide_anything_either() {
    let rule = "provider = \"house\"\nname = \"House \u{202e}\u{9b}31m\"\n\n[[entry]]\nid = \"house-flurb\"\ntitle = \"Flurb \u{202e}\u{9b}31m\"\n\
                says = [\"flurb blarg wobble\"]\ncause = \"policy\"\nyes = [\"550 nothing \u{9b}31m of the kind\"]\n";
    let file = written("rules.toml", rule);
    for args in [
        &["check", &file][..],
        &["--codes", &file, "550 flurb blarg wobble"],
        &["--codes", &file, "show", "house-flurb"],
        &["--codes", &file, "list", "flurb"],
        &["--codes", &file, "-f", "table", "list", "flurb"],
    ] {
        let done = run(args);
        let shown = text(&done.stdout) + &text(&done.stderr);
        assert!(!shown.is_empty() && !shown.chars().any(is_unsafe), "{args:?}: {shown:?}");
    }
}

#[test]
fn a_spreadsheet_runs_no_cell() {
    for lead in ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\"=1\"", "'=1", "\u{a0}=1", "＝1"] {
        let log = format!(
            "Nov 21 17:40:47 mail postfix/qmgr[1]: 4B00000001: from=<{lead}@example.org>, size=278, nrcpt=1 (queue active)\n\
             Nov 21 17:40:48 mail postfix/smtp[1]: 4B00000001: to=<{lead}@example.com>, relay={lead}[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=5.1.1, \
             status=bounced (host mx.example.com[192.0.2.1] said: {lead} 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
        );
        let file = written("cells.log", &log);
        for args in [&["scan", "-f", "csv", &file][..], &["scan", "--list", "recipients", "-f", "csv", &file]] {
            let done = run(args);
            let mut table = csv::ReaderBuilder::new().has_headers(true).from_reader(&*done.stdout);
            let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
            assert_eq!(rows.len(), 1, "{lead:?}");
            for cell in &rows[0] {
                let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
                assert!(!bare.starts_with(['=', '+', '-', '@', '＝']) && !cell.starts_with(['\t', '\r', '\n']), "{args:?}: {cell:?}");
            }
        }
    }
}

#[test]
fn programs_get_addresses_as_they_are() {
    for local in ["+tag", "-dash", "=equal"] {
        let address = format!("{local}@example.com");
        let file = written("exact.log", &format!("{}\n", LINE.replace("user@example.com", &address)));
        for (service, expected) in [
            ("sendgrid", format!("email\n{address}\n")),
            ("ses", format!("email,reason\n{address},BOUNCE\n")),
            ("postmark", format!("EmailAddress\n{address}\n")),
            ("mailgun", format!("address,code,error\n{address},550,550 5.1.1 User unknown\n")),
        ] {
            assert_eq!(text(&run(&["scan", "--list", "recipients", "--for", service, &file]).stdout), expected);
        }
        for args in [&["--list", "recipients", "-f", "jsonl"][..], &["--each", "-f", "jsonl"]] {
            let done = text(&run(&[&["scan"], args, &[&file]].concat()).stdout);
            let first: Value = serde_json::from_str(done.lines().next().unwrap()).unwrap();
            let shown = if args[0] == "--list" { &first["address"] } else { &first["recipient"] };
            assert_eq!(shown, &Value::from(address.clone()), "{args:?}");
        }
    }
}

const LINE: &str = "Nov 21 17:40:48 mail postfix/smtp[1]: 4B00000001: to=<user@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=0, \
    delays=0/0/0/0, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))";

/// Every command in every format, on inputs with something to print.
fn commands() -> Vec<Vec<String>> {
    let log = written("every.log", &format!("{LINE}\nmail for someone was rejected\n502 5.5.2 zorglub flurb\n"));
    let other = written("every-other.log", "421 4.7.0 Try again later\n");
    let objects = written("every.jsonl", "{\"reply\":\"550 5.1.1 User unknown\"}\n");
    let rules = written(
        "every.toml",
        "provider = \"house\"\nname = \"House\"\n\n[[entry]]\nid = \"house-a\"\nsays = [\"flurb blarg wobble\"]\ncause = \"unknown\"\nyes = [\"550 no\"]\n",
    );
    let words = |line: &str| -> Vec<String> {
        let named = [("LOG", &log), ("OTHER", &other), ("OBJECTS", &objects), ("RULES", &rules)];
        line.split(' ').map(|w| named.iter().find(|(name, _)| *name == w).map_or(w.to_string(), |(_, file)| (*file).clone())).collect()
    };
    let mut all: Vec<Vec<String>> =
        ["man", "completions bash", "--help", "-h", "--version", "list --stats", "check RULES", "annotate OBJECTS"]
            .map(words)
            .into_iter()
            .collect();
    for format in ["text", "table", "json", "jsonl", "csv"] {
        for line in ["550 5.1.1", "show greylisting 550 google", "list dmarc", "diff OTHER LOG", "unknown LOG"] {
            all.push(words(&format!("-f {format} {line}")));
        }
        for options in ["", " --each", " --unmatched", " --unknown", " --list recipients", " --redact"] {
            all.push(words(&format!("scan -f {format}{options} LOG")));
        }
    }
    for service in ["sendgrid", "mailgun", "ses", "postmark"] {
        all.push(words(&format!("scan --list recipients --for {service} LOG")));
    }
    all
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_by_every_command() {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    for args in commands() {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let done = Command::new(&bin).args(&args).env_clear().stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = text(&done.stderr);
        assert!(done.status.code() == Some(2) && said.contains("No space left"), "{args:?}: {:?} {said}", done.status);
    }
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    for args in commands() {
        let mut child =
            Command::new(&bin).args(&args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        // A small output may be gone before the pipe is closed.
        let usual = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let quiet = done.status.code() == Some(0) && done.stderr.is_empty();
        assert!(quiet || done.status == usual.status && done.stderr == usual.stderr, "{args:?}: {:?} {}", done.status, text(&done.stderr));
        assert_ne!(done.status.code(), None, "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn messages_that_cannot_be_written_are_no_trouble_of_their_own() {
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    for args in [
        &["scan", "no-such-file.log"][..],
        &["-v", "550"],
        &["annotate", "Cargo.toml"],
        &["--no-such-option"],
        &["show", "nothing-of-the-kind"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let done = Command::new(&bin).args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).status().unwrap();
        assert_eq!(done.code(), run(args).status.code(), "{args:?}");
    }
}
