//! Masks what must not be shown of pasted transcripts and dumps: passwords
//! and what encodes them. It must not know replies.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr2_iter, memmem};

use crate::input::find::find;

const MASK: &str = "***";

/// The line without credentials: arguments of AUTH, base64 lines of a marked
/// login dialogue, `Authorization:` headers, passwords in commands and dumps.
pub fn credentials(line: &str) -> Cow<'_, str> {
    let signs = Signs::of(line.as_bytes());
    if !(signs.dialogue || signs.name || signs.argument || signs.address) {
        return Cow::Borrowed(line);
    }
    let mut secrets = Vec::new();
    if signs.dialogue {
        dialogue(line, &mut secrets);
    }
    if signs.name {
        auth_arguments(line, &mut secrets);
        authorization(line, &mut secrets);
        fields(line, &mut secrets);
    }
    if signs.argument {
        arguments(line, &mut secrets);
    }
    if signs.address {
        address(line, &mut secrets);
    }
    masked(line, secrets)
}

/// What in a line may lead to secrets, found in one pass: few texts have any.
#[derive(Default)]
struct Signs {
    /// A mark of a dialogue: `> `, `C: `, `SERVER: `, `send: `, `<-`.
    dialogue: bool,
    /// A word that all names of secrets begin with.
    name: bool,
    /// `.login(`, or an option.
    argument: bool,
    /// `:/`
    address: bool,
}

impl Signs {
    fn of(bytes: &[u8]) -> Signs {
        let mut signs = Signs::default();
        let mut begun = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if begun & GOES_ON[*byte as usize] != 0 {
                signs.note(bytes, at - 1);
            }
            begun = BEGINS[*byte as usize];
        }
        signs
    }

    /// Notes the sign that may begin at a place, with another byte behind it.
    fn note(&mut self, bytes: &[u8], at: usize) {
        const OPTIONS: [&[u8]; 5] = [b"--auth-password", b"-ap ", b"-xp ", b"--user ", b"-u "];
        let next = bytes[at + 1];
        let last = at.checked_sub(1).map_or(0, |before| bytes[before]);
        match bytes[at] {
            b'>' | b'<' => self.dialogue = true,
            b':' => {
                self.dialogue |= next == b' ' && (matches!(last, b'C' | b'R') || at == "send".len());
                self.address |= next == b'/';
            }
            b'-' => self.argument |= OPTIONS.iter().any(|option| bytes[at..].starts_with(option)),
            b'n' => self.argument = true,
            _ => self.name |= !last.is_ascii_alphanumeric() && names_secret(&bytes[at..]),
        }
    }
}

/// Two bytes that [`Signs`] begin with, the first and the second: a bit for
/// each first one.
const PAIRS: [(&[u8], &[u8]); 8] =
    [(b">", b" "), (b"<", b"-"), (b":", b" /"), (b"-", b"-aux"), (b"n", b"("), (b"aA", b"uUpPcC"), (b"pP", b"aAwW"), (b"sS", b"eE")];

/// The pairs that a byte begins, and those that it ends.
const BEGINS: [u8; 256] = in_pairs(true);
const GOES_ON: [u8; 256] = in_pairs(false);

const fn in_pairs(first: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut pair = 0;
    while pair < PAIRS.len() {
        let bytes = if first { PAIRS[pair].0 } else { PAIRS[pair].1 };
        let mut at = 0;
        while at < bytes.len() {
            table[bytes[at] as usize] |= 1 << pair;
            at += 1;
        }
        pair += 1;
    }
    table
}

/// How names of secrets begin.
const STARTS: [&str; 8] = ["auth ", "authorization", "pass", "pwd", "secret", "api_key", "apikey", "access_token"];

fn names_secret(word: &[u8]) -> bool {
    let second = word.get(1).map_or(0, u8::to_ascii_lowercase);
    let begins = |s: &str| word.get(..s.len()).is_some_and(|w| w.eq_ignore_ascii_case(s.as_bytes()));
    STARTS.iter().any(|s| s.as_bytes()[1] == second && begins(s))
}

/// Masks line by line; knows that what follows a 334 is a secret even where
/// lines carry no marks.
#[derive(Default)]
pub struct Transcript {
    challenged: bool,
}

impl Transcript {
    pub fn mask<'l>(&mut self, line: &'l str) -> Cow<'l, str> {
        let bare = line.trim();
        let secret = std::mem::take(&mut self.challenged) && is_base64(bare) && !is_number(bare);
        self.challenged = bare.split(' ').any(|word| word == "334");
        if secret { Cow::Owned(line.replacen(bare, MASK, 1)) } else { credentials(line) }
    }
}

