//! A window on a source of text: what was read of it and not passed yet. Bytes
//! that are no UTF-8 become replacement marks. It must not know what the text
//! says.

use std::io::{self, Read};

/// The part of a source that was read and not passed yet.
pub(super) struct Window<R> {
    source: R,
    text: String,
    /// How much of the text was passed.
    at: usize,
    /// The beginning of a character whose end was not read yet.
    tail: Vec<u8>,
    line: u64,
    ended: bool,
    error: Option<io::Error>,
}

/// Bytes read at a time.
pub(super) const CHUNK: usize = 64 << 10;

impl<R: Read> Window<R> {
    pub(super) fn new(source: R) -> Window<R> {
        Window { source, text: String::new(), at: 0, tail: Vec::new(), line: 1, ended: false, error: None }
    }

    /// What was read and not passed yet.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Passes so many bytes, whole characters.
    pub(super) fn pass(&mut self, len: usize) {
        let passed = &self.text.as_bytes()[self.at..self.at + len];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at += len;
    }

    /// The number of the line that the rest begins on, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// So many of the bytes that were passed last, until more is read.
    pub(super) fn passed(&self, len: usize) -> &str {
        &self.text[self.at - len..self.at]
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// What ended the source before its time.
    pub(super) fn end(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    /// Passes all up to a line end.
    pub(super) fn pass_line(&mut self) {
        loop {
            if let Some(end) = self.rest().find('\n') {
                return self.pass(end + 1);
            }
            self.pass(self.rest().len());
            if !self.more(0) {
                return;
            }
        }
    }

    /// Reads on, at least so many bytes or to the end; `false` where nothing
    /// more is there. Bytes that are no UTF-8 become replacement marks.
    pub(super) fn more(&mut self, least: usize) -> bool {
        self.text.drain(..self.at);
        self.at = 0;
        let before = self.text.len();
        while !self.ended && self.text.len() - before <= least {
            let kept = self.tail.len();
            self.tail.resize(kept + CHUNK, 0);
            let read = match self.source.read(&mut self.tail[kept..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.tail.truncate(kept);
                    continue;
                }
                Err(error) => {
                    self.error = Some(error);
                    0
                }
            };
            self.ended = read == 0;
            self.tail.truncate(kept + read);
            self.take_text();
        }
        self.text.len() > before
    }

    /// Moves whole characters of what was read to the text.
    fn take_text(&mut self) {
        let bytes = std::mem::take(&mut self.tail);
        for chunk in bytes.utf8_chunks() {
            self.text.push_str(chunk.valid());
            if chunk.invalid().is_empty() {
                continue;
            }
            let at_end = chunk.invalid().as_ptr_range().end == bytes.as_ptr_range().end;
            let begins = std::str::from_utf8(chunk.invalid()).is_err_and(|fault| fault.error_len().is_none());
            if at_end && begins && !self.ended {
                self.tail = chunk.invalid().to_vec();
            } else {
                self.text.push('\u{fffd}');
            }
        }
    }
}
