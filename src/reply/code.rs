//! Finds the reply code and the enhanced status code in pasted text.
//!
//! Digits are everywhere in what people paste (ports, sizes, addresses, times),
//! so a number counts as a code by where it stands. It must not know meanings.

use std::ops::Range;

use crate::codes::status::Status;

/// Numbers of a reply and where they stand in the text.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub code: Option<u16>,
    pub code_at: Range<usize>,
    pub enhanced: Option<Status>,
    pub enhanced_at: Range<usize>,
    /// The enhanced code stands first, as RFC 2034 wants it; `false`: somewhere
    /// in the text.
    pub enhanced_first: bool,
    /// Where the reply's text begins: behind the numbers that stand together.
    pub text_at: usize,
}

/// How surely a three-digit number is a reply code.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
enum Strength {
    Weak,
    Strong,
}

/// Finds the numbers of the first reply in `text`; a failure (4xx, 5xx) is
/// preferred to the good replies of a transcript. `known` tells whether a
/// number is a reply code at all.
pub fn find(text: &str, known: impl Fn(u16) -> bool) -> Numbers {
    let mut best: Option<(u8, usize)> = None;
    for at in candidates(text) {
        let code = value(text, at);
        let Some(strength) = strength(text, at, code) else { continue };
        let rank = match (strength, code / 100) {
            (Strength::Strong, 4 | 5) => 3,
            (Strength::Strong, 2 | 3) => 2,
            _ if known(code) || text[..at].trim().is_empty() => 1,
            _ => continue,
        };
        if best.is_none_or(|(r, _)| rank > r) {
            best = Some((rank, at));
        }
    }
    match best {
        Some((_, at)) => numbers_at(text, at),
        None => bare_enhanced(text),
    }
}

/// Whether [`find`] can find a reply code at all: most lines hold no number of
/// this kind.
pub fn may_hold(text: &str) -> bool {
    candidates(text).any(|at| strength(text, at, value(text, at)).is_some())
}

/// Offsets of three digits that stand by themselves.
fn candidates(text: &str) -> impl Iterator<Item = usize> + '_ {
    let b = text.as_bytes();
    (0..b.len().saturating_sub(2)).filter(move |at| {
        let digit = |at: usize| b[at].is_ascii_digit();
        digit(*at) && digit(at + 1) && digit(at + 2) && may_follow(b, *at) && may_precede(b, at + 3) && !is_of_address(text, *at)
    })
}

/// Part of an IPv6 address, in which a colon stands before it: `2001:db8::375`.
fn is_of_address(text: &str, at: usize) -> bool {
    let b = text.as_bytes();
    if at == 0 || b[at - 1] != b':' {
        return false;
    }
    let outside = |b: &u8| !(b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    let lead = b[..at].iter().rev().take(LONGEST_ADDRESS).position(outside).unwrap_or(at.min(LONGEST_ADDRESS));
    let tail = b[at..].iter().take(LONGEST_ADDRESS).position(outside).unwrap_or((b.len() - at).min(LONGEST_ADDRESS));
    let free = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
    let address = &b[at - lead..at + tail];
    let stands = free(b[..at - lead].last()) && free(b.get(at + tail));
    stands && std::str::from_utf8(address).is_ok_and(|a| a.trim_end_matches(['.', ':']).parse::<std::net::Ipv6Addr>().is_ok())
}

/// Bytes of an IPv6 address.
const LONGEST_ADDRESS: usize = 45;

fn may_follow(b: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|n| b[n]) else { return true };
    let after_digit_dash = before == b'-' && at >= 2 && b[at - 2].is_ascii_alphanumeric();
    !before.is_ascii_alphanumeric() && !matches!(before, b'.' | b'_' | b'@' | b'/' | b'+' | b'$' | b'%') && !after_digit_dash
}

fn may_precede(b: &[u8], at: usize) -> bool {
    let next = b.get(at).copied().unwrap_or(b' ');
    let digit_next = b.get(at + 1).is_some_and(u8::is_ascii_digit);
    match next {
        b'.' | b':' => !digit_next,
        b'/' | b'%' | b'@' | b'_' | b'x' => false,
        _ => !next.is_ascii_alphanumeric(),
    }
}

fn value(text: &str, at: usize) -> u16 {
    text[at..at + 3].parse().unwrap_or(0)
}

