//! Counts different things in bounded memory: exactly while they are few, by
//! estimate (HyperLogLog, about 1 % off) when they are many.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher};

/// How many are counted exactly.
pub const EXACT: usize = 20_000;
/// Registers of the estimate, a power of two.
const REGISTERS: usize = 1 << 13;

/// A count of different things.
pub struct Distinct {
    exact: Option<HashSet<u64, BuildHasherDefault<Same>>>,
    registers: Vec<u8>,
    most: usize,
}

impl Default for Distinct {
    fn default() -> Distinct {
        Distinct::up_to(EXACT)
    }
}

impl Distinct {
    /// Counts exactly up to so many.
    pub fn up_to(most: usize) -> Distinct {
        Distinct { exact: Some(HashSet::default()), registers: Vec::new(), most }
    }

    /// Counts exactly up to so many from now on.
    pub fn limit(&mut self, most: usize) {
        self.most = most;
        self.make_room();
    }

    /// Things that are kept to be counted exactly.
    pub fn kept(&self) -> usize {
        self.exact.as_ref().map_or(0, HashSet::len)
    }

    /// Counts a thing once, whatever its case.
    pub fn add(&mut self, thing: &str) {
        let hash = hash(thing);
        let Some(exact) = &mut self.exact else { return self.register(hash) };
        exact.insert(hash);
        self.make_room();
    }

    fn make_room(&mut self) {
        if let Some(all) = self.exact.take_if(|exact| exact.len() > self.most) {
            self.registers = vec![0; REGISTERS];
            all.into_iter().for_each(|h| self.register(h));
        }
    }

    fn register(&mut self, hash: u64) {
        let at = (hash % REGISTERS as u64) as usize;
        let rank = (hash / REGISTERS as u64).trailing_zeros().min(50) as u8 + 1;
        self.registers[at] = self.registers[at].max(rank);
    }

    /// How many different things there were.
    pub fn count(&self) -> usize {
        if let Some(exact) = &self.exact {
            return exact.len();
        }
        let m = REGISTERS as f64;
        let sum: f64 = self.registers.iter().map(|r| 2f64.powi(-i32::from(*r))).sum();
        let zeros = self.registers.iter().filter(|r| **r == 0).count();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let small = raw <= 2.5 * m && zeros > 0;
        (if small { m * (m / zeros as f64).ln() } else { raw }).round() as usize
    }

    /// The count is an estimate.
    pub fn is_estimate(&self) -> bool {
        self.exact.is_none()
    }
}

/// The same number for the same thing, whatever its case.
pub(super) fn hash(thing: &str) -> u64 {
    let mut hasher = BuildHasherDefault::<DefaultHasher>::default().build_hasher();
    thing.bytes().for_each(|b| hasher.write_u8(b.to_ascii_lowercase()));
    hasher.finish()
}

/// The hashes are hashes already.
#[derive(Default)]
struct Same(u64);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_things_are_counted_exactly_and_many_nearly() {
        let mut few = Distinct::default();
        (0..1000).for_each(|n| few.add(&format!("user{}@example.com", n % 500)));
        few.add("USER1@EXAMPLE.COM");
        assert_eq!((few.count(), few.is_estimate()), (500, false));
        let mut many = Distinct::default();
        (0..200_000).for_each(|n| many.add(&format!("user{n}@example.com")));
        let off = (many.count() as f64 - 200_000.0).abs() / 200_000.0;
        assert!(many.is_estimate() && off < 0.03, "{off}");
        few.limit(100);
        assert!(few.is_estimate() && few.kept() == 0 && few.count().abs_diff(500) < 25, "{}", few.count());
    }
}
