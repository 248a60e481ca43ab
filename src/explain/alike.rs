//! Answers to texts that are alike: they differ in names, numbers and
//! addresses alone, as texts of one shape do. The matcher is asked about the
//! first of them; of the others only the details are read. It must not know
//! what a shape is, nor output formats.

use std::ops::Range;

use memchr::memchr_iter;

use super::details::Places;
use super::fill::Slot;
use super::{Answer, Details, Finding, fill, filled, read};
use crate::block::{self, Block, Marks};
use crate::catalogue::Catalogue;
use crate::matcher::{self, Context};
use crate::reply;
use crate::reply::code::Numbers;

/// Where an answer stands in a text, and so in others like it.
pub struct Pattern {
    text: Box<str>,
    /// The runs of letters and digits that the text is made of.
    runs: Box<[Run]>,
    numbers: Numbers,
    /// Where the server's own words stand.
    span: Range<usize>,
    /// What decided.
    matched: Range<usize>,
    places: Places,
}

/// Bytes of the longest text that is compared.
const MOST_TEXT: usize = u16::MAX as usize;

/// Where a run begins and ends: small, since many are kept.
#[derive(Clone, Copy)]
struct Run {
    start: u16,
    end: u16,
}

impl Run {
    fn of(range: Range<usize>) -> Run {
        let small = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Run { start: small(range.start), end: small(range.end) }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What an answer says of its own text alone.
pub struct Own<'t> {
    /// The text.
    pub input: &'t str,
    /// The server's words on one line.
    pub words: String,
    /// What decided.
    pub matched: Range<usize>,
    pub details: Details,
}

impl Pattern {
    /// The pattern of the answer to `text`, and the answer with its
    /// placeholders open; `None` where the text has escapes, which make it
    /// unlike any other.
    pub fn of(catalogue: Catalogue, text: &str, context: Context<'_>) -> Option<(Pattern, Finding)> {
        let reply = read(catalogue, text);
        if !reply.is_plain() || text.len() > MOST_TEXT {
            return None;
        }
        let decision = matcher::decide(catalogue, &reply, context);
        let outline = Answer { catalogue, reply: &reply, decision: &decision }.outline();
        let pattern = Pattern {
            text: text.into(),
            runs: runs(text),
            places: Places::of(catalogue.tables, &reply, &decision),
            matched: outline.matched.range.clone(),
            numbers: reply.numbers.clone(),
            span: reply.span.clone(),
        };
        Some((pattern, outline))
    }

    /// What is to be said of `text` alone; `None` where it is not alike.
    pub fn own<'t>(&self, text: &'t str, context: Context<'_>) -> Option<Own<'t>> {
        let way = Way::between(self, text)?;
        let numbers = Numbers { code_at: way.range(&self.numbers.code_at)?, ..self.numbers.clone() };
        Some(Own {
            input: text,
            words: reply::words(text, &numbers, way.range(&self.span)?),
            matched: way.range(&self.matched)?,
            details: self.places.moved(|place| way.range(place))?.read(text, context),
        })
    }
}

/// The whole answer that `own` is of.
pub fn finding(mut outline: Finding, own: Own<'_>) -> Finding {
    outline.input = own.input.to_string();
    outline.text = own.words;
    outline.matched.text = own.input.get(own.matched.clone()).unwrap_or("").to_string();
    outline.matched.range = own.matched;
    filled(outline, own.details)
}

/// A text with placeholders, cut where they stand.
#[derive(PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    /// Words, each as `write` made them, and the slot that follows them; none
    /// where details change what is around them.
    pieces: Option<Box<[Piece]>>,
}

type Piece = (Box<str>, Option<Slot>);

/// What came of filling a template.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    Done,
    /// A detail is unknown.
    Lacking,
    /// It cannot be told so quickly.
    Unclear,
}

impl Template {
    /// A template of which the words are shown as `write` makes them.
    pub fn of(text: &str, write: impl Fn(&str) -> String) -> Template {
        let pieces = || fill::pieces(text).map(|(words, slot)| (write(words).into(), slot)).collect();
        Template { text: text.into(), pieces: fill::is_even(text).then(pieces) }
    }