/// `None` where the number is something else: a size, a port, a count.
fn strength(text: &str, at: usize, code: u16) -> Option<Strength> {
    let before = &text[..at];
    let after = &text[at + 3..];
    if is_measure(before, after) || code < 400 && is_error_number(before) {
        return None;
    }
    if starts_line(before) && (101..=699).contains(&code) {
        return Some(if (200..600).contains(&code) { Strength::Strong } else { Strength::Weak });
    }
    if !(200..600).contains(&code) {
        return None;
    }
    let marked = follows_mark(before) || enhanced_after(text, at + 3).is_some();
    Some(if marked { Strength::Strong } else { Strength::Weak })
}

/// What a number that is no code counts.
const UNITS: [&str; 22] = [
    "bits",
    "bit",
    "bytes",
    "byte",
    "octets",
    "seconds",
    "secs",
    "sec",
    "minutes",
    "mins",
    "hours",
    "days",
    "kb",
    "mb",
    "kib",
    "mib",
    "ms",
    "messages",
    "recipients",
    "characters",
    "times",
    "connections",
];

/// What a number that is no code belongs to.
const NAMES: [&str; 16] =
    ["port", "line", "size", "pid", "than", "about", "in", "after", "limit", "max", "of", "over", "exceeds", "exceed", "every", "page"];

/// Words that introduce a reply.
const MARKS: [&str; 12] = ["code", "error", "status", "returned", "said", "smtp", "reply", "response", "replied", "with", "reason", "http"];

/// Whether the letters that `word` begins or ends with tell what a number
/// beside it is.
#[inline]
pub(super) fn tells_numbers(word: &[u8]) -> bool {
    let ([first, second, ..], [.., before, last]) = (word, word) else { return false };
    // Nearly all are told by two letters.
    if !has_pair(&STARTS, *first, *second) && !has_pair(&ENDS, *before, *last) {
        return false;
    }
    let letters = |b: &u8| b.is_ascii_alphabetic();
    let first = &word[..word.iter().position(|b| !letters(b)).unwrap_or(word.len())];
    let last = &word[word.iter().rposition(|b| !letters(b)).map_or(0, |at| at + 1)..];
    let is = |list: &[&str], part: &[u8]| list.iter().any(|w| part.eq_ignore_ascii_case(w.as_bytes()));
    let ends = |w: &&str| last.len() >= w.len() && last[last.len() - w.len()..].eq_ignore_ascii_case(w.as_bytes());
    is(&UNITS, first) || is(&NAMES, last) || MARKS.iter().any(ends)
}

/// Pairs of letters, of any case: for each letter the bits of those behind it.
type Pairs = [u32; 32];

/// What units begin with, and what the other words end with.
const STARTS: Pairs = with_pairs([0; 32], &UNITS, true);
const ENDS: Pairs = with_pairs(with_pairs([0; 32], &NAMES, false), &MARKS, false);

fn has_pair(pairs: &Pairs, first: u8, second: u8) -> bool {
    pairs[usize::from(first & 31)] >> (second & 31) & 1 == 1
}

/// Adds the first or the last two letters of words.
const fn with_pairs(mut pairs: Pairs, words: &[&str], at_start: bool) -> Pairs {
    let mut n = 0;
    while n < words.len() {
        let word = words[n].as_bytes();
        let at = if at_start { 0 } else { word.len() - 2 };
        pairs[(word[at] & 31) as usize] |= 1 << (word[at + 1] & 31);
        n += 1;
    }
    pairs
}

/// All words that tell codes from other numbers.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    UNITS.into_iter().chain(NAMES).chain(MARKS)
}

fn is_measure(before: &str, after: &str) -> bool {
    let next = after.trim_start_matches([' ', '-']).split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    let last = last_word(before);
    let any = |list: &[&str], word: &str| list.iter().any(|w| w.eq_ignore_ascii_case(word));
    any(&UNITS, next) || (before.ends_with(' ') && any(&NAMES, last)) || is_port(before)
}

/// `"ErrorCode":300`: the number of an error is no success.
fn is_error_number(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', ':', '=', '"', '\'']);
    let name = bare.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    // "error" alone may stand before any reply.
    let is_error = name.len() > "error".len() && name.to_ascii_lowercase().contains("error");
    bare.len() < before.len() && is_error && tells_numbers(name.as_bytes())
}

fn last_word(before: &str) -> &str {
    let bare = before.trim_end_matches([' ', ':', '=', '\t']);
    bare.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("")
}

/// `mx.example.com:587`, `[192.0.2.1]:25`: a colon glued to a host.
fn is_port(before: &str) -> bool {
    let Some(host) = before.strip_suffix(':') else { return false };
    let outside = |c: char| c.is_whitespace() || c.is_control() || "\"'`()<>{}|,;=*^".contains(c);
    let word = end(host, LONGEST_HOST).rsplit(outside).next().unwrap_or("");
    word.ends_with(']') || word.contains('.') || word.contains("//")
}

