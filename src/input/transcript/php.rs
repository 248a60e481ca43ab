//! Errors of PHP's mailers: `PHPMailer`, which takes the codes off, and
//! `SwiftMailer` and Symfony, which quote the reply. It must not know other
//! languages.

use super::literal;
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

const PHPMAILER: &str = "phpmailer";
const RECIPIENTS: &str = "SMTP Error: The following recipients failed: ";
const SENDER: &str = "The following From address failed: ";
const DETAIL: &str = "SMTP server error: ";
const QUOTED: &str = "with message \"";

pub(super) fn recognise(block: &str) -> bool {
    [RECIPIENTS, SENDER, "SMTP Error: ", DETAIL, "Expected response code "].iter().any(|mark| block.contains(mark))
        && (!block.contains("Expected response code ") || block.contains(QUOTED) || block.contains("got code"))
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut records = Vec::new();
    quoted(block, line, &mut records);
    details(block, line, &mut records);
    recipients(block, line, &mut records);
    if records.is_empty() {
        records.extend(plain(block, line));
    }
    records
}

fn line_at(block: &str, line: u64, at: usize) -> u64 {
    line + block[..at].matches('\n').count() as u64
}

/// `got code "550", with message "550-5.1.1 …"`, in Swift also unquoted.
fn quoted(block: &str, line: u64, records: &mut Vec<Record<'static>>) {
    let format = if block.contains("Swift") { "swift" } else { "symfony" };
    for (at, _) in block.match_indices(QUOTED) {
        let start = at + QUOTED.len();
        let reply = until_quote(&block[start..]);
        if literal::reply(reply).is_none() {
            continue;
        }
        let end = start + reply.len();
        let mut record = outcome::record(format, reply.trim_end().to_string(), line_at(block, line, end));
        record.stage = expected(&block[..at]);
        record.kind = outcome::kind(record.stage);
        outcome::push(records, record);
    }
}

/// A reply may hold quotes itself; the last one on its last line closes.
fn until_quote(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let continues = literal::reply(line).is_some_and(|(_, more)| more) && !line.contains("\".");
        end += line.len();
        if !continues && line.contains('"') {
            break;
        }
    }
    let inner = &text[..end];
    let close = inner.find("\".").or_else(|| inner.find("\" in ")).or_else(|| inner.rfind('"'));
    &inner[..close.unwrap_or(inner.len())]
}

/// The step, from the code that the mailer expected.
fn expected(before: &str) -> Option<Stage> {
    let (_, wanted) = before.rsplit_once("Expected response code ")?;
    match wanted.trim_start_matches('"').get(..3)? {
        "220" => Some(Stage::Connect),
        "235" | "334" => Some(Stage::Auth),
        "354" => Some(Stage::Data),
        _ => None,
    }
}

/// `SMTP server error: DATA command failed Detail: text SMTP code: 550
/// Additional SMTP info: 5.7.1`: the reply in parts.
fn details(block: &str, line: u64, records: &mut Vec<Record<'static>>) {
    for (at, _) in block.match_indices(DETAIL) {
        let rest = &block[at + DETAIL.len()..];
        let Some((command, rest)) = rest.split_once(" command failed Detail: ") else { continue };
        let Some((text, rest)) = rest.split_once(" SMTP code: ") else { continue };
        if command.len() > 32 || text.contains(DETAIL) {
            continue;
        }
        let Some((code, status)) = code_and_status(rest) else { continue };
        let text: Vec<String> = text.trim().lines().map(|l| format!("{status}{l}")).collect();
        let mut record = outcome::record(PHPMAILER, literal::wire(code, &text.join("\n")), line_at(block, line, block.len() - rest.len()));
        record.stage = stage_of(command);
        record.kind = outcome::kind(record.stage);
        record.sender = sender(block);
        outcome::push(records, record);
    }
}

/// `550 Additional SMTP info: 5.7.1`.
fn code_and_status(text: &str) -> Option<(u16, String)> {
    let code = text.get(..3)?.parse().ok()?;
    let status = text[3..].strip_prefix(" Additional SMTP info: ").unwrap_or("");
    let end = status.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(status.len());
    let status = status[..end].trim_end_matches('.');
    Some((code, if status.is_empty() { String::new() } else { format!("{status} ") }))
}

fn sender(block: &str) -> Option<std::borrow::Cow<'static, str>> {
    let (_, rest) = block.split_once(SENDER)?;
    rest.split(' ').next().filter(|a| outcome::is_address(a)).map(|a| a.to_string().into())
}

fn stage_of(command: &str) -> Option<Stage> {
    match command {
        "EHLO" | "HELO" => Some(Stage::Ehlo),
        "STARTTLS" => Some(Stage::StartTls),
        "AUTH" | "User & Password" | "Username" | "Password" => Some(Stage::Auth),
        "MAIL FROM" => Some(Stage::Mail),
        "RCPT TO" => Some(Stage::Rcpt),
        "DATA" => Some(Stage::Data),
        "DATA END" => Some(Stage::EndOfData),
        _ => None,
    }
}

