//! A line a record, as it is read: for people, as JSON lines for pipelines, as
//! CSV for spreadsheets. It must not know how records are read.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::json::{self, Explanation};
use crate::cli::Format;
use crate::explain::Finding;
use crate::input::time::Time;
use crate::input::transcript::mask;
use crate::input::{Direction, Record};
use crate::sanitize;
use crate::scan::ruling::{Judge, Ruling};
use crate::scan::tally::Tally;
use crate::scan::{Report, Seen, Sink};
use crate::settings::Settings;

/// Prints records and counts them.
pub struct Each<'a> {
    out: &'a mut dyn Write,
    rows: Rows,
    tally: &'a mut Tally,
    /// Every record is printed at once.
    live: bool,
    started: bool,
    /// Records that wait until there are enough for all threads.
    waiting: Vec<Held>,
    /// One for each thread.
    judges: Vec<Judge>,
    threads: usize,
}

/// How a record becomes a row.
#[derive(Clone, Copy)]
struct Rows {
    format: Format,
    redact: bool,
    style: crate::settings::Style,
}

/// A record that waits, with what it means.
struct Held {
    record: Record<'static>,
    ruling: Ruling,
    time: Option<Time>,
    file: String,
    label: Option<&'static str>,
}

/// Records that are explained together.
const TOGETHER: usize = 128;

impl<'a> Each<'a> {
    /// Prints with so many threads; with none every record at once.
    pub fn new(out: &'a mut dyn Write, format: Format, settings: &Settings, redact: bool, threads: usize, tally: &'a mut Tally) -> Each<'a> {
        let rows = Rows { format, redact, style: settings.style };
        Each { out, rows, tally, live: threads == 0, started: false, waiting: Vec::new(), judges: Vec::new(), threads: threads.max(1) }
    }

    /// Closes the output: a last line with the totals.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn end(&mut self, report: &Report) -> io::Result<()> {
        self.print_waiting()?;
        match self.rows.format {
            Format::Jsonl => super::scan_json::last_line(self.out, self.tally, report),
            Format::Json => {
                if !self.started {
                    write!(self.out, "{{\"schema\":1,\"results\":[")?;
                }
                writeln!(self.out, "]}}")
            }
            Format::Text | Format::Table | Format::Csv => Ok(()),
        }
    }

    /// Explains what waits on all threads, and prints it in its order.
    fn print_waiting(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let (rows, share) = (self.rows, waiting.len().div_ceil(self.threads).max(1));
        let shares = waiting.chunks(share).zip(&mut self.judges);
        let printed: Vec<io::Result<Vec<String>>> = std::thread::scope(|scope| {
            let explain = |(held, judge): (&[Held], &mut Judge)| held.iter().map(|h| rows.row(&h.seen(judge))).collect();
            let started: Vec<_> = shares.map(|share| scope.spawn(move || explain(share))).collect();
            started.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        for row in printed.into_iter().collect::<io::Result<Vec<_>>>()?.into_iter().flatten() {
            self.print(&row)?;
        }
        Ok(())
    }

    fn print(&mut self, row: &str) -> io::Result<()> {
        match (self.rows.format, self.started) {
            (Format::Json, false) => write!(self.out, "{{\"schema\":1,\"results\":[{row}")?,
            (Format::Json, true) => write!(self.out, ",{row}")?,
            (Format::Csv, false) => writeln!(self.out, "{}\n{row}", NAMES.join(","))?,
            _ => writeln!(self.out, "{row}")?,
        }
        self.started = true;
        Ok(())
    }
}

impl Sink for Each<'_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.tally.add(seen.record, seen.ruling, seen.time, seen.file);
        if self.live {
            self.print(&self.rows.row(seen)?)?;
            return self.out.flush();
        }
        if self.judges.is_empty() {
            self.judges = (0..self.threads).map(|_| seen.judge.again()).collect();
        }
        self.waiting.push(Held::of(seen));
        if self.waiting.len() < TOGETHER * self.threads { Ok(()) } else { self.print_waiting() }
    }
}

