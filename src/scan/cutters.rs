//! The quick readers of lines side by side: which of them reads a line, and
//! which lines none does. It must not know what is done with what they tell.

use crate::input::quick::Quick;
use crate::input::record::MOST_FIELD;
use crate::input::{events, exim, postfix};

/// Readers of the lines of a piece.
pub struct Cutters<'p> {
    postfix: postfix::quick::Cutter<'p>,
    exim: exim::quick::Cutter<'p>,
    pub events: events::Cutter<'p>,
}

impl<'p> Cutters<'p> {
    /// Where only what is counted is told.
    pub fn lean() -> Cutters<'p> {
        Cutters { postfix: postfix::quick::Cutter::lean(), exim: exim::quick::Cutter::default(), events: events::Cutter::default() }
    }

    /// Where all of a record is told.
    pub fn whole() -> Cutters<'p> {
        Cutters { postfix: postfix::quick::Cutter::default(), exim: exim::quick::Cutter::whole(), events: events::Cutter::default() }
    }

    /// Reads a line, with the format that it would be of; `None` where it is
    /// for the general reader. Lines of Exim are told only if all formats are
    /// taken.
    pub fn read(&mut self, line: &'p str, takes_all: bool) -> Option<(&'static str, Quick<'p>)> {
        if line.len() > MOST_FIELD && !line.starts_with('{') || line.ends_with('\r') {
            self.leave_out();
            return None;
        }
        if takes_all && exim::quick::has_own_stamp(line) {
            return Some((exim::FORMAT, self.exim.read(line)));
        }
        let read = self.postfix.read(line);
        if matches!(read, Quick::Other) {
            self.leave_out();
        }
        Some((postfix::FORMAT, read))
    }

    /// A line was left to another reader.
    pub fn leave_out(&mut self) {
        self.exim.unsettle();
    }
}
