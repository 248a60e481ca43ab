//! One reason for one recipient, and the words that mail servers put around
//! the reply in it. It must not know mails or reports.

use std::net::IpAddr;

use crate::codes::status::Stage;

/// What was told about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) recipient: Option<String>,
    /// The address that the sender wrote, where another was tried.
    pub(super) orig_to: Option<String>,
    pub(super) relay: Option<String>,
    pub(super) relay_ip: Option<String>,
    pub(super) stage: Option<Stage>,
    /// The writer says DATA for the command and for the message.
    pub(super) data_or_end: bool,
    /// Another relay was tried after this one.
    pub(super) passed_over: bool,
    pub(super) text: String,
}

impl Told {
    /// Takes over what `other` knows and this one does not.
    pub(super) fn complete(&mut self, other: &Told) {
        let same_relay = self.relay.is_none() || self.relay == other.relay;
        self.orig_to = self.orig_to.take().or_else(|| other.orig_to.clone());
        if same_relay {
            self.relay = self.relay.take().or_else(|| other.relay.clone());
            self.relay_ip = self.relay_ip.take().or_else(|| other.relay_ip.clone());
        }
        if self.stage.is_none() {
            (self.stage, self.data_or_end) = (other.stage, other.data_or_end);
        }
    }
}

/// The three digits that a reply line begins with.
pub(super) fn code(line: &str) -> Option<&str> {
    let code = line.get(..3)?;
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    let ends = matches!(line.as_bytes().get(3), None | Some(b' ' | b'-' | b'\t' | b'\n' | b':' | b'?'));
    (digits && ends && (b'1'..=b'5').contains(&code.as_bytes()[0])).then_some(code)
}

/// Joins physical lines: with line ends where each is a line of the reply,
/// else with spaces, since then they were folded for width.
pub(super) fn join(lines: &[&str]) -> String {
    let first = lines.first().and_then(|l| code(l));
    let whole = |line: &&str| {
        let inside = |code: &str| line[3..].contains(&format!(" {code}-")) || line[3..].contains(&format!(" {code} "));
        code(line).is_some_and(|c| Some(c) == first && !inside(c))
    };
    bounded(lines.join(if lines.iter().all(whole) { "\n" } else { " " }).trim())
}

/// More than any server says; a mail may hold megabytes in one reason.
pub(super) const MAX_REASON: usize = 16 << 10;

pub(super) fn bounded(text: &str) -> String {
    let end = (0..=text.len().min(MAX_REASON)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].to_string()
}

/// Undoes the words around the reply in `reason`; without a server's reply the
/// reason is kept as it is.
pub(super) fn unwrap(reason: &str) -> Told {
    let mut text = reason.trim();
    while let Some(rest) = text.strip_prefix("delivery temporarily suspended: ") {
        text = rest.trim_start();
    }
    let mut told = said(text).or_else(|| without_reply(text)).unwrap_or_else(|| Told { text: text.to_string(), ..Told::default() });
    if let Some(rest) = told.text.strip_suffix(": retry timeout exceeded").or_else(|| told.text.strip_suffix(":\nretry timeout exceeded")) {
        told.text.truncate(rest.len());
    }
    told
}

/// Words between the relay and its reply, and the stage they tell.
const SAID: [(&str, Option<Stage>); 7] = [
    (" refused to talk to me: ", Some(Stage::Connect)),
    (" refused to start TLS: ", Some(Stage::StartTls)),
    (" said: ", None),
    (" reason: ", None),
    (" returned: ", None),
    (" replied: ", None),
    ("]: ", None),
];

fn said(text: &str) -> Option<Told> {
    let lead =
        ["host ", "TLS is required, but host ", "SASL authentication failed; server ", "SASL [CACHED] authentication failed; server "];
    let mark = lead.iter().find(|l| text.starts_with(**l))?;
    let (at, word, stage) = SAID.iter().find_map(|(w, s)| text.find(w).map(|at| (at, *w, *s)))?;
    let (relay, relay_ip) = relay(text.get(mark.len()..at + usize::from(word == "]: "))?);
    let stage = if mark.starts_with("SASL") { Some(Stage::Auth) } else { stage };
    let (reply, tail) = without_tail(text[at + word.len()..].trim());
    let recipient = None;
    Some(Told { recipient, relay, relay_ip, stage: stage.or(tail), text: reply.to_string(), ..Told::default() })
}

/// `REPLY (in reply to RCPT TO command)`.
fn without_tail(reply: &str) -> (&str, Option<Stage>) {
    let found = reply.strip_suffix(')').and_then(|r| r.rfind("(in reply to ").map(|at| (at, &r[at + 13..])));
    found.map_or((reply, None), |(at, command)| (reply[..at].trim_end(), stage(command)))
}

/// Reasons about a relay that gave no reply.
fn without_reply(text: &str) -> Option<Told> {
    let marks = ["connect to ", "lost connection with ", "conversation with "];
    let rest = marks.iter().find_map(|m| text.strip_prefix(m))?;
    let end = rest.find(']').map_or(rest.len(), |n| n + 1);
    let (relay, relay_ip) = relay(&rest[..end]);
    let stage = rest.split_once(" while ").and_then(|(_, what)| stage(what));
    let stage = stage.or(text.starts_with("connect to ").then_some(Stage::Connect));
    Some(Told { relay, relay_ip, stage, text: text.to_string(), ..Told::default() })
}

