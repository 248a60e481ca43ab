//! One thing a log, queue, bounce or event says about mail: who, when, where,
//! and the reply. It must not know formats or meanings.

use std::borrow::Cow;

use crate::codes::status::Stage;

/// Bytes of a text that are kept; the rest of a longer one is not read as a
/// reply either.
pub const MOST_TEXT: usize = 32 << 10;
/// Bytes of an address, a host, a queue id or a time that are kept: more than
/// any standard allows.
pub const MOST_FIELD: usize = 1000;
/// Bytes that texts may have together that are told once and meant for many.
const MOST_SHARED: usize = 1 << 20;
/// Bytes of records that are given at once where a line tells very many, and of
/// an address in them.
const AT_ONCE: usize = 256 << 10;
const MOST_ADDRESS: usize = 100;
/// Bytes of such a text that stay however many it is meant for.
const LEAST_SHARED: usize = 500;

/// As much of a text as each of `count` records may have of it: a single line
/// can name recipients by the ten thousand.
pub fn shared(text: &str, count: usize) -> &str {
    beginning(text, (MOST_SHARED / count.max(1)).max(LEAST_SHARED))
}

/// An address, a host or an id that is kept for later lines.
pub fn kept(name: &str) -> String {
    beginning(name, MOST_FIELD).to_string()
}

/// At most `most` bytes from the beginning of `text`, whole characters.
pub fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

fn cut(text: &mut Cow<'_, str>, most: usize) {
    let end = beginning(text, most).len();
    match text {
        Cow::Borrowed(text) => *text = &text[..end],
        Cow::Owned(text) => text.truncate(end),
    }
}

/// Who refused whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// They refused us.
    #[default]
    Out,
    /// We refused them.
    In,
}

/// How a record counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The outcome of one attempt for one recipient: delivered, put off or
    /// failed.
    #[default]
    Attempt,
    /// One relay of several failed, or a reason that is told again: not an
    /// outcome of its own.
    Intermediate,
    /// We refused a client.
    Reject,
    /// A login failed, ours or a client's.
    Login,
    /// A session failed without a recipient being named: TLS, greeting, lost
    /// connection.
    Session,
    /// The queue gave a message up.
    Expired,
}

impl Kind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Attempt => "attempt",
            Kind::Intermediate => "intermediate",
            Kind::Reject => "reject",
            Kind::Login => "login",
            Kind::Session => "session",
            Kind::Expired => "expired",
        }
    }
}

/// What one line, entry or part says. Text is as the server sent it as far as
/// the log can be undone; `None` where the input does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'l> {
    pub kind: Kind,
    pub direction: Direction,
    /// Name of the format, such as `postfix`.
    pub format: &'static str,
    /// The time stamp as written.
    pub time: Option<Cow<'l, str>>,
    pub queue_id: Option<Cow<'l, str>>,
    pub sender: Option<Cow<'l, str>>,
    pub recipient: Option<Cow<'l, str>>,
    /// The address the user knows, where it was rewritten.
    pub orig_to: Option<Cow<'l, str>>,
    /// Host name of the other side.
    pub relay: Option<Cow<'l, str>>,
    pub relay_ip: Option<Cow<'l, str>>,
    pub stage: Option<Stage>,
    /// The outcome in the MTA's word: `sent`, `deferred`, `bounced`, …
    pub status: Option<Cow<'l, str>>,
    /// The MTA's own status code (`dsn=`, `Status:`), never the server's.
    pub mta_dsn: Option<Cow<'l, str>>,
    /// The reply, or the reason where no server spoke. Empty for a delivery
    /// without a reply.
    pub text: Cow<'l, str>,
    /// The log cut the text.
    pub truncated: bool,
    /// The line that the record ends on, 1-based.
    pub line: u64,
}

/// What a record says, who said it and when: all that its meaning hangs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said<'r> {
    pub text: &'r str,
    /// See [`Record::mta_dsn`].
    pub mta_dsn: Option<&'r str>,
    pub relay: Option<&'r str>,
    pub stage: Option<Stage>,
    pub direction: Direction,
}

