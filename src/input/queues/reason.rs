//! The reason that a queue keeps for a recipient: takes the server's reply out
//! of the words that the mail server set around it. It must not know listings
//! or meanings.

use std::borrow::Cow;

use crate::codes::status::Stage;
use crate::input::{Record, compose};

/// Why a recipient waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    pub relay: Option<String>,
    pub relay_ip: Option<String>,
    pub stage: Option<Stage>,
    pub truncated: bool,
}

impl Reason {
    /// The record with what the reason says.
    pub fn put_into(self, record: Record<'static>) -> Record<'static> {
        Record {
            text: Cow::Owned(self.text),
            relay: self.relay.map(Cow::Owned),
            relay_ip: self.relay_ip.map(Cow::Owned),
            stage: self.stage,
            truncated: self.truncated,
            ..record
        }
    }
}

/// What stands before the host that spoke, and before its reply.
const SPOKE: [(&str, &str, Option<Stage>); 5] = [
    ("host ", " said: ", None),
    ("host ", " refused to talk to me: ", Some(Stage::Connect)),
    ("TLS is required, but host ", " refused to start TLS: ", Some(Stage::StartTls)),
    ("SASL authentication failed; server ", " said: ", Some(Stage::Auth)),
    ("SASL [CACHED] authentication failed; server ", " said: ", Some(Stage::Auth)),
];

/// What stands before the host where no reply came.
const SILENT: [&str; 8] = [
    "connect to ",
    "lost connection with ",
    "conversation with ",
    "TLS is required, but was not offered by host ",
    "SASL authentication failed; cannot authenticate to server ",
    "SMTPUTF8 is required, but was not offered by host ",
    "size limit ",
    "of server ",
];

/// Reads Postfix's words: `host H[IP] said: REPLY (in reply to RCPT TO command)`.
pub fn postfix(reason: &str) -> Reason {
    let reason = reason.trim();
    let reason = reason.strip_prefix("delivery temporarily suspended: ").unwrap_or(reason);
    SPOKE.iter().find_map(|shape| spoken(reason, shape)).unwrap_or_else(|| silent(reason))
}

fn spoken(reason: &str, (before, between, stage): &(&str, &str, Option<Stage>)) -> Option<Reason> {
    let rest = reason.strip_prefix(before)?;
    let (host, reply) = rest.split_once(between)?;
    let (relay, relay_ip) = host_and_ip(host)?;
    let (text, told) = without_tail(reply);
    Some(Reason { text: text.to_string(), relay, relay_ip, stage: stage.or(told), truncated: false })
}

/// The reply without ` (in reply to RCPT TO command)`, and that stage. The
/// reply itself may hold the same words, so the last ones count.
fn without_tail(reply: &str) -> (&str, Option<Stage>) {
    let Some((text, tail)) = reply.rsplit_once(" (in reply to ") else { return (reply, None) };
    let Some(command) = tail.strip_suffix(" command)") else { return (reply, None) };
    let stage = match command {
        "MAIL FROM" => Some(Stage::Mail),
        "RCPT TO" => Some(Stage::Rcpt),
        "DATA" => Some(Stage::Data),
        "end of DATA" => Some(Stage::EndOfData),
        "EHLO" | "HELO" | "LHLO" => Some(Stage::Ehlo),
        "AUTH" => Some(Stage::Auth),
        "STARTTLS" => Some(Stage::StartTls),
        _ => None,
    };
    (text, stage)
}

/// `mx.example.com[192.0.2.1]`; a socket path may stand in the brackets.
fn host_and_ip(text: &str) -> Option<(Option<String>, Option<String>)> {
    let (host, ip) = text.split_once('[')?;
    let ip = ip.split_once(']')?.0;
    let is_name = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '(' | ','));
    let own = |t: &str| Some(t.to_string());
    is_name.then(|| (own(host), own(ip)))
}

