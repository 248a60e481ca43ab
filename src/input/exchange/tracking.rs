//! Exchange's message tracking log: CSV, its columns named by `#Fields:`. It
//! must not know what a reply means.

use std::borrow::Cow;

use super::{begins_with_time, is_head, led, may_claim, names};
use crate::input::envelope::Message;
use crate::input::{Direction, Kind, Lines, Record, compose, delimited};

/// Reads message tracking logs.
#[derive(Debug)]
pub struct Tracking {
    columns: Vec<String>,
    rest: Option<Rest>,
}

/// The columns of Exchange 2013 and later, for excerpts without a head.
const COLUMNS: &str = "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,\
internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,\
reference,message-subject,sender-address,return-path,message-info,directionality";

impl Default for Tracking {
    fn default() -> Tracking {
        Tracking { columns: names(COLUMNS).unwrap_or_default(), rest: None }
    }
}

/// One line's fields by name.
struct Row<'r> {
    columns: &'r [String],
    fields: &'r [Cow<'r, str>],
}

impl Row<'_> {
    fn get(&self, name: &str) -> &str {
        let at = self.columns.iter().position(|c| c == name);
        at.and_then(|at| self.fields.get(at)).map_or("", |f| f.trim())
    }

    fn own(&self, name: &str) -> Option<Cow<'static, str>> {
        Some(self.get(name)).filter(|f| !f.is_empty()).map(|f| Cow::Owned(f.to_string()))
    }
}

impl Lines for Tracking {
    fn claims(&self, message: &Message<'_>) -> bool {
        let text = &*message.text;
        let head = || names(text).is_some_and(|n| n.iter().any(|c| c == "event-id"));
        may_claim(text) && (head() || is_head(text) || begins_with_time(text) && self.is_row(text))
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        self.rest = None;
        if let Some(names) = names(&message.text) {
            self.columns = names;
            return;
        }
        if !is_head(&message.text) {
            let fields = delimited::fields(&message.text, b',');
            self.rest = told(&Row { columns: &self.columns, fields: &fields }, line);
            let mut first = Vec::new();
            self.more(&mut first);
            out.extend(first);
        }
    }

    fn more(&mut self, out: &mut Vec<Record<'static>>) {
        self.rest = self.rest.take().and_then(|rest| rest.give(out));
    }
}

impl Tracking {
    /// Whether the source and the event are where the columns say.
    fn is_row(&self, text: &str) -> bool {
        let fields = delimited::fields(text, b',');
        let row = Row { columns: &self.columns, fields: &fields };
        let word = |t: &str| t.len() > 1 && t.bytes().all(|b| b.is_ascii_uppercase());
        fields.len() > 9 && word(row.get("source")) && word(row.get("event-id"))
    }
}

/// The recipients of a row that were not told of yet, and what is told of each.
#[derive(Debug)]
struct Rest {
    recipients: String,
    /// Where the next recipient and its status begin.
    at: (usize, usize),
    statuses: String,
    /// What stands between the statuses, where each recipient has its own.
    mark: Option<&'static str>,
    record: Record<'static>,
    kind: Kind,
    /// The server that took the message, where it was delivered.
    taker: Option<Taker>,
}

/// A server's name and address.
type Taker = (Option<Cow<'static, str>>, Option<Cow<'static, str>>);

impl Rest {
    /// Tells of some recipients; gives what is left.
    fn give(mut self, out: &mut Vec<Record<'static>>) -> Option<Rest> {
        for _ in 0..self.record.at_once() {
            let rest = &self.recipients[self.at.0..];
            let end = rest.find(';');
            let recipient = Cow::Owned(rest[..end.unwrap_or(rest.len())].to_string());
            let mut record = self.own_status().unwrap_or_else(|| self.record.clone());
            record.kind = if record.direction == Direction::In { Kind::Reject } else { self.kind };
            record.recipient = Some(recipient);
            out.push(record);
            self.at.0 += end? + 1;
        }
        Some(self)
    }

    /// The record with the status of the next recipient.
    fn own_status(&mut self) -> Option<Record<'static>> {
        let (status, len) = led::first(&self.statuses[self.at.1..], self.mark?);
        let record = with_status(led::read(status), self.taker.as_ref(), self.record.clone());
        self.at.1 += len;
        Some(record)
    }
}

fn told(row: &Row<'_>, line: u64) -> Option<Rest> {
    let event = row.get("event-id");
    let kind = match event {
        "FAIL" | "DEFER" | "SEND" | "SENDEXTERNAL" | "DELIVER" => Kind::Attempt,
        // Tells the failure again, to the sender.
        "DSN" => Kind::Intermediate,
        _ => return None,
    };
    let recipients = row.get("recipient-address").to_string();
    let count = recipients.split(';').count();
    let status = Some(row.get("recipient-status")).filter(|s| !s.is_empty());
    let status = status.or_else(|| Some(row.get("source-context")).filter(|c| compose::leading_code(c).is_some() || c.contains("{LED=")));
    let delivered = matches!(event, "SEND" | "SENDEXTERNAL" | "DELIVER");
    let status = status.or(delivered.then_some(""))?;
    let taker = delivered.then(|| (row.own("server-hostname"), row.own("server-ip")));
    let record = Record { line, ..record(row, delivered) };
    let record = with_status(led::read(status), taker.as_ref(), record).for_many(count);
    let mark = (count > 1).then(|| led::mark_of(status, count)).flatten();
    let statuses = mark.map_or(String::new(), |_| status.to_string());
    Some(Rest { recipients, at: (0, 0), statuses, mark, record, kind, taker })
}

fn record(row: &Row<'_>, delivered: bool) -> Record<'static> {
    // An agent that stops mail from outside is we refusing them.
    let refused = row.get("source") == "AGENT" && row.get("directionality").eq_ignore_ascii_case("incoming");
    Record {
        direction: if refused { Direction::In } else { Direction::Out },
        format: "exchange-tracking",
        time: row.own("date-time"),
        queue_id: row.own("internal-message-id"),
        sender: row.own("return-path").or_else(|| row.own("sender-address")),
        status: if delivered { Some(Cow::Borrowed("sent")) } else { row.own("event-id") },
        ..Record::default()
    }
}

/// The record with what the status of its recipient says.
fn with_status(led: led::Led<'_>, taker: Option<&Taker>, record: Record<'static>) -> Record<'static> {
    let own = |text: Option<&str>| text.map(|t| Cow::Owned(t.to_string()));
    // Mailbox deliveries keep a few words of their own there.
    let text = if taker.is_some() && compose::leading_code(led.reply).is_none() { "" } else { led.reply };
    let (host, ip) = taker.cloned().unwrap_or_default();
    Record { relay: own(led.host).or(host), relay_ip: own(led.ip).or(ip), text: Cow::Owned(text.to_string()), ..record }
}
