//! Cuts text into JSON objects: one, pretty-printed or not, one a line, or those
//! of an array, each with its own line; what is no JSON is passed over. It must
//! not know events.

use serde_json::Value;

/// The JSON objects in `text`, each with the line that it ends on.
pub fn values(text: &str) -> Values<'_> {
    Values { rest: text, line: 1 }
}

/// See [`values`].
pub struct Values<'t> {
    rest: &'t str,
    line: u64,
}

/// What may stand between objects; arrays are stepped into.
const GAPS: [char; 8] = ['\u{feff}', ' ', '\t', '\r', '\n', ',', '[', ']'];

impl Values<'_> {
    fn advance(&mut self, by: usize) {
        let (passed, rest) = self.rest.split_at(by);
        self.line += passed.bytes().filter(|b| *b == b'\n').count() as u64;
        self.rest = rest;
    }

    /// The offset behind the next `lines` line breaks.
    fn behind_lines(&self, lines: usize) -> usize {
        let breaks = self.rest.match_indices('\n').nth(lines.saturating_sub(1));
        breaks.map_or(self.rest.len(), |(at, _)| at + 1)
    }
}

impl Iterator for Values<'_> {
    type Item = (Value, u64);

    fn next(&mut self) -> Option<(Value, u64)> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start_matches(GAPS).len();
            self.advance(blank);
            if self.rest.is_empty() {
                return None;
            }
            if !self.rest.starts_with('{') {
                self.advance(self.behind_lines(1));
                continue;
            }
            let mut parsed = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
            match parsed.next() {
                Some(Ok(value)) => {
                    let end = parsed.byte_offset();
                    self.advance(end);
                    return Some((value, self.line));
                }
                Some(Err(fault)) => self.advance(self.behind_lines(lines_to_pass(fault.line()))),
                None => return None,
            }
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
    fn broken_lines_are_passed_over() {
        assert_eq!(lines("{\"a\":\n{\"a\":2}\nnoise\n{\"b\": \"x\n{}\n"), [2, 5]);
        assert_eq!(lines("{{{{\n[[["), [0u64; 0]);
    }
}
