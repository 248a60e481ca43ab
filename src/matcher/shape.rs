//! The shape of a reply: its text with all that no rule looks at replaced by
//! fixed letters and digits: ids, long numbers, unknown names in addresses and
//! hosts, IP addresses. A busy server's log says the same few hundred things in
//! a million texts; a scan matches each shape once and looks the rest up, which
//! is what makes it fast. The matcher is asked about the shape itself, so texts
//! of one shape cannot differ in their meaning. It must not know meanings.

mod address;
mod chunks;
mod frames;
mod recent;
mod signs;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::codes::rows::{NO_WORD, Tables};
use crate::codes::words;
use crate::hash::{Itself, Seeded};
use crate::reply;
use chunks::{Chunks, Look};
use frames::Frames;
use recent::Recent;
use signs::{AT, COLON, Chunk, DIGIT, DOT, Digits, HASH, Run, STRANGE, class};

/// Longer texts are their own shape: they do not come in thousands.
const MOST: usize = 4096;
/// IP addresses that are told apart in one text; one with more is its own shape.
const MOST_IPS: usize = 9;

/// Longest run of letters and digits that may be known.
const LONGEST: usize = 64;
/// Words of which is remembered whether they are known.
const WORDS: usize = 4096;

/// Makes shapes, one at a time.
pub struct Shaper {
    tables: &'static Tables,
    kept: Arc<Kept>,
    /// Words lately met: whether they are known.
    words: Recent,
    /// Runs without gaps lately met.
    chunks: Chunks,
    /// Makes hashes of runs.
    exact: Seeded,
    scratch: String,
    out: Vec<u8>,
    /// How much of the text stands in the shape.
    copied: usize,
    /// Where the IP addresses stood in the text, in the order of their numbers
    /// in the shape.
    ips: Vec<Range<usize>>,
    /// Where they stand in the shape, each with its number.
    masked: Vec<(Range<usize>, usize)>,
    /// Runs of the text that look different in the shape; `None` where the text
    /// is its own shape.
    changed: Option<Vec<Range<usize>>>,
    frames: Frames,
    found: Vec<Chunk>,
}

/// Words that stay as they are.
struct Kept {
    /// Hashes of the words that the reply grammar and the host names of speakers
    /// are made of, and of all known words with digits.
    words: HashSet<u64, Itself>,
    /// Length of the longest known word with digits.
    longest: usize,
    /// Makes hashes of words.
    seed: Seeded,
}

/// What is known of the run without gaps that a word stands in.
struct Around<'c> {
    chunk: &'c Chunk,
    /// It is an address or a host.
    in_name: bool,
    in_address: bool,
    /// The part before the `@` of an address.
    local: Range<usize>,
    /// It may hold an IPv4 address.
    quad: bool,
}

impl Shaper {
    pub fn new(tables: &'static Tables) -> Shaper {
        Shaper::keeping(tables, Arc::new(Kept::of(tables)))
    }

    /// Another one that makes the same shapes.
    pub fn again(&self) -> Shaper {
        Shaper::keeping(self.tables, Arc::clone(&self.kept))
    }

    fn keeping(tables: &'static Tables, kept: Arc<Kept>) -> Shaper {
        Shaper {
            tables,
            kept,
            words: Recent::new(WORDS),
            chunks: Chunks::new(),
            exact: Seeded::default(),
            scratch: String::new(),
            out: Vec::new(),
            copied: 0,
            ips: Vec::new(),
            masked: Vec::new(),
            changed: None,
            frames: Frames::new(),
            found: Vec::new(),
        }
    }

    /// Looks whether `text` is like one of those of which [`Shaper::learn`] was
    /// told but for some runs in it. If so, [`Shaper::looks`] tells all that its
    /// shape depends on.
    pub fn resembles(&mut self, text: &str) -> bool {
        self.begin();
        let text = text.as_bytes();
        let mut found = std::mem::take(&mut self.found);
        let number = self.frames.find(text, &mut found);
        self.out.extend_from_slice(&number.unwrap_or_default().to_le_bytes());
        let resembles = number.is_some() && found.iter().all(|chunk| self.look(text, chunk));
        self.found = found;
        resembles
    }

