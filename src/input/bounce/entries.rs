//! Bounce texts that name each address and say the reason below or behind it:
//! Postfix, Exim, qmail, Courier, OpenSMTPD, Sendmail and many others. It must
//! not know mails.

use super::reason::{self, Told};
use super::transcript;
use crate::codes::status::{Stage, Status};

/// An address and the lines that belong to it.
struct Entry<'t> {
    address: &'t str,
    orig_to: Option<&'t str>,
    /// How far in the address stands.
    indent: usize,
    lines: Vec<&'t str>,
}

/// Reads every address of `text` that has a reason; an address without one is
/// given too where it is marked as one, since the reason may stand elsewhere.
pub(super) fn read(text: &str) -> Vec<Told> {
    let mut told = Vec::new();
    for entry in entries(text) {
        interpret(&entry, &mut told);
    }
    told
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut found: Vec<Entry<'_>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let inside = found.last().filter(|_| open).is_some_and(|e| indent > e.indent);
        match address_line(line.trim_start()).filter(|_| !inside) {
            Some(mut entry) => {
                entry.indent = indent;
                found.push(entry);
                open = true;
            }
            None if open => found.last_mut().into_iter().for_each(|e| e.lines.push(line.trim())),
            None => {}
        }
    }
    found
}

/// `<a@b>: reason`, `<a@b> (expanded from <c@d>): reason`, `a@b: reason`, or
/// the address alone.
fn address_line(line: &str) -> Option<Entry<'_>> {
    let (address, rest) = match line.strip_prefix(['<', '"']) {
        Some(rest) => rest.split_at_checked(rest.find(['>', '"'])?).map(|(a, r)| (a, r.get(1..).unwrap_or_default()))?,
        None => line.split_at(bare_address(line)),
    };
    if !reason::is_address(address) {
        return None;
    }
    let (orig_to, rest) = origin(rest);
    let rest = match rest.strip_prefix(':') {
        Some(reason) if reason.is_empty() || reason.starts_with([' ', '\t']) => reason.trim(),
        None if rest.trim().is_empty() => "",
        _ => return None,
    };
    Some(Entry { address, orig_to, indent: 0, lines: if rest.is_empty() { Vec::new() } else { vec![rest] } })
}

/// Length of the address that `line` begins with.
fn bare_address(line: &str) -> usize {
    let len = line.find([' ', '\t']).unwrap_or(line.len());
    len - usize::from(line[..len].ends_with(':'))
}

/// The address behind `(expanded from <a@b>)` or `(generated from a@b)`, and
/// what follows.
fn origin(text: &str) -> (Option<&str>, &str) {
    let marks = ["(expanded from", "(generated from", "(ultimately generated from"];
    let trimmed = text.trim_start();
    let Some(rest) = marks.iter().find_map(|m| trimmed.strip_prefix(m)) else { return (None, text) };
    let Some((inside, rest)) = rest.split_once(')') else { return (None, text) };
    let address = inside.trim_matches([':', ' ', '<', '>']);
    (reason::is_address(address).then_some(address), rest)
}

fn interpret(entry: &Entry<'_>, out: &mut Vec<Told>) {
    let from = |line: &str| origin(line).0.is_some();
    let lines: Vec<&str> = entry.lines.iter().copied().filter(|l| !from(l)).collect();
    let orig_to = entry.orig_to.or_else(|| entry.lines.iter().find_map(|l| origin(l).0));
    let first = out.len();
    out.extend(reasons(&lines));
    for told in &mut out[first..] {
        told.recipient = Some(entry.address.to_string());
        told.orig_to = orig_to.map(str::to_string);
    }
}

fn reasons(lines: &[&str]) -> Vec<Told> {
    if let Some(at) = lines.iter().position(|l| l.starts_with("<<<") || l.starts_with(">>>")) {
        return transcript::read(&lines[at..], lines[..at].last().copied().unwrap_or_default());
    }
    let told = exim(lines).or_else(|| qmail(lines)).or_else(|| sendmail(lines));
    vec![told.unwrap_or_else(|| reason::unwrap(&unglued(reason::join(lines))))]
}

