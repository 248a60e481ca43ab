//! The shapes of the lines in queue listings. It must not know reasons.

use super::{Entry, Listing};
use crate::input::compose;

/// What a recipient line says besides the recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Done,
    Failed,
}

/// The first line of an entry.
pub(super) fn read(text: &str) -> Option<Entry> {
    postfix(text).or_else(|| sendmail(text)).or_else(|| exim(text)).or_else(|| courier(text))
}

fn entry(listing: Listing, id: &str, time: &str, sender: Option<&str>) -> Entry {
    let own = |t: &str| Some(t.to_string());
    let sender = sender.map(str::to_string);
    Entry { listing, queue_id: own(id), time: own(time), sender, status: "queued", reason: None, pending: false, line: 0 }
}

/// `38117A189BE*    278 Sat Nov 21 17:40:49  sender`
fn postfix(text: &str) -> Option<Entry> {
    let (mark, rest) = word(text)?;
    let id = mark.trim_end_matches(['*', '!', '#']);
    let (size, rest) = word(rest)?;
    let (time, sender) = date(rest, 3, ':')?;
    let sender = sender.trim();
    if !is_id(id) || id.len() < 6 || !is_number(size) || sender.is_empty() || sender.starts_with('<') || text.starts_with(' ') {
        return None;
    }
    let status = match &mark[id.len()..] {
        m if m.contains('!') => "hold",
        m if m.contains('*') => "active",
        _ => "deferred",
    };
    Some(Entry { status, ..entry(Listing::Postfix, id, time, Some(sender)) })
}

/// `6ALI2WDe000146*       6 Sat Nov 21 18:02 <sender>`
fn sendmail(text: &str) -> Option<Entry> {
    let (mark, rest) = word(text)?;
    let id = mark.trim_end_matches(['*', '-', 'X', '?']);
    let (size, rest) = word(rest)?;
    let (time, sender) = date(rest, 2, ':')?;
    let sender = sender.trim().strip_prefix('<')?.strip_suffix('>')?;
    let known = is_id(id) && id.len() >= 10 && is_number(size);
    known.then(|| Entry { status: "deferred", ..entry(Listing::Sendmail, id, time, Some(sender)) })
}

/// ` 1m   334 1xUpK6-000019-2z <sender> *** frozen ***`
fn exim(text: &str) -> Option<Entry> {
    let (age, rest) = word(text)?;
    let (size, rest) = word(rest)?;
    let (id, rest) = word(rest)?;
    let aged = age.strip_suffix(['m', 'h', 'd']).is_some_and(is_number);
    let sized = is_number(size.trim_end_matches(['K', 'M', 'G']).replace('.', "0").as_str());
    let open = rest.find('<')?;
    let close = rest.rfind('>').filter(|c| *c > open)?;
    if !aged || !sized || !is_exim_id(id) {
        return None;
    }
    let frozen = rest[close..].contains("frozen");
    let status = if frozen { "frozen" } else { "queued" };
    let mut entry = entry(Listing::Exim, id, "", Some(&rest[open + 1..close]));
    entry.time = None;
    Some(Entry { status, ..entry })
}

fn is_exim_id(id: &str) -> bool {
    let mut parts = id.split('-').map(|p| (p.len(), p.bytes().all(|b| b.is_ascii_alphanumeric())));
    let shape = [parts.next(), parts.next(), parts.next(), parts.next()];
    shape == [Some((6, true)), Some((6, true)), Some((2, true)), None]
        || shape == [Some((6, true)), Some((11, true)), Some((4, true)), None]
}

/// `346   0000000000AAC277.000000006B01E3D9.00000268   Nov 21 18:32`
fn courier(text: &str) -> Option<Entry> {
    let (size, rest) = word(text)?;
    let (id, time) = word(rest)?;
    let mut parts = id.split('.').map(|p| p.len() >= 8 && p.bytes().all(|b| b.is_ascii_hexdigit()));
    let is_id = parts.next() == Some(true) && parts.next() == Some(true) && parts.next() == Some(true) && parts.next().is_none();
    (is_number(size) && is_id).then(|| entry(Listing::Courier, id, time.trim(), None))
}

/// What stands behind the first column of Courier's listing.
pub(super) fn second_column(text: &str) -> &str {
    text.get(17..).unwrap_or_default().trim()
}

/// The recipient in a later line of an entry.
pub(super) fn recipient(listing: Listing, text: &str) -> Option<(State, &str)> {
    let trimmed = text.trim();
    match listing {
        Listing::Courier => courier_recipient(text),
        _ if trimmed.is_empty() || text.len() - text.trim_start().len() < indent(listing) => None,
        Listing::Exim => {
            let done = trimmed.strip_prefix("+D ").or_else(|| trimmed.strip_prefix("D "));
            let address = plain(done.unwrap_or(trimmed).trim())?;
            Some((if done.is_some() { State::Done } else { State::Waiting }, address))
        }
        Listing::Sendmail => trimmed.strip_prefix('<')?.strip_suffix('>').map(|a| (State::Waiting, a)),
        Listing::Postfix => plain(trimmed).map(|a| (State::Waiting, a)),
    }
}

/// Recipients stand at least this far in.
fn indent(listing: Listing) -> usize {
    match listing {
        Listing::Postfix => 20,
        Listing::Exim => 8,
        Listing::Sendmail | Listing::Courier => 1,
    }
}

/// An address, or the local part that Postfix and Exim print for local mail.
fn plain(text: &str) -> Option<&str> {
    let alone = !text.contains(char::is_whitespace) && !text.starts_with(['(', '-', '<']);
    (alone || text.starts_with('"')).then_some(text)
}

fn courier_recipient(text: &str) -> Option<(State, &str)> {
    let state = text.get(..17)?.trim();
    let address = compose::address(second_column(text))?;
    let state = match state {
        "" => State::Waiting,
        "done" => State::Done,
        "fail" => State::Failed,
        _ => return None,
    };
    Some((state, address))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    (!text.is_empty()).then(|| text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())))
}

/// `Sat Nov 21 17:40:49` with `parts` numbers in its time; the rest behind it.
fn date(text: &str, parts: usize, mark: char) -> Option<(&str, &str)> {
    let start = text.len() - text.trim_start().len();
    let mut rest = text;
    let mut words = [""; 4];
    for found in &mut words {
        (*found, rest) = word(rest)?;
    }
    let [day, month, number, time] = words;
    let named = [day, month].iter().all(|w| w.len() == 3 && w.bytes().all(|b| b.is_ascii_alphabetic()));
    let timed = time.split(mark).count() == parts && time.split(mark).all(is_number);
    (named && is_number(number) && timed).then(|| (&text[start..text.len() - rest.len()], rest))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
