//! Cuts inputs of any format into records: finds the format of a whole file by
//! its first bytes, of a line by its shape. It must not know what records mean
//! or how they are shown.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::time::SystemTime;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::filter::Filter;
use super::pieces::Pieces;
use super::ruling::Judge;
use super::{KEPT_OF_UNMATCHED, Report, Seen, Sink, abreast, parallel};
use crate::input::bounce::{self, Mail, Mails};
use crate::input::csv::Table;
use crate::input::envelope::{self, Message};
use crate::input::events::{self, Event, Objects, Piece};
use crate::input::follow::{self, Plan};
use crate::input::progress::Progress;
use crate::input::record::beginning;
use crate::input::source::Source;
use crate::input::time::{Latest, Stamps, Time};
use crate::input::transcript::{self, Block, Blocks};
use crate::input::{Lines, Record, plain, postfix, source};

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The format, where the user named it.
    pub input: Option<String>,
    /// Columns of a table: `reply=…,recipient=…`.
    pub columns: Option<String>,
    /// Files are followed while they are written.
    pub follow: Option<Plan>,
    /// Shows how far the files are read.
    pub progress: Progress,
    /// Threads that read; 0: line by line, as [`parallel`] must agree with.
    pub threads: usize,
}

/// Longest line read; what is longer is cut and reported.
pub(super) const MOST_LINE: usize = 1 << 20;
/// Bytes of a posted form, which is read as a whole.
const MOST_FORM: u64 = 8 << 20;
/// Bytes of a transcript that is told to be long.
const LONG_TRANSCRIPT: usize = 2 << 20;
/// Bytes at the start of a file that its format is told by.
pub const HEAD: usize = 16 << 10;
/// Lines of it that are shown to each format.
const HEAD_LINES: usize = 50;

/// Reads inputs one after another; what lines of one file say about later ones
/// is kept across files, for rotated logs.
pub struct Reader<'f> {
    settings: Settings,
    pub(super) judge: Judge,
    pub(super) filter: &'f Filter,
    formats: Vec<(&'static str, Box<dyn Lines + Send>)>,
    stamps: Stamps,
    pub report: Report,
    /// See [`Latest`].
    pub(super) year: Latest,
    /// The source that is read.
    pub(super) name: String,
}

/// Formats of whole files, besides those of lines.
const WHOLES: [&str; 5] = ["bounce", "csv", "json", "transcript", "plain"];

/// The names that a format can be asked for by.
pub fn formats() -> Vec<&'static str> {
    super::formats::all().into_iter().map(|(name, _)| name).chain(WHOLES).collect()
}

