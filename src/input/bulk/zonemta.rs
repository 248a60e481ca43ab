//! ZoneMTA's log of deliveries, also WildDuck's. The word behind the message
//! id is its own rule's verdict. It must not know what a reply means.

use std::borrow::Cow;

use memchr::memmem::Finder;

use crate::input::envelope::Message;
use crate::input::find::find;
use crate::input::record::{Kind, Record};
use crate::input::{Lines, span, unescape};

const FORMAT: &str = "zonemta";

#[derive(Debug)]
pub struct ZoneMta {
    /// Finds what stands in every line, and in few others.
    sender: Finder<'static>,
}

impl Default for ZoneMta {
    fn default() -> ZoneMta {
        ZoneMta { sender: Finder::new(" from=") }
    }
}

impl Lines for ZoneMta {
    fn claims(&self, message: &Message<'_>) -> bool {
        self.sender.find(message.text.as_bytes()).is_some() && Delivery::read(&message.text).is_some()
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        span::records(FORMAT, (message, line), out, |text, out| out.extend(Delivery::read(text).map(Delivery::record)));
    }
}

/// `id=S ID.SEQ DEFERRED[cat] from=F to=R src=IP mx=HOST[IP] … (REPLY)`
#[derive(Clone, Copy, Debug)]
struct Delivery<'t> {
    time: Option<&'t str>,
    id: &'t str,
    status: &'t str,
    fields: &'t str,
    reply: &'t str,
}

impl<'t> Delivery<'t> {
    fn read(text: &'t str) -> Option<Delivery<'t>> {
        let at = find(text, "id=").filter(|at| *at == 0 || text[..*at].ends_with(' '))?;
        let mut words = text[at..].splitn(4, ' ');
        let (_, id, verdict, rest) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let status = verdict.split('[').next()?;
        let fits = matches!(status, "ACCEPTED" | "DEFERRED" | "REJECTED") && id.contains('.') && rest.starts_with("from=");
        let (fields, reply) = rest.split_once(" (").unwrap_or((rest, ""));
        let reply = reply.strip_suffix(')').unwrap_or(reply).trim_matches('"');
        fits.then(|| Delivery { time: span::split_stamp(text).0, id, status, fields, reply })
    }

    fn value(&self, key: &str) -> Option<&'t str> {
        self.fields.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn record(self) -> Record<'t> {
        let (relay, relay_ip) = self.value("mx").map(span::host_and_ip).unwrap_or_default();
        let status = match self.status {
            "ACCEPTED" => "delivered",
            "DEFERRED" => "deferred",
            _ => "rejected",
        };
        Record {
            kind: Kind::Attempt,
            time: self.time.map(Cow::Borrowed),
            queue_id: Some(Cow::Borrowed(self.id)),
            sender: self.value("from").map(|a| Cow::Borrowed(span::address(a))),
            recipient: self.value("to").map(|a| Cow::Borrowed(span::address(a))),
            relay: relay.map(Cow::Borrowed),
            relay_ip: relay_ip.map(Cow::Borrowed),
            status: Some(Cow::Borrowed(status)),
            text: unescape::backslashes(self.reply),
            ..Record::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_line() {
        let line = "id=default 15f0c1a2b3c000.001 DEFERRED[greylist] from=s@example.org to=r@b.test src=192.0.2.9 mx=mx.b.test[192.0.2.1] message-id=<m@example.org> (451 4.7.1 Greylisted (try again))";
        let r = Delivery::read(line).map(Delivery::record).unwrap();
        assert_eq!((&*r.text, r.recipient.as_deref()), ("451 4.7.1 Greylisted (try again)", Some("r@b.test")));
        assert_eq!((r.relay.as_deref(), r.relay_ip.as_deref()), (Some("mx.b.test"), Some("192.0.2.1")));
        assert_eq!((r.status.as_deref(), r.queue_id.as_deref()), (Some("deferred"), Some("15f0c1a2b3c000.001")));
        assert!(Delivery::read("id=1 2 3").is_none());
    }
}
