//! OpenSMTPD's log, 5.x to 7.x: deliveries, failed sessions and refused
//! commands by session id. It must not know what a reply means.

use std::borrow::Cow;

use super::envelope::Message;
use super::newest::Newest;
use super::record::{Direction, Kind, Record, kept};
use super::{Lines, span, unescape};
use crate::codes::status::{Stage, Status};

const FORMAT: &str = "opensmtpd";

#[derive(Debug, Default)]
pub struct OpenSmtpd {
    /// The other side of each session: host and address.
    peers: Newest<(Option<String>, Option<String>)>,
}

impl Lines for OpenSmtpd {
    fn claims(&self, message: &Message<'_>) -> bool {
        message.ident.as_deref().is_none_or(|ident| self.knows(ident))
            && (session(&message.text).is_some() || old_delivery(&message.text).is_some())
    }

    fn knows(&self, program: &str) -> bool {
        program == "smtpd"
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(self.text(text)));
    }
}

/// `SID mta|mda|smtp EVENT …`, in 6.0 to 6.3 `event=EVENT`.
fn session(text: &str) -> Option<(&str, &str, &str)> {
    let (id, rest) = text.split_once(' ')?;
    let (agent, rest) = rest.split_once(' ')?;
    let known = matches!(agent, "mta" | "mda" | "smtp") && id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
    known.then(|| (id, agent, rest.strip_prefix("event=").unwrap_or(rest)))
}

/// `relay: PermFail for EVPID: session=…, from=<S>, …, stat=TEXT` of 5.x.
fn old_delivery(text: &str) -> Option<(&str, &str, &str)> {
    let rest = ["delivery: ", "relay: "].iter().find_map(|front| text.strip_prefix(front))?;
    let (result, rest) = rest.split_once(" for ")?;
    let (id, rest) = rest.split_once(": ")?;
    matches!(result, "Ok" | "PermFail" | "TempFail").then_some((result, id, rest))
}

impl OpenSmtpd {
    fn text<'t>(&mut self, text: &'t str) -> Option<Record<'t>> {
        let Some((id, agent, rest)) = session(text) else {
            let (result, id, rest) = old_delivery(text)?;
            return Some(Record { queue_id: Some(Cow::Borrowed(id)), ..delivery(rest, Some(result)) });
        };
        let (event, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match (agent, event) {
            (_, "delivery") => Some(delivery(rest, None)),
            ("mta", "connecting") | ("smtp", "connected") => {
                self.peer(id, rest);
                None
            }
            ("mta", "error") => Some(self.with_peer(id, failed_session(rest))),
            ("smtp", "failed-command") => Some(self.with_peer(id, refused(rest))),
            _ => None,
        }
    }

    /// `address=smtp://192.0.2.1:25 host=mx.example.com`, `address=192.0.2.1`.
    fn peer(&mut self, id: &str, rest: &str) {
        let address = value(rest, "address").map(|a| a.split_once("://").map_or(a, |(_, a)| a));
        let bare = |a: &'_ str| span::ip(a).is_some();
        let ip = address.map(|a| if bare(a) { a } else { a.rsplit_once(':').map_or(a, |(a, _)| a) });
        let ip = ip.and_then(|a| span::ip(a.trim_matches(['[', ']'])));
        let host = value(rest, "host").filter(|h| !h.starts_with('<'));
        self.peers.insert(id, (host.map(kept), ip.map(str::to_string)));
    }

    fn with_peer<'t>(&self, id: &str, record: Record<'t>) -> Record<'t> {
        let (relay, relay_ip) = self.peers.get(id).cloned().unwrap_or_default();
        Record { relay: relay.map(Cow::Owned), relay_ip: relay_ip.map(Cow::Owned), ..record }
    }
}

/// The value of `key=value`, `key="value"`, `key=<value>`.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let found = text.match_indices(key).find(|(at, _)| {
        let free = *at == 0 || text[..*at].ends_with(' ');
        free && text[at + key.len()..].starts_with('=')
    });
    let rest = &text[found?.0 + key.len() + 1..];
    let (close, from) = match rest.as_bytes().first() {
        Some(b'"') => ("\"", 1),
        Some(b'<') => (">", 1),
        _ => (" ", 0),
    };
    let end = rest[from..].find(close).map_or(rest.len(), |n| n + from);
    Some(rest[from..end].trim_end_matches(','))
}

