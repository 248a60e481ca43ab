//! Reads lines of Postfix behind the two stamps that syslog daemons write by
//! themselves, `Nov 21 17:40:48` and RFC 3339, without the detours of the
//! general reader: nine of ten lines are told to be of no interest by their
//! first bytes. What is written in any other way is left to the general
//! reader, which gives the same records. It must not know meanings.

use std::borrow::Cow;

use super::inbound;
use super::names::{Host, id_at};
use super::reason::{self, Told};
use super::{Line, parse};
use crate::block::{Block, Marks, run_len, starts_with};
use crate::input::find::{near, rcut};
use crate::input::quick::{Failed, Quick, Sent};
use crate::input::record::Said;
use crate::input::{Direction, Kind};

/// Reads lines one after another.
#[derive(Default)]
pub struct Cutter<'l> {
    /// `STAMP HOST postfix` of the last line, which most lines share, and the
    /// length of its stamp.
    head: &'l [u8],
    stamp: usize,
    /// Of failures only what is counted is told.
    lean: bool,
}

impl<'l> Cutter<'l> {
    /// One that tells of failures only what is counted, where that is enough.
    pub fn lean() -> Cutter<'l> {
        Cutter { lean: true, ..Cutter::default() }
    }

    /// Reads a line without its end.
    pub fn read(&mut self, line: &'l str) -> Quick<'l> {
        let Some(start) = self.text_at(line.as_bytes()) else { return Quick::Other };
        let bytes = &line.as_bytes()[start..];
        let (len, is_id) = id_at(bytes);
        let marked = bytes[len..].starts_with(b": ");
        if if marked { is_noise_of_message(&bytes[len + 2..]) } else { is_noise(bytes) } {
            return Quick::Nothing;
        }
        let (stamp, text) = (&line[..self.stamp], &line[start..]);
        let told = if marked { self.told(stamp, &text[..len], is_id, &text[len + 2..]) } else { None };
        told.unwrap_or_else(|| match parse(text) {
            None => Quick::Nothing,
            Some(Line::Sender(id, sender)) => Quick::Sender(id, sender),
            Some(Line::Record(record)) => Quick::Record(stamp, record),
        })
    }

    /// What follows a queue id, or another word, and a colon.
    fn told(&self, stamp: &'l str, id: &'l str, is_id: bool, rest: &'l str) -> Option<Quick<'l>> {
        if is_id && rest.starts_with("to=<") {
            self.attempt(stamp, id, &rest[4..])
        } else if is_id && rest.starts_with("from=<") {
            queued(id, &rest[6..])
        } else if self.lean && rest.starts_with("reject: ") {
            refused(id, is_id, rest).map(|failed| Quick::Failed(stamp, failed))
        } else {
            None
        }
    }

    /// `TO>, …, status=WORD (…)` behind a queue id.
    fn attempt(&self, stamp: &'l str, queue_id: &'l str, to: &'l str) -> Option<Quick<'l>> {
        let attempt = Attempt::of(queue_id, to)?;
        if attempt.outcome.starts_with("sent (") {
            return Some(Quick::Sent(stamp, attempt.sent()));
        }
        let failed = if self.lean { attempt.failed() } else { None };
        failed.map(|failed| Quick::Failed(stamp, failed))
    }

    /// Where the text of `STAMP HOST postfix/PROGRAM[PID]: text` starts.
    fn text_at(&mut self, line: &'l [u8]) -> Option<usize> {
        if self.head.is_empty() || !starts_with(line, self.head) {
            let (stamp, head) = head_len(line)?;
            (self.stamp, self.head) = (stamp, &line[..head]);
        }
        let pid = self.head.len() + program_len(&line[self.head.len()..]);
        let digits = line[pid..].strip_prefix(b"[")?;
        let end = pid + 1 + run_len(digits, Block::digits);
        line[end..].starts_with(b"]: ").then_some(())?;
        let blanks = line[end + 3..].iter().take_while(|b| **b == b' ').count();
        Some(end + 3 + blanks)
    }
}

/// Lengths of the stamp and of `STAMP HOST postfix`.
fn head_len(line: &[u8]) -> Option<(usize, usize)> {
    let stamp = stamp_len(line)?;
    let host = stamp + 1 + run_len(line.get(stamp + 1..)?, joins);
    line.get(host..)?.starts_with(b" postfix").then_some((stamp, host + 8))
}

/// Whether what follows a queue id, or another word and a colon, is of the
/// kinds that make up most of a log and tell nothing.
fn is_noise_of_message(rest: &[u8]) -> bool {
    match rest.first() {
        Some(b'c') => rest.starts_with(b"client="),
        Some(b'm') => rest.starts_with(b"message-id="),
        Some(b'r') => rest.starts_with(b"removed"),
        Some(b'u') => rest.starts_with(b"uid="),
        _ => false,
    }
}

/// Whether a text without a queue id is of the kinds that make up most of a log
/// and tell nothing: [`parse`] finds nothing in them. What it finds something
/// in begins with small letters or with capital ones, such as `PREGREET`.
fn is_noise(text: &[u8]) -> bool {
    match text {
        [b'A'..=b'Z', b'a'..=b'z', ..] => true,
        [b'c', ..] => text.starts_with(b"connect from "),
        [b'd', ..] => text.starts_with(b"disconnect from "),
        _ => false,
    }
}

/// `FROM>, size=…, nrcpt=…` behind a queue id.
fn queued<'l>(queue_id: &'l str, from: &'l str) -> Option<Quick<'l>> {
    let end = near(from.as_bytes(), b'>')?;
    let size = from[end..].strip_prefix(">, size=")?.as_bytes();
    let nrcpt = &size[run_len(size, Block::digits)..];
    nrcpt.starts_with(b", nrcpt=").then(|| Quick::Sender(queue_id, &from[..end]))
}

/// An attempt to deliver, as [`parse`] reads it, where nothing stands in its
/// line twice that is a mark.
struct Attempt<'l> {
    queue_id: &'l str,
    recipient: &'l str,
    relay: Option<&'l str>,
    /// What stands between the relay and the outcome.
    fields: &'l str,
    /// What follows `status=`.
    outcome: &'l str,
}

impl<'l> Attempt<'l> {
    /// Reads `TO>, relay=…, …, status=WORD (…)` behind a queue id.
    fn of(queue_id: &'l str, to: &'l str) -> Option<Attempt<'l>> {
        let recipient = near(to.as_bytes(), b'>')?;
        let mut rest = &to[recipient..];
        if let Some(original) = rest.strip_prefix(">, orig_to=<") {
            rest = &original[near(original.as_bytes(), b'>')?..];
        }
        let (relay, rest) = relay(rest.strip_prefix(">, relay=")?)?;
        let at = if rest.starts_with(STATUS) { 0 } else { status(rest.as_bytes())? };
        let (fields, outcome) = (&rest[..at], &rest[at + STATUS.len()..]);
        Some(Attempt { queue_id, recipient: &to[..recipient], relay, fields, outcome })
    }

    fn sent(self) -> Sent<'l> {
        Sent { queue_id: self.queue_id, recipient: self.recipient, relay: self.relay }
    }

    /// `deferred (REASON)` or `bounced (REASON)`.
    fn failed(self) -> Option<Failed<'l>> {
        let reason = ["deferred (", "bounced ("].iter().find_map(|status| self.outcome.strip_prefix(status))?;
        let (text, kind) = match reason.strip_prefix("delivery temporarily suspended: ") {
            Some(text) => (text, Kind::Intermediate),
            None => (reason, Kind::Attempt),
        };
        let mta_dsn = rcut(self.fields, "dsn=").map(|(_, dsn)| dsn);
        let reason = reason::read(&Told { text, bracketed: true, dsn: mta_dsn });
        let Cow::Borrowed(text) = reason.text else { return None };
        let said = Said { text, mta_dsn, relay: self.relay.or(reason.host.name), stage: reason.stage, direction: Direction::Out };
        Some(Failed { kind, queue_id: Some(self.queue_id), sender: None, recipient: Some(self.recipient), said })
    }
}

