//! OpenSMTPD's `smtpctl show queue`: one envelope a line, fields parted by `|`.
//! It must not know what a reason means.

use std::borrow::Cow;

use crate::input::{Record, compose};

/// `evpid|inet4|mta||sender|rcpt|dest|created|expire|last|count|state|runner|reason`
pub(super) fn claims(text: &str) -> bool {
    let mut fields = text.split('|');
    let id = fields.next().is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let family = id && fields.next().is_some_and(|f| matches!(f, "inet4" | "inet6" | "local" | "unknown" | ""));
    family && fields.next().is_some_and(|agent| matches!(agent, "mta" | "mda" | "bounce")) && fields.count() >= 10
}

pub(super) fn read(text: &str, line: u64) -> Option<Record<'_>> {
    // The reason is last and may itself hold the mark.
    let fields: Vec<&str> = text.splitn(14, '|').collect();
    let [id, _, _, _, sender, _, recipient, created, .., state, _, reason] = fields[..] else { return None };
    let sender = if sender == "@" { "" } else { sender };
    Some(Record {
        format: "opensmtpd-queue",
        time: Some(Cow::Borrowed(created)),
        queue_id: Some(Cow::Borrowed(id)),
        sender: Some(Cow::Borrowed(sender)),
        recipient: Some(Cow::Borrowed(compose::address(recipient).unwrap_or(recipient))),
        orig_to: original(fields[5], recipient),
        status: Some(Cow::Borrowed(state)),
        text: Cow::Borrowed(reason.trim_end()),
        line,
        ..Record::default()
    })
}

/// The address before aliases, where it is another.
fn original<'l>(address: &'l str, recipient: &str) -> Option<Cow<'l, str>> {
    (!address.is_empty() && address != recipient).then_some(Cow::Borrowed(address))
}
