//! Time stamps as logs write them, read so that they can be compared and shown
//! alike (RFC 3339). It must not know which log wrote them.

use std::fmt;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

/// A point in time; without an offset where the log does not tell its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    pub at: DateTime,
    pub offset: Option<Offset>,
}

/// The last day that a log may tell of, by which stamps without a year are read:
/// each is of the last year in which it is not later.
#[derive(Clone, Copy, Debug)]
pub struct Latest(Date);

impl Latest {
    /// The latest for a log that was last written at this time. Its zone is not
    /// known, so a day more is possible.
    pub fn written(at: SystemTime) -> Latest {
        let seconds = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let stamp = Timestamp::from_second(i64::try_from(seconds).unwrap_or(0)).unwrap_or_default();
        let day = Offset::UTC.to_datetime(stamp).date();
        Latest(day.tomorrow().unwrap_or(day))
    }
}

impl From<i16> for Latest {
    /// All stamps without a year are of this one.
    fn from(year: i16) -> Latest {
        Latest(Date::new(year, 12, 31).unwrap_or(Date::MAX))
    }
}

impl Time {
    /// Reads a stamp; one without a year takes the last that fits.
    pub fn parse(raw: &str, latest: impl Into<Latest>) -> Option<Time> {
        let (raw, latest) = (raw.trim(), latest.into());
        match raw.as_bytes().first()? {
            b'@' => tai64n(raw),
            _ if raw.bytes().all(|b| b.is_ascii_digit() || b == b'.') => epoch(raw),
            b'0'..=b'9' => numeric(raw),
            _ => named(raw, latest),
        }
    }

    fn utc(at: Timestamp) -> Time {
        Time { at: Offset::UTC.to_datetime(at), offset: Some(Offset::UTC) }
    }
}

/// Reads the stamps of one log: neighbours are alike but for a few digits, so
/// that only what changed is read anew.
pub struct Stamps {
    latest: Latest,
    raw: String,
    time: Option<Time>,
}

impl Stamps {
    pub fn new(latest: impl Into<Latest>) -> Stamps {
        Stamps { latest: latest.into(), raw: String::new(), time: None }
    }

    /// As [`Time::parse`].
    pub fn read(&mut self, raw: &str) -> Option<Time> {
        if raw != self.raw {
            self.time = self.same_day(raw).or_else(|| Time::parse(raw, self.latest));
            raw.clone_into(&mut self.raw);
        }
        self.time
    }

    /// A stamp of the same form, day and zone as the last: `Nov 21 17:40:48`,
    /// `2026-11-21T17:40:48.086239+00:00` or `2026-11-21 17:40:48.123 +0100`.
    fn same_day(&self, raw: &str) -> Option<Time> {
        let last = self.time?;
        let (new, old) = (raw.as_bytes(), self.raw.as_bytes());
        let clock = match (new.len(), new.first()?) {
            (15, b'A'..=b'Z') => 7,
            (19.., b'0'..=b'9') if matches!(new.get(10), Some(b'T' | b' ')) => 11,
            _ => return None,
        };
        if old.get(..clock) != Some(&new[..clock]) {
            return None;
        }
        let (nanoseconds, zone) = fraction(&new[clock + 8..]);
        let (_, old_zone) = fraction(old.get(clock + 8..)?);
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *new[clock..].first_chunk::<8>()? else { return None };
        let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
        // A fraction behind a comma is no zone.
        let fits = zone == old_zone && !zone.starts_with(b",") && hour < 24 && minute < 60 && second < 60;
        fits.then(|| Time { at: last.at.date().at(hour, minute, second, nanoseconds), offset: last.offset })
    }
}

/// Two digits.
fn two(tens: u8, ones: u8) -> Option<i8> {
    let digit = |b: u8| b.is_ascii_digit().then(|| (b - b'0') as i8);
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// Nanoseconds of `.086239`, and what follows.
fn fraction(rest: &[u8]) -> (i32, &[u8]) {
    let Some(digits) = rest.strip_prefix(b".") else { return (0, rest) };
    let len = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    if !(1..=9).contains(&len) {
        return (0, rest);
    }
    let number = digits[..len].iter().fold(0, |n, b| n * 10 + i32::from(b - b'0'));
    (number * 10i32.pow(9 - len as u32), &digits[len..])
}

impl fmt::Display for Time {
    /// RFC 3339; without the zone where it is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(offset) = self.offset else { return write!(f, "{}", self.at) };
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match minutes.abs() {
            0 => write!(f, "{}Z", self.at),
            n => write!(f, "{}{sign}{:02}:{:02}", self.at, n / 60, n % 60),
        }
    }
}

/// `@4000000041…`: seconds since 1970 in TAI, and nanoseconds, in hex.
fn tai64n(raw: &str) -> Option<Time> {
    let seconds = i64::from_str_radix(raw.get(1..17)?, 16).ok()?.checked_sub((1 << 62) + 10)?;
    let nanoseconds = i32::from_str_radix(raw.get(17..25)?, 16).ok()?;
    Timestamp::new(seconds, nanoseconds).ok().map(Time::utc)
}

