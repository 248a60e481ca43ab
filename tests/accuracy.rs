//! How often the tool is right on labelled replies (`tests/corpus/`): fails
//! below the figures reached. `cargo test --test accuracy -- --nocapture`
//! prints them, and the table of each provider's replies with that provider's
//! own file left out.

#![allow(clippy::print_stdout, reason = "the figures are printed for people")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use smtpwhy::{Catalogue, Confidence, Context, Finding, Kind};

/// Causes that are a finer form of another and count for it.
const FINER: [(&str, &[&str]); 6] = [
    ("mailbox-rate-limited", &["rate-limited"]),
    ("account-suspended", &["sender-rejected", "policy", "auth-failed", "bad-reputation"]),
    ("receiver-misconfigured", &["server-error", "dns-failure", "mail-loop"]),
    ("in-progress", &["delivered"]),
    ("request-invalid", &["content-malformed", "syntax-error", "sender-rejected"]),
    ("client-error", &["network", "tls-failed", "auth-failed"]),
];

#[derive(Default, Clone, Copy)]
struct Score {
    total: usize,
    cause: usize,
    verdict: usize,
    both: usize,
    wrongly_removed: usize,
}

impl Score {
    fn add(&mut self, finding: &Finding, causes: &[&str], verdicts: &[&str]) -> bool {
        let id = finding.cause.id();
        let finer = FINER.iter().find(|(fine, _)| *fine == id).map_or(&[][..], |(_, list)| *list);
        let cause = causes.contains(&id) || finer.iter().any(|c| causes.contains(c));
        let verdict = verdicts.contains(&finding.verdict.name());
        self.total += 1;
        self.cause += usize::from(cause);
        self.verdict += usize::from(verdict);
        self.both += usize::from(cause && verdict);
        self.wrongly_removed += usize::from(finding.verdict.name() == "remove" && !verdict);
        cause && verdict
    }

    fn print(&self, name: &str) {
        let share = |n: usize| 100.0 * n as f64 / self.total.max(1) as f64;
        println!(
            "{name:<24} {:>5} replies  cause {:>5.1} %  verdict {:>5.1} %  both {:>5.1} %  wrongly removed {}",
            self.total,
            share(self.cause),
            share(self.verdict),
            share(self.both),
            self.wrongly_removed
        );
    }

    fn at_least(&self, cause: f64, verdict: f64) {
        let share = |n: usize| 100.0 * n as f64 / self.total as f64;
        assert!(share(self.cause) >= cause, "cause {:.1} % is below {cause} %", share(self.cause));
        assert!(share(self.verdict) >= verdict, "verdict {:.1} % is below {verdict} %", share(self.verdict));
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

fn corpus() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/replies.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn labelled_replies_are_explained_as_well_as_before() {
    let mut all = Score::default();
    let mut parts: BTreeMap<String, Score> = BTreeMap::new();
    let mut levels: BTreeMap<Confidence, Score> = BTreeMap::new();
    for row in corpus() {
        let text = row["text"].as_str().unwrap();
        let finding = smtpwhy::explain(text);
        let (causes, verdicts) = (strings(&row["causes"]), strings(&row["verdicts"]));
        let right = all.add(&finding, &causes, &verdicts);
        let part = if row["trap"] == true { "traps".to_string() } else { format!("language {}", row["lang"].as_str().unwrap()) };
        parts.entry(part).or_default().add(&finding, &causes, &verdicts);
        levels.entry(finding.confidence).or_default().add(&finding, &causes, &verdicts);
        if !right && std::env::var_os("MISSES").is_some() {
            let by = finding.entry.map(|e| e.id()).or(finding.matched.rule).unwrap_or("-");
            println!("{} {}/{} by {by}, want {causes:?} {verdicts:?}: {text}", row["id"], finding.cause.id(), finding.verdict.name());
        }
    }
    all.print("all");
    parts.iter().for_each(|(name, score)| score.print(name));
    levels.iter().for_each(|(level, score)| score.print(&format!("confidence {level:?}").to_lowercase()));
    all.at_least(86.0, 93.0);
    assert!(all.wrongly_removed <= 2, "{} good addresses removed", all.wrongly_removed);
}

/// Each speaker's examples, explained by the rest of the catalogue: the
/// nearest there is to replies nobody has seen.
#[test]
fn the_rest_explains_what_one_file_knew() {
    let built_in = Catalogue::built_in();
    let mut kinds: BTreeMap<&str, Score> = BTreeMap::new();
    let mut all = Score::default();
    for speaker in built_in.speakers().filter(|s| s.kind() != Kind::Client) {
        let ids: Vec<String> = speaker.entries().map(|e| format!("\"{}\"", e.id())).collect();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("without-{}.toml", speaker.id()));
        std::fs::write(&path, format!("retire = [{}]\n", ids.join(", "))).unwrap();
        let rest = Catalogue::with_own(&[path]).unwrap_or_else(|m| panic!("{m}"));
        let mut score = Score::default();
        for entry in speaker.entries().filter(|e| !e.is_http() && !e.example().is_empty()) {
            let known = smtpwhy::explain_in(entry.example(), Context { speaker: Some(speaker), ..Context::default() });
            let unseen = smtpwhy::explain::explain(rest, entry.example(), Context::default());
            let both = |s: &mut Score| s.add(&unseen, &[known.cause.id()], &[known.verdict.name()]);
            if !both(&mut score) && std::env::var_os("MISSES").is_some() {
                let by = unseen.entry.map(|e| e.id()).or(unseen.matched.rule).unwrap_or("-");
                let (got, want) = (unseen.verdict.name(), known.verdict.name());
                println!("{} {}/{got} by {by}, want {}/{want}: {}", entry.id(), unseen.cause.id(), known.cause.id(), entry.example());
            }
            both(&mut all);
            both(kinds.entry(kind_name(speaker.kind())).or_default());
        }
        if score.total >= 10 {
            score.print(speaker.id());
        }
    }
    kinds.iter().for_each(|(name, score)| score.print(name));
    all.print("all left out");
    all.at_least(63.0, 82.0);
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Provider => "mailbox providers",
        Kind::Service => "sending services",
        Kind::Server => "mail servers",
        Kind::Filter => "filters",
        Kind::Blocklist => "blocklists",
        Kind::Client => "clients",
    }
}
