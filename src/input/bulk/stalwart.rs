//! Stalwart's log: `TIME LEVEL WORDS (EVENT) key = value, …`. The code of a
//! reply stands in a field of its own. It must not know what a reply means.

use std::borrow::Cow;

use crate::codes::status::Stage;
use crate::input::envelope::Message;
use crate::input::record::{Kind, Record};
use crate::input::{Lines, span, unescape};

const FORMAT: &str = "stalwart";

#[derive(Debug, Default)]
pub struct Stalwart;

impl Lines for Stalwart {
    fn claims(&self, message: &Message<'_>) -> bool {
        message.ident.as_deref().is_none_or(|ident| self.knows(ident)) && split(&message.text).is_some()
    }

    fn knows(&self, program: &str) -> bool {
        program.starts_with("stalwart")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(record(text)));
    }
}

/// Events that tell an outcome: stage and status.
const EVENTS: [(&str, Option<Stage>, &str); 12] = [
    ("greeting-failed", Some(Stage::Connect), "failed"),
    ("ehlo-rejected", Some(Stage::Ehlo), "rejected"),
    ("auth-failed", Some(Stage::Auth), "failed"),
    ("start-tls-error", Some(Stage::StartTls), "failed"),
    ("mail-from-rejected", Some(Stage::Mail), "rejected"),
    ("rcpt-to-rejected", Some(Stage::Rcpt), "rejected"),
    ("rcpt-to-failed", Some(Stage::Rcpt), "failed"),
    ("message-rejected", Some(Stage::EndOfData), "rejected"),
    ("connect-error", None, "failed"),
    ("mx-lookup-failed", None, "failed"),
    ("null-mx", None, "failed"),
    ("delivered", Some(Stage::EndOfData), "delivered"),
];

/// Stamp, event and fields of a `delivery.*` line.
fn split(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let (time, rest) = span::split_stamp(text);
    let (level, rest) = rest.split_once(' ')?;
    let (words, rest) = rest.split_once(" (delivery.")?;
    let (event, fields) = rest.split_once(") ").or_else(|| rest.strip_suffix(')').map(|e| (e, "")))?;
    let fits = matches!(level, "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR") && !words.contains(" = ") && !event.contains(' ');
    fits.then_some((time, event, fields))
}

/// The last value of a key: `to` comes for the message and for the recipient.
fn value<'t>(fields: &'t str, key: &str) -> Option<&'t str> {
    let mark = format!("{key} = ");
    let found = fields.match_indices(&mark).map(|(at, _)| at).filter(|at| *at == 0 || fields[..*at].ends_with(", ")).last()?;
    let rest = &fields[found + mark.len()..];
    match rest.strip_prefix('"') {
        Some(quoted) => {
            let end =
                quoted.match_indices('"').map(|(at, _)| at).find(|at| quoted[at + 1..].starts_with(", ") || quoted.len() == at + 1)?;
            Some(&quoted[..end])
        }
        None => rest.split(", ").next(),
    }
}

fn record(text: &str) -> Option<Record<'_>> {
    let (time, event, fields) = split(text)?;
    let (_, stage, status) = EVENTS.iter().find(|(name, ..)| *name == event)?;
    let words = ["details", "reason", "causedBy"].iter().find_map(|key| value(fields, key)).unwrap_or_default();
    let words = unescape::backslashes(words);
    let text = match value(fields, "code").filter(|code| code.len() == 3) {
        Some(code) if !span::starts_with_code(&words) => Cow::Owned(format!("{code} {words}")),
        _ => words,
    };
    let recipient = value(fields, "to").filter(|r| !r.starts_with('['));
    Some(Record {
        kind: if recipient.is_some() { Kind::Attempt } else { Kind::Session },
        time: time.map(Cow::Borrowed),
        queue_id: value(fields, "queueId").map(Cow::Borrowed),
        sender: value(fields, "from").map(Cow::Borrowed),
        recipient: recipient.map(Cow::Borrowed),
        relay: value(fields, "hostname").map(|h| Cow::Borrowed(h.trim_end_matches('.'))),
        relay_ip: value(fields, "remoteIp").and_then(span::ip).map(Cow::Borrowed),
        stage: *stage,
        status: Some(Cow::Borrowed(status)),
        text,
        ..Record::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_details_become_the_reply() {
        let line = r#"2026-11-21T18:58:17Z INFO SMTP RCPT TO rejected (delivery.rcpt-to-rejected) queueId = 17, from = "s@example.org", to = ["a@b.test", "c@b.test"], hostname = "mx.b.test", to = "a@b.test", code = 550, details = "5.1.1 no "such" user, sorry", elapsed = 0ms"#;
        let r = record(line).unwrap();
        assert_eq!((&*r.text, r.recipient.as_deref()), ("550 5.1.1 no \"such\" user, sorry", Some("a@b.test")));
        assert_eq!((r.relay.as_deref(), r.stage, r.queue_id.as_deref()), (Some("mx.b.test"), Some(Stage::Rcpt), Some("17")));
        assert_eq!(r.time.as_deref(), Some("2026-11-21T18:58:17Z"));
        assert_eq!(record("2026-11-21T18:58:17Z INFO x (delivery.attempt-start) queueId = 1"), None);
    }
}
