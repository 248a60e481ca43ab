//! Keeps groups of equal findings by the thousand: the counts of each in a row
//! of its own, all texts together. It must not know by what they are grouped,
//! nor output.

use super::distinct::Distinct;
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
const LEAST: (usize, usize) = (1000, 300);
/// Bytes of texts that are many.
const MANY: usize = 2 << 20;

/// Groups in the order in which they were begun.
#[derive(Default)]
pub struct Groups {
    rows: Vec<Row>,
    texts: Texts,
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
    texts: usize,
    /// Which texts of the example there are.
    has: [bool; 6],
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
        let (place, file) = (self.rows.len(), self.file(file));
        self.rows.push(Row {
            cause: ruling.cause,
            speaker: ruling.speaker,
            verdict: ruling.verdict,
            who: ruling.who,
            direction: seen.direction,
            stage: example.stage,
            count: 0,
            messages: Distinct::one_of_many(place),
            recipients: Distinct::one_of_many(place),
            first: None,
            last: None,
            hours: Hours::one_of_many(place),
            file,
            line: seen.line,
            texts,
            has: all.map(|text| text.is_some()),
        });
    }

    /// Counts a record in a group.
    pub fn add(&mut self, place: usize, seen: &Sighting<'_>) {
        let row = &mut self.rows[place];
        row.count += 1;
        seen.message.into_iter().for_each(|m| row.messages.add_hash(m));
        seen.person.into_iter().for_each(|p| row.recipients.add_hash(p));
        widen(&mut row.first, &mut row.last, seen.time);
        seen.time.and_then(hour).into_iter().for_each(|h| row.hours.add(h));
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
        self.row.has[number].then(|| self.text(values + number))
    }

    fn text(self, number: usize) -> &'g str {
        self.groups.texts.get(self.row.texts + number)
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
}