impl<'r> Said<'r> {
    /// The words, else the status that is all there is.
    pub fn words(&self) -> &'r str {
        if self.text.is_empty() { self.mta_dsn.unwrap_or("") } else { self.text }
    }
}

impl Record<'_> {
    pub fn said(&self) -> Said<'_> {
        Said {
            text: &self.text,
            mta_dsn: self.mta_dsn.as_deref(),
            relay: self.relay.as_deref(),
            stage: self.stage,
            direction: self.direction,
        }
    }

    /// The message went out, or was taken for good.
    pub fn is_delivered(&self) -> bool {
        matches!(self.status.as_deref(), Some("sent" | "delivered" | "deliverable" | "success" | "Ok" | "Sent"))
    }

    /// Some field is longer than any that means mail.
    pub fn is_too_long(&self) -> bool {
        let names = [&self.time, &self.queue_id, &self.sender, &self.recipient, &self.orig_to, &self.relay, &self.relay_ip];
        let long = |field: &Option<Cow<'_, str>>| field.as_deref().is_some_and(|f| f.len() > MOST_FIELD);
        self.text.len() > MOST_TEXT || names.into_iter().chain([&self.status, &self.mta_dsn]).any(long)
    }

    /// Cuts what is too long, so that very many records can be kept.
    pub fn cut(&mut self) {
        let names = [&mut self.time, &mut self.queue_id, &mut self.sender, &mut self.recipient, &mut self.orig_to];
        let others = [&mut self.relay, &mut self.relay_ip, &mut self.status, &mut self.mta_dsn];
        names.into_iter().chain(others).flatten().for_each(|field| cut(field, MOST_FIELD));
        self.cut_text(MOST_TEXT);
    }

    fn cut_text(&mut self, most: usize) {
        self.truncated |= self.text.len() > most;
        cut(&mut self.text, most);
    }

    /// Bytes that its texts take.
    pub fn room(&self) -> usize {
        let names = [&self.time, &self.queue_id, &self.sender, &self.recipient, &self.orig_to, &self.relay, &self.relay_ip];
        let all = names.into_iter().chain([&self.status, &self.mta_dsn]).flatten();
        all.map(|name| name.len()).sum::<usize>() + self.text.len()
    }

    /// How many like this one may be held at once.
    pub fn at_once(&self) -> usize {
        (AT_ONCE / (size_of::<Record<'_>>() + self.room() + MOST_ADDRESS)).max(1)
    }

    /// The same record, to be cloned for each of `count` recipients.
    pub fn for_many(mut self, count: usize) -> Self {
        if count > 1 {
            self.cut();
            let room = shared(&self.text, count).len();
            self.cut_text(room);
        }
        self
    }

    /// The same record without borrowing.
    pub fn into_owned(self) -> Record<'static> {
        let own = |field: Option<Cow<'_, str>>| field.map(|f| Cow::Owned(f.into_owned()));
        Record {
            kind: self.kind,
            direction: self.direction,
            format: self.format,
            time: own(self.time),
            queue_id: own(self.queue_id),
            sender: own(self.sender),
            recipient: own(self.recipient),
            orig_to: own(self.orig_to),
            relay: own(self.relay),
            relay_ip: own(self.relay_ip),
            stage: self.stage,
            status: own(self.status),
            mta_dsn: own(self.mta_dsn),
            text: Cow::Owned(self.text.into_owned()),
            truncated: self.truncated,
            line: self.line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        let mut record = Record { text: "é".repeat(MOST_TEXT).into(), sender: Some("a".repeat(5000).into()), ..Record::default() };
        assert!(record.is_too_long());
        record.cut();
        assert!(!record.is_too_long());
        assert_eq!((record.text.len(), record.sender.as_deref().map(str::len)), (MOST_TEXT, Some(MOST_FIELD)));
        assert_eq!(beginning("aé", 2), "a");
    }

    #[test]
    fn a_text_for_many_is_short() {
        let record = || Record { text: "a".repeat(MOST_TEXT).into(), ..Record::default() };
        assert_eq!(record().for_many(2).text.len(), MOST_TEXT);
        assert_eq!(record().for_many(1 << 20).text.len(), LEAST_SHARED);
    }
}
