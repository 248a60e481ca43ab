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
    if !may_hold_reply(trimmed.as_bytes()) || !code::may_hold(trimmed) {
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

/// Whether there is a number where that of a reply by itself may stand, so that
/// all else is passed over quickly.
fn may_hold_reply(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(skip) = text[at..].iter().position(u8::is_ascii_digit) {
        let start = at + skip;
        at = text[start..].iter().position(|b| !b.is_ascii_digit()).map_or(text.len(), |len| start + len);
        let ends = text.get(at).is_none_or(|b| !b.is_ascii_alphanumeric());
        if at - start == 3 && ends && is_free(&text[..start]) {
            return true;
        }
    }
    false
}

/// Whether nothing stands in front of a number, or something that wraps it.
fn is_free(lead: &[u8]) -> bool {
    let end = lead.iter().rposition(|b| !matches!(b, b' ' | b'"' | b'\'' | b'<' | b'>' | b'[' | b'(' | b'*' | b'-'));
    end.is_none_or(|end| matches!(lead[end], b';' | b':') || lead[..=end].ends_with(b"said"))
}

/// Words that mark a failure of mail in any program's log.
const FAILURES: [&str; 9] =
    ["bounced", "deferred", "undeliverable", "delivery failed", "rejected", "user unknown", "mailbox", "relay access denied", "smtp error"];

/// The second letters of these words by their first ones, large or small, a bit
/// each: most places in a text begin with others.
const BEGINNINGS: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < FAILURES.len() {
        let word = FAILURES[n].as_bytes();
        table[word[0] as usize] |= bit(word[1]);
        table[word[0].to_ascii_uppercase() as usize] |= bit(word[1]);
        n += 1;
    }
    table
};

/// The first four letters of these words.
const HEADS: [u32; FAILURES.len()] = {
    let mut heads = [0; FAILURES.len()];
    let mut n = 0;
    while n < FAILURES.len() {
        let word = FAILURES[n].as_bytes();
        heads[n] = small([word[0], word[1], word[2], word[3]]);
        n += 1;
    }
    heads
};

/// Four letters as small ones; a few signs become others, too.
const fn small(head: [u8; 4]) -> u32 {
    u32::from_le_bytes(head) | 0x2020_2020
}

/// The bit of a letter, large or small, which few other signs have too.
const fn bit(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// Whether a text holds one of the words, in letters of any case.
pub fn looks_like_failure(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_at = |at: usize, word: &str| bytes[at..].get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()));
    let is_head = |at: usize| bytes[at..].first_chunk().is_some_and(|head| HEADS.contains(&small(*head)));
    let mut seconds = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if seconds & bit(*byte) != 0 && is_head(at - 1) && FAILURES.iter().any(|word| is_at(at - 1, word)) {
            return true;
        }
        seconds = BEGINNINGS[*byte as usize];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_known_in_letters_of_any_case() {
        for word in FAILURES {
            assert!(looks_like_failure(word) && looks_like_failure(&format!("é {} x", word.to_ascii_uppercase())), "{word}");
            assert!(!looks_like_failure(&word[1..]) && !looks_like_failure(&word[..word.len() - 1]), "{word}");
        }
        assert!(!looks_like_failure(""));
    }

    #[test]
    fn bare_and_wrapped_replies_are_read() {
        for line in [
            "550 5.1.1 User unknown",
            "smtp; 550 5.1.1 User unknown",
            "host mx.example.com[192.0.2.1] said: 550 no",
            "é: [\"550 no",
            "x;550 no",
            "-550 no",
            "it said 550 no",
        ] {
            assert!(read(line, 1).is_some(), "{line}");
        }
        for line in ["connection from 192.0.2.1 port 550", "", "the quick brown fox"] {
            assert!(read(line, 1).is_none(), "{line}");
        }
    }
}
