//! hMailServer's logs: quoted fields parted by tabs. Only the SMTP sessions say
//! something about mail. It must not know other formats.

use std::borrow::Cow;

use super::dialogue::Sessions;
use super::envelope::Message;
use super::{Direction, Lines, Record, delimited};

/// Reads hMailServer's logs.
#[derive(Debug, Default)]
pub struct HMailServer {
    sessions: Sessions,
}

impl Lines for HMailServer {
    fn claims(&self, message: &Message<'_>) -> bool {
        if !message.text.starts_with('"') {
            return false;
        }
        ["\"SMTPD\"\t", "\"SMTPC\"\t", "\"APPLICATION\"\t", "\"TCPIP\"\t", "\"DEBUG\"\t", "\"ERROR\"\t"]
            .iter()
            .any(|mark| message.text.starts_with(mark))
    }

    /// `"SMTPC"  pid  session  "time"  "ip"  "RECEIVED: 550 …"`
    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let fields = delimited::fields(&message.text, b'\t');
        let [program, _, session, time, ip, said, ..] = &fields[..] else { return };
        let direction = match &**program {
            "SMTPC" => Direction::Out,
            "SMTPD" => Direction::In,
            _ => return,
        };
        let Some((verb, words)) = said.split_once(": ") else { return };
        let by_server = (direction == Direction::Out) == (verb == "RECEIVED");
        let dialogue = self.sessions.get(&format!("{program}{session}"));
        if !by_server {
            return dialogue.command(words);
        }
        for record in dialogue.reply(&words.replace("[nl]", "\n"), direction) {
            let (time, ip) = (Cow::Owned(time.to_string()), Cow::Owned(ip.to_string()));
            out.push(Record { format: "hmailserver", time: Some(time), relay_ip: Some(ip), line, ..record });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::status::Stage;

    #[test]
    fn both_sides_of_the_server_are_read() {
        let lines = [
            "\"SMTPC\"\t11\t7\t\"2023-09-09 10:00:00.000\"\t\"192.0.2.1\"\t\"RECEIVED: 220 mx.example.com ESMTP\"",
            "\"SMTPC\"\t11\t7\t\"2023-09-09 10:00:00.010\"\t\"192.0.2.1\"\t\"SENT: MAIL FROM:<s@example.org>\"",
            "\"SMTPC\"\t11\t7\t\"2023-09-09 10:00:00.020\"\t\"192.0.2.1\"\t\"RECEIVED: 250 2.1.0 ok\"",
            "\"SMTPC\"\t11\t7\t\"2023-09-09 10:00:00.030\"\t\"192.0.2.1\"\t\"SENT: RCPT TO:<a@example.com>\"",
            "\"SMTPC\"\t11\t7\t\"2023-09-09 10:00:00.040\"\t\"192.0.2.1\"\t\"RECEIVED: 550-5.1.1 no[nl]550 5.1.1 user\"",
            "\"SMTPD\"\t12\t7\t\"2023-09-09 10:00:00.050\"\t\"192.0.2.9\"\t\"RECEIVED: RCPT TO:<x@example.org>\"",
            "\"SMTPD\"\t12\t7\t\"2023-09-09 10:00:00.060\"\t\"192.0.2.9\"\t\"SENT: 550 Unknown user\"",
        ];
        let mut reader = HMailServer::default();
        let mut out = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            let message = Message { text: Cow::Borrowed(*line), ..Message::default() };
            assert!(reader.claims(&message));
            reader.read(&message, n as u64 + 1, &mut out);
        }
        assert_eq!(out.len(), 2);
        assert_eq!(out[0].text, "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!((out[0].recipient.as_deref(), out[0].sender.as_deref()), (Some("a@example.com"), Some("s@example.org")));
        assert_eq!((out[1].direction, out[1].stage, out[1].line), (Direction::In, Some(Stage::Rcpt), 7));
    }
}
