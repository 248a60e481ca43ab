//! Turns a posted form (`application/x-www-form-urlencoded`) into JSON: the way
//! Mandrill and Mailgun's older webhooks send. It must not know services.

use serde_json::{Map, Value};

/// The fields of a form as one object; `None` where `text` is no form. A field
/// that holds JSON becomes that JSON.
pub fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    let first = text.split('&').next()?.split_once('=')?.0;
    let named = !first.is_empty() && first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'%' | b'+'));
    if !named || text.contains('\n') || !(text.contains('&') || text.contains('%') || text.contains('[')) {
        return None;
    }
    let mut fields = Map::new();
    for pair in text.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        let json = value.starts_with(['[', '{']).then(|| serde_json::from_str(&value).ok()).flatten();
        fields.insert(decoded(key), json.unwrap_or(Value::String(value)));
    }
    Some(Value::Object(fields))
}

/// Undoes `%41` and `+`; bytes that are not UTF-8 become replacement marks.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|h| bytes[at] == b'%' && h.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        match byte {
            Some(byte) => out.push(byte),
            None => out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] }),
        }
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form = parse("event=bounced&recipient=a%40example.com&error=550+5.1.1+no%zz").unwrap();
        assert_eq!(form["recipient"], "a@example.com");
        assert_eq!(form["error"], "550 5.1.1 no%zz");
        let form = parse("mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D").unwrap();
        assert_eq!(form["mandrill_events"][0]["event"], "send");
    }

    #[test]
    fn lines_of_logs_are_no_forms() {
        for text in ["550 5.1.1 a=b&c=d", "to=<a@example.com>, relay=none", "a=b", "=&", "%", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
