//! Bounce texts of mail services that set the reply apart with words of their
//! own: Exchange and Outlook, Gmail, and a rule for everybody else. It must
//! not know mails.

use super::reason::{self, Told};
use crate::codes::status::{Stage, Status};

/// Exchange's "Diagnostic information for administrators", in any language:
/// the reply stands in quotes, between `#` and `##`, or in `#< … > #SMTP#`.
pub(super) fn exchange(text: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut recipient: Option<&str> = None;
    for paragraph in paragraphs(text) {
        let joined = paragraph.join(" ");
        recipient = paragraph.iter().find_map(|l| address_alone(l)).or(recipient);
        let Some(mut told) = quoted(&joined).or_else(|| hashed(&joined)).or_else(|| gave(&paragraph)) else { continue };
        told.recipient = recipient.map(str::to_string);
        if !found.iter().any(|f| f.recipient == told.recipient) {
            found.push(told);
        }
    }
    found
}

fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut found = vec![Vec::new()];
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), found.last_mut()) {
            (false, Some(last)) => last.push(line),
            _ => found.push(Vec::new()),
        }
    }
    found.retain(|p| !p.is_empty());
    found
}

/// `a@b`, `a@b<mailto:a@b>`, `Name (a@b)`.
fn address_alone(line: &str) -> Option<&str> {
    let bare = line.split("<mailto:").next().unwrap_or(line);
    let inside = bare.rsplit_once('(').and_then(|(_, r)| r.strip_suffix(')')).unwrap_or(bare);
    let address = inside.trim().trim_matches(['<', '>', '\'']);
    reason::is_address(address).then_some(address)
}

const QUOTES: [(char, char); 7] = [('\'', '\''), ('"', '"'), ('‘', '’'), ('“', '”'), ('«', '»'), ('„', '“'), ('`', '\'')];

/// `Remote Server returned '550 5.7.1 …'`, `Server at H (IP) returned '…'`.
fn quoted(paragraph: &str) -> Option<Told> {
    let (at, inside) = QUOTES.iter().find_map(|(open, close)| {
        let (at, from) =
            paragraph.match_indices(*open).map(|(at, m)| (at, at + m.len())).find(|(_, from)| begins_reply(&paragraph[*from..]))?;
        let rest = &paragraph[from..];
        Some((at, rest.rfind(*close).map_or(rest, |end| &rest[..end])))
    })?;
    let host = paragraph[..at].rsplit_once("Server at ").map_or("", |(_, h)| h);
    let (relay, relay_ip) = reason::relay(host);
    Some(Told { relay, relay_ip, text: without_hull(inside), ..Told::default() })
}

fn begins_reply(text: &str) -> bool {
    let bare = text.trim_start_matches(['<', '#', ' ']);
    let code = reason::code(bare).is_some_and(|c| c.starts_with(['4', '5']));
    code || (bare.len() < text.len() && begins_status(bare))
}

/// Whether an enhanced code stands here; no longer word is looked at.
fn begins_status(text: &str) -> bool {
    let len = text.bytes().take(16).take_while(|b| !matches!(b, b' ' | b':' | b',' | b';' | b'>')).count();
    text.get(..len).is_some_and(|word| Status::parse(word).is_some())
}

/// `#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##`,
/// `mx.example.com #<mx.example.com #5.1.1 smtp;550 5.1.1 …> #SMTP#`.
fn hashed(paragraph: &str) -> Option<Told> {
    if let Some((head, rest)) = paragraph.split_once("#<") {
        let inside = rest.split_once("> #SMTP#").or_else(|| rest.rsplit_once('>'))?.0;
        let (relay, relay_ip) =
            reason::relay(head.rsplit(' ').find(|w| !w.is_empty()).filter(|w| w.contains('.') && !w.contains('@')).unwrap_or_default());
        return Some(Told { relay, relay_ip, text: without_hull(inside), ..Told::default() });
    }
    let (_, rest) = paragraph.split_once('#')?;
    let (inside, _) = rest.split_once("##")?;
    begins_reply(inside).then(|| Told { text: inside.trim().to_string(), ..Told::default() })
}

/// What stands between Exchange's marks without its own repetition of the
/// status: `< #5.1.1 smtp;550 5.1.1 …>`.
fn without_hull(inside: &str) -> String {
    let bare = inside.trim();
    let hull = bare.find("smtp;").filter(|at| bare.find('#').is_some_and(|h| h < *at));
    let text = hull.map_or(bare, |at| bare[at + 5..].trim().trim_end_matches('>'));
    text.trim_start_matches(['#', '<', ' ']).trim().to_string()
}

/// `mx.example.com gave this error:` and the reply in the next line.
fn gave(paragraph: &[&str]) -> Option<Told> {
    let at = paragraph.iter().position(|l| l.ends_with("gave this error:"))?;
    let (relay, relay_ip) = reason::relay(paragraph[at].trim_end_matches("gave this error:"));
    let text = reason::join(paragraph.get(at + 1..)?);
    (!text.is_empty()).then(|| Told { relay, relay_ip, text, ..Told::default() })
}

/// Words that Gmail, and those who follow it, put in front of the reply.
const ANNOUNCED: [&str; 6] = [
    "The response was:",
    "The response from the remote server was:",
    "The error that the other server returned was:",
    "The error was:",
    "Technical details of permanent failure:",
    "The server responded:",
];

