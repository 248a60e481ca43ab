//! A line a record, as it is read: for people, as JSON lines for pipelines, as
//! CSV for spreadsheets. It must not know how records are read.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use super::form::{self, Form};
use super::json::{self, Explanation};
use super::redact::{self, masked};
use crate::cli::Format;
use crate::explain::Finding;
use crate::input::{Direction, Record};
use crate::matcher::shape::Shaper;
use crate::sanitize;
use crate::scan::answers::{Answer, Answers};
use crate::scan::tally::Tally;
use crate::scan::{Report, Seen, Show, Shown, Sink};
use crate::settings::Style;

/// Prints records and counts them.
pub struct Each<'a> {
    paper: Paper<'a>,
    make: Box<dyn Fn() -> Box<dyn Show>>,
    /// Shows what is not shown on several threads.
    show: Box<dyn Show>,
    shaper: Option<Shaper>,
    page: Vec<u8>,
    tally: &'a mut Tally,
    rows: Rows,
    /// Every record is printed at once.
    live: bool,
}

/// How a record becomes a row.
#[derive(Clone, Copy)]
struct Rows {
    format: Format,
    redact: bool,
    style: Style,
}

/// What rows are printed on, with a beginning where the format has one.
struct Paper<'a> {
    out: &'a mut dyn Write,
    format: Format,
    started: bool,
}

impl<'a> Each<'a> {
    /// Prints; where `live` every record at once.
    pub fn new(out: &'a mut dyn Write, format: Format, style: Style, redact: bool, live: bool, tally: &'a mut Tally) -> Each<'a> {
        let rows = Rows { format, redact, style };
        let answers = Arc::new(Answers::default());
        let make = Box::new(move || -> Box<dyn Show> {
            Box::new(Shower { rows, answers: Arc::clone(&answers), key: Vec::new(), file: Default::default() })
        });
        let paper = Paper { out, format, started: false };
        Each { paper, show: make(), make, shaper: None, page: Vec::new(), tally, rows, live }
    }

    /// Closes the output: a last line with the totals.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn end(&mut self, report: &Report) -> io::Result<()> {
        let Paper { out, started, .. } = &mut self.paper;
        match self.rows.format {
            Format::Jsonl => super::scan_json::last_line(*out, self.tally, report, self.rows.redact),
            Format::Json => {
                if !*started {
                    write!(out, "{BEGIN}")?;
                }
                writeln!(out, "]}}")
            }
            Format::Text | Format::Table | Format::Csv => Ok(()),
        }
    }
}

/// How a JSON object with all rows begins.
const BEGIN: &str = "{\"schema\":1,\"results\":[";

impl Write for Paper<'_> {
    /// Takes whole rows.
    fn write(&mut self, rows: &[u8]) -> io::Result<usize> {
        let mut rest = rows;
        if !self.started && !rows.is_empty() {
            self.started = true;
            match self.format {
                // The comma before the first row gives way to the beginning.
                Format::Json => {
                    self.out.write_all(BEGIN.as_bytes())?;
                    rest = &rows[1..];
                }
                Format::Csv => writeln!(self.out, "{}", NAMES.join(","))?,
                Format::Text | Format::Table | Format::Jsonl => {}
            }
        }
        self.out.write_all(rest)?;
        Ok(rows.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Sink for Each<'_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.tally.total(seen.record, seen.ruling, seen.time);
        self.page.clear();
        let shaper = self.shaper.get_or_insert_with(|| seen.judge.shaper());
        shaper.make(seen.record.said().words());
        self.show.show(seen, shaper.shape(), &mut self.page)?;
        self.paper.write_all(&self.page)?;
        if self.live { self.paper.flush() } else { Ok(()) }
    }

    fn shows(&mut self) -> Option<Shown<'_>> {
        let Each { tally, shaper, make, paper, .. } = self;
        (!self.live).then_some(Shown { tally, shaper, make: &**make, out: paper })
    }
}

/// Makes rows of records, and remembers how answers look.
struct Shower {
    rows: Rows,
    answers: Arc<Answers<Look>>,
    key: Vec<u8>,
    /// The file that was named last, and its name as JSON.
    file: (String, String),
}

/// How answers look that are alike.
#[derive(PartialEq, Eq, Hash)]
struct Look {
    code: Option<u16>,
    enhanced: Option<String>,
    form: Form,
}

impl Look {
    fn of(outline: Finding, seen: &Seen<'_, '_>) -> Look {
        let outline = told(outline, seen);
        Look { code: outline.code, enhanced: outline.enhanced.map(|e| e.to_string()), form: Form::of(&outline) }
    }
}

impl Show for Shower {
    fn show(&mut self, seen: &Seen<'_, '_>, shape: &str, out: &mut Vec<u8>) -> io::Result<()> {
        if self.rows.format == Format::Json {
            out.push(b',');
        }
        match self.rows.format {
            Format::Text | Format::Table => out.extend_from_slice(self.rows.text(seen).as_bytes()),
            Format::Json | Format::Jsonl => self.json(seen, shape, out)?,
            Format::Csv => out.extend_from_slice(self.csv(seen, shape).as_bytes()),
        }
        if self.rows.format != Format::Json {
            out.push(b'\n');
        }
        Ok(())
    }
}

