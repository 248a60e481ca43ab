//! Where a string or a number of JSON ends, by the grammar of RFC 8259; what is
//! rare (long numbers, exponents, surrogates) is left to the general reader. It
//! must not know what they stand for.

use crate::block::{self, Block};
use crate::input::find::near;

/// Bytes of the longest number that is read: it cannot be too large for one.
pub(super) const MOST_DIGITS: usize = 20;

/// Length of the inside of a string whose quote was taken, and whether it has
/// escapes.
#[inline(always)]
pub(super) fn string_len(bytes: &[u8]) -> Option<(usize, bool)> {
    let len = plain_len(bytes);
    match bytes.get(len)? {
        b'"' => Some((len, false)),
        b'\\' => escaped_len(bytes, len).map(|len| (len, true)),
        _ => None,
    }
}

/// The same for a string with an escape at `at`.
fn escaped_len(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 1 + escape_len(&bytes[at + 1..])?,
            _ => return None,
        }
        at += plain_len(&bytes[at..]);
    }
}

/// Length of what stands before a quote, a backslash or a control character.
#[inline(always)]
fn plain_len(bytes: &[u8]) -> usize {
    let ends = |block: Block| block.is(b'"') | block.is(b'\\') | block.within(0, 0x1f);
    block::position(bytes, ends).unwrap_or(bytes.len())
}

fn digits(bytes: &[u8]) -> usize {
    block::run_len(bytes, Block::digits)
}

/// Length of an escape behind its backslash; one half of a pair of surrogates
/// is left to the general reader, and so are pairs.
fn escape_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(1),
        b'u' => {
            let digits = bytes.get(1..5)?;
            let is_surrogate = matches!(digits, [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
            (digits.iter().all(u8::is_ascii_hexdigit) && !is_surrogate).then_some(5)
        }
        _ => None,
    }
}

/// The inside of a string with its escapes undone.
pub(super) fn undone(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = near(rest.as_bytes(), b'\\') {
        out.push_str(&rest[..at]);
        let (sign, len) = escaped(&rest[at + 1..])?;
        out.push(sign);
        rest = &rest[at + 1 + len..];
    }
    out.push_str(rest);
    Some(out)
}

/// What an escape stands for, and its length behind the backslash.
fn escaped(text: &str) -> Option<(char, usize)> {
    let sign = match text.as_bytes().first()? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return Some((char::from_u32(u32::from_str_radix(text.get(1..5)?, 16).ok()?)?, 5)),
        sign @ (b'"' | b'\\' | b'/') => char::from(*sign),
        _ => return None,
    };
    Some((sign, 1))
}

/// Length of the number that `bytes` begin with. What may follow of a rare one,
/// more digits or an exponent, is taken by nobody who goes on.
pub(super) fn number_len(bytes: &[u8]) -> Option<usize> {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(&bytes[sign..]);
    if whole == 0 || whole > 1 && bytes[sign] == b'0' {
        return None;
    }
    let mut len = sign + whole;
    if bytes.get(len) == Some(&b'.') {
        let digits = digits(&bytes[len + 1..]);
        len += 1 + digits;
        (digits > 0).then_some(())?;
    }
    (len <= MOST_DIGITS).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_quote() {
        for (text, found) in [
            ("\"", Some((0, false))),
            ("abc\" \"", Some((3, false))),
            ("0123456789é\u{7f}\"", Some((13, false))),
            (r#"0123456\"89" x"#, Some((11, true))),
            (r#"\\"""#, Some((2, true))),
            (r#"\u00e9\n\/""#, Some((10, true))),
            (r#"\ud83d""#, None),
            (r#"\u12g4""#, None),
            (r#"\x""#, None),
            ("a\t\"", None),
            ("\\n\u{1}\"", None),
            ("abc", None),
            ("abc\\", None),
            ("", None),
        ] {
            assert_eq!(string_len(text.as_bytes()), found, "{text}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        let text = r#"\"\\\/\b\f\n\r\tx\u00e9é\u7528\n"#;
        assert_eq!(undone(text).as_deref(), Some("\"\\/\u{8}\u{c}\n\r\txéé用\n"));
        assert_eq!((undone(""), undone("\\"), undone("\\u12"), undone("\\é")), (Some(String::new()), None, None, None));
    }

    #[test]
    fn any_byte_at_any_place_ends_texts_and_numbers_or_does_not() {
        for byte in 0..=255 {
            for at in 0..19 {
                let mut bytes = [b'a'; 19];
                bytes[at] = byte;
                let ends = matches!(byte, b'"' | b'\\' | 0..0x20);
                assert_eq!(plain_len(&bytes), if ends { at } else { 19 }, "{byte:#x} at {at}");
                let mut bytes = [b'0' + at as u8 % 10; 19];
                bytes[at] = byte;
                assert_eq!(digits(&bytes), if byte.is_ascii_digit() { 19 } else { at }, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn numbers_are_those_of_the_grammar() {
        for (text, len) in [
            ("0,", Some(1)),
            ("-0", Some(2)),
            ("1793600000}", Some(10)),
            ("-7.250 ", Some(6)),
            ("18446744073709551616", Some(20)),
            ("123456789012345678901", None),
            ("01", None),
            ("00", None),
            ("-", None),
            ("1.", None),
            ("1.x", None),
            (".5", None),
            ("+1", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(number_len(text.as_bytes()), len, "{text}");
        }
    }
}
