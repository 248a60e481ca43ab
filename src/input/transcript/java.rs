//! Exceptions of `JavaMail` and Jakarta Mail, nested and repeated as they are
//! printed. It must not know other languages.

use super::literal;
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

const FORMAT: &str = "javamail";

/// The exceptions, and the step that each stands for; the longer name first.
const NAMES: [(&str, Option<Stage>); 9] = [
    ("SMTPAddressFailedException", Some(Stage::Rcpt)),
    ("SMTPSenderFailedException", Some(Stage::Mail)),
    ("SMTPSendFailedException", None),
    ("SendFailedException", None),
    ("AuthenticationFailedException", Some(Stage::Auth)),
    ("MailConnectException", Some(Stage::Connect)),
    ("SMTPAddressSucceededException", None),
    ("mail.MessagingException", None),
    ("MailAuthenticationException", Some(Stage::Auth)),
];

pub(super) fn recognise(block: &str) -> bool {
    block.lines().any(|l| thrown(l).is_some())
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let frames = stage_of_frames(block);
    let mut records = Vec::new();
    let mut without_reply = Vec::new();
    for (text, number) in messages(block, line) {
        let (stage, words) = text;
        let mut record = outcome::record(FORMAT, words, number);
        record.stage = stage.or(frames);
        bad_greeting(&mut record);
        record.kind = outcome::kind(record.stage);
        let list = if literal::reply(&record.text).is_some() { &mut records } else { &mut without_reply };
        outcome::push(list, record);
    }
    if records.is_empty() {
        records = told_by_library(without_reply);
    }
    records.retain(|r| literal::reply(&r.text).is_none_or(|(code, _)| code >= 400));
    records
}

