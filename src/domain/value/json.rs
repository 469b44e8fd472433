//! Values to JSON and back: the plain form that people see, and the typed form that is stored.
//! Never loses a type in the stored form; never shows a type marker in the plain one.

use std::cell::Cell;
use std::sync::Arc;

use serde::de::DeserializeSeed as _;
use serde::ser::Serializer;
use serde::{Deserialize as _, Serialize};
use serde_json::value::RawValue;

use super::read::Within;
use super::{Object, Shown, Value, write};
use crate::domain::limits::VALUE_DEPTH_MAX;
use crate::domain::timestamp::Timestamp;

/// Why a value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    #[error("a text holds a NUL character, which no database stores")]
    Nul,
    #[error("the value is nested deeper than {VALUE_DEPTH_MAX} levels")]
    TooDeep,
    #[error("the number {0} is beyond what can be stored")]
    Number(String),
    #[error("the value would hold more than {0} bytes")]
    TooLarge(usize),
    #[error("not JSON: {0}")]
    Syntax(String),
}

/// Refuses text that no database stores.
pub fn check_text(text: &str) -> Result<(), InvalidValue> {
    if text.as_bytes().contains(&0) { Err(InvalidValue::Nul) } else { Ok(()) }
}

/// Up to here every whole number is exactly itself as a 64-bit float: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
/// How the key of every marker begins.
const MARKED: &str = "\"$";
/// What a status entry needs, so that writing it allocates once.
const FIELDS_BYTES_USUAL: usize = 1536;
/// Marks a timestamp in the stored form: `{"$timestamp": 1700000000123}`.
pub(super) const TIMESTAMP: &str = "$timestamp";
/// Marks a row in the stored form: `{"$row": ["orders", {…}]}`.
pub(super) const ROW: &str = "$row";
/// Wraps an object of a user whose only key looks like a marker: `{"$object": {"$row": …}}`.
pub(super) const OBJECT: &str = "$object";

impl Value {
    /// Reads JSON text; timestamps stay text, since plain JSON has none.
    ///
    /// # Errors
    /// What is no JSON, holds a NUL or is nested deeper than `VALUE_DEPTH_MAX`.
    pub fn from_json_text(text: &str) -> Result<Self, InvalidValue> {
        Self::from_json_slice(text.as_bytes())
    }

    /// Reads JSON text to a value that holds at most so many bytes; see [`Value::from_json_text`].
    ///
    /// # Errors
    /// What would hold more, before it does.
    pub fn from_json_text_within(text: &str, bytes_max: usize) -> Result<Self, InvalidValue> {
        let left = Cell::new(Some(bytes_max));
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = Within(&left).deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
        let value =
            read.map_err(|error| if left.get().is_none() { InvalidValue::TooLarge(bytes_max) } else { syntax(&error) })?;
        value.check()?;
        Ok(value)
    }

