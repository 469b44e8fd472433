//! Values to JSON text, straight into a string: what is written most often is written without a detour over a serializer.
//! Never decides what a value looks like: `json` says which form is which, and a test holds both against each other.

use std::fmt::Write as _;

use super::json::{self, OBJECT, ROW, TIMESTAMP};
use super::{Object, Value};
use crate::domain::timestamp::Timestamp;

/// The plain form, as people see it.
pub(super) fn plain(value: &Value, out: &mut String) {
    match value {
        Value::Decimal(number) => out.push_str(&json::plain_decimal_text(*number)),
        Value::Timestamp(at) => instant(*at, out),
        Value::Array(items) => list(items, out, plain),
        Value::Object(object) => fields(object.fields.iter().map(|(name, value)| (&**name, value)), out, plain),
        simple => scalar(simple, out),
    }
}

/// The stored form: keeps timestamps, decimals and the table of rows.
pub(super) fn stored(value: &Value, out: &mut String) {
    match value {
        Value::Timestamp(at) => marked(TIMESTAMP, out, |out| integer(at.0, out)),
        // `1.0` stays a decimal for whoever reads it back.
        Value::Decimal(number) => out.push_str(&json::stored_decimal_text(*number)),
        Value::Array(items) => list(items, out, stored),
        Value::Object(object) => match &object.table {
            Some(table) => marked(ROW, out, |out| {
                out.push('[');
                text(table, out);
                out.push(',');
                stored_fields(object, out);
                out.push(']');
            }),
            None if json::looks_marked(object) => marked(OBJECT, out, |out| stored_fields(object, out)),
            None => stored_fields(object, out),
        },
        simple => scalar(simple, out),
    }
}

/// An object of these fields.
pub(super) fn fields<'a, V>(fields: impl Iterator<Item = (&'a str, V)>, out: &mut String, write: impl Fn(V, &mut String)) {
    out.push('{');
    for (at, (name, value)) in fields.enumerate() {
        if at > 0 {
            out.push(',');
        }
        text(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

fn stored_fields(object: &Object, out: &mut String) {
    fields(object.fields.iter().map(|(name, value)| (&**name, value)), out, stored);
}

fn marked(key: &str, out: &mut String, write: impl FnOnce(&mut String)) {
    out.push_str("{\"");
    out.push_str(key);
    out.push_str("\":");
    write(out);
    out.push('}');
}

fn list(items: &[Value], out: &mut String, write: fn(&Value, &mut String)) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => integer(*number, out),
        Value::Text(value) => text(value, out),
        Value::Null | Value::Decimal(_) | Value::Timestamp(_) | Value::Array(_) | Value::Object(_) => out.push_str("null"),
    }
}

pub(super) fn integer(number: i64, out: &mut String) {
    write!(out, "{number}").expect("a string takes whatever is written");
}

pub(super) fn instant(at: Timestamp, out: &mut String) {
    out.push('"');
    out.push_str(at.rfc3339().as_str());
    out.push('"');
}

/// A text in quotes; most hold nothing that has to be escaped and go out whole.
pub(super) fn text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = first_escaped(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        escape(rest.as_bytes()[at], out);
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(byte: u8, out: &mut String) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x08 => out.push_str("\\b"),
        0x0c => out.push_str("\\f"),
        control => write!(out, "\\u{control:04x}").expect("a string takes whatever is written"),
    }
}

/// Where the first byte stands that JSON does not take as it is: a quote, a backslash or a control character.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    let (words, tail) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_ne_bytes(*word);
        // A byte is zero where it equals what is looked for; one below 0x20 borrows. Both set its highest bit, and neither can
        // for a byte beyond ASCII. A borrow from a neighbour may say so wrongly, so the bytes themselves decide.
        let zero = |other: u8| (word ^ (EACH * u64::from(other))).wrapping_sub(EACH);
        let found = (zero(b'"') | zero(b'\\') | word.wrapping_sub(EACH * 0x20)) & !word & HIGH;
        if found != 0
            && let Some(within) = bytes[at * 8..at * 8 + 8].iter().position(|byte| is_escaped(*byte))
        {
            return Some(at * 8 + within);
        }
    }
    tail.iter().position(|byte| is_escaped(*byte)).map(|within| words.len() * 8 + within)
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

    use super::*;
    use crate::domain::value::json::InvalidValue;

    /// A value that is written in the stored form.
    struct Stored<'a>(&'a Value);

    impl Serialize for Stored<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                Value::Timestamp(at) => single(serializer, TIMESTAMP, &at.0),
                // `1.0` stays a decimal for whoever reads it back.
                Value::Decimal(number) => serializer.serialize_f64(*number),
                Value::Array(items) => serializer.collect_seq(items.iter().map(Stored)),
                Value::Object(object) => match &object.table {
                    Some(table) => single(serializer, ROW, &StoredRow(table, object)),
                    None if json::looks_marked(object) => single(serializer, OBJECT, &StoredFields(object)),
                    None => StoredFields(object).serialize(serializer),
                },
                plain => plain.serialize(serializer),
            }
        }
    }

    struct StoredRow<'a>(&'a str, &'a Object);

    impl Serialize for StoredRow<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(Some(2))?;
            seq.serialize_element(self.0)?;
            seq.serialize_element(&StoredFields(self.1))?;
            seq.end()
        }
    }

    struct StoredFields<'a>(&'a Object);

    impl Serialize for StoredFields<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.fields.iter().map(|(name, value)| (&**name, Stored(value))))
        }
    }

    fn single<S: Serializer>(serializer: S, key: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(key, value)?;
        map.end()
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Decimal),
            (-100_i32..100).prop_map(|number| Value::Decimal(f64::from(number) / 4.0)),
            any::<String>().prop_map(Value::text),
            "[\"\\\\\u{0}-\u{1f}a-c\u{7f}ä…]{0,24}".prop_map(Value::text),
            any::<i64>().prop_map(|ms| Value::Timestamp(Timestamp::from_ms(ms))),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let names = prop_oneof![any::<String>(), Just("$row".to_owned()), Just("$timestamp".to_owned())];
            let fields = proptest::collection::vec((names, inner.clone()), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Value::array),
                fields.clone().prop_map(Value::object),
                fields.prop_map(|fields| {
                    let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
                    Value::Object(std::sync::Arc::new(Object { table: Some("orders".into()), fields }))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn both_forms_are_what_a_serializer_writes(value in values()) {
            prop_assert_eq!(value.to_json_text(), serde_json::to_string(&value).unwrap());
            prop_assert_eq!(value.to_stored_text(), serde_json::to_string(&Stored(&value)).unwrap());
        }
    }

    #[test]
    fn every_byte_is_found_wherever_it_stands() -> Result<(), InvalidValue> {
        for len in 0..20 {
            for at in 0..len {
                for byte in 0..128_u8 {
                    let mut bytes = vec![b'~'; len];
                    bytes[at] = byte;
                    assert_eq!(first_escaped(&bytes), is_escaped(byte).then_some(at), "{byte} at {at} of {len}");
                }
            }
        }
        Value::from_json_text(&Value::text("ä\u{1}\"").to_json_text()).map(|_| ())
    }
}
