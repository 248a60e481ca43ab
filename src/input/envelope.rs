//! What transports wrap around a log message: syslog stamps (RFC 3164, RFC
//! 5424, ISO 8601), journald's text and JSON forms, container prefixes. It must
//! not know mail.

mod json;
mod stamp;

use std::borrow::Cow;

use super::find::near;

/// A log line without its envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'l> {
    /// The time stamp as written; for journald's JSON the microseconds.
    pub time: Option<Cow<'l, str>>,
    /// The program, such as `postfix/smtp` or `sm-mta`; `None` in bare lines.
    /// What stands in brackets behind it is kept where it is no process id:
    /// `dma[a6686c]`.
    pub ident: Option<Cow<'l, str>>,
    /// What the program said.
    pub text: Cow<'l, str>,
}

impl<'l> Message<'l> {
    fn bare(text: &'l str) -> Message<'l> {
        Message { time: None, ident: None, text: Cow::Borrowed(text) }
    }

    fn into_owned(self) -> Message<'static> {
        let own = |field: Option<Cow<'_, str>>| field.map(|f| Cow::Owned(f.into_owned()));
        Message { time: own(self.time), ident: own(self.ident), text: Cow::Owned(self.text.into_owned()) }
    }

    /// Adds the stamp of an outer envelope. It also wins over an inner stamp
    /// that has no year (and so no dash).
    fn stamped(mut self, outer: &'l str) -> Message<'l> {
        if !self.time.as_deref().is_some_and(|t| t.contains('-')) {
            self.time = Some(Cow::Borrowed(outer));
        }
        self
    }
}

/// The head that most lines of syslog files have: `STAMP HOST PROGRAM: text` or
/// `STAMP HOST PROGRAM[PID]: text`, told by few bytes. What [`open`] finds in
/// such a line is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'l> {
    pub host: &'l str,
    pub program: &'l str,
    pub text: &'l str,
}

impl<'l> Head<'l> {
    /// `None` where the head is written in any other way.
    pub fn of(line: &'l str) -> Option<Head<'l>> {
        let (host, _) = cut(&line[stamp::simple(line.as_bytes())? + 1..])?;
        if is_host(host.as_bytes()) { Head::on(host, line) } else { None }
    }

    /// The head of a line of this host, which was one of such a line before.
    pub fn on(host: &str, line: &'l str) -> Option<Head<'l>> {
        let bytes = line.as_bytes();
        let start = stamp::simple(bytes)? + 1;
        let [b' ', rest @ ..] = bytes[start..].strip_prefix(host.as_bytes())? else { return None };
        let (program, behind) = rest.split_at(program_len(rest)?);
        let [b' ', text @ ..] = behind_id(behind)? else { return None };
        let blanks = text.iter().take_while(|b| **b == b' ').count();
        let from = |rest: &[u8]| line.len() - rest.len();
        let (end, text) = (from(behind), from(&text[blanks..]));
        Some(Head { host: &line[start..start + host.len()], program: &line[end - program.len()..end], text: &line[text..] })
    }
}

/// Whether a name is neither a stamp nor the mark of another envelope.
fn is_host(name: &[u8]) -> bool {
    let [first, ..] = name else { return false };
    first.is_ascii_alphanumeric() && name.iter().all(|b| IN_NAMES[usize::from(*b)])
}

/// Length of the program's name in front.
fn program_len(rest: &[u8]) -> Option<usize> {
    let len = rest.iter().position(|b| !IN_NAMES[usize::from(*b)])?;
    rest[0].is_ascii_alphabetic().then_some(len)
}

/// What follows `[PID]:` or `:`.
fn behind_id(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [b':', rest @ ..] => Some(rest),
        [b'[', id @ ..] => {
            let len = id.iter().position(|b| !b.is_ascii_digit())?;
            id[len..].strip_prefix(b"]:")
        }
        _ => None,
    }
}

/// More envelopes in each other than anybody uses.
const MOST_LAYERS: u8 = 5;

/// Strips every envelope from a line.
pub fn open(line: &str) -> Message<'_> {
    layer(line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']), 0)
}

fn layer(line: &str, depth: u8) -> Message<'_> {
    if depth == MOST_LAYERS {
        return Message::bare(line);
    }
    let opened = match line.as_bytes().first() {
        Some(b'{') => json::open(line, depth),
        Some(b'<') => prioritised(line, depth),
        Some(b'0'..=b'9' | b'A'..=b'Z') => stamped(line, depth).or_else(|| container(line, depth)).or_else(|| panel(line, depth)),
        Some(b'a'..=b'z') => container(line, depth),
        _ => None,
    };
    opened.unwrap_or_else(|| Message::bare(line))
}

