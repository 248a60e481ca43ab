//! Cuts inputs of any format into records: finds the format of a whole file by
//! its first bytes, of a line by its shape. It must not know what records mean
//! or how they are shown.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::time::SystemTime;

use super::filter::Filter;
use super::ruling::Judge;
use super::{KEPT_UNMATCHED, Report, Seen, Sink};
use crate::input::envelope::{self, Message};
use crate::input::time::Time;
use crate::input::{Kind, Lines, Record, plain, source};
use crate::input::{courier::Courier, exim::Exim, haraka::Haraka, opensmtpd::OpenSmtpd, postfix::Postfix, qmail::Qmail, sendmail::Sendmail};

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The format, where the user named it.
    pub input: Option<String>,
    /// Columns of a table, such as `reply=…`.
    pub columns: Vec<(String, String)>,
}

/// Longest line read; what is longer is cut and reported.
const MOST_LINE: usize = 1 << 20;
/// Largest file that is read as a whole: mails and JSON documents.
const MOST_WHOLE: u64 = 64 << 20;
/// Bytes at the start of a file that its format is told by.
const HEAD: usize = 16 << 10;

/// Reads inputs one after another; what lines of one file say about later ones
/// is kept across files, for rotated logs.
pub struct Reader<'f> {
    settings: Settings,
    judge: Judge,
    filter: &'f Filter,
    formats: Vec<(&'static str, Box<dyn Lines>)>,
    pub report: Report,
    year: i16,
    name: String,
}

impl<'f> Reader<'f> {
    pub fn new(settings: Settings, judge: Judge, filter: &'f Filter) -> Reader<'f> {
        let formats: Vec<(&'static str, Box<dyn Lines>)> = vec![
            ("postfix", Box::new(Postfix::default())),
            ("exim", Box::new(Exim::default())),
            ("sendmail", Box::new(Sendmail::default())),
            ("opensmtpd", Box::new(OpenSmtpd::default())),
            ("qmail", Box::new(Qmail::default())),
            ("courier", Box::new(Courier::default())),
            ("haraka", Box::new(Haraka::default())),
        ];
        let report = Report::default();
        Reader { settings, judge, filter, formats, report, year: year_of(SystemTime::now()), name: String::new() }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// Only trouble of the sink.
    pub fn file(&mut self, path: &Path, sink: &mut dyn Sink) -> io::Result<()> {
        let source = match source::open(path) {
            Ok(source) => source,
            Err(error) => {
                self.report.unreadable.push(format!("{}: cannot read: {error}", path.display()));
                return Ok(());
            }
        };
        self.year = year_of(source.modified.unwrap_or_else(SystemTime::now));
        self.name.clone_from(&source.name);
        self.lines(source.reader, sink)
    }

    fn lines(&mut self, mut reader: Box<dyn BufRead>, sink: &mut dyn Sink) -> io::Result<()> {
        let mut buffer = Vec::new();
        let mut number = 0;
        loop {
            buffer.clear();
            match read_line(&mut reader, &mut buffer) {
                Ok(0) => break,
                Ok(whole) => {
                    number += 1;
                    if whole > buffer.len() {
                        self.report.unreadable.push(format!("{}:{number}: line cut after {MOST_LINE} bytes", self.name));
                    }
                }
                Err(error) => {
                    self.report.unreadable.push(format!("{}:{}: cannot read: {error}", self.name, number + 1));
                    break;
                }
            }
            let line = String::from_utf8_lossy(trimmed(&buffer));
            self.line(&line, number, sink)?;
        }
        self.report.lines += number;
        self.end(sink)
    }

    fn line(&mut self, line: &str, number: u64, sink: &mut dyn Sink) -> io::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        let message = envelope::open(line);
        let mut records = Vec::new();
        let claimed = self.formats.iter_mut().find(|(name, f)| self.settings.input.as_deref().is_none_or(|i| i == *name) && f.claims(&message));
        match claimed {
            Some((name, format)) => {
                format.read(&message, number, &mut records);
                note(&mut self.report.formats, name);
            }
            None => self.unclaimed(line, &message, number, &mut records),
        }
        self.give(&records, sink)
    }

    /// A line of no known format: a bare reply, or one that looks like a
    /// failure.
    fn unclaimed<'l>(&mut self, line: &'l str, message: &Message<'l>, number: u64, records: &mut Vec<Record<'l>>) {
        if let Some(record) = plain::read(line, number) {
            note(&mut self.report.formats, "plain");
            records.push(record);
        } else if plain::looks_like_failure(&message.text) {
            self.report.unmatched_count += 1;
            if self.report.unmatched.len() < KEPT_UNMATCHED {
                self.report.unmatched.push((self.name.clone(), number, line.to_string()));
            }
        }
    }

    fn end(&mut self, sink: &mut dyn Sink) -> io::Result<()> {
        let mut records = Vec::new();
        self.formats.iter_mut().for_each(|(_, f)| f.end(&mut records));
        self.give(&records, sink)
    }

    fn give(&mut self, records: &[Record<'_>], sink: &mut dyn Sink) -> io::Result<()> {
        for record in records {
            self.give_one(record, None, sink)?;
        }
        Ok(())
    }

    fn give_one(&mut self, record: &Record<'_>, label: Option<&'static str>, sink: &mut dyn Sink) -> io::Result<()> {
        let time = record.time.as_deref().and_then(|raw| Time::parse(raw, self.year));
        if time.is_some_and(|t| t.offset.is_none()) && self.report.assumed_year.is_none() {
            self.report.assumed_year = time.map(|t| t.at.year());
        }
        let ruling = self.judge.rule(record);
        if !self.filter.keeps(record, &ruling, time) {
            return Ok(());
        }
        sink.take(&Seen { record, ruling: &ruling, time, file: &self.name, label, judge: &self.judge })
    }
}

/// Reads up to a line end; gives the bytes that the line has, of which at most
/// [`MOST_LINE`] are kept.
fn read_line(reader: &mut dyn BufRead, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let kept = reader.take(MOST_LINE as u64).read_until(b'\n', buffer)?;
    if kept < MOST_LINE || buffer.last() == Some(&b'\n') {
        return Ok(kept);
    }
    Ok(kept + skip_line(reader)?)
}

fn skip_line(reader: &mut dyn BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(skipped);
        }
        let end = chunk.iter().position(|b| *b == b'\n');
        let used = end.map_or(chunk.len(), |n| n + 1);
        reader.consume(used);
        skipped += used;
        if end.is_some() {
            return Ok(skipped);
        }
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn note(formats: &mut Vec<&'static str>, name: &'static str) {
    if !formats.contains(&name) {
        formats.push(name);
    }
}

fn year_of(time: SystemTime) -> i16 {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let stamp = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0)).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(stamp).year()
}
