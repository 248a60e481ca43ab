//! Frames of texts: what stays the same in text after text, and the places of
//! what differs. A text that fits a known frame is compared with it instead of
//! being read byte by byte. It must not know how shapes are made.

use std::ops::Range;

use super::signs::Chunk;
use crate::block;

/// Frames that share their key, and keys told apart, a power of two.
const WAYS: usize = 4;
const KEYS: usize = 256;
/// Bytes of a text whose frame is kept, and places in it.
const LONGEST: usize = 600;
const MOST_GAPS: usize = 12;
/// Bytes that texts of one frame begin with.
const HEAD: usize = 4;

/// The frames met last.
pub(super) struct Frames {
    /// Those that share a key stand side by side, the one last met first.
    kept: Vec<Option<Frame>>,
    /// How many were ever kept.
    count: u64,
}

struct Frame {
    number: u64,
    /// A text of it.
    text: Box<[u8]>,
    /// Where in it stands what differs, in order; each between signs that end
    /// a run, or at an end of the text.
    gaps: Box<[Range<u16>]>,
}

impl Frames {
    pub(super) fn new() -> Frames {
        Frames { kept: Vec::new(), count: 0 }
    }

    /// The number of the frame that `text` fits, and in `found` the runs in it
    /// that stand where texts of the frame differ.
    pub(super) fn find(&mut self, text: &[u8], found: &mut Vec<Chunk>) -> Option<u64> {
        let first = first_way(text)?;
        let ways = self.kept.get_mut(first..first + WAYS)?;
        let way = ways.iter().position(|frame| frame.as_ref().is_some_and(|frame| frame.fits(text, found)))?;
        // Towards the front, where it is found sooner.
        ways.swap(way, way.saturating_sub(1));
        ways[way.saturating_sub(1)].as_ref().map(|frame| frame.number)
    }

    /// Keeps the frame of a text of which it is known what differs.
    pub(super) fn keep(&mut self, text: &[u8], gaps: &[Range<usize>]) {
        let fits = text.len() <= LONGEST && gaps.len() <= MOST_GAPS && gaps.first().is_none_or(|gap| gap.start >= HEAD);
        let Some(first) = first_way(text).filter(|_| fits) else { return };
        if self.kept.is_empty() {
            self.kept.resize_with(WAYS * KEYS, || None);
        }
        self.count += 1;
        let gaps = gaps.iter().map(|gap| gap.start as u16..gap.end as u16).collect();
        let ways = &mut self.kept[first..first + WAYS];
        let way = ways.iter().position(Option::is_none).unwrap_or(WAYS - 1);
        ways[way] = Some(Frame { number: self.count, text: text.into(), gaps });
    }
}

impl Frame {
    fn fits(&self, text: &[u8], found: &mut Vec<Chunk>) -> bool {
        found.clear();
        let (mut at, mut behind) = (0, 0);
        for gap in &self.gaps {
            let same = &self.text[behind..usize::from(gap.start)];
            if !block::starts_with(&text[at..], same) {
                return false;
            }
            let chunk = Chunk::at(text, at + same.len(), text.len());
            (at, behind) = (chunk.at.end, usize::from(gap.end));
            found.push(chunk);
        }
        text[at..] == self.text[behind..]
    }
}

/// Where the frames with the key of a text begin. Its first bytes and the number
/// of its blanks are in all texts of a frame the same.
fn first_way(text: &[u8]) -> Option<usize> {
    let head = u32::from_le_bytes(*text.first_chunk::<HEAD>()?);
    let blanks = block::count(text, b' ') as u32;
    let key = (head ^ blanks << 16).wrapping_mul(0x9e37_79b9) >> 16;
    Some(key as usize % KEYS * WAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_the_frame_of_another_that_differs_in_the_gaps() {
        let mut frames = Frames::new();
        let mut found = Vec::new();
        let text = "550 5.1.1 <jane@example.com> unknown, id a1";
        assert_eq!(frames.find(text.as_bytes(), &mut found), None);
        frames.keep(text.as_bytes(), &[11..27, 41..43]);
        let mut parts = |text: &'static str| {
            let number = frames.find(text.as_bytes(), &mut found)?;
            Some((number, found.iter().map(|chunk| &text[chunk.at.clone()]).collect::<Vec<_>>()))
        };
        assert_eq!(parts(text), Some((1, vec!["jane@example.com", "a1"])));
        assert_eq!(parts("550 5.1.1 <joe@example.org> unknown, id 77x"), Some((1, vec!["joe@example.org", "77x"])));
        assert_eq!(parts("550 5.1.1 <> unknown, id "), Some((1, vec!["", ""])));
        for other in
            ["550 5.1.1 <joe@example.org> unknown, id 77x.", "550 5.1.1 <joe>, unknown, id 77x", "550 5.1.2 <a> unknown, id 7", "55"]
        {
            let fits = parts(other);
            assert!(other.ends_with('.') && fits.is_some() || fits.is_none(), "{other}");
        }
    }

    #[test]
    fn frames_make_room_for_others() {
        let mut frames = Frames::new();
        for n in 0..9 * WAYS * KEYS {
            let text = format!("550 {n} {}", "x ".repeat(n % 40));
            frames.keep(text.as_bytes(), &[]);
            assert!(frames.find(text.as_bytes(), &mut Vec::new()).is_some(), "{text}");
        }
        assert_eq!(frames.kept.len(), WAYS * KEYS);
        let long = "x".repeat(LONGEST + 1);
        frames.keep(long.as_bytes(), &[]);
        assert_eq!(frames.find(long.as_bytes(), &mut Vec::new()), None);
    }
}
