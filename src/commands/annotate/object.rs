//! One JSON object on one line, read without being rewritten: where its members
//! stand, what its strings say, and the same bytes with one member more. It must
//! not know replies or files.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

/// An object and the line that it stands on.
pub struct Object<'l> {
    line: &'l [u8],
    members: Vec<Member>,
    /// Where the closing brace stands.
    close: usize,
}

/// Where a member of an object stands; key and value with their quotes.
struct Member {
    /// The comma before it, or the key of the first member.
    start: usize,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'l> Object<'l> {
    /// The object on this line, if the whole line is one.
    pub fn read(line: &'l [u8]) -> Option<Object<'l>> {
        let open = blanks(line, 0);
        let is_object = line.get(open) == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(line).is_ok();
        is_object.then(|| {
            let (members, close) = members(line, open + 1);
            Object { line, members, close }
        })
    }

    /// The string under `path`: a key, or keys of nested objects with dots
    /// between. Of equal keys the last counts, as in most readers of JSON.
    pub fn text(&self, path: &str) -> Option<Cow<'l, str>> {
        find(self.line, &self.members, path)
    }

    /// Writes the line with `value` under `key` and all other bytes as they are.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn write_with(&self, out: &mut dyn Write, key: &str, value: &str) -> io::Result<()> {
        let mut old = self.members.iter().filter(|m| is_key(self.line, m, key));
        let Some(first) = old.next() else { return self.write_added(out, key, value) };
        out.write_all(&self.line[..first.value.start])?;
        out.write_all(value.as_bytes())?;
        let mut from = first.value.end;
        for again in old {
            out.write_all(&self.line[from..again.start])?;
            from = again.value.end;
        }
        out.write_all(&self.line[from..])
    }

    fn write_added(&self, out: &mut dyn Write, key: &str, value: &str) -> io::Result<()> {
        let (before, behind) = self.line.split_at(self.close);
        let comma = if self.members.is_empty() { "" } else { "," };
        out.write_all(before)?;
        write!(out, "{comma}\"{key}\":{value}")?;
        out.write_all(behind)
    }
}

// What follows walks over text that is known to be valid, so it need not look
// for errors; should it meet the end of the line all the same, it stops there.

/// The members of an object from behind its brace on, and the place of the
/// brace that closes it.
fn members(line: &[u8], from: usize) -> (Vec<Member>, usize) {
    let mut members = Vec::new();
    let mut start = from;
    loop {
        let comma = blanks(line, start);
        let key = if line.get(comma) == Some(&b',') { blanks(line, comma + 1) } else { comma };
        if line.get(key) != Some(&b'"') {
            return (members, key.min(line.len()));
        }
        let key = key..string(line, key);
        let value = blanks(line, blanks(line, key.end) + 1);
        let value = value..self::value(line, value);
        start = value.end;
        members.push(Member { start: comma, key, value });
    }
}

/// The first place from `at` on that is no blank.
fn blanks(line: &[u8], at: usize) -> usize {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    at + line.get(at..).unwrap_or_default().iter().take_while(|b| blank(b)).count()
}

/// The end of the string that starts at `at`.
fn string(line: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    line.len()
}

/// The end of the value that starts at `at`.
fn value(line: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => {
                at = string(line, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + depth,
            b'}' | b']' => depth -= 1,
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    line.len()
}

fn find<'l>(line: &'l [u8], members: &[Member], path: &str) -> Option<Cow<'l, str>> {
    members.iter().rev().find_map(|m| {
        let key = key(line, m);
        let rest = path.strip_prefix(&*key)?;
        match (rest.strip_prefix('.'), line.get(m.value.start)?) {
            (None, b'"') if rest.is_empty() => Some(decoded(&line[m.value.clone()])),
            (Some(inner), b'{') => find(line, &self::members(line, m.value.start + 1).0, inner),
            _ => None,
        }
    })
}

fn key<'l>(line: &'l [u8], member: &Member) -> Cow<'l, str> {
    decoded(&line[member.key.clone()])
}