/// `reject: …` behind a queue id or `NOQUEUE`.
fn refused<'l>(id: &'l str, is_id: bool, rest: &'l str) -> Option<Failed<'l>> {
    if !is_id && id != "NOQUEUE" {
        return None;
    }
    let found = inbound::refused(rest)?;
    let said = Said { text: found.text, mta_dsn: None, relay: found.client.name, stage: found.stage, direction: Direction::In };
    let (kind, sender, recipient) = (found.kind, found.sender, found.recipient);
    Some(Failed { kind, queue_id: is_id.then_some(id), sender, recipient, said })
}

/// The name of a relay in front, and what follows it from its comma on.
fn relay(text: &str) -> Option<(Option<&str>, &str)> {
    let (host, rest) = Host::at(text).unwrap_or((Host::default(), text));
    if host.inside.is_some_and(|inside| near(inside.as_bytes(), b',').is_some()) {
        return None;
    }
    let rest = &rest[near(rest.as_bytes(), b',')?..];
    rest.starts_with(", ").then_some((host.name, rest))
}

/// Stands before the outcome.
const STATUS: &str = ", status=";

/// Where [`STATUS`] stands: by its second letter, since the fields before it
/// have commas, but hardly a `t`.
fn status(fields: &[u8]) -> Option<usize> {
    const MARK: &[u8] = STATUS.as_bytes();
    const LETTER: usize = 3;
    let mut from = LETTER;
    loop {
        let at = from + near(fields.get(from..)?, MARK[LETTER])?;
        if fields[at - LETTER..].starts_with(MARK) {
            return Some(at - LETTER);
        }
        from = at + 1;
    }
}

