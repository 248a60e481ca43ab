//! Reads inputs record by record and hands each with its meaning to a sink.
//! Flow: [`reader`] cuts records, [`ruling`] asks the matcher, [`tally`] counts.
//! It must not know how results look.

mod abreast;
pub mod alarm;
pub mod answers;
mod cutters;
mod deliveries;
pub mod distinct;
pub mod draft;
pub mod filter;
mod formats;
pub mod groups;
mod hashes;
pub mod hours;
mod pages;
mod parallel;
mod pieces;
pub mod reader;
pub mod recipients;
pub mod ruling;
pub mod tally;
mod texts;
mod turns;
pub mod unknown;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::input::Record;
use crate::input::time::Time;
use crate::matcher::shape::Shaper;
use filter::Filter;
use reader::Reader;
use ruling::{Judge, Ruling};
use tally::Tally;

/// A record with what it means and where it stands.
pub struct Seen<'a, 'l> {
    pub record: &'a Record<'l>,
    pub ruling: &'a Ruling,
    pub time: Option<Time>,
    pub file: &'a str,
    /// The sending service's own word, where it has one.
    pub label: Option<&'static str>,
    pub judge: &'a Judge,
}

/// Takes the records of a scan.
pub trait Sink {
    /// # Errors
    /// Output that cannot be written; the scan stops.
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()>;

    /// The tally, where all that is done with further records is to count
    /// them: what is only counted can be read on several threads.
    fn counts(&mut self) -> Option<&mut Tally> {
        None
    }

    /// What shows further records, where all that is done with them is to
    /// count and show each by itself: that can be done on several threads.
    fn shows(&mut self) -> Option<Shown<'_>> {
        None
    }
}

/// Shows records, each by itself.
pub trait Show: Send {
    /// Writes a record, whose text is of this `shape`, behind what stands in
    /// `out`.
    ///
    /// # Errors
    /// A record that cannot be written.
    fn show(&mut self, seen: &Seen<'_, '_>, shape: &str, out: &mut Vec<u8>) -> io::Result<()>;
}

/// Counts and shows records.
pub struct Shown<'a> {
    pub tally: &'a mut Tally,
    /// Makes shapes, once it is asked for.
    pub shaper: &'a mut Option<Shaper>,
    /// Makes what shows records, for each thread.
    pub make: &'a dyn Fn() -> Box<dyn Show>,
    /// Takes what is shown, in its order.
    pub out: &'a mut dyn io::Write,
}

/// What became of the pieces that inputs were cut into: lines, rows of tables,
/// mails, JSON objects, transcripts. Each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// It gave a record or more.
    pub told: u64,
    /// Of a known format, and no news of mail, or none yet.
    pub silent: u64,
    /// Looks like a failure of mail and fits no format.
    pub unmatched: u64,
    /// Of no known format.
    pub other: u64,
    pub blank: u64,
    /// Broken, or the input ended in it.
    pub unreadable: u64,
}

impl Counted {
    /// All pieces.
    pub fn all(&self) -> u64 {
        self.told + self.silent + self.unmatched + self.other + self.blank + self.unreadable
    }

    /// Counts what was counted elsewhere.
    pub fn add(&mut self, other: Counted) {
        self.told += other.told;
        self.silent += other.silent;
        self.unmatched += other.unmatched;
        self.other += other.other;
        self.blank += other.blank;
        self.unreadable += other.unreadable;
    }

    /// Counts a piece of a known format.
    pub fn known(&mut self, gave_records: bool) {
        if gave_records {
            self.told += 1;
        } else {
            self.silent += 1;
        }
    }
}

/// What a scan met besides records.
#[derive(Default, Debug)]
pub struct Report {
    pub lines: u64,
    pub counted: Counted,
    /// Records that did not pass the filter.
    pub filtered: u64,
    /// Lines that look like a failure of mail and fit no grammar.
    pub unmatched: Vec<(String, u64, String)>,
    pub unmatched_count: usize,
    pub auto_replies: usize,
    pub feedback_reports: usize,
    /// Mails that are neither bounces nor automatic.
    pub other_mails: usize,
    /// What could not be read: file, and why; the first of them.
    pub unreadable: Vec<String>,
    /// How many there were.
    pub unreadable_count: usize,
    /// The formats found, in the order of their first line.
    pub formats: Vec<&'static str>,
    /// The year taken for stamps without one.
    pub assumed_year: Option<i16>,
}

impl Report {
    /// Something could not be read.
    pub fn trouble(&mut self, what: String) {
        self.unreadable_count += 1;
        if self.unreadable.len() < KEPT_TROUBLE {
            self.unreadable.push(what);
        }
    }

    /// What could not be read, a line each.
    pub fn troubles(&self) -> impl Iterator<Item = String> + '_ {
        let more = self.unreadable_count - self.unreadable.len();
        self.unreadable.iter().cloned().chain((more > 0).then(|| format!("and {more} more of this kind")))
    }
}

/// Unmatched lines that are kept to be shown, and the bytes of each; those of
/// the first and those of the rest.
pub const KEPT_UNMATCHED: usize = 1000;
pub const KEPT_OF_UNMATCHED: [(usize, usize); 2] = [(50, 4000), (KEPT_UNMATCHED, 400)];
/// Troubles that are kept to be told.
const KEPT_TROUBLE: usize = 100;

/// Scans files in order and gives each record that passes the filter to `sink`.
///
/// # Errors
/// Only trouble of the sink; files that cannot be read are reported and passed
/// over.
pub fn scan(files: &[PathBuf], settings: &reader::Settings, judge: Judge, filter: &Filter, sink: &mut dyn Sink) -> io::Result<Report> {
    let mut reader = Reader::new(settings.clone(), judge, filter);
    for file in files {
        reader.file(file, sink)?;
    }
    Ok(reader.report)
}

/// What a lock keeps, also where a thread died that held it.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
