//! A reader whose first bytes can be looked at before they are read, however
//! small the pieces are in which they come. It must not know what they mean.

use std::io::{self, BufRead, Read};

/// Bytes read at a time, and looked at ahead at the most.
const BUFFER: usize = 64 << 10;

/// Reads through a buffer that can be filled as far as it is wanted.
pub struct Ahead {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Comes when what was read before it is used up.
    error: Option<io::Error>,
}

impl Ahead {
    pub fn new(inner: impl Read + Send + 'static) -> Ahead {
        Ahead { inner: Box::new(inner), buffer: vec![0; BUFFER], start: 0, end: 0, error: None }
    }

    /// What was read and is not used yet.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The next `wanted` bytes, fewer only at the end of the input.
    ///
    /// # Errors
    /// As [`Ahead::until`].
    pub fn at_least(&mut self, wanted: usize) -> io::Result<&[u8]> {
        self.until(wanted, |_| false)
    }

    /// The next bytes: so many that `enough` is content with them, all that
    /// there are, or `most`. It is asked again only where a line more is there.
    ///
    /// # Errors
    /// The input cannot be read and there is nothing to look at.
    pub fn until(&mut self, most: usize, enough: impl Fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        let most = most.min(BUFFER);
        let mut asked = 0;
        loop {
            let seen = self.buffered();
            let seen = &seen[..seen.len().min(most)];
            let line_more = seen[asked..].contains(&b'\n');
            asked = seen.len();
            if asked == most || line_more && enough(seen) || self.more()? == 0 {
                break;
            }
        }
        let seen = self.buffered();
        Ok(&seen[..seen.len().min(most)])
    }

    /// Reads a line with its end into `line`, at most `most` bytes of it; gives
    /// the bytes that it has, 0 at the end of the input.
    ///
    /// # Errors
    /// The input cannot be read; `line` holds what was read before.
    pub fn line(&mut self, most: usize, line: &mut Vec<u8>) -> io::Result<usize> {
        line.clear();
        let mut length = 0;
        loop {
            let chunk = self.fill_buf()?;
            let end = chunk.iter().position(|b| *b == b'\n');
            let used = end.map_or(chunk.len(), |at| at + 1);
            line.extend_from_slice(&chunk[..used.min(most - line.len())]);
            self.consume(used);
            length += used;
            if end.is_some() || used == 0 {
                return Ok(length);
            }
        }
    }

    /// Reads behind what is there; an error waits for its turn.
    fn more(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        match self.read_inner() {
            Err(error) if self.end > 0 => {
                self.error = Some(error);
                Ok(0)
            }
            read => read,
        }
    }

    fn read_inner(&mut self) -> io::Result<usize> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        loop {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    let read = read?;
                    self.end += read;
                    return Ok(read);
                }
            }
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Whoever takes so much needs no buffer between.
        if self.start == self.end && self.error.is_none() && out.len() >= BUFFER / 2 {
            return self.inner.read(out);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.read_inner()?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, used: usize) {
        self.start = (self.start + used).min(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, then an error.
    struct Drops(&'static [u8]);

    impl Read for Drops {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Err(io::Error::other("broken")) };
            self.0 = rest;
            out[0] = *first;
            Ok(1)
        }
    }

    #[test]
    fn bytes_are_looked_at_without_being_used() {
        let mut ahead = Ahead::new(&b"one\ntwo\nthree"[..]);
        assert_eq!(ahead.at_least(5).unwrap(), b"one\nt");
        assert_eq!(ahead.at_least(100).unwrap(), b"one\ntwo\nthree");
        let mut drops = Ahead::new(Drops(b"one\ntwo\nthree\n"));
        assert_eq!(drops.until(100, |seen| seen.ends_with(b"two\n")).unwrap(), b"one\ntwo\n");
        drops.consume(4);
        assert_eq!(drops.at_least(6).unwrap(), b"two\nth");
        assert_eq!(drops.buffered(), b"two\nth");
    }

    #[test]
    fn long_lines_are_cut() {
        let mut ahead = Ahead::new(&b"a\nbcdefg\nh"[..]);
        let mut line = Vec::new();
        let mut next = || (ahead.line(3, &mut line).unwrap(), String::from_utf8_lossy(&line).into_owned());
        assert_eq!([next(), next(), next(), next()], [(2, "a\n".into()), (7, "bcd".into()), (1, "h".into()), (0, String::new())]);
    }

    #[test]
    fn what_stands_before_an_error_is_read_first() {
        let mut drops = Ahead::new(Drops(b"ab"));
        assert_eq!(drops.at_least(10).unwrap(), b"ab");
        let mut text = Vec::new();
        assert_eq!(drops.read_to_end(&mut text).unwrap_err().to_string(), "broken");
        assert_eq!(text, b"ab");
        assert!(Ahead::new(Drops(b"")).at_least(1).is_err());
    }
}
