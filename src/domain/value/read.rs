//! Values out of whatever serde reads, within a bound of memory.
//! Never holds more than the bound, not even until the end of the text is seen.

use std::cell::Cell;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{ARRAY_BYTES, ENTRY_BYTES, Name, OBJECT_BYTES, Object, VALUE_BYTES, Value};

/// Above this many items an array is fitted to its length.
const FITTED_MIN: usize = 64;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Within(&Cell::new(Some(usize::MAX))).deserialize(deserializer)
    }
}

/// What may still be taken; nothing once more was wanted.
#[derive(Clone, Copy)]
pub(super) struct Within<'a>(pub &'a Cell<Option<usize>>);

impl Within<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(bytes)));
        self.0.get().map(|_| ()).ok_or_else(|| E::custom("the value is too large"))
    }

    fn plain<E: Error>(self, value: Value) -> Result<Value, E> {
        self.take(VALUE_BYTES)?;
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.plain(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.plain(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.plain(Value::Int(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "integers beyond i64 are decimals in this language")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.plain(i64::try_from(value).map_or(Value::Decimal(value as f64), Value::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.plain(Value::Decimal(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.take(VALUE_BYTES + text.len())?;
        Ok(Value::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.take(ARRAY_BYTES)?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        if items.len() >= FITTED_MIN {
            items.shrink_to_fit();
        }
        Ok(Value::array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.take(OBJECT_BYTES)?;
        let mut object = Object::default();
        while let Some(name) = map.next_key::<Name>()? {
            self.take(ENTRY_BYTES + name.len())?;
            let value = map.next_value_seed(self)?;
            object.fields.insert(name, value);
        }
        Ok(Value::Object(Arc::new(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::InvalidValue;
    use super::*;

    #[test]
    fn a_value_is_read_as_long_as_it_fits_and_not_a_byte_longer() {
        for text in [r#"{"a": [1, 2.5, "text", null], "b": {"c": true}}"#, "[[], [], {}]", "\"text\"", "7"] {
            let value = Value::from_json_text(text).unwrap();
            let bytes = value.memory_bytes();
            assert_eq!(Value::from_json_text_within(text, bytes), Ok(value), "{text}");
            assert_eq!(Value::from_json_text_within(text, bytes - 1), Err(InvalidValue::TooLarge(bytes - 1)), "{text}");
        }
        for (text, error) in [("[1] 2", "Syntax"), ("[1", "Syntax"), ("\"a\\u0000\"", "Nul")] {
            let refused = format!("{:?}", Value::from_json_text_within(text, 1000).unwrap_err());
            assert!(refused.starts_with(error), "{text}: {refused}");
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert_eq!(Value::from_json_text_within(&deep, 1 << 20), Err(InvalidValue::TooDeep));
    }
}
