//! Mandrill (Mailchimp Transactional): webhook events and messages of its API.
//! The form field `mandrill_events` is undone before. It must not know other
//! services.

use std::borrow::Cow;

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let webhook = field::at(value, "msg.email").is_some() && !field::word(value, "event").is_empty();
    let has = |key| value.get(key).is_some();
    webhook || (has("smtp_events") && has("email") && has("state"))
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let msg = value.get("msg").unwrap_or(value);
    let event = match field::word(value, "event") {
        empty if empty.is_empty() => field::word(msg, "state"),
        event => event,
    };
    let (status, label) = match &*event {
        "hard_bounce" | "bounced" => ("bounced", REMOVE),
        "soft_bounce" | "soft-bounced" => ("soft_bounce", RETRY),
        "deferral" | "deferred" => ("deferred", RETRY),
        "reject" | "rejected" => ("rejected", reject_label(msg)),
        "send" | "sent" | "delivered" => ("sent", OK),
        _ => return,
    };
    let mut record = field::record(field::address(msg, &["email"]), status, text(msg, status));
    record.time = field::text(value, &["ts", "msg.ts"]);
    record.queue_id = field::text(msg, &["_id"]);
    record.sender = field::address(msg, &["sender"]);
    record.relay_ip = last_attempt(msg).and_then(|attempt| field::text(attempt, &["destination_ip"]));
    out.push(Event { record, label });
}

fn text<'l, T: Tree<'l>>(msg: T, status: &str) -> Cow<'l, str> {
    match field::reply(msg, &["diag"]) {
        empty if empty.is_empty() && status == "rejected" => field::reply(msg, &["reject.reason", "reject"]),
        empty if empty.is_empty() => last_attempt(msg).and_then(|attempt| field::text(attempt, &["diag"])).unwrap_or_default(),
        diag => diag,
    }
}

/// The newest of the attempts that Mandrill kept.
fn last_attempt<'l, T: Tree<'l>>(msg: T) -> Option<T> {
    msg.get("smtp_events")?.elements().last()
}

fn reject_label<'l, T: Tree<'l>>(msg: T) -> Option<&'static str> {
    let reason = field::text(msg, &["reject.reason", "reject"]).unwrap_or_default();
    match &*reason {
        "hard-bounce" | "unsub" | "spam" => REMOVE,
        "soft-bounce" => RETRY,
        "" => None,
        _ => FIX,
    }
}
