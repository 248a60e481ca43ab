//! Cuts pasted text into replies: several may stand one after another. It must
//! not know meanings.

use super::code;

/// The replies in `text`, each with the lines around it. Lines of one reply
/// (`550-…` up to `550 …`, wrapped lines, an exception's lines) stay together.
pub fn split(text: &str) -> Vec<&str> {
    let mut replies = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut open = Open::default();
    for line in text.split_inclusive('\n') {
        if open.goes_on_to(line) {
            replies.extend(bare(&text[start..at]));
            start = at;
        }
        at += line.len();
    }
    replies.extend(bare(&text[start..]));
    replies
}

/// As [`split`], for text that comes line by line.
#[derive(Default)]
pub struct Splitter {
    open: Open,
    text: String,
    /// Bytes of the reply at hand that were left out.
    left_out: usize,
}

/// Bytes of one reply that are kept; behind the first of them nothing is read.
pub const MOST_REPLY: usize = 1 << 20;

/// A reply, and how many bytes its end is short of.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub left_out: usize,
}

impl Splitter {
    /// Takes a line with its end; gives the reply before it, if that has ended.
    pub fn take(&mut self, line: &str) -> Option<Piece> {
        let ended = self.open.goes_on_to(line).then(|| self.piece()).flatten();
        if self.left_out == 0 && self.text.len() + line.len() <= MOST_REPLY {
            self.text.push_str(line);
        } else {
            self.left_out += line.len();
        }
        ended
    }

    /// The last reply.
    pub fn end(&mut self) -> Option<Piece> {
        self.piece()
    }

    fn piece(&mut self) -> Option<Piece> {
        let left_out = std::mem::take(&mut self.left_out);
        let text = std::mem::take(&mut self.text);
        bare(&text).map(|text| Piece { text: text.to_string(), left_out })
    }
}

/// Without line ends around it; `None` where nothing is left.
fn bare(piece: &str) -> Option<&str> {
    (!piece.trim().is_empty()).then(|| piece.trim_end_matches(['\n', '\r']).trim_start_matches(['\n', '\r']))
}

/// The reply being collected.
#[derive(Default)]
struct Open {
    code: Option<u16>,
    /// The last line announced another (`550-…`).
    continues: bool,
}

impl Open {
    /// Goes on to the next line; whether it begins another reply.
    fn goes_on_to(&mut self, line: &str) -> bool {
        let Some((code, leads)) = numbers(line) else { return false };
        let ended = !self.continues && self.code.is_some_and(|own| leads || code != own);
        self.code = self.code.filter(|_| !ended).or(Some(code));
        self.continues = continues(line);
        ended
    }
}

/// The reply code in a line, and whether the line begins with it.
fn numbers(line: &str) -> Option<(u16, bool)> {
    let found = code::find(line, |_| false);
    let code = found.code?;
    let lead = line[..found.code_at.start].trim_matches([' ', '\t', '>', '<', '*', '"', '\'', '[', '(']);
    Some((code, lead.is_empty() || lead.ends_with(';') || lead.ends_with("said:") || lead.ends_with("me:")))
}

/// The line ends in the middle of a reply: `550-…`.
fn continues(line: &str) -> bool {
    let rest = line.trim_start_matches([' ', '\t', '>', '<', '*']);
    rest.len() > 3 && rest.as_bytes()[..3].iter().all(u8::is_ascii_digit) && rest.as_bytes()[3] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_reply_stay_together() {
        let text = "550-5.1.1 The email account\n550-5.1.1 does not exist\n550 5.1.1 gsmtp\n";
        assert_eq!(split(text).len(), 1);
        let wrapped = "host mx.example.com[192.0.2.1]\nSMTP error after MAIL:\n550-no\n550 way\nsee the page";
        assert_eq!(split(wrapped).len(), 1);
        let exception = "Error: rejected: 550 5.7.1 no\n  at x.js:12\n  response: '550 5.7.1 no',\n  responseCode: 550";
        assert_eq!(split(exception).len(), 1);
    }

    #[test]
    fn several_replies_are_told_apart() {
        assert_eq!(split("550 5.1.1 user unknown\n421 4.7.0 try later\n"), ["550 5.1.1 user unknown", "421 4.7.0 try later"]);
        assert_eq!(split("550 one\n550 two\n550-three\n550 more"), ["550 one", "550 two", "550-three\n550 more"]);
    }

    #[test]
    fn line_by_line_gives_the_same() {
        for text in ["550 one\n550 two\r\n\n550-three\n550 more", "", "\n\n", "no code\nat all", "550-a\n550-b\n421 c\n\n"] {
            let mut splitter = Splitter::default();
            let mut pieces: Vec<Piece> = text.split_inclusive('\n').filter_map(|line| splitter.take(line)).collect();
            pieces.extend(splitter.end());
            assert_eq!(pieces.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), split(text), "{text:?}");
        }
    }

    #[test]
    fn of_a_reply_without_end_the_beginning_is_kept() {
        let mut splitter = Splitter::default();
        let line = "550-no\n";
        assert!((0..MOST_REPLY).all(|_| splitter.take(line).is_none()));
        let piece = splitter.end().unwrap();
        assert_eq!((piece.text.len() + 1 + piece.left_out, piece.text.len() <= MOST_REPLY), (MOST_REPLY * line.len(), true));
        assert_eq!(splitter.end(), None);
    }

    #[test]
    fn text_without_a_code_is_one_reply() {
        assert_eq!(split("User unknown\n"), ["User unknown"]);
        assert!(split(" \n\n").is_empty());
    }
}
