//! Finds what a piece of a log holds: lines that tell nothing are passed over by
//! their first bytes, deliveries are added up, failures are ruled on by the
//! shape of their reply, and lines that are not of the common forms are left to
//! the general reader. It must not know what was found elsewhere, nor count.

use std::borrow::Cow;

use crate::input::events::Event;
use crate::input::quick::{Failed, Quick, Sent};
use crate::input::time::{Stamps, Time};
use crate::input::{Direction, Kind, Record};
use crate::input::{events, foreign, plain};
use crate::scan::cutters::Cutters;
use crate::scan::deliveries::Deliveries;
use crate::scan::distinct::Distinct;
use crate::scan::filter::Filter;
use crate::scan::pieces::{self, Piece};
use crate::scan::ruling::{self, Judge};
use crate::scan::tally::{Sighting, hash_of, host};
use crate::scan::{Counted, formats};

/// What a piece holds, in the order of its lines.
pub(super) enum Item<'p> {
    /// The format of the lines that follow.
    Format(&'static str),
    /// The time of a record that is counted elsewhere, or did not pass the filter.
    Time(Time),
    /// The format of a line, a message's queue id and its sender.
    Sender(&'static str, &'p str, &'p str),
    /// A record with the number of its ruling, and its line.
    Seen(Sighting<'p>, u32, &'p str),
    /// A line that is a bare reply, unless a format of several lines is met.
    Plain(Sighting<'p>, u32, &'p str),
    /// A line of no format, unless one of several lines is met.
    Unclaimed { line: &'p str, number: u64, failure: bool },
    /// The one event of a sending service on a line, with the number of its
    /// ruling, and the line.
    Event(Sighting<'p>, u32, &'p str),
    /// One of several, or one whose words the line does not hold as they are.
    Copied(Box<Copied>, u32),
    /// A line for the general reader.
    Line(&'p [u8], u64),
}

/// A record that does not borrow from its line.
pub(super) struct Copied {
    pub record: Record<'static>,
    pub time: Option<Time>,
    /// See [`Sighting::about`].
    pub about: Option<String>,
}

/// What is counted of a message that went out.
struct Delivery<'p> {
    queue_id: Option<&'p str>,
    recipient: Option<&'p str>,
    relay: Option<&'p str>,
}

impl<'p> Delivery<'p> {
    /// Of a record of a message that went out, if its line holds its names.
    fn of(record: &Record<'p>) -> Option<Delivery<'p>> {
        let names = [&record.queue_id, &record.recipient, &record.relay];
        if record.direction != Direction::Out || names.iter().any(|name| matches!(name, Some(Cow::Owned(_)))) {
            return None;
        }
        let [queue_id, recipient, relay] = names.map(borrowed);
        Some(Delivery { queue_id, recipient, relay })
    }
}

/// What was found in a piece.
#[derive(Default)]
pub(super) struct Found<'p> {
    pub items: Vec<Item<'p>>,
    pub deliveries: Deliveries<'p>,
    /// What became of its lines, and its records that did not pass the filter.
    pub counted: Counted,
    pub filtered: u64,
}

/// Finds what pieces hold, one after another.
pub(super) struct Finder<'f> {
    pub judge: Judge,
    stamps: Stamps,
    filter: &'f Filter,
    /// The format named last.
    format: &'static str,
    /// Lines of all formats are read, bare replies among them.
    takes_all: bool,
    /// A time whose year is assumed was told.
    timed: bool,
    foreign: foreign::Cutter,
    /// What events of earlier pieces have taught.
    layouts: events::Layouts,
    /// Of the piece at hand.
    counted: Counted,
    filtered: u64,
    /// Of deliveries.
    pub messages: Distinct,
    pub recipients: Distinct,
    /// Items to make room for: as many as there were in the last piece, and
    /// some more.
    room: usize,
}

impl<'f> Finder<'f> {
    pub(super) fn new(judge: Judge, filter: &'f Filter, stamps: Stamps, takes_all: bool) -> Finder<'f> {
        Finder {
            judge,
            stamps,
            filter,
            format: "",
            takes_all,
            timed: false,
            foreign: foreign::Cutter::new(formats::all().into_iter().map(|(_, format)| format)),
            layouts: events::Layouts::default(),
            counted: Counted::default(),
            filtered: 0,
            messages: Distinct::default(),
            recipients: Distinct::default(),
            room: 0,
        }
    }

    /// What a piece holds, which stands in `buffer`.
    pub(super) fn find<'p>(&mut self, buffer: &'p [u8], piece: &Piece) -> Found<'p> {
        let mut found = Found { items: Vec::with_capacity(self.room), ..Found::default() };
        let mut cutters = Cutters::lean();
        cutters.events.layouts = std::mem::take(&mut self.layouts);
        for (line, number) in pieces::lines(&buffer[..piece.len]).zip(piece.before + 1..) {
            match line {
                Ok(line) => self.line(&mut cutters, line, number, &mut found),
                Err(bytes) => {
                    cutters.leave_out();
                    found.items.push(Item::Line(bytes, number));
                }
            }
        }
        self.layouts = cutters.events.layouts;
        self.room = found.items.len() + found.items.len() / 8;
        Found { counted: std::mem::take(&mut self.counted), filtered: std::mem::take(&mut self.filtered), ..found }
    }

    fn line<'p>(&mut self, cutters: &mut Cutters<'p>, line: &'p str, number: u64, found: &mut Found<'p>) {
        let items = &mut found.items;
        if line.is_empty() {
            self.counted.blank += 1;
            return;
        }
        let Some((format, read)) = cutters.read(line, self.takes_all) else {
            return items.push(Item::Line(line.as_bytes(), number));
        };
        if !matches!(read, Quick::Unclaimed | Quick::Other) {
            self.name(format, items);
        }
        match read {
            Quick::Nothing => self.counted.silent += 1,
            Quick::Sender(id, sender) => {
                self.counted.silent += 1;
                items.push(Item::Sender(format, id, sender));
            }
            Quick::Sent(stamp, sent) if self.filter.is_empty() => {
                self.counted.told += 1;
                let (time, relay) = (self.stamps.read(stamp), sent.relay);
                let sent = Delivery { queue_id: Some(sent.queue_id), recipient: Some(sent.recipient), relay };
                self.add(time, sent, &mut found.deliveries, items);
            }
            Quick::Sent(stamp, sent) => self.sent(line, number, stamp, sent, items),
            Quick::Failed(stamp, failed) => self.failed(line, number, stamp, &failed, items),
            Quick::Record(stamp, record) => self.seen(line, number, stamp, &record, items),
            Quick::Unclaimed if plain::read(line, number).is_none() => {
                items.push(Item::Unclaimed { line, number, failure: plain::looks_like_failure(line) });
            }
            Quick::Other if line.starts_with('{') => self.event(&mut cutters.events, line, number, found),
            Quick::Unclaimed | Quick::Other => {
                let item = self.plain(line, number).or_else(|| self.foreign(line, number));
                items.push(item.unwrap_or(Item::Line(line.as_bytes(), number)));
            }
        }
    }

    /// Tells the format of the lines that follow, where it changes.
    fn name(&mut self, format: &'static str, items: &mut Vec<Item<'_>>) {
        // By its place: a name is written once.
        if !std::ptr::eq(self.format, format) {
            self.format = format;
            items.push(Item::Format(format));
        }
    }

    /// A line of a program that has nothing to do with mail, or with its
    /// delivery: other programs share a log.
    fn foreign<'p>(&mut self, line: &'p str, number: u64) -> Option<Item<'p>> {
        let failure = if self.takes_all { self.foreign.read(line)? } else { return None };
        Some(Item::Unclaimed { line, number, failure })
    }

    /// A line that may be an event of a sending service.
    fn event<'p>(&mut self, cutter: &mut events::Cutter<'p>, line: &'p str, number: u64, found: &mut Found<'p>) {
        let items = &mut found.items;
        let Some(service) = cutter.read_any(line, number) else {
            return items.push(Item::Line(line.as_bytes(), number));
        };
        self.name(service.name(), items);
        self.counted.known(!cutter.found.is_empty());
        for Event { record, .. } in &cutter.found {
            let time = record.time.as_deref().and_then(|raw| self.stamps.read(raw));
            let ruling = self.judge.number(record);
            if !self.filter.is_empty() && !self.filter.keeps(record, self.judge.ruling(ruling), time) {
                self.pass_over(time, items);
                continue;
            }
            if ruling == ruling::DELIVERED
                && self.filter.is_empty()
                && let Some(sent) = Delivery::of(record)
            {
                self.add(time, sent, &mut found.deliveries, items);
                continue;
            }
            let alone = cutter.found.len() == 1;
            items.push(match alone.then(|| self.lent(record, time, ruling)).flatten() {
                Some(seen) => Item::Event(seen, ruling, line),
                None => {
                    let about = self.judge.about(ruling, &record.text).map(str::to_string);
                    Item::Copied(Box::new(Copied { record: record.clone().into_owned(), time, about }), ruling)
                }
            });
        }
    }

    /// What a record tells in the very words of its line.
    fn lent<'p>(&mut self, record: &Record<'p>, time: Option<Time>, ruling: u32) -> Option<Sighting<'p>> {
        let names = [&record.queue_id, &record.sender, &record.recipient, &record.relay];
        let about = match &record.text {
            Cow::Borrowed(text) => self.judge.about(ruling, text),
            Cow::Owned(text) if self.judge.about(ruling, text).is_some() => return None,
            Cow::Owned(_) => None,
        };
        let all = names.iter().all(|name| !matches!(name, Some(Cow::Owned(_))));
        all.then(|| self.sighting(record, time, about))
    }

    /// What is seen of a record, as far as its line holds it word by word.
    fn sighting<'p>(&mut self, record: &Record<'p>, time: Option<Time>, about: Option<&'p str>) -> Sighting<'p> {
        let (queue_id, recipient, relay) = (borrowed(&record.queue_id), borrowed(&record.recipient), borrowed(&record.relay));
        Sighting {
            kind: record.kind,
            direction: record.direction,
            delivered: record.is_delivered(),
            time,
            queue_id,
            sender: borrowed(&record.sender),
            recipient,
            message: queue_id.map(hash_of),
            person: recipient.map(hash_of),
            relay,
            about,
            provider: host(relay, recipient).and_then(|host| self.judge.provider(host)),
            line: record.line,
        }
    }

    fn plain<'p>(&mut self, line: &'p str, number: u64) -> Option<Item<'p>> {
        let text = line.trim();
        let ruling = if self.takes_all && plain::starts_reply(line) { self.judge.plain(text)? } else { return None };
        let seen = Sighting { about: self.judge.about(ruling, text), line: number, ..Sighting::default() };
        self.keeps(&seen, ruling).then_some(Item::Plain(seen, ruling, line))
    }

    /// What a record means, if it passes the filter; a record about something
    /// that the line does not hold word by word is read by the general reader.
    fn seen<'p>(&mut self, line: &'p str, number: u64, stamp: &str, record: &Record<'p>, items: &mut Vec<Item<'p>>) {
        let ruling = self.judge.number(record);
        let about = match (self.judge.about(ruling, &record.text), &record.text) {
            (None, _) => None,
            (Some(_), Cow::Borrowed(text)) => self.judge.about(ruling, text),
            (Some(about), Cow::Owned(_)) => match line.find(about) {
                Some(at) => Some(&line[at..at + about.len()]),
                None => return items.push(Item::Line(line.as_bytes(), number)),
            },
        };
        let time = self.stamps.read(stamp);
        let seen = Sighting { line: number, ..self.sighting(record, time, about) };
        self.told(seen, ruling, line, items);
    }

    /// An attempt that failed, or a client that was refused.
    fn failed<'p>(&mut self, line: &'p str, number: u64, stamp: &str, failed: &Failed<'p>, items: &mut Vec<Item<'p>>) {
        let Failed { kind, queue_id, sender, recipient, said } = *failed;
        let ruling = self.judge.number_of(&said);
        let seen = Sighting {
            kind,
            direction: said.direction,
            delivered: false,
            time: self.stamps.read(stamp),
            queue_id,
            sender,
            recipient,
            message: queue_id.map(hash_of),
            person: recipient.map(hash_of),
            relay: said.relay,
            about: self.judge.about(ruling, said.text),
            provider: host(said.relay, recipient).and_then(|host| self.judge.provider(host)),
            line: number,
        };
        self.told(seen, ruling, line, items);
    }

    /// A message that went out, where all are counted.
    fn add<'p>(&mut self, time: Option<Time>, sent: Delivery<'p>, deliveries: &mut Deliveries<'p>, items: &mut Vec<Item<'p>>) {
        sent.queue_id.into_iter().for_each(|id| self.messages.add_hash(hash_of(id)));
        sent.recipient.into_iter().for_each(|recipient| self.recipients.add_hash(hash_of(recipient)));
        if deliveries.first.is_none() {
            items.extend(time.map(Item::Time));
        }
        let host = host(sent.relay, sent.recipient).unwrap_or_default();
        let provider = if host.is_empty() { None } else { self.judge.provider(host) };
        deliveries.add(time, host, provider);
    }

    /// The same, where it may not pass the filter.
    fn sent<'p>(&mut self, line: &'p str, number: u64, stamp: &str, sent: Sent<'p>, items: &mut Vec<Item<'p>>) {
        let seen = Sighting {
            kind: Kind::Attempt,
            direction: Direction::Out,
            delivered: true,
            time: self.stamps.read(stamp),
            queue_id: Some(sent.queue_id),
            sender: None,
            recipient: Some(sent.recipient),
            message: Some(hash_of(sent.queue_id)),
            person: Some(hash_of(sent.recipient)),
            relay: sent.relay,
            about: None,
            provider: host(sent.relay, Some(sent.recipient)).and_then(|host| self.judge.provider(host)),
            line: number,
        };
        self.told(seen, ruling::DELIVERED, line, items);
    }

    /// Takes what was seen, if it passes the filter.
    fn told<'p>(&mut self, seen: Sighting<'p>, ruling: u32, line: &'p str, items: &mut Vec<Item<'p>>) {
        self.counted.told += 1;
        if self.keeps(&seen, ruling) {
            items.push(Item::Seen(seen, ruling, line));
        } else {
            self.pass_over(seen.time, items);
        }
    }

    /// A record that did not pass the filter; that its year was assumed is told
    /// once.
    fn pass_over(&mut self, time: Option<Time>, items: &mut Vec<Item<'_>>) {
        self.filtered += 1;
        if !self.timed {
            items.extend(time.map(Item::Time));
            self.timed = time.is_some_and(|time| time.offset.is_none());
        }
    }

    fn keeps(&self, seen: &Sighting<'_>, ruling: u32) -> bool {
        let filter = self.filter;
        filter.is_empty()
            || filter.keeps_ruling(self.judge.ruling(ruling)) && filter.keeps_recipient(seen.recipient) && filter.keeps_time(seen.time)
    }
}

/// Text of a record, where it was not changed.
fn borrowed<'p>(field: &Option<Cow<'p, str>>) -> Option<&'p str> {
    match field {
        Some(Cow::Borrowed(text)) => Some(text),
        _ => None,
    }
}
