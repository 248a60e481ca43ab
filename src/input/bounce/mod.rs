//! Bounce mails: files, mbox files and Maildir entries. Tells what kind of
//! mail it is and gives a record for each recipient that a bounce names. It
//! must not know what a reply means.
//!
//! The report for programs is preferred, the text for people completes it. A
//! mail that a bounce returns is never read: it may be another bounce.

mod entries;
mod html;
mod mbox;
mod mime;
mod prose;
mod reason;
mod report;
mod services;
mod transcript;

pub use mbox::Mails;

use mime::{Head, Mail as Parts};
use report::Around;

use super::record::{Kind, Record};

/// How many mails around a forwarded bounce are opened.
const MAX_FORWARDS: usize = 3;

/// What a mail is.
#[derive(Debug)]
pub enum Mail {
    /// Tells of deliveries: a record for each recipient.
    Bounce(Vec<Record<'static>>),
    /// A person's or a program's answer, such as a note of absence.
    AutoReply,
    /// A complaint that a recipient made (ARF).
    FeedbackReport,
    Other,
}

/// Headers that a mail's header block has; two of them are enough.
const HEADERS: [&str; 12] = [
    "from",
    "to",
    "date",
    "subject",
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "content-type",
    "delivered-to",
    "x-original-to",
    "delivery-date",
];

/// Fields that only delivery reports have.
const REPORT_FIELDS: [&str; 2] = ["reporting-mta", "final-recipient"];

/// Whether `head`, the beginning of an input, begins a mail, an mbox file or
/// a delivery report that was saved alone.
pub fn looks_like_mail(head: &[u8]) -> bool {
    let head = trimmed(head);
    if mbox::envelope_line(head).is_some() {
        return true;
    }
    let mut known: Vec<&[u8]> = Vec::new();
    for (n, line) in head.split_inclusive(|b| *b == b'\n').take(200).enumerate() {
        if line.trim_ascii().is_empty() || known.len() >= 2 {
            break;
        }
        match header_name(line) {
            Some(name) if REPORT_FIELDS.iter().any(|f| f.as_bytes().eq_ignore_ascii_case(name)) => return true,
            Some(name) if HEADERS.iter().any(|h| h.as_bytes().eq_ignore_ascii_case(name)) && !known.contains(&name) => known.push(name),
            None if n == 0 || !line.starts_with(b" ") && !line.starts_with(b"\t") => return false,
            _ => {}
        }
    }
    known.len() >= 2
}

fn header_name(line: &[u8]) -> Option<&[u8]> {
    let name = &line[..line.iter().position(|b| *b == b':')?];
    let named = !name.is_empty() && name.len() <= 80 && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    named.then_some(name)
}

/// Without a byte order mark and empty lines in front.
fn trimmed(data: &[u8]) -> &[u8] {
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    &data[data.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count()..]
}

/// Reads one mail.
pub fn read(mail: &[u8]) -> Mail {
    read_bounded(mail).0
}

/// Reads one mail; tells whether it was too large to be read whole.
pub fn read_bounded(mail: &[u8]) -> (Mail, bool) {
    let mut cut = false;
    let read = read_inside(mail, 0, &mut cut);
    (read, cut)
}

fn read_inside(mail: &[u8], forwards: usize, cut: &mut bool) -> Mail {
    let mail = trimmed(mail);
    let mail = &mail[mbox::envelope_line(mail).unwrap_or(0)..];
    let parts = Parts::read(mail);
    *cut |= parts.cut;
    if is_feedback(&parts) {
        return Mail::FeedbackReport;
    }
    if let Some(records) = bounce(&parts, mail, cut) {
        return Mail::Bounce(records);
    }
    if is_auto_reply(&parts.head) {
        return Mail::AutoReply;
    }
    if !is_from_daemon(&parts.head) {
        let mut inner = parts.find(mime::Kind::Mail).peekable();
        *cut |= forwards == MAX_FORWARDS && inner.peek().is_some();
        let mut read = inner.filter(|_| forwards < MAX_FORWARDS).map(|p| read_inside(&p.body, forwards + 1, cut));
        return read.find(|m| matches!(m, Mail::Bounce(_))).unwrap_or(Mail::Other);
    }
    Mail::Other
}

fn is_feedback(parts: &Parts<'_>) -> bool {
    has_report_type(&parts.head, "feedback-report") || parts.find(mime::Kind::Feedback).next().is_some()
}

fn has_report_type(head: &Head<'_>, name: &str) -> bool {
    head.content_type().and_then(|c| c.attribute("report-type")).is_some_and(|t| t.eq_ignore_ascii_case(name))
}

/// The records of a bounce; `None` where the mail is something else.
fn bounce(parts: &Parts<'_>, mail: &[u8], cut: &mut bool) -> Option<Vec<Record<'static>>> {
    let text = prose::own_words(&parts.text());
    let reports: Vec<String> = parts.find(mime::Kind::Status).map(mime::Part::text).collect();
    let reports = if reports.is_empty() { bare_report(&parts.head, mail).into_iter().collect() } else { reports };
    if reports.is_empty() && !is_from_daemon(&parts.head) && !prose::speaks(&text) {
        return None;
    }
    let mut around = around(&parts.head, &text);
    if reports.is_empty() && !is_from_daemon(&parts.head) {
        // A person passed the text on.
        around.sender = None;
    }
    *cut |= around.told.len() >= prose::MAX_TOLD;
    let mut records = Vec::new();
    for report in &reports {
        let groups = report::groups(report);
        *cut |= groups.len() > report::MAX_GROUPS;
        report::records(&groups, &around, &mut records);
    }
    if records.is_empty() {
        records = from_text(&parts.head, &text, &around);
    }
    *cut |= records.len() >= report::MAX_RECORDS || records.iter().any(|r| r.text.len() + 4 > reason::MAX_REASON);
    (!records.is_empty()).then_some(records)
}

/// A report that was saved without the mail around it.
fn bare_report(head: &Head<'_>, mail: &[u8]) -> Option<String> {
    let bare = REPORT_FIELDS.iter().any(|f| head.get(f).is_some());
    bare.then(|| String::from_utf8_lossy(&mail[..mail.len().min(1 << 20)]).replace("\r\n", "\n"))
}

fn around(head: &Head<'_>, text: &str) -> Around {
    let to = head.get("To").unwrap_or_default();
    let sender = to.rsplit('<').next().unwrap_or_default().trim_end_matches('>').trim();
    let by_exim = head.all("Received").any(|r| r.contains("(Exim ")) || text.contains("created automatically by mail delivery software");
    Around {
        told: prose::read(text),
        date: head.get("Date").map(str::to_string),
        sender: reason::is_address(sender).then(|| sender.to_string()),
        octal: by_exim,
    }
}

/// Records of a bounce without a report.
fn from_text(head: &Head<'_>, text: &str, around: &Around) -> Vec<Record<'static>> {
    let failed: Vec<&str> =
        head.all("X-Failed-Recipients").flat_map(|v| v.split(',')).map(str::trim).filter(|a| reason::is_address(a)).collect();
    let status = if prose::is_warning(text) { "delayed" } else { "failed" };
    let told = around.told.iter().filter(|t| !t.text.is_empty()).cloned();
    let mut records: Vec<Record<'static>> = told.map(|t| report::from_told(t, around)).collect();
    for record in &mut records {
        record.status = (record.kind == Kind::Attempt).then(|| status.into());
        if let (None, [only]) = (&record.recipient, failed.as_slice()) {
            record.recipient = Some((*only).to_string().into());
        }
    }
    records
}

/// Local parts of the addresses that bounces come from.
const DAEMONS: [&str; 5] = ["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "microsoftexchange"];

fn is_from_daemon(head: &Head<'_>) -> bool {
    let from = head.get("From").unwrap_or_default().to_ascii_lowercase();
    let address = from.rsplit('<').next().unwrap_or_default().trim();
    let daemon =
        DAEMONS.iter().any(|d| address.starts_with(d)) || from.contains("mail delivery su") || from.contains("mail delivery system");
    daemon || head.get("X-Failed-Recipients").is_some() || has_report_type(head, "delivery-status")
}

/// Beginnings of subjects that programs answer with, in small letters.
const ABSENT: [&str; 14] = [
    "out of office",
    "automatic reply",
    "auto reply",
    "autoreply",
    "auto-reply",
    "auto:",
    "abwesend",
    "abwesenheit",
    "automatische antwort",
    "réponse automatique",
    "absence du bureau",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
];

fn is_auto_reply(head: &Head<'_>) -> bool {
    let has = |name: &str, words: &[&str]| head.all(name).any(|v| words.iter().any(|w| v.to_ascii_lowercase().starts_with(w)));
    let subject = head.get("Subject").unwrap_or_default().to_lowercase();
    has("Auto-Submitted", &["auto-replied", "auto-notified"])
        || has("Precedence", &["auto_reply", "auto-reply"])
        || ["X-Autoreply", "X-Autorespond", "X-Autogenerated", "X-Auto-Reply"]
            .iter()
            .any(|n| head.get(n).is_some_and(|v| !v.eq_ignore_ascii_case("no")))
        || ABSENT.iter().any(|a| subject.starts_with(a))
}
