//! Masks what must not be shown: credentials always, addresses where that is
//! asked for. It must not know records or output formats.

use std::borrow::Cow;

use crate::explain::Finding;
use crate::input::transcript::mask;

/// Credentials never leave; addresses do unless they are to be masked.
pub(crate) fn masked(text: &str, redact: bool) -> String {
    let safe = mask::credentials(text);
    if redact { without_addresses(&safe) } else { safe.into_owned() }
}

/// A field as it may be shown.
pub(super) fn field(field: Option<&Cow<'_, str>>, redact: bool) -> Option<String> {
    field.map(|text| masked(text, redact))
}

/// The finding as it may be shown.
pub(super) fn finding(mut f: Finding, redact: bool) -> Finding {
    // All else in a finding is made of these and of the catalogue.
    let holds_secrets = |s: &str| matches!(mask::credentials(s), Cow::Owned(_));
    if !redact && !holds_secrets(&f.input) && !holds_secrets(&f.text) {
        return f;
    }
    let fragments = if redact { fragments(&f) } else { Vec::new() };
    let safe = |s: &mut String| *s = fragments.iter().fold(masked(s, redact), |s, fragment| s.replace(fragment, "***"));
    let d = &mut f.details;
    [&mut f.input, &mut f.text, &mut f.matched.text, &mut f.title, &mut f.meaning, &mut f.note].into_iter().for_each(safe);
    f.steps.iter_mut().chain(&mut f.commands).chain(&mut f.conflicts).for_each(safe);
    f.layers.iter_mut().map(|l| &mut l.meaning).for_each(safe);
    let names = [&mut d.recipient, &mut d.sender, &mut d.domain, &mut d.host, &mut d.ip];
    names.into_iter().chain([&mut d.url, &mut f.url]).flatten().for_each(safe);
    f
}

/// Details that were read from within a local part: a link that ends in the
/// middle of an address shows half of it, and no at sign.
fn fragments(f: &Finding) -> Vec<String> {
    let d = &f.details;
    let details = [&d.url, &f.url, &d.domain, &d.host, &d.ip].into_iter().flatten();
    details.filter(|detail| stands_in_local_parts(&f.input, detail)).cloned().collect()
}

/// `detail` occurs in `text`, and wherever it does an at sign follows before
/// the next blank.
fn stands_in_local_parts(text: &str, detail: &str) -> bool {
    let mut behind = text.match_indices(detail).map(|(at, _)| &text[at + detail.len()..]).peekable();
    let word = |rest: &str| rest.split(char::is_whitespace).next().unwrap_or("").char_indices().any(|(at, _)| sign(&rest[at..]).is_some());
    !detail.is_empty() && behind.peek().is_some() && behind.all(word)
}

/// `a***@example.com`: the domain may stay, the person not. What stands before
/// an at sign is taken for a person, however the sign is spelled.
pub fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut from, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let Some(sign) = sign(&text[at..]) else {
            at += c.len_utf8();
            continue;
        };
        let start = from + person(&text[from..at]);
        out.push_str(&text[from..start]);
        if start < at {
            out.extend(text[start..at].chars().next());
            out.push_str("***");
        }
        out.push_str(sign);
        at += sign.len();
        from = at;
    }
    out.push_str(&text[from..]);
    out
}

/// The at sign that `text` begins with, as mails, links and programs spell it.
fn sign(text: &str) -> Option<&str> {
    const SPELLINGS: [&str; 8] = ["@", "＠", "﹫", "%40", "&#64;", "&#x40;", "\\x40", "\\100"];
    SPELLINGS.iter().find(|s| text.starts_with(**s)).map(|s| &text[..s.len()])
}

/// Where the local part begins that `text` ends with; its end where there is
/// none.
fn person(text: &str) -> usize {
    let is_local = |c: char| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() || "._-+='*/%!#$&?^`{|}~\\".contains(c);
    let outside = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':');
    match text.chars().next_back() {
        Some('"') => quoted(text),
        Some(c) if is_local(c) => behind(text, |c| !is_local(c)),
        _ => behind(text, outside),
    }
}

/// Where the quoted text begins that `text` ends with.
fn quoted(text: &str) -> usize {
    let open = text[..text.len() - 1].char_indices().rev().find(|(at, c)| *c == '"' && !text[..*at].ends_with('\\'));
    open.map_or(0, |(at, _)| at)
}

fn behind(text: &str, stop: impl Fn(char) -> bool) -> usize {
    let last = text.char_indices().rev().find(|(_, c)| stop(*c));
    last.map_or(0, |(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_address_is_told_from_a_name() {
        let text = "550 <o'neil@example.com>: see https://example.com/?u=o'neil@example.com or example.com";
        assert!(stands_in_local_parts(text, "https://example.com/?u=o"));
        assert!(!stands_in_local_parts(text, "example.com") && !stands_in_local_parts(text, "example.org"));
    }

    #[test]
    fn addresses_are_masked_but_their_domains_stay() {
        for (text, shown) in [
            ("<user.name@example.com>: no, see b@x.example", "<u***@example.com>: no, see b***@x.example"),
            ("\"John \\\"J\\\" Doe\"@example.com", "\"***@example.com"),
            ("to=<john@[192.0.2.1]>", "to=<j***@[192.0.2.1]>"),
            ("john!doe|x@example.com jöhn@example.com", "j***@example.com j***@example.com"),
            ("?email=john%40example.com john&#64;example.com", "?***%40example.com j***&#64;example.com"),
            ("john@\n example.com", "j***@\n example.com"),
            ("john＠example.com", "j***＠example.com"),
            ("john(work)@example.com", "john(work)@example.com"),
            ("@example.com @ all", "@example.com @ all"),
            ("john@list@example.com", "j***@l***@example.com"),
        ] {
            assert_eq!(without_addresses(text), shown);
        }
    }
}
