//! Groups replies whose meaning no text rule knew. What changes from one reply
//! to the next (addresses, hosts, numbers, ids, quoted names, times) is folded
//! to placeholders, so that equal texts meet. It must not know output.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::ops::Range;

use super::tally::Tally;
use super::{Seen, Sink};
use crate::codes::rows::Verdict;
use crate::codes::words::{self, Kind, Passed, Token};
use crate::reply::Reply;

/// A part of a folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Word,
    Addr,
    Host,
    Ip,
    Url,
    Id,
    Number,
}

impl Part {
    /// What stands for it in a folded text; `None` for a word.
    pub fn placeholder(self) -> Option<&'static str> {
        match self {
            Part::Word => None,
            Part::Addr => Some("{addr}"),
            Part::Host => Some("{host}"),
            Part::Ip => Some("{ip}"),
            Part::Url => Some("{url}"),
            Part::Id => Some("{id}"),
            Part::Number => Some("{n}"),
        }
    }

    fn is_count(self) -> bool {
        matches!(self, Part::Id | Part::Number)
    }
}

/// A text cut into words and placeholders, with where they stand in it.
pub struct Folded {
    pub text: String,
    pub parts: Vec<(Part, Range<usize>)>,
}

impl Folded {
    /// Folds the words of a reply, its numbers left out.
    pub fn new(text: String) -> Folded {
        let mut tokens = Vec::new();
        words::cut(&text, Passed::default(), &mut tokens, &mut |_| 1);
        let quoted = quoted(&text);
        let mut parts: Vec<(Part, Range<usize>)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let (part, next) = part_at(&text, &tokens, at, &quoted);
            let range = tokens[at].start as usize..tokens[at..next].iter().map(|t| t.end as usize).max().unwrap_or(0);
            parts.push((part, range));
            at = next;
        }
        let parts = joined(with_dates(&text, parts));
        Folded { text, parts }
    }

    /// Words in lower case and placeholders: equal for equal texts.
    pub fn key(&self) -> String {
        let name = |(part, range): &(Part, Range<usize>)| {
            part.placeholder().map_or_else(|| self.text[range.clone()].to_lowercase(), str::to_string)
        };
        self.parts.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// The runs of words between placeholders, in lower case.
    pub fn runs(&self) -> Vec<String> {
        let runs = self.parts.split(|(part, _)| *part != Part::Word);
        let run = |run: &[(Part, Range<usize>)]| run.iter().map(|(_, r)| self.text[r.clone()].to_lowercase()).collect::<Vec<_>>().join(" ");
        runs.filter(|r| !r.is_empty()).map(run).collect()
    }
}

/// The part that begins at token `at`, and the token behind it.
fn part_at(text: &str, tokens: &[Token], at: usize, quoted: &[Range<usize>]) -> (Part, usize) {
    let token = tokens[at];
    let inner = at + 1 + token.inner as usize;
    let name = quoted.iter().find(|q| q.contains(&(token.start as usize)));
    match token.kind {
        Kind::Addr => (Part::Addr, inner),
        Kind::Host => (Part::Host, inner),
        Kind::Ip => (Part::Ip, inner),
        Kind::Url => (Part::Url, inner),
        Kind::Path => (Part::Id, inner),
        _ if name.is_some() => (Part::Id, behind(tokens, at, |t| name.is_some_and(|q| q.contains(&(t.start as usize))))),
        Kind::Number if token.inner > 0 => (Part::Number, inner),
        Kind::Number | Kind::Word => word_at(text, tokens, at),
    }
}

/// The first token from `at` on that does not belong.
fn behind(tokens: &[Token], at: usize, belongs: impl Fn(&Token) -> bool) -> usize {
    tokens[at..].iter().position(|t| !belongs(t)).map_or(tokens.len(), |n| at + n)
}

/// A word, or words that signs join to one thing: `a1b2-c3d4`, `10:20:30`.
fn word_at(text: &str, tokens: &[Token], at: usize) -> (Part, usize) {
    let mut end = at + 1;
    while end < tokens.len() && tokens[end].inner == 0 && is_joint(&text[tokens[end - 1].end as usize..tokens[end].start as usize]) {
        end += 1;
    }
    let raw = |t: &Token| &text[t.start as usize..t.end as usize];
    let digits = tokens[at..end].iter().all(|t| t.kind == Kind::Number);
    if digits && is_count(&text[tokens[at].start as usize..tokens[end - 1].end as usize]) {
        (Part::Number, end)
    } else if digits || tokens[at..end].iter().any(|t| is_id(raw(t))) {
        (Part::Id, end)
    } else {
        (Part::Word, at + 1)
    }
}

/// Digits of a number or a time; an id may be of digits by chance.
fn is_count(text: &str) -> bool {
    text.len() <= LONGEST_NUMBER && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'/'))
}

/// Signs of the longest number that is no id: `10:20:30`.
const LONGEST_NUMBER: usize = 8;

