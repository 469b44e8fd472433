//! How much memory a value holds, for the limits of an execution.
//! Never walks shared parts twice within one value's own tree by design: a tree has no cycles.

use super::Value;

/// What a value costs beside its contents, in bytes.
const BASE: usize = 24;
/// What an entry of an object costs beside its name and its value, in bytes.
const ENTRY: usize = 40;

impl Value {
    /// An estimate of the bytes that this value holds.
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Text(text) => BASE + text.len(),
            Self::Array(items) => BASE + items.iter().map(Self::memory_bytes).sum::<usize>(),
            Self::Object(object) => {
                BASE + object.fields.iter().map(|(name, value)| ENTRY + name.len() + value.memory_bytes()).sum::<usize>()
            }
            _ => BASE,
        }
    }
}
