//! Remembers how runs without gaps look in a shape: codes, links and hosts come
//! again in line after line. It must not know how shapes are made.

use std::hash::BuildHasher;

use crate::hash::Seeded;

/// Runs remembered, a power of two.
const MOST: usize = 1024;
/// Bytes of a run, and of its shape, that are remembered.
const LONGEST: usize = 62;

/// The runs met last, each at the place that its hash names.
pub(super) struct Chunks {
    seed: Seeded,
    kept: Vec<Kept>,
}

#[derive(Clone, Copy)]
struct Kept {
    run: Short,
    shape: Short,
}

#[derive(Clone, Copy)]
struct Short {
    len: u8,
    bytes: [u8; LONGEST],
}

impl Default for Chunks {
    fn default() -> Chunks {
        let none = Short { len: 0, bytes: [0; LONGEST] };
        Chunks { seed: Seeded::default(), kept: vec![Kept { run: none, shape: none }; MOST] }
    }
}

impl Chunks {
    /// Where a run would be remembered, if it is short enough.
    pub(super) fn place(&self, run: &[u8]) -> Option<usize> {
        (run.len() <= LONGEST).then(|| self.seed.hash_one(run) as usize % MOST)
    }

    /// The shape of a run, if it is remembered at its place.
    pub(super) fn get(&self, place: usize, run: &[u8]) -> Option<&[u8]> {
        let kept = &self.kept[place];
        (kept.run.get() == run).then(|| kept.shape.get())
    }

    pub(super) fn keep(&mut self, place: usize, run: &[u8], shape: &[u8]) {
        if shape.len() <= LONGEST {
            self.kept[place].run.set(run);
            self.kept[place].shape.set(shape);
        }
    }
}

impl Short {
    fn get(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn set(&mut self, bytes: &[u8]) {
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_run_has_a_shape() {
        let mut chunks = Chunks::default();
        let runs: Vec<String> = (0..4000).map(|n| format!("run{n}")).collect();
        for run in &runs {
            let (run, place) = (run.as_bytes(), chunks.place(run.as_bytes()).unwrap());
            assert_eq!(chunks.get(place, run), None);
            chunks.keep(place, run, &run[1..]);
            assert_eq!(chunks.get(place, run), Some(&run[1..]));
        }
        let kept = runs.iter().filter(|run| chunks.get(chunks.place(run.as_bytes()).unwrap(), run.as_bytes()).is_some());
        assert!((1..=MOST).contains(&kept.count()));
        let long = [b'x'; LONGEST + 1];
        assert_eq!(chunks.place(&long), None);
        let place = chunks.place(b"x").unwrap();
        chunks.keep(place, b"x", &long);
        assert_eq!(chunks.get(place, b"x"), None);
    }
}