/// Offsets right behind each `mark`.
fn behind<'l>(line: &'l str, mark: &'l str) -> impl Iterator<Item = usize> + 'l {
    memmem::find_iter(line.as_bytes(), mark.as_bytes()).map(|at| at + mark.len())
}

type Secrets = Vec<(usize, usize)>;

fn masked(line: &str, mut secrets: Secrets) -> Cow<'_, str> {
    secrets.retain(|(start, end)| start < end);
    if secrets.is_empty() {
        return Cow::Borrowed(line);
    }
    secrets.sort_unstable();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    for (start, end) in secrets {
        if start >= at {
            out.push_str(&line[at..start]);
            out.push_str(MASK);
        }
        at = at.max(end);
    }
    out.push_str(&line[at..]);
    Cow::Owned(out)
}

/// Offsets at which `word` stands, whatever its case, not within a word.
fn standing<'l>(line: &'l str, word: &'l str) -> impl Iterator<Item = usize> + 'l {
    let (bytes, word) = (line.as_bytes(), word.as_bytes());
    let places = &bytes[..(bytes.len() + 1).saturating_sub(word.len())];
    memchr2_iter(word[0].to_ascii_lowercase(), word[0].to_ascii_uppercase(), places).filter(move |at| {
        let free = *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        free && bytes[*at..at + word.len()].eq_ignore_ascii_case(word)
    })
}

fn is_base64(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

fn is_number(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Where the word at `from` ends.
fn word_end(line: &str, from: usize) -> usize {
    let end = line[from..].find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | ')' | '\\' | '<'));
    end.map_or(line.len(), |n| from + n)
}

/// `AUTH PLAIN AGFsaWNl…`; a list of mechanisms is none.
fn auth_arguments(line: &str, secrets: &mut Secrets) {
    for at in standing(line, "AUTH ") {
        let mechanism = at + "AUTH ".len();
        let end = word_end(line, mechanism);
        let Some(argument) = line[end..].strip_prefix(' ').map(|_| end + 1) else { continue };
        let end = word_end(line, argument);
        if is_secret(&line[argument..end]) {
            secrets.push((argument, end));
        }
    }
}

/// Words of prose are lower-case, mechanisms upper-case; base64 mixes.
fn is_secret(word: &str) -> bool {
    const MECHANISMS: [&str; 9] = ["PLAIN", "LOGIN", "XOAUTH2", "XOAUTH", "OAUTHBEARER", "NTLM", "GSSAPI", "EXTERNAL", "ANONYMOUS"];
    let lower = word.bytes().all(|b| b.is_ascii_lowercase());
    let title = word.bytes().skip(1).all(|b| b.is_ascii_lowercase());
    is_base64(word) && word.len() > 3 && !lower && !title && !MECHANISMS.contains(&word)
}

/// A client's line that is one base64 word: an answer to a 334.
fn dialogue(line: &str, secrets: &mut Secrets) {
    const MARKS: [&str; 9] = [" -> ", " ~> ", "> ", ">> ", ">>> ", "C: ", "CLIENT -> SERVER: ", "send: '", "<- \""];
    const VERBS: [&str; 6] = ["QUIT", "DATA", "RSET", "NOOP", "HELP", "STARTTLS"];
    let marked = MARKS.iter().find_map(|m| line.strip_prefix(m).map(|_| m.len()));
    let later = || ["CLIENT -> SERVER: ", ")>>> ", "] C: ", "] > "].iter().find_map(|m| find(line, m).map(|at| at + m.len()));
    let Some(start) = marked.or_else(later) else { return };
    let end = word_end(line, start);
    let alone = matches!(line[end..].trim_end(), "" | "\\r\\n'" | "\\r\\n\"" | "<br>");
    let word = &line[start..end];
    if alone && is_base64(word) && word.len() > 3 && word.len().is_multiple_of(4) && !VERBS.contains(&word.to_ascii_uppercase().as_str()) {
        secrets.push((start, end));
    }
}

/// `Authorization: Basic …`, `Bearer …`: all behind the scheme.
fn authorization(line: &str, secrets: &mut Secrets) {
    for name in ["Authorization:", "Authorization\":", "Authorization':"] {
        let mut scheme = 0;
        for at in standing(line, name) {
            let from = at + name.len();
            let start = from + line[from..].len() - line[from..].trim_start_matches([' ', '"', '\'']).len();
            if start <= scheme {
                // A name within the word that the name before it told.
                continue;
            }
            scheme = word_end(line, start);
            let next = scheme + line[scheme..].len() - line[scheme..].trim_start_matches(' ').len();
            let value = if next < line.len() && next > scheme { next } else { start };
            secrets.push((value, word_end(line, value)));
        }
    }
}

