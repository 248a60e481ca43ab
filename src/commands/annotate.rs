//! `smtpwhy annotate [FILE]…`: JSON lines in, the same lines out with what their
//! replies mean. It must not know how an answer is found or looks, and changes
//! nothing else on a line.

mod answers;
mod object;

use std::borrow::Cow;
use std::io::{self, BufRead as _, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::{Outcome, Tip, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Annotate, Format, Options};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::input::ahead::Ahead;
use crate::input::source::{self, Source};
use crate::settings::Settings;
use crate::{message, render, sanitize};
use answers::{Answers, Question};
use object::Object;

/// The key of the answer.
const KEY: &str = "smtpwhy";
/// Keys under which a reply is looked for, in this order.
const REPLIES: [&str; 7] = ["reply", "response", "diagnostic", "diagnostic_code", "reason", "message", "text"];
/// Longest line read; what is longer is cut and reported.
const MOST_LINE: usize = 1 << 20;
/// Bytes written at a time.
const BUFFER: usize = 64 << 10;
/// Exit status where a line or an input was not in order.
const TROUBLE: u8 = 2;

/// Annotates the files, or standard input.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, args: &Annotate, options: &Options, settings: &Settings) -> Result<Outcome> {
    if !matches!(settings.format, None | Some(Format::Jsonl)) {
        return Err(anyhow!("annotate: prints JSON lines and no other format"));
    }
    let answers = Answers::new(catalogue, speaker(catalogue, options.provider.as_deref())?);
    let files = files(args, settings)?;
    let mut nowhere = io::sink();
    let out = BufWriter::with_capacity(BUFFER, if settings.quiet { &mut nowhere } else { out });
    let mut run = Run {
        out,
        answers,
        field: args.field.as_deref(),
        verdicts: Vec::new(),
        bad_lines: 0,
        trouble: false,
        on_terminal: settings.stdout_is_terminal,
    };
    for file in &files {
        run.file(file)?;
    }
    run.out.flush()?;
    if run.bad_lines > 0 {
        let lines =
            if run.bad_lines == 1 { "1 line is not a JSON object".into() } else { format!("{} lines are not JSON objects", run.bad_lines) };
        message::tell(&format!("{lines} or too long"));
    }
    Ok(run.outcome(options))
}

fn files(args: &Annotate, settings: &Settings) -> Result<Vec<PathBuf>> {
    match args.files.as_slice() {
        [] if settings.stdin_is_terminal => {
            Err(anyhow!("annotate: no file given").context(Tip("name a file of JSON lines, or pipe one in".into())))
        }
        [] => Ok(vec![PathBuf::from("-")]),
        files => Ok(files.to_vec()),
    }
}

struct Run<'a, W: Write> {
    out: BufWriter<W>,
    answers: Answers,
    field: Option<&'a str>,
    /// The different verdicts met.
    verdicts: Vec<Verdict>,
    bad_lines: usize,
    trouble: bool,
    /// A person reads the output.
    on_terminal: bool,
}

/// How much of a line was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Whole,
    Cut,
    End,
}

