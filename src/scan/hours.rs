//! When something happened, hour by hour, in bounded memory: a long time is
//! counted by two hours, by four, and so on. It must not know what happened.

use std::collections::BTreeMap;

/// Spans that are told apart; a row of a table has ten.
const MOST: usize = 200;

/// Counts by hour.
#[derive(Default)]
pub struct Hours {
    counts: BTreeMap<i64, usize>,
    /// A span is so many times two hours long.
    doubled: u32,
}

impl Hours {
    pub fn add(&mut self, hour: i64) {
        *self.counts.entry(hour >> self.doubled).or_default() += 1;
        while self.counts.len() > MOST {
            self.doubled += 1;
            for (span, count) in std::mem::take(&mut self.counts) {
                *self.counts.entry(span >> 1).or_default() += count;
            }
        }
    }

    /// The first hour of each span, and how often it happened in it.
    pub fn iter(&self) -> impl Iterator<Item = (i64, usize)> + '_ {
        self.counts.iter().map(|(span, count)| (span << self.doubled, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_counted_more_coarsely_and_nothing_is_lost() {
        let mut hours = Hours::default();
        (0..100).for_each(|hour| hours.add(hour));
        assert_eq!(hours.iter().collect::<Vec<_>>(), (0..100).map(|hour| (hour, 1)).collect::<Vec<_>>());
        (-100_000..0).for_each(|hour| hours.add(hour));
        assert!(hours.counts.len() <= MOST);
        assert_eq!(hours.iter().map(|(_, count)| count).sum::<usize>(), 100_100);
        assert_eq!(hours.iter().last(), Some((0, 100)));
    }
}
