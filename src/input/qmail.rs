//! qmail-send's log, with multilog's TAI64N stamps, splogger's seconds, or
//! neither. A delivery's number leads back to its recipient and message. It
//! must not know what a reply means.

use std::borrow::Cow;

use super::envelope::Message;
use super::newest::Newest;
use super::record::{Kind, Record, kept};
use super::{Lines, span};
use crate::codes::status::Stage;

const FORMAT: &str = "qmail";

#[derive(Debug, Default)]
pub struct Qmail {
    /// Senders by message number.
    senders: Newest<String>,
    /// Message number and recipient by delivery number.
    deliveries: Newest<(String, String)>,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event<'t> {
    /// `info msg M: bytes B from <S> qp P uid U`
    Info {
        message: &'t str,
        sender: &'t str,
    },
    /// `starting delivery N: msg M to remote R`
    Start {
        delivery: &'t str,
        message: &'t str,
        recipient: &'t str,
    },
    /// `delivery N: failure: REPORT`
    Report {
        delivery: &'t str,
        outcome: &'t str,
        report: &'t str,
    },
    Other,
}

impl Lines for Qmail {
    fn claims(&self, message: &Message<'_>) -> bool {
        let ours = message.ident.as_deref().is_none_or(|ident| self.knows(ident));
        ours && Event::read(split_stamp(&message.text).1).is_some()
    }

    fn knows(&self, program: &str) -> bool {
        program.starts_with("qmail")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(self.text(text)));
    }
}

/// `@` and 24 hex digits, or seconds with a fraction.
fn split_stamp(text: &str) -> (Option<&str>, &str) {
    let Some((stamp, rest)) = text.split_once(' ') else { return (None, text) };
    let tai = stamp.strip_prefix('@').is_some_and(|hex| hex.len() == 24 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let seconds = stamp.contains('.') && stamp.len() > 10 && stamp.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if tai || seconds { (Some(stamp), rest.trim_start()) } else { (None, text) }
}

impl Event<'_> {
    fn read(text: &str) -> Option<Event<'_>> {
        if let Some(rest) = text.strip_prefix("info msg ") {
            let (message, rest) = numbered(rest)?;
            let sender = rest.strip_prefix("bytes ").and_then(|r| span::between(r, "from <"))?;
            return Some(Event::Info { message, sender });
        }
        if let Some(rest) = text.strip_prefix("starting delivery ") {
            let (delivery, rest) = numbered(rest)?;
            let (message, rest) = rest.strip_prefix("msg ")?.split_once(" to ")?;
            let (_, recipient) = rest.split_once(' ')?;
            return Some(Event::Start { delivery, message, recipient });
        }
        if let Some(rest) = text.strip_prefix("delivery ") {
            let (delivery, rest) = numbered(rest)?;
            let (outcome, report) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|o| (o, "")))?;
            return matches!(outcome, "success" | "failure" | "deferral").then_some(Event::Report { delivery, outcome, report });
        }
        const OTHER: [&str; 4] = ["new msg ", "end msg ", "bounce msg ", "status: local "];
        let number = |mark: &&str| text.strip_prefix(*mark).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        OTHER.iter().any(number).then_some(Event::Other)
    }
}

/// `N: REST`
fn numbered(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.split_once(": ")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((number, rest))
}

impl Qmail {
    fn text<'t>(&mut self, text: &'t str) -> Option<Record<'t>> {
        let (time, rest) = split_stamp(text);
        match Event::read(rest)? {
            Event::Info { message, sender } => self.senders.insert(message, kept(sender)),
            Event::Start { delivery, message, recipient } => {
                self.deliveries.insert(delivery, (kept(message), kept(recipient)));
            }
            Event::Report { delivery, outcome, report } => {
                let mut record = attempt(outcome, report);
                record.time = time.map(Cow::Borrowed);
                if let Some((message, recipient)) = self.deliveries.remove(delivery) {
                    record.sender = self.senders.get(&message).map(|s| Cow::Owned(s.clone()));
                    record.queue_id = Some(Cow::Owned(message));
                    record.recipient = Some(Cow::Owned(recipient));
                }
                return Some(record);
            }
            Event::Other => {}
        }
        None
    }
}

