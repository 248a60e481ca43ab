//! Keeps groups of equal findings by the thousand: the counts of each in a row
//! of its own, all texts together. It must not know by what they are grouped,
//! nor output.

use super::distinct::{Distinct, Size};
use super::hours::Hours;
use super::ruling::Ruling;
use super::tally::{Sighting, hour, relay_domain, widen};
use super::texts::Texts;
use crate::catalogue::{Cause, Speaker};
use crate::codes::rows::{Verdict, Who};
use crate::codes::status::Stage;
use crate::input::record::{MOST_FIELD, beginning};
use crate::input::time::Time;
use crate::input::{Direction, Record};

/// Bytes of a reply that is kept as the example of a group, and of each name in it.
const MOST: (usize, usize) = (4000, MOST_FIELD);
/// The same once there are many texts: what is longer is no reply or name.
const LEAST: (usize, usize) = (500, 260);
/// Bytes of texts that are many.
const MANY: usize = 1 << 19;
/// Bytes of rows and texts beyond which no group is begun.
const MOST_ROWS: usize = 2 << 20;
/// Bytes that the counts of all groups take besides.
const MOST_COUNTS: usize = 3 << 19;

/// How exactly the messages, recipients and hours of a group are counted.
#[derive(Clone, Copy)]
struct Room {
    things: Size,
    hours: usize,
}

impl Room {
    const fn new(exact: usize, registers: usize, hours: usize) -> Room {
        Room { things: Size { exact, registers }, hours }
    }
}

/// Groups that are of what is most common: those begun first.
const COMMON: usize = 512;
/// Room for each of them and for each of the others; the next where the counts
/// of all take too much. Estimates are 2, 5, 9 and 18 % off, and 7 to 18 %.
const ROOMS: [[Room; 2]; 4] = [
    [Room::new(256, 1 << 11, 512), Room::new(32, 1 << 8, 64)],
    [Room::new(64, 1 << 9, 128), Room::new(16, 1 << 7, 32)],
    [Room::new(16, 1 << 7, 64), Room::new(8, 1 << 6, 16)],
    [Room::new(4, 1 << 5, 16), Room::new(4, 1 << 5, 8)],
];

/// Groups in the order in which they were begun.
#[derive(Default)]
pub struct Groups {
    rows: Vec<Row>,
    texts: Texts,
    /// Which of [`ROOMS`] the groups have.
    room: usize,
    /// Bytes that their counts take besides the rows.
    counts: usize,
    files: Vec<String>,
    /// The values that groups are of; none: see [`Group::key`].
    values: usize,
}

/// A group, of which the texts are elsewhere.
pub struct Row {
    cause: Cause,
    speaker: Option<Speaker>,
    verdict: Verdict,
    who: Who,
    direction: Direction,
    stage: Option<Stage>,
    count: usize,
    messages: Distinct,
    recipients: Distinct,
    first: Option<Time>,
    last: Option<Time>,
    hours: Hours,
    /// Where the example stands.
    file: u32,
    line: u64,
    /// The number of its first text: its values, then those of the example.
    texts: u32,
    /// Which texts of the example there are, a bit each.
    has: u8,
}

/// What a record is grouped by, where the user did not say: besides what is
/// known by number, who spoke and what about.
const USUAL_TEXTS: usize = 2;
/// The values that these are two of.
const USUAL_VALUES: usize = 5;

impl Groups {
    /// Groups of so many values each; 0: the usual ones.
    pub fn of(values: usize) -> Groups {
        Groups { values, ..Groups::default() }
    }

    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// There is no room for another group.
    pub fn is_full(&self) -> bool {
        self.rows.len() * size_of::<Row>() + self.texts.size() >= MOST_ROWS
    }

    /// Begins a group with what was seen first of it; `values` are those it is
    /// of, where they are not the usual ones.
    pub fn begin(&mut self, seen: &Sighting<'_>, ruling: &Ruling, values: &[String], file: &str, example: &Record<'_>) {
        let texts = self.texts.count();
        if self.values == 0 {
            self.texts.add(if ruling.speaker.is_none() { relay_domain(seen) } else { "" });
            self.texts.add(seen.about.unwrap_or_default());
        }
        values.iter().for_each(|value| self.texts.add(value));
        let (reply, name) = if self.texts.size() < MANY { MOST } else { LEAST };
        let names = [&example.sender, &example.recipient, &example.relay, &example.mta_dsn].map(Option::as_deref);
        let [sender, recipient, relay, mta_dsn] = names.map(|text| text.map(|text| beginning(text, name)));
        let text = beginning(&example.text, reply);
        let all = [seen.queue_id, sender, recipient, relay, mta_dsn, Some(text)];
        all.iter().for_each(|text| self.texts.add(text.unwrap_or_default()));
        let file = self.file(file);
        self.rows.push(Row {
            cause: ruling.cause,
            speaker: ruling.speaker,
            verdict: ruling.verdict,
            who: ruling.who,
            direction: seen.direction,
            stage: example.stage,
            count: 0,
            messages: Distinct::default(),
            recipients: Distinct::default(),
            first: None,
            last: None,
            hours: Hours::default(),
            file,
            line: seen.line,
            texts: texts as u32,
            has: all.iter().enumerate().fold(0, |has, (at, text)| has | u8::from(text.is_some()) << at),
        });
    }

