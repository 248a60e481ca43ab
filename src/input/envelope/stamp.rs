//! Time stamps that log transports put at the start of a line; only where they
//! end. It must not know what stands behind them.

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

/// Whether `b` has this shape: `0` is a digit, all else itself.
fn fits(b: &[u8], shape: &[u8]) -> bool {
    b.len() >= shape.len() && shape.iter().zip(b).all(|(s, c)| if *s == b'0' { c.is_ascii_digit() } else { s == c })
}

fn is_month(b: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    b.get(3) == Some(&b' ') && MONTHS.iter().any(|m| b.starts_with(m))
}

fn is_weekday(b: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    b.get(3) == Some(&b' ') && DAYS.iter().any(|d| b.starts_with(d))
}

/// `2026-11-21T17:40:48.086239+00:00`, to the next space.
fn iso(b: &[u8]) -> Option<usize> {
    let inside = |c: &u8| c.is_ascii_digit() || matches!(c, b'T' | b'Z' | b':' | b'.' | b'+' | b'-');
    fits(b, b"0000-00-00T00:00:00").then(|| b.iter().position(|c| !inside(c)).unwrap_or(b.len()))
}

/// `Nov 21 17:40:48`, with a year or a fraction where there is one.
fn syslog(b: &[u8]) -> Option<usize> {
    let day = b.get(4..6)?;
    let padded = (day[0] == b' ' || day[0].is_ascii_digit()) && day[1].is_ascii_digit();
    if !padded {
        return None;
    }
    let year = if fits(&b[6..], b" 0000 ") { 5 } else { 0 };
    fits(&b[6 + year..], b" 00:00:00").then(|| fraction(b, 15 + year))
}

/// `Sat 2026-11-21 18:21:09 UTC`, to the end of the zone.
fn journal(line: &str) -> Option<usize> {
    let b = line.as_bytes();
    if !fits(&b[4..], b"0000-00-00 00:00:00") {
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
