//! A mail session as both sides spoke it: replies are laid to the commands
//! they answer. It must not know programs, marks or what a reply means.

use std::collections::VecDeque;

use super::literal;
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record, record};

/// A command that waits for its reply.
#[derive(Clone, Debug, Default)]
struct Command {
    stage: Option<Stage>,
    recipient: Option<String>,
}

/// A session being read.
#[derive(Default)]
pub(super) struct Session {
    pub(super) format: &'static str,
    pub(super) relay: Option<String>,
    pub(super) relay_ip: Option<String>,
    pub(super) records: Vec<Record<'static>>,
    sender: Option<String>,
    waiting: VecDeque<Command>,
    /// Recipients that the server took in this transaction.
    accepted: Vec<String>,
    /// The lines of the reply being read.
    open: String,
    /// The client sends the message's text.
    in_data: bool,
    greeted: bool,
    /// The transcript shows what the client sent.
    echoed: bool,
    /// What an unseen command would be.
    next: Option<Stage>,
    /// Nothing waits for an answer: refused, delivered, said goodbye.
    settled: bool,
    /// A record tells of a failure.
    failed: bool,
    /// Records of greetings and of logins that were refused, by their place.
    refused_greetings: Vec<usize>,
    refused_logins: Vec<usize>,
}

/// Bytes of a reply that are kept.
const MOST_REPLY: usize = 16 << 10;

impl Session {
    pub(super) fn new(format: &'static str) -> Session {
        Session { format, next: Some(Stage::Connect), ..Session::default() }
    }

