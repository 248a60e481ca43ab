//! Short errors: Go's net/smtp, curl without a transcript, .NET and `MailKit`.
//! It must not know other programs.

use super::literal::{self, Escape};
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

const RESPONSE_WAS: &str = "The server response was: ";
const GO_ERROR: &str = "&textproto.Error{Code:";
const SHORT: &str = "short response: ";

pub(super) fn recognise(block: &str) -> bool {
    block.lines().any(|l| !matches!(kind_of(l), Line::Other))
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut records = Vec::new();
    for (text, number) in block.lines().zip(line..) {
        let record = match kind_of(text) {
            Line::Go(at) => go(&text[at..], number),
            Line::Short(words) => Some(told("go", words, None, number)),
            Line::GoEnd(words) => Some(session("go", words, None, number)),
            Line::Dial => Some(dialled(text, number)),
            Line::Curl(words) => Some(curl(words, number)),
            Line::Net(words) => Some(told("dotnet", words, None, number)),
            Line::MailKit(words) => Some(mail_kit(words, number)),
            Line::Other => None,
        };
        if let Some(record) = record.filter(|r| !r.text.is_empty()) {
            outcome::push(&mut records, record);
        }
    }
    records
}

enum Line<'l> {
    Go(usize),
    Short(&'l str),
    GoEnd(&'l str),
    Dial,
    Curl(&'l str),
    Net(&'l str),
    MailKit(&'l str),
    Other,
}

fn kind_of(line: &str) -> Line<'_> {
    if let Some(at) = line.find(GO_ERROR) {
        return Line::Go(at);
    }
    if let Some(words) = line.trim_start_matches('"').strip_prefix(SHORT) {
        return Line::Short(words.trim_end_matches('"'));
    }
    if let Some(words) = line.strip_prefix("&errors.errorString{s:\"") {
        return Line::GoEnd(words.trim_end_matches("\"}"));
    }
    if let Some((_, words)) = line.strip_prefix("curl: (").and_then(|rest| rest.split_once(") ")) {
        return Line::Curl(words);
    }
    if let Some((_, words)) = line.split_once(RESPONSE_WAS) {
        return Line::Net(words.split(" ---> ").next().unwrap_or(words).trim_end());
    }
    let kit = ["MailKit.Net.Smtp.SmtpCommandException: ", "MailKit.Security.AuthenticationException: "];
    if let Some((_, words)) = kit.iter().find_map(|mark| line.split_once(mark)) {
        return Line::MailKit(words);
    }
    if line.contains("dial tcp ") && !line.contains("OpError") {
        return Line::Dial;
    }
    if ["x509: ", "tls: failed to verify", "tls: first record"].iter().any(|mark| line.starts_with(mark)) {
        return Line::GoEnd(line);
    }
    Line::Other
}

fn told(format: &'static str, words: &str, stage: Option<Stage>, line: u64) -> Record<'static> {
    let mut record = outcome::record(format, words.to_string(), line);
    record.stage = stage;
    record.kind = outcome::kind(stage);
    record
}

fn session(format: &'static str, words: &str, stage: Option<Stage>, line: u64) -> Record<'static> {
    Record { kind: Kind::Session, ..told(format, words, stage, line) }
}

/// `&textproto.Error{Code:550, Msg:"5.7.1 a\n5.7.1 b"}`.
fn go(text: &str, line: u64) -> Option<Record<'static>> {
    let (code, rest) = text[GO_ERROR.len()..].split_once(", Msg:")?;
    let (words, _) = literal::read(rest, Escape::Byte)?;
    Some(told("go", &literal::wire(code.trim().parse().ok()?, &words), None, line))
}

/// `dial tcp 192.0.2.1:25: connect: connection refused`.
fn dialled(text: &str, line: u64) -> Record<'static> {
    let words = text.find("dial tcp ").map_or(text, |at| &text[at..]);
    let mut record = session("go", words, Some(Stage::Connect), line);
    let peer = words["dial tcp ".len().min(words.len())..].split(": ").next().and_then(|p| p.rsplit_once(':'));
    record.relay_ip = peer.map(|(ip, _)| ip.trim_matches(['[', ']']).to_string().into());
    record
}

/// What curl says last: `RCPT failed: 550`, `Login denied`.
fn curl(words: &str, line: u64) -> Record<'static> {
    const STAGES: [(&str, Option<Stage>); 9] = [
        ("RCPT failed: ", Some(Stage::Rcpt)),
        ("MAIL failed: ", Some(Stage::Mail)),
        ("DATA failed: ", Some(Stage::Data)),
        ("Got unexpected smtp-server response: ", Some(Stage::Connect)),
        ("STARTTLS denied, code ", Some(Stage::StartTls)),
        ("Remote access denied: ", Some(Stage::Ehlo)),
        ("Login denied", Some(Stage::Auth)),
        ("Failed to connect", Some(Stage::Connect)),
        ("Could not resolve host", Some(Stage::Connect)),
    ];
    let known = STAGES.iter().find_map(|(mark, stage)| words.strip_prefix(mark).map(|rest| (rest, *stage)));
    let (rest, stage) = known.unwrap_or((words, None));
    if literal::refusal(rest) {
        return told("curl", rest, stage, line);
    }
    let mut record = session("curl", words, stage, line);
    if stage == Some(Stage::Auth) {
        record.kind = Kind::Login;
    }
    record
}

/// `MailKit` puts `535: ` in front of a login's reply, nothing elsewhere.
fn mail_kit(words: &str, line: u64) -> Record<'static> {
    match words.split_once(": ").map(|(code, text)| (code.parse::<u16>(), text)) {
        Some((Ok(code), text)) => told("mailkit", &literal::wire(code, text), Some(Stage::Auth), line),
        _ => told("mailkit", words, None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(block: &str) -> Record<'static> {
        let records = read(block, 1);
        assert_eq!(records.len(), 1, "{block}");
        records.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn go_prints_the_code_apart() {
        let block = "550 5.7.1 a\n5.7.1 b\n&textproto.Error{Code:550, Msg:\"5.7.1 a\\n5.7.1 b\"}\n";
        assert_eq!(one(block).text, "550-5.7.1 a\n550 5.7.1 b");
        assert_eq!(one("short response: 550\n\"short response: 550\"\n").text, "550");
        assert_eq!(one("EOF\n&errors.errorString{s:\"EOF\"}").kind, Kind::Session);
        let refused = one("dial tcp 192.0.2.1:25: connect: connection refused");
        assert_eq!((refused.relay_ip.as_deref(), refused.stage), (Some("192.0.2.1"), Some(Stage::Connect)));
    }

    #[test]
    fn curl_says_the_code_and_the_step() {
        let record = one("curl: (55) RCPT failed: 550");
        assert_eq!((record.text.as_ref(), record.stage), ("550", Some(Stage::Rcpt)));
        let login = one("curl: (67) Login denied");
        assert_eq!((login.text.as_ref(), login.kind), ("Login denied", Kind::Login));
    }

    #[test]
    fn dotnet_drops_the_code() {
        let block = "System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was not authenticated. The server response was: 5.7.57 Client not authenticated to send mail.\n";
        assert_eq!(one(block).text, "5.7.57 Client not authenticated to send mail.");
        assert_eq!(one("MailKit.Security.AuthenticationException: 535: 5.7.8 no").text, "535 5.7.8 no");
    }
}