/// `STAMP HOST IDENT[PID]: text`, or a stamp before another envelope.
fn stamped(line: &str, depth: u8) -> Option<Message<'_>> {
    let len = stamp::len(line)?;
    let (stamp, rest) = (&line[..len], line[len..].trim_start_matches(' '));
    let inner = kubernetes(rest);
    if inner.len() < rest.len() || inner.starts_with(['{', '<']) || stamp::len(inner).is_some() {
        return Some(layer(inner, depth + 1).stamped(stamp));
    }
    let (ident, text) = header(rest).map_or((None, rest), |(ident, text)| (Some(ident), text));
    Some(Message { time: Some(Cow::Borrowed(stamp)), ident: ident.map(Cow::Borrowed), text: Cow::Borrowed(text) })
}

/// Without the `stdout F ` of container run times.
fn kubernetes(rest: &str) -> &str {
    let marks = ["stdout F ", "stderr F ", "stdout P ", "stderr P "];
    if !rest.starts_with("std") {
        return rest;
    }
    marks.iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest)
}

/// `HOST IDENT[PID]: text` or `IDENT[PID]: text`.
fn header(rest: &str) -> Option<(&str, &str)> {
    let (first, after) = cut(rest)?;
    if first.ends_with("]:") {
        return Some((tag(first)?, after.trim_start_matches(' ')));
    }
    if first.is_empty() || first.ends_with(':') || first.starts_with(['[', '(', '"']) {
        return None;
    }
    let (word, text) = cut(after).unwrap_or((after, ""));
    word.ends_with(':').then_some(())?;
    Some((tag(word)?, text.trim_start_matches(' ')))
}

/// What stands before and behind the first space.
fn cut(text: &str) -> Option<(&str, &str)> {
    near(text.as_bytes(), b' ').map(|at| (&text[..at], &text[at + 1..]))
}

/// The program of `IDENT[PID]:`; of brackets that hold no process id it is
/// part.
fn tag(word: &str) -> Option<&str> {
    let word = word.strip_suffix(':').unwrap_or(word);
    let bytes = word.as_bytes();
    let len = bytes.iter().position(|b| !IN_NAMES[usize::from(*b)]).unwrap_or(bytes.len());
    let is_id = match &bytes[len..] {
        [] => true,
        [b'[', pid @ .., b']'] => pid.iter().all(u8::is_ascii_digit),
        _ => return None,
    };
    (len > 0).then_some(if is_id { &word[..len] } else { word })
}

/// What names of programs are made of.
const IN_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'@' | b'+' | b'\\' | b'(' | b')');
        b += 1;
    }
    table
};

/// `<22>` before a line of RFC 5424 or one with a stamp.
fn prioritised(line: &str, depth: u8) -> Option<Message<'_>> {
    let (number, rest) = line.get(1..)?.split_once('>')?;
    let fits = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if !fits {
        return None;
    }
    rest.strip_prefix("1 ").and_then(structured).or_else(|| Some(layer(rest, depth + 1)))
}

/// `STAMP HOST APP PID MSGID DATA text` (RFC 5424).
fn structured(rest: &str) -> Option<Message<'_>> {
    let mut parts = rest.splitn(6, ' ');
    let (stamp, _host, app) = (parts.next()?, parts.next()?, parts.next()?);
    let (_pid, _kind, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let text = rest[data_len(rest)?..].trim_start_matches([' ', '\u{feff}']);
    let given = |word: &'_ str| word != "-";
    let ident = Some(app).filter(|a| given(a)).map(Cow::Borrowed);
    Some(Message { time: Some(stamp).filter(|s| given(s)).map(Cow::Borrowed), ident, text: Cow::Borrowed(text) })
}

