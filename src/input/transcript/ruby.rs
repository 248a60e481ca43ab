//! Exceptions of Ruby's Net::SMTP, inspected or with their backtrace. It must
//! not know other languages.

use super::literal::{self, Escape};
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

const FORMAT: &str = "ruby";
const NAMES: [&str; 9] = [
    "Net::SMTPFatalError",
    "Net::SMTPServerBusy",
    "Net::SMTPSyntaxError",
    "Net::SMTPAuthenticationError",
    "Net::SMTPUnknownError",
    "Net::SMTPUnsupportedCommand",
    "Net::OpenTimeout",
    "Net::ReadTimeout",
    "EOFError",
];

pub(super) fn recognise(block: &str) -> bool {
    block.lines().any(|l| raised(l).is_some()) || system_error(block, 1).is_some()
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let stage = stage_of_frames(block);
    let mut records = Vec::new();
    for (text, number) in block.lines().zip(line..) {
        let Some((name, words)) = raised(text) else { continue };
        let words = reply_in(words.trim());
        let mut record = outcome::record(FORMAT, words, number);
        record.stage = stage.or((name == "Net::SMTPAuthenticationError").then_some(Stage::Auth));
        record.kind = outcome::kind(record.stage);
        let (code, more) = literal::reply(&record.text).unwrap_or((0, false));
        record.truncated = more;
        if code == 0 && name != "Net::SMTPUnknownError" {
            record.kind = Kind::Session;
        }
        push(&mut records, record);
    }
    if records.is_empty() {
        records.extend(system_error(block, line));
    }
    records
}

/// An error of the system with the library in its backtrace.
fn system_error(block: &str, line: u64) -> Option<Record<'static>> {
    const ERRORS: [&str; 3] = ["Errno::", "OpenSSL::SSL::SSLError: ", "SocketError: "];
    block.lines().find(|l| l.contains("net/smtp.rb:"))?;
    let (text, number) = block.lines().zip(line..).find(|(l, _)| ERRORS.iter().any(|e| l.starts_with(e)))?;
    let (_, words) = text.split_once(": ")?;
    let words = literal::read(words, Escape::Byte).map_or_else(|| words.to_string(), |(words, _)| words);
    let mut record = outcome::record(FORMAT, words, number);
    record.kind = Kind::Session;
    record.stage = stage_of_frames(block);
    Some(record)
}

/// The inspected form has escapes, the other form not: the first counts.
fn push(records: &mut Vec<Record<'static>>, record: Record<'static>) {
    let spelled = |r: &Record<'_>| r.text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let own = spelled(&record);
    if !outcome::latest(records).iter().any(|known| spelled(known) == own) {
        outcome::push(records, record);
    }
}

/// The class and message of `Net::X: "message"`, `Net::X: message`, or
/// ``path:1:in `method': message (Net::X)``.
fn raised(line: &str) -> Option<(&'static str, String)> {
    NAMES.iter().find_map(|name| {
        if let Some((before, _)) = line.split_once(&format!(" ({name})")) {
            let (_, rest) = before.split_once(":in ")?;
            return rest.split_once("': ").map(|(_, words)| (*name, words.to_string()));
        }
        let (before, rest) = line.split_once(&format!("{name}: "))?;
        let free = before.is_empty() || before.ends_with([' ', '(']);
        let inspected = literal::read(rest, Escape::Byte).map(|(text, _)| text);
        free.then(|| (*name, inspected.unwrap_or_else(|| rest.to_string())))
    })
}

/// The reply in `could not get 3xx (550: 550 5.7.1 no\n)`.
fn reply_in(words: &str) -> String {
    let inner = words.strip_prefix("could not get 3xx (").map(|rest| rest.trim_end().trim_end_matches(')').trim_end());
    let Some(inner) = inner else { return words.to_string() };
    let reply = inner.split_once(": ").map_or(inner, |(_, reply)| reply);
    reply.to_string()
}

/// The step, from the methods of the backtrace; one that only checks a reply
/// says nothing.
fn stage_of_frames(block: &str) -> Option<Stage> {
    let methods = block.lines().filter(|l| l.contains("net/smtp.rb") || l.contains("net-smtp")).filter_map(method);
    let methods: Vec<&str> = methods.collect();
    let continues = methods.contains(&"check_continue");
    methods.iter().find_map(|name| match *name {
        "do_start" => Some(Stage::Connect),
        "helo" | "ehlo" | "do_helo" => Some(Stage::Ehlo),
        "starttls" => Some(Stage::StartTls),
        "check_auth_response" | "check_auth_continue" | "auth_plain" | "auth_login" | "auth_cram_md5" => Some(Stage::Auth),
        "mailfrom" => Some(Stage::Mail),
        "rcptto" => Some(Stage::Rcpt),
        "data" if continues => Some(Stage::Data),
        "data" => Some(Stage::EndOfData),
        _ => None,
    })
}

/// The method of ``x.rb:1:in `block in data'`` or `x.rb:1:in 'Net::SMTP#data'`.
fn method(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(":in ")?;
    let quoted = rest.trim_start_matches(['`', '\'']).split('\'').next()?;
    let name = quoted.rsplit(' ').next()?;
    name.rsplit(['#', '.']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_printed_forms_are_one_failure() {
        let text = "Net::SMTPFatalError: \"550 5.1.1 <nobody@s061.test>: User unknown\\n\"\n\
            /usr/lib/ruby/gems/3.1.0/gems/net-smtp-0.3.1/lib/net/smtp.rb:1059:in `check_response': 550 5.1.1 <nobody@s061.test>: User unknown (Net::SMTPFatalError)\n\
            \tfrom /usr/lib/ruby/gems/3.1.0/gems/net-smtp-0.3.1/lib/net/smtp.rb:955:in `rcptto'\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 1);
        assert_eq!((records[0].text.as_ref(), records[0].stage), ("550 5.1.1 <nobody@s061.test>: User unknown", Some(Stage::Rcpt)));
    }

    #[test]
    fn data_is_told_from_its_end() {
        let text = "Net::SMTPUnknownError: \"could not get 3xx (550: 550 5.7.1 Access denied at data\\n)\"\n\
            /x/net-smtp-0.3.1/lib/net/smtp.rb:1065:in `check_continue': could not get 3xx (550: 550 5.7.1 Access denied at data (Net::SMTPUnknownError)\n)\n\
            \tfrom /x/net-smtp-0.3.1/lib/net/smtp.rb:989:in `block in data'\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 1);
        assert_eq!((records[0].text.as_ref(), records[0].stage), ("550 5.7.1 Access denied at data", Some(Stage::Data)));
    }

    #[test]
    fn only_the_first_line_of_a_reply_is_printed() {
        let record = &read("Net::SMTPFatalError: 550-5.1.1 The email account", 1)[0];
        assert!(record.truncated);
        let eof = &read("EOFError: \"end of file reached\"", 1)[0];
        assert_eq!((eof.text.as_ref(), eof.kind), ("end of file reached", Kind::Session));
    }
}
