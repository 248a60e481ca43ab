//! How often each finding occurs in an input: counted while it is scanned, or
//! read from a saved summary. It must not know what the counts are for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;

use crate::catalogue::Catalogue;
use crate::codes::rows::Verdict;
use crate::commands::Tip;
use crate::input::source::{self, Source};
use crate::input::{Direction, Kind};
use crate::render::diff::Side;
use crate::scan::filter::Filter;
use crate::scan::reader::{self, Reader};
use crate::scan::ruling::Judge;
use crate::scan::{Seen, Sink};

/// What is counted as one finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub cause: Cow<'static, str>,
    /// Id of who spoke.
    pub provider: Option<Cow<'static, str>>,
    pub verdict: Verdict,
    /// We refused them.
    pub inbound: bool,
}

/// The findings of one input.
#[derive(Default)]
pub struct Counts {
    pub side: Side,
    pub findings: HashMap<Key, usize>,
    /// What could not be read.
    pub unreadable: Vec<String>,
}

/// Bytes that a summary is told by.
const HEAD: usize = 1000;
/// Largest summary read.
const MOST_SUMMARY: u64 = 64 << 20;

/// Counts an input; whether it is a log or a summary is told by its content.
///
/// # Errors
/// An input that cannot be opened, or a summary that cannot be compared.
pub fn read(catalogue: Catalogue, path: &Path) -> Result<Counts> {
    let name = path.display().to_string();
    let mut source = source::open(path).map_err(|e| anyhow!("{name}: cannot read: {e}"))?;
    let head = source.reader.at_least(HEAD).map_err(|e| anyhow!("{name}: cannot read: {e}"))?;
    let mut counts = if is_summary(head) { saved(source).with_context(|| name.clone())? } else { scanned(catalogue, source)? };
    counts.side.input = name;
    Ok(counts)
}

/// The first bytes are those of a summary: its keys, in whatever order a tool
/// may have put them.
fn is_summary(head: &[u8]) -> bool {
    let start: Vec<u8> = head.iter().copied().filter(|b| !b.is_ascii_whitespace()).take(32).collect();
    [b"{\"schema\":1,\"totals\":{".as_slice(), b"{\"totals\":{", b"{\"groups\":[{\"", b"{\"groups\":[],"]
        .iter()
        .any(|s| start.starts_with(s))
}

fn scanned(catalogue: Catalogue, source: Source) -> Result<Counts> {
    let mut counts = Counts::default();
    let filter = Filter::default();
    let mut reader = Reader::new(reader::Settings::default(), Judge::new(catalogue, None), &filter);
    reader.opened(source, &mut counts)?;
    counts.unreadable = reader.report.troubles().collect();
    Ok(counts)
}

impl Sink for Counts {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        let (record, ruling) = (seen.record, seen.ruling);
        self.side.records += 1;
        if record.kind == Kind::Attempt {
            self.side.attempts += 1;
            self.side.delivered += usize::from(record.is_delivered());
        }
        if ruling.verdict != Verdict::Ok && record.kind != Kind::Intermediate {
            let key = Key {
                cause: ruling.cause.id().into(),
                provider: ruling.speaker.map(|s| s.id().into()),
                verdict: ruling.verdict,
                inbound: record.direction == Direction::In,
            };
            *self.findings.entry(key).or_default() += 1;
        }
        Ok(())
    }
}

/// The parts of a summary that are compared.
#[derive(Deserialize)]
struct Summary {
    schema: u32,
    totals: Totals,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Totals {
    records: usize,
    attempts: usize,
    delivered: usize,
}

#[derive(Deserialize)]
struct Group {
    key: Vec<String>,
    cause: String,
    verdict: String,
    provider: Option<String>,
    count: usize,
}

fn saved(source: Source) -> Result<Counts> {
    let mut text = Vec::new();
    let read = source.reader.take(MOST_SUMMARY).read_to_end(&mut text).context("cannot read")?;
    if read as u64 == MOST_SUMMARY {
        return Err(anyhow!("is a summary of more than {MOST_SUMMARY} bytes"));
    }
    let summary: Summary = serde_json::from_slice(&text).context("is no summary of smtpwhy scan -f json")?;
    if summary.schema != 1 {
        return Err(anyhow!("is a summary of schema {}, not 1", summary.schema));
    }
    let t = summary.totals;
    let side = Side { records: t.records, attempts: t.attempts, delivered: t.delivered, ..Side::default() };
    let mut counts = Counts { side, ..Counts::default() };
    for group in summary.groups {
        let (count, key) = (group.count, group.key()?);
        *counts.findings.entry(key).or_default() += count;
    }
    Ok(counts)
}

impl Group {
    /// What the group counts. Only the usual grouping tells cause, verdict and
    /// direction of all that it holds.
    fn key(self) -> Result<Key> {
        let [cause, _, _, verdict, direction] = self.key.as_slice() else { return Err(grouped_otherwise()) };
        if *cause != self.cause || *verdict != self.verdict {
            return Err(grouped_otherwise());
        }
        let known = Verdict::parse(verdict).ok_or_else(|| anyhow!("has an unknown verdict '{verdict}'"))?;
        let inbound = direction == "in";
        Ok(Key { cause: self.cause.into(), provider: self.provider.map(Cow::Owned), verdict: known, inbound })
    }
}

fn grouped_otherwise() -> anyhow::Error {
    anyhow!("is a summary that --by grouped otherwise").context(Tip("save it without --by: smtpwhy scan -f json FILE".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_told_by_their_first_bytes() {
        assert!(is_summary(b"{\n  \"schema\": 1,\n  \"totals\": {\n"));
        assert!(is_summary(b"{\"groups\":[{\"cause\":\"dmarc-fail\""));
        for log in ["Nov 21 17:40:48 mail postfix/smtp", "{\"schema\":1,\"results\":[", "{\"event\":\"bounce\"}", "{\"totals\":1}", ""] {
            assert!(!is_summary(log.as_bytes()), "{log}");
        }
    }
}
