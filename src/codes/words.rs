//! Cuts text into words and things (addresses, hosts, URLs, IP addresses).
//!
//! Phrases of the catalogue and replies of servers go through the same cutter,
//! so what an author types matches what a server prints whatever its case,
//! punctuation, quoting, accents or plural. This module must not know phrases,
//! codes or meanings.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What a [`Token`] is. All but `Word` are heads: they stand for one thing and
/// are followed by the words inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    Ip,
    Addr,
    Host,
    Url,
    Path,
}

/// A word, or the head of a thing that is followed by its `inner` words.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    /// Word number given by the lookup; 0 for heads and unknown words.
    pub word: u16,
    /// For heads: how many of the next tokens lie inside.
    pub inner: u16,
    /// The token lies inside a thing.
    pub inside: bool,
    /// Clauses are counted from 0; a full stop, a semicolon or a field of JSON
    /// begins the next.
    pub clause: u16,
    /// What a comma, a colon or a dash sets off is a part; the first word of a
    /// clause begins one, too.
    pub part: u16,
    /// Byte range in the text.
    pub start: u32,
    pub end: u32,
}

/// Numbers of the reply itself: they carry no words and are passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed<'a> {
    pub code: Option<u16>,
    pub enhanced: Option<&'a str>,
}

/// Cuts `text` and appends its tokens to `out`. `lookup` turns a word (lower
/// case, without accents or plural) into its number.
pub fn cut(text: &str, passed: Passed<'_>, out: &mut Vec<Token>, lookup: &mut dyn FnMut(&str) -> u16) {
    let mut cutter = Cutter { text, passed, out, lookup, clause: 0, part: 0, scratch: String::new() };
    cutter.run();
}

struct Cutter<'t, 'o> {
    text: &'t str,
    passed: Passed<'t>,
    out: &'o mut Vec<Token>,
    lookup: &'o mut dyn FnMut(&str) -> u16,
    clause: u16,
    part: u16,
    scratch: String,
}

