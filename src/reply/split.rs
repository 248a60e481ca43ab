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
        if open.is_ended_by(line) {
            push(&mut replies, &text[start..at]);
            start = at;
            open = Open::default();
        }
        open.take(line);
        at += line.len();
    }
    push(&mut replies, &text[start..]);
    replies
}

fn push<'t>(replies: &mut Vec<&'t str>, piece: &'t str) {
    if !piece.trim().is_empty() {
        replies.push(piece.trim_end_matches(['\n', '\r']).trim_start_matches(['\n', '\r']));
    }
}

/// The reply being collected.
#[derive(Default)]
struct Open {
    code: Option<u16>,
    /// The last line announced another (`550-…`).
    continues: bool,
}

impl Open {
    fn is_ended_by(&self, line: &str) -> bool {
        let Some(own) = self.code else { return false };
        let Some((code, leads)) = numbers(line) else { return false };
        !self.continues && (leads || code != own)
    }

    fn take(&mut self, line: &str) {
        let Some((code, _)) = numbers(line) else { return };
        self.code = self.code.or(Some(code));
        self.continues = continues(line);
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
    fn text_without_a_code_is_one_reply() {
        assert_eq!(split("User unknown\n"), ["User unknown"]);
        assert!(split(" \n\n").is_empty());
    }
}
