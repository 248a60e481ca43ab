//! Puts the details of a reply into titles, steps and commands.
//!
//! Titles and steps get words where a detail is unknown. Commands are pasted
//! into shells, and details come from strangers' servers: a command gets a
//! detail only if that holds nothing a shell would act on.

use super::details::Details;

/// A placeholder: a detail that a text gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    Domain,
    Ip,
    Host,
    Recipient,
    Sender,
}

impl Slot {
    /// All slots, with the names they have in templates, and what stands for
    /// an unknown detail.
    const ALL: [(Slot, &str, &str); 5] = [
        (Slot::Domain, "domain", "the domain"),
        (Slot::Ip, "ip", "the sending address"),
        (Slot::Host, "host", "the server"),
        (Slot::Recipient, "recipient", "the recipient"),
        (Slot::Sender, "sender", "the sender"),
    ];

    fn of(name: &str) -> Option<Slot> {
        Slot::ALL.iter().find(|(_, known, _)| *known == name).map(|(slot, _, _)| *slot)
    }

    fn name(self) -> &'static str {
        Slot::ALL[self as usize].1
    }

    fn words(self) -> &'static str {
        Slot::ALL[self as usize].2
    }

    /// Its detail, where that is known.
    pub fn detail(self, details: &Details) -> Option<&str> {
        match self {
            Slot::Domain => details.domain.as_deref(),
            Slot::Ip => details.ip.as_deref(),
            Slot::Host => details.host.as_deref(),
            Slot::Recipient => details.recipient.as_deref(),
            Slot::Sender => details.sender.as_deref(),
        }
    }
}

/// A template in pieces: words, each with the slot that follows it.
pub fn pieces(template: &str) -> impl Iterator<Item = (&str, Option<Slot>)> {
    let mut rest = Some(template);
    std::iter::from_fn(move || {
        let text = rest?;
        let open = text.find('{');
        let place = open.and_then(|open| Some((open, open + text[open..].find('}')?)));
        let Some((open, close)) = place else {
            rest = None;
            return Some((text, None));
        };
        rest = Some(&text[close + 1..]);
        let slot = Slot::of(&text[open + 1..close]);
        Some((if slot.is_some() { &text[..open] } else { &text[..=close] }, slot))
    })
}

/// Whether a detail stands in texts and commands as it is, without any change
/// to what is around it.
#[cfg(any(feature = "cli", test))]
pub fn is_plain(detail: &str) -> bool {
    let begins = detail.as_bytes().first().is_some_and(|b| !matches!(b, b'-' | b':'));
    begins && detail.len() <= LONGEST && detail.bytes().all(|b| IS_PLAIN[usize::from(b)])
}

/// Letters, digits and the signs of addresses.
#[cfg(any(feature = "cli", test))]
const IS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'@' | b'+' | b'=' | b':' | b'/' | b'%');
        b += 1;
    }
    table
};

/// Bytes of the longest detail that is put into a text.
const LONGEST: usize = 80;

/// Whether plain details are all that filling changes in a template.
#[cfg(any(feature = "cli", test))]
pub fn is_even(template: &str) -> bool {
    let known = || Some("x".to_string());
    let details = Details { domain: known(), ip: known(), host: known(), recipient: known(), sender: known(), ..Details::default() };
    let joined: String = pieces(template).map(|(words, slot)| format!("{words}{}", if slot.is_some() { "x" } else { "" })).collect();
    text(template, &details) == joined
}

/// Text with its placeholders filled; unknown details become words.
pub fn text(template: &str, details: &Details) -> String {
    let mut out = String::with_capacity(template.len() + 80);
    replace(template, &mut out, |slot, out| {
        let known = slot.detail(details).filter(|d| d.len() <= LONGEST);
        let words = known.unwrap_or_else(|| words_behind(slot, out));
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
fn words_behind(slot: Slot, before: &str) -> &'static str {
    const NOUNS: [&str; 12] =
        ["address", "mailbox", "user", "account", "alias", "recipient", "sender", "domain", "host", "group", "name", "login"];
    let last = before.trim_end().rsplit(' ').next().unwrap_or("");
    if NOUNS.contains(&last) { "" } else { slot.words() }
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
    replace(template, &mut out, |slot, out| {
        let known = slot.detail(details).filter(|d| is_safe(d));
        complete &= known.is_some();
        out.push_str(known.unwrap_or_default());
    });
    complete.then_some(out)
}

fn with_names(template: &str) -> String {
    let mut out = String::new();
    replace(template, &mut out, |slot, out| out.push_str(&slot.name().to_ascii_uppercase()));
    out
}

/// Nothing a shell acts on, and no option.
fn is_safe(detail: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | ':' | '+' | '=' | '/' | '%');
    !detail.is_empty() && !detail.starts_with('-') && detail.len() <= 254 && detail.chars().all(plain)
}

/// `fill` gets a slot, and the text in front of it to add to.
fn replace(template: &str, out: &mut String, mut fill: impl FnMut(Slot, &mut String)) {
    for (words, slot) in pieces(template) {
        out.push_str(words);
        slot.into_iter().for_each(|slot| fill(slot, out));
    }
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
    fn plain_details_change_nothing_around_them() {
        let even = "{ip} may, {other} not: {host} {x";
        assert!(is_even(even));
        assert_eq!(pieces(even).map(|(words, _)| words).collect::<Vec<_>>(), ["", " may, {other}", " not: ", " {x"]);
        for uneven in ["the {ip}", "a  {ip}", "{ip} ", "{ip} :", "{ip} , x"] {
            assert!(!is_even(uneven), "{uneven}");
        }
        let is = |detail: &str| is_plain(detail);
        assert!(is("jane+x@example.com") && is("2001:db8::1") && is(&"x".repeat(80)));
        assert!(!["", "-x", "::1", ",", "a b", "é", "a\"b", "$x", &"x".repeat(81)].into_iter().any(is));
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
