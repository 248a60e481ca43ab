//! The pools that rows point into: texts, numbers and lists of them, each held
//! once where it comes again. It must not know what they are for.

use super::super::rows::*;
use super::{Compiler, long};

impl Compiler {
    pub(super) fn str(&mut self, s: &str) -> Str {
        if s.is_empty() {
            return Str::default();
        }
        if let Some(known) = self.interned.get(s) {
            return *known;
        }
        let row = Str { at: long(self.text.len()), len: self.len(s.len()) };
        self.text.push_str(s);
        self.interned.insert(s.to_string(), row);
        row
    }

    pub(super) fn str_list(&mut self, list: &[String]) -> List {
        let rows: Vec<Str> = list.iter().map(|s| self.str(s)).collect();
        let at = long(self.strs.len());
        self.strs.extend(rows);
        List { at, len: self.len(list.len()) }
    }

    /// The same numbers are held once.
    pub(super) fn num_list(&mut self, list: Vec<u32>) -> List {
        if let Some(known) = self.num_lists.get(&list) {
            return *known;
        }
        let row = self.new_nums(&list);
        self.num_lists.insert(list, row);
        row
    }

    pub(super) fn new_parts(&mut self, parts: &[u16]) -> List {
        let row = List { at: long(self.parts.len()), len: self.len(parts.len()) };
        self.parts.extend(parts);
        row
    }

    pub(super) fn new_nums(&mut self, list: &[u32]) -> List {
        let row = List { at: long(self.nums.len()), len: self.len(list.len()) };
        self.nums.extend(list);
        row
    }

    /// Length of a text or list; [`Compiler::finish`] refuses what is too long.
    pub(super) fn len(&mut self, n: usize) -> u16 {
        u16::try_from(n).unwrap_or_else(|_| {
            self.overlong.get_or_insert_with(|| self.at.clone());
            u16::MAX
        })
    }
}
