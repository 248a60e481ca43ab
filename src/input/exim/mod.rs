//! Exim's mainlog and rejectlog, as files and through syslog. It must not know
//! what a reply means.

mod line;
mod parts;
pub mod quick;
mod reason;

use std::borrow::Cow;
use std::collections::VecDeque;

use super::envelope::Message;
use super::find::{cut, find, near};
use super::record::{Direction, Kind, Record};
use super::senders::Senders;
use super::{Lines, span, unescape};
use crate::codes::status::Stage;
use line::{Address, Event, Fields, Line};
use parts::{Joined, Part, Parts};
use reason::Reason;

/// Name of the format.
pub const FORMAT: &str = "exim";

/// Refusals remembered: syslog gets each of them for both logs.
const TOLD: usize = 8;

#[derive(Debug, Default)]
pub struct Exim {
    senders: Senders,
    parts: Parts,
    /// A failed login whose reply goes on in the next line.
    login: Option<Record<'static>>,
    told: VecDeque<String>,
}

impl Lines for Exim {
    fn claims(&self, message: &Message<'_>) -> bool {
        match message.ident.as_deref() {
            Some(ident) => self.knows(ident),
            None => self.continues_login(message) || Line::read(&message.text).is_sure(),
        }
    }

    fn knows(&self, program: &str) -> bool {
        program.rsplit('/').next().is_some_and(|name| name.starts_with("exim"))
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        if self.continues_login(message) {
            return self.more_of_login(message, line, out);
        }
        out.extend(self.login.take());
        let from = out.len();
        span::records(FORMAT, (message, line), out, |text, out| self.text(text, (message.time.as_deref(), line), out));
        if message.ident.is_some() {
            self.mark_told(&message.text, &mut out[from..]);
        }
        if out.len() > from && out.last().is_some_and(is_open_login) {
            self.login = out.pop().map(Record::into_owned);
        }
    }

    fn end(&mut self, out: &mut Vec<Record<'static>>) {
        for Joined { text, line, time } in self.parts.take() {
            let mut records = Vec::new();
            self.message(&text, &mut records);
            let time = time.map(Cow::Owned);
            let own = |r: Record<'_>| {
                let r = r.into_owned();
                Record { format: FORMAT, time: time.clone().or(r.time), truncated: true, line, ..r }
            };
            out.extend(records.into_iter().map(own));
        }
        out.extend(self.login.take());
    }

    fn keep_sender(&mut self, queue_id: &str, sender: &str) {
        self.senders.keep(queue_id, sender);
    }

    fn sender_of(&self, queue_id: &str) -> Option<&str> {
        self.senders.of(queue_id)
    }
}

impl Exim {
    /// The second physical line of a failed login has neither stamp nor name.
    fn continues_login(&self, message: &Message<'_>) -> bool {
        self.login.is_some() && message.ident.is_none() && span::starts_with_code(&message.text)
    }

    fn more_of_login<'l>(&mut self, message: &Message<'_>, line: u64, out: &mut Vec<Record<'l>>) {
        let Some(mut login) = self.login.take() else { return };
        login.text = Cow::Owned(format!("{}\n{}", login.text, unescape::backslashes(&message.text)));
        login.cut();
        login.line = line;
        if span::is_open_reply(&login.text) && login.text.len() < span::MOST_REPLY {
            self.login = Some(login);
        } else {
            out.push(login);
        }
    }

    fn text<'t>(&mut self, text: &'t str, at: (Option<&str>, u64), out: &mut Vec<Record<'t>>) {
        let Some(part) = Part::read(text) else { return self.message(text, out) };
        if part.number == 1 && is_refusal(part.text) {
            // What follows is the header of the refused message.
            return self.message(part.text, out);
        }
        if let Some(joined) = self.parts.add(part, at) {
            let mut records = Vec::new();
            self.message(&joined, &mut records);
            out.extend(records.into_iter().map(|r| r.into_owned()));
        }
    }

    fn message<'t>(&mut self, text: &'t str, out: &mut Vec<Record<'t>>) {
        match told(&Line::read(text), Detail::All) {
            Told::Nothing => {}
            Told::Sender(id, sender) => self.senders.keep(id, sender),
            Told::Record(mut record) => {
                if record.sender.is_none() && record.direction == Direction::Out {
                    let sender = record.queue_id.as_deref().and_then(|id| self.senders.of(id));
                    record.sender = sender.map(|s| Cow::Owned(s.to_string()));
                }
                out.push(record);
            }
        }
    }

    /// A refusal that was told before, for the other log, is no second one.
    fn mark_told(&mut self, text: &str, records: &mut [Record<'_>]) {
        let text = Part::read(text).map_or(text, |part| part.text);
        let refused = |r: &&mut Record<'_>| r.direction == Direction::In && matches!(r.kind, Kind::Reject | Kind::Login);
        let Some(record) = records.iter_mut().find(refused) else { return };
        if let Some(at) = self.told.iter().position(|told| told == text) {
            self.told.remove(at);
            record.kind = Kind::Intermediate;
            return;
        }
        if self.told.len() == TOLD {
            self.told.pop_front();
        }
        self.told.push_back(text.to_string());
    }
}

