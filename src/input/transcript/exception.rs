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

/// The failures that a block tells, each once.
pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut records = Vec::new();
    for (recognise, read) in READERS {
        if !recognise(block) {
            continue;
        }
        for record in read(block, line) {
            if record.is_delivered() {
                records.push(record);
            } else {
                outcome::push(&mut records, record);
            }
        }
    }
    records
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
}
