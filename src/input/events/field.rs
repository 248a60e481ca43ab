//! Takes fields out of JSON by path (`msg.diag`), whatever their type. It must
//! not know services.

use std::borrow::Cow;

use serde_json::Value;

use crate::codes::status::Status;
use crate::input::{Record, compose};

/// The value at a dotted path.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |v, key| v.get(key))
}

/// The non-empty text or number at the first path that has one.
pub(crate) fn text(value: &Value, paths: &[&str]) -> Option<Cow<'static, str>> {
    paths.iter().find_map(|path| plain(at(value, path)?))
}

/// A string, a number, or the first of a list of them, trimmed.
pub(crate) fn plain(value: &Value) -> Option<Cow<'static, str>> {
    match value {
        Value::String(s) => (!s.trim().is_empty()).then(|| Cow::Owned(s.trim().to_string())),
        Value::Number(n) => Some(Cow::Owned(n.to_string())),
        Value::Array(values) => plain(values.first()?),
        _ => None,
    }
}

/// The strings of a list, or the one string.
pub(crate) fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(s)) => vec![s],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The string at `path`, empty where there is none.
pub(crate) fn word<'v>(value: &'v Value, path: &str) -> &'v str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// An address, freed of its display name.
pub(crate) fn address(value: &Value, paths: &[&str]) -> Option<Cow<'static, str>> {
    let found = text(value, paths)?;
    Some(compose::address(&found).map_or(found.clone(), |a| Cow::Owned(a.to_string())))
}

/// A status code, if it has the shape of one.
pub(crate) fn status(value: &Value, paths: &[&str]) -> Option<Status> {
    Status::parse(text(value, paths)?.split(' ').next()?)
}

/// A number such as a reply code, also where it is quoted.
pub(crate) fn number(value: &Value, paths: &[&str]) -> Option<u16> {
    text(value, paths)?.parse().ok()
}

/// A reply without the type of a Diagnostic-Code.
pub(crate) fn reply(value: &Value, paths: &[&str]) -> Cow<'static, str> {
    text(value, paths).map(|t| Cow::Owned(compose::without_type(&t).to_string())).unwrap_or_default()
}

/// A record with the recipient, status word and text that every event has.
pub(crate) fn record(recipient: Option<Cow<'static, str>>, status: &str, text: Cow<'static, str>) -> Record<'static> {
    Record { recipient, status: Some(Cow::Owned(status.to_string())), text, ..Record::default() }
}