/// `password=x`, `pass: 'x'`, `"pass":"x"`, `[Password] => x`.
fn fields(line: &str, secrets: &mut Secrets) {
    const NAMES: [&str; 9] = ["password", "passwd", "passphrase", "pass", "pwd", "secret", "api_key", "apikey", "access_token"];
    for name in NAMES {
        let mut last = 0..0;
        for at in standing(line, name) {
            secrets.extend(value(line, at..at + name.len(), &mut last));
        }
    }
}

/// The value of a field whose name stands at `name`. Prose has words in front
/// of the name and no quotes behind it. `last` is the last value without
/// quotes; one within it ends where it ends.
fn value(line: &str, name: Range<usize>, last: &mut Range<usize>) -> Option<(usize, usize)> {
    let behind = line[name.end..].trim_start_matches(['"', '\'', ']', ' ']);
    let (sign, rest) = ["=>", "=", ":"].iter().find_map(|s| behind.strip_prefix(s).map(|rest| (*s, rest)))?;
    let rest = rest.trim_start_matches(' ');
    let start = line.len() - rest.len();
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inner = &rest[1..];
        let len = inner.find(quote).unwrap_or(inner.len());
        return Some((start + 1, start + 1 + len));
    }
    let before = line[..name.start].trim_end_matches(['"', '\'', '[', '$', '>', '-']).trim_end();
    let field = sign != ":" || before.is_empty() || before.ends_with(['{', ',', '(']);
    if !last.contains(&start) {
        let plain = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '}' | ')'));
        *last = start..start + plain.unwrap_or(rest.len());
    }
    field.then_some((start, last.end))
}

/// Passwords as arguments: `.login("x", "secret")`, `--auth-password secret`,
/// `-xp secret`, `--user name:secret`.
fn arguments(line: &str, secrets: &mut Secrets) {
    login(line, secrets);
    for option in ["--auth-password ", "-ap ", "-xp ", "--auth-password="] {
        let mut end = 0;
        for at in behind(line, option) {
            // An option within the secret of the one before it is part of it.
            if at > end {
                end = word_end(line, at);
                secrets.push((at, end));
            }
        }
    }
    for at in ["--user ", "-u "].iter().flat_map(|o| behind(line, o)) {
        let end = line[at..].find(char::is_whitespace).map_or(line.len(), |n| at + n);
        if let Some(colon) = line[at..end].find(':') {
            secrets.push((at + colon + 1, end));
        }
    }
}

/// `.login("x", "secret")`: all between the comma and the last bracket.
fn login(line: &str, secrets: &mut Secrets) {
    let end = line.rfind(')').map_or(0, |close| line[..close].trim_end().len());
    let mut comma = 0;
    for at in behind(line, ".login(") {
        if comma < at {
            let Some(next) = line[at..].find(',') else { return };
            comma = at + next;
            let rest = &line[comma + 1..];
            secrets.push((line.len() - rest.trim_start().len(), end));
        }
    }
}

