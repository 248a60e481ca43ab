//! The shape of a reply: its text with all that no rule looks at replaced by
//! fixed letters and digits: ids, long numbers, unknown names in addresses and
//! hosts, IP addresses. A busy server's log says the same few hundred things in
//! a million texts; a scan matches each shape once and looks the rest up, which
//! is what makes it fast. The matcher is asked about the shape itself, so texts
//! of one shape cannot differ in their meaning. It must not know meanings.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::codes::rows::{NO_WORD, Tables};
use crate::codes::words;
use crate::hash::Seeded;
use crate::reply;

/// Longer texts are their own shape: they do not come in thousands.
const MOST: usize = 4096;
/// IP addresses that are told apart in one text.
const MOST_IPS: usize = 9;

/// Longest run of letters and digits that may be known.
const LONGEST: usize = 64;
/// Words of which is remembered whether they are known.
const RECENT: usize = 4096;

/// Makes shapes, one at a time.
pub struct Shaper {
    tables: &'static Tables,
    /// Words that the reply grammar and the host names of speakers are made of.
    kept: HashSet<Vec<u8>>,
    /// All known words with digits.
    numbered: HashSet<Vec<u8>, Seeded>,
    /// Whether words lately asked for are known, by their hash.
    recent: Vec<(u64, bool)>,
    hasher: Seeded,
    word: String,
    out: Vec<u8>,
    /// Where the IP addresses stood in the text, in the order of their numbers
    /// in the shape.
    ips: Vec<Range<usize>>,
}

/// What a byte does in a run without gaps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Gap,
    Letter,
    Digit,
    /// `.`, which makes hosts, numbers and sentences.
    Dot,
    /// `@`, which makes addresses.
    At,
    /// `:`, which IPv6 addresses have.
    Colon,
    Other,
}

const CLASSES: [Class; 128] = classes();

const fn classes() -> [Class; 128] {
    let mut table = [Class::Other; 128];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        table[b] = match c {
            b'0'..=b'9' => Class::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'.' => Class::Dot,
            b'@' => Class::At,
            b':' => Class::Colon,
            b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'`' | b'|' | b',' | b';' | b'=' | b'*' | b'^' => Class::Gap,
            0..=32 | 127 => Class::Gap,
            _ => Class::Other,
        };
        b += 1;
    }
    table
}

/// Where a run of letters and digits stands.
#[derive(Clone, Copy)]
struct Place {
    /// In an address or a host.
    in_name: bool,
    in_address: bool,
    /// Behind part of an id.
    chained: bool,
}

/// What stands in a run without gaps.
#[derive(Clone, Copy, Default)]
struct Has {
    digits: bool,
    /// `@`, or a dot with something behind it: an address or a host.
    name: bool,
    at: bool,
    colons: u8,
}

impl Shaper {
    pub fn new(tables: &'static Tables) -> Shaper {
        let hosts = tables.speakers.iter().flat_map(|s| tables.strs(s.hosts));
        let labels = hosts.flat_map(|h| h.split(|c: char| !c.is_ascii_alphanumeric())).map(|l| l.as_bytes().to_ascii_lowercase());
        let grammar = reply::grammar_words().flat_map(|w| w.split(|c: char| !c.is_ascii_alphanumeric()));
        let kept: HashSet<Vec<u8>> = labels.chain(grammar.map(|w| w.as_bytes().to_ascii_lowercase())).filter(|w| !w.is_empty()).collect();
        let words = tables.words.iter().map(|w| tables.str(*w).as_bytes().to_vec());
        let numbered = words.chain(kept.iter().cloned()).filter(|w| w.iter().any(u8::is_ascii_digit)).collect();
        Shaper {
            tables,
            kept,
            numbered,
            recent: vec![(0, false); RECENT],
            hasher: Seeded::default(),
            word: String::new(),
            out: Vec::new(),
            ips: Vec::new(),
        }
    }

