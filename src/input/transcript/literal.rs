//! String literals as Python, JavaScript, Go and Ruby print them, and replies
//! that such a literal holds. It must not know exceptions or stages.

/// What `\xe4` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// A byte: Python's `b''`, Go, Ruby.
    Byte,
    /// A character: Python's `''`, JavaScript.
    Char,
}

/// Reads the literal that `text` begins with; gives it without escapes, and
/// its length in `text`.
pub(super) fn read(text: &str, escape: Escape) -> Option<(String, usize)> {
    let (escape, lead) = match text.strip_prefix(['b', 'B']) {
        Some(rest) if rest.starts_with(['\'', '"']) => (Escape::Byte, 1),
        _ if text.starts_with("u'") || text.starts_with("u\"") => (escape, 1),
        _ => (escape, 0),
    };
    let quote = *text.as_bytes().get(lead)?;
    if !matches!(quote, b'\'' | b'"' | b'`') {
        return None;
    }
    let end = closing(text.as_bytes(), lead + 1, quote)?;
    Some((decoded(&text[lead + 1..end], escape), end + 1))
}

/// The offset of the quote that closes a literal.
fn closing(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b if *b == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Text without its escapes; bytes that are not UTF-8 stay spelled `\xe4`.
pub(super) fn decoded(text: &str, escape: Escape) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let used = one(&rest[at..], escape, &mut out);
        rest = &rest[at + used..];
    }
    out.extend_from_slice(rest.as_bytes());
    readable(&out)
}

/// Undoes the escape that `text` begins with; gives its length.
fn one(text: &str, escape: Escape, out: &mut Vec<u8>) -> usize {
    const NAMED: [(u8, u8); 14] = [
        (b'#', b'#'),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
        (b'a', 7),
        (b'b', 8),
        (b'v', 11),
        (b'f', 12),
        (b'e', 27),
        (b'\'', b'\''),
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'`', b'`'),
    ];
    let kind = text.as_bytes().get(1).copied().unwrap_or(0);
    if let Some((_, byte)) = NAMED.iter().find(|(name, _)| *name == kind) {
        out.push(*byte);
        return 2;
    }
    let digits = match kind {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => 0,
    };
    let Some(value) = text.get(2..2 + digits).and_then(|d| u32::from_str_radix(d, 16).ok()) else {
        out.push(b'\\');
        return 1;
    };
    push_value(value, kind, escape, out);
    2 + digits
}

/// Python spells a byte that it could not decode as a lone surrogate.
fn push_value(value: u32, kind: u8, escape: Escape, out: &mut Vec<u8>) {
    let byte = u8::try_from(value).ok().filter(|_| kind == b'x' && escape == Escape::Byte);
    let smuggled = value.checked_sub(0xdc00).and_then(|low| u8::try_from(low).ok());
    if let Some(byte) = byte.or(smuggled) {
        out.push(byte);
    } else {
        let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn readable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// The reply as the server sent it, from a library that took the code off its
/// lines.
pub(super) fn wire(code: u16, text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n', ' ']);
    if text.is_empty() {
        return code.to_string();
    }
    let lines: Vec<&str> = text.split('\n').map(|l| l.trim_end_matches('\r')).collect();
    let last = lines.len() - 1;
    let mark = |n: usize| if n == last { ' ' } else { '-' };
    let lines: Vec<String> = lines.iter().enumerate().map(|(n, l)| format!("{code}{}{l}", mark(n))).collect();
    lines.join("\n")
}

/// A line of a reply: the code, whether more lines follow.
pub(super) fn reply(line: &str) -> Option<(u16, bool)> {
    let bytes = line.as_bytes();
    let digits = bytes.get(..3)?;
    let shape = matches!(digits[0], b'2'..=b'5') && digits[1].is_ascii_digit() && digits[2].is_ascii_digit();
    let code = line.get(..3).filter(|_| shape)?.parse().ok()?;
    match bytes.get(3) {
        None | Some(b' ' | b'\t' | b'\r') => Some((code, false)),
        Some(b'-') => Some((code, true)),
        _ => None,
    }
}

/// A failing reply begins `text`.
pub(super) fn refusal(text: &str) -> bool {
    reply(text).is_some_and(|(code, _)| code >= 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_each_language_are_undone() {
        let python = r#"b"5.1.1 recipient's\n5.1.1 two", 1"#;
        assert_eq!(read(python, Escape::Char), Some(("5.1.1 recipient's\n5.1.1 two".into(), python.len() - 3)));
        assert_eq!(decoded(r"gr\xc3\xbc\xc3\x9fe", Escape::Byte), "grüße");
        assert_eq!(decoded(r"Empf\xe4nger", Escape::Byte), r"Empf\xe4nger");
        assert_eq!(decoded(r"Empf\udce4nger", Escape::Char), r"Empf\xe4nger");
        assert_eq!(decoded(r"Empf\xe4nger", Escape::Char), "Empfänger");
        assert_eq!(decoded(r"a\u00e4\e[31m\a\q\", Escape::Byte), "aä\u{1b}[31m\u{7}\\q\\");
    }

    #[test]
    fn broken_literals_are_none() {
        for text in ["", "b", "'open", "'open\\", "x'y'", "\\"] {
            assert_eq!(read(text, Escape::Byte), None, "{text}");
        }
    }

    #[test]
    fn the_code_is_put_back_on_each_line() {
        assert_eq!(wire(550, "5.1.1 a\n5.1.1 b\r\n"), "550-5.1.1 a\n550 5.1.1 b");
        assert_eq!(wire(550, ""), "550");
    }

    #[test]
    fn reply_lines_are_told_from_other_numbers() {
        assert_eq!(reply("550-5.1.1 a"), Some((550, true)));
        assert_eq!(reply("550"), Some((550, false)));
        for line in ["55", "5500 x", "150 x", "550x", "55ä"] {
            assert_eq!(reply(line), None, "{line}");
        }
    }
}
