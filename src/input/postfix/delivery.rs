//! Lines of delivery agents: `to=<…>, relay=…, dsn=…, status=WORD (REASON)`.
//! The fields stand in a fixed order before the reason, so nothing that a
//! server says is taken for a field. It must not know what replies mean.

use std::borrow::Cow;

use super::names::Host;
use super::reason::{self, Told};
use crate::codes::status::Stage;
use crate::input::find::{cut, rcut};
use crate::input::{Direction, Kind, Record};

/// Reads the line behind its queue id.
pub(super) fn read(rest: &str) -> Option<Record<'_>> {
    let (addresses, rest) = cut(rest.strip_prefix("to=<")?, ">, relay=")?;
    let (to, original) = cut(addresses, ">, orig_to=<").map_or((addresses, None), |(to, o)| (to, Some(o)));
    let (relay, rest) = cut(rest, ", ")?;
    let (fields, outcome) = rest.strip_prefix("status=").map(|outcome| ("", outcome)).or_else(|| cut(rest, ", status="))?;
    let dsn = rcut(fields, "dsn=").map(|(_, dsn)| dsn);
    let outcome = Outcome::of(outcome);
    let record = outcome.record(dsn);
    let host = Host::at(relay).map(|(host, _)| host).unwrap_or_default();
    Some(Record {
        direction: Direction::Out,
        recipient: Some(Cow::Borrowed(to)),
        orig_to: original.map(Cow::Borrowed),
        relay: host.relay().or(record.relay),
        relay_ip: host.relay_ip().or(record.relay_ip),
        status: Some(Cow::Borrowed(outcome.status)),
        mta_dsn: dsn.map(Cow::Borrowed),
        ..record
    })
}

/// `WORD (REASON)`.
struct Outcome<'t> {
    status: &'t str,
    /// What stands behind the opening bracket.
    reason: &'t str,
}

impl<'t> Outcome<'t> {
    fn of(text: &'t str) -> Outcome<'t> {
        let (status, reason) = text.split_once(' ').unwrap_or((text, ""));
        Outcome { status, reason: reason.strip_prefix('(').unwrap_or(reason) }
    }

    fn record(&self, dsn: Option<&'t str>) -> Record<'t> {
        if matches!(self.status, "sent" | "deliverable") {
            return self.good();
        }
        let (text, kind) = match self.reason.strip_prefix("delivery temporarily suspended: ") {
            Some(text) => (text, Kind::Intermediate),
            None => (self.reason, Kind::Attempt),
        };
        Record { kind, ..reason::read(&Told { text, bracketed: true, dsn }).into_record() }
    }

    /// A delivery; `delivered to maildir` and the like are no reply.
    fn good(&self) -> Record<'t> {
        let body = self.reason.strip_suffix(')');
        let text = body.unwrap_or(self.reason);
        if !reason::starts_with_code(text) {
            return Record::default();
        }
        let stage = if self.status == "sent" { Stage::EndOfData } else { Stage::Rcpt };
        Record { text: Cow::Borrowed(text.trim_end()), stage: Some(stage), truncated: body.is_none(), ..Record::default() }
    }
}
