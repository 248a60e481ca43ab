//! chasquid's log and its separate mail log. Replies come through Go's
//! textproto: the code once, the lines joined by `\n`. It must not know what a
//! reply means.

use std::borrow::Cow;

use crate::codes::status::Stage;
use crate::input::envelope::Message;
use crate::input::newest::Newest;
use crate::input::record::{Direction, Kind, Record, kept};
use crate::input::{Lines, span, unescape};

const FORMAT: &str = "chasquid";

#[derive(Debug, Default)]
pub struct Chasquid {
    senders: Newest<String>,
}

/// What a line says, without stamp and place in the source.
#[derive(Clone, Copy, Debug)]
enum Said<'t> {
    /// `Queue.SendLoop ID: …`
    Queue {
        id: &'t str,
        rest: &'t str,
    },
    /// `Courier.SMTP R: error: …`
    Courier {
        recipient: &'t str,
        rest: &'t str,
    },
    /// `ID from=S to=R failed (permanent): …` of the mail log.
    Mail {
        id: &'t str,
        sender: &'t str,
        recipient: &'t str,
        rest: &'t str,
    },
    /// `192.0.2.1:25 rejected from=S to=[R] - …` of the mail log.
    Rejected {
        client: &'t str,
        sender: &'t str,
        recipient: &'t str,
        rest: &'t str,
    },
    Other,
}

impl Lines for Chasquid {
    fn claims(&self, message: &Message<'_>) -> bool {
        message.ident.as_deref().is_none_or(|ident| self.knows(ident)) && Said::read(&message.text).is_some()
    }

    fn knows(&self, program: &str) -> bool {
        program == "chasquid"
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(self.text(text)));
    }
}

impl Said<'_> {
    fn read(text: &str) -> Option<Said<'_>> {
        let (_, rest) = span::split_stamp(text);
        let Some(rest) = behind_source(rest) else { return mail_log(rest) };
        if let Some((id, rest)) = rest.strip_prefix("Queue.SendLoop ").and_then(|r| r.split_once(": ")) {
            return Some(Said::Queue { id, rest });
        }
        let courier = ["Courier.SMTP ", "Courier.MDA "].iter().find_map(|front| rest.strip_prefix(front));
        let courier = courier.and_then(|r| r.split_once(": error: "));
        Some(courier.map_or(Said::Other, |(recipient, rest)| Said::Courier { recipient, rest }))
    }
}

/// Behind `_ smtp.go:132        `; the level is one character.
fn behind_source(text: &str) -> Option<&str> {
    let (level, rest) = text.split_once(' ')?;
    let rest = if level.len() == 1 { rest } else { text };
    let (file, rest) = rest.split_once(".go:")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let fits = digits > 0 && !file.is_empty() && file.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| rest[digits..].trim_start())
}

fn mail_log(text: &str) -> Option<Said<'_>> {
    let (id, rest) = text.split_once(' ')?;
    if let Some(rest) = rest.strip_prefix("from=") {
        let (sender, rest) = rest.split_once(" to=")?;
        let (recipient, rest) = rest.split_once(' ')?;
        let known = id.len() == 11 && (rest == "sent" || rest.starts_with("failed ("));
        return known.then_some(Said::Mail { id, sender, recipient, rest });
    }
    let rest = rest.strip_prefix("rejected from=")?;
    let (sender, rest) = rest.split_once(" to=[")?;
    let (recipient, rest) = rest.split_once("] - ")?;
    Some(Said::Rejected { client: id, sender, recipient, rest })
}

impl Chasquid {
    fn text<'t>(&mut self, text: &'t str) -> Option<Record<'t>> {
        let time = span::split_stamp(text).0.map(Cow::Borrowed);
        let record = match Said::read(text)? {
            Said::Queue { id, rest } => self.queue(id, rest)?,
            Said::Courier { recipient, rest } => courier(recipient, rest),
            Said::Mail { id, sender, recipient, rest } => mail(id, (sender, recipient), rest),
            Said::Rejected { client, sender, recipient, rest } => rejected(client, (sender, recipient), rest),
            Said::Other => return None,
        };
        Some(Record { time, ..record })
    }

    /// `from S`, `R sent`, `error: R permanent error: TEXT`, `R temporary
    /// error: TEXT`.
    fn queue<'t>(&mut self, id: &'t str, rest: &'t str) -> Option<Record<'t>> {
        if let Some(sender) = rest.strip_prefix("from ") {
            self.senders.insert(id, kept(span::address(sender)));
            return None;
        }
        let rest = rest.strip_prefix("error: ").unwrap_or(rest);
        let (recipient, rest) = rest.split_once(' ')?;
        let (status, text) = match rest.split_once(": ") {
            Some(("permanent error", text)) => ("bounced", text),
            Some(("temporary error", text)) => ("deferred", text),
            _ if rest == "sent" => ("sent", ""),
            _ => return None,
        };
        Some(Record {
            queue_id: Some(Cow::Borrowed(id)),
            sender: self.senders.get(id).map(|s| Cow::Owned(s.clone())),
            recipient: Some(Cow::Borrowed(recipient)),
            status: Some(Cow::Borrowed(status)),
            ..reason(text)
        })
    }
}

/// One relay, or the sum of all: the queue's line tells the outcome.
fn courier<'t>(recipient: &'t str, rest: &'t str) -> Record<'t> {
    Record { kind: Kind::Intermediate, recipient: Some(Cow::Borrowed(recipient)), ..reason(rest) }
}

