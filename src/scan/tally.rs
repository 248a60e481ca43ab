//! Counts a scan: totals, groups of equal findings, when and whom they hit.
//! It must not know formats or output.

use std::collections::HashMap;

use super::alarm::Watch;
use super::distinct::{self, Distinct};
use super::hours::Hours;
use super::ruling::Ruling;
use crate::codes::rows::Verdict;
use crate::input::record::beginning;
use crate::input::time::Time;
use crate::input::{Direction, Kind, Record};

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

/// Where a finding was seen.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub file: String,
    pub line: u64,
    pub queue_id: Option<String>,
}

/// Equal findings.
pub struct Group {
    /// The values they are grouped by.
    pub key: Vec<String>,
    pub ruling: Ruling,
    pub count: usize,
    pub messages: Distinct,
    pub recipients: Distinct,
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// Records by hour since the first hour seen anywhere.
    pub hours: Hours,
    /// A record of the group, for its details.
    pub example: Record<'static>,
    pub place: Place,
}

/// Counts of a whole scan.
#[derive(Default)]
pub struct Totals {
    pub lines: u64,
    pub records: usize,
    /// Outcomes of attempts to deliver, by verdict.
    pub verdicts: HashMap<Verdict, usize>,
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
const MOST_GROUPS: usize = 20_000;

/// Different messages and recipients that are kept in all groups together, to
/// count them exactly; about 100 MB.
const MOST_KEPT: isize = 4_000_000;
/// So many are kept in each group where that is not enough.
const FEW: usize = 500;
/// Bytes of a reply that is kept as the example of a group.
const MOST_EXAMPLE: usize = 4000;

/// Totals and groups of a scan.
pub struct Tally {
    by: Vec<By>,
    /// Messages and recipients kept in the groups.
    kept: isize,
    /// How many of them are counted exactly in one group.
    exact: usize,
    pub totals: Totals,
    groups: HashMap<Vec<String>, Group>,
    /// Looks for providers that turned against us.
    pub watch: Watch,
    /// Findings that found no room in a group.
    pub left_out: usize,
}

impl Tally {
    pub fn new(by: Vec<By>) -> Tally {
        let (totals, groups, watch) = (Totals::default(), HashMap::new(), Watch::default());
        Tally { by, kept: 0, exact: distinct::EXACT, totals, groups, watch, left_out: 0 }
    }

    /// Counts one record.
    pub fn add(&mut self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>, file: &str) {
        self.totals.add(record, ruling, time);
        self.watch.add(record, ruling, time);
        if ruling.verdict != Verdict::Ok && record.kind != Kind::Intermediate {
            self.group(record, ruling, time, file);
        }
    }

    fn group(&mut self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>, file: &str) {
        let key = self.key(record, ruling, time);
        if !self.groups.contains_key(&key) && self.groups.len() >= MOST_GROUPS {
            self.left_out += 1;
            return;
        }
        let exact = self.exact;
        let group = self.groups.entry(key).or_insert_with_key(|key| new_group(key, record, ruling, file, exact));
        let kept = group.kept();
        group.count += 1;
        if let Some(id) = &record.queue_id {
            group.messages.add(id);
        }
        if let Some(recipient) = &record.recipient {
            group.recipients.add(recipient);
        }
        widen(&mut group.first, &mut group.last, time);
        if let Some(hour) = time.and_then(hour) {
            group.hours.add(hour);
        }
        self.kept += group.kept() - kept;
        if self.kept > MOST_KEPT {
            self.estimate();
        }
    }

    /// Makes room: from now on what is different is counted by estimate in all
    /// but small groups.
    fn estimate(&mut self) {
        self.exact = FEW;
        self.groups.values_mut().for_each(|g| [&mut g.messages, &mut g.recipients].into_iter().for_each(|d| d.limit(FEW)));
        self.kept = self.groups.values().map(Group::kept).sum();
    }

    fn key(&self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>) -> Vec<String> {
        if self.by.is_empty() {
            let about = ruling.about.clone().unwrap_or_default();
            let direction = if record.direction == Direction::In { "in" } else { "" };
            let verdict = ruling.verdict.name().to_string();
            return vec![ruling.cause.id().to_string(), spoke(record, ruling), about, verdict, direction.to_string()];
        }
        self.by.iter().map(|by| value(*by, record, ruling, time)).collect()
    }

