//! Amazon SES: notifications and event publishing; the wraps around them
//! (Amazon SNS, SQS, EventBridge) are undone before. It must not know other
//! services.

use std::borrow::Cow;

use serde_json::Value;

use super::{Event, FIX, OK, REMOVE, RETRY, Record, field};
use crate::codes::status::Status;

pub(super) fn recognise(value: &Value) -> bool {
    value.get("mail").is_some_and(Value::is_object) && !kind(value).is_empty()
}

fn kind(value: &Value) -> &str {
    let event = field::word(value, "eventType");
    if event.is_empty() { field::word(value, "notificationType") } else { event }
}

pub(super) fn read(value: &Value, out: &mut Vec<Event>) {
    match kind(value) {
        "Bounce" => each(value, "bounce", "bouncedRecipients", bounce_label(value), out),
        "DeliveryDelay" => each(value, "deliveryDelay", "delayedRecipients", RETRY, out),
        "Delivery" => all(value, field::strings(field::at(value, "delivery.recipients")), "delivery.smtpResponse", OK, out),
        "Reject" => all(value, field::strings(field::at(value, "mail.destination")), "reject.reason", FIX, out),
        "Rendering Failure" | "RenderingFailure" => {
            all(value, field::strings(field::at(value, "mail.destination")), "failure.errorMessage", FIX, out);
        }
        _ => {}
    }
}

/// Each recipient with its own diagnostic.
fn each(value: &Value, part: &str, list: &str, label: Option<&'static str>, out: &mut Vec<Event>) {
    let part = value.get(part).unwrap_or(&Value::Null);
    let entries = part.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let base = with_mail(value, part, Record::default()).for_many(entries.len());
    for entry in entries {
        let status = field::status(entry, &["status"]);
        let mut text = field::reply(entry, &["diagnosticCode"]);
        if text.is_empty() {
            text = status.map(|s| Cow::Owned(s.to_string())).unwrap_or_default();
        }
        let word = if list == "delayedRecipients" { "deferred" } else { "bounced" };
        let recipient = field::address(entry, &["emailAddress"]);
        let mta_dsn = status.as_ref().map(Status::to_string).map(Cow::Owned);
        out.push(Event { record: Record { recipient, mta_dsn, status: Some(word.into()), text, ..base.clone() }, label });
    }
}

/// All recipients share one text.
fn all(value: &Value, recipients: Vec<&str>, text: &str, label: Option<&'static str>, out: &mut Vec<Event>) {
    let part = value.get(text.split('.').next().unwrap_or_default()).unwrap_or(&Value::Null);
    let word = if label == OK { "delivered" } else { "rejected" };
    let base = field::record(None, word, field::reply(value, &[text]));
    let base = with_mail(value, part, base).for_many(recipients.len());
    for recipient in recipients {
        let recipient = field::address(&Value::String(recipient.to_string()), &[""]).or(Some(Cow::Owned(recipient.to_string())));
        out.push(Event { record: Record { recipient, ..base.clone() }, label });
    }
}

/// What the event says of the mail.
fn with_mail(value: &Value, part: &Value, record: Record<'static>) -> Record<'static> {
    Record {
        time: field::text(part, &["timestamp"]).or_else(|| field::text(value, &["mail.timestamp"])),
        queue_id: field::text(value, &["mail.messageId"]),
        sender: field::address(value, &["mail.source"]),
        relay_ip: field::text(part, &["remoteMtaIp"]),
        ..record
    }
}

fn bounce_label(value: &Value) -> Option<&'static str> {
    match (field::word(value, "bounce.bounceType"), field::word(value, "bounce.bounceSubType")) {
        (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => FIX,
        ("Permanent", _) => REMOVE,
        ("Transient", _) => RETRY,
        _ => None,
    }
}
