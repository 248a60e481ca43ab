//! Haraka's log (2.8 to 3.x) in its three shapes: replies for one recipient,
//! replies for a whole message, clients refused. It must not know what a reply
//! means.

mod line;

use std::borrow::Cow;

use super::envelope::Message;
use super::newest::{Newest, Weighs};
use super::record::{Direction, Kind, Record, kept};
use super::{Lines, span};
use crate::codes::status::Stage;
use line::Line;

const FORMAT: &str = "haraka";

#[derive(Debug, Default)]
pub struct Haraka {
    /// What a client gave us, by its transaction.
    transactions: Newest<Transaction>,
}

#[derive(Debug, Default)]
struct Transaction {
    sender: Option<String>,
    recipients: Vec<String>,
}

impl Weighs for Transaction {
    fn weight(&self) -> usize {
        self.sender.weight() + self.recipients.weight()
    }
}

/// Haraka's words in front of a reply.
const FRONTS: [&str; 2] = ["Upstream error: ", "Unrecognized response from upstream server: "];

/// A message to more recipients than this is told without them.
const NAMED: usize = 2;

impl Lines for Haraka {
    fn claims(&self, message: &Message<'_>) -> bool {
        message.ident.as_deref().is_none_or(|ident| self.knows(ident)) && Line::read(&message.text).is_some()
    }

    fn knows(&self, program: &str) -> bool {
        program.starts_with("haraka")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| {
            let Some(line) = Line::read(text) else { return };
            let Some(record) = self.line(&line) else { return };
            let time = line.time.map(Cow::Borrowed);
            let id = (line.uuid != "-").then_some(Cow::Borrowed(line.uuid));
            out.push(Record { time, queue_id: id, ..record });
        });
    }
}

impl Haraka {
    fn line<'t>(&mut self, line: &Line<'t>) -> Option<Record<'t>> {
        match line.origin {
            "outbound" => self.outbound(line),
            "core" => self.inbound(line),
            _ => None,
        }
    }

    fn outbound<'t>(&self, line: &Line<'t>) -> Option<Record<'t>> {
        let text = &*line.text;
        if let Some((recipient, outcome)) = text.strip_prefix("recipient <").and_then(|r| r.split_once("> ")) {
            let (status, reply) = outcome.split_once(": ")?;
            let known = matches!(status, "rejected" | "deferred");
            let stage = Some(Stage::Rcpt);
            return known.then(|| {
                let record =
                    Record { stage, status: owned(status), recipient: owned(recipient), text: reply_of(reply), ..Record::default() };
                self.with_sender(line.uuid, record)
            });
        }
        if let Some(reason) = text.strip_prefix("bouncing mail: ") {
            return self.whole_message(line.uuid, "bounced", reason);
        }
        if let Some(rest) = text.strip_prefix("Temp failing ") {
            let (_, reason) = rest.split_once(" seconds: ")?;
            return self.whole_message(line.uuid, "deferred", reason);
        }
        if text.is_empty() || text.starts_with("delivered file=") {
            return self.delivered(line);
        }
        host_failed(text)
    }

    fn delivered<'t>(&self, line: &Line<'t>) -> Option<Record<'t>> {
        let response = line.field("response")?;
        let record = Record {
            status: Some(Cow::Borrowed("delivered")),
            stage: Some(Stage::EndOfData),
            relay: line.field("host"),
            relay_ip: line.field("ip"),
            text: response,
            ..Record::default()
        };
        Some(self.with_recipient(line.uuid, record))
    }

    /// A reply for the whole message; where recipients failed one by one, each
    /// has its own line.
    fn whole_message<'t>(&self, uuid: &str, status: &'static str, reason: &str) -> Option<Record<'t>> {
        if reason.starts_with("Some recipients ") {
            return None;
        }
        let reason = FRONTS.iter().find_map(|front| reason.strip_prefix(front)).unwrap_or(reason);
        if let Some(last) = reason.strip_prefix("Too many failures (").and_then(|r| r.strip_suffix(')')) {
            return Some(self.given_up(uuid, last));
        }
        let record = Record { status: Some(Cow::Borrowed(status)), text: reply_of(reason), ..Record::default() };
        Some(self.with_recipient(uuid, record))
    }

    /// After many attempts; `last` is the reason of the last one.
    fn given_up<'t>(&self, uuid: &str, last: &str) -> Record<'t> {
        let record = Record { kind: Kind::Expired, status: Some(Cow::Borrowed("bounced")), ..Record::default() };
        let Some(recipients) = last.strip_prefix("Some recipients temp failed: ") else {
            return self.with_recipient(uuid, Record { text: reply_of(last), ..record });
        };
        let only = span::between(recipients, "<").filter(|_| !recipients.contains(','));
        let text = Cow::Borrowed("Too many failures");
        self.with_sender(uuid, Record { recipient: only.and_then(owned), text, ..record })
    }

    /// `UUID.1.1` is the first delivery of the transaction `UUID.1`.
    fn transaction(&self, uuid: &str) -> Option<&Transaction> {
        let parent = uuid.rsplit_once('.').and_then(|(parent, _)| self.transactions.get(parent));
        parent.or_else(|| self.transactions.get(uuid))
    }

    fn with_sender<'t>(&self, uuid: &str, record: Record<'t>) -> Record<'t> {
        let sender = self.transaction(uuid).and_then(|t| t.sender.clone());
        Record { sender: sender.map(Cow::Owned), ..record }
    }

    fn with_recipient<'t>(&self, uuid: &str, record: Record<'t>) -> Record<'t> {
        let recipients = self.transaction(uuid).map_or(&[][..], |t| &t.recipients);
        let recipient = if let [only] = recipients { owned(only) } else { None };
        Record { recipient, ..self.with_sender(uuid, record) }
    }

    /// `sender <S> code=CONT msg=""`, `recipient <R> code=DENY msg="…"`.
    fn inbound<'t>(&mut self, line: &Line<'t>) -> Option<Record<'t>> {
        let command = line.text.split(' ').next().unwrap_or_default();
        let (stage, address) = match command {
            "sender" => (Stage::Mail, span::between(&line.text, "sender <")?),
            "recipient" => (Stage::Rcpt, span::between(&line.text, "recipient <")?),
            "queue" => (Stage::EndOfData, ""),
            _ => return None,
        };
        let code = line.field("code")?;
        if !code.starts_with("DENY") {
            self.accept(line.uuid, stage, address);
            return None;
        }
        let sender = if stage == Stage::Mail { owned(address) } else { line.field("sender") };
        let record = Record {
            kind: Kind::Reject,
            direction: Direction::In,
            stage: Some(stage),
            recipient: owned(address).filter(|_| stage == Stage::Rcpt),
            status: Some(code),
            text: line.field("msg").unwrap_or_default(),
            ..Record::default()
        };
        Some(Record { sender, ..record })
    }

    fn accept(&mut self, uuid: &str, stage: Stage, address: &str) {
        match stage {
            Stage::Mail => self.transactions.entry(uuid).sender = Some(kept(address)),
            Stage::Rcpt => {
                let recipients = &mut self.transactions.entry(uuid).recipients;
                if recipients.len() < NAMED {
                    recipients.push(kept(address));
                }
            }
            _ => {}
        }
    }
}

