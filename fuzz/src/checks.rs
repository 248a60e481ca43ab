//! What must hold for every record, line and cut, whatever its format.

use std::borrow::Cow;
use std::io::{self, Read};

use smtpwhy::input::Record;
use smtpwhy::input::envelope::Message;
use smtpwhy::input::time::Time;

/// What an opened line borrows lies in it.
pub fn message_holds(line: &str, message: &Message<'_>) {
    let borrowed = |field: &Cow<'_, str>| matches!(field, Cow::Owned(_)) || lies_in(line, field);
    assert!(borrowed(&message.text) && message.time.as_ref().is_none_or(borrowed), "borrowed from elsewhere: {line:?}");
}

fn lies_in(line: &str, part: &str) -> bool {
    part.is_empty() || line.as_bytes().as_ptr_range().contains(&part.as_ptr())
}

/// What every record promises.
pub fn record_holds(record: &Record<'_>, last: u64) {
    assert!(!record.format.is_empty(), "no format: {record:?}");
    assert!((1..=last.max(1)).contains(&record.line), "line {} of {last}: {record:?}", record.line);
    assert_eq!(record.clone().into_owned(), *record);
    if let Some(time) = record.time.as_deref().and_then(|t| Time::parse(t, 2026)) {
        assert!(!time.to_string().is_empty());
    }
}

/// Addresses are made of letters that the input has: nothing is invented.
pub fn words_hold(text: &str, records: &[Record<'_>]) {
    for record in records {
        let fields = [&record.recipient, &record.sender, &record.orig_to, &record.relay, &record.queue_id];
        for word in fields.into_iter().flatten().flat_map(|f| f.split(|c: char| !c.is_ascii_alphanumeric())) {
            assert!(is_in(text, word), "{word:?} is not of the input: {record:?}");
        }
    }
}

/// The word stands in the text as it is, or the text has escapes that may
/// spell it.
fn is_in(text: &str, word: &str) -> bool {
    text.contains(word) || text.contains(['\\', '%', '&', '#', '=', '+'])
}

/// Pieces stand in the text in their order and do not overlap.
pub fn in_order<'t>(text: &[u8], pieces: impl Iterator<Item = &'t [u8]>) {
    let mut at = text.as_ptr() as usize;
    let end = at + text.len();
    for piece in pieces {
        let from = piece.as_ptr() as usize;
        assert!(from >= at && from + piece.len() <= end, "pieces overlap or lie elsewhere");
        at = from + piece.len();
    }
}

/// Gives a few bytes at a time, as a slow source does.
pub struct Drops<'d>(pub &'d [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(3);
        self.0.read(&mut out[..len])
    }
}
