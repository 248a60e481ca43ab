//! Errors of nodemailer as node prints them, and its results as JSON. It must
//! not know other languages.

use super::literal::{self, Escape};
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

const FORMAT: &str = "nodemailer";

pub(super) fn recognise(block: &str) -> bool {
    let error = error_starts(block).next().is_some();
    let fields = string(block, "command").is_some() || string(block, "response").is_some() || block.contains("SMTPConnection.");
    let refused = || values(block, "responseCode").next().is_some() || values(block, "rejected").any(|v| v.starts_with('['));
    error && fields || string(block, "response").is_some() && refused()
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut starts: Vec<usize> = error_starts(block).collect();
    if starts.is_empty() {
        return result(block, line);
    }
    starts.push(block.len());
    let mut records: Vec<Record<'static>> = Vec::new();
    for pair in starts.windows(2).rev() {
        let number = line + block[..pair[1]].trim_end().matches('\n').count() as u64;
        let error = Error { text: &block[pair[0]..pair[1]] };
        if error.sums_up() && !records.is_empty() {
            continue;
        }
        for record in error.records(number).into_iter().rev() {
            outcome::push(&mut records, record);
        }
    }
    records.reverse();
    records
}

/// Where `Error: ` begins a line, braces and an uncaught mark apart.
fn error_starts(block: &str) -> impl Iterator<Item = usize> + '_ {
    block.match_indices("Error: ").map(|(at, _)| at).filter(|at| {
        let line = block[..*at].rsplit('\n').next().unwrap_or("");
        matches!(line.trim(), "" | "{" | "[" | "Uncaught" | "(node:1)" | "error:" | "Email error:")
    })
}

/// One printed error: its message, stack and properties.
struct Error<'b> {
    text: &'b str,
}

impl Error<'_> {
    fn records(&self, line: u64) -> Vec<Record<'static>> {
        let stage = self.stage();
        let reply = string(self.text, "response").filter(|r| !r.is_empty());
        let text = reply.clone().unwrap_or_else(|| self.message());
        let mut record = outcome::record(FORMAT, text.trim().to_string(), line);
        record.stage = stage;
        record.kind = outcome::kind(stage);
        if reply.is_none() && record.kind == Kind::Attempt && !literal::refusal(&record.text) {
            record.kind = Kind::Session;
        }
        if let Some(recipient) = string(self.text, "recipient") {
            record.recipient = Some(recipient.into());
            return vec![record];
        }
        let rejected = list(self.text, "rejected");
        if rejected.is_empty() {
            return vec![record];
        }
        let record = record.for_many(rejected.len());
        rejected.into_iter().map(|r| Record { recipient: Some(r.into()), ..record.clone() }).collect()
    }

    /// The error of the message, whose `rejectedErrors` name each recipient.
    fn sums_up(&self) -> bool {
        self.text.starts_with("Error: Can't send mail")
    }

    fn stage(&self) -> Option<Stage> {
        let command = string(self.text, "command").unwrap_or_default();
        let message = self.text.starts_with("Error: Message failed") || string(self.text, "code").is_some_and(|c| c == "EMESSAGE");
        match command.split(' ').next().unwrap_or("") {
            "EHLO" | "HELO" | "LHLO" => Some(Stage::Ehlo),
            "STARTTLS" => Some(Stage::StartTls),
            "AUTH" => Some(Stage::Auth),
            "MAIL" => Some(Stage::Mail),
            "RCPT" => Some(Stage::Rcpt),
            "DATA" if message => Some(Stage::EndOfData),
            "DATA" => Some(Stage::Data),
            "CONN" if self.text.starts_with("Error: Connection closed") => None,
            "CONN" => Some(Stage::Connect),
            _ => self.text.starts_with("Error: Invalid login").then_some(Stage::Auth),
        }
    }

    /// The words behind `Error: `, up to the stack; of `words: 550 …` the
    /// reply.
    fn message(&self) -> String {
        let words = &self.text["Error: ".len()..];
        let end = words.find("\n    at ").or_else(|| words.find("\n        at ")).or_else(|| words.find('{')).unwrap_or(words.len());
        let words = words[..end].trim_end_matches([' ', '{', '\n', '}', ']']);
        let reply = words.match_indices(": ").map(|(at, _)| &words[at + 2..]).find(|r| literal::refusal(r));
        reply.unwrap_or(words).to_string()
    }
}

/// The result of a message that some recipients took.
fn result(block: &str, line: u64) -> Vec<Record<'static>> {
    let response = string(block, "response").unwrap_or_default();
    let mut records = Vec::new();
    let rejected = list(block, "rejected");
    let errors = list(block, "rejectedErrors");
    for (n, recipient) in rejected.iter().enumerate() {
        let text = errors.get(n).and_then(|e| e.split_once(": ")).map_or(response.as_str(), |(_, reply)| reply);
        let mut record = outcome::record(FORMAT, text.to_string(), line);
        record.stage = Some(Stage::Rcpt);
        record.recipient = Some(recipient.clone().into());
        records.push(record);
    }
    for recipient in list(block, "accepted").into_iter().filter(|_| response.starts_with('2')) {
        let mut record = outcome::record(FORMAT, response.clone(), line);
        record.stage = Some(Stage::EndOfData);
        record.status = Some("sent".into());
        record.recipient = Some(recipient.into());
        records.push(record);
    }
    if records.is_empty() && literal::refusal(&response) {
        return Error { text: block }.records(line);
    }
    records
}

