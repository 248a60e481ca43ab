//! Input becomes records: one file a format. It must not know what a reply
//! means or how a record is shown.

#[cfg(feature = "cli")]
pub mod bounce;
pub mod envelope;
pub mod record;

pub use record::{Direction, Kind, Record};

use envelope::Message;

/// A reader of a line-oriented format. It is fed one line after another and
/// may keep what later lines need (a sender by queue id, an open multi-line
/// record); what it keeps must be bounded.
pub trait Lines {
    /// Whether this line is of this format; decided by shape, cheaply, and so
    /// that no two formats claim the same line.
    fn claims(&self, message: &Message<'_>) -> bool;

    /// Reads a claimed line; `line` is its number, 1-based.
    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>);

    /// The input ended: gives records that waited for more lines.
    fn end(&mut self, _out: &mut Vec<Record<'static>>) {}
}
