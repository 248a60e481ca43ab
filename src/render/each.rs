//! A line a record, as it is read: for people, as JSON lines for pipelines, as
//! CSV for spreadsheets. It must not know how records are read.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::json::{self, Explanation};
use super::redact::{self, masked};
use crate::cli::Format;
use crate::explain::Finding;
use crate::input::{Direction, Record};
use crate::sanitize;
use crate::scan::tally::Tally;
use crate::scan::{Report, Seen, Sink};
use crate::settings::Settings;

/// Prints records and counts them.
pub struct Each<'a> {
    out: &'a mut dyn Write,
    format: Format,
    live: bool,
    redact: bool,
    started: bool,
    tally: &'a mut Tally,
    style: crate::settings::Style,
}

impl<'a> Each<'a> {
    pub fn new(out: &'a mut dyn Write, format: Format, settings: &Settings, redact: bool, tally: &'a mut Tally) -> Each<'a> {
        Each { out, format, live: !settings.stdin_is_terminal, redact, started: false, tally, style: settings.style }
    }

    /// Every record is printed at once.
    pub fn at_once(mut self, yes: bool) -> Each<'a> {
        self.live |= yes;
        self
    }

    /// Closes the output: a last line with the totals.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn end(&mut self, report: &Report) -> io::Result<()> {
        match self.format {
            Format::Jsonl => super::scan_json::last_line(self.out, self.tally, report, self.redact),
            Format::Json => {
                if !self.started {
                    write!(self.out, "{{\"schema\":1,\"results\":[")?;
                }
                writeln!(self.out, "]}}")
            }
            Format::Text | Format::Table | Format::Csv => Ok(()),
        }
    }

    fn text(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        let r = seen.record;
        let time = seen.time.map_or(String::new(), |t| t.at.strftime("%m-%d %H:%M:%S").to_string());
        let recipient = masked(r.recipient.as_deref().unwrap_or("-"), self.redact);
        let title = || redact::finding(seen.judge.explain(r), self.redact).title;
        let title = if seen.record.is_delivered() { "delivered".to_string() } else { title() };
        let verdict = format!("{:<7}", super::verdict_word(seen.ruling.verdict));
        let verdict = super::text::colored(&verdict, seen.ruling.verdict, self.style);
        let line =
            format!("{time:<14} {verdict} {:<30} {:<18} {}", sanitize::line(&recipient), seen.ruling.cause.id(), sanitize::line(&title));
        writeln!(self.out, "{}", line.trim_end())
    }

    fn json(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        let finding = redact::finding(finding(seen), self.redact);
        let row = Row::new(seen, &finding, self.redact);
        let text = serde_json::to_string(&row)?;
        if self.format == Format::Json {
            let lead = if self.started { "," } else { "{\"schema\":1,\"results\":[" };
            return write!(self.out, "{lead}{}", sanitize::json(&text));
        }
        writeln!(self.out, "{}", sanitize::json(&text))
    }

    fn csv(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
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
        if !self.started {
            writeln!(self.out, "{}", NAMES.join(","))?;
        }
        let r = seen.record;
        let text = |s: Option<&str>| masked(s.unwrap_or(""), self.redact);
        let finding = finding(seen);
        let cells = [
            seen.time.map_or(String::new(), |t| t.to_string()),
            masked(seen.file, self.redact),
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
        let row: Vec<String> = cells.iter().map(|c| csv_cell(c)).collect();
        writeln!(self.out, "{}", row.join(","))
    }
}

impl Sink for Each<'_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.tally.add(seen.record, seen.ruling, seen.time, seen.file);
        match self.format {
            Format::Text | Format::Table => self.text(seen)?,
            Format::Json | Format::Jsonl => self.json(seen)?,
            Format::Csv => self.csv(seen)?,
        }
        self.started = true;
        if self.live { self.out.flush() } else { Ok(()) }
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
