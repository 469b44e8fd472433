//! The rows that expressions of this stretch have read from other tables.
//! Never outlives the stretch: the next one reads again.

use indexmap::IndexMap;

use crate::domain::value::Value;
use crate::stack::expression::Reference;

/// Rows by what refers to them, found without comparing values one by one.
#[derive(Debug, Clone, Default)]
pub struct Rows(IndexMap<String, (Reference, Value)>);

impl Rows {
    pub fn insert(&mut self, reference: Reference, row: Value) {
        self.0.insert(key(&reference), (reference, row));
    }

    pub fn get(&self, reference: &Reference) -> Option<&Value> {
        self.0.get(&key(reference)).map(|(_, row)| row)
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Reference, Value)> {
        self.0.values()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn memory_bytes(&self) -> usize {
        self.iter().map(|(_, row)| row.memory_bytes()).sum()
    }
}

fn key(reference: &Reference) -> String {
    format!("{}:{}", reference.name, reference.id.to_stored_text())
}