    /// Two texts of which this is the same have the same shape.
    pub fn looks(&self) -> &[u8] {
        &self.out
    }

    /// Remembers what is the same in texts like the one whose shape was made
    /// last.
    pub fn learn(&mut self, text: &str) {
        if let Some(changed) = &self.changed {
            self.frames.keep(text.as_bytes(), changed);
        }
    }

    /// Makes the shape of `text`, to be read by [`Shaper::shape`].
    pub fn make(&mut self, text: &str) {
        self.begin();
        let text = text.as_bytes();
        if text.len() > MOST || !self.mask(text) {
            self.begin();
            self.changed = None;
        }
        self.out.extend_from_slice(&text[self.copied..]);
    }

    fn begin(&mut self) {
        self.out.clear();
        self.ips.clear();
        self.masked.clear();
        self.copied = 0;
        self.changed.get_or_insert_default().clear();
    }

    /// Masks what is masked; `false` where escapes or letters beyond ASCII have
    /// rules of their own.
    fn mask(&mut self, text: &[u8]) -> bool {
        let (mut from, mut chunked) = (0, 0);
        while let Some(at) = signs::next_mark(text, from) {
            let mark = class(text[at]);
            if mark & STRANGE != 0 {
                return false;
            }
            from = at + 1;
            // A full stop only ends a word.
            let ends = mark == DOT && text.get(from).is_none_or(|next| class(*next) == signs::GAP);
            if mark & (DIGIT | AT | DOT) == 0 || ends {
                continue;
            }
            let chunk = Chunk::around(text, chunked, at);
            (from, chunked) = (chunk.at.end, chunk.at.end);
            let copied = self.copied;
            if !self.plain_chunk(text, &chunk) {
                return false;
            }
            if self.copied > copied {
                self.changed.get_or_insert_default().push(chunk.at);
            }
        }
        true
    }

    /// As [`Shaper::chunk`]; `false` where the text is its own shape.
    #[inline(always)]
    fn plain_chunk(&mut self, text: &[u8], chunk: &Chunk) -> bool {
        let entity = chunk.has & HASH != 0 && holds_entity(&text[chunk.at.clone()]);
        if chunk.has & STRANGE != 0 || entity || chunk.at.len() > LONGEST_CHUNK {
            return false;
        }
        self.chunk(text, chunk);
        self.ips.len() <= MOST_IPS
    }

    /// Appends what a run looks like in a shape, as [`Shaper::mask`] does.
    fn look(&mut self, text: &[u8], chunk: &Chunk) -> bool {
        self.copied = chunk.at.start;
        let is_plain = chunk.has & (DIGIT | AT | STRANGE) == 0 && !(chunk.has & DOT != 0 && chunk.goes_on_behind_dot(text));
        let looks = is_plain || self.plain_chunk(text, chunk);
        self.out.extend_from_slice(&text[self.copied..chunk.at.end]);
        self.out.push(b' ');
        looks
    }

    /// The shape made last.
    pub fn shape(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap_or("")
    }

    /// The number of the IP address that stands at a place of the shape made
    /// last, if it was masked.
    pub fn number_of(&self, place: &Range<usize>) -> Option<usize> {
        self.masked.iter().find(|(masked, _)| masked == place).map(|(_, number)| *number)
    }