impl Cutter<'_, '_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(c) = char_at(self.text, at) {
            if is_gap(c) {
                self.end_clause_at(at, c);
                at += c.len_utf8();
                continue;
            }
            let end = if starts_url(&self.text[at..]) { self.url_end(at) } else { self.chunk_end(at) };
            self.chunk(at, end);
            at = end;
        }
    }

    fn end_clause_at(&mut self, at: usize, c: char) {
        let blank_line = c == '\n' && self.text[at + 1..].starts_with('\n');
        if matches!(c, ';' | '。' | '！' | '；' | '？' | '．') || blank_line || c == ',' && self.parts_fields(at) {
            self.end_clause();
        } else if matches!(c, ',' | '，' | '：') {
            self.end_part();
        }
    }

    /// The comma stands between two fields of JSON: `"a":"b","c":"d"`.
    fn parts_fields(&self, comma: usize) -> bool {
        self.text[..comma].ends_with('"') && self.text[comma + 1..].trim_start_matches(' ').starts_with('"')
    }

    fn end_clause(&mut self) {
        self.clause = self.clause.saturating_add(1);
        self.end_part();
    }

    fn end_part(&mut self) {
        self.part = self.part.saturating_add(1);
    }

    fn url_end(&self, at: usize) -> usize {
        let stop = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`|\\)]}".contains(c);
        let end = self.text[at..].find(stop).map_or(self.text.len(), |n| at + n);
        let url = self.text[at..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        at + url.len()
    }

    /// A chunk ends at a gap, and where signs of a script without spaces meet
    /// others: `用户user@example.com不存在`.
    fn chunk_end(&self, at: usize) -> usize {
        // Plain letters, as most are, belong to no such script.
        let plain = self.text.as_bytes()[at..].iter().position(|b| !b.is_ascii() || GAPS[*b as usize]);
        let Some(plain) = plain else { return self.text.len() };
        if self.text.as_bytes()[at + plain].is_ascii() {
            return at + plain;
        }
        let mut script = None;
        for (n, c) in self.text[at..].char_indices() {
            let own = is_ideograph(c);
            if is_gap(c) || script.is_some_and(|s| s != own) {
                return at + n;
            }
            script = Some(own);
        }
        self.text.len()
    }

    /// A run without gaps: one thing, or words.
    fn chunk(&mut self, start: usize, end: usize) {
        let chunk = &self.text[start..end];
        if chunk.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric) {
            return self.body(start, end);
        }
        let body = chunk.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ':');
        let body = body.trim_end_matches(|c: char| !c.is_alphanumeric() && !body.ends_with("::"));
        self.body(start, start + body.len());
        let tail = &chunk[body.len()..];
        let closes = matches!(tail.trim_end_matches(['\'', '’']), "." | "!" | "?" | ".." | "!!");
        if closes && !body.is_empty() {
            self.end_clause();
        } else if tail.ends_with(':') || body.is_empty() && tail.starts_with(['-', '–', '—']) {
            self.end_part();
        }
    }

    fn body(&mut self, start: usize, end: usize) {
        if end > start && self.text.as_bytes()[start..end].iter().all(u8::is_ascii_alphabetic) {
            return self.word(start, end, false);
        }
        let mut rest = Some(start);
        while let Some(start) = rest {
            rest = self.part(start, end);
        }
    }

    /// Takes one thing, or the words up to a sign; gives where the rest begins.
    fn part(&mut self, start: usize, end: usize) -> Option<usize> {
        let start = start + self.text[start..end].find(|c: char| c.is_alphanumeric() || c == '/' || c == ':')?;
        let body = &self.text[start..end];
        if self.is_passed(body) {
            return None;
        }
        if let Some(rest) = self.continuation(body) {
            return Some(start + rest);
        }
        if let Some(kind) = thing(body) {
            self.thing(kind, start, end);
            return None;
        }
        let is_sign = |b| matches!(b, b':' | b'/' | b'%' | b'#' | b'+' | b'&' | b'~' | b'$' | b'\\' | b'?');
        let Some(sign) = body.bytes().position(is_sign) else {
            self.words(start, end, false);
            return None;
        };
        if sign > 0 {
            self.body(start, start + sign);
        }
        Some(start + sign + 1)
    }

    /// `550` or `5.7.1` where these are the reply's own numbers.
    fn is_passed(&self, body: &str) -> bool {
        let code = || body.len() == 3 && body.parse() == Ok(self.passed.code.unwrap_or(0));
        self.passed.enhanced == Some(body) || code()
    }

    /// Length of a continuation prefix such as `550-` or `550-5.7.1-`.
    fn continuation(&self, body: &str) -> Option<usize> {
        let code = self.passed.code?;
        (body.as_bytes().get(3) == Some(&b'-') && body.get(..3)?.parse() == Ok(code)).then_some(4)
    }

    fn thing(&mut self, kind: Kind, start: usize, end: usize) {
        let head = self.out.len();
        self.push(kind, 0, start, end, false);
        self.words(start, end, true);
        let inner = self.out.len() - head - 1;
        self.out[head].inner = u16::try_from(inner).unwrap_or(u16::MAX);
    }

    fn words(&mut self, start: usize, end: usize, inside: bool) {
        let mut at = start;
        while at < end {
            let rest = &self.text[at..end];
            let Some(skip) = rest.find(char::is_alphanumeric) else { return };
            at += skip;
            let len = word_len(&self.text[at..end]);
            self.word(at, at + len, inside);
            at += len;
        }
    }

    fn word(&mut self, start: usize, end: usize, inside: bool) {
        let raw = &self.text[start..end];
        let kind = if raw.bytes().all(|b| b.is_ascii_digit()) { Kind::Number } else { Kind::Word };
        let number = (self.lookup)(folded(raw, &mut self.scratch));
        self.push(kind, number, start, end, inside);
    }

    fn push(&mut self, kind: Kind, word: u16, start: usize, end: usize, inside: bool) {
        let (start, end) = (small(start), small(end));
        self.out.push(Token { kind, word, inner: 0, inside, clause: self.clause, part: self.part, start, end });
    }
}

/// A word as it is looked up: lower case, without accents or plural.
pub fn folded<'s>(word: &str, scratch: &'s mut String) -> &'s str {
    scratch.clear();
    fold_into(word, scratch);
    singular(scratch)
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The character that begins at a byte.
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at) {
        Some(b) if b.is_ascii() => Some(char::from(*b)),
        _ => text[at..].chars().next(),
    }
}

/// The gaps within ASCII.
const GAPS: [bool; 128] = {
    let mut table = [false; 128];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        let sign =
            matches!(c, b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'`' | b'|' | b',' | b';' | b'=' | b'*' | b'^');
        table[b] = sign || c <= b' ' || c == 127;
        b += 1;
    }
    table
};

fn is_gap(c: char) -> bool {
    if c.is_ascii() {
        return GAPS[c as usize];
    }
    match c {
        '：' | '？' | '．' | '【' | '】' | '《' | '》' | '『' | '』' | '〈' | '〉' => true,
        '“' | '”' | '„' | '«' | '»' | '‹' | '›' | '。' | '，' | '、' | '；' | '！' | '「' | '」' | '（' | '）' | '…' => {
            true
        }
        _ => c.is_whitespace() || c.is_control(),
    }
}

