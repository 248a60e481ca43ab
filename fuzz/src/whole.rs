//! Inputs that are read as a whole: mails, tables, JSON, transcripts.

use smtpwhy::input::bounce::{self, Mail, Mails};
use smtpwhy::input::csv::Table;
use smtpwhy::input::events::{self, Objects};
use smtpwhy::input::transcript::{self, Blocks, mask};

use crate::checks::{Drops, record_holds, words_hold};

/// Transcripts of sessions and exceptions of libraries, and the mask of
/// passwords.
pub fn transcript(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count() as u64;
    let (mut blocks, mut all, mut bytes) = (Blocks::new(data), Vec::new(), 0);
    while let Some(block) = blocks.next() {
        bytes += block.text.len();
        transcript::recognise(block.text);
        all.extend(transcript::read(block.text, block.line));
    }
    assert!(bytes <= text.len() && blocks.line_breaks() == text.matches('\n').count() as u64);
    let (mut whole, mut split) = (Blocks::new(data), Blocks::new(Drops(data)));
    while let Some(block) = whole.next() {
        assert_eq!(Some(block), split.next());
    }
    assert!(split.next().is_none());
    all.iter().for_each(|r| record_holds(r, lines));
    words_hold(&text, &all);
    let mut session = mask::Transcript::default();
    for line in text.lines() {
        let masked = session.mask(line);
        let once = mask::credentials(&masked);
        let again = mask::credentials(&once);
        assert!(again.split("***").all(|part| once.contains(part)), "masking shows what was hidden: {line:?}");
    }
}

/// Columns as a user names them.
const WANTED: [&str; 4] = ["reply=1", "reply=2,recipient=1", "reply=SMTP response,time=3", "reply=dsnDiag,recipient=rcpt,status=9"];

/// Tables with a header line, and PowerMTA's accounting files; the first byte
/// chooses whether the user names the columns.
pub fn csv(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let head = String::from_utf8_lossy(&data[..data.len().min(16 << 10)]);
    let table = match WANTED.get(usize::from(*choice)) {
        Some(wanted) => Table::named(&head, wanted).ok(),
        None => Table::of(&head),
    };
    let Some(table) = table else { return };
    let lines = 1 + data.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() as u64;
    let mut last = 0;
    let read = table.read(data, &mut |found| {
        assert!(found.line >= last, "rows stand in order");
        last = found.line;
        if let Some(event) = &found.event {
            record_holds(&event.record, lines);
        }
    });
    assert!(read.is_ok());
}

/// Bounce mails, alone or in an mbox file.
pub fn bounce(data: &[u8]) {
    bounce::looks_like_mail(data);
    let mut mails = Mails::new(data);
    let mut bytes = 0;
    while let Some(mail) = mails.next() {
        bytes += mail.len();
        let read = bounce::read(mail);
        if let Mail::Bounce(records) = &read {
            assert!(!records.is_empty(), "a bounce names a recipient");
            let lines = 1 + mail.iter().filter(|b| **b == b'\n').count() as u64;
            records.iter().for_each(|r| record_holds(r, lines));
        }
    }
    assert!(bytes <= data.len() && mails.line_breaks() == data.iter().filter(|b| **b == b'\n').count() as u64);
}

/// Reads a document of JSON, or a form, as a scan does.
pub fn events(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count() as u64;
    let mut found = Vec::new();
    match events::form::parse(&text) {
        Some(value) => events::read(&value, 1, &mut found),
        None => {
            let mut last = 1;
            for (value, line) in events::values(&text) {
                assert!(line >= last, "values stand in order");
                last = line;
                assert!(events::recognise(&value).is_some() || nothing_in(&value), "read but not recognised");
                events::read(&value, line, &mut found);
            }
        }
    }
    assert!(Objects::new(data).eq(Objects::new(Drops(data))));
    quick_events(&text);
    for event in &found {
        record_holds(&event.record, lines);
        assert!(event.label.is_none_or(|l| ["ok", "retry", "fix", "remove"].contains(&l)), "{event:?}");
    }
}

/// A line that the quick reader takes means what the general reader says.
fn quick_events(text: &str) {
    let mut cutter = events::Cutter::default();
    for (line, number) in text.lines().zip(1..) {
        if let Some(service) = cutter.read(line, number) {
            assert_eq!(Some((service, cutter.found.clone())), events::line(line, number), "{line:?}");
        }
    }
}

/// What is not recognised gives nothing.
fn nothing_in(value: &serde_json::Value) -> bool {
    let mut found = Vec::new();
    events::read(value, 1, &mut found);
    found.is_empty()
}
