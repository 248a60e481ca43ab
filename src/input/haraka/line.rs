//! The three shapes of a line of Haraka's log: `[LEVEL] [UUID] [ORIGIN] text`,
//! JSON, logfmt. Each has the time stamp in front. It must not know what the
//! text says.

use std::borrow::Cow;

use crate::input::span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub time: Option<&'t str>,
    pub uuid: &'t str,
    pub origin: &'t str,
    /// The text; in JSON and logfmt without the fields behind it.
    pub text: Cow<'t, str>,
    fields: Fields<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fields<'t> {
    /// `key=value key="value"` at the end of the text or of the line.
    Plain(&'t str),
    Json(&'t str),
}

impl<'t> Line<'t> {
    pub(super) fn read(line: &'t str) -> Option<Line<'t>> {
        let (time, rest) = span::split_stamp(line);
        let read = match rest.as_bytes().first()? {
            b'[' => default(rest),
            b'{' => json(rest),
            _ => logfmt(rest),
        };
        read.map(|line| Line { time, ..line })
    }

    /// A field behind the text.
    pub(super) fn field(&self, key: &str) -> Option<Cow<'t, str>> {
        match self.fields {
            Fields::Plain(text) => plain_field(text, key),
            Fields::Json(text) => json_field(text, key),
        }
    }
}

const LEVELS: [&str; 9] = ["DATA", "PROTOCOL", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "CRIT", "ALERT"];

fn default(rest: &str) -> Option<Line<'_>> {
    let (level, rest) = rest.strip_prefix('[')?.split_once("] [")?;
    let (uuid, rest) = rest.split_once("] [")?;
    let (origin, text) = rest.split_once("] ")?;
    let fits = LEVELS.contains(&level) && is_uuid(uuid);
    fits.then(|| Line { time: None, uuid, origin, text: Cow::Borrowed(text.trim_start()), fields: Fields::Plain(text) })
}

/// `-`, or an upper-case UUID with `.N` for each transaction.
fn is_uuid(text: &str) -> bool {
    text == "-" || text.len() >= 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-' || b == b'.')
}

fn json(rest: &str) -> Option<Line<'_>> {
    let object = rest.strip_prefix("{\"level\":\"")?;
    let (level, rest) = object.split_once("\",\"uuid\":\"")?;
    let (uuid, rest) = rest.split_once('"')?;
    let (_, origin) = rest.split_once("\":\"").filter(|(key, _)| matches!(*key, ",\"origin" | ",\"source"))?;
    let (origin, rest) = origin.split_once('"')?;
    let fits = LEVELS.contains(&level) && is_uuid(uuid);
    let text = json_field(rest, "message").unwrap_or_default();
    fits.then_some(Line { time: None, uuid, origin, text, fields: Fields::Json(rest) })
}

fn logfmt(rest: &str) -> Option<Line<'_>> {
    let (level, rest) = rest.strip_prefix("level=")?.split_once(" uuid=")?;
    let (uuid, rest) = rest.split_once(' ')?;
    let rest = rest.strip_prefix("source=").or_else(|| rest.strip_prefix("origin="))?;
    let (origin, fields) = rest.split_once(' ').unwrap_or((rest, ""));
    let fits = LEVELS.contains(&level) && is_uuid(uuid);
    let text = plain_field(fields, "message").unwrap_or_default();
    fits.then_some(Line { time: None, uuid, origin, text, fields: Fields::Plain(fields) })
}

fn plain_field<'t>(text: &'t str, key: &str) -> Option<Cow<'t, str>> {
    let at = text.match_indices(key).map(|(at, _)| at).find(|at| {
        let free = *at == 0 || text[..*at].ends_with(' ');
        free && text[at + key.len()..].starts_with('=')
    })?;
    let value = &text[at + key.len() + 1..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted_string(quoted),
        None => Some(Cow::Borrowed(value.split(' ').next().unwrap_or(value))),
    }
}

/// A string field of a flat object; fields of objects inside it may match too,
/// but stand behind those that are read here.
fn json_field<'t>(text: &'t str, key: &str) -> Option<Cow<'t, str>> {
    let mark = format!("\"{key}\":\"");
    let at = text.find(&mark)?;
    quoted_string(&text[at + mark.len()..])
}

/// A string up to its closing quote, escapes undone.
fn quoted_string(text: &str) -> Option<Cow<'_, str>> {
    let plain = text.find(['"', '\\'])?;
    if text.as_bytes()[plain] == b'"' {
        return Some(Cow::Borrowed(&text[..plain]));
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(Cow::Owned(out)),
            '\\' => out.push(escaped(&mut chars)?),
            c => out.push(c),
        }
    }
    None
}

fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits = chars.as_str().get(..4)?;
            let code = u32::from_str_radix(digits, 16).ok()?;
            chars.nth(3);
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3097713C-E78B-46F3-9CAD-3C5CF4B72A34.1.1";

    #[test]
    fn three_shapes_tell_the_same() {
        let text = "recipient <u@s.test> rejected: 550 \"no\"";
        for line in [
            format!("2026-11-21T18:42:09.353Z [NOTICE] [{UUID}] [outbound] {text}"),
            format!(
                r#"2026-11-21T18:42:09.353Z {{"level":"NOTICE","uuid":"{UUID}","origin":"outbound","message":"recipient <u@s.test> rejected: 550 \"\u006eo\""}}"#
            ),
            format!(
                r#"2026-11-21T18:42:09.353Z level=NOTICE uuid={UUID} source=outbound message="recipient <u@s.test> rejected: 550 \"no\"""#
            ),
        ] {
            let read = Line::read(&line).unwrap();
            assert_eq!((read.uuid, read.origin, &*read.text), (UUID, "outbound", text), "{line}");
            assert_eq!(read.time, Some("2026-11-21T18:42:09.353Z"));
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        for line in ["", "[", "{\"level\":\"", "[INFO] [x] [y] z", "level=INFO uuid=1", "2026-11-21T18:42:43.323Z loglevel: INFO"] {
            assert_eq!(Line::read(line), None, "{line}");
        }
    }
}
