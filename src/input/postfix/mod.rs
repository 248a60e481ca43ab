//! Postfix logs. A line is known by the program that wrote it or, where the
//! transport lost that, by its shape; its grammar tells where the reply
//! stands. It must not know what replies mean.

mod delivery;
mod inbound;
mod names;
pub mod quick;
mod reason;
mod session;

use std::borrow::Cow;

use super::envelope::Message;
use super::find::{cut, find};
use super::senders::Senders;
use super::{Direction, Kind, Lines, Record};
use names::Queued;

/// Name of the format.
pub const FORMAT: &str = "postfix";

/// Reads lines of Postfix; remembers the senders of queued messages.
#[derive(Default)]
pub struct Postfix {
    senders: Senders,
}

impl Lines for Postfix {
    fn claims(&self, message: &Message<'_>) -> bool {
        match message.ident.as_deref() {
            Some(ident) => self.knows(ident),
            None => parse(&message.text).is_some(),
        }
    }

    fn knows(&self, program: &str) -> bool {
        names::is_program(program)
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let record = match &message.text {
            Cow::Borrowed(text) => self.record(text),
            Cow::Owned(text) => self.record(text).map(Record::into_owned),
        };
        if let Some(record) = record {
            out.push(Record { format: FORMAT, time: message.time.clone(), line, ..record });
        }
    }

    fn keep_sender(&mut self, queue_id: &str, sender: &str) {
        self.senders.keep(queue_id, sender);
    }

    fn sender_of(&self, queue_id: &str) -> Option<&str> {
        self.senders.of(queue_id)
    }
}

impl Postfix {
    fn record<'t>(&mut self, text: &'t str) -> Option<Record<'t>> {
        match parse(text)? {
            Line::Sender(id, sender) => {
                self.senders.keep(id, sender);
                None
            }
            Line::Record(mut record) => {
                if record.sender.is_none() {
                    let id = record.queue_id.as_deref();
                    record.sender = id.and_then(|id| self.senders.of(id)).map(|s| Cow::Owned(s.to_string()));
                }
                Some(record)
            }
        }
    }
}

/// What a line tells.
#[expect(clippy::large_enum_variant, reason = "one lives at a time; a box would cost every record")]
enum Line<'t> {
    /// The sender of a queued message.
    Sender(&'t str, &'t str),
    Record(Record<'t>),
}

fn parse(text: &str) -> Option<Line<'_>> {
    let Some(queued) = Queued::of(text) else { return session::read(text).map(Line::Record) };
    let rest = queued.rest;
    let record = match rest.as_bytes().first()? {
        b't' if rest.starts_with("to=<") => delivery::read(rest),
        b'f' if rest.starts_with("from=<") => return from_queue(&queued),
        _ => inbound::read(rest).or_else(|| intermediate(rest)).or_else(|| session::read(rest)),
    }?;
    Some(Line::Record(Record { queue_id: queued.id.map(Cow::Borrowed), ..record }))
}

/// The queue manager takes a message up, or gives it up.
fn from_queue<'t>(queued: &Queued<'t>) -> Option<Line<'t>> {
    let (sender, rest) = cut(queued.rest.strip_prefix("from=<")?, ">, ")?;
    let id = queued.id?;
    if rest.starts_with("size=") && find(rest, ", nrcpt=").is_some() {
        return Some(Line::Sender(id, sender));
    }
    let (status, _) = rest.strip_prefix("status=")?.split_once(',')?;
    if !status.ends_with("expired") {
        return None;
    }
    Some(Line::Record(Record {
        kind: Kind::Expired,
        queue_id: Some(Cow::Borrowed(id)),
        sender: Some(Cow::Borrowed(sender)),
        status: Some(Cow::Borrowed(status)),
        text: Cow::Borrowed(rest),
        ..Record::default()
    }))
}

/// One relay failed and another may follow.
fn intermediate(rest: &str) -> Option<Record<'_>> {
    if !reason::is_of_session(rest) {
        return None;
    }
    let record = reason::read(&reason::Told { text: rest, bracketed: false, dsn: None }).into_record();
    Some(Record { kind: Kind::Intermediate, direction: Direction::Out, ..record })
}

#[cfg(test)]
mod tests;