pub(super) fn gmail(text: &str) -> Option<Told> {
    let at = ANNOUNCED.iter().find_map(|words| text.find(words).map(|at| at + words.len()))?;
    let lines: Vec<&str> = text[at..].trim_start().lines().map(str::trim).take_while(|l| !l.is_empty()).collect();
    let joined = reason::join(&lines);
    let (reply, state) = joined.rsplit_once(" (state ").map_or((joined.as_str(), ""), |(r, s)| (r, s.trim_end_matches([')', '.'])));
    let stage = match state {
        "13" | "14" => Some(Stage::Rcpt),
        "17" | "18" => Some(Stage::EndOfData),
        _ => None,
    };
    let (relay, relay_ip) = text[..at].rsplit_once(" by ").map(|(_, host)| reason::relay(host)).unwrap_or_default();
    let recipient = text[..at].split_whitespace().map(|w| w.trim_matches(['<', '>', '.', ','])).find(|w| reason::is_address(w));
    let recipient = recipient.map(str::to_string);
    (!reply.is_empty()).then(|| Told { recipient, relay, relay_ip, stage, text: reply.to_string(), ..Told::default() })
}

/// Anybody's text: the first failing reply that stands where a reply may, to
/// the end of its paragraph, and the first address in front of it.
pub(super) fn anybody(text: &str) -> Option<Told> {
    let mut recipient = None;
    for paragraph in paragraphs(text) {
        recipient = paragraph.iter().find_map(|l| any_address(l)).or(recipient);
        let found = paragraph.iter().enumerate().find_map(|(n, line)| reply_in(line).map(|at| (n, at)));
        let Some((n, at)) = found else { continue };
        let mut lines = paragraph[n..].to_vec();
        lines[0] = &lines[0][at..];
        let mut told = reason::unwrap(&reason::join(&lines));
        told.recipient = recipient.map(str::to_string);
        let before = &paragraph[n][..at];
        (told.relay, told.relay_ip) = before.split_once("host ").map(|(_, h)| reason::relay(h)).unwrap_or_default();
        return Some(told);
    }
    None
}

fn any_address(line: &str) -> Option<&str> {
    line.split_whitespace().map(|w| w.trim_matches(['<', '>', '.', ',', ':', '"', '\'', '(', ')', ';'])).find(|w| reason::is_address(w))
}

/// Words that a reply follows in the middle of a line; an enhanced code must
/// confirm it there.
const LEADS: [&str; 8] = [": ", "smtp;", "smtp; ", "said: ", "rror ", "code ", "\"", "'"];

fn reply_in(line: &str) -> Option<usize> {
    let failing = |at: usize| line.get(at..).and_then(reason::code).is_some_and(|c| c.starts_with(['4', '5']));
    let start = line.len() - line.trim_start_matches(['<', '>', '-', '*', ' ', '|', '"', '\'', '(']).len();
    if failing(start) {
        return Some(start);
    }
    let confirmed = |at: usize| {
        let rest = line[at + 3..].trim_start_matches([' ', '-', '#', '\t']);
        begins_status(rest)
    };
    let candidates = LEADS.iter().flat_map(|lead| line.match_indices(lead).map(|(at, l)| at + l.len()));
    candidates.filter(|at| failing(*at) && confirmed(*at)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Option<String>, String) {
        let mut told = exchange(text);
        assert_eq!(told.len(), 1, "{told:?}");
        let told = told.remove(0);
        (told.recipient, told.text)
    }

    #[test]
    fn exchange_in_its_forms() {
        let to = || Some("b@example.com".to_string());
        let admin = "Diagnostic information for administrators:\n\nGenerating server: ex.example.org\n\nb@example.com\n";
        let not_found = "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found";
        assert_eq!(one(&format!("{admin}Remote Server returned '{not_found}'\n")), (to(), not_found.to_string()));
        assert_eq!(one(&format!("{admin}Le serveur distant a renvoyé « {not_found}»\n")), (to(), not_found.to_string()));
        assert_eq!(one(&format!("{admin}#{not_found} ##\n")), (to(), not_found.to_string()));
        let text = format!("{admin}mx.example.com #<mx.example.com #5.7.1 smtp;550 5.7.1 no\nrelay> #SMTP#\n");
        assert_eq!(one(&text), (to(), "550 5.7.1 no relay".to_string()));
        assert_eq!(exchange(&text)[0].relay.as_deref(), Some("mx.example.com"));
        let text = format!("{admin}Remote Server returned '554 5.1.0 < #5.1.1 smtp;550 5.1.1 it's\n unknown>'\n");
        assert_eq!(one(&text), (to(), "550 5.1.1 it's unknown".to_string()));
    }

    #[test]
    fn gmail_in_its_forms() {
        let told = gmail("** Address not found **\n\nYour message wasn't delivered to b@example.com because the address\n\nThe response was:\n\n550 5.1.1 no such\nuser - gsmtp\n\nmore").unwrap();
        assert_eq!((told.recipient.as_deref(), told.text.as_str()), (Some("b@example.com"), "550 5.1.1 no such user - gsmtp"));
        let told = gmail("Delivery to the following recipient failed permanently:\n\n     b@example.com\n\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain example.com by mx.example.com. [192.0.2.1].\n\nThe error that the other server returned was:\n550 5.1.1 no (state 14).\n").unwrap();
        assert_eq!((told.text.as_str(), told.stage), ("550 5.1.1 no", Some(Stage::Rcpt)));
        assert_eq!((told.relay.as_deref(), told.relay_ip.as_deref()), (Some("mx.example.com"), Some("192.0.2.1")));
    }

    #[test]
    fn anybody_may_say_it() {
        let told = anybody("Delivery to b@example.com failed.\n\nError transferring to MX.EXAMPLE.COM; SMTP Protocol Returned a Permanent Error 550 5.1.1 no such user\n").unwrap();
        assert_eq!((told.recipient.as_deref(), told.text.as_str()), (Some("b@example.com"), "550 5.1.1 no such user"));
        assert_eq!(anybody("Call me: 555 1234, flat 404, at 450 Main Street\n"), None);
    }
}