    /// The IP address of the text last shaped that has a number in its shape.
    pub fn address<'t>(&self, text: &'t str, number: usize) -> Option<&'t str> {
        text.get(self.ips.get(number)?.clone())
    }

    /// A run without gaps that holds digits, a host or an address. What it
    /// looks like depends on nothing else but the addresses before it.
    fn chunk(&mut self, text: &[u8], chunk: &Chunk) {
        let at = &chunk.at;
        if chunk.has == DIGIT && at.len() <= 3 {
            return;
        }
        if chunk.has & AT != 0 {
            self.address_chunk(text, chunk);
        } else if chunk.has == DIGIT | DOT && address::ipv4_end(text, at, at.start) == Some(at.end) {
            self.ip(text, at.clone(), IPV4);
        } else if chunk.has & DIGIT != 0 && !chunk.joins && at.len() >= SHORTEST_ID {
            self.parts(text, chunk);
        } else {
            let hash = self.exact.exactly(&text[at.clone()]);
            self.remembered(text, at, hash, |shaper| shaper.parts(text, chunk));
        }
    }

    /// A run without gaps that holds an address: they hardly come again, but
    /// their domains do.
    fn address_chunk(&mut self, text: &[u8], chunk: &Chunk) {
        let at = chunk.at.clone();
        let sign = text[at.clone()].iter().position(|b| *b == b'@').map_or(at.end, |sign| at.start + sign);
        let domain = (sign + 1).min(at.end)..at.end;
        if chunk.has & COLON != 0 || text[domain.clone()].contains(&b'@') || holds_quad(text, chunk) {
            return self.parts(text, chunk);
        }
        let around = Around { local: local_part(text, &at), chunk, in_name: true, in_address: true, quad: false };
        self.runs(text, at.start..sign, &around);
        // Not what the same bytes are outside an address.
        let hash = !self.exact.exactly(&text[domain.clone()]);
        self.remembered(text, &domain, hash, |shaper| shaper.runs(text, domain.clone(), &around));
    }

    /// A part of the text whose look is told by the hash of its bytes; `mask`
    /// masks it where that was not seen lately.
    fn remembered(&mut self, text: &[u8], at: &Range<usize>, hash: u64, mask: impl FnOnce(&mut Shaper)) {
        match self.chunks.get(hash) {
            Some(Look::Same) => return,
            Some(Look::Other(shape)) => {
                self.out.extend_from_slice(&text[self.copied..at.start]);
                self.out.extend_from_slice(shape);
                self.copied = at.end;
                return;
            }
            None => {}
        }
        let (copied, ips) = (self.copied, self.masked.len());
        let begins = self.out.len() + (at.start - copied);
        mask(self);
        if self.copied == copied {
            return self.chunks.keep(hash, Look::Same);
        }
        self.out.extend_from_slice(&text[self.copied..at.end]);
        self.copied = at.end;
        if self.masked.len() == ips {
            self.chunks.keep(hash, Look::Other(&self.out[begins..]));
        }
    }

    /// What a run without gaps is made of.
    fn parts(&mut self, text: &[u8], chunk: &Chunk) {
        if chunk.has & COLON != 0 && self.colons(text, &chunk.at) {
            return;
        }
        let in_address = chunk.has & AT != 0;
        let in_name = in_address || chunk.joins;
        if !in_name && chunk.has & DIGIT == 0 {
            return;
        }
        let local = if in_address { local_part(text, &chunk.at) } else { 0..0 };
        let quad = holds_quad(text, chunk);
        self.runs(text, chunk.at.clone(), &Around { chunk, in_name, in_address, local, quad });
    }

    /// The runs of letters and digits in a part of a chunk.
    fn runs(&mut self, text: &[u8], part: Range<usize>, around: &Around<'_>) {
        let (mut at, mut chained) = (part.start, false);
        while let Some(run) = around.chunk.run(text, at..part.end) {
            // What hangs on an id by a dot, dash or colon is part of it.
            chained &= match &text[at..run.at.start] {
                [] => true,
                [sign] => matches!(sign, b'.' | b'-' | b':'),
                _ => false,
            };
            let start = run.at.start;
            if around.quad
                && let Some(end) = address::ipv4_end(text, &around.chunk.at, start)
            {
                self.ip(text, start..end, IPV4);
                at = end;
            } else {
                at = run.at.end;
                chained = self.run(text, &run, chained, around);
            }
        }
    }

    /// One run of letters and digits; tells whether it is part of an id. It may
    /// hang on one.
    fn run(&mut self, text: &[u8], run: &Run, chained: bool, around: &Around<'_>) -> bool {
        let masked = self.is_masked(text, run, chained, around);
        if masked {
            let in_local = around.local.contains(&run.at.start);
            self.put(text, &run.at, mask(&text[run.at.clone()], run.digits, in_local));
        }
        masked && run.digits != Digits::None
    }

    fn is_masked(&mut self, text: &[u8], run: &Run, chained: bool, around: &Around<'_>) -> bool {
        let word = &text[run.at.clone()];
        let before = run.at.start.checked_sub(1).map_or(b' ', |n| text[n]);
        let after = text.get(run.at.end).copied().unwrap_or(b' ');
        if before == b'\'' || after == b'\'' {
            // Part of a word: "don't".
            false
        } else if before == b'#' && word[0] == b'0' {
            // An escape, with what follows it: `#012550`.
            false
        } else if around.quad && (before == b'.' || after == b'.') {
            // Makes an IP address, or does not, in a link.
            false
        } else if run.digits == Digits::All && word.len() <= 3 {
            let joined = chained || around.in_name && hangs(text, run, around) && !self.is_known(word, run.digits);
            joined && !may_be_code(word, before, after)
        } else if run.digits != Digits::All && is_ip_part(word) && (before == b'.' || after == b'.') {
            // Part of an address that was masked: `203.0.x.xx`.
            false
        } else if before == b'.' && matches!(word[0], b'x' | b'X') {
            // Goes on where a number ends: `2.0.2.xl`.
            false
        } else if run.digits == Digits::None && word.len() == 1 {
            // An initial in an address; hosts may be of letters for digits.
            let initial = around.in_address && after != b'-' && !matches!(word[0], b'x' | b'X');
            initial && (!self.is_known(word, Digits::None) || self.begins_name(text, run, around))
        } else {
            (run.digits != Digits::None || around.in_name || chained) && !self.is_known(word, run.digits)
        }
    }

    /// A name that nobody knows follows in the same local part.
    fn begins_name(&mut self, text: &[u8], run: &Run, around: &Around<'_>) -> bool {
        let behind = (run.at.end + 1).min(around.chunk.at.end);
        let next = around.chunk.run(text, behind..around.chunk.at.end);
        let next = next.filter(|next| next.at.start == behind && around.local.contains(&behind));
        next.is_some_and(|next| !self.is_known(&text[next.at], next.digits))
    }

    #[inline(always)]
    fn is_known(&mut self, word: &[u8], digits: Digits) -> bool {
        // No word of the catalogue is longer; one that tells what a number is may
        // end a run of any length.
        if word.len() >= LONGEST {
            return reply::tells_numbers(word);
        }
        // Ids are many and words with digits few.
        if digits != Digits::None {
            return word.len() <= self.kept.longest && self.kept.has(self.kept.hash(word)) || reply::tells_numbers(word);
        }
        let hash = self.kept.hash(word);
        if let Some(known) = self.words.get(hash) {
            return known;
        }
        let known = self.kept.has(hash) || reply::tells_numbers(word) || self.is_catalogued(word);
        self.words.keep(hash, known);
        known
    }

    fn is_catalogued(&mut self, word: &[u8]) -> bool {
        let folded = std::str::from_utf8(word).map(|word| words::folded(word, &mut self.scratch));
        folded.is_ok_and(|word| self.tables.word(word) != NO_WORD)
    }

    /// Puts a mask for a part of the text into the shape, behind all that comes
    /// before it.
    #[inline(always)]
    fn put(&mut self, text: &[u8], at: &Range<usize>, mask: &[u8]) {
        self.out.extend_from_slice(&text[self.copied..at.start]);
        self.out.extend_from_slice(mask);
        self.copied = at.end;
    }

    fn ip(&mut self, text: &[u8], at: Range<usize>, mask: &str) {
        // Answers of blocklists are addresses with a meaning.
        if text[at.clone()].starts_with(b"127.") {
            return;
        }
        let known = self.ips.iter().position(|ip| text[ip.clone()] == text[at.clone()]);
        let number = known.unwrap_or(self.ips.len());
        self.put(text, &at, mask.as_bytes());
        self.out.push(b'1' + number.min(MOST_IPS) as u8);
        self.masked.push((self.out.len() - mask.len() - 1..self.out.len(), number));
        if known.is_none() {
            self.ips.push(at);
        }
    }

    /// A run with colons: an IPv6 address, what may hold one and is left as it
    /// is, or a time; `false` where it is none of them.
    fn colons(&mut self, text: &[u8], at: &Range<usize>) -> bool {
        let run = &text[at.clone()];
        if !address::may_hold_ipv6(run) {
            let clock = is_clock(run);
            if clock {
                self.put(text, at, b"00:00:00");
            }
            return clock;
        }
        let found = address::ipv6_at_end(run).filter(|ip| !self.has_words(&run[ip.clone()]));
        if let Some(ip) = found {
            let (start, end) = (at.start + ip.start, at.start + ip.end);
            self.parts(text, &Chunk::at(text, at.start, start));
            self.ip(text, start..end, IPV6);
        }
        true
    }

    /// An IPv6 address may be spelled with words: `2001:db8::bad`.
    fn has_words(&mut self, address: &[u8]) -> bool {
        let mut parts = address.split(|b| *b == b':');
        parts.any(|part| part.iter().all(u8::is_ascii_alphabetic) && !part.is_empty() && self.is_known(part, Digits::None))
    }
}

