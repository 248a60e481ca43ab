//! Cuts a source into blocks: one transcript or exception each, of which one at
//! a time is kept. It must not know what a block says.

use std::io::{self, Read};

use super::{literal, marks};
use crate::input::record::kept;
use crate::input::window::Window;

/// Bytes of the longest block that is taken as one.
const LONGEST: usize = 256 << 10;

/// The blocks of a source. Blocks that are neither transcript nor exception are
/// given too.
pub struct Blocks<R> {
    source: Window<R>,
    /// What the parts of the block at hand have shown that were given already.
    begun: Seen,
}

/// A part of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'t> {
    /// Without blank lines at its ends.
    pub text: &'t str,
    /// The number of its first line, 1-based.
    pub line: u64,
    /// It goes on in the next one, for it is too long.
    pub cut: bool,
}

impl<R: Read> Blocks<R> {
    pub fn new(source: R) -> Blocks<R> {
        Blocks { source: Window::new(source), begun: Seen::default() }
    }

    #[expect(clippy::should_implement_trait, reason = "blocks are lent, which iterators cannot do")]
    pub fn next(&mut self) -> Option<Block<'_>> {
        loop {
            let (len, cut) = self.len();
            if len == 0 {
                return None;
            }
            let line = self.source.line();
            self.source.pass(len);
            let block = self.source.passed(len);
            if !block.trim().is_empty() {
                let blank = block.lines().take_while(|l| l.trim().is_empty()).count() as u64;
                // Asked for again, since what is lent in a loop is lent for good.
                let text = without_blank_ends(self.source.passed(len));
                return Some(Block { text, line: line + blank, cut });
            }
        }
    }

    /// The length of the next block, and whether it is cut.
    fn len(&mut self) -> (usize, bool) {
        let (len, cut) = self.measured();
        self.begun = if cut { first_block(&self.source.rest()[..len], &self.begun).1 } else { Seen::default() };
        (len, cut)
    }

    fn measured(&mut self) -> (usize, bool) {
        loop {
            let rest = self.source.rest();
            let (seen, len) = (rest.len(), first_block(rest, &self.begun).0);
            // The line behind a block tells that it ends.
            if rest[len..].contains('\n') {
                return (len, false);
            }
            if seen >= LONGEST && len < seen || !self.source.more(seen.min(LONGEST.saturating_sub(seen))) {
                return (len, false);
            }
            if seen >= LONGEST {
                let whole_lines = self.source.rest()[..seen].rfind('\n').map_or(seen, |at| at + 1);
                return (whole_lines, true);
            }
        }
    }

    /// Line breaks passed so far.
    pub fn line_breaks(&self) -> u64 {
        self.source.line() - 1
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// What ended the source before its time.
    pub fn end(self) -> io::Result<()> {
        self.source.end()
    }
}

fn without_blank_ends(block: &str) -> &str {
    let mut rest = block;
    while let Some((first, behind)) = rest.split_once('\n') {
        if !first.trim().is_empty() {
            break;
        }
        rest = behind;
    }
    rest.trim_end_matches(['\n', '\r'])
}

/// The length of the block that `text` begins with or goes on with, and what it
/// has shown by then.
fn first_block(text: &str, begun: &Seen) -> (usize, Seen) {
    let mut at = 0;
    let mut seen = begun.clone();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if seen.ends_before(bare, &text[at..]) {
            break;
        }
        seen.take(bare);
        at += line.len();
    }
    (at, seen)
}

/// What the block at hand has shown so far.
#[derive(Clone, Default)]
struct Seen {
    /// Any line that is not blank.
    any: bool,
    /// The last line was blank.
    blank: bool,
    /// A line that says how it all ended.
    ended: bool,
    /// A session is under way: blank lines belong to it.
    session: bool,
    /// The next traceback belongs to this one.
    chained: bool,
    /// An exception's stack or properties: the next exception is another.
    stacked: bool,
    /// Perl's dialogue: its next list of classes is another session's.
    debugged: bool,
    /// The process of sendEmail that spoke.
    pid: Option<String>,
    /// Lines of a program that may open a block, such as curl's `Trying`.
    talk: bool,
}