/// `smtp://user:secret@host`.
fn address(line: &str, secrets: &mut Secrets) {
    for at in behind(line, "://") {
        let end = line[at..].find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'')).map_or(line.len(), |n| at + n);
        let Some((user, _)) = line[at..end].rsplit_once('@') else { continue };
        if let Some(colon) = user.find(':') {
            secrets.push((at + colon + 1, at + user.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_auth_are_masked() {
        for (line, masked) in [
            (" -> AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==", " -> AUTH PLAIN ***"),
            ("CLIENT -> SERVER: AUTH LOGIN YWxpY2U=", "CLIENT -> SERVER: AUTH LOGIN ***"),
            ("> AUTH XOAUTH2 dXNlcj1hQGV4YW1wbGUub3JnAWF1dGg9", "> AUTH XOAUTH2 ***"),
            (r"send: 'AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n'", r"send: 'AUTH PLAIN ***\r\n'"),
            ("Net::SMTP=GLOB(0x55)>>> AUTH PLAIN AGFsaWNlAHNlY3JldA==", "Net::SMTP=GLOB(0x55)>>> AUTH PLAIN ***"),
            ("C: auth plain AGFsaWNlAHNlY3JldA==", "C: auth plain ***"),
        ] {
            assert_eq!(credentials(line), masked);
        }
    }

    #[test]
    fn answers_in_a_login_dialogue_are_masked() {
        for (line, masked) in [
            (" -> c2VjcmV0", " -> ***"),
            (" ~> YWxpY2VAZXhhbXBsZS5vcmc=", " ~> ***"),
            ("CLIENT -> SERVER: c2VjcmV0", "CLIENT -> SERVER: ***"),
            (r"send: 'c2VjcmV0\r\n'", r"send: '***\r\n'"),
        ] {
            assert_eq!(credentials(line), masked);
        }
        let mut transcript = Transcript::default();
        let lines = ["AUTH LOGIN", "334 VXNlcm5hbWU6", "YWxpY2U", "334 UGFzc3dvcmQ6", "c2VjcmV0", "535 5.7.8 no"];
        let masked: Vec<_> = lines.iter().map(|l| transcript.mask(l)).collect();
        assert_eq!(masked, ["AUTH LOGIN", "334 VXNlcm5hbWU6", "***", "334 UGFzc3dvcmQ6", "***", "535 5.7.8 no"]);
    }

    #[test]
    fn fields_of_dumps_are_masked() {
        for (line, masked) in [
            (
                "    if auth == \"auth\": s.login(\"alice@example.org\", \"secret\")",
                "    if auth == \"auth\": s.login(\"alice@example.org\", ***)",
            ),
            ("  auth: { user: 'alice', pass: 'se cret' },", "  auth: { user: 'alice', pass: '***' },"),
            (r#"{"user":"alice","pass":"secret"}"#, r#"{"user":"alice","pass":"***"}"#),
            ("mail.smtp.password=secret", "mail.smtp.password=***"),
            ("    [Password] => secret", "    [Password] => ***"),
            ("$mail->Password = 'secret';", "$mail->Password = '***';"),
            ("Authorization: Bearer eyJhbGciOi.x-y_z", "Authorization: Bearer ***"),
            ("authorization: c2VjcmV0", "authorization: ***"),
            ("swaks --to a@example.com --auth-password secret -s mx", "swaks --to a@example.com --auth-password *** -s mx"),
            (
                "curl smtp://alice:secret@mx.example.com:587 --user alice:secret",
                "curl smtp://alice:***@mx.example.com:587 --user alice:***",
            ),
        ] {
            assert_eq!(credentials(line), masked);
        }
    }

    #[test]
    fn all_names_of_secrets_begin_with_a_pair() {
        for start in STARTS {
            for start in [start.to_string(), start.to_ascii_uppercase()] {
                let bytes = start.as_bytes();
                assert!(BEGINS[bytes[0] as usize] & GOES_ON[bytes[1] as usize] != 0 && Signs::of(bytes).name, "{start}");
                assert!(!Signs::of(&[b"x", bytes].concat()).name);
            }
        }
    }

    #[test]
    fn names_within_values_show_nothing() {
        for (line, masked) in [
            ("Authorization:/Authorization: Bearer t0ken", "Authorization:/Authorization: *** ***"),
            ("Authorization:Authorization:s3cret", "Authorization:***"),
            ("Authorization: Authorization: Bearer t0ken, x", "Authorization: Authorization: *** ***, x"),
            ("password=password=s3cret;x", "password=***;x"),
            ("pass=pass='s3 cret' y", "pass=***' y"),
            ("--auth-password=--auth-password=s3cret x", "--auth-password=*** x"),
            ("s.login(t.login(\"x\", \"s3cret\" ) )", "s.login(t.login(\"x\", *** )"),
        ] {
            assert_eq!(credentials(line), masked);
        }
    }

    #[test]
    fn replies_and_prose_stay() {
        for line in [
            "<-  250 AUTH LOGIN PLAIN XOAUTH2",
            "250-AUTH PLAIN LOGIN CRAM-MD5",
            "535-5.7.8 Username and Password not accepted. For more information, go to",
            "535 5.7.8 Incorrect password: please try again",
            "DEBUG SMTP: AUTH LOGIN command trace suppressed",
            "msmtp: authentication failed (method PLAIN)",
            "504 5.7.4 AUTH PLAIN Unrecognized authentication type",
            " -> hello",
            " -> QUIT",
            "> STARTTLS",
            "CLIENT -> SERVER: STARTTLS",
            "> RCPT TO:<user@example.com>",
            "see https://support.google.com/mail/?p=BadCredentials",
            "ä: é",
        ] {
            assert!(matches!(credentials(line), Cow::Borrowed(_)), "{line} -> {}", credentials(line));
        }
    }
}
