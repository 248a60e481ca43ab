//! What the program that logged a reply says around it: the relay that spoke
//! and the stage of the session. It must not know codes or meanings.

use std::net::Ipv4Addr;
use std::ops::Range;

use crate::codes::status::Stage;

/// Facts from the words around a reply.
#[derive(Clone, Debug, Default)]
pub struct Wrapper {
    /// Host name of the relay, without the dot at its end.
    pub relay: Option<Range<usize>>,
    pub relay_ip: Option<Range<usize>>,
    pub stage: Option<Stage>,
    /// The reply's text ends here; behind it the program speaks again.
    pub tail_at: Option<usize>,
}

/// Reads the words around the reply in `text`.
pub fn read(text: &str) -> Wrapper {
    let (relay, relay_ip) = relay(text).unwrap_or_default();
    Wrapper { relay, relay_ip, stage: stage(text), tail_at: tail(text) }
}

/// Where ` (in reply to … command)` begins; only at the end of the text, for
/// replies may quote such words.
fn tail(text: &str) -> Option<usize> {
    let end = text.trim_end_matches([')', '\'', '"', ',', ' ', '\n']);
    let ends = end.ends_with(" command") || end.ends_with(" DATA");
    if ends { text.rfind(" (in reply to ") } else { None }
}

/// Words in front of the relay's name, as the mail servers print them.
const RELAY_MARKS: [&str; 14] = [
    "host ",
    "connect to ",
    "lost connection with ",
    "conversation with ",
    "while talking to ",
    "recipient domain by ",
    "by ",
    "server ",
    "Connected to ",
    "H=",
    "relay=",
    "Generating server: ",
    "Remote-MTA: dns; ",
    "Remote-MTA: dns;",
];

type Relay = (Option<Range<usize>>, Option<Range<usize>>);

/// `NAME[IP]`, `NAME [IP]`, `NAME (IP)` or `NAME` behind the first mark of
/// [`RELAY_MARKS`] that has one.
fn relay(text: &str) -> Option<Relay> {
    let bytes = text.as_bytes();
    let mut best: Option<(usize, Relay)> = None;
    for at in word_starts(bytes) {
        let better = best.as_ref().map_or(RELAY_MARKS.len(), |(mark, _)| *mark);
        for number in RELAY_STARTS.of(bytes[at]).take_while(|number| *number < better) {
            let mark = RELAY_MARKS[number];
            if bytes[at..].starts_with(mark.as_bytes())
                && let Some(found) = relay_at(text, at + mark.len())
            {
                best = Some((number, found));
                break;
            }
        }
    }
    best.map(|(_, relay)| relay)
}

/// Where a letter stands behind neither letter nor digit.
fn word_starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut inside = false;
    let begins = move |byte: &u8| !std::mem::replace(&mut inside, byte.is_ascii_alphanumeric()) && byte.is_ascii_alphabetic();
    bytes.iter().map(begins).enumerate().filter(|(_, begins)| *begins).map(|(at, _)| at)
}

fn relay_at(text: &str, at: usize) -> Option<Relay> {
    let rest = &text[at..];
    let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(rest.len());
    let name = rest[..len].trim_end_matches('.');
    let is_address = name.parse::<Ipv4Addr>().is_ok();
    if !is_address && !is_host_name(name) {
        return None;
    }
    let ip = ip_at(text, at + len);
    let is_name = !is_address && !name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Some((is_name.then_some(at..at + name.len()), ip))
}

/// Labels joined by dots, of which the last is no number (RFC 3696, 2).
fn is_host_name(name: &str) -> bool {
    let Some((_, last)) = name.rsplit_once('.') else { return false };
    let is_top = last.len() > 1 && !last.bytes().all(|b| b.is_ascii_digit());
    is_top && name.split('.').all(|label| !label.is_empty())
}

fn ip_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let open = rest.find(['[', '(']).filter(|n| *n <= 2)?;
    let start = at + open + 1;
    let len = text[start..].find([']', ')'])?;
    let inside = &text[start..start + len];
    inside.parse::<std::net::IpAddr>().is_ok().then_some(start..start + len)
}

/// Words that tell the stage, the more telling first.
const STAGE_MARKS: [(&str, Stage); 39] = [
    ("in reply to mail from", Stage::Mail),
    ("in reply to rcpt to", Stage::Rcpt),
    ("in reply to data", Stage::Data),
    ("in reply to end of data", Stage::EndOfData),
    ("in reply to ehlo", Stage::Ehlo),
    ("in reply to helo", Stage::Ehlo),
    ("in reply to lhlo", Stage::Ehlo),
    ("in reply to auth", Stage::Auth),
    ("in reply to starttls", Stage::StartTls),
    ("refused to start tls", Stage::StartTls),
    ("sasl authentication failed; server", Stage::Auth),
    ("refused to talk to me", Stage::Connect),
    ("after initial connection", Stage::Connect),
    ("after ehlo", Stage::Ehlo),
    ("after helo", Stage::Ehlo),
    ("after starttls", Stage::StartTls),
    ("after auth", Stage::Auth),
    ("after authentication", Stage::Auth),
    ("after mail from", Stage::Mail),
    ("after pipelined mail from", Stage::Mail),
    ("after rcpt to", Stage::Rcpt),
    ("after pipelined rcpt to", Stage::Rcpt),
    ("after end of data", Stage::EndOfData),
    ("after pipelined end of data", Stage::EndOfData),
    ("after data", Stage::Data),
    ("did not like our rcpt to", Stage::Rcpt),
    ("does not like recipient", Stage::Rcpt),
    ("did not like our mail from", Stage::Mail),
    ("sender was rejected", Stage::Mail),
    ("my name was rejected", Stage::Ehlo),
    ("greeting failed", Stage::Connect),
    ("failed on data command", Stage::Data),
    ("failed after i sent the message", Stage::EndOfData),
    ("invalid greeting", Stage::Connect),
    ("bad greeting", Stage::Connect),
    ("command: 'rcpt to'", Stage::Rcpt),
    ("command: 'mail from'", Stage::Mail),
    ("command: 'data'", Stage::EndOfData),
    ("rcpt to command failed", Stage::Rcpt),
];

