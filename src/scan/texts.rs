//! Very many short texts in one piece of memory, known by their numbers. It
//! must not know what they say.

use crate::input::record::beginning;

/// Texts one behind another.
#[derive(Default)]
pub struct Texts {
    all: String,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Texts {
    /// Keeps a text, as far as there is room.
    pub fn add(&mut self, text: &str) {
        self.all.push_str(beginning(text, u32::MAX as usize - self.all.len()));
        self.ends.push(self.all.len() as u32);
    }

    /// How many there are: the number of the next.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Bytes that all of them take.
    pub fn size(&self) -> usize {
        self.all.len() + self.ends.len() * size_of::<u32>()
    }

    pub fn get(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start as usize..self.ends[number] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_by_their_numbers() {
        let mut texts = Texts::default();
        let all = ["", "one", "", "zwölf", ""];
        all.iter().for_each(|text| texts.add(text));
        assert_eq!((0..texts.count()).map(|n| texts.get(n)).collect::<Vec<_>>(), all);
        assert_eq!(texts.size(), 9 + 5 * 4);
    }
}
