//! Names and numbers in a reply that steps and commands can use: addresses,
//! domains, hosts, links, waiting time. It must not know the catalogue's texts.

use crate::codes::rows::{Slot, Tables};
use crate::codes::words::{Kind, Token};
use crate::matcher::{Context, Decision, scan};
use crate::reply::Reply;

/// Details of one reply; `None` where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The domain the finding is about: the recipient's or the sender's.
    pub domain: Option<String>,
    /// The client address the reply names.
    pub ip: Option<String>,
    /// The relay that spoke.
    pub host: Option<String>,
    pub recipient: Option<String>,
    pub sender: Option<String>,
    pub url: Option<String>,
    /// Seconds after which the server asks to be tried again.
    pub retry_after: Option<u64>,
}

/// Reads the details of a reply that has been decided.
pub fn read(tables: &Tables, reply: &Reply<'_>, decision: &Decision, context: Context<'_>) -> Details {
    let reader = Reader::new(tables, reply, decision);
    let text = reply.text();
    let relay = reply.wrapper.relay.clone().map(|r| text[r].to_string());
    let (recipient, sender) = reader.addresses();
    let mut details = Details {
        ip: reader.ip(),
        host: context.relay.map(str::to_string).or(relay),
        url: reader.first(Kind::Url),
        retry_after: retry_after(text),
        recipient: recipient.or(context.recipient.map(str::to_string)),
        sender: sender.or(context.sender.filter(|s| s.contains('@')).map(str::to_string)),
        domain: None,
    };
    details.domain = reader.domain(&details);
    details
}

struct Reader<'a> {
    text: &'a str,
    /// Tokens of the whole text, heads only where they are things.
    tokens: Vec<Token>,
    captured: Vec<(Slot, String)>,
    family: &'static str,
    relay: Option<String>,
    relay_ip: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(tables: &Tables, reply: &'a Reply<'_>, decision: &Decision) -> Reader<'a> {
        let text = reply.text();
        let mut tokens = Vec::new();
        crate::codes::words::cut(text, Default::default(), &mut tokens, &mut |_| 0);
        let scanned = &decision.scan.tokens;
        let from = scanned_from(reply, decision);
        let piece = |t: &Token| text.get(from + t.start as usize..from + t.end as usize).unwrap_or("").to_string();
        let captured = decision.hits.iter().flat_map(|h| scan::captures(tables, scanned, h));
        let captured = captured.map(|(slot, at)| (slot, piece(&scanned[at]))).collect();
        let at = |r: &Option<std::ops::Range<usize>>| r.clone().map(|r| text[r].to_string());
        let (relay, relay_ip) = (at(&reply.wrapper.relay), at(&reply.wrapper.relay_ip));
        Reader { text, tokens, captured, family: decision.cause.family(), relay, relay_ip }
    }

    fn piece(&self, t: &Token) -> &'a str {
        &self.text[t.start as usize..t.end as usize]
    }

    fn things(&self, kind: Kind) -> impl Iterator<Item = (usize, &Token)> {
        self.tokens.iter().enumerate().filter(move |(_, t)| t.kind == kind && (t.inner > 0 || kind == Kind::Ip))
    }

    fn first(&self, kind: Kind) -> Option<String> {
        self.things(kind).next().map(|(_, t)| self.piece(t).to_string())
    }

    fn capture(&self, wanted: &[Slot]) -> Option<String> {
        self.captured.iter().find(|(slot, _)| wanted.contains(slot)).map(|(_, s)| s.clone())
    }

    fn ip(&self) -> Option<String> {
        let foreign = |ip: &str| Some(ip) != self.relay_ip.as_deref();
        let bare = |ip: &str| ip.strip_prefix("IPv6:").unwrap_or(ip).to_string();
        let captured = self.capture(&[Slot::Ip]);
        let found = || self.things(Kind::Ip).map(|(_, t)| bare(self.piece(t))).find(|ip| foreign(ip));
        captured.map(|ip| bare(&ip)).or_else(found).or_else(|| self.ip_in_link())
    }

    /// Look-up links carry the address: `https://example.com/lookup?ip=192.0.2.7`.
    fn ip_in_link(&self) -> Option<String> {
        let link = self.first(Kind::Url)?;
        let parts = link.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':')));
        let mut addresses = parts.filter(|p| p.len() > 6 && p.parse::<std::net::IpAddr>().is_ok());
        addresses.next().map(str::to_string)
    }

    /// Recipient and sender: by the words in front, else by the cause.
    fn addresses(&self) -> (Option<String>, Option<String>) {
        let (mut recipient, mut sender) = (None, None);
        for (at, token) in self.things(Kind::Addr) {
            let address = bare_address(self.piece(token));
            match self.role(at, &address) {
                Role::Contact => {}
                Role::Sender => sender = sender.or(Some(address)),
                Role::Recipient => recipient = recipient.or(Some(address)),
            }
        }
        (recipient, sender)
    }

    fn role(&self, at: usize, address: &str) -> Role {
        let local = address.split('@').next().unwrap_or("").to_ascii_lowercase();
        if matches!(local.as_str(), "abuse" | "postmaster" | "support" | "hostmaster" | "mailer-daemon" | "unblock" | "delist") {
            return Role::Contact;
        }
        let before = &self.text[..self.tokens[at].start as usize];
        let words = last_words(before, 3);
        let says = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        let behind = self.text[self.tokens[at].end as usize..].trim_start_matches(['>', ':', ' ']);
        let behind: String = behind.chars().take(12).collect::<String>().to_ascii_lowercase();
        if says(&["contact", "email", "mailto", "via", "write", "reply"]) {
            Role::Contact
        } else if says(&["rcpt", "to", "recipient", "recipients"]) || behind.starts_with("recipient") {
            Role::Recipient
        } else if says(&["from", "sender", "originator"]) || behind.starts_with("sender") || self.family == "identity" {
            Role::Sender
        } else {
            Role::Recipient
        }
    }

    fn domain(&self, details: &Details) -> Option<String> {
        let of = |address: &Option<String>| address.as_deref().and_then(|a| a.rsplit('@').next()).map(str::to_string);
        let captured = || self.capture(&[Slot::Domain, Slot::Host]);
        let named = || self.named_host();
        match self.family {
            "recipient" | "domain" | "throttle" | "server" => captured().or_else(|| of(&details.recipient)).or_else(named),
            // A host in such a reply is the blocklist's.
            "reputation" => captured().or_else(|| of(&details.sender)),
            "sender-auth" | "identity" => captured().or_else(|| of(&details.sender)).or_else(named),
            _ => captured().or_else(named).or_else(|| of(&details.recipient)),
        }
        .filter(|d| d.contains('.'))
    }

    /// A host named in the text that is not the relay itself.
    fn named_host(&self) -> Option<String> {
        let hosts = self.things(Kind::Host).map(|(_, t)| self.piece(t).trim_end_matches('.'));
        let mut hosts = hosts.filter(|h| Some(*h) != self.relay.as_deref());
        hosts.find(|h| !h.contains("protection.outlook") && !h.contains("prod.outlook")).map(str::to_string)
    }
}

