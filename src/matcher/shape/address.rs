//! Where IP addresses stand in a run without gaps. It must not know words.

use std::net::Ipv6Addr;
use std::ops::Range;

/// Where the IPv4 address ends that begins at `at` and stands by itself.
pub(super) fn ipv4_end(text: &[u8], chunk: &Range<usize>, at: usize) -> Option<usize> {
    let joined = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if at > chunk.start && joined(text[at - 1]) {
        return None;
    }
    let end = at + ipv4_len(&text[at..chunk.end])?;
    let behind = &text[end..chunk.end];
    let ends = || behind.iter().all(|b| !b.is_ascii_alphanumeric());
    let free = behind.iter().find(|b| **b != b'.').is_none_or(|b| !joined(*b)) || ends();
    free.then_some(end)
}

/// Length of the four numbers with dots between them that stand in front.
fn ipv4_len(bytes: &[u8]) -> Option<usize> {
    let mut len = number_len(bytes)?;
    for _ in 1..4 {
        let rest = bytes[len..].strip_prefix(b".")?;
        len += 1 + number_len(rest)?;
    }
    Some(len)
}

/// Length of the number up to 255 in front, written without zeros before it.
fn number_len(bytes: &[u8]) -> Option<usize> {
    let digits = || bytes.iter().take(4).take_while(|b| b.is_ascii_digit());
    let number = digits().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    let len = digits().count();
    (len > 0 && number < 256 && (len == 1 || bytes[0] != b'0')).then_some(len)
}

/// Four numbers that dots join stand in a run, so that it may hold an IPv4
/// address.
pub(super) fn holds_quad(run: &[u8]) -> bool {
    let (mut joints, mut number, mut joined) = (0, false, false);
    for byte in run {
        match byte {
            b'0'..=b'9' => {
                joints += usize::from(joined);
                (number, joined) = (true, false);
            }
            b'.' if number => (number, joined) = (false, true),
            _ => (joints, number, joined) = (0, false, false),
        }
        if joints == 3 {
            return true;
        }
    }
    false
}

/// A run is of the kind that may hold an IPv6 address.
pub(super) fn may_hold_ipv6(run: &[u8]) -> bool {
    let (mut colons, mut behind_colon) = (0, false);
    run.iter().any(|byte| {
        let colon = *byte == b':';
        colons += usize::from(colon);
        std::mem::replace(&mut behind_colon, colon) && colon || colons >= 7
    })
}

/// Where an IPv6 address stands at the end of a run: by itself, behind `IPv6:`,
/// or behind the last sign of a link.
pub(super) fn ipv6_at_end(run: &[u8]) -> Option<Range<usize>> {
    let end = run.iter().rposition(|b| b.is_ascii_alphanumeric() || *b == b':').map_or(run.len(), |at| at + 1);
    let link = run[..end].iter().rposition(|b| matches!(b, b'/' | b'?')).map_or(0, |at| at + 1);
    let marked = run.len() > MARK.len() && run[..MARK.len()].eq_ignore_ascii_case(MARK);
    let start = if link == 0 && marked { MARK.len() } else { link };
    let address = run.get(start..end)?;
    // `::` at the end may introduce the number behind it.
    if address.last() == Some(&b':') {
        return None;
    }
    // `554::` and `::554` may be codes; further on in an address they are none.
    let alone = link == start;
    let mut parts = address.split(|b| *b == b':');
    let is_code = |part: &[u8]| part.len() == 3 && part.iter().all(u8::is_ascii_digit);
    let may_be_code = parts.next().is_some_and(is_code) || !alone && parts.any(is_code);
    let parses = std::str::from_utf8(address).is_ok_and(|a| a.parse::<Ipv6Addr>().is_ok());
    // Signs and digits alone make no path, and the mask has letters.
    let linked = link == 0 || address.iter().any(u8::is_ascii_alphabetic) && !may_hold_ipv6(&run[..link]);
    (parses && !may_be_code && linked).then_some(start..end)
}

/// Stands before IPv6 addresses.
const MARK: &[u8] = b"ipv6:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_numbers_joined_by_dots_may_be_an_address() {
        for run in ["192.0.2.1", "a1.2.3.4b", "x-10.20.30.40.50"] {
            assert!(holds_quad(run.as_bytes()), "{run}");
        }
        for run in ["1.2.3", "1.2.a3.4", "1.2.3-4.5.6", "1..2.3.4", "a.b.c.d", ""] {
            assert!(!holds_quad(run.as_bytes()), "{run}");
        }
    }

    #[test]
    fn ipv4_addresses_are_those_of_the_standard_library() {
        let numbers = ["0", "00", "1", "01", "9", "10", "99", "255", "256", "999", "1000", ""];
        for a in numbers {
            for b in numbers {
                for text in [format!("{a}.{b}.3.4"), format!("1.2.{a}.{b}"), format!("1.{a}.{b}.4"), format!("{a}.{b}.4")] {
                    let end = text.parse::<std::net::Ipv4Addr>().is_ok().then_some(text.len());
                    assert_eq!(ipv4_end(text.as_bytes(), &(0..text.len()), 0), end, "{text}");
                }
            }
        }
        let found = |text: &str| ipv4_end(text.as_bytes(), &(0..text.len()), 0);
        assert_eq!([found("1.2.3.4."), found("1.2.3.4.5"), found("1.2.3.4/24"), found("1.2.3.4-")], [Some(7), None, Some(7), Some(7)]);
    }

    #[test]
    fn an_ipv6_address_is_found_at_the_end_of_its_run() {
        let found = |run: &'static str| ipv6_at_end(run.as_bytes()).map(|at| &run[at]);
        for run in ["2001:db8:586::9", "IPv6:2001:db8::9", "https://example.com/ip/2001:db8::9.", "bl.shtml?2001:db8:586::9"] {
            assert!(found(run).is_some_and(|ip| ip.starts_with("2001:db8:") && ip.ends_with('9')), "{run}");
        }
        for run in ["586::", "IPv6:2001:586::9", "2001:586::", "x::/2001:db8::9", "//::9", "::9g", "I:2001:db8::9"] {
            assert_eq!(found(run), None, "{run}");
        }
    }
}
