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

/// The statuses of `count` recipients, which stand one behind another with `;`
/// between them. `None` where they cannot be told apart.
pub(super) fn split(text: &str, count: usize) -> Option<Vec<&str>> {
    if count == 1 {
        return Some(vec![text]);
    }
    let blocks = text.contains("{LED=") || text.contains("{LRT=");
    let mark = if blocks { "}];" } else { ";" };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let end = at + mark.len();
        parts.push(&rest[..end - 1]);
        rest = &rest[end..];
    }
    if !rest.trim().is_empty() || parts.len() < count {
        parts.push(rest);
    }
    (parts.len() == count).then_some(parts)
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
        assert_eq!(split("250 2.1.5 a;550 5.1.1 b", 2), Some(vec!["250 2.1.5 a", "550 5.1.1 b"]));
        assert_eq!(split("[{LED=a};{IP=}];[{LED=b; c};{IP=}]", 2).map(|p| read(p[1]).reply), Some("b; c"));
        assert_eq!(split("a;b;c", 2), None);
    }
}