/// All words that are looked for.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    RELAY_MARKS.into_iter().chain(STAGE_MARKS.iter().map(|(mark, _)| *mark))
}

/// Numbers of the marks that begin with a byte, as bits.
struct Starts([u64; 128]);

impl Starts {
    const fn add(mut self, mark: &str, number: usize) -> Starts {
        self.0[mark.as_bytes()[0] as usize] |= 1 << number;
        self
    }

    /// The numbers in their order.
    fn of(&self, first: u8) -> impl Iterator<Item = usize> {
        let mut left = self.0.get(usize::from(first)).copied().unwrap_or(0);
        std::iter::from_fn(move || {
            let number = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(number)
        })
    }
}

static RELAY_STARTS: Starts = {
    let (mut starts, mut number) = (Starts([0; 128]), 0);
    while number < RELAY_MARKS.len() {
        starts = starts.add(RELAY_MARKS[number], number);
        number += 1;
    }
    starts
};

static STAGE_STARTS: Starts = {
    let (mut starts, mut number) = (Starts([0; 128]), 0);
    while number < STAGE_MARKS.len() {
        starts = starts.add(STAGE_MARKS[number].0, number);
        number += 1;
    }
    starts
};

fn stage(text: &str) -> Option<Stage> {
    let bytes = text.as_bytes();
    let mut best = STAGE_MARKS.len();
    for at in word_starts(bytes) {
        let says = |number: &usize| starts_ignoring_case(&bytes[at..], STAGE_MARKS[*number].0.as_bytes());
        let first = bytes[at].to_ascii_lowercase();
        best = STAGE_STARTS.of(first).take_while(|number| *number < best).find(says).unwrap_or(best);
    }
    STAGE_MARKS.get(best).map(|(_, stage)| *stage)
}

/// The mark stands here and its last word ends with it.
fn starts_ignoring_case(bytes: &[u8], mark: &[u8]) -> bool {
    let ends = bytes.get(mark.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
    ends && bytes.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(text: &str) -> (Option<&str>, Option<&str>) {
        let w = read(text);
        (w.relay.map(|r| &text[r]), w.relay_ip.map(|r| &text[r]))
    }

    #[test]
    fn the_relay_is_read_from_each_servers_words() {
        let mx = Some("mx.example.com");
        let ip = Some("192.0.2.1");
        assert_eq!(relay("host mx.example.com[192.0.2.1] said: 550 no (in reply to RCPT TO command)"), (mx, ip));
        assert_eq!(relay("host mx.example.com [192.0.2.1]: 550 no"), (mx, ip));
        assert_eq!(relay("for the recipient domain example.com by mx.example.com. [192.0.2.1]."), (mx, ip));
        assert_eq!(relay("connect to mx.example.com[192.0.2.1]:25: Connection refused"), (mx, ip));
        assert_eq!(relay("host 192.0.2.1[192.0.2.1] said: 550 no"), (None, ip));
        assert_eq!(relay("550 5.1.1 host unknown"), (None, None));
        assert_eq!(relay("host mx3.55 said: 550 no"), (None, None));
    }

    #[test]
    fn the_stage_is_read_from_each_servers_words() {
        assert_eq!(read("said: 550 no (in reply to end of DATA command)").stage, Some(Stage::EndOfData));
        assert_eq!(read("SMTP error from remote mail server after RCPT TO:<a@example.com>: 550").stage, Some(Stage::Rcpt));
        assert_eq!(read("host mx.example.com[192.0.2.1] refused to talk to me: 554").stage, Some(Stage::Connect));
        assert_eq!(read("550 5.1.1 no").stage, None);
    }

    #[test]
    fn the_program_speaks_again_behind_the_reply() {
        assert_eq!(read("said: 550 no (in reply to end of DATA command))").tail_at, Some(12));
        assert_eq!(read("said: 550 no (in reply to the 9command)").tail_at, None);
    }

    #[test]
    fn words_that_only_begin_like_a_stage_are_none() {
        for text in ["451 closed after database failure", "User dont exist after helo1", "451 gone after author.example said so"] {
            assert_eq!(read(text).stage, None, "{text}");
        }
    }
}
