//! Undoes what loggers do to bytes they do not print: backslash escapes,
//! rsyslog's `#ooo`, the `\M-x` of vis(3). It must not know formats or mail.

use std::borrow::Cow;

use memchr::memchr2;

/// `\n`, `\t`, `\\` and `\303`, as Exim and Sendmail write them; also `#011`.
/// A carriage return before a line feed is dropped.
pub fn backslashes(text: &str) -> Cow<'_, str> {
    if memchr2(b'\\', b'#', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    undo(text, |rest| match rest[0] {
        b'\\' => backslash(rest),
        b'#' => hash(rest),
        _ => None,
    })
}

/// `#011` and `#015#012` alone.
pub fn hashes(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return Cow::Borrowed(text);
    }
    undo(text, |rest| if rest[0] == b'#' { hash(rest) } else { None })
}

/// `\M-C`, `\M^x`, `\^A`, and `#011`.
pub fn vis(text: &str) -> Cow<'_, str> {
    if !text.contains("\\M") && !text.contains("\\^") {
        return hashes(text);
    }
    undo(text, |rest| match rest {
        [b'\\', b'M', b'-', c, ..] => Some((c | 0x80, 4)),
        [b'\\', b'M', b'^', c, ..] => Some((c ^ 0x40 | 0x80, 4)),
        [b'\\', b'^', c, ..] => Some((c ^ 0x40, 3)),
        [b'#', ..] => hash(rest),
        _ => None,
    })
}

/// `escape` gives the byte that an escape stands for, and its length; each
/// begins with a backslash or `#`.
fn undo(text: &str, escape: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(plain) = memchr2(b'\\', b'#', &bytes[at..]) {
        out.extend_from_slice(&bytes[at..at + plain]);
        at += plain;
        let (byte, used) = escape(&bytes[at..]).unwrap_or((bytes[at], 1));
        if byte == b'\n' && used > 1 && out.last() == Some(&b'\r') {
            out.pop();
        }
        out.push(byte);
        at += used;
    }
    out.extend_from_slice(&bytes[at..]);
    match String::from_utf8(out) {
        Ok(text) => Cow::Owned(text),
        Err(e) => Cow::Owned(String::from_utf8_lossy(e.as_bytes()).into_owned()),
    }
}

fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    match rest.get(1)? {
        b'n' => Some((b'\n', 2)),
        b't' => Some((b'\t', 2)),
        b'r' => Some((b'\r', 2)),
        quoted @ (b'\\' | b'"') => Some((*quoted, 2)),
        b'0'..=b'3' => octal(rest),
        _ => None,
    }
}

/// rsyslog writes control characters only.
fn hash(rest: &[u8]) -> Option<(u8, usize)> {
    octal(rest).filter(|(byte, _)| *byte < 32 || *byte == 127)
}

fn octal(rest: &[u8]) -> Option<(u8, usize)> {
    let digits = rest.get(1..4)?;
    let value = digits.iter().try_fold(0u16, |n, d| (b'0'..=b'7').contains(d).then(|| n * 8 + u16::from(d - b'0')))?;
    u8::try_from(value).ok().map(|byte| (byte, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_bytes() {
        assert_eq!(backslashes(r"550-a\n550 b\tc"), "550-a\n550 b\tc");
        assert_eq!(backslashes(r"Empf\303\244nger"), "Empfänger");
        assert_eq!(backslashes(r"Empf\344nger"), "Empf\u{fffd}nger");
        assert_eq!(backslashes("550-a#015#012550 b #5.1.1 #800"), "550-a\n550 b #5.1.1 #800");
        assert_eq!(vis(r"in-\M-C\M-<tf8"), "in-ütf8");
        assert_eq!(backslashes("\\"), "\\");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(backslashes("550 5.1.1 no"), Cow::Borrowed(_)));
        assert!(matches!(vis("550 5.1.1 no"), Cow::Borrowed(_)));
    }
}