fn is_joint(gap: &str) -> bool {
    matches!(gap, "-" | "_" | "." | "+" | "/" | "~" | "#" | ":")
}

/// Letters and digits mixed, or capitals strewn in as no word has them.
fn is_id(word: &str) -> bool {
    let digit = word.bytes().any(|b| b.is_ascii_digit());
    let pairs = word.as_bytes().windows(2);
    let humps = pairs.filter(|p| p[0].is_ascii_lowercase() && p[1].is_ascii_uppercase()).count();
    digit || word.len() >= 10 && humps >= 3
}

/// Most words of a quoted name; more are a sentence.
const NAME: usize = 2;

/// Ranges of short texts in quotes or angle brackets.
fn quoted(text: &str) -> Vec<Range<usize>> {
    const MARKS: [(char, char); 6] = [('"', '"'), ('\'', '\''), ('`', '\''), ('“', '”'), ('«', '»'), ('<', '>')];
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(c) = text[from..].chars().next() {
        let start = from + c.len_utf8();
        let fresh = text[..from].chars().next_back().is_none_or(|b| !b.is_alphanumeric());
        let close = MARKS.iter().find(|(open, _)| *open == c && fresh).and_then(|(_, close)| closing(text, start, *close));
        match close {
            Some(end) => {
                found.push(start..end);
                from = end + text[end..].chars().next().map_or(0, char::len_utf8);
            }
            None => from = start,
        }
    }
    found
}

/// Where a quoted name that begins at `start` ends.
fn closing(text: &str, start: usize, close: char) -> Option<usize> {
    let ends = |at: usize| text[at + close.len_utf8()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
    let end = text[start..].match_indices(close).map(|(n, _)| start + n).find(|at| ends(*at))?;
    let count = text[start..end].split_whitespace().count();
    (1..=NAME).contains(&count).then_some(end)
}

/// Names of months, weekdays and zones beside numbers belong to a time.
fn with_dates(text: &str, mut parts: Vec<(Part, Range<usize>)>) -> Vec<(Part, Range<usize>)> {
    const NAMES: [&str; 21] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat",
        "sun", "gmt", "utc",
    ];
    let named: Vec<bool> = parts.iter().map(|(_, r)| NAMES.contains(&text[r.clone()].to_lowercase().as_str())).collect();
    for at in (0..parts.len()).filter(|at| named[*at]).collect::<Vec<_>>().into_iter().rev() {
        let next = parts.get(at + 1).is_some_and(|(p, _)| p.is_count());
        let before = at > 0 && parts[at - 1].0.is_count();
        if next || before {
            parts[at].0 = Part::Number;
        }
    }
    parts
}

/// Numbers and ids in a row are one.
fn joined(parts: Vec<(Part, Range<usize>)>) -> Vec<(Part, Range<usize>)> {
    let mut out: Vec<(Part, Range<usize>)> = Vec::with_capacity(parts.len());
    for (part, range) in parts {
        match out.last_mut() {
            Some((last, before)) if last.is_count() && part.is_count() => {
                *last = if *last == part { part } else { Part::Id };
                before.end = range.end;
            }
            _ => out.push((part, range)),
        }
    }
    out
}

/// Where a reply was seen.
pub struct Place {
    pub file: String,
    pub line: u64,
    pub queue_id: Option<String>,
}

/// Replies that fold to the same text.
pub struct Group {
    pub count: usize,
    /// The first of them, as it was logged.
    pub example: String,
    pub place: Place,
    /// Its words, to be folded.
    text: String,
    pub codes: BTreeSet<u16>,
    pub enhanced: BTreeSet<String>,
    /// Hosts of the other side, with how often each spoke.
    pub hosts: BTreeMap<String, usize>,
}

impl Group {
    /// Its words, folded.
    pub fn folded(&self) -> Folded {
        Folded::new(self.text.clone())
    }

    /// Bytes that it takes, and its key, when it is begun.
    fn size(&self, key: &str) -> usize {
        const OWN: usize = size_of::<(String, Group)>() * 3 / 2 + 100;
        OWN + key.len() + self.example.len() + self.text.len() + self.place.file.len()
    }
}

/// Bytes that groups and hosts take together; hosts and enhanced codes of each.
const MOST_BYTES: usize = 3 << 20;
const MOST_HOSTS: usize = 100;
const MOST_STATUSES: usize = 20;

/// Bytes of a text that count; replies are shorter, dumps are not.
const MOST_TEXT: usize = 2000;

