//! Answers to records that were explained before, but for their names, numbers
//! and addresses: a log says the same few hundred things in a million lines. It
//! must not know formats or output.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard};

use super::Seen;
use crate::explain::Finding;
use crate::explain::alike::Pattern;
use crate::hash::{Digest, Digests, Itself};
use crate::input::Direction;

/// Answers kept, and as many that were kept before them.
const KEPT: usize = 1024;

/// What was made of an answer, with where it stands.
pub struct Answer<T> {
    pub pattern: Pattern,
    pub made: Arc<T>,
}

/// Answers by the digest of what they hang on; `None` where a text is like no
/// other.
type Known<T> = HashMap<Digest, Option<Arc<Answer<T>>>, Itself>;

/// Keeps the patterns of answers, each with what was made of it, for several
/// threads.
pub struct Answers<T> {
    digests: Digests,
    state: Mutex<State<T>>,
}

struct State<T> {
    newer: Known<T>,
    /// What was not asked for since `newer` was begun goes with the next turn.
    older: Known<T>,
    /// What many answers share.
    made: HashSet<Arc<T>>,
}

impl<T> Default for Answers<T> {
    fn default() -> Answers<T> {
        let state = State { newer: HashMap::default(), older: HashMap::default(), made: HashSet::new() };
        Answers { digests: Digests::default(), state: Mutex::new(state) }
    }
}

impl<T: Eq + Hash> Answers<T> {
    /// The answer that the one for a record, whose text is of this `shape`, is
    /// like; `make` makes what is kept of it when it is new. `key` is used
    /// again and again.
    pub fn of(&self, seen: &Seen<'_, '_>, shape: &str, key: &mut Vec<u8>, make: impl FnOnce(Finding) -> T) -> Option<Arc<Answer<T>>> {
        write_key(key, seen, shape);
        let key = self.digests.of(0, key);
        if let Some(known) = self.held().find(key) {
            return known;
        }
        let found = seen.judge.pattern(seen.record, shape).map(|(pattern, outline)| (pattern, make(outline)));
        self.held().keep(key, found)
    }

    fn held(&self) -> MutexGuard<'_, State<T>> {
        super::held(&self.state)
    }
}

impl<T: Eq + Hash> State<T> {
    fn find(&mut self, key: Digest) -> Option<Option<Arc<Answer<T>>>> {
        if let Some(known) = self.newer.get(&key) {
            return Some(known.clone());
        }
        let known = self.older.remove(&key)?;
        self.newer.insert(key, known.clone());
        Some(known)
    }

    fn keep(&mut self, key: Digest, found: Option<(Pattern, T)>) -> Option<Arc<Answer<T>>> {
        if self.newer.len() >= KEPT {
            self.older = std::mem::take(&mut self.newer);
            self.made.retain(|made| Arc::strong_count(made) > 1);
        }
        let answer = found.map(|(pattern, made)| Arc::new(Answer { pattern, made: self.shared(made) }));
        self.newer.insert(key, answer.clone());
        answer
    }

    fn shared(&mut self, made: T) -> Arc<T> {
        if let Some(known) = self.made.get(&made) {
            return Arc::clone(known);
        }
        let made = Arc::new(made);
        self.made.insert(Arc::clone(&made));
        made
    }
}

/// All that an answer hangs on but for names, numbers and addresses.
fn write_key(key: &mut Vec<u8>, seen: &Seen<'_, '_>, shape: &str) {
    let (record, ruling) = (seen.record, seen.ruling);
    let speaker = ruling.provider.filter(|_| record.relay.is_some());
    let marks = [
        record.stage.map_or(0, |s| s as u8 + 1),
        u8::from(record.direction == Direction::In),
        u8::from(record.is_delivered()),
        u8::from(record.text.is_empty()),
        ruling.verdict as u8,
        ruling.confidence as u8,
    ];
    key.clear();
    key.extend(marks);
    key.extend(speaker.map_or(0, |s| s.number + 1).to_le_bytes());
    key.extend(ruling.cause.number.to_le_bytes());
    key.extend_from_slice(seen.label.unwrap_or("").as_bytes());
    key.push(b' ');
    key.extend_from_slice(shape.as_bytes());
}
