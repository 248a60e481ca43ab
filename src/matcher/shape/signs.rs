//! What single bytes do in a text, and where the next one stands that a shape
//! may differ at. It must not know words.

use std::ops::Range;

use crate::block::{self, Block, Marks, SIZE};

/// Ends a run.
pub(super) const GAP: u8 = 0;
pub(super) const LETTER: u8 = 1;
pub(super) const DIGIT: u8 = 2;
/// `.`, which makes hosts, numbers and sentences.
pub(super) const DOT: u8 = 4;
/// `@`, which makes addresses.
pub(super) const AT: u8 = 8;
/// `:`, which IPv6 addresses have.
pub(super) const COLON: u8 = 16;
pub(super) const OTHER: u8 = 32;
/// Spells something else: an escape, a letter beyond ASCII.
pub(super) const STRANGE: u8 = 64;
/// `#`, which entities of HTML have.
pub(super) const HASH: u8 = 128;

/// What each byte does in a run without gaps, as bits that are collected.
static CLASSES: [u8; 256] = {
    let mut table = [STRANGE; 256];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        table[b] = match c {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'.' => DOT,
            b'@' => AT,
            b':' => COLON,
            b'\\' => STRANGE,
            b'#' => HASH,
            b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'`' | b'|' | b',' | b';' | b'=' | b'*' | b'^' => GAP,
            0..=32 | 127 => GAP,
            _ => OTHER,
        };
        b += 1;
    }
    table
};

pub(super) fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// A run without gaps, and what its bytes tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub at: Range<usize>,
    /// The classes of all its bytes.
    pub has: u8,
    /// A dot stands before a letter.
    pub joins: bool,
    /// Which of its first bytes are what.
    bits: Bits,
}

/// A bit for each of the first bytes of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bits {
    letters: u64,
    digits: u64,
    dots: u64,
}

/// Bytes that have a bit.
const BITS: usize = u64::BITS as usize;

/// Letters and digits side by side.
pub(super) struct Run {
    pub at: Range<usize>,
    pub digits: Digits,
}

/// How many of the bytes of a run are digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    None,
    Some,
    All,
}

impl Chunk {
    /// The run around `at` that begins at `from` or behind it.
    pub(super) fn around(text: &[u8], from: usize, at: usize) -> Chunk {
        let before = text[from..at].iter().rev().take_while(|b| class(**b) != GAP).count();
        Chunk::at(text, at - before, text.len())
    }

    /// The run that begins at `start` and ends before `limit`.
    pub(super) fn at(text: &[u8], start: usize, limit: usize) -> Chunk {
        let bytes = &text[start..limit];
        let mut chunk = Chunk { at: start..start, has: 0, joins: false, bits: Bits::default() };
        while chunk.at.len() < BITS.min(bytes.len()) {
            if !chunk.goes_on(&bytes[chunk.at.len()..]) {
                break;
            }
        }
        let Bits { letters, digits, dots } = chunk.bits;
        chunk.joins = dots << 1 & letters != 0;
        chunk.has |= class_of(letters, LETTER) | class_of(digits, DIGIT) | class_of(dots, DOT);
        if chunk.at.len() >= BITS {
            chunk.take_rest(&bytes[BITS - 1..]);
        }
        chunk
    }

    /// Takes the next sixteen bytes, or those up to a gap; `false` at a gap.
    fn goes_on(&mut self, bytes: &[u8]) -> bool {
        let block = Block::at(bytes);
        let (letters, digits, dots) = (block.letters(), block.digits(), block.is(b'.'));
        let (at, colons, others) = (block.is(b'@'), block.is(b':'), block.within(b'-', b'/') | block.is(b'_'));
        let mut strange = !(letters | digits | dots | at | colons | others);
        let mut len = bytes.len().min(SIZE);
        while strange != 0 {
            let next = strange.trailing_zeros() as usize;
            if next >= len {
                break;
            }
            match class(bytes[next]) {
                GAP => len = next,
                class => self.has |= class,
            }
            strange &= strange - 1;
        }
        let taken = |marks: Marks| u64::from(marks) & !(u64::MAX << len);
        self.has |= class_of(taken(at), AT) | class_of(taken(colons), COLON) | class_of(taken(others & !dots), OTHER);
        let shift = self.at.len();
        self.bits.letters |= taken(letters) << shift;
        self.bits.digits |= taken(digits) << shift;
        self.bits.dots |= taken(dots) << shift;
        self.at.end += len;
        len == SIZE
    }

    /// Takes what stands behind the bytes that have bits; the last of them
    /// comes first.
    fn take_rest(&mut self, bytes: &[u8]) {
        // The class of a letter stands where a dot's is moved to.
        const TO_LETTER: u32 = DOT.trailing_zeros() - LETTER.trailing_zeros();
        let (mut joins, mut before) = (0, class(bytes[0]) & DOT);
        for byte in &bytes[1..] {
            let class = class(*byte);
            if class == GAP {
                break;
            }
            self.has |= class;
            joins |= before >> TO_LETTER & class;
            before = class & DOT;
            self.at.end += 1;
        }
        self.joins |= joins != 0;
    }