    /// Counts a record in a group.
    pub fn add(&mut self, place: usize, seen: &Sighting<'_>) {
        let room = self.room_of(place);
        let row = &mut self.rows[place];
        let before = row.size();
        row.count += 1;
        seen.message.into_iter().for_each(|m| row.messages.add_within(m, room.things));
        seen.person.into_iter().for_each(|p| row.recipients.add_within(p, room.things));
        widen(&mut row.first, &mut row.last, seen.time);
        seen.time.and_then(hour).into_iter().for_each(|h| row.hours.add(h, room.hours));
        self.counts = self.counts + row.size() - before;
        if self.counts > MOST_COUNTS && self.room + 1 < ROOMS.len() {
            self.tighten();
        }
    }

    fn room_of(&self, place: usize) -> Room {
        ROOMS[self.room][usize::from(place >= COMMON)]
    }

    /// Gives all groups less room.
    fn tighten(&mut self) {
        self.room += 1;
        for place in 0..self.rows.len() {
            let room = self.room_of(place);
            self.rows[place].tighten(room);
        }
        self.counts = self.rows.iter().map(Row::size).sum();
    }

    pub fn iter(&self) -> impl Iterator<Item = Group<'_>> {
        self.rows.iter().map(|row| Group { row, groups: self })
    }

    /// The number of a file; they come one after another.
    fn file(&mut self, name: &str) -> u32 {
        if self.files.last().is_none_or(|last| last != name) {
            self.files.push(name.to_string());
        }
        self.files.len() as u32 - 1
    }
}

impl Row {
    /// Bytes that its counts take besides.
    fn size(&self) -> usize {
        self.messages.size() + self.recipients.size() + self.hours.size()
    }

    fn tighten(&mut self, room: Room) {
        self.messages.tighten(room.things);
        self.recipients.tighten(room.things);
        self.hours.tighten(room.hours);
    }
}

/// Equal findings.
#[derive(Clone, Copy)]
pub struct Group<'g> {
    row: &'g Row,
    groups: &'g Groups,
}

