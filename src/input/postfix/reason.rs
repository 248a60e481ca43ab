//! The reason of a failed delivery: a server's reply with the client's words
//! around it, or the client's own words. It must not know where the reason
//! stood, nor what it means.

use std::borrow::Cow;

use super::names::{Host, skip_port, stage};
use crate::codes::status::Stage;
use crate::input::Record;
use crate::input::find::{cut, find, rfind};

/// Postfix cuts at 2000 bytes; what is shorter, even with a queue id in front,
/// is whole.
pub(super) const LONGEST: usize = 1900;

/// A reason as logged.
pub(super) struct Told<'t> {
    pub text: &'t str,
    /// It stands in brackets, so that without the closing one it was cut.
    pub bracketed: bool,
    /// Postfix's own status code.
    pub dsn: Option<&'t str>,
}

impl<'t> Told<'t> {
    /// Without the closing bracket.
    fn body(&self) -> &'t str {
        let inside = self.text.strip_suffix(')').filter(|_| self.bracketed);
        inside.unwrap_or(self.text).trim_end()
    }

    fn is_cut(&self) -> bool {
        if self.bracketed { !self.text.ends_with(')') } else { self.text.len() >= LONGEST }
    }
}

/// A reason as read.
#[derive(Default)]
pub(super) struct Reason<'t> {
    pub text: Cow<'t, str>,
    pub host: Host<'t>,
    pub stage: Option<Stage>,
    truncated: bool,
}

impl<'t> Reason<'t> {
    pub(super) fn into_record(self) -> Record<'t> {
        let (relay, relay_ip) = (self.host.relay(), self.host.relay_ip());
        Record { text: self.text, relay, relay_ip, stage: self.stage, truncated: self.truncated, ..Record::default() }
    }
}

pub(super) fn read<'t>(told: &Told<'t>) -> Reason<'t> {
    reply(told).unwrap_or_else(|| local(told))
}

/// Whether the words tell of a session with a server that failed.
pub(super) fn is_of_session(text: &str) -> bool {
    const STARTS: [&str; 6] =
        ["lost connection with ", "conversation with ", "TLS is required, but ", "SASL ", "Cannot start TLS: ", "Server certificate not "];
    text.starts_with("host ") && said(text).is_some() || STARTS.iter().any(|s| text.starts_with(s))
}

/// Three digits that stand alone.
pub(super) fn starts_with_code(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() >= 3 && b[..3].iter().all(u8::is_ascii_digit) && b.get(3).is_none_or(|c| matches!(c, b' ' | b'-'))
}

/// How the reply was introduced.
enum Said {
    /// `host HOST[IP] said: REPLY (in reply to STAGE command)`
    To,
    /// `host HOST[IP] refused to talk to me: REPLY`
    Greeting,
    /// `TLS is required, but host HOST[IP] refused to start TLS: REPLY`
    StartTls,
    /// `SASL authentication failed; server HOST[IP] said: REPLY`
    Auth,
}

fn said(text: &str) -> Option<(Said, Host<'_>, &str)> {
    let (words, auth) = if let Some(rest) = text.strip_prefix("host ") {
        (rest, false)
    } else if let Some(rest) = text.strip_prefix("TLS is required, but host ") {
        (rest, false)
    } else if text.starts_with("SASL ") {
        (cut(text, "authentication failed; server ")?.1, true)
    } else {
        return None;
    };
    let (host, rest) = Host::at(words)?;
    let rest = skip_port(rest);
    if let Some(reply) = rest.strip_prefix(" said: ") {
        return Some((if auth { Said::Auth } else { Said::To }, host, reply));
    }
    let greeting = rest.strip_prefix(" refused to talk to me: ").map(|reply| (Said::Greeting, host, reply));
    greeting.or_else(|| rest.strip_prefix(" refused to start TLS: ").map(|reply| (Said::StartTls, host, reply)))
}