impl<'f> Reader<'f> {
    pub fn new(settings: Settings, judge: Judge, filter: &'f Filter) -> Reader<'f> {
        let formats = super::formats::all();
        let report = Report::default();
        let year = Latest::written(SystemTime::now());
        Reader { settings, judge, filter, formats, stamps: Stamps::new(year), report, year, name: String::new() }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// Only trouble of the sink.
    pub fn file(&mut self, path: &Path, sink: &mut dyn Sink) -> io::Result<()> {
        let opened = match &self.settings.follow {
            Some(plan) => follow::open(path, plan),
            None => source::open_counted(path, &self.settings.progress),
        };
        let source = match opened {
            Ok(source) => source,
            Err(error) => {
                self.report.trouble(format!("{}: cannot read: {error}", path.display()));
                return Ok(());
            }
        };
        self.opened(source, sink)
    }

    /// Reads an input that is open already.
    ///
    /// # Errors
    /// Only trouble of the sink.
    pub fn opened(&mut self, source: Source, sink: &mut dyn Sink) -> io::Result<()> {
        self.year = Latest::written(source.modified.unwrap_or_else(SystemTime::now));
        self.stamps = Stamps::new(self.year);
        self.name.clone_from(&source.name);
        if let Err(error) = self.source(source, sink)? {
            self.report.trouble(format!("{}: cannot read: {error}", self.name));
        }
        Ok(())
    }

    /// The first bytes are of a log, a mail, an event or a table, not of a
    /// reply that somebody pasted.
    pub fn recognises(&self, head: &str) -> bool {
        match self.whole(head) {
            Whole::Lines => head.lines().take(HEAD_LINES).any(|l| self.claims(l)),
            Whole::Table(_) | Whole::Mail | Whole::Json | Whole::Form | Whole::Transcript => true,
        }
    }

    /// The first bytes show the format, whatever follows them: lines of a log.
    /// One that is still written need not be waited for.
    pub fn is_settled(&self, head: &[u8]) -> bool {
        let lines = head.iter().filter(|b| **b == b'\n').count();
        let text = String::from_utf8_lossy(head);
        let Some((lines_so_far, _)) = text.rsplit_once('\n').filter(|_| lines <= HEAD_LINES) else { return false };
        self.begins_log(lines_so_far) && matches!(self.whole(lines_so_far), Whole::Lines)
    }

    /// The first line is of a log. It may look like a header of a mail: `ID: to=<a@b>`.
    fn begins_log(&self, head: &str) -> bool {
        head.trim_start().lines().next().is_some_and(|first| self.claims(first))
    }

    fn claims(&self, line: &str) -> bool {
        let event = || serde_json::from_str(line).is_ok_and(|v| events::recognise(&v).is_some());
        let message = envelope::open(line);
        self.formats.iter().any(|(_, f)| f.claims(&message)) || line.starts_with('{') && event()
    }

    /// Reads a source by the format that its first bytes show. The outer error
    /// is the sink's, the inner one the source's.
    fn source(&mut self, mut source: Source, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        if source.live {
            // What is written line by line is read so, from its first line.
            return self.lines(Box::new(source.reader), true, sink).map(Ok);
        }
        let head = match source.reader.until(HEAD, |head| self.is_settled(head)) {
            Ok(head) => String::from_utf8_lossy(head).into_owned(),
            Err(error) => return Ok(Err(error)),
        };
        match self.whole(&head) {
            Whole::Lines => self.lines(Box::new(source.reader), false, sink).map(Ok),
            Whole::Table(table) => self.table(&table, Box::new(source.reader), sink),
            Whole::Mail => self.mails(source.reader, sink),
            Whole::Json => self.json(source.reader, sink),
            Whole::Form => self.form(source.reader, sink),
            Whole::Transcript => self.transcripts(source.reader, sink),
        }
    }

    /// What kind of whole the first bytes show.
    fn whole(&self, head: &str) -> Whole {
        let asked = self.settings.input.as_deref();
        let table = match &self.settings.columns {
            Some(wanted) => Table::named(head, wanted).ok(),
            None => Table::of(head),
        };
        let is = |name: &str| asked == Some(name);
        if is("bounce") || asked.is_none() && bounce::looks_like_mail(head.as_bytes()) && !self.begins_log(head) {
            return Whole::Mail;
        }
        if is("json") || asked.is_none() && is_json_document(head) {
            return if events::form::parse(head).is_some() { Whole::Form } else { Whole::Json };
        }
        if let Some(table) = table.filter(|_| asked.is_none_or(|a| a == "csv")) {
            return Whole::Table(table);
        }
        let claimed = || head.lines().take(HEAD_LINES).any(|l| self.claims(l));
        if is("transcript") || asked.is_none() && transcript::recognise(head) && !claimed() {
            return Whole::Transcript;
        }
        Whole::Lines
    }

    fn table(&mut self, table: &Table, reader: Box<dyn BufRead>, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        note(&mut self.report.formats, "csv");
        let (mut trouble, mut lines) = (Ok(()), 0);
        let read = table.read(reader, &mut |found| {
            lines = found.line;
            if found.broken {
                self.broken(found.line, "a quote is not closed, or the row is too long");
            } else {
                self.report.counted.known(found.event.is_some());
            }
            if let Some(event) = found.event.filter(|_| trouble.is_ok()) {
                trouble = self.event(&event, sink);
            }
        });
        self.report.lines += lines;
        trouble.map(|()| read)
    }

    /// Mails one by one; the inner error is the source's.
    fn mails(&mut self, reader: impl BufRead, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        note(&mut self.report.formats, "bounce");
        let mut mails = Mails::new(reader);
        let mut number = 0;
        while let Some(mail) = mails.next() {
            number += 1;
            let (mail, cut) = bounce::read_bounded(mail);
            if cut {
                self.report.trouble(format!("{}: mail {number}: too large, only its beginning is read", self.name));
            }
            self.report.counted.known(matches!(mail, Mail::Bounce(_)));
            match mail {
                Mail::Bounce(records) => self.give(&records, sink)?,
                Mail::AutoReply => self.report.auto_replies += 1,
                Mail::FeedbackReport => self.report.feedback_reports += 1,
                Mail::Other => self.report.other_mails += 1,
            }
        }
        self.report.lines += mails.line_breaks();
        Ok(mails.end())
    }

    /// A posted form that holds events; the inner error is the source's.
    fn form(&mut self, mut reader: impl BufRead, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        note(&mut self.report.formats, "json");
        let mut data = Vec::new();
        // What stands before an error is read all the same.
        let read = (&mut reader).take(MOST_FORM).read_to_end(&mut data);
        if read.is_ok() && data.len() as u64 == MOST_FORM && reader.fill_buf().is_ok_and(|more| !more.is_empty()) {
            self.report.trouble(format!("{}: cut after {MOST_FORM} bytes", self.name));
        }
        self.report.lines += data.iter().filter(|b| **b == b'\n').count() as u64;
        match events::form::parse(&String::from_utf8_lossy(&data)) {
            Some(value) => self.value(&value, 1, sink)?,
            None => self.broken(1, NO_JSON),
        }
        Ok(read.map(drop))
    }

    /// A JSON document, object by object; the inner error is the source's.
    fn json(&mut self, reader: impl Read, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        note(&mut self.report.formats, "json");
        let mut objects = Objects::new(reader);
        for (piece, line) in &mut objects {
            match piece {
                Piece::Object(value) => self.value(&value, line, sink)?,
                Piece::Broken => self.broken(line, NO_JSON),
                Piece::Unclosed => self.broken(line, "ends before its array does"),
            }
        }
        self.report.lines += objects.line_breaks();
        self.end(sink)?;
        Ok(objects.end())
    }

    fn value(&mut self, value: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
        let mut found = Vec::new();
        events::read(value, line, &mut found);
        if found.is_empty() && LOGGED.iter().any(|key| value.get(key).is_some()) {
            // What a log wrote over several lines: `journalctl -o json-pretty`.
            return self.line(&value.to_string(), line, sink);
        }
        self.report.counted.known(!found.is_empty());
        found.iter().try_for_each(|event| self.event(event, sink))
    }

    /// A piece that cannot be read.
    fn broken(&mut self, line: u64, why: &str) {
        self.report.counted.unreadable += 1;
        self.trouble(line, why);
    }

    fn trouble(&mut self, line: u64, why: &str) {
        self.report.trouble(format!("{}:{line}: {why}", self.name));
    }

    /// Transcripts and exceptions one by one; the inner error is the source's.
    fn transcripts(&mut self, reader: impl Read, sink: &mut dyn Sink) -> io::Result<io::Result<()>> {
        note(&mut self.report.formats, "transcript");
        let (mut blocks, mut parts) = (Blocks::new(reader), transcript::Parts::default());
        let mut whole = Transcript::default();
        while let Some(block) = blocks.next() {
            if whole.add(&block) {
                self.trouble(whole.line, "a very long transcript, read in parts");
            }
            let goes_on = block.cut;
            let mut records = parts.read(block);
            whole.told |= !records.is_empty();
            loop {
                self.give(&records, sink)?;
                records.clear();
                parts.more(&mut records);
                if records.is_empty() {
                    break;
                }
            }
            if !goes_on {
                self.report.counted.known(std::mem::take(&mut whole).told);
            }
        }
        if whole.size > 0 {
            self.report.counted.known(whole.told);
        }
        self.report.lines += blocks.line_breaks();
        Ok(blocks.end())
    }

    fn event(&mut self, event: &Event<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        self.give_one(&event.record, event.label, sink)
    }

    fn lines(&mut self, mut reader: Box<dyn BufRead + Send>, live: bool, sink: &mut dyn Sink) -> io::Result<()> {
        let mut buffer = Vec::new();
        let (mut number, mut read) = (0, 0);
        loop {
            if read > HEAD
                && !live
                && self.hurries()
                && let Some(tally) = sink.counts()
            {
                number = parallel::read(self, Pieces::new(reader, number), tally, self.settings.threads)?;
                break;
            }
            if read > HEAD
                && !live
                && self.hurries()
                && let Some(shown) = sink.shows()
            {
                number = abreast::read(self, Pieces::of_size(abreast::SIZE, reader, number), shown, self.settings.threads)?;
                break;
            }
            buffer.clear();
            match read_line(&mut reader, &mut buffer) {
                Ok(0) => break,
                Ok(whole) => {
                    number += 1;
                    read += whole;
                    if whole > buffer.len() {
                        self.report_cut(number);
                    }
                }
                Err(error) => {
                    self.stopped(number, &error, !buffer.is_empty());
                    number += u64::from(!buffer.is_empty());
                    break;
                }
            }
            let line = String::from_utf8_lossy(trimmed(&buffer));
            self.line(&line, number, sink)?;
        }
        self.report.lines += number;
        self.end(sink)
    }

    /// What is only counted may be read out of its order.
    fn hurries(&self) -> bool {
        self.settings.threads > 0 && self.settings.input.as_deref().is_none_or(|asked| asked == postfix::FORMAT)
    }

    /// Lines of all formats are read, bare replies among them.
    pub(super) fn takes_all(&self) -> bool {
        self.settings.input.is_none()
    }

    /// Reports why nothing could be read behind a line, and whether another one
    /// had begun.
    pub(super) fn stopped(&mut self, line: u64, error: &io::Error, begun: bool) {
        self.trouble(line + 1, &format!("cannot read: {error}"));
        self.report.counted.unreadable += u64::from(begun);
    }

    pub(super) fn report_cut(&mut self, line: u64) {
        self.trouble(line, &format!("line cut after {MOST_LINE} bytes"));
    }

    pub(super) fn note(&mut self, format: &'static str) {
        note(&mut self.report.formats, format);
    }

    /// Nothing was met so far that may take several lines.
    pub(super) fn is_simple(&self) -> bool {
        self.met_only(&[postfix::FORMAT, plain::FORMAT])
    }

    /// No other formats were met so far.
    pub(super) fn met_only(&self, formats: &[&str]) -> bool {
        self.report.formats.iter().all(|name| formats.contains(name))
    }

    pub(super) fn note_time(&mut self, time: Option<Time>) {
        if self.report.assumed_year.is_none() && time.is_some_and(|t| t.offset.is_none()) {
            self.report.assumed_year = time.map(|t| t.at.year());
        }
    }

    /// Keeps the sender of a message for later lines of a format.
    pub(super) fn keep_sender(&mut self, format: &str, queue_id: &str, sender: &str) {
        if let Some((_, format)) = self.formats.iter_mut().find(|(name, _)| *name == format) {
            format.keep_sender(queue_id, sender);
        }
    }

    pub(super) fn sender_of(&self, queue_id: &str) -> Option<&str> {
        self.formats.iter().find_map(|(_, f)| f.sender_of(queue_id))
    }

    /// The record of a line that is known to hold one.
    pub(super) fn record(&mut self, line: &str, number: u64) -> Record<'static> {
        if let Some((_, mut found)) = line.starts_with('{').then(|| events::line(line, number)).flatten() {
            return found.pop().map(|event| event.record).unwrap_or_default();
        }
        let message = envelope::open(line);
        let mut records = Vec::new();
        match self.formats.iter_mut().find(|(_, f)| f.claims(&message)) {
            Some((_, format)) => format.read(&message, number, &mut records),
            None => records.extend(plain::read(line, number)),
        }
        records.pop().map(Record::into_owned).unwrap_or_default()
    }

    pub(super) fn line(&mut self, line: &str, number: u64, sink: &mut dyn Sink) -> io::Result<()> {
        if line.is_empty() {
            self.report.counted.blank += 1;
            return Ok(());
        }
        if line.starts_with('{') && self.json_line(line, number, sink)? {
            return Ok(());
        }
        let message = envelope::open(line);
        let mut records = Vec::new();
        let claimant = self.claimant(&message);
        match claimant {
            Some(claimant) => {
                let (name, format) = &mut self.formats[claimant];
                format.read(&message, number, &mut records);
                note(&mut self.report.formats, name);
                self.report.counted.known(!records.is_empty());
            }
            None => self.unclaimed(line, &message, number, &mut records),
        }
        self.give(&records, sink)?;
        claimant.map_or(Ok(()), |claimant| self.more(claimant, sink))
    }

    /// What a line tells besides its first records.
    fn more(&mut self, claimant: usize, sink: &mut dyn Sink) -> io::Result<()> {
        let mut records = Vec::new();
        loop {
            records.clear();
            self.formats[claimant].1.more(&mut records);
            if records.is_empty() {
                return Ok(());
            }
            self.give(&records, sink)?;
        }
    }

    /// The first format that claims a line: one that was spliced of two may be
    /// claimed by both.
    fn claimant(&self, message: &Message<'_>) -> Option<usize> {
        let asked = self.settings.input.as_deref();
        self.formats.iter().position(|(name, format)| asked.is_none_or(|a| a == *name) && format.claims(message))
    }

    /// A line that is an event or a queue entry by itself.
    fn json_line(&mut self, line: &str, number: u64, sink: &mut dyn Sink) -> io::Result<bool> {
        let Some((service, found)) = events::line(line, number) else { return Ok(false) };
        note(&mut self.report.formats, service.name());
        self.report.counted.known(!found.is_empty());
        found.iter().try_for_each(|event| self.event(event, sink))?;
        Ok(true)
    }

    /// A line of no known format: a bare reply, or one that looks like a
    /// failure.
    fn unclaimed<'l>(&mut self, line: &'l str, message: &Message<'l>, number: u64, records: &mut Vec<Record<'l>>) {
        let plain = matches!(self.settings.input.as_deref(), None | Some("plain"));
        if let Some(record) = plain.then(|| plain::read(line, number)).flatten() {
            note(&mut self.report.formats, plain::FORMAT);
            records.push(record);
            self.report.counted.told += 1;
        } else if looks_like_object(line) && serde_json::from_str::<IgnoredAny>(line).is_err() {
            self.broken(number, NO_JSON);
        } else if !plain::looks_like_failure(&message.text) {
            self.report.counted.other += 1;
        } else {
            self.unmatched(line, number);
        }
    }

