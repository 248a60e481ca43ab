//! Resend: webhook events. Often there is no reply, only the wording of Amazon
//! SES. It must not know other services.

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, Record, field};
use crate::input::compose;

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    field::at(value, "data.to").is_some() && field::word(value, "type").starts_with("email.")
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let (status, label) = match &*field::word(value, "type") {
        "email.bounced" => ("bounced", bounce_label(value)),
        "email.delivery_delayed" => ("deferred", RETRY),
        "email.failed" => ("failed", FIX),
        "email.suppressed" => ("suppressed", REMOVE),
        "email.delivered" => ("delivered", OK),
        _ => return,
    };
    let paths = ["data.bounce.diagnosticCode", "data.bounce.message", "data.failed.reason", "data.suppressed.message", "data.reason"];
    let text = field::reply(value, &paths);
    let recipients = field::strings(field::at(value, "data.to"));
    let base = Record {
        time: field::text(value, &["created_at", "data.created_at"]),
        queue_id: field::text(value, &["data.email_id"]),
        sender: field::address(value, &["data.from"]),
        ..field::record(None, status, text)
    };
    let base = base.for_many(recipients.len());
    for recipient in recipients {
        let recipient = field::part(recipient, |found| compose::address(found).unwrap_or(found));
        out.push(Event { record: Record { recipient: Some(recipient), ..base.clone() }, label });
    }
}

fn bounce_label<'l, T: Tree<'l>>(value: T) -> Option<&'static str> {
    match (&*field::word(value, "data.bounce.type"), &*field::word(value, "data.bounce.subType")) {
        (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => FIX,
        ("Permanent", _) => REMOVE,
        ("Transient" | "Temporary", _) => RETRY,
        _ => None,
    }
}