    /// Fills it with details that need no writing; unless that is done there is
    /// nothing to be made of what was added to `out`.
    pub fn fill(&self, details: &Details, out: &mut Vec<u8>) -> Filled {
        let Some(pieces) = &self.pieces else { return Filled::Unclear };
        for (words, slot) in pieces {
            out.extend_from_slice(words.as_bytes());
            let Some(slot) = slot else { continue };
            match slot.detail(details) {
                Some(detail) if fill::is_plain(detail) => out.extend_from_slice(detail.as_bytes()),
                Some(_) => return Filled::Unclear,
                None => return Filled::Lacking,
            }
        }
        Filled::Done
    }
}

impl AsRef<str> for Template {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// A text with its placeholders filled.
pub fn text(template: &str, details: &Details) -> String {
    fill::text(template, details)
}

/// Commands with their placeholders filled.
pub fn commands<T: AsRef<str>>(templates: &[T], details: &Details) -> Vec<String> {
    fill::commands(templates, details)
}

/// Whether a text has a placeholder: without one it is the same whatever the
/// details.
pub fn is_open(template: &str) -> bool {
    template.contains('{')
}

/// The way from places in the text of a pattern to those in another text.
struct Way<'a> {
    pattern: &'a Pattern,
    text: &'a str,
    /// The runs of the text.
    runs: Vec<Run>,
}

impl<'a> Way<'a> {
    /// `None` where something else than runs differs.
    fn between(pattern: &'a Pattern, text: &'a str) -> Option<Way<'a>> {
        let (from, to) = (pattern.text.as_bytes(), text.as_bytes());
        if to.len() > MOST_TEXT {
            return None;
        }
        let mut runs = Vec::with_capacity(pattern.runs.len());
        let (mut at, mut known) = (0, 0);
        for run in &pattern.runs {
            let run = run.range();
            let gap = &from[known..run.start];
            let start = at + gap.len();
            // Byte by byte, since most gaps are one.
            if !to.get(at..start)?.iter().eq(gap) {
                return None;
            }
            at = run_end(to, start);
            if at == start {
                return None;
            }
            runs.push(Run::of(start..at));
            known = run.end;
        }
        // An escape may have come in with a number.
        (from[known..] == to[at..] && (!may_be_escaped(to) || from == to)).then_some(Way { pattern, text, runs })
    }

    fn range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(self.place(range.start)?..self.place(range.end)?)
    }

    /// A place is found from the end of the run before it; within a run only if
    /// that is the same.
    fn place(&self, at: usize) -> Option<usize> {
        let known = &self.pattern.runs;
        let before = known.partition_point(|run| run.end as usize <= at);
        let end = |runs: &[Run]| before.checked_sub(1).map_or(0, |last| runs[last].end as usize);
        let inside = known.get(before).is_some_and(|run| (run.start as usize) < at);
        let same = || self.pattern.text[known[before].range()] == self.text[self.runs[before].range()];
        (!inside || same()).then(|| end(&self.runs) + (at - end(known)))
    }
}

fn may_be_escaped(text: &[u8]) -> bool {
    memchr_iter(b'#', text).any(|at| text.get(at + 1) == Some(&b'0') || at > 0 && text[at - 1] == b'&')
}

fn runs(text: &str) -> Box<[Run]> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(skip) = block::position(&bytes[at..], in_run) {
        let start = at + skip;
        at = run_end(bytes, start);
        runs.push(Run::of(start..at));
    }
    runs.into_boxed_slice()
}

/// Where the run ends that begins at `start`.
fn run_end(bytes: &[u8], start: usize) -> usize {
    start + block::run_len(&bytes[start..], in_run)
}

/// Letters and digits, and the colons of IPv6 addresses.
fn in_run(block: Block) -> Marks {
    block.letters() | block.digits() | block.is(b':')
}