/// Gives back the lines of a reply that OpenSMTPD joined without a space:
/// `550-5.7.26 due to5.7.26 policy`. Without an enhanced code they are lost.
fn unglued(text: String) -> String {
    let Some((code, rest)) = reason::code(&text).and_then(|c| Some((c, text[3..].strip_prefix('-')?))) else { return text };
    let enhanced = rest.split(' ').next().unwrap_or_default();
    if Status::parse(enhanced).is_none() || text.contains('\n') {
        return text;
    }
    let glued = |at: &usize| {
        let before = rest[..*at].chars().next_back();
        let after = &rest[at + enhanced.len()..];
        before.is_some_and(|c| !c.is_whitespace() && !c.is_ascii_digit() && c != '.') && after.starts_with(' ')
    };
    let cuts: Vec<usize> = rest.match_indices(enhanced).map(|(at, _)| at).filter(glued).collect();
    let Some(last) = cuts.last() else { return text };
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([rest.len()]);
    let lines = starts.zip(ends).map(|(from, to)| format!("{code}{}{}", if from == *last { ' ' } else { '-' }, &rest[from..to]));
    lines.collect::<Vec<_>>().join("\n")
}

/// `host H [IP]`, `SMTP error from remote mail server after RCPT TO:<a@b>:`,
/// then the reply line by line. Older forms name the host behind.
fn exim(lines: &[&str]) -> Option<Told> {
    let at = lines.iter().position(|l| l.contains("MTP error from remote ") && l.ends_with(':'));
    let host = lines.iter().take(at.unwrap_or(1)).find_map(|l| l.strip_prefix("host "));
    let host = host.filter(|h| h.ends_with(']') && h.contains(" ["));
    let Some(at) = at else {
        let (relay, relay_ip) = reason::relay(host?);
        let told = reason::unwrap(&reason::join(&lines[1..]));
        return Some(Told { relay, relay_ip, ..told });
    };
    let head = lines[at].trim_end_matches(':');
    let command = head.split_once(" after ").or_else(|| head.split_once(" for ")).map(|(_, c)| c);
    let behind = head.split_once("host: ").map(|(_, h)| h);
    let mut reply = lines.get(at + 1..)?.to_vec();
    let in_front = reply.first().and_then(|l| l.strip_prefix("host ")?.split_once("]: "));
    if let Some((_, rest)) = in_front {
        reply[0] = rest;
    }
    let mut told = reason::unwrap(&reason::join(&reply));
    if let Some(host) = host.or(behind).or(in_front.map(|(host, _)| host)) {
        (told.relay, told.relay_ip) = reason::relay(host);
    }
    told.stage = command.and_then(reason::stage);
    told.data_or_end = told.stage == Some(Stage::Data) && behind.is_some();
    Some(told)
}

/// What qmail-remote says in front of a reply, and the stage it means.
const QMAIL: [(&str, Stage); 6] = [
    (" does not like recipient", Stage::Rcpt),
    (" but greeting failed", Stage::Connect),
    (" but my name was rejected", Stage::Ehlo),
    (" but sender was rejected", Stage::Mail),
    (" failed on DATA command", Stage::Data),
    (" failed after I sent the message", Stage::EndOfData),
];

/// `192.0.2.1 does not like recipient.`, `Remote host said: 550 …`, `Giving up
/// on 192.0.2.1.`
fn qmail(lines: &[&str]) -> Option<Told> {
    let at = lines.iter().position(|l| l.starts_with("Remote host said:"))?;
    let lead = lines[..at].join(" ");
    let end = lines.iter().position(|l| l.starts_with("Giving up on ")).unwrap_or(lines.len());
    let mut reply: Vec<&str> = lines.get(at..end)?.to_vec();
    reply[0] = reply[0].trim_start_matches("Remote host said:").trim();
    let ip = lead.trim_start_matches("Connected to ").split(' ').next().unwrap_or_default();
    let stage = QMAIL.iter().find(|(words, _)| lead.contains(words)).map(|(_, stage)| *stage);
    let (relay, relay_ip) = reason::relay(ip);
    Some(Told { relay, relay_ip, stage, text: reason::join(&reply), ..Told::default() })
}