    /// Makes the shape of `text`, to be read by [`Shaper::shape`].
    pub fn make(&mut self, text: &str) {
        self.out.clear();
        self.ips.clear();
        let bytes = text.as_bytes();
        // Escapes spell other letters; signs beyond ASCII are words of their own rules.
        if bytes.len() > MOST || !bytes.is_ascii() || bytes.contains(&b'\\') {
            self.out.extend_from_slice(bytes);
            return;
        }
        let mut done = 0;
        while let Some(special) = next_special(bytes, done) {
            let start = bytes[done..special].iter().rposition(|b| is_gap(*b)).map_or(done, |n| done + n + 1);
            let (end, has) = chunk(bytes, start);
            self.out.extend_from_slice(&bytes[done..start]);
            if has.digits || has.name { self.chunk(bytes, start..end, has) } else { self.out.extend_from_slice(&bytes[start..end]) }
            done = end;
        }
        self.out.extend_from_slice(&bytes[done..]);
    }

    /// The shape made last.
    pub fn shape(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap_or("")
    }

    /// The address of the text last shaped that stands for `ip` in its shape.
    pub fn original<'t>(&self, text: &'t str, ip: &str) -> Option<&'t str> {
        let number = ip.strip_prefix(IPV4).or_else(|| ip.strip_prefix(IPV6)).and_then(|n| n.parse::<usize>().ok());
        let masked = number.and_then(|n| self.ips.get(n.checked_sub(1)?)).cloned();
        let at = masked.or_else(|| text.find(ip).map(|at| at..at + ip.len()))?;
        text.get(at)
    }

    /// A run without gaps that holds digits, a host or an address.
    fn chunk(&mut self, text: &[u8], range: Range<usize>, has: Has) {
        if has.colons > 1 && self.ipv6(text, range.clone()) {
            return;
        }
        let mut at = range.start;
        // What hangs on an id by a dot, dash or colon is part of it.
        let mut chained = false;
        while at < range.end {
            let class = CLASSES[text[at] as usize];
            if !matches!(class, Class::Letter | Class::Digit) {
                chained &= matches!(text[at], b'.' | b'-' | b':') && at > range.start && text[at - 1].is_ascii_alphanumeric();
                self.out.push(text[at]);
                at += 1;
                continue;
            }
            if class == Class::Digit && let Some(end) = ipv4_end(text, range.clone(), at) {
                self.ip(text, at..end, IPV4);
                at = end;
                continue;
            }
            let end = run_end(text, range.end, at);
            chained = self.run(text, at..end, Place { in_name: has.name, in_address: has.at, chained });
            at = end;
        }
    }

    /// One run of letters and digits; tells whether it is part of an id.
    fn run(&mut self, text: &[u8], at: Range<usize>, place: Place) -> bool {
        let run = &text[at.clone()];
        let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
        let before = at.start.checked_sub(1).map_or(b' ', |n| text[n]);
        let after = text.get(at.end).copied().unwrap_or(b' ');
        let masked = if before == b'\'' || after == b'\'' {
            // Part of a word: "don't".
            false
        } else if digits == run.len() && digits <= 3 {
            place.chained && !may_be_code(run, before, after)
        } else if digits == 0 && run.len() == 1 {
            // An initial in an address; hosts may be of letters for digits.
            place.in_address && after != b'-'
        } else {
            (digits > 0 || place.in_name) && !self.is_known(run, digits > 0)
        };
        self.out.extend_from_slice(if masked { mask(run, digits) } else { run });
        masked && digits > 0
    }

    fn is_known(&mut self, run: &[u8], has_digits: bool) -> bool {
        let mut lower = [0; LONGEST];
        // No word of the catalogue is longer.
        let Some(lower) = lower.get_mut(..run.len()) else { return false };
        lower.copy_from_slice(run);
        lower.make_ascii_lowercase();
        // Ids are many and words with digits few.
        if has_digits {
            return self.numbered.contains(&*lower);
        }
        let hash = self.hasher.hash_one(&*lower);
        let place = &mut self.recent[hash as usize % RECENT];
        if place.0 == hash {
            return place.1;
        }
        let Ok(word) = std::str::from_utf8(lower) else { return true };
        let known = self.kept.contains(&*lower) || self.tables.word(words::folded(word, &mut self.word)) != NO_WORD;
        *place = (hash, known);
        known
    }

    fn ip(&mut self, text: &[u8], at: Range<usize>, mask: &str) {
        // Answers of blocklists are addresses with a meaning.
        if text[at.clone()].starts_with(b"127.") {
            return self.out.extend_from_slice(&text[at]);
        }
        let known = self.ips.iter().position(|ip| text[ip.clone()] == text[at.clone()]);
        let number = known.unwrap_or(self.ips.len()) + 1;
        if number > MOST_IPS {
            self.out.extend_from_slice(&text[at]);
            return;
        }
        self.out.extend_from_slice(mask.as_bytes());
        self.out.push(b'0' + number as u8);
        if known.is_none() {
            self.ips.push(at);
        }
    }

    /// A run with colons: an IPv6 address, or what only looks like one and is
    /// left as it is.
    fn ipv6(&mut self, text: &[u8], range: Range<usize>) -> bool {
        let mut at = range.clone();
        if text[at.clone()].len() > 5 && text[at.start..at.start + 5].eq_ignore_ascii_case(b"ipv6:") {
            at.start += 5;
        }
        while at.end > at.start && !text[at.end - 1].is_ascii_alphanumeric() && text[at.end - 1] != b':' {
            at.end -= 1;
        }
        let looks = text[at.clone()].iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
        if !looks {
            return false;
        }
        let parsed = std::str::from_utf8(&text[at.clone()]).is_ok_and(|t| t.parse::<Ipv6Addr>().is_ok());
        self.out.extend_from_slice(&text[range.start..at.start]);
        if parsed {
            self.ip(text, at.clone(), IPV6);
        } else if is_clock(&text[at.clone()]) {
            self.out.extend_from_slice(b"00:00:00");
        } else {
            self.out.extend_from_slice(&text[at.clone()]);
        }
        self.out.extend_from_slice(&text[at.end..range.end]);
        true
    }
}

