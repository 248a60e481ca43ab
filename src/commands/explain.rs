//! `smtpwhy [REPLY]…`: explains replies from the arguments or standard input.

use std::io::{Read as _, Write};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::{Outcome, Tip, nearest, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Asked, Cli, Format, Options};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::explain::Finding;
use crate::input::source::{self, Source};
use crate::matcher::Context;
use crate::render;
use crate::reply;
use crate::settings::Settings;

/// Names of the commands, for people who mistype one.
const COMMANDS: [&str; 10] = ["scan", "unknown", "annotate", "diff", "show", "list", "check", "completions", "man", "help"];

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
    if reads_stdin(words) {
        let source = standard_input(words, settings)?;
        let (source, is_log) = super::scan::recognise(source, catalogue)?;
        if is_log {
            return super::scan::piped(out, catalogue, source, cli, settings);
        }
        return explain_all(out, catalogue, &read_all(source)?, context, cli, settings);
    }
    explain_all(out, catalogue, &[words.join(" ")], context, cli, settings)
}

fn explain_all(
    out: &mut dyn Write,
    catalogue: Catalogue,
    texts: &[String],
    context: Context<'_>,
    cli: &Cli,
    settings: &Settings,
) -> Result<Outcome> {
    let words = &cli.reply;
    let findings: Vec<Finding> = texts.iter().map(|t| crate::explain::explain(catalogue, t, context)).collect();
    if findings.iter().all(|f| f.matched.by == crate::matcher::By::None) {
        mistyped(words)?;
    }
    if settings.verbose {
        eprintln!("smtpwhy: {} from {}", count(texts.len()), if words.is_empty() { "standard input" } else { "the arguments" });
    }
    show(out, &findings, cli, settings)
}

/// Prints findings, and tells what they mean for the exit status.
pub fn show(out: &mut dyn Write, findings: &[Finding], cli: &Cli, settings: &Settings) -> Result<Outcome> {
    if !settings.quiet {
        render::findings(out, settings.format.unwrap_or(Format::Text), settings.style, findings)?;
    }
    Ok(outcome(findings, &cli.options))
}

fn count(replies: usize) -> String {
    if replies == 1 { "one reply".to_string() } else { format!("{replies} replies") }
}

fn reads_stdin(words: &[String]) -> bool {
    words.is_empty() || matches!(words, [dash] if dash == "-")
}

fn standard_input(words: &[String], settings: &Settings) -> Result<Source> {
    if settings.stdin_is_terminal && words.is_empty() {
        return Err(anyhow!("no reply given").context(Tip("type a reply, or pipe one in: smtpwhy 550 5.7.26".into())));
    }
    source::open(Path::new("-")).context("standard input: cannot read")
}

/// The replies in a text of bounded size.
fn read_all(source: Source) -> Result<Vec<String>> {
    let mut bytes = Vec::new();
    source.reader.take(MOST_INPUT).read_to_end(&mut bytes).context("standard input: cannot read")?;
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
