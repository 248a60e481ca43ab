//! KumoMTA's log records, one JSON object each. It must not know other formats.

use std::borrow::Cow;

use super::events::tree::Tree;
use super::events::{Event, FIX, OK, REMOVE, RETRY, field};
use super::{Direction, Kind, Record, compose};
use crate::codes::status::{Stage, Status};

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let own = |key| value.get(key).is_some();
    own("type") && own("recipient") && field::at(value, "response.content").is_some() && (own("queue") || own("site") || own("id"))
}

/// One event for each recipient of the record.
pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let kind = &*field::word(value, "type");
    let Some((record_kind, direction)) = sort(kind) else { return };
    let recipients = field::strings(value.get("recipient"));
    let base = Record { kind: record_kind, direction, ..common(value, kind) }.for_many(recipients.len());
    for recipient in recipients {
        let record = Record { recipient: Some(recipient), ..base.clone() };
        out.push(Event { record, label: label(value, kind) });
    }
}

fn sort(kind: &str) -> Option<(Kind, Direction)> {
    match kind {
        "Bounce" | "AdminBounce" | "OOB" | "TransientFailure" | "Delivery" => Some((Kind::Attempt, Direction::Out)),
        "Expiration" => Some((Kind::Expired, Direction::Out)),
        "Rejection" => Some((Kind::Reject, Direction::In)),
        // `Delayed` only says that the message waits; others are no failures.
        _ => None,
    }
}

fn common<'l, T: Tree<'l>>(value: T, kind: &str) -> Record<'l> {
    let status = if kind == "Delivery" { "delivered" } else { kind };
    Record {
        time: field::text(value, &["event_time", "timestamp"]),
        queue_id: field::text(value, &["id"]),
        sender: field::text(value, &["sender"]),
        relay: field::text(value, &["peer_address.name"]).map(|n| field::part(n, |n| n.trim_end_matches('.'))),
        relay_ip: field::text(value, &["peer_address.addr"]),
        stage: stage(&field::word(value, "response.command")),
        status: Some(Cow::Owned(status.to_string())),
        text: Cow::Owned(text(value)),
        ..Record::default()
    }
}

/// Code, enhanced code and words stand apart, also in what KumoMTA says itself.
fn text<'l, T: Tree<'l>>(value: T) -> String {
    let content = field::reply(value, &["response.content"]);
    let code = field::number(value, &["response.code"]).filter(|c| (200..=599).contains(c));
    compose::reply(code, enhanced(value), &content)
}

fn enhanced<'l, T: Tree<'l>>(value: T) -> Option<Status> {
    let part = |name| field::number(field::at(value, "response.enhanced_code")?, &[name]);
    let class = u8::try_from(part("class")?).ok()?;
    Some(Status { class, subject: part("subject")?, detail: part("detail")? })
}

/// `command` is what was sent, `.` for the end of the data.
fn stage(command: &str) -> Option<Stage> {
    let verb = command.trim().split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
    match verb.as_str() {
        "." => Some(Stage::EndOfData),
        "DATA" => Some(Stage::Data),
        "RCPT" => Some(Stage::Rcpt),
        "MAIL" => Some(Stage::Mail),
        "AUTH" => Some(Stage::Auth),
        "STARTTLS" => Some(Stage::StartTls),
        "EHLO" | "HELO" | "LHLO" => Some(Stage::Ehlo),
        _ => None,
    }
}

/// The class that KumoMTA's bounce classifier gave, else what the type says.
fn label<'l, T: Tree<'l>>(value: T, kind: &str) -> Option<&'static str> {
    match (kind, &*field::word(value, "bounce_classification")) {
        ("Delivery", _) => OK,
        ("TransientFailure", _) => RETRY,
        ("Rejection", _) => None,
        (_, "InvalidRecipient" | "BadDomain" | "InactiveMailbox") => REMOVE,
        (_, "QuotaIssues" | "NoAnswerFromHost" | "MessageExpired" | "RoutingErrors" | "DNSFailure" | "BadConnection") => RETRY,
        (_, "SpamBlock" | "SpamContent" | "ContentRelated" | "PolicyRelated" | "VirusDetected" | "RelayingIssues") => FIX,
        (_, "ProtocolErrors" | "InvalidSender" | "BadConfiguration" | "AuthenticationFailed") => FIX,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::events;

    fn read_one(json: &str) -> Event<'static> {
        let mut out = Vec::new();
        events::read(&serde_json::from_str(json).unwrap(), 3, &mut out);
        assert_eq!(out.len(), 1);
        out.remove(0)
    }

    #[test]
    fn the_reply_is_put_together_again() {
        let event = read_one(
            r#"{"type":"Bounce","id":"d4ecae70b9b711ed8bf100259055ca11","sender":"s@example.org","recipient":"u@example.com",
            "queue":"example.com","site":"(mx1|mx2).example.com@smtp_client","size":1047,
            "response":{"code":550,"enhanced_code":{"class":5,"subject":1,"detail":1},"content":"no such\nuser here","command":"RCPT TO:<u@example.com>"},
            "peer_address":{"name":"mx1.example.com.","addr":"192.0.2.1"},"timestamp":1795282287,"bounce_classification":"InvalidRecipient"}"#,
        );
        assert_eq!(event.record.text, "550-5.1.1 no such\n550 5.1.1 user here");
        assert_eq!(event.record.stage, Some(Stage::Rcpt));
        assert_eq!(event.record.relay.as_deref(), Some("mx1.example.com"));
        assert_eq!((event.label, event.record.line, event.record.format), (REMOVE, 3, "kumomta"));
    }

    #[test]
    fn its_own_words_are_read_alike() {
        let event = read_one(
            r#"{"type":"TransientFailure","id":"1","recipient":["u@example.com"],"queue":"example.com","site":"","response":
            {"code":451,"enhanced_code":{"class":4,"subject":4,"detail":1},"content":"KumoMTA internal: ready queue throttled","command":null},
            "timestamp":1}"#,
        );
        assert_eq!(event.record.text, "451 4.4.1 KumoMTA internal: ready queue throttled");
        assert_eq!(event.label, RETRY);
    }
}
