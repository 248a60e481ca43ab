//! The delivery report for programs (RFC 3464, RFC 6533): one group of fields
//! for the mail, one for each recipient. It must not know mails or MIME.

use super::prose;
use super::reason::{self, Told};
use crate::codes::status::Stage;
use crate::input::record::{Kind, Record};

/// Bounds for reports that were made to do harm.
pub(super) const MAX_GROUPS: usize = 4100;
pub(super) const MAX_RECORDS: usize = 4100;

/// Fields that belong together; a folded value keeps its lines.
#[derive(Debug, Default)]
pub(super) struct Group {
    fields: Vec<(String, Vec<String>)>,
}

impl Group {
    fn lines(&self, name: &str) -> Option<&[String]> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, lines)| lines.as_slice())
    }

    /// The value of a field on one line; empty values count as none.
    fn get(&self, name: &str) -> Option<String> {
        let value = self.lines(name)?.join(" ");
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_string())
    }

    fn has(&self, name: &str) -> bool {
        self.lines(name).is_some()
    }

    /// The value behind `rfc822;` and the like.
    fn address(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let (kind, address) = value.split_once(';').unwrap_or(("", &value));
        let address = address.trim().trim_matches(['<', '>', '"']).trim();
        let address = if kind.trim().eq_ignore_ascii_case("utf-8") { unescaped(address) } else { address.to_string() };
        (!address.is_empty()).then_some(address)
    }

    fn is_recipient(&self) -> bool {
        self.has("Final-Recipient") || self.has("Original-Recipient") || self.has("Action")
    }
}

/// `\x{F6}` of RFC 6533 addresses.
fn unescaped(address: &str) -> String {
    let mut out = String::new();
    let mut rest = address;
    while let Some((before, after)) = rest.split_once("\\x{") {
        let hex = after.split_once('}').and_then(|(hex, tail)| Some((u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?, tail)));
        let Some((c, tail)) = hex else { break };
        out.push_str(before);
        out.push(c);
        rest = tail;
    }
    out + rest
}

/// Cuts a report into its groups. Empty lines separate them; a field that
/// comes again opens one too, for writers that forget the line.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut found = vec![Group::default()];
    for line in text.lines().map(|l| l.trim_end_matches('\r')) {
        if found.len() > MAX_GROUPS {
            break;
        }
        let Some(last) = found.last_mut() else { break };
        if line.trim().is_empty() {
            if !last.fields.is_empty() {
                found.push(Group::default());
            }
        } else if line.starts_with([' ', '\t']) {
            last.fields.last_mut().into_iter().for_each(|(_, lines)| lines.push(line.trim().to_string()));
        } else if let Some((name, value)) = line.split_once(':') {
            let field = (name.trim().to_string(), vec![value.trim().to_string()]);
            if name.trim().eq_ignore_ascii_case("Final-Recipient") && last.has("Final-Recipient") {
                found.push(Group { fields: vec![field] });
            } else {
                last.fields.push(field);
            }
        }
    }
    found.retain(|g| !g.fields.is_empty());
    found
}

/// What the mail around the report says.
#[derive(Default)]
pub(super) struct Around {
    pub(super) told: Vec<Told>,
    pub(super) date: Option<String>,
    /// Whom the bounce was sent to.
    pub(super) sender: Option<String>,
    /// Exim writes bytes that are not ASCII as `\ooo`.
    pub(super) octal: bool,
}

/// Adds the records of a report, one for each recipient and relay that failed.
pub(super) fn records(groups: &[Group], around: &Around, out: &mut Vec<Record<'static>>) {
    let empty = Group::default();
    let mail = groups.first().filter(|g| g.has("Reporting-MTA") || !g.is_recipient()).unwrap_or(&empty);
    let recipients: Vec<&Group> = groups.iter().filter(|g| g.is_recipient()).collect();
    for group in &recipients {
        if out.len() >= MAX_RECORDS {
            break;
        }
        let told = match_told(group, &around.told, recipients.len() == 1);
        for earlier in told.iter().filter(|t| t.passed_over) {
            let mut record = from_told((*earlier).clone(), around);
            (record.queue_id, record.sender) = (queue_id(mail), sender(mail, around));
            out.push(record);
        }
        out.push(Reading { mail, group, told: told.iter().rev().find(|t| !t.passed_over).copied(), around }.record());
    }
}

/// What the text part tells of this group's recipient.
fn match_told<'t>(group: &Group, told: &'t [Told], alone: bool) -> Vec<&'t Told> {
    let names: Vec<String> =
        ["Final-Recipient", "Original-Recipient", "X-Actual-Recipient"].iter().filter_map(|n| group.address(n)).collect();
    let mine = |t: &&Told| t.recipient.as_deref().is_some_and(|r| names.iter().any(|n| n.eq_ignore_ascii_case(r)));
    let found: Vec<&Told> = told.iter().filter(mine).collect();
    let unnamed = alone && found.is_empty() && told.iter().all(|t| t.recipient.is_none() || told.len() == 1);
    if unnamed { told.iter().collect() } else { found }
}