fn owned<'t>(text: &str) -> Option<Cow<'t, str>> {
    Some(Cow::Owned(text.to_string()))
}

fn reply_of<'t>(text: &str) -> Cow<'t, str> {
    Cow::Owned(text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n"))
}

/// One relay failed without a reply; the next one is tried.
fn host_failed<'t>(text: &str) -> Option<Record<'t>> {
    const FRONTS: [&str; 3] = ["Remote end ", "Ongoing connection failed to ", "Failed to get socket"];
    FRONTS.iter().find(|front| text.starts_with(**front))?;
    let ip = text.split(' ').find_map(|word| word.rsplit_once(':').and_then(|(ip, _)| span::ip(ip)));
    let text = Cow::Owned(text.split(". Trying next MX").next().unwrap_or(text).to_string());
    Some(Record { kind: Kind::Intermediate, relay_ip: ip.and_then(owned), text, ..Record::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
        crate::input::read_lines(Haraka::default(), lines)
    }

    #[test]
    fn a_delivery_knows_its_transaction() {
        let records = read(&[
            "2026-11-21T18:42:09.328Z [NOTICE] [3097713C-E78B-46F3-9CAD-3C5CF4B72A34.1] [core] sender <s@example.org> code=CONT msg=\"\"",
            "2026-11-21T18:42:09.328Z [NOTICE] [3097713C-E78B-46F3-9CAD-3C5CF4B72A34.1] [core] recipient <user@s001.test> code=OK msg=\"\" sender=s@example.org",
            "2026-11-21T18:42:09.353Z [INFO] [3097713C-E78B-46F3-9CAD-3C5CF4B72A34.1.1] [outbound] Temp failing 17_mail for 5 seconds: Upstream error: 451 4.3.2 Please try again later",
            "2026-11-21T18:42:09.353Z [INFO] [3097713C-E78B-46F3-9CAD-3C5CF4B72A34.1.1] [outbound] bouncing mail: Some recipients failed: <user@s044.test>",
        ]);
        assert_eq!(records.len(), 1);
        let r = &records[0];
        assert_eq!((r.sender.as_deref(), r.recipient.as_deref(), r.line), (Some("s@example.org"), Some("user@s001.test"), 3));
        assert_eq!((r.status.as_deref(), &*r.text), (Some("deferred"), "451 4.3.2 Please try again later"));
        assert_eq!(r.time.as_deref(), Some("2026-11-21T18:42:09.353Z"));
    }

    #[test]
    fn deliveries_and_refusals() {
        let records = read(&[
            r#"{"level":"NOTICE","uuid":"F902C072-D037-42DC-9D11-D958A5531F05.1.1","origin":"outbound","message":"","delivered file":"1_mail","domain":"s061.test","host":"mx.s061.test","ip":"198.18.1.70","port":25,"response":"Ok: queued as FAKEs061"}"#,
            "[NOTICE] [901D988D-4BF0-46BF-8384-7EA58DF26782.1] [core] recipient <bounce@example.org> code=DENY msg=\"no bounces here\" sender=\"\"",
            "[ERROR] [6758671D-3F47-4822-8C57-F077F44C8F93.1.1] [outbound] Remote end 198.18.1.112:25 closed connection while we were processing mail. Trying next MX.",
        ]);
        assert_eq!((records[0].relay.as_deref(), &*records[0].text), (Some("mx.s061.test"), "Ok: queued as FAKEs061"));
        assert!(records[0].is_delivered());
        assert_eq!((records[1].kind, records[1].stage, &*records[1].text), (Kind::Reject, Some(Stage::Rcpt), "no bounces here"));
        assert_eq!((records[2].kind, records[2].relay_ip.as_deref()), (Kind::Intermediate, Some("198.18.1.112")));
    }
}