impl Kept {
    fn of(tables: &'static Tables) -> Kept {
        let mut kept = Kept { words: HashSet::default(), longest: 0, seed: Seeded::default() };
        let hosts = tables.speakers.iter().flat_map(|s| tables.strs(s.hosts));
        let labels = hosts.chain(reply::grammar_words()).flat_map(|h| h.split(|c: char| !c.is_ascii_alphanumeric()));
        labels.filter(|word| !word.is_empty()).for_each(|word| kept.add(word));
        tables.words().filter(|word| has_digit(word)).for_each(|word| kept.add(word));
        kept
    }

    fn add(&mut self, word: &str) {
        self.words.insert(self.hash(word.as_bytes()));
        if has_digit(word) {
            self.longest = self.longest.max(word.len());
        }
    }

    fn hash(&self, word: &[u8]) -> u64 {
        self.seed.ignoring_case(word)
    }

    fn has(&self, hash: u64) -> bool {
        self.words.contains(&hash)
    }
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// Bytes of a run without gaps; the reply grammar reads no longer ones whole.
const LONGEST_CHUNK: usize = 255;
/// Bytes of a run with digits that is no name, from which on most are ids and do
/// not come again.
const SHORTEST_ID: usize = 12;

/// `&#39;` stands for a sign that glues what is beside it.
fn holds_entity(run: &[u8]) -> bool {
    run.windows(2).any(|two| two == b"&#")
}

#[inline(always)]
fn holds_quad(text: &[u8], chunk: &Chunk) -> bool {
    chunk.may_hold_quad() && address::holds_quad(&text[chunk.at.clone()])
}

/// The part before the first `@` of a run that the cutter takes for a name:
/// something follows, and no colon ends it.
fn local_part(text: &[u8], chunk: &Range<usize>) -> Range<usize> {
    let run = &text[chunk.clone()];
    let at = run.iter().position(|b| *b == b'@').unwrap_or(0);
    let is_name = run.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    let start = run[..at].iter().rposition(|b| *b == b':').map_or(0, |colon| colon + 1);
    if is_name { chunk.start + start..chunk.start + at } else { 0..0 }
}

/// Addresses of documentation, to which their number is added.
const IPV4: &str = "192.0.2.";
const IPV6: &str = "2001:db8::";

/// A run that nobody knows, of the same kind: hosts end in letters of one case,
/// which the local parts of addresses do not.
fn mask(run: &[u8], digits: Digits, in_local: bool) -> &'static [u8] {
    if digits == Digits::All {
        if run.len() <= 3 { b"00" } else { b"9999" }
    } else if run[0].is_ascii_digit() {
        // A number in front may be a decimal one.
        b"0z"
    } else if in_local {
        b"zq"
    } else if run.len() == 1 {
        b"z"
    } else if digits == Digits::Some {
        b"z0"
    } else if run.iter().all(u8::is_ascii_lowercase) {
        b"zq"
    } else if run.iter().all(u8::is_ascii_uppercase) {
        b"ZQ"
    } else {
        b"Zq"
    }
}

