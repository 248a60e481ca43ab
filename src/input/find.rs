//! Cuts text at a mark, as `str::split_once` and `str::find` do, but without
//! preparing a search first, which takes longer than the search in a log line.
//! Marks are short and not empty. It must not know formats.

use memchr::{memchr_iter, memrchr_iter};

use crate::block;

/// Where a byte stands first that is mostly near: found without the preparations
/// that pay in long texts.
pub(crate) fn near(bytes: &[u8], byte: u8) -> Option<usize> {
    block::position(bytes, |block| block.is(byte))
}

/// Where `mark` stands first.
pub(crate) fn find(text: &str, mark: &str) -> Option<usize> {
    let (bytes, sign) = (text.as_bytes(), sign(mark));
    memchr_iter(mark.as_bytes()[sign], bytes.get(sign..)?).find(|at| bytes[*at..].starts_with(mark.as_bytes()))
}

/// Where `mark` stands last.
pub(crate) fn rfind(text: &str, mark: &str) -> Option<usize> {
    let (bytes, sign) = (text.as_bytes(), sign(mark));
    memrchr_iter(mark.as_bytes()[sign], bytes.get(sign..)?).find(|at| bytes[*at..].starts_with(mark.as_bytes()))
}

/// Where a mark has a byte that is not common in logs: a sign, else its last
/// letter.
fn sign(mark: &str) -> usize {
    let sign = mark.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b' ');
    sign.or_else(|| mark.bytes().rposition(|b| b != b' ')).unwrap_or(0)
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
    fn the_first_byte_is_found_near_and_far() {
        for len in 0..100 {
            for at in 0..len {
                let mut bytes = vec![b'a'; len];
                (bytes[at], bytes[len - 1]) = (b',', b',');
                assert_eq!(near(&bytes, b','), Some(at));
                // One bit away from it.
                bytes[at] = b'-';
                assert_eq!(near(&bytes, b','), Some(len - 1).filter(|last| *last != at));
            }
        }
        assert_eq!(near(&[0x80, 0, 1, 0xff, 0, 0, 0, 0, 7], 7), Some(8));
    }

    #[test]
    fn the_first_and_the_last_mark_are_found() {
        for text in ["", "a", ",", "a, bé, c", "to=<a>, to=<b>, to=", "aaa aaab", ", , ,", "é,é,é"] {
            for mark in [", ", "x", "é,", "aab", "a", ", to=<", "to=<", ">, ", "c", "a aa", ","] {
                assert_eq!((find(text, mark), rfind(text, mark)), (text.find(mark), text.rfind(mark)), "{text:?} {mark:?}");
                assert_eq!((cut(text, mark), rcut(text, mark)), (text.split_once(mark), text.rsplit_once(mark)), "{text:?} {mark:?}");
            }
        }
    }
}