    /// The server's reply is not complete yet.
    pub(super) fn in_reply(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn in_data(&self) -> bool {
        self.in_data
    }

    pub(super) fn greeted(&self) -> bool {
        self.greeted
    }

    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// The client sent a line.
    pub(super) fn sent(&mut self, text: &str) {
        let text = text.trim();
        if self.in_data {
            self.in_data = text != ".";
            return;
        }
        let verb = text.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        let stage = match verb.as_str() {
            "EHLO" | "HELO" | "LHLO" => Some(Stage::Ehlo),
            "STARTTLS" => Some(Stage::StartTls),
            "AUTH" => Some(Stage::Auth),
            "MAIL" => Some(Stage::Mail),
            "RCPT" => Some(Stage::Rcpt),
            "DATA" => Some(Stage::Data),
            "BDAT" => Some(Stage::EndOfData),
            "QUIT" | "RSET" | "NOOP" | "VRFY" | "EXPN" | "HELP" => None,
            _ => return,
        };
        self.command(stage, text);
        self.settled = verb == "QUIT";
    }

    fn command(&mut self, stage: Option<Stage>, text: &str) {
        (self.echoed, self.greeted) = (true, true);
        let address = outcome::path(text).map(str::to_string);
        if stage == Some(Stage::Mail) {
            self.accepted.clear();
            self.sender.clone_from(&address);
        }
        let recipient = address.filter(|_| stage == Some(Stage::Rcpt));
        self.waiting.push_back(Command { stage, recipient });
    }

    /// The server sent a line.
    pub(super) fn heard(&mut self, text: &str, line: u64) {
        let text = text.trim_end_matches(['\r', '\n']);
        if self.open.len() < MOST_REPLY {
            self.open.push_str(if self.open.is_empty() { "" } else { "\n" });
            self.open.push_str(record::beginning(text, MOST_REPLY));
        }
        match literal::reply(text) {
            Some((_, true)) => {}
            Some((code, false)) => self.answer(code, line),
            None if text.trim().is_empty() => self.open.clear(),
            None => self.answer(0, line),
        }
    }

    fn answer(&mut self, code: u16, line: u64) {
        let text = std::mem::take(&mut self.open);
        let command = self.answered(code, &text);
        match (code / 100, command.stage) {
            (2, _) => self.good(&command, &text, line),
            (3, Some(Stage::Auth)) => self.waiting.push_front(command),
            (3, Some(Stage::Data)) | (3, None) if code == 354 => {
                self.in_data = self.echoed;
                self.waiting.push_front(Command { stage: Some(Stage::EndOfData), recipient: None });
            }
            _ => self.refused(&command, text, line),
        }
    }

    /// The command that a reply answers.
    fn answered(&mut self, code: u16, text: &str) -> Command {
        self.in_data = false;
        if !self.greeted {
            self.greeted = true;
            self.relay = self.relay.take().or_else(|| named_in(text));
            self.next = Some(if code == 220 { Stage::Ehlo } else { Stage::Connect });
            return Command { stage: Some(Stage::Connect), recipient: None };
        }
        if let Some(command) = self.waiting.pop_front() {
            return command;
        }
        let stage = if self.echoed { None } else { self.unseen(code, text) };
        Command { stage, recipient: None }
    }

    /// The stage of a command that the transcript does not show.
    fn unseen(&mut self, code: u16, text: &str) -> Option<Stage> {
        let status = text.get(4..).unwrap_or("");
        let stage = match code {
            221 => return None,
            220 => Some(Stage::StartTls),
            235 | 334 | 534 | 535 | 538 => Some(Stage::Auth),
            354 => Some(Stage::Data),
            503 => None,
            _ if status.starts_with("2.1.0") => Some(Stage::Mail),
            _ if status.starts_with("2.1.5") => Some(Stage::Rcpt),
            _ => self.next,
        };
        self.next = match stage {
            Some(Stage::StartTls) => Some(Stage::Ehlo),
            Some(Stage::Ehlo | Stage::Auth) => Some(Stage::Mail),
            Some(Stage::Mail) => Some(Stage::Rcpt),
            _ => None,
        };
        stage
    }

    fn good(&mut self, command: &Command, text: &str, line: u64) {
        self.settled |= text.starts_with("221");
        match command.stage {
            Some(Stage::Rcpt) => self.accepted.extend(command.recipient.clone()),
            Some(stage @ (Stage::Ehlo | Stage::Auth)) => self.demote(stage),
            Some(Stage::EndOfData) => {
                self.settled = true;
                let concerned = self.concerned(command);
                let text = record::shared(text, concerned.len());
                for recipient in concerned {
                    let mut record = self.record(command.stage, recipient, text.to_string(), line);
                    record.status = Some("sent".into());
                    self.records.push(record);
                }
            }
            _ => {}
        }
    }

    /// A later try of the same step went well.
    fn demote(&mut self, stage: Stage) {
        let refused = if stage == Stage::Auth { &mut self.refused_logins } else { &mut self.refused_greetings };
        for at in std::mem::take(refused) {
            self.records[at].kind = Kind::Intermediate;
        }
    }

    /// The recipients whose fate a reply decides; the transaction is over then.
    fn concerned(&mut self, command: &Command) -> Vec<Option<String>> {
        let of_message = matches!(command.stage, Some(Stage::Data | Stage::EndOfData));
        if of_message && !self.accepted.is_empty() {
            return std::mem::take(&mut self.accepted).into_iter().map(Some).collect();
        }
        vec![command.recipient.clone()]
    }

    /// Adds a failure unless it was told before.
    fn push(&mut self, record: Record<'static>) {
        self.failed = true;
        let at = self.records.len();
        outcome::push(&mut self.records, record);
        match self.records.get(at).and_then(|new| new.stage) {
            Some(Stage::Ehlo) => self.refused_greetings.push(at),
            Some(Stage::Auth) => self.refused_logins.push(at),
            _ => {}
        }
    }

    fn refused(&mut self, command: &Command, text: String, line: u64) {
        let follows = self.failed() && (text.starts_with("503") || self.refused_all(command));
        let concerned = self.concerned(command);
        let text = record::shared(&text, concerned.len());
        for recipient in concerned {
            let mut record = self.record(command.stage, recipient, text.to_string(), line);
            if follows {
                record.kind = Kind::Intermediate;
            }
            self.push(record);
        }
        self.settled = true;
    }

    /// DATA was sent though no recipient was taken.
    fn refused_all(&self, command: &Command) -> bool {
        self.echoed && command.stage == Some(Stage::Data) && self.accepted.is_empty()
    }

    /// The session ended without the reply that was due; `text` is how the
    /// program says so.
    pub(super) fn lost(&mut self, text: &str, line: u64) {
        if self.settled || text.trim().is_empty() {
            return;
        }
        self.settled = true;
        let unseen = if self.greeted && self.echoed { None } else { self.next };
        let command = self.waiting.pop_front().unwrap_or(Command { stage: unseen, recipient: None });
        let concerned = self.concerned(&command);
        let text = record::shared(text.trim(), concerned.len());
        for recipient in concerned {
            let mut record = self.record(command.stage, recipient, text.to_string(), line);
            if record.recipient.is_none() {
                record.kind = Kind::Session;
            }
            self.push(record);
        }
    }

    fn record(&self, stage: Option<Stage>, recipient: Option<String>, text: String, line: u64) -> Record<'static> {
        let mut record = outcome::record(self.format, text, line);
        record.kind = outcome::kind(stage);
        record.stage = stage;
        record.sender = self.sender.clone().map(Into::into);
        record.recipient = recipient.map(Into::into);
        record.relay = self.relay.clone().map(Into::into);
        record.relay_ip = self.relay_ip.clone().map(Into::into);
        record
    }
}

