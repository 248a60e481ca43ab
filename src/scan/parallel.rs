//! Reads a log of which only counts are wanted on several threads. It is as
//! fast as a log can be read: each thread takes a large piece of lines, tells by
//! the first bytes of a line what to pass over, and asks for the meaning of a
//! reply by its shape (`found.rs`). What it found is then counted piece after piece in the
//! order of the log, so that the result is that of [`Reader`] reading line by
//! line, which still reads every line that is not of the common forms. It must
//! not know meanings or output.

mod found;

use std::io;

use super::distinct::Distinct;
use super::pieces::{Piece, Pieces};
use super::reader::{Reader, trimmed};
use super::ruling::{Judge, Ruling};
use super::tally::{Sighting, Tally};
use super::turns::Turns;
use crate::input::time::Stamps;
use crate::input::{exim, plain, postfix};
use found::{Copied, Finder, Found, Item};

/// Reads the rest of a log, of which `lines` lines were read already, and
/// counts its records; gives the number of all its lines.
///
/// # Errors
/// None but those of the general reader's sink, which a tally has not.
pub fn read(reader: &mut Reader<'_>, pieces: Pieces, tally: &mut Tally, threads: usize) -> io::Result<u64> {
    let (year, filter, takes_all) = (reader.year, reader.filter, reader.takes_all());
    let judges: Vec<Judge> = (0..threads.max(1)).map(|_| reader.judge.again()).collect();
    let lines = pieces.lines();
    let turns = Turns::new(pieces, Turn { lines, reader, tally, result: Ok(()) });
    let deliveries = std::thread::scope(|scope| {
        let work = |judge| {
            let worker = Worker { turns: &turns, finder: Finder::new(judge, filter, Stamps::new(year), takes_all) };
            scope.spawn(move || worker.run())
        };
        let threads: Vec<_> = judges.into_iter().map(work).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect::<Vec<_>>()
    });
    let turn = turns.end();
    for (messages, recipients) in deliveries {
        turn.tally.totals.messages.absorb(messages);
        turn.tally.totals.recipients.absorb(recipients);
    }
    turn.result.map(|()| turn.lines)
}

/// Who holds this counts.
struct Turn<'s, 'f> {
    lines: u64,
    reader: &'s mut Reader<'f>,
    tally: &'s mut Tally,
    result: io::Result<()>,
}

/// A thread that finds what pieces hold.
struct Worker<'w, 's, 'f> {
    turns: &'w Turns<Turn<'s, 'f>>,
    finder: Finder<'f>,
}

impl Worker<'_, '_, '_> {
    /// Works until nothing is left; gives the messages and recipients of
    /// deliveries.
    fn run(mut self) -> (Distinct, Distinct) {
        let (mut buffer, mut other) = (Vec::new(), Vec::new());
        while let Some(piece) = self.turns.next(&mut buffer) {
            self.finder.judge.make_room();
            let found = self.finder.find(&buffer, &piece);
            // Instead of waiting for its turn it cuts one more.
            let next = if self.turns.is_free(&piece) { None } else { self.turns.next(&mut other) };
            let next = next.map(|piece| (self.finder.find(&other, &piece), piece));
            let pieces = [Some((found, piece)), next];
            let mut counts = true;
            for (found, piece) in pieces.iter().flatten() {
                // Each takes its turn, or the next would wait for ever.
                counts &= self.turns.take(piece, |turn| self.pass_on(turn, found, piece));
            }
            if !counts {
                break;
            }
        }
        (self.finder.messages, self.finder.recipients)
    }

    /// Has counted what was found in a piece; `false` where nothing more can
    /// be counted.
    fn pass_on(&self, turn: &mut Turn<'_, '_>, found: &Found<'_>, piece: &Piece) -> bool {
        if turn.result.is_ok() {
            turn.reader.report.counted.add(found.counted);
            turn.reader.report.filtered += found.filtered;
            turn.tally.deliver(&found.deliveries);
            turn.result = turn.count(&found.items, &self.finder.judge, piece);
        }
        turn.result.is_ok()
    }
}

impl Turn<'_, '_> {
    fn count(&mut self, items: &[Item<'_>], judge: &Judge, piece: &Piece) -> io::Result<()> {
        if piece.cut {
            self.reader.report_cut(piece.after);
        }
        for item in items {
            match item {
                Item::Format(name) => self.reader.note(name),
                Item::Time(time) => self.reader.note_time(Some(*time)),
                Item::Sender(format, id, sender) => self.reader.keep_sender(format, id, sender),
                Item::Unclaimed { line, number, failure } => self.unclaimed(line, *number, *failure)?,
                Item::Seen(seen, ruling, line) => self.seen(seen, judge.ruling(*ruling), line),
                Item::Plain(seen, ruling, line) if self.reader.is_simple() => {
                    self.reader.note(plain::FORMAT);
                    self.reader.report.counted.told += 1;
                    self.seen(seen, judge.ruling(*ruling), line);
                }
                Item::Plain(seen, _, line) => self.reader.line(line, seen.line, self.tally)?,
                Item::Event(seen, ruling, line) => self.count_one(seen, judge.ruling(*ruling), line),
                Item::Copied(copied, ruling) => self.copied(copied, judge.ruling(*ruling)),
                Item::Line(line, number) => {
                    let line = String::from_utf8_lossy(trimmed(line));
                    self.reader.line(&line, *number, self.tally)?;
                }
            }
        }
        self.lines = piece.after + u64::from(piece.begun);
        if let Some(error) = &piece.error {
            self.reader.stopped(piece.after, error, piece.begun);
        }
        Ok(())
    }

    fn unclaimed(&mut self, line: &str, number: u64, failure: bool) -> io::Result<()> {
        let open = !self.reader.met_only(&[postfix::FORMAT, exim::FORMAT, plain::FORMAT]);
        match failure {
            _ if open => return self.reader.line(line, number, self.tally),
            true => self.reader.unmatched(line, number),
            false => self.reader.report.counted.other += 1,
        }
        Ok(())
    }

    fn copied(&mut self, copied: &Copied, ruling: &Ruling) {
        let (reader, tally) = (&mut *self.reader, &mut *self.tally);
        reader.note_time(copied.time);
        let seen = Sighting { about: copied.about.as_deref(), ..Sighting::of(&copied.record, ruling, copied.time) };
        let provider = seen.host().and_then(|host| reader.judge.provider(host));
        tally.count(&Sighting { provider, ..seen }, ruling, &reader.name, &mut || copied.record.clone());
    }

    fn seen(&mut self, seen: &Sighting<'_>, ruling: &Ruling, line: &str) {
        if seen.sender.is_some() || !self.tally.needs_senders() {
            return self.count_one(seen, ruling, line);
        }
        let sender = seen.queue_id.and_then(|id| self.reader.sender_of(id)).map(str::to_string);
        self.count_one(&Sighting { sender: sender.as_deref(), ..*seen }, ruling, line);
    }

    fn count_one(&mut self, seen: &Sighting<'_>, ruling: &Ruling, line: &str) {
        let (reader, tally) = (&mut *self.reader, &mut *self.tally);
        reader.note_time(seen.time);
        // Lent, so that the reader is free to read the line again.
        let file = std::mem::take(&mut reader.name);
        tally.count(seen, ruling, &file, &mut || reader.record(line, seen.line));
        reader.name = file;
    }
}
