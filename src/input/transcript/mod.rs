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
    if is_bounce(block) {
        return Vec::new();
    }
    let mut records = dialogue::read(block, line);
    let refused = records.iter().any(|r| !r.is_delivered());
    for record in exception::read(block, line) {
        let latest = outcome::latest(&records);
        let again =
            refused && (literal::reply(&record.text).is_none() || latest.iter().any(|r| outcome::same_words(&r.text, &record.text)));
        let delivered = record.is_delivered() && latest.iter().any(Record::is_delivered);
        if !again && !delivered {
            records.push(record);
        }
    }
    records.iter_mut().filter(|r| r.stage.is_none()).for_each(login_by_code);
    records
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
