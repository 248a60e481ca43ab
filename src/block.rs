//! Sixteen bytes looked at together, which is how text is cut fast: where the
//! next comma is, how far a name reaches. It must not know what texts say.

use wide::u8x16;

/// Bytes of a block.
pub(crate) const SIZE: usize = 16;

/// Which bytes of a block are of a kind, a bit for each.
pub(crate) type Marks = u16;

/// Where the first byte stands of which `marks` tells that it is of a kind.
#[inline]
pub(crate) fn position(bytes: &[u8], marks: impl Fn(Block) -> Marks) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<SIZE>();
    for (number, block) in blocks.iter().enumerate() {
        let found = marks(Block::of(block));
        if found != 0 {
            return Some(number * SIZE + found.trailing_zeros() as usize);
        }
    }
    position_in_rest(bytes, marks)
}

/// As [`position`] where the whole blocks in front hold none.
#[inline]
pub(crate) fn position_in_rest(bytes: &[u8], marks: impl Fn(Block) -> Marks) -> Option<usize> {
    let (start, found) = match bytes.last_chunk() {
        Some(last) => (bytes.len() - SIZE, marks(Block::of(last))),
        None => (0, marks(Block::short(bytes)) & !(Marks::MAX << bytes.len())),
    };
    (found != 0).then(|| start + found.trailing_zeros() as usize)
}

/// Whether a text starts with one that is not much longer than a line's head.
#[inline]
pub(crate) fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let (Some(text), Some(last)) = (text.get(..start.len()), start.last_chunk::<SIZE>()) else {
        return text.starts_with(start);
    };
    let (blocks, _) = text.as_chunks::<SIZE>();
    let alike = |(one, other): (&[u8; SIZE], &[u8; SIZE])| u128::from_le_bytes(*one) == u128::from_le_bytes(*other);
    blocks.iter().zip(start.as_chunks::<SIZE>().0).all(alike) && text.last_chunk().is_some_and(|end| alike((end, last)))
}

/// How often a byte stands in a text.
pub(crate) fn count(bytes: &[u8], byte: u8) -> usize {
    let (blocks, rest) = bytes.as_chunks::<SIZE>();
    let (fours, more) = blocks.as_chunks::<4>();
    let wanted = u8x16::splat(byte);
    // All bits of a byte that is the wanted one are set, which is minus one.
    let is = |block: &[u8; SIZE]| u8x16::new(*block).cmp_eq(wanted);
    let some =
        |fours: &[[[u8; SIZE]; 4]]| sum(fours.iter().fold(u8x16::ZERO, |found, [a, b, c, d]| found - (is(a) + is(b) + is(c) + is(d))));
    let last = more.iter().fold(u8x16::ZERO, |found, block| found - is(block));
    fours.chunks(63).map(some).sum::<usize>() + sum(last) + rest.iter().filter(|b| **b == byte).count()
}

/// The sum of sixteen bytes: neighbours first, in lanes of sixteen bits.
fn sum(bytes: u8x16) -> usize {
    const LOW: u128 = u128::MAX / 0xffff * 0xff;
    let all = u128::from_le_bytes(bytes.to_array());
    let pairs = (all & LOW) + (all >> 8 & LOW);
    let lanes = pairs as u64 + (pairs >> 64) as u64;
    (lanes.wrapping_mul(u64::MAX / 0xffff) >> 48) as usize
}

