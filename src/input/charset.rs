//! Makes text of any system the text that the readers take: UTF-8 with a line
//! feed at each line's end. Bytes that are no UTF-8 stay as they are. It must
//! not know what a text says.

use std::io::{self, BufRead as _, Read};

use super::ahead::Ahead;

/// Bytes by which it is told how lines end.
const HEAD: usize = 16 << 10;

/// The text without a byte order mark; UTF-16, which Windows writes behind such
/// a mark, becomes UTF-8. Where lines end with a carriage return alone, as old
/// Macs wrote them, each becomes a line feed.
///
/// # Errors
/// The first bytes cannot be read.
pub fn plain(mut input: Ahead) -> io::Result<Ahead> {
    let mut text = match input.at_least(3)? {
        [0xff, 0xfe, ..] => Ahead::new(Utf16::new(input, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Ahead::new(Utf16::new(input, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf] => {
            input.consume(3);
            input
        }
        _ => input,
    };
    let head = text.until(HEAD, |_| true)?;
    let returns_alone = head.contains(&b'\r') && !head.contains(&b'\n');
    Ok(if returns_alone { Ahead::new(Returns(text)) } else { text })
}

/// Carriage returns as line feeds.
struct Returns(Ahead);

impl Read for Returns {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        out[..read].iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        Ok(read)
    }
}

/// Turns UTF-16 into UTF-8; half a pair becomes the replacement mark.
struct Utf16 {
    input: Ahead,
    unit: fn([u8; 2]) -> u16,
    /// The first half of a pair.
    high: Option<u16>,
    ready: Vec<u8>,
    given: usize,
}

impl Utf16 {
    fn new(mut input: Ahead, unit: fn([u8; 2]) -> u16) -> Utf16 {
        input.consume(2);
        Utf16 { input, unit, high: None, ready: Vec::new(), given: 0 }
    }

    /// Decodes what is there, a unit at least; `false` at the end.
    fn decode(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.given = 0;
        let bytes = match self.input.buffered() {
            [_, _, ..] => self.input.buffered(),
            _ => self.input.at_least(2)?,
        };
        let units: Vec<u16> = bytes.chunks_exact(2).map(|b| (self.unit)([b[0], b[1]])).collect();
        let used = if units.is_empty() { bytes.len() } else { units.len() * 2 };
        self.input.consume(used);
        self.take(&units);
        if units.is_empty() && (used > 0 || self.high.take().is_some()) {
            self.push(char::REPLACEMENT_CHARACTER);
        }
        Ok(used > 0 || !self.ready.is_empty())
    }

    fn take(&mut self, units: &[u16]) {
        let mut units = self.high.take().into_iter().chain(units.iter().copied()).peekable();
        let mut chars = Vec::with_capacity(units.size_hint().0);
        while let Some(unit) = units.next() {
            if units.peek().is_none() && (0xd800..0xdc00).contains(&unit) {
                self.high = Some(unit);
                break;
            }
            let pair = [unit, units.peek().copied().unwrap_or(0)];
            match char::decode_utf16(pair).next() {
                Some(Ok(c)) => {
                    if c.len_utf16() == 2 {
                        units.next();
                    }
                    chars.push(c);
                }
                _ => chars.push(char::REPLACEMENT_CHARACTER),
            }
        }
        chars.into_iter().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        self.ready.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl Read for Utf16 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if !self.decode()? {
                return Ok(0);
            }
        }
        let read = (&self.ready[self.given..]).read(out)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Pieces(Vec<u8>, usize);

    impl Read for Pieces {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(out.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    /// The text, the same whatever the size of the pieces.
    fn text(bytes: &[u8]) -> String {
        let read = |size| {
            let mut text = Vec::new();
            plain(Ahead::new(Pieces(bytes.to_vec(), size))).unwrap().read_to_end(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        let whole = read(1000);
        (1..5).for_each(|size| assert_eq!(read(size), whole));
        whole
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf16_becomes_utf8() {
        for words in ["550 5.1.1 Postfach unbekannt\r\n", "用户不存在 😀\n", "", "a"] {
            assert_eq!(text(&utf16(words, u16::to_le_bytes)), words);
            assert_eq!(text(&utf16(words, u16::to_be_bytes)), words);
        }
    }

    #[test]
    fn broken_utf16_loses_nothing_else() {
        assert_eq!(text(b"\xff\xfea\0\x3d\xd8b\0\0\xdc"), "a\u{fffd}b\u{fffd}");
        assert_eq!(text(b"\xff\xfea\0\x3d\xd8"), "a\u{fffd}");
        assert_eq!(text(b"\xff\xfea\0b"), "a\u{fffd}");
    }

    #[test]
    fn carriage_returns_end_lines_where_nothing_else_does() {
        assert_eq!(text(b"550 a\r421 b\r"), "550 a\n421 b\n");
        assert_eq!(text(b"550 a\r\n421 b\rc\r\n"), "550 a\r\n421 b\rc\r\n");
        assert_eq!(text(b"\xef\xbb\xbf550 a\n"), "550 a\n");
        assert_eq!(text(&utf16("550 a\r421 b", u16::to_le_bytes)), "550 a\n421 b");
        assert_eq!(text(b"\r"), "\n");
    }
}