struct Reading<'a> {
    mail: &'a Group,
    group: &'a Group,
    told: Option<&'a Told>,
    around: &'a Around,
}

impl Reading<'_> {
    fn record(&self) -> Record<'static> {
        let status = self.group.get("Action").map(|a| a.split([' ', ';', '(']).next().unwrap_or_default().to_ascii_lowercase());
        let dsn = self.group.get("Status").map(|s| s.split([' ', '(', ',']).next().unwrap_or_default().to_string());
        let told = self.reason(status.as_deref());
        let (recipient, orig_to) = self.addresses();
        let mut record = from_told(told, self.around);
        record.recipient = recipient.map(Into::into).or(record.recipient);
        record.orig_to = orig_to.map(Into::into).or(record.orig_to).filter(|o| Some(o) != record.recipient.as_ref());
        record.status = status.map(Into::into);
        record.mta_dsn = dsn.filter(|s| crate::codes::status::Status::parse(s).is_some()).map(Into::into);
        record.queue_id = queue_id(self.mail);
        record.sender = sender(self.mail, self.around);
        let last = self.group.get("Last-Attempt-Date");
        record.time = last.or_else(|| self.around.date.clone()).or_else(|| self.mail.get("Arrival-Date")).map(Into::into);
        record
    }

    /// The address that failed, and the one that the sender wrote. Sendmail
    /// calls the first one actual and the second one final.
    fn addresses(&self) -> (Option<String>, Option<String>) {
        let (last, written) = (self.group.address("Final-Recipient"), self.group.address("Original-Recipient"));
        let actual = self.group.address("X-Actual-Recipient").filter(|a| reason::is_address(a));
        match (actual, &last) {
            (Some(actual), Some(named)) if !actual.eq_ignore_ascii_case(named) => (Some(actual), written.or(last)),
            _ => (last.or_else(|| written.clone()), written),
        }
    }

    /// The diagnostic code, else the text part, else the status.
    fn reason(&self, status: Option<&str>) -> Told {
        let named = self.group.lines("Diagnostic-Code").map(diagnostic).unwrap_or_default();
        let mut told = reason::unwrap(&named);
        (told.relay, told.relay_ip) = match self.group.get("Remote-MTA").map(|r| remote(&r)).unwrap_or_default() {
            (None, None) => (told.relay, told.relay_ip),
            named => named,
        };
        if let Some(text) = self.told {
            told.complete(text);
            let whole =
                !text.text.is_empty() && prose::is_same(&told.text, &text.text) && (is_cut(&told.text) || told.text.contains("..."));
            if told.text.is_empty() || whole {
                told.text.clone_from(&text.text);
            }
        }
        let accepted = matches!(status, Some("delivered" | "relayed" | "expanded"));
        if told.text.is_empty() && !accepted {
            told.text = self.group.get("Status").unwrap_or_default();
        }
        if std::mem::take(&mut told.data_or_end) && !self.group.has("Diagnostic-Code") {
            // A refused DATA command concerns no recipient, so that Sendmail
            // gives the recipients no diagnosis.
            told.stage = Some(Stage::Data);
        } else if told.stage == Some(Stage::Data) && self.told.is_some_and(|t| t.data_or_end) {
            told.stage = Some(Stage::EndOfData);
        }
        told
    }
}

/// Only the first line of a reply of many.
fn is_cut(text: &str) -> bool {
    let code = reason::code(text);
    text.is_empty() || code.is_some_and(|c| text.as_bytes().get(3) == Some(&b'-') && !text[3..].contains(&format!("{c} ")))
}

/// The text behind `smtp;`, `X-Postfix;`, `x-unix;` and the like.
fn diagnostic(lines: &[String]) -> String {
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for _ in 0..2 {
        let Some((kind, rest)) = lines.first().and_then(|l| l.split_once(';')) else { break };
        let named = !kind.is_empty() && kind.trim().bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
        if named {
            lines[0] = rest.trim();
        }
    }
    lines.retain(|l| !l.is_empty());
    reason::join(&lines)
}

/// `dns; mx.example.com [192.0.2.1]`.
fn remote(value: &str) -> (Option<String>, Option<String>) {
    let host = value.split_once(';').map_or(value, |(_, host)| host);
    reason::relay(host)
}

fn queue_id(mail: &Group) -> Option<std::borrow::Cow<'static, str>> {
    let named = mail.fields.iter().find(|(n, _)| n.to_ascii_lowercase().ends_with("-queue-id"));
    named.and_then(|(n, _)| mail.get(n)).map(Into::into)
}

