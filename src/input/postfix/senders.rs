//! Senders by queue id: delivery lines do not name them, the queue manager's
//! line before them does. A log names a million, of which few are ever asked
//! for, so keeping one must cost next to nothing. It must not know lines.

use crate::input::record::{MOST_FIELD, beginning};

/// More messages than a busy server has in its hands at once.
const MOST: usize = 10_000;

/// The newest queue ids with their senders.
#[derive(Default)]
pub(super) struct Senders {
    /// First letters and length of each id, to pass over others quickly.
    marks: Vec<u64>,
    /// Ids and senders; the oldest at `oldest` once there are [`MOST`].
    kept: Vec<(String, String)>,
    oldest: usize,
}

impl Senders {
    pub(super) fn keep(&mut self, id: &str, sender: &str) {
        let (id, sender) = (beginning(id, MOST_FIELD), beginning(sender, MOST_FIELD));
        if self.kept.len() < MOST {
            self.marks.push(mark(id));
            self.kept.push((id.to_string(), sender.to_string()));
            return;
        }
        self.marks[self.oldest] = mark(id);
        let (old_id, old_sender) = &mut self.kept[self.oldest];
        id.clone_into(old_id);
        sender.clone_into(old_sender);
        self.oldest = (self.oldest + 1) % MOST;
    }

    /// The sender last kept for a message.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        let wanted = mark(id);
        let (newer, older) = (&self.marks[..self.oldest], &self.marks[self.oldest..]);
        let fits = |(at, mark): (usize, &u64)| (*mark == wanted && self.kept[at].0 == id).then_some(at);
        let newest = newer.iter().enumerate().rev().find_map(fits);
        let at = newest.or_else(|| older.iter().enumerate().rev().find_map(|(at, mark)| fits((at + self.oldest, mark))))?;
        Some(&self.kept[at].1)
    }
}

/// The last bytes of an id, which differ most, and its length.
fn mark(id: &str) -> u64 {
    let bytes = id.as_bytes();
    let last = &bytes[bytes.len().saturating_sub(7)..];
    last.iter().fold(bytes.len() as u64, |mark, b| mark << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_the_last_sender_of_an_id_wins() {
        let mut senders = Senders::default();
        senders.keep("first", "old@example.org");
        senders.keep("first", "new@example.org");
        assert_eq!((senders.of("first"), senders.of("second")), (Some("new@example.org"), None));
        for n in 0..MOST + 3 {
            senders.keep(&n.to_string(), &format!("{n}@example.org"));
        }
        assert_eq!((senders.of("first"), senders.of("2"), senders.of("3")), (None, None, Some("3@example.org")));
        assert_eq!((senders.of("9999"), senders.of("10002")), (Some("9999@example.org"), Some("10002@example.org")));
        assert_eq!(senders.kept.len(), MOST);
    }
}