/// The last value of the line, with its quotes; it may hold quotes itself.
fn last_value<'t>(text: &'t str, mark: &str) -> &'t str {
    let rest = text.find(mark).map_or("", |at| &text[at + mark.len()..]);
    rest.strip_prefix('"').map_or(rest, |r| r.strip_suffix('"').unwrap_or(r))
}

fn delivery<'t>(rest: &'t str, result: Option<&'t str>) -> Record<'t> {
    let fields = rest.split(" stat=").next().unwrap_or_default();
    let relay = value(fields, "relay");
    // `IP (HOST)`; a bare value is the domain that was tried.
    let (ip, host) = relay.and_then(|r| r.split_once(" (")).unwrap_or_default();
    let (ip, host) = match relay_of_old(fields) {
        Some(old) if ip.is_empty() => old,
        _ => (ip, host.trim_end_matches(')')),
    };
    let original = value(fields, "rcpt").filter(|r| *r != "-");
    let recipient = value(fields, "to");
    Record {
        queue_id: value(fields, "evpid").map(Cow::Borrowed),
        sender: value(fields, "from").map(unescape::vis),
        recipient: recipient.map(unescape::vis),
        orig_to: original.filter(|o| Some(*o) != recipient).map(unescape::vis),
        relay: (!host.is_empty()).then_some(Cow::Borrowed(host)),
        relay_ip: span::ip(ip).map(Cow::Borrowed),
        status: result.or_else(|| value(fields, "result")).map(Cow::Borrowed),
        text: with_line_ends(unescape::vis(last_value(rest, " stat="))),
        ..Record::default()
    }
}

/// Lines are joined by nothing and later codes dropped, but for enhanced codes
/// of more than five characters: `550-5.7.26 due to5.7.26 policy`. There the
/// line ends can be told.
fn with_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some((code, rest)) = text.split_once('-').filter(|(code, _)| code.len() == 3) else { return text };
    let enhanced = rest.split(' ').next().unwrap_or_default();
    if enhanced.len() < 6 || Status::parse(enhanced).is_none() {
        return text;
    }
    let mut lines = Vec::new();
    let mut from = 0;
    for (at, _) in rest.match_indices(enhanced).skip(1) {
        let glued = !rest[..at].ends_with(' ') && matches!(rest.as_bytes().get(at + enhanced.len()), None | Some(b' '));
        if glued {
            lines.push(&rest[from..at]);
            from = at;
        }
    }
    if lines.is_empty() {
        return text;
    }
    let first = lines.iter().map(|line| format!("{code}-{line}\n")).collect::<String>();
    Cow::Owned(format!("{first}{code} {}", &rest[from..]))
}

/// `relay=192.0.2.1 (mx.example.com), delay=` has no quotes in 5.x.
fn relay_of_old(fields: &str) -> Option<(&str, &str)> {
    let rest = fields.split_once(" relay=")?.1;
    let (ip, rest) = rest.split_once(" (")?;
    let host = rest.split_once(')')?.0;
    span::ip(ip).map(|ip| (ip, host))
}

/// `reason=BANNER rejected: REPLY`, `reason=IO Error: Connection refused`.
fn failed_session(rest: &str) -> Record<'_> {
    let reason = rest.strip_prefix("reason=").unwrap_or(rest);
    let (stage, text) = match reason.split_once(" rejected: ") {
        Some(("BANNER", reply)) => (Some(Stage::Connect), reply),
        Some((words, reply)) if !words.contains(' ') => (span::stage_of(words), reply),
        _ => (None, reason),
    };
    Record { kind: Kind::Session, stage, text: unescape::vis(text), ..Record::default() }
}

/// `command="RCPT TO:<R>" result="550 …"`. The command is not kept: it may
/// hold credentials.
fn refused(rest: &str) -> Record<'_> {
    let (command, result) = rest.split_once("\" result=\"").unwrap_or((rest, ""));
    let command = command.split_once("command=\"").map_or(command, |(_, c)| c);
    let stage = span::stage_of(command);
    let kind = if stage == Some(Stage::Auth) { Kind::Login } else { Kind::Reject };
    Record {
        kind,
        direction: Direction::In,
        stage,
        sender: command.strip_prefix("MAIL FROM:").and_then(bracketed).map(unescape::vis),
        recipient: command.strip_prefix("RCPT TO:").and_then(bracketed).map(unescape::vis),
        text: unescape::vis(result.strip_suffix('"').unwrap_or(result)),
        ..Record::default()
    }
}

