//! SparkPost: webhook batches (`msys`) and the events API. It must not know
//! other services.

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let has = |key| value.get(key).is_some();
    value.get("msys").is_some_and(T::is_object)
        || (has("type") && (has("raw_rcpt_to") || has("rcpt_to")) && (has("event_id") || has("bounce_class") || has("raw_reason")))
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    match value.get("msys").filter(|wrap| wrap.is_object()) {
        Some(wrap) => wrap.members().for_each(|event| read_event(event, out)),
        None => read_event(value, out),
    }
}

fn read_event<'l, T: Tree<'l>>(event: T, out: &mut Vec<Event<'l>>) {
    let class = field::number(event, &["bounce_class"]);
    let (status, label) = match &*field::word(event, "type") {
        "delivery" => ("delivered", OK),
        "delay" => ("deferred", RETRY),
        "bounce" => ("bounced", class_label(class)),
        "out_of_band" => ("out_of_band", class_label(class)),
        "policy_rejection" => ("rejected", class_label(class).or(FIX)),
        "generation_failure" | "generation_rejection" => ("rejected", FIX),
        _ => return,
    };
    // `reason` is scrubbed of addresses.
    let text = field::reply(event, &["raw_reason", "reason", "error_code"]);
    let mut record = field::record(field::address(event, &["raw_rcpt_to", "rcpt_to"]), status, text);
    record.time = field::text(event, &["timestamp"]);
    record.queue_id = field::text(event, &["message_id", "event_id"]);
    record.sender = field::address(event, &["msg_from", "friendly_from"]);
    record.relay_ip = field::text(event, &["ip_address"]);
    out.push(Event { record, label });
}

/// SparkPost's bounce classification codes.
fn class_label(class: Option<u16>) -> Option<&'static str> {
    match class? {
        10 | 30 | 90 => REMOVE,
        20..=22 | 24 | 40 | 70 => RETRY,
        23 | 25 | 50..=54 => FIX,
        _ => None,
    }
}
