//! What the Exchange Management Shell prints: lists of `Name : value` lines
//! whose long values go on in the next lines, and bare `[{LED=…}]`. It must not
//! know what a reply means.

use std::borrow::Cow;

use super::{begins_with_time, led};
use crate::input::envelope::Message;
use crate::input::record::beginning;
use crate::input::{Lines, Record, compose};

/// Reads pasted lists.
#[derive(Debug, Default)]
pub struct Pasted {
    /// Names and values of the list so far.
    fields: Vec<(&'static str, String)>,
    line: u64,
}

/// Names that say something; each other name only belongs to the list.
const NAMES: [&str; 30] = [
    "Timestamp",
    "TimestampUtc",
    "EventId",
    "Source",
    "Sender",
    "ReturnPath",
    "Recipients",
    "RecipientStatus",
    "SourceContext",
    "MessageId",
    "InternalMessageId",
    "LastError",
    "NextHopDomain",
    "FromAddress",
    "Detail",
    "Reason",
    "Date",
    "Event",
    "Action",
    "RecipientAddress",
    "SenderAddress",
    "Identity",
    "Status",
    "ServerHostname",
    "ClientHostname",
    "ConnectorId",
    "MessageSubject",
    "Subject",
    "RunspaceId",
    "Data",
];

/// Fields that may hold the reply, the surest first.
const REPLIES: [&str; 5] = ["RecipientStatus", "LastError", "Detail", "Reason", "SourceContext"];

/// Most bytes that one value may have.
const MOST: usize = 16_384;

impl Lines for Pasted {
    fn claims(&self, message: &Message<'_>) -> bool {
        let text = &*message.text;
        message.ident.is_none() && (pair(text).is_some() || bare(text).is_some() || self.goes_on(text))
    }

    fn knows(&self, _program: &str) -> bool {
        false
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let text = &*message.text;
        if text.trim().is_empty() {
            self.close(out);
        } else if let Some((name, value)) = pair(text) {
            if self.fields.iter().any(|(n, _)| *n == name) {
                self.close(out);
            }
            self.fields.push((name, beginning(value.trim(), MOST).to_string()));
        } else if let Some(status) = bare(text).filter(|_| !self.goes_on(text)) {
            self.close(out);
            self.fields.push(("Reason", beginning(status, MOST).to_string()));
        } else if let Some((_, value)) = self.fields.last_mut().filter(|(_, v)| v.len() < MOST) {
            value.push(' ');
            value.push_str(text.trim());
        }
        self.line = line;
    }

    fn end(&mut self, out: &mut Vec<Record<'static>>) {
        self.close(out);
    }
}

impl Pasted {
    /// A later line of the last value, or the blank line behind the list.
    fn goes_on(&self, text: &str) -> bool {
        let Some((name, value)) = self.fields.last() else { return false };
        let open = value.contains("{LED=") && !value.contains("}]");
        text.trim().is_empty() || open || (text.starts_with("     ") && !name.is_empty())
    }

    fn close(&mut self, out: &mut Vec<Record<'_>>) {
        let fields = std::mem::take(&mut self.fields);
        out.extend(records(&fields, self.line));
    }
}

fn records(fields: &[(&str, String)], line: u64) -> Vec<Record<'static>> {
    let get = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let is_status = |text: &&str| text.contains("{LED=") || compose::leading_code(inner(text).trim_matches('\'')).is_some();
    let Some(status) = REPLIES.iter().filter_map(|n| get(n)).find(is_status) else { return Vec::new() };
    let led = led::read(inner(status));
    let own = |text: Option<&str>| text.map(|t| Cow::Owned(t.to_string()));
    let event = get("EventId").or(get("Event"));
    let delivered = event.is_some_and(|e| e.starts_with("SEND") || e.starts_with("DELIVER"));
    let base = Record {
        format: "exchange-shell",
        time: own(get("Timestamp").or(get("TimestampUtc")).or(get("Date"))),
        queue_id: own(get("InternalMessageId").or(get("MessageId")).or(get("Identity"))),
        sender: own(get("ReturnPath").or(get("Sender")).or(get("FromAddress")).or(get("SenderAddress"))),
        relay: own(led.host.or(get("NextHopDomain"))),
        relay_ip: own(led.ip),
        status: if delivered { Some(Cow::Borrowed("sent")) } else { own(event.or(get("Status"))) },
        text: Cow::Owned(led.reply.to_string()),
        line,
        ..Record::default()
    };
    let named = get("Recipients").or(get("RecipientAddress")).map(inner).unwrap_or_default();
    let recipients: Vec<&str> = named.split([',', ';']).filter_map(compose::address).collect();
    let base = base.for_many(recipients.len());
    match recipients.is_empty() {
        true => vec![base],
        false => recipients.into_iter().map(|r| Record { recipient: own(Some(r)), ..base.clone() }).collect(),
    }
}