/// Bytes of a host name, with a scheme in front of it.
const LONGEST_HOST: usize = 300;

/// At most `most` bytes from the end of `text`. What stands in front of each
/// number is looked at; all of it would take the square of its length in time.
fn end(text: &str, most: usize) -> &str {
    let from = (text.len().saturating_sub(most)..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or(0)..]
}

/// Only quotes, brackets and marks stand before it on its line.
fn starts_line(before: &str) -> bool {
    const MARKS: &[char] = &[' ', '\t', '"', '\'', '[', '(', '<', '#', '“', '‘', '*', '-', '|'];
    let mut back = before.chars().rev().skip_while(|c| MARKS.contains(c));
    matches!(back.next(), None | Some('\n'))
}

/// The number stands behind something that introduces a reply.
fn follows_mark(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', '\t']);
    let bare = bare.trim_end_matches(['#', '\'', '"', '“', '‘']);
    if bare.ends_with([';', ':', '(', '[', '=', ',', '>', '{', '\'', '"'])
        || bare.len() < before.len() && before.ends_with(['"', '\'', '#'])
    {
        return true;
    }
    let word = bare.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("").to_ascii_lowercase();
    MARKS.iter().any(|w| word.ends_with(w))
}

fn numbers_at(text: &str, at: usize) -> Numbers {
    let code = value(text, at);
    let mut n = Numbers { code: Some(code), code_at: at..at + 3, text_at: at + 3, ..Numbers::default() };
    if let Some(found) = enhanced_after(text, at + 3) {
        n.text_at = found.1.end;
        n.enhanced_first = stands_first(text, at + 3, &found.1);
        (n.enhanced, n.enhanced_at) = (Some(found.0), found.1);
    } else if let Some((status, range)) = loose_enhanced(text, at + 3, code) {
        (n.enhanced, n.enhanced_at) = (Some(status), range);
    }
    n
}

/// RFC 2034 puts the code first, with a blank behind it; `#5.1.1` and
/// `5.7.1?` are text.
fn stands_first(text: &str, from: usize, status: &Range<usize>) -> bool {
    !text[from..status.start].contains(['#', '(', '[']) && !text[status.end..].starts_with('?')
}

/// An enhanced code right behind a code: `550 5.1.1`, `550-5.1.1`,
/// `550 #5.1.1`, `(550, b'5.1.1`, `550 550 5.1.1`.
fn enhanced_after(text: &str, at: usize) -> Option<(Status, Range<usize>)> {
    let rest = &text[at..];
    let mut from = at + skip_lead(rest);
    let code = &text[at - 3..at];
    if text[from..].starts_with(code) {
        from += 3 + skip_lead(&text[from + 3..]);
    }
    status_at(text, from)
}

fn skip_lead(rest: &str) -> usize {
    let trimmed = rest.trim_start_matches([' ', '-', '#', '(', '[', ',', '\'', '"', ':', '\t']);
    let trimmed = trimmed.strip_prefix("b'").or_else(|| trimmed.strip_prefix("b\"")).unwrap_or(trimmed);
    rest.len() - trimmed.len()
}

/// A status that begins at `at` and ends there as a number of its own.
fn status_at(text: &str, at: usize) -> Option<(Status, Range<usize>)> {
    let rest = &text[at..];
    let len = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == 'X' || c == 'x')).unwrap_or(rest.len());
    let word = rest[..len].trim_end_matches('.');
    let glued = rest[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '@');
    let status = Status::parse(word)?;
    (!glued).then_some((status, at..at + word.len()))
}

/// An enhanced code further on: `User unknown (#5.1.1)`. One of the code's own
/// class wins over others.
fn loose_enhanced(text: &str, from: usize, code: u16) -> Option<(Status, Range<usize>)> {
    let mut found = standing_statuses(text, from);
    let first = found.next()?;
    let class = |s: &Status| u16::from(s.class) == code / 100;
    if class(&first.0) {
        return Some(first);
    }
    Some(found.find(|(s, _)| class(s)).unwrap_or(first))
}

/// Statuses that stand by themselves, with a separator or bracket in front.
fn standing_statuses(text: &str, from: usize) -> impl Iterator<Item = (Status, Range<usize>)> + '_ {
    let b = text.as_bytes();
    (from..b.len()).filter_map(move |at| {
        let lead = matches!(b[at], b'2' | b'4' | b'5' | b'X');
        let free = at == 0 || matches!(b[at - 1], b' ' | b'(' | b'[' | b'#' | b',' | b';' | b':' | b'\n' | b'\'' | b'"' | b'=' | b'-');
        (lead && free && !is_version(text, at)).then(|| status_at(text, at)).flatten()
    })
}

