//! The summary of a scan, for reading: totals, a row a finding, what to do for
//! the first. It must not know how records are read.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ColumnConstraint};

use super::redact::{self, masked};
use super::table::{new_table, print, verdict_cell};
use super::text::Page;
use super::wrap;
use crate::codes::rows::Verdict;
use crate::explain::Finding;
use crate::input::Direction;
use crate::input::time::Time;
use crate::sanitize;
use crate::scan::Report;
use crate::scan::alarm::Alarm;
use crate::scan::distinct::Distinct;
use crate::scan::groups::Group;
use crate::scan::tally::{Tally, hour};
use crate::settings::Style;

/// What to print of a summary.
pub struct Summary<'a> {
    pub tally: &'a Tally,
    pub report: &'a Report,
    /// The groups in the order of the rows.
    pub groups: &'a [Group<'a>],
    pub top: usize,
    /// Providers that turned against us.
    pub alarms: &'a [Alarm],
    /// The groups are by the default key: cause, who spoke, what about.
    pub default_key: bool,
    /// Rows whose steps are printed, with their answers.
    pub advice: &'a [(Group<'a>, Finding)],
    /// Addresses are masked.
    pub redact: bool,
}

/// Prints a summary.
pub fn summary(out: &mut dyn Write, style: Style, s: &Summary<'_>) -> io::Result<()> {
    totals(out, style, s)?;
    alarms(out, style, s)?;
    if !s.groups.is_empty() {
        writeln!(out)?;
        rows(out, style, s)?;
    }
    for (group, finding) in s.advice {
        writeln!(out)?;
        advice(out, style, *group, &redact::finding(finding.clone(), s.redact), s.redact)?;
    }
    remarks(out, s)
}

fn totals(out: &mut dyn Write, style: Style, s: &Summary<'_>) -> io::Result<()> {
    let t = &s.tally.totals;
    let about = |d: &Distinct, what: &str| format!("{}{}", if d.is_estimate() { "about " } else { "" }, many(d.count(), what));
    let counts = format!("{}, {}, {}", many(t.attempts, "attempt"), about(&t.messages, "message"), about(&t.recipients, "recipient"));
    let span = span(t.first, t.last);
    let joint = if counts.len() + span.len() > style.width { "\n" } else { "" };
    writeln!(out, "{counts}{joint}{span}")?;
    for (name, verdict) in Verdict::ALL {
        let count = t.of(verdict);
        if count > 0 {
            let name = if verdict == Verdict::Ok { "delivered" } else { name };
            let word = super::text::colored(&format!("  {name:<10}"), verdict, style);
            writeln!(out, "{word}{:>9} {:>6}", grouped(count), percent(count, t.attempts))?;
        }
    }
    let besides = [
        (t.rejects, format!("{} refused by us", grouped(t.rejects))),
        (t.logins, many(t.logins, "failed login")),
        (t.sessions, many(t.sessions, "failed session")),
        (t.expired, format!("{} expired", grouped(t.expired))),
        (t.intermediate, format!("{} told again or tried at another host", grouped(t.intermediate))),
    ];
    let besides: Vec<String> = besides.into_iter().filter(|(count, _)| *count > 0).map(|(_, told)| told).collect();
    if besides.is_empty() {
        return Ok(());
    }
    let indent = "  besides: ";
    for (number, line) in wrap::lines(&besides.join(", "), style.width - indent.len()).iter().enumerate() {
        writeln!(out, "{:indent$}{line}", if number == 0 { indent } else { "" }, indent = indent.len())?;
    }
    Ok(())
}

fn span(first: Option<Time>, last: Option<Time>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => format!("    {} to {}", first.at.strftime("%Y-%m-%d %H:%M"), last.at.strftime("%Y-%m-%d %H:%M")),
        _ => String::new(),
    }
}

fn alarms(out: &mut dyn Write, style: Style, s: &Summary<'_>) -> io::Result<()> {
    let mut page = Page { out, style };
    if !s.alarms.is_empty() {
        writeln!(page.out)?;
    }
    s.alarms.iter().try_for_each(|alarm| page.alarm(&masked(&told(alarm), s.redact)))
}

/// `Gmail turned against us: rate-limited since …, 312 attempts, …`
fn told(alarm: &Alarm) -> String {
    let minute = |t: Time| t.at.strftime("%Y-%m-%d %H:%M");
    let end = if alarm.going_on { "still going on".to_string() } else { format!("over, last seen {}", minute(alarm.last)) };
    format!(
        "{} turned against us: {} since {}, {}, {}{}, {end}",
        alarm.provider,
        alarm.cause.id(),
        minute(alarm.since),
        many(alarm.attempts as usize, "attempt"),
        if alarm.estimated { "about " } else { "" },
        many(alarm.recipients, "recipient"),
    )
}

