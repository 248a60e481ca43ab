//! Reads one pasted text as a reply: its numbers, its words, and what the
//! program around it says. Grammar only (RFC 5321 section 4.2, RFC 3463): it
//! must not know providers, causes or output.

pub mod code;
mod decode;
mod split;
pub mod wrapper;

use std::ops::Range;

pub use decode::Decoded;
pub use split::{MOST_REPLY, Piece, Splitter, split};
use wrapper::Wrapper;

use crate::codes::status::Status;
use code::Numbers;

/// One reply as read. Ranges are byte ranges of [`Reply::text`].
pub struct Reply<'a> {
    pub input: &'a str,
    decoded: Decoded<'a>,
    pub numbers: Numbers,
    pub wrapper: Wrapper,
    /// Where the server's own words stand.
    pub span: Range<usize>,
}

impl<'a> Reply<'a> {
    /// Reads `input`; `known` tells whether a number is a reply code at all.
    pub fn read(input: &'a str, known: impl Fn(u16) -> bool) -> Reply<'a> {
        let decoded = Decoded::new(beginning(input));
        let text = &decoded.text;
        let numbers = code::find(text, known);
        let wrapper = wrapper::read(text);
        let end = wrapper.tail_at.filter(|at| *at >= numbers.text_at).unwrap_or(text.len());
        let start = numbers.text_at.max(response_at(text).filter(|at| *at <= end).unwrap_or(0));
        let span = start..end;
        Reply { input, decoded, numbers, wrapper, span }
    }

    /// The input without escapes.
    pub fn text(&self) -> &str {
        &self.decoded.text
    }

    /// The range in the input that a range of [`Reply::text`] came from.
    pub fn in_input(&self, range: Range<usize>) -> Range<usize> {
        self.decoded.to_input(range.start)..self.decoded.to_input(range.end)
    }

    pub fn code(&self) -> Option<u16> {
        self.numbers.code
    }

    /// The enhanced code; an `X` takes the class of the reply code.
    pub fn enhanced(&self) -> Option<Status> {
        self.numbers.enhanced
    }

    /// First digit of the code, else of the enhanced code; 0 where unknown.
    pub fn class(&self) -> u16 {
        let enhanced = || self.numbers.enhanced.map_or(0, |s| u16::from(s.class));
        self.numbers.code.map_or_else(enhanced, |c| c / 100)
    }

    /// The server's words on one line, without repeated numbers.
    pub fn words(&self) -> String {
        words(self.text(), &self.numbers, self.span.clone())
    }

    /// Nothing in the input was escaped: what was read is the input itself.
    pub fn is_plain(&self) -> bool {
        self.text() == self.input
    }
}

/// The server's words in the `span` of a text with these numbers, on one line,
/// without repeated numbers.
pub fn words(text: &str, numbers: &Numbers, span: Range<usize>) -> String {
    let text_of_span = &text[span];
    let prefix = Prefix::of(numbers);
    let mut out = String::with_capacity(text_of_span.len());
    for line in text_of_span.lines() {
        let line = prefix.cut(line).trim();
        if !out.is_empty() && !line.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    if text.as_bytes().get(numbers.code_at.end) == Some(&b'-') {
        out = prefix.without_joints(out, numbers.enhanced_first);
    }
    let words = out.trim_start_matches(TRIMMED);
    let start = out.len() - words.len();
    let end = start + without_open_end(words.trim_end_matches(TRIMMED)).trim_end_matches(TRIMMED).len();
    out.truncate(end);
    out.drain(..start);
    out
}

/// The numbers as they stand in front of a line.
struct Prefix {
    code: Option<String>,
    status: Option<String>,
}

impl Prefix {
    fn of(numbers: &Numbers) -> Prefix {
        Prefix { code: numbers.code.map(|c| c.to_string()), status: numbers.enhanced.map(|s| s.to_string()) }
    }

    /// A continuation line without `550-5.7.1 `.
    fn cut<'t>(&self, line: &'t str) -> &'t str {
        let Some(code) = &self.code else { return line };
        let Some(rest) = line.trim_start().strip_prefix(code.as_str()) else { return line };
        let Some(rest) = rest.strip_prefix(['-', ' ']) else { return line };
        rest.trim_start().strip_prefix(self.status.as_deref().unwrap_or_default()).unwrap_or(rest)
    }

