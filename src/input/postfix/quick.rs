//! Reads lines of Postfix behind the two stamps that syslog daemons write by
//! themselves, `Nov 21 17:40:48` and RFC 3339, without the detours of the
//! general reader: nine of ten lines are told to be of no interest by their
//! first bytes. What is written in any other way is left to the general
//! reader, which gives the same records. It must not know meanings.

use super::{Line, parse};
use crate::input::Record;

/// What a line is.
pub enum Quick<'l> {
    /// A line of Postfix without news.
    Nothing,
    /// A message's queue id and sender.
    Sender(&'l str, &'l str),
    /// The stamp, and a record without time and line number; its sender is
    /// only known where the line names it.
    Record(&'l str, Record<'l>),
    /// A line that this module cannot read.
    Other,
}

/// Reads a line without its end.
pub fn read(line: &str) -> Quick<'_> {
    let Some((stamp, text)) = split(line) else { return Quick::Other };
    match parse(text) {
        None => Quick::Nothing,
        Some(Line::Sender(id, sender)) => Quick::Sender(id, sender),
        Some(Line::Record(record)) => Quick::Record(stamp, record),
    }
}

/// The stamp and the text of `STAMP HOST postfix/PROGRAM[PID]: text`.
fn split(line: &str) -> Option<(&str, &str)> {
    let bytes = line.as_bytes();
    let stamp = stamp_len(bytes)?;
    let host = stamp + 1 + word_len(bytes.get(stamp + 1..)?);
    let ident = bytes.get(host..)?.strip_prefix(b" postfix")?;
    let pid = host + 8 + word_len(ident);
    let digits = bytes.get(pid..)?.strip_prefix(b"[")?;
    let end = pid + 1 + digits.iter().position(|b| !b.is_ascii_digit())?;
    bytes.get(end..)?.starts_with(b"]: ").then_some(())?;
    Some((&line[..stamp], line[end + 3..].trim_start_matches(' ')))
}

/// Length of letters, digits and what joins them in names of hosts and
/// programs.
fn word_len(bytes: &[u8]) -> usize {
    let joins = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/');
    bytes.iter().position(|b| !joins(b)).unwrap_or(bytes.len())
}

/// Length of the stamp, which a space follows.
fn stamp_len(b: &[u8]) -> Option<usize> {
    let len = match b.first()? {
        b'A'..=b'Z' => is_syslog(b.first_chunk::<15>()?).then_some(15),
        b'0'..=b'9' => iso_len(b),
        _ => None,
    }?;
    (b.get(len) == Some(&b' ')).then_some(len)
}

fn is_syslog(b: &[u8; 15]) -> bool {
    let month = matches!(
        &b[..4],
        b"Jan " | b"Feb " | b"Mar " | b"Apr " | b"May " | b"Jun " | b"Jul " | b"Aug " | b"Sep " | b"Oct " | b"Nov " | b"Dec "
    );
    let digit = |at: usize| b[at].is_ascii_digit();
    let day = (b[4] == b' ' || digit(4)) && digit(5) && b[6] == b' ';
    month && day && b[9] == b':' && b[12] == b':' && [7, 8, 10, 11, 13, 14].iter().all(|at| digit(*at))
}

/// `2026-11-21T17:40:48.086239+00:00`.
fn iso_len(b: &[u8]) -> Option<usize> {
    const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
    let fits = b.first_chunk::<19>()?.iter().zip(SHAPE).all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == s });
    let inside = |b: &u8| b.is_ascii_digit() || matches!(b, b'Z' | b':' | b'.' | b'+' | b'-');
    fits.then(|| b[19..].iter().position(|b| !inside(b)).map_or(b.len(), |n| n + 19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plain_forms_are_split() {
        let text = "4B1: removed";
        for head in ["Nov 21 17:40:48 mx", "Nov  1 17:40:48 mx-1.example.com", "2026-11-21T17:40:48.086239+00:00 mx", "2026-11-21T17:40:48Z mx"] {
            for ident in ["postfix/smtp[151]", "postfix[1]", "postfix-out/submission/smtpd[1]"] {
                let line = format!("{head} {ident}: {text}");
                assert_eq!(split(&line).map(|(_, text)| text), Some(text), "{line}");
            }
        }
        for line in [
            "Nov 21 17:40:48 mx smtp[151]: x",
            "Nov 21 17:40:48 mx postfix/smtp: x",
            "Nov 21 17:40:48 mx postfix/smtp[a]: x",
            "Nov 21 17:40:48.123 mx postfix/smtp[1]: x",
            "Nov 21 2026 17:40:48 mx postfix/smtp[1]: x",
            "Nov 21 17:40:48  postfix/smtp[1]:x",
            "<22>Nov 21 17:40:48 mx postfix/smtp[1]: x",
            "Nov 21 17:40:4é mx postfix/smtp[1]: x",
            "2026-11-21 17:40:48 mx postfix/smtp[1]: x",
            "",
        ] {
            assert!(split(line).is_none(), "{line}");
        }
    }
}
