//! Postmark: bounce and delivery webhooks, and the bounces of its API. It must
//! not know other services.

use std::borrow::Cow;

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let has = |key| value.get(key).is_some();
    let webhook = has("RecordType") && (has("MessageID") || has("Email") || has("Recipient"));
    webhook || (has("Type") && has("Email") && has("Details") && (has("TypeCode") || has("BouncedAt")))
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let record_type = field::word(value, "RecordType");
    let kind = field::word(value, "Type");
    let (status, label) = match &*record_type {
        "Delivery" => (Cow::Borrowed("delivered"), OK),
        "Bounce" | "" if is_failure(&kind) => {
            let label = label(&kind);
            (kind, label)
        }
        _ => return,
    };
    let text = field::reply(value, &["Details", "Description"]);
    let mut record = field::record(field::address(value, &["Email", "Recipient"]), status, text);
    record.time = field::text(value, &["BouncedAt", "DeliveredAt"]);
    record.queue_id = field::text(value, &["MessageID"]);
    record.sender = field::address(value, &["From"]);
    out.push(Event { record, label });
}

/// Postmark files answers of people and of programs under its bounces too.
fn is_failure(kind: &str) -> bool {
    let answers = [
        "Unsubscribe",
        "Subscribe",
        "AutoResponder",
        "AddressChange",
        "OpenRelayTest",
        "ChallengeVerification",
        "SpamComplaint",
        "InboundError",
    ];
    !kind.is_empty() && !answers.contains(&kind)
}

fn label(kind: &str) -> Option<&'static str> {
    match kind {
        "HardBounce" | "BadEmailAddress" | "ManuallyDeactivated" => REMOVE,
        "SoftBounce" | "Transient" | "DnsError" => RETRY,
        "SpamNotification" | "VirusNotification" | "Blocked" | "SMTPApiError" | "DMARCPolicy" | "TemplateRenderingFailed" => FIX,
        _ => None,
    }
}