impl Held {
    fn of(seen: &Seen<'_, '_>) -> Held {
        let (record, ruling) = (seen.record.clone().into_owned(), seen.ruling.clone());
        Held { record, ruling, time: seen.time, file: seen.file.to_string(), label: seen.label }
    }

    fn seen<'h>(&'h self, judge: &'h Judge) -> Seen<'h, 'static> {
        Seen { record: &self.record, ruling: &self.ruling, time: self.time, file: &self.file, label: self.label, judge }
    }
}

/// The columns of CSV.
const NAMES: [&str; 14] = [
    "time",
    "file",
    "line",
    "queue_id",
    "sender",
    "recipient",
    "relay",
    "stage",
    "code",
    "enhanced",
    "verdict",
    "cause",
    "who",
    "reply",
];

impl Rows {
    fn row(self, seen: &Seen<'_, '_>) -> io::Result<String> {
        Ok(match self.format {
            Format::Text | Format::Table => self.text(seen),
            Format::Json | Format::Jsonl => self.json(seen)?,
            Format::Csv => self.csv(seen),
        })
    }

    fn text(self, seen: &Seen<'_, '_>) -> String {
        let r = seen.record;
        let time = seen.time.map_or(String::new(), |t| t.at.strftime("%m-%d %H:%M:%S").to_string());
        let recipient = masked(r.recipient.as_deref().unwrap_or("-"), self.redact);
        let title = if seen.record.is_delivered() { "delivered".to_string() } else { masked(&seen.judge.explain(r).title, self.redact) };
        let verdict = format!("{:<7}", super::verdict_word(seen.ruling.verdict));
        let verdict = super::text::colored(&verdict, seen.ruling.verdict, self.style);
        let line =
            format!("{time:<14} {verdict} {:<30} {:<18} {}", sanitize::line(&recipient), seen.ruling.cause.id(), sanitize::line(&title));
        line.trim_end().to_string()
    }

    fn json(self, seen: &Seen<'_, '_>) -> io::Result<String> {
        let finding = redacted(finding(seen), self.redact);
        let text = serde_json::to_string(&Row::new(seen, &finding, self.redact))?;
        Ok(match sanitize::json(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(safe) => safe,
        })
    }

    fn csv(self, seen: &Seen<'_, '_>) -> String {
        let r = seen.record;
        let text = |s: Option<&str>| masked(s.unwrap_or(""), self.redact);
        let finding = finding(seen);
        let cells = [
            seen.time.map_or(String::new(), |t| t.to_string()),
            seen.file.to_string(),
            r.line.to_string(),
            text(r.queue_id.as_deref()),
            text(r.sender.as_deref()),
            text(r.recipient.as_deref()),
            text(r.relay.as_deref()),
            r.stage.map_or("", |s| s.name()).to_string(),
            finding.code.map_or(String::new(), |c| c.to_string()),
            finding.enhanced.map_or(String::new(), |e| e.to_string()),
            seen.ruling.verdict.name().to_string(),
            seen.ruling.cause.id().to_string(),
            seen.ruling.who.name().to_string(),
            masked(&r.text, self.redact),
        ];
        cells.iter().map(|c| csv_cell(c)).collect::<Vec<_>>().join(",")
    }
}

/// The full answer, with the service's own word where that contradicts it.
fn finding(seen: &Seen<'_, '_>) -> Finding {
    let mut finding = seen.judge.explain(seen.record);
    finding.verdict = seen.ruling.verdict;
    finding.enhanced = finding.enhanced.filter(|_| finding.enhanced_first);
    if seen.record.is_delivered() && seen.record.text.is_empty() {
        let cause = seen.ruling.cause;
        (finding.title, finding.meaning) = (cause.title().to_string(), cause.means().to_string());
        finding.confidence = seen.ruling.confidence;
        finding.steps.clear();
    }
    if let Some(label) = seen.label.filter(|l| *l != seen.ruling.verdict.name()) {
        let verdict = seen.ruling.verdict.name();
        finding.conflicts.push(format!("the sending service's own word means {label}, the reply means {verdict}"));
    }
    finding
}

