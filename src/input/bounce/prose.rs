//! The part of a bounce that people read: which writer's form it has, and what
//! it tells of each recipient. It must not know mails or reports.

use super::reason::{self, Told};
use super::{entries, services, transcript};

/// Sentences that only bounces begin or hold.
const SPEAKS: [&str; 14] = [
    "This message was created automatically by mail delivery software",
    "This is the mail system at host",
    "Hi. This is the qmail-send program",
    "This is the MAILER-DAEMON, please DO NOT REPLY",
    "This is a delivery status notification from",
    "The following addresses had permanent fatal errors",
    "Transcript of session follows",
    "Diagnostic information for administrators:",
    "Delivery to the following recipient failed permanently",
    "** Address not found **",
    "** Message not delivered **",
    "** Message blocked **",
    "Delivery has failed to these recipients or groups",
    "#SMTP#",
];

/// Whether the text itself shows that it is a bounce, whoever sent it.
pub(super) fn speaks(text: &str) -> bool {
    SPEAKS.iter().any(|s| text.contains(s))
}

/// Whether the text tells of a delay that goes on.
pub(super) fn is_warning(text: &str) -> bool {
    const WORDS: [&str; 6] = [
        "THIS IS A WARNING MESSAGE ONLY",
        "delivery attempts will continue",
        "has not yet been delivered",
        "will continue to be attempted",
        "Gmail will retry for",
        "You do not need to resend",
    ];
    WORDS.iter().any(|w| text.contains(w))
}

/// Lines that the returned mail begins behind.
const RETURNED: [&str; 12] = [
    "--- Below this line is a copy of the message",
    "Below is a copy of the original message",
    "------ This is a copy of",
    "----- Original message follows",
    "----- Message header follows",
    "----- Unsent message follows",
    "----- Message text follows",
    "----- Original message -----",
    "--- Undelivered message follows ---",
    "--- The header of the original message is following",
    "Original message headers:",
    "------ The body of the message is",
];

/// The text without the returned mail and without the marks of quoting.
pub(super) fn own_words(text: &str) -> String {
    let end = RETURNED.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len());
    let own = &text[..end];
    if !own.lines().any(|l| l.starts_with("> ")) {
        return own.to_string();
    }
    let unquoted = |l: &str| l.strip_prefix("> ").unwrap_or(if l == ">" { "" } else { l }).to_string();
    own.lines().map(unquoted).collect::<Vec<_>>().join("\n")
}

/// Bounds for texts that were made to do harm.
pub(super) const MAX_TOLD: usize = 2000;
const MAX_SPOKEN: usize = 100;

/// Reads what [`own_words`] gave.
pub(super) fn read(text: &str) -> Vec<Told> {
    let mut told = by_form(text);
    told.truncate(MAX_TOLD);
    for told in &mut told {
        told.text = reason::bounded(&told.text);
    }
    told
}

fn by_form(text: &str) -> Vec<Told> {
    if let Some((list, session)) = text.split_once("Transcript of session follows") {
        return sendmail(list, session);
    }
    let exchange = services::exchange(text);
    let named = |told: &[Told]| told.iter().any(|t| !t.text.is_empty());
    let addressed = exchange.iter().all(|t| t.recipient.is_some());
    if named(&exchange) && addressed && !text.contains("\n    SMTP error") {
        return exchange;
    }
    if let Some(told) = services::gmail(text) {
        return vec![told];
    }
    let entries = entries::read(text);
    if named(&entries) {
        return entries;
    }
    if named(&exchange) { exchange } else { services::anybody(text).into_iter().collect() }
}

/// Sendmail lists the addresses with the first line of each reason; the whole
/// replies stand in the session below.
fn sendmail(list: &str, session: &str) -> Vec<Told> {
    let lines: Vec<&str> = session.lines().skip(1).collect();
    let mut spoken = transcript::read(&lines, "");
    let mut listed = entries::read(list);
    spoken.truncate(MAX_SPOKEN);
    listed.truncate(MAX_TOLD);
    if listed.is_empty() {
        return spoken;
    }
    let mut told: Vec<Told> = Vec::new();
    let few = listed.len() * spoken.len() <= MAX_TOLD;
    for entry in listed {
        let mine = |s: &&Told| !s.passed_over && s.recipient.is_some() && s.recipient == entry.recipient;
        let shared = |s: &&Told| !s.passed_over && s.recipient.is_none();
        let best = spoken.iter().rev().find(mine).or_else(|| spoken.iter().find(shared));
        told.extend(spoken.iter().filter(|s| few && s.passed_over).map(|s| Told { recipient: entry.recipient.clone(), ..s.clone() }));
        told.push(best.map_or_else(|| entry.clone(), |b| one(&entry, b)));
    }
    told
}

/// The session's reply where it is the listed reason, which may be cut.
fn one(entry: &Told, spoken: &Told) -> Told {
    let mut told = Told { recipient: entry.recipient.clone(), orig_to: entry.orig_to.clone(), ..spoken.clone() };
    if !is_same(&entry.text, &spoken.text) {
        told.text.clone_from(&entry.text);
        let hidden = spoken.text.starts_with("503") && reason::code(&entry.text).is_some();
        told.stage = hidden.then_some(crate::codes::status::Stage::Rcpt);
        told.data_or_end = false;
    }
    told
}

/// Whether `part` is nothing else than the beginning of `whole`, or both ends
/// of it around the dots that Sendmail leaves of a long reply.
pub(super) fn is_same(part: &str, whole: &str) -> bool {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (part, whole) = (squeezed(part), squeezed(whole));
    let ends = part.split_once("...").filter(|(head, _)| head.len() > 20);
    whole.starts_with(&part) || ends.is_some_and(|(head, tail)| whole.starts_with(head) && whole.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::status::Stage;

    #[test]
    fn the_session_completes_the_list() {
        let text = "   ----- The following addresses had permanent fatal errors -----\n<b@example.com>\n    (reason: 550-5.1.1 no)\n    (expanded from: <a@example.org>)\n\n\
             ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n>>> DATA\n<<< 550-5.1.1 no\n<<< 550 5.1.1 user\n550 5.1.1 <b@example.com>... User unknown\n<<< 503 5.5.1 none\n";
        let told = read(text);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].text.as_str(), told[0].stage), ("550-5.1.1 no\n550 5.1.1 user", Some(Stage::Rcpt)));
        assert_eq!(told[0].orig_to.as_deref(), Some("a@example.org"));
    }

    #[test]
    fn the_returned_mail_is_not_read() {
        let own = own_words("<a@example.com>:\n550 no\n\n--- Below this line is a copy of the message.\n\n<b@example.com>:\n550 other\n");
        assert_eq!(read(&own).len(), 1);
        assert!(is_same("550 no such", "550 no\nsuch user") && !is_same("550 no such", "550 none"));
        assert!(is_same(
            "554 Connection refused. 192.0.2.1 has ...equest to delist",
            "554 Connection refused. 192.0.2.1 has a poor reputation, request to delist"
        ));
        assert_eq!(own_words("hello\n> <a@example.com>: 550 no\n>\n> end"), "hello\n<a@example.com>: 550 no\n\nend");
    }
}
