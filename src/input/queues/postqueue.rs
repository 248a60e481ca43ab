//! `postqueue -j`: one JSON object a message, with the reason beside each
//! recipient. It must not know what a reason means.

use serde_json::Value;

use super::reason;
use crate::input::Record;
use crate::input::events::field;

/// Whether `value` is a message as Postfix lists it.
pub fn recognise(value: &Value) -> bool {
    let has = |key| value.get(key).is_some();
    has("queue_name") && has("queue_id") && value.get("recipients").is_some_and(Value::is_array)
}

/// One record for each recipient; `line` is the line that the object ends on.
pub fn read(value: &Value, line: u64, out: &mut Vec<Record<'static>>) {
    for entry in value.get("recipients").and_then(Value::as_array).into_iter().flatten() {
        let record = Record {
            format: "postfix-queue",
            time: field::text(value, &["arrival_time"]),
            queue_id: field::text(value, &["queue_id"]),
            sender: Some(field::word(value, "sender")),
            recipient: field::text(entry, &["address"]),
            status: field::text(value, &["queue_name"]),
            line,
            ..Record::default()
        };
        let record = record.into_owned();
        out.push(match entry.get("delay_reason").and_then(Value::as_str) {
            Some(reason) => reason::postfix(reason).put_into(record),
            None => record,
        });
    }
}
