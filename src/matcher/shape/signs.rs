//! What single bytes do in a text, and where the next one stands that a shape
//! may differ at. It must not know words.

use std::ops::Range;

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
}

impl Chunk {
    /// The run around `at` that begins at `from` or behind it and has no dot
    /// before `at`.
    pub(super) fn around(text: &[u8], from: usize, at: usize) -> Chunk {
        let chunk = Chunk::at(text, at, text.len());
        let (mut start, mut has) = (at, chunk.has);
        while start > from {
            let class = class(text[start - 1]);
            if class == GAP {
                break;
            }
            has |= class;
            start -= 1;
        }
        Chunk { at: start..chunk.at.end, has, joins: chunk.joins }
    }

    /// The run that begins at `start` and ends before `limit`.
    pub(super) fn at(text: &[u8], start: usize, limit: usize) -> Chunk {
        // The class of a letter stands where a dot's is moved to.
        const TO_LETTER: u32 = DOT.trailing_zeros() - LETTER.trailing_zeros();
        let (mut has, mut before, mut joins, mut end) = (0, 0, 0, start);
        for byte in &text[start..limit] {
            let class = class(*byte);
            if class == GAP {
                break;
            }
            has |= class;
            joins |= before >> TO_LETTER & class;
            before = class & DOT;
            end += 1;
        }
        Chunk { at: start..end, has, joins: joins != 0 }
    }
}

/// Where the next byte stands that may be a digit, `.`, `@`, an escape or no
/// ASCII: eight bytes at a time, since most are letters and blanks.
pub(super) fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = text.get(from..)?.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(from + number * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let at = text.len() - rest.len();
    rest.iter().position(|b| marks(u64::from(*b)) & 0x80 != 0).map(|n| at + n)
}

/// The high bit of each byte that is a mark: `.` to `@`, the backslash, and all
/// beyond ASCII.
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let low = word & !HIGH;
    let from_dot = low + (0x80 - b'.' as u64) * ONES;
    let behind_at = low + (0x80 - b'@' as u64 - 1) * ONES;
    let slash = low ^ (b'\\' as u64 * ONES);
    let is_slash = !(slash + (0x80 - 1) * ONES);
    (from_dot & !behind_at | is_slash | word) & HIGH
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

    #[test]
    fn a_chunk_reaches_from_gap_to_gap() {
        let text = b"to <a.b@c> 550";
        assert_eq!(Chunk::around(text, 0, 5), Chunk { at: 4..9, has: LETTER | DOT | AT, joins: true });
        assert_eq!(Chunk::around(text, 7, 7), Chunk { at: 7..9, has: LETTER | AT, joins: false });
        assert_eq!(Chunk::around(text, 0, 12), Chunk { at: 11..14, has: DIGIT, joins: false });
        assert_eq!(Chunk::at(text, 4, 6), Chunk { at: 4..6, has: LETTER | DOT, joins: false });
    }
}
