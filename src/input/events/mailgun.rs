//! Mailgun: webhooks (`event-data`), the events API, and the forms of its older
//! webhooks. It must not know other services.

use std::borrow::Cow;

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};
use crate::input::compose;

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let event = value.get("event-data").unwrap_or(value);
    if field::word(event, "event").is_empty() {
        return false;
    }
    let has = |key| event.get(key).is_some();
    let modern = has("delivery-status") || has("log-level") || value.get("event-data").is_some();
    modern || (has("recipient") && (has("signature") || has("message-headers") || has("X-Mailgun-Sid")))
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let event = value.get("event-data").unwrap_or(value);
    let name = field::word(event, "event");
    let label = match &*name {
        "failed" => failed(event),
        "rejected" => FIX,
        "delivered" => OK,
        "bounced" => REMOVE,
        "dropped" => legacy_dropped(&field::word(event, "reason")),
        _ => return,
    };
    let text = if name == "rejected" { field::reply(event, &["reject.reason", "reject.description"]) } else { text(event) };
    // The number stands in the server's own words.
    let is_said = own_code(event) || compose::status_behind_code(&text).is_some();
    let mut record = field::record(field::address(event, &["recipient"]), name, text);
    record.time = field::text(event, &["timestamp"]);
    record.queue_id = field::text(event, &["message.headers.message-id", "Message-Id", "message-id", "id"]);
    record.sender = field::address(event, &["envelope.sender", "sender", "message.headers.from"]);
    record.relay = field::text(event, &["delivery-status.mx-host"]);
    record.mta_dsn = field::status(event, &["delivery-status.enhanced-code"]).filter(|_| !is_said).map(|s| s.to_string().into());
    out.push(Event { record, label });
}

/// Code and words stand apart; each line of the words keeps its enhanced code.
fn text<'l, T: Tree<'l>>(event: T) -> Cow<'l, str> {
    let code = field::number(event, &["delivery-status.code", "code"]).filter(|c| (200..=699).contains(c));
    let words = field::reply(event, &["delivery-status.message", "error", "delivery-status.description", "description"]);
    let enhanced = field::status(event, &["delivery-status.enhanced-code"]).filter(|_| !own_code(event));
    compose::reply(code, enhanced, &words).into()
}

/// 498 and 6xx are Mailgun's own and no server's.
fn own_code<'l, T: Tree<'l>>(event: T) -> bool {
    field::number(event, &["delivery-status.code", "code"]).is_some_and(|c| c == 498 || c >= 600)
}

fn failed<'l, T: Tree<'l>>(event: T) -> Option<&'static str> {
    match (&*field::word(event, "severity"), &*field::word(event, "reason")) {
        ("temporary", _) => RETRY,
        (_, "espblock") => FIX,
        ("permanent", _) => REMOVE,
        _ => None,
    }
}

fn legacy_dropped(reason: &str) -> Option<&'static str> {
    match reason {
        "hardfail" => REMOVE,
        "old" => RETRY,
        _ => None,
    }
}
