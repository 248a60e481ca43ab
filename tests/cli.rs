//! The command as scripts and people use it.

use assert_cmd::Command;
use assert_cmd::assert::Assert;

const DMARC: &str = "550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.\n550 5.7.26 - gsmtp";
const UNKNOWN_USER: &str = "550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in local recipient table";

fn smtpwhy(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.args(args).env_clear();
    command
}

fn run(args: &[&str]) -> Assert {
    smtpwhy(args).assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_reply_may_be_given_as_words_as_one_argument_or_on_standard_input() {
    let words = out(&run(&["550", "5.7.26"]).code(0));
    let one = out(&run(&["550 5.7.26"]).code(0));
    let piped = out(&smtpwhy(&[]).write_stdin("550 5.7.26\n").assert().code(0));
    let dash = out(&smtpwhy(&["-"]).write_stdin("550 5.7.26").assert().code(0));
    assert!(words.starts_with("FIX"), "{words}");
    assert!(words == one && one == piped && piped == dash);
}

#[test]
fn the_first_line_answers_and_the_page_fits_80_columns() {
    let page = out(&run(&[DMARC]).code(0));
    assert!(page.starts_with("FIX     Gmail refuses mail in the name of example.com"), "{page}");
    for part in ["What happened", "What to do", "dig +short TXT _dmarc.example.com", "Why I think so", "google-dmarc-policy"] {
        assert!(page.contains(part), "{part} is missing in:\n{page}");
    }
    let long: Vec<&str> = page.lines().filter(|l| l.chars().count() > 80 && !l.contains("grep") && !l.contains("http")).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn a_not_in_front_of_a_comma_colon_or_dash_takes_nothing_back_behind_it() {
    for (reply, cause) in [
        ("451 not queued: internal error", "server-error"),
        ("554 Sorry, not accepted, mailbox full", "mailbox-full"),
        ("550 not accepted - spam", "spam-content"),
    ] {
        let page = out(&run(&[reply]));
        assert!(page.contains(cause), "{page}");
    }
}

#[test]
fn a_code_with_a_link_or_a_name_condemns_no_address() {
    for reply in ["550 https://www.example.com/blocked", "550 ERR.LOGIN.REQCODE"] {
        let page = out(&run(&[reply]));
        assert!(page.starts_with("UNKNOWN"), "{page}");
    }
    assert!(out(&run(&["550"])).starts_with("REMOVE"));
}

#[test]
fn a_number_does_not_condemn_an_address_where_the_words_are_about_the_sender() {
    assert!(!out(&run(&["550 5.2.1 your domain is suspended"])).starts_with("REMOVE"));
    assert!(out(&run(&["550 5.2.1 mailbox is suspended"])).starts_with("REMOVE"));
}

#[test]
fn a_refusal_of_an_http_interface_is_neither_put_off_nor_a_dead_address() {
    for (text, verdict) in [
        (r#"{"StatusCode":400,"ErrorMessage":"Unverified sender"}"#, "FIX"),
        ("HTTP status 422: invalid recipient", "FIX"),
        (r#"HTTP 401 {"x":"y"}"#, "UNKNOWN"),
        ("HTTP 429 Too Many Requests", "RETRY"),
        ("401 try later", "RETRY"),
    ] {
        let page = out(&run(&[text]));
        assert!(page.starts_with(verdict), "{text}: {page}");
    }
}

#[test]
fn several_replies_are_explained_one_after_another() {
    let text = "550 5.1.1 User unknown\n421 4.7.0 Try again later\n";
    let page = out(&smtpwhy(&[]).write_stdin(text).assert().code(0));
    assert!(page.starts_with("REMOVE") && page.contains("\n\nRETRY"), "{page}");
    let lines = out(&smtpwhy(&["-f", "jsonl"]).write_stdin(text).assert().code(0));
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn the_exit_status_tells_whether_anything_was_recognised() {
    run(&[UNKNOWN_USER]).code(0);
    run(&["nothing that a server would say"]).code(1);
    run(&["550 5.1.1 zorglub"]).code(1);
    run(&["--no-such-option"]).code(2);
    run(&["--provider", "nobody-at-all", "550"]).code(2);
}

#[test]
fn scripts_can_ask_for_a_verdict() {
    let yes = run(&["--is", "remove", "--", UNKNOWN_USER]).code(0);
    assert_eq!(out(&yes), "");
    run(&["--is", "retry", "--", UNKNOWN_USER]).code(1);
    run(&["--is", "known", "--", UNKNOWN_USER]).code(0);
    run(&["--is", "known", "--", "554 Transaction failed"]).code(1);
    run(&["--is", "unknown", "--", "554 Transaction failed"]).code(0);
    run(&["--is", "perhaps", "550"]).code(2);
}

#[test]
fn the_exit_status_can_be_the_verdict() {
    for (text, status) in [
        ("250 2.0.0 Ok: queued as 4XyZ", 0),
        ("450 4.2.0 <user@example.com>: Recipient address rejected: Greylisted", 10),
        (DMARC, 11),
        (UNKNOWN_USER, 12),
        ("554 Transaction failed", 1),
    ] {
        run(&["--exit-code", text]).code(status);
    }
    let worst = "450 4.2.0 Greylisted\n550 5.1.1 User unknown";
    smtpwhy(&["--exit-code"]).write_stdin(worst).assert().code(12);
}

#[test]
fn options_stand_before_or_behind_words() {
    let before = out(&run(&["--json", "550", "5.1.1"]).code(0));
    let behind = out(&run(&["550", "5.1.1", "--json"]).code(0));
    assert_eq!(before, behind);
}

#[test]
fn words_of_a_reply_are_not_taken_for_commands() {
    let page = out(&run(&["550", "5.1.1", "user", "unknown", "man", "list"]).code(0));
    assert!(page.starts_with("REMOVE"), "{page}");
}

#[test]
fn mistyped_commands_and_files_get_a_tip() {
    let command = run(&["lsit"]).code(2);
    assert!(err(&command).contains("tip: did you mean smtpwhy list?"), "{}", err(&command));
    let file = run(&["Cargo.toml"]).code(2);
    assert!(err(&file).contains("is a file, not a reply"), "{}", err(&file));
    let option = run(&["550", "-all"]).code(2);
    assert!(err(&option).contains("must be quoted"), "{}", err(&option));
    let show = run(&["show", "gogle-dmarc-policy"]).code(2);
    assert!(err(&show).contains("tip: did you mean google-dmarc-policy"), "{}", err(&show));
}

#[test]
fn show_explains_entries_causes_codes_terms_and_numbers() {
    for (name, part) in [
        ("google-dmarc-policy", "Gmail refuses"),
        ("mailbox-full", "mailbox is full"),
        ("550", "May stand for"),
        ("5.7.26", "By class"),
        ("X.7.26", "By class"),
        ("0x800CCC0E", "0x800CCC0E"),
        ("0x800ccc0e", "0x800CCC0E"),
        ("greylisting", "What it means"),
        ("sendgrid", "72"),
    ] {
        let page = out(&run(&["show", name]).code(0));
        assert!(page.contains(part), "show {name}:\n{page}");
    }
}

#[test]
fn list_searches_by_words_provider_cause_and_verdict() {
    let page = out(&run(&["list", "dmarc", "--provider", "google"]).code(0));
    assert!(page.contains("google-dmarc-policy") && !page.contains("yahoo-"), "{page}");
    let removed = out(&run(&["list", "--verdict", "remove", "-f", "jsonl"]).code(0));
    assert!(removed.lines().all(|l| l.contains("\"verdict\":\"remove\"")));
    run(&["list", "zorglub"]).code(1);
    run(&["list", "--cause", "no-such-cause"]).code(2);
}

#[test]
fn colour_is_used_when_asked_for_and_never_in_a_pipe() {
    let colored = |command: &mut Command| out(&command.assert().code(0)).contains('\u{1b}');
    assert!(!colored(&mut smtpwhy(&["550"])));
    assert!(colored(&mut smtpwhy(&["--color", "always", "550"])));
    assert!(colored(smtpwhy(&["550"]).env("CLICOLOR_FORCE", "1")));
    assert!(!colored(smtpwhy(&["550"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(colored(smtpwhy(&["550"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "")));
    assert!(!colored(smtpwhy(&["--color", "never", "550"]).env("CLICOLOR_FORCE", "1")));
    assert!(colored(&mut smtpwhy(&["--color", "always", "-f", "table", "550"])));
}

#[test]
fn what_a_server_sent_cannot_control_the_terminal() {
    let nasty = "550 5.1.1 \u{1b}]0;x\u{7} <user@example.com>\u{202e}: User unknown \u{9b}31m";
    for format in ["text", "table", "json", "jsonl"] {
        let shown = out(&smtpwhy(&["-f", format]).write_stdin(nasty).assert().code(0));
        let unsafe_char = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.chars().any(unsafe_char), "{format}: {shown:?}");
    }
}

#[test]
fn any_bytes_are_read() {
    for bytes in [&b"550 5.1.1 us\xe9r \xff\xfe unknown"[..], b"\0\0\0", b"", b"\xef\xbb\xbf550 User unknown", b"\r\n\r\n", b"550\r"] {
        let status = smtpwhy(&["-f", "json"]).write_stdin(bytes).assert().get_output().status.code();
        assert!(matches!(status, Some(0 | 1)), "{bytes:?}: {status:?}");
    }
}

#[test]
fn tables_and_narrow_terminals_keep_to_the_width() {
    for width in ["40", "60", "80", "100"] {
        let table = out(&smtpwhy(&["-f", "table", DMARC]).env("COLUMNS", width).assert().code(0));
        let most = table.lines().map(|l| l.chars().count()).max().unwrap();
        assert!(most <= width.parse().unwrap(), "{most} columns at {width}");
    }
    let ascii = out(&smtpwhy(&["-f", "table", "list"]).env("LC_ALL", "C").assert());
    assert!(!ascii.contains('│'));
}

#[test]
fn quiet_prints_nothing_and_verbose_tells_how_the_input_was_read() {
    let quiet = run(&["-q", UNKNOWN_USER]).code(0);
    assert_eq!(out(&quiet), "");
    let verbose = run(&["-v", UNKNOWN_USER]).code(0);
    assert!(err(&verbose).contains("one reply from the arguments"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command as Process, Stdio};
    let bin = assert_cmd::cargo::cargo_bin("smtpwhy");
    let mut child = Process::new(bin).args(["list", "-f", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.stderr.is_empty());
}

#[test]
fn completions_and_the_manual_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&run(&["completions", shell]).code(0)).contains("smtpwhy"));
    }
    assert!(out(&run(&["man"]).code(0)).contains(".TH smtpwhy"));
    assert!(out(&run(&["--version"]).code(0)).contains("entries"));
}

#[test]
fn the_word_help_asks_for_help() {
    let told = |word: &str| {
        let output = assert_cmd::Command::cargo_bin("smtpwhy").unwrap().arg(word).output().unwrap();
        (output.status.code(), output.stdout)
    };
    assert_eq!(told("help"), told("--help"));
}