    /// The groups, those to act on first, then the largest.
    pub fn groups(&self) -> Vec<&Group> {
        let mut all: Vec<&Group> = self.groups.values().collect();
        all.sort_by(|a, b| (rank(a), b.count, &a.key).cmp(&(rank(b), a.count, &b.key)));
        all
    }
}

fn rank(group: &Group) -> u8 {
    match group.ruling.verdict {
        Verdict::Fix => 0,
        Verdict::Remove => 1,
        Verdict::Unknown => 2,
        Verdict::Retry => 3,
        Verdict::Ok => 4,
    }
}

impl Group {
    /// Messages and recipients that are kept to be counted.
    fn kept(&self) -> isize {
        (self.messages.kept() + self.recipients.kept()).cast_signed()
    }
}

fn new_group(key: &[String], record: &Record<'_>, ruling: &Ruling, file: &str, exact: usize) -> Group {
    let queue_id = record.queue_id.as_deref().map(str::to_string);
    let text = beginning(&record.text, MOST_EXAMPLE);
    Group {
        key: key.to_vec(),
        ruling: ruling.clone(),
        count: 0,
        messages: Distinct::up_to(exact),
        recipients: Distinct::up_to(exact),
        first: None,
        last: None,
        hours: Hours::default(),
        example: Record { text: text.into(), ..record.clone() }.into_owned(),
        place: Place { file: file.to_string(), line: record.line, queue_id },
    }
}

/// The provider that spoke, else the domain of the relay.
fn spoke(record: &Record<'_>, ruling: &Ruling) -> String {
    let relay = || record.relay.as_deref().map(domain_of_host).unwrap_or_default();
    ruling.speaker.map_or_else(relay, |s| s.name().to_string())
}

/// The last two labels of a host name, three where the last are short
/// (`example.co.uk`).
pub(super) fn domain_of_host(host: &str) -> String {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let short = labels.len() > 2 && labels[labels.len() - 2].len() <= 3 && labels[labels.len() - 1].len() == 2;
    let keep = if short { 3 } else { 2 };
    labels[labels.len().saturating_sub(keep)..].join(".")
}

fn value(by: By, record: &Record<'_>, ruling: &Ruling, time: Option<Time>) -> String {
    let text = |field: &Option<std::borrow::Cow<'_, str>>| field.as_deref().unwrap_or("").to_string();
    match by {
        By::Cause => ruling.cause.id().to_string(),
        By::Verdict => ruling.verdict.name().to_string(),
        By::Provider => spoke(record, ruling),
        By::Domain => text(&record.recipient).rsplit('@').next().unwrap_or("").to_ascii_lowercase(),
        By::Recipient => text(&record.recipient).to_ascii_lowercase(),
        By::Relay => text(&record.relay),
        By::Sender => text(&record.sender),
        By::Code => {
            [ruling.code.map(|c| c.to_string()), ruling.enhanced.map(|e| e.to_string())].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        By::Who => ruling.who.name().to_string(),
        By::Hour => time.map_or(String::new(), |t| t.at.strftime("%Y-%m-%d %H:00").to_string()),
    }
}

impl Totals {
    fn add(&mut self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>) {
        self.records += 1;
        widen(&mut self.first, &mut self.last, time);
        match record.kind {
            Kind::Attempt => self.attempt(record, ruling),
            Kind::Intermediate => self.intermediate += 1,
            Kind::Reject => self.rejects += 1,
            Kind::Login => self.logins += 1,
            Kind::Session => self.sessions += 1,
            Kind::Expired => self.expired += 1,
        }
    }

    fn attempt(&mut self, record: &Record<'_>, ruling: &Ruling) {
        self.attempts += 1;
        self.delivered += usize::from(record.is_delivered());
        *self.verdicts.entry(ruling.verdict).or_default() += 1;
        if let Some(id) = &record.queue_id {
            self.messages.add(id);
        }
        if let Some(recipient) = &record.recipient {
            self.recipients.add(recipient);
        }
    }
}

/// Widens a span so that it holds `time`.
pub fn widen(first: &mut Option<Time>, last: &mut Option<Time>, time: Option<Time>) {
    let Some(time) = time else { return };
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
