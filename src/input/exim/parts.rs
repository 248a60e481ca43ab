//! Long messages that Exim gave to syslog in parts: `[1\2] …` where a line
//! ended, `[1/2] …` where it was cut. It must not know what the parts say.

use crate::input::span;

/// Messages in parts that are open at once; processes write side by side.
const OPEN: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Parts {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    next: u32,
    total: u32,
    message: Joined,
}

/// A message put together, and where its latest part stood.
#[derive(Debug)]
pub(super) struct Joined {
    pub text: String,
    pub line: u64,
    pub time: Option<String>,
}

/// One part: its number, how many there are, whether a line ended behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'t> {
    pub number: u32,
    total: u32,
    line_end: &'static str,
    pub text: &'t str,
}

impl<'t> Part<'t> {
    pub(super) fn read(text: &'t str) -> Option<Part<'t>> {
        let (head, text) = text.strip_prefix('[')?.split_once(']')?;
        let at = head.find(['\\', '/'])?;
        let line_end = if head.as_bytes()[at] == b'\\' { "\n" } else { "" };
        let (number, total) = (head[..at].parse().ok()?, head[at + 1..].parse().ok()?);
        let text = text.strip_prefix(' ').unwrap_or(text);
        (1..=total).contains(&number).then_some(Part { number, total, line_end, text })
    }
}

impl Parts {
    /// Adds a part; gives the message when it was the last one. Parts whose
    /// first one is missing are dropped.
    pub(super) fn add(&mut self, part: Part<'_>, (time, line): (Option<&str>, u64)) -> Option<String> {
        let time = time.map(str::to_string);
        let text = format!("{}{}", part.text, part.line_end);
        if part.number == 1 {
            if self.open.len() == OPEN {
                self.open.remove(0);
            }
            self.open.push(Open { next: 2, total: part.total, message: Joined { text, line, time } });
        } else {
            let open = self.open.iter_mut().find(|o| o.next == part.number && o.total == part.total)?;
            if open.message.text.len() < span::MOST_REPLY {
                open.message.text.push_str(&text);
            }
            (open.message.line, open.message.time) = (line, time);
            open.next += 1;
        }
        let done = self.open.iter().position(|o| o.next > o.total)?;
        Some(self.open.remove(done).message.text)
    }

    /// What the end of the log left open.
    pub(super) fn take(&mut self) -> Vec<Joined> {
        self.open.drain(..).map(|o| o.message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_as_they_were_cut() {
        let mut parts = Parts::default();
        let mut add = |text: &str| Part::read(text).and_then(|p| parts.add(p, (None, 1)));
        assert_eq!(add(r"[1\2] [7] a"), None);
        assert_eq!(add("[1/3] b"), None);
        assert_eq!(add("[2/2] c").as_deref(), Some("[7] a\nc"));
        assert_eq!(add("[2/3] d"), None);
        assert_eq!(add("[3/3] e").as_deref(), Some("bde"));
        assert_eq!(add("[2/2] lost"), None);
        assert_eq!(Part::read("[123] x"), None);
        assert_eq!(Part::read("[3/2] x"), None);
    }
}
