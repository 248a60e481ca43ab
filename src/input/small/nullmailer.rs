//! nullmailer-send's log: three lines or more for one attempt, the reply with
//! its real line ends. It must not know what a reply means.

use std::borrow::Cow;

use crate::input::envelope::Message;
use crate::input::record::Record;
use crate::input::{Lines, span};

const FORMAT: &str = "nullmailer";

/// Lines of one reply that are kept.
const REPLY_LINES: usize = 100;

#[derive(Debug, Default)]
pub struct Nullmailer {
    attempt: Attempt,
}

/// What the lines of one attempt have told so far.
#[derive(Debug, Default)]
struct Attempt {
    host: Option<String>,
    file: Option<String>,
    sender: Option<String>,
    recipient: Option<String>,
    /// The lines behind `smtp: Failed:` while they come.
    reply: Option<Vec<String>>,
}

impl Lines for Nullmailer {
    fn claims(&self, message: &Message<'_>) -> bool {
        let ours = message.ident.as_deref().is_none_or(|ident| self.knows(ident));
        ours && (is_mark(&message.text) || self.continues(&message.text))
    }

    fn knows(&self, program: &str) -> bool {
        program.starts_with("nullmailer")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(self.text(text)));
    }
}

fn is_mark(text: &str) -> bool {
    const MARKS: [&str; 4] = ["Starting delivery: host: ", "smtp: Failed:", "smtp: Succeeded:", "Sending failed: "];
    MARKS.iter().any(|mark| text.starts_with(mark)) || text == "Sent file." || text.starts_with("From: <") && text.contains("> to: <")
}

impl Nullmailer {
    fn continues(&self, text: &str) -> bool {
        self.attempt.reply.is_some() && span::starts_with_code(text)
    }

    fn text<'t>(&mut self, text: &'t str) -> Option<Record<'t>> {
        if let Some(rest) = text.strip_prefix("Starting delivery: host: ") {
            let word = |mark| rest.split_once(mark).map(|(_, r)| r.split(' ').next().unwrap_or(r).to_string());
            let host = rest.split(' ').next().map(str::to_string);
            self.attempt = Attempt { host, file: word(" file: "), ..Attempt::default() };
        } else if text.starts_with("From: <") {
            self.attempt.sender = span::between(text, "From: <").map(str::to_string);
            self.attempt.recipient = span::between(text, " to: <").map(str::to_string);
        } else if let Some(reply) = text.strip_prefix("smtp: Failed:").or_else(|| text.strip_prefix("smtp: Succeeded:")) {
            self.attempt.reply = Some(vec![reply.trim_start().to_string()]);
        } else if let Some(reason) = text.strip_prefix("Sending failed: ") {
            return Some(self.finish(reason));
        } else if text == "Sent file." {
            return Some(self.finish(""));
        } else if let Some(lines) = self.attempt.reply.as_mut().filter(|lines| lines.len() < REPLY_LINES) {
            lines.push(text.to_string());
        }
        None
    }

    /// `reason` is nullmailer's own word; empty for a delivery.
    fn finish<'t>(&mut self, reason: &str) -> Record<'t> {
        let attempt = std::mem::take(&mut self.attempt);
        let reply = attempt.reply.map(|lines| lines.join("\n")).unwrap_or_default();
        let own = !reason.is_empty() && !reason.ends_with(" error in sending the message");
        let text = match (reply.is_empty(), own && !span::starts_with_code(&reply)) {
            (true, _) => reason.to_string(),
            (false, true) => format!("{reply}: {reason}"),
            (false, false) => reply,
        };
        let status = match reason {
            "" => "sent",
            "Permanent error in sending the message" => "bounced",
            _ => "deferred",
        };
        let ip = attempt.host.as_deref().and_then(span::ip).map(|ip| Cow::Owned(ip.to_string()));
        let host = attempt.host.filter(|_| ip.is_none());
        Record {
            queue_id: attempt.file.map(Cow::Owned),
            sender: attempt.sender.map(Cow::Owned),
            recipient: attempt.recipient.map(Cow::Owned),
            relay: host.map(Cow::Owned),
            relay_ip: ip,
            status: Some(Cow::Borrowed(status)),
            text: Cow::Owned(text),
            ..Record::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
        let (mut reader, mut out) = (Nullmailer::default(), Vec::new());
        for (line, text) in (1..).zip(lines) {
            let message = Message { text: Cow::Borrowed(text), ..Message::default() };
            if reader.claims(&message) {
                reader.read(&message, line, &mut out);
            }
        }
        out
    }

    #[test]
    fn the_lines_of_an_attempt_become_one_record() {
        let records = read(&[
            "Starting delivery: host: 198.18.1.168 protocol: smtp file: 1795287421.215",
            "From: <bounce@example.org> to: <user@p001.test>",
            "Message-Id: <1795287421.668083.214.nullmailer@me>",
            "smtp: Failed: 550-5.1.1 The email account",
            "550 5.1.1  does not exist",
            "Sending failed: Permanent error in sending the message",
            "550 5.1.1 stray",
        ]);
        assert_eq!(records.len(), 1);
        let r = &records[0];
        assert_eq!((&*r.text, r.line), ("550-5.1.1 The email account\n550 5.1.1  does not exist", 6));
        assert_eq!((r.recipient.as_deref(), r.queue_id.as_deref()), (Some("user@p001.test"), Some("1795287421.215")));
        assert_eq!((r.relay_ip.as_deref(), r.status.as_deref()), (Some("198.18.1.168"), Some("bounced")));
    }

    #[test]
    fn reasons_without_a_reply_and_deliveries() {
        let records = read(&[
            "smtp: Failed: Connect failed",
            "Sending failed: Connection refused",
            "smtp: Succeeded: 250 2.0.0 Ok: queued as FAKEt013",
            "Sent file.",
        ]);
        assert_eq!((&*records[0].text, records[0].status.as_deref()), ("Connect failed: Connection refused", Some("deferred")));
        assert_eq!(records[1].text, "250 2.0.0 Ok: queued as FAKEt013");
        assert!(records[1].is_delivered());
    }
}
