use std::path::Path;

use serde_json::Value;

use super::*;
use crate::input::events::{Cutter, line, values};

/// The outline holds what the general parser finds, no more and no less.
fn assert_same(twig: Twig<'_, '_>, value: &Value) {
    assert_eq!(Tree::is_object(twig), value.is_object());
    assert_eq!(twig.text(), Tree::text(value));
    assert_eq!(twig.number(), Tree::number(value));
    let (own, others): (Vec<_>, Vec<_>) = (twig.elements().collect(), value.elements().collect());
    assert_eq!(own.len(), others.len());
    own.into_iter().zip(others).for_each(|(own, other)| assert_same(own, other));
    assert_eq!(twig.members().count(), value.members().count());
    for (key, member) in value.as_object().into_iter().flatten() {
        assert_same(twig.get(key).unwrap_or_else(|| panic!("{key}")), member);
        assert!(twig.get(&format!("{key}?")).is_none());
    }
}

/// Whether the line is taken, alone and behind others; then the general
/// reader must agree.
fn taken(outline: &mut Outline, text: &str) -> bool {
    let mut cutter = Cutter::default();
    if let Some(service) = cutter.read(text, 7) {
        assert_eq!(Some((service, cutter.found)), line(text, 7), "{text}");
    }
    let alone = Outline::default().read(text).is_some();
    let found = outline.read(text);
    assert_eq!(alone, found.is_some(), "{text}");
    let Some(twig) = found else { return false };
    let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    assert_same(twig, &value);
    true
}

/// The events of the fixtures, a line each.
pub fn events() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/events");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let values = files.flat_map(|text| values(&text).map(|(value, _)| value).collect::<Vec<_>>());
    values.map(|value| value.to_string()).collect()
}

#[test]
fn events_of_all_services_are_read_as_by_the_general_reader() {
    let mut services = Vec::new();
    for event in events() {
        let mut cutter = Cutter::default();
        if let Some(service) = cutter.read(&event, 7) {
            assert_eq!(Some((service, cutter.found)), line(&event, 7), "{event}");
            services.push(service);
        }
    }
    services.dedup();
    assert!(services.len() >= 9, "{services:?}");
}

#[test]
fn lines_of_json_are_taken() {
    let mut outline = Outline::default();
    for text in [
        "{}",
        " { } ".trim_start(),
        r#"{"a":1,"b":"x","c":true,"d":false,"e":null}"#,
        r#"{ "a" : [ 1 , "x" , [ ] , { } ] , "b" : { "c" : { "d" : "" } } }"#,
        r#"{"a":0,"b":-0,"c":-7,"d":0.5,"e":1793600000.250,"f":9999999999999999999,"g":18446744073709551616}"#,
        r#"{"a":"\"\\\/\b\f\n\r\t\u00e9","b":"é用户","c":"x\u0000"}"#,
        "{\"a\":\"\u{7f}\",\"b\"\t:\r2}",
    ] {
        assert!(taken(&mut outline, text), "{text}");
    }
}

