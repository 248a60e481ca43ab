//! Reads lines of Exim's own logs, which begin with a stamp, without the
//! detours of the general reader: three of four lines are told by the bytes
//! behind the message id. What is written in any other way is left to the
//! general reader, which gives the same records. It must not know meanings.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

use super::line::{Event, Line};
use super::{Detail, FORMAT, Told, is_open_login, told};
use crate::input::find::find;
use crate::input::quick::{Quick, Sent};
use crate::input::{Direction, Record, span};

/// Whether a line may begin with Exim's stamp.
pub fn has_own_stamp(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.get(10) == Some(&b' ') && bytes[4] == b'-' && bytes[0].is_ascii_digit()
}

/// All that a line tells which holds a record and Exim's own stamp, but for
/// what other lines tell.
pub fn whole_record(line: &str, number: u64) -> Option<Record<'_>> {
    match told(&Line::read(line), Detail::All) {
        Told::Record(record) => Some(Record { format: FORMAT, line: number, ..record }),
        Told::Nothing | Told::Sender(..) => None,
    }
}

/// Reads lines one after another.
#[derive(Default)]
pub struct Cutter<'l> {
    /// The stamp of the last line, which neighbours share.
    stamp: &'l str,
    /// The last line of Exim was read here, so that no login is open, which a
    /// line of Exim would end.
    settled: bool,
    detail: Detail,
}

impl<'l> Cutter<'l> {
    /// One that tells all of a record, not only what is counted.
    pub fn whole() -> Cutter<'l> {
        Cutter { detail: Detail::All, ..Cutter::default() }
    }

    /// A line was left to the general reader.
    pub fn unsettle(&mut self) {
        self.settled = false;
    }

    /// Reads a line without its end.
    pub fn read(&mut self, line: &'l str) -> Quick<'l> {
        let mut quick = self.line(line);
        if !matches!(quick, Quick::Unclaimed) {
            let settled = std::mem::replace(&mut self.settled, !matches!(quick, Quick::Other));
            if !settled {
                quick = Quick::Other;
            }
        }
        quick
    }

    fn line(&mut self, text: &'l str) -> Quick<'l> {
        let line = match self.behind_stamp(text) {
            Some(rest) => Line::behind_stamp(Some(&text[..self.stamp.len()]), rest),
            None => Line::read(text),
        };
        let Some(stamp) = line.time else { return Quick::Other };
        self.stamp = stamp;
        if is_of_panel(text, &line) {
            return Quick::Other;
        }
        match line.event {
            Event::Other if line.id.is_some() => Quick::Nothing,
            Event::Other => {
                if is_unclaimed(&line) {
                    Quick::Unclaimed
                } else {
                    Quick::Other
                }
            }
            Event::Arrival => arrival(&line),
            Event::Delivered => match sent(&line) {
                Some(sent) => Quick::Sent(stamp, sent),
                None => record(stamp, &line, self.detail),
            },
            _ => record(stamp, &line, self.detail),
        }
    }

    /// What follows the stamp, if it is that of the last line.
    fn behind_stamp(&self, text: &'l str) -> Option<&'l str> {
        let rest = text.strip_prefix(self.stamp)?.strip_prefix(' ')?;
        // A zone would be part of the stamp.
        (!self.stamp.is_empty() && !rest.starts_with(['+', '-'])).then_some(rest)
    }
}

/// Whether a line may be that of a mail panel, `STAMP | LEVEL | text`, whose
/// stamp has 40 bytes at most.
fn is_of_panel(text: &str, line: &Line<'_>) -> bool {
    // Stamps, ids and the signs of events hold no bar; names of logins may.
    let from = if line.event == Event::Login { 19 } else { text.len() - line.rest.len() };
    text.as_bytes().get(from..text.len().min(42)).is_some_and(|begin| memchr(b'|', begin).is_some())
}

/// Words at the start of lines of Exim that tell nothing of mail. No format
/// claims a line that begins with a stamp and them but by what it says further
/// on, in braces or behind `id=`.
const UNCLAIMED: [&str; 13] = [
    "SMTP connection ",
    "SMTP protocol ",
    "SMTP command timeout ",
    "SMTP data timeout ",
    "SMTP syntax error ",
    "SMTP call from ",
    "no host name found for ",
    "no IP address found for ",
    "no MAIL in SMTP connection ",
    "unexpected disconnection while ",
    "Start queue run",
    "End queue run",
    "cwd=",
];

fn is_unclaimed(line: &Line<'_>) -> bool {
    let known = UNCLAIMED.iter().any(|words| line.rest.starts_with(words));
    known && memchr(b'{', line.rest.as_bytes()).is_none() && find(line.rest, " id=").is_none()
}

fn arrival<'l>(line: &Line<'l>) -> Quick<'l> {
    let end = memchr(b' ', line.rest.as_bytes()).unwrap_or(line.rest.len());
    line.id.map_or(Quick::Other, |id| Quick::Sender(id, span::address(&line.rest[..end])))
}

