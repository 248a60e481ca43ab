//! The shape of a reply: its text with all that no rule looks at replaced by
//! fixed letters and digits: ids, long numbers, unknown names in addresses and
//! hosts, IP addresses. A busy server's log says the same few hundred things in
//! a million texts; a scan matches each shape once and looks the rest up, which
//! is what makes it fast. The matcher is asked about the shape itself, so texts
//! of one shape cannot differ in their meaning. It must not know meanings.

mod chunks;

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::codes::rows::{NO_WORD, Tables};
use crate::codes::words;
use crate::hash::{Itself, Seeded};
use crate::reply;
use chunks::Chunks;

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
    /// All known words with digits, by their hashes, and the length of the
    /// longest.
    numbered: HashSet<u64, Itself>,
    longest: usize,
    /// Whether words lately asked for are known, by their hash.
    recent: Vec<(u64, bool)>,
    /// Makes hashes of words.
    seed: Seeded,
    /// Runs without gaps lately met, as they look in a shape.
    chunks: Chunks,
    word: String,
    out: Vec<u8>,
    /// Where the IP addresses stood in the text, in the order of their numbers
    /// in the shape.
    ips: Vec<Range<usize>>,
    /// The run without gaps read last holds one.
    has_ip: bool,
}

/// What a byte does in a run without gaps, as bits that are collected.
mod class {
    /// Ends a run.
    pub const GAP: u8 = 0;
    pub const LETTER: u8 = 1;
    pub const DIGIT: u8 = 2;
    /// `.`, which makes hosts, numbers and sentences.
    pub const DOT: u8 = 4;
    /// `@`, which makes addresses.
    pub const AT: u8 = 8;
    /// `:`, which IPv6 addresses have.
    pub const COLON: u8 = 16;
    pub const OTHER: u8 = 32;
    /// Spells something else: an escape, a letter beyond ASCII.
    pub const STRANGE: u8 = 64;

    pub const OF: [u8; 256] = {
        let mut table = [STRANGE; 256];
        let mut b = 0;
        while b < 128 {
            let c = b as u8;
            table[b] = match c {
                b'0'..=b'9' => DIGIT,
                b'a'..=b'z' | b'A'..=b'Z' => LETTER,
                b'.' => DOT,
                b'@' => AT,
                b':' => COLON,
                b'\\' => STRANGE,
                b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'`' | b'|' | b',' | b';' | b'=' | b'*' | b'^' => GAP,
                0..=32 | 127 => GAP,
                _ => OTHER,
            };
            b += 1;
        }
        table
    };
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

/// A run of letters and digits.
struct Run {
    at: Range<usize>,
    digits: usize,
}

impl Shaper {
    pub fn new(tables: &'static Tables) -> Shaper {
        let hosts = tables.speakers.iter().flat_map(|s| tables.strs(s.hosts));
        let labels = hosts.flat_map(|h| h.split(|c: char| !c.is_ascii_alphanumeric())).map(|l| l.as_bytes().to_ascii_lowercase());
        let grammar = reply::grammar_words().flat_map(|w| w.split(|c: char| !c.is_ascii_alphanumeric()));
        let kept = labels.chain(grammar.map(|w| w.as_bytes().to_ascii_lowercase())).filter(|w| !w.is_empty()).collect();
        let mut shaper = Shaper {
            tables,
            kept,
            numbered: HashSet::default(),
            longest: 0,
            recent: vec![(0, false); RECENT],
            seed: Seeded::default(),
            chunks: Chunks::default(),
            word: String::new(),
            out: Vec::new(),
            ips: Vec::new(),
            has_ip: false,
        };
        let words = tables.words().map(str::as_bytes).chain(shaper.kept.iter().map(Vec::as_slice));
        for word in words.filter(|w| w.iter().any(u8::is_ascii_digit)) {
            shaper.numbered.insert(shaper.seed.ignoring_case(word));
            shaper.longest = shaper.longest.max(word.len());
        }
        shaper
    }