/// A greeting begins with the server's name.
fn named_in(greeting: &str) -> Option<String> {
    let name = greeting.get(4..)?.split_whitespace().next()?;
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    (greeting.starts_with("220") && plain && name.contains('.')).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<(Option<&'static str>, Option<String>, Kind, String)> {
        let mut session = Session::new("test");
        for line in lines {
            match line.strip_prefix("> ") {
                Some(command) => session.sent(command),
                None => session.heard(line, 1),
            }
        }
        let fields = |r: Record<'static>| (r.stage.map(Stage::name), r.recipient.map(Into::into), r.kind, r.text.into_owned());
        session.records.into_iter().map(fields).collect()
    }

    #[test]
    fn pipelined_replies_are_laid_to_their_commands() {
        let found = read(&[
            "220 mx",
            "> EHLO a",
            "250 mx",
            "> MAIL FROM:<s@example.com>",
            "> RCPT TO:<a@example.com>",
            "> RCPT TO:<b@example.com>",
            "> DATA",
            "250 ok",
            "250 ok",
            "550-5.1.1 no",
            "550 5.1.1 such user",
            "354 go",
            "> text",
            "> QUIT",
            "> .",
            "250 queued",
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], (Some("rcpt"), Some("b@example.com".into()), Kind::Attempt, "550-5.1.1 no\n550 5.1.1 such user".into()));
        assert_eq!(found[1].1.as_deref(), Some("a@example.com"));
    }

    #[test]
    fn a_step_that_works_the_second_time_is_no_outcome() {
        let found = read(&[
            "220 mx",
            "> EHLO a",
            "502 what",
            "> HELO a",
            "250 mx",
            "> AUTH PLAIN",
            "535 no",
            "> AUTH LOGIN",
            "334 VXNlcm5hbWU6",
            "> YQ==",
            "235 ok",
        ]);
        assert_eq!(found.iter().map(|f| f.2).collect::<Vec<_>>(), [Kind::Intermediate, Kind::Intermediate]);
    }

    #[test]
    fn what_follows_a_refusal_is_no_outcome() {
        let found =
            read(&["220 mx", "> MAIL FROM:<>", "250 ok", "> RCPT TO:<a@example.com>", "550 no", "> DATA", "503 no valid recipients"]);
        assert_eq!(found[0].2, Kind::Attempt);
        assert_eq!(found[1].2, Kind::Intermediate);
    }

    #[test]
    fn commands_that_are_not_shown_are_told_by_the_order_of_replies() {
        let found = read(&["220 mx", "250-mx", "250 SIZE", "250 2.1.0 Ok", "550 5.1.1 no", "221 bye"]);
        assert_eq!(found[0].0, Some("rcpt"));
        assert_eq!(read(&["550 5.7.1 no", "503 not now", "221 bye"])[0].0, Some("connect"));
    }
}
