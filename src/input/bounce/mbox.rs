//! Cuts an mbox file into its mails. It must not know what stands in a mail.

/// The mails of `data` with the offset each begins at: those of an mbox file,
/// or the whole where it is a single mail. A line that begins with `From ` in
/// a body is quoted as `>From ` in such files; where the writer forgot that,
/// the empty line in front and the time in the line decide.
pub fn split_mbox(data: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = envelope_line(data).unwrap_or(0);
    let mut from = (!data.is_empty()).then_some(first);
    let is_mbox = first > 0;
    std::iter::from_fn(move || {
        let start = from?;
        let next = if is_mbox { next_envelope(data, start) } else { None };
        let (end, after) = next.map_or((data.len(), None), |(at, len)| (at, Some(at + len)));
        from = after;
        Some((start, data.get(start..end)?))
    })
}

/// Offset and length of the next line that begins a mail.
fn next_envelope(data: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    let mut after_empty = false;
    for line in data.get(start..)?.split_inclusive(|b| *b == b'\n') {
        if let Some(len) = after_empty.then(|| envelope_line(line)).flatten() {
            return Some((at, len));
        }
        after_empty = line.trim_ascii().is_empty();
        at += line.len();
    }
    None
}

/// Length of the `From sender Sat Nov 21 17:40:48 2026` line that `data`
/// begins with.
pub(super) fn envelope_line(data: &[u8]) -> Option<usize> {
    let rest = data.strip_prefix(b"From ")?;
    let len = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |n| n + 1);
    let line = &rest[..len];
    let digits = |word: &[u8], at: &[usize]| at.iter().all(|n| word.get(*n).is_some_and(u8::is_ascii_digit));
    let has_time = line.windows(5).any(|w| w[2] == b':' && digits(w, &[0, 1, 3, 4]));
    let has_year = line.split(u8::is_ascii_whitespace).any(|w| w.len() == 4 && digits(w, &[0, 1, 2, 3]));
    (has_time && has_year).then_some(5 + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_cut_at_envelope_lines_only() {
        let data = b"From MAILER-DAEMON Sat Nov 21 17:40:48 2026\nSubject: a\n\nbody\n>From quoted\n\nFrom here on it is text\n\n\
            From b@example.com Sat Nov 21 17:41:48 2026\nSubject: b\n\nFrom c 17:41\n";
        let found: Vec<_> = split_mbox(data).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].1.starts_with(b"Subject: a") && found[0].1.ends_with(b"text\n\n"));
        assert_eq!(&data[found[1].0..][..10], b"Subject: b");
    }

    #[test]
    fn a_single_mail_is_whole() {
        let data = b"Subject: a\n\nbody\n\nFrom b@example.com Sat Nov 21 17:41:48 2026\n";
        assert_eq!(split_mbox(data).collect::<Vec<_>>(), [(0, &data[..])]);
        assert_eq!(split_mbox(b"").count(), 0);
        assert_eq!(split_mbox(b"From a 17:40 2026").collect::<Vec<_>>(), [(17, &b""[..])]);
    }
}
