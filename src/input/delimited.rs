//! Cuts one line into fields at a separator, with `"` around fields that hold
//! it. It must not know what fields mean.

use std::borrow::Cow;

/// Fields of a line that are read; no format has so many.
pub(super) const MOST_FIELDS: usize = 1000;

/// The fields of `line`, the first [`MOST_FIELDS`] of them; a doubled quote
/// inside quotes is one.
pub(super) fn fields(line: &str, separator: u8) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut at = 0;
    while out.len() < MOST_FIELDS {
        let (field, end) = field(line, at, separator);
        out.push(field);
        match line.as_bytes().get(end) {
            Some(_) => at = end + 1,
            None => break,
        }
    }
    out
}

/// The field that begins at `at`, and where its separator stands.
fn field(line: &str, at: usize, separator: u8) -> (Cow<'_, str>, usize) {
    let bytes = line.as_bytes();
    let behind = |from: usize| bytes[from..].iter().position(|b| *b == separator).map_or(bytes.len(), |n| from + n);
    if bytes.get(at) != Some(&b'"') {
        let end = behind(at);
        return (Cow::Borrowed(&line[at..end]), end);
    }
    let mut close = at + 1;
    while close < bytes.len() && !(bytes[close] == b'"' && bytes.get(close + 1) != Some(&b'"')) {
        close += if bytes[close] == b'"' { 2 } else { 1 };
    }
    let inner = &line[at + 1..close.min(bytes.len())];
    let inner = if inner.contains("\"\"") { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
    (inner, behind((close + 1).min(bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::{MOST_FIELDS, fields};

    #[test]
    fn quotes_hold_separators() {
        assert_eq!(fields("a,\"b,c\"\"d\",,e", b','), ["a", "b,c\"d", "", "e"]);
        assert_eq!(fields("\"a\"\t\"b", b'\t'), ["a", "b"]);
        assert_eq!(fields("", b','), [""]);
        assert_eq!(fields("\"\"\",", b','), ["\","]);
        assert_eq!(fields("a,", b','), ["a", ""]);
        assert_eq!(fields("\"", b','), [""]);
        assert_eq!(fields(&",".repeat(1 << 20), b',').len(), MOST_FIELDS);
    }
}