impl Shower {
    /// The answer that the one for a record is like, where it is like any.
    fn answer(&mut self, seen: &Seen<'_, '_>, shape: &str) -> Option<Arc<Answer<Look>>> {
        self.answers.of(seen, shape, &mut self.key, |outline| Look::of(outline, seen))
    }

    fn json(&mut self, seen: &Seen<'_, '_>, shape: &str, out: &mut Vec<u8>) -> io::Result<()> {
        if !self.rows.redact
            && let Some(answer) = self.answer(seen, shape)
            && let Some(own) = seen.judge.own(&answer.pattern, seen.record)
            && answer.made.form.write(seen, self.file(seen.file), &own, out)
        {
            return Ok(());
        }
        out.extend_from_slice(self.rows.json(seen)?.as_bytes());
        Ok(())
    }

    /// The name of a file as JSON.
    fn file(&mut self, name: &str) -> &str {
        if self.file.0 != name || self.file.1.is_empty() {
            self.file = (name.to_string(), form::file(name));
        }
        &self.file.1
    }

    fn csv(&mut self, seen: &Seen<'_, '_>, shape: &str) -> String {
        if let Some(answer) = self.answer(seen, shape) {
            return self.rows.csv(seen, answer.made.code, answer.made.enhanced.as_deref());
        }
        let finding = finding(seen);
        self.rows.csv(seen, finding.code, finding.enhanced.map(|e| e.to_string()).as_deref())
    }
}

/// The columns of CSV.
const NAMES: [&str; 14] =
    ["time", "file", "line", "queue_id", "sender", "recipient", "relay", "stage", "code", "enhanced", "verdict", "cause", "who", "reply"];

impl Rows {
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

    fn csv(self, seen: &Seen<'_, '_>, code: Option<u16>, enhanced: Option<&str>) -> String {
        let r = seen.record;
        let text = |s: Option<&str>| masked(s.unwrap_or(""), self.redact);
        let cells = [
            seen.time.map_or(String::new(), |t| t.to_string()),
            seen.file.to_string(),
            r.line.to_string(),
            text(r.queue_id.as_deref()),
            text(r.sender.as_deref()),
            text(r.recipient.as_deref()),
            text(r.relay.as_deref()),
            r.stage.map_or("", |s| s.name()).to_string(),
            code.map_or(String::new(), |c| c.to_string()),
            enhanced.unwrap_or("").to_string(),
            seen.ruling.verdict.name().to_string(),
            seen.ruling.cause.id().to_string(),
            seen.ruling.who.name().to_string(),
            masked(&r.text, self.redact),
        ];
        cells.iter().map(|c| csv_cell(c)).collect::<Vec<_>>().join(",")
    }
}

/// The full answer.
fn finding(seen: &Seen<'_, '_>) -> Finding {
    told(seen.judge.explain(seen.record), seen)
}

/// An answer as it is told of a record: with the service's own word where that
/// contradicts it.
fn told(mut finding: Finding, seen: &Seen<'_, '_>) -> Finding {
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
    use crate::catalogue::Catalogue;
    use crate::scan::ruling::Judge;

    /// The row of a record, and the one made of its whole answer.
    fn rows(shower: &mut Shower, judge: &mut Judge, record: &Record<'_>, label: Option<&'static str>) -> (String, String) {
        let (ruling, shape) = judge.rule_and_shape(record);
        let shape = shape.to_string();
        let seen = Seen { record, ruling: &ruling, time: None, file: "mail.log", label, judge };
        let mut row = Vec::new();
        shower.json(&seen, &shape, &mut row).unwrap();
        (String::from_utf8(row).unwrap(), shower.rows.json(&seen).unwrap())
    }

    #[test]
    fn a_row_made_of_what_answers_share_is_that_of_the_whole_answer() {
        let catalogue = Catalogue::built_in();
        let style = Style { color: false, width: 80, table_width: 80, ascii: false };
        let rows_of = Rows { format: Format::Jsonl, redact: false, style };
        let mut shower = Shower { rows: rows_of, answers: Arc::default(), key: Vec::new(), file: Default::default() };
        let mut judge = Judge::new(catalogue, None);
        let examples = catalogue.entries().map(|entry| entry.example());
        let odd = ["", "550 \"a\\b\" \u{7f}\u{202e}é", "550 5.1.1 pass=secret", "250 2.0.0 Ok: queued as 4B12345"];
        for (number, text) in examples.chain(odd).chain(odd).enumerate() {
            let record = Record {
                text: text.into(),
                sender: Some(format!("joe{number}@example.net").into()),
                recipient: (number % 3 > 0).then(|| format!("jane{number}@example.com").into()),
                relay: (number % 2 > 0).then(|| "gmail-smtp-in.l.google.com".into()),
                status: Some(if number % 5 > 0 { "bounced" } else { "sent" }.into()),
                mta_dsn: Some("5.1.1".into()),
                line: number as u64,
                ..Record::default()
            };
            let label = (number % 7 == 0).then_some("ok");
            let (row, whole) = rows(&mut shower, &mut judge, &record, label);
            assert_eq!(row, whole, "{text}");
        }
    }

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
