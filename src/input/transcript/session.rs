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
    /// How many of them were told already.
    told: usize,
    sender: Option<String>,
    waiting: VecDeque<Command>,
    /// Commands behind them that found no room.
    unkept: usize,
    /// Recipients that the server took in this transaction.
    accepted: Names,
    /// Outcomes of many recipients that were not told yet.
    owed: Vec<Owed>,
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
/// More commands that wait than this are not kept.
const MOST: usize = 5000;
/// Bytes of recipients that are kept.
const MOST_NAMES: usize = 1 << 20;
/// Records that are kept once they were told: what is told again is told apart
/// by them.
const LATEST: usize = 50;

/// Names that no line break is in, one behind another.
#[derive(Default)]
struct Names {
    text: String,
    count: usize,
    /// Where the first begins that was not taken.
    at: usize,
}

impl Names {
    fn add(&mut self, name: &str) {
        if self.text.len() + name.len() < MOST_NAMES {
            self.text.push_str(name);
            self.text.push('\n');
            self.count += 1;
        }
    }

    /// Takes the first name.
    fn next(&mut self) -> Option<String> {
        let rest = &self.text[self.at..];
        let name = &rest[..rest.find('\n')?];
        self.at += name.len() + 1;
        Some(name.to_string())
    }

    fn is_empty(&self) -> bool {
        self.at == self.text.len()
    }
}

