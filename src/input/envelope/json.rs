//! Log lines inside JSON objects: journald's export, and what rsyslog,
//! syslog-ng and container engines write. Keys differ per site, so a line is
//! also known by its shape. It must not know mail.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Message, layer, tag};

const TEXTS: [&str; 9] = ["message", "msg", "log", "@message", "_raw", "line", "short_message", "full_message", "text"];
const IDENTS: [&str; 11] = [
    "syslog_identifier",
    "syslog-tag",
    "syslogtag",
    "syslog_tag",
    "syslog_program",
    "programname",
    "program",
    "app-name",
    "appname",
    "app_name",
    "ident",
];
const TIMES: [&str; 9] =
    ["__realtime_timestamp", "@timestamp", "timestamp", "time", "isodate", "date", "timereported", "timegenerated", "datetime"];

/// The log line in an object; `None` where the object is something else, such
/// as an event that only looks like one.
pub(super) fn open(line: &str, depth: u8) -> Option<Message<'static>> {
    let Ok(Value::Object(map)) = serde_json::from_str(line) else { return None };
    let ident = IDENTS.iter().find_map(|key| get(&map, key)?.as_str()).and_then(|word| tag(word.trim()));
    let mut found = match (ident, journal_text(&map)) {
        (_, Some(text)) => Message { text: Cow::Owned(text), ..Message::default() },
        (Some(_), None) => TEXTS.iter().find_map(|key| get(&map, key)?.as_str()).map(|text| own(text, depth))?,
        (None, None) => known(&map, depth)?,
    };
    found.ident = found.ident.or_else(|| ident.map(|i| Cow::Owned(i.to_string())));
    if !found.time.as_deref().is_some_and(|t| t.contains('-')) {
        found.time = time(&map).map(Cow::Owned).or(found.time);
    }
    Some(found)
}

/// The value of a key, however it is written.
fn get<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    map.get(key).or_else(|| map.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v))
}

/// journald writes what is not UTF-8 as an array of bytes, and `null` for
/// what is too long.
fn journal_text(map: &Map<String, Value>) -> Option<String> {
    map.get("__REALTIME_TIMESTAMP")?;
    match map.get("MESSAGE")? {
        Value::String(text) => Some(text.trim_end_matches('\n').to_string()),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Some(String::new()),
    }
}

/// A string somewhere in the object that is a log line by its shape.
fn known(map: &Map<String, Value>, depth: u8) -> Option<Message<'static>> {
    let named = TEXTS.iter().filter_map(|key| get(map, key));
    named.chain(map.values()).find_map(|value| match value {
        Value::String(text) => Some(own(text, depth)).filter(|m| m.ident.is_some() || starts_with_id(&m.text)),
        Value::Object(inner) if depth < 2 => known(inner, depth + 1),
        _ => None,
    })
}

fn own(text: &str, depth: u8) -> Message<'static> {
    layer(text.trim_start_matches(' ').trim_end_matches(['\r', '\n']), depth + 1).into_owned()
}

/// `4B93EA189D3: …`: an id of letters and digits, then a colon.
fn starts_with_id(text: &str) -> bool {
    let Some((id, _)) = text.split_once(": ") else { return false };
    let plain = (6..=30).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    plain && (id.bytes().any(|b| b.is_ascii_digit()) || id == "NOQUEUE")
}

fn time(map: &Map<String, Value>) -> Option<String> {
    TIMES.iter().find_map(|key| match get(map, key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::open;

    fn opened(line: &str) -> [String; 3] {
        let m = open(line);
        [m.time.unwrap_or_default().into_owned(), m.ident.unwrap_or_default().into_owned(), m.text.into_owned()]
    }

    #[test]
    fn syslog_daemons_name_their_keys_as_they_like() {
        let rsyslog =
            r#"{"@timestamp":"2026-11-21T17:43:42+00:00", "host":"mail", "syslog-tag":"postfix\/smtp[61]:", "message":" 4jX01X: x\/y"}"#;
        assert_eq!(opened(rsyslog), ["2026-11-21T17:43:42+00:00", "postfix/smtp", "4jX01X: x/y"]);
        let ng = r#"{"PROGRAM":"postfix/smtp","PID":"1","MESSAGE":"4jX01X: x","DATE":"Nov 21 17:40:48"}"#;
        assert_eq!(opened(ng), ["Nov 21 17:40:48", "postfix/smtp", "4jX01X: x"]);
        let docker = r#"{"log":"Nov 21 17:40:48 mail postfix/smtp[1]: 4jX01X: x\n","stream":"stdout","time":"2026-11-21T17:43:42.1Z"}"#;
        assert_eq!(opened(docker), ["2026-11-21T17:43:42.1Z", "postfix/smtp", "4jX01X: x"]);
        let other = r#"{"a":1,"event":{"original":"Nov 21 17:40:48 mail postfix/smtp[1]: 4jX01X: x"}}"#;
        assert_eq!(opened(other), ["Nov 21 17:40:48", "postfix/smtp", "4jX01X: x"]);
    }

    #[test]
    fn journald_gives_strings_bytes_and_nothing() {
        let line = |message: &str| {
            format!(r#"{{"__REALTIME_TIMESTAMP":"1795285267614123","SYSLOG_IDENTIFIER":"postfix/smtp","MESSAGE":{message}}}"#)
        };
        let expected = |text: &str| ["1795285267614123".to_string(), "postfix/smtp".to_string(), text.to_string()];
        assert_eq!(opened(&line(r#""31A27: to""#)), expected("31A27: to"));
        assert_eq!(opened(&line("[51, 49, 58, 32, 202]")), expected("31: \u{fffd}"));
        assert_eq!(opened(&line("null")), expected(""));
    }

    #[test]
    fn other_objects_stay_whole() {
        for line in
            [r#"{"event":"bounce","tag":"welcome","message":"550 5.1.1 no"}"#, r#"{"level":"INFO","message":"","msg":"x"}"#, "{}", "{oops"]
        {
            assert_eq!(opened(line), ["", "", line]);
        }
    }
}
