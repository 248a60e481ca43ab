//! Bare replies, one a line, and lines that look like a failure of mail though
//! no grammar fits. It must not know log formats.

use std::borrow::Cow;

use memchr::memchr;

use super::{Kind, Record};
use crate::reply::code;

/// Name of the format.
pub const FORMAT: &str = "plain";

/// A line that begins as a reply does and is in no envelope: nothing but a bare
/// reply, unless it continues what another format began.
pub fn starts_reply(line: &str) -> bool {
    let [class, rest @ ..] = line.as_bytes() else { return false };
    let digits = rest.len() > 2 && rest[..2].iter().all(u8::is_ascii_digit);
    // Tables of sizes have more blanks.
    let text = rest.get(3).is_some_and(|b| *b != b' ');
    (b'2'..=b'5').contains(class) && digits && matches!(rest[2], b' ' | b'-') && text && memchr(b'|', rest).is_none()
}

/// A line that is a reply by itself: it begins with a reply code, or wraps one
/// as programs do (`smtp; 550 …`, `host x said: 550 …`).
pub fn read(line: &str, number: u64) -> Option<Record<'_>> {
    let trimmed = line.trim();
    if !code::may_hold(trimmed) {
        return None;
    }
    let found = code::find(trimmed, |_| false);
    let lead = &trimmed[..found.code_at.start];
    let bare = lead.trim_matches([' ', '"', '\'', '<', '>', '[', '(', '*', '-']);
    let wrapped = bare.is_empty() || bare.ends_with([';', ':']) || bare.ends_with("said");
    if found.code.is_none() || !wrapped {
        return None;
    }
    Some(Record { kind: Kind::Attempt, format: FORMAT, text: Cow::Borrowed(trimmed), line: number, ..Record::default() })
}

/// Words that mark a failure of mail in any program's log.
pub fn looks_like_failure(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "bounced",
        "deferred",
        "undeliverable",
        "delivery failed",
        "rejected",
        "user unknown",
        "mailbox",
        "relay access denied",
        "smtp error",
    ];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_wrapped_replies_are_read() {
        for line in ["550 5.1.1 User unknown", "smtp; 550 5.1.1 User unknown", "host mx.example.com[192.0.2.1] said: 550 no"] {
            assert!(read(line, 1).is_some(), "{line}");
        }
        for line in ["connection from 192.0.2.1 port 550", "", "the quick brown fox"] {
            assert!(read(line, 1).is_none(), "{line}");
        }
    }
}
