//! Undoes what programs do to a reply when they print it: HTML entities,
//! backslash escapes, `#ooo` of rsyslog, quoting marks at line starts, the
//! underscores of qmail. Keeps the way back to the input, so that offsets can
//! be shown. It must not know codes or meanings.

use std::borrow::Cow;

/// Text without escapes, and where each of its bytes came from.
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// Input offset of each byte of `text`; empty where nothing was changed.
    map: Vec<u32>,
    input_len: usize,
}

impl<'a> Decoded<'a> {
    pub fn new(input: &'a str) -> Decoded<'a> {
        if !needs_decoding(input) {
            return Decoded { text: Cow::Borrowed(input), map: Vec::new(), input_len: input.len() };
        }
        let mut out = Writer { bytes: Vec::with_capacity(input.len()), map: Vec::with_capacity(input.len()) };
        let underscores = is_qmail(input);
        let mut at = 0;
        for line in input.split_inclusive('\n') {
            let skip = line_mark(line);
            decode_line(&line[skip..], at + skip, underscores, &mut out);
            at += line.len();
        }
        out.into_decoded(input.len())
    }

    /// The input offset of an offset in `text`.
    pub fn to_input(&self, at: usize) -> usize {
        if self.map.is_empty() {
            return at;
        }
        self.map.get(at).map_or(self.input_len, |n| *n as usize)
    }
}

struct Writer {
    bytes: Vec<u8>,
    map: Vec<u32>,
}

impl Writer {
    fn push(&mut self, byte: u8, from: usize) {
        self.bytes.push(byte);
        self.map.push(u32::try_from(from).unwrap_or(u32::MAX));
    }

    /// Escapes may spell bytes that are not UTF-8; then each bad byte becomes
    /// a question mark of the same length, so that the map stays true.
    fn into_decoded(mut self, input_len: usize) -> Decoded<'static> {
        let mut valid = 0;
        while let Err(e) = std::str::from_utf8(&self.bytes[valid..]) {
            let from = valid + e.valid_up_to();
            let to = e.error_len().map_or(self.bytes.len(), |n| from + n);
            self.bytes[from..to].fill(b'?');
            valid = to;
        }
        let text = String::from_utf8(self.bytes).unwrap_or_default();
        Decoded { text: Cow::Owned(text), map: self.map, input_len }
    }
}

fn needs_decoding(input: &str) -> bool {
    let is_sign = |b| matches!(b, b'\\' | b'&' | b'#' | b'_');
    let is_escaped = || input.contains(['\\', '&']) || input.contains("#0") || is_qmail(input);
    input.bytes().any(is_sign) && is_escaped() || input.lines().any(|l| line_mark(l) > 0)
}

/// qmail prints spaces of a reply as underscores.
fn is_qmail(input: &str) -> bool {
    input.contains("_host_said:") || input.contains("_was_rejected.") || (input.starts_with("Sorry,_"))
}

/// Length of a quoting mark at the start of a line: mail quoting (`> `), the
/// marks of swaks (`<** `, `<-  `) and curl (`< `), sendmail's `<<< `.
fn line_mark(line: &str) -> usize {
    let rest = line.trim_start_matches([' ', '\t']);
    for mark in ["<<< ", "<** ", "<~* ", "<-  ", "<~  ", "< "] {
        if rest.starts_with(mark) {
            return line.len() - rest.len() + mark.len();
        }
    }
    let unquoted = rest.trim_start_matches(['>', ' ']);
    if rest.starts_with('>') && !rest.starts_with(">>> ") { line.len() - unquoted.len() } else { 0 }
}

fn decode_line(line: &str, from: usize, underscores: bool, out: &mut Writer) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let (byte, used) = match bytes[at] {
            b'\\' => backslash(&bytes[at..]),
            b'&' => entity(&bytes[at..]),
            b'#' => rsyslog(&bytes[at..]),
            b'_' if underscores => (b' ', 1),
            plain => (plain, 1),
        };
        out.push(byte, from + at);
        at += used;
    }
}

/// `\n`, `\"`, `\303`, `\xc3`: the byte meant, and how many were read.
fn backslash(rest: &[u8]) -> (u8, usize) {
    match rest.get(1) {
        Some(b'n' | b'r' | b't') => (b'\n', 2),
        Some(quote @ (b'"' | b'\'' | b'\\' | b'/')) => (*quote, 2),
        Some(b'x') => number(rest, 2, 2, 16),
        Some(b'0'..=b'3') => number(rest, 1, 3, 8),
        _ => (b'\\', 1),
    }
}

/// `#015`: rsyslog's spelling of a control character.
fn rsyslog(rest: &[u8]) -> (u8, usize) {
    match number(rest, 1, 3, 8) {
        (byte, 4) if byte < 32 => (b'\n', 4),
        _ => (b'#', 1),
    }
}

fn number(rest: &[u8], from: usize, len: usize, radix: u32) -> (u8, usize) {
    let digits = rest.get(from..from + len).and_then(|d| std::str::from_utf8(d).ok());
    let byte = digits.and_then(|d| u8::from_str_radix(d, radix).ok());
    byte.map_or((rest[0], 1), |b| (b, from + len))
}

fn entity(rest: &[u8]) -> (u8, usize) {
    const NAMES: [(&[u8], u8); 8] = [
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&amp;", b'&'),
        (b"&quot;", b'"'),
        (b"&#39;", b'\''),
        (b"&#34;", b'"'),
        (b"&apos;", b'\''),
        (b"&nbsp;", b' '),
    ];
    let found = NAMES.iter().find(|(name, _)| rest.starts_with(name));
    found.map_or((b'&', 1), |(name, byte)| (*byte, name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(input: &str) -> String {
        Decoded::new(input).text.into_owned()
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(Decoded::new("550 5.1.1 user unknown").text, Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decoded("550 &lt;a@example.com&gt; it&#39;s"), "550 <a@example.com> it's");
        assert_eq!(decoded(r"b'5.1.1 no\n5.1.1 user'"), "b'5.1.1 no\n5.1.1 user'");
        assert_eq!(decoded(r"bo\303\256te"), "boîte");
        assert_eq!(decoded(r"bo\xc3\xaete"), "boîte");
        assert_eq!(decoded("a#015#012b"), "a\n\nb");
        assert_eq!(decoded("Remote_host_said:_550_no"), "Remote host said: 550 no");
    }

    #[test]
    fn quoting_marks_are_dropped() {
        assert_eq!(decoded("> 550 no\n> such user"), "550 no\nsuch user");
        assert_eq!(decoded("<** 550-no\n<** 550 user"), "550-no\n550 user");
    }

    #[test]
    fn offsets_lead_back_to_the_input() {
        let input = "> 550 &lt;a&gt; no";
        let d = Decoded::new(input);
        let at = d.text.find("no").unwrap();
        assert_eq!(&input[d.to_input(at)..], "no");
        assert_eq!(d.to_input(d.text.len()), input.len());
    }

    #[test]
    fn bytes_that_are_not_utf8_become_question_marks() {
        assert_eq!(decoded(r"a\377b"), "a?b");
    }
}