/// Addresses of documentation, to which their number is added.
const IPV4: &str = "192.0.2.";
const IPV6: &str = "2001:db8::";

/// A run that nobody knows, of the same kind: hosts end in letters of one case.
fn mask(run: &[u8], digits: usize) -> &'static [u8] {
    if digits == run.len() {
        if digits <= 3 { b"0" } else { b"0000" }
    } else if run.len() == 1 {
        b"z"
    } else if digits > 0 {
        b"z0"
    } else if run.iter().all(u8::is_ascii_lowercase) {
        b"zq"
    } else if run.iter().all(u8::is_ascii_uppercase) {
        b"ZQ"
    } else {
        b"Zq"
    }
}

/// Whether a short number may be a reply code or begin an enhanced one, for all
/// that the id before it tells.
fn may_be_code(run: &[u8], before: u8, after: u8) -> bool {
    run.len() == 3 && before == b':' || run.len() == 1 && after == b'.'
}

/// `00:04:38`.
fn is_clock(word: &[u8]) -> bool {
    word.len() == 8 && word.iter().enumerate().all(|(n, b)| if n % 3 == 2 { *b == b':' } else { b.is_ascii_digit() })
}

/// The next byte that may belong to a host, an address or a number. Most of a
/// reply is plain words, passed over sixteen bytes at a time.
fn next_special(text: &[u8], from: usize) -> Option<usize> {
    let is_special = |b: u8| b.is_ascii_digit() || b == b'@' || b == b'.';
    let mut at = from;
    for block in text[from..].as_chunks::<16>().0 {
        if block.iter().fold(false, |found, b| found | is_special(*b)) {
            break;
        }
        at += 16;
    }
    text[at..].iter().position(|b| is_special(*b)).map(|n| at + n)
}

fn is_gap(b: u8) -> bool {
    CLASSES[b as usize & 127] == Class::Gap
}

