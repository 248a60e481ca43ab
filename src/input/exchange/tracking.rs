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
}

/// The columns of Exchange 2013 and later, for excerpts without a head.
const COLUMNS: &str = "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,\
internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,\
reference,message-subject,sender-address,return-path,message-info,directionality";

impl Default for Tracking {
    fn default() -> Tracking {
        Tracking { columns: names(COLUMNS).unwrap_or_default() }
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
        if let Some(names) = names(&message.text) {
            self.columns = names;
            return;
        }
        if !is_head(&message.text) {
            let fields = delimited::fields(&message.text, b',');
            read_row(&Row { columns: &self.columns, fields: &fields }, line, out);
        }
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

fn read_row(row: &Row<'_>, line: u64, out: &mut Vec<Record<'_>>) {
    let event = row.get("event-id");
    let kind = match event {
        "FAIL" | "DEFER" | "SEND" | "SENDEXTERNAL" | "DELIVER" => Kind::Attempt,
        // Tells the failure again, to the sender.
        "DSN" => Kind::Intermediate,
        _ => return,
    };
    let recipients: Vec<&str> = row.get("recipient-address").split(';').collect();
    let status = Some(row.get("recipient-status")).filter(|s| !s.is_empty());
    let status = status.or_else(|| Some(row.get("source-context")).filter(|c| compose::leading_code(c).is_some() || c.contains("{LED=")));
    let delivered = matches!(event, "SEND" | "SENDEXTERNAL" | "DELIVER");
    let Some(status) = status.or(delivered.then_some("")) else { return };
    let each = led::split(status, recipients.len());
    let base = record(row, status, delivered).for_many(recipients.len());
    for (n, recipient) in recipients.iter().enumerate() {
        let own = each.as_ref().and_then(|e| e.get(n)).map(|status| with_status(row, led::read(status), delivered, base.clone()));
        let mut record = own.unwrap_or_else(|| base.clone());
        record.kind = if record.direction == Direction::In { Kind::Reject } else { kind };
        record.recipient = Some(Cow::Owned(recipient.to_string()));
        record.line = line;
        out.push(record);
    }
}

fn record(row: &Row<'_>, status: &str, delivered: bool) -> Record<'static> {
    // An agent that stops mail from outside is we refusing them.
    let refused = row.get("source") == "AGENT" && row.get("directionality").eq_ignore_ascii_case("incoming");
    let record = Record {
        direction: if refused { Direction::In } else { Direction::Out },
        format: "exchange-tracking",
        time: row.own("date-time"),
        queue_id: row.own("internal-message-id"),
        sender: row.own("return-path").or_else(|| row.own("sender-address")),
        status: if delivered { Some(Cow::Borrowed("sent")) } else { row.own("event-id") },
        ..Record::default()
    };
    with_status(row, led::read(status), delivered, record)
}

/// The record with what the status of its recipient says.
fn with_status(row: &Row<'_>, led: led::Led<'_>, delivered: bool, record: Record<'static>) -> Record<'static> {
    let own = |text: Option<&str>| text.map(|t| Cow::Owned(t.to_string()));
    // Mailbox deliveries keep a few words of their own there.
    let text = if delivered && compose::leading_code(led.reply).is_none() { "" } else { led.reply };
    Record {
        relay: own(led.host).or_else(|| row.own("server-hostname").filter(|_| delivered)),
        relay_ip: own(led.ip).or_else(|| row.own("server-ip").filter(|_| delivered)),
        text: Cow::Owned(text.to_string()),
        ..record
    }
}
