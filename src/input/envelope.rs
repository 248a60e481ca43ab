//! What transports wrap around a log message: syslog stamps (RFC 3164, RFC
//! 5424, ISO 8601), journald's text and JSON forms, container prefixes. It must
//! not know mail.

use std::borrow::Cow;

/// A log line without its envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'l> {
    /// The time stamp as written; for journald's JSON the microseconds.
    pub time: Option<Cow<'l, str>>,
    /// The program, such as `postfix/smtp` or `sm-mta`; `None` in bare lines.
    pub ident: Option<Cow<'l, str>>,
    /// What the program said.
    pub text: Cow<'l, str>,
}
