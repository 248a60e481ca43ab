//! Amazon SES: notifications and event publishing; the wraps around them
//! (Amazon SNS, SQS, EventBridge) are undone before. It must not know other
//! services.

use std::borrow::Cow;

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, Record, field};
use crate::codes::status::Status;

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    value.get("mail").is_some_and(T::is_object) && !kind(value).is_empty()
}

fn kind<'l, T: Tree<'l>>(value: T) -> Cow<'l, str> {
    let event = field::word(value, "eventType");
    if event.is_empty() { field::word(value, "notificationType") } else { event }
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    match &*kind(value) {
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
fn each<'l, T: Tree<'l>>(value: T, part: &str, list: &str, label: Option<&'static str>, out: &mut Vec<Event<'l>>) {
    let part = value.get(part);
    let entries: Vec<T> = part.and_then(|part| part.get(list)).map(|list| list.elements().collect()).unwrap_or_default();
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
fn all<'l, T: Tree<'l>>(value: T, recipients: Vec<Cow<'l, str>>, text: &str, label: Option<&'static str>, out: &mut Vec<Event<'l>>) {
    let part = value.get(text.split('.').next().unwrap_or_default());
    let word = if label == OK { "delivered" } else { "rejected" };
    let base = field::record(None, word, field::reply(value, &[text]));
    let base = with_mail(value, part, base).for_many(recipients.len());
    for recipient in recipients {
        out.push(Event { record: Record { recipient: Some(recipient), ..base.clone() }, label });
    }
}

/// What the event says of the mail.
fn with_mail<'l, T: Tree<'l>>(value: T, part: Option<T>, record: Record<'l>) -> Record<'l> {
    Record {
        time: part.and_then(|part| field::text(part, &["timestamp"])).or_else(|| field::text(value, &["mail.timestamp"])),
        queue_id: field::text(value, &["mail.messageId"]),
        sender: field::address(value, &["mail.source"]),
        relay_ip: part.and_then(|part| field::text(part, &["remoteMtaIp"])),
        ..record
    }
}

fn bounce_label<'l, T: Tree<'l>>(value: T) -> Option<&'static str> {
    match (&*field::word(value, "bounce.bounceType"), &*field::word(value, "bounce.bounceSubType")) {
        (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => FIX,
        ("Permanent", _) => REMOVE,
        ("Transient", _) => RETRY,
        _ => None,
    }
}
