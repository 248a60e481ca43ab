//! Pairs the replies of a logged SMTP session with the commands they answer, as
//! protocol logs keep both. Commands may be pipelined. It must not know formats;
//! what a client sends to log in is never kept.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::compose::{address, leading_code};
use super::newest::{Newest, Weighs};
use super::record::{MOST_FIELD, beginning, kept};
use super::{Direction, Kind, Record};
use crate::codes::status::Stage;

/// A command that waits for its reply.
#[derive(Debug)]
struct Step {
    /// `None` for commands that say nothing about mail.
    stage: Option<Stage>,
    recipient: Option<String>,
}

/// One session.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    waiting: VecDeque<Step>,
    greeted: bool,
    sender: Option<String>,
    accepted: Vec<String>,
    /// Name in the greeting of the server.
    relay: Option<String>,
    /// Lines of a reply that goes on.
    open: String,
}

impl Weighs for Dialogue {
    fn weight(&self) -> usize {
        let steps = self.waiting.iter().map(|step| step.recipient.weight());
        let names = [&self.sender, &self.relay].map(Weighs::weight);
        steps.chain(names).sum::<usize>() + self.waiting.capacity() * size_of::<Step>() + self.accepted.weight() + self.open.capacity()
    }
}

/// More commands or recipients than this are not kept.
const MOST: usize = 1000;

impl Dialogue {
    /// The client sent a line.
    pub(super) fn command(&mut self, line: &str) {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let argument = || line.split_once(':').and_then(|(_, rest)| rest.split_once('<')?.1.split_once('>')).map(|(a, _)| kept(a));
        let (stage, recipient) = match verb.as_str() {
            "EHLO" | "HELO" => (Some(Stage::Ehlo), None),
            "STARTTLS" | "X-ANONYMOUSTLS" => (Some(Stage::StartTls), None),
            "AUTH" => (Some(Stage::Auth), None),
            "MAIL" => {
                self.accepted.clear();
                self.sender = argument();
                (Some(Stage::Mail), None)
            }
            "RCPT" => (Some(Stage::Rcpt), argument()),
            "DATA" => (Some(Stage::Data), None),
            "BDAT" => (Some(Stage::EndOfData), None),
            "QUIT" | "RSET" | "NOOP" | "XPROXY" | "XPROXYTO" | "XSESSIONPARAMS" | "HELP" | "VRFY" => (None, None),
            _ => return,
        };
        self.greeted = true;
        if self.waiting.len() < MOST {
            self.waiting.push_back(Step { stage, recipient });
        }
    }

