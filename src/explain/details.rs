//! Names and numbers in a reply that steps and commands can use: addresses,
//! domains, hosts, links, waiting time. It must not know the catalogue's texts.

use std::net::IpAddr;
use std::ops::Range;

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

/// Where in a text its details stand, as byte ranges.
#[derive(Default)]
pub struct Places {
    /// Addresses, hosts, links, IP addresses.
    things: Vec<(Kind, Range<usize>)>,
    captured: Vec<(Slot, Range<usize>)>,
    relay: Option<Range<usize>>,
    relay_ip: Option<Range<usize>>,
    family: &'static str,
}

/// Reads the details of a reply that has been decided.
pub fn read(tables: &Tables, reply: &Reply<'_>, decision: &Decision, context: Context<'_>) -> Details {
    Places::of(tables, reply, decision).read(reply.text(), context)
}

impl Places {
    /// The places in a reply that has been decided.
    pub fn of(tables: &Tables, reply: &Reply<'_>, decision: &Decision) -> Places {
        let mut tokens = Vec::new();
        crate::codes::words::cut(reply.text(), Default::default(), &mut tokens, &mut |_| 0);
        let is_thing = |t: &&Token| t.inner > 0 || t.kind == Kind::Ip;
        let things = tokens.iter().filter(is_thing).map(|t| (t.kind, t.start as usize..t.end as usize)).collect();
        let scanned = &decision.scan.tokens;
        let from = scanned_from(reply, decision);
        let place = |t: &Token| from + t.start as usize..from + t.end as usize;
        let captured = decision.hits.iter().flat_map(|h| scan::captures(tables, scanned, h));
        Places {
            things,
            captured: captured.map(|(slot, at)| (slot, place(&scanned[at]))).collect(),
            relay: reply.wrapper.relay.clone(),
            relay_ip: reply.wrapper.relay_ip.clone(),
            family: decision.cause.family(),
        }
    }

    /// The same places in another text, where `moved` leads; `None` where it
    /// leads nowhere.
    pub fn moved(&self, moved: impl Fn(&Range<usize>) -> Option<Range<usize>>) -> Option<Places> {
        let one = |place: &Option<Range<usize>>| place.as_ref().map_or(Some(None), |r| moved(r).map(Some));
        let mut things = Vec::with_capacity(self.things.len());
        for (kind, place) in &self.things {
            things.push((*kind, moved(place)?));
        }
        let mut captured = Vec::with_capacity(self.captured.len());
        for (slot, place) in &self.captured {
            captured.push((*slot, moved(place)?));
        }
        Some(Places { things, captured, relay: one(&self.relay)?, relay_ip: one(&self.relay_ip)?, family: self.family })
    }

    /// Where the client address stands in the text that these are the places of.
    pub fn ip(&self, text: &str) -> Option<Range<usize>> {
        Reader { text, places: self }.ip()
    }

    /// The details of the text that these are the places of.
    pub fn read(&self, text: &str, context: Context<'_>) -> Details {
        let reader = Reader { text, places: self };
        let (recipient, sender) = reader.addresses();
        let mut details = Details {
            ip: reader.ip().map(|place| reader.at(&place).to_string()),
            host: context.relay.or(reader.relay()).map(str::to_string),
            url: reader.first(Kind::Url).map(str::to_string),
            retry_after: retry_after(text),
            recipient: recipient.or(context.recipient).map(str::to_string),
            sender: sender.or(context.sender.filter(|s| s.contains('@'))).map(str::to_string),
            domain: None,
        };
        details.domain = reader.domain(&details).map(str::to_string);
        details
    }
}

struct Reader<'a> {
    text: &'a str,
    places: &'a Places,
}

