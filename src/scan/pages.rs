//! Passes what threads have written to the one that prints it, page after page
//! in the order of the pieces they are of, so many at a time that memory is
//! bounded. It must not know what pages say.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Pages of one piece that wait to be printed.
const WAITING: usize = 2;

/// Pages on their way.
pub struct Pages {
    state: Mutex<State>,
    changed: Condvar,
    /// Pieces that may be ahead of the one that is printed.
    ahead: usize,
}

struct State {
    /// The piece that is printed, and those behind it.
    next: usize,
    pieces: VecDeque<Waiting>,
    /// Empty pages to be used again.
    spare: Vec<Vec<u8>>,
    writers: usize,
    closed: bool,
    error: Option<io::Error>,
}

#[derive(Default)]
struct Waiting {
    pages: VecDeque<Vec<u8>>,
    /// No more will come of this piece.
    whole: bool,
}

impl Pages {
    /// Pages of so many writers.
    pub fn new(writers: usize) -> Pages {
        let state = State { next: 0, pieces: VecDeque::new(), spare: Vec::new(), writers, closed: false, error: None };
        Pages { state: Mutex::new(state), changed: Condvar::new(), ahead: 2 * writers }
    }

    /// Hands a page of a piece over and leaves an empty one, as soon as there
    /// is room; `false` where nobody takes pages any more.
    pub fn put(&self, piece: usize, page: &mut Vec<u8>, last: bool) -> bool {
        let mut state = self.held();
        while !state.closed && !self.has_room(&state, piece) {
            state = self.wait(state);
        }
        if state.closed {
            return false;
        }
        let spare = state.spare.pop().unwrap_or_default();
        let waiting = state.waiting(piece);
        waiting.pages.push_back(std::mem::replace(page, spare));
        waiting.whole = last;
        self.changed.notify_all();
        true
    }

    fn has_room(&self, state: &State, piece: usize) -> bool {
        let at = piece - state.next;
        at < self.ahead && state.pieces.get(at).is_none_or(|waiting| waiting.pages.len() < WAITING)
    }

    /// Takes the next page in place of `page`, which was printed; `false` at
    /// the end.
    ///
    /// # Errors
    /// That of a writer.
    pub fn take(&self, page: &mut Vec<u8>) -> io::Result<bool> {
        let mut state = self.held();
        page.clear();
        state.spare.push(std::mem::take(page));
        loop {
            if let Some(error) = state.error.take() {
                return Err(error);
            }
            if let Some(found) = state.next_page() {
                *page = found;
                self.changed.notify_all();
                return Ok(true);
            }
            if state.writers == 0 {
                return Ok(false);
            }
            state = self.wait(state);
        }
    }

    /// A writer is done.
    pub fn leave(&self) {
        self.held().writers -= 1;
        self.changed.notify_all();
    }

    /// A writer cannot go on.
    pub fn fail(&self, error: io::Error) {
        let mut state = self.held();
        state.error.get_or_insert(error);
        state.closed = true;
        self.changed.notify_all();
    }

    /// Nobody takes pages any more.
    pub fn close(&self) {
        self.held().closed = true;
        self.changed.notify_all();
    }

    fn held(&self) -> MutexGuard<'_, State> {
        super::held(&self.state)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waiting(&mut self, piece: usize) -> &mut Waiting {
        let at = piece - self.next;
        if self.pieces.len() <= at {
            self.pieces.resize_with(at + 1, Waiting::default);
        }
        &mut self.pieces[at]
    }

    fn next_page(&mut self) -> Option<Vec<u8>> {
        while let Some(first) = self.pieces.front_mut() {
            if let Some(page) = first.pages.pop_front() {
                return Some(page);
            }
            if !first.whole {
                return None;
            }
            self.pieces.pop_front();
            self.next += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_in_the_order_of_their_pieces() {
        let pages = Pages::new(3);
        let mut found = Vec::new();
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let pages = &pages;
                scope.spawn(move || {
                    for piece in (writer..60).step_by(3) {
                        for part in 0..5u8 {
                            assert!(pages.put(piece, &mut vec![piece as u8, part], part == 4));
                        }
                    }
                    pages.leave();
                });
            }
            let mut page = Vec::new();
            while pages.take(&mut page).unwrap() {
                found.push((page[0], page[1]));
            }
        });
        assert_eq!(found, (0..60).flat_map(|piece| (0..5).map(move |part| (piece, part))).collect::<Vec<_>>());
    }

    #[test]
    fn writers_learn_that_nobody_reads() {
        let pages = Pages::new(1);
        assert!(pages.put(0, &mut vec![1], false));
        pages.close();
        assert!(!pages.put(0, &mut vec![2], true));
    }

    #[test]
    fn an_error_of_a_writer_is_told() {
        let pages = Pages::new(1);
        pages.fail(io::Error::other("broken"));
        assert_eq!(pages.take(&mut Vec::new()).unwrap_err().to_string(), "broken");
    }
}