fn bracketed(text: &str) -> Option<&str> {
    let inside = text.trim_start().strip_prefix('<')?;
    inside.rfind('>').map(|end| &inside[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reader: &mut OpenSmtpd, text: &'static str) -> Vec<Record<'static>> {
        let message = Message { ident: Some(Cow::Borrowed("smtpd")), text: Cow::Borrowed(text), ..Message::default() };
        let mut out = Vec::new();
        if reader.claims(&message) {
            reader.read(&message, 1, &mut out);
        }
        out
    }

    #[test]
    fn deliveries() {
        let r = &read(
            &mut OpenSmtpd::default(),
            r#"caf3bb3fd178b3e2 mta delivery evpid=fd50358939352025 from=<bounce+s009@example.org> to=<user@s009.test> rcpt=<-> source="203.0.113.5" relay="198.18.1.18 (mx.s009.test)" delay=0s result="PermFail" stat="550 5.7.1 Access "denied" at data""#,
        )[0];
        assert_eq!((r.relay.as_deref(), r.relay_ip.as_deref()), (Some("mx.s009.test"), Some("198.18.1.18")));
        assert_eq!((r.queue_id.as_deref(), r.status.as_deref()), (Some("fd50358939352025"), Some("PermFail")));
        assert_eq!(r.text, "550 5.7.1 Access \"denied\" at data");
        let r = &read(
            &mut OpenSmtpd::default(),
            "relay: TempFail for 8d3e2b9cf1b9cb3c: session=c7b1f7a54c2cdfb2, from=<a@example.org>, to=<b@s1.test>, rcpt=<->, source=192.0.2.9, relay=192.0.2.1 (mx.s1.test), delay=1s, stat=451 4.3.2 later",
        )[0];
        assert_eq!((r.relay.as_deref(), r.recipient.as_deref(), &*r.text), (Some("mx.s1.test"), Some("b@s1.test"), "451 4.3.2 later"));
        assert_eq!(r.queue_id.as_deref(), Some("8d3e2b9cf1b9cb3c"));
    }

    #[test]
    fn glued_lines_are_split_where_they_can_be_told() {
        let text = with_line_ends(Cow::Borrowed("550-5.7.26 not accepted due to5.7.26 policy, see 5.7.26 in5.7.26  https://x"));
        assert_eq!(text, "550-5.7.26 not accepted due to\n550-5.7.26 policy, see 5.7.26 in\n550 5.7.26  https://x");
        for same in ["550-5.7.1 a, b5.7.1 c", "550 5.7.26 a5.7.26 b", "550-no codesecond", "", "550-"] {
            assert_eq!(with_line_ends(Cow::Borrowed(same)), same);
        }
    }

    #[test]
    fn sessions_know_their_peer() {
        let mut reader = OpenSmtpd::default();
        assert!(read(&mut reader, "caf3bb1feb3923b0 mta connecting address=smtp://198.18.1.10:25 host=mx.s001.test").is_empty());
        let r = &read(&mut reader, "caf3bb1feb3923b0 mta error reason=BANNER rejected: 550 5.7.1 Access denied at connect")[0];
        assert_eq!((r.kind, r.stage, r.relay_ip.as_deref()), (Kind::Session, Some(Stage::Connect), Some("198.18.1.10")));
        assert_eq!(r.text, "550 5.7.1 Access denied at connect");
    }

    #[test]
    fn credentials_are_not_kept() {
        let line = r#"caf3be5afb9b32c1 smtp failed-command command="AUTH PLAIN AHJlYXNv" result="503 5.5.1 Invalid command: Command not supported""#;
        let r = &read(&mut OpenSmtpd::default(), line)[0];
        assert_eq!((r.kind, r.direction, r.stage), (Kind::Login, Direction::In, Some(Stage::Auth)));
        assert!(!format!("{r:?}").contains("AHJl"));
    }

    #[test]
    fn other_lines_are_left_alone() {
        assert!(read(&mut OpenSmtpd::default(), "info: OpenSMTPD 6.8.0p2 starting").is_empty());
        let postfix =
            Message { ident: Some(Cow::Borrowed("postfix/smtpd")), text: Cow::Borrowed("connect from x[192.0.2.1]"), ..Message::default() };
        assert!(!OpenSmtpd::default().claims(&postfix));
    }
}
