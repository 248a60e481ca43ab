//! Counts different things in bounded memory: exactly while they are few, by
//! estimate (HyperLogLog) when they are many.

use super::hashes::Hashes;

/// How many are counted exactly, and registers of the estimate, a power of two.
#[derive(Clone, Copy)]
enum Size {
    /// About 1 % off for the totals.
    Large,
    /// One of many counts: 2 % off, 2 KB at the most.
    Medium,
    /// One of a great many: 7 % off, 256 bytes.
    Small,
}

impl Size {
    fn exact(self) -> usize {
        match self {
            Size::Large => 20_000,
            Size::Medium => 256,
            Size::Small => 32,
        }
    }

    fn registers(self) -> usize {
        match self {
            Size::Large => 1 << 13,
            Size::Medium => 1 << 11,
            Size::Small => 1 << 8,
        }
    }
}

/// A count of different things.
pub struct Distinct {
    size: Size,
    kept: Kept,
}

/// Hashes, or the registers of an estimate.
enum Kept {
    Hashes(Hashes),
    Registers(Box<[u8]>),
}

impl Default for Distinct {
    fn default() -> Distinct {
        Distinct { size: Size::Large, kept: Kept::Hashes(Hashes::default()) }
    }
}

impl Distinct {
    /// The count number `place` of many, which together must be small; those
    /// begun first are of what is most common.
    pub fn one_of_many(place: usize) -> Distinct {
        Distinct { size: if place < 512 { Size::Medium } else { Size::Small }, ..Distinct::default() }
    }

    /// Counts a thing by its hash.
    pub fn add_hash(&mut self, hash: u64) {
        match &mut self.kept {
            Kept::Registers(registers) => register(registers, hash),
            Kept::Hashes(hashes) => {
                if hashes.insert(hash) && hashes.len() > self.size.exact() {
                    let mut registers = vec![0; self.size.registers()].into_boxed_slice();
                    hashes.iter().for_each(|hash| register(&mut registers, hash));
                    self.kept = Kept::Registers(registers);
                }
            }
        }
    }

    /// Counts all that another one counted.
    pub fn absorb(&mut self, other: Distinct) {
        match other.kept {
            Kept::Hashes(hashes) => hashes.iter().for_each(|hash| self.add_hash(hash)),
            Kept::Registers(theirs) => match std::mem::replace(&mut self.kept, Kept::Registers(theirs)) {
                Kept::Hashes(hashes) => hashes.iter().for_each(|hash| self.add_hash(hash)),
                Kept::Registers(ours) => self.raise(&ours),
            },
        }
    }

    /// Raises the registers to those of another estimate.
    fn raise(&mut self, others: &[u8]) {
        if let Kept::Registers(registers) = &mut self.kept {
            registers.iter_mut().zip(others).for_each(|(one, other)| *one = (*one).max(*other));
        }
    }

    /// How many different things there were.
    pub fn count(&self) -> usize {
        match &self.kept {
            Kept::Hashes(hashes) => hashes.len(),
            Kept::Registers(registers) => estimate(registers),
        }
    }

    /// The count is an estimate.
    pub fn is_estimate(&self) -> bool {
        matches!(self.kept, Kept::Registers(_))
    }
}

fn register(registers: &mut [u8], hash: u64) {
    // The number of registers is a power of two.
    let at = hash as usize & (registers.len() - 1);
    let rank = (hash >> registers.len().trailing_zeros()).trailing_zeros().min(50) as u8 + 1;
    // Rarely so, and reading is cheaper than writing.
    if rank > registers[at] {
        registers[at] = rank;
    }
}

fn estimate(registers: &[u8]) -> usize {
    let m = registers.len() as f64;
    let sum: f64 = registers.iter().map(|r| 2f64.powi(-i32::from(*r))).sum();
    let zeros = registers.iter().filter(|r| **r == 0).count();
    let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
    let small = raw <= 2.5 * m && zeros > 0;
    (if small { m * ln(m / zeros as f64) } else { raw }).round() as usize
}

/// The natural logarithm of a number from 1 on. The one of the system's library
/// would be the only reason to load that library at every start.
fn ln(number: f64) -> f64 {
    let bits = number.to_bits();
    let doublings = (bits >> 52) as f64 - 1023.0;
    // What is left lies between 1 and 2, where this series falls ninefold.
    let left = f64::from_bits(bits & (u64::MAX >> 12) | 1023 << 52);
    let step = (left - 1.0) / (left + 1.0);
    let series: f64 = (0..16).map(|n| 2 * n + 1).map(|n| step.powi(n) / f64::from(n)).sum();
    doublings * std::f64::consts::LN_2 + 2.0 * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    fn add(count: &mut Distinct, thing: &str) {
        count.add_hash(hash::ignoring_case(thing.as_bytes()));
    }

    #[test]
    fn two_counts_make_the_one_of_all() {
        for (ours, theirs) in
            [(0..9, 5..30), (0..9, 5..90_000), (0..90_000, 80_000..80_009), (0..40_000, 30_000..90_000), (0..15_000, 9..24_000)]
        {
            let counted = |range: std::ops::Range<usize>| {
                let mut count = Distinct::default();
                range.for_each(|n| add(&mut count, &n.to_string()));
                count
            };
            let (mut one, all) = (counted(ours.clone()), counted(ours.start..theirs.end.max(ours.end)));
            one.absorb(counted(theirs));
            assert_eq!((one.count(), one.is_estimate()), (all.count(), all.is_estimate()));
        }
    }

    #[test]
    fn the_logarithm_is_that_of_the_system() {
        for number in [1.0, 1.000_001, 1.5, 1.999_999, 2.0, 3.0, 8191.5, 8192.0, 1e9] {
            assert!((ln(number) - f64::ln(number)).abs() < 1e-12, "{number}");
        }
    }

    #[test]
    fn few_things_are_counted_exactly_and_many_nearly() {
        let mut few = Distinct::default();
        (0..1000).for_each(|n| add(&mut few, &format!("user{}@example.com", n % 500)));
        add(&mut few, "USER1@EXAMPLE.COM");
        assert_eq!((few.count(), few.is_estimate()), (500, false));
        for (mut many, near) in [(Distinct::default(), 0.03), (Distinct::one_of_many(0), 0.07), (Distinct::one_of_many(5000), 0.2)] {
            (0..200_000).for_each(|n| add(&mut many, &format!("user{n}@example.com")));
            let off = (many.count() as f64 - 200_000.0).abs() / 200_000.0;
            assert!(many.is_estimate() && off < near, "{off}");
        }
    }
}
