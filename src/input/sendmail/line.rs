//! The outline of a line of Sendmail's log: queue id, and the comma-separated
//! `key=value` pairs whose last values may hold commas. It must not know what
//! the pairs mean.

/// `QID: ` at the start; ids have 14 letters and digits.
pub(super) fn split_id(text: &str) -> (Option<&str>, &str) {
    let Some((id, rest)) = text.split_once(": ") else { return (None, text) };
    if is_id(id) { (Some(id), rest) } else { (None, text) }
}

pub(super) fn is_id(text: &str) -> bool {
    (8..=20).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Keys whose values run on over commas: `reply` up to `stat`, `stat` and
/// `reject` to the end.
const LONG: [&str; 3] = ["reply=", "stat=", "reject="];

#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs<'t> {
    text: &'t str,
}

impl<'t> Pairs<'t> {
    /// `text` starts with a pair.
    pub(super) fn new(text: &'t str) -> Pairs<'t> {
        Pairs { text }
    }

    /// The value of a key; a value of an address list may hold commas too.
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        self.into_iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }
}

impl<'t> IntoIterator for Pairs<'t> {
    type Item = (&'t str, &'t str);
    type IntoIter = Iter<'t>;

    fn into_iter(self) -> Iter<'t> {
        Iter { rest: self.text }
    }
}

pub(super) struct Iter<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Iter<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<(&'t str, &'t str)> {
        let (key, behind) = self.rest.split_once('=')?;
        let end = match key {
            "stat" | "reject" => behind.len(),
            "reply" => behind.rfind(", stat=").unwrap_or(behind.len()),
            _ => next_pair(behind),
        };
        let (value, rest) = behind.split_at(end);
        self.rest = rest.strip_prefix(", ").unwrap_or_default();
        Some((key, value))
    }
}

/// Where `, key=` follows; commas in brackets and quotes do not count.
fn next_pair(text: &str) -> usize {
    let candidates = text.match_indices(", ").map(|(at, _)| at);
    let is_key = |at: &usize| {
        let rest = &text[at + 2..];
        let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric()).count();
        LONG.iter().any(|key| rest.starts_with(key)) || (1..=10).contains(&len) && rest[len..].starts_with('=')
    };
    candidates.into_iter().find(is_key).unwrap_or(text.len())
}

/// The addresses of `to=`, without the mark that there are more.
pub(super) fn address_list(list: &str) -> &str {
    list.strip_suffix(" [more]").unwrap_or(list)
}

/// The addresses of a list: `<a@b>,<c@d>`, `alice`, `"|/usr/bin/x, y"`.
pub(super) fn addresses(list: &str) -> Addresses<'_> {
    Addresses { rest: list }
}

pub(super) struct Addresses<'t> {
    rest: &'t str,
}

impl<'t> Addresses<'t> {
    /// Those that were not given yet.
    pub(super) fn rest(self) -> &'t str {
        self.rest
    }
}

impl<'t> Iterator for Addresses<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let (address, len) = first_address(self.rest);
        self.rest = &self.rest[len..];
        address
    }
}

/// The first address of a list that is not blank, and where the next begins.
pub(super) fn first_address(list: &str) -> (Option<&str>, usize) {
    let mut from = 0;
    while from < list.len() {
        let end = from + address_end(&list[from..]);
        let next = (end + 1).min(list.len());
        if !list[from..end].trim().is_empty() {
            return (Some(&list[from..end]), next);
        }
        from = next;
    }
    (None, from)
}

/// Where the address that a list begins with ends.
fn address_end(list: &str) -> usize {
    let (mut quoted, mut depth) = (false, 0u32);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'<' if !quoted => depth += 1,
            b'>' if !quoted => depth = depth.saturating_sub(1),
            b',' if !quoted && depth == 0 => return at,
            _ => {}
        }
    }
    list.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_keep_their_commas() {
        let pairs = Pairs::new(
            "to=<a@b>,<c@d>, delay=00:00:00, relay=mx. [192.0.2.1], dsn=5.7.1, reply=550 5.7.1 first, x=1, stat=z, stat=Service unavailable, y=2",
        );
        assert_eq!(pairs.get("to"), Some("<a@b>,<c@d>"));
        assert_eq!(pairs.get("relay"), Some("mx. [192.0.2.1]"));
        assert_eq!(pairs.get("reply"), Some("550 5.7.1 first, x=1, stat=z"));
        assert_eq!(pairs.get("stat"), Some("Service unavailable, y=2"));
    }

    #[test]
    fn address_lists_are_split() {
        let list = address_list("<a@b>,\"|/x, y\", ,<c,d@e> [more]");
        assert_eq!(addresses(list).collect::<Vec<_>>(), ["<a@b>", "\"|/x, y\"", "<c,d@e>"]);
        let mut some = addresses(list);
        assert_eq!((some.next(), some.rest()), (Some("<a@b>"), "\"|/x, y\", ,<c,d@e>"));
        assert_eq!(addresses(" , ,").next(), None);
    }
}
