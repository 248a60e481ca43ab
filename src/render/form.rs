//! JSON lines of records whose answers are alike: what they share is written
//! once, with gaps for what each says of itself. The line is byte for byte the
//! one that [`super::json`] makes of the whole answer. It must not know how an
//! answer is found.

use std::borrow::Cow;
use std::io::Write;

use serde::Serialize;

use super::json;
use crate::explain::alike::{self, Filled, Own, Template};
use crate::explain::{Details, Finding};
use crate::input::time::Time;
use crate::input::transcript::mask;
use crate::input::{Direction, Record};
use crate::sanitize;
use crate::scan::Seen;

/// The JSON of an answer, in its order.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Form {
    /// Code and enhanced code.
    numbers: Box<str>,
    /// From the verdict to the text that decided.
    ruled: Box<str>,
    /// From the title to the commands.
    advice: Box<[Part]>,
    /// What follows the details.
    rest: Box<[Part]>,
}

/// A stretch of JSON.
#[derive(PartialEq, Eq, Hash)]
enum Part {
    Written(Box<str>),
    /// A text with placeholders.
    Open(Template),
    Commands(Box<[Template]>),
}

impl Form {
    /// The form of answers with this outline. A `title` and meaning that are
    /// not of the catalogue have no placeholders.
    pub(super) fn of(outline: &Finding) -> Form {
        let (numbers, ruled, by, tail) = json::explanation(outline).shared();
        let mut advice = Parts::default();
        advice.name(",\"title\":");
        advice.text(&outline.title);
        advice.name(",\"meaning\":");
        advice.text(&outline.meaning);
        advice.name(",\"steps\":[");
        advice.list(&outline.steps, |parts, step| parts.text(step));
        advice.name("],\"commands\":");
        advice.commands(&outline.commands);
        advice.name(",\"retry_after\":");
        let mut rest = Parts::default();
        rest.name(",\"layers\":[");
        rest.list(&outline.layers, |parts, layer| {
            parts.name(&format!("{{\"level\":{},\"id\":{},\"meaning\":", written(&layer.level), written(&layer.id)));
            parts.text(&layer.meaning);
            parts.name("}");
        });
        rest.name(&format!("],{}}}", fields(&tail)));
        Form {
            numbers: format!(",{},\"text\":", fields(&numbers)).into(),
            ruled: format!(",{},\"matched\":{{\"by\":\"{by}\",\"text\":", fields(&ruled)).into(),
            advice: advice.done(),
            rest: rest.done(),
        }
    }

    /// Writes the line of a record of a `file`, of which this is the JSON;
    /// `false` where something must be masked, and nothing is written.
    pub(super) fn write(&self, seen: &Seen<'_, '_>, file: &str, own: &Own<'_>, out: &mut Vec<u8>) -> bool {
        let input = own.input;
        let safe = |text: &str| matches!(mask::credentials(text), Cow::Borrowed(_));
        if !safe(input) || own.words != input && !safe(&own.words) {
            return false;
        }
        head(seen, file, out);
        out.extend_from_slice(b",\"input\":");
        // All else that is cut out of it stands as it is if it does.
        let is_plain = is_plain(input.as_bytes());
        let part = if is_plain { quoted } else { text };
        part(input, out);
        out.extend_from_slice(b",\"replaced\":");
        let replaced = if is_plain { 0 } else { input.matches(char::REPLACEMENT_CHARACTER).count() };
        number(replaced as u64, out);
        out.extend_from_slice(self.numbers.as_bytes());
        part(&own.words, out);
        out.extend_from_slice(self.ruled.as_bytes());
        part(input.get(own.matched.clone()).unwrap_or(""), out);
        out.extend_from_slice(b",\"start\":");
        number(own.matched.start as u64, out);
        out.extend_from_slice(b",\"end\":");
        number(own.matched.end as u64, out);
        out.push(b'}');
        write_parts(&self.advice, &own.details, out);
        details(&own.details, out);
        write_parts(&self.rest, &own.details, out);
        true
    }
}

/// The JSON of the name of a file.
pub(super) fn file(name: &str) -> String {
    written(&mask::credentials(name))
}

/// Collects the parts of a form.
#[derive(Default)]
struct Parts {
    done: Vec<Part>,
    written: String,
}

impl Parts {
    fn name(&mut self, json: &str) {
        self.written.push_str(json);
    }

    /// A text of the catalogue.
    fn text(&mut self, template: &str) {
        if alike::is_open(template) {
            self.add(Part::Open(Template::of(template, inside)));
        } else {
            self.written.push_str(&written(&alike::text(template, &Details::default())));
        }
    }

