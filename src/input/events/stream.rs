//! Cuts text into JSON objects: one, pretty-printed or not, one a line, or those
//! of an array, each with its own line; what is no JSON is told and passed over.
//! It must not know events.

use serde::de::IgnoredAny;
use serde_json::Value;

/// What stands in a text of JSON objects.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Object(Value),
    /// Not JSON, or nested too deep.
    Broken,
    /// The text ends, between two objects, before an array does.
    Unclosed,
}

/// The JSON objects in `text`, each with the line that it ends on.
pub fn values(text: &str) -> impl Iterator<Item = (Value, u64)> + '_ {
    pieces(text).filter_map(|(piece, line)| match piece {
        Piece::Object(value) => Some((value, line)),
        Piece::Broken | Piece::Unclosed => None,
    })
}

/// The JSON objects in `text` and what is none, each with its line.
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text, line: 1, wraps: Vec::new(), open: Some(0) }
}

/// See [`pieces`].
pub struct Pieces<'t> {
    rest: &'t str,
    line: u64,
    /// What is left behind each object that is stepped into, innermost last.
    wraps: Vec<usize>,
    /// Arrays that have begun and not ended; `None` behind something broken,
    /// which may have held an end.
    open: Option<usize>,
}

/// What may stand between objects; arrays are stepped into.
const GAPS: [char; 8] = ['\u{feff}', ' ', '\t', '\r', '\n', ',', '[', ']'];

/// Bytes of the largest object that is taken as one; a larger one wraps the
/// events of a whole export and is stepped into.
const LARGEST: usize = 4 << 20;
/// Such wraps in each other.
const MOST_WRAPS: usize = 4;

impl Pieces<'_> {
    fn advance(&mut self, by: usize) {
        let (passed, rest) = self.rest.split_at(by);
        self.line += passed.bytes().filter(|b| *b == b'\n').count() as u64;
        self.rest = rest;
    }

    /// Passes what may stand between objects.
    fn pass_gaps(&mut self) {
        let len = self.rest.len() - self.rest.trim_start_matches(GAPS).len();
        let of = |sign: char| self.rest[..len].matches(sign).count();
        self.open = self.open.map(|open| (open + of('[')).saturating_sub(of(']')));
        self.advance(len);
    }

    fn broken(&mut self, len: usize) -> (Piece, u64) {
        let line = self.line;
        self.advance(len);
        self.open = None;
        (Piece::Broken, line)
    }

    /// The offset behind the next `lines` line breaks.
    fn behind_lines(&self, lines: usize) -> usize {
        let breaks = self.rest.match_indices('\n').nth(lines.saturating_sub(1));
        breaks.map_or(self.rest.len(), |(at, _)| at + 1)
    }

    /// Takes the object that the rest begins with, or steps into it.
    fn object(&mut self) -> Option<(Piece, u64)> {
        if self.rest.len() > LARGEST && self.wraps.len() < MOST_WRAPS && self.is_large() {
            return None;
        }
        let mut parsed = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let len = match parsed.next() {
            Some(Ok(value)) => {
                let end = parsed.byte_offset();
                self.advance(end);
                return Some((Piece::Object(value), self.line));
            }
            Some(Err(fault)) => self.behind_lines(lines_to_pass(fault.line())),
            None => self.rest.len(),
        };
        Some(self.broken(len))
    }

    /// Whether the object is larger than an event; then its brace is passed.
    fn is_large(&mut self) -> bool {
        let mut parsed = serde_json::Deserializer::from_str(self.rest).into_iter::<IgnoredAny>();
        let size = match parsed.next() {
            Some(Ok(_)) => parsed.byte_offset(),
            // The end is missing, and with it nothing but the end.
            Some(Err(fault)) if fault.is_eof() => self.rest.len(),
            _ => 0,
        };
        if size > LARGEST {
            self.wraps.push(self.rest.len() - size);
            self.advance(1);
        }
        size > LARGEST
    }

    /// Passes a key or a plain value of a wrap.
    fn pass_inside(&mut self) {
        let plain = |rest: &str| rest.find(|c| matches!(c, ',' | '[' | ']' | '{' | '}' | ':' | '"') || GAPS.contains(&c));
        let len = match self.rest.as_bytes().first() {
            Some(b'"') => string_len(self.rest),
            Some(b':' | b'}') => 1,
            _ => plain(self.rest).unwrap_or(self.rest.len()).max(1),
        };
        self.advance(len);
    }
}

/// Length of the string that `text` begins with.
fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let close = text.bytes().skip(1).position(|b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    });
    close.map_or(text.len(), |at| at + 2)
}

impl Iterator for Pieces<'_> {
    type Item = (Piece, u64);

    fn next(&mut self) -> Option<(Piece, u64)> {
        loop {
            self.pass_gaps();
            self.wraps.retain(|behind| self.rest.len() > *behind);
            if self.rest.is_empty() {
                return self.open.take().filter(|open| *open > 0).map(|_| (Piece::Unclosed, self.line));
            }
            if self.rest.starts_with('{') {
                match self.object() {
                    Some(piece) => return Some(piece),
                    None => continue,
                }
            }
            if !self.wraps.is_empty() {
                self.pass_inside();
                continue;
            }
            return Some(self.broken(self.behind_lines(1)));
        }
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
        let broken: Vec<u64> = pieces(text).filter(|(piece, _)| *piece == Piece::Broken).map(|(_, line)| line).collect();
        assert_eq!(broken, [1, 3, 4]);
        assert_eq!(lines("{{{{\n[[["), [0u64; 0]);
    }

    #[test]
    fn an_array_that_does_not_end_is_told_once() {
        let last = |text: &str| pieces(text).last().filter(|(piece, _)| !matches!(piece, Piece::Object(_)));
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
        let found: Vec<(Piece, u64)> = pieces(&text).collect();
        assert!(found.iter().all(is_object));
        assert_eq!((found.len(), found[0].1, found[5001].1), (5002, 2, 5001));
        let cut = &text[..text.len() - 40];
        assert_eq!(pieces(cut).filter(is_object).count(), 4999, "the last one is cut");
    }

    #[test]
    fn what_is_nested_without_end_is_broken() {
        let deep = "{\"a\":".repeat(1_000_000);
        assert_eq!(pieces(&deep).collect::<Vec<_>>(), [(Piece::Broken, 1)]);
        assert!(pieces(&deep.replace(':', ":\n")).all(|(piece, _)| piece == Piece::Broken));
    }
}