/// Seconds since 1970, or thousandths, millionths and so on by their length.
fn epoch(raw: &str) -> Option<Time> {
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, ""));
    let (seconds, rest) = whole.split_at_checked(10).unwrap_or((whole, ""));
    if rest.is_empty() && fraction.is_empty() {
        return Timestamp::new(seconds.parse().ok()?, 0).ok().map(Time::utc);
    }
    let parts: String = rest.chars().chain(fraction.chars()).chain("000000000".chars()).take(9).collect();
    Timestamp::new(seconds.parse().ok()?, parts.parse().ok()?).ok().map(Time::utc)
}

/// `2026-11-21T17:40:48+00:00` and its kin, `25/09/2019, 18:28:40`.
fn numeric(raw: &str) -> Option<Time> {
    let (local, offset) = split_zone(raw);
    let at = local.replacen(',', ".", 1).parse().ok().or_else(|| browser(local))?;
    Some(Time { at, offset })
}

/// `25/09/2019, 18:28:40`, `9/25/2019, 6:28:40 PM`, `25.9.2019, 18:28:40`: the
/// day stands first unless that cannot be.
fn browser(raw: &str) -> Option<DateTime> {
    let (date, time) = raw.split_once(", ")?;
    let mut parts = date.split(['/', '.']).map(str::parse::<i8>);
    let (first, second) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let year = date.rsplit(['/', '.']).next()?.parse().ok()?;
    let half = ["AM", "PM"].iter().position(|h| time.ends_with(h));
    let (day, month) = if second > 12 || (half.is_some() && first <= 12) { (second, first) } else { (first, second) };
    let mut clock = time.trim_end_matches(['A', 'P', 'M', ' ', '\u{202f}']).split(':').map(str::parse::<i8>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    let hour = match half {
        Some(half) => hour % 12 + if half == 1 { 12 } else { 0 },
        None => hour,
    };
    DateTime::new(year, month, day, hour, minute, second, 0).ok()
}

/// Stamps with a weekday or a month in letters.
fn named(raw: &str, latest: Latest) -> Option<Time> {
    if let Ok(zoned) = rfc2822::parse(raw) {
        return Some(Time { at: zoned.datetime(), offset: Some(zoned.offset()) });
    }
    let (first, rest) = raw.split_once(' ')?;
    if ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&first) {
        return Time::parse(rest, latest);
    }
    let (local, offset) = split_zone(raw);
    let with_year = || ["%b %d %Y %H:%M:%S%.f", "%b %d %H:%M:%S %Y"].iter().find_map(|f| DateTime::strptime(f, local).ok());
    let in_year = |year: i16| DateTime::strptime("%Y %b %d %H:%M:%S%.f", format!("{year} {local}")).ok();
    let last = in_year(latest.0.year()).filter(|at| at.date() <= latest.0);
    let at = last.or_else(with_year).or_else(|| in_year(latest.0.year() - 1))?;
    Some(Time { at, offset })
}

/// Cuts the zone off. The short names of zones other than UTC are not unique,
/// so they tell nothing.
fn split_zone(raw: &str) -> (&str, Option<Offset>) {
    for utc in ["Z", " UTC", " GMT"] {
        if let Some(local) = raw.strip_suffix(utc) {
            return (local, Some(Offset::UTC));
        }
    }
    for len in [6, 5] {
        let Some((local, zone)) = raw.len().checked_sub(len).and_then(|at| raw.split_at_checked(at)) else { continue };
        if let Some(offset) = offset(zone) {
            return (local.trim_end(), Some(offset));
        }
    }
    match raw.rsplit_once(' ') {
        Some((local, name)) if !matches!(name, "AM" | "PM") && name.bytes().all(|b| b.is_ascii_uppercase()) => (local, None),
        _ => (raw, None),
    }
}