impl Seen {
    fn ends_before(&self, line: &str, rest: &str) -> bool {
        if !self.any || line.trim().is_empty() {
            return false;
        }
        if self.ended && !goes_on(line) || self.talk && opens_session(line) {
            return true;
        }
        if opens_exception(line) && !self.chained && (self.blank || self.ended || self.stacked) {
            return true;
        }
        if self.debugged && line.starts_with("Net::SMTP>>> Net::SMTP") || differs(self.pid(), send_email_pid(line)) {
            return true;
        }
        self.blank && !self.session && !self.chained && !goes_on(line) && !session_follows(rest)
    }

    fn pid(&self) -> Option<&str> {
        self.pid.as_deref()
    }

    fn take(&mut self, line: &str) {
        self.blank = line.trim().is_empty();
        if self.blank {
            return;
        }
        self.any = true;
        self.talk |= !opens_session(line);
        self.session |= is_session_line(line);
        if ends(line) {
            (self.ended, self.session) = (true, false);
        }
        self.stacked |= ["\tfrom ", "\tat ", "    at ", "  File ", "}"].iter().any(|m| line.starts_with(m));
        self.debugged |= line.starts_with("Net::SMTP=GLOB");
        self.pid = send_email_pid(line).map(kept).or(self.pid.take());
        let chain = line.starts_with("During handling of the above") || line.starts_with("The above exception was");
        self.chained = chain || self.chained && !line.starts_with("Traceback ");
    }
}

/// The process number in ` sendemail[142]: `.
fn send_email_pid(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(" sendemail[")?;
    rest.split(']').next()
}

/// Both are known and are not the same.
fn differs(known: Option<&str>, new: Option<&str>) -> bool {
    matches!((known, new), (Some(a), Some(b)) if a != b)
}

/// A line that a new transcript begins with.
fn opens_session(line: &str) -> bool {
    line.starts_with("=== Trying ")
        || line.starts_with("*   Trying ")
        || line.starts_with("* Trying ")
        || line.starts_with("Trying ") && line.ends_with("...")
        || line.starts_with("s-nail: P(seudo)")
        || line.starts_with("new failed: Net::SMTP: ")
        || line.starts_with("EXCEPTION: ")
}

/// A line that a new exception begins with.
fn opens_exception(line: &str) -> bool {
    ["Traceback (most recent call last)", "Error: ", "javax.mail.", "com.sun.mail.", "Net::SMTP", "EOFError: ", "msmtp: ", "{\"accepted\":"]
        .iter()
        .any(|m| line.starts_with(m))
}

/// A line that belongs to the block before a blank line.
fn goes_on(line: &str) -> bool {
    const STARTS: [&str; 16] = [
        "Caused by",
        "NEXT:",
        "During handling of",
        "The above exception",
        "ErrorInfo",
        "SERVER -> CLIENT",
        "CLIENT -> SERVER",
        "SMTP E",
        "SMTP N",
        "SMTP server error",
        "Net::SMTP=GLOB",
        "Net::SMTP>>>",
        "msmtp: could not",
        "s-nail: ...",
        "*** ",
        ";",
    ];
    line.starts_with([' ', '\t', '}']) || STARTS.iter().any(|s| line.starts_with(s))
}

/// A session's own lines: a blank line does not end it.
fn is_session_line(line: &str) -> bool {
    line.starts_with("Escape character is ")
        || line.starts_with("CONNECTED(")
        || line.starts_with("DEBUG SMTP")
        || literal::reply(line).is_some_and(|(code, _)| matches!(code, 220 | 250 | 354))
        || marks::is_envelope_command(line)
}

