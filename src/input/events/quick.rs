//! Reads a line that is one JSON object in one pass and without copying it: an
//! outline says where each value stands, and texts are the line's own. It
//! reads by the grammar of RFC 8259, so that a line that it takes is valid;
//! what is rare (deep nesting, very many values, long numbers, exponents,
//! surrogates, escapes in keys, keys that stand twice) it leaves to the general
//! reader, which gives the same. It must not know services.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::sign;
use super::tree::Tree;

/// Where the values of a line stand; kept to be used again for the next one.
pub(super) struct Outline {
    pub(super) nodes: Vec<Node>,
    /// Members of the line's object by the [`mark`] of their key, the last of
    /// those that share one; 0 is none.
    pub(super) places: Places,
    /// A bit for each value that was looked at, the last one for many.
    asked: Cell<u64>,
}

pub(super) type Places = [u8; MARKS];

/// A value; what is inside it follows it.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) key: Span,
    /// Without its quotes, where it is a text.
    pub(super) value: Span,
    pub(super) kind: Kind,
    /// The node behind this one and all inside it.
    next: u32,
    /// A bit for the [`mark`]s of an object's keys, one of 64.
    keys: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Text,
    /// A text with escapes.
    Escaped,
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// Offsets in the line.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A value of a line and what is inside it.
#[derive(Clone, Copy)]
pub(super) struct Twig<'n, 'l> {
    line: &'l str,
    outline: &'n Outline,
    at: usize,
}

/// Values of the richest line that is read; to find a member takes at most as
/// many steps.
const MOST_NODES: usize = 250;
/// Marks of keys.
const MARKS: usize = 256;
/// Levels of the deepest line that is read.
const DEEPEST: usize = 8;
/// Values that are told apart among those that were looked at.
pub(super) const TOLD_APART: usize = 63;

impl Default for Outline {
    fn default() -> Outline {
        Outline { nodes: Vec::new(), places: [0; MARKS], asked: Cell::default() }
    }
}

impl Outline {
    /// Outlines a line that is an object and nothing else.
    pub fn read<'n, 'l>(&'n mut self, line: &'l str) -> Option<Twig<'n, 'l>> {
        u32::try_from(line.len()).ok()?;
        self.nodes.clear();
        self.places = [0; MARKS];
        self.asked = Cell::default();
        let bytes = line.as_bytes();
        Scan { bytes, rest: bytes, nodes: &mut self.nodes, places: &mut self.places }.line()?;
        Some(self.twig(line))
    }

    /// Takes the outline of a line from elsewhere.
    pub fn set(&mut self, nodes: &[Node], places: &Places) {
        self.nodes.clear();
        self.nodes.extend_from_slice(nodes);
        self.places = *places;
        self.asked = Cell::default();
    }

    /// The object that the outlined line is.
    pub fn twig<'n, 'l>(&'n self, line: &'l str) -> Twig<'n, 'l> {
        Twig { line, outline: self, at: 0 }
    }

    /// Which values were looked at so far: a bit for each.
    pub fn asked(&self) -> u64 {
        self.asked.get()
    }
}

/// Reads what is left of a line; gives up with `None`.
struct Scan<'n, 's> {
    bytes: &'s [u8],
    rest: &'s [u8],
    nodes: &'n mut Vec<Node>,
    places: &'n mut Places,
}

