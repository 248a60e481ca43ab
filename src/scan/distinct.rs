//! Counts different things in bounded memory: exactly while they are few, by
//! estimate (HyperLogLog) when they are many.

use super::hashes::Hashes;

/// How many are counted exactly, and registers of the estimate, a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub exact: usize,
    pub registers: usize,
}

impl Size {
    /// About 1 % off.
    pub const LARGE: Size = Size { exact: 20_000, registers: 1 << 13 };
}

/// A count of different things.
#[derive(Default)]
pub struct Distinct {
    kept: Kept,
}

/// Hashes, or the registers of an estimate.
#[derive(Default)]
enum Kept {
    #[default]
    Nothing,
    /// One of many counts is often a count of one.
    One(u64),
    Hashes(Box<Hashes>),
    Registers(Box<[u8]>),
}

impl Distinct {
    /// Counts a thing by its hash.
    pub fn add_hash(&mut self, hash: u64) {
        self.add_within(hash, Size::LARGE);
    }

    /// The same for one of many counts, which together must be small.
    pub fn add_within(&mut self, hash: u64, size: Size) {
        match &mut self.kept {
            Kept::Nothing => self.kept = Kept::One(hash),
            Kept::One(one) if *one == hash => {}
            Kept::One(one) => {
                let mut hashes = Hashes::default();
                hashes.insert(*one);
                hashes.insert(hash);
                self.kept = Kept::Hashes(Box::new(hashes));
            }
            Kept::Registers(registers) => register(registers, hash),
            Kept::Hashes(hashes) => {
                if hashes.insert(hash) && hashes.len() > size.exact {
                    self.estimate_within(size);
                }
            }
        }
    }

    /// Counts all that another one counted.
    pub fn absorb(&mut self, other: Distinct) {
        let few = match other.kept {
            Kept::Registers(theirs) => match std::mem::replace(&mut self.kept, Kept::Registers(theirs)) {
                Kept::Registers(ours) => return self.raise(&ours),
                few => few,
            },
            few => few,
        };
        few.hashes().for_each(|hash| self.add_hash(hash));
    }

    /// Raises the registers to those of another estimate.
    fn raise(&mut self, others: &[u8]) {
        if let Kept::Registers(registers) = &mut self.kept {
            registers.iter_mut().zip(others).for_each(|(one, other)| *one = (*one).max(*other));
        }
    }

    /// Takes less room from now on: as if it had been of this size from the
    /// beginning.
    pub fn tighten(&mut self, size: Size) {
        match &mut self.kept {
            Kept::Hashes(hashes) if hashes.len() > size.exact => self.estimate_within(size),
            Kept::Registers(registers) => {
                while registers.len() > size.registers {
                    *registers = halved(registers);
                }
            }
            _ => {}
        }
    }

    fn estimate_within(&mut self, size: Size) {
        let Kept::Hashes(hashes) = &self.kept else { return };
        let mut registers = vec![0; size.registers].into_boxed_slice();
        hashes.iter().for_each(|hash| register(&mut registers, hash));
        self.kept = Kept::Registers(registers);
    }

    /// Bytes that it takes besides its own.
    pub fn size(&self) -> usize {
        match &self.kept {
            Kept::Nothing | Kept::One(_) => 0,
            Kept::Hashes(hashes) => size_of::<Hashes>() + hashes.size(),
            Kept::Registers(registers) => registers.len(),
        }
    }

    /// How many different things there were.
    pub fn count(&self) -> usize {
        match &self.kept {
            Kept::Nothing => 0,
            Kept::One(_) => 1,
            Kept::Hashes(hashes) => hashes.len(),
            Kept::Registers(registers) => estimate(registers),
        }
    }

    /// The count is an estimate.
    pub fn is_estimate(&self) -> bool {
        matches!(self.kept, Kept::Registers(_))
    }
}

impl Kept {
    /// The hashes, where they are kept themselves.
    fn hashes(&self) -> impl Iterator<Item = u64> + '_ {
        let (one, many) = match self {
            Kept::One(hash) => (Some(*hash), None),
            Kept::Hashes(hashes) => (None, Some(hashes.iter())),
            Kept::Nothing | Kept::Registers(_) => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// Half as many registers that say of the same things what they can: of the bits
/// that name a register the highest now counts as the first behind them.
fn halved(registers: &[u8]) -> Box<[u8]> {
    let (low, high) = registers.split_at(registers.len() / 2);
    let one = |(low, high): (&u8, &u8)| if *low > 0 { low + 1 } else { u8::from(*high > 0) };
    low.iter().zip(high).map(one).collect()
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
        for (registers, near) in [(1 << 13, 0.03), (1 << 11, 0.07), (1 << 8, 0.2), (1 << 5, 0.5)] {
            let mut many = Distinct::default();
            let hashes = (0..200_000).map(|n| hash::ignoring_case(format!("user{n}@example.com").as_bytes()));
            hashes.for_each(|hash| many.add_within(hash, Size { exact: 100, registers }));
            let off = (many.count() as f64 - 200_000.0).abs() / 200_000.0;
            assert!(many.is_estimate() && off < near, "{off}");
        }
    }

    #[test]
    fn a_count_that_gave_room_away_is_as_one_that_never_had_it() {
        let (large, small) = (Size { exact: 64, registers: 1 << 9 }, Size { exact: 4, registers: 1 << 5 });
        for many in [1, 2, 4, 5, 60, 64, 65, 10_000] {
            let (mut tightened, mut tight) = (Distinct::default(), Distinct::default());
            for n in 0..many {
                let hash = hash::ignoring_case(n.to_string().as_bytes());
                tightened.add_within(hash, large);
                tight.add_within(hash, small);
            }
            tightened.tighten(small);
            let told = |count: &Distinct| (count.count(), count.is_estimate(), count.size() <= 200);
            assert_eq!(told(&tightened), told(&tight), "{many}");
        }
    }
}