fn short(mut text: String) -> String {
    let end = (0..=MOST_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

/// Collects the groups, and counts all records.
pub struct Unknown<'a> {
    tally: &'a mut Tally,
    /// Makes a text one that may be shown.
    safe: &'a dyn Fn(&str) -> String,
    groups: HashMap<String, Group>,
    /// Bytes that they take, about.
    bytes: usize,
    /// Replies that found no room in a group.
    pub left_out: usize,
}

impl<'a> Unknown<'a> {
    pub fn new(tally: &'a mut Tally, safe: &'a dyn Fn(&str) -> String) -> Unknown<'a> {
        Unknown { tally, safe, groups: HashMap::new(), bytes: 0, left_out: 0 }
    }

    /// The groups with their keys, most frequent first.
    pub fn groups(&self) -> Vec<(&str, &Group)> {
        let mut all: Vec<(&str, &Group)> = self.groups.iter().map(|(key, group)| (key.as_str(), group)).collect();
        all.sort_by(|(a, left), (b, right)| (right.count, a).cmp(&(left.count, b)));
        all
    }

    fn add(&mut self, seen: &Seen<'_, '_>) {
        let reply = Reply::read(&seen.record.text, |code| crate::Catalogue::built_in().code(code).is_some());
        let folded = Folded::new(short((self.safe)(&reply.words())));
        let key = folded.key();
        let full = self.bytes >= MOST_BYTES;
        if !self.groups.contains_key(&key) {
            if full {
                self.left_out += 1;
                return;
            }
            let group = new_group(seen, folded.text);
            self.bytes += group.size(&key);
            self.groups.insert(key.clone(), group);
        }
        let Some(group) = self.groups.get_mut(&key) else { return };
        group.count += 1;
        group.codes.extend(seen.ruling.code);
        if group.enhanced.len() < MOST_STATUSES {
            group.enhanced.extend(seen.ruling.enhanced.map(|e| e.to_string()));
        }
        let Some(host) = seen.record.relay.as_deref() else { return };
        if let Some(count) = group.hosts.get_mut(host) {
            *count += 1;
        } else if group.hosts.len() < MOST_HOSTS && !full {
            self.bytes += 2 * size_of::<(String, usize)>() + host.len();
            group.hosts.insert(host.to_string(), 1);
        }
    }
}

impl Sink for Unknown<'_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.tally.add(seen.record, seen.ruling, seen.time, seen.file);
        if !seen.ruling.by_text && seen.ruling.verdict != Verdict::Ok && !seen.record.text.is_empty() {
            self.add(seen);
        }
        Ok(())
    }
}

fn new_group(seen: &Seen<'_, '_>, text: String) -> Group {
    let queue_id = seen.record.queue_id.as_deref().map(str::to_string);
    Group {
        count: 0,
        example: short(seen.record.text.to_string()),
        place: Place { file: seen.file.to_string(), line: seen.record.line, queue_id },
        text,
        codes: BTreeSet::new(),
        enhanced: BTreeSet::new(),
        hosts: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        Folded::new(text.to_string()).key()
    }

    #[test]
    fn what_changes_from_reply_to_reply_is_folded() {
        for (text, folded) in [
            ("Sorry <user@example.com> is not ours", "sorry {addr} is not ours"),
            ("Client [192.0.2.7] (mx.example.org) fails", "client {ip} {host} fails"),
            ("Rule 4711 hit, ref a1b2-c3d4_99", "rule {n} hit ref {id}"),
            ("Blurb at Sat, 21 Nov 2026 17:40:48 +0000 (UTC)", "blurb at {n}"),
            ("Blurb at 2026-11-21T17:40:48Z", "blurb at {id}"),
            ("Box 'jane doe' isn't here", "box {id} isn't here"),
            ("See https://example.com/x?y=1 now", "see {url} now"),
        ] {
            assert_eq!(key(text), folded, "{text}");
        }
    }

    #[test]
    fn groups_take_no_more_room_than_there_is() {
        use super::super::ruling::Judge;
        use crate::catalogue::Catalogue;
        use crate::input::Record;
        let mut tally = Tally::new(Vec::new());
        let mut judge = Judge::new(Catalogue::built_in(), None);
        let safe = |text: &str| text.to_string();
        let mut unknown = Unknown::new(&mut tally, &safe);
        let word = |n: usize| {
            "abcdefghij".chars().cycle().skip(n % 10).take(3 + n / 10 % 7).chain("xyz".repeat(1 + n / 70).chars()).collect::<String>()
        };
        for n in 0..3000 {
            let text = format!("550 flurb {} {}", word(n), "blurb ".repeat(300));
            let record = Record { text: text.into(), relay: Some(format!("mx{n}.example.com").into()), ..Record::default() };
            let ruling = judge.rule(&record);
            let seen = Seen { record: &record, ruling: &ruling, time: None, file: "mail.log", label: None, judge: &judge };
            unknown.take(&seen).unwrap();
        }
        let counted: usize = unknown.groups.values().map(|group| group.count).sum();
        assert!(unknown.bytes <= MOST_BYTES + 10_000 && unknown.left_out > 0, "{} {}", unknown.bytes, unknown.left_out);
        assert_eq!(counted + unknown.left_out, 3000);
    }

    #[test]
    fn runs_are_the_words_between_placeholders() {
        let folded = Folded::new("The flurb of 192.0.2.7 is Wobbly today".to_string());
        assert_eq!(folded.runs(), ["the flurb of", "is wobbly today"]);
    }
}