#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    file: &'a str,
    line: u64,
    time: Option<String>,
    format: &'static str,
    kind: &'static str,
    queue_id: Option<&'a str>,
    sender: Option<String>,
    recipient: Option<String>,
    orig_to: Option<String>,
    relay: Option<&'a str>,
    relay_ip: Option<&'a str>,
    stage: Option<&'static str>,
    direction: &'static str,
    status: Option<&'a str>,
    mta_dsn: Option<&'a str>,
    #[serde(flatten)]
    explanation: Explanation<'a>,
}

impl<'a> Row<'a> {
    fn new(seen: &'a Seen<'_, '_>, finding: &'a Finding, redact: bool) -> Row<'a> {
        let r: &'a Record<'_> = seen.record;
        let address = |a: &Option<Cow<'_, str>>| a.as_deref().map(|a| masked(a, redact));
        Row {
            r#type: "finding",
            file: seen.file,
            line: r.line,
            time: seen.time.map(|t| t.to_string()),
            format: r.format,
            kind: r.kind.name(),
            queue_id: r.queue_id.as_deref(),
            sender: address(&r.sender),
            recipient: address(&r.recipient),
            orig_to: address(&r.orig_to),
            relay: r.relay.as_deref(),
            relay_ip: r.relay_ip.as_deref(),
            stage: r.stage.map(|s| s.name()),
            direction: if r.direction == Direction::In { "in" } else { "out" },
            status: r.status.as_deref(),
            mta_dsn: r.mta_dsn.as_deref(),
            explanation: json::explanation(finding),
        }
    }
}

/// Credentials never leave; addresses do unless they are to be masked.
pub(crate) fn masked(text: &str, redact: bool) -> String {
    let safe = mask::credentials(text);
    if redact { without_addresses(&safe) } else { safe.into_owned() }
}

/// The finding as it may be shown.
pub(super) fn redacted(mut f: Finding, redact: bool) -> Finding {
    // All else in a finding is made of these and of the catalogue.
    let holds_secrets = |s: &str| matches!(mask::credentials(s), Cow::Owned(_));
    if !redact && !holds_secrets(&f.input) && !holds_secrets(&f.text) {
        return f;
    }
    let safe = |s: &mut String| *s = masked(s, redact);
    let d = &mut f.details;
    [&mut f.input, &mut f.text, &mut f.matched.text, &mut f.title, &mut f.meaning, &mut f.note].into_iter().for_each(safe);
    f.steps.iter_mut().chain(&mut f.commands).chain(&mut f.conflicts).for_each(safe);
    f.layers.iter_mut().map(|l| &mut l.meaning).for_each(safe);
    [&mut d.recipient, &mut d.sender, &mut d.url, &mut f.url].into_iter().flatten().for_each(safe);
    f
}

/// `a***@example.com`: the domain may stay, the person not.
pub fn without_addresses(text: &str) -> String {
    let is_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '=' | '\'' | '*' | '/' | '%');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let domain = rest[at + 1..].starts_with(char::is_alphanumeric);
        let start = rest[..at].rfind(|c| !is_local(c)).map_or(0, |n| n + rest[n..].chars().next().map_or(1, char::len_utf8));
        if domain && start < at {
            out.push_str(&rest[..start]);
            out.extend(rest[start..at].chars().next());
            out.push_str("***@");
        } else {
            out.push_str(&rest[..=at]);
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

/// A cell that a spreadsheet takes as text: quoted where needed, and with an
/// apostrophe in front where it would be run.
pub fn csv_cell(text: &str) -> String {
    let safe = sanitize::line(text);
    let runs = safe.starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r']);
    let cell = if runs { format!("'{safe}") } else { safe.into_owned() };
    if cell.contains([',', '"', '\n', ';']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_but_their_domains_stay() {
        assert_eq!(without_addresses("<user.name@example.com>: no, see b@x.example"), "<u***@example.com>: no, see b***@x.example");
        assert_eq!(without_addresses("no address @ all"), "no address @ all");
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_defused() {
        assert_eq!(csv_cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv_cell("plain"), "plain");
    }
}
