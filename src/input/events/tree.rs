//! What readers of events ask of JSON, whoever read it. It must not know
//! services.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// A value of JSON whose texts live as long as `'l`.
pub(crate) trait Tree<'l>: Copy {
    /// The member of an object; the last one where its key stands twice.
    fn get(self, key: &str) -> Option<Self>;

    fn is_object(self) -> bool;

    /// What a string says.
    fn text(self) -> Option<Cow<'l, str>>;

    /// A number, written the shortest way.
    fn number(self) -> Option<Cow<'l, str>>;

    /// The values in an array.
    fn elements(self) -> impl Iterator<Item = Self>;

    /// The values in an object.
    fn members(self) -> impl Iterator<Item = Self>;
}

impl<'l> Tree<'l> for &'l Value {
    fn get(self, key: &str) -> Option<Self> {
        self.as_object()?.get(key)
    }

    fn is_object(self) -> bool {
        Value::is_object(self)
    }

    fn text(self) -> Option<Cow<'l, str>> {
        self.as_str().map(Cow::Borrowed)
    }

    fn number(self) -> Option<Cow<'l, str>> {
        self.as_number().map(|n| Cow::Owned(n.to_string()))
    }

    fn elements(self) -> impl Iterator<Item = Self> {
        self.as_array().into_iter().flatten()
    }

    fn members(self) -> impl Iterator<Item = Self> {
        self.as_object().into_iter().flat_map(Map::values)
    }
}
