//! Which addresses were refused, and what was said of each last. It must not
//! know output.
//!
//! Memory: one entry an address that was refused, with the text of its latest
//! refusal, about half a kilobyte; an address that was delivered to costs a
//! hash and a time. There are bounds for both, far above what lists have.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;

use super::filter::Filter;
use super::ruling::Ruling;
use super::tally::{Tally, widen};
use super::{Seen, Sink};
use crate::codes::rows::Verdict;
use crate::hash::ignoring_case;
use crate::input::record::beginning;
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
    pub text: Box<str>,
    pub file: Rc<str>,
    pub line: u64,
    pub count: usize,
    pub first: Option<Time>,
    pub last: Option<Time>,
    latest: Moment,
}

/// Bytes of a refusal's text that are kept.
const MOST_TEXT: usize = 2000;

/// Addresses that are kept.
#[derive(Clone, Copy)]
struct Bounds {
    refused: usize,
    delivered: usize,
}

const BOUNDS: Bounds = Bounds { refused: 2_000_000, delivered: 10_000_000 };

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
    bounds: Bounds,
    refused: BTreeMap<Box<str>, Refused>,
    /// The latest delivery to each address, by the hash of the address.
    delivered: HashMap<u64, Moment>,
    /// The file at hand.
    file: Rc<str>,
    number: u64,
    /// Refusals and deliveries that found no room.
    pub left_out: usize,
}

impl<'a> Recipients<'a> {
    pub fn new(filter: &'a Filter, tally: &'a mut Tally) -> Recipients<'a> {
        Recipients {
            filter,
            tally,
            bounds: BOUNDS,
            refused: BTreeMap::new(),
            delivered: HashMap::new(),
            file: "".into(),
            number: 0,
            left_out: 0,
        }
    }

    /// The addresses whose latest refusal the filter keeps, in order: those to
    /// list, and those that were delivered to later.
    pub fn lists(&self) -> (Vec<Listed<'_>>, Vec<Listed<'_>>) {
        let (mut listed, mut spared) = (Vec::new(), Vec::new());
        for (name, refused) in self.refused.iter().filter(|(_, r)| self.filter.keeps_ruling(&r.ruling)) {
            let later = self.delivered.get(&ignoring_case(name.as_bytes())).filter(|d| refused.latest.is_before(**d));
            let row = Listed { address: name, refused, delivered: later.and_then(|d| d.time) };
            if later.is_some() { spared.push(row) } else { listed.push(row) }
        }
        (listed, spared)
    }

    fn refuse(&mut self, name: String, seen: &Seen<'_, '_>) {
        let latest = Moment { time: seen.time, number: self.number };
        if &*self.file != seen.file {
            self.file = seen.file.into();
        }
        if let Some(known) = self.refused.get_mut(name.as_str()) {
            known.count += 1;
            widen(&mut known.first, &mut known.last, seen.time);
            if known.latest.is_before(latest) {
                let (count, first, last) = (known.count, known.first, known.last);
                *known = Refused { count, first, last, ..first_refusal(seen, latest, &self.file) };
            }
        } else if self.refused.len() < self.bounds.refused {
            self.refused.insert(name.into(), first_refusal(seen, latest, &self.file));
        } else {
            self.left_out += 1;
        }
    }

    fn deliver(&mut self, name: &str, time: Option<Time>) {
        let moment = Moment { time, number: self.number };
        let name = ignoring_case(name.as_bytes());
        if self.delivered.len() >= self.bounds.delivered && !self.delivered.contains_key(&name) {
            self.left_out += 1;
            return;
        }
        let delivered = self.delivered.entry(name).or_insert(moment);
        if delivered.is_before(moment) {
            *delivered = moment;
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
            self.deliver(&name, seen.time);
        } else if is_refusal(seen) && self.filter.keeps_time(seen.time) {
            self.refuse(name, seen);
        }
        Ok(())
    }
}

fn first_refusal(seen: &Seen<'_, '_>, latest: Moment, file: &Rc<str>) -> Refused {
    let r = seen.record;
    Refused {
        ruling: careful(seen.ruling),
        text: beginning(&r.text, MOST_TEXT).into(),
        file: Rc::clone(file),
        line: r.line,
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

#[cfg(test)]
mod tests {
    use super::super::ruling::Judge;
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_finds_no_room_is_counted() {
        let (filter, mut tally) = (Filter::default(), Tally::new(Vec::new()));
        let mut judge = Judge::new(Catalogue::built_in(), None);
        let mut list = Recipients { bounds: Bounds { refused: 2, delivered: 1 }, ..Recipients::new(&filter, &mut tally) };
        for (to, text) in [
            ("a@example.com", "550 5.1.1 User unknown"),
            ("B@example.com", "550 5.1.1 User unknown"),
            ("a@example.com", "552 5.2.2 Mailbox full"),
            ("c@example.com", "550 5.1.1 User unknown"),
            ("b@example.com", "250 ok"),
            ("d@example.com", "250 ok"),
        ] {
            let status = text.starts_with("250").then(|| "sent".into());
            let record = Record { recipient: Some(to.into()), text: text.into(), status, ..Record::default() };
            let ruling = judge.rule(&record);
            list.take(&Seen { record: &record, ruling: &ruling, time: None, file: "mail.log", label: None, judge: &judge }).unwrap();
        }
        assert_eq!(list.left_out, 2);
        let (listed, spared) = list.lists();
        let names = |rows: &[Listed<'_>]| rows.iter().map(|r| (r.address.to_string(), r.refused.count)).collect::<Vec<_>>();
        assert_eq!((names(&listed), names(&spared)), (vec![("a@example.com".into(), 2)], vec![("b@example.com".into(), 1)]));
    }
}