/// An outcome, and those of whom it is not told yet.
struct Owed {
    names: Names,
    record: Record<'static>,
}

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

    /// The records that were not told yet, of which the last may still change
    /// what comes.
    pub(super) fn tell(&mut self) -> Vec<Record<'static>> {
        let keep = self.records.len().saturating_sub(LATEST);
        let mut new: Vec<_> = self.records.drain(..keep).skip(self.told).collect();
        let told = self.told.saturating_sub(keep);
        new.extend_from_slice(&self.records[told..]);
        self.told = self.records.len();
        self.refused_greetings.clear();
        self.refused_logins.clear();
        new
    }

    /// Tells of further recipients of an outcome that many share, some at a time.
    pub(super) fn more(&mut self, out: &mut Vec<Record<'static>>) {
        while let Some(owed) = self.owed.first_mut() {
            let names = (0..owed.record.at_once()).map_while(|_| owed.names.next());
            out.extend(names.map(|name| Record { recipient: Some(name.into()), ..owed.record.clone() }));
            if owed.names.is_empty() {
                self.owed.remove(0);
            }
            if !out.is_empty() {
                return;
            }
        }
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
        let address = outcome::path(text).map(record::kept);
        if stage == Some(Stage::Mail) {
            self.accepted = Names::default();
            self.sender.clone_from(&address);
        }
        let recipient = address.filter(|_| stage == Some(Stage::Rcpt));
        if self.waiting.len() < MOST && self.unkept == 0 {
            self.waiting.push_back(Command { stage, recipient });
        } else {
            self.unkept += 1;
        }
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
            _ => self.refused(&command, &text, line),
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
        self.unkept = self.unkept.saturating_sub(1);
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
            Some(Stage::Rcpt) => command.recipient.iter().for_each(|name| self.accepted.add(name)),
            Some(stage @ (Stage::Ehlo | Stage::Auth)) => self.demote(stage),
            Some(Stage::EndOfData) => {
                self.settled = true;
                let record = Record { status: Some("sent".into()), ..self.record(command.stage, text, line) };
                self.tell_each(command, record);
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

    /// The answer to a command decides the fate of all who were taken.
    fn decides(&self, command: &Command) -> bool {
        matches!(command.stage, Some(Stage::Data | Stage::EndOfData)) && !self.accepted.is_empty()
    }

    /// Tells of each recipient whose fate a reply decides; the transaction is
    /// over then.
    fn tell_each(&mut self, command: &Command, record: Record<'static>) {
        if !self.decides(command) {
            return self.push(Record { recipient: command.recipient.clone().map(Into::into), ..record });
        }
        let mut names = std::mem::take(&mut self.accepted);
        let record = record.for_many(names.count);
        for _ in 0..record.at_once() {
            let Some(name) = names.next() else { return };
            self.push(Record { recipient: Some(name.into()), ..record.clone() });
        }
        if !names.is_empty() {
            self.owed.push(Owed { names, record });
        }
    }

    /// Adds a delivery, and a failure unless it was told before.
    fn push(&mut self, record: Record<'static>) {
        if record.is_delivered() {
            return self.records.push(record);
        }
        self.failed = true;
        let at = self.records.len();
        outcome::push(&mut self.records, record);
        match self.records.get(at).and_then(|new| new.stage) {
            Some(Stage::Ehlo) => self.refused_greetings.push(at),
            Some(Stage::Auth) => self.refused_logins.push(at),
            _ => {}
        }
    }

    fn refused(&mut self, command: &Command, text: &str, line: u64) {
        let follows = self.failed() && (text.starts_with("503") || self.refused_all(command));
        let mut record = self.record(command.stage, text, line);
        if follows {
            record.kind = Kind::Intermediate;
        }
        self.tell_each(command, record);
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
        let mut record = self.record(command.stage, text.trim(), line);
        if command.recipient.is_none() && !self.decides(&command) {
            record.kind = Kind::Session;
        }
        self.tell_each(&command, record);
    }

    fn record(&self, stage: Option<Stage>, text: &str, line: u64) -> Record<'static> {
        let mut record = outcome::record(self.format, text.to_string(), line);
        record.kind = outcome::kind(stage);
        record.stage = stage;
        record.sender = self.sender.clone().map(Into::into);
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
    fn more_commands_than_are_kept_give_no_reply_to_another() {
        let mut session = Session::new("test");
        session.heard("220 mx", 1);
        (0..MOST + 10).for_each(|n| session.sent(&format!("RCPT TO:<user{n}@example.com>")));
        (0..MOST + 9).for_each(|_| session.heard("250 ok", 1));
        session.sent("RCPT TO:<late@example.com>");
        session.heard("550 5.1.1 no", 1);
        assert_eq!((session.records.len(), session.records[0].recipient.as_deref()), (1, None));
        assert_eq!(session.accepted.count, MOST);
        session.heard("250 ok", 1);
        session.sent("RCPT TO:<next@example.com>");
        session.heard("551 5.1.6 no", 1);
        assert_eq!(session.records[1].recipient.as_deref(), Some("next@example.com"));
    }

    #[test]
    fn an_outcome_of_very_many_is_told_some_at_a_time() {
        let mut session = Session::new("test");
        session.heard("220 mx", 1);
        for n in 0..20_000 {
            session.sent(&format!("RCPT TO:<user{n}@example.com>"));
            session.heard("250 ok", 1);
        }
        session.sent("DATA");
        session.heard("354 go", 1);
        session.sent(".");
        session.heard("250 queued", 7);
        let (mut out, mut all) = (session.tell(), Vec::new());
        while !out.is_empty() {
            assert!(out.len() <= 1000 && out.iter().all(|r| r.is_delivered() && r.text == "250 queued" && r.line == 7));
            all.extend(out.drain(..).filter_map(|r| r.recipient));
            session.more(&mut out);
        }
        assert_eq!(all, (0..20_000).map(|n| format!("user{n}@example.com")).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_told_is_not_told_again_and_still_known() {
        let mut session = Session::new("test");
        session.heard("220 mx", 1);
        let mut told = 0;
        for n in 0..3 * LATEST {
            session.sent(&format!("RCPT TO:<user{n}@example.com>"));
            session.heard(&format!("550 5.1.1 no {n}"), 1);
            if n % 7 == 0 {
                told += session.tell().len();
            }
        }
        told += session.tell().len();
        session.heard(&format!("550 5.1.1 no {}", 3 * LATEST - 1), 1);
        assert_eq!((told, session.tell().len(), session.records.len()), (3 * LATEST, 0, LATEST));
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
