//! Senders by queue id: delivery lines do not name them, the queue manager's
//! line before them does. It must not know lines.

use std::collections::{HashMap, VecDeque};

use crate::input::record::{MOST_FIELD, beginning};

/// More messages than a busy server has in its hands at once.
const MOST: usize = 10_000;

/// The newest queue ids with their senders.
#[derive(Default)]
pub(super) struct Senders {
    by_id: HashMap<String, String>,
    order: VecDeque<String>,
}

impl Senders {
    pub(super) fn keep(&mut self, id: &str, sender: &str) {
        let (id, sender) = (beginning(id, MOST_FIELD), beginning(sender, MOST_FIELD));
        if let Some(known) = self.by_id.get_mut(id) {
            sender.clone_into(known);
            return;
        }
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        self.order.push_back(id.to_string());
        self.by_id.insert(id.to_string(), sender.to_string());
    }

    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(String::as_str)
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
        for n in 0..MOST {
            senders.keep(&n.to_string(), "");
        }
        assert_eq!((senders.of("first"), senders.of("0"), senders.order.len()), (None, Some(""), MOST));
    }
}