/// `+01:00` or `+0100`.
fn offset(zone: &str) -> Option<Offset> {
    let negative = zone.starts_with('-');
    let digits = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2))?;
    let number = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i32>().ok()).flatten();
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    Offset::from_seconds(if negative { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> String {
        Time::parse(raw, 2026).map_or_else(String::new, |t| t.to_string())
    }

    #[test]
    fn stamps_of_all_logs_become_one_form() {
        for (raw, expected) in [
            ("Nov 21 17:40:48", "2026-11-21T17:40:48"),
            ("Nov  1 17:40:48", "2026-11-01T17:40:48"),
            ("Nov 21 18:21:09.447067", "2026-11-21T18:21:09.447067"),
            ("Nov 21 2025 17:40:48", "2025-11-21T17:40:48"),
            ("Sat Nov 21 17:40:48", "2026-11-21T17:40:48"),
            ("Sat Nov 21 17:40:48 2020", "2020-11-21T17:40:48"),
            ("2026-11-21T17:40:48.086239+00:00", "2026-11-21T17:40:48.086239Z"),
            ("2026-11-21T18:21:09+0000", "2026-11-21T18:21:09Z"),
            ("2026-11-21T18:21:09-0330", "2026-11-21T18:21:09-03:30"),
            ("2024-01-01T00:00:00.000000001Z", "2024-01-01T00:00:00.000000001Z"),
            ("2026-11-21 18:01:35.123 +0100", "2026-11-21T18:01:35.123+01:00"),
            ("2012-06-12 00:11:57-0500", "2012-06-12T00:11:57-05:00"),
            ("Sat 2026-11-21 18:21:09 UTC", "2026-11-21T18:21:09Z"),
            ("Sat 2026-11-21 18:21:09 CET", "2026-11-21T18:21:09"),
            ("Sat, 21 Nov 2026 17:40:48 +0100 (CET)", "2026-11-21T17:40:48+01:00"),
            ("1795285267614123", "2026-11-21T18:21:07.614123Z"),
            ("1795285267", "2026-11-21T18:21:07Z"),
            ("1795285267.5", "2026-11-21T18:21:07.5Z"),
            ("@4000000041bd8a2e2d1e3f44", "2004-12-13T12:25:08.756956996Z"),
            ("25/09/2019, 18:28:40", "2019-09-25T18:28:40"),
            ("9/25/2019, 6:28:40 PM", "2019-09-25T18:28:40"),
            ("25.9.2019, 18:28:40", "2019-09-25T18:28:40"),
        ] {
            assert_eq!(read(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_stamp_without_a_year_is_not_later_than_its_log() {
        let written = |at: &str| Latest::written(SystemTime::from(at.parse::<Timestamp>().unwrap()));
        for (log, raw, expected) in [
            ("2027-01-02T10:00:00Z", "Dec 31 23:59:59", "2026-12-31T23:59:59"),
            ("2027-01-02T10:00:00Z", "Jan  1 00:00:01", "2027-01-01T00:00:01"),
            ("2026-12-31T23:00:00Z", "Dec 31 23:59:59", "2026-12-31T23:59:59"),
            ("2026-12-31T23:00:00Z", "Jan  1 05:00:00", "2027-01-01T05:00:00"),
            ("2026-11-22T10:00:00Z", "Nov 23 10:00:00", "2026-11-23T10:00:00"),
            ("2026-11-22T10:00:00Z", "Nov 24 10:00:00", "2025-11-24T10:00:00"),
            ("2025-01-31T10:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00"),
            ("2026-01-31T10:00:00Z", "Feb 29 10:00:00", ""),
            ("2026-01-31T10:00:00Z", "Dec  1 2026 10:00:00", "2026-12-01T10:00:00"),
        ] {
            let mut stamps = Stamps::new(written(log));
            let read = stamps.read(raw).map_or_else(String::new, |t| t.to_string());
            assert_eq!(read, expected, "{log} {raw}");
        }
    }

    #[test]
    fn stamps_one_after_another_are_read_as_each_by_itself() {
        let mut stamps = Stamps::new(2026);
        for raw in [
            "Nov 21 17:40:48",
            "Nov 21 17:40:49",
            "Nov 21 17:40:60",
            "Nov 21 24:00:00",
            "Nov 22 00:00:01",
            "Nov 22 0x:00:01",
            "2026-11-21T17:40:48.086239+00:00",
            "2026-11-21T18:41:48.1+00:00",
            "2026-11-21T18:41:48+00:00",
            "2026-11-21T18:41:48+01:00",
            "2026-11-21T18:41:48.5",
            "2026-11-21T18:41:48.+01:00",
            "2026-11-21T18:41:48.0123456789Z",
            "2026-11-21T18:41:49Z",
            "2026-11-21T18:41:49,123",
            "2026-11-21T18:41:50,123",
            "2026-11-21 18:41:49,5",
            "2026-11-21 18:41:50,5",
            "2026-11-21 18:41:51",
            "2026-11-21 18:41:52",
            "2026-11-21 18:41:52.123 +0100",
            "2026-11-21 18:41:53.5 +0100",
            "2026-11-21 18:41:54 +0200",
            "2026-11-21 6:41:54 PM",
            "2026-11-21T18:41",
            "",
        ] {
            assert_eq!(stamps.read(raw), Time::parse(raw, 2026), "{raw}");
            assert_eq!(stamps.read(raw), Time::parse(raw, 2026), "{raw}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for raw in ["", " ", "@", "Nov", "Nov 31 17:40:48", "2026-13-01T00:00:00Z", "1.2.3", "é", "+", "0123456789é", "99/99/9999, 1:1:1"]
        {
            assert_eq!(read(raw), "", "{raw}");
        }
    }
}
