//! The status that Exchange keeps for a recipient:
//! `[{LED=550 5.1.8 Access denied};{MSG=};{FQDN=mx.example.com};{IP=192.0.2.1};{LRT=…}]`.
//! It must not know logs or meanings.

/// What a status says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Led<'t> {
    /// The last error.
    pub(super) reply: &'t str,
    pub(super) host: Option<&'t str>,
    pub(super) ip: Option<&'t str>,
}

/// Where a value ends: the braces of the next field or of the whole. The reply
/// may itself hold brackets and semicolons.
const ENDS: [&str; 6] = ["};{MSG=", "};{FQDN=", "};{IP=", "};{LRT=", "};{LED=", "}]"];

/// Reads a status, with or without the braces.
pub(super) fn read(text: &str) -> Led<'_> {
    match value(text, "{LED=") {
        Some(reply) => Led { reply, host: value(text, "{FQDN="), ip: value(text, "{IP=") },
        None => Led { reply: text.trim().trim_matches('\''), ..Led::default() },
    }
}

fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = &text[text.find(name)? + name.len()..];
    let end = ENDS.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    let value = rest[..end].trim();
    (!value.is_empty()).then_some(value)
}

/// What stands between the statuses of `count` recipients, which stand one behind
/// another; `None` where they cannot be told apart.
pub(super) fn mark_of(text: &str, count: usize) -> Option<&'static str> {
    let blocks = text.contains("{LED=") || text.contains("{LRT=");
    let mark = if blocks { "}];" } else { ";" };
    let (mut parts, mut rest) = (0, text);
    while let Some(at) = rest.find(mark) {
        parts += 1;
        rest = &rest[at + mark.len()..];
    }
    parts += usize::from(!rest.trim().is_empty() || parts < count);
    (parts == count).then_some(mark)
}

/// The first of several statuses with such a mark between them, and where the
/// next begins.
pub(super) fn first<'t>(text: &'t str, mark: &str) -> (&'t str, usize) {
    match text.find(mark) {
        Some(at) => (&text[..at + mark.len() - 1], at + mark.len()),
        None => (text, text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_is_taken_out() {
        let read = read(
            "[{LED=550 5.1.8 Access denied, bad outbound sender AS(42000001) [A.prod.outlook.com]};{MSG=};{FQDN=10.0.0.40};{IP=10.0.0.40};{LRT=11.08.2026 09:47:13}]",
        );
        assert_eq!(read.reply, "550 5.1.8 Access denied, bad outbound sender AS(42000001) [A.prod.outlook.com]");
        assert_eq!((read.host, read.ip), (Some("10.0.0.40"), Some("10.0.0.40")));
        assert_eq!(super::read("[{LRT=};{LED=441 4.4.1 \"no\"};{FQDN=};{IP=}]").reply, "441 4.4.1 \"no\"");
        assert_eq!(
            super::read("'550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'").reply,
            "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"
        );
    }

    #[test]
    fn several_recipients_have_a_status_each() {
        let all = |text: &'static str, count| {
            let mark = mark_of(text, count)?;
            let next = |from: &mut usize| {
                let (status, len) = first(&text[*from..], mark);
                *from += len;
                Some(status)
            };
            Some((0..count).scan(0, |from, _| next(from)).collect::<Vec<_>>())
        };
        assert_eq!(all("250 2.1.5 a;550 5.1.1 b", 2), Some(vec!["250 2.1.5 a", "550 5.1.1 b"]));
        assert_eq!(all("250 2.1.5 a;550 5.1.1 b;", 2), Some(vec!["250 2.1.5 a", "550 5.1.1 b"]));
        assert_eq!(all("250 2.1.5 a;", 2), Some(vec!["250 2.1.5 a", ""]));
        assert_eq!(all("[{LED=a};{IP=}];[{LED=b; c};{IP=}]", 2).map(|all| read(all[1]).reply), Some("b; c"));
        assert_eq!(all("a;b;c", 2), None);
    }
}
