//! How much memory a value holds, for the limits of an execution.
//! Never walks further than the bound that it is given: what is shared counts wherever it stands, so a small value can be vast.

use super::Value;
use crate::domain::limits::VALUE_DEPTH_MAX;

/// What a value costs beside its contents, in bytes.
pub const VALUE_BYTES: usize = 24;
/// What an array costs beside its items.
pub const ARRAY_BYTES: usize = VALUE_BYTES + 40;
/// What an object costs beside its entries.
pub const OBJECT_BYTES: usize = VALUE_BYTES + 160;
/// What an entry of an object costs beside its name and its value.
pub const ENTRY_BYTES: usize = 56;

/// Why a value is too much to be kept or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    #[error("is nested deeper than {VALUE_DEPTH_MAX} levels")]
    Depth,
    #[error("has more than {0} bytes")]
    Bytes(usize),
}

impl Value {
    /// An estimate of the bytes that this value holds.
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Text(text) => VALUE_BYTES + text.len(),
            Self::Array(items) => ARRAY_BYTES + items.iter().map(Self::memory_bytes).sum::<usize>(),
            Self::Object(object) => {
                OBJECT_BYTES
                    + object.fields.iter().map(|(name, value)| ENTRY_BYTES + name.len() + value.memory_bytes()).sum::<usize>()
            }
            _ => VALUE_BYTES,
        }
    }

    /// The same estimate of a value that may be anything.
    ///
    /// # Errors
    /// It holds more than `bytes_max`, or its levels are more than `VALUE_DEPTH_MAX`.
    pub fn memory_bytes_within(&self, bytes_max: usize) -> Result<usize, Excess> {
        let mut left = bytes_max;
        self.take_from(&mut left, 0).map_err(|excess| match excess {
            Excess::Bytes(_) => Excess::Bytes(bytes_max),
            Excess::Depth => Excess::Depth,
        })?;
        Ok(bytes_max - left)
    }

    fn take_from(&self, left: &mut usize, depth: usize) -> Result<(), Excess> {
        if depth > VALUE_DEPTH_MAX {
            return Err(Excess::Depth);
        }
        let mut take = |bytes: usize| {
            *left = left.checked_sub(bytes).ok_or(Excess::Bytes(0))?;
            Ok(())
        };
        take(match self {
            Self::Array(_) => ARRAY_BYTES,
            Self::Object(_) => OBJECT_BYTES,
            _ => VALUE_BYTES,
        })?;
        match self {
            Self::Text(text) => take(text.len()),
            Self::Array(items) => items.iter().try_for_each(|item| item.take_from(left, depth + 1)),
            Self::Object(object) => object.fields.iter().try_for_each(|(name, value)| {
                *left = left.checked_sub(ENTRY_BYTES + name.len()).ok_or(Excess::Bytes(0))?;
                value.take_from(left, depth + 1)
            }),
            _ => Ok(()),
        }
    }

    /// How the value reads inside a longer text, see [`Value::to_text`], or `None` if it holds more than `bytes_max`.
    pub fn to_text_within(&self, bytes_max: usize) -> Option<String> {
        self.memory_bytes_within(bytes_max.saturating_add(VALUE_BYTES)).ok()?;
        Some(self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubled(times: usize) -> Value {
        (0..times).fold(Value::text("ha"), |value, _| Value::array(vec![value.clone(), value]))
    }

    #[test]
    fn both_estimates_agree() {
        let value = Value::from_json_text(r#"{"a": [1, "text", null], "b": {"c": true}}"#).unwrap();
        assert_eq!(value.memory_bytes_within(1 << 20), Ok(value.memory_bytes()));
        assert_eq!(value.memory_bytes_within(value.memory_bytes()), Ok(value.memory_bytes()));
        let bytes_max = value.memory_bytes() - 1;
        assert_eq!(value.memory_bytes_within(bytes_max), Err(Excess::Bytes(bytes_max)));
    }

    #[test]
    fn a_value_that_shares_itself_is_not_walked_to_its_end() {
        assert_eq!(doubled(100).memory_bytes_within(1000), Err(Excess::Bytes(1000)));
        assert_eq!(doubled(100).to_text_within(1000), None);
    }

    #[test]
    fn a_deep_value_is_not_walked_to_its_ground() {
        let deep = (0..=VALUE_DEPTH_MAX).fold(Value::Null, |value, _| Value::array(vec![value]));
        assert_eq!(deep.memory_bytes_within(1 << 20), Err(Excess::Depth));
    }
}
