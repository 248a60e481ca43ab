//! Puts the details of a reply into titles, steps and commands.
//!
//! Titles and steps get words where a detail is unknown. Commands are pasted
//! into shells, and details come from strangers' servers: a command gets a
//! detail only if that holds nothing a shell would act on.

use super::details::Details;

/// Text with its placeholders filled; unknown details become words.
pub fn text(template: &str, details: &Details) -> String {
    let mut out = String::with_capacity(template.len() + 80);
    replace(template, &mut out, |name, out| {
        let known = detail(details, name).filter(|d| d.len() <= 80);
        let words = known.unwrap_or_else(|| words_behind(name, out));
        out.push_str(words);
    });
    let mut out = capitalised(closed_up(out));
    out.truncate(out.trim_end().len());
    out
}

/// Without the gaps that a placeholder without words leaves.
fn closed_up(text: String) -> String {
    let is_gap = |pair: &[u8]| pair[0] == b' ' && matches!(pair[1], b' ' | b':' | b',');
    if !text.as_bytes().windows(2).any(is_gap) {
        return text;
    }
    let gaps = [("  ", " "), (" :", ":"), (" ,", ",")];
    gaps.iter().fold(text, |text, (gap, closed)| text.replace(gap, closed))
}

/// Words for an unknown detail; none behind a noun that says as much ("the
/// mailbox {recipient}").
fn words_behind(name: &str, before: &str) -> &'static str {
    const NOUNS: [&str; 12] =
        ["address", "mailbox", "user", "account", "alias", "recipient", "sender", "domain", "host", "group", "name", "login"];
    let last = before.trim_end().rsplit(' ').next().unwrap_or("");
    if NOUNS.contains(&last) { "" } else { words_for(name) }
}

/// Commands with their placeholders filled. Those that lack a detail are left
/// out where another one is complete, else they keep a name in capitals.
pub fn commands<T: AsRef<str>>(templates: &[T], details: &Details) -> Vec<String> {
    let complete: Vec<String> = templates.iter().filter_map(|t| command(t.as_ref(), details)).collect();
    if !complete.is_empty() {
        return complete;
    }
    templates.iter().map(|t| with_names(t.as_ref())).collect()
}

/// A link with its placeholders filled; `None` where a detail is missing.
pub fn link(template: &str, details: &Details) -> Option<String> {
    if template.is_empty() { None } else { command(template, details) }
}

fn command(template: &str, details: &Details) -> Option<String> {
    let mut out = String::new();
    let mut complete = true;
    replace(template, &mut out, |name, out| {
        let known = detail(details, name).filter(|d| is_safe(d));
        complete &= known.is_some();
        out.push_str(known.unwrap_or_default());
    });
    complete.then_some(out)
}

fn with_names(template: &str) -> String {
    let mut out = String::new();
    replace(template, &mut out, |name, out| out.push_str(&name.to_ascii_uppercase()));
    out
}

/// Nothing a shell acts on, and no option.
fn is_safe(detail: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | ':' | '+' | '=' | '/' | '%');
    !detail.is_empty() && !detail.starts_with('-') && detail.len() <= 254 && detail.chars().all(plain)
}

fn detail<'d>(details: &'d Details, name: &str) -> Option<&'d str> {
    match name {
        "domain" => details.domain.as_deref(),
        "ip" => details.ip.as_deref(),
        "host" => details.host.as_deref(),
        "recipient" => details.recipient.as_deref(),
        "sender" => details.sender.as_deref(),
        _ => None,
    }
}

/// Words for an unknown detail; empty where `name` is no placeholder.
fn words_for(name: &str) -> &'static str {
    match name {
        "domain" => "the domain",
        "ip" => "the sending address",
        "host" => "the server",
        "recipient" => "the recipient",
        "sender" => "the sender",
        _ => "",
    }
}

/// `fill` gets the name of a placeholder, and the text in front of it to add to.
fn replace(template: &str, out: &mut String, mut fill: impl FnMut(&str, &mut String)) {
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + close];
        out.push_str(&rest[..open]);
        if words_for(name).is_empty() {
            out.push_str(&rest[open..=open + close]);
        } else {
            fill(name, out);
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
}

/// A placeholder at the start may have brought a small letter.
fn capitalised(mut text: String) -> String {
    if text.starts_with("the ") {
        text.replace_range(..1, "T");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> Details {
        Details { domain: Some("example.com".into()), ip: Some("192.0.2.1".into()), ..Details::default() }
    }

    #[test]
    fn known_details_are_filled_and_unknown_ones_worded() {
        assert_eq!(text("{ip} may not send for {sender}", &details()), "192.0.2.1 may not send for the sender");
        assert_eq!(text("{recipient} is gone", &details()), "The recipient is gone");
        assert_eq!(text("keep {other}", &details()), "keep {other}");
        assert_eq!(text("The mailbox {recipient} is gone", &details()), "The mailbox is gone");
        assert_eq!(text("no such user {recipient}", &details()), "no such user");
    }

    #[test]
    fn commands_that_lack_a_detail_give_way_to_complete_ones() {
        let list = ["dig -x {ip} +short", "dig MX {host}"];
        assert_eq!(commands(&list, &details()), ["dig -x 192.0.2.1 +short"]);
        assert_eq!(commands(&["dig MX {host}"], &details()), ["dig MX HOST"]);
    }

    #[test]
    fn a_detail_that_a_shell_would_act_on_is_not_used() {
        let nasty = Details { domain: Some("$(reboot).example".into()), ..Details::default() };
        assert_eq!(commands(&["dig {domain}"], &nasty), ["dig DOMAIN"]);
        let option = Details { domain: Some("-f.example".into()), ..Details::default() };
        assert_eq!(commands(&["dig {domain}"], &option), ["dig DOMAIN"]);
    }
}