    /// Makes the shape of `text`, to be read by [`Shaper::shape`].
    pub fn make(&mut self, text: &str) {
        self.out.clear();
        self.ips.clear();
        let bytes = text.as_bytes();
        if bytes.len() > MOST || !self.mask(bytes) {
            self.ips.clear();
            self.out.clear();
            self.out.extend_from_slice(bytes);
        }
    }

    /// Masks what is masked; `false` where escapes or letters beyond ASCII have
    /// rules of their own.
    fn mask(&mut self, text: &[u8]) -> bool {
        use class::{AT, DIGIT, DOT, STRANGE};
        let mut done = 0;
        while let Some(at) = next_mark(text, done) {
            let start = done + text[done..at].iter().rposition(|b| class::OF[*b as usize] == class::GAP).map_or(0, |gap| gap + 1);
            let (len, has) = chunk_len(&text[start..]);
            if has & STRANGE != 0 {
                return false;
            }
            let end = start + len;
            if has & (DIGIT | AT | DOT) != 0 {
                self.out.extend_from_slice(&text[done..start]);
                self.chunk(text, start..end, has);
                done = end;
            } else {
                // A gap such as `<`, or a sign within letters such as a slash.
                self.out.extend_from_slice(&text[done..end.max(at + 1)]);
                done = end.max(at + 1);
            }
        }
        self.out.extend_from_slice(&text[done..]);
        true
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

    /// A run without gaps that holds digits, a host or an address. What it
    /// looks like depends on nothing else but the addresses before it.
    fn chunk(&mut self, text: &[u8], range: Range<usize>, has: u8) {
        let chunk = &text[range.clone()];
        // Addresses hardly come again.
        let place = if has & class::AT == 0 { self.chunks.place(chunk) } else { None };
        let Some(place) = place else { return self.parts(text, range, has) };
        if let Some(shape) = self.chunks.get(place, chunk) {
            return self.out.extend_from_slice(shape);
        }
        let before = self.out.len();
        self.has_ip = false;
        self.parts(text, range, has);
        if !self.has_ip {
            self.chunks.keep(place, chunk, &self.out[before..]);
        }
    }

    /// What a run without gaps is made of.
    fn parts(&mut self, text: &[u8], range: Range<usize>, has: u8) {
        if has & class::COLON != 0 && self.colons(text, range.clone()) {
            return;
        }
        let in_address = has & class::AT != 0;
        let in_name = in_address || has & class::DOT != 0 && joins_letters(&text[range.clone()]);
        if !in_name && has & class::DIGIT == 0 {
            return self.out.extend_from_slice(&text[range]);
        }
        let mut place = Place { in_name, in_address, chained: false };
        let mut at = range.start;
        while at < range.end {
            let class = class::OF[text[at] as usize];
            if class & (class::LETTER | class::DIGIT) == 0 {
                // What hangs on an id by a dot, dash or colon is part of it.
                place.chained &= matches!(text[at], b'.' | b'-' | b':') && at > range.start && text[at - 1].is_ascii_alphanumeric();
                self.out.push(text[at]);
                at += 1;
                continue;
            }
            if class == class::DIGIT
                && let Some(end) = ipv4_end(text, range.clone(), at)
            {
                self.ip(text, at..end, IPV4);
                at = end;
                continue;
            }
            let run = run_at(text, at, range.end);
            at = run.at.end;
            place.chained = self.run(text, run, place);
        }
    }

    /// One run of letters and digits; tells whether it is part of an id.
    fn run(&mut self, text: &[u8], run: Run, place: Place) -> bool {
        let word = &text[run.at.clone()];
        let before = run.at.start.checked_sub(1).map_or(b' ', |n| text[n]);
        let after = text.get(run.at.end).copied().unwrap_or(b' ');
        let masked = if before == b'\'' || after == b'\'' {
            // Part of a word: "don't".
            false
        } else if before == b'#' && word[0] == b'0' {
            // An escape, with what follows it: `#012550`.
            false
        } else if run.digits == word.len() && run.digits <= 3 {
            place.chained && !may_be_code(word, before, after)
        } else if run.digits < word.len() && is_masked(word) && (before == b'.' || after == b'.') {
            // Part of an address that was masked: `203.0.x.xx`.
            false
        } else if before == b'.' && matches!(word[0], b'x' | b'X') {
            // Goes on where a number ends: `2.0.2.xl`.
            false
        } else if run.digits == 0 && word.len() == 1 {
            // An initial in an address; hosts may be of letters for digits.
            place.in_address && after != b'-'
        } else {
            (run.digits > 0 || place.in_name) && !self.is_known(word, &run)
        };
        self.out.extend_from_slice(if masked { mask(word, run.digits) } else { word });
        masked && run.digits > 0
    }

    fn is_known(&mut self, word: &[u8], run: &Run) -> bool {
        // No word of the catalogue is longer.
        if word.len() >= LONGEST {
            return false;
        }
        // Ids are many and words with digits few.
        if run.digits > 0 {
            let known = word.len() <= self.longest && self.numbered.contains(&self.seed.ignoring_case(word));
            return known || reply::tells_numbers(word);
        }
        let hash = self.seed.ignoring_case(word);
        let place = &mut self.recent[(hash >> 32) as usize % RECENT];
        if place.0 == hash {
            return place.1;
        }
        let lower = word.to_ascii_lowercase();
        let Ok(text) = std::str::from_utf8(&lower) else { return true };
        let catalogued = |word: &mut String| self.tables.word(words::folded(text, word)) != NO_WORD;
        let known = self.kept.contains(&lower) || reply::tells_numbers(&lower) || catalogued(&mut self.word);
        *place = (hash, known);
        known
    }

    fn ip(&mut self, text: &[u8], at: Range<usize>, mask: &str) {
        self.has_ip = true;
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

    /// A run with colons: an IPv6 address, what may hold one and is left as it
    /// is, or a time; `false` where it is none of them.
    fn colons(&mut self, text: &[u8], range: Range<usize>) -> bool {
        let run = &text[range.clone()];
        let double = run.windows(2).any(|pair| pair == b"::");
        if !double && run.iter().filter(|b| **b == b':').count() < 7 {
            let clock = is_clock(run);
            self.out.extend_from_slice(if clock { b"00:00:00" } else { b"" });
            return clock;
        }
        let prefix = if run.len() > 5 && run[..5].eq_ignore_ascii_case(b"ipv6:") { 5 } else { 0 };
        let end = run.iter().rposition(|b| b.is_ascii_alphanumeric() || *b == b':').map_or(run.len(), |at| at + 1);
        let address = run.get(prefix..end).and_then(|a| std::str::from_utf8(a).ok());
        // `554::` and `::554` may be codes.
        let numbered = run.split(|b| *b == b':').any(|part| part.len() == 3 && part.iter().all(u8::is_ascii_digit));
        if !numbered && address.is_some_and(|a| a.parse::<Ipv6Addr>().is_ok()) {
            self.out.extend_from_slice(&run[..prefix]);
            self.ip(text, range.start + prefix..range.start + end, IPV6);
            self.out.extend_from_slice(&run[end..]);
        } else {
            self.out.extend_from_slice(run);
        }
        true
    }
}

/// Where the next byte stands that may be a digit, `.`, `@`, an escape or no
/// ASCII: eight bytes at a time, since most are letters and blanks.
fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = text.get(from..)?.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(from + number * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let at = text.len() - rest.len();
    rest.iter().position(|b| marks(u64::from(*b)) & 0x80 != 0).map(|n| at + n)
}

/// The high bit of each byte that is a mark: `.` to `@`, the backslash, and all
/// beyond ASCII.
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let low = word & !HIGH;
    let from_dot = low + (0x80 - b'.' as u64) * ONES;
    let behind_at = low + (0x80 - b'@' as u64 - 1) * ONES;
    let slash = low ^ (b'\\' as u64 * ONES);
    let is_slash = !(slash + (0x80 - 1) * ONES);
    (from_dot & !behind_at | is_slash | word) & HIGH
}

/// The letters and digits that stand at `start`.
fn run_at(text: &[u8], start: usize, end: usize) -> Run {
    let (mut digits, mut len) = (0, 0);
    for byte in &text[start..end] {
        let class = class::OF[*byte as usize];
        if class & (class::LETTER | class::DIGIT) == 0 {
            break;
        }
        digits += usize::from(class == class::DIGIT);
        len += 1;
    }
    Run { at: start..start + len, digits }
}

/// Length of the run in front without gaps, and the classes of its bytes.
fn chunk_len(text: &[u8]) -> (usize, u8) {
    let mut has = 0;
    for (at, byte) in text.iter().enumerate() {
        let class = class::OF[*byte as usize];
        if class == class::GAP {
            return (at, has);
        }
        has |= class;
    }
    (text.len(), has)
}

/// Addresses of documentation, to which their number is added.
const IPV4: &str = "192.0.2.";
const IPV6: &str = "2001:db8::";

/// A run that nobody knows, of the same kind: hosts end in letters of one case.
fn mask(run: &[u8], digits: usize) -> &'static [u8] {
    if digits == run.len() {
        if digits <= 3 { b"0" } else { b"9999" }
    } else if run.len() == 1 {
        b"z"
    } else if digits > 0 {
        // A number in front may be a decimal one.
        if run[0].is_ascii_digit() { b"0z" } else { b"z0" }
    } else if run.iter().all(u8::is_ascii_lowercase) {
        b"zq"
    } else if run.iter().all(u8::is_ascii_uppercase) {
        b"ZQ"
    } else {
        b"Zq"
    }
}

/// Up to three digits, of which some are an `x`.
fn is_masked(run: &[u8]) -> bool {
    run.len() <= 3 && run.iter().all(|b| b.is_ascii_digit() || matches!(b, b'x' | b'X'))
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

/// A dot stands before a letter.
fn joins_letters(run: &[u8]) -> bool {
    run.windows(2).any(|pair| pair[0] == b'.' && pair[1].is_ascii_alphabetic())
}

/// Where the IPv4 address ends that begins at `at` and stands by itself.
fn ipv4_end(text: &[u8], chunk: Range<usize>, at: usize) -> Option<usize> {
    let joined = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let begins = text[at..chunk.end].iter().take(4).find(|b| !b.is_ascii_digit()) == Some(&b'.');
    if !begins || at > chunk.start && joined(text[at - 1]) {
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
            "550-5.1.1 <zq.z0@zq.example>: mailbox of 10 users is full z0-0z - gsmtp"
        );
        assert_eq!(shape("452 over quota, id 8254711"), "452 over quota, id 9999");
        assert_eq!(shape("550 ticket #8254711 and #0123456"), "550 ticket #9999 and #0123456");
        assert_eq!(shape("550 no such user zorglub"), "550 no such user zorglub");
    }

    #[test]
    fn marks_are_found_among_all_bytes() {
        for byte in 0..=255u8 {
            let is_mark = matches!(byte, b'.'..=b'@' | b'\\' | 0x80..);
            for at in 0..20 {
                let mut text = [b'a'; 20];
                text[at] = byte;
                assert_eq!(next_mark(&text, 0), is_mark.then_some(at), "{byte:#x} at {at}");
                assert_eq!(next_mark(&text, at), is_mark.then_some(at), "{byte:#x} at {at}");
            }
        }
        assert_eq!((next_mark(b"..", 2), next_mark(b"", 3)), (None, None));
    }

    #[test]
    fn ip_addresses_are_numbered_and_lead_back() {
        let text = "554 [198.51.100.7] blocked, see https://example.org/?ip=198.51.100.7 or 2001:db8:1::9.";
        let mut shaper = Shaper::new(Catalogue::built_in().tables);
        shaper.make(text);
        assert!(
            shaper.shape().contains("[192.0.2.1] blocked") && shaper.shape().ends_with("192.0.2.1 or 2001:db8::2."),
            "{}",
            shaper.shape()
        );
        assert_eq!(
            (shaper.original(text, "192.0.2.1"), shaper.original(text, "2001:db8::2")),
            (Some("198.51.100.7"), Some("2001:db8:1::9"))
        );
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
        for mask in ["9999", "z0", "0z", "zq"] {
            assert_eq!(tables.word(mask), NO_WORD, "{mask}");
        }
        let ascii = tables.words().filter(|w| w.is_ascii());
        assert!(ascii.map(str::len).max().unwrap() < LONGEST);
    }
}
