//! Shows the records of a log on several threads: each takes a piece of lines,
//! cuts it, and shows what it found; what one piece tells later ones is passed
//! on in the order of the log, and what was shown is written in it. The result
//! is that of [`Reader`] reading line by line, which still reads every line
//! that is not of the common forms. It must not know meanings, nor how records
//! look.

use std::borrow::Cow;
use std::io::{self, Write};

use super::cutters::Cutters;
use super::filter::Filter;
use super::pages::Pages;
use super::pieces::{self, Piece, Pieces};
use super::reader::{Reader, trimmed};
use super::ruling::{self, Judge, Ruling};
use super::tally::Tally;
use super::turns::Turns;
use super::{Counted, Seen, Show, Shown, Sink, formats};
use crate::input::postfix::Postfix;
use crate::input::quick::Quick;
use crate::input::time::{Stamps, Time};
use crate::input::{Lines as _, Record, envelope, events, exim, foreign, plain, postfix};
use crate::matcher::shape::Shaper;

/// Bytes of a piece, as far as its lines allow: what is shown of it may be ten
/// times as long.
pub const SIZE: usize = 32 << 10;
/// Bytes of what is shown that are written together, and of a record that most
/// are below.
const PAGE: usize = 16 << 10;
const RECORD: usize = 4 << 10;

