//! Transcripts of mail sessions and exceptions of mail libraries, as people
//! paste them and as programs log them. It must not know what a reply means.

mod blocks;
mod dialogue;
mod exception;
mod java;
mod literal;
mod marks;
pub mod mask;
mod node;
mod outcome;
mod php;
mod plain;
mod python;
mod report;
mod ruby;
mod session;

use crate::codes::status::Stage;
use crate::input::{Kind, Record};

pub use blocks::{Block, Blocks};

/// Whether the block is a transcript or an exception; told by its shape.
/// Bounce mails, which quote transcripts, are not.
pub fn recognise(block: &str) -> bool {
    !is_bounce(block) && (dialogue::recognise(block) || exception::recognise(block))
}

/// The outcomes that a block tells. `line` is the number of its first line,
/// 1-based. A reply that is printed several times is told once.
pub fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut parts = Parts::default();
    let mut records = parts.read(Block { text: block, line, cut: false });
    let mut more = Vec::new();
    loop {
        parts.more(&mut more);
        if more.is_empty() {
            return records;
        }
        records.append(&mut more);
    }
}

/// Reads blocks one after another; one that was cut goes on in the next.
#[derive(Default)]
pub struct Parts {
    so_far: SoFar,
    goes_on: bool,
}

/// What the parts of a block have shown.
#[derive(Default)]
struct SoFar {
    bounce: bool,
    refused: bool,
    dialogue: Option<dialogue::Reading>,
}

impl Parts {
    /// The outcomes that a block or a part of it tells.
    pub fn read(&mut self, block: Block<'_>) -> Vec<Record<'static>> {
        if !self.goes_on {
            self.so_far = SoFar::default();
        }
        self.goes_on = block.cut;
        self.so_far.read(&block)
    }

    /// Further outcomes that it tells, some at a time, until there are none.
    pub fn more(&mut self, out: &mut Vec<Record<'static>>) {
        self.so_far.dialogue.iter_mut().for_each(|dialogue| dialogue.more(out));
    }
}

impl SoFar {
    fn read(&mut self, block: &Block<'_>) -> Vec<Record<'static>> {
        self.bounce |= is_bounce(block.text);
        if self.bounce {
            return Vec::new();
        }
        self.dialogue = self.dialogue.take().or_else(|| dialogue::Reading::of(block.text));
        let mut records = self.dialogue.as_mut().map(|dialogue| dialogue.read(block.text, block.line)).unwrap_or_default();
        self.refused |= records.iter().any(|r| !r.is_delivered());
        for record in exception::read(block.text, block.line) {
            let latest = outcome::latest(&records);
            let again = self.refused
                && (literal::reply(&record.text).is_none() || latest.iter().any(|r| outcome::same_words(&r.text, &record.text)));
            let delivered = record.is_delivered() && latest.iter().any(Record::is_delivered);
            if !again && !delivered {
                records.push(record);
            }
        }
        records.iter_mut().filter(|r| r.stage.is_none()).for_each(login_by_code);
        records
    }
}

/// 535 answers nothing but a login (RFC 4954), so it tells the stage itself.
fn login_by_code(record: &mut Record<'static>) {
    if literal::reply(&record.text).is_some_and(|(code, _)| code == 535) {
        record.stage = Some(Stage::Auth);
        record.kind = if record.kind == Kind::Attempt { Kind::Login } else { record.kind };
    }
}

fn is_bounce(block: &str) -> bool {
    ["message/delivery-status", "multipart/report", "session follows"].iter().any(|mark| block.contains(mark))
}
