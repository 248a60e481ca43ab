//! What an earlier line said about a message, by its queue id: the newest ids
//! only, so that a log of any length needs little memory. It must not know
//! formats.

use std::collections::{HashMap, VecDeque};

/// Ids kept.
const KEPT: usize = 10_000;

/// A map that forgets its oldest key.
#[derive(Debug)]
pub struct Newest<V> {
    values: HashMap<String, V>,
    order: VecDeque<String>,
}

impl<V> Default for Newest<V> {
    fn default() -> Newest<V> {
        Newest { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V> Newest<V> {
    pub fn get(&self, key: &str) -> Option<&V> {
        self.values.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.values.get_mut(key)
    }

    /// The value, a default one where there was none.
    pub fn entry(&mut self, key: &str) -> &mut V
    where
        V: Default,
    {
        if !self.values.contains_key(key) {
            self.insert(key, V::default());
        }
        self.values.entry(key.to_string()).or_default()
    }

    pub fn insert(&mut self, key: &str, value: V) {
        if self.values.insert(key.to_string(), value).is_none() {
            self.order.push_back(key.to_string());
        }
        while self.order.len() > KEPT {
            if let Some(old) = self.order.pop_front() {
                self.values.remove(&old);
            }
        }
    }

    /// Takes the value; its key keeps its place in the queue until it leaves.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        let value = self.values.remove(key)?;
        if let Some(at) = self.order.iter().rposition(|k| k == key) {
            self.order.remove(at);
        }
        Some(value)
    }

    /// Takes all values, oldest first.
    pub fn drain(&mut self) -> Vec<V> {
        let values = &mut self.values;
        self.order.drain(..).filter_map(|k| values.remove(&k)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(map.drain().first(), Some(&5));
    }
}
