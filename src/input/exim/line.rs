//! The outline of a line of Exim's logs: stamp, message id, what kind of event
//! it tells, and the `KEY=value` fields in front of its text. It must not know
//! what the text says.

use memchr::{memchr, memchr_iter, memchr2};

use crate::input::find::{cut, find, near};
use crate::input::span;

/// A line without its stamp and process id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub time: Option<&'t str>,
    pub id: Option<&'t str>,
    pub event: Event,
    /// What follows the mark of the event.
    pub rest: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Arrival,
    Delivered,
    Suppressed,
    Failed,
    Deferred,
    /// `H=…`: a host that failed, or a client that was refused.
    Host,
    /// `rejected EHLO from …`, `rejected from <S> …`.
    Rejected,
    /// `NAME authenticator failed …`.
    Login,
    /// `TLS error on connection …`.
    Tls,
    Other,
}

impl Line<'_> {
    pub(super) fn read(text: &str) -> Line<'_> {
        let (time, rest) = split_stamp(text);
        Line::behind_stamp(time, rest)
    }

    pub(super) fn behind_stamp<'t>(time: Option<&'t str>, rest: &'t str) -> Line<'t> {
        let rest = without_pid(rest);
        let (id, rest) = split_id(rest);
        let (event, rest) = event(id, rest);
        Line { time, id, event, rest }
    }

    /// Whether the line is Exim's beyond doubt, without a program's name.
    pub(super) fn is_sure(&self) -> bool {
        match self.event {
            Event::Host => self.time.is_some() || self.id.is_some() || find(self.rest, " rejected ").is_some(),
            Event::Rejected | Event::Tls => self.time.is_some(),
            Event::Login => self.time.is_some() || self.id.is_some(),
            Event::Other => self.id.is_some() && self.time.is_some(),
            _ => true,
        }
    }
}

/// `2026-11-21 18:01:37`, with `.123` and ` +0100` where the site logs them.
fn split_stamp(text: &str) -> (Option<&str>, &str) {
    let Some(stamp) = span::stamp(text).filter(|s| s.as_bytes()[10] == b' ') else { return (None, text) };
    let bytes = text.as_bytes();
    let mut end = stamp.len();
    if bytes.get(end) == Some(&b'.') && digits(bytes, end + 1) == 3 {
        end += 4;
    }
    if matches!(bytes.get(end..end + 2), Some(b" +" | b" -")) && digits(bytes, end + 2) == 4 {
        end += 6;
    }
    if bytes.get(end) == Some(&b' ') { (Some(&text[..end]), &text[end + 1..]) } else { (None, text) }
}

/// Without the blanks in front, of which there are few.
fn without_blanks(text: &str) -> &str {
    let blanks = text.bytes().take_while(|b| *b == b' ').count();
    &text[blanks..]
}

/// What stands before and behind a sign that is near.
fn cut_at(text: &str, sign: u8) -> Option<(&str, &str)> {
    near(text.as_bytes(), sign).map(|at| (&text[..at], &text[at + 1..]))
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count()
}

/// Drops `[123] `.
fn without_pid(text: &str) -> &str {
    if !text.starts_with('[') {
        return text;
    }
    let n = digits(text.as_bytes(), 1);
    let is_pid = n > 0 && text[n + 1..].starts_with("] ");
    if is_pid { &text[n + 3..] } else { text }
}

/// `xxxxxx-xxxxxx-xx` up to 4.96, `xxxxxx-xxxxxxxxxxx-xxxx` from 4.97.
fn split_id(text: &str) -> (Option<&str>, &str) {
    let bytes = text.as_bytes();
    if bytes.get(6) != Some(&b'-') {
        return (None, text);
    }
    let len = match (bytes.first_chunk(), bytes.first_chunk()) {
        (Some(long), _) if is_id::<24>(long, 18) => 23,
        (_, Some(short)) if is_id::<17>(short, 13) => 16,
        _ => return (None, text),
    };
    (Some(&text[..len]), &text[len + 1..])
}

