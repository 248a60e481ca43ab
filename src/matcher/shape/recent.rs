//! Remembers what was answered to the texts asked about last, yes or no: the
//! same words and links come again in line after line. It must not know what
//! was asked.

/// The answers, each at the place that the hash of its text names; the last bit
/// of what is kept there is the answer.
pub(super) struct Recent {
    kept: Vec<u64>,
}

impl Recent {
    /// Room for `most` answers, a power of two.
    pub(super) fn new(most: usize) -> Recent {
        Recent { kept: vec![0; most] }
    }

    /// The answer to the text with this hash, if it is remembered.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<bool> {
        let kept = self.kept[self.place(hash)];
        (kept | 1 == hash | 1).then_some(kept & 1 == 1)
    }

    pub(super) fn keep(&mut self, hash: u64, answer: bool) {
        let place = self.place(hash);
        self.kept[place] = hash & !1 | u64::from(answer);
    }

    fn place(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.kept.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_that_to_the_same_text() {
        let mut recent = Recent::new(16);
        let hash = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 1..100 {
            assert_eq!(recent.get(hash(n)), None);
            recent.keep(hash(n), n % 3 == 0);
            assert_eq!(recent.get(hash(n)), Some(n % 3 == 0));
        }
        assert!((1..100).filter(|n| recent.get(hash(*n)).is_some()).count() <= 16);
    }
}
