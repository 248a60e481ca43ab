//! Cuts a source into large pieces of whole lines. It must not know what lines
//! say.

use std::io::{self, BufRead, Read};

use super::reader::{MOST_LINE, skip_line};
use crate::block::{self, count};

/// Bytes of a piece, as far as its lines allow.
const SIZE: usize = 128 << 10;

/// Lines of a piece: of each something may be kept until it is counted.
const MOST_LINES: usize = 8 << 10;

/// A source that is read piece by piece.
pub struct Pieces {
    reader: Box<dyn BufRead + Send>,
    size: usize,
    /// What was read behind the last piece: the beginning of a line, or many
    /// short lines.
    rest: Vec<u8>,
    number: usize,
    /// Lines read so far.
    lines: u64,
    ended: bool,
}

/// What is told of a piece besides its bytes.
#[derive(Debug, Default)]
pub struct Piece {
    /// Pieces are counted from 0.
    pub number: usize,
    /// Bytes of the buffer that it takes.
    pub len: usize,
    /// Lines of the source before it, and up to its end.
    pub before: u64,
    pub after: u64,
    /// Its only line was longer than [`MOST_LINE`] and is cut.
    pub cut: bool,
    /// Nothing can be read after it.
    pub error: Option<io::Error>,
    /// A line had begun behind it when that happened.
    pub begun: bool,
}

impl Pieces {
    /// The rest of a source of which `lines` lines were read.
    pub fn new(reader: Box<dyn BufRead + Send>, lines: u64) -> Pieces {
        Pieces::of_size(SIZE, reader, lines)
    }

    /// The same in pieces of another size.
    pub fn of_size(size: usize, reader: Box<dyn BufRead + Send>, lines: u64) -> Pieces {
        Pieces { reader, size, rest: Vec::new(), number: 0, lines, ended: false }
    }

    /// Lines read so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Reads the next piece into `buffer`; `None` at the end.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> Option<Piece> {
        if self.ended && self.rest.is_empty() {
            return None;
        }
        if buffer.len() < self.size.max(self.rest.len()) {
            buffer.resize(self.size.max(self.rest.len()), 0);
        }
        let filled = self.fill(buffer);
        let mut piece = Piece { number: self.number, before: self.lines, ..Piece::default() };
        match filled {
            Ok(filled) => self.take(&mut piece, filled, buffer),
            Err((filled, error)) => {
                self.ended = true;
                piece.len = memchr::memrchr(b'\n', &buffer[..filled]).map_or(0, |at| at + 1);
                piece.error = Some(error);
                piece.begun = filled > piece.len;
                self.lines += count(&buffer[..piece.len], b'\n') as u64;
            }
        }
        self.number += 1;
        piece.after = self.lines;
        Some(piece)
    }

    /// Fills the buffer, most of it, from the rest and the source until it
    /// holds the end of a line; gives how far.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<usize, (usize, io::Error)> {
        let mut filled = self.rest.len();
        buffer[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        let mut ended = memchr::memchr(b'\n', &buffer[..filled]).is_some();
        if self.ended {
            return Ok(filled);
        }
        loop {
            // Half is enough: what is left would be too small to be read past
            // the source's own buffer.
            if filled > buffer.len() / 2 && ended || filled >= MOST_LINE {
                return Ok(filled);
            }
            if filled == buffer.len() {
                buffer.resize((filled * 2).min(MOST_LINE), 0);
            }
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(filled);
                }
                Ok(read) => {
                    ended |= memchr::memchr(b'\n', &buffer[filled..filled + read]).is_some();
                    filled += read;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((filled, error)),
            }
        }
    }

    /// The whole lines of what was filled; the rest is kept for the next piece.
    fn take(&mut self, piece: &mut Piece, filled: usize, buffer: &[u8]) {
        let bytes = &buffer[..filled];
        let count = count(bytes, b'\n');
        let many = || memchr::memchr_iter(b'\n', bytes).nth(MOST_LINES - 1);
        let last = if count > MOST_LINES { many() } else { memchr::memrchr(b'\n', bytes) };
        piece.len = match last {
            Some(at) if count > MOST_LINES || !self.ended => at + 1,
            _ => filled,
        };
        self.lines += count.min(MOST_LINES) as u64 + u64::from(bytes[..piece.len].last().is_some_and(|b| *b != b'\n'));
        self.rest.extend_from_slice(&bytes[piece.len..]);
        if count == 0 && !self.ended {
            piece.cut = true;
            if let Err(error) = skip_line(&mut self.reader) {
                self.ended = true;
                piece.error = Some(error);
            }
        }
    }
}

