//! SendGrid: the event webhook, and the lists of bounces and blocks of its API.
//! It must not know other services.

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let has = |key| value.get(key).is_some();
    let webhook = has("event") && has("email") && (has("sg_event_id") || has("sg_message_id") || has("smtp-id"));
    webhook || (has("created") && has("email") && has("reason") && !has("event") && field::status(value, &["status"]).is_some())
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let event = field::word(value, "event");
    let (status, paths, label): (_, &[&str], _) = match &*event {
        "bounce" | "bounced" => bounce(value),
        // A list of the API does not tell bounces from blocks.
        "" => ("bounced", &["reason"], None),
        "deferred" => ("deferred", &["response", "reason"], RETRY),
        "dropped" => ("dropped", &["reason"], dropped(&field::word(value, "reason"))),
        "delivered" => ("delivered", &["response"], OK),
        _ => return,
    };
    let mut record = field::record(field::address(value, &["email"]), status, field::reply(value, paths));
    record.time = field::text(value, &["timestamp", "created"]);
    record.queue_id = field::text(value, &["sg_message_id", "smtp-id"]);
    record.sender = field::address(value, &["from"]);
    record.mta_dsn = field::dsn(value, &["status"]);
    out.push(Event { record, label });
}

fn bounce<'l, T: Tree<'l>>(value: T) -> (&'static str, &'static [&'static str], Option<&'static str>) {
    let blocked = field::word(value, "type") == "blocked";
    if blocked { ("blocked", &["reason"], FIX) } else { ("bounced", &["reason"], REMOVE) }
}

/// SendGrid's own reasons for not sending at all.
fn dropped(reason: &str) -> Option<&'static str> {
    let about_address = ["Bounced", "Invalid", "Spam Reporting", "Unsubscribed"].iter().any(|w| reason.starts_with(w));
    let about_mail = ["Spam Content", "Invalid SMTPAPI", "Recipient List over"].iter().any(|w| reason.starts_with(w));
    match (about_mail, about_address) {
        (true, _) => FIX,
        (_, true) => REMOVE,
        _ => None,
    }
}