fn silent(reason: &str) -> Reason {
    let host = SILENT.iter().find_map(|mark| {
        let at = reason.find(mark)? + mark.len();
        host_and_ip(reason[at..].split([' ', ';']).next()?)
    });
    let (relay, relay_ip) = host.unwrap_or_default();
    Reason { text: reason.to_string(), relay, relay_ip, stage: stage_of_loss(reason), truncated: false }
}

/// Where the session was when it was lost.
fn stage_of_loss(reason: &str) -> Option<Stage> {
    let (_, during) = reason.split_once(" while ")?;
    const WHILE: [(&str, Stage); 8] = [
        ("receiving the initial server greeting", Stage::Connect),
        ("performing the EHLO handshake", Stage::Ehlo),
        ("performing the HELO handshake", Stage::Ehlo),
        ("sending MAIL FROM", Stage::Mail),
        ("sending RCPT TO", Stage::Rcpt),
        ("sending DATA command", Stage::Data),
        ("sending message body", Stage::EndOfData),
        ("sending end of data", Stage::EndOfData),
    ];
    WHILE.iter().find(|(words, _)| during.starts_with(words)).map(|(_, stage)| *stage)
}

/// Sendmail keeps this many characters of a reason in its listing.
const SENDMAIL_KEEPS: usize = 60;

/// Reads Sendmail's words: `Deferred: REPLY`, `Deferred: Connection refused by H.`
pub fn sendmail(inner: &str) -> Reason {
    let truncated = inner.chars().count() >= SENDMAIL_KEEPS;
    let text = inner.strip_prefix("Deferred: ").unwrap_or(inner);
    let relay = if compose::leading_code(text).is_some() { None } else { sendmail_host(text) };
    Reason { text: text.trim_end().to_string(), relay, truncated, ..Reason::default() }
}

/// The host ends with the dot of a full name.
fn sendmail_host(text: &str) -> Option<String> {
    let marks = ["refused by ", "timed out with ", "reset by ", "read error from ", "during client greeting with ", "error from "];
    let named = marks.iter().find_map(|mark| text.split_once(mark)).map(|(_, rest)| rest);
    let first = named.or_else(|| text.contains(".: ").then_some(text).filter(|t| !t.starts_with("Name server")))?;
    let host = first.split([' ', ':']).next()?.strip_suffix('.')?;
    host.contains('.').then(|| host.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_taken_out_of_postfix_words() {
        let read =
            postfix("host mx.example.com[192.0.2.1] said: 451 4.3.2 later (in reply to RCPT TO command) (in reply to end of DATA command)");
        assert_eq!(read.text, "451 4.3.2 later (in reply to RCPT TO command)");
        assert_eq!((read.relay.as_deref(), read.relay_ip.as_deref()), (Some("mx.example.com"), Some("192.0.2.1")));
        assert_eq!(read.stage, Some(Stage::EndOfData));
        let read = postfix("delivery temporarily suspended: connect to mx.example.com[192.0.2.1]:25: Connection refused");
        assert_eq!(read.text, "connect to mx.example.com[192.0.2.1]:25: Connection refused");
        assert_eq!(read.relay_ip.as_deref(), Some("192.0.2.1"));
        let read = postfix("lost connection with mx.example.com[2001:db8::1] while performing the EHLO handshake");
        assert_eq!((read.stage, read.relay_ip.as_deref()), (Some(Stage::Ehlo), Some("2001:db8::1")));
    }

    #[test]
    fn sendmail_cuts_its_reasons() {
        let read = sendmail("Deferred: 450 4.7.25 Client host rejected: cannot find your ");
        assert!(read.truncated);
        assert_eq!(read.text, "450 4.7.25 Client host rejected: cannot find your");
        assert_eq!(sendmail("Deferred: Connection refused by mx.example.com.").relay.as_deref(), Some("mx.example.com"));
        assert_eq!(sendmail("Deferred: mx.example.com.: No route to host").relay.as_deref(), Some("mx.example.com"));
        assert_eq!(sendmail("reply: read error from mx.example.com.").text, "reply: read error from mx.example.com.");
    }
}