    fn commands(&mut self, templates: &[String]) {
        if templates.iter().any(|template| alike::is_open(template)) {
            self.add(Part::Commands(templates.iter().map(|template| Template::of(template, inside)).collect()));
        } else {
            self.written.push_str(&written(&alike::commands(templates, &Details::default())));
        }
    }

    fn list<T>(&mut self, items: &[T], add: impl Fn(&mut Parts, &T)) {
        for (number, item) in items.iter().enumerate() {
            self.name(if number > 0 { "," } else { "" });
            add(self, item);
        }
    }

    fn add(&mut self, part: Part) {
        let written = std::mem::take(&mut self.written);
        self.done.extend([Part::Written(written.into()), part]);
    }

    fn done(mut self) -> Box<[Part]> {
        self.done.push(Part::Written(self.written.into()));
        self.done.into()
    }
}

fn write_parts(parts: &[Part], details: &Details, out: &mut Vec<u8>) {
    for part in parts {
        match part {
            Part::Written(json) => out.extend_from_slice(json.as_bytes()),
            Part::Open(template) => write_open(template, details, out),
            Part::Commands(templates) => write_commands(templates, details, out),
        }
    }
}

fn write_open(template: &Template, details: &Details, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(b'"');
    if template.fill(details, out) == Filled::Done {
        return out.push(b'"');
    }
    out.truncate(start);
    text(&alike::text(template.as_ref(), details), out);
}

/// Those commands that lack no detail, if there are any.
fn write_commands(templates: &[Template], details: &Details, out: &mut Vec<u8>) {
    let start = out.len();
    let mut sign = b'[';
    for template in templates {
        let end = out.len();
        out.extend_from_slice(&[sign, b'"']);
        match template.fill(details, out) {
            Filled::Done => {
                out.push(b'"');
                sign = b',';
            }
            Filled::Lacking => out.truncate(end),
            Filled::Unclear => {
                sign = b'[';
                break;
            }
        }
    }
    if sign == b',' {
        return out.push(b']');
    }
    out.truncate(start);
    out.extend_from_slice(written(&alike::commands(templates, details)).as_bytes());
}

/// Where a record stands and what the log says of it.
fn head(seen: &Seen<'_, '_>, file: &str, out: &mut Vec<u8>) {
    let r: &Record<'_> = seen.record;
    out.extend_from_slice(b"{\"type\":\"finding\",\"file\":");
    out.extend_from_slice(file.as_bytes());
    out.extend_from_slice(b",\"line\":");
    number(r.line, out);
    match seen.time {
        Some(time) => stamp(time, out),
        None => out.extend_from_slice(b",\"time\":null"),
    }
    plain(",\"format\":", Some(r.format), out);
    plain(",\"kind\":", Some(r.kind.name()), out);
    field(",\"queue_id\":", r.queue_id.as_deref(), out);
    field(",\"sender\":", r.sender.as_deref(), out);
    field(",\"recipient\":", r.recipient.as_deref(), out);
    field(",\"orig_to\":", r.orig_to.as_deref(), out);
    field(",\"relay\":", r.relay.as_deref(), out);
    field(",\"relay_ip\":", r.relay_ip.as_deref(), out);
    plain(",\"stage\":", r.stage.map(|s| s.name()), out);
    plain(",\"direction\":", Some(if r.direction == Direction::In { "in" } else { "out" }), out);
    field(",\"status\":", r.status.as_deref(), out);
    field(",\"mta_dsn\":", r.mta_dsn.as_deref(), out);
}

/// The waiting time and what follows it up to the layers.
fn details(d: &Details, out: &mut Vec<u8>) {
    match d.retry_after {
        Some(seconds) => number(seconds, out),
        None => out.extend_from_slice(b"null"),
    }
    plain(",\"details\":{\"domain\":", d.domain.as_deref(), out);
    plain(",\"ip\":", d.ip.as_deref(), out);
    plain(",\"host\":", d.host.as_deref(), out);
    plain(",\"recipient\":", d.recipient.as_deref(), out);
    plain(",\"sender\":", d.sender.as_deref(), out);
    plain(",\"url\":", d.url.as_deref(), out);
    out.push(b'}');
}

/// A field of a log, without what must not be shown.
fn field(name: &str, value: Option<&str>, out: &mut Vec<u8>) {
    match value {
        Some(value) if is_name(value) => {
            out.extend_from_slice(name.as_bytes());
            quoted(value, out);
        }
        value => plain(name, value.map(mask::credentials).as_deref(), out),
    }
}