#[test]
fn what_is_broken_or_rare_is_left_to_the_general_reader() {
    let mut outline = Outline::default();
    for text in [
        "",
        "{",
        "}",
        "{}}",
        "{} {}",
        "[]",
        "1",
        "\"\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1",
        "{\"a\":\"x}",
        "{\"a\":\"x\\\"}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":{\"b\":1]}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1.5.5}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":True}",
        "{\"a\":nul",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\u{1f}\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\udc00\"}",
        "{} // x",
        "{}\u{a0}",
        "\u{feff}{}",
        // Valid, and rare.
        "{\"a\":1e3}",
        "{\"a\":1E-3}",
        "{\"a\":1e999}",
        "{\"a\":\"\\ud83d\\ude00\"}",
        "{\"\\u0061\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        "{\"a\":123456789012345678901}",
        "{\"a\":[[[[[[[[[]]]]]]]]]}",
    ] {
        assert!(!taken(&mut outline, text), "{text}");
    }
    let many = vec!["1"; MOST_NODES].join(",");
    assert!(!taken(&mut outline, &format!("{{\"a\":[{many}]}}")) && taken(&mut outline, &format!("{{\"a\":[{}]}}", &many[4..])));
}

#[test]
fn keys_with_one_mark_are_told_apart() {
    let mut outline = Outline::default();
    let keys: Vec<String> = (0..100).map(|n| format!("key{n}a")).collect();
    let marks: std::collections::HashSet<usize> = keys.iter().map(|key| mark(key.as_bytes())).collect();
    assert!(marks.len() < keys.len());
    let members: Vec<String> = keys.iter().enumerate().map(|(n, key)| format!("\"{key}\":{n}")).collect();
    assert!(taken(&mut outline, &format!("{{{}}}", members.join(","))));
}

#[test]
fn keys_are_known_again_however_they_are_written() {
    let mut outline = Outline::default();
    for text in [
        r#"{"a":1,"bc":2}"#,
        r#"{"a": 1,"bc" :2}"#,
        r#"{ "a":1,"b":2}"#,
        r#"{"\u0061":1}"#,
        r#"{"a":1,"bc":2,"a":3}"#,
        r#"{"a":{"bc":1},"d":2}"#,
        r#"{"a":{"bc":1,"bc":2},"d":2}"#,
        r#"{"a":"#,
        r#"{"a""#,
        r#"{"a":1"bc":2}"#,
        r#"{"a":1,"bc":}"#,
        "{\"a\"\t:\t1}",
    ] {
        taken(&mut outline, text);
        taken(&mut outline, text);
    }
}

/// Numbers that look random and are the same in every run.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
    }
}

/// A line with some of its bytes deleted, doubled, swapped or replaced.
pub fn mutated(line: &str, seeded: &mut Seeded) -> Option<String> {
    const SIGNS: &[u8] = b"{}[]:,\"\\ 0123456789-+.eEtrufalsn/\t\x00\x1f\x7f";
    let mut bytes = line.as_bytes().to_vec();
    for _ in 0..=seeded.below(3) {
        let at = seeded.below(bytes.len());
        match seeded.below(5) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, bytes[at]),
            2 => {
                let other = seeded.below(bytes.len());
                bytes.swap(at, other);
            }
            3 => bytes[at] = SIGNS[seeded.below(SIGNS.len())],
            _ => bytes.insert(at, SIGNS[seeded.below(SIGNS.len())]),
        }
    }
    String::from_utf8(bytes).ok()
}

#[test]
fn damaged_lines_are_read_alike_or_not_at_all() {
    let mut outline = Outline::default();
    let mut seeded = Seeded(0x5eed);
    let events = events();
    let (mut all, mut read) = (0, 0);
    for _ in 0..200 {
        for line in events.iter().filter_map(|event| mutated(event, &mut seeded)) {
            all += 1;
            read += usize::from(taken(&mut outline, &line));
        }
    }
    assert!(read * 10 > all && read * 10 < all * 9, "{read} of {all}");
}

/// What JSON is made of, whole and in pieces.
const PIECES: [&str; 30] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"a\"",
    "\"event\"",
    "\"email\":",
    "{\"a\":",
    "\"b\":1,",
    " ",
    "\t",
    "\\",
    "\\\"",
    "\\n",
    "\\u00e9",
    "\\ud800",
    "1",
    "0",
    "-",
    ".",
    ".5",
    "e9",
    "true",
    "null",
    "é",
    "\u{1}",
    "xxxxxxxx",
];

#[test]
fn any_pieces_are_read_alike_or_not_at_all() {
    let mut outline = Outline::default();
    let mut seeded = Seeded(0xface);
    let mut read = 0;
    for _ in 0..100_000 {
        let inside: String = (0..seeded.below(7)).map(|_| PIECES[seeded.below(PIECES.len())]).collect();
        read +=
            usize::from(taken(&mut outline, &format!("{{{inside}}}"))) + usize::from(taken(&mut outline, &format!("{{\"k\":{inside}}}")));
    }
    assert!(read > 500, "{read}");
}
