//! Input becomes records: one file a format. It must not know what a reply
//! means or how a record is shown.

pub mod ahead;
pub mod bounce;
pub mod bulk;
pub mod charset;
pub mod compose;
pub mod courier;
pub mod csv;
mod delimited;
mod dialogue;
pub mod envelope;
pub mod events;
pub mod exchange;
pub mod exim;
mod file;
mod find;
pub mod follow;
pub mod foreign;
pub mod haraka;
pub mod hmailserver;
pub mod kumomta;
mod newest;
pub mod opensmtpd;
pub mod plain;
pub mod postfix;
pub mod progress;
pub mod qmail;
pub mod queues;
pub mod quick;
pub mod record;
mod senders;
pub mod sendmail;
pub mod small;
pub mod source;
mod span;
mod stencil;
pub mod time;
pub mod transcript;
mod unescape;
pub mod unpack;
mod window;

pub use record::{Direction, Kind, Record};

use envelope::Message;

/// A reader of a line-oriented format. It is fed one line after another and
/// may keep what later lines need (a sender by queue id, an open multi-line
/// record); what it keeps must be bounded.
pub trait Lines {
    /// Whether this line is of this format; decided by shape, cheaply, and so
    /// that no two formats claim the same line.
    fn claims(&self, message: &Message<'_>) -> bool;

    /// Whether lines of this program may be of this format; if not, none is
    /// claimed that names it.
    fn knows(&self, _program: &str) -> bool {
        true
    }

    /// Reads a claimed line; `line` is its number, 1-based.
    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>);

    /// Gives further records of the line that was read last, where it tells of
    /// very many: some at a time, until there are none.
    fn more(&mut self, _out: &mut Vec<Record<'static>>) {}

    /// Takes the sender of a message from a line that was read elsewhere.
    fn keep_sender(&mut self, _queue_id: &str, _sender: &str) {}

    /// The sender of a message, where earlier lines named it.
    fn sender_of(&self, _queue_id: &str) -> Option<&str> {
        None
    }

    /// The input ended: gives records that waited for more lines.
    fn end(&mut self, _out: &mut Vec<Record<'static>>) {}
}

/// The records of lines that `reader` must claim, each a message without a head.
#[cfg(test)]
fn read_lines(mut reader: impl Lines, lines: &[&'static str]) -> Vec<Record<'static>> {
    let mut out = Vec::new();
    for (line, text) in (1..).zip(lines) {
        let message = Message { text: (*text).into(), ..Message::default() };
        assert!(reader.claims(&message), "{text}");
        reader.read(&message, line, &mut out);
    }
    out
}
