//! The same facts in tables. It must not style cells with escapes of its own:
//! the table counts columns.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{Item, counts, numbers, verdict_word, who_words};
use crate::catalogue::{Catalogue, Entry};
use crate::codes::rows::Verdict;
use crate::explain::{Finding, plain, plain_commands};
use crate::sanitize;
use crate::settings::Style;

/// Prints one explanation as a table of names and values.
pub fn finding(out: &mut dyn Write, style: Style, f: &Finding) -> io::Result<()> {
    let mut rows = Rows::new(style);
    rows.verdict(f.verdict);
    rows.add("Title", &f.title);
    rows.add("Who can mend it", who_words(f.who));
    rows.add("Code", &f.code.map(|c| c.to_string()).unwrap_or_default());
    rows.add("Enhanced code", &f.enhanced.map(|s| s.to_string()).unwrap_or_default());
    rows.add("Provider", f.speaker.map_or("", |s| s.name()));
    rows.add("Cause", f.cause.id());
    rows.add("Confidence", &format!("{:?}", f.confidence).to_lowercase());
    rows.add("What happened", &f.meaning);
    rows.add("Note", &f.note);
    rows.add("What to do", &numbered(&f.steps));
    rows.add("Check", &f.commands.join("\n"));
    rows.add("Matched", &f.matched.text);
    rows.add("Entry or rule", f.entry.map(|e| e.id()).or(f.matched.rule).unwrap_or(""));
    let layers: Vec<String> = f.layers.iter().map(|l| format!("{}: {}", l.id, l.meaning)).collect();
    rows.add("Layers", &layers.join("\n"));
    rows.add("But", &f.conflicts.join("\n"));
    let variants: Vec<&str> = f.variants.iter().map(|e| e.id()).collect();
    rows.add(if f.bare { "May stand for" } else { "Also said by" }, &variants.join("\n"));
    rows.add("Terms", &f.terms.iter().map(|t| t.name()).collect::<Vec<_>>().join(", "));
    rows.add("More", f.url.as_deref().unwrap_or(""));
    rows.print(out)
}

/// Prints a catalogue item as a table of names and values.
pub fn item(out: &mut dyn Write, style: Style, item: &Item) -> io::Result<()> {
    let mut rows = Rows::new(style);
    match item {
        Item::Entry(e) => entry(&mut rows, e),
        Item::Cause(c) => {
            rows.verdict(c.verdict());
            rows.add("Cause", c.id());
            rows.add("Title", &plain(c.title()));
            rows.add("Who can mend it", who_words(c.who()));
            rows.add("Meaning", &plain(c.means()));
            rows.add("What to do", &plain(&numbered(&c.steps())));
            rows.add("Check", &plain_commands(&c.commands()).join("\n"));
        }
        Item::Speaker(s) => {
            rows.add("Provider", s.id());
            rows.add("Name", s.name());
            rows.add("Entries", &s.entries().count().to_string());
            rows.add("Habit", s.habit());
            rows.add("Hosts", &s.hosts().join("\n"));
        }
        Item::Term(t) => {
            rows.add("Term", t.name());
            rows.add("Also called", &t.aliases().join(", "));
            rows.add("Meaning", t.means());
            rows.add("More", t.url());
        }
        Item::Code(c, variants) => {
            rows.verdict(c.verdict());
            rows.add("Code", &c.number().to_string());
            rows.add("Title", c.title());
            rows.add("Stage", &c.stages().join(", "));
            rows.add("Meaning", c.means());
            rows.add("Alone", c.advice());
            rows.add("Note", c.note());
            rows.add("May stand for", &ids(variants));
        }
        Item::Status(s, variants) => {
            rows.add("Code", &s.status().to_string());
            rows.add("Title", s.title());
            rows.add("Registered as", s.registry());
            rows.add("Meaning", s.means());
            rows.add("Alone", s.advice());
            rows.add("Note", s.note());
            rows.add("May stand for", &ids(variants));
        }
    }
    rows.print(out)
}

