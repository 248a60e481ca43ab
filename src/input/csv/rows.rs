//! Cuts a table into rows of bounded size. A quote that is opened and never
//! closed would make one row of all that follows; then only the line on which
//! it stands is given up. It must not know columns.

use std::io::{self, BufRead, Read};

use ::csv::{ByteRecord, ReaderBuilder};

/// Bytes of the longest row; what is longer has lost its closing quote.
const MOST: usize = 512 << 10;
/// Bytes of earlier rows that may wait to be dropped.
const SPARE: usize = 64 << 10;

/// One row, with the line that it ends on.
pub(super) struct Row<'r> {
    pub(super) fields: &'r ByteRecord,
    pub(super) line: u64,
    /// Its end is missing; the fields are those of its first line.
    pub(super) broken: bool,
}

/// Reads all rows of `input`; `found` is called with each.
pub(super) fn read(input: impl BufRead, separator: u8, found: &mut dyn FnMut(Row<'_>)) -> io::Result<()> {
    let mut bytes = Bytes { input, kept: Vec::new(), again: 0, base: 0, row: 0, ended: false, lines: 0 };
    while rows(&mut bytes, separator, found)? {
        let line = bytes.take_line()?;
        let mut fields = ByteRecord::new();
        let _ = builder(separator).from_reader(&*line).read_byte_record(&mut fields);
        found(Row { fields: &fields, line: bytes.lines, broken: true });
    }
    Ok(())
}

fn builder(separator: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(separator).has_headers(false).flexible(true);
    builder
}

/// Reads rows up to the end, or to a broken one: then there is more to read.
fn rows(bytes: &mut Bytes<impl BufRead>, separator: u8, found: &mut dyn FnMut(Row<'_>)) -> io::Result<bool> {
    let mut reader = builder(separator).from_reader(bytes);
    let mut fields = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut fields) {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(error) => {
                let error = io::Error::from(error);
                return if is_too_long(&error) { Ok(true) } else { Err(error) };
            }
        }
        let end = reader.position().byte();
        let bytes = reader.get_mut();
        if bytes.ends_in_quotes(end) {
            return Ok(true);
        }
        let line = bytes.end_row(end);
        found(Row { fields: &fields, line, broken: false });
    }
}

const TOO_LONG: &str = "row too long";

fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|e| e.to_string() == TOO_LONG)
}

/// The input, of which the row at hand is kept to be read again.
struct Bytes<R> {
    input: R,
    kept: Vec<u8>,
    /// Bytes at the end of `kept` that are to be given again.
    again: usize,
    /// Where `kept` begins and where the row does, counted from where the
    /// reader of rows began.
    base: u64,
    row: u64,
    ended: bool,
    /// Lines in front of the row.
    lines: u64,
}

impl<R: BufRead> Bytes<R> {
    /// Offset in `kept` of a place that the reader of rows knows.
    fn at(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.base)).map_or(self.given(), |at| at.min(self.given()))
    }

    /// Bytes of `kept` that the reader of rows was given.
    fn given(&self) -> usize {
        self.kept.len() - self.again
    }

    /// The row that ends at `end` goes over lines up to the end of the input,
    /// and its quotes do not come in pairs.
    fn ends_in_quotes(&self, end: u64) -> bool {
        let at_end = self.ended && self.again == 0 && self.at(end) == self.kept.len();
        let row = || &self.kept[self.at(self.row)..];
        at_end && row().trim_ascii().contains(&b'\n') && row().iter().filter(|b| **b == b'"').count() % 2 == 1
    }

    /// Goes on to the next row; gives the line that this one ends on.
    fn end_row(&mut self, end: u64) -> u64 {
        let row = &self.kept[self.at(self.row)..self.at(end)];
        let inside = row.strip_suffix(b"\n").unwrap_or(row);
        let last = self.lines + 1 + count_lines(inside);
        self.lines += count_lines(row);
        self.row = end;
        if self.at(end) > SPARE {
            self.kept.drain(..self.at(end));
            self.base = end;
        }
        last
    }

    /// Takes the line that the row begins with, so that a new reader goes on
    /// behind it. Of a line that is too long nothing is left.
    fn take_line(&mut self) -> io::Result<Vec<u8>> {
        self.kept.drain(..self.at(self.row));
        let blank = self.kept.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let end = self.kept[blank..].iter().position(|b| *b == b'\n');
        let line: Vec<u8> = match end {
            Some(end) => self.kept.drain(..=blank + end).collect(),
            None if self.ended => std::mem::take(&mut self.kept),
            None => {
                self.lines += count_lines(&self.kept) + 1;
                self.kept.clear();
                self.skip_line()?;
                Vec::new()
            }
        };
        self.lines += count_lines(&line).max(u64::from(!line.is_empty()));
        (self.again, self.base, self.row) = (self.kept.len(), 0, 0);
        Ok(line)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.input.fill_buf()?;
            let end = chunk.iter().position(|b| *b == b'\n');
            let used = end.map_or(chunk.len(), |at| at + 1);
            self.input.consume(used);
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Read for &mut Bytes<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.again > 0 {
            let from = self.given();
            let read = (&self.kept[from..]).read(out)?;
            self.again -= read;
            return Ok(read);
        }
        if self.kept.len() - self.at(self.row) > MOST {
            return Err(io::Error::other(TOO_LONG));
        }
        let read = self.input.read(out)?;
        self.kept.extend_from_slice(&out[..read]);
        self.ended = read == 0;
        Ok(read)
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| **b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row's last line, with its fields; a mark where it is broken.
    fn all(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut out = Vec::new();
        let text_of = |f: &[u8]| String::from_utf8_lossy(f).into_owned();
        read(text.as_bytes(), b',', &mut |row| {
            let mark = row.broken.then(|| "BROKEN".to_string());
            out.push((row.line, mark.into_iter().chain(row.fields.iter().map(text_of)).collect()));
        })
        .unwrap();
        out
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rows_keep_their_lines() {
        assert_eq!(
            all("a,b\r\n\"x\ny\",\"\"\"\"\r\n\r\nc,5\" pipe\n"),
            [row(1, &["a", "b"]), row(3, &["x\ny", "\""]), row(5, &["c", "5\" pipe"])]
        );
        assert_eq!(all("a\n\"x\ny\""), [row(1, &["a"]), row(3, &["x\ny"])]);
        assert_eq!(all("a\n5\""), [row(1, &["a"]), row(2, &["5\""])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line() {
        assert_eq!(
            all("a,b\n\"c,d\ne,f\ng,h\n"),
            [row(1, &["a", "b"]), row(2, &["BROKEN", "c,d\n"]), row(3, &["e", "f"]), row(4, &["g", "h"])]
        );
        assert_eq!(all("\r\n\"c,d\r\ne,f\r\n"), [row(2, &["BROKEN", "c,d\r\n"]), row(3, &["e", "f"])]);
    }

    #[test]
    fn a_row_without_end_is_given_up_and_the_rest_is_read() {
        let many = "e,f\n".repeat(MOST / 2);
        let found = all(&format!("a,b\n\"c,d\n{many}"));
        assert_eq!(found.len(), 2 + MOST / 2);
        assert_eq!((&found[1], &found[2]), (&row(2, &["BROKEN", "c,d\n"]), &row(3, &["e", "f"])));
        assert_eq!(found.last(), Some(&row(MOST as u64 / 2 + 2, &["e", "f"])));
        let long = format!("a\n\"{}\nb\n", "x".repeat(MOST * 2));
        assert_eq!(all(&long), [row(1, &["a"]), row(2, &["BROKEN"]), row(3, &["b"])]);
    }
}
