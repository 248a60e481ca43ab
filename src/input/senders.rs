//! Senders by queue id: delivery lines do not name them, an earlier line of the
//! message does. A log names a million, of which few are ever asked for, so
//! keeping one must cost next to nothing. It must not know lines.

use std::collections::VecDeque;

use super::record::{MOST_FIELD, beginning};
use crate::hash;

/// More messages than a busy server has in its hands at once.
const MOST: usize = 10_000;
/// Places that ids are spread over, a power of two.
const PLACES: usize = 1 << 14;
/// Bytes of a block of texts, and blocks at the most: room for ten thousand
/// messages of sixty-five bytes.
const BLOCK: usize = 16 << 10;
const MOST_BLOCKS: usize = 40;
/// No row.
const NONE: u16 = u16::MAX;

/// The newest queue ids with their senders.
#[derive(Debug, Default)]
pub(super) struct Senders {
    /// How many were ever kept, and how many of the newest are still known.
    count: usize,
    alive: usize,
    /// The newest, each in the row of the one that is [`MOST`] older.
    rows: Vec<Row>,
    /// The row last kept at each place.
    latest: Vec<u16>,
    blocks: VecDeque<Block>,
    /// The number of the first block; numbers begin anew after the highest.
    first: u16,
}

/// Where an id stands, and the sender behind it.
#[derive(Clone, Copy, Debug)]
struct Row {
    block: u16,
    start: u16,
    id: u16,
    sender: u16,
    /// The row kept before at the same place.
    before: u16,
}

/// Ids and senders one behind another.
#[derive(Debug, Default)]
struct Block {
    texts: String,
    /// How many had ever been kept when the last of them came.
    last: usize,
}

impl Senders {
    pub(super) fn keep(&mut self, id: &str, sender: &str) {
        let (id, sender) = (beginning(id, MOST_FIELD), beginning(sender, MOST_FIELD));
        if self.latest.is_empty() {
            self.latest.resize(PLACES, NONE);
        }
        let number = self.count % MOST;
        let before = std::mem::replace(&mut self.latest[place(id)], number as u16);
        self.count += 1;
        let (block, start) = self.write(id, sender);
        let row = Row { block, start, id: id.len() as u16, sender: sender.len() as u16, before };
        match self.rows.get_mut(number) {
            Some(oldest) => *oldest = row,
            None => self.rows.push(row),
        }
        self.alive = MOST.min(self.alive + 1);
    }

    /// The sender last kept for a message.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        let mut number = self.latest.get(place(id)).copied().unwrap_or(NONE);
        let mut younger = None;
        while number != NONE {
            let age = (self.count - 1 - usize::from(number)) % MOST;
            // A row that was used again is younger than what leads to it.
            if age >= self.alive || younger.is_some_and(|younger| age <= younger) {
                return None;
            }
            let row = self.rows[usize::from(number)];
            let (known, sender) = self.texts(row);
            if known == id {
                return Some(sender);
            }
            (number, younger) = (row.before, Some(age));
        }
        None
    }

    /// Writes a text down; gives its block, and where it starts in it.
    fn write(&mut self, id: &str, sender: &str) -> (u16, u16) {
        let wanted = id.len() + sender.len();
        if self.blocks.back().is_none_or(|block| block.texts.len() + wanted > BLOCK) {
            self.turn_over();
        }
        let number = self.first.wrapping_add(self.blocks.len() as u16 - 1);
        let block = self.blocks.back_mut().expect("there is one");
        let start = block.texts.len();
        block.texts.push_str(id);
        block.texts.push_str(sender);
        block.last = self.count;
        (number, start as u16)
    }

    /// Begins an empty block, which is the oldest where nothing in it counts
    /// any more or there are too many.
    fn turn_over(&mut self) {
        // The one at hand comes besides.
        let since = self.blocks.front().map_or(0, |oldest| self.count - 1 - oldest.last);
        if since + 1 < MOST && self.blocks.len() < MOST_BLOCKS {
            return self.blocks.push_back(Block { texts: String::with_capacity(BLOCK), last: 0 });
        }
        let mut block = self.blocks.pop_front().unwrap_or_default();
        self.first = self.first.wrapping_add(1);
        self.alive = self.alive.min(since);
        block.texts.clear();
        self.blocks.push_back(block);
    }

    fn texts(&self, row: Row) -> (&str, &str) {
        let block = &self.blocks[usize::from(row.block.wrapping_sub(self.first))];
        let start = usize::from(row.start);
        block.texts[start..start + usize::from(row.id) + usize::from(row.sender)].split_at(usize::from(row.id))
    }
}

fn place(id: &str) -> usize {
    hash::joined(0, id) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_the_last_sender_of_an_id_wins() {
        let mut senders = Senders::default();
        assert_eq!(senders.of("first"), None);
        senders.keep("first", "old@example.org");
        senders.keep("first", "new@example.org");
        assert_eq!((senders.of("first"), senders.of("second")), (Some("new@example.org"), None));
        for n in 0..MOST + 3 {
            senders.keep(&n.to_string(), &format!("{n}@example.org"));
        }
        assert_eq!((senders.of("first"), senders.of("2"), senders.of("3")), (None, None, Some("3@example.org")));
        assert_eq!((senders.of("9999"), senders.of("10002")), (Some("9999@example.org"), Some("10002@example.org")));
        assert_eq!(senders.rows.len(), MOST);
        let all = (0..MOST + 3).filter(|n| senders.of(&n.to_string()) == Some(&format!("{n}@example.org"))).count();
        assert_eq!(all, MOST);
    }

    #[test]
    fn of_long_senders_fewer_are_kept_and_memory_stays() {
        let mut senders = Senders::default();
        let long = |n: usize| format!("{n}{}@example.org", "x".repeat(MOST_FIELD));
        let known = |senders: &Senders, n: usize| senders.of(&n.to_string()) == Some(beginning(&long(n), MOST_FIELD));
        for n in 0..5 * MOST {
            senders.keep(&n.to_string(), &long(n));
            assert!(known(&senders, n) && senders.blocks.len() <= MOST_BLOCKS);
        }
        let kept = (0..5 * MOST).filter(|n| known(&senders, *n)).count();
        assert!((600..MOST).contains(&kept), "{kept}");
        (0..MOST).for_each(|n| senders.keep(&format!("a{n}"), "a@example.org"));
        assert!((0..MOST).all(|n| senders.of(&format!("a{n}")) == Some("a@example.org")));
        assert_eq!(senders.of(&(5 * MOST - 1).to_string()), None);
    }
}