/// Up to three digits, of which some are an `x`.
fn is_ip_part(run: &[u8]) -> bool {
    run.len() <= 3 && run.iter().all(|b| b.is_ascii_digit() || matches!(b, b'x' | b'X'))
}

/// Whether a short number may be a reply code or begin an enhanced one, for all
/// that the id before it tells.
fn may_be_code(run: &[u8], before: u8, after: u8) -> bool {
    run.len() == 3 && before == b':' || run.len() == 1 && after == b'.'
}

/// A short number in a name that a sign joins to what stands before it, so that
/// it is neither a code, a part of one, nor one of several joined by dots.
fn hangs(text: &[u8], run: &Run, around: &Around<'_>) -> bool {
    let chunk = &around.chunk.at;
    let Some(two) = run.at.start.checked_sub(2).filter(|two| *two >= chunk.start) else { return false };
    let joined = match text[two + 1] {
        b'-' | b'_' => text[two].is_ascii_alphanumeric(),
        b'.' => text[two].is_ascii_alphabetic() && !matches!(text[two], b'x' | b'X'),
        b'+' => around.local.contains(&run.at.start) && text[two].is_ascii_alphanumeric(),
        _ => false,
    };
    let behind = &text[run.at.end..chunk.end];
    let goes_on = behind.first() == Some(&b'.') && behind.get(1).is_some_and(u8::is_ascii_digit);
    let again = run.at.len() == 3 && text[..two + 1].ends_with(&text[run.at.clone()]);
    joined && !goes_on && !again
}

