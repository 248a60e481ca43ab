//! Queue listings: `mailq` and `postqueue -p` of Postfix, `mailq` of Sendmail
//! and Courier, `exim -bp`, `smtpctl show queue`. An entry opens with a line of
//! its own shape; what follows belongs to it until a blank line or the next
//! entry. It must not know what a reason means.
//!
//! A recipient without a reason (Exim and Courier keep none; Postfix has none
//! before the first try) gives a record without text, so that nothing that
//! waits is hidden.

mod heads;
#[cfg(feature = "cli")]
pub mod postqueue;
pub mod reason;
mod smtpctl;

use std::borrow::Cow;

use super::envelope::Message;
use super::{Lines, Record};
use reason::Reason;

/// Which program made the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Postfix,
    Sendmail,
    Exim,
    Courier,
}

impl Listing {
    fn format(self) -> &'static str {
        match self {
            Listing::Postfix => "postfix-queue",
            Listing::Sendmail => "sendmail-queue",
            Listing::Exim => "exim-queue",
            Listing::Courier => "courier-queue",
        }
    }
}

/// A message in the queue, as far as its lines have come.
#[derive(Debug)]
struct Entry {
    listing: Listing,
    queue_id: Option<String>,
    time: Option<String>,
    sender: Option<String>,
    status: &'static str,
    /// Applies to the recipients that follow it.
    reason: Option<Reason>,
    /// The reason has not been given with a recipient yet.
    pending: bool,
    line: u64,
}

/// Reads queue listings.
#[derive(Debug, Default)]
pub struct Queues {
    open: Option<Entry>,
}

impl Lines for Queues {
    fn claims(&self, message: &Message<'_>) -> bool {
        let text = &*message.text;
        if message.ident.is_some() || message.time.is_some() {
            return false;
        }
        let inside = || self.open.as_ref().is_some_and(|e| continues(e, text));
        heads::read(text).is_some() || smtpctl::claims(text) || inside() || bare_reason(text).is_some()
    }

    fn knows(&self, _program: &str) -> bool {
        false
    }

    fn read<'l>(&mut self, message: &Message<'l>, line: u64, out: &mut Vec<Record<'l>>) {
        let text = &*message.text;
        if let Some(entry) = heads::read(text) {
            self.close(out);
            self.open = Some(Entry { line, ..entry });
        } else if smtpctl::claims(text) {
            self.close(out);
            out.extend(smtpctl::read(text, line).map(Record::into_owned));
        } else if text.trim().is_empty() {
            self.close(out);
        } else if let Some(entry) = self.open.as_mut().filter(|e| continues(e, text)) {
            out.extend(entry.take(text, line));
        } else if let Some(reason) = bare_reason(text) {
            self.close(out);
            self.open = Some(Entry::of_reason(reason, line));
        }
    }

    fn end(&mut self, out: &mut Vec<Record<'static>>) {
        self.close(out);
    }
}

impl Queues {
    fn close(&mut self, out: &mut Vec<Record<'_>>) {
        let unnamed = self.open.take().filter(|e| e.pending);
        out.extend(unnamed.map(|e| e.record(None, e.line)));
    }
}

impl Entry {
    fn of_reason(reason: Reason, line: u64) -> Entry {
        Entry {
            listing: Listing::Postfix,
            queue_id: None,
            time: None,
            sender: None,
            status: "deferred",
            reason: Some(reason),
            pending: true,
            line,
        }
    }

    /// Takes a line behind the first; a recipient gives a record.
    fn take(&mut self, text: &str, line: u64) -> Option<Record<'static>> {
        if self.listing == Listing::Courier && self.sender.is_none() {
            self.sender = Some(heads::second_column(text).to_string());
            return None;
        }
        if let Some(inner) = in_brackets(text, self.listing) {
            let unnamed = self.pending.then(|| self.record(None, self.line));
            self.reason = Some(self.listing.reason(inner));
            self.pending = true;
            self.line = line;
            return unnamed;
        }
        let (state, recipient) = heads::recipient(self.listing, text)?;
        if state == heads::State::Done {
            return None;
        }
        self.pending = false;
        let mut record = self.record(Some(recipient), line);
        if state == heads::State::Failed {
            record.status = Some(Cow::Borrowed("failed"));
        }
        Some(record)
    }

    fn record(&self, recipient: Option<&str>, line: u64) -> Record<'static> {
        let own = |field: &Option<String>| field.clone().map(Cow::Owned);
        let record = Record {
            format: self.listing.format(),
            time: own(&self.time),
            queue_id: own(&self.queue_id),
            sender: own(&self.sender),
            recipient: recipient.map(|r| Cow::Owned(r.to_string())),
            status: Some(Cow::Borrowed(self.status)),
            line,
            ..Record::default()
        };
        match &self.reason {
            Some(reason) => reason.clone().put_into(record),
            None => record,
        }
    }
}

impl Listing {
    fn reason(self, inner: &str) -> Reason {
        if self == Listing::Sendmail { reason::sendmail(inner) } else { reason::postfix(inner) }
    }
}

/// Whether `text` is a later line of `entry`.
fn continues(entry: &Entry, text: &str) -> bool {
    text.trim().is_empty()
        || (entry.listing == Listing::Courier && entry.sender.is_none())
        || in_brackets(text, entry.listing).is_some()
        || heads::recipient(entry.listing, text).is_some()
}

/// The inside of a reason line; Sendmail may set the body type before it.
fn in_brackets(text: &str, listing: Listing) -> Option<&str> {
    let text = text.trim();
    let text = match listing {
        Listing::Exim | Listing::Courier => return None,
        Listing::Sendmail => text.strip_prefix("8BITMIME").unwrap_or(text).trim_start(),
        Listing::Postfix => text,
    };
    text.strip_prefix('(')?.strip_suffix(')')
}

/// A reason that was pasted without its entry.
fn bare_reason(text: &str) -> Option<Reason> {
    let reason = reason::postfix(in_brackets(text, Listing::Postfix)?);
    (reason.relay.is_some() || reason.relay_ip.is_some()).then_some(reason)
}

#[cfg(test)]
mod tests;
