//! Rulings that the judges of one scan have in common, so that each shape is
//! decided once, whichever thread meets it first. It must not know how rulings
//! are made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::Ruling;
use crate::hash::{Digest, Itself};
use crate::scan::held;

/// A ruling on all texts of one shape.
#[derive(PartialEq)]
pub(super) struct Kept {
    pub(super) ruling: Ruling,
    pub(super) about: Option<About>,
}

/// The address that a finding is about.
#[derive(PartialEq)]
pub(super) enum About {
    /// That of a number among the text's addresses.
    Numbered(usize),
    /// This one, in all texts of the shape.
    Same(Box<str>),
}

/// A ruling with a number of its own; `None`: the text is no reply.
pub(super) type Answer = Option<(u64, Arc<Kept>)>;

/// Answers kept; a log repeats itself. As many as a table of 16,384 places takes.
const MOST: usize = 14_000;

/// The answers by the digests of what they were given for.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Answers>>);

#[derive(Default)]
struct Answers {
    given: HashMap<Digest, Answer, Itself>,
    /// Different ones, which many shapes have in common.
    different: Vec<Arc<Kept>>,
    /// How many different ones were dropped: their numbers are not given again.
    dropped: u64,
}

impl Shared {
    pub(super) fn get(&self, digest: Digest) -> Option<Answer> {
        held(&self.0).given.get(&digest).cloned()
    }

    /// Keeps what was decided.
    pub(super) fn keep(&self, digest: Digest, decided: Option<Kept>) -> Answer {
        let mut answers = held(&self.0);
        if answers.given.len() >= MOST {
            let dropped = answers.dropped + answers.different.len() as u64;
            *answers = Answers { dropped, ..Answers::default() };
        }
        let answer = decided.map(|kept| answers.one_of(kept));
        answers.given.insert(digest, answer.clone());
        answer
    }
}

impl Answers {
    fn one_of(&mut self, kept: Kept) -> (u64, Arc<Kept>) {
        let place = self.different.iter().position(|other| **other == kept).unwrap_or_else(|| {
            self.different.push(Arc::new(kept));
            self.different.len() - 1
        });
        (self.dropped + place as u64, Arc::clone(&self.different[place]))
    }
}
