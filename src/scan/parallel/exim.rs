//! What a thread does with lines that have Exim's own stamp. It must not know
//! meanings or output.

use super::{Item, Worker};
use crate::input::exim::quick::{Cutter, Quick};
use crate::input::postfix::quick::Sent;
use crate::input::{exim, plain};

impl Worker<'_, '_, '_> {
    pub(super) fn exim<'p>(&mut self, cutter: &mut Cutter<'p>, line: &'p str, number: u64, items: &mut Vec<Item<'p>>) {
        let read = cutter.read(line);
        if !self.exim_known && !matches!(read, Quick::Unclaimed | Quick::Other) {
            items.push(Item::Format(exim::FORMAT));
            self.exim_known = true;
        }
        match read {
            Quick::Nothing => self.counted.silent += 1,
            Quick::Sender(id, sender) => {
                self.counted.silent += 1;
                items.push(Item::Sender(exim::FORMAT, id, sender));
            }
            Quick::Sent(stamp, sent) => {
                let sent = Sent { queue_id: sent.id, recipient: sent.recipient, relay: sent.relay };
                self.sent(line, number, stamp, sent, items);
            }
            Quick::Record(stamp, record) => self.seen(line, number, stamp, &record, items),
            Quick::Unclaimed if plain::read(line, number).is_none() => {
                items.push(Item::Unclaimed { line, number, failure: plain::looks_like_failure(line) });
            }
            Quick::Unclaimed | Quick::Other => items.push(Item::Line(line.as_bytes(), number)),
        }
    }
}
