//! What Exim says about a failure: its own words in front of the server's
//! reply, and the tails behind it. It must not know fields or events.

use std::borrow::Cow;

use crate::codes::status::Stage;
use crate::input::find::{cut, find, near};
use crate::input::{span, unescape};

/// Exim passes at most this much of a reason from the delivery process.
const CUT_AT: usize = 1023;

#[derive(Clone, Debug, Default)]
pub(super) struct Reason<'t> {
    pub stage: Option<Stage>,
    /// The command that was refused.
    command: &'t str,
    /// The host, where only the text names it.
    pub host: Option<&'t str>,
    pub ip: Option<&'t str>,
    pub text: Cow<'t, str>,
    /// The reason is as long as one that was cut.
    cut: bool,
    /// Exim gave the message up.
    pub expired: bool,
}

impl<'t> Reason<'t> {
    /// The recipient that the command named.
    pub(super) fn recipient(&self) -> Option<&'t str> {
        span::between(self.command, "RCPT TO:<")
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.cut || span::is_open_reply(&self.text)
    }

    pub(super) fn read(text: &'t str) -> Reason<'t> {
        let text = without_time(text);
        let cut = text.len() >= CUT_AT;
        let (text, expired) = without_expiry(text);
        let mut reason = server_reason(text).unwrap_or_else(|| own_reason(text));
        (reason.cut, reason.expired) = (cut, expired);
        reason
    }
}

/// Drops ` DT=0.003s` (also `DT=1h2m3s`) at the end.
fn without_time(text: &str) -> &str {
    let value = text.bytes().rev().take_while(|b| b.is_ascii_digit() || b"dhms.".contains(b)).count();
    let (front, value) = text.split_at(text.len() - value);
    front.strip_suffix(" DT=").filter(|_| value.ends_with('s')).unwrap_or(text)
}

fn without_expiry(text: &str) -> (&str, bool) {
    const EXPIRY: &str = "retry timeout exceeded";
    match text.strip_suffix(EXPIRY) {
        Some("") => (text, true),
        Some(rest) => (rest.trim_end_matches([' ', ':']), true),
        None => (text, false),
    }
}

/// `SMTP error from remote mail server after STAGE: REPLY`.
fn server_reason(text: &str) -> Option<Reason<'_>> {
    let rest = text.strip_prefix("SMTP error from remote ")?;
    let rest = rest.strip_prefix("mail server after ").or_else(|| rest.strip_prefix("mailer after "))?;
    let (command, reply) = command_and_reply(rest)?;
    let (host, reply) = leading_host(reply);
    let (host, ip) = host.map_or((None, None), span::host_and_ip);
    Some(Reason { stage: stage(command), command, host, ip, text: unescape::backslashes(reply), ..Reason::default() })
}

/// The colon behind the command; an address may hold colons.
fn command_and_reply(text: &str) -> Option<(&str, &str)> {
    let skip = find(text, ":<").and_then(|at| near(&text.as_bytes()[at..], b'>').map(|n| at + n)).unwrap_or(0);
    let at = find(&text[skip..], ": ").map(|n| n + skip);
    match at {
        Some(at) => Some((&text[..at], text[at + 2..].trim_start())),
        None => text.strip_suffix(':').map(|command| (command, "")),
    }
}

/// Before 4.83 the host stood here: `host mx.example.com [192.0.2.1]: 550 …`.
fn leading_host(reply: &str) -> (Option<&str>, &str) {
    let split = reply.strip_prefix("host ").and_then(|r| cut(r, "]: "));
    split.map_or((None, reply), |(host, rest)| (Some(host), rest))
}

fn stage(command: &str) -> Option<Stage> {
    span::stage_of(command.strip_prefix("pipelined ").unwrap_or(command))
}

/// Words that Exim says itself, and the stage that some of them tell.
fn own_reason(text: &str) -> Reason<'_> {
    const IN_FRONT: [&str; 4] = [
        "Remote host closed connection in response to ",
        "SMTP timeout after ",
        "Malformed SMTP reply in response to ",
        "SMTP timeout while connected to ",
    ];
    const WORDS: [(&str, Stage); 3] =
        [("a TLS session is required", Stage::StartTls), ("TLS session:", Stage::StartTls), ("authentication required but", Stage::Auth)];
    let command = IN_FRONT.iter().find_map(|front| text.strip_prefix(front)).unwrap_or("");
    let meant = || WORDS.iter().find(|(words, _)| text.starts_with(words)).map(|(_, s)| *s);
    Reason { stage: stage(command).or_else(meant), command, text: unescape::backslashes(text), ..Reason::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_cut_out_of_exims_words() {
        let r =
            Reason::read(r"SMTP error from remote mail server after pipelined RCPT TO:<u: x@s.test>: 550-5.7.1 a\n550 5.7.1 b DT=0.001s");
        assert_eq!((r.stage, r.recipient(), &*r.text), (Some(Stage::Rcpt), Some("u: x@s.test"), "550-5.7.1 a\n550 5.7.1 b"));
        let r = Reason::read(
            "SMTP error from remote mailer after MAIL FROM:<a@b> SIZE=9: host mx.b [192.0.2.1]: 451 later: retry timeout exceeded",
        );
        assert_eq!((r.stage, r.host, r.ip, &*r.text, r.expired), (Some(Stage::Mail), Some("mx.b"), Some("192.0.2.1"), "451 later", true));
        let r = Reason::read("retry timeout exceeded");
        assert_eq!((&*r.text, r.expired), ("retry timeout exceeded", true));
        let r = Reason::read("SMTP error from remote mail server after end of data: 550 DT=soon");
        assert_eq!((r.stage, &*r.text), (Some(Stage::EndOfData), "550 DT=soon"));
    }

    #[test]
    fn a_cut_reply_is_marked() {
        let long = "x".repeat(1100);
        assert!(Reason::read(&format!("SMTP error from remote mail server after DATA: 550 {long}")).is_truncated());
        assert!(Reason::read(r"SMTP error from remote mail server after DATA: 550-a\n550-b").is_truncated());
        assert!(!Reason::read(r"SMTP error from remote mail server after DATA: 550-a\n550 b").is_truncated());
    }
}