fn reply<'t>(told: &Told<'t>) -> Option<Reason<'t>> {
    let (how, host, text) = said(told.body())?;
    let stage = match how {
        Said::To => {
            return Some(command_stage(text).map_or_else(
                || cut_answer(said(told.text).map_or(text, |(_, _, full)| full), host),
                |(text, stage)| Reason { text: Cow::Borrowed(text), host, stage, truncated: false },
            ));
        }
        Said::Greeting => greeting_stage(text, told.dsn),
        Said::StartTls => Stage::StartTls,
        Said::Auth => Stage::Auth,
    };
    let text = if stage == Stage::Auth { unjoined(text) } else { Cow::Borrowed(text) };
    Some(Reason { text, host, stage: Some(stage), truncated: told.is_cut() })
}

/// Behind a reply to a command stands which command it was.
const COMMAND: &str = " (in reply to ";

/// The reply and the stage, where the words behind it are whole.
fn command_stage(text: &str) -> Option<(&str, Option<Stage>)> {
    let at = rfind(text, COMMAND)?;
    let command = text[at + COMMAND.len()..].strip_suffix(" command)")?;
    Some((text[..at].trim_end(), stage(command)))
}

/// A reply whose line was cut, maybe within the words behind it.
fn cut_answer<'t>(text: &'t str, host: Host<'t>) -> Reason<'t> {
    let (text, stage) = match rfind(text, " (").map(|at| text.split_at(at)) {
        Some((reply, tail)) if COMMAND.starts_with(tail) => (reply, None),
        Some((reply, tail)) if tail.starts_with(COMMAND) => {
            let command = tail[COMMAND.len()..].split(" co").next().unwrap_or("");
            (reply, stage(command.trim_end_matches([' ', 'c'])))
        }
        _ => (text, None),
    };
    Reason { text: Cow::Borrowed(text.trim_end()), host, stage, truncated: true }
}

/// Postfix turns a 5xx greeting into a 4.x.x of its own, so that a refusal
/// that stayed a 5.x.x came to EHLO.
fn greeting_stage(reply: &str, dsn: Option<&str>) -> Stage {
    let stayed = reply.starts_with('5') && dsn.is_some_and(|d| d.starts_with('5'));
    if stayed { Stage::Ehlo } else { Stage::Connect }
}

/// Lines of a reply to AUTH are joined by `?`, each with its code.
fn unjoined(text: &str) -> Cow<'_, str> {
    let Some(code) = text.get(..3).filter(|_| starts_with_code(text) && text.as_bytes().get(3) == Some(&b'-')) else {
        return Cow::Borrowed(text);
    };
    let joined = [format!("?{code}-"), format!("?{code} ")];
    Cow::Owned(joined.iter().fold(text.to_string(), |text, join| text.replace(join, &format!("\n{}", &join[1..]))))
}

/// The client's own words.
fn local<'t>(told: &Told<'t>) -> Reason<'t> {
    let text = told.body();
    let host = HOST_MARKS.iter().find_map(|mark| Host::at(&text[find(text, mark)? + mark.len()..]));
    let host = host.map(|(host, _)| host).unwrap_or_default();
    Reason { text: Cow::Borrowed(text), host, stage: local_stage(text), truncated: told.is_cut() }
}

/// Words before the host that a local reason is about.
const HOST_MARKS: [&str; 6] =
    ["connect to ", "lost connection with ", "conversation with ", "offered by host ", "authenticate to server ", " of server "];

fn local_stage(text: &str) -> Option<Stage> {
    const WORDS: [(&str, Stage); 12] = [
        ("connect to ", Stage::Connect),
        (" while receiving the initial server greeting", Stage::Connect),
        (" while performing the ", Stage::Ehlo),
        (" while sending MAIL FROM", Stage::Mail),
        (" while sending RCPT TO", Stage::Rcpt),
        (" while sending DATA command", Stage::Data),
        (" while sending message body", Stage::EndOfData),
        (" while sending end of data", Stage::EndOfData),
        ("SASL ", Stage::Auth),
        ("TLS is required, but was not offered", Stage::StartTls),
        ("Cannot start TLS", Stage::StartTls),
        ("Server certificate not ", Stage::StartTls),
    ];
    let inside = find(text, " while ").is_some();
    let told = |words: &str| if words.starts_with(' ') { inside && find(text, words).is_some() } else { text.starts_with(words) };
    WORDS.iter().find(|(words, _)| told(words)).map(|(_, stage)| *stage)
}