/// Whether a value is made of what most addresses and hosts are: JSON holds it
/// as it is, and without a blank, a bracket or a sign in front of them no
/// secrets are told.
fn is_name(value: &str) -> bool {
    value.bytes().all(|b| IN_NAMES[usize::from(b)])
}

const IN_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'@' | b'+');
        b += 1;
    }
    table
};

fn plain(name: &str, value: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    match value {
        Some(value) => text(value, out),
        None => out.extend_from_slice(b"null"),
    }
}

/// A string, which nearly always stands as it is.
fn text(value: &str, out: &mut Vec<u8>) {
    if !is_plain(value.as_bytes()) {
        return out.extend_from_slice(written(&value).as_bytes());
    }
    quoted(value, out);
}

fn quoted(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

/// Whether JSON holds bytes as they are: eight at a time, since nearly all do.
fn is_plain(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let is_plain = |word: u64| {
        let low = word & !HIGH;
        let is = |sign: u8| !((low ^ (u64::from(sign) * ONES)) + 0x7f * ONES);
        let is_control = !(low + 0x60 * ONES) | is(0x7f);
        (is_control | is(b'"') | is(b'\\') | word) & HIGH == 0
    };
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().all(|word| is_plain(u64::from_le_bytes(*word))) && is_plain(u64::from_le_bytes(last))
}

/// The lowest and the highest bit of each of eight bytes.
const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

fn stamp(time: Time, out: &mut Vec<u8>) {
    let (date, clock) = (time.at.date(), time.at.time());
    out.extend_from_slice(b",\"time\":\"");
    match u64::try_from(date.year()) {
        // Most stamps tell a second and no zone.
        Ok(year) if year > 999 && clock.subsec_nanosecond() == 0 && time.offset.is_none() => {
            number(year, out);
            let rest = [date.month(), date.day(), clock.hour(), clock.minute(), clock.second()];
            rest.into_iter()
                .zip(*b"--T::")
                .for_each(|(part, sign)| out.extend_from_slice(&[sign, b'0' + part as u8 / 10, b'0' + part as u8 % 10]));
        }
        _ => drop(write!(out, "{time}")),
    }
    out.push(b'"');
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// Any value as JSON, safe to show.
fn written<T: Serialize + ?Sized>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    match sanitize::json(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(safe) => safe,
    }
}

/// What stands between the quotes of a text as JSON.
fn inside(text: &str) -> String {
    let json = written(text);
    json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_string()
}

/// The fields of an object, without its braces.
fn fields<T: Serialize>(object: &T) -> String {
    let json = written(object);
    json.strip_prefix('{').and_then(|fields| fields.strip_suffix('}')).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_written_as_usual() {
        let shown = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8(out).unwrap()
        };
        for value in [0, 9, 10, 100_203, u64::MAX] {
            assert_eq!(shown(&|out| number(value, out)), value.to_string());
        }
        let at = jiff::civil::date(2026, 1, 9).at(7, 0, 59, 0);
        for at in [
            at,
            at.with().subsec_nanosecond(5_000_000).build().unwrap(),
            at.with().year(7).build().unwrap(),
            at.with().year(-7).build().unwrap(),
        ] {
            for offset in [None, Some(jiff::tz::Offset::UTC), Some(jiff::tz::offset(-3))] {
                let time = Time { at, offset };
                assert_eq!(shown(&|out| stamp(time, out)), format!(",\"time\":\"{time}\""));
            }
        }
    }

    #[test]
    fn names_hold_no_secrets_and_nothing_that_json_escapes() {
        for word in ["auth", "authorization", "password", "pass", "pwd", "secret", "api_key", "access_token", "--user", "-u", ".login"] {
            for text in
                [word.to_string(), format!("{word}-plain.AGFsaWNlAHNlY3JldA"), format!("{word}@{word}+{word}"), format!("a.{word}_b")]
            {
                assert!(is_name(&text) && is_plain(text.as_bytes()), "{text}");
                assert!(matches!(mask::credentials(&text), Cow::Borrowed(_)), "{text}");
            }
        }
        for sign in "\"\\ =:(<>'/,é\u{7f}\t".chars() {
            assert!(!is_name(&format!("a{sign}b")), "{sign}");
        }
    }

    #[test]
    fn a_text_stands_as_it_is_where_no_byte_is_escaped() {
        for byte in 0..=255 {
            for at in 0..19 {
                let mut bytes = [b'a'; 19];
                bytes[at] = byte;
                let plain = matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
                assert_eq!(is_plain(&bytes), plain, "{byte:#x} at {at}");
            }
        }
        assert!(is_plain(b""));
    }
}