fn starts_url(rest: &str) -> bool {
    let head = rest.as_bytes();
    let scheme = |s: &str| head.len() > s.len() && head[..s.len()].eq_ignore_ascii_case(s.as_bytes());
    scheme("http://") || scheme("https://")
}

/// Length of the word at the start of `rest`: letters and digits, with
/// apostrophes between letters; `e-mail` is one word, a CJK sign is one.
fn word_len(rest: &str) -> usize {
    if rest.len() >= 6 && rest.as_bytes()[..6].eq_ignore_ascii_case(b"e-mail") {
        return 6 + word_len_plain(&rest[6..], true);
    }
    word_len_plain(rest, false)
}

fn word_len_plain(rest: &str, started: bool) -> usize {
    let plain = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
    if rest.as_bytes().get(plain).is_none_or(|b| b.is_ascii() && *b != b'\'') {
        return plain;
    }
    let mut len = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_ideograph(c) {
            return if len == 0 && !started { c.len_utf8() } else { len };
        }
        let apostrophe = matches!(c, '\'' | '’') && len > 0 && chars.peek().is_some_and(|(_, n)| n.is_alphabetic());
        if !c.is_alphanumeric() && !is_mark(c) && !apostrophe {
            break;
        }
        len = at + c.len_utf8();
    }
    len
}

/// Combining marks continue a word (decomposed accents, Devanagari vowels).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c7}' | '\u{64b}'..='\u{652}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}')
}

/// Signs of scripts written without spaces, each a word of its own.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// Lower case without accents, apostrophes and the dash of `e-mail`.
fn fold_into(raw: &str, out: &mut String) {
    if raw.is_ascii() {
        out.push_str(raw);
        out.make_ascii_lowercase();
        if !raw.bytes().all(|b| b.is_ascii_alphanumeric()) {
            out.retain(|c| c.is_ascii_alphanumeric());
        }
        return;
    }
    for c in raw.chars().flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' | '-' | '\u{300}'..='\u{36f}' => {}
            'ß' => out.push_str("ss"),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            _ => out.push(base_letter(c)),
        }
    }
}

/// The letter without its accent: Latin, Greek and the Cyrillic yo.
fn base_letter(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'ё' => 'е',
        other => other,
    }
}

/// Drops an English plural ending, so that "recipients" is "recipient".
fn singular(word: &str) -> &str {
    let ends = |tail: &str| word.ends_with(tail);
    if word.len() <= 3 || !ends("s") || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    let cut = if ends("sses") || ends("xes") || ends("ches") || ends("shes") {
        2
    } else if ends("ss") || ends("us") || ends("is") {
        0
    } else {
        1
    };
    &word[..word.len() - cut]
}

/// Bytes of the longest thing but a URL. Each part of a run of words and signs
/// is asked what it is together with all that follows it, which would take the
/// square of its length in time.
const LONGEST: usize = 1000;

fn thing(body: &str) -> Option<Kind> {
    if starts_url(body) {
        Some(Kind::Url)
    } else if body.len() > LONGEST {
        None
    } else if is_ip(body) {
        Some(Kind::Ip)
    } else if is_path(body) {
        Some(Kind::Path)
    } else if is_addr(body) {
        Some(Kind::Addr)
    } else if is_dotted_number(body) {
        Some(Kind::Number)
    } else if is_host(body) {
        Some(Kind::Host)
    } else {
        None
    }
}

/// Bytes of an IPv6 address in full, its mark in front and IPv4 behind.
const LONGEST_IP: usize = 60;

/// An IPv4 or IPv6 address, also one that was masked (`203.0.x.xx`).
fn is_ip(body: &str) -> bool {
    let first = body.as_bytes()[0];
    if body.len() > LONGEST_IP
        || !(first.is_ascii_hexdigit() || first == b':' || first == b'x' || first == b'X' || first == b'I' || first == b'i')
    {
        return false;
    }
    let bare = body.strip_prefix("IPv6:").or_else(|| body.strip_prefix("ipv6:")).unwrap_or(body);
    if bare.contains(':') {
        return bare.len() > 2 && bare.matches(':').count() > 1 && bare.parse::<Ipv6Addr>().is_ok();
    }
    bare.parse::<Ipv4Addr>().is_ok() || is_masked_ip(bare)
}

fn is_masked_ip(body: &str) -> bool {
    let part = |p: &str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit() || b == b'x' || b == b'X');
    body.contains(['x', 'X']) && body.split('.').count() == 4 && body.split('.').all(part)
}

