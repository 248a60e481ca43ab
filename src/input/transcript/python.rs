//! Exceptions of Python's smtplib and of aiosmtplib, and the dictionaries of
//! refused recipients that both return. It must not know other languages.

use super::literal::{self, Escape};
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

/// The exceptions, and the step that each stands for.
const NAMES: [(&str, Option<Stage>); 12] = [
    ("SMTPRecipientsRefused", Some(Stage::Rcpt)),
    ("SMTPRecipientRefused", Some(Stage::Rcpt)),
    ("SMTPSenderRefused", Some(Stage::Mail)),
    ("SMTPAuthenticationError", Some(Stage::Auth)),
    ("SMTPConnectError", Some(Stage::Connect)),
    ("SMTPConnectTimeoutError", Some(Stage::Connect)),
    ("SMTPHeloError", Some(Stage::Ehlo)),
    ("SMTPDataError", None),
    ("SMTPResponseException", None),
    ("SMTPServerDisconnected", None),
    ("SMTPNotSupportedError", None),
    ("SMTPReadTimeoutError", None),
];

pub(super) fn recognise(block: &str) -> bool {
    block.lines().any(|l| raised(l).is_some() || is_result(l)) || system_error(block, 1).is_some()
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let format = if block.contains("aiosmtplib") { "aiosmtplib" } else { "smtplib" };
    let mut records = Vec::new();
    let mut frames = Frames::default();
    let mut rest = block;
    for (text, number) in block.lines().zip(line..) {
        let behind = &rest[text.len()..];
        if let Some((stage, value)) = raised(text) {
            let value = if value.starts_with(['(', '{', '[']) { value.to_string() } else { with_more(value, behind) };
            exception(format, &value, stage.or(frames.stage), number, &mut records);
            frames = Frames::default();
        } else if is_result(text) {
            exception(format, text, Some(Stage::Rcpt), number, &mut records);
        } else {
            frames.take(text);
        }
        rest = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix('\n')).unwrap_or(behind);
    }
    if records.is_empty() {
        records.extend(system_error(block, line));
    }
    records
}

/// A traceback through the library that ends in an error of the system:
/// refused, timed out, TLS.
fn system_error(block: &str, line: u64) -> Option<Record<'static>> {
    let mut frames = Frames::default();
    block.lines().filter(|l| l.contains("smtplib")).find(|l| l.trim_start().starts_with("File \""))?;
    let (text, number) = block.lines().zip(line..).inspect(|(l, _)| frames.take(l)).filter(|(l, _)| names_error(l)).last()?;
    let mut record = outcome::record("smtplib", text.to_string(), number);
    record.kind = Kind::Session;
    record.stage = frames.stage;
    Some(record)
}

/// `ConnectionRefusedError: [Errno 111] …`, `socket.gaierror: …`.
fn names_error(line: &str) -> bool {
    let Some((name, _)) = line.split_once(": ") else { return false };
    let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
    word && ["Error", "error", "timeout", "Timeout", "Exception"].iter().any(|end| name.ends_with(end))
}

/// An exception and its value, such as `smtplib.SMTPDataError: (550, b'…')`.
fn raised(line: &str) -> Option<(Option<Stage>, &str)> {
    if line.trim_start().starts_with("raise ") || line.trim_start().starts_with("except ") {
        return None;
    }
    NAMES.iter().find_map(|(name, stage)| {
        let (before, rest) = line.split_once(name)?;
        let value = rest.strip_prefix(": ").or(Some(rest).filter(|r| r.starts_with('(')))?;
        (!before.ends_with("::")).then_some((*stage, value))
    })
}

/// `{'a@example.com': (550, b'…')}` as `sendmail` returns it, or a bare tuple.
fn is_result(line: &str) -> bool {
    let tuple = line.trim_start().strip_prefix('(').is_some_and(|t| reply_tuple(t).is_some_and(|(code, ..)| code >= 400));
    let entry = |(at, _): (usize, &str)| reply_tuple(&line[at + 4..]).is_some() && key_before(&line[..at + 2]).is_some();
    tuple && line.contains("b'") | line.contains("b\"") || line.match_indices("': (").any(entry)
}