/// How many bytes in front are of a kind.
#[inline]
pub(crate) fn run_len(bytes: &[u8], marks: impl Fn(Block) -> Marks) -> usize {
    position(bytes, |block| !marks(block)).unwrap_or(bytes.len())
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Block(u8x16);

impl Block {
    #[inline]
    fn of(bytes: &[u8; SIZE]) -> Block {
        Block(u8x16::new(*bytes))
    }

    /// The first bytes of a text; zeros stand behind them if they are fewer.
    #[inline]
    pub(crate) fn at(bytes: &[u8]) -> Block {
        bytes.first_chunk().map_or_else(|| Block::short(bytes), Block::of)
    }

    /// Fewer than sixteen bytes; zeros stand behind them.
    #[inline(never)]
    fn short(bytes: &[u8]) -> Block {
        // Two parts that overlap are the same where they do.
        let whole = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << (8 * (bytes.len() - 8))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            u128::from(u32::from_le_bytes(*first)) | u128::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4))
        } else {
            bytes.iter().rev().fold(0, |whole, byte| whole << 8 | u128::from(*byte))
        };
        Block::of(&whole.to_le_bytes())
    }

    /// The bytes that are this one.
    #[inline]
    pub(crate) fn is(self, byte: u8) -> Marks {
        Block(self.0.cmp_eq(u8x16::splat(byte))).high()
    }

    /// The bytes from `first` to `last`.
    #[inline]
    pub(crate) fn within(self, first: u8, last: u8) -> Marks {
        let nearest = self.0.max(u8x16::splat(first)).min(u8x16::splat(last));
        Block(self.0.cmp_eq(nearest)).high()
    }

    /// The bytes beyond ASCII.
    #[inline]
    pub(crate) fn high(self) -> Marks {
        self.0.move_mask() as Marks
    }

    #[inline]
    pub(crate) fn digits(self) -> Marks {
        self.within(b'0', b'9')
    }

    /// ASCII letters.
    #[inline]
    pub(crate) fn letters(self) -> Marks {
        // Makes capitals small, and of nothing else letters.
        Block(self.0 | u8x16::splat(0x20)).within(b'a', b'z')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_bytes_are_those_of_the_standard_library() {
        for byte in 0..=255u8 {
            let block = Block::of(&[byte; SIZE]);
            let all = |is: bool| if is { Marks::MAX } else { 0 };
            assert_eq!(block.digits(), all(byte.is_ascii_digit()), "{byte:#x}");
            assert_eq!(block.letters(), all(byte.is_ascii_alphabetic()), "{byte:#x}");
            assert_eq!(block.high(), all(!byte.is_ascii()), "{byte:#x}");
            assert_eq!(block.within(b'.', b'@'), all(matches!(byte, b'.'..=b'@')), "{byte:#x}");
            assert_eq!((block.is(byte), block.is(byte ^ 1)), (Marks::MAX, 0), "{byte:#x}");
        }
    }

    #[test]
    fn a_text_starts_with_what_the_standard_library_says() {
        let text: Vec<u8> = (0..70).collect();
        for len in 0..70 {
            let start = text[..len].to_vec();
            assert!(starts_with(&text, &start) && starts_with(&start, &start));
            assert!(len == 0 || !starts_with(&text[..len - 1], &start));
            for at in 0..len {
                let mut other = start.clone();
                other[at] ^= 1;
                assert!(!starts_with(&text, &other), "{at} of {len}");
            }
        }
    }

    #[test]
    fn the_first_byte_of_a_kind_is_found_in_texts_of_any_length() {
        for len in 0..70 {
            let mut bytes = vec![b'a'; len];
            assert_eq!((position(&bytes, |b| b.is(b',')), run_len(&bytes, Block::letters)), (None, len));
            for at in 0..len {
                (bytes[at], bytes[len - 1]) = (b',', b',');
                assert_eq!((position(&bytes, |b| b.is(b',')), run_len(&bytes, Block::letters)), (Some(at), at));
                (bytes[at], bytes[len - 1]) = (b'a', b'a');
            }
        }
        for len in [0, 15, 16, 17, 4096, 5000, 9000] {
            let bytes = [b"\n,".repeat(len / 2), vec![b'\n'; len % 2]].concat();
            assert_eq!(count(&bytes, b'\n'), len.div_ceil(2), "{len}");
            assert_eq!(count(&vec![b'\n'; len], b'\n'), len);
        }
        assert_eq!((position(b"", |_| Marks::MAX), run_len(b"", |_| 0)), (None, 0));
    }
}