/// `00:04:38`.
fn is_clock(word: &[u8]) -> bool {
    word.len() == 8 && word.iter().enumerate().all(|(n, b)| if n % 3 == 2 { *b == b':' } else { b.is_ascii_digit() })
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
            "550-5.1.1 <zq.zq@zq.example>: mailbox of 10 users is full z0-0z - gsmtp"
        );
        assert_eq!(shape("452 over quota, id 8254711"), "452 over quota, id 9999");
        assert_eq!(shape("550 ticket #8254711 and #0123456"), "550 ticket #9999 and #0123456");
        assert_eq!(shape("550 no such user zorglub"), "550 no such user zorglub");
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
        let shape = shaper.shape().to_string();
        let original = |ip: &str| {
            let at = shape.rfind(ip).unwrap();
            shaper.address(text, shaper.number_of(&(at..at + ip.len()))?)
        };
        assert_eq!((original("192.0.2.1"), original("2001:db8::2")), (Some("198.51.100.7"), Some("2001:db8:1::9")));
        assert_eq!((original("2.0.2.1"), original("blocked")), (None, None));
    }

    #[test]
    fn what_is_escaped_or_not_ascii_is_its_own_shape() {
        for text in [r"550 \303\256 a1b2", "550 用户a1b2@x.example", "550 5.7.1.1.2 v1:2", "1.2.3.4.5 10.0.0.256"] {
            assert_eq!(shape(text).len(), shape(&shape(text)).len(), "{text}");
        }
        assert_eq!(shape(r"550 \303\256 a1b2"), r"550 \303\256 a1b2");
    }

    #[test]
    fn what_tells_a_number_stays_at_the_end_of_a_long_run() {
        for word in ["T0code", "Tsaid"] {
            let text = format!("250 x.{}{word} 550", "T".repeat(LONGEST));
            assert_eq!(shape(&text), text);
        }
    }

    #[test]
    fn masks_are_no_words_of_the_catalogue() {
        let tables = Catalogue::built_in().tables;
        for mask in ["00", "9999", "z0", "0z", "zq"] {
            assert_eq!(tables.word(mask), NO_WORD, "{mask}");
        }
        let ascii = tables.words().filter(|w| w.is_ascii());
        assert!(ascii.map(str::len).max().unwrap() < LONGEST);
    }
}