/// Length of the program's name behind `postfix`.
fn program_len(ident: &[u8]) -> usize {
    match ident {
        [b'/', b's', b'm', b't', b'p', b'[', ..] => 5,
        [b'/', b's', b'm', b't', b'p', b'd', b'[', ..] => 6,
        [b'/', b'q', b'm', b'g', b'r', b'[', ..] => 5,
        [b'/', b'c', b'l', b'e', b'a', b'n', b'u', b'p', b'[', ..] => 8,
        _ => run_len(ident, joins),
    }
}

/// What names of hosts and programs are made of.
fn joins(block: Block) -> Marks {
    block.letters() | block.within(b'-', b'9') | block.is(b'_')
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
        for head in
            ["Nov 21 17:40:48 mx", "Nov  1 17:40:48 mx-1.example.com", "2026-11-21T17:40:48.086239+00:00 mx", "2026-11-21T17:40:48Z mx"]
        {
            for ident in ["postfix/smtp[151]", "postfix[1]", "postfix-out/submission/smtpd[1]"] {
                let line = format!("{head} {ident}: {text}");
                assert_eq!(Cutter::default().text_at(line.as_bytes()).map(|at| &line[at..]), Some(text), "{line}");
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
            assert!(Cutter::default().text_at(line.as_bytes()).is_none(), "{line}");
        }
    }

    fn read_sent(text: &str) -> Option<Sent<'_>> {
        let (id, to) = text.split_once(": to=<")?;
        let attempt = id_at(id.as_bytes()).1.then(|| Attempt::of(id, to)).flatten()?;
        attempt.outcome.starts_with("sent (").then(|| attempt.sent())
    }

    #[test]
    fn what_went_out_is_read_as_by_the_general_reader() {
        let tail = "delay=1, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)";
        for text in [
            format!("4B1234: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, {tail}"),
            format!("4B1234: to=<a@example.org>, orig_to=<b@example.org>, relay=192.0.2.1[192.0.2.1]:25, {tail}"),
            format!("4B1234: to=<a@example.org>, relay=/run/lmtp[/run/lmtp], {tail}"),
            "4B1234: to=<a>, relay=local, status=sent (a, status=bounced (b))".to_string(),
            "4B1234: to=<a@example.org>, relay=unknown[192.0.2.1], status=sent (delivered to maildir)".to_string(),
            "4B1234: to=<a>, relay=x[y]z, x, status=sent (, status=bounced)".to_string(),
        ] {
            let Some(Line::Record(record)) = parse(&text) else { panic!("{text}") };
            let expected = (record.queue_id.as_deref(), record.recipient.as_deref(), record.relay.as_deref());
            let found = read_sent(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((Some(found.queue_id), Some(found.recipient), found.relay), expected, "{text}");
            assert!(record.is_delivered());
        }
        for text in [
            format!("NOQUEUE: to=<a>, relay=b, {tail}"),
            format!("4B1234: to=<\"a>, b\"@example.org>, relay=local, {tail}"),
            format!("4B1234: to=<a@example.org>, relay=x[y, z], {tail}"),
            format!("4B1234: to=<a@example.org>, {tail}"),
            "4B1234: to=<a>, relay=b, status=bounced (x, status=sent (y))".to_string(),
            "4B1234: to=<a>, relay=b, status=sent".to_string(),
        ] {
            assert_eq!(read_sent(&text), None, "{text}");
        }
    }

    #[test]
    fn senders_are_read_as_by_the_general_reader() {
        for text in [
            "4B1234: from=<a@example.org>, size=12, nrcpt=1 (queue active)",
            "4B1234: from=<>, size=12, nrcpt=3 (queue active)",
            "4B1234: from=<\"a>b\"@example.org>, size=12, nrcpt=3 (queue active)",
        ] {
            let Some(Line::Sender(id, sender)) = parse(text) else { panic!("{text}") };
            let line = format!("Nov 21 17:40:48 mx postfix/qmgr[1]: {text}");
            assert!(matches!(Cutter::default().read(&line), Quick::Sender(i, s) if (i, s) == (id, sender)), "{text}");
        }
        for rest in ["a>, size=12", "a>, size=x, nrcpt=1", "a>, status=expired, returned to sender", "a"] {
            assert!(queued("4B1234", rest).is_none(), "{rest}");
        }
    }
}
