//! Parts of a log line that several formats write alike: `HOST [IP]`, an
//! address in angle brackets, the outline of a reply, the stage by its command.
//! It must not know one format's grammar.

use std::borrow::Cow;
use std::net::IpAddr;

use super::envelope::Message;
use super::find::{find, near};
use super::record::Record;
use super::stencil::Stencil;
use crate::codes::status::Stage;

/// Bytes of a reply over several lines after which no more lines are added; the
/// longest that servers send are a few thousand.
pub(super) const MOST_REPLY: usize = 16_384;

/// Reads a message's text, so that borrowed text gives borrowed records, and
/// fills in what each record of the line shares. Records of earlier lines
/// carry their own line number already.
pub(super) fn records<'l>(
    format: &'static str,
    (message, line): (&Message<'l>, u64),
    out: &mut Vec<Record<'l>>,
    read: impl for<'t> FnOnce(&'t str, &mut Vec<Record<'t>>),
) {
    let from = out.len();
    match &message.text {
        Cow::Borrowed(text) => read(text, out),
        Cow::Owned(text) => {
            let mut owned = Vec::new();
            read(text, &mut owned);
            out.extend(owned.into_iter().map(|r| r.into_owned()));
        }
    }
    for record in &mut out[from..] {
        record.format = format;
        if record.line == 0 {
            record.line = line;
            record.time = message.time.clone().or_else(|| record.time.take());
        }
    }
}

/// `<a@b>` or `a@b` as `a@b`.
pub(super) fn address(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text)
}

/// The address between `open` and the next `>`: `open` ends in `<`.
pub(super) fn between<'t>(text: &'t str, open: &str) -> Option<&'t str> {
    let at = find(text, open)? + open.len();
    let len = near(&text.as_bytes()[at..], b'>')?;
    Some(&text[at..at + len])
}

/// Host and IP of `HOST. [IP]`, `HOST`, `[IP]`; the dot at the end is dropped.
pub(super) fn host_and_ip(text: &str) -> (Option<&str>, Option<&str>) {
    let (name, rest) = text.split_once('[').unwrap_or((text, ""));
    let ip = rest.split(']').next().and_then(ip);
    let name = name.trim().trim_end_matches('.');
    ((!name.is_empty() && !name.contains(' ')).then_some(name), ip)
}

/// An IP, without IPv6 marks such as `IPv6:` or `::ffff:`.
pub(super) fn ip(text: &str) -> Option<&str> {
    let text = text.strip_prefix("IPv6:").unwrap_or(text);
    let short = text.strip_prefix("::ffff:").filter(|t| t.contains('.')).unwrap_or(text);
    short.parse::<IpAddr>().is_ok().then_some(short)
}

/// Whether text starts like a line of a reply: `550 x`, `550-x`, `550`.
pub(super) fn starts_with_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes.len() >= 3 && bytes[..3].iter().all(u8::is_ascii_digit);
    digits && matches!(bytes.get(3), None | Some(b' ' | b'-' | b'\t'))
}

/// A multi-line reply whose last line is missing.
pub(super) fn is_open_reply(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text);
    starts_with_code(last) && last.as_bytes().get(3) == Some(&b'-')
}

/// The stage of a command or of the words that stand for one.
pub(super) fn stage_of(words: &str) -> Option<Stage> {
    let named: &[(&str, Stage)] = match words.as_bytes().first()?.to_ascii_lowercase() {
        b'i' => &[("initial connection", Stage::Connect)],
        b'c' => &[("connect", Stage::Connect)],
        b'e' => &[("EHLO", Stage::Ehlo), ("end of data", Stage::EndOfData)],
        b'h' => &[("HELO", Stage::Ehlo)],
        b'l' => &[("LHLO", Stage::Ehlo)],
        b's' => &[("STARTTLS", Stage::StartTls)],
        b'a' => &[("AUTH", Stage::Auth)],
        b'm' => &[("MAIL", Stage::Mail)],
        b'r' => &[("RCPT", Stage::Rcpt)],
        b'd' => &[("DATA closing", Stage::EndOfData), ("DATA", Stage::Data)],
        b'b' => &[("BDAT", Stage::EndOfData)],
        b'f' => &[("final", Stage::EndOfData)],
        _ => return None,
    };
    let begins = |name: &str| words.as_bytes().get(..name.len()).is_some_and(|w| w.eq_ignore_ascii_case(name.as_bytes()));
    named.iter().find(|(name, _)| begins(name)).map(|(_, stage)| *stage)
}

/// `2026-11-21` and one of `T`, space, then `18:01:37`: the 19 bytes.
pub(super) fn stamp(text: &str) -> Option<&str> {
    const MONTH: Stencil = Stencil::of(*b"0000-00-");
    const CLOCK: Stencil = Stencil::of(*b"00:00:00");
    let [month @ .., b'0'..=b'9', b'0'..=b'9', b'T' | b' '] = text.as_bytes().first_chunk::<11>()? else { return None };
    (MONTH.fits(month) && CLOCK.fits(&text.as_bytes()[11..])).then(|| &text[..19])
}

/// A stamp with what follows it up to the next space, and the rest behind.
pub(super) fn split_stamp(text: &str) -> (Option<&str>, &str) {
    if stamp(text).is_none() {
        return (None, text);
    }
    let end = text[19..].find(' ').map_or(text.len(), |n| n + 19);
    (Some(&text[..end]), text[end..].trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_addresses() {
        assert_eq!(host_and_ip("mx.example.com. [192.0.2.1]"), (Some("mx.example.com"), Some("192.0.2.1")));
        assert_eq!(host_and_ip("[IPv6:2001:db8::1]"), (None, Some("2001:db8::1")));
        assert_eq!(ip("::ffff:192.0.2.1"), Some("192.0.2.1"));
        assert_eq!(address(" <a@example.com>"), "a@example.com");
        assert_eq!(between("MAIL FROM:<a@example.com> SIZE=1", "<"), Some("a@example.com"));
    }

    #[test]
    fn replies_stages_and_stamps() {
        assert!(starts_with_code("550") && starts_with_code("550-x") && !starts_with_code("5501 x"));
        assert!(is_open_reply("550-a\n550-b") && !is_open_reply("550-a\n550 b"));
        assert_eq!(stage_of("rcpt to:<a>"), Some(Stage::Rcpt));
        assert_eq!(split_stamp("2026-11-21 18:58:11.992501 _ x"), (Some("2026-11-21 18:58:11.992501"), "_ x"));
        assert_eq!(split_stamp("2026-11-21"), (None, "2026-11-21"));
    }
}
