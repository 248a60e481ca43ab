//! How often something happened, hour by hour, in bounded memory: when there
//! are too many hours, two become one. It must not know what happened.

/// Cells kept, and those of one of a great many.
const MOST: u32 = 512;
const FEW: u32 = 64;

/// Counts by hour.
#[derive(Clone, Debug)]
pub struct Hours {
    most: u32,
    /// A cell is two hours wide where this is 1, four where it is 2, and so on.
    doublings: u32,
    /// Cells with their counts, in order.
    cells: Vec<(i32, u32)>,
}

impl Hours {
    /// The hours number `place` of many, which together must be small; those
    /// begun first are of what is most common.
    pub fn one_of_many(place: usize) -> Hours {
        Hours { most: if place < 512 { MOST } else { FEW }, doublings: 0, cells: Vec::new() }
    }

    pub fn add(&mut self, hour: i64) {
        let cell = (hour >> self.doublings) as i32;
        match self.cells.last_mut() {
            // Logs are in order.
            Some((last, count)) if *last == cell => *count = count.saturating_add(1),
            _ => self.insert(cell),
        }
        while self.cells.len() > self.most as usize {
            self.widen();
        }
    }

    fn insert(&mut self, cell: i32) {
        match self.cells.binary_search_by_key(&cell, |(c, _)| *c) {
            Ok(at) => self.cells[at].1 = self.cells[at].1.saturating_add(1),
            Err(at) => {
                if self.cells.len() == self.cells.capacity() {
                    self.cells.reserve_exact(3 + self.cells.len() / 4);
                }
                self.cells.insert(at, (cell, 1));
            }
        }
    }

    fn widen(&mut self) {
        self.doublings += 1;
        let mut wide: Vec<(i32, u32)> = Vec::with_capacity(self.cells.len() / 2 + 1);
        for (cell, count) in self.cells.drain(..) {
            match wide.last_mut() {
                Some((last, sum)) if *last == cell >> 1 => *sum = sum.saturating_add(count),
                _ => wide.push((cell >> 1, count)),
            }
        }
        self.cells = wide;
    }

    /// The first hour of each cell with its count.
    pub fn counts(&self) -> impl Iterator<Item = (i64, usize)> + '_ {
        self.cells.iter().map(|(cell, count)| (i64::from(*cell) << self.doublings, *count as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_counted_in_any_order_and_few_cells() {
        let mut hours = Hours::one_of_many(0);
        [5, 5, 3, 9, 5].into_iter().for_each(|h| hours.add(h));
        assert_eq!(hours.counts().collect::<Vec<_>>(), [(3, 1), (5, 3), (9, 1)]);
        (0..10_000).rev().for_each(|h| hours.add(h));
        let cells: Vec<(i64, usize)> = hours.counts().collect();
        assert!(cells.len() <= MOST as usize && cells.is_sorted(), "{}", cells.len());
        assert_eq!(cells.iter().map(|(_, n)| n).sum::<usize>(), 10_005);
    }
}