/// What a piece holds, in the order of its lines.
enum Item<'p> {
    /// The format of the lines that follow.
    Format(&'static str),
    /// The time of a record that is not shown.
    Time(Time),
    /// The format of a line, a message's queue id and its sender.
    Sender(&'static str, &'p str, &'p str),
    Record(Held<'p>),
    /// A line that is a bare reply, unless a format of several lines is met.
    Plain(Held<'p>, &'p str),
    /// A line of no format, unless one of several lines is met.
    Unclaimed {
        line: &'p str,
        number: u64,
        failure: bool,
    },
    /// A line for the general reader.
    Line(&'p [u8], u64),
}

/// A record that is to be shown.
struct Held<'p> {
    record: Record<'p>,
    ruling: Ruling,
    shape: Box<str>,
    time: Option<Time>,
    label: Option<&'static str>,
}

/// Reads the rest of a log, of which some lines were read already, and shows
/// its records; gives the number of all its lines.
///
/// # Errors
/// Output that cannot be written.
pub fn read(reader: &mut Reader<'_>, pieces: Pieces, shown: Shown<'_>, threads: usize) -> io::Result<u64> {
    let Shown { tally, shaper, make, out } = shown;
    let shaper = shaper.get_or_insert_with(|| reader.judge.shaper());
    let (year, filter, file, bare) = (reader.year, reader.filter, reader.name.clone(), reader.takes_all());
    let judges: Vec<Judge> = (0..threads.max(1)).map(|_| reader.judge.again()).collect();
    let pages = Pages::new(judges.len());
    let lines = pieces.lines();
    let turns = Turns::new(pieces, Turn { lines, reader, tally, shaper });
    let written = std::thread::scope(|scope| {
        for judge in judges {
            let mut worker = Worker {
                turns: &turns,
                pages: &pages,
                file: &file,
                judge,
                show: make(),
                postfix: Postfix::default(),
                foreign: foreign::Cutter::new(formats::all().into_iter().map(|(_, format)| format)),
                stamps: Stamps::new(year),
                filter,
                bare,
                format: "",
                timed: false,
                layouts: events::Layouts::default(),
                counted: Counted::default(),
                filtered: 0,
            };
            scope.spawn(move || worker.run());
        }
        write(&pages, out)
    });
    let turn = turns.end();
    written.map(|()| turn.lines)
}

/// Writes pages in their order until there are no more.
fn write(pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Vec::new();
    while pages.take(&mut page)? {
        if let Err(error) = out.write_all(&page) {
            pages.close();
            return Err(error);
        }
    }
    Ok(())
}

/// Who holds this passes on what a piece tells later ones.
struct Turn<'s, 'f> {
    lines: u64,
    reader: &'s mut Reader<'f>,
    tally: &'s mut Tally,
    shaper: &'s mut Shaper,
}

/// A thread that cuts pieces and shows their records.
struct Worker<'w, 's, 'f> {
    turns: &'w Turns<Turn<'s, 'f>>,
    pages: &'w Pages,
    file: &'w str,
    judge: Judge,
    show: Box<dyn Show>,
    postfix: Postfix,
    foreign: foreign::Cutter,
    stamps: Stamps,
    filter: &'f Filter,
    /// Lines may be bare replies.
    bare: bool,
    /// The format named last.
    format: &'static str,
    /// A time whose year is assumed was told.
    timed: bool,
    /// What events of earlier pieces have taught.
    layouts: events::Layouts,
    counted: Counted,
    filtered: u64,
}

impl Worker<'_, '_, '_> {
    fn run(&mut self) {
        let (mut buffer, mut page) = (Vec::new(), Vec::new());
        while let Some(piece) = self.turns.next(&mut buffer) {
            self.judge.make_room();
            let mut items = Vec::new();
            self.cut(&buffer[..piece.len], piece.before, &mut items);
            let records = self.turns.take(&piece, |turn| self.pass_on(turn, items, &piece));
            if !self.show(&records, piece.number, &mut page) {
                break;
            }
        }
        self.pages.leave();
    }

    /// Passes on what a piece tells later ones; gives the records to show.
    fn pass_on<'p>(&mut self, turn: &mut Turn<'_, '_>, items: Vec<Item<'p>>, piece: &Piece) -> Vec<Held<'p>> {
        turn.reader.report.counted.add(std::mem::take(&mut self.counted));
        turn.reader.report.filtered += std::mem::take(&mut self.filtered);
        turn.records(items, piece)
    }

    /// Shows the records of a piece page by page; `false` where nobody reads
    /// them any more.
    fn show(&mut self, records: &[Held<'_>], piece: usize, page: &mut Vec<u8>) -> bool {
        let file = self.file;
        for Held { record, ruling, shape, time, label } in records {
            let seen = Seen { record, ruling, time: *time, file, label: *label, judge: &self.judge };
            if page.capacity() == 0 {
                // What grows by doubling would take twice as much.
                page.reserve_exact(PAGE + RECORD);
            }
            if let Err(error) = self.show.show(&seen, shape, page) {
                self.pages.fail(error);
                return false;
            }
            if page.len() >= PAGE && !self.pages.put(piece, page, false) {
                return false;
            }
        }
        self.pages.put(piece, page, true)
    }

    /// What a piece holds behind `before` lines.
    fn cut<'p>(&mut self, piece: &'p [u8], before: u64, items: &mut Vec<Item<'p>>) {
        let mut cutters = Cutters::whole();
        cutters.events.layouts = std::mem::take(&mut self.layouts);
        for (line, number) in pieces::lines(piece).zip(before + 1..) {
            match line {
                Ok(line) => self.line(&mut cutters, line, number, items),
                Err(bytes) => {
                    cutters.leave_out();
                    items.push(Item::Line(bytes, number));
                }
            }
        }
        self.layouts = cutters.events.layouts;
    }

    fn line<'p>(&mut self, cutters: &mut Cutters<'p>, line: &'p str, number: u64, items: &mut Vec<Item<'p>>) {
        if line.is_empty() {
            self.counted.blank += 1;
            return;
        }
        let Some((format, read)) = cutters.read(line, self.bare) else {
            return items.push(Item::Line(line.as_bytes(), number));
        };
        if !matches!(read, Quick::Unclaimed | Quick::Other) {
            self.name(format, items);
        }
        match read {
            Quick::Nothing => self.counted.silent += 1,
            Quick::Sender(id, sender) => {
                self.counted.silent += 1;
                items.push(Item::Sender(format, id, sender));
            }
            Quick::Sent(stamp, _) => {
                self.counted.told += 1;
                self.sent(format, line, number, stamp, items);
            }
            Quick::Record(stamp, record) => {
                self.counted.told += 1;
                let record = Record { format, time: Some(Cow::Borrowed(stamp)), line: number, ..record };
                self.found(record, None, items);
            }
            Quick::Unclaimed if plain::read(line, number).is_none() => {
                items.push(Item::Unclaimed { line, number, failure: plain::looks_like_failure(line) });
            }
            Quick::Other if line.starts_with('{') => self.event(&mut cutters.events, line, number, items),
            Quick::Unclaimed | Quick::Other | Quick::Failed(..) => {
                let item = self.plain(line, number).or_else(|| self.foreign(line, number));
                items.push(item.unwrap_or(Item::Line(line.as_bytes(), number)));
            }
        }
    }

    /// A message that went out: of most of them nothing is asked.
    fn sent<'p>(&mut self, format: &str, line: &'p str, number: u64, stamp: &'p str, items: &mut Vec<Item<'p>>) {
        if !self.filter.keeps_ruling(self.judge.ruling(ruling::DELIVERED)) {
            let time = if self.timed { None } else { self.stamps.read(stamp) };
            return self.leave_out(time, items);
        }
        if format == exim::FORMAT {
            return exim::quick::whole_record(line, number).into_iter().for_each(|record| self.found(record, None, items));
        }
        let mut records = Vec::new();
        self.postfix.read(&envelope::open(line), number, &mut records);
        records.into_iter().for_each(|record| self.found(record, None, items));
    }

    /// A line of another program.
    fn foreign<'p>(&mut self, line: &'p str, number: u64) -> Option<Item<'p>> {
        let failure = if self.bare { self.foreign.read(line)? } else { return None };
        Some(Item::Unclaimed { line, number, failure })
    }

    fn leave_out(&mut self, time: Option<Time>, items: &mut Vec<Item<'_>>) {
        self.filtered += 1;
        if let Some(time) = time.filter(|t| t.offset.is_none() && !self.timed) {
            self.timed = true;
            items.push(Item::Time(time));
        }
    }

    /// A record, if it passes the filter.
    fn found<'p>(&mut self, record: Record<'p>, label: Option<&'static str>, items: &mut Vec<Item<'p>>) {
        let time = record.time.as_deref().and_then(|raw| self.stamps.read(raw));
        let (ruling, shape) = self.judge.rule_and_shape(&record);
        if self.filter.keeps(&record, &ruling, time) {
            let shape = shape.into();
            items.push(Item::Record(Held { record, ruling, shape, time, label }));
        } else {
            self.leave_out(time, items);
        }
    }

    /// A line that may be an event of a sending service.
    fn event<'p>(&mut self, cutter: &mut events::Cutter<'p>, line: &'p str, number: u64, items: &mut Vec<Item<'p>>) {
        let Some(service) = cutter.read_any(line, number) else {
            return items.push(Item::Line(line.as_bytes(), number));
        };
        self.name(service.name(), items);
        self.counted.known(!cutter.found.is_empty());
        cutter.found.drain(..).for_each(|event| self.found(event.record, event.label, items));
    }

    /// Tells the format of the lines that follow, where it changes.
    fn name(&mut self, format: &'static str, items: &mut Vec<Item<'_>>) {
        // By its place: a name is written once.
        if !std::ptr::eq(self.format, format) {
            self.format = format;
            items.push(Item::Format(format));
        }
    }

    fn plain<'p>(&mut self, line: &'p str, number: u64) -> Option<Item<'p>> {
        if !self.bare || !plain::starts_reply(line) {
            return None;
        }
        let record = plain::read(line, number)?;
        let (ruling, shape) = self.judge.rule_and_shape(&record);
        let kept = self.filter.keeps(&record, &ruling, None);
        let shape = shape.into();
        kept.then_some(Item::Plain(Held { record, ruling, shape, time: None, label: None }, line))
    }
}