impl<'g> Group<'g> {
    /// The values that its records are grouped by: those the user asked for,
    /// else cause, who spoke, what about, verdict and direction.
    pub fn key(self) -> impl Iterator<Item = &'g str> {
        let count = if self.groups.values == 0 { USUAL_VALUES } else { self.groups.values };
        (0..count).map(move |number| if self.groups.values == 0 { self.usual(number) } else { self.text(number) })
    }

    fn usual(self, number: usize) -> &'g str {
        match number {
            0 => self.row.cause.id(),
            1 => self.row.speaker.map_or_else(|| self.text(0), |speaker| speaker.name()),
            2 => self.text(1),
            3 => self.row.verdict.name(),
            _ if self.row.direction == Direction::In => "in",
            _ => "",
        }
    }

    pub fn cause(self) -> Cause {
        self.row.cause
    }

    pub fn verdict(self) -> Verdict {
        self.row.verdict
    }

    pub fn who(self) -> Who {
        self.row.who
    }

    pub fn speaker(self) -> Option<Speaker> {
        self.row.speaker
    }

    pub fn direction(self) -> Direction {
        self.row.direction
    }

    pub fn count(self) -> usize {
        self.row.count
    }

    pub fn messages(self) -> &'g Distinct {
        &self.row.messages
    }

    pub fn recipients(self) -> &'g Distinct {
        &self.row.recipients
    }

    pub fn first(self) -> Option<Time> {
        self.row.first
    }

    pub fn last(self) -> Option<Time> {
        self.row.last
    }

    /// When its records were seen.
    pub fn hours(self) -> &'g Hours {
        &self.row.hours
    }

    /// What the finding is about besides its cause, where it is grouped by that.
    pub fn about(self) -> Option<&'g str> {
        Some(self.usual(2)).filter(|about| self.groups.values == 0 && !about.is_empty())
    }

    /// Where its first record stands.
    pub fn file(self) -> &'g str {
        &self.groups.files[self.row.file as usize]
    }

    pub fn line(self) -> u64 {
        self.row.line
    }

    pub fn queue_id(self) -> Option<&'g str> {
        self.example_text(0)
    }

    pub fn reply(self) -> &'g str {
        self.example_text(5).unwrap_or_default()
    }

    /// As much of its first record as an answer needs.
    pub fn example(self) -> Record<'g> {
        let name = |number| self.example_text(number).map(Into::into);
        Record {
            direction: self.row.direction,
            stage: self.row.stage,
            sender: name(1),
            recipient: name(2),
            relay: name(3),
            mta_dsn: name(4),
            text: self.reply().into(),
            ..Record::default()
        }
    }

    fn example_text(self, number: usize) -> Option<&'g str> {
        let values = if self.groups.values == 0 { USUAL_TEXTS } else { self.groups.values };
        (self.row.has >> number & 1 == 1).then(|| self.text(values + number))
    }

    fn text(self, number: usize) -> &'g str {
        self.groups.texts.get(self.row.texts as usize + number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ruling::Judge;
    use super::*;
    use crate::catalogue::Catalogue;

    fn begin(groups: &mut Groups, values: &[String], record: &Record<'_>) {
        let ruling = Judge::new(Catalogue::built_in(), None).rule(record);
        groups.begin(&Sighting::of(record, &ruling, None), &ruling, values, "mail.log", record);
    }

    #[test]
    fn a_group_tells_its_key_and_its_example_as_they_were() {
        let record = Record {
            queue_id: Some("4B12345".into()),
            recipient: Some("a@example.com".into()),
            relay: Some("mx1.example.com".into()),
            text: "550 5.1.1 User unknown".into(),
            line: 7,
            ..Record::default()
        };
        let mut groups = Groups::of(0);
        begin(&mut groups, &[], &record);
        let mut asked = Groups::of(2);
        begin(&mut asked, &["one".into(), String::new()], &record);
        let all: Vec<Group<'_>> = groups.iter().chain(asked.iter()).collect();
        let keys: Vec<Vec<&str>> = all.iter().map(|group| group.key().collect()).collect();
        assert_eq!(keys, [vec!["mailbox-unknown", "example.com", "", "remove", ""], vec!["one", ""]]);
        for group in all {
            assert_eq!((group.file(), group.line(), group.queue_id()), ("mail.log", 7, Some("4B12345")));
            let kept = Record { queue_id: None, line: 0, ..record.clone() };
            assert_eq!((group.example(), group.reply(), group.about()), (kept, &*record.text, None));
        }
    }

    #[test]
    fn examples_of_very_many_groups_are_short() {
        let long = Record { text: "x".repeat(MOST.0 + 1).into(), relay: Some("y".repeat(MOST.1).into()), ..Record::default() };
        let mut groups = Groups::of(1);
        while groups.texts.size() < MANY {
            begin(&mut groups, &["value".into()], &long);
        }
        begin(&mut groups, &["value".into()], &long);
        let sizes: Vec<usize> = groups.iter().map(|group| group.reply().len()).collect();
        assert_eq!((sizes[0], sizes[sizes.len() - 1]), (MOST.0, LEAST.0));
    }

    #[test]
    fn memory_of_groups_is_bounded_and_their_counts_stay_near() {
        let record = |n: usize| Record {
            queue_id: Some(format!("4B{n}").into()),
            recipient: Some(format!("user{n}@example.com").into()),
            text: "550 5.1.1 User unknown".into(),
            ..Record::default()
        };
        let ruling = Judge::new(Catalogue::built_in(), None).rule(&record(0));
        let start: jiff::civil::DateTime = "2026-11-21T17:00".parse().unwrap();
        let mut groups = Groups::of(1);
        while !groups.is_full() {
            groups.begin(&Sighting::of(&record(0), &ruling, None), &ruling, &[groups.count().to_string()], "mail.log", &record(0));
        }
        let count = groups.count();
        assert!(count > 5000, "{count}");
        for n in 0..100 {
            let at = start.checked_add(jiff::Span::new().hours(3 * n as i64)).unwrap();
            for place in 0..count {
                groups.add(place, &Sighting::of(&record(100 * place + n), &ruling, Some(Time { at, offset: None })));
            }
        }
        let size: usize = groups.rows.iter().map(Row::size).sum();
        assert!(size == groups.counts && size <= 2 * MOST_COUNTS, "{size}");
        for group in groups.iter() {
            let (messages, recipients) = (group.messages().count(), group.recipients().count());
            assert!(group.count() == 100 && (30..300).contains(&messages) && (30..300).contains(&recipients), "{messages} {recipients}");
            assert_eq!(group.hours().counts().map(|(_, n)| n).sum::<usize>(), 100);
            assert!(group.messages().is_estimate() && group.first().unwrap().at == start);
        }
    }
}
