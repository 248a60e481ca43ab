//! Rules of a user's own: laid over the catalogue, checked, visible.

use std::path::PathBuf;

use assert_cmd::Command;

const RULES: &str = r#"
provider = "house"
name = "House gateway"
hosts = ["gw.example.com"]
retire = ["postfix-relay-denied"]

[[entry]]
id = "house-quarantine"
title = "The house gateway holds the mail"
says = ["house sentinel holds"]
cause = "policy"
verdict = "retry"
yes = ["550 5.7.1 House Sentinel holds this message"]
no = ["550 5.7.1 House Sentinel lets this message pass"]

[[change]]
id = "google-dmarc-policy"
verdict = "retry"

[[concept]]
id = "house-word"
any = ["flurbed"]

[[rule]]
id = "house-flurb"
cause = "greylisted"
needs = ["house-word"]
yes = ["450 you are flurbed"]
"#;

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn smtpwhy() -> Command {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    command.env_clear();
    command
}

fn stdout(command: &mut Command, code: i32) -> String {
    let done = command.assert().code(code);
    String::from_utf8_lossy(&done.get_output().stdout).into_owned()
}

fn stderr(command: &mut Command, code: i32) -> String {
    let done = command.assert().code(code);
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

#[test]
fn own_entries_rules_and_changes_count_and_are_named() {
    let path = file("house.toml", RULES);
    let page = stdout(smtpwhy().arg("--codes").arg(&path).arg("550 5.7.1 House Sentinel holds this message"), 0);
    assert!(page.starts_with("RETRY   The house gateway holds the mail") && page.contains("your rule house-quarantine"), "{page}");
    let changed = "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy";
    smtpwhy().env("SMTPWHY_CODES", &path).args(["--is", "retry", changed]).assert().code(0);
    smtpwhy().args(["--is", "fix", changed]).assert().code(0);
    smtpwhy().arg("--codes").arg(&path).args(["--is", "retry", "450 you were flurbed"]).assert().code(0);
}

#[test]
fn a_retired_entry_explains_nothing_but_can_be_shown() {
    let path = file("retire.toml", RULES);
    let text = "554 5.7.1 <user@example.com>: Relay access denied";
    let before = stdout(smtpwhy().args(["--json", text]), 0);
    assert!(before.contains("\"entry\":\"postfix-relay-denied\""));
    let after = stdout(smtpwhy().arg("--codes").arg(&path).args(["--json", text]), 0);
    assert!(after.contains("\"cause\":\"relay-denied\"") && !after.contains("postfix-relay-denied"), "{after}");
    stdout(smtpwhy().arg("--codes").arg(&path).args(["show", "postfix-relay-denied"]), 0);
}

#[test]
fn check_runs_the_examples() {
    let good = file("good.toml", RULES);
    assert!(stdout(smtpwhy().arg("check").arg(&good), 0).contains("2 rules, 3 examples, 0 failed"));
    let bad = file("bad.toml", &RULES.replace("house sentinel holds\"", "house sentinel keeps\""));
    let told = stdout(smtpwhy().arg("check").arg(&bad), 1);
    assert!(told.contains("bad.toml: house-quarantine: ") && told.contains("House Sentinel holds this message"), "{told}");
}

#[test]
fn mistakes_are_told_with_file_and_entry() {
    for (name, from, to, told) in [
        ("cause.toml", "cause = \"policy\"", "cause = \"polizy\"", "house-quarantine: unknown cause 'polizy'"),
        ("field.toml", "title =", "titel =", "unknown field `titel`"),
        ("id.toml", "\"house-quarantine\"", "\"quarantine\"", "the id must begin with 'house-'"),
        ("change.toml", "id = \"google-dmarc-policy\"", "id = \"google-no-such\"", "google-no-such: no entry has this id"),
        ("concept.toml", "needs = [\"house-word\"]", "needs = [\"no-such\"]", "house-flurb: unknown concept 'no-such'"),
    ] {
        let path = file(name, &RULES.replace(from, to));
        let message = stderr(smtpwhy().arg("check").arg(&path), 2);
        assert!(message.contains(name) && message.contains(told), "{name}: {message}");
    }
    let long = file("long.toml", &RULES.replace("The house gateway", &"house ".repeat(12_000)));
    let message = stderr(smtpwhy().arg("check").arg(&long), 2);
    assert!(message.contains("long.toml: house-quarantine: a text of more than 65,535 bytes"), "{message}");
    let missing = stderr(smtpwhy().args(["--codes", "/no/such/file.toml", "550"]), 2);
    assert!(missing.contains("/no/such/file.toml: cannot read"), "{missing}");
}
