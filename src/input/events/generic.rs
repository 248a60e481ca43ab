//! Events of services that have no reader: walks the JSON and takes the strings
//! that are a reply by their key and their shape. Never claims what is not about
//! mail: there must be a recipient, and a word for a mail's fate or an enhanced
//! code. It must not know services.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Event, OK, REMOVE, RETRY, field};
use crate::input::compose;

/// Nesting deeper than this is not looked at.
const DEEPEST: usize = 8;

type Object = Map<String, Value>;

pub(super) fn recognise(value: &Value) -> bool {
    let mut out = Vec::new();
    read(value, &mut out);
    !out.is_empty()
}

pub(super) fn read<'v>(value: &'v Value, out: &mut Vec<Event<'v>>) {
    if value.as_object().is_some_and(|o| o.keys().any(|k| NOT_EVENTS.contains(&k.as_str()))) {
        return;
    }
    walk(value, &mut Vec::new(), out);
}

/// Keys of log transports and of queue listings, which have readers of their own.
const NOT_EVENTS: [&str; 5] = ["MESSAGE", "SYSLOG_IDENTIFIER", "syslog-tag", "queue_name", "__REALTIME_TIMESTAMP"];

/// `above` are the objects that hold `value`, the nearest last.
fn walk<'v>(value: &'v Value, above: &mut Vec<&'v Object>, out: &mut Vec<Event<'v>>) {
    if above.len() >= DEEPEST {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|v| walk(v, above, out)),
        Value::Object(object) => {
            above.push(object);
            if let Some(event) = event(object, above).filter(|e| !latest(out).iter().any(|o| is_same(o, e))) {
                out.push(event);
            }
            object.values().filter(|v| v.is_object() || v.is_array()).for_each(|v| walk(v, above, out));
            above.pop();
        }
        _ => {}
    }
}

/// Events among which one is looked for that was told before: those that may
/// stand in one object with it.
const LATEST: usize = 20;

fn latest<'e, 'v>(events: &'e [Event<'v>]) -> &'e [Event<'v>] {
    &events[events.len().saturating_sub(LATEST)..]
}

/// The same reply is often told twice in one event, cut or whole.
fn is_same(one: &Event<'_>, other: &Event<'_>) -> bool {
    let (a, b) = (&one.record, &other.record);
    a.recipient == b.recipient && (a.text.contains(&*b.text) || b.text.contains(&*a.text))
}

/// Members of the largest object that is looked into for what events share; a
/// larger one lists events by their ids and says nothing itself.
const MOST_MEMBERS: usize = 200;

