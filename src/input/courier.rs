//! Courier's log: a reply line by line, then the status of the delivery. It
//! must not know what a reply means.

use std::borrow::Cow;

use super::envelope::Message;
use super::newest::Newest;
use super::record::{Direction, Kind, Record};
use super::{Lines, span};
use crate::codes::status::Stage;

const FORMAT: &str = "courier";

/// Courier cuts each line of a reply here.
const CUT_AT: usize = 120;

#[derive(Debug, Default)]
pub struct Courier {
    /// Replies whose status line has not come, by id and recipient.
    open: Newest<Record<'static>>,
    /// Number and time of the line that is read.
    line: u64,
    time: Option<String>,
}

impl Lines for Courier {
    fn claims(&self, message: &Message<'_>) -> bool {
        match message.ident.as_deref() {
            Some(ident) => self.knows(ident),
            None => Delivery::read(&message.text).is_some() || message.text.starts_with("error,relay="),
        }
    }

    fn knows(&self, program: &str) -> bool {
        program.starts_with("courier")
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        self.line = line;
        self.time = message.time.as_ref().map(ToString::to_string);
        span::records(FORMAT, (message, line), out, |text, out| match Delivery::read(text) {
            Some(delivery) => self.delivery(&delivery, out),
            None => out.extend(refused(text)),
        });
    }

    fn end(&mut self, out: &mut Vec<Record<'static>>) {
        out.extend(self.open.drain().into_iter().map(|r| Record { format: FORMAT, ..r }));
    }
}

/// `id=ID,from=<S>,addr=<R>` and what follows.
#[derive(Clone, Copy, Debug)]
struct Delivery<'t> {
    /// The part that is the same in each line of one delivery.
    key: &'t str,
    id: &'t str,
    sender: &'t str,
    recipient: &'t str,
    rest: &'t str,
}

impl Delivery<'_> {
    fn read(text: &str) -> Option<Delivery<'_>> {
        let (id, rest) = text.strip_prefix("id=")?.split_once(",from=<")?;
        let (sender, rest) = rest.split_once(">,addr=<")?;
        let recipient = rest.split(['>', ',']).next()?;
        let rest = rest[recipient.len()..].strip_prefix('>')?;
        let key = &text[..text.len() - rest.len()];
        Some(Delivery { key, id, sender, recipient, rest })
    }
}

impl Courier {
    fn delivery<'t>(&mut self, delivery: &Delivery<'t>, out: &mut Vec<Record<'t>>) {
        if let Some(status) = delivery.rest.strip_prefix(",status: ") {
            let open = self.open.remove(delivery.key);
            if open.is_none() && status == "success" {
                // The line before told of the delivery, and where it went.
                return;
            }
            let open = open.unwrap_or_default();
            out.push(Record { status: Some(Cow::Borrowed(status)), text: open.text, truncated: open.truncated, ..base(delivery) });
        } else if let Some((_, words)) = delivery.rest.split_once("success: ").filter(|(front, _)| front.starts_with(',')) {
            let open = self.open.remove(delivery.key);
            let host = words.strip_prefix("delivered: ").map(span::host_and_ip);
            let (relay, relay_ip) = host.unwrap_or_default();
            out.push(Record {
                status: Some(Cow::Borrowed("success")),
                relay: relay.map(Cow::Borrowed),
                relay_ip: relay_ip.map(Cow::Borrowed),
                stage: open.as_ref().map(|_| Stage::EndOfData),
                text: open.map(|r| r.text).unwrap_or_default(),
                ..base(delivery)
            });
        } else if let Some(text) = delivery.rest.strip_prefix(':') {
            self.reply_line(delivery, text.strip_prefix(' ').unwrap_or(text), out);
        }
    }

    fn reply_line<'t>(&mut self, delivery: &Delivery<'t>, text: &str, out: &mut Vec<Record<'t>>) {
        let cut = text.len() >= CUT_AT && text.ends_with("...");
        let text = if cut { text.trim_end_matches("...") } else { text };
        let earlier = self.open.remove(delivery.key);
        let (text, truncated) = match earlier {
            Some(open) if span::is_open_reply(&open.text) && open.text.len() < span::MOST_REPLY => {
                (format!("{}\n{text}", open.text), open.truncated || cut)
            }
            // The answer to a command that was sent before the refusal came.
            Some(open) if text.starts_with("503 ") && open.text.starts_with('5') => (open.text.into_owned(), open.truncated),
            Some(open) => {
                out.push(Record { kind: Kind::Intermediate, ..open });
                (text.to_string(), cut)
            }
            None => (text.to_string(), cut),
        };
        let time = self.time.clone().map(Cow::Owned);
        let open = Record { line: self.line, time, text: Cow::Owned(text), truncated, ..base(delivery) };
        let mut open = open.into_owned();
        open.cut();
        // What is waited for too long is told as it is.
        out.extend(self.open.exchange(delivery.key, open));
    }
}

