//! A value that frames hold on to: written into one delta, known by its identity in the later ones.
//! Never changes; a changed value is another one.

use crate::domain::value::Value;

#[derive(Debug, Clone)]
pub struct Kept {
    pub id: u64,
    pub value: Value,
    pub bytes: usize,
}

impl Kept {
    pub fn new(id: u64, value: Value) -> Self {
        Self { id, bytes: value.memory_bytes(), value }
    }
}
