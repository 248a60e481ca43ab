//! Time stamps that log transports put at the start of a line; only where they
//! end. It must not know what stands behind them.

use crate::input::stencil::Stencil;

/// Length of the stamp that `line` starts with.
pub(super) fn len(line: &str) -> Option<usize> {
    let b = line.as_bytes();
    let len = match b.first()? {
        b'0'..=b'9' => iso(b),
        _ if is_month(b) => syslog(b),
        _ if is_weekday(b) => journal(line),
        _ => None,
    }?;
    (b.get(len).is_none_or(|n| *n == b' ')).then_some(len)
}

/// Length of a stamp that a space follows, `Nov 21 17:40:48` or
/// `2026-11-21T17:40:48.086239+00:00`, in which three digits are nowhere what
/// they may be in front of a text.
pub(super) fn simple(b: &[u8]) -> Option<usize> {
    let len = match b.first()? {
        b'0'..=b'9' => iso(b).filter(|len| is_fraction(&b[19..*len]))?,
        _ if is_month(b) => plain(b)?,
        _ => return None,
    };
    (b.get(len) == Some(&b' ')).then_some(len)
}

/// `.086239` and a zone, if they are there.
fn is_fraction(tail: &[u8]) -> bool {
    let zone = match tail {
        [b'.', digits @ ..] => &digits[digits.iter().take_while(|b| b.is_ascii_digit()).count()..],
        _ => tail,
    };
    matches!(zone, [] | [b'Z'] | [b'+' | b'-', b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9'])
}

/// ` 00:00:00` without the last digit.
const CLOCK: Stencil = Stencil::of(*b" 00:00:0");
const DATE: Stencil = Stencil::of(*b"0000-00-");

fn is_month(b: &[u8]) -> bool {
    matches!(
        b,
        [b'J', b'a', b'n', b' ', ..]
            | [b'F', b'e', b'b', b' ', ..]
            | [b'M', b'a', b'r' | b'y', b' ', ..]
            | [b'A', b'p', b'r', b' ', ..]
            | [b'A', b'u', b'g', b' ', ..]
            | [b'J', b'u', b'n' | b'l', b' ', ..]
            | [b'S', b'e', b'p', b' ', ..]
            | [b'O', b'c', b't', b' ', ..]
            | [b'N', b'o', b'v', b' ', ..]
            | [b'D', b'e', b'c', b' ', ..]
    )
}

fn is_weekday(b: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    b.get(3) == Some(&b' ') && DAYS.iter().any(|d| b.starts_with(d))
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

/// `2026-11-21T17:40:48.086239+00:00`, to the next space.
fn iso(b: &[u8]) -> Option<usize> {
    const TIME: Stencil = Stencil::of(*b"00T00:00");
    const TAIL: Stencil = Stencil::of(*b"00:00:00");
    let fits = DATE.fits(b) && TIME.fits(b.get(8..)?) && TAIL.fits(b.get(11..)?);
    let inside = |c: &u8| c.is_ascii_digit() || matches!(c, b'T' | b'Z' | b':' | b'.' | b'+' | b'-');
    fits.then(|| b[19..].iter().position(|c| !inside(c)).map_or(b.len(), |len| 19 + len))
}

/// `Nov 21 17:40:48`, with a year or a fraction where there is one.
fn syslog(b: &[u8]) -> Option<usize> {
    const YEAR: Stencil = Stencil::of(*b" 0000 00");
    let year = if YEAR.fits(b.get(6..)?) { 5 } else { 0 };
    let clock = &b[6 + year..];
    (is_day(b) && CLOCK.fits(clock) && is_digit(clock.get(8))).then(|| fraction(b, 15 + year))
}

/// `Nov 21 17:40:48` behind its month.
fn plain(b: &[u8]) -> Option<usize> {
    (is_day(b) && CLOCK.fits(&b[6..]) && is_digit(b.get(14))).then_some(15)
}

/// Whether the day of a month stands behind it, ` 1` or `21`.
fn is_day(b: &[u8]) -> bool {
    matches!(b, [_, _, _, _, b' ' | b'0'..=b'9', b'0'..=b'9', ..])
}

/// `Sat 2026-11-21 18:21:09 UTC`, to the end of the zone.
fn journal(line: &str) -> Option<usize> {
    const DAY: Stencil = Stencil::of(*b"00 00:00");
    let b = line.as_bytes();
    if !(DATE.fits(&b[4..]) && DAY.fits(b.get(12..)?) && CLOCK.fits(b.get(14..)?) && is_digit(b.get(22))) {
        return None;
    }
    let zone = fraction(b, 23) + 1;
    let len = line.get(zone..)?.find(' ')?;
    (len > 0).then_some(zone + len)
}

/// Behind the fraction of a second that may stand at `at`.
fn fraction(b: &[u8], at: usize) -> usize {
    let digits = |from: usize| b[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    match b.get(at) {
        Some(b'.' | b',') if digits(at + 1) > 0 => at + 1 + digits(at + 1),
        _ => at,
    }
}
