//! One thing a log, queue, bounce or event says about mail: who, when, where,
//! and the reply. It must not know formats or meanings.

use std::borrow::Cow;

use crate::codes::status::Stage;

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

/// Most bytes that copies of one text for several recipients take together.
const MOST_COPIED: usize = 16 << 20;

/// At most `most` bytes, and whole characters.
fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

impl Record<'_> {
    /// The message went out, or was taken for good.
    pub fn is_delivered(&self) -> bool {
        matches!(self.status.as_deref(), Some("sent" | "delivered" | "deliverable" | "success" | "Ok" | "Sent"))
    }

    /// This record, of which each of `count` recipients gets a copy: what is so
    /// long that the copies would fill the memory is cut or left out.
    pub(super) fn for_copies(mut self, count: usize) -> Self {
        let most = MOST_COPIED / count.max(1);
        if self.text.len() > most {
            self.text = Cow::Owned(beginning(&self.text, most).to_string());
            self.truncated = true;
        }
        let fields = [&mut self.queue_id, &mut self.sender, &mut self.orig_to, &mut self.relay, &mut self.relay_ip, &mut self.status];
        fields.into_iter().for_each(|field| *field = field.take().filter(|f| f.len() <= most));
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
