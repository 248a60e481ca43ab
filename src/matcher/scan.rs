//! Finds the catalogue's phrases in a reply: one pass over its words, two
//! table look-ups a word, nothing built beforehand. It must not know causes
//! or verdicts.

use crate::codes::rows::{FIRST_WORD, List, NO_WORD, PhraseRow, Slot, Tables, Target};
use crate::codes::words::{self, Kind, Passed, Token};

/// A phrase found: what it counts for and which tokens it covers.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    pub target: Target,
    /// Tokens `start..end`.
    pub start: u32,
    pub end: u32,
    /// Words of the phrase, slots not counted.
    pub words: u16,
    pub parts: List,
}

/// The words of a text with all phrases found in them.
pub struct Scan {
    pub tokens: Vec<Token>,
    pub hits: Vec<Hit>,
}

/// Cuts `text` and finds every phrase in it.
pub fn scan(tables: &Tables, text: &str, passed: Passed<'_>) -> Scan {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    words::cut(text, passed, &mut tokens, &mut |w| tables.word(w));
    let mut hits = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at].word != NO_WORD {
            phrases_at(tables, &tokens, at, &mut hits);
        }
    }
    Scan { tokens, hits }
}

fn phrases_at(tables: &Tables, tokens: &[Token], at: usize, hits: &mut Vec<Hit>) {
    let first = tokens[at].word;
    let second = tokens[at + 1..].iter().find(|t| t.kind == Kind::Word || t.inner == 0).map_or(NO_WORD, |t| t.word);
    let pairs = if second == NO_WORD { &[] } else { tables.group(first, second) };
    for phrase in pairs.iter().chain(tables.group(first, NO_WORD)) {
        if let Some(end) = phrase_end(tables, tokens, at, phrase) {
            hits.push(hit(tables, phrase, at, end));
        }
    }
}

fn hit(tables: &Tables, phrase: &PhraseRow, start: usize, end: usize) -> Hit {
    let words = tables.parts(phrase.parts).iter().filter(|p| **p >= FIRST_WORD).count();
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Hit {
        target: phrase.target,
        start: small(start),
        end: small(end),
        words: u16::try_from(words).unwrap_or(u16::MAX),
        parts: phrase.parts,
    }
}

/// The token behind the phrase, where it matches from `at`. Words of
/// different sentences make no mention of a concept; an entry's phrase is
/// taken from a whole reply and may hold the end of a sentence.
fn phrase_end(tables: &Tables, tokens: &[Token], at: usize, phrase: &PhraseRow) -> Option<usize> {
    let (start, mut at) = (at, at);
    for part in tables.parts(phrase.parts) {
        at = match Slot::of(*part) {
            Some(slot) => slot_end(tokens, at, slot)?,
            None => word_end(tokens, at, *part)?,
        };
    }
    let found = match phrase.target {
        Target::Whole(_) | Target::Registry(_) => start == 0 && at == tokens.len(),
        Target::Concept(_) => tokens[start].clause == tokens[at - 1].clause,
        _ => true,
    };
    found.then_some(at)
}

fn word_end(tokens: &[Token], at: usize, word: u16) -> Option<usize> {
    let mut at = at;
    while tokens.get(at)?.inner > 0 {
        at += 1;
    }
    (tokens[at].word == word).then_some(at + 1)
}

fn slot_end(tokens: &[Token], at: usize, slot: Slot) -> Option<usize> {
    let token = tokens.get(at)?;
    let fits = match slot {
        Slot::Ip => token.kind == Kind::Ip,
        Slot::Addr => token.kind == Kind::Addr,
        Slot::Url => token.kind == Kind::Url,
        Slot::Host => token.kind == Kind::Host,
        Slot::Domain => matches!(token.kind, Kind::Host | Kind::Word),
        Slot::Number => token.kind == Kind::Number,
        Slot::Any => true,
    };
    fits.then_some(at + 1 + token.inner as usize)
}

/// The things that the slots of a hit took, in order: slot and token.
pub fn captures(tables: &Tables, tokens: &[Token], hit: &Hit) -> Vec<(Slot, usize)> {
    let mut taken = Vec::new();
    let mut at = hit.start as usize;
    for part in tables.parts(hit.parts) {
        let end = match Slot::of(*part) {
            Some(slot) => {
                taken.push((slot, at));
                slot_end(tokens, at, slot)
            }
            None => word_end(tokens, at, *part),
        };
        let Some(end) = end else { break };
        at = end;
    }
    taken
}