/// A line that the general grammar reads.
fn record<'l>(stamp: &'l str, line: &Line<'l>, detail: Detail) -> Quick<'l> {
    match told(line, detail) {
        Told::Nothing => Quick::Nothing,
        Told::Sender(id, sender) => Quick::Sender(id, sender),
        Told::Record(record) if is_plain(&record) => Quick::Record(stamp, record),
        Told::Record(_) => Quick::Other,
    }
}

/// Whether nothing must be known of other lines, and no name was changed.
fn is_plain(record: &Record<'_>) -> bool {
    let names = [&record.sender, &record.recipient, &record.relay];
    let of_client = record.direction == Direction::In && record.queue_id.is_some() && record.sender.is_none();
    !of_client && !is_open_login(record) && !names.iter().any(|name| matches!(name, Some(Cow::Owned(_))))
}

/// `ADDRESS R=… T=… H=HOST …` where it is as simple as most: what [`told`] finds.
fn sent<'l>(line: &Line<'l>) -> Option<Sent<'l>> {
    let end = memchr(b' ', line.rest.as_bytes())?;
    let recipient = &line.rest[..end];
    let fields = &line.rest[end..];
    let simple = matches!(recipient.as_bytes(), [b'!' | b'#'..=b'9' | b';'..=b'~', .., b'!'..=b'9' | b'?'..=b'~'])
        && memchr2(b'\\', b'#', recipient.as_bytes()).is_none();
    if !simple || !(fields.starts_with(" R=") || fields.starts_with(" T=")) {
        return None;
    }
    let relay = relay(fields)?;
    Some(Sent { queue_id: line.id?, recipient, relay })
}

/// The host in fields of one word each, if there is one; `None` where fields
/// may be of another kind, or name a sender.
fn relay(fields: &str) -> Option<Option<&str>> {
    let mut rest = fields;
    while !rest.is_empty() {
        let field = rest.strip_prefix(' ')?;
        let end = memchr(b' ', field.as_bytes()).unwrap_or(field.len());
        let word = &field[..end];
        match *word.as_bytes() {
            [b'H', b'=', b'!'..=b'\'' | b'*'..=b'Z' | b'\\'..=b'~', ..] if !word.ends_with(':') => {
                return names_no_more(&field[end..]).then_some(Some(&word[2..]));
            }
            [b'R' | b'T' | b'S', b'=', first, ..] if !matches!(first, b'<' | b'"') && !word.ends_with(':') => rest = &field[end..],
            _ => return None,
        }
    }
    Some(None)
}