/// A list as PowerShell shows it, without its braces.
fn inner(text: &str) -> &str {
    let text = text.trim();
    if text.starts_with("{[") || !text.contains("{LED=") {
        text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text)
    } else {
        text
    }
}

/// `Name    : value`; mail headers have no space before the colon.
fn pair(text: &str) -> Option<(&'static str, &str)> {
    let (name, value) = text.split_once(" :")?;
    let name = name.trim_end();
    let name = NAMES.iter().find(|n| **n == name)?;
    (value.is_empty() || value.starts_with(' ')).then_some((name, value))
}

/// A status without a list around it; a line of the tracking log is none.
fn bare(text: &str) -> Option<&str> {
    if begins_with_time(text) {
        return None;
    }
    let at = text.find("[{L")?;
    (text[at..].starts_with("[{LED=") || text[at..].starts_with("[{LRT=")).then(|| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Record<'static>> {
        let mut reader = Pasted::default();
        let mut out = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let message = Message { text: Cow::Owned(line.to_string()), ..Message::default() };
            if reader.claims(&message) {
                reader.read(&message, n as u64 + 1, &mut out);
            }
        }
        reader.end(&mut out);
        out
    }

    #[test]
    fn wrapped_values_are_joined() {
        let out = read(
            "\nTimestamp         : 8/11/2026 9:47:13 AM\nEventId           : FAIL\nSender            : s@example.org\nRecipients        : {a@example.com, b@example.com}\n\
             RecipientStatus   : {[{LED=550 5.1.8 Access denied, bad outbound sender AS(42000001)\n                    [XX1PEPF.prod.outlook.com]};{MSG=};{FQDN=mx.example.com};{IP=192.0.2.40};{LRT=11.08.2026\n                    09:47:13}]}\n\n",
        );
        assert_eq!(out.len(), 2);
        assert_eq!(out[0].text, "550 5.1.8 Access denied, bad outbound sender AS(42000001) [XX1PEPF.prod.outlook.com]");
        assert_eq!((out[1].recipient.as_deref(), out[1].relay.as_deref()), (Some("b@example.com"), Some("mx.example.com")));
    }

    #[test]
    fn a_bare_status_is_enough() {
        let out = read(
            "Reason: [{LED=450 4.7.320 Certificate validation failed};{MSG=UntrustedRoot};{FQDN=mx.example.com};{IP=192.0.2.1};{LRT=1}]. OutboundProxy",
        );
        assert_eq!(out[0].text, "450 4.7.320 Certificate validation failed");
        assert!(read("Status: 5.1.1\nDate: today\n").is_empty());
    }

    #[test]
    fn queues_are_read_too() {
        let out = read(
            "Identity      : MAIL\\7\nNextHopDomain : example.com\nLastError     : 451 4.4.0 DNS query failed. The error was: SMTPSEND.DNS.NonExistentDomain;\n                nonexistent domain\n",
        );
        assert_eq!(out[0].text, "451 4.4.0 DNS query failed. The error was: SMTPSEND.DNS.NonExistentDomain; nonexistent domain");
        assert_eq!(out[0].relay.as_deref(), Some("example.com"));
    }
}