/// `(reason: 550 …)`.
fn sendmail(lines: &[&str]) -> Option<Told> {
    let all = lines.join(" ");
    let reason = all.strip_prefix("(reason:")?;
    Some(reason::unwrap(reason.strip_suffix(')').unwrap_or(reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Told {
        let mut told = read(text);
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    }

    #[test]
    fn postfix() {
        let told = one(
            "<b@example.com> (expanded from <a@example.org>): host mx.example.com[192.0.2.1]\n    said: 550 5.1.1\n    <b@example.com>: User unknown (in reply to RCPT TO\n    command)\n",
        );
        assert_eq!(told.text, "550 5.1.1 <b@example.com>: User unknown");
        assert_eq!((told.stage, told.orig_to.as_deref()), (Some(Stage::Rcpt), Some("a@example.org")));
    }

    #[test]
    fn exim_in_its_forms() {
        let told = one(
            "  b@example.com\n    (ultimately generated from a@example.org)\n    host mx.example.com [192.0.2.1]\n    SMTP error from remote mail server after end of data:\n    550-5.7.1 no\n    550 5.7.1 spam\n",
        );
        assert_eq!(told.text, "550-5.7.1 no\n550 5.7.1 spam");
        assert_eq!((told.stage, told.relay_ip.as_deref()), (Some(Stage::EndOfData), Some("192.0.2.1")));
        assert_eq!(told.orig_to.as_deref(), Some("a@example.org"));
        let told = one(
            "  b@example.com\n    SMTP error from remote mail server after RCPT TO:<b@example.com>:\n    host mx.example.com [192.0.2.1]: 550 no\n",
        );
        assert_eq!((told.text.as_str(), told.relay.as_deref()), ("550 no", Some("mx.example.com")));
        assert_eq!(one("  b@example.com\n    Unrouteable address\n").text, "Unrouteable address");
        assert_eq!(
            one("  b@example.com\n    host mx.example.com [192.0.2.1]\n    retry timeout exceeded\n").text,
            "retry timeout exceeded"
        );
    }

    #[test]
    fn qmail_tells_the_stage_in_words() {
        let told = one(
            "<b@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550-5.1.1 no\n550 5.1.1 user\nGiving up on 192.0.2.1.\n",
        );
        assert_eq!(told.text, "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!((told.stage, told.relay_ip.as_deref()), (Some(Stage::Rcpt), Some("192.0.2.1")));
        let told = one("<b@example.com>:\nSorry, I couldn't find any host named example.com. (#5.1.2)\n");
        assert_eq!(told.text, "Sorry, I couldn't find any host named example.com. (#5.1.2)");
    }

    #[test]
    fn courier_prints_the_session() {
        let told = one(
            "<b@example.com>:\n     mx.example.com [192.0.2.1]:\n >>> RCPT TO:<b@example.com>\n <<< 550-5.1.1 no\n <<< 550 5.1.1 user\n",
        );
        assert_eq!(told.text, "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!((told.stage, told.relay.as_deref()), (Some(Stage::Rcpt), Some("mx.example.com")));
    }

    #[test]
    fn addresses_stand_line_after_line() {
        let told = read("a@example.com: 550-5.7.1 first, second\nb@example.com: message too large for peer\n");
        assert_eq!(told.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["550-5.7.1 first, second", "message too large for peer"]);
    }

    #[test]
    fn glued_lines_are_parted() {
        let told = one("a@example.com: 550-5.7.26 due to5.7.26 the policy, go to5.7.26 https://example.net/5.7.26\n");
        assert_eq!(told.text, "550-5.7.26 due to\n550-5.7.26 the policy, go to\n550 5.7.26 https://example.net/5.7.26");
    }

    #[test]
    fn sentences_are_no_addresses() {
        assert_eq!(read("Mail to a@example.com failed\nwrite to postmaster@example.com for help: now\nFrom: a@example.com\n"), []);
    }
}
