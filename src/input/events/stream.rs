//! Cuts a source into JSON objects: one, pretty-printed or not, one a line, or
//! those of an array, each with its own line; what is no JSON is told and passed
//! over. Of the source no more is kept than an object takes. It must not know
//! events.

use std::io::{self, Read};

use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde_json::{Error, Value};

use crate::input::window::{CHUNK, Window};

/// What stands in a source of JSON objects.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Object(Value),
    /// Not JSON, or nested too deep.
    Broken,
    /// The source ends, between two objects, before an array does.
    Unclosed,
}

/// The JSON objects in `text`, each with the line that it ends on.
pub fn values(text: &str) -> impl Iterator<Item = (Value, u64)> + '_ {
    Objects::new(text.as_bytes()).filter_map(|(piece, line)| match piece {
        Piece::Object(value) => Some((value, line)),
        Piece::Broken | Piece::Unclosed => None,
    })
}

/// The JSON objects of a source and what is none, each with its line.
pub struct Objects<R> {
    source: Window<R>,
    /// Objects that were stepped into and have not ended.
    wraps: usize,
    /// Arrays that have begun and not ended; `None` behind something broken,
    /// which may have held an end.
    open: Option<usize>,
}

/// What may stand between objects; arrays are stepped into.
const GAPS: [char; 8] = ['\u{feff}', ' ', '\t', '\r', '\n', ',', '[', ']'];

/// Bytes of the largest object that is taken as one; a larger one wraps the
/// events of a whole export and is stepped into.
const LARGEST: usize = 1 << 20;
/// Values of the largest object that is taken as one.
const MOST_VALUES: usize = 1 << 16;
/// Bytes that are read as values without asking how many there are.
const FEW: usize = 2 * CHUNK;
/// Such wraps in each other.
const MOST_WRAPS: usize = 4;

impl<R: Read> Objects<R> {
    pub fn new(source: R) -> Objects<R> {
        Objects { source: Window::new(source), wraps: 0, open: Some(0) }
    }

    /// Line breaks passed so far.
    pub fn line_breaks(&self) -> u64 {
        self.source.line() - 1
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// What ended the source before its time.
    pub fn end(self) -> io::Result<()> {
        self.source.end()
    }

    /// Passes what may stand between objects.
    fn pass_gaps(&mut self) {
        let rest = self.source.rest();
        let gap = &rest[..rest.len() - rest.trim_start_matches(GAPS).len()];
        let of = |sign: char| gap.matches(sign).count();
        self.open = self.open.map(|open| (open + of('[')).saturating_sub(of(']')));
        self.source.pass(gap.len());
    }

    /// Takes the object that the rest begins with, or steps into it.
    fn object(&mut self) -> Option<(Piece, u64)> {
        loop {
            let rest = self.source.rest();
            let seen = rest.len();
            let fault = match first(rest) {
                Ok((value, len)) => {
                    self.source.pass(len);
                    return Some((Piece::Object(value), self.source.line()));
                }
                Err(fault) => fault,
            };
            let is_large = fault.is_none() || seen >= LARGEST && fault.as_ref().is_some_and(Error::is_eof);
            if is_large && self.wraps < MOST_WRAPS {
                self.wraps += 1;
                self.source.pass(1);
                return None;
            }
            // As much again, so that an object is not tried with each of its parts.
            let goes_on = !is_large && fault.as_ref().is_some_and(Error::is_eof);
            if !goes_on || !self.source.more(seen) {
                return Some(self.broken(lines_to_pass(fault.map_or(1, |fault| fault.line()))));
            }
        }
    }

    /// Passes lines that are no JSON.
    fn broken(&mut self, lines: usize) -> (Piece, u64) {
        let line = self.source.line();
        (0..lines).for_each(|_| self.source.pass_line());
        self.open = None;
        (Piece::Broken, line)
    }

    /// Passes the string that the rest begins with.
    fn pass_string(&mut self) {
        let source = &mut self.source;
        source.pass(1);
        loop {
            let Some(sign) = source.rest().find(['"', '\\']) else {
                source.pass(source.rest().len());
                if !source.more(0) {
                    return;
                }
                continue;
            };
            let closes = source.rest().as_bytes()[sign] == b'"';
            source.pass(sign + 1);
            if closes {
                return;
            }
            if source.rest().is_empty() && !source.more(0) {
                return;
            }
            source.pass(source.rest().chars().next().map_or(0, char::len_utf8));
        }
    }

    /// Passes a key or a plain value of a wrap, or its end.
    fn pass_inside(&mut self) {
        let rest = self.source.rest();
        let plain = |rest: &str| rest.find(|c| matches!(c, ',' | '[' | ']' | '{' | '}' | ':' | '"') || GAPS.contains(&c));
        match rest.as_bytes().first() {
            Some(b'"') => self.pass_string(),
            Some(b':') => self.source.pass(1),
            Some(b'}') => {
                self.wraps -= 1;
                self.source.pass(1);
            }
            _ => {
                let len = plain(rest).unwrap_or(rest.len());
                self.source.pass(len);
            }
        }
    }
}

impl<R: Read> Iterator for Objects<R> {
    type Item = (Piece, u64);