/// The value goes on over lines where a reply of several lines is printed raw.
fn with_more(value: &str, behind: &str) -> String {
    let mut text = value.to_string();
    if !literal::refusal(value) {
        return text;
    }
    for line in behind.lines().skip(1).take_while(|l| literal::refusal(l) || l.starts_with(|c: char| c.is_ascii_digit())) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

/// The records of one exception's value.
fn exception(format: &'static str, value: &str, stage: Option<Stage>, line: u64, records: &mut Vec<Record<'static>>) {
    let before = records.len();
    let mut known = false;
    for (at, _) in value.match_indices('(') {
        let Some((code, text, third)) = reply_tuple(&value[at + 1..]) else { continue };
        known = true;
        let mut record = outcome::record(format, spoken(code, &text), line);
        record.kind = outcome::kind(stage);
        record.stage = stage;
        record.recipient = key_before(&value[..at]).map(Into::into);
        match stage {
            Some(Stage::Mail) => record.sender = third.map(Into::into),
            _ => record.recipient = record.recipient.or(third.map(Into::into)),
        }
        outcome::push(records, record);
    }
    if records.len() == before && !known {
        let mut record = outcome::record(format, plain(value), line);
        record.kind = if stage == Some(Stage::Auth) { Kind::Login } else { Kind::Session };
        record.stage = stage;
        outcome::push(records, record);
    }
}

/// A raw reply has its code once only.
fn plain(value: &str) -> String {
    match literal::reply(value) {
        Some((code, false)) if value.contains('\n') => literal::wire(code, &value[4..]),
        _ => value.trim().trim_matches(['(', ')', '"', '\'']).to_string(),
    }
}

/// `550, b'text', 'address')` behind an opening bracket: code, text, address.
fn reply_tuple(text: &str) -> Option<(i32, String, Option<String>)> {
    let (number, rest) = text.split_once(',')?;
    let code: i32 = number.trim().parse().ok().filter(|c| *c == -1 || (200..600).contains(c))?;
    let rest = rest.trim_start();
    let Some((words, used)) = literal::read(rest, Escape::Char) else {
        let end = rest.find("), '").or_else(|| rest.find(")}")).or_else(|| rest.rfind(')'))?;
        return Some((code, rest[..end].to_string(), None));
    };
    let third = rest[used..].trim_start().strip_prefix(',').and_then(|r| literal::read(r.trim_start(), Escape::Char));
    Some((code, words, third.map(|(address, _)| address)))
}

/// The reply as it was sent; -1 stands for a reply without a code.
fn spoken(code: i32, text: &str) -> String {
    if let Ok(code) = u16::try_from(code) {
        return literal::wire(code, text);
    }
    let inner = text.strip_prefix("Malformed SMTP response line: ").and_then(|r| literal::read(r, Escape::Byte));
    inner.map_or_else(|| text.to_string(), |(words, _)| words).trim_end().to_string()
}

/// The key of a dictionary's entry, an address: `{'a@example.com': `.
fn key_before(text: &str) -> Option<String> {
    let text = text.trim_end().strip_suffix(':')?;
    let quote = text.chars().last().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = &text[..text.len() - 1];
    let key = &inner[inner.rfind(quote)? + 1..];
    outcome::is_address(key).then(|| key.to_string())
}

/// Source lines that deal with the reply to DATA, not to the message.
const FIRST_REPLY: [&str; 4] =
    ["(code, repl) = self.getreply()", "raise SMTPDataError(code, repl)", "raise SMTPDataError(start_response", "start_response = "];

/// What a traceback's frames say about the step.
#[derive(Default)]
struct Frames {
    stage: Option<Stage>,
    sends_message: bool,
}

impl Frames {
    fn take(&mut self, line: &str) {
        let code = line.trim();
        if let Some((_, function)) = code.strip_prefix("File \"").and_then(|_| code.rsplit_once(", in ")) {
            self.call(function);
        } else if self.sends_message && FIRST_REPLY.iter().any(|f| code.starts_with(f)) {
            self.stage = Some(Stage::Data);
        } else if code.starts_with("raise SMTPDataError(code, resp)") {
            self.stage = Some(Stage::EndOfData);
        }
    }

    fn call(&mut self, function: &str) {
        let stage = match function {
            "connect" | "_get_socket" | "create_connection" | "_create_connection" => Stage::Connect,
            "ehlo" | "helo" => Stage::Ehlo,
            "starttls" | "start_tls" => Stage::StartTls,
            "login" | "auth" | "auth_login" | "auth_plain" => Stage::Auth,
            "mail" => Stage::Mail,
            "rcpt" => Stage::Rcpt,
            "data" | "execute_data_command" => Stage::EndOfData,
            _ => return,
        };
        self.sends_message = stage == Stage::EndOfData;
        self.stage = Some(stage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refused_recipient_has_its_reply() {
        let line = "smtplib.SMTPRecipientsRefused: {'nobody@s061.test': (550, b'5.1.1 <nobody@s061.test>: User unknown'), 'full@s061.test': (452, b\"4.2.2 it's\\n4.2.2 full\")}";
        let records = read(line, 7);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].text, "550 5.1.1 <nobody@s061.test>: User unknown");
        assert_eq!(records[1].text, "452-4.2.2 it's\n452 4.2.2 full");
        assert_eq!(records[1].recipient.as_deref(), Some("full@s061.test"));
        assert_eq!((records[0].stage, records[0].line), (Some(Stage::Rcpt), 7));
        assert_eq!(read("refused: {'nobody@s061.test': (550, b'5.1.1 no')}", 1).len(), 1);
    }

    #[test]
    fn other_exceptions_name_their_step() {
        let sender =
            &read("smtplib.SMTPSenderRefused: (530, b'5.7.0 Must issue a STARTTLS command first', 'bounce+t037@example.org')", 1)[0];
        assert_eq!(
            (sender.stage, sender.sender.as_deref(), sender.recipient.as_deref()),
            (Some(Stage::Mail), Some("bounce+t037@example.org"), None)
        );
        let login = &read("smtplib.SMTPAuthenticationError: (535, b'5.7.8 no')", 1)[0];
        assert_eq!(login.kind, Kind::Login);
        let gone = &read("smtplib.SMTPServerDisconnected: Connection unexpectedly closed", 1)[0];
        assert_eq!((gone.text.as_ref(), gone.kind, gone.stage), ("Connection unexpectedly closed", Kind::Session, None));
    }

    #[test]
    fn aiosmtplib_prints_otherwise() {
        let list =
            &read(r"aiosmtplib.errors.SMTPRecipientsRefused: [SMTPRecipientRefused(550, '5.1.1 Empf\udce4nger', 'user@s050.test')]", 1)[0];
        assert_eq!((list.text.as_ref(), list.recipient.as_deref()), (r"550 5.1.1 Empf\xe4nger", Some("user@s050.test")));
        let result = read(
            "result: ({'nobody@s061.test': (550, 5.1.1 <nobody@s061.test>: User unknown), 'full@s061.test': (452, 4.2.2 <full@s061.test>: Mailbox full)}, '2.0.0 Ok: queued as FAKEs061')",
            1,
        );
        assert_eq!(result[0].text, "550 5.1.1 <nobody@s061.test>: User unknown");
        assert_eq!(result[1].text, "452 4.2.2 <full@s061.test>: Mailbox full");
        let raw = "aiosmtplib.errors.SMTPConnectError: 550 5.7.1 one\n5.7.1 two";
        assert_eq!(read(raw, 1)[0].text, "550-5.7.1 one\n550 5.7.1 two");
    }

    #[test]
    fn errors_of_the_system_are_told_in_their_own_words() {
        let text = "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/smtplib.py\", line 341, in connect\n    self.sock = self._get_socket(host, port, self.timeout)\nConnectionRefusedError: [Errno 111] Connection refused\n";
        let record = &read(text, 1)[0];
        assert_eq!((record.text.as_ref(), record.stage), ("ConnectionRefusedError: [Errno 111] Connection refused", Some(Stage::Connect)));
        assert!(!recognise("ValueError: 550 is not a host"));
    }

    #[test]
    fn frames_tell_data_from_its_end() {
        let data = "  File \"/usr/lib/python3.11/smtplib.py\", line 571, in data\n    raise SMTPDataError(code, repl)\nsmtplib.SMTPDataError: (550, b'5.7.1 no')";
        assert_eq!(read(data, 1)[0].stage, Some(Stage::Data));
        let end = "  File \"/usr/lib/python3.11/smtplib.py\", line 908, in sendmail\n    raise SMTPDataError(code, resp)\nsmtplib.SMTPDataError: (550, b'5.7.1 no')";
        assert_eq!(read(end, 1)[0].stage, Some(Stage::EndOfData));
    }
}
