//! Which addresses were refused, and what was said of each last. It must not
//! know output.
//!
//! Memory: one entry an address that was refused or delivered to, with the
//! text of its latest refusal; a delivery alone costs the address and a time.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;

use super::filter::Filter;
use super::ruling::Ruling;
use super::tally::{Place, Tally, widen};
use super::{Seen, Sink};
use crate::codes::rows::Verdict;
use crate::input::time::Time;
use crate::input::{Direction, Kind, Record};

/// When a record was written: its time, and its place in the reading order for
/// records without a time or of the same one.
#[derive(Clone, Copy)]
struct Moment {
    time: Option<Time>,
    number: u64,
}

impl Moment {
    fn is_before(self, other: Moment) -> bool {
        let by_time = self.time.zip(other.time).map_or(Ordering::Equal, |(a, b)| compare(a, b));
        by_time.then(self.number.cmp(&other.number)).is_lt()
    }
}

/// Points in time where both zones are known, else what the clocks showed.
fn compare(a: Time, b: Time) -> Ordering {
    let instant = |t: Time| t.offset.and_then(|o| o.to_timestamp(t.at).ok());
    instant(a).zip(instant(b)).map_or_else(|| a.at.cmp(&b.at), |(a, b)| a.cmp(&b))
}

/// The latest refusal of an address, and how often it was refused.
pub struct Refused {
    /// What the latest refusal means.
    pub ruling: Ruling,
    /// Its text.
    pub text: String,
    pub place: Place,
    pub count: usize,
    pub first: Option<Time>,
    pub last: Option<Time>,
    latest: Moment,
}

/// What is known of one address.
#[derive(Default)]
pub struct Address {
    refused: Option<Refused>,
    delivered: Option<Moment>,
}

impl Address {
    /// The latest delivery, where it came after the latest refusal.
    fn spared(&self) -> Option<Moment> {
        let refused = self.refused.as_ref()?;
        self.delivered.filter(|d| refused.latest.is_before(*d))
    }
}

/// One address of the list.
pub struct Listed<'a> {
    /// In lower case.
    pub address: &'a str,
    pub refused: &'a Refused,
    /// It was delivered to after its last refusal: when, if that is known.
    pub delivered: Option<Time>,
}

/// Collects addresses, and counts the records that the whole filter keeps.
///
/// The scan itself must not be filtered: an address is spared by a delivery
/// that conditions on verdicts or times would hide.
pub struct Recipients<'a> {
    filter: &'a Filter,
    tally: &'a mut Tally,
    addresses: BTreeMap<String, Address>,
    number: u64,
}

impl<'a> Recipients<'a> {
    pub fn new(filter: &'a Filter, tally: &'a mut Tally) -> Recipients<'a> {
        Recipients { filter, tally, addresses: BTreeMap::new(), number: 0 }
    }

    /// The addresses whose latest refusal the filter keeps, in order: those to
    /// list, and those that were delivered to later.
    pub fn lists(&self) -> (Vec<Listed<'_>>, Vec<Listed<'_>>) {
        let (mut listed, mut spared) = (Vec::new(), Vec::new());
        for (name, address) in &self.addresses {
            let Some(refused) = address.refused.as_ref().filter(|r| self.filter.keeps_ruling(&r.ruling)) else { continue };
            let later = address.spared();
            let row = Listed { address: name, refused, delivered: later.and_then(|d| d.time) };
            if later.is_some() { spared.push(row) } else { listed.push(row) }
        }
        (listed, spared)
    }

    fn refuse(&mut self, name: String, seen: &Seen<'_, '_>) {
        let latest = Moment { time: seen.time, number: self.number };
        let refused = &mut self.addresses.entry(name).or_default().refused;
        let Some(known) = refused else {
            *refused = Some(first_refusal(seen, latest));
            return;
        };
        known.count += 1;
        widen(&mut known.first, &mut known.last, seen.time);
        if known.latest.is_before(latest) {
            let (count, first, last) = (known.count, known.first, known.last);
            *known = Refused { count, first, last, ..first_refusal(seen, latest) };
        }
    }

    fn deliver(&mut self, name: String, time: Option<Time>) {
        let moment = Moment { time, number: self.number };
        let delivered = &mut self.addresses.entry(name).or_default().delivered;
        if delivered.is_none_or(|d| d.is_before(moment)) {
            *delivered = Some(moment);
        }
    }
}

impl Sink for Recipients<'_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.number += 1;
        if self.filter.keeps(seen.record, seen.ruling, seen.time) {
            self.tally.add(seen.record, seen.ruling, seen.time, seen.file);
        }
        let Some(name) = name(seen.record).filter(|_| self.filter.keeps_recipient(seen.record.recipient.as_deref())) else { return Ok(()) };
        if seen.record.is_delivered() && seen.record.kind == Kind::Attempt {
            self.deliver(name, seen.time);
        } else if is_refusal(seen) && self.filter.keeps_time(seen.time) {
            self.refuse(name, seen);
        }
        Ok(())
    }
}

fn first_refusal(seen: &Seen<'_, '_>, latest: Moment) -> Refused {
    let r = seen.record;
    let queue_id = r.queue_id.as_deref().map(str::to_string);
    Refused {
        ruling: careful(seen.ruling),
        text: r.text.to_string(),
        place: Place { file: seen.file.to_string(), line: r.line, queue_id },
        count: 1,
        first: seen.time,
        last: seen.time,
        latest,
    }
}

/// A code alone names no cause: that is no reason to give an address up.
fn careful(ruling: &Ruling) -> Ruling {
    let unfounded = ruling.verdict == Verdict::Remove && ruling.cause.id() == "unknown";
    let verdict = if unfounded { Verdict::Unknown } else { ruling.verdict };
    Ruling { verdict, ..ruling.clone() }
}

/// An outcome of ours for a recipient that is not a delivery.
fn is_refusal(seen: &Seen<'_, '_>) -> bool {
    let outcome = matches!(seen.record.kind, Kind::Attempt | Kind::Expired);
    outcome && !seen.record.is_delivered() && seen.ruling.verdict != Verdict::Ok
}

/// The address that an outbound record is about, in lower case.
fn name(record: &Record<'_>) -> Option<String> {
    let raw = record.recipient.as_deref().filter(|_| record.direction == Direction::Out)?;
    let name = raw.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase();
    (!name.is_empty() && name != "-").then_some(name)
}