/// Where values of a property begin: `name: 'x'`, `"name":"x"`. Messages may
/// hold the name too, so there may be several.
fn values<'b>(text: &'b str, name: &'b str) -> impl Iterator<Item = &'b str> {
    text.match_indices(name).filter_map(|(at, found)| {
        let free = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let rest = text[at + found.len()..].trim_start_matches(['"', '\'']);
        let rest = rest.strip_prefix(':')?.trim_start();
        free.then_some(rest)
    })
}

/// A string property; long ones are printed as `'…' +` over lines.
fn string(text: &str, name: &str) -> Option<String> {
    values(text, name).find_map(joined)
}

fn joined(mut rest: &str) -> Option<String> {
    let mut out = String::new();
    loop {
        let (piece, used) = literal::read(rest, Escape::Char)?;
        out.push_str(&piece);
        match rest[used..].trim_start().strip_prefix('+') {
            Some(more) => rest = more.trim_start(),
            None => return Some(out),
        }
    }
}

/// A list of strings: `[ 'a', 'b' ]`.
fn list(text: &str, name: &str) -> Vec<String> {
    let mut items = Vec::new();
    let Some(mut rest) = values(text, name).find_map(|v| v.strip_prefix('[')) else { return items };
    while let Some((item, used)) = literal::read(rest.trim_start_matches([' ', ',', '\n']), Escape::Char) {
        rest = &rest.trim_start_matches([' ', ',', '\n'])[used..];
        items.push(item);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    const REJECTED: &str = "Error: Can't send mail - all recipients were rejected: 550-5.1.1 a\n550 5.1.1  b\n    at SMTPConnection._formatError (/x/index.js:972:19) {\n  \
        code: 'EENVELOPE',\n  response: \"550-5.1.1 a's\\n\" +\n    '550 5.1.1  b',\n  responseCode: 550,\n  command: 'RCPT TO',\n  rejected: [ 'user@p001.test' ],\n  \
        rejectedErrors: [\n    Error: Recipient command failed: 550-5.1.1 a\n    550 5.1.1  b\n        at SMTPConnection._formatError (/x/index.js:972:19) {\n      \
        code: 'EENVELOPE',\n      response: \"550-5.1.1 a's\\n\" +\n        '550 5.1.1  b',\n      responseCode: 550,\n      command: 'RCPT TO',\n      recipient: 'user@p001.test'\n    }\n  ]\n}\n";

    #[test]
    fn the_response_is_joined_and_told_once() {
        let records = read(REJECTED, 1);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].text, "550-5.1.1 a's\n550 5.1.1  b");
        assert_eq!((records[0].stage, records[0].recipient.as_deref()), (Some(Stage::Rcpt), Some("user@p001.test")));
    }

    #[test]
    fn older_versions_list_who_was_refused() {
        let text = "Error: Can't send mail - all recipients were rejected: 550 5.1.1 no\n    at X {\n  code: 'EENVELOPE',\n  response: '550 5.1.1 no',\n  command: 'RCPT TO',\n  rejected: [ 'a@example.com', 'b@example.com' ]\n}";
        let recipients: Vec<_> = read(text, 1).into_iter().filter_map(|r| r.recipient).collect();
        assert_eq!(recipients, ["a@example.com", "b@example.com"]);
    }

    #[test]
    fn the_end_of_data_is_told_from_data() {
        let end = "Error: Message failed: 550 5.7.1 no\n    at X {\n  code: 'EMESSAGE',\n  response: '550 5.7.1 no',\n  responseCode: 550,\n  command: 'DATA'\n}";
        assert_eq!(read(end, 1)[0].stage, Some(Stage::EndOfData));
        let login = "Error: Invalid login: 535-5.7.8 a\n535 5.7.8 b\n    at SMTPConnection._formatError (x.js:1:1)";
        assert_eq!((read(login, 1)[0].text.as_ref(), read(login, 1)[0].kind), ("535-5.7.8 a\n535 5.7.8 b", Kind::Login));
    }

    #[test]
    fn an_error_without_a_reply_is_told_in_its_own_words() {
        let closed = "Error: Connection closed unexpectedly\n    at SMTPConnection._onClose (x.js:1:1) {\n  code: 'ECONNECTION',\n  command: 'CONN'\n}";
        assert!(recognise(closed));
        assert_eq!((read(closed, 1)[0].text.as_ref(), read(closed, 1)[0].kind), ("Connection closed unexpectedly", Kind::Session));
        assert!(!recognise("Error: no such file"));
    }

    #[test]
    fn a_result_names_who_was_refused() {
        let json = r#"{"accepted":["ok@s061.test"],"rejected":["nobody@s061.test"],"response":"250 2.0.0 Ok: queued as FAKEs061","rejectedErrors":["Recipient command failed: 550 5.1.1 <nobody@s061.test>: User unknown"]}"#;
        let records = read(json, 1);
        assert_eq!(records[0].text, "550 5.1.1 <nobody@s061.test>: User unknown");
        assert!(records[1].is_delivered());
    }
}
