//! The DragonFly Mail Agent's log. The queue id stands in the program's name:
//! `dma[a6686c.564ba848df20]`. It must not know what a reply means.

use std::borrow::Cow;

use crate::codes::status::Stage;
use crate::input::envelope::Message;
use crate::input::newest::Newest;
use crate::input::record::{Record, kept};
use crate::input::{Lines, span, unescape};

const FORMAT: &str = "dma";

#[derive(Debug, Default)]
pub struct Dma {
    /// Senders by the first half of the queue id.
    senders: Newest<String>,
    recipients: Newest<String>,
}

impl Lines for Dma {
    fn claims(&self, message: &Message<'_>) -> bool {
        message.ident.as_deref().is_some_and(|ident| self.knows(ident))
    }

    fn knows(&self, program: &str) -> bool {
        program == "dma" || program.starts_with("dma[")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let id = message.ident.as_deref().and_then(|i| i.strip_prefix("dma[")).and_then(|i| i.strip_suffix(']'));
        span::records(FORMAT, (message, line), out, |text, out| {
            if self.remember(id, text) {
                return;
            }
            let Some(record) = attempt(text) else { return };
            let sender = id.and_then(|id| self.senders.get(id.split('.').next()?)).cloned();
            let recipient = id.and_then(|id| self.recipients.get(id)).cloned();
            let id = id.map(|id| Cow::Owned(id.to_string()));
            out.push(Record { queue_id: id, sender: sender.map(Cow::Owned), recipient: recipient.map(Cow::Owned), ..record });
        });
    }
}

impl Dma {
    /// Whether the line tells only who writes to whom.
    fn remember(&mut self, id: Option<&str>, text: &str) -> bool {
        if text.starts_with("new mail from ") {
            if let (Some(id), Some(sender)) = (id, span::between(text, "envelope_from=<")) {
                self.senders.insert(id, kept(sender));
            }
            return true;
        }
        let queued = text.strip_prefix("mail to=<").and_then(|t| t.split_once("> queued as "));
        let trying = || text.strip_prefix('<').and_then(|t| t.strip_suffix("> trying delivery"));
        match (queued, id) {
            (Some((recipient, id)), _) => self.recipients.insert(id, kept(recipient)),
            (None, Some(id)) => match trying() {
                Some(recipient) => self.recipients.insert(id, kept(recipient)),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// `remote delivery to HOST [IP] failed after STAGE: REPLY`, `remote delivery
/// deferred: HOST [IP] failed after …`, and what dma says without a reply.
fn attempt(text: &str) -> Option<Record<'_>> {
    if let Some(rest) = text.strip_prefix("remote delivery deferred: ") {
        return after_stage(rest, "deferred");
    }
    if let Some(rest) = text.strip_prefix("remote delivery to ") {
        return after_stage(rest, "bounced");
    }
    if let Some(rest) = text.strip_prefix("Could not perform server greeting at ") {
        let (host, reply) = rest.split_once("]: ")?;
        return Some(from_host(host, "bounced", Some(Stage::Ehlo), reply));
    }
    if let Some((host, _)) = text.strip_prefix("connect to ").and_then(|r| r.split_once("] failed: ")) {
        return Some(from_host(host, "deferred", None, text));
    }
    let done = text == "delivery successful";
    done.then(|| Record { status: Some(Cow::Borrowed("sent")), ..Record::default() })
}

fn after_stage<'t>(rest: &'t str, status: &'static str) -> Option<Record<'t>> {
    let (host, rest) = rest.split_once("] failed after ")?;
    let (words, reply) = rest.split_once(": ").unwrap_or((rest, ""));
    Some(from_host(host, status, span::stage_of(words), reply))
}

fn from_host<'t>(host: &'t str, status: &'static str, stage: Option<Stage>, text: &'t str) -> Record<'t> {
    let (relay, relay_ip) = span::host_and_ip(host);
    Record {
        stage,
        relay: relay.map(Cow::Borrowed),
        relay_ip: relay_ip.map(Cow::Borrowed),
        status: Some(Cow::Borrowed(status)),
        text: unescape::hashes(text),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_knows_its_message() {
        let (mut reader, mut out) = (Dma::default(), Vec::new());
        for (line, (id, text)) in (1..).zip([
            ("a6686c", "new mail from user=root uid=8 envelope_from=<bounce@example.org>"),
            ("a6686c", "mail to=<user@p001.test> queued as a6686c.564ba848df20"),
            ("a6686c.564ba848df20", "<user@p001.test> trying delivery"),
            (
                "a6686c.564ba848df20",
                "remote delivery to gmail-smtp-in.l.google.com [198.18.1.168] failed after RCPT TO: 550-5.1.1 a#015#012550 5.1.1 b",
            ),
            ("a6686c.564ba848df20", "remote delivery deferred: mx.s012.test [198.18.1.21] failed after final DATA: 451 4.3.2 later"),
            ("a6686c.564ba848df20", "connect to mail.example.org [203.0.113.5] failed: Connection refused"),
        ]) {
            let message = Message { ident: Some(Cow::Owned(format!("dma[{id}]"))), text: Cow::Borrowed(text), ..Message::default() };
            assert!(reader.claims(&message));
            reader.read(&message, line, &mut out);
        }
        assert_eq!(out.len(), 3);
        assert_eq!((out[0].sender.as_deref(), out[0].recipient.as_deref()), (Some("bounce@example.org"), Some("user@p001.test")));
        assert_eq!(
            (out[0].stage, out[0].relay_ip.as_deref(), &*out[0].text),
            (Some(Stage::Rcpt), Some("198.18.1.168"), "550-5.1.1 a\n550 5.1.1 b")
        );
        assert_eq!((out[1].stage, out[1].status.as_deref()), (Some(Stage::EndOfData), Some("deferred")));
        assert_eq!(out[2].text, "connect to mail.example.org [203.0.113.5] failed: Connection refused");
    }
}