/// Whether three words of letters and digits stand in front of a space, the
/// last one behind `dash`.
fn is_id<const LEN: usize>(bytes: &[u8; LEN], dash: usize) -> bool {
    let ends = bytes[6] == b'-' && bytes[dash] == b'-' && bytes[LEN - 1] == b' ';
    let mut letters = *bytes;
    [6, dash, LEN - 1].into_iter().for_each(|place| letters[place] = b'0');
    let (words, rest) = letters.as_chunks::<8>();
    ends && words.iter().all(|word| is_alphanumeric(u64::from_le_bytes(*word))) && rest.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether eight bytes are letters and digits, all at once: the highest bit of
/// a byte tells, which no sum of its lower seven bits carries into the next.
fn is_alphanumeric(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let from = |low: u64, first: u8| low + ONES * u64::from(0x80 - first);
    let between = |low: u64, first: u8, last: u8| from(low, first) & !from(low, last + 1);
    let low = word & (ONES * 0x7f);
    let is_one = between(low, b'0', b'9') | between(low | (ONES * 0x20), b'a', b'z');
    is_one & !word & (ONES * 0x80) == ONES * 0x80
}

fn event<'t>(id: Option<&str>, rest: &'t str) -> (Event, &'t str) {
    if let Some(event) = id.and_then(|_| flag(rest)) {
        return (event, &rest[3..]);
    }
    if rest == "Completed" {
        return (Event::Other, rest);
    }
    for (mark, event) in [("rejected ", Event::Rejected), ("TLS error on connection ", Event::Tls)] {
        if let Some(rest) = rest.strip_prefix(mark) {
            return (event, rest);
        }
    }
    if rest.starts_with("H=") {
        return (Event::Host, rest);
    }
    let behind_name = cut(rest, " ").and_then(|(_, tail)| tail.strip_prefix("authenticator failed "));
    behind_name.map_or((Event::Other, rest), |tail| (Event::Login, tail))
}

/// What the two signs behind a message id tell.
fn flag(rest: &str) -> Option<Event> {
    match rest.as_bytes().first_chunk()? {
        b"<= " => Some(Event::Arrival),
        b"=> " | b"-> " | b">> " => Some(Event::Delivered),
        b"*> " => Some(Event::Suppressed),
        b"** " => Some(Event::Failed),
        b"== " => Some(Event::Deferred),
        _ => None,
    }
}

/// The fields in front of a text, and the text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'t> {
    pub host: Option<&'t str>,
    /// What stands in brackets behind it.
    inside: Option<&'t str>,
    pub sender: Option<&'t str>,
    /// The remote server's reply to a delivery.
    pub confirmation: Option<&'t str>,
    pub text: &'t str,
    /// The system's word for the error number of a deferral.
    error: &'t str,
}

impl<'t> Fields<'t> {
    pub(super) fn read(text: &'t str) -> Fields<'t> {
        let mut fields = Fields::default();
        let mut rest = without_blanks(text);
        while let Some(after) = fields.field(rest) {
            rest = without_blanks(after);
        }
        fields.text = without_blanks(rest.strip_prefix(':').unwrap_or(rest));
        if fields.text.is_empty() {
            fields.text = fields.error;
        }
        fields
    }

    pub(super) fn ip(&self) -> Option<&'t str> {
        self.inside.and_then(span::ip)
    }

