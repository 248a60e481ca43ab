//! Sendmail's log (8.9 to 8.18): deliveries, rulesets and filters that
//! rejected, messages given up. It must not know what a reply means.

mod line;

use std::borrow::Cow;

use super::envelope::Message;
use super::newest::{Newest, Weighs};
use super::record::{Direction, Kind, Record, kept};
use super::{Lines, span, unescape};
use crate::codes::status::Stage;
use line::Pairs;

const FORMAT: &str = "sendmail";

/// Sendmail keeps this much of a long reply, the middle left out.
const SHORTENED: usize = 200;

#[derive(Debug, Default)]
pub struct Sendmail {
    messages: Newest<Seen>,
    rest: Rest,
}

/// The recipients of a line that were not told yet, and what is told of each.
#[derive(Debug, Default)]
struct Rest {
    recipients: String,
    at: usize,
    record: Record<'static>,
}

impl Rest {
    /// Tells of some of them.
    fn give(&mut self, out: &mut Vec<Record<'static>>) {
        for _ in 0..self.record.at_once() {
            let (recipient, len) = line::first_address(&self.recipients[self.at..]);
            let Some(recipient) = recipient else {
                *self = Rest::default();
                return;
            };
            let recipient = Cow::Owned(unescape::backslashes(span::address(recipient)).into_owned());
            out.push(Record { recipient: Some(recipient), ..self.record.clone() });
            self.at += len;
        }
    }
}

/// What earlier lines said about a message.
#[derive(Debug, Default)]
struct Seen {
    sender: Option<String>,
    /// Where a session timed out that the next delivery line tells about.
    timeout: Option<Stage>,
    refused: bool,
}

impl Weighs for Seen {
    fn weight(&self) -> usize {
        self.sender.weight()
    }
}

impl Lines for Sendmail {
    fn claims(&self, message: &Message<'_>) -> bool {
        match message.ident.as_deref() {
            Some(ident) => self.knows(ident),
            None => is_sure(&message.text),
        }
    }

    fn knows(&self, program: &str) -> bool {
        program == "sendmail" || program.starts_with("sm-")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        self.rest = Rest::default();
        span::records(FORMAT, (message, line), out, |text, out| self.text(text, out));
        if let Some(last) = out.last().filter(|_| !self.rest.recipients.is_empty()) {
            self.rest.record = last.clone().into_owned();
        }
    }

    fn more(&mut self, out: &mut Vec<Record<'static>>) {
        if !self.rest.recipients.is_empty() {
            self.rest.give(out);
        }
    }
}

/// Lines that are Sendmail's without the program's name.
fn is_sure(text: &str) -> bool {
    let (id, rest) = line::split_id(text);
    let delivery = id.is_some() && rest.starts_with("to=") && rest.contains(", delay=") && rest.contains(", stat=");
    let arrival = id.is_some() && rest.starts_with("from=") && rest.contains(", class=") && rest.contains(", nrcpts=");
    let ruleset = rest.starts_with("ruleset=") && rest.contains(", reject=");
    delivery || arrival || ruleset || id.is_some() && rest.starts_with("Milter: ")
}

