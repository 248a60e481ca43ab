//! Remembers how runs without gaps look in a shape: codes, links and hosts come
//! again in line after line. It must not know how shapes are made.

/// Runs remembered, a power of two.
const MOST: usize = 1024;
/// Bytes of a shape that are remembered.
const LONGEST: usize = 47;
/// The shape is the run itself.
const SAME: u8 = u8::MAX;

/// The runs met last, each at the place that its hash names.
pub(super) struct Chunks {
    kept: Vec<Kept>,
}

#[derive(Clone, Copy)]
struct Kept {
    hash: u64,
    len: u8,
    shape: [u8; LONGEST],
}

/// How a run looks in a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look<'a> {
    Same,
    Other(&'a [u8]),
}

impl Chunks {
    pub(super) fn new() -> Chunks {
        Chunks { kept: vec![Kept { hash: 0, len: SAME, shape: [0; LONGEST] }; MOST] }
    }

    /// How the run with this hash looks, if it is remembered.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<Look<'_>> {
        let kept = &self.kept[hash as usize % MOST];
        let look = || if kept.len == SAME { Look::Same } else { Look::Other(&kept.shape[..usize::from(kept.len)]) };
        (kept.hash == hash).then(look)
    }

    pub(super) fn keep(&mut self, hash: u64, look: Look<'_>) {
        let kept = &mut self.kept[hash as usize % MOST];
        match look {
            Look::Same => (kept.hash, kept.len) = (hash, SAME),
            Look::Other(shape) if shape.len() <= LONGEST => {
                (kept.hash, kept.len) = (hash, shape.len() as u8);
                kept.shape[..shape.len()].copy_from_slice(shape);
            }
            Look::Other(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_looks_as_it_did() {
        let mut chunks = Chunks::new();
        let hash = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 1..4000 {
            let shape = n.to_string();
            let look = if n % 3 == 0 { Look::Same } else { Look::Other(shape.as_bytes()) };
            assert_eq!(chunks.get(hash(n)), None);
            chunks.keep(hash(n), look);
            assert_eq!(chunks.get(hash(n)), Some(look));
        }
        assert!((1..4000).filter(|n| chunks.get(hash(*n)).is_some()).count() <= MOST);
        chunks.keep(hash(5000), Look::Other(&[b'x'; LONGEST + 1]));
        assert_eq!(chunks.get(hash(5000)), None);
    }
}