fn rows(out: &mut dyn Write, style: Style, s: &Summary<'_>) -> io::Result<()> {
    let shown: Vec<Column> = COLUMNS.into_iter().filter(|(_, _, from)| style.table_width >= *from).map(|(column, ..)| column).collect();
    let mut table = new_table(style);
    table.set_header(COLUMNS.iter().filter(|(c, ..)| shown.contains(c)).map(|(_, name, _)| *name));
    let failures: usize = s.groups.iter().map(|g| g.count()).sum();
    let hours = hour_range(s);
    for &group in s.groups.iter().take(s.top) {
        table.add_row(shown.iter().map(|column| cell(*column, group, s, failures, sparkline(group, hours, style))));
    }
    for at in (0..table.column_count()).filter(|at| shown[*at] != Column::What) {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    print(out, &table)?;
    let hidden = s.groups.len().saturating_sub(s.top);
    if hidden > 0 { writeln!(out, "and {hidden} more; --top {} shows all", s.groups.len()) } else { Ok(()) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Verdict,
    What,
    Who,
    Count,
    Share,
    Recipients,
    First,
    Last,
    OverTime,
}

/// The columns, their names, and the width from which on they are shown.
const COLUMNS: [(Column, &str, usize); 9] = [
    (Column::Verdict, "Verdict", 0),
    (Column::What, "What", 0),
    (Column::Who, "Who can mend it", 110),
    (Column::Count, "Count", 0),
    (Column::Share, "Share", 96),
    (Column::Recipients, "Rcpts", 0),
    (Column::First, "First", 96),
    (Column::Last, "Last", 0),
    (Column::OverTime, "Over time", 0),
];

fn cell(column: Column, group: Group<'_>, s: &Summary<'_>, failures: usize, sparkline: String) -> Cell {
    match column {
        Column::Verdict => verdict_cell(group.verdict()),
        Column::What => Cell::new(masked(&what(group, s.default_key), s.redact)),
        Column::Who => Cell::new(group.who().name()),
        Column::Count => right(grouped(group.count())),
        Column::Share => right(percent(group.count(), failures)),
        Column::Recipients => right(about(group.recipients())),
        Column::First => Cell::new(short_time(group.first(), s)),
        Column::Last => Cell::new(short_time(group.last(), s)),
        Column::OverTime => Cell::new(sparkline),
    }
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// The name of a row: cause, who spoke, what it is about.
fn what(group: Group<'_>, default_key: bool) -> String {
    let safe = |parts: Vec<&str>| sanitize::line(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("  ")).into_owned();
    if !default_key {
        return safe(group.key().collect());
    }
    let ours = if group.direction() == Direction::In { "refused by us" } else { "" };
    safe(group.key().take(3).chain([ours]).collect())
}

/// The hour alone where all is on one day, else the day too.
fn short_time(time: Option<Time>, s: &Summary<'_>) -> String {
    let t = &s.tally.totals;
    let one_day = t.first.zip(t.last).is_some_and(|(a, b)| a.at.date() == b.at.date());
    time.map_or(String::new(), |t| t.at.strftime(if one_day { "%H:%M:%S" } else { "%m-%d %H:%M" }).to_string())
}

fn hour_range(s: &Summary<'_>) -> Option<(i64, i64)> {
    Some((s.tally.totals.first.and_then(hour)?, s.tally.totals.last.and_then(hour)?))
}

/// How many there are, with `~` before an estimate.
fn about(count: &Distinct) -> String {
    format!("{}{}", if count.is_estimate() { "~" } else { "" }, grouped(count.count()))
}

/// Ten columns from the first to the last hour of the scan.
fn sparkline(group: Group<'_>, hours: Option<(i64, i64)>, style: Style) -> String {
    const COLUMNS: i64 = 10;
    let Some((first, last)) = hours else { return String::new() };
    let width = (last - first + 1).max(1);
    let mut sums = [0usize; COLUMNS as usize];
    for (hour, count) in group.hours().counts() {
        let at = ((hour - first) * COLUMNS / width).clamp(0, COLUMNS - 1);
        sums[usize::try_from(at).unwrap_or(0)] += count;
    }
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let marks: &[char] =
        if style.ascii { &[' ', '.', ':', '|', '#'] } else { &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] };
    sums.iter().map(|n| marks[(n * (marks.len() - 1)).div_ceil(most)]).collect()
}

fn advice(out: &mut dyn Write, style: Style, group: Group<'_>, f: &Finding, redact: bool) -> io::Result<()> {
    let mut page = Page { out, style };
    page.head(group.verdict(), &format!("{}: {}", f.title, times(group.count())))?;
    page.steps("What to do", &f.steps)?;
    page.plain_lines("Check", &f.commands)?;
    let id = group.queue_id().map_or(String::new(), |id| format!(", queue id {id}"));
    let place = format!("{}:{}{id}", group.file(), group.line());
    page.plain_lines("For example", &[masked(&place, redact)])?;
    page.section("Reply", &shortened(&masked(group.reply(), redact)))
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(300).collect();
    if chars.next().is_some() { format!("{head} …") } else { head }
}

fn remarks(out: &mut dyn Write, s: &Summary<'_>) -> io::Result<()> {
    let r = s.report;
    if r.unmatched_count > 0 {
        writeln!(out, "\n{} lines look like a failure and fit no format; --unmatched shows them", grouped(r.unmatched_count))?;
    }
    if s.tally.left_out > 0 {
        writeln!(out, "\n{} findings found no row of their own; group them more coarsely with --by", grouped(s.tally.left_out))?;
    }
    if r.auto_replies + r.feedback_reports > 0 {
        writeln!(out, "\n{} automatic answers and {} complaint reports are not bounces", r.auto_replies, r.feedback_reports)?;
    }
    Ok(())
}

/// `1 attempt`, `2,000 attempts`.
fn many(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `once`, `2,000 times`.
fn times(count: usize) -> String {
    if count == 1 { "once".to_string() } else { format!("{} times", grouped(count)) }
}

/// A number with its thousands apart.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { String::new() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}