    fn next(&mut self) -> Option<(Piece, u64)> {
        loop {
            self.pass_gaps();
            match self.source.rest().bytes().next() {
                None if self.source.more(0) => {}
                None => return self.open.take().filter(|open| *open > 0).map(|_| (Piece::Unclosed, self.source.line())),
                Some(b'{') => {
                    if let Some(piece) = self.object() {
                        return Some(piece);
                    }
                }
                Some(_) if self.wraps > 0 => self.pass_inside(),
                Some(_) => return Some(self.broken(1)),
            }
        }
    }
}

/// The object that a text begins with, and its length; no error where it holds
/// more values than an event does.
fn first(text: &str) -> Result<(Value, usize), Option<Error>> {
    // Most often there is little text, and what is in it takes little memory.
    if text.len() > FEW {
        let len = read_first::<IgnoredAny>(text)?.1;
        if memchr::memchr_iter(b',', &text.as_bytes()[..len]).count() > MOST_VALUES {
            return Err(None);
        }
    }
    Ok(read_first(text)?)
}

fn read_first<T: DeserializeOwned>(text: &str) -> Result<(T, usize), Error> {
    let mut read = serde_json::Deserializer::from_str(text).into_iter::<T>();
    match read.next() {
        Some(found) => found.map(|value| (value, read.byte_offset())),
        None => Err(Error::custom("nothing")),
    }
}

/// A line may be cut in the middle and the next be whole; but to try each line
/// of a long broken value again would take its square in time.
fn lines_to_pass(fault: usize) -> usize {
    if fault <= 64 { 1 } else { fault - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u64> {
        values(text).map(|(_, line)| line).collect()
    }

    #[test]
    fn values_are_found_however_they_stand() {
        assert_eq!(lines("{\"a\":1}\n{\"a\":2}\n"), [1, 2]);
        assert_eq!(lines("{\n \"a\": 1\n}\n[{},\n{}]"), [3, 4, 5]);
        assert_eq!(lines("{\"a\":1},\n{\"a\":2}"), [1, 2]);
        assert_eq!(lines("\u{feff}{}"), [1]);
    }

    #[test]
    fn broken_lines_are_told_and_passed_over() {
        let text = "{\"a\":\n{\"a\":2}\nnoise\n{\"b\": \"x\n{}\n";
        assert_eq!(lines(text), [2, 5]);
        let broken: Vec<u64> = Objects::new(text.as_bytes()).filter(|(piece, _)| *piece == Piece::Broken).map(|(_, line)| line).collect();
        assert_eq!(broken, [1, 3, 4]);
        assert_eq!(lines("{{{{\n[[["), [0u64; 0]);
    }

    #[test]
    fn an_array_that_does_not_end_is_told_once() {
        let last = |text: &str| Objects::new(text.as_bytes()).last().filter(|(piece, _)| !matches!(piece, Piece::Object(_)));
        for text in ["[{},\n", "[{}\n", "[\n", "[{}]\n[{},", "[[{}]\n,"] {
            assert_eq!(
                last(text),
                Some((Piece::Unclosed, text.lines().count().max(1) as u64 + u64::from(text.ends_with('\n')))),
                "{text:?}"
            );
        }
        assert_eq!((last("[{},\n{}]"), last("[{}]\n[]"), last("{}]")), (None, None, None));
        assert_eq!(last("[{},\n{\"a\":"), Some((Piece::Broken, 2)));
    }

    #[test]
    fn a_large_object_is_stepped_into() {
        let event = format!("{{\"n\":\"{}\"}}", "x".repeat(1000));
        let events = vec![event.as_str(); 5000].join(",\n");
        let text = format!("{{\"a\\\"{{\":[1,true,\"}}\"],\n\"list\":[{events}],\"end\":{{\"z\":1}}}} {{\"n\":0}}");
        let is_object = |(piece, _): &(Piece, u64)| matches!(piece, Piece::Object(value) if value.is_object());
        let found: Vec<(Piece, u64)> = Objects::new(text.as_bytes()).collect();
        assert!(found.iter().all(is_object));
        assert_eq!((found.len(), found[0].1, found[5001].1), (5002, 2, 5001));
        let cut = &text[..text.len() - 40];
        assert_eq!(Objects::new(cut.as_bytes()).filter(is_object).count(), 4999, "the last one is cut");
    }

    /// Gives a few bytes at a time.
    struct Drops<'t>(&'t [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(out.len());
            self.0.read(&mut out[..len])
        }
    }

    #[test]
    fn it_does_not_matter_where_a_source_is_split() {
        let large = format!(
            "{{\"a\\\\\\\"é{{\":\"\\é{}\",\"list\":[{{\"é\":1}},\n2,true,{{}}]}}\n[{{\"b\":\"ü\"}},\n",
            "é\\\"".repeat(LARGEST / 4)
        );
        let small = "[{\"a\":\"é\"},\n{\"b\":[1,2]}\n] noise é\n{\"c\": 1\n}{\"d\":\n";
        let broken = [small.as_bytes(), b"{\"e\":\"\xff\xc3\"}\xe2\x82\n{}\xe2\x82"].concat();
        for (text, sizes) in [(small.as_bytes(), 1..9), (&broken, 1..9), (large.as_bytes(), 4095..4098)] {
            let whole: Vec<(Piece, u64)> = Objects::new(text).collect();
            assert!(whole.len() > 2);
            for size in sizes {
                assert_eq!(Objects::new(Drops(text, size)).collect::<Vec<_>>(), whole, "{size}");
            }
        }
    }

    #[test]
    fn an_object_of_many_values_is_stepped_into() {
        let numbers = "1,".repeat(3 * MOST_VALUES);
        let text = format!("{{\"numbers\":[{numbers}1],\"event\":{{\"a\":1}}}}\n{{\"b\":2}}");
        assert_eq!(
            values(&text).map(|(value, line)| (value.to_string(), line)).collect::<Vec<_>>(),
            [("{\"a\":1}".into(), 1), ("{\"b\":2}".into(), 2)]
        );
        let long = format!("{{\"text\":\"{}\"}}", "long ".repeat(LARGEST / 10));
        assert_eq!(values(&long).count(), 1);
    }

    #[test]
    fn what_is_nested_without_end_is_broken() {
        let deep = "{\"a\":".repeat(1_000_000);
        assert_eq!(Objects::new(deep.as_bytes()).collect::<Vec<_>>(), [(Piece::Broken, 1)]);
        assert!(Objects::new(deep.replace(':', ":\n").as_bytes()).all(|(piece, _)| piece == Piece::Broken));
    }
}