/// What a message says by itself.
#[expect(clippy::large_enum_variant, reason = "one lives at a time; a box would cost every record")]
enum Told<'t> {
    Nothing,
    /// A message's id and sender.
    Sender(&'t str, &'t str),
    Record(Record<'t>),
}

/// What of a record is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Detail {
    /// What is counted: nothing that is only shown.
    #[default]
    Counted,
    All,
}

impl Detail {
    /// What is only shown, where it is told.
    fn shown<T>(self, read: impl FnOnce() -> Option<T>) -> Option<T> {
        if self == Detail::All { read() } else { None }
    }
}

fn told<'t>(line: &Line<'t>, detail: Detail) -> Told<'t> {
    let record = match line.event {
        Event::Arrival => return arrival(line),
        Event::Delivered | Event::Suppressed => delivered(line, detail),
        Event::Failed | Event::Deferred => failed(line, detail),
        Event::Host => match host(line, detail) {
            Some(record) => record,
            None => return Told::Nothing,
        },
        Event::Rejected => rejected(line.rest, line, detail),
        Event::Login => login(line, detail),
        Event::Tls => tls(line, detail),
        Event::Other => return Told::Nothing,
    };
    let (time, queue_id) = (line.time.map(Cow::Borrowed), line.id.map(Cow::Borrowed));
    Told::Record(Record { time, queue_id, ..record })
}

fn arrival<'t>(line: &Line<'t>) -> Told<'t> {
    let sender = line.rest.split(' ').next().unwrap_or_default();
    line.id.map_or(Told::Nothing, |id| Told::Sender(id, span::address(sender)))
}

/// A failed login whose reply goes on in the next line.
fn is_open_login(record: &Record<'_>) -> bool {
    record.kind == Kind::Login && span::is_open_reply(&record.text)
}

fn is_refusal(text: &str) -> bool {
    let line = Line::read(text);
    line.event == Event::Rejected || line.event == Event::Host && find(line.rest, " rejected ").is_some()
}

/// The fields that a delivery, a deferral and a failure share.
fn attempt<'t>(line: &Line<'t>, detail: Detail) -> (Record<'t>, Fields<'t>) {
    let address = Address::read(line.rest);
    let fields = Fields::read(address.rest);
    let (recipient, original) = address.recipients();
    let record = Record {
        sender: fields.sender.map(Cow::Borrowed),
        recipient: (!recipient.is_empty()).then(|| unescape::backslashes(recipient)),
        orig_to: detail.shown(|| original.map(unescape::backslashes)),
        relay: fields.host.map(Cow::Borrowed),
        relay_ip: detail.shown(|| fields.ip().map(Cow::Borrowed)),
        ..Record::default()
    };
    (record, fields)
}

fn delivered<'t>(line: &Line<'t>, detail: Detail) -> Record<'t> {
    let (record, fields) = attempt(line, detail);
    let status = if line.event == Event::Delivered { "sent" } else { "suppressed" };
    let stage = fields.confirmation.map(|_| Stage::EndOfData);
    let text = fields.confirmation.map(unescape::backslashes).unwrap_or_default();
    Record { status: Some(Cow::Borrowed(status)), stage, text, ..record }
}

fn failed<'t>(line: &Line<'t>, detail: Detail) -> Record<'t> {
    let (record, fields) = attempt(line, detail);
    let reason = Reason::read(fields.text);
    let status = if line.event == Event::Failed { "bounced" } else { "deferred" };
    let kind = if reason.expired && line.event == Event::Failed { Kind::Expired } else { Kind::Attempt };
    with_reason(Record { kind, status: Some(Cow::Borrowed(status)), ..record }, reason, detail)
}

fn with_reason<'t>(record: Record<'t>, reason: Reason<'t>, detail: Detail) -> Record<'t> {
    Record {
        stage: reason.stage,
        relay: record.relay.or(reason.host.map(Cow::Borrowed)),
        relay_ip: record.relay_ip.or(reason.ip.map(Cow::Borrowed)),
        truncated: detail == Detail::All && reason.is_truncated(),
        text: reason.text,
        ..record
    }
}