fn is_key(line: &[u8], member: &Member, name: &str) -> bool {
    key(line, member) == name
}

/// What a quoted string says; what is no Unicode in it is replaced.
fn decoded(quoted: &[u8]) -> Cow<'_, str> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains(&b'\\') {
        return String::from_utf8_lossy(inner);
    }
    Cow::Owned(serde_json::from_slice::<Text>(quoted).map_or_else(|_| String::new(), |text| text.0))
}

/// A string that is read as bytes: half a surrogate pair is then no error.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(line: &str) -> String {
        let mut out = Vec::new();
        Object::read(line.as_bytes()).unwrap().write_with(&mut out, "k", "0").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_member_is_added_and_no_other_byte_changed() {
        for (line, expected) in [
            ("{}", r#"{"k":0}"#),
            (" { } ", r#" { "k":0} "#),
            (r#"{"a":1}"#, r#"{"a":1,"k":0}"#),
            ("{\"a\" : 1e400 }\t\r", "{\"a\" : 1e400 ,\"k\":0}\t\r"),
            (r#"{"a":{"k":1},"b":["}",{}]}"#, r#"{"a":{"k":1},"b":["}",{}],"k":0}"#),
            (r#"{"a":"\\","b\"":"\"}"}"#, r#"{"a":"\\","b\"":"\"}","k":0}"#),
            (r#"{"":"","a":true,"a":null}"#, r#"{"":"","a":true,"a":null,"k":0}"#),
        ] {
            assert_eq!(with(line), expected);
        }
    }

    #[test]
    fn a_member_that_is_there_is_replaced_where_it_stands() {
        for (line, expected) in [
            (r#"{"k":{"x":[1,"]"]},"a":1}"#, r#"{"k":0,"a":1}"#),
            (r#"{"a":1, "k" : -1.5E+3 }"#, r#"{"a":1, "k" : 0 }"#),
            (r#"{"k":1,"a":2,"k":"x" , "k":null}"#, r#"{"k":0,"a":2 }"#),
            (r#"{"\u006b":1,"a":[]}"#, r#"{"\u006b":0,"a":[]}"#),
        ] {
            assert_eq!(with(line), expected);
        }
    }

    #[test]
    fn texts_are_found_by_key_and_by_path() {
        let line = r#"{"a":"x","a":"y","b":{"c":{"d":"in"},"n":1},"e.f":"dot","u":"caf\u00e9 \ud800!","\u0067":"g"}"#;
        let object = Object::read(line.as_bytes()).unwrap();
        for (path, text) in [("a", "y"), ("b.c.d", "in"), ("e.f", "dot"), ("g", "g")] {
            assert_eq!(object.text(path).as_deref(), Some(text), "{path}");
        }
        assert!(object.text("u").unwrap().starts_with("café "));
        for path in ["", "b", "b.c", "b.n", "b.c.d.e", "e", "a.", "x"] {
            assert_eq!(object.text(path), None, "{path}");
        }
    }

    #[test]
    fn only_whole_objects_are_objects() {
        for line in ["", "[]", "1", "\"{}\"", "{", "{}}", "{} {}", "{'a':1}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":NaN}", "text"] {
            assert!(Object::read(line.as_bytes()).is_none(), "{line}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Object::read(deep.as_bytes()).is_some());
    }

    #[test]
    fn no_bytes_are_too_odd() {
        let mut seed = 7_u32;
        let alphabet = b"{}[]\",:\\ k1eu\xff\xc3";
        for _ in 0..20_000 {
            let line: Vec<u8> = (0..12)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    alphabet[(seed >> 16) as usize % alphabet.len()]
                })
                .collect();
            let line = [b"{\"k\":".as_slice(), &line, b"}"].concat();
            let Some(object) = Object::read(&line) else { continue };
            let mut out = Vec::new();
            object.write_with(&mut out, "k", "0").unwrap();
            assert!(Object::read(&out).is_some(), "{}", String::from_utf8_lossy(&line));
        }
    }
}
