//! A set of hashes that takes little room while it is small. It must not know
//! what was hashed.

use std::collections::HashSet;

use crate::hash::Itself;

/// Hashes that are kept as a sorted list.
const LIST: usize = 256;

/// Different hashes.
pub enum Hashes {
    Few(Vec<u64>),
    #[expect(clippy::box_collection, reason = "nearly all sets are small, and there are thousands")]
    Many(Box<HashSet<u64, Itself>>),
}

impl Default for Hashes {
    fn default() -> Hashes {
        Hashes::Few(Vec::new())
    }
}

impl Hashes {
    /// Adds a hash; `false` where it was there.
    pub fn insert(&mut self, hash: u64) -> bool {
        match self {
            Hashes::Many(many) => many.insert(hash),
            Hashes::Few(few) => {
                let Err(at) = few.binary_search(&hash) else { return false };
                if few.len() == LIST {
                    *self = Hashes::Many(Box::new(few.drain(..).chain([hash]).collect()));
                    return true;
                }
                if few.len() == few.capacity() {
                    few.reserve_exact(3 + few.len() / 2);
                }
                few.insert(at, hash);
                true
            }
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Hashes::Few(few) => few.len(),
            Hashes::Many(many) => many.len(),
        }
    }

    /// Bytes that they take besides their own.
    pub fn size(&self) -> usize {
        match self {
            Hashes::Few(few) => few.capacity() * size_of::<u64>(),
            Hashes::Many(many) => many.capacity() * (size_of::<u64>() + 1) * 8 / 7,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let (few, many) = match self {
            Hashes::Few(few) => (few.as_slice(), None),
            Hashes::Many(many) => (&[][..], Some(many.iter())),
        };
        few.iter().chain(many.into_iter().flatten()).copied()
    }

    /// Drops the hashes that are not wanted.
    pub fn retain(&mut self, wanted: impl Fn(u64) -> bool) {
        match self {
            Hashes::Few(few) => {
                few.retain(|hash| wanted(*hash));
                few.shrink_to_fit();
            }
            Hashes::Many(_) => {
                let mut kept: Vec<u64> = self.iter().filter(|hash| wanted(*hash)).collect();
                kept.sort_unstable();
                *self = if kept.len() > LIST { Hashes::Many(Box::new(kept.into_iter().collect())) } else { Hashes::Few(kept) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_hashes_are_kept_once_each() {
        let mut hashes = Hashes::default();
        let scattered = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 0..3 * LIST as u64 {
            assert!(hashes.insert(scattered(n)) && !hashes.insert(scattered(n / 2)));
            assert_eq!(hashes.len() as u64, n + 1);
        }
        hashes.retain(|hash| hash % 8 == 0);
        let mut kept: Vec<u64> = hashes.iter().collect();
        kept.sort_unstable();
        let mut all: Vec<u64> = (0..3 * LIST as u64).map(scattered).filter(|hash| hash % 8 == 0).collect();
        all.sort_unstable();
        assert_eq!(kept, all);
        assert!(matches!(hashes, Hashes::Few(_)));
    }
}
