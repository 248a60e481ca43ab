//! Takes fields out of JSON by path (`msg.diag`), whatever their type. It must
//! not know services.

use std::borrow::Cow;

use super::tree::Tree;
use crate::codes::status::Status;
use crate::input::find::near;
use crate::input::{Record, compose};

/// The value at a dotted path.
pub(crate) fn at<'l, T: Tree<'l>>(value: T, path: &str) -> Option<T> {
    match near(path.as_bytes(), b'.') {
        Some(dot) => at(value.get(&path[..dot])?, &path[dot + 1..]),
        None => value.get(path),
    }
}

/// The non-empty text or number at the first path that has one.
pub(crate) fn text<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Option<Cow<'l, str>> {
    paths.iter().find_map(|path| plain(at(value, path)?))
}

/// A string, a number, or the first of a list of them, trimmed.
pub(crate) fn plain<'l, T: Tree<'l>>(value: T) -> Option<Cow<'l, str>> {
    if let Some(text) = value.text() {
        return Some(part(text, compose::trim)).filter(|text| !text.is_empty());
    }
    value.number().or_else(|| plain(value.elements().next()?))
}

/// Part of a text, copied only where the text is not the log's own.
pub(crate) fn part<'l>(text: Cow<'l, str>, cut: impl Fn(&str) -> &str) -> Cow<'l, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) => Cow::Owned(cut(&text).to_string()),
    }
}

/// The strings of a list, or the one string.
pub(crate) fn strings<'l, T: Tree<'l>>(value: Option<T>) -> Vec<Cow<'l, str>> {
    let Some(value) = value else { return Vec::new() };
    value.text().into_iter().chain(value.elements().filter_map(T::text)).collect()
}

/// The string at `path`, empty where there is none.
pub(crate) fn word<'l, T: Tree<'l>>(value: T, path: &str) -> Cow<'l, str> {
    at(value, path).and_then(T::text).unwrap_or_default()
}

/// An address, freed of its display name.
pub(crate) fn address<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Option<Cow<'l, str>> {
    Some(part(text(value, paths)?, |found| compose::address(found).unwrap_or(found)))
}

/// A status code, if it has the shape of one.
pub(crate) fn status<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Option<Status> {
    Status::parse(text(value, paths)?.split(' ').next()?)
}

/// As [`status`], in digits.
pub(crate) fn dsn<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Option<Cow<'l, str>> {
    let word = part(text(value, paths)?, |text| text.split(' ').next().unwrap_or_default());
    let status = Status::parse(&word)?;
    let as_usual = word.starts_with(|c: char| c != 'x') && word.split('.').all(|n| n.len() == 1 || !n.starts_with('0'));
    Some(if as_usual { word } else { Cow::Owned(status.to_string()) })
}

/// A number such as a reply code, also where it is quoted.
pub(crate) fn number<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Option<u16> {
    text(value, paths)?.parse().ok()
}

/// A reply without the type of a Diagnostic-Code.
pub(crate) fn reply<'l, T: Tree<'l>>(value: T, paths: &[&str]) -> Cow<'l, str> {
    text(value, paths).map(|t| part(t, compose::without_type)).unwrap_or_default()
}

/// A record with the recipient, status word and text that every event has.
pub(crate) fn record<'l>(recipient: Option<Cow<'l, str>>, status: impl Into<Cow<'l, str>>, text: Cow<'l, str>) -> Record<'l> {
    Record { recipient, status: Some(status.into()), text, ..Record::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_written_as_usual() {
        for (text, dsn) in [
            ("5.1.1", Some("5.1.1")),
            ("4.7.650 (delivery)", Some("4.7.650")),
            ("5.01.1", Some("5.1.1")),
            ("2.0.0", Some("2.0.0")),
            ("x.1.010", Some("X.1.10")),
            ("X.1.10", Some("X.1.10")),
            ("5.1", None),
            ("", None),
        ] {
            let value = serde_json::json!({ "status": text });
            assert_eq!(super::dsn(&value, &["status"]).as_deref(), dsn, "{text}");
            assert_eq!(status(&value, &["status"]).map(|s| s.to_string()).as_deref(), dsn, "{text}");
        }
    }
}
