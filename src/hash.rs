//! A fast hash for texts of a few dozen bytes: eight bytes at a time, mixed by
//! a wide multiplication. Logs are hashed by the gigabyte, and the standard
//! hasher would take longer than all else. It must not know what it hashes.

use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// Bit 5 makes a capital ASCII letter small.
const SMALL: u64 = 0x2020_2020_2020_2020;
/// Set in bytes beyond ASCII.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The same number for the same text on every machine, whatever the case of
/// its ASCII letters. A few signs that bit 5 makes alike, such as `@` and the
/// grave accent, are not told apart.
pub fn ignoring_case(bytes: &[u8]) -> u64 {
    fold(bytes, MIX, small)
}

/// With small letters, as far as bytes are ASCII.
fn small(word: u64) -> u64 {
    word | (!word & HIGH) >> 2 & SMALL
}

/// The number of a list of texts: that of the list before `text`, and `text`.
pub fn joined(before: u64, text: &str) -> u64 {
    fold(text.as_bytes(), before ^ MIX, |word| word)
}

fn fold(bytes: &[u8], seed: u64, change: impl Fn(u64) -> u64) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    // Spread over all bits, since a letter may differ from another as one length
    // does from the next.
    let length = (bytes.len() as u64).wrapping_mul(MIX);
    let hash = words.iter().fold(seed ^ length, |hash, word| mix(hash ^ change(u64::from_le_bytes(*word))));
    mix(mix(hash ^ change(last(bytes))))
}

/// The last eight bytes as a word; of a shorter text all that it has.
#[inline(always)]
fn last(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn mix(word: u64) -> u64 {
    let wide = u128::from(word ^ 0xa076_1d64_78bd_642f) * u128::from(MIX);
    (wide as u64) ^ (wide >> 64) as u64
}

/// Makes numbers of texts that are told apart by them alone: 128 bits, seeded
/// anew by every process.
#[derive(Clone)]
pub struct Digests(u64, u64);

impl Default for Digests {
    fn default() -> Digests {
        Digests(Seeded::default().0, Seeded::default().0)
    }
}

impl Digests {
    /// Half of a number, which is enough for names of which few are kept.
    pub fn short(&self, bytes: &[u8]) -> u64 {
        fold(bytes, self.0, |word| word)
    }

    /// The number of a text that was met under some circumstances.
    pub fn of(&self, circumstances: u64, bytes: &[u8]) -> Digest {
        let (words, _) = bytes.as_chunks::<8>();
        let begun = Digest(self.0 ^ circumstances ^ bytes.len() as u64, self.1 ^ circumstances.rotate_left(32));
        let Digest(first, second) = words.iter().fold(begun, |digest, word| digest.with(u64::from_le_bytes(*word))).with(last(bytes));
        Digest(mix(first), mix(second))
    }
}

/// A number of 128 bits.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest(u64, u64);

impl Digest {
    fn with(self, word: u64) -> Digest {
        Digest(mix(self.0 ^ word), mix(self.1 ^ word.rotate_left(29)))
    }

    /// Its place among so many, a power of two.
    pub fn place(self, places: usize) -> usize {
        self.0 as usize & (places - 1)
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// Makes hashers for maps whose keys strangers choose: seeded anew by every
/// process, so that nobody can send keys that collide.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Seeded {
        Seeded(RandomState::new().hash_one(MIX))
    }
}

impl Seeded {
    /// As [`ignoring_case`], but foreseen by nobody.
    pub fn ignoring_case(&self, bytes: &[u8]) -> u64 {
        fold(bytes, self.0, small)
    }

    /// The number of a text as it is.
    pub fn exactly(&self, bytes: &[u8]) -> u64 {
        fold(bytes, self.0, |word| word)
    }
}

impl BuildHasher for Seeded {
    type Hasher = Fast;

    fn build_hasher(&self) -> Fast {
        Fast(self.0)
    }
}

/// Hashers for keys that are hashes already.
pub type Itself = BuildHasherDefault<Same>;

/// The hash is the number that it is given.
#[derive(Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0 << 8 | u64::from(*b));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

pub struct Fast(u64);

impl Hasher for Fast {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = fold(bytes, self.0, |word| word);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0 ^ n);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_told_apart() {
        let all: std::collections::HashSet<u64> = (0..200_000).map(|n: u32| joined(0, &n.to_string())).collect();
        assert_eq!(all.len(), 200_000);
    }

    #[test]
    fn case_does_not_matter_and_all_else_does() {
        assert_eq!(ignoring_case(b"Jane.Doe@Example.COM"), ignoring_case(b"jane.doe@example.com"));
        assert_ne!(joined(0, "Jane"), joined(0, "jane"));
        assert_ne!(joined(joined(0, "a"), "b"), joined(joined(0, "b"), "a"));
        let texts = ["", "\0", "a", "ab", "12345678", "12345678\0", "123456789", "é", "É"];
        for (n, a) in texts.iter().enumerate() {
            for b in &texts[n + 1..] {
                assert_ne!(joined(0, a), joined(0, b), "{a:?} {b:?}");
                assert_ne!(ignoring_case(a.as_bytes()), ignoring_case(b.as_bytes()), "{a:?} {b:?}");
            }
        }
    }
}
