//! Lines about sessions that name no recipient: connections that failed or
//! broke, TLS, logins, what postscreen saw. It must not know what they mean.

use std::borrow::Cow;

use super::names::{Host, skip_port, stage};
use crate::codes::status::Stage;
use crate::input::{Direction, Kind, Record};

/// Reads a line that says something of a session as such.
pub(super) fn read(text: &str) -> Option<Record<'_>> {
    match text.as_bytes().first()? {
        b'w' => warning(text.strip_prefix("warning: ")?),
        b'l' | b't' => broken(text),
        b'c' | b'S' => outbound(text).or_else(|| accept(text)),
        b'p' if text.starts_with("proxy-reject: ") => super::inbound::read(text),
        b'A'..=b'Z' => postscreen(text),
        _ => None,
    }
}

fn record<'t>(direction: Direction, host: Host<'t>, stage: Option<Stage>, text: &'t str) -> Record<'t> {
    let (relay, relay_ip) = (host.relay(), host.relay_ip());
    Record { kind: Kind::Session, direction, relay, relay_ip, stage, text: Cow::Borrowed(text.trim_end()), ..Record::default() }
}

/// A connection to a server, or its TLS, failed.
fn outbound(text: &str) -> Option<Record<'_>> {
    const STARTS: [(&str, Stage); 3] = [
        ("connect to ", Stage::Connect),
        ("SSL_connect error to ", Stage::StartTls),
        ("certificate verification failed for ", Stage::StartTls),
    ];
    let (start, stage) = STARTS.iter().find(|(start, _)| text.starts_with(start))?;
    let (host, rest) = Host::at(&text[start.len()..])?;
    skip_port(rest).starts_with(": ").then(|| record(Direction::Out, host, Some(*stage), text))
}

fn accept(text: &str) -> Option<Record<'_>> {
    let (host, _) = Host::at(text.strip_prefix("SSL_accept error from ")?)?;
    Some(record(Direction::In, host, Some(Stage::StartTls), text))
}

/// A client went away: `lost connection after STAGE[ (N bytes)] from HOST[IP]`.
fn broken(text: &str) -> Option<Record<'_>> {
    let rest = ["lost connection after ", "timeout after ", "too many errors after "].iter().find_map(|s| text.strip_prefix(s))?;
    let (words, client) = rest.split_once(" from ")?;
    let command = words.split_once(" (").map_or(words, |(command, _)| command);
    let (host, _) = command.starts_with(|c: char| c.is_ascii_uppercase()).then(|| Host::at(client))??;
    Some(record(Direction::In, host, stage(command), text))
}

fn warning(text: &str) -> Option<Record<'_>> {
    if let Some(client) = text.strip_prefix("non-SMTP command from ") {
        let (host, _) = Host::at(client)?;
        return Some(record(Direction::In, host, None, text));
    }
    login(text)
}

/// `HOST[IP]: SASL METHOD authentication failed: REASON[, sasl_username=U]`.
fn login(text: &str) -> Option<Record<'_>> {
    let (host, rest) = Host::at(text)?;
    let words = skip_port(rest).strip_prefix(": ").filter(|w| w.starts_with("SASL ") && w.contains(" authentication fail"))?;
    let words = words.rsplit_once(", sasl_username=").map_or(words, |(words, _)| words);
    Some(Record { kind: Kind::Login, ..record(Direction::In, host, Some(Stage::Auth), words) })
}

/// What postscreen found wrong with a client; what it finds right is no news.
fn postscreen(text: &str) -> Option<Record<'_>> {
    const STARTS: [&str; 11] = [
        "PREGREET ",
        "HANGUP after ",
        "DNSBL rank ",
        "DENYLISTED ",
        "BLACKLISTED ",
        "BARE NEWLINE ",
        "COMMAND PIPELINING ",
        "COMMAND TIME LIMIT ",
        "COMMAND COUNT LIMIT ",
        "COMMAND LENGTH LIMIT ",
        "NON-SMTP COMMAND ",
    ];
    STARTS.iter().find(|start| text.starts_with(**start))?;
    let (host, rest) = Host::at(&text[text.find(" [")? + 1..])?;
    rest.starts_with(':').then(|| record(Direction::In, host, Some(Stage::Connect), text))
}