fn is_path(body: &str) -> bool {
    body.len() > 2 && body.starts_with('/') && body[1..].contains('/') && body.bytes().any(|b| b.is_ascii_alphabetic())
}

fn is_addr(body: &str) -> bool {
    let Some(at) = body.find('@') else { return false };
    let local = &body[..at];
    let local = local.rsplit(':').next().unwrap_or(local);
    !local.is_empty() && body[at + 1..].starts_with(|c: char| c.is_alphanumeric()) && body.len() == local.len() + body.len() - at
}

fn is_dotted_number(body: &str) -> bool {
    body.contains('.') && body.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Two or more labels, the last of letters in one case: `mx.example.com`, but
/// not the glued sentences in `later.Please`.
fn is_host(body: &str) -> bool {
    let Some(dot) = body.rfind('.') else { return false };
    let last = &body[dot + 1..];
    let letters = |f: fn(&u8) -> bool| last.len() >= 2 && last.bytes().all(|b| f(&b));
    let top = letters(u8::is_ascii_lowercase) || letters(u8::is_ascii_uppercase) || last.starts_with("xn--");
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b >= 0x80);
    top && body.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let mut out = Vec::new();
        cut(text, Passed::default(), &mut out, &mut |w| {
            seen.push(w.to_string());
            u16::try_from(seen.len()).unwrap()
        });
        out.iter().map(|t| if t.word > 0 { seen[t.word as usize - 1].clone() } else { format!("{:?}", t.kind) }).collect()
    }

    #[test]
    fn case_quotes_plural_accents_and_apostrophes_do_not_matter() {
        assert_eq!(words("User's \"Mailboxes\" doesn't exist"), ["user", "mailbox", "doesnt", "exist"]);
        assert_eq!(words("Boîte pleine e-mail"), ["boite", "pleine", "email"]);
        assert_eq!(words("addresses status access"), ["address", "status", "access"]);
    }

    #[test]
    fn things_are_heads_followed_by_their_words() {
        assert_eq!(words("<a.b@example.com> [192.0.2.1]"), ["Addr", "a", "b", "example", "com", "Ip", "192", "0", "2", "1"]);
        assert_eq!(words("see https://example.com/?p=NoSuchUser."), ["see", "Url", "http", "example", "com", "p", "nosuchuser"]);
        assert_eq!(words("[IPv6:2001:db8::1]")[0], "Ip");
        assert_eq!(words("x.xx.xx.xx")[0], "Ip");
        assert_eq!(words("/var/mail/full")[0], "Path");
    }

    #[test]
    fn glued_sentences_are_not_hosts() {
        assert_eq!(words("later.Please retry"), ["later", "please", "retry"]);
        assert_eq!(words("mx.example.com:25")[0], "Host");
    }

    #[test]
    fn ideographs_are_words_of_their_own() {
        assert_eq!(words("用户不存在"), ["用", "户", "不", "存", "在"]);
        assert_eq!(words("用户a@example.com不存在：no")[..3], ["用", "户", "Addr"]);
        assert_eq!(words("用户a@example.com不存在：no")[6..], ["不", "存", "在", "no"]);
    }

    #[test]
    fn commas_colons_and_dashes_set_parts_off() {
        let mut out = Vec::new();
        cut("not here, but there: a - b c-d", Passed::default(), &mut out, &mut |_| 1);
        let parts: Vec<u16> = out.iter().filter(|t| !t.inside && t.kind == Kind::Word).map(|t| t.part).collect();
        assert_eq!(parts, [0, 0, 1, 1, 2, 3, 3, 3]);
    }

    #[test]
    fn a_full_stop_or_semicolon_ends_the_clause_but_dots_do_not() {
        let mut out = Vec::new();
        cut("<a@example.com>... User unknown. Bye; now", Passed::default(), &mut out, &mut |_| 1);
        let clauses: Vec<u16> = out.iter().filter(|t| !t.inside && t.kind == Kind::Word).map(|t| t.clause).collect();
        assert_eq!(clauses, [0, 0, 1, 2]);
    }

    #[test]
    fn the_replys_own_numbers_are_passed_over() {
        let mut out = Vec::new();
        let passed = Passed { code: Some(550), enhanced: Some("5.7.1") };
        let mut seen = Vec::new();
        cut("550-5.7.1 a\n550-5.7.1 b 550 5.7.1 c (#5.7.1)", passed, &mut out, &mut |w| {
            seen.push(w.to_string());
            1
        });
        assert_eq!(seen, ["a", "b", "c"]);
    }
}