    /// Reads one field and gives the rest; `None` where the text begins.
    fn field(&mut self, rest: &'t str) -> Option<&'t str> {
        match *rest.as_bytes() {
            [b'H', b'=', ..] => return Some(self.host(&rest[2..])),
            [b'd', b'e', b'f', b'e', b'r', b' ', b'(', ..] => return Some(self.error_number(&rest[7..])),
            _ => {}
        }
        let is_key = |b: &u8| b.is_ascii_alphanumeric() || *b == b'*';
        let key = rest.as_bytes().iter().take(7).position(|b| !is_key(b)).filter(|key| *key > 0);
        let key = key.or((rest.len() == 1).then_some(1))?;
        if rest.as_bytes().get(key) != Some(&b'=') {
            let flag = key == 1 && rest.starts_with(['K', 'L']);
            return flag.then(|| &rest[token_end(rest)..]);
        }
        let (value, after) = value(&rest[key + 1..]);
        match rest.as_bytes()[..key] {
            [b'F'] => self.sender = Some(span::address(value)),
            [b'P'] => self.sender = self.sender.or_else(|| value.starts_with('<').then(|| span::address(value))),
            [b'C'] => self.confirmation = Some(value.trim_matches('"')),
            _ => {}
        }
        Some(after)
    }

    /// `NAME (HELO) [IP]:PORT*`, each part optional; gives the rest.
    pub(super) fn host(&mut self, text: &'t str) -> &'t str {
        let name_end = if text.starts_with(['(', '[']) { 0 } else { token_end(text) };
        self.host = (name_end > 0).then(|| &text[..name_end]);
        let mut rest = &text[name_end..];
        if let Some(helo) = without_blanks(rest).strip_prefix('(') {
            rest = cut_at(helo, b')').map_or(rest, |(_, rest)| rest);
        }
        let Some((inside, after)) = without_blanks(rest).strip_prefix('[').and_then(|t| cut_at(t, b']')) else { return rest };
        self.inside = Some(inside);
        let port = digits(after.as_bytes(), 1);
        let after = if after.starts_with(':') && port > 0 { &after[port + 1..] } else { after };
        after.strip_prefix('*').unwrap_or(after)
    }

    /// Behind `defer (`: `101): Network is unreachable`, maybe with fields
    /// behind the words.
    fn error_number(&mut self, text: &'t str) -> &'t str {
        let Some((number, rest)) = cut_at(text, b')') else { return "" };
        let of_system = number.parse::<u32>().is_ok_and(|n| n > 0);
        let words = rest.strip_prefix(": ").filter(|_| of_system);
        match words.and_then(|w| find(w, " H=").map(|at| w.split_at(at))) {
            Some((error, rest)) => {
                self.error = error;
                rest
            }
            None => rest,
        }
    }
}

/// A value in brackets, in quotes, or up to the next space; and the rest.
fn value(text: &str) -> (&str, &str) {
    let end = match text.as_bytes().first() {
        Some(b'<') => memchr(b'>', text.as_bytes()).map(|n| n + 1),
        Some(b'"') => closing_quote(text).map(|n| n + 1),
        _ => None,
    };
    text.split_at(end.unwrap_or_else(|| token_end(text)))
}

/// Where the quote that a text begins with is closed.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// A token ends at a space, or at a colon in front of one.
fn token_end(text: &str) -> usize {
    let end = near(text.as_bytes(), b' ').unwrap_or(text.len());
    if text[..end].ends_with(':') { end - 1 } else { end }
}

/// Where the fields behind an address begin, if it is at this space: at it, or
/// at the colon in front of it.
fn field_at(text: &str, space: usize) -> Option<usize> {
    const MARKS: [&str; 7] = ["R=", "T=", "H=", "DT=", "F=<", "P=<", "defer ("];
    let colon = space.checked_sub(1).filter(|before| text.as_bytes()[*before] == b':');
    let behind = &text.as_bytes()[space + 1..];
    let is = |mark: &&str| behind.first() == mark.as_bytes().first() && behind.starts_with(mark.as_bytes());
    colon.or_else(|| MARKS.iter().any(is).then_some(space))
}

/// The address in front of the fields, and the fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'t> {
    pub address: &'t str,
    /// The address the message came for, in brackets.
    pub original: Option<&'t str>,
    pub rest: &'t str,
}

impl<'t> Address<'t> {
    pub(super) fn read(text: &'t str) -> Address<'t> {
        let skip = match text.as_bytes().first() {
            Some(b'"') => closing_quote(text).unwrap_or(0),
            Some(b':') => text[1..].find(':').map_or(0, |n| n + 2),
            _ => 0,
        };
        let behind = &text[skip..];
        let end = memchr_iter(b' ', behind.as_bytes()).find_map(|at| field_at(behind, at)).map(|at| skip + at);
        let (part, rest) = text.split_at(end.unwrap_or(text.len()));
        let part = part.trim_end();
        let bracket = part.strip_suffix('>').and_then(|p| p.rfind('<').map(|at| (at, &p[at + 1..])));
        match bracket {
            Some((0, only)) => Address { address: only, original: None, rest },
            Some((at, original)) => Address { address: part[..at].trim_end(), original: Some(original), rest },
            None => Address { address: part, original: None, rest },
        }
    }

    /// The address that failed and the one the user knows: files, pipes and
    /// local names are not addresses.
    pub(super) fn recipients(&self) -> (&'t str, Option<&'t str>) {
        let real = memchr(b'@', self.address.as_bytes()).is_some() && !self.address.starts_with(['|', '/', ':']);
        let address = cut(self.address, " (").map_or(self.address, |(address, _)| address);
        match self.original {
            Some(original) if !real || original == address => (original, None),
            original => (address, original),
        }
    }
}