    /// Reads JSON bytes, see [`Value::from_json_text`].
    ///
    /// # Errors
    /// What is no JSON, holds a NUL or is nested deeper than `VALUE_DEPTH_MAX`.
    pub fn from_json_slice(bytes: &[u8]) -> Result<Self, InvalidValue> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| syntax(&error))?;
        value.check()?;
        Ok(value)
    }

    /// The plain form: timestamps as RFC 3339, compact as `JSON.stringify` prints it.
    pub fn to_json_text(&self) -> String {
        let mut text = String::with_capacity(self.bytes_usual());
        write::plain(self, &mut text);
        text
    }

    /// The plain form of an object of these fields, each with a name of its own, without the object.
    pub fn fields_to_json_text<'a>(fields: impl IntoIterator<Item = (&'a str, Shown<'a>)>) -> String {
        let mut text = String::with_capacity(FIELDS_BYTES_USUAL);
        write::fields(fields.into_iter(), &mut text, |told, text| told.write(text));
        text
    }

    /// The plain form as a `serde_json` value.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a value has only text keys and finite numbers or null")
    }

    /// Takes over a `serde_json` value unchecked; use [`Value::check`] on what comes from outside.
    pub fn from_json(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => {
                number.as_i64().map_or_else(|| Self::Decimal(number.as_f64().unwrap_or(0.0)), Self::Int)
            }
            serde_json::Value::String(text) => Self::Text(text.into()),
            serde_json::Value::Array(items) => Self::array(items.into_iter().map(Self::from_json).collect()),
            serde_json::Value::Object(fields) => Self::object(fields.into_iter().map(|(k, v)| (k, Self::from_json(v)))),
        }
    }

    /// The stored form: keeps timestamps and the table of rows.
    pub fn to_stored_text(&self) -> String {
        let mut text = String::with_capacity(self.bytes_usual());
        write::stored(self, &mut text);
        text
    }

    /// So many bytes of text that most values grow no further.
    fn bytes_usual(&self) -> usize {
        match self {
            Self::Array(items) => 16 * items.len() + 2,
            Self::Object(object) => 48 * object.fields.len() + 2,
            Self::Text(text) => text.len() + 2,
            _ => 26,
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// What is not the stored form of a value.
    pub fn from_stored_text(text: &str) -> Result<Self, InvalidValue> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer.disable_recursion_limit();
        let plain = Value::deserialize(&mut deserializer).map_err(|error| InvalidValue::Syntax(error.to_string()))?;
        // Only where a marker may stand is anything built anew.
        Ok(if text.contains(MARKED) { restore(plain) } else { plain })
    }

    /// Refuses what no database stores: NUL characters, too deep nesting, numbers that are not finite.
    ///
    /// # Errors
    /// The first thing found that cannot be stored.
    pub fn check(&self) -> Result<(), InvalidValue> {
        check_at(self, 0)
    }
}

fn syntax(error: &serde_json::Error) -> InvalidValue {
    match error.to_string() {
        message if message.contains("recursion limit") => InvalidValue::TooDeep,
        message => InvalidValue::Syntax(message),
    }
}

fn check_at(value: &Value, depth: usize) -> Result<(), InvalidValue> {
    if depth > VALUE_DEPTH_MAX {
        return Err(InvalidValue::TooDeep);
    }
    match value {
        Value::Text(text) => check_text(text),
        Value::Decimal(number) if !number.is_finite() => Err(InvalidValue::Number(number.to_string())),
        Value::Array(items) => items.iter().try_for_each(|item| check_at(item, depth + 1)),
        Value::Object(object) => object.fields.iter().try_for_each(|(name, item)| {
            check_text(name)?;
            check_at(item, depth + 1)
        }),
        _ => Ok(()),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Decimal(value) => plain_decimal(*value, serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Timestamp(at) => at.serialize(serializer),
            Self::Array(items) => serializer.collect_seq(items.iter()),
            Self::Object(object) => serializer.collect_map(object.fields.iter().map(|(name, value)| (&**name, value))),
        }
    }
}

/// A number as `JSON.stringify` prints it: whole ones without a fraction, digits alone from 1e-6 up to 1e21.
fn plain_decimal<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked beside it")]
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
        return serializer.serialize_i64(number as i64);
    }
    let size = number.abs();
    if !(EXACT_MAX..1e21).contains(&size) && !(1e-6..1e-5).contains(&size) {
        return serializer.serialize_f64(number);
    }
    // serde_json would write these with an exponent.
    let digits = RawValue::from_string(number.to_string()).map_err(serde::ser::Error::custom)?;
    digits.serialize(serializer)
}

/// A decimal of the plain form.
pub(super) fn plain_decimal_text(number: f64) -> String {
    serde_json::to_string(&Plain(number)).expect("a number is written as digits, or as null")
}

/// A decimal of the stored form.
pub(super) fn stored_decimal_text(number: f64) -> String {
    serde_json::to_string(&number).expect("a number is written as digits, or as null")
}

struct Plain(f64);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain_decimal(self.0, serializer)
    }
}

pub(super) fn looks_marked(object: &Object) -> bool {
    object.fields.len() == 1 && object.fields.keys().all(|key| matches!(&**key, TIMESTAMP | ROW | OBJECT))
}

