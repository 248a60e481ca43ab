//! What this server tells its clients: rejects of smtpd, postscreen, milters,
//! proxies, and of cleanup's header and body checks. It must not know what
//! replies mean.

use std::borrow::Cow;

use super::names::{Host, skip_port, stage};
use super::reason::LONGEST;
use crate::codes::status::Stage;
use crate::input::find::rfind;
use crate::input::{Direction, Kind, Record};

/// What Postfix did, and whether a client was refused by it.
const ACTIONS: [(&str, Kind); 9] = [
    ("reject: ", Kind::Reject),
    ("milter-reject: ", Kind::Reject),
    ("proxy-reject: ", Kind::Reject),
    ("discard: ", Kind::Reject),
    ("milter-discard: ", Kind::Reject),
    ("reject_warning: ", Kind::Intermediate),
    ("hold: ", Kind::Intermediate),
    ("milter-hold: ", Kind::Intermediate),
    ("warn: ", Kind::Intermediate),
];

/// Reads `ACTION: STAGE from CLIENT: REPLY; from=<…> to=<…> …`.
pub(super) fn read(rest: &str) -> Option<Record<'_>> {
    refused(rest).map(Refused::into_record)
}

/// What was done with a client's mail.
pub(super) struct Refused<'t> {
    pub kind: Kind,
    pub sender: Option<&'t str>,
    pub recipient: Option<&'t str>,
    pub client: Host<'t>,
    pub stage: Option<Stage>,
    pub text: &'t str,
    action: &'static str,
    truncated: bool,
}

impl<'t> Refused<'t> {
    fn into_record(self) -> Record<'t> {
        Record {
            kind: self.kind,
            direction: Direction::In,
            sender: self.sender.map(Cow::Borrowed),
            recipient: self.recipient.map(Cow::Borrowed),
            relay: self.client.relay(),
            relay_ip: self.client.relay_ip(),
            stage: self.stage,
            status: Some(Cow::Borrowed(self.action)),
            text: Cow::Borrowed(self.text),
            truncated: self.truncated,
            ..Record::default()
        }
    }
}

/// As [`read`], as far as it is counted.
pub(super) fn refused(rest: &str) -> Option<Refused<'_>> {
    let (action, kind) = ACTIONS.iter().find(|(action, _)| rest.starts_with(action))?;
    let rest = &rest[action.len()..];
    let tail = Tail::of(rest);
    let what = &rest[..tail.as_ref().map_or(rest.len(), |t| t.at)];
    let tail = tail.unwrap_or_default();
    let of_check = what.starts_with(|c: char| c.is_ascii_lowercase());
    let found = if of_check { checked(what, tail.text) } else { commanded(what)? };
    Some(Refused {
        kind: *kind,
        sender: tail.sender,
        recipient: tail.recipient,
        client: found.client,
        stage: found.stage,
        text: found.text,
        action: action.trim_end_matches(": "),
        truncated: tail.is_missing() && rest.len() >= LONGEST,
    })
}

struct Found<'t> {
    client: Host<'t>,
    stage: Option<Stage>,
    text: &'t str,
}

/// `STAGE from HOST[IP]: REPLY`; a proxy's reply names no client.
fn commanded(what: &str) -> Option<Found<'_>> {
    let len = what.find(|c: char| !(c.is_ascii_uppercase() || c == '-'))?;
    let (command, rest) = what.split_at(len);
    let (content, rest) = rest.strip_prefix(" content").map_or((false, rest), |rest| (true, rest));
    let stage = if content { Some(Stage::EndOfData) } else { stage(command) };
    if command.len() < 4 {
        return None;
    }
    if let Some(text) = rest.strip_prefix(": ") {
        return Some(Found { client: Host::default(), stage, text: text.trim_end() });
    }
    let (client, rest) = Host::at(rest.strip_prefix(" from ")?)?;
    let text = skip_port(rest).strip_prefix(": ")?.trim_end();
    Some(Found { client, stage, text })
}

/// `header NAME: VALUE from HOST[IP]`; the text stands behind the tail.
fn checked<'t>(what: &'t str, text: &'t str) -> Found<'t> {
    let client = what.rsplit_once(" from ").and_then(|(_, client)| Host::at(client));
    Found { client: client.map(|(host, _)| host).unwrap_or_default(), stage: Some(Stage::EndOfData), text: text.trim_end() }
}

/// `; from=<S> to=<R> proto=P helo=<H>[: TEXT]`.
#[derive(Default)]
struct Tail<'t> {
    /// Where it starts.
    at: usize,
    len: usize,
    sender: Option<&'t str>,
    recipient: Option<&'t str>,
    /// What a header check says.
    text: &'t str,
}

impl<'t> Tail<'t> {
    /// The last one that reads well: the reply may hold anything.
    fn of(rest: &'t str) -> Option<Tail<'t>> {
        ["; from=<", "; proto=", "; to=<"].into_iter().find_map(|mark| Tail::behind(rest, mark))
    }

    fn behind(rest: &'t str, mark: &str) -> Option<Tail<'t>> {
        let mut end = rest.len();
        loop {
            let at = rfind(&rest[..end], mark)?;
            if let Some(tail) = Tail::at(rest, at) {
                return Some(tail);
            }
            end = at + mark.len() - 1;
        }
    }

    fn at(rest: &'t str, at: usize) -> Option<Tail<'t>> {
        let mut tail = Tail { at, ..Tail::default() };
        let mut fields = &rest[at + 2..];
        tail.len = fields.len();
        while let Some((name, value, after)) = field(fields) {
            match name {
                "from" => tail.sender = Some(value),
                "to" => tail.recipient = Some(value),
                _ => {}
            }
            fields = after.trim_start_matches([',', ' ']);
            if let Some(text) = after.strip_prefix(": ") {
                tail.text = text;
                return Some(tail);
            }
        }
        // The log may have cut the last field.
        let cut = fields.starts_with("helo=<") || fields.starts_with("to=<") || fields.starts_with("proto=");
        (fields.is_empty() || cut || fields.starts_with("sasl_")).then_some(tail)
    }

    fn is_missing(&self) -> bool {
        self.len == 0
    }
}

/// `NAME=<VALUE>` or `NAME=VALUE` at the start, and what follows.
fn field(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    if !matches!(name, "from" | "to" | "proto" | "helo" | "sasl_method" | "sasl_username" | "sasl_sender" | "queue_id") {
        return None;
    }
    let Some(inside) = rest.strip_prefix('<') else {
        let len = rest.find([' ', ',', ':']).unwrap_or(rest.len());
        return Some((name, &rest[..len], &rest[len..]));
    };
    let ends = |(at, _): &(usize, &str)| {
        let after = &inside[at + 1..];
        after.is_empty() || after.starts_with([' ', ',']) || after.starts_with(": ")
    };
    let (end, _) = inside.match_indices('>').find(ends)?;
    Some((name, &inside[..end], &inside[end + 1..]))
}
