//! PowerMTA's accounting files: columns by header, as the administrator chose
//! them. It must not know what a reply means.

use std::borrow::Cow;

use super::Row;
use super::columns::{Column, plain};
use crate::codes::status::Status;
use crate::input::events::{Event, FIX, OK, REMOVE, RETRY};
use crate::input::{Kind, compose};

/// The first column is the type of the record; the others have PowerMTA's names.
pub(super) fn is_header(names: &[String]) -> bool {
    let own = ["dsnstatus", "dsndiag", "timelogged", "bouncecat", "dsnaction", "vmta"];
    let count = names.iter().filter(|n| own.contains(&plain(n).as_str())).count();
    names.first().is_some_and(|n| plain(n) == "type") && count >= 2
}

/// The column that only PowerMTA has: its category of a bounce.
pub(super) fn category(names: &[String]) -> Option<usize> {
    names.iter().position(|n| plain(n) == "bouncecat")
}

/// What one row says; received mail and feedback loops say nothing.
pub(super) fn event(row: &Row<'_>) -> Option<Event<'static>> {
    let kind = row.get(Column::Status);
    let (status, record_kind) = match kind.as_ref() {
        "b" | "rb" => ("bounced", Kind::Attempt),
        "t" => ("deferred", Kind::Attempt),
        // A queue was put off as a whole.
        "tq" => ("deferred", Kind::Session),
        "d" => ("delivered", Kind::Attempt),
        _ => return None,
    };
    let dsn = row.get(Column::Enhanced);
    let diag = row.get(Column::Reply);
    let mut record = row.record("powermta");
    record.kind = record_kind;
    record.status = Some(Cow::Borrowed(status));
    record.mta_dsn = dsn.split(' ').next().and_then(Status::parse).map(|s| Cow::Owned(s.to_string()));
    record.text = Cow::Owned(text(&diag, &dsn));
    if let Some(mta) = row.own(Column::Relay) {
        let (host, ip) = host_and_ip(&mta);
        record.relay = host;
        record.relay_ip = ip;
    }
    let label = label(&kind, &row.field(row.table.category));
    Some(Event { record, label })
}

/// The reply, else the words that explain the status:
/// `5.4.4 (unable to route: no mail hosts for domain)`.
fn text(diag: &str, dsn: &str) -> String {
    let reply = compose::without_type(diag);
    if !reply.is_empty() {
        return reply.to_string();
    }
    let words = dsn.split_once('(').map(|(_, rest)| rest.trim_end_matches(')'));
    words.unwrap_or_default().to_string()
}

type Host = Option<Cow<'static, str>>;

/// `mx.example.com (192.0.2.1)`
fn host_and_ip(text: &str) -> (Host, Host) {
    let own = |t: &str| Some(t.trim()).filter(|t| !t.is_empty()).map(|t| Cow::Owned(t.to_string()));
    match text.split_once('(') {
        Some((host, ip)) => (own(host), own(ip.trim_end_matches(')'))),
        None => (own(text), None),
    }
}

/// PowerMTA's bounce category.
fn label(kind: &str, category: &str) -> Option<&'static str> {
    match (kind, category) {
        ("d", _) => OK,
        ("t" | "tq", _) => RETRY,
        (_, "bad-mailbox" | "inactive-mailbox" | "bad-domain") => REMOVE,
        (_, "quota-issues" | "no-answer-from-host" | "message-expired" | "bad-connection" | "routing-errors") => RETRY,
        (_, "spam-related" | "content-related" | "policy-related" | "virus-related" | "relaying-issues") => FIX,
        (_, "protocol-errors" | "invalid-sender" | "bad-configuration") => FIX,
        _ => None,
    }
}