/// Prints entries, a row each.
pub fn entries(out: &mut dyn Write, style: Style, entries: &[Entry]) -> io::Result<()> {
    let mut table = new_table(style);
    table.set_header(["Entry", "Verdict", "Title"]);
    table.set_constraints([ColumnConstraint::ContentWidth, ColumnConstraint::ContentWidth]);
    for e in entries {
        let title = sanitize::line(&plain(e.title())).into_owned();
        table.add_row([Cell::new(e.id()), verdict_cell(e.verdict()), Cell::new(title)]);
    }
    print(out, &table)?;
    writeln!(out, "{} entries", entries.len())
}

/// Prints the counts of the catalogue.
pub fn stats(out: &mut dyn Write, style: Style, catalogue: Catalogue) -> io::Result<()> {
    let mut table = new_table(style);
    table.set_header(["What", "How many"]);
    for (name, count) in counts(catalogue) {
        table.add_row([name.to_string(), count.to_string()]);
    }
    let dates = catalogue.sources().iter().map(|s| s.seen).filter(|d| !d.is_empty()).collect::<Vec<_>>();
    let (first, last) = (dates.iter().min().unwrap_or(&""), dates.iter().max().unwrap_or(&""));
    table.add_row(["sources compared".to_string(), if first == last { (*first).to_string() } else { format!("{first} to {last}") }]);
    print(out, &table)
}

fn entry(rows: &mut Rows, e: &Entry) {
    rows.verdict(e.verdict());
    rows.add("Entry", e.id());
    rows.add("Title", &plain(e.title()));
    rows.add("Provider", e.speaker().name());
    rows.add("Codes", &numbers(e));
    rows.add("Cause", e.cause().id());
    rows.add("Who can mend it", who_words(e.who()));
    rows.add("Meaning", &plain(if e.means().is_empty() { e.cause().means() } else { e.means() }));
    rows.add("Note", e.note());
    rows.add("What to do", &plain(&numbered(&e.steps())));
    rows.add("Check", &plain_commands(&e.commands()).join("\n"));
    rows.add("Example", e.example());
    rows.add("More", e.url());
    let sources: Vec<String> = e.sources().iter().map(|s| format!("{} (seen {})", s.url, s.seen)).collect();
    rows.add("Source", &sources.join("\n"));
}

fn ids(entries: &[Entry]) -> String {
    entries.iter().map(|e| e.id()).collect::<Vec<_>>().join("\n")
}

fn numbered(steps: &[impl AsRef<str>]) -> String {
    let line = |(n, s): (usize, &_)| format!("{}. {}", n + 1, AsRef::<str>::as_ref(s));
    steps.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// A table of names and values; empty values are left out.
struct Rows {
    table: Table,
}

impl Rows {
    fn new(style: Style) -> Rows {
        let mut table = new_table(style);
        table.set_constraints([ColumnConstraint::UpperBoundary(Width::Fixed(17))]);
        Rows { table }
    }

    fn verdict(&mut self, verdict: Verdict) {
        self.table.add_row([Cell::new("Verdict"), verdict_cell(verdict)]);
    }

    fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let safe: Vec<_> = value.lines().map(sanitize::line).collect();
            self.table.add_row([name.to_string(), safe.join("\n")]);
        }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        print(out, &self.table)
    }
}

pub(super) fn verdict_cell(verdict: Verdict) -> Cell {
    let color = match verdict {
        Verdict::Ok => Color::Green,
        Verdict::Retry => Color::Cyan,
        Verdict::Fix => Color::Yellow,
        Verdict::Remove => Color::Red,
        Verdict::Unknown => Color::Magenta,
    };
    Cell::new(verdict_word(verdict)).fg(color).add_attribute(Attribute::Bold)
}

pub(super) fn new_table(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(if style.ascii { presets::ASCII_FULL_CONDENSED } else { presets::UTF8_FULL_CONDENSED });
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.table_width).unwrap_or(80));
    if style.color {
        table.enforce_styling()
    } else {
        table.force_no_tty()
    };
    table
}

/// Blanks at line ends are of no use in a pipe.
pub(super) fn print(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}
