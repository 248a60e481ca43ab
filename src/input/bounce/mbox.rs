//! Splits mbox files into mails, of which one at a time is kept. It must not
//! know what mails say.

use std::io::{self, BufRead, Read};

use super::mime::MAX_MAIL;

/// Bytes of a mail that are kept: what is read of one, and what may stand
/// before it.
const MOST: usize = MAX_MAIL + (4 << 10);
/// Bytes of a line that are read at a time.
const CHUNK: u64 = 64 << 10;

/// The mails of an mbox file, or the whole where it is a single mail. A line
/// that begins with `From ` in a body is quoted as `>From ` in such files; where
/// the writer forgot that, the empty line in front and the time in the line
/// decide.
pub struct Mails<R> {
    source: R,
    /// The source begins as an mbox file does; `None` before it was read.
    is_mbox: Option<bool>,
    mail: Vec<u8>,
    /// A line, or a part of a long one.
    line: Vec<u8>,
    ended: bool,
    line_breaks: u64,
    error: Option<io::Error>,
}

impl<R: BufRead> Mails<R> {
    pub fn new(source: R) -> Mails<R> {
        let (mail, line) = (Vec::new(), Vec::new());
        Mails { source, is_mbox: None, mail, line, ended: false, line_breaks: 0, error: None }
    }

    /// The next mail; of one that is larger than any that is read, the
    /// beginning.
    #[expect(clippy::should_implement_trait, reason = "mails are lent, which iterators cannot do")]
    pub fn next(&mut self) -> Option<&[u8]> {
        self.mail.clear();
        if self.ended {
            return None;
        }
        if self.is_mbox.is_none() {
            if !self.read() {
                return None;
            }
            let is_mbox = envelope_line(&self.line).is_some();
            self.is_mbox = Some(is_mbox);
            if !is_mbox {
                self.keep();
            }
        }
        self.read_mail();
        Some(&self.mail)
    }

    /// Reads up to the line that begins the next mail.
    fn read_mail(&mut self) {
        let (mut starts, mut blank, mut after_empty) = (true, true, false);
        while self.read() {
            if starts && after_empty && self.is_mbox == Some(true) && envelope_line(&self.line).is_some() {
                return;
            }
            blank = (starts || blank) && self.line.trim_ascii().is_empty();
            starts = self.line.ends_with(b"\n");
            after_empty = starts && blank;
            self.keep();
        }
    }

    /// Reads a line, or a part of it; `false` at the end.
    fn read(&mut self) -> bool {
        self.line.clear();
        let read = (&mut self.source).take(CHUNK).read_until(b'\n', &mut self.line);
        self.line_breaks += u64::from(self.line.ends_with(b"\n"));
        self.error = read.err();
        self.ended = self.error.is_some() || self.line.is_empty();
        !self.line.is_empty()
    }

    fn keep(&mut self) {
        let room = MOST - self.mail.len();
        self.mail.extend_from_slice(&self.line[..self.line.len().min(room)]);
    }

    /// Line breaks read so far.
    pub fn line_breaks(&self) -> u64 {
        self.line_breaks
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// What ended the source before its time.
    pub fn end(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }
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

    fn mails(data: &[u8]) -> Vec<String> {
        let (mut mails, mut found) = (Mails::new(data), Vec::new());
        while let Some(mail) = mails.next() {
            found.push(String::from_utf8_lossy(mail).into_owned());
        }
        assert_eq!(mails.line_breaks(), data.iter().filter(|b| **b == b'\n').count() as u64);
        found
    }

    #[test]
    fn mails_are_cut_at_envelope_lines_only() {
        let data = b"From MAILER-DAEMON Sat Nov 21 17:40:48 2026\nSubject: a\n\nbody\n>From quoted\n\nFrom here on it is text\n\n\
            From b@example.com Sat Nov 21 17:41:48 2026\nSubject: b\n\nFrom c 17:41\n";
        let found = mails(data);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("Subject: a") && found[0].ends_with("text\n\n"));
        assert_eq!(found[1], "Subject: b\n\nFrom c 17:41\n");
    }

    #[test]
    fn a_single_mail_is_whole() {
        let data = "Subject: a\n\nbody\n\nFrom b@example.com Sat Nov 21 17:41:48 2026\n";
        assert_eq!(mails(data.as_bytes()), [data]);
        assert_eq!(mails(b""), [""; 0]);
        assert_eq!(mails(b"From a 17:40 2026"), [""]);
    }

    #[test]
    fn of_a_large_mail_the_beginning_is_kept_and_the_next_one_is_found() {
        let from = "From a Sat Nov 21 17:40:48 2026\n";
        for body in [format!("{}\n", "x".repeat(6 << 20)), "line\n".repeat(1 << 20)] {
            let found = mails(format!("{from}Subject: a\n\n{body}{from}\n{from}Subject: b\n").as_bytes());
            assert_eq!((found.len(), found[0].len(), found[1].as_str()), (2, MOST, "Subject: b\n"));
        }
    }

    #[test]
    fn an_error_comes_behind_what_was_read_before_it() {
        let broken = Read::chain(&b"Subject: a\n\nbo"[..], Broken);
        let mut mails = Mails::new(io::BufReader::new(broken));
        assert_eq!(mails.next(), Some(&b"Subject: a\n\nbo"[..]));
        assert_eq!(mails.next(), None);
        assert!(mails.end().is_err());
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
}
