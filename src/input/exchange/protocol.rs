//! Exchange's SMTP protocol logs: CSV with each line that client and server
//! said. In SmtpSend the reply is `<`, in SmtpReceive it is `>`. It must not
//! know what a reply means.

use std::borrow::Cow;

use super::{begins_with_time, may_claim, names};
use crate::input::compose::leading_code;
use crate::input::dialogue::Sessions;
use crate::input::envelope::Message;
use crate::input::{Direction, Kind, Lines, Record, delimited};

/// Reads SmtpSend and SmtpReceive logs.
#[derive(Debug, Default)]
pub struct Protocol {
    sessions: Sessions,
}

/// `date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context`
struct Row<'r> {
    time: &'r str,
    session: &'r str,
    remote: &'r str,
    event: &'r str,
    data: &'r str,
    context: &'r str,
}

fn row<'r>(fields: &'r [Cow<'r, str>]) -> Option<Row<'r>> {
    let [time, _, session, number, _, remote, event, data, rest @ ..] = fields else { return None };
    let known = matches!(&**event, "+" | "-" | "<" | ">" | "*");
    let counted = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let hex = session.len() == 16 && session.bytes().all(|b| b.is_ascii_hexdigit());
    (known && counted && hex).then(|| Row { time, session, remote, event, data, context: rest.first().map_or("", |c| c) })
}

impl Lines for Protocol {
    fn claims(&self, message: &Message<'_>) -> bool {
        let text = &*message.text;
        let head = || names(text).is_some_and(|n| n.iter().any(|c| c == "session-id"));
        may_claim(text) && (head() || begins_with_time(text) && row(&delimited::fields(text, b',')).is_some())
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let fields = delimited::fields(&message.text, b',');
        let Some(row) = row(&fields) else { return };
        let found = self.said(&row);
        out.extend(found.into_iter().map(|record| Record {
            format: "exchange-smtp",
            time: Some(Cow::Owned(row.time.to_string())),
            relay_ip: ip(row.remote),
            line,
            ..record
        }));
    }
}

impl Protocol {
    fn said(&mut self, row: &Row<'_>) -> Vec<Record<'static>> {
        let direction = if row.event == "<" { Direction::Out } else { Direction::In };
        let is_reply = leading_code(row.data).is_some() || row.data.starts_with("354 ") || row.data.starts_with("334 ");
        match row.event {
            "-" => {
                self.sessions.close(row.session);
                Vec::new()
            }
            "*" => failed_connection(row).into_iter().collect(),
            "<" | ">" if is_reply => self.sessions.get(row.session).reply(row.data, direction),
            "<" | ">" => {
                // The other side speaks, so a reply that went on has ended.
                let dialogue = self.sessions.get(row.session);
                let rest = dialogue.flush(if row.event == ">" { Direction::Out } else { Direction::In });
                dialogue.command(row.data);
                rest
            }
            _ => Vec::new(),
        }
    }
}

/// SmtpSend tells of hosts it could not reach.
fn failed_connection(row: &Row<'_>) -> Option<Record<'static>> {
    let told = [row.data, row.context].into_iter().find(|t| t.starts_with("Failed to connect") || t.starts_with("Failed connection to"))?;
    Some(Record { kind: Kind::Session, text: Cow::Owned(told.to_string()), ..Record::default() })
}

/// `192.0.2.1:25` or `[2001:db8::1]:25`
fn ip(endpoint: &str) -> Option<Cow<'static, str>> {
    let (ip, _) = endpoint.rsplit_once(':')?;
    Some(Cow::Owned(ip.trim_matches(['[', ']']).to_string()))
}