/// A line that starts with a host: one of several relays, or a client.
fn host<'t>(line: &Line<'t>, detail: Detail) -> Option<Record<'t>> {
    let fields = Fields::read(line.rest);
    let words = fields.text.strip_prefix("temporarily ").unwrap_or(fields.text);
    if let Some(words) = words.strip_prefix("rejected ") {
        return Some(refusal(words, line, &fields, detail));
    }
    let record = Record {
        kind: Kind::Intermediate,
        relay: fields.host.map(Cow::Borrowed),
        relay_ip: detail.shown(|| fields.ip().map(Cow::Borrowed)),
        sender: fields.sender.map(Cow::Borrowed),
        ..Record::default()
    };
    if let Some(verified) = words.strip_prefix("sender verify ") {
        let (head, text) = cut(verified, ": ").unwrap_or((verified, ""));
        let sender = span::between(head, "<").map(Cow::Borrowed).or(record.sender.clone());
        return Some(Record { direction: Direction::In, stage: Some(Stage::Mail), sender, text: unescape::backslashes(text), ..record });
    }
    let reason = Reason::read(fields.text);
    let meant = line.id.is_some() && !fields.text.is_empty() && fields.sender.is_none() && !fields.text.starts_with("Warning: ");
    let recipient = reason.recipient().map(Cow::Borrowed);
    meant.then(|| with_reason(Record { recipient, ..record }, reason, detail))
}

/// `words` follow `rejected `, and the client stands in them.
fn rejected<'t>(words: &'t str, line: &Line<'t>, detail: Detail) -> Record<'t> {
    let mut client = Fields::default();
    let tail = cut(words, " H=").or_else(|| cut(words, "from ")).map(|(_, tail)| tail);
    let text = tail.map(|tail| Fields::read(client.host(tail)).text);
    let refusal = refusal(words, line, &client, detail);
    match text {
        Some(text) => Record { text: unescape::backslashes(text), ..refusal },
        None => refusal,
    }
}

/// `words` follow `rejected `; the text stands behind them.
fn refusal<'t>(words: &'t str, line: &Line<'t>, client: &Fields<'t>, detail: Detail) -> Record<'t> {
    let (command, text) = command_and_text(words);
    let status = || if find(line.rest, " temporarily rejected ").is_some() { "temporarily rejected" } else { "rejected" };
    Record {
        kind: Kind::Reject,
        direction: Direction::In,
        stage: if command.starts_with("from <") || command.starts_with("after ") {
            Some(Stage::EndOfData)
        } else {
            span::stage_of(command)
        },
        recipient: span::between(command, "RCPT <").map(Cow::Borrowed),
        sender: span::between(command, "MAIL <").or(span::between(command, "from <")).or(client.sender).map(Cow::Borrowed),
        relay: client.host.map(Cow::Borrowed),
        relay_ip: detail.shown(|| client.ip().map(Cow::Borrowed)),
        status: detail.shown(|| Some(Cow::Borrowed(status()))),
        text: unescape::backslashes(text),
        ..Record::default()
    }
}

/// `RCPT <a@b>: TEXT`; an address may hold colons.
fn command_and_text(words: &str) -> (&str, &str) {
    let open = words.bytes().take(6).position(|b| b == b'<');
    let skip = open.and_then(|at| near(&words.as_bytes()[at..], b'>').map(|n| at + n)).unwrap_or(0);
    let at = find(&words[skip..], ": ").map(|n| n + skip);
    at.map_or((words, ""), |at| (&words[..at], words[at + 2..].trim_start()))
}

fn login<'t>(line: &Line<'t>, detail: Detail) -> Record<'t> {
    let mut client = Fields::default();
    let (direction, fields) = match line.rest.strip_prefix("for ") {
        Some(rest) => (Direction::In, Fields::read(client.host(rest))),
        None => {
            client = Fields::read(line.rest);
            (Direction::Out, client)
        }
    };
    let text = cut(fields.text, " (set_id=").map_or(fields.text, |(text, _)| text);
    Record {
        kind: Kind::Login,
        direction,
        stage: Some(Stage::Auth),
        relay: client.host.map(Cow::Borrowed),
        relay_ip: detail.shown(|| client.ip().map(Cow::Borrowed)),
        text: unescape::backslashes(text),
        ..Record::default()
    }
}

/// `TLS error on connection from HOST [IP] (CALL): TEXT`.
fn tls<'t>(line: &Line<'t>, detail: Detail) -> Record<'t> {
    let mut peer = Fields::default();
    let (direction, rest) = match line.rest.strip_prefix("to ") {
        Some(rest) => (Direction::Out, rest),
        None => (Direction::In, line.rest.strip_prefix("from ").unwrap_or(line.rest)),
    };
    let rest = peer.host(rest.strip_prefix("H=").unwrap_or(rest));
    Record {
        kind: Kind::Session,
        direction,
        stage: Some(Stage::StartTls),
        relay: peer.host.map(Cow::Borrowed),
        relay_ip: detail.shown(|| peer.ip().map(Cow::Borrowed)),
        text: unescape::backslashes(Fields::read(rest).text),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests;