    /// The first letters and digits side by side within a part of the chunk.
    #[inline(always)]
    pub(super) fn run(&self, text: &[u8], part: Range<usize>) -> Option<Run> {
        if self.at.len() > BITS {
            return run_of(text, part);
        }
        let Bits { letters, digits, .. } = self.bits;
        let behind = |bits: u64, at: usize| bits.checked_shr((at - self.at.start) as u32).unwrap_or(0);
        let runs = behind(letters | digits, part.start);
        let start = part.start + runs.trailing_zeros() as usize;
        if start >= part.end {
            return None;
        }
        let len = (!behind(letters | digits, start)).trailing_zeros() as usize;
        let len = len.min(part.end - start);
        let all = u64::MAX >> (BITS - len);
        let digits = match behind(digits, start) & all {
            0 => Digits::None,
            digits if digits == all => Digits::All,
            _ => Digits::Some,
        };
        Some(Run { at: start..start + len, digits })
    }

    /// A dot stands before its last byte.
    pub(super) fn goes_on_behind_dot(&self, text: &[u8]) -> bool {
        if self.at.len() > BITS {
            return text[self.at.start..self.at.end - 1].contains(&b'.');
        }
        self.bits.dots << (BITS - self.at.len()) << 1 != 0
    }

    /// Three dots may each stand between two digits.
    pub(super) fn may_hold_quad(&self) -> bool {
        let Bits { digits, dots, .. } = self.bits;
        let joints = dots & digits << 1 & digits >> 1;
        let but_first = joints & joints.wrapping_sub(1);
        self.at.len() > BITS || but_first & but_first.wrapping_sub(1) != 0
    }
}

/// A class, where any byte is of it.
fn class_of(bits: u64, class: u8) -> u8 {
    if bits != 0 { class } else { 0 }
}

/// As [`Chunk::run`], byte by byte.
fn run_of(text: &[u8], part: Range<usize>) -> Option<Run> {
    let is_part = |b: &u8| class(*b) & (LETTER | DIGIT) != 0;
    let start = part.start + text[part.clone()].iter().position(is_part)?;
    let run = &text[start..part.end];
    let len = run.iter().position(|b| !is_part(b)).unwrap_or(run.len());
    let count = run[..len].iter().filter(|b| b.is_ascii_digit()).count();
    let digits = if count == 0 {
        Digits::None
    } else if count == len {
        Digits::All
    } else {
        Digits::Some
    };
    Some(Run { at: start..start + len, digits })
}

/// Where the next byte stands that may be a digit, `.`, `@`, an escape or no
/// ASCII.
pub(super) fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    let marks = |block: Block| block.within(b'.', b'@') | block.is(b'\\') | block.high();
    block::position(text.get(from..)?, marks).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_among_all_bytes() {
        for byte in 0..=255u8 {
            let is_mark = matches!(byte, b'.'..=b'@' | b'\\' | 0x80..);
            for at in 0..20 {
                let mut text = [b'a'; 20];
                text[at] = byte;
                assert_eq!(next_mark(&text, 0), is_mark.then_some(at), "{byte:#x} at {at}");
                assert_eq!(next_mark(&text, at), is_mark.then_some(at), "{byte:#x} at {at}");
            }
        }
        assert_eq!((next_mark(b"..", 2), next_mark(b"", 3)), (None, None));
    }

    fn seen(chunk: &Chunk) -> (Range<usize>, u8, bool) {
        (chunk.at.clone(), chunk.has, chunk.joins)
    }

    #[test]
    fn a_chunk_reaches_from_gap_to_gap() {
        let text = b"to <a.b@c> 550";
        assert_eq!(seen(&Chunk::around(text, 0, 5)), (4..9, LETTER | DOT | AT, true));
        assert_eq!(seen(&Chunk::around(text, 7, 7)), (7..9, LETTER | AT, false));
        assert_eq!(seen(&Chunk::around(text, 0, 12)), (11..14, DIGIT, false));
        assert_eq!(seen(&Chunk::at(text, 4, 6)), (4..6, LETTER | DOT, false));
    }

    #[test]
    fn a_chunk_is_told_as_byte_by_byte() {
        let parts =
            ["a", "Z9", ".", "-", "@", ":", "_", "/", "+", "~", "!", "'", "#", "\\", "é", "7", "x.y", "1.2.3.4", "longerword", "<", " "];
        let mut number = 7usize;
        for _ in 0..4000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let count = (number >> 40) % 40;
            let text: String = (0..count).map(|n| parts[(number >> 20).wrapping_add(n * (number >> 50 | 1)) % parts.len()]).collect();
            let bytes = text.as_bytes();
            let len = bytes.iter().position(|b| class(*b) == GAP).unwrap_or(bytes.len());
            let has = bytes[..len].iter().fold(0, |has, b| has | class(*b));
            let joins = bytes[..len].windows(2).any(|two| two[0] == b'.' && two[1].is_ascii_alphabetic());
            let chunk = Chunk::at(bytes, 0, bytes.len());
            assert_eq!(seen(&chunk), (0..len, has, joins), "{text}");
            assert!(chunk.may_hold_quad() || !super::super::address::holds_quad(&bytes[..len]), "{text}");
            let mut from = 0;
            while from <= len {
                let (one, other) = (chunk.run(bytes, from..len), run_of(bytes, from..len));
                let end = one.as_ref().map_or(len, |run| run.at.end);
                assert_eq!(one.map(|run| (run.at, run.digits)), other.map(|run| (run.at, run.digits)), "{text}");
                from = end + 1;
            }
        }
    }
}