/// `recipients failed: a@example.com: text`, one recipient a line; the text
/// may go on over lines.
fn recipients(block: &str, line: u64, records: &mut Vec<Record<'static>>) {
    let Some(at) = block.find(RECIPIENTS) else { return };
    let first = line_at(block, line, at);
    let mut found: Vec<Record<'static>> = Vec::new();
    for (n, text) in block[at + RECIPIENTS.len()..].lines().enumerate() {
        let number = first + n as u64;
        if let Some((address, words)) = text.split_once(':').filter(|(a, _)| outcome::is_address(a)) {
            let mut record = outcome::record(PHPMAILER, words.trim().to_string(), number);
            record.stage = Some(Stage::Rcpt);
            record.recipient = Some(address.to_string().into());
            found.push(record);
        } else if let Some(last) = found.last_mut().filter(|_| !text.trim().is_empty() && !is_other(text)) {
            last.text = format!("{}\n{}", last.text, text).into();
            last.line = number;
        } else {
            break;
        }
    }
    for record in found {
        outcome::push(records, record);
    }
}

/// A line that cannot belong to a recipient's text.
fn is_other(text: &str) -> bool {
    ["ErrorInfo:", "SERVER -> CLIENT", "CLIENT -> SERVER", "Stack trace", "#0 ", "SMTP "].iter().any(|m| text.starts_with(m))
}

/// No reply: the library's own words.
fn plain(block: &str, line: u64) -> Option<Record<'static>> {
    let own = |text: &str| text.find("SMTP Error: ").or_else(|| text.find(SENDER));
    let (number, text) = block.lines().zip(line..).find_map(|(l, n)| own(l).map(|at| (n, &l[at..])))?;
    let text = text.split(DETAIL).next().unwrap_or(text).trim();
    let mut record = outcome::record(PHPMAILER, text.to_string(), number);
    record.stage = stage_in_words(text).or_else(|| failed_command(block));
    record.kind = match record.stage {
        Some(Stage::Auth) => Kind::Login,
        _ => Kind::Session,
    };
    record.sender = sender(block);
    Some(record)
}

fn stage_in_words(text: &str) -> Option<Stage> {
    const WORDS: [(&str, Stage); 3] =
        [("Could not authenticate", Stage::Auth), ("STARTTLS command failed", Stage::StartTls), ("Could not connect", Stage::Connect)];
    WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, stage)| *stage)
}

/// `SMTP ERROR: EHLO command failed:` of the debug output, `DATA END command
/// failed` of the error.
fn failed_command(block: &str) -> Option<Stage> {
    let (before, _) = block.split_once(" command failed")?;
    let command = before.rsplit(": ").next()?;
    stage_of(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phpmailer_names_recipients_without_codes() {
        let text = "EXCEPTION: SMTP Error: The following recipients failed: nobody@s061.test: <nobody@s061.test>: User unknown\nfull@s061.test: Mailbox\nfull\n\n\
            ErrorInfo: SMTP Error: The following recipients failed: nobody@s061.test: <nobody@s061.test>: User unknown\nfull@s061.test: Mailbox\nfull\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 2);
        assert_eq!(
            (records[0].recipient.as_deref(), records[0].text.as_ref()),
            (Some("nobody@s061.test"), "<nobody@s061.test>: User unknown")
        );
        assert_eq!((records[1].text.as_ref(), records[1].line), ("Mailbox\nfull", 3));
    }

    #[test]
    fn phpmailer_prints_the_reply_in_parts() {
        let text = "ErrorInfo: SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: Access denied at eod\n SMTP code: 550 Additional SMTP info: 5.7.1\n";
        let record = &read(text, 1)[0];
        assert_eq!((record.text.as_ref(), record.stage), ("550 5.7.1 Access denied at eod", Some(Stage::EndOfData)));
        let login = &read("SMTP Error: Could not authenticate.", 1)[0];
        assert_eq!((login.text.as_ref(), login.kind), ("SMTP Error: Could not authenticate.", Kind::Login));
    }

    #[test]
    fn symfony_and_swift_quote_the_reply() {
        let text = "Failed to authenticate on SMTP server with username \"x\" using the following authenticators: \"LOGIN\". Authenticator \"LOGIN\" returned \
            \"Expected response code \"235\" but got code \"535\", with message \"535-5.7.8 a\n535 5.7.8 b\".\".";
        let record = &read(text, 1)[0];
        assert_eq!((record.text.as_ref(), record.stage, record.line), ("535-5.7.8 a\n535 5.7.8 b", Some(Stage::Auth), 2));
        let swift =
            "Swift_TransportException: Expected response code 250 but got code \"550\", with message \"550 5.1.1 The \"box\" is gone\"";
        assert_eq!(read(swift, 1)[0].text, "550 5.1.1 The \"box\" is gone");
    }
}
