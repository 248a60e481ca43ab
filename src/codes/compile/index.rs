//! The look-up tables over words and phrases. It must not know what a phrase
//! counts for.

use super::super::rows::*;
use super::{Compiler, long, short};

impl Compiler {
    /// Phrases sorted by their first two words, and where each pair begins.
    pub(super) fn group_phrases(&mut self) -> (Vec<PhraseRow>, Vec<GroupRow>) {
        let mut phrases = std::mem::take(&mut self.phrases);
        phrases.sort_by_key(|(parts, _)| pair(parts));
        let mut rows = Vec::new();
        let mut groups: Vec<GroupRow> = Vec::new();
        for (parts, target) in phrases {
            let (first, second) = pair(&parts);
            match groups.last_mut() {
                Some(g) if g.first == first && g.second == second => g.len += 1,
                _ => groups.push(GroupRow { first, second, at: long(rows.len()), len: 1 }),
            }
            let parts = self.num_list(parts);
            rows.push(PhraseRow { parts, target });
        }
        (rows, groups)
    }

    pub(super) fn word_slots(&self) -> Vec<u16> {
        let size = (self.words.len() * 2 + 2).next_power_of_two();
        let mut slots = vec![NO_WORD; size];
        for (n, word) in self.words.iter().enumerate() {
            let bytes = &self.text.as_bytes()[word.at as usize..(word.at + word.len) as usize];
            let free = free_slot(hash_word(bytes), size, |at| slots[at] == NO_WORD);
            slots[free] = FIRST_WORD + short(n);
        }
        slots
    }
}

/// The first two words of a phrase; 0 for the second where it is a slot or
/// missing.
fn pair(parts: &[u32]) -> (u16, u16) {
    let second = parts.get(1).copied().filter(|p| *p >= u32::from(FIRST_WORD)).unwrap_or(0);
    (short(parts[0] as usize), short(second as usize))
}

pub(super) fn group_slots(groups: &[GroupRow]) -> Vec<u32> {
    let size = (groups.len() * 2 + 2).next_power_of_two();
    let mut slots = vec![0; size];
    for (n, g) in groups.iter().enumerate() {
        let free = free_slot(hash_pair(g.first, g.second), size, |at| slots[at] == 0);
        slots[free] = long(n + 1);
    }
    slots
}

fn free_slot(hash: u32, size: usize, free: impl Fn(usize) -> bool) -> usize {
    let start = hash as usize & (size - 1);
    (0..size).map(|n| (start + n) & (size - 1)).find(|at| free(*at)).unwrap_or(start)
}
