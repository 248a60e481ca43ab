//! What an earlier line said about a message, by its queue id: the newest ids
//! only, so that a log of any length needs little memory. It must not know
//! formats.

use std::collections::{HashMap, VecDeque};

use super::record::{self, MOST_FIELD};

/// Ids kept.
const KEPT: usize = 10_000;

/// A map that forgets its oldest key.
#[derive(Debug)]
pub struct Newest<V> {
    /// Each value with the number that its key has in the queue.
    values: HashMap<String, (u64, V)>,
    /// Keys in their order; of a key that was taken the number is stale.
    order: VecDeque<(u64, String)>,
    next: u64,
}

impl<V> Default for Newest<V> {
    fn default() -> Newest<V> {
        Newest { values: HashMap::new(), order: VecDeque::new(), next: 0 }
    }
}

impl<V> Newest<V> {
    pub fn get(&self, key: &str) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.values.get_mut(key).map(|(_, value)| value)
    }

    /// The value, a default one where there was none.
    pub fn entry(&mut self, key: &str) -> &mut V
    where
        V: Default,
    {
        let key = record::beginning(key, MOST_FIELD);
        if !self.values.contains_key(key) {
            self.insert(key, V::default());
        }
        &mut self.values.entry(key.to_string()).or_default().1
    }

    pub fn insert(&mut self, key: &str, value: V) {
        let key = record::beginning(key, MOST_FIELD);
        if let Some((_, known)) = self.values.get_mut(key) {
            *known = value;
            return;
        }
        self.next += 1;
        self.values.insert(key.to_string(), (self.next, value));
        self.order.push_back((self.next, key.to_string()));
        if self.values.len() > KEPT {
            self.take_oldest();
        }
        if self.order.len() > 2 * KEPT {
            let values = &self.values;
            self.order.retain(|(number, key)| is_live(values, *number, key));
        }
    }

    /// Takes the oldest value.
    pub fn take_oldest(&mut self) -> Option<V> {
        while let Some((number, key)) = self.order.pop_front() {
            if is_live(&self.values, number, &key) {
                return self.remove(&key);
            }
        }
        None
    }

    /// All values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.values.values().map(|(_, value)| value)
    }

    /// Takes the value.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.values.remove(key).map(|(_, value)| value)
    }

    /// Takes all values, oldest first.
    pub fn drain(&mut self) -> Vec<V> {
        let mut all: Vec<(u64, V)> = self.values.drain().map(|(_, numbered)| numbered).collect();
        all.sort_by_key(|(number, _)| *number);
        self.order.clear();
        all.into_iter().map(|(_, value)| value).collect()
    }
}

fn is_live<V>(values: &HashMap<String, (u64, V)>, number: u64, key: &str) -> bool {
    values.get(key).is_some_and(|(own, _)| *own == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_come_and_go_leave_nothing_behind() {
        let mut map = Newest::default();
        for n in 0..5 * KEPT {
            map.insert(&n.to_string(), n);
            map.remove(&n.to_string());
        }
        assert!(map.values.is_empty() && map.order.len() <= 2 * KEPT);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut map = Newest::default();
        for n in 0..KEPT + 5 {
            map.insert(&n.to_string(), n);
        }
        assert_eq!(map.get("4"), None);
        assert_eq!(map.get("5"), Some(&5));
        assert_eq!(map.values.len(), KEPT);
        assert_eq!(map.remove("6"), Some(6));
        map.insert("6", 6);
        let all = map.drain();
        assert_eq!((all.first(), all.last(), all.len()), (Some(&5), Some(&6), KEPT));
    }
}