enum Role {
    Recipient,
    Sender,
    Contact,
}

/// Where the scanned part of the reply begins.
fn scanned_from(reply: &Reply<'_>, decision: &Decision) -> usize {
    let end = decision.scan.tokens.iter().map(|t| t.end as usize).max().unwrap_or(0);
    let in_span = decision.scan.tokens.first().is_none_or(|_| end <= reply.span.len());
    let whole = decision.span.as_ref().is_some_and(|s| s.start < reply.span.start);
    if in_span && !whole { reply.span.start } else { 0 }
}

fn bare_address(piece: &str) -> String {
    piece.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '_' | '-')).to_string()
}

fn last_words(before: &str, most: usize) -> Vec<String> {
    let words = before.rsplit(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.take(most).map(str::to_ascii_lowercase).collect()
}

/// "try again in 300 seconds", "greylisted for 5 minutes", "in 00:05:00": the
/// time in seconds, at most a week.
pub fn retry_after(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let waits = ["again", "retry", "greylist", "graylist", "wait", "come back", "try after", "delayed for", "deferred for", "later"];
    if !waits.iter().any(|w| lower.contains(w)) {
        return None;
    }
    let words: Vec<&str> = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':')).filter(|w| !w.is_empty()).collect();
    let timed = words.windows(2).find_map(|w| Some(w[0].parse::<u64>().ok()? * unit(w[1])?));
    let clock = || words.windows(2).find_map(|w| if w[0] == "in" { clock_seconds(w[1]) } else { None });
    timed.or_else(clock).filter(|s| (1..=604_800).contains(s))
}

fn unit(word: &str) -> Option<u64> {
    match word {
        "second" | "seconds" | "sec" | "secs" | "s" => Some(1),
        "minute" | "minutes" | "min" | "mins" => Some(60),
        "hour" | "hours" | "hr" | "hrs" => Some(3_600),
        "day" | "days" => Some(86_400),
        _ => None,
    }
}

fn clock_seconds(word: &str) -> Option<u64> {
    let parts: Vec<u64> = word.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [h, m, s] => Some(h * 3_600 + m * 60 + s),
        [m, s] => Some(m * 60 + s),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_time_is_read_in_any_unit() {
        assert_eq!(retry_after("Greylisted, please try again in 300 seconds"), Some(300));
        assert_eq!(retry_after("greylisted for 5 minutes"), Some(300));
        assert_eq!(retry_after("Try again in 00:04:38"), Some(278));
        assert_eq!(retry_after("retry in 1 hour"), Some(3_600));
        assert_eq!(retry_after("mailbox full, 5 minutes"), None);
        assert_eq!(retry_after("try again later"), None);
    }
}
