//! What changed between two scans: as a table for reading, as JSON for programs.
//! It must not know how the counts were made.

use std::cmp::Ordering;
use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ColumnConstraint};
use serde::Serialize;

use super::json;
use super::scan::grouped;
use super::table::{new_table, print, verdict_cell};
use crate::codes::rows::Verdict;
use crate::sanitize;
use crate::settings::Style;

/// Two scans side by side.
pub struct Comparison {
    pub before: Side,
    pub after: Side,
    /// Findings that differ, in the order of the rows.
    pub changes: Vec<Change>,
}

/// One of the two scans.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Side {
    pub input: String,
    pub records: usize,
    pub attempts: usize,
    pub delivered: usize,
    /// What shares are of: attempts, or all records where a side has none.
    pub base: usize,
}

/// A finding that was seen more or less often.
pub struct Change {
    pub kind: Kind,
    pub verdict: Verdict,
    pub cause: String,
    /// Id and name of who spoke, where that is known.
    pub provider: Option<(String, String)>,
    /// We refused them.
    pub inbound: bool,
    pub before: usize,
    pub after: usize,
}

/// How a finding differs; in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    New,
    Up,
    Down,
    Gone,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::New => "new",
            Kind::Up => "up",
            Kind::Down => "down",
            Kind::Gone => "gone",
        }
    }
}

impl Side {
    /// Part of the base that `count` is; nothing has no parts.
    pub fn share(&self, count: usize) -> Option<f64> {
        (self.base > 0).then(|| count as f64 / self.base as f64)
    }
}

impl Comparison {
    /// By how much the share of a finding moved.
    pub fn moved(&self, change: &Change) -> f64 {
        let share = |side: &Side, count| side.share(count).unwrap_or(0.0);
        (share(&self.after, change.after) - share(&self.before, change.before)).abs()
    }

    /// Which of two rows stands first: what is new, then what moved most.
    pub fn order(&self, a: &Change, b: &Change) -> Ordering {
        let name = |c: &Change| (c.cause.clone(), c.provider.clone(), c.verdict, c.inbound);
        let moved = || self.moved(b).total_cmp(&self.moved(a));
        a.kind.cmp(&b.kind).then_with(moved).then_with(|| name(a).cmp(&name(b)))
    }
}

/// The changes as a table of at most `top` rows.
pub fn table(out: &mut dyn Write, style: Style, c: &Comparison, top: usize) -> io::Result<()> {
    side(out, "before", &c.before)?;
    side(out, "after", &c.after)?;
    if c.changes.is_empty() {
        return writeln!(out, "\nno difference");
    }
    writeln!(out)?;
    rows(out, style, c, top)?;
    let hidden = c.changes.len().saturating_sub(top);
    if hidden > 0 { writeln!(out, "and {hidden} more; --top {} shows all", c.changes.len()) } else { Ok(()) }
}

fn side(out: &mut dyn Write, name: &str, side: &Side) -> io::Result<()> {
    let input = sanitize::line(&side.input);
    let (attempts, delivered) = (grouped(side.attempts), grouped(side.delivered));
    writeln!(out, "{name:<7} {input}: {attempts} attempts, {delivered} delivered")
}

/// The column that takes the room that the others leave.
const WHAT: usize = 2;

fn rows(out: &mut dyn Write, style: Style, c: &Comparison, top: usize) -> io::Result<()> {
    let mut table = new_table(style);
    table.set_header(["Change", "Verdict", "What", "Before", "After", "Was %", "Now %"]);
    for change in c.changes.iter().take(top) {
        table.add_row([
            Cell::new(change.kind.name()),
            verdict_cell(change.verdict),
            Cell::new(what(change)),
            right(grouped(change.before)),
            right(grouped(change.after)),
            right(percent(c.before.share(change.before))),
            right(percent(c.after.share(change.after))),
        ]);
    }
    for at in (0..table.column_count()).filter(|at| *at != WHAT) {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    print(out, &table)
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn what(change: &Change) -> String {
    let provider = change.provider.as_ref().map_or("", |(_, name)| name);
    let ours = if change.inbound { "refused by us" } else { "" };
    let parts: Vec<&str> = [change.cause.as_str(), provider, ours].into_iter().filter(|p| !p.is_empty()).collect();
    sanitize::line(&parts.join("  ")).into_owned()
}

fn percent(share: Option<f64>) -> String {
    share.map_or(String::new(), |s| format!("{:.2}", 100.0 * s))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    before: &'a Side,
    after: &'a Side,
    changes: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    change: &'static str,
    cause: &'a str,
    provider: Option<&'a str>,
    verdict: &'static str,
    direction: &'static str,
    before: usize,
    after: usize,
    share_before: Option<f64>,
    share_after: Option<f64>,
}

impl<'a> Row<'a> {
    fn new(c: &Comparison, change: &'a Change) -> Row<'a> {
        Row {
            change: change.kind.name(),
            cause: &change.cause,
            provider: change.provider.as_ref().map(|(id, _)| id.as_str()),
            verdict: change.verdict.name(),
            direction: if change.inbound { "in" } else { "out" },
            before: change.before,
            after: change.after,
            share_before: c.before.share(change.before),
            share_after: c.after.share(change.after),
        }
    }
}

/// All changes as one object.
pub fn document(out: &mut dyn Write, c: &Comparison) -> io::Result<()> {
    let changes = c.changes.iter().map(|change| Row::new(c, change)).collect();
    json::write(out, &Document { schema: 1, before: &c.before, after: &c.after, changes })
}

/// A change a line.
pub fn lines(out: &mut dyn Write, c: &Comparison) -> io::Result<()> {
    c.changes.iter().try_for_each(|change| json::write(out, &Row::new(c, change)))
}
