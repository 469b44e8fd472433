//! How values compare: loosely as `==` does, strictly as `===` does, and in order.
//! Never raises: what cannot be compared is unequal and unordered.

use std::cmp::Ordering;

use super::Value;
use crate::domain::timestamp::Timestamp;

/// A number of at least this many is read as milliseconds when compared with a timestamp, a smaller one as seconds.
const MS_FROM: f64 = 1e11;

/// `===`: the same kind and the same value; `1 === 1.0` holds, since JSON has one kind of number.
pub fn strictly_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => compare(a, b) == Some(Ordering::Equal),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| strictly_equal(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.fields.len() == y.fields.len()
                && x.fields.iter().all(|(name, value)| y.get(name).is_some_and(|other| strictly_equal(value, other)))
        }
        _ => a == b,
    }
}

/// `==`: numbers and texts that read as the same number are equal, a timestamp equals the text or number that names it,
/// `true` equals `"true"` and 1.
pub fn loosely_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| loosely_equal(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.fields.len() == y.fields.len()
                && x.fields.iter().all(|(name, value)| y.get(name).is_some_and(|other| loosely_equal(value, other)))
        }
        (Value::Bool(x), Value::Text(y)) | (Value::Text(y), Value::Bool(x)) => &**y == if *x { "true" } else { "false" },
        (Value::Bool(x), other @ (Value::Int(_) | Value::Decimal(_)))
        | (other @ (Value::Int(_) | Value::Decimal(_)), Value::Bool(x)) => other.as_number() == Some(f64::from(u8::from(*x))),
        _ => strictly_equal(a, b) || compare(a, b) == Some(Ordering::Equal),
    }
}

/// The order of two values, if they have one: numbers (also written as text), texts, timestamps with what names an instant, bools.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => Some(x.cmp(y)),
        (Value::Text(x), Value::Text(y)) => Some(x.cmp(y)),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        (Value::Timestamp(x), Value::Timestamp(y)) => Some(x.cmp(y)),
        (Value::Timestamp(x), other) => Some(x.cmp(&instant(other)?)),
        (other, Value::Timestamp(y)) => Some(instant(other)?.cmp(y)),
        (Value::Int(_) | Value::Decimal(_) | Value::Text(_), Value::Int(_) | Value::Decimal(_) | Value::Text(_)) => {
            a.as_number()?.partial_cmp(&b.as_number()?)
        }
        _ => None,
    }
}

/// What instant a number or a text names beside a timestamp.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Text(text) => Timestamp::parse_rfc3339(text).or_else(|| number_as_instant(value.as_number()?)),
        Value::Int(_) | Value::Decimal(_) => number_as_instant(value.as_number()?),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
fn number_as_instant(number: f64) -> Option<Timestamp> {
    let ms = if number.abs() >= MS_FROM { number } else { number * 1000.0 };
    number.is_finite().then(|| Timestamp::from_ms(ms as i64))
}