/// What qmail-remote says behind the address of the host, by stage.
const STAGES: [(&str, Stage); 7] = [
    ("but_greeting_failed.", Stage::Connect),
    ("but_my_name_was_rejected.", Stage::Ehlo),
    ("but_sender_was_rejected.", Stage::Mail),
    ("does_not_like_recipient.", Stage::Rcpt),
    ("failed_on_DATA_command.", Stage::Data),
    ("failed_after_I_sent_the_message.", Stage::EndOfData),
    ("accepted_message.", Stage::EndOfData),
];

fn attempt<'t>(outcome: &'t str, report: &'t str) -> Record<'t> {
    const SAID: &str = "Remote_host_said:_";
    let (words, reply) = report.split_once(SAID).unwrap_or((report, ""));
    let stage = STAGES.iter().find(|(mark, _)| words.contains(mark)).map(|(_, stage)| *stage);
    let reply = reply.split("/Giving_up_on_").next().unwrap_or_default();
    let ip = words.strip_prefix("Connected_to_").unwrap_or(words).split('_').next().and_then(span::ip);
    Record {
        kind: Kind::Attempt,
        stage,
        relay_ip: ip.map(Cow::Borrowed),
        status: Some(Cow::Borrowed(outcome)),
        text: Cow::Owned(plain(if reply.is_empty() { report } else { reply })),
        ..Record::default()
    }
}

/// qmail writes spaces as `_` and line ends as `/`; which `_` and `/` the
/// server sent cannot be told. A slash counts as a line end at the end of the
/// text and where a reply code or a new sentence of qmail follows.
fn plain(report: &str) -> String {
    let report = report.trim_end_matches('/');
    let mut out = String::with_capacity(report.len());
    for (n, part) in report.split('/').enumerate() {
        let spaced = part.replace('_', " ");
        if n > 0 {
            let ended = out.ends_with(['.', ')']) && spaced.starts_with(|c: char| c.is_ascii_uppercase());
            out.push(if span::starts_with_code(&spaced) || ended { '\n' } else { '/' });
        }
        out.push_str(&spaced);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
        crate::input::read_lines(Qmail::default(), lines)
    }

    #[test]
    fn a_delivery_knows_its_message() {
        let records = read(&[
            "@400000004158a2fc1b2d3e4f info msg 93869: bytes 2343 from <s@example.org> qp 18692 uid 49491",
            "@400000004158a2fc1b2d3e4f starting delivery 5: msg 93869 to remote a@n.com",
            "@400000004158a2fd1b2d3e4f delivery 5: failure: 130.57.1.11_does_not_like_recipient./Remote_host_said:_550_5.1.1_<a@n.com>_is_not_a_valid_mailbox._550_No_such_recipient/Giving_up_on_130.57.1.11./",
        ]);
        let r = &records[0];
        assert_eq!(
            (r.recipient.as_deref(), r.sender.as_deref(), r.queue_id.as_deref()),
            (Some("a@n.com"), Some("s@example.org"), Some("93869"))
        );
        assert_eq!((r.stage, r.relay_ip.as_deref(), r.line), (Some(Stage::Rcpt), Some("130.57.1.11"), 3));
        assert_eq!(r.text, "550 5.1.1 <a@n.com> is not a valid mailbox. 550 No such recipient");
        assert_eq!(r.time.as_deref(), Some("@400000004158a2fd1b2d3e4f"));
    }

    #[test]
    fn reasons_without_a_reply() {
        let records = read(&[
            "delivery 6: deferral: Connected_to_192.0.2.1_but_greeting_failed./Remote_host_said:_554_no/",
            "delivery 7: failure: Sorry,_I_couldn't_find_any_host_named_d.test._(#5.1.2)/",
            "delivery 8: success: 192.0.2.1_accepted_message./Remote_host_said:_250_2.0.0_Ok:_see_http://x/y/",
        ]);
        assert_eq!((records[0].stage, &*records[0].text), (Some(Stage::Connect), "554 no"));
        assert_eq!(records[0].relay_ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(records[1].text, "Sorry, I couldn't find any host named d.test. (#5.1.2)");
        assert_eq!(records[2].text, "250 2.0.0 Ok: see http://x/y");
        assert!(records[2].is_delivered());
    }
}
