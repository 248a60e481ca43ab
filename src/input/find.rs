//! Cuts text at a mark, as `str::split_once` and `str::find` do, but without
//! preparing a search first, which takes longer than the search in a log line.
//! It must not know formats.

use memchr::memmem;

/// Where `mark` stands first.
pub(crate) fn find(text: &str, mark: &str) -> Option<usize> {
    memmem::find(text.as_bytes(), mark.as_bytes())
}

/// Where `mark` stands last.
pub(crate) fn rfind(text: &str, mark: &str) -> Option<usize> {
    memmem::rfind(text.as_bytes(), mark.as_bytes())
}

/// What stands before and behind the first `mark`.
pub(crate) fn cut<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    find(text, mark).map(|at| (&text[..at], &text[at + mark.len()..]))
}

/// What stands before and behind the last `mark`.
pub(crate) fn rcut<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    rfind(text, mark).map(|at| (&text[..at], &text[at + mark.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_mark_are_found() {
        let text = "a, bé, c";
        assert_eq!((find(text, ", "), rfind(text, ", "), find(text, "x")), (Some(1), Some(6), None));
        assert_eq!((cut(text, ", "), rcut(text, ", ")), (text.split_once(", "), text.rsplit_once(", ")));
        assert_eq!((cut(text, "é,"), rcut(text, "")), (text.split_once("é,"), text.rsplit_once("")));
    }
}