    /// The server sent a line; gives what a whole reply says.
    pub(super) fn reply(&mut self, line: &str, direction: Direction) -> Vec<Record<'static>> {
        let go_on = line.as_bytes().get(3) == Some(&b'-') && !line.contains('\n');
        if self.open.len() < 16_384 {
            self.open.push_str(if self.open.is_empty() { "" } else { "\n" });
            self.open.push_str(beginning(line.trim_end(), MOST_FIELD));
        }
        if go_on { Vec::new() } else { self.flush(direction) }
    }

    /// The reply that was begun is whole.
    pub(super) fn flush(&mut self, direction: Direction) -> Vec<Record<'static>> {
        let text = std::mem::take(&mut self.open);
        let Some(code) = leading_code(&text).or_else(|| text.starts_with("354").then_some(354)).or_else(|| code_334(&text)) else {
            return Vec::new();
        };
        let step = match self.waiting.pop_front() {
            Some(step) => step,
            None if !self.greeted => Step { stage: Some(Stage::Connect), recipient: None },
            None => return Vec::new(),
        };
        self.note(code, &step, &text);
        self.answer(code, &step, &text, direction)
    }

    fn note(&mut self, code: u16, step: &Step, text: &str) {
        match (code, step.stage) {
            (220, Some(Stage::Connect)) => self.relay = text.split_whitespace().nth(1).filter(|w| w.contains('.')).map(kept),
            (334, _) => self.waiting.push_front(Step { stage: Some(Stage::Auth), recipient: None }),
            (354, _) => self.waiting.push_front(Step { stage: Some(Stage::EndOfData), recipient: None }),
            (200..300, Some(Stage::Rcpt)) if self.accepted.len() < MOST => self.accepted.extend(step.recipient.clone()),
            _ => {}
        }
        self.greeted = true;
    }

    fn answer(&self, code: u16, step: &Step, text: &str, direction: Direction) -> Vec<Record<'static>> {
        let Some(stage) = step.stage else { return Vec::new() };
        let delivered = code < 300 && stage == Stage::EndOfData && direction == Direction::Out;
        if code < 400 && !delivered {
            return Vec::new();
        }
        let recipients = self.recipients(stage, step);
        let count = recipients.len();
        let mut records: Vec<_> = recipients.into_iter().map(|r| self.record(stage, r, text, direction).for_many(count)).collect();
        for record in records.iter_mut().filter(|_| delivered) {
            record.status = Some(Cow::Borrowed("sent"));
        }
        records
    }

    /// Whom a reply at `stage` is about.
    fn recipients(&self, stage: Stage, step: &Step) -> Vec<Option<String>> {
        let named: Vec<_> = match stage {
            Stage::Rcpt => vec![step.recipient.clone()],
            Stage::Mail => self.waiting.iter().filter_map(|s| s.recipient.clone()).map(Some).collect(),
            Stage::Data | Stage::EndOfData => self.accepted.iter().cloned().map(Some).collect(),
            _ => Vec::new(),
        };
        if named.is_empty() { vec![None] } else { named }
    }

    fn record(&self, stage: Stage, recipient: Option<String>, text: &str, direction: Direction) -> Record<'static> {
        let kind = match (stage, direction) {
            (Stage::Auth, _) => Kind::Login,
            (Stage::StartTls, _) | (Stage::Connect | Stage::Ehlo, Direction::Out) => Kind::Session,
            (_, Direction::In) => Kind::Reject,
            (_, Direction::Out) => Kind::Attempt,
        };
        let out = direction == Direction::Out;
        let sender = self.sender.clone().filter(|_| stage as u8 >= Stage::Mail as u8);
        Record {
            kind,
            direction,
            sender: sender.map(Cow::Owned),
            recipient: recipient.map(|r| Cow::Owned(address(&r).unwrap_or(&r).to_string())),
            relay: self.relay.clone().filter(|_| out).map(Cow::Owned),
            stage: Some(stage),
            text: Cow::Owned(text.to_string()),
            ..Record::default()
        }
    }
}

/// `334 ` asks for the next part of a login.
fn code_334(text: &str) -> Option<u16> {
    text.starts_with("334").then_some(334)
}

/// The sessions of a log that are open, the newest; fewer where they hold very
/// many recipients.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Newest<Dialogue>,
}

impl Sessions {
    pub(super) fn get(&mut self, id: &str) -> &mut Dialogue {
        self.open.entry(id)
    }

    /// The session ended.
    pub(super) fn close(&mut self, id: &str) {
        self.open.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelined_commands_get_their_own_replies() {
        let mut d = Dialogue::default();
        d.reply("220 mx.example.com ESMTP", Direction::Out);
        for line in ["EHLO me", "MAIL FROM:<s@example.org> SIZE=1", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"] {
            d.command(line);
        }
        assert!(d.reply("250-mx.example.com", Direction::Out).is_empty());
        assert!(d.reply("250 SIZE", Direction::Out).is_empty());
        assert!(d.reply("250 2.1.0 ok", Direction::Out).is_empty());
        assert!(d.reply("550-5.1.1 no", Direction::Out).is_empty());
        let refused = d.reply("550 5.1.1 user", Direction::Out);
        assert_eq!(refused[0].recipient.as_deref(), Some("a@example.com"));
        assert_eq!(refused[0].text, "550-5.1.1 no\n550 5.1.1 user");
        assert!(d.reply("250 2.1.5 ok", Direction::Out).is_empty());
        assert!(d.reply("354 go", Direction::Out).is_empty());
        let sent = d.reply("250 2.6.0 queued", Direction::Out);
        assert!(sent[0].is_delivered() && sent[0].recipient.as_deref() == Some("b@example.com"));
    }

    #[test]
    fn sessions_are_bounded() {
        let mut sessions = Sessions::default();
        for session in 0..2000 {
            for n in 0..500 {
                sessions.get(&session.to_string()).command(&format!("RCPT TO:<user{n}@example.com>"));
            }
        }
        assert_eq!(sessions.get("1999").waiting.len(), 500);
        let kept = (0..2000).filter(|n| !sessions.get(&n.to_string()).waiting.is_empty()).count();
        assert!((10..200).contains(&kept), "{kept}");
    }
}
