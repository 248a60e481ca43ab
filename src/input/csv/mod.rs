//! Tables with a header line: exports of sending services and spreadsheets, and
//! PowerMTA's accounting files. Columns are found by name or named by the user.
//! It must not know what a reply means.

mod columns;
mod powermta;
mod rows;

use std::borrow::Cow;
use std::io::BufRead;

use ::csv::ByteRecord;

use super::events::Event;
use super::{Record, compose};
use crate::codes::status::Status;
use columns::{Column, Columns};

/// A table whose columns are known.
#[derive(Clone, Debug)]
pub struct Table {
    separator: u8,
    columns: Columns,
    /// The column of PowerMTA's category, looked for once and not in each row.
    category: Option<usize>,
    /// Lines in front of the first row.
    skip: usize,
    powermta: bool,
}

const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

impl Table {
    /// Finds the columns by the names in the first line; `head` is the beginning
    /// of the input. `None` where it is no table about mail.
    pub fn of(head: &str) -> Option<Table> {
        let (skip, line) = header(head)?;
        SEPARATORS.iter().find_map(|separator| {
            let names = names(line, *separator);
            let columns = Columns::of(&names);
            let powermta = powermta::is_header(&names);
            let known = powermta || (columns.has(Column::Reply) && columns.has(Column::Recipient));
            let category = powermta::category(&names);
            (known && columns::is_header(&names)).then_some(Table { separator: *separator, columns, category, skip, powermta })
        })
    }

    /// The user names columns: `reply=SMTP response,recipient=3`. Numbers count
    /// from 1. The rest is found by name.
    ///
    /// # Errors
    ///
    /// Says which name is not known.
    pub fn named(head: &str, wanted: &str) -> Result<Table, String> {
        let (skip, line) = header(head).ok_or("the table is empty")?;
        let separator = *SEPARATORS.iter().max_by_key(|s| (names(line, **s).len(), **s == b',')).unwrap_or(&b',');
        let names = names(line, separator);
        let headed = columns::is_header(&names);
        let mut columns = if headed { Columns::of(&names) } else { Columns::default() };
        columns.name(wanted, &names)?;
        if !columns.has(Column::Reply) {
            return Err("no column for the reply: add reply=NAME".to_string());
        }
        let powermta = powermta::is_header(&names);
        let category = powermta::category(&names);
        Ok(Table { separator, columns, category, skip: if headed { skip } else { skip - 1 }, powermta })
    }

    /// Reads all rows; `found` is called with what each says.
    ///
    /// # Errors
    ///
    /// Fails where `input` does.
    pub fn read(&self, input: impl BufRead, found: &mut dyn FnMut(Found)) -> std::io::Result<()> {
        let mut row = 0;
        rows::read(input, self.separator, &mut |read| {
            row += 1;
            if row > self.skip {
                found(self.found(&read));
            }
        })
    }

    fn found(&self, row: &rows::Row<'_>) -> Found {
        let event = Row { table: self, fields: row.fields }.event();
        let event = event.map(|e| Event { record: Record { line: row.line, ..e.record }, ..e });
        Found { event, line: row.line, broken: row.broken }
    }
}

/// What a row says, and the line that it ends on.
#[derive(Debug)]
pub struct Found {
    pub event: Option<Event<'static>>,
    pub line: u64,
    /// A quote was opened and never closed: this is what its line says.
    pub broken: bool,
}

/// How many lines stand in front of the first row, and the line with the names.
/// Blank lines are no rows; Excel's `sep=;` is one. Exchange's logs and
/// JSON have readers of their own.
fn header(head: &str) -> Option<(usize, &str)> {
    let mut lines = head.trim_start_matches('\u{feff}').lines().filter(|l| !l.trim().is_empty());
    let first = lines.next().filter(|l| !l.starts_with("#Fields: ") && !l.starts_with(['{', '[']))?;
    if first.starts_with("sep=") { Some((2, lines.next()?)) } else { Some((1, first)) }
}

fn names(line: &str, separator: u8) -> Vec<String> {
    super::delimited::fields(line, separator).iter().map(|f| f.trim().to_string()).collect()
}

/// One row.
struct Row<'r> {
    table: &'r Table,
    fields: &'r ByteRecord,
}

impl Row<'_> {
    fn get(&self, column: Column) -> Cow<'_, str> {
        self.field(self.table.columns.at(column))
    }

    fn field(&self, at: Option<usize>) -> Cow<'_, str> {
        let field = at.and_then(|at| self.fields.get(at));
        field.map_or(Cow::Borrowed(""), |f| match String::from_utf8_lossy(f) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
        })
    }

    fn own(&self, column: Column) -> Option<Cow<'static, str>> {
        Some(self.get(column)).filter(|f| !f.is_empty()).map(|f| Cow::Owned(f.into_owned()))
    }

    fn event(&self) -> Option<Event<'static>> {
        if self.table.powermta {
            return powermta::event(self);
        }
        let own_status = self.get(Column::Status);
        let status = Status::parse(&own_status);
        let code = self.get(Column::Code).parse().ok().filter(|c| (200..=599).contains(c));
        let enhanced = Status::parse(&self.get(Column::Enhanced)).or(status);
        let reply = self.get(Column::Reply);
        let text = compose::reply(code, enhanced.filter(|_| code.is_some()), compose::without_type(&reply));
        let mut record = self.record("csv");
        let said = compose::status_behind_code(&text).is_some() && code.is_some();
        record.mta_dsn = enhanced.filter(|_| !said).map(|s| Cow::Owned(s.to_string()));
        record.status = Some(own_status).filter(|s| !s.is_empty() && status.is_none()).map(|s| Cow::Owned(outcome(&s)));
        record.text = Cow::Owned(text);
        let says = !record.text.is_empty() || record.is_delivered();
        says.then_some(Event { record, label: None })
    }

    /// A record with what all tables have.
    fn record(&self, format: &'static str) -> Record<'static> {
        let address = |column| Some(Cow::Owned(compose::address(&self.get(column))?.to_string())).or_else(|| self.own(column));
        Record {
            format,
            time: self.own(Column::Time),
            queue_id: self.own(Column::Id),
            sender: address(Column::Sender).or_else(|| self.own(Column::Sender)),
            recipient: address(Column::Recipient).or_else(|| self.own(Column::Recipient)),
            relay: self.own(Column::Relay),
            ..Record::default()
        }
    }
}

/// Words for success in one spelling; others as written.
fn outcome(status: &str) -> String {
    match status.to_ascii_lowercase().as_str() {
        "delivered" | "delivery" | "success" | "successful" => "delivered".to_string(),
        "sent" => "sent".to_string(),
        _ => status.to_string(),
    }
}

#[cfg(test)]
mod tests;
