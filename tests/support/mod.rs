//! What several test programs share: a record as the fixtures write it.

use serde_json::{Value, json};
use smtpwhy::Catalogue;
use smtpwhy::input::Record;
use smtpwhy::reply::Reply;

/// A record with the codes that its text holds.
pub fn as_json(record: &Record<'_>) -> Value {
    let reply = Reply::read(&record.text, |code| Catalogue::built_in().code(code).is_some());
    json!({
        "line": record.line,
        "kind": format!("{:?}", record.kind),
        "direction": format!("{:?}", record.direction),
        "queue_id": record.queue_id,
        "sender": record.sender,
        "recipient": record.recipient,
        "orig_to": record.orig_to,
        "relay": record.relay,
        "relay_ip": record.relay_ip,
        "stage": record.stage.map(|s| s.name()),
        "status": record.status,
        "mta_dsn": record.mta_dsn,
        "code": reply.code(),
        "enhanced": reply.enhanced().map(|e| e.to_string()),
        "text": record.text,
    })
}