impl Turn<'_, '_> {
    /// Counts what a piece holds, and reads what is left of it; gives the
    /// records to show.
    fn records<'p>(&mut self, items: Vec<Item<'p>>, piece: &Piece) -> Vec<Held<'p>> {
        if piece.cut {
            self.reader.report_cut(piece.after);
        }
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Format(name) => self.reader.note(name),
                Item::Time(time) => self.reader.note_time(Some(time)),
                Item::Sender(format, id, sender) => self.reader.keep_sender(format, id, sender),
                Item::Record(held) => found.push(self.seen(held)),
                Item::Plain(held, _) if self.reader.is_simple() => {
                    self.reader.note(plain::FORMAT);
                    self.reader.report.counted.told += 1;
                    found.push(self.seen(held));
                }
                Item::Plain(held, line) => self.line(line, held.record.line, &mut found),
                Item::Unclaimed { line, number, failure } => self.unclaimed(line, number, failure, &mut found),
                Item::Line(line, number) => self.line(&String::from_utf8_lossy(trimmed(line)), number, &mut found),
            }
        }
        self.lines = piece.after + u64::from(piece.begun);
        if let Some(error) = &piece.error {
            self.reader.stopped(piece.after, error, piece.begun);
        }
        found
    }

    /// A record with all that earlier lines tell of it.
    fn seen<'p>(&mut self, mut held: Held<'p>) -> Held<'p> {
        let record = &mut held.record;
        self.reader.note_time(held.time);
        if record.sender.is_none() && matches!(record.format, postfix::FORMAT | exim::FORMAT) {
            let sender = record.queue_id.as_deref().and_then(|id| self.reader.sender_of(id));
            record.sender = sender.map(|sender| Cow::Owned(sender.to_string()));
        }
        self.tally.total(record, &held.ruling, held.time);
        held
    }

    fn unclaimed(&mut self, line: &str, number: u64, failure: bool, found: &mut Vec<Held<'_>>) {
        let open = !self.reader.met_only(&[postfix::FORMAT, exim::FORMAT, plain::FORMAT]);
        match failure {
            _ if open => self.line(line, number, found),
            true => self.reader.unmatched(line, number),
            false => self.reader.report.counted.other += 1,
        }
    }

    fn line(&mut self, line: &str, number: u64, found: &mut Vec<Held<'_>>) {
        let mut sink = Collected { tally: self.tally, shaper: self.shaper, found };
        // What is only collected makes no trouble.
        drop(self.reader.line(line, number, &mut sink));
    }
}

/// Counts records and keeps them to be shown.
struct Collected<'c, 'p> {
    tally: &'c mut Tally,
    shaper: &'c mut Shaper,
    found: &'c mut Vec<Held<'p>>,
}

impl Sink for Collected<'_, '_> {
    fn take(&mut self, seen: &Seen<'_, '_>) -> io::Result<()> {
        self.tally.total(seen.record, seen.ruling, seen.time);
        let (record, ruling) = (seen.record.clone().into_owned(), seen.ruling.clone());
        self.shaper.make(record.said().words());
        let shape = self.shaper.shape().into();
        self.found.push(Held { record, ruling, shape, time: seen.time, label: seen.label });
        Ok(())
    }
}