/// Length of structured data: `-` or `[id key="value"]…`.
fn data_len(rest: &str) -> Option<usize> {
    if rest.starts_with('-') {
        return Some(1);
    }
    let (mut quoted, mut escaped, mut open) = (false, false, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'[' if !quoted => open = true,
            b']' if !quoted => open = false,
            b' ' if !open => return Some(at),
            _ => {}
        }
    }
    (!open && !quoted).then_some(rest.len())
}

/// `NAME  | ` of docker compose.
fn container(line: &str, depth: u8) -> Option<Message<'_>> {
    let (name, rest) = line.split_once('|')?;
    let name = name.strip_suffix(' ')?.trim_end_matches(' ');
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if !(1..=80).contains(&name.len()) || !name.bytes().all(plain) {
        return None;
    }
    Some(layer(rest.strip_prefix(' ')?, depth + 1))
}

/// `STAMP | LEVEL | text`, as mail panels show logs; the stamp is as the
/// reader's browser writes it.
fn panel(line: &str, depth: u8) -> Option<Message<'_>> {
    const LEVELS: [&str; 10] = ["debug", "info", "notice", "warn", "warning", "err", "error", "crit", "alert", "emerg"];
    let (stamp, rest) = line.split_once(" | ")?;
    let (level, text) = rest.split_once(" | ")?;
    let fits = stamp.len() <= 40 && stamp.contains(':') && LEVELS.contains(&level.trim());
    fits.then(|| layer(text, depth + 1).stamped(stamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "4jX01X: to=<a@example.org>, relay=none";

    fn opened(line: &str) -> (Option<String>, Option<String>, String) {
        let m = open(line);
        (m.time.map(Cow::into_owned), m.ident.map(Cow::into_owned), m.text.into_owned())
    }

    fn expect(line: &str, time: &str, ident: &str) {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_string());
        assert_eq!(opened(line), (some(time), some(ident), TEXT.to_string()), "{line}");
    }

    #[test]
    fn syslog_files() {
        expect(&format!("Nov 21 17:40:48 mail postfix/smtp[151]: {TEXT}"), "Nov 21 17:40:48", "postfix/smtp");
        expect(&format!("Nov  1 17:40:48 mail postfix/relay/smtp[151]: {TEXT}\r\n"), "Nov  1 17:40:48", "postfix/relay/smtp");
        expect(&format!("<22>Nov 21 17:40:48 mail postfix/smtp[151]: {TEXT}"), "Nov 21 17:40:48", "postfix/smtp");
        let iso = "2026-11-21T17:40:48.086239+00:00";
        expect(&format!("{iso} mail postfix/smtp[151]: {TEXT}"), iso, "postfix/smtp");
        expect(&format!("<22>1 {iso} mail postfix 151 - -  {TEXT}"), iso, "postfix");
        expect(&format!("<22>1 {iso} mail postfix 151 - [a@1 b=\"] \\\"x\"][c] {TEXT}"), iso, "postfix");
        expect(&format!("Nov 21 17:40:48 mail dma[a6.559f]: {TEXT}"), "Nov 21 17:40:48", "dma[a6.559f]");
        expect(&format!("Nov 21 17:40:48 mail courierd: {TEXT}"), "Nov 21 17:40:48", "courierd");
    }

    #[test]
    fn journald_as_text() {
        let full = "Sat 2026-11-21 18:21:09 UTC";
        expect(&format!("{full} mail postfix/smtp[151]: {TEXT}"), full, "postfix/smtp");
        expect(&format!("{full} mail postfix@-.service[151]: {TEXT}"), full, "postfix@-.service");
        expect(&format!("2026-11-21T18:21:09+0000 mail postfix/smtp[151]: {TEXT}"), "2026-11-21T18:21:09+0000", "postfix/smtp");
        expect(&format!("Nov 21 18:21:09.447067 mail postfix/smtp[151]: {TEXT}"), "Nov 21 18:21:09.447067", "postfix/smtp");
        expect(TEXT, "", "");
    }

    #[test]
    fn containers_and_panels() {
        let outer = "2024-01-01T00:00:00.000000000Z";
        let inner = format!("Nov 21 17:40:48 mail postfix/smtp[819]: {TEXT}");
        expect(&format!("postfix-mailcow-1  | {inner}"), "Nov 21 17:40:48", "postfix/smtp");
        expect(&format!("postfix-mailcow_1    | {inner}"), "Nov 21 17:40:48", "postfix/smtp");
        expect(&format!("{outer} {inner}"), outer, "postfix/smtp");
        expect(&format!("{outer} stdout F {inner}"), outer, "postfix/smtp");
        expect(&format!("mail-1 | {outer} {inner}"), outer, "postfix/smtp");
        expect(&format!("25/09/2019, 18:28:40 | info | {TEXT}"), "25/09/2019, 18:28:40", "");
    }

    #[test]
    fn lines_of_programs_that_stamp_themselves_keep_their_text() {
        let exim = "2026-11-21 18:01:37 1xUpP7-00003B-2B Completed";
        assert_eq!(opened(exim), (None, None, exim.to_string()));
        let (time, ident, text) = opened("2026-11-21T18:42:09.021Z [INFO] [2A86] [core]  hook=rcpt: x");
        assert_eq!((time.as_deref(), ident, text.as_str()), (Some("2026-11-21T18:42:09.021Z"), None, "[INFO] [2A86] [core]  hook=rcpt: x"));
    }

    #[test]
    fn heads_are_those_that_are_opened() {
        let stamps =
            ["Nov 21 17:40:48", "Nov  1 17:40:48", "2026-11-21T17:40:48", "2026-11-21T17:40:48.086239+00:00", "2026-11-21T17:40:48Z"];
        for stamp in stamps {
            for rest in ["mx sshd[1]: x", "mx-1.example.com dovecot:  x", "10.0.0.1 a/b@c[]: ", "stdout F[1]: x: y", "Nov x: 21 17:40:48 y"]
            {
                let line = format!("{stamp} {rest}");
                let (head, message) = (Head::of(&line).unwrap(), open(&line));
                assert_eq!((Some(head.program), head.text), (message.ident.as_deref(), &*message.text), "{line}");
                assert_eq!(Head::on(head.host, &line), Some(head), "{line}");
            }
        }
        for line in [
            "Nov 21 17:40:48 mx x[1] y: z",
            "Nov 21 17:40:48 mx 1[1]: z",
            "Nov 21 17:40:48 mx: x: z",
            "Nov 21 17:40:48 mx x:z",
            "Nov 21 17:40:48 mx x[a]: z",
            "Nov 21 17:40:48  mx x: z",
            "Nov 21 2026 17:40:48 mx x: z",
            "Nov 21 17:40:48.5 mx x: z",
            "Nov 21 17:40:4é mx x: z",
            "Nov 2 17:40:48 mx x: z",
            "2026-11-21T17:40:48:123 mx x: z",
            "2026-11-21T17:40:481 mx x: z",
            "2026-11-21T17:40:48",
            "Sat 2026-11-21 18:21:09 UTC mx x: z",
            "",
        ] {
            assert_eq!(Head::of(line), None, "{line}");
        }
    }

    #[test]
    fn no_line_is_too_odd() {
        let odd = [
            "",
            "<",
            "<22>",
            "<22>1 ",
            "<22>1 - - - - -",
            "<22>1 a b c d e [",
            "{",
            "Nov",
            "Nov 21",
            "2026-11-21T",
            "|",
            "a|",
            "a |",
            "é | x",
        ];
        for line in odd {
            open(line);
        }
        let deep = format!("{}x", "a | ".repeat(9));
        assert_eq!(open(&deep).text, "a | a | a | a | x");
    }
}