impl Sendmail {
    fn text<'t>(&mut self, text: &'t str, out: &mut Vec<Record<'t>>) {
        let (id, rest) = line::split_id(text);
        let from = out.len();
        if rest.starts_with("to=") {
            self.delivery(id, rest, out);
        } else if rest.starts_with("from=") {
            self.arrival(id, rest);
        } else if rest.starts_with("timeout waiting for input from ") {
            self.timeout(id, rest);
        } else {
            out.extend(other(rest));
        }
        for record in &mut out[from..] {
            record.queue_id = id.map(Cow::Borrowed);
            let refused = record.kind == Kind::Reject;
            if let (true, Some(id)) = (refused, id) {
                self.messages.entry(id).refused = true;
            }
        }
    }

    fn arrival(&mut self, id: Option<&str>, rest: &str) {
        let sender = Pairs::new(rest).get("from").map(|s| kept(span::address(s)));
        if let Some(id) = id {
            self.messages.entry(id).sender = sender;
        }
    }

    fn timeout(&mut self, id: Option<&str>, rest: &str) {
        if let (Some(id), Some((_, words))) = (id, rest.split_once(" during client ")) {
            self.messages.entry(id).timeout = if words == "DATA status" { Some(Stage::EndOfData) } else { span::stage_of(words) };
        }
    }

    fn delivery<'t>(&mut self, id: Option<&str>, rest: &'t str, out: &mut Vec<Record<'t>>) {
        let pairs = Pairs::new(rest);
        let stat = pairs.get("stat").unwrap_or_default();
        if stat == "queued" || stat.is_empty() {
            return;
        }
        let seen = id.and_then(|id| self.messages.get_mut(id));
        let refused = seen.as_ref().is_some_and(|s| s.refused);
        let (sender, timeout) = seen.map_or((None, None), |s| (s.sender.clone(), s.timeout.take()));
        let (relay, relay_ip) = relay(&pairs);
        let (text, truncated) = outcome(stat, pairs.get("reply"));
        // Without a mailer nothing was tried: we refused the message.
        let (kind, direction) = match pairs.get("mailer") {
            Some(_) => (Kind::Attempt, Direction::Out),
            None if refused => (Kind::Intermediate, Direction::In),
            None => (Kind::Reject, Direction::In),
        };
        let record = Record {
            kind,
            direction,
            sender: sender.map(Cow::Owned),
            relay,
            relay_ip,
            stage: timeout.or_else(|| stage_of(stat, pairs.get("reply"))),
            status: Some(Cow::Borrowed(status(stat))),
            mta_dsn: pairs.get("dsn").map(Cow::Borrowed),
            text,
            truncated,
            ..Record::default()
        };
        let list = line::address_list(pairs.get("to").unwrap_or_default());
        let record = record.for_many(line::addresses(list).count());
        let mut recipients = line::addresses(list);
        for recipient in recipients.by_ref().take(record.at_once()) {
            out.push(Record { recipient: Some(unescape::backslashes(span::address(recipient))), ..record.clone() });
        }
        self.rest.recipients = recipients.rest().to_string();
    }
}

/// `mx.example.com. [192.0.2.1]`; a value without an address names a domain or
/// a mailbox, no host that was reached.
fn relay<'t>(pairs: &Pairs<'t>) -> (Option<Cow<'t, str>>, Option<Cow<'t, str>>) {
    let value = pairs.get("relay").unwrap_or_default();
    let (name, ip) = span::host_and_ip(value.split(" (may be forged)").next().unwrap_or_default());
    (name.filter(|_| ip.is_some()).map(Cow::Borrowed), ip.map(Cow::Borrowed))
}

/// `Sent`, `Deferred`, `User unknown`: the words in front of the details.
fn status(stat: &str) -> &str {
    let end = [": ", " ("].iter().filter_map(|mark| stat.find(mark)).min();
    &stat[..end.unwrap_or(stat.len())]
}

/// The reply, of which Sendmail writes the first line, or the reason that it
/// states.
fn outcome<'t>(stat: &'t str, reply: Option<&'t str>) -> (Cow<'t, str>, bool) {
    let details = match stat.split_once(": ") {
        Some(("Deferred", details)) => details,
        _ => match stat.strip_prefix("Sent (") {
            Some(rest) => rest.strip_suffix(')').unwrap_or(rest),
            None if stat == "Sent" => "",
            None => stat,
        },
    };
    let text = reply.filter(|reply| !is_invented(reply)).unwrap_or(details);
    let truncated = text.len() >= SHORTENED && text.contains("...") || span::is_open_reply(text);
    (unescape::backslashes(text), truncated)
}

/// `User unknown` with a reply is Sendmail's word for any 55x to RCPT; with
/// words of the server behind it, `Sent` is the answer to the end of data.
fn stage_of(stat: &str, reply: Option<&str>) -> Option<Stage> {
    match stat {
        "User unknown" => reply.map(|_| Stage::Rcpt),
        _ => stat.starts_with("Sent (").then_some(Stage::EndOfData),
    }
}

/// For a lost connection Sendmail writes a reply that nobody sent.
fn is_invented(reply: &str) -> bool {
    const WORDS: [&str; 3] =
        ["421 4.4.1 Connection reset by ", "421 4.4.2 Connection timed out with ", "421 4.4.1 Connection timed out with "];
    WORDS.iter().any(|words| reply.starts_with(words))
}

