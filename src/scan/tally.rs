//! Counts a scan: totals, groups of equal findings, when and whom they hit.
//! It must not know formats or output.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use super::alarm::Watch;
use super::deliveries::Deliveries;
use super::distinct::Distinct;
use super::groups::{Group, Groups};
use super::ruling::Ruling;
use super::{Seen, Sink};
use crate::catalogue::Speaker;
use crate::codes::rows::Verdict;
use crate::hash;
use crate::input::time::Time;
use crate::input::{Direction, Kind, Record};

/// What the counts need of a record, borrowed from wherever it was read.
#[derive(Clone, Copy, Default)]
pub struct Sighting<'r> {
    pub kind: Kind,
    pub direction: Direction,
    /// The message went out, or was taken for good.
    pub delivered: bool,
    pub time: Option<Time>,
    pub queue_id: Option<&'r str>,
    pub sender: Option<&'r str>,
    pub recipient: Option<&'r str>,
    /// Hashes of the queue id and of the recipient.
    pub message: Option<u64>,
    pub person: Option<u64>,
    pub relay: Option<&'r str>,
    /// What the finding is about besides its cause: the address on a list.
    pub about: Option<&'r str>,
    /// Whose host the attempt went to, whoever spoke.
    pub provider: Option<Speaker>,
    pub line: u64,
}

impl<'r> Sighting<'r> {
    pub fn of(record: &'r Record<'_>, ruling: &'r Ruling, time: Option<Time>) -> Sighting<'r> {
        Sighting {
            kind: record.kind,
            direction: record.direction,
            delivered: record.is_delivered(),
            time,
            queue_id: record.queue_id.as_deref(),
            sender: record.sender.as_deref(),
            recipient: record.recipient.as_deref(),
            message: record.queue_id.as_deref().map(hash_of),
            person: record.recipient.as_deref().map(hash_of),
            relay: record.relay.as_deref(),
            about: ruling.about.as_deref(),
            provider: ruling.provider,
            line: record.line,
        }
    }

    /// The host that the attempt went to: the relay, or the recipient's domain
    /// where no relay is named.
    pub fn host(&self) -> Option<&'r str> {
        host(self.relay, self.recipient)
    }
}

/// The relay, or the recipient's domain where no relay is named.
pub fn host<'r>(relay: Option<&'r str>, recipient: Option<&'r str>) -> Option<&'r str> {
    let domain = || recipient.and_then(|r| memchr::memrchr(b'@', r.as_bytes()).map(|at| &r[at + 1..]));
    relay.or_else(domain)
}

/// By which messages and recipients are told apart.
pub fn hash_of(name: &str) -> u64 {
    hash::ignoring_case(name.as_bytes())
}

/// What findings can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum By {
    Cause,
    Verdict,
    Provider,
    Domain,
    Recipient,
    Relay,
    Sender,
    Code,
    Who,
    Hour,
}

/// Counts of a whole scan.
#[derive(Default)]
pub struct Totals {
    pub lines: u64,
    pub records: usize,
    /// Outcomes of attempts to deliver, by verdict.
    verdicts: [usize; Verdict::ALL.len()],
    pub attempts: usize,
    pub delivered: usize,
    pub rejects: usize,
    pub logins: usize,
    pub sessions: usize,
    pub intermediate: usize,
    pub expired: usize,
    pub messages: Distinct,
    pub recipients: Distinct,
    /// Lines that look like a failure and fit no grammar.
    pub unmatched: usize,
    /// Mails that are no bounces: answers of people and machines, reports.
    pub auto_replies: usize,
    pub feedback_reports: usize,
    /// Records that could not be read.
    pub unreadable: usize,
    pub first: Option<Time>,
    pub last: Option<Time>,
}

/// Groups kept at the most; what comes after them is counted in the totals.
const MOST_GROUPS: usize = 4_096;
/// The same where the user says what to group by.
const MOST_ASKED: usize = 20_000;

impl Sink for Tally {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.add(seen.record, seen.ruling, seen.time, seen.file);
        Ok(())
    }

    fn counts(&mut self) -> Option<&mut Tally> {
        Some(self)
    }
}

