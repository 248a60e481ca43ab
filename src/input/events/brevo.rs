//! Brevo (Sendinblue): webhook events and the events of its API. It must not
//! know other services.

use std::borrow::Cow;

use super::tree::Tree;
use super::{Event, FIX, OK, REMOVE, RETRY, field};
use crate::input::compose;

pub(super) fn recognise<'l, T: Tree<'l>>(value: T) -> bool {
    let has = |key| value.get(key).is_some();
    let event = field::word(value, "event");
    let own = outcome(&event).is_some() || OTHERS.contains(&&*event);
    own && has("email") && (has("message-id") || has("messageId") || has("ts_event"))
}

/// Events that say nothing about delivery.
const OTHERS: [&str; 8] = ["request", "requests", "opened", "unique_opened", "proxy_open", "click", "spam", "unsubscribed"];

/// The status word of an event, and the verdict it stands for.
fn outcome(event: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match event {
        "hard_bounce" | "hardBounces" | "hardBounce" => ("hard_bounce", REMOVE),
        "invalid_email" | "invalid" | "invalidEmail" => ("invalid_email", REMOVE),
        "blocked" => ("blocked", REMOVE),
        "soft_bounce" | "softBounces" | "softBounce" => ("soft_bounce", RETRY),
        "deferred" => ("deferred", RETRY),
        "error" => ("error", FIX),
        "delivered" => ("delivered", OK),
        _ => return None,
    })
}

pub(super) fn read<'l, T: Tree<'l>>(value: T, out: &mut Vec<Event<'l>>) {
    let Some((status, label)) = outcome(&field::word(value, "event")) else { return };
    let reason = field::text(value, &["reason"]).unwrap_or_default();
    let mut record = field::record(field::address(value, &["email"]), status, Cow::Owned(without_prefix(&reason)));
    record.time = field::text(value, &["ts_event", "ts", "date"]);
    record.queue_id = field::text(value, &["message-id", "messageId"]);
    record.sender = field::address(value, &["sender_email", "from"]);
    out.push(Event { record, label });
}

/// Brevo sets its own word, and often the code once more, before the reply:
/// `550 RecipientError: 550 5.1.1 …`, `undefined Unable to find MX …`.
fn without_prefix(reason: &str) -> String {
    let reason = reason.trim();
    if let Some(rest) = reason.strip_prefix("undefined ") {
        return rest.to_string();
    }
    let code = compose::leading_code(reason);
    let behind = if code.is_some() { reason.get(4..).unwrap_or_default() } else { reason };
    let Some((word, reply)) = behind.split_once(": ") else { return reason.to_string() };
    let own = word.ends_with("Error") && word.bytes().all(|b| b.is_ascii_alphanumeric());
    if own { compose::reply(code, None, reply) } else { reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::without_prefix;

    #[test]
    fn own_words_before_the_reply_are_dropped() {
        assert_eq!(without_prefix(" RecipientError: 550 5.5.0 no"), "550 5.5.0 no");
        assert_eq!(without_prefix("550 RecipientError: 550 5.1.1 no"), "550 5.1.1 no");
        assert_eq!(without_prefix("554 SenderError: not you"), "554 not you");
        assert_eq!(without_prefix("undefined Unable to find MX of domain"), "Unable to find MX of domain");
        assert_eq!(without_prefix("550 5.1.1 Error: no"), "550 5.1.1 Error: no");
        assert_eq!(without_prefix("450"), "450");
    }
}