    /// A line that looks like a failure of mail and fits no format.
    pub(super) fn unmatched(&mut self, line: &str, number: u64) {
        self.report.unmatched_count += 1;
        self.report.counted.unmatched += 1;
        let kept = self.report.unmatched.len();
        if let Some((_, most)) = KEPT_OF_UNMATCHED.iter().find(|(count, _)| kept < *count) {
            let kept = beginning(line, *most);
            let more = if kept.len() < line.len() { " …" } else { "" };
            self.report.unmatched.push((self.name.clone(), number, format!("{kept}{more}")));
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
        if record.is_too_long() {
            self.trouble(record.line, "longer than any reply or address, cut");
            let mut record = record.clone();
            record.cut();
            return self.give_one(&record, label, sink);
        }
        let time = record.time.as_deref().and_then(|raw| self.stamps.read(raw));
        self.note_time(time);
        let ruling = self.judge.rule(record);
        if !self.filter.keeps(record, &ruling, time) {
            self.report.filtered += 1;
            return Ok(());
        }
        sink.take(&Seen { record, ruling: &ruling, time, file: &self.name, label, judge: &self.judge })
    }
}

/// What is known of a transcript of which parts are read.
#[derive(Default)]
struct Transcript {
    line: u64,
    size: usize,
    told: bool,
}

impl Transcript {
    /// Adds a part; `true` for the one by which it is too long to be sure that
    /// its parts are understood as the whole would be.
    fn add(&mut self, block: &Block<'_>) -> bool {
        let before = self.size;
        self.line = if before == 0 { block.line } else { self.line };
        self.size += block.text.len();
        before <= LONG_TRANSCRIPT && self.size > LONG_TRANSCRIPT
    }
}

/// What a file is read as.
enum Whole {
    Lines,
    Table(Table),
    Mail,
    Json,
    Form,
    Transcript,
}

/// `{"`: an object, whole or not.
fn looks_like_object(line: &str) -> bool {
    line.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// Keys of objects that hold a line of a log.
const LOGGED: [&str; 3] = ["MESSAGE", "message", "log"];

/// What is said of a line that should be JSON.
const NO_JSON: &str = "is no JSON";

/// A JSON document over several lines, or a form that holds one; objects that
/// are a line each are read as lines.
fn is_json_document(head: &str) -> bool {
    let start = head.trim_start();
    let first = start.lines().next().unwrap_or("");
    let line = first.starts_with('{') && serde_json::from_str::<IgnoredAny>(first).is_ok();
    start.starts_with("mandrill_events=") || start.starts_with(['[', '{']) && !line && looks_like_json(start)
}

/// `{` or `[` with a value behind it, not a log line in brackets.
fn looks_like_json(text: &str) -> bool {
    let rest = text[1..].trim_start();
    rest.starts_with(['"', '{', '[', '}', ']'])
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

pub(super) fn skip_line(reader: &mut dyn BufRead) -> io::Result<usize> {
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

pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn note(formats: &mut Vec<&'static str>, name: &'static str) {
    if !formats.contains(&name) {
        formats.push(name);
    }
}