/// The lines of a piece without their ends; as bytes where they are no UTF-8.
pub fn lines(piece: &[u8]) -> impl Iterator<Item = Result<&str, &[u8]>> {
    // Checked at once, which is faster than line by line.
    let whole = simdutf8::basic::from_utf8(piece).ok();
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = piece.get(start..).filter(|rest| !rest.is_empty())?;
        let end = block::position(rest, |block| block.is(b'\n')).map_or(piece.len(), |at| start + at);
        let bytes = &piece[start..end];
        let line = match whole {
            Some(whole) => Ok(&whole[start..end]),
            None => std::str::from_utf8(bytes).map_err(|_| bytes),
        };
        start = end + 1;
        Some(line.map(|line| if bytes.ends_with(b"\r") { &line[..line.len() - 1] } else { line }))
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn read(text: &str, size: usize) -> (Vec<String>, Vec<u64>) {
        let mut pieces = Pieces::new(Box::new(BufReader::with_capacity(3, Cursor::new(text.as_bytes().to_vec()))), 0);
        pieces.size = size;
        let mut buffer = Vec::new();
        let (mut texts, mut lines) = (Vec::new(), Vec::new());
        while let Some(piece) = pieces.next(&mut buffer) {
            texts.push(String::from_utf8(buffer[..piece.len].to_vec()).unwrap());
            lines.push(piece.before);
            assert!(!piece.cut && piece.error.is_none() && piece.number + 1 == texts.len());
        }
        (texts, lines)
    }

    #[test]
    fn pieces_hold_whole_lines_and_all_of_them() {
        let text = "one\n\ntwo three four\nfive\nsix";
        for size in 1..40 {
            let (texts, lines) = read(text, size);
            assert_eq!(texts.concat(), text, "{size}");
            for (piece, before) in texts.iter().zip(lines) {
                let start = texts.concat().find(piece.as_str()).unwrap();
                assert_eq!(before as usize, text[..start].lines().count(), "{size}: {piece}");
            }
            assert!(texts[..texts.len() - 1].iter().all(|t| t.ends_with('\n') || t.is_empty()), "{size}: {texts:?}");
        }
    }

    #[test]
    fn lines_are_told_whole_and_those_that_are_no_text_as_bytes() {
        let found = |piece: &'static [u8]| lines(piece).collect::<Vec<_>>();
        assert_eq!(found(b"one\r\n\ntwo"), [Ok("one"), Ok(""), Ok("two")]);
        assert_eq!(found(b"one\n\xff\r\n"), [Ok("one"), Err(&b"\xff\r"[..])]);
        assert_eq!(found(b""), []);
    }

    #[test]
    fn a_piece_has_not_too_many_lines() {
        let text = format!("{}last", "\n".repeat(MOST_LINES * 3 + 5));
        let (texts, lines) = read(&text, SIZE);
        assert_eq!(texts.concat(), text);
        assert!(texts.iter().all(|t| t.matches('\n').count() <= MOST_LINES) && texts.len() == 4, "{}", texts.len());
        assert_eq!(lines, [0, 1, 2, 3].map(|n| n * MOST_LINES as u64));
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let text = format!("{}\nnext\n", "x".repeat(MOST_LINE + 5));
        let mut pieces = Pieces::new(Box::new(Cursor::new(text.into_bytes())), 7);
        let mut buffer = Vec::new();
        let first = pieces.next(&mut buffer).unwrap();
        assert_eq!((first.len, first.before, first.cut), (MOST_LINE, 7, true));
        let second = pieces.next(&mut buffer).unwrap();
        assert_eq!((&buffer[..second.len], second.before, second.cut), (&b"next\n"[..], 8, false));
    }
}
