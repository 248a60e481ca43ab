//! Puts a reply together again where a format keeps its code, its enhanced code
//! and its words apart. It must not know formats or meanings.

use crate::codes::status::Status;

/// `550`, `5.1.1` and `no such user` become `550 5.1.1 no such user`; each line
/// gets the numbers, as on the wire. Words that bring their code stay as they
/// are.
pub fn reply(code: Option<u16>, enhanced: Option<Status>, words: &str) -> String {
    let words = words.trim();
    let Some(code) = code.filter(|_| leading_code(words).is_none()) else { return words.to_string() };
    let enhanced = enhanced.filter(|_| leading_status(words).is_none());
    let last = words.lines().count().saturating_sub(1);
    let mut out = String::with_capacity(words.len() + 12);
    for (n, line) in words.lines().enumerate() {
        out.push_str(if n == 0 { "" } else { "\n" });
        out.push_str(&format!("{code}{}", if n < last { '-' } else { ' ' }));
        if let Some(status) = enhanced {
            out.push_str(&format!("{status} "));
        }
        out.push_str(line.trim_end());
    }
    match (words.is_empty(), enhanced) {
        (true, Some(status)) => format!("{code} {status}"),
        (true, None) => code.to_string(),
        _ => out,
    }
}

/// The reply code that `text` begins with; a number of this shape that stands
/// in front of other words (`200 users`) is told apart by the caller.
pub fn leading_code(text: &str) -> Option<u16> {
    let digits = text.get(..3)?;
    let first = digits.as_bytes()[0];
    let apart = matches!(text.as_bytes().get(3), None | Some(b' ' | b'-' | b'\t' | b'\r' | b'\n'));
    let is_code = apart && matches!(first, b'2' | b'4' | b'5') && digits.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| digits.parse().ok()).flatten()
}

/// The enhanced code that `text` begins with.
pub fn leading_status(text: &str) -> Option<Status> {
    let word = text.split([' ', '\t', '\n']).next()?;
    Status::parse(word.trim_end_matches([':', ',', ';']))
}

/// The enhanced code behind the reply code that `text` begins with.
pub fn status_behind_code(text: &str) -> Option<Status> {
    leading_code(text)?;
    leading_status(text.get(4..)?.trim_start())
}

/// Without blanks at its ends, which texts rarely have.
pub fn trim(text: &str) -> &str {
    if matches!(text.as_bytes(), [b'!'..=b'~', .., b'!'..=b'~']) { text } else { text.trim() }
}

/// A Diagnostic-Code without its type (`smtp; `, `X-Postfix; `).
pub fn without_type(text: &str) -> &str {
    let text = trim(text);
    let Some(end) = memchr::memchr(b';', text.as_bytes()) else { return text };
    let (kind, rest) = (text[..end].trim(), &text[end + 1..]);
    let known = kind.eq_ignore_ascii_case("smtp") || kind.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("x-"));
    if known && kind.len() <= 24 && !kind.contains(' ') { rest.trim_start() } else { text }
}

/// The address in `Name <a@b>`, `<a@b>` or `a@b`.
pub fn address(text: &str) -> Option<&str> {
    if is_common(text) {
        return Some(text);
    }
    let text = text.trim();
    let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(text, |(a, _)| a);
    let (local, domain) = inner.rsplit_once('@')?;
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '<' | '>'));
    (plain(domain) && (plain(local) || local.starts_with('"'))).then_some(inner)
}

/// An address as most are, told in one pass.
fn is_common(text: &str) -> bool {
    let common = |part: &str| !part.is_empty() && part.bytes().all(|b| IS_COMMON[usize::from(b)]);
    memchr::memchr(b'@', text.as_bytes()).is_some_and(|at| common(&text[..at]) && common(&text[at + 1..]))
}

/// What most addresses are made of, besides the sign between their parts.
const IS_COMMON: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = (b as u8).is_ascii_alphanumeric() || matches!(b as u8, b'.' | b'-' | b'_' | b'+');
        b += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_gets_the_numbers() {
        let status = Status::parse("5.1.1");
        assert_eq!(reply(Some(550), status, "no such user"), "550 5.1.1 no such user");
        assert_eq!(reply(Some(550), status, "5.1.1 no\n5.1.1 user"), "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!(reply(Some(550), None, "550 no"), "550 no");
        assert_eq!(reply(Some(605), None, "Not delivering"), "605 Not delivering");
        assert_eq!(reply(Some(550), status, ""), "550 5.1.1");
        assert_eq!(reply(None, status, "no"), "no");
    }

    #[test]
    fn the_type_of_a_diagnostic_is_dropped() {
        assert_eq!(without_type("smtp;550 5.1.1 no; really"), "550 5.1.1 no; really");
        assert_eq!(without_type("X-Postfix; user unknown"), "user unknown");
        assert_eq!(without_type("550 no; smtp"), "550 no; smtp");
        assert_eq!(without_type("é;x"), "é;x");
    }

    #[test]
    fn addresses_are_taken_out_of_their_names() {
        assert_eq!(address("A B <a@example.com>"), Some("a@example.com"));
        assert_eq!(address(" a@example.com "), Some("a@example.com"));
        assert_eq!(address("a.b+c@example.com"), Some("a.b+c@example.com"));
        assert_eq!(address("\"a@b\"@example.com"), Some("\"a@b\"@example.com"));
        assert_eq!((address("a@"), address("@example.com")), (None, None));
        assert_eq!(address("write to a@example.com"), None);
        assert_eq!(address("https://x/@a"), None);
    }
}
