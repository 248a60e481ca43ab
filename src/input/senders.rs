//! Senders by queue id: delivery lines do not name them, an earlier line of the
//! message does. A log names a million, of which few are ever asked for, so
//! keeping one must cost next to nothing. It must not know lines.

use super::record::{MOST_FIELD, beginning};
use crate::hash;

/// More messages than a busy server has in its hands at once.
const MOST: usize = 10_000;
/// Places that ids are spread over, a power of two.
const PLACES: usize = 1 << 14;

/// The newest queue ids with their senders.
#[derive(Debug, Default)]
pub(super) struct Senders {
    /// How many were ever kept; they are numbered from 1.
    count: usize,
    /// Number `n` at `(n - 1) % MOST`.
    kept: Vec<Kept>,
    /// The number last kept at each place; 0: none.
    latest: Vec<usize>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The id, and the sender behind it.
    text: String,
    id: usize,
    /// The number kept before at the same place.
    before: usize,
}

impl Senders {
    pub(super) fn keep(&mut self, id: &str, sender: &str) {
        let (id, sender) = (beginning(id, MOST_FIELD), beginning(sender, MOST_FIELD));
        if self.kept.len() < MOST {
            self.kept.push(Kept::default());
            self.latest.resize(PLACES, 0);
        }
        let kept = &mut self.kept[self.count % MOST];
        self.count += 1;
        kept.text.clear();
        kept.text.reserve(id.len() + sender.len());
        kept.text.push_str(id);
        kept.text.push_str(sender);
        kept.id = id.len();
        kept.before = std::mem::replace(&mut self.latest[place(id)], self.count);
    }

    /// The sender last kept for a message.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        let mut number = self.latest.get(place(id)).copied().unwrap_or(0);
        while number > 0 && self.count - number < MOST {
            let kept = &self.kept[(number - 1) % MOST];
            let (known, sender) = kept.text.split_at(kept.id);
            if known == id {
                return Some(sender);
            }
            number = kept.before;
        }
        None
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
        assert_eq!(senders.kept.len(), MOST);
        let all = (0..MOST + 3).filter(|n| senders.of(&n.to_string()) == Some(&format!("{n}@example.org"))).count();
        assert_eq!(all, MOST);
    }
}