impl<'s> Scan<'_, 's> {
    fn line(mut self) -> Option<()> {
        self.take(b'{')?;
        self.rest = self.inner().object(Span::default(), 0)?;
        self.pass_blanks();
        self.rest.is_empty().then_some(())
    }

    /// Reads on by itself, so that this one can stay in registers.
    fn inner(&mut self) -> Scan<'_, 's> {
        Scan { bytes: self.bytes, rest: self.rest, nodes: self.nodes, places: self.places }
    }

    #[inline(always)]
    fn value(&mut self, key: Span, depth: usize) -> Option<()> {
        match self.rest.first()? {
            b'"' => {
                let (value, kind) = self.string()?;
                self.add(key, value, kind)
            }
            b'{' => {
                self.take(b'{')?;
                self.rest = self.inner().object(key, depth)?;
                Some(())
            }
            b'[' => {
                self.take(b'[')?;
                self.rest = self.inner().array(key, depth)?;
                Some(())
            }
            b't' => self.word(key, b"true"),
            b'f' => self.word(key, b"false"),
            b'n' => self.word(key, b"null"),
            _ => self.number(key),
        }
    }

    /// The members of an object whose brace was taken; gives what follows.
    fn object(mut self, key: Span, depth: usize) -> Option<&'s [u8]> {
        let place = self.open(key, Kind::Object, depth)?;
        let mut keys = 0;
        let mut more = !self.closes(b'}');
        while more {
            let (key, mark) = self.key()?;
            let bit = 1 << (mark % 64);
            let met = if depth == 0 { self.places[mark] != 0 } else { keys & bit != 0 };
            if met && self.has(place, key) {
                return None;
            }
            keys |= bit;
            if depth == 0 {
                self.places[mark] = self.nodes.len() as u8;
            }
            self.value(key, depth + 1)?;
            more = self.continues(b'}')?;
        }
        self.close(place, keys)
    }

    /// A key, its mark and the colon.
    fn key(&mut self) -> Option<(Span, usize)> {
        let (key, kind) = self.string()?;
        self.pass_blanks();
        self.take(b':')?;
        self.pass_blanks();
        (kind == Kind::Text).then(|| (key, mark(&self.bytes[key.range()])))
    }

    /// Whether the object at a place has a member of this key already.
    #[cold]
    fn has(&self, place: usize, key: Span) -> bool {
        let mut at = place + 1;
        while let Some(node) = self.nodes.get(at) {
            if self.bytes[node.key.range()] == self.bytes[key.range()] {
                return true;
            }
            at = node.next as usize;
        }
        false
    }

    /// The elements of an array whose bracket was taken; gives what follows.
    fn array(mut self, key: Span, depth: usize) -> Option<&'s [u8]> {
        let place = self.open(key, Kind::Array, depth)?;
        let mut more = !self.closes(b']');
        while more {
            self.value(Span::default(), depth + 1)?;
            more = self.continues(b']')?;
        }
        self.close(place, 0)
    }

    fn open(&mut self, key: Span, kind: Kind, depth: usize) -> Option<usize> {
        let place = self.nodes.len();
        self.add(key, Span::default(), kind)?;
        (depth < DEEPEST).then_some(place)
    }

    fn close(self, place: usize, keys: u64) -> Option<&'s [u8]> {
        let next = self.nodes.len() as u32;
        let node = self.nodes.get_mut(place)?;
        (node.next, node.keys) = (next, keys);
        Some(self.rest)
    }

    /// Whether nothing stands in the brackets.
    fn closes(&mut self, bracket: u8) -> bool {
        self.pass_blanks();
        self.take(bracket).is_some()
    }

    /// Whether another value follows the last one, or the bracket.
    #[inline(always)]
    fn continues(&mut self, bracket: u8) -> Option<bool> {
        self.pass_blanks();
        match self.next()? {
            b',' => {
                self.pass_blanks();
                Some(true)
            }
            end => (end == bracket).then_some(false),
        }
    }

    /// The inside of a string.
    #[inline(always)]
    fn string(&mut self) -> Option<(Span, Kind)> {
        self.take(b'"')?;
        let start = self.at();
        let (len, escaped) = sign::string_len(self.rest)?;
        let kind = if escaped { Kind::Escaped } else { Kind::Text };
        self.rest = &self.rest[len + 1..];
        Some((Span { start: start as u32, end: (start + len) as u32 }, kind))
    }

    fn number(&mut self, key: Span) -> Option<()> {
        let start = self.at();
        self.rest = &self.rest[sign::number_len(self.rest)?..];
        self.add(key, self.span(start), Kind::Number)
    }

    fn word(&mut self, key: Span, letters: &[u8]) -> Option<()> {
        let start = self.at();
        self.rest = self.rest.strip_prefix(letters)?;
        self.add(key, self.span(start), Kind::Word)
    }

    #[inline(always)]
    fn add(&mut self, key: Span, value: Span, kind: Kind) -> Option<()> {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { key, value, kind, next, keys: 0 });
        (self.nodes.len() <= MOST_NODES).then_some(())
    }

    fn at(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    fn span(&self, start: usize) -> Span {
        Span { start: start as u32, end: self.at() as u32 }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == byte).then_some(())?;
        self.rest = rest;
        Some(())
    }

    #[inline(always)]
    fn pass_blanks(&mut self) {
        while let [..=b' ', rest @ ..] = self.rest {
            if !matches!(self.rest[0], b' ' | b'\t' | b'\r' | b'\n') {
                return;
            }
            self.rest = rest;
        }
    }
}

