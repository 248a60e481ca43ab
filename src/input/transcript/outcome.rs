//! Records as clients give them: built, merged, told apart. It must not know
//! how a program prints.

use crate::codes::status::Stage;
use crate::input::{Kind, Record};

pub(super) fn record(format: &'static str, text: String, line: u64) -> Record<'static> {
    Record { format, text: text.into(), line, ..Record::default() }
}

/// How a refusal at a stage counts.
pub(super) fn kind(stage: Option<Stage>) -> Kind {
    match stage {
        Some(Stage::Connect | Stage::Ehlo | Stage::StartTls) => Kind::Session,
        Some(Stage::Auth) => Kind::Login,
        _ => Kind::Attempt,
    }
}

/// Records among which one is looked for that was told before: more than a
/// session has, and few enough for a text of any length.
const LATEST: usize = 500;

/// The last records.
pub(super) fn latest<'r, 'l>(records: &'r [Record<'l>]) -> &'r [Record<'l>] {
    &records[records.len().saturating_sub(LATEST)..]
}

/// Adds a record unless it was told before.
pub(super) fn push(records: &mut Vec<Record<'static>>, record: Record<'static>) {
    if !latest(records).iter().any(|known| repeats(known, &record)) {
        records.push(record);
    }
}

fn repeats(known: &Record<'_>, new: &Record<'_>) -> bool {
    let unknown_or_same = |a: &Option<_>, b: &Option<_>| b.is_none() || a == b;
    let same_step = new.stage.is_none() || known.stage == new.stage;
    same_step && unknown_or_same(&known.recipient, &new.recipient) && same_words(&known.text, &new.text)
}

/// Whether two texts say the same; a program may print the first line only.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.split_whitespace(), b.split_whitespace().peekable());
    if b.peek().is_none() {
        return a.next().is_none();
    }
    while let Some(word) = b.next() {
        let Some(own) = a.next() else { return false };
        if own != word {
            return b.peek().is_none() && own.starts_with(word);
        }
    }
    true
}

/// The address in `MAIL FROM:<x> SIZE=1` or `RCPT TO:x`.
pub(super) fn path(command: &str) -> Option<&str> {
    let (_, rest) = command.split_once(':')?;
    let rest = rest.trim_start();
    let address = match rest.strip_prefix('<') {
        Some(inner) => inner.split('>').next(),
        None => rest.split(' ').next(),
    };
    address.filter(|a| !a.is_empty())
}

/// `text` is one mail address and nothing else.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '\'');
    !local.is_empty() && !domain.is_empty() && local.chars().all(|c| plain(c) || c == '\'') && domain.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_commands() {
        assert_eq!(path("MAIL FROM:<a@example.com> SIZE=10"), Some("a@example.com"));
        assert_eq!(path("rcpt to: a@example.com NOTIFY=NEVER"), Some("a@example.com"));
        assert_eq!(path("MAIL FROM:<>"), None);
        assert!(is_address("o'neil@example.com"));
        assert!(!is_address("<a@example.com>"));
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let mut records = vec![record("x", "550-5.1.1 a\n550 5.1.1 b".into(), 1)];
        push(&mut records, record("x", "550-5.1.1 a".into(), 2));
        assert_eq!(records.len(), 1);
        push(&mut records, record("x", "452 4.2.2 full".into(), 3));
        assert_eq!(records.len(), 2);
    }

    #[test]
    fn texts_say_the_same_up_to_the_end_of_the_shorter() {
        for (whole, part) in [("550-a\n550 b", "550-a"), ("550  no such user", "550 no su"), ("550 no", "550 no"), ("", " ")] {
            assert!(same_words(whole, part), "{whole:?} {part:?}");
        }
        for (whole, part) in [("550 no", "550 no such"), ("550 no", ""), ("550 nobody here", "550 no here"), ("", "550")] {
            assert!(!same_words(whole, part), "{whole:?} {part:?}");
        }
    }
}