/// No reply anywhere: the innermost words that say something.
fn told_by_library(mut records: Vec<Record<'static>>) -> Vec<Record<'static>> {
    records.retain(|r| !r.text.starts_with("Invalid Addresses") && !r.text.is_empty());
    records.truncate(1);
    for record in &mut records {
        if matches!(record.kind, Kind::Attempt) && record.stage != Some(Stage::Rcpt) {
            record.kind = Kind::Session;
        }
    }
    records
}

/// An exception's step and the text behind its name.
fn thrown(line: &str) -> Option<(Option<Stage>, &str)> {
    if line.trim_start().starts_with("at ") {
        return None;
    }
    NAMES.iter().find_map(|(name, stage)| {
        let rest = &line[line.find(name)? + name.len()..];
        rest.strip_prefix(':').map(|words| (*stage, words.trim_start()))
    })
}

type Message = ((Option<Stage>, String), u64);

/// Each exception's message; it goes on over lines until the stack or the
/// next exception.
fn messages(block: &str, line: u64) -> Vec<Message> {
    let mut found: Vec<Message> = Vec::new();
    let (mut open, mut nested) = (false, false);
    for (text, number) in block.lines().zip(line..) {
        if let Some((stage, words)) = thrown(text) {
            let words = before_tail(words);
            found.push(((stage, words.to_string()), number));
            open = literal::reply(words).is_some_and(|(_, more)| more) || words.contains("response: ");
        } else if let Some(last) = found.last_mut().filter(|l| nested && literal::reply(&l.0.1).is_none()) {
            last.0.1 = format!("{}; {}", last.0.1, text.trim());
            last.1 = number;
        } else if let Some(last) = found.last_mut().filter(|_| open) {
            open = literal::reply(text).is_some();
            if open {
                last.0.1 = format!("{}\n{}", last.0.1, before_tail(text));
                last.1 = number;
            }
        }
        nested = text.trim() == "nested exception is:";
    }
    found
}

/// Without what Spring and the exception itself print behind the message.
fn before_tail(words: &str) -> &str {
    const TAILS: [&str; 3] = ["; nested exception is", "; message exceptions (", ";\n"];
    let end = TAILS.iter().filter_map(|t| words.find(t)).min().unwrap_or(words.len());
    let words = words[..end].trim_end();
    if literal::reply(words).is_some() { words } else { words.trim_end_matches(';') }
}

/// `Got bad greeting from SMTP host: H, port: 25, response: 550 …`.
fn bad_greeting(record: &mut Record<'static>) {
    let text = record.text.to_string();
    let host = text.split_once("SMTP host: ").or_else(|| text.split_once("host, port: ")).map(|(_, rest)| rest);
    let Some(host) = host.and_then(|rest| rest.split([',', ';', ' ']).next()) else { return };
    record.relay = Some(host.to_string().into());
    record.stage = Some(Stage::Connect);
    if let Some((_, reply)) = text.split_once("response: ").filter(|(_, r)| literal::reply(r).is_some()) {
        record.text = reply.to_string().into();
    }
}

/// The step, from the first of the transport's methods in the stack.
fn stage_of_frames(block: &str) -> Option<Stage> {
    const METHODS: [(&str, Stage); 10] = [
        ("openServer", Stage::Connect),
        ("helo", Stage::Ehlo),
        ("ehlo", Stage::Ehlo),
        ("startTLS", Stage::StartTls),
        ("authenticate", Stage::Auth),
        ("mailFrom", Stage::Mail),
        ("rcptTo", Stage::Rcpt),
        ("data", Stage::Data),
        ("finishData", Stage::EndOfData),
        ("bdat", Stage::EndOfData),
    ];
    block.lines().find_map(|line| {
        let (_, call) = line.trim_start().strip_prefix("at ")?.split_once("SMTPTransport.")?;
        let method = call.split('(').next()?;
        METHODS.iter().find(|(name, _)| *name == method).map(|(_, stage)| *stage)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_is_printed_again_is_told_once() {
        let text = "javax.mail.SendFailedException: Invalid Addresses;\n  nested exception is:\n\tcom.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 <nobody@s061.test>: User unknown\n;\n  \
            nested exception is:\n\tcom.sun.mail.smtp.SMTPAddressFailedException: 452-4.2.2 Mailbox\n452 4.2.2 full\n\n\tat com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:2064)\n\
            Caused by: com.sun.mail.smtp.SMTPAddressFailedException: 452-4.2.2 Mailbox\n452 4.2.2 full\n\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 2);
        assert_eq!((records[0].stage, records[0].line), (Some(Stage::Rcpt), 3));
        assert_eq!((records[1].text.as_ref(), records[1].line), ("452-4.2.2 Mailbox\n452 4.2.2 full", 7));
    }

    #[test]
    fn the_stack_tells_the_step() {
        let text = "com.sun.mail.smtp.SMTPSendFailedException: 550 5.7.1 Access denied at eod\n\n\tat com.sun.mail.smtp.SMTPTransport.issueSendCommand(SMTPTransport.java:2374)\n\
            \tat com.sun.mail.smtp.SMTPTransport.finishData(SMTPTransport.java:2095)\n";
        assert_eq!(read(text, 1)[0].stage, Some(Stage::EndOfData));
        let eof = "javax.mail.MessagingException: [EOF]\n\tat com.sun.mail.smtp.SMTPTransport.issueCommand(SMTPTransport.java:2340)\n\tat com.sun.mail.smtp.SMTPTransport.helo(SMTPTransport.java:1663)\n";
        let record = &read(eof, 1)[0];
        assert_eq!((record.text.as_ref(), record.stage, record.kind), ("[EOF]", Some(Stage::Ehlo), Kind::Session));
    }

    #[test]
    fn a_bad_greeting_names_the_host() {
        let text = "javax.mail.MessagingException: Got bad greeting from SMTP host: mx.s001.test, port: 25, response: 550 5.7.1 Access denied at connect\n\n";
        let record = &read(text, 1)[0];
        assert_eq!((record.text.as_ref(), record.stage), ("550 5.7.1 Access denied at connect", Some(Stage::Connect)));
        assert_eq!(record.relay.as_deref(), Some("mx.s001.test"));
        let refused = "com.sun.mail.util.MailConnectException: Couldn't connect to host, port: mx.example.com, 25; timeout -1;";
        assert_eq!(read(refused, 1)[0].relay.as_deref(), Some("mx.example.com"));
    }

    #[test]
    fn a_cause_without_a_reply_is_told_with_the_exception() {
        let text = "javax.mail.MessagingException: Could not convert socket to TLS;\n  nested exception is:\n\tjavax.net.ssl.SSLHandshakeException: PKIX path building failed\n\tat com.sun.mail.smtp.SMTPTransport.startTLS(SMTPTransport.java:2132)\n";
        let record = &read(text, 1)[0];
        assert_eq!(record.text, "Could not convert socket to TLS; javax.net.ssl.SSLHandshakeException: PKIX path building failed");
        assert_eq!((record.stage, record.kind), (Some(Stage::StartTls), Kind::Session));
    }

    #[test]
    fn spring_wraps_the_message() {
        let text = "org.springframework.mail.MailAuthenticationException: Authentication failed; nested exception is javax.mail.AuthenticationFailedException: 535 5.7.8 no";
        assert_eq!(read(text, 1)[0].text, "535 5.7.8 no");
    }
}