/// Where the run without gaps ends that begins at `at`, and what it holds.
fn chunk(text: &[u8], at: usize) -> (usize, Has) {
    let mut has = Has::default();
    let mut dotted = false;
    for (n, b) in text[at..].iter().enumerate() {
        match CLASSES[*b as usize & 127] {
            Class::Gap => return (at + n, has),
            Class::Letter => has.name |= dotted,
            Class::Digit => has.digits = true,
            Class::At => (has.name, has.at) = (true, true),
            Class::Colon => has.colons = has.colons.saturating_add(1),
            Class::Dot | Class::Other => {}
        }
        dotted = *b == b'.';
    }
    (text.len(), has)
}

fn run_end(text: &[u8], end: usize, at: usize) -> usize {
    text[at..end].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(end, |n| at + n)
}

/// Where the IPv4 address ends that begins at `at` and stands by itself.
fn ipv4_end(text: &[u8], chunk: Range<usize>, at: usize) -> Option<usize> {
    let joined = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if at > chunk.start && joined(text[at - 1]) {
        return None;
    }
    let len = text[at..chunk.end].iter().take(16).position(|b| !(b.is_ascii_digit() || *b == b'.')).unwrap_or((chunk.end - at).min(16));
    let word = std::str::from_utf8(&text[at..at + len]).ok()?.trim_end_matches('.');
    let end = at + word.len();
    let free = text[end..chunk.end].iter().find(|b| **b != b'.').is_none_or(|b| !joined(*b));
    (free && word.len() > 6 && word.parse::<Ipv4Addr>().is_ok()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn shape(text: &str) -> String {
        let mut shaper = Shaper::new(Catalogue::built_in().tables);
        shaper.make(text);
        shaper.shape().to_string()
    }

    #[test]
    fn ids_numbers_and_unknown_names_are_masked_and_words_stay() {
        assert_eq!(
            shape("550-5.1.1 <jane.doe17@zorglub.example>: mailbox of 10 users is full x12-20020a17si123 - gsmtp"),
            "550-5.1.1 <zq.z0@zq.example>: mailbox of 10 users is full z0-z0 - gsmtp"
        );
        assert_eq!(shape("452 over quota, id 8254711"), "452 over quota, id 0000");
        assert_eq!(shape("550 no such user zorglub"), "550 no such user zorglub");
    }

    #[test]
    fn ip_addresses_are_numbered_and_lead_back() {
        let text = "554 [198.51.100.7] blocked, see https://example.org/?ip=198.51.100.7 or 2001:db8:1::9.";
        let mut shaper = Shaper::new(Catalogue::built_in().tables);
        shaper.make(text);
        assert!(shaper.shape().contains("[192.0.2.1] blocked") && shaper.shape().ends_with("192.0.2.1 or 2001:db8::2."), "{}", shaper.shape());
        assert_eq!((shaper.original(text, "192.0.2.1"), shaper.original(text, "2001:db8::2")), (Some("198.51.100.7"), Some("2001:db8:1::9")));
    }

    #[test]
    fn what_is_escaped_or_not_ascii_is_its_own_shape() {
        for text in [r"550 \303\256 a1b2", "550 用户a1b2@x.example", "550 5.7.1.1.2 v1:2", "1.2.3.4.5 10.0.0.256"] {
            assert_eq!(shape(text).len(), shape(&shape(text)).len(), "{text}");
        }
        assert_eq!(shape(r"550 \303\256 a1b2"), r"550 \303\256 a1b2");
    }

    #[test]
    fn masks_are_no_words_of_the_catalogue() {
        let tables = Catalogue::built_in().tables;
        for mask in ["0000", "z0", "zq"] {
            assert_eq!(tables.word(mask), NO_WORD, "{mask}");
        }
        let ascii = tables.words.iter().map(|w| tables.str(*w)).filter(|w| w.is_ascii());
        assert!(ascii.map(str::len).max().unwrap() < LONGEST);
    }
}