/// Totals and groups of a scan.
pub struct Tally {
    by: Vec<By>,
    pub totals: Totals,
    groups: Groups,
    /// Places in [`Tally::groups`] by the hash of their values.
    places: HashMap<u64, u32, hash::Seeded>,
    /// Looks for providers that turned against us.
    pub watch: Watch,
    /// Findings that found no room in a group.
    pub left_out: usize,
}

impl Tally {
    pub fn new(by: Vec<By>) -> Tally {
        let (groups, places) = (Groups::of(by.len()), HashMap::default());
        Tally { by, totals: Totals::default(), groups, places, watch: Watch::default(), left_out: 0 }
    }

    /// The groups need the senders of messages.
    pub fn needs_senders(&self) -> bool {
        self.by.contains(&By::Sender)
    }

    /// Counts one record.
    pub fn add(&mut self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>, file: &str) {
        self.count(&Sighting::of(record, ruling, time), ruling, file, &mut || record.clone().into_owned());
    }

    /// Counts one record in the totals alone.
    pub fn total(&mut self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>) {
        self.totals.add(&Sighting::of(record, ruling, time), ruling);
    }

    /// Counts what went out, but neither messages nor recipients.
    pub fn deliver(&mut self, deliveries: &Deliveries<'_>) {
        let (totals, count) = (&mut self.totals, deliveries.count);
        totals.records += count;
        totals.attempts += count;
        totals.delivered += count;
        totals.verdicts[Verdict::Ok as usize] += count;
        widen(&mut totals.first, &mut totals.last, deliveries.first);
        widen(&mut totals.first, &mut totals.last, deliveries.last);
        deliveries.to.iter().for_each(|to| self.watch.deliver(to));
    }

    /// Counts one record by what was seen of it; `record` gives all of it, for
    /// the details of a new group.
    pub fn count(&mut self, seen: &Sighting<'_>, ruling: &Ruling, file: &str, record: &mut dyn FnMut() -> Record<'static>) {
        self.totals.add(seen, ruling);
        self.watch.add(seen, ruling);
        if ruling.verdict == Verdict::Ok || seen.kind == Kind::Intermediate {
            return;
        }
        match self.group(seen, ruling, file, record) {
            Some(group) => self.groups.add(group, seen),
            None => self.left_out += 1,
        }
    }

    /// The place of the group of a record, which is begun where it is the first
    /// of its kind and there is room.
    fn group(&mut self, seen: &Sighting<'_>, ruling: &Ruling, file: &str, record: &mut dyn FnMut() -> Record<'static>) -> Option<usize> {
        let key = self.key(seen, ruling);
        if let Some(place) = self.places.get(&key) {
            return Some(*place as usize);
        }
        let place = self.groups.count();
        let most = if self.by.is_empty() { MOST_GROUPS } else { MOST_ASKED };
        if place >= most || self.groups.is_full() {
            return None;
        }
        let values: Vec<String> = self.by.iter().map(|by| value(*by, seen, ruling).into_owned()).collect();
        self.places.insert(key, place as u32);
        self.groups.begin(seen, ruling, &values, file, &record());
        Some(place)
    }

    /// A number for the values that a record is grouped by.
    fn key(&self, seen: &Sighting<'_>, ruling: &Ruling) -> u64 {
        if !self.by.is_empty() {
            return self.by.iter().fold(0, |key, by| hash::joined(key, &value(*by, seen, ruling)));
        }
        let spoke = ruling.speaker.map_or(0, |s| u64::from(s.number) + 1);
        let inbound = u64::from(seen.direction == Direction::In);
        let known = u64::from(ruling.cause.number) << 32 | spoke << 16 | (ruling.verdict as u64) << 1 | inbound;
        let key = if spoke == 0 { hash::joined(known, relay_domain(seen)) } else { known };
        hash::joined(key, seen.about.unwrap_or_default())
    }

