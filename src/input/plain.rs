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
pub(super) fn may_hold_reply(text: &[u8]) -> bool {
    let mut at = DIGITS - 1;
    // A number has one of every three bytes.
    while at < text.len() {
        if text[at].is_ascii_digit() && is_in_reply(text, at) {
            return true;
        }
        at += DIGITS;
    }
    false
}

/// Digits of a reply code.
const DIGITS: usize = 3;

/// Whether the number that a digit is of may be that of a reply.
fn is_in_reply(text: &[u8], at: usize) -> bool {
    let start = match text[..at] {
        [.., b'0'..=b'9', b'0'..=b'9'] => at - 2,
        [.., b'0'..=b'9'] => at - 1,
        _ => at,
    };
    let (lead, number) = text.split_at(start);
    let may_follow = |before: &u8| is_wrap(*before) || matches!(before, b';' | b':' | b'd');
    lead.last().is_none_or(may_follow) && begins_with_number(number) && is_free(lead)
}

/// Whether three digits stand in front, and neither a word nor a fraction goes
/// on behind them.
fn begins_with_number(text: &[u8]) -> bool {
    match text {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', rest @ ..] => match rest {
            [b'.', digit, ..] => !digit.is_ascii_digit(),
            [byte, ..] => !byte.is_ascii_alphanumeric(),
            [] => true,
        },
        _ => false,
    }
}

/// Whether nothing stands in front of a number, or something that wraps it.
fn is_free(lead: &[u8]) -> bool {
    let end = lead.iter().rposition(|b| !is_wrap(*b));
    end.is_none_or(|end| matches!(lead[end], b';' | b':') || lead[..=end].ends_with(b"said"))
}

fn is_wrap(byte: u8) -> bool {
    matches!(byte, b' ' | b'"' | b'\'' | b'<' | b'>' | b'[' | b'(' | b'*' | b'-')
}

/// Words that mark a failure of mail in any program's log.
const FAILURES: [&str; 9] =
    ["bounced", "deferred", "undeliverable", "delivery failed", "rejected", "user unknown", "mailbox", "relay access denied", "smtp error"];

/// Letters that each of these words has at the least.
const LEAST: usize = 7;

/// How far behind a pair of bytes the first [`LEAST`] letters of a word may end
/// that has it among them; 0: they end with it.
const STEPS: [u8; 1024] = {
    let mut steps = [LEAST as u8 - 1; 1024];
    let mut n = 0;
    while n < FAILURES.len() {
        let word = FAILURES[n].as_bytes();
        let mut at = 1;
        while at < LEAST {
            let (step, pair) = ((LEAST - 1 - at) as u8, pair(word[at - 1], word[at]));
            steps[pair] = if step < steps[pair] { step } else { steps[pair] };
            at += 1;
        }
        n += 1;
    }
    steps
};

/// The place of two bytes in a table, letters of any case; a few signs share
/// that of letters.
const fn pair(first: u8, second: u8) -> usize {
    ((first as usize & 31) << 5) | (second as usize & 31)
}

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

/// Whether a text holds one of the words, in letters of any case: it is looked
/// at only where the first letters of a word that was not seen yet may end.
pub fn looks_like_failure(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = LEAST - 1;
    while at < bytes.len() {
        let step = usize::from(STEPS[pair(bytes[at - 1], bytes[at])]);
        if step == 0 && begins_with_failure(&bytes[at + 1 - LEAST..]) {
            return true;
        }
        at += step.max(1);
    }
    false
}

/// Whether a text begins with one of the words.
#[cold]
fn begins_with_failure(text: &[u8]) -> bool {
    let is = |word: &&str| text.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()));
    text.first_chunk().is_some_and(|head| HEADS.contains(&small(*head))) && FAILURES.iter().any(is)
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
    fn failures_are_found_wherever_they_stand() {
        let lead = "jected deferre mail dbounce smtp user unknow ";
        for word in FAILURES {
            for at in 0..lead.len() {
                assert!(looks_like_failure(&format!("{}{word}", &lead[at..])), "{} {word}", &lead[at..]);
            }
        }
        assert!(!looks_like_failure(lead));
    }

    #[test]
    fn numbers_of_replies_are_found_wherever_they_stand() {
        for lead in ["", "a", "ab", "a1", "12", "é"] {
            for wrap in ["; ", ":", "said ", "said", ": [\"", ";-"] {
                for end in ["", " ", "-x", ".", ".x", "\"", "é"] {
                    let text = format!("{lead}{wrap}550{end}");
                    assert!(may_hold_reply(text.as_bytes()), "{text}");
                }
                for end in ["0", "x", ".5"] {
                    let text = format!("{lead}{wrap}550{end}");
                    assert!(!may_hold_reply(text.as_bytes()), "{text}");
                }
            }
        }
        for text in ["a 550", "=550", "1:55", "12:1550", "aid 550", "550x"] {
            assert!(!may_hold_reply(text.as_bytes()), "{text}");
        }
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
