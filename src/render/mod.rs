//! Findings become bytes: one file a format. It must not know the environment
//! or how a finding was made.

pub mod diff;
pub mod each;
mod form;
mod json;
pub mod recipients;
pub mod redact;
pub mod scan;
pub mod scan_json;
mod table;
mod text;
pub mod unknown;
mod wrap;

use std::io::{self, Write};

use crate::catalogue::{Catalogue, Cause, Code, Entry, Registered, Speaker, Term};
use crate::cli::Format;
use crate::codes::rows::{Kind, Verdict, Who};
use crate::explain::Finding;
pub use crate::settings::Style;

/// Something that `show` prints.
pub enum Item {
    Entry(Entry),
    Cause(Cause),
    Speaker(Speaker),
    Term(Term),
    Code(Code, Vec<Entry>),
    Status(Registered, Vec<Entry>),
}

/// Prints explanations, one after another.
pub struct Findings<'a> {
    out: &'a mut dyn Write,
    format: Format,
    style: Style,
    count: usize,
}

impl<'a> Findings<'a> {
    /// Begins a page.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn new(out: &'a mut dyn Write, format: Format, style: Style) -> io::Result<Findings<'a>> {
        if format == Format::Json {
            json::begin(out)?;
        }
        Ok(Findings { out, format, style, count: 0 })
    }

    /// # Errors
    /// Output that cannot be written.
    pub fn add(&mut self, finding: &Finding) -> io::Result<()> {
        self.count += 1;
        let first = self.count == 1;
        match self.format {
            Format::Text | Format::Csv | Format::Table if !first => writeln!(self.out)?,
            Format::Json if !first => write!(self.out, ",")?,
            _ => {}
        }
        match self.format {
            Format::Text | Format::Csv => text::finding(self.out, self.style, finding),
            Format::Table => table::finding(self.out, self.style, finding),
            Format::Json => json::finding(self.out, finding),
            Format::Jsonl => json::line(self.out, finding),
        }
    }

    /// Ends the page.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn end(self) -> io::Result<()> {
        if self.format == Format::Json { json::end(self.out) } else { Ok(()) }
    }
}

pub use json::{annotation, bad_line};

/// Prints what `show` found.
pub fn items(out: &mut dyn Write, format: Format, style: Style, items: &[Item]) -> io::Result<()> {
    match format {
        Format::Text | Format::Csv => separated(out, items, |out, i| text::item(out, style, i)),
        Format::Table => separated(out, items, |out, i| table::item(out, style, i)),
        Format::Json => json::items(out, items),
        Format::Jsonl => items.iter().try_for_each(|i| json::item_line(out, i)),
    }
}

/// Prints what `list` found.
pub fn entries(out: &mut dyn Write, format: Format, style: Style, entries: &[Entry]) -> io::Result<()> {
    match format {
        Format::Table => table::entries(out, style, entries),
        Format::Text | Format::Csv => entries.iter().try_for_each(|e| text::entry_line(out, style, e)),
        Format::Json => json::entries(out, entries),
        Format::Jsonl => entries.iter().try_for_each(|e| json::entry_line(out, e)),
    }
}

/// Prints how many entries there are of each kind.
pub fn stats(out: &mut dyn Write, format: Format, style: Style, catalogue: Catalogue) -> io::Result<()> {
    match format {
        Format::Table | Format::Text | Format::Csv => table::stats(out, style, catalogue),
        Format::Json | Format::Jsonl => json::stats(out, catalogue),
    }
}

/// What the catalogue holds: a name and how many.
fn counts(catalogue: Catalogue) -> Vec<(&'static str, usize)> {
    let of = |kind: Kind| catalogue.entries().filter(|e| !e.is_retired() && e.speaker().kind() == kind).count();
    vec![
        ("causes", catalogue.causes().count()),
        ("reply codes", catalogue.codes().count()),
        ("enhanced codes", catalogue.statuses().count()),
        ("glossary terms", catalogue.terms().count()),
        ("generic rules", catalogue.rules()),
        ("concepts of rules", catalogue.concepts()),
        ("mailbox providers", of(Kind::Provider)),
        ("sending services", of(Kind::Service)),
        ("mail servers", of(Kind::Server)),
        ("filters", of(Kind::Filter)),
        ("blocklists", of(Kind::Blocklist)),
        ("clients", of(Kind::Client)),
        ("all entries", catalogue.entries().filter(|e| !e.is_retired()).count()),
        ("speakers", catalogue.speakers().count()),
        ("sources", catalogue.sources().len()),
    ]
}

fn separated<T>(out: &mut dyn Write, list: &[T], mut print: impl FnMut(&mut dyn Write, &T) -> io::Result<()>) -> io::Result<()> {
    for (n, item) in list.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        print(out, item)?;
    }
    Ok(())
}

/// The word a person reads for a verdict.
fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "OK",
        Verdict::Retry => "RETRY",
        Verdict::Fix => "FIX",
        Verdict::Remove => "REMOVE",
        Verdict::Unknown => "UNKNOWN",
    }
}

/// Who can mend it, in words.
fn who_words(who: Who) -> &'static str {
    match who {
        Who::Nobody => "nobody needs to",
        Who::Sender => "the sender (person or program)",
        Who::SenderAdmin => "the admin of the sending server or domain",
        Who::SenderHost => "the owner of the sending address (hoster, ISP)",
        Who::Recipient => "the recipient or their admin",
        Who::Receiver => "the receiving provider",
    }
}

/// The numbers of an entry, for people: `550, 421 · 5.7.26`.
fn numbers(entry: &Entry) -> String {
    let codes: Vec<String> = entry.codes().iter().map(u16::to_string).collect();
    let statuses: Vec<String> = entry.enhanced().iter().map(ToString::to_string).collect();
    let parts: Vec<String> = [codes, statuses].into_iter().filter(|l| !l.is_empty()).map(|l| l.join(" ")).collect();
    parts.join(" / ")
}