/// One of [`MARKS`] for a key, which finds it fast. The factors are such that
/// the keys of common events have marks of their own.
#[inline(always)]
fn mark(key: &[u8]) -> usize {
    let ends = key.first().zip(key.last()).map_or(0, |(first, last)| usize::from(*first) * 9 + usize::from(*last) * 3);
    (key.len() * 19 + ends) % MARKS
}

impl Span {
    /// Moves it by so many bytes.
    pub(super) fn shift(&mut self, by: u32) {
        (self.start, self.end) = (self.start.wrapping_add(by), self.end.wrapping_add(by));
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<'n, 'l> Twig<'n, 'l> {
    fn node(self) -> &'n Node {
        &self.outline.nodes[self.at]
    }

    /// What is inside, one after another.
    fn inside(self) -> Inside<'n, 'l> {
        Inside { twig: Twig { at: self.at + 1, ..self }, end: self.node().next as usize }
    }

    /// The member of a key whose mark has a place.
    fn placed(self, place: u8, key: &str) -> Option<Twig<'n, 'l>> {
        let twig = Twig { at: usize::from(place), ..self };
        if twig.has_key(key) { Some(twig) } else { self.member(key) }
    }

    fn member(self, key: &str) -> Option<Twig<'n, 'l>> {
        self.inside().find(|twig| twig.has_key(key))
    }

    fn has_key(self, key: &str) -> bool {
        self.line.as_bytes()[self.node().key.range()] == *key.as_bytes()
    }

    /// What is inside a value of this kind; nothing in others.
    fn inside_of(self, kind: Kind) -> Inside<'n, 'l> {
        let inside = self.inside();
        let end = if self.node().kind == kind { inside.end } else { 0 };
        Inside { end, ..inside }
    }

    fn slice(self, span: Span) -> &'l str {
        self.line.get(span.range()).unwrap_or_default()
    }

    /// Notes that its value is looked at.
    fn asked(self) {
        let asked = &self.outline.asked;
        asked.set(asked.get() | 1 << self.at.min(TOLD_APART));
    }
}

/// Values that follow each other.
struct Inside<'n, 'l> {
    twig: Twig<'n, 'l>,
    end: usize,
}

impl<'n, 'l> Iterator for Inside<'n, 'l> {
    type Item = Twig<'n, 'l>;

    fn next(&mut self) -> Option<Twig<'n, 'l>> {
        let twig = self.twig;
        (twig.at < self.end).then_some(())?;
        self.twig.at = twig.node().next as usize;
        Some(twig)
    }
}

impl<'l> Tree<'l> for Twig<'_, 'l> {
    #[inline(always)]
    fn get(self, key: &str) -> Option<Self> {
        let mark = mark(key.as_bytes());
        match self.at {
            0 if self.outline.places[mark] == 0 => None,
            0 => self.placed(self.outline.places[mark], key),
            _ if self.node().keys >> (mark % 64) & 1 == 0 => None,
            _ => self.member(key),
        }
    }

    fn is_object(self) -> bool {
        self.node().kind == Kind::Object
    }

    fn text(self) -> Option<Cow<'l, str>> {
        self.asked();
        match self.node().kind {
            Kind::Text => Some(Cow::Borrowed(self.slice(self.node().value))),
            Kind::Escaped => sign::undone(self.slice(self.node().value)).map(Cow::Owned),
            _ => None,
        }
    }

    fn number(self) -> Option<Cow<'l, str>> {
        self.asked();
        let raw = (self.node().kind == Kind::Number).then(|| self.slice(self.node().value))?;
        // Whole numbers are written in one way only.
        if raw.len() < sign::MOST_DIGITS && raw.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Cow::Borrowed(raw));
        }
        serde_json::from_str::<serde_json::Number>(raw).ok().map(|number| Cow::Owned(number.to_string()))
    }

    fn elements(self) -> impl Iterator<Item = Self> {
        self.inside_of(Kind::Array)
    }

    fn members(self) -> impl Iterator<Item = Self> {
        self.inside_of(Kind::Object)
    }
}

#[cfg(test)]
pub(super) mod tests;