    /// The groups, those to act on first, then the largest.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut all: Vec<Group<'_>> = self.groups.iter().collect();
        let order = |a: &Group<'_>, b: &Group<'_>| rank(*a).cmp(&rank(*b)).then(b.count().cmp(&a.count()));
        all.sort_by(|a, b| order(a, b).then_with(|| a.key().cmp(b.key())));
        all
    }
}

fn rank(group: Group<'_>) -> u8 {
    match group.verdict() {
        Verdict::Fix => 0,
        Verdict::Remove => 1,
        Verdict::Unknown => 2,
        Verdict::Retry => 3,
        Verdict::Ok => 4,
    }
}

/// The provider that spoke, else the domain of the relay.
fn spoke<'s>(seen: &Sighting<'s>, ruling: &Ruling) -> &'s str {
    ruling.speaker.map_or_else(|| relay_domain(seen), |s| s.name())
}

pub(super) fn relay_domain<'s>(seen: &Sighting<'s>) -> &'s str {
    seen.relay.map(domain_of_host).unwrap_or_default()
}

/// The last two labels of a host name, three where the last are short
/// (`example.co.uk`).
pub(super) fn domain_of_host(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let short = last - second <= 4 && host.len() - last == 3;
    let start = if short { dots.next() } else { Some(second) };
    start.map_or(host, |at| &host[at + 1..])
}

fn value<'s>(by: By, seen: &Sighting<'s>, ruling: &Ruling) -> Cow<'s, str> {
    let text = |field: Option<&'s str>| Cow::Borrowed(field.unwrap_or_default());
    match by {
        By::Cause => ruling.cause.id().into(),
        By::Verdict => ruling.verdict.name().into(),
        By::Provider => spoke(seen, ruling).into(),
        By::Domain => small(seen.recipient.and_then(|r| r.rsplit('@').next()).unwrap_or_default()),
        By::Recipient => small(seen.recipient.unwrap_or_default()),
        By::Relay => text(seen.relay),
        By::Sender => text(seen.sender),
        By::Code => numbers(ruling).into(),
        By::Who => ruling.who.name().into(),
        By::Hour => seen.time.map_or(String::new(), |t| t.at.strftime("%Y-%m-%d %H:00").to_string()).into(),
    }
}

fn small(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

fn numbers(ruling: &Ruling) -> String {
    let both = [ruling.code.map(|c| c.to_string()), ruling.enhanced.map(|e| e.to_string())];
    both.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

impl Totals {
    /// Attempts with this verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.verdicts[verdict as usize]
    }

    /// The verdicts that attempts had.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> + '_ {
        Verdict::ALL.iter().map(|(_, v)| *v).filter(|v| self.of(*v) > 0)
    }

    fn add(&mut self, seen: &Sighting<'_>, ruling: &Ruling) {
        self.records += 1;
        widen(&mut self.first, &mut self.last, seen.time);
        match seen.kind {
            Kind::Attempt => {
                self.attempts += 1;
                self.delivered += usize::from(seen.delivered);
                self.verdicts[ruling.verdict as usize] += 1;
                seen.message.into_iter().for_each(|m| self.messages.add_hash(m));
                seen.person.into_iter().for_each(|p| self.recipients.add_hash(p));
            }
            Kind::Intermediate => self.intermediate += 1,
            Kind::Reject => self.rejects += 1,
            Kind::Login => self.logins += 1,
            Kind::Session => self.sessions += 1,
            Kind::Expired => self.expired += 1,
        }
    }
}

/// Widens a span so that it holds `time`.
pub fn widen(first: &mut Option<Time>, last: &mut Option<Time>, time: Option<Time>) {
    let Some(time) = time else { return };
    if *last == Some(time) {
        return;
    }
    if first.is_none_or(|f| time.at < f.at) {
        *first = Some(time);
    }
    if last.is_none_or(|l| time.at > l.at) {
        *last = Some(time);
    }
}

/// Hours since the year 1.
pub fn hour(time: Time) -> Option<i64> {
    let date = time.at.date();
    let days = i64::from(date.day_of_year()) + i64::from(date.year()) * 366;
    Some(days * 24 + i64::from(time.at.hour()))
}
