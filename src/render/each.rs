//! A line a record, as it is read: for people, as JSON lines for pipelines, as
//! CSV for spreadsheets. It must not know how records are read.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::json::{self, Explanation};
use super::redact::{self, masked};
use crate::cli::Format;
use crate::explain::Finding;
use crate::input::time::Time;
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
    pub fn new(
        out: &'a mut dyn Write,
        format: Format,
        settings: &Settings,
        redact: bool,
        threads: usize,
        tally: &'a mut Tally,
    ) -> Each<'a> {
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
            Format::Jsonl => super::scan_json::last_line(self.out, self.tally, report, self.rows.redact),
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
const NAMES: [&str; 14] =
    ["time", "file", "line", "queue_id", "sender", "recipient", "relay", "stage", "code", "enhanced", "verdict", "cause", "who", "reply"];

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
        let title = || redact::finding(seen.judge.explain(r), self.redact).title;
        let title = if seen.record.is_delivered() { "delivered".to_string() } else { title() };
        let verdict = format!("{:<7}", super::verdict_word(seen.ruling.verdict));
        let verdict = super::text::colored(&verdict, seen.ruling.verdict, self.style);
        let line =
            format!("{time:<14} {verdict} {:<30} {:<18} {}", sanitize::line(&recipient), seen.ruling.cause.id(), sanitize::line(&title));
        line.trim_end().to_string()
    }

    fn json(self, seen: &Seen<'_, '_>) -> io::Result<String> {
        let finding = redact::finding(finding(seen), self.redact);
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
    file: String,
    line: u64,
    time: Option<String>,
    format: &'static str,
    kind: &'static str,
    queue_id: Option<String>,
    sender: Option<String>,
    recipient: Option<String>,
    orig_to: Option<String>,
    relay: Option<String>,
    relay_ip: Option<String>,
    stage: Option<&'static str>,
    direction: &'static str,
    status: Option<String>,
    mta_dsn: Option<String>,
    #[serde(flatten)]
    explanation: Explanation<'a>,
}

impl<'a> Row<'a> {
    fn new(seen: &'a Seen<'_, '_>, finding: &'a Finding, redact: bool) -> Row<'a> {
        let r: &'a Record<'_> = seen.record;
        let shown = |field: &Option<Cow<'_, str>>| redact::field(field.as_ref(), redact);
        Row {
            r#type: "finding",
            file: masked(seen.file, redact),
            line: r.line,
            time: seen.time.map(|t| t.to_string()),
            format: r.format,
            kind: r.kind.name(),
            queue_id: shown(&r.queue_id),
            sender: shown(&r.sender),
            recipient: shown(&r.recipient),
            orig_to: shown(&r.orig_to),
            relay: shown(&r.relay),
            relay_ip: shown(&r.relay_ip),
            stage: r.stage.map(|s| s.name()),
            direction: if r.direction == Direction::In { "in" } else { "out" },
            status: shown(&r.status),
            mta_dsn: shown(&r.mta_dsn),
            explanation: json::explanation(finding),
        }
    }
}

/// A cell that a spreadsheet takes as text: quoted where needed, and with an
/// apostrophe in front where it would be run.
pub fn csv_cell(text: &str) -> String {
    let safe = sanitize::line(text);
    let first = safe.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    let runs = first.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || text.starts_with(['\t', '\r', '\n']);
    quoted_cell(if runs { Cow::Owned(format!("'{safe}")) } else { safe })
}

/// A cell for a program, which takes it as it is.
pub fn plain_cell(text: &str) -> String {
    quoted_cell(sanitize::line(text))
}

fn quoted_cell(text: Cow<'_, str>) -> String {
    if text.contains([',', '"', '\n', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_defused() {
        assert_eq!(csv_cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv_cell("plain"), "plain");
        for text in ["+1", "-1", "@x", " =1", "\t=1", "\"=1\"", "'=1", "\u{a0}=1", "＝1", "\tx", "\rx"] {
            assert!(csv_cell(text).trim_start_matches('"').starts_with('\''), "{text:?}");
        }
        assert_eq!(plain_cell("+1@example.com"), "+1@example.com");
    }
}
