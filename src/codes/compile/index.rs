//! The look-up tables over words and phrases. It must not know what a phrase
//! counts for.

use super::super::rows::*;
use super::{Compiler, long, short};

impl Compiler {
    /// Phrases sorted by their first two words, and where each pair begins.
    pub(super) fn group_phrases(&mut self) -> (Vec<PhraseRow>, Vec<GroupRow>) {
        let mut phrases = std::mem::take(&mut self.phrases);
        phrases.sort_by_key(|(parts, _)| pair(parts));
        let mut rows: Vec<PhraseRow> = Vec::new();
        let mut groups: Vec<GroupRow> = Vec::new();
        for (parts, target) in phrases {
            let (first, second) = pair(&parts);
            match groups.last_mut() {
                Some(g) if g.first == first && g.second == second => {}
                _ => groups.push(GroupRow { first, second, at: long(rows.len()) }),
            }
            let group = groups.last().map_or(0, |g| g.at as usize);
            let parts = self.same_parts(&rows[group..], &parts).unwrap_or_else(|| self.new_parts(&parts));
            rows.push(PhraseRow { parts, target });
        }
        groups.push(GroupRow { first: NO_WORD, second: NO_WORD, at: long(rows.len()) });
        (rows, groups)
    }

    /// Where these parts are held already.
    fn same_parts(&self, rows: &[PhraseRow], parts: &[u16]) -> Option<List> {
        let held = |list: List| &self.parts[list.at as usize..][..usize::from(list.len)];
        rows.iter().map(|row| row.parts).find(|list| held(*list) == parts)
    }

    pub(super) fn word_slots(&self) -> Vec<u16> {
        let size = (self.word_ends.len() * 2 + 2).next_power_of_two();
        let mut slots = vec![NO_WORD; size];
        let mut start = 0;
        for (n, end) in self.word_ends.iter().enumerate() {
            let word = &self.words.as_bytes()[start..*end as usize];
            let free = free_slot(hash_word(word), size, |at| slots[at] == NO_WORD);
            slots[free] = FIRST_WORD + short(n);
            start = *end as usize;
        }
        slots
    }
}

/// The first two words of a phrase; 0 for the second where it is a slot or
/// missing.
fn pair(parts: &[u16]) -> (u16, u16) {
    let second = parts.get(1).copied().filter(|p| *p >= FIRST_WORD).unwrap_or(0);
    (parts[0], second)
}

pub(super) fn group_slots(groups: &[GroupRow]) -> Vec<u16> {
    let size = (groups.len() * 2 + 2).next_power_of_two();
    let mut slots = vec![0; size];
    for (n, g) in groups.iter().enumerate().filter(|(_, g)| g.first != NO_WORD) {
        let free = free_slot(hash_pair(g.first, g.second), size, |at| slots[at] == 0);
        slots[free] = short(n + 1);
    }
    slots
}

fn free_slot(hash: u32, size: usize, free: impl Fn(usize) -> bool) -> usize {
    let start = hash as usize & (size - 1);
    (0..size).map(|n| (start + n) & (size - 1)).find(|at| free(*at)).unwrap_or(start)
}