fn restore(plain: Value) -> Value {
    match plain {
        Value::Array(items) => Value::array(items.iter().cloned().map(restore).collect()),
        Value::Object(object) if looks_marked(&object) => restore_marked(&object),
        Value::Object(object) => restore_fields(&object, None),
        other => other,
    }
}

fn restore_marked(object: &Object) -> Value {
    match (object.get(TIMESTAMP), object.get(ROW).and_then(Value::as_array), object.get(OBJECT)) {
        (Some(Value::Int(ms)), _, _) => Value::Timestamp(Timestamp(*ms)),
        (_, Some([Value::Text(table), Value::Object(fields)]), _) => restore_fields(fields, Some(Arc::clone(table))),
        (_, _, Some(Value::Object(fields))) => restore_fields(fields, None),
        _ => restore_fields(object, None),
    }
}

fn restore_fields(object: &Object, table: Option<Arc<str>>) -> Value {
    let fields = object.fields.iter().map(|(name, value)| (name.clone(), restore(value.clone()))).collect();
    Value::Object(Arc::new(Object { table, fields }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_keeps_timestamps_and_tables() {
        let mut row = Object { table: Some("orders".into()), ..Object::default() };
        row.fields.insert("at".into(), Value::Timestamp(Timestamp(5)));
        let trap = Value::object([("$timestamp", Value::Int(5))]);
        let value = Value::array(vec![Value::Object(Arc::new(row)), trap, Value::Decimal(1.0)]);
        assert_eq!(Value::from_stored_text(&value.to_stored_text()), Ok(value));
    }

    #[test]
    fn what_looks_like_a_marker_comes_back_as_it_was() {
        let row = |name: &str, value: Value| {
            let mut row = Object { table: Some("orders".into()), ..Object::default() };
            row.fields.insert(name.into(), value);
            Value::Object(Arc::new(row))
        };
        let one = |name: &str, value: Value| Value::object([(name.to_owned(), value)]);
        let parts =
            [Value::Int(5), Value::Timestamp(Timestamp(5)), Value::array(vec![Value::text("orders"), one("$row", Value::Null)])];
        let names = ["$timestamp", "$row", "$object", "plain"];
        let mut values: Vec<Value> = parts.to_vec();
        for _ in 0..3 {
            let grown: Vec<Value> = values
                .iter()
                .flat_map(|value| {
                    names.iter().flat_map(|name| {
                        let two = Value::object([((*name).to_owned(), value.clone()), ("more".to_owned(), value.clone())]);
                        [one(name, value.clone()), row(name, value.clone()), two, Value::array(vec![value.clone()])]
                    })
                })
                .collect();
            for value in &grown {
                assert_eq!(Value::from_stored_text(&value.to_stored_text()).as_ref(), Ok(value), "{}", value.to_stored_text());
            }
            values = grown.into_iter().step_by(3).collect();
        }
    }

    #[test]
    fn the_plain_form_prints_numbers_as_json_stringify_does() {
        let numbers = [
            (1.0, "1"),
            (-0.0, "0"),
            (2.5, "2.5"),
            (-1950.0, "-1950"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (9_223_372_036_854_775_808.0, "9223372036854776000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (0.000_01, "0.00001"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
        ];
        for (number, printed) in numbers {
            assert_eq!(Value::Decimal(number).to_json_text(), printed);
            assert_eq!(Value::Decimal(number).to_text(), printed);
            assert_eq!(Value::Decimal(number).to_json().as_f64(), Some(number));
        }
    }

    #[test]
    fn the_plain_form_shows_timestamps_as_rfc_3339() {
        let value = Value::object([("at", Value::Timestamp(Timestamp(0)))]);
        assert_eq!(value.to_json_text(), r#"{"at":"1970-01-01T00:00:00.000Z"}"#);
    }

    #[test]
    fn what_no_database_stores_is_refused() {
        assert_eq!(Value::from_json_text("\"a\\u0000b\""), Err(InvalidValue::Nul));
        assert!(Value::from_json_text("\"\\ud800\"").is_err());
        assert_eq!(Value::from_json_text(&"[".repeat(2000)), Err(InvalidValue::TooDeep));
    }
}