fn sender(mail: &Group, around: &Around) -> Option<std::borrow::Cow<'static, str>> {
    let named = mail.fields.iter().find(|(n, _)| n.to_ascii_lowercase().ends_with("-sender"));
    named.and_then(|(n, _)| mail.address(n)).or_else(|| around.sender.clone()).map(Into::into)
}

/// A record of what the text part alone tells.
pub(super) fn from_told(told: Told, around: &Around) -> Record<'static> {
    let text = if around.octal { without_octal(&told.text) } else { told.text };
    Record {
        kind: if told.passed_over { Kind::Intermediate } else { Kind::Attempt },
        format: "bounce",
        time: around.date.clone().map(Into::into),
        sender: around.sender.clone().map(Into::into),
        recipient: told.recipient.map(Into::into),
        orig_to: told.orig_to.map(Into::into),
        relay: told.relay.map(Into::into),
        relay_ip: told.relay_ip.map(Into::into),
        stage: if told.data_or_end { Some(Stage::EndOfData) } else { told.stage },
        text: text.into(),
        line: 1,
        ..Record::default()
    }
}

/// Undoes `\303\244`.
fn without_octal(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 4).filter(|d| bytes[at] == b'\\' && matches!(d[0], b'0'..=b'3'));
        let byte = digits.and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 8).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 4 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Reporting-MTA: dns; mail.example.org\nX-Postfix-Queue-ID: 4F8F5A18A49\nX-Postfix-Sender: rfc822; s@example.org\nArrival-Date: Sat, 21 Nov 2026 17:40:52 +0000\n\n\
        Final-Recipient: rfc822; b@example.com\nOriginal-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550-5.1.1 no\n    550 5.1.1 user\n\n\
        Final-Recipient: rfc822; c@example.com\nAction: delayed (will retry)\nStatus: 4.4.1 (connection timed out)\nDiagnostic-Code: X-Postfix; connect to mx.example.net[192.0.2.9]:25:\n    Connection refused\nLast-Attempt-Date: Sun, 22 Nov 2026 17:40:52 +0000\n\n\
        Final-Recipient: utf-8; j\\x{F6}rg@example.com\nAction: delivered\nStatus: 2.0.0\n";

    fn read(groups: &[Group], around: &Around) -> Vec<Record<'static>> {
        let mut out = Vec::new();
        records(groups, around, &mut out);
        out
    }

    fn all() -> Vec<Record<'static>> {
        read(&groups(REPORT), &Around::default())
    }

    #[test]
    fn each_recipient_gives_a_record() {
        let all = all();
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].text, "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!((all[0].recipient.as_deref(), all[0].orig_to.as_deref()), (Some("b@example.com"), Some("a@example.org")));
        assert_eq!((all[0].queue_id.as_deref(), all[0].sender.as_deref()), (Some("4F8F5A18A49"), Some("s@example.org")));
        assert_eq!((all[0].mta_dsn.as_deref(), all[0].status.as_deref()), (Some("5.1.1"), Some("failed")));
        assert_eq!(all[0].time.as_deref(), Some("Sat, 21 Nov 2026 17:40:52 +0000"));
    }

    #[test]
    fn reasons_without_a_reply_name_the_relay() {
        let delayed = &all()[1];
        assert_eq!(delayed.text, "connect to mx.example.net[192.0.2.9]:25: Connection refused");
        assert_eq!((delayed.status.as_deref(), delayed.relay_ip.as_deref()), (Some("delayed"), Some("192.0.2.9")));
        assert_eq!(delayed.time.as_deref(), Some("Sun, 22 Nov 2026 17:40:52 +0000"));
    }

    #[test]
    fn deliveries_have_no_text() {
        let delivered = &all()[2];
        assert_eq!((delivered.text.as_ref(), delivered.is_delivered()), ("", true));
        assert_eq!(delivered.recipient.as_deref(), Some("jörg@example.com"));
    }

    #[test]
    fn the_text_part_completes_a_cut_diagnosis() {
        let told = Told { recipient: Some("b@example.com".into()), text: "550-5.1.1 no\n550 5.1.1 user".into(), ..Told::default() };
        let around = Around { told: vec![told], ..Around::default() };
        let cut = groups("Final-Recipient: rfc822; b@example.com\nAction: failed\nDiagnostic-Code: SMTP; 550-5.1.1 no\n");
        assert_eq!(read(&cut, &around)[0].text, "550-5.1.1 no\n550 5.1.1 user");
        let other = groups("Final-Recipient: rfc822; b@example.com\nAction: failed\nDiagnostic-Code: SMTP; 552 full\n");
        assert_eq!(read(&other, &around)[0].text, "552 full");
        let silent = groups("Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.0.0\n");
        assert_eq!(read(&silent, &around)[0].text, "550-5.1.1 no\n550 5.1.1 user");
    }

    #[test]
    fn octal_escapes_are_undone() {
        assert_eq!(without_octal(r"Empf\303\244nger \9 \"), r"Empfänger \9 \");
    }
}
