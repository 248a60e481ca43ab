//! Phrases as written, with `{slots}` and `|` between alternatives, made into
//! runs of word numbers. It must not know what a phrase counts for.

use super::super::rows::*;
use super::super::words::{self, Passed};
use super::{Compiler, Done, long, short};

impl Compiler {
    pub(super) fn add_phrases(&mut self, phrases: &[String], target: impl Fn(u8) -> Target) -> Done<()> {
        for (n, phrase) in phrases.iter().enumerate() {
            let target = target(u8::try_from(n).unwrap_or(u8::MAX));
            for alternative in phrase.split('|') {
                let parts = self.phrase(alternative)?;
                self.phrases.push((parts, target));
                if let Some(bare) = hex_without_prefix(alternative) {
                    let parts = self.phrase(bare)?;
                    self.phrases.push((parts, target));
                }
            }
        }
        Ok(())
    }

    fn phrase(&mut self, phrase: &str) -> Done<Vec<u16>> {
        let mut parts = Vec::new();
        let mut rest = phrase;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}') else {
                return self.mistake(format!("'{phrase}': a brace is not closed"));
            };
            self.push_words(&rest[..open], &mut parts);
            parts.push(self.slot(&rest[open + 1..open + close])? as u16);
            rest = &rest[open + close + 1..];
        }
        self.push_words(rest, &mut parts);
        match parts.first() {
            Some(p) if *p >= FIRST_WORD => Ok(parts),
            _ => self.mistake(format!("'{phrase}' must begin with a word")),
        }
    }

    pub(super) fn slot(&self, name: &str) -> Done<Slot> {
        let found = Slot::ALL.iter().find(|(n, _)| *n == name);
        found.map_or_else(|| self.mistake(format!("unknown slot '{name}'")), |(_, slot)| Ok(*slot))
    }

    fn push_words(&mut self, text: &str, parts: &mut Vec<u16>) {
        let mut tokens = Vec::new();
        words::cut(text, Passed::default(), &mut tokens, &mut |w| self.word_number(w));
        parts.extend(tokens.iter().filter(|t| t.word != NO_WORD).map(|t| t.word));
    }

    fn word_number(&mut self, word: &str) -> u16 {
        if let Some(n) = self.word_numbers.get(word) {
            return *n;
        }
        let number = FIRST_WORD + short(self.word_ends.len());
        self.words.push_str(word);
        self.word_ends.push(long(self.words.len()));
        self.word_numbers.insert(word.to_string(), number);
        number
    }
}

/// People leave out the `0x` of a hexadecimal error number.
fn hex_without_prefix(phrase: &str) -> Option<&str> {
    let digits = phrase.trim().strip_prefix("0x")?;
    (digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}
