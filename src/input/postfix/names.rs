//! The names in Postfix's lines: programs, queue ids, hosts with addresses. It
//! must not know what a line says.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::block::{self, Block, Marks};
use crate::codes::status::Stage;
use crate::input::find::near;

/// Programs under any instance's name, such as `transfer/smtp`.
const PROGRAMS: [&str; 17] = [
    "smtp",
    "lmtp",
    "local",
    "virtual",
    "pipe",
    "error",
    "retry",
    "discard",
    "smtpd",
    "postscreen",
    "cleanup",
    "qmgr",
    "bounce",
    "defer",
    "trace",
    "verify",
    "pickup",
];

/// Whether a line's ident is one of Postfix's programs. Some transports keep
/// only the instance's name.
pub(super) fn is_program(ident: &str) -> bool {
    ident.starts_with("postfix") || ident.rsplit_once('/').is_some_and(|(_, program)| PROGRAMS.contains(&program))
}

/// A line that begins with a queue id.
pub(super) struct Queued<'t> {
    /// `None` for `NOQUEUE`.
    pub id: Option<&'t str>,
    pub rest: &'t str,
}

impl<'t> Queued<'t> {
    pub(super) fn of(text: &'t str) -> Option<Queued<'t>> {
        let (len, is_id) = id_at(text.as_bytes());
        let (id, rest) = text.split_at(len);
        let rest = rest.strip_prefix(": ")?;
        match id {
            "NOQUEUE" => Some(Queued { id: None, rest }),
            _ if is_id => Some(Queued { id: Some(id), rest }),
            _ => None,
        }
    }
}

/// Length of the letters and digits in front, and whether they are a queue id:
/// hexadecimal, or a long one of digits and letters without vowels.
pub(super) fn id_at(text: &[u8]) -> (usize, bool) {
    // Nearly all ids end within the first block.
    let block = Block::at(text);
    let hex = (!(block.digits() | block.within(b'A', b'F'))).trailing_zeros() as usize;
    if hex < block::SIZE.min(text.len()) && block.letters() >> hex & 1 == 0 {
        return (hex, hex >= 6);
    }
    long_id_at(text)
}

fn long_id_at(text: &[u8]) -> (usize, bool) {
    let hex = block::run_len(text, |b| b.digits() | b.within(b'A', b'F'));
    if text.get(hex).is_none_or(|b| !b.is_ascii_alphanumeric()) {
        return (hex, hex >= 6);
    }
    let len = block::run_len(text, |b| b.digits() | b.letters());
    let is_long = len >= 10 && !text[..len].iter().any(|b| matches!(b | 0x20, b'a' | b'e' | b'i' | b'o' | b'u'));
    (len, is_long)
}

/// The other side: `NAME[IP]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Host<'t> {
    /// `None` where the name is unknown or only the address again.
    pub name: Option<&'t str>,
    /// What stands in the brackets: an address, or a socket in the file system.
    pub inside: Option<&'t str>,
}

impl<'t> Host<'t> {
    /// The host that `text` starts with, and what follows its brackets.
    pub(super) fn at(text: &'t str) -> Option<(Host<'t>, &'t str)> {
        let (name, inside, rest) = parts(text)?;
        Some((Host { name: own_name(name), inside: Some(inside) }, rest))
    }

    pub(super) fn relay(self) -> Option<Cow<'t, str>> {
        self.name.map(Cow::Borrowed)
    }

    pub(super) fn relay_ip(self) -> Option<Cow<'t, str>> {
        let inside = self.inside?;
        let zone = near(inside.as_bytes(), b'%').unwrap_or(inside.len());
        is_address(&inside[..zone]).then_some(Cow::Borrowed(inside))
    }
}

/// `NAME`, `IP` and what follows of `NAME[IP]…`.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let open = block::run_len(bytes, in_names);
    bytes[open..].starts_with(b"[").then_some(())?;
    let close = open + near(&bytes[open..], b']')?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// Bytes of names of hosts.
fn in_names(block: Block) -> Marks {
    block.letters() | block.within(b'-', b'.') | block.digits() | block.is(b'_') | block.high()
}

/// A name that is neither unknown nor only the address again. Plain names hold
/// no colon, so that only an IPv4 address may stand there.
fn own_name(name: &str) -> Option<&str> {
    let is_address = name.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_ok();
    (!matches!(name, "" | "unknown") && !is_address).then_some(name)
}

fn is_address(text: &str) -> bool {
    if near(text.as_bytes(), b':').is_some() { text.parse::<Ipv6Addr>().is_ok() } else { text.parse::<Ipv4Addr>().is_ok() }
}

/// Without the `:PORT` that may follow a host.
pub(super) fn skip_port(text: &str) -> &str {
    let Some(digits) = text.strip_prefix(':') else { return text };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < digits.len() { rest } else { text }
}

/// The stage by the words that Postfix has for it, as server or client.
pub(super) fn stage(words: &str) -> Option<Stage> {
    match words {
        "CONNECT" => Some(Stage::Connect),
        "EHLO" | "HELO" | "LHLO" => Some(Stage::Ehlo),
        "STARTTLS" => Some(Stage::StartTls),
        "AUTH" => Some(Stage::Auth),
        "MAIL" | "MAIL FROM" => Some(Stage::Mail),
        "RCPT" | "RCPT TO" => Some(Stage::Rcpt),
        "DATA" => Some(Stage::Data),
        "BDAT" | "DATA content" | "END-OF-MESSAGE" | "end of DATA" => Some(Stage::EndOfData),
        _ => None,
    }
}