/// What the strings of one object say.
fn event<'v>(object: &'v Object, above: &[&'v Object]) -> Option<Event<'v>> {
    let text = object.iter().filter_map(|(key, value)| reply(key, value, object)).max_by_key(String::len)?;
    let around = above.iter().rev().skip(1).copied().filter(|o| o.len() <= MOST_MEMBERS);
    let above: Vec<&Object> = std::iter::once(object).chain(around).collect();
    let fate = above.iter().find_map(|o| fate(o));
    if fate.is_none() && compose::status_behind_code(&text).is_none() {
        return None;
    }
    let recipient = above.iter().find_map(|o| address_in(o, &RECIPIENT, 0))?;
    let code = compose::leading_code(&text)?;
    let label = fate.and_then(|(_, label)| label);
    let status = if code < 300 { "delivered" } else { fate.map_or("failed", |(word, _)| word) };
    let mut record = field::record(Some(Cow::Owned(recipient)), status, Cow::Owned(text));
    record.sender = above.iter().find_map(|o| address_in(o, &SENDER, 0)).map(Cow::Owned);
    // The name of the key tells more than its nearness: `time` may be a duration.
    record.time = TIME.iter().find_map(|key| above.iter().find_map(|o| first(o, key)));
    record.queue_id = ID.iter().find_map(|key| above.iter().find_map(|o| first(o, key)));
    Some(Event { record, label })
}

/// Keys that hold a reply, in lower case; matched as parts of a key.
const REPLY_KEYS: [&str; 9] = ["reason", "response", "diag", "message", "details", "error", "bounce", "output", "comment"];

/// The reply in a string, if its key and its shape say so.
fn reply(key: &str, value: &Value, object: &Object) -> Option<String> {
    let key = key.to_ascii_lowercase();
    if !REPLY_KEYS.iter().any(|k| key.contains(k)) {
        return None;
    }
    let text = compose::without_type(value.as_str()?);
    let whole = match compose::leading_code(text) {
        Some(_) => text.to_string(),
        None => {
            compose::leading_status(text)?;
            compose::reply(Some(sibling_code(object)?), None, text)
        }
    };
    let code = compose::leading_code(&whole)?;
    (is_smtp(code) && !is_http(code, &whole)).then_some(whole)
}

/// A code beside words that only begin with the enhanced code.
fn sibling_code(object: &Object) -> Option<u16> {
    let named = |key: &str| key == "code" || key.ends_with("_code") || key.ends_with("Code") || key.ends_with("-code");
    let code = object.iter().filter(|(k, _)| named(k)).find_map(|(_, v)| field::plain(v)?.parse::<u16>().ok());
    code.filter(|c| is_smtp(*c))
}

/// Numbers that mail servers answer with; 404 and its like are of the web.
fn is_smtp(code: u16) -> bool {
    matches!(code, 211..=259 | 421 | 422 | 430..=499 | 500..=599)
}

/// Web servers use some of the numbers too, with words of their own.
fn is_http(code: u16, text: &str) -> bool {
    let words = text.get(4..).unwrap_or_default().trim().to_ascii_lowercase();
    let phrases = ["internal server error", "not implemented", "bad gateway", "service unavailable", "gateway time", "http version"];
    words.starts_with("http") || (matches!(code, 500..=505) && phrases.iter().any(|p| words.starts_with(p)))
}

type Fate = (&'static str, Option<&'static str>);

/// Words for a mail's fate, the more telling first.
const FATES: [(&str, Fate); 17] = [
    ("hard_bounce", ("bounced", REMOVE)),
    ("hardbounce", ("bounced", REMOVE)),
    ("hard bounce", ("bounced", REMOVE)),
    ("hardfail", ("bounced", REMOVE)),
    ("soft_bounce", ("deferred", RETRY)),
    ("softbounce", ("deferred", RETRY)),
    ("soft bounce", ("deferred", RETRY)),
    ("softfail", ("deferred", RETRY)),
    ("defer", ("deferred", RETRY)),
    ("delay", ("deferred", RETRY)),
    ("bounce", ("bounced", None)),
    ("reject", ("rejected", None)),
    ("drop", ("dropped", None)),
    ("block", ("blocked", None)),
    ("undeliver", ("bounced", None)),
    ("deliver", ("delivered", OK)),
    ("fail", ("failed", None)),
];

fn fate(object: &Object) -> Option<Fate> {
    const KEYS: [&str; 10] =
        ["event", "type", "status", "state", "action", "event_type", "eventtype", "bounce_type", "event_name", "notificationtype"];
    let words = object.iter().filter(|(k, _)| KEYS.contains(&k.to_ascii_lowercase().as_str()));
    let words: Vec<String> = words.filter_map(|(_, v)| v.as_str()).map(str::to_ascii_lowercase).collect();
    let found = FATES.iter().find(|(word, _)| words.iter().any(|w| w.contains(word))).map(|(_, fate)| *fate);
    // `delivery_failed` and its like are told by the failure.
    match found {
        Some(("delivered", _)) if words.iter().any(|w| w.contains("fail") || w.contains("error")) => Some(("failed", None)),
        found => found,
    }
}

const RECIPIENT: [&str; 14] = [
    "recipient",
    "rcpt",
    "rcptto",
    "recipientemail",
    "emailaddress",
    "toemail",
    "toaddress",
    "to",
    "email",
    "address",
    "receiver",
    "recipients",
    "destination",
    "emailto",
];
const SENDER: [&str; 6] = ["sender", "mailfrom", "from", "fromemail", "senderemail", "fromaddress"];
const TIME: [&str; 10] = ["timestamp", "time", "eventtime", "createdat", "occurredat", "date", "datetime", "ts", "eventdate", "bouncedat"];
const ID: [&str; 3] = ["messageid", "emailid", "msgid"];

/// Keys are compared without case, `_` and `-`.
fn is_key(key: &str, wanted: &str) -> bool {
    let plain = key.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase());
    plain.eq(wanted.bytes())
}

fn first<'v>(object: &'v Object, wanted: &str) -> Option<Cow<'v, str>> {
    object.iter().find(|(k, _)| is_key(k, wanted)).and_then(|(_, v)| field::plain(v))
}

/// The first address under one of `keys`, in the object or inside it.
fn address_in(object: &Object, keys: &[&str], depth: usize) -> Option<String> {
    let own = keys.iter().find_map(|wanted| {
        let found = object.iter().filter(|(k, _)| is_key(k, wanted));
        found.filter_map(|(_, v)| field::plain(v)).find_map(|t| compose::address(&t).map(str::to_string))
    });
    let inner = || {
        let objects = object.values().filter_map(|v| v.as_object().or_else(|| v.as_array()?.first()?.as_object()));
        objects.filter(|o| depth < DEEPEST && o.len() <= MOST_MEMBERS).find_map(|o| address_in(o, keys, depth + 1))
    };
    own.or_else(inner)
}