fn mail<'t>(id: &'t str, (sender, recipient): (&'t str, &'t str), rest: &'t str) -> Record<'t> {
    let (status, text) = match rest.split_once(": ") {
        Some(("failed (permanent)", text)) => ("bounced", text),
        Some((_, text)) => ("deferred", text),
        None => ("sent", ""),
    };
    Record {
        queue_id: Some(Cow::Borrowed(id)),
        sender: Some(Cow::Borrowed(span::address(sender))),
        recipient: Some(Cow::Borrowed(recipient)),
        status: Some(Cow::Borrowed(status)),
        ..reason(text)
    }
}

fn rejected<'t>(client: &'t str, (sender, recipient): (&'t str, &'t str), rest: &'t str) -> Record<'t> {
    let ip = client.rsplit_once(':').and_then(|(ip, _)| span::ip(ip.trim_matches(['[', ']'])));
    Record {
        kind: Kind::Reject,
        direction: Direction::In,
        sender: Some(Cow::Borrowed(span::address(sender))),
        recipient: Some(Cow::Borrowed(recipient)).filter(|r| !r.is_empty()),
        relay_ip: ip.map(Cow::Borrowed),
        text: unescape::backslashes(rest),
        ..Record::default()
    }
}

/// Takes chasquid's words off the reply; they tell relay and stage.
fn reason(text: &str) -> Record<'_> {
    // Sender and recipient are sent in one go; a refusal is nearly always the
    // recipient's.
    const FRONTS: [(&str, Stage); 5] = [
        ("Error creating client: ", Stage::Connect),
        ("Error saying hello: ", Stage::Ehlo),
        ("MAIL+RCPT ", Stage::Rcpt),
        ("DATA closing ", Stage::EndOfData),
        ("DATA ", Stage::Data),
    ];
    let last = text.split_once("(last: ").and_then(|(_, r)| r.strip_suffix(')'));
    let text = last.unwrap_or(text);
    let from_mx = text.split_once("\" returned transient error: ").or_else(|| text.split_once("\" returned permanent error: "));
    let (relay, text) = from_mx.map_or((None, text), |(mx, text)| (Some(mx.trim_matches(['\\', '"', '.'])), text));
    let text = text.strip_prefix('\\').unwrap_or(text);
    let front = FRONTS.iter().find_map(|(front, stage)| text.strip_prefix(front).map(|rest| (*stage, rest)));
    let (stage, reply) = front.filter(|(_, rest)| span::starts_with_code(rest)).map_or((None, text), |(s, r)| (Some(s), r));
    Record { stage, relay: relay.map(Cow::Borrowed), text: with_codes(unescape::backslashes(reply)), ..Record::default() }
}

/// Go gives the code of a multi-line reply once.
fn with_codes(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some((first, _)) = text.split_once('\n').filter(|_| span::starts_with_code(&text)) else { return text };
    if first.as_bytes().get(3) == Some(&b'-') {
        return text;
    }
    let code = &text[..3];
    let lines: Vec<&str> = text[3..].trim_start().split('\n').collect();
    let last = lines.len() - 1;
    let line = |(n, line): (usize, &&str)| format!("{code}{}{line}", if n == last { ' ' } else { '-' });
    Cow::Owned(lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
        crate::input::read_lines(Chasquid::default(), lines)
    }

    #[test]
    fn the_queue_tells_outcomes_and_the_courier_attempts() {
        let records = read(&[
            "2026-11-21 18:58:15.163829 _ queue.go:308       Queue.SendLoop o8pDqefzJ-U: from bounce@example.org",
            r#"2026-11-21 18:58:15.165819 _ smtp.go:101        Courier.SMTP user@s001.test: error: \"mx.s001.test.\" returned transient error: Error creating client: 550 5.7.1 Access denied"#,
            "2026-11-21 18:58:15.165833 _ queue.go:363       Queue.SendLoop o8pDqefzJ-U: user@s001.test temporary error: all MXs returned transient failures (last: Error creating client: 550 5.7.1 Access denied)",
            r"2026-11-21 18:58:17.897329 _ queue.go:359       Queue.SendLoop sa5nNCN4y8U: error: user@p001.test permanent error: MAIL+RCPT 550 5.1.1 The email\n5.1.1 account",
        ]);
        assert_eq!((records[0].kind, records[0].relay.as_deref()), (Kind::Intermediate, Some("mx.s001.test")));
        let r = &records[1];
        assert_eq!((r.stage, &*r.text, r.status.as_deref()), (Some(Stage::Connect), "550 5.7.1 Access denied", Some("deferred")));
        assert_eq!((r.sender.as_deref(), r.queue_id.as_deref()), (Some("bounce@example.org"), Some("o8pDqefzJ-U")));
        assert_eq!(records[2].text, "550-5.1.1 The email\n550 5.1.1 account");
        assert_eq!(records[2].time.as_deref(), Some("2026-11-21 18:58:17.897329"));
    }

    #[test]
    fn the_mail_log() {
        let records = read(&[
            "2026-11-21 18:58:17.897329 sa5nNCN4y8U from=s@example.org to=user@p001.test failed (permanent): MAIL+RCPT 550 5.1.1 no",
            "2026-11-21 18:58:17.897329 192.0.2.1:4711 rejected from=s@x.test to=[r@example.org] - 550 5.7.1 go away",
        ]);
        assert_eq!((records[0].recipient.as_deref(), &*records[0].text), (Some("user@p001.test"), "550 5.1.1 no"));
        assert_eq!((records[1].kind, records[1].relay_ip.as_deref()), (Kind::Reject, Some("192.0.2.1")));
    }
}
