//! Exceptions and stack traces: which library printed a block. It must not
//! know how each library prints.

use super::{java, node, outcome, php, plain, python, report, ruby};
use crate::input::Record;

type Reader = (fn(&str) -> bool, fn(&str, u64) -> Vec<Record<'static>>);

/// The libraries and clients; each tells its own lines.
const READERS: [Reader; 7] = [
    (report::recognise, report::read),
    (python::recognise, python::read),
    (node::recognise, node::read),
    (java::recognise, java::read),
    (ruby::recognise, ruby::read),
    (php::recognise, php::read),
    (plain::recognise, plain::read),
];

pub(super) fn recognise(block: &str) -> bool {
    READERS.iter().any(|(recognise, _)| recognise(block))
}

/// Bytes that are read as one exception; no library prints so much, and its
/// reader looks far ahead and back.
const MOST: usize = 64 << 10;

/// The failures that a block tells, each once.
pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut records = Vec::new();
    let (mut rest, mut line) = (block, line);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(piece_len(rest));
        read_piece(piece, line, &mut records);
        line += piece.matches('\n').count() as u64;
        rest = behind;
    }
    records
}

/// The length of the whole lines that are read together.
fn piece_len(text: &str) -> usize {
    let Some(head) = text.as_bytes().get(..MOST) else { return text.len() };
    let within = head.iter().rposition(|b| *b == b'\n');
    within.or_else(|| text.find('\n')).map_or(text.len(), |at| at + 1)
}

fn read_piece(block: &str, line: u64, records: &mut Vec<Record<'static>>) {
    for (recognise, read) in READERS {
        if !recognise(block) {
            continue;
        }
        for record in read(block, line) {
            if record.is_delivered() {
                records.push(record);
            } else {
                outcome::push(records, record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_no_exception() {
        for block in ["550 5.1.1 User unknown", "Error: no such file", "Exception in thread main", "", "\u{0}\u{1}", "Net::SMTP"] {
            assert!(!recognise(block), "{block}");
            assert!(read(block, 1).is_empty());
        }
    }

    #[test]
    fn long_texts_are_read_to_the_end() {
        let lines: String = (0..5000).map(|n| format!("short response: 550 no {n}\n")).collect();
        let records = read(&lines, 1);
        assert_eq!(records.len(), 5000);
        assert_eq!((records[4999].text.as_ref(), records[4999].line), ("550 no 4999", 5000));
    }
}
