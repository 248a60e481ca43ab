//! What an earlier line said about a message, by its queue id: the newest ids
//! only, so that a log of any length needs little memory. It must not know
//! formats.

use std::collections::{HashMap, VecDeque};

use super::record::{MOST_FIELD, Record, beginning};
use crate::hash::{Itself, Seeded};

/// Ids kept.
const KEPT: usize = 10_000;
/// Bytes that they take together, about; fewer are kept where each takes much.
const MOST_WEIGHT: usize = 3 << 19;
/// How often values are asked for until all of them are weighed anew.
const WEIGHED: usize = 500;

/// What can tell how much room it takes.
pub trait Weighs {
    /// Bytes that it takes besides its own.
    fn weight(&self) -> usize;
}

impl Weighs for String {
    fn weight(&self) -> usize {
        self.capacity()
    }
}

impl<W: Weighs> Weighs for Option<W> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, W::weight)
    }
}

impl<A: Weighs, B: Weighs> Weighs for (A, B) {
    fn weight(&self) -> usize {
        self.0.weight() + self.1.weight()
    }
}

impl<W: Weighs> Weighs for Vec<W> {
    fn weight(&self) -> usize {
        self.capacity() * size_of::<W>() + self.iter().map(W::weight).sum::<usize>()
    }
}

impl Weighs for Record<'_> {
    fn weight(&self) -> usize {
        self.room()
    }
}

/// A map that forgets its oldest key. Of keys their hashes are kept.
#[derive(Debug)]
pub struct Newest<V> {
    /// Each value with the number that its key has in the queue.
    values: HashMap<u64, (u64, V), Itself>,
    /// Keys in their order; of a key that was taken the number is stale.
    order: VecDeque<(u64, u64)>,
    next: u64,
    seed: Seeded,
    /// What the values take, as far as it is known.
    weight: usize,
    /// How often values were asked for since they were weighed.
    asked: usize,
}

impl<V> Default for Newest<V> {
    fn default() -> Newest<V> {
        Newest { values: HashMap::default(), order: VecDeque::new(), next: 0, seed: Seeded::default(), weight: 0, asked: 0 }
    }
}

impl<V: Weighs> Newest<V> {
    pub fn get(&self, key: &str) -> Option<&V> {
        self.values.get(&self.hash(key)).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let key = self.hash(key);
        self.asked += 1;
        self.values.get_mut(&key).map(|(_, value)| value)
    }

    /// The value, a default one where there was none.
    pub fn entry(&mut self, key: &str) -> &mut V
    where
        V: Default,
    {
        let hash = self.hash(key);
        self.asked += 1;
        self.make_room();
        if !self.values.contains_key(&hash) {
            self.insert(key, V::default());
        }
        &mut self.values.entry(hash).or_default().1
    }

    /// Keeps a value.
    pub fn insert(&mut self, key: &str, value: V) {
        self.exchange(key, value);
    }

    /// Keeps a value; gives those that make room for it, oldest first.
    pub fn exchange(&mut self, key: &str, value: V) -> Vec<V> {
        let key = self.hash(key);
        self.weight += value.weight() + Self::OWN;
        if let Some((_, known)) = self.values.get_mut(&key) {
            self.weight = self.weight.saturating_sub(known.weight() + Self::OWN);
            *known = value;
            return self.make_room();
        }
        let mut forgotten = self.make_room();
        if self.values.len() >= KEPT {
            forgotten.extend(self.take_oldest());
        }
        self.next += 1;
        self.values.insert(key, (self.next, value));
        self.order.push_back((self.next, key));
        if self.order.len() > 2 * KEPT {
            let values = &self.values;
            self.order.retain(|(number, key)| is_live(values, *number, *key));
        }
        forgotten
    }

    /// What an entry takes by itself, the room around it included.
    const OWN: usize = size_of::<(u64, (u64, V))>() * 3 / 2 + size_of::<(u64, u64)>();

    /// Forgets the oldest values where all take too much.
    fn make_room(&mut self) -> Vec<V> {
        let mut forgotten = Vec::new();
        if self.weight > MOST_WEIGHT || self.asked > WEIGHED {
            self.asked = 0;
            self.weight = self.values.values().map(|(_, value)| value.weight() + Self::OWN).sum();
        }
        if self.weight > MOST_WEIGHT {
            while self.weight > MOST_WEIGHT / 4 * 3
                && let Some(oldest) = self.take_oldest()
            {
                forgotten.push(oldest);
            }
        }
        forgotten
    }

    fn take_oldest(&mut self) -> Option<V> {
        while let Some((number, key)) = self.order.pop_front() {
            if is_live(&self.values, number, key) {
                return self.take(key);
            }
        }
        None
    }

    /// Takes the value.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.take(self.hash(key))
    }

    fn take(&mut self, key: u64) -> Option<V> {
        let (_, value) = self.values.remove(&key)?;
        self.weight = self.weight.saturating_sub(value.weight() + Self::OWN);
        Some(value)
    }

    /// Takes all values, oldest first.
    pub fn drain(&mut self) -> Vec<V> {
        let mut all: Vec<(u64, V)> = self.values.drain().map(|(_, numbered)| numbered).collect();
        all.sort_by_key(|(number, _)| *number);
        self.order.clear();
        self.weight = 0;
        all.into_iter().map(|(_, value)| value).collect()
    }

    fn hash(&self, key: &str) -> u64 {
        self.seed.exactly(beginning(key, MOST_FIELD).as_bytes())
    }
}

fn is_live<V>(values: &HashMap<u64, (u64, V), Itself>, number: u64, key: u64) -> bool {
    values.get(&key).is_some_and(|(own, _)| *own == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> String {
        format!("{n}")
    }

    #[test]
    fn keys_that_come_and_go_leave_nothing_behind() {
        let mut map = Newest::default();
        for n in 0..5 * KEPT {
            map.insert(&name(n), name(n));
            map.remove(&name(n));
        }
        assert!(map.values.is_empty() && map.order.len() <= 2 * KEPT && map.weight == 0);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut map = Newest::default();
        for n in 0..KEPT + 5 {
            map.insert(&name(n), name(n));
        }
        assert_eq!(map.get("4"), None);
        assert_eq!(map.get("5"), Some(&name(5)));
        assert_eq!(map.values.len(), KEPT);
        assert_eq!(map.remove("6"), Some(name(6)));
        map.insert("6", name(6));
        let all = map.drain();
        assert_eq!((all.first(), all.last(), all.len()), (Some(&name(5)), Some(&name(6)), KEPT));
    }

    #[test]
    fn of_large_values_fewer_are_kept_and_those_that_go_are_given() {
        let mut map = Newest::default();
        let mut gone = Vec::new();
        for n in 0..KEPT {
            gone.extend(map.exchange(&name(n), vec![name(n); 30]));
        }
        let rest = map.drain();
        assert!((500..5000).contains(&rest.len()), "{}", rest.len());
        let all: Vec<String> = gone.into_iter().chain(rest).map(|value| value[0].clone()).collect();
        assert_eq!(all, (0..KEPT).map(name).collect::<Vec<_>>());
    }

    #[test]
    fn values_that_grow_are_weighed() {
        let mut map: Newest<Vec<String>> = Newest::default();
        for n in 0..20 * KEPT {
            map.entry(&name(n % 300)).push(name(n));
            let held: usize = if n % KEPT == 0 { map.values.values().map(|(_, value)| value.weight()).sum() } else { 0 };
            assert!(held <= 2 * MOST_WEIGHT, "{held}");
        }
        assert!(map.values.len() > 10);
    }
}