fn base<'t>(delivery: &Delivery<'t>) -> Record<'t> {
    Record {
        queue_id: Some(Cow::Borrowed(delivery.id)),
        sender: Some(Cow::Borrowed(delivery.sender)),
        recipient: Some(Cow::Borrowed(delivery.recipient)),
        ..Record::default()
    }
}

/// `error,relay=::ffff:192.0.2.1,from=<S>,to=<R>: 550 User unknown.`
fn refused(text: &str) -> Option<Record<'_>> {
    let rest = text.strip_prefix("error,relay=")?;
    let skip = rest.rfind(">: ").map_or(0, |at| at + 1);
    let at = rest[skip..].find(": ").map(|n| n + skip)?;
    let (fields, reply) = (&rest[..at], &rest[at + 2..]);
    let recipient = span::between(fields, ",to=<");
    let sender = span::between(fields, ",from=<");
    let stage = if recipient.is_some() { Some(Stage::Rcpt) } else { sender.map(|_| Stage::Mail) };
    Some(Record {
        kind: Kind::Reject,
        direction: Direction::In,
        stage,
        sender: sender.map(Cow::Borrowed),
        recipient: recipient.map(Cow::Borrowed),
        relay_ip: fields.split(',').next().and_then(span::ip).map(Cow::Borrowed),
        text: Cow::Borrowed(reply),
        ..Record::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<Record<'static>> {
        crate::input::read_lines(Courier::default(), lines)
    }

    #[test]
    fn the_lines_of_a_reply_become_one_record() {
        let records = read(&[
            "id=0A.6B.CE,from=<bounce@example.org>,addr=<user@s023.test>: 550-5.7.1 first line of eod,",
            "id=0A.6B.CE,from=<bounce@example.org>,addr=<other@s023.test>: 451 later",
            "id=0A.6B.CE,from=<bounce@example.org>,addr=<user@s023.test>: 550 5.7.1 third line",
            "id=0A.6B.CE,from=<bounce@example.org>,addr=<user@s023.test>,status: failure",
        ]);
        assert_eq!(records.len(), 1);
        assert_eq!((&*records[0].text, records[0].line), ("550-5.7.1 first line of eod,\n550 5.7.1 third line", 4));
        assert_eq!((records[0].status.as_deref(), records[0].sender.as_deref()), (Some("failure"), Some("bounce@example.org")));
    }

    #[test]
    fn the_answer_to_data_is_not_the_reason() {
        let records = read(&[
            "id=0A.6B.E8,from=<>,addr=<user@s027.test>: 550",
            "id=0A.6B.E8,from=<>,addr=<user@s027.test>: 503 5.5.1 no valid recipients",
            "id=0A.6B.E8,from=<>,addr=<user@s027.test>,status: failure",
        ]);
        assert_eq!((records.len(), &*records[0].text), (1, "550"));
    }

    #[test]
    fn deliveries_and_refusals() {
        let records = read(&[
            "id=0A.6B.9A,from=<>,addr=<ok@s061.test>: 250 2.0.0 Ok: queued as FAKEs061",
            "id=0A.6B.9A,from=<>,addr=<ok@s061.test>,success: delivered: mx.s061.test [198.18.1.70]",
            "id=0A.6B.9A,from=<>,addr=<ok@s061.test>,status: success",
            "error,relay=::ffff:192.0.2.1,from=<a@b.test>,to=<c@example.org>: 550 User unknown.",
        ]);
        assert_eq!((records[0].relay.as_deref(), &*records[0].text), (Some("mx.s061.test"), "250 2.0.0 Ok: queued as FAKEs061"));
        assert!(records[0].is_delivered());
        assert_eq!(
            (records[1].relay_ip.as_deref(), records[1].stage, &*records[1].text),
            (Some("192.0.2.1"), Some(Stage::Rcpt), "550 User unknown.")
        );
    }

    #[test]
    fn a_reply_that_never_ends_is_not_kept_whole() {
        let line = "id=0A.6B.CE,from=<bounce@example.org>,addr=<user@s023.test>: 550-5.7.1 and no more than that";
        let end = "id=0A.6B.CE,from=<bounce@example.org>,addr=<user@s023.test>,status: failure";
        let records = read(&[&[line; 1_000][..], &[end]].concat());
        let longest = records.iter().map(|r| r.text.len()).max();
        assert!(longest.is_some_and(|l| l < 17_000), "{longest:?} bytes");
    }
}
