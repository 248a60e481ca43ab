//! `smtpwhy [REPLY]…`: explains replies from the arguments or standard input.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::{Outcome, Tip, nearest, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Asked, Cli, Format};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::explain::Finding;
use crate::input::source::{self, Source};
use crate::matcher::Context;
use crate::message;
use crate::render;
use crate::reply::{Piece, Splitter};
use crate::settings::Settings;

/// Names of the commands, for people who mistype one.
const COMMANDS: [&str; 10] = ["scan", "unknown", "annotate", "diff", "show", "list", "check", "completions", "man", "help"];

/// Bytes of a line that are kept.
const MOST_LINE: usize = 256 << 10;
/// Exit status where some input could not be read whole.
const TROUBLE: u8 = 2;

/// Explains what the arguments or standard input hold.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, cli: &Cli, settings: &Settings) -> Result<Outcome> {
    let words: Vec<String> = cli.reply.iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let (words, options) = (words.as_slice(), &cli.options);
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
        let mut told = Told::new(out, cli, settings)?;
        let trouble = pasted(source, |reply| told.add(&crate::explain::explain(catalogue, reply, context)))?;
        let outcome = told.end()?;
        return Ok(if trouble { Outcome::Status(TROUBLE) } else { outcome });
    }
    let finding = crate::explain::explain(catalogue, &words.join(" "), context);
    if finding.matched.by == crate::matcher::By::None {
        mistyped(words)?;
    }
    show(out, &[finding], cli, settings)
}

/// Prints findings, and tells what they mean for the exit status.
pub fn show(out: &mut dyn Write, findings: &[Finding], cli: &Cli, settings: &Settings) -> Result<Outcome> {
    let mut told = Told::new(out, cli, settings)?;
    findings.iter().try_for_each(|f| told.add(f))?;
    told.end()
}

/// Prints findings one by one, and keeps what decides the exit status.
struct Told<'a> {
    /// `None`: nothing is printed.
    page: Option<render::Findings<'a>>,
    cli: &'a Cli,
    verbose: bool,
    count: usize,
    known: bool,
    asked: bool,
    worst: Option<Verdict>,
}

impl<'a> Told<'a> {
    fn new(out: &'a mut dyn Write, cli: &'a Cli, settings: &Settings) -> Result<Told<'a>> {
        let format = settings.format.unwrap_or(Format::Text);
        let page = if settings.quiet { None } else { Some(render::Findings::new(out, format, settings.style)?) };
        Ok(Told { page, cli, verbose: settings.verbose, count: 0, known: false, asked: false, worst: None })
    }

    fn add(&mut self, finding: &Finding) -> Result<()> {
        self.count += 1;
        self.known |= !finding.is_unknown();
        self.asked |= self.cli.options.is.is_some_and(|asked| is_verdict(finding.verdict, asked));
        self.worst = self.worst.into_iter().chain([finding.verdict]).max_by_key(|v| severity(*v));
        self.page.iter_mut().try_for_each(|page| page.add(finding))?;
        Ok(())
    }

    fn end(self) -> Result<Outcome> {
        self.page.map(render::Findings::end).transpose()?;
        if self.verbose {
            let from = if self.cli.reply.is_empty() { "standard input" } else { "the arguments" };
            message::tell(&format!("{} from {from}", count(self.count)));
        }
        let yes = |yes| if yes { Outcome::Done } else { Outcome::Nothing };
        Ok(match &self.cli.options {
            options if options.is.is_some() => yes(self.asked),
            options if options.exit_code => worst(self.worst.into_iter()),
            _ => yes(self.known),
        })
    }
}

/// Gives each reply of a pasted text to `explain`; tells whether some of the
/// text could not be read.
fn pasted(mut source: Source, mut explain: impl FnMut(&str) -> Result<()>) -> Result<bool> {
    let (mut splitter, mut trouble) = (Splitter::default(), false);
    let mut give = |piece: Piece, trouble: &mut bool| {
        if piece.left_out > 0 {
            message::tell(&format!("standard input: a reply is too long: {} bytes at its end are left out", piece.left_out));
            *trouble = true;
        }
        explain(&piece.text)
    };
    let mut line = Vec::new();
    for number in 1_u64.. {
        match source.reader.line(MOST_LINE, &mut line) {
            Ok(0) => break,
            Ok(length) if length > line.len() => {
                message::tell(&format!("standard input:{number}: line cut after {MOST_LINE} bytes"));
                trouble = true;
            }
            Ok(_) => {}
            Err(error) => {
                message::tell(&format!("standard input:{number}: cannot read: {error}"));
                trouble = true;
                break;
            }
        }
        if let Some(piece) = splitter.take(&String::from_utf8_lossy(&line)) {
            give(piece, &mut trouble)?;
        }
    }
    if let Some(piece) = splitter.end() {
        give(piece, &mut trouble)?;
    }
    Ok(trouble)
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