/// Lines other than deliveries and arrivals.
fn other(rest: &str) -> Option<Record<'_>> {
    if rest.starts_with("ruleset=") {
        return ruleset(rest);
    }
    if let Some(rest) = rest.strip_prefix("Milter") {
        return milter(rest);
    }
    if rest.starts_with('<') {
        return recipient_refused(rest);
    }
    let session = |direction, stage, text| {
        let kind = if stage == Stage::Auth { Kind::Login } else { Kind::Session };
        Some(Record { kind, direction, stage: Some(stage), text: unescape::backslashes(text), ..Record::default() })
    };
    if let Some(text) = rest.strip_prefix("STARTTLS=client, error: ") {
        return session(Direction::Out, Stage::StartTls, text);
    }
    if let Some(text) = rest.strip_prefix("STARTTLS=server, error: ") {
        return session(Direction::In, Stage::StartTls, text);
    }
    if rest.starts_with("AUTH failure (") {
        let text = rest.split_once("): ").map_or(rest, |(_, text)| text);
        let record = session(Direction::In, Stage::Auth, text.split(", relay=").next().unwrap_or(text));
        let (host, ip) = rest.split_once(", relay=").map_or((None, None), |(_, relay)| span::host_and_ip(relay));
        return record.map(|r| Record { relay: host.map(Cow::Borrowed), relay_ip: ip.map(Cow::Borrowed), ..r });
    }
    given_up(rest)
}

/// `QID2: DSN: Cannot send message for 5 days`.
fn given_up(rest: &str) -> Option<Record<'_>> {
    let (id, words) = rest.split_once(": ").filter(|(id, _)| line::is_id(id))?;
    let text = words.strip_prefix("DSN: ").or_else(|| words.strip_prefix("return to sender: "))?;
    let expired = !id.is_empty() && text.starts_with("Cannot send message ");
    expired.then(|| Record { kind: Kind::Expired, text: Cow::Borrowed(text), ..Record::default() })
}

fn ruleset(rest: &str) -> Option<Record<'_>> {
    let pairs = Pairs::new(rest);
    let name = pairs.get("ruleset")?;
    let text = unescape::backslashes(pairs.get("reject")?);
    let (host, ip) = span::host_and_ip(pairs.get("relay").unwrap_or_default().split(" (may be forged)").next().unwrap_or_default());
    let argument = pairs.get("arg1").map(|a| Cow::Borrowed(span::address(a)));
    let (stage, kind, direction) = match name {
        "check_relay" => (Some(Stage::Connect), Kind::Reject, Direction::In),
        "check_mail" => (Some(Stage::Mail), Kind::Reject, Direction::In),
        "check_rcpt" | "check_compat" => (Some(Stage::Rcpt), Kind::Reject, Direction::In),
        "check_data" => (Some(Stage::Data), Kind::Reject, Direction::In),
        "check_eom" => (Some(Stage::EndOfData), Kind::Reject, Direction::In),
        // Here we speak: to the server that we deliver to.
        "tls_server" | "tls_rcpt" => (Some(Stage::StartTls), Kind::Session, Direction::Out),
        "tls_client" => (Some(Stage::StartTls), Kind::Reject, Direction::In),
        _ => (None, Kind::Reject, Direction::In),
    };
    Some(Record {
        kind,
        direction,
        stage,
        sender: argument.clone().filter(|_| stage == Some(Stage::Mail)),
        recipient: argument.filter(|_| stage == Some(Stage::Rcpt)),
        relay: host.map(Cow::Borrowed),
        relay_ip: ip.map(Cow::Borrowed),
        text,
        ..Record::default()
    })
}

/// `: from=<S>, reject=REPLY`, `: data, reject=REPLY`, `: helo=H, reject=…`;
/// the name of the filter may stand in front.
fn milter(rest: &str) -> Option<Record<'_>> {
    let rest = rest.split_once(": ")?.1;
    let (event, text) = rest.split_once(", reject=")?;
    let stage = match event.split(['=', ':', ',']).next()? {
        "connect" => Stage::Connect,
        "helo" => Stage::Ehlo,
        "from" => Stage::Mail,
        "to" => Stage::Rcpt,
        _ => Stage::EndOfData,
    };
    let address = |key| event.strip_prefix(key).map(|a| Cow::Borrowed(span::address(a)));
    let host = event.strip_prefix("connect: host=").and_then(|h| h.split(", ").next());
    let ip = event.split_once(", addr=").and_then(|(_, ip)| span::ip(ip));
    Some(Record {
        kind: Kind::Reject,
        direction: Direction::In,
        stage: Some(stage),
        sender: address("from="),
        recipient: address("to="),
        relay: host.map(Cow::Borrowed),
        relay_ip: ip.map(Cow::Borrowed),
        text: unescape::backslashes(text),
        ..Record::default()
    })
}

/// `<R>... User unknown`.
fn recipient_refused(rest: &str) -> Option<Record<'_>> {
    let (address, text) = rest.split_once(">... ")?;
    Some(Record {
        kind: Kind::Reject,
        direction: Direction::In,
        stage: Some(Stage::Rcpt),
        recipient: Some(Cow::Borrowed(&address[1..])),
        text: unescape::backslashes(text),
        ..Record::default()
    })
}

#[cfg(test)]
mod tests;
