//! Senders by queue id: delivery lines do not name them, the queue manager's
//! line before them does. It must not know lines.

use std::collections::HashMap;

/// More messages than a busy server has in its hands at once.
const MOST: usize = 10_000;

/// The newest queue ids with their senders.
#[derive(Default)]
pub(super) struct Senders {
    /// Places in the ring.
    by_id: HashMap<String, usize>,
    /// Ids and senders, the oldest at `oldest` once it is full.
    ring: Vec<(String, String)>,
    oldest: usize,
}

impl Senders {
    pub(super) fn keep(&mut self, id: &str, sender: &str) {
        if let Some(place) = self.by_id.get(id) {
            sender.clone_into(&mut self.ring[*place].1);
            return;
        }
        if self.ring.len() < MOST {
            self.by_id.insert(id.to_string(), self.ring.len());
            self.ring.push((id.to_string(), sender.to_string()));
            return;
        }
        let (old_id, old_sender) = &mut self.ring[self.oldest];
        // The strings of the oldest are used again: a log names a million.
        let mut key = self.by_id.remove_entry(old_id).map(|(key, _)| key).unwrap_or_default();
        id.clone_into(&mut key);
        id.clone_into(old_id);
        sender.clone_into(old_sender);
        self.by_id.insert(key, self.oldest);
        self.oldest = (self.oldest + 1) % MOST;
    }

    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(|place| self.ring[*place].1.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_and_a_used_id_is_renewed() {
        let mut senders = Senders::default();
        senders.keep("first", "old@example.org");
        senders.keep("first", "new@example.org");
        assert_eq!(senders.of("first"), Some("new@example.org"));
        for n in 0..MOST + 3 {
            senders.keep(&n.to_string(), &format!("{n}@example.org"));
        }
        assert_eq!((senders.of("first"), senders.of("2"), senders.of("3")), (None, None, Some("3@example.org")));
        assert_eq!((senders.ring.len(), senders.by_id.len()), (MOST, MOST));
    }
}
