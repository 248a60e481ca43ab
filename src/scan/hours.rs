//! How often something happened, hour by hour, in bounded memory: when there
//! are too many hours, two become one. It must not know what happened.

/// Counts by hour.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    /// A cell is two hours wide where this is 1, four where it is 2, and so on.
    doublings: u32,
    /// Cells with their counts, in order.
    cells: Vec<(i32, u32)>,
}

impl Hours {
    /// Counts an hour; at most so many cells are kept.
    pub fn add(&mut self, hour: i64, most: usize) {
        let cell = (hour >> self.doublings) as i32;
        match self.cells.last_mut() {
            // Logs are in order.
            Some((last, count)) if *last == cell => *count = count.saturating_add(1),
            _ => self.insert(cell),
        }
        self.tighten(most);
    }

    /// Keeps at most so many cells.
    pub fn tighten(&mut self, most: usize) {
        while self.cells.len() > most {
            self.widen();
        }
    }

    /// Bytes that they take besides their own.
    pub fn size(&self) -> usize {
        self.cells.capacity() * size_of::<(i32, u32)>()
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
        self.cells.dedup_by(|next, last| {
            let one = next.0 >> 1 == last.0 >> 1;
            last.1 = if one { last.1.saturating_add(next.1) } else { last.1 };
            one
        });
        self.cells.iter_mut().for_each(|(cell, _)| *cell >>= 1);
        self.cells.shrink_to_fit();
    }

    /// The first hour of each cell with its count.
    pub fn counts(&self) -> impl Iterator<Item = (i64, usize)> + '_ {
        self.cells.iter().map(|(cell, count)| (i64::from(*cell) << self.doublings, *count as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 512;

    #[test]
    fn hours_are_counted_in_any_order_and_few_cells() {
        let mut hours = Hours::default();
        [5, 5, 3, 9, 5].into_iter().for_each(|h| hours.add(h, MOST));
        assert_eq!(hours.counts().collect::<Vec<_>>(), [(3, 1), (5, 3), (9, 1)]);
        (0..10_000).rev().for_each(|h| hours.add(h, MOST));
        let cells: Vec<(i64, usize)> = hours.counts().collect();
        assert!(cells.len() <= MOST && cells.is_sorted(), "{}", cells.len());
        assert_eq!(cells.iter().map(|(_, n)| n).sum::<usize>(), 10_005);
        hours.tighten(8);
        let cells: Vec<(i64, usize)> = hours.counts().collect();
        assert!(cells.len() <= 8 && hours.size() <= 100 && cells.is_sorted(), "{}", cells.len());
        assert_eq!(cells.iter().map(|(_, n)| n).sum::<usize>(), 10_005);
    }
}