impl<W: Write> Run<'_, W> {
    /// Annotates one file; one that cannot be read is reported and passed over.
    fn file(&mut self, path: &Path) -> Result<()> {
        match source::open(path) {
            Ok(source) => self.lines(source),
            Err(error) => {
                self.unreadable(&path.display().to_string(), &error);
                Ok(())
            }
        }
    }

    fn lines(&mut self, source: Source) -> Result<()> {
        let mut reader = source.reader;
        let mut line = Vec::new();
        for number in 1_u64.. {
            let read = match next_line(&mut reader, &mut line, &mut self.out)? {
                Ok(Read::End) => break,
                Ok(read) => read,
                Err(error) => {
                    self.unreadable(&source.name, &error);
                    break;
                }
            };
            if !line.trim_ascii().is_empty() {
                let place = Place { file: &source.name, number };
                self.line(&place, &line, read)?;
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) {
        self.trouble = true;
        message::tell(&format!("{name}: cannot read: {error}"));
    }

    fn line(&mut self, place: &Place<'_>, line: &[u8], read: Read) -> Result<()> {
        if read == Read::Cut {
            return self.bad(place, &format!("longer than {MOST_LINE} bytes"), line);
        }
        let Some(object) = Object::read(line) else {
            return self.bad(place, "not a JSON object", line);
        };
        let json = match reply(&object, self.field) {
            None => "null",
            Some(reply) => {
                let (relay, stage) = (object.text("relay"), object.text("stage"));
                let answer = self.answers.to(&Question {
                    reply: &reply,
                    relay: relay.as_deref(),
                    stage: stage.and_then(|s| Stage::parse(&s)),
                    inbound: object.text("direction").is_some_and(|d| d == "in"),
                })?;
                if !self.verdicts.contains(&answer.verdict) {
                    self.verdicts.push(answer.verdict);
                }
                &answer.json
            }
        };
        if self.on_terminal {
            let mut line = Vec::new();
            object.write_with(&mut line, KEY, json)?;
            self.out.write_all(shown(&line).as_bytes())?;
        } else {
            object.write_with(&mut self.out, KEY, json)?;
        }
        Ok(self.out.write_all(b"\n")?)
    }

    fn bad(&mut self, place: &Place<'_>, what: &str, line: &[u8]) -> Result<()> {
        self.bad_lines += 1;
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        Ok(render::bad_line(&mut self.out, &format!("{place}: {what}"), &line)?)
    }

    fn outcome(&self, options: &Options) -> Outcome {
        if self.trouble || self.bad_lines > 0 {
            return Outcome::Status(TROUBLE);
        }
        let mut seen = self.verdicts.iter().copied();
        match options.is {
            Some(asked) if seen.any(|v| super::explain::is_verdict(v, asked)) => Outcome::Done,
            Some(_) => Outcome::Nothing,
            None if options.exit_code => super::explain::worst(seen),
            None => Outcome::Done,
        }
    }
}

/// The same JSON without what a terminal would act on.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line).replace(['\t', '\r'], " ");
    sanitize::json(&text).into_owned()
}

/// Where a line stands.
struct Place<'a> {
    file: &'a str,
    number: u64,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.file != "-" {
            write!(f, "{}: ", self.file)?;
        }
        write!(f, "line {}", self.number)
    }
}

/// The reply of an object: under the key asked for, else under the first usual
/// one. A blank string is none.
fn reply<'l>(object: &Object<'l>, field: Option<&str>) -> Option<Cow<'l, str>> {
    let text = |name: &str| object.text(name).filter(|t| !t.trim().is_empty());
    match field {
        Some(field) => text(field),
        None => REPLIES.iter().find_map(|name| text(name)),
    }
}

/// Reads a line without its end, at most [`MOST_LINE`] bytes of it. Before the
/// input may have to be waited for, what was written is sent on. The outer
/// error is the output's, the inner one the input's.
fn next_line(reader: &mut Ahead, line: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<io::Result<Read>> {
    line.clear();
    let (mut started, mut read) = (false, Read::Whole);
    loop {
        if reader.buffered().is_empty() {
            out.flush()?;
        }
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Err(error)),
        };
        if chunk.is_empty() {
            return Ok(Ok(if started { read } else { Read::End }));
        }
        started = true;
        let end = chunk.iter().position(|b| *b == b'\n');
        let text = &chunk[..end.unwrap_or(chunk.len())];
        let room = MOST_LINE - line.len();
        if text.len() > room {
            read = Read::Cut;
        }
        line.extend_from_slice(&text[..text.len().min(room)]);
        let used = end.map_or(text.len(), |n| n + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(Ok(read));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_the_same_json_without_escapes() {
        let line = "{\"reply\":\"550 \u{9b}31m\u{202e}\u{7f}\",\r\t\"a\":1}";
        let safe = shown(line.as_bytes());
        assert!(safe.bytes().all(|b| (b' '..=b'~').contains(&b)), "{safe}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&safe), value(line));
        assert!(!shown(b"{\"a\":\"\x9b31m\"}").contains('\u{9b}'));
    }
}
