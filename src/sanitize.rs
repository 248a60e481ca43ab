//! Makes text from strangers' servers safe to show: control, bidirectional and
//! zero-width characters are written as escapes. It must not know anything
//! else.

use std::borrow::Cow;

/// `text` with every unsafe character written as `\u{…}`; tabs and line ends
/// become blanks.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) || !text.chars().any(|c| is_unsafe(c) || is_blank(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if is_blank(c) => out.push(' '),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// As [`line`] for each line of `text`, which stay lines.
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// JSON text with unsafe characters as `\uXXXX`; they can only stand inside
/// strings.
pub fn json(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) || !text.chars().any(|c| is_unsafe(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !is_unsafe(c) || c == '\n' {
            out.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    Cow::Owned(out)
}

/// Printable ASCII, as nearly all text is: looked at many bytes at a time.
fn is_plain(text: &[u8]) -> bool {
    !text.iter().fold(false, |found, b| found | !(32..127).contains(b))
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

/// Controls, marks that reorder text, marks that cannot be seen and letters
/// that are drawn as nothing.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_terminals_are_shown_not_sent() {
        assert_eq!(line("a\u{1b}[31mb\u{202e}c\u{9b}d\u{200b}e"), "a\\u{1b}[31mb\\u{202e}c\\u{9b}d\\u{200b}e");
        assert_eq!(line("a\r\n\tb"), "a   b");
        assert_eq!(line("naïve 用户"), "naïve 用户");
    }

    #[test]
    fn letters_that_are_drawn_as_nothing_are_shown() {
        for hidden in ['\u{115f}', '\u{3164}', '\u{ffa0}', '\u{34f}', '\u{1d173}', '\u{e0100}'] {
            assert_eq!(line(&format!("user{hidden}")), format!("user{}", hidden.escape_unicode()));
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines("a\u{1b}\n\nb\tc\n"), "a\\u{1b}\n\nb c\n");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "[\"a\u{9b}\u{202e}\u{e0041}\"]";
        let safe = json(text);
        assert!(safe.is_ascii());
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), ["a\u{9b}\u{202e}\u{e0041}"]);
    }
}
