//! A provider that turned against the sender is called out above the table.
#![cfg(feature = "cli")]

use assert_cmd::Command;

/// A made-up log: mail to one provider goes through, then is slowed down.
fn log() -> String {
    let line = |clock: &str, n: usize, outcome: &str| {
        format!(
            "2026-11-21T{clock}+00:00 mail postfix/smtp[7]: 4B{n:08X}: to=<user{n}@example.com>, relay=mx.example.com[192.0.2.25]:25, delay=1, delays=0/0/0/1, {outcome}\n"
        )
    };
    let sent = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZ)";
    let slowed = "dsn=4.7.28, status=deferred (host mx.example.com[192.0.2.25] said: 421 4.7.28 Rate limit exceeded, try again later (in reply to RCPT TO command))";
    let before = (0..60).map(|n| line(&format!("13:{n:02}:00"), n, sent));
    let burst = (0..40).map(|n| line(&format!("14:{:02}:30", n + 5), 100 + n, slowed));
    before.chain(burst).collect()
}

fn scan(args: &[&str], log: &str) -> String {
    let mut command = Command::cargo_bin("smtpwhy").unwrap();
    let done = command.arg("scan").args(args).env_clear().write_stdin(log).assert().code(0);
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

#[test]
fn the_summary_begins_with_the_alarm() {
    let page = scan(&[], &log());
    let told = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let alarm = "ALARM example.com turned against us: rate-limited since 2026-11-21 14:05, 40 attempts, 40 recipients, still going on";
    assert!(told.contains(alarm), "{page}");
    assert!(page.find("ALARM") < page.find("Verdict"), "{page}");
    assert!(page.lines().filter(|l| l.contains("ALARM")).all(|l| l.chars().count() <= 80), "{page}");
}

#[test]
fn json_holds_the_alarms() {
    let of = |args: &[&str], log: &str| -> serde_json::Value { serde_json::from_str(&scan(args, log)).unwrap() };
    let all = of(&["-f", "json"], &log());
    let alarm = &all["alarms"][0];
    assert_eq!(
        (&alarm["provider"], &alarm["cause"], &alarm["attempts"], &alarm["going_on"]),
        (&"example.com".into(), &"rate-limited".into(), &40.into(), &true.into()),
        "{all}"
    );
    assert_eq!(of(&["-f", "json", "--verdict", "retry"], &log())["alarms"], serde_json::json!([]), "shares of a part tell nothing");
}