/// A line that says how a session or report ended.
fn ends(line: &str) -> bool {
    const STARTS: [&str; 6] = [
        "curl: (",
        "Connection closed by foreign host",
        "msmtp: could not send mail",
        "s-nail: ... ",
        "&textproto.Error{",
        "&errors.errorString{",
    ];
    STARTS.iter().any(|s| line.starts_with(s))
        || line.starts_with("=== Connection closed")
        || line.starts_with("{\"accepted\":")
        || line.contains(" exitcode=EX_")
        || literal::reply(line).is_some_and(|(code, _)| code == 221)
        || line.contains(" sendemail[") && (line.contains("Exiting. ") || line.contains("Email was sent"))
}

/// The text from here belongs to debug output whose summary stood before.
fn session_follows(rest: &str) -> bool {
    rest.starts_with("SERVER -> CLIENT") || rest.starts_with("Net::SMTP")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(u64, String)> {
        let (mut blocks, mut found) = (Blocks::new(text.as_bytes()), Vec::new());
        while let Some(block) = blocks.next() {
            assert!(!block.cut || text.len() > LONGEST);
            found.push((block.line, block.text.to_string()));
        }
        assert_eq!(blocks.line_breaks(), text.matches('\n').count() as u64);
        found
    }

    #[test]
    fn transcripts_one_after_another_are_told_apart() {
        let text = "=== Trying a.test:25...\n=== Connected to a.test.\n<** 550 no\n=== Connection closed with remote host.\n=== Trying b.test:25...\n<** 550 no\n";
        let found = cut(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].0, 5);
    }

    #[test]
    fn what_stands_behind_a_transcript_is_a_block_of_its_own() {
        let text = "\n\n< 220 mx\n< 550 no\ncurl: (8) Weird server reply\n\n550 5.1.1 pasted\n";
        assert_eq!(cut(text), [(3, "< 220 mx\n< 550 no\ncurl: (8) Weird server reply".to_string()), (7, "550 5.1.1 pasted".to_string())]);
    }

    #[test]
    fn an_exception_keeps_its_blank_lines() {
        let java = "javax.mail.MessagingException: 550 no\n\n\tat X.helo(X.java:1)\nCaused by: x\n\n\t... 2 more\n";
        assert_eq!(cut(java).len(), 1);
        let python = "Traceback (most recent call last):\nSMTPHeloError: x\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\nSMTPHeloError: x\n\nTraceback (most recent call last):\ny";
        assert_eq!(cut(python).len(), 2);
        assert!(cut("").is_empty());
        assert!(cut("\n \n").is_empty());
    }

    #[test]
    fn a_source_of_any_length_is_cut_alike_and_a_block_without_end_in_parts() {
        let one = "Traceback (most recent call last):\n  File \"é.py\"\nSMTPHeloError: x\n\n";
        let found = cut(&one.repeat(10_000));
        assert!(found.len() == 10_000 && found.iter().zip(0..).all(|((line, text), n)| *line == n * 4 + 1 && text == one.trim_end()));
        let long = format!("=== Trying a.test:25...\n{}", "<-  250-x\n".repeat(LONGEST / 4));
        let found = cut(&long);
        assert!((2..=4).contains(&found.len()) && found.iter().map(|(_, text)| text.len() + 1).sum::<usize>() == long.len());
    }

    #[test]
    fn a_part_knows_what_the_parts_before_it_have_shown() {
        let body = "a line of the message\n\n".repeat(LONGEST / 5);
        let text = format!("220 mx\nDATA\n354 go\n{body}.\n250 queued\n");
        let mut blocks = Blocks::new(text.as_bytes());
        let mut cuts = Vec::new();
        while let Some(block) = blocks.next() {
            cuts.push(block.cut);
        }
        assert!(cuts.len() > 2 && cuts.iter().rev().skip(1).all(|cut| *cut) && !cuts[cuts.len() - 1], "{cuts:?}");
    }
}
