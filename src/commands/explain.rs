//! `smtpwhy [REPLY]…`: explains replies from the arguments or standard input.

use std::io::{Read, Write};

use anyhow::{Context as _, Result, anyhow};

use super::{Outcome, Tip, nearest, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Asked, Cli, Format, Options};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::explain::Finding;
use crate::matcher::Context;
use crate::render;
use crate::reply;
use crate::settings::Settings;

/// Names of the commands, for people who mistype one.
const COMMANDS: [&str; 8] = ["scan", "unknown", "show", "list", "check", "completions", "man", "help"];

/// Most bytes read from standard input.
const MOST_INPUT: u64 = 64 << 20;

/// Explains what the arguments or standard input hold.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, cli: &Cli, settings: &Settings) -> Result<Outcome> {
    let (words, options) = (&cli.reply, &cli.options);
    let context = Context {
        speaker: speaker(catalogue, options.provider.as_deref())?,
        relay: cli.context.relay.as_deref(),
        stage: cli.context.stage.as_deref().and_then(Stage::parse),
        inbound: cli.context.direction.as_deref() == Some("in"),
        ..Context::default()
    };
    let texts = texts(words, settings)?;
    let findings: Vec<Finding> = texts.iter().map(|t| crate::explain::explain(catalogue, t, context)).collect();
    if findings.iter().all(|f| f.matched.by == crate::matcher::By::None) {
        mistyped(words)?;
    }
    if settings.verbose {
        eprintln!("smtpwhy: {} from {}", count(texts.len()), if words.is_empty() { "standard input" } else { "the arguments" });
    }
    if !settings.quiet {
        render::findings(out, settings.format.unwrap_or(Format::Text), settings.style, &findings)?;
    }
    Ok(outcome(&findings, options))
}

fn count(replies: usize) -> String {
    if replies == 1 { "one reply".to_string() } else { format!("{replies} replies") }
}

fn texts(words: &[String], settings: &Settings) -> Result<Vec<String>> {
    let from_stdin = words.is_empty() || matches!(words, [dash] if dash == "-");
    if !from_stdin {
        return Ok(vec![words.join(" ")]);
    }
    if settings.stdin_is_terminal && words.is_empty() {
        return Err(anyhow!("no reply given").context(Tip("type a reply, or pipe one in: smtpwhy 550 5.7.26".into())));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST_INPUT).read_to_end(&mut bytes).context("standard input: cannot read")?;
    Ok(reply::split(&String::from_utf8_lossy(&bytes)).into_iter().map(str::to_string).collect())
}

/// A single word that is no reply may be a command or a file.
fn mistyped(words: &[String]) -> Result<()> {
    let [word] = words else { return Ok(()) };
    let plain = !word.contains(char::is_whitespace) && !word.bytes().any(|b| b.is_ascii_digit());
    if let Some(near) = nearest(word, COMMANDS.into_iter()).first().filter(|_| plain) {
        return Err(anyhow!("no reply in '{word}'").context(Tip(format!("did you mean smtpwhy {near}?"))));
    }
    if !word.contains(char::is_whitespace) && std::path::Path::new(word).is_file() {
        return Err(anyhow!("'{word}' is a file, not a reply").context(Tip(format!("read it from standard input: smtpwhy < {word}"))));
    }
    Ok(())
}

fn outcome(findings: &[Finding], options: &Options) -> Outcome {
    if let Some(asked) = options.is {
        return if findings.iter().any(|f| is_verdict(f.verdict, asked)) { Outcome::Done } else { Outcome::Nothing };
    }
    if options.exit_code {
        return worst(findings.iter().map(|f| f.verdict));
    }
    let known = findings.iter().any(|f| !f.is_unknown());
    if known { Outcome::Done } else { Outcome::Nothing }
}

/// The verdict is the one asked for.
pub fn is_verdict(verdict: Verdict, asked: Asked) -> bool {
    match asked {
        Asked::Ok => verdict == Verdict::Ok,
        Asked::Retry => verdict == Verdict::Retry,
        Asked::Fix => verdict == Verdict::Fix,
        Asked::Remove => verdict == Verdict::Remove,
        Asked::Unknown => verdict == Verdict::Unknown,
        Asked::Known => verdict != Verdict::Unknown,
    }
}

/// The status of the most severe verdict.
pub fn worst(verdicts: impl Iterator<Item = Verdict>) -> Outcome {
    Outcome::Status(status(verdicts.max_by_key(|v| severity(*v)).unwrap_or(Verdict::Unknown)))
}

/// The status that stands for a verdict under `--exit-code`.
fn status(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Ok => 0,
        Verdict::Retry => 10,
        Verdict::Fix => 11,
        Verdict::Remove => 12,
        Verdict::Unknown => 1,
    }
}

/// Which of several verdicts decides the status.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Ok => 0,
        Verdict::Unknown => 1,
        Verdict::Retry => 2,
        Verdict::Fix => 3,
        Verdict::Remove => 4,
    }
}
