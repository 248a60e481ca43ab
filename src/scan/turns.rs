//! Threads that each take a piece of a source, work on it side by side, and
//! then, one after another in the order of the pieces, on what they share. It
//! must not know what the work is.

use std::sync::{Condvar, Mutex, PoisonError};

use super::held;
use super::pieces::{Piece, Pieces};

/// Pieces to be taken, and what is worked on in turns.
pub struct Turns<T> {
    pieces: Mutex<Pieces>,
    turn: Mutex<Turn<T>>,
    changed: Condvar,
}

struct Turn<T> {
    /// The piece whose turn it is.
    piece: usize,
    shared: T,
}

impl<T> Turns<T> {
    pub fn new(pieces: Pieces, shared: T) -> Turns<T> {
        Turns { pieces: Mutex::new(pieces), turn: Mutex::new(Turn { piece: 0, shared }), changed: Condvar::new() }
    }

    /// The next piece. Its reading keeps the other threads from theirs, but not
    /// the work on it.
    pub fn next(&self, buffer: &mut Vec<u8>) -> Option<Piece> {
        held(&self.pieces).next(buffer)
    }

    /// Whether this piece could have its turn at once.
    pub fn is_free(&self, piece: &Piece) -> bool {
        self.turn.try_lock().is_ok_and(|turn| turn.piece == piece.number)
    }

    /// Waits until all pieces before this one had their turn, and takes it.
    pub fn take<R>(&self, piece: &Piece, work: impl FnOnce(&mut T) -> R) -> R {
        let mut turn = held(&self.turn);
        while turn.piece != piece.number {
            turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        let done = work(&mut turn.shared);
        turn.piece += 1;
        self.changed.notify_all();
        done
    }

    /// What was shared.
    pub fn end(self) -> T {
        self.turn.into_inner().unwrap_or_else(PoisonError::into_inner).shared
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn turns_come_in_the_order_of_the_pieces() {
        let text = "some line\n".repeat(5000);
        let pieces = Pieces::of_size(64, Box::new(Cursor::new(text.clone().into_bytes())), 0);
        let turns = Turns::new(pieces, Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut buffer = Vec::new();
                    while let Some(piece) = turns.next(&mut buffer) {
                        turns.take(&piece, |all| all.extend_from_slice(&buffer[..piece.len]));
                    }
                });
            }
        });
        assert_eq!(String::from_utf8(turns.end()).unwrap(), text);
    }
}