/// Commands and what is done when, in small letters; the first that fits.
const STAGES: [(&str, Stage); 22] = [
    ("(initial greeting", Stage::Connect),
    ("initial connection", Stage::Connect),
    ("receiving the initial server greeting", Stage::Connect),
    ("connect", Stage::Connect),
    ("performing the ", Stage::Ehlo),
    ("ehlo", Stage::Ehlo),
    ("helo", Stage::Ehlo),
    ("lhlo", Stage::Ehlo),
    ("starttls", Stage::StartTls),
    ("auth", Stage::Auth),
    ("mail", Stage::Mail),
    ("sending mail", Stage::Mail),
    ("rcpt", Stage::Rcpt),
    ("sending rcpt", Stage::Rcpt),
    ("end of data", Stage::EndOfData),
    ("sending end of data", Stage::EndOfData),
    ("sending message body", Stage::EndOfData),
    ("sending data block", Stage::EndOfData),
    ("data", Stage::Data),
    ("sending data", Stage::Data),
    (".", Stage::EndOfData),
    ("bdat", Stage::EndOfData),
];

/// The stage that a command or its description names.
pub(super) fn stage(command: &str) -> Option<Stage> {
    let command = command.trim().trim_start_matches("pipelined ");
    let starts = |mark: &str| command.get(..mark.len()).is_some_and(|c| c.eq_ignore_ascii_case(mark));
    STAGES.iter().find(|(mark, _)| starts(mark)).map(|(_, stage)| *stage)
}

/// Name and address of `mx.example.com[192.0.2.1]`, `mx.example.com (192.0.2.1)`,
/// `[192.0.2.1]`, `mx.example.com.`.
pub(super) fn relay(words: &str) -> (Option<String>, Option<String>) {
    let words = words.trim().trim_end_matches(':');
    let ip = words.find(['[', '(']).and_then(|at| {
        let inside = words[at + 1..].split([']', ')']).next()?.trim();
        let inside = inside.strip_prefix("IPv6:").unwrap_or(inside);
        inside.parse::<IpAddr>().ok().map(|_| inside.to_string())
    });
    let name = words.split(['[', '(', ' ', '\t', ',', ';']).next().unwrap_or_default().trim_end_matches('.');
    if name.parse::<IpAddr>().is_ok() {
        return (None, Some(name.to_string()));
    }
    (is_host(name).then(|| name.to_string()), ip)
}

fn is_host(name: &str) -> bool {
    let allowed = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    !name.is_empty() && name.len() <= 255 && allowed && name.chars().any(char::is_alphabetic)
}

/// Whether this is one mail address and nothing else.
pub(super) fn is_address(word: &str) -> bool {
    let Some((local, domain)) = word.rsplit_once('@') else { return false };
    let sane = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';');
    let domain_ok = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':'));
    !local.is_empty() && !domain.is_empty() && word.len() <= 320 && local.chars().all(sane) && domain_ok && !domain.ends_with([':', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_a_reply_are_undone() {
        let told = unwrap(
            "host mx.example.com[192.0.2.1] said: 550 5.7.1 host b[192.0.2.9] said: 451 no (in reply to MAIL FROM command) (in reply to RCPT TO command)",
        );
        assert_eq!(told.text, "550 5.7.1 host b[192.0.2.9] said: 451 no (in reply to MAIL FROM command)");
        assert_eq!((told.relay.as_deref(), told.relay_ip.as_deref()), (Some("mx.example.com"), Some("192.0.2.1")));
        assert_eq!(told.stage, Some(Stage::Rcpt));
        let told = unwrap("delivery temporarily suspended: host mx.example.com[192.0.2.1] refused to talk to me: 550 no");
        assert_eq!((told.text.as_str(), told.stage), ("550 no", Some(Stage::Connect)));
        let told = unwrap("451 4.3.2 Please try again later: retry timeout exceeded");
        assert_eq!(told.text, "451 4.3.2 Please try again later");
    }

    #[test]
    fn reasons_without_a_reply_stay_whole() {
        let text = "conversation with mx.example.com[192.0.2.1] timed out while sending end of data -- message may be sent more than once";
        let told = unwrap(text);
        assert_eq!((told.text.as_str(), told.stage, told.relay_ip.as_deref()), (text, Some(Stage::EndOfData), Some("192.0.2.1")));
        assert_eq!(unwrap("retry timeout exceeded").text, "retry timeout exceeded");
    }

    #[test]
    fn reply_lines_keep_their_ends_and_folds_do_not() {
        assert_eq!(join(&["550-a", "550 b"]), "550-a\n550 b");
        assert_eq!(join(&["550-a", "b 550 c"]), "550-a b 550 c");
        assert_eq!(join(&["550-a 550-b", "550 c"]), "550-a 550-b 550 c");
    }

    #[test]
    fn relays_are_read_in_each_spelling() {
        let ip = || Some("192.0.2.1".to_string());
        let mx = || Some("mx.example.com".to_string());
        assert_eq!(relay("mx.example.com [192.0.2.1]:"), (mx(), ip()));
        assert_eq!(relay("mx.example.com. (192.0.2.1)"), (mx(), ip()));
        assert_eq!(relay("[192.0.2.1]"), (None, ip()));
        assert_eq!(relay("192.0.2.1[192.0.2.1]"), (None, ip()));
    }
}