    /// Lines that a log joined by a space, without the numbers between them:
    /// `550-5.7.1 first line 550-5.7.1 second 550 5.7.1 third`.
    fn without_joints(&self, words: String, enhanced_first: bool) -> String {
        let Some(code) = &self.code else { return words };
        if let Some(status) = self.status.as_ref().filter(|_| enhanced_first) {
            let plain = words.replace(&format!(" {code}-{status} "), " ").replace(&format!(" {code} {status} "), " ");
            return plain.replace("  ", " ");
        }
        let plain = words.replace(&format!(" {code}-"), " ");
        match plain.rfind(&format!(" {code} ")) {
            Some(at) => format!("{}{}", &plain[..at], &plain[at + 4..]),
            None => plain,
        }
    }
}

/// .NET puts its own words for the code in front of what the server said.
fn response_at(text: &str) -> Option<usize> {
    const MARK: &str = "The server response was:";
    let begins_word = |at: usize| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let is_mark = |end: &usize| text[..*end].strip_suffix(MARK).is_some_and(|before| begins_word(before.len()));
    text.match_indices(':').map(|(at, _)| at + 1).find(is_mark)
}

/// The words that this grammar goes by, for those who must leave them as they
/// are.
pub fn grammar_words() -> impl Iterator<Item = &'static str> {
    const OTHERS: [&str; 3] = ["http https ipv6 xn", "lt gt amp quot apos nbsp", "remote host said was rejected sorry"];
    OTHERS.into_iter().chain(wrapper::words()).chain(code::words())
}

/// Whether a word, whatever digits it has, tells what a number beside it is.
pub fn tells_numbers(word: &[u8]) -> bool {
    code::tells_numbers(word)
}

/// Bytes of an input that are read; no reply is longer, and what is pasted
/// around it is not meant.
const MOST_TEXT: usize = 32 << 10;

fn beginning(input: &str) -> &str {
    let end = (0..=MOST_TEXT.min(input.len())).rev().find(|at| input.is_char_boundary(*at));
    &input[..end.unwrap_or(0)]
}

/// What separates numbers from words, and wraps replies in exceptions.
const TRIMMED: [char; 8] = [' ', '-', ':', '\'', '"', ',', '\t', '\n'];

/// Drops brackets at the end that the text itself did not open.
fn without_open_end(words: &str) -> &str {
    let mut rest = words;
    let mut surplus = [None; 3];
    while let Some((place, close, open)) = [(0, ')', '('), (1, ']', '['), (2, '}', '{')].into_iter().find(|(_, c, _)| rest.ends_with(*c)) {
        let (closed, opened) = surplus[place].get_or_insert_with(|| (count(words, close), count(words, open)));
        if closed <= opened {
            break;
        }
        *closed -= 1;
        rest = rest[..rest.len() - close.len_utf8()].trim_end_matches(TRIMMED);
    }
    rest
}

fn count(text: &str, sign: char) -> usize {
    text.matches(sign).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(input: &str) -> String {
        Reply::read(input, |_| true).words()
    }

    #[test]
    fn lines_are_joined_without_their_numbers() {
        assert_eq!(
            words("550-5.7.26 This mail\n550-5.7.26 is unauthenticated\n550 5.7.26 - gsmtp"),
            "This mail is unauthenticated - gsmtp"
        );
        assert_eq!(words("host mx.example.com[192.0.2.1] said: 550 no such user (in reply to RCPT TO command)"), "no such user");
        assert_eq!(words("(550, b'5.1.1 no such user')"), "no such user");
        assert_eq!(words("550-5.7.1 first, 550-5.7.1 second 550 5.7.1  third"), "first, second third");
        assert_eq!(words("550-first 550-second 550 third"), "first second third");
        assert_eq!(words("550 first 550 second"), "first 550 second");
    }

    #[test]
    fn brackets_that_the_text_did_not_open_are_dropped_at_its_end() {
        assert_eq!(without_open_end("no (really) [x]"), "no (really) [x]");
        assert_eq!(without_open_end("no (really))]})"), "no (really)");
        assert_eq!(without_open_end("a ) (b)'), ]"), "a ) (b");
        assert_eq!(without_open_end(")))"), "");
    }
}