fn is_version(text: &str, at: usize) -> bool {
    const WORDS: [&str; 4] = ["version", "v", "release", "ver."];
    let word = end(text[..at].trim_end(), "version".len() + 1).rsplit(' ').next().unwrap_or("");
    WORDS.iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// No code at all: `5.1.1` alone, `X.7.26`, `(#5.1.1)`.
fn bare_enhanced(text: &str) -> Numbers {
    let Some((status, range)) = standing_statuses(text, 0).next() else { return Numbers::default() };
    let leads = text[..range.start].trim_matches([' ', '#', '(', '[', '\'', '"', '\n']).is_empty();
    let text_at = if leads { range.end } else { 0 };
    Numbers { enhanced: Some(status), enhanced_at: range, enhanced_first: leads, text_at, ..Numbers::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> (Option<u16>, Option<String>) {
        let n = find(text, |code| (200..600).contains(&code) || code == 605);
        (n.code, n.enhanced.map(|s| s.to_string()))
    }

    fn both(code: u16, enhanced: &str) -> (Option<u16>, Option<String>) {
        (Some(code), (!enhanced.is_empty()).then(|| enhanced.to_string()))
    }

    #[test]
    fn the_number_of_an_error_is_no_success() {
        for text in [r#"{"ErrorCode":300,"Message":"Invalid email"}"#, "errorcode = 250"] {
            assert_eq!(numbers(text).0, None, "{text}");
        }
        for (text, code) in [(r#"{"ErrorCode":550}"#, 550), ("SMTP error: 250 ok", 250)] {
            assert_eq!(numbers(text).0, Some(code), "{text}");
        }
    }

    #[test]
    fn numbers_are_found_however_they_are_wrapped() {
        for (text, code, enhanced) in [
            ("550 5.1.1 User unknown", 550, "5.1.1"),
            ("550-5.7.26 This mail", 550, "5.7.26"),
            ("550 #5.1.1 bad", 550, "5.1.1"),
            ("553 sorry (#5.7.1)", 553, "5.7.1"),
            ("550 550 5.1.1 no", 550, "5.1.1"),
            ("[550 5.7.1 no]", 550, "5.7.1"),
            ("smtp;550 5.1.1 x", 550, "5.1.1"),
            ("host mx[192.0.2.1] said: 450 4.2.1 x (in reply to RCPT TO command)", 450, "4.2.1"),
            ("(550, b'5.1.1 no')", 550, "5.1.1"),
            ("Remote host said: 554 no", 554, ""),
            ("ResponseCode 421, Host not reachable", 421, ""),
            ("ERROR_CODE :550, ERROR_CODE :5.2.2 full", 550, "5.2.2"),
            ("failed,5.1.1 (bad mailbox),smtp;553 Relaying", 553, ""),
            ("400 from parameter is missing", 400, ""),
            ("220 mx ready\n250 ok\n550 5.1.1 no", 550, "5.1.1"),
            ("550", 550, ""),
            ("450 4.1.1 <u>: unverified: host mx said: 550 5.7.1 no", 450, "4.1.1"),
            ("550 Särskilt fel", 550, ""),
            ("550 Secönd try", 550, ""),
        ] {
            assert_eq!(numbers(text), both(code, enhanced), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_codes() {
        for text in
            ["256 bits", "timeout after 300 seconds", "198.51.100.550", "connect to mx.example.com:587", "Port: 465", "line 550", "a550b"]
        {
            assert_eq!(numbers(text), (None, None), "{text}");
        }
        for text in ["lost connection from x[2001:db8::375]", "x[2001:db8:296:a8ad::1]: no", "from 2001:db8:1e0::395."] {
            assert_eq!(numbers(text), (None, None), "{text}");
        }
        assert_eq!(numbers("reason:550 no"), both(550, ""));
        for text in ["550 version 5.2.1 refused", "550 at 10.5.1.1", "550 id 5.7.1234"] {
            assert_eq!(numbers(text), both(550, ""), "{text}");
        }
    }

    #[test]
    fn an_enhanced_code_may_stand_alone() {
        assert_eq!(numbers("5.1.1"), (None, Some("5.1.1".into())));
        assert_eq!(numbers("X.7.26"), (None, Some("X.7.26".into())));
        assert_eq!(numbers("Sorry, no mailbox (#5.1.1)"), (None, Some("5.1.1".into())));
    }
}