/// Whether no field behind the host names another one, or a sender.
fn names_no_more(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    !memchr_iter(b'=', bytes).any(|at| at > 0 && matches!(bytes[at - 1], b'H' | b'F' | b'P'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: &str = "2026-11-21 17:40:48";

    fn read(line: &str) -> Quick<'_> {
        Cutter { settled: true, ..Cutter::default() }.read(line)
    }

    #[test]
    fn stamps_of_all_kinds_are_known_and_remembered() {
        for stamp in [STAMP, "2026-11-21 17:40:48.123", "2026-11-21 17:40:48 +0100", "2026-11-21 17:40:48.123 -0330"] {
            for pid in ["", "[123] "] {
                for id in ["1xUpSY-00001K-2v", "1w1wyK-0000000FUyH-t2iD"] {
                    let line = format!("{stamp} {pid}{id} => a@example.com R=d T=t H=mx.example.com [192.0.2.1]");
                    let other = format!("{STAMP} {id} => a@example.com R=d");
                    let mut cutter = Cutter { settled: true, ..Cutter::default() };
                    for (line, expected) in [(&line, stamp), (&line, stamp), (&other, STAMP), (&line, stamp)] {
                        assert!(has_own_stamp(line));
                        let Quick::Sent(found, sent) = cutter.read(line) else { panic!("{line}") };
                        assert_eq!((found, sent.queue_id, sent.recipient), (expected, id, "a@example.com"), "{line}");
                    }
                }
            }
        }
        for line in [
            "2026-11-21 17:40:48,123 1xUpSY-00001K-2v Completed",
            "2026-11-21 17:40:48.1 1xUpSY-00001K-2v Completed",
            "2026-11-21 17:40:4x 1xUpSY-00001K-2v Completed",
            "2026-11-21 17:40:48 1xUpSY-00001K-2v => | info | x R=d",
            "2026-11-21 17:40:48 | info | 1xUpSY-00001K-2v Completed",
            "2026-11-21 17:40:48 other[1]: mail rejected",
            "2026-11-21 17:40:48 SMTP connection from [192.0.2.1] id=x a.1 REJECTED from=<a>",
        ] {
            assert!(matches!(read(line), Quick::Other), "{line}");
        }
    }

    #[test]
    fn what_went_out_is_read_as_by_the_general_reader() {
        for (text, is_quick) in [
            ("a@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]:25* X=TLS1.3:A:256 CV=yes C=\"250 ok\"", true),
            ("a@example.com R=dnslookup T=remote_smtp S=12 H=mx.example.com [192.0.2.1] C=\"250 ok: x=1\"", true),
            ("a@example.com R=localuser T=maildir", true),
            ("a@example.com R=d T=t H=mx: x", false),
            ("a@example.com R=d T=t H=[192.0.2.1]:25", false),
            ("a@example.com R=d T=t H=mx [192.0.2.1] F=<s@example.org>", false),
            ("a@example.com F=<s@example.org> R=d T=t H=mx [192.0.2.1]", false),
            ("a@example.com P=<s@example.org> R=d T=t H=mx [192.0.2.1] H=b", false),
            ("a@example.com R=d T=t H=a [192.0.2.1] H=b", false),
            ("a@example.com R=<x y> H=a", false),
            ("a@example.com R=: T=t H=a", false),
            ("a@example.com  R=x H=a", false),
            ("a@example.com: R=x H=a", false),
            ("alice <a@example.com> R=x T=y", false),
            ("<a@example.com> R=x T=y H=a [192.0.2.1]", false),
            ("\"a b\"@example.com R=x T=y H=a [192.0.2.1]", false),
            (":blackhole: <a@example.com> R=x", false),
            ("/var/mail/a <a@example.com> R=x T=y", false),
            ("a@example.com\u{a0} R=x T=y", false),
        ] {
            let text = format!("{STAMP} 1xUpSY-00001K-2v => {text}");
            let Told::Record(record) = told(&Line::read(&text), Detail::All) else { panic!("{text}") };
            let expected = (record.recipient.as_deref(), record.relay.as_deref(), record.sender.as_deref());
            let quick = read(&text);
            let found = match &quick {
                Quick::Sent(_, sent) if is_quick => (Some(sent.recipient), sent.relay, None),
                Quick::Record(_, r) if !is_quick => (r.recipient.as_deref(), r.relay.as_deref(), r.sender.as_deref()),
                _ => panic!("{text}"),
            };
            assert_eq!(found, expected, "{text}");
            assert!(record.is_delivered());
        }
        assert!(matches!(read(&format!("{STAMP} 1xUpSY-00001K-2v => a#b@example.com R=x")), Quick::Other));
    }

    #[test]
    fn lines_of_messages_are_told_apart() {
        let text = |rest: &str| format!("{STAMP} 1xUpSY-00001K-2v {rest}");
        for rest in ["Completed", "Frozen (delivery error message)", "H=mx.example.com [192.0.2.1] Warning: x", ""] {
            assert!(matches!(read(&text(rest)), Quick::Nothing), "{rest}");
        }
        assert!(matches!(read(&text("<= a@example.org H=x [192.0.2.1]")), Quick::Sender("1xUpSY-00001K-2v", "a@example.org")));
        for rest in
            ["== a@example.com R=d T=t defer (-44): 450 no", "** a@example.com: 550 no", "H=mx.example.com [192.0.2.1] Connection refused"]
        {
            assert!(matches!(read(&text(rest)), Quick::Record(STAMP, _)), "{rest}");
        }
        for rest in ["plain authenticator failed H=x [192.0.2.1] 535-5.7.8 no", "H=x [192.0.2.1] rejected after DATA: no"] {
            assert!(matches!(read(&text(rest)), Quick::Other), "{rest}");
        }
        assert!(matches!(read(&format!("{STAMP} Start queue run: pid=5")), Quick::Unclaimed));
    }

    #[test]
    fn the_line_behind_one_that_was_left_is_left_too() {
        let line = format!("{STAMP} 1xUpSY-00001K-2v Completed");
        let queue = format!("{STAMP} End queue run: pid=5");
        let open = format!("{STAMP} 1xUpSY-00001K-2v plain authenticator failed H=x [192.0.2.1] 535-5.7.8 no");
        let mut cutter = Cutter::default();
        assert!(matches!(cutter.read(&line), Quick::Other));
        assert!(matches!(cutter.read(&line), Quick::Nothing));
        assert!(matches!(cutter.read(&open), Quick::Other));
        assert!(matches!(cutter.read(&queue), Quick::Unclaimed));
        assert!(matches!(cutter.read(&line), Quick::Other));
        assert!(matches!(cutter.read(&line), Quick::Nothing));
        cutter.unsettle();
        assert!(matches!(cutter.read(&line), Quick::Other));
    }
}