impl<'a> Reader<'a> {
    fn at(&self, place: &Range<usize>) -> &'a str {
        self.text.get(place.clone()).unwrap_or("")
    }

    fn relay(&self) -> Option<&'a str> {
        self.places.relay.as_ref().map(|r| self.at(r))
    }

    fn things(&self, kind: Kind) -> impl Iterator<Item = &'a Range<usize>> {
        self.places.things.iter().filter(move |(k, _)| *k == kind).map(|(_, place)| place)
    }

    fn first(&self, kind: Kind) -> Option<&'a str> {
        self.things(kind).next().map(|place| self.at(place))
    }

    fn captured(&self, wanted: &[Slot]) -> Option<&'a Range<usize>> {
        self.places.captured.iter().find(|(slot, _)| wanted.contains(slot)).map(|(_, place)| place)
    }

    fn ip(&self) -> Option<Range<usize>> {
        let relay_ip = self.places.relay_ip.as_ref().map(|r| self.at(r));
        let bare = |place: &Range<usize>| place.start + if self.at(place).starts_with("IPv6:") { 5 } else { 0 }..place.end;
        let captured = self.captured(&[Slot::Ip]).map(bare);
        let found = || self.things(Kind::Ip).map(bare).find(|ip| Some(self.at(ip)) != relay_ip);
        captured.or_else(found).or_else(|| self.ip_in_link())
    }

    /// Look-up links carry the address: `https://example.com/lookup?ip=192.0.2.7`.
    fn ip_in_link(&self) -> Option<Range<usize>> {
        let outside = |c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':'));
        let link = self.things(Kind::Url).next()?;
        let mut end = link.start;
        let mut parts = self.at(link).split_inclusive(outside).map(|part| {
            let start = end;
            end += part.len();
            start..start + part.trim_end_matches(outside).len()
        });
        parts.find(|part| part.len() > 6 && self.at(part).parse::<IpAddr>().is_ok())
    }

    /// Recipient and sender: by the words in front, else by the cause.
    fn addresses(&self) -> (Option<&'a str>, Option<&'a str>) {
        let (mut recipient, mut sender) = (None, None);
        for place in self.things(Kind::Addr) {
            let address = bare_address(self.at(place));
            match self.role(place, address) {
                Role::Contact => {}
                Role::Sender => sender = sender.or(Some(address)),
                Role::Recipient => recipient = recipient.or(Some(address)),
            }
        }
        (recipient, sender)
    }

    fn role(&self, place: &Range<usize>, address: &str) -> Role {
        const CONTACTS: [&str; 7] = ["abuse", "postmaster", "support", "hostmaster", "mailer-daemon", "unblock", "delist"];
        let local = address.split('@').next().unwrap_or("");
        if is_one_of(local, &CONTACTS) {
            return Role::Contact;
        }
        let words = last_words(&self.text[..place.start]);
        let says = |list: &[&str]| words.iter().any(|word| is_one_of(word, list));
        let behind = self.text[place.end..].trim_start_matches(['>', ':', ' ']);
        let goes_on = |word: &str| behind.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if says(&["contact", "email", "mailto", "via", "write", "reply"]) {
            Role::Contact
        } else if says(&["rcpt", "to", "recipient", "recipients"]) || goes_on("recipient") {
            Role::Recipient
        } else if says(&["from", "sender", "originator"]) || goes_on("sender") || self.places.family == "identity" {
            Role::Sender
        } else {
            Role::Recipient
        }
    }

    fn domain(&self, details: &'a Details) -> Option<&'a str> {
        let of = |address: &'a Option<String>| address.as_deref().and_then(|a| a.rsplit('@').next());
        let captured = || self.captured(&[Slot::Domain, Slot::Host]).map(|place| self.at(place));
        let named = || self.named_host();
        match self.places.family {
            "recipient" | "domain" | "throttle" | "server" => captured().or_else(|| of(&details.recipient)).or_else(named),
            // A host in such a reply is the blocklist's.
            "reputation" => captured().or_else(|| of(&details.sender)),
            "sender-auth" | "identity" => captured().or_else(|| of(&details.sender)).or_else(named),
            _ => captured().or_else(named).or_else(|| of(&details.recipient)),
        }
        .filter(|d| d.contains('.'))
    }

    /// A host named in the text that is not the relay itself.
    fn named_host(&self) -> Option<&'a str> {
        let hosts = self.things(Kind::Host).map(|place| self.at(place).trim_end_matches('.'));
        let mut hosts = hosts.filter(|h| Some(*h) != self.relay());
        hosts.find(|h| !h.contains("protection.outlook") && !h.contains("prod.outlook"))
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

fn bare_address(piece: &str) -> &str {
    piece.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '_' | '-'))
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// The last three words, empty where there are fewer.
fn last_words(before: &str) -> [&str; 3] {
    let mut words = before.rsplit(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    std::array::from_fn(|_| words.next().unwrap_or(""))
}

/// "try again in 300 seconds", "greylisted for 5 minutes", "in 00:05:00": the
/// time in seconds, at most a week.
pub fn retry_after(text: &str) -> Option<u64> {
    const WAITS: [&str; 10] =
        ["again", "retry", "greylist", "graylist", "wait", "come back", "try after", "delayed for", "deferred for", "later"];
    let (bytes, mut at) = (text.as_bytes(), 0);
    let (mut timed, mut clock) = (None, None);
    while let Some(found) = number(bytes, at) {
        at = found.end;
        let word = &bytes[found.clone()];
        timed = timed.or_else(|| unit_behind(&bytes[at..])?.checked_mul(number_of(word)?));
        if clock.is_none() && word.contains(&b':') && word_before(&bytes[..found.start]).eq_ignore_ascii_case(b"in") {
            clock = clock_seconds(word);
        }
    }
    let seconds = timed.or(clock).filter(|s| (1..=604_800).contains(s))?;
    let lower = text.to_ascii_lowercase();
    WAITS.iter().any(|w| lower.contains(w)).then_some(seconds)
}

/// The next word behind `at` that begins with a digit.
fn number(text: &[u8], mut at: usize) -> Option<Range<usize>> {
    loop {
        let start = at + digit(&text[at..])?;
        let end = start + word_len(&text[start..]);
        if start == 0 || !is_word(text[start - 1]) {
            return Some(start..end);
        }
        at = end;
    }
}

/// Where the first digit stands: eight bytes at a time, since most texts have
/// few.
fn digit(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let (words, rest) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let value = (word & (ONES * 0x7f)) ^ (ONES * u64::from(b'0'));
        // The highest bit of a byte is set where its value is no digit's.
        let digits = !((value + ONES * (0x80 - 10)) | word) & (ONES << 7);
        if digits != 0 {
            return Some(number * 8 + digits.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(u8::is_ascii_digit).map(|at| words.len() * 8 + at)
}

fn is_word(byte: u8) -> bool {
    IS_WORD[usize::from(byte)]
}

/// Letters and digits, and the colons of clocks.
const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = (b as u8).is_ascii_alphanumeric() || b as u8 == b':';
        b += 1;
    }
    table
};

fn word_len(text: &[u8]) -> usize {
    text.iter().position(|b| !is_word(*b)).unwrap_or(text.len())
}

/// The seconds of the unit that is the first word in what follows a number.
fn unit_behind(text: &[u8]) -> Option<u64> {
    let word = &text[text.iter().position(|b| is_word(*b))?..];
    // Most words begin with another letter.
    if !matches!(word[0], b's' | b'S' | b'm' | b'M' | b'h' | b'H' | b'd' | b'D') {
        return None;
    }
    unit(&word[..word_len(word)])
}

/// The last word in what stands before another.
fn word_before(text: &[u8]) -> &[u8] {
    text.rsplit(|b| !is_word(*b)).find(|word| !word.is_empty()).unwrap_or_default()
}

fn number_of(word: &[u8]) -> Option<u64> {
    if word.first()?.is_ascii_digit() { std::str::from_utf8(word).ok()?.parse().ok() } else { None }
}

fn unit(word: &[u8]) -> Option<u64> {
    const UNITS: [(&[&str], u64); 4] = [
        (&["second", "seconds", "sec", "secs", "s"], 1),
        (&["minute", "minutes", "min", "mins"], 60),
        (&["hour", "hours", "hr", "hrs"], 3_600),
        (&["day", "days"], 86_400),
    ];
    let is = |words: &[&str]| words.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(word));
    UNITS.iter().find(|(words, _)| is(words)).map(|(_, seconds)| *seconds)
}

fn clock_seconds(word: &[u8]) -> Option<u64> {
    let parts: Vec<u64> = word.split(|b| *b == b':').map(number_of).collect::<Option<_>>()?;
    match parts[..] {
        [h, m, s] => h.checked_mul(3_600)?.checked_add(m.checked_mul(60)?)?.checked_add(s),
        [m, s] => m.checked_mul(60)?.checked_add(s),
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
        assert_eq!(retry_after("450 4.2.0 x30 seconds, x1:30 later: 7"), None);
        assert_eq!(retry_after("wait 99999999999999999999 seconds or 5 MINUTES"), Some(300));
        assert_eq!(retry_after("again In (1:30)"), Some(90));
        assert_eq!(retry_after("again in a 1:30"), None);
    }

    #[test]
    fn the_first_digit_is_found_wherever_it_stands() {
        for byte in 0..=255u8 {
            for at in 0..19 {
                let mut bytes = [b'a'; 19];
                (bytes[at], bytes[18]) = (byte, b'7');
                assert_eq!(digit(&bytes), Some(if byte.is_ascii_digit() { at } else { 18 }), "{byte:#x} at {at}");
            }
        }
        assert_eq!(digit(b"no digits"), None);
    }
}
