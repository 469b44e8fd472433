//! Filters that change a kind or ask for it.
//! Never fails where null is a fair answer.

use super::call::{Call, Raise};
use super::{Builtin, builtin};
use crate::domain::value::Value;

type Filtered = Result<Value, Raise>;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["default"], 0..=2, &["value", "falsy"], |call| {
        let missing = call.input.is_null() || (call.flag(1) && !call.input.is_truthy());
        Ok(if missing { call.argument(0).cloned().unwrap_or_default() } else { call.input.clone() })
    }),
    builtin(&["is_null"], 0..=0, &[], |call| Ok(Value::Bool(call.input.is_null()))),
    builtin(&["is_empty"], 0..=0, &[], |call| {
        Ok(Value::Bool(match call.input {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(object) => object.fields.is_empty(),
            _ => false,
        }))
    }),
    builtin(&["is_array"], 0..=0, &[], |call| Ok(Value::Bool(matches!(call.input, Value::Array(_))))),
    builtin(&["is_object"], 0..=0, &[], |call| Ok(Value::Bool(matches!(call.input, Value::Object(_))))),
    builtin(&["is_text"], 0..=0, &[], |call| Ok(Value::Bool(matches!(call.input, Value::Text(_))))),
    builtin(&["is_number"], 0..=0, &[], |call| Ok(Value::Bool(matches!(call.input, Value::Int(_) | Value::Decimal(_))))),
    builtin(&["to_int", "int"], 0..=0, &[], to_int),
    builtin(&["to_decimal", "float"], 0..=0, &[], |call| {
        Ok(match call.input {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Decimal(f64::from(u8::from(*flag))),
            other => Value::Decimal(other.as_number().ok_or_else(|| call.wrong("works on a number", other))?),
        })
    }),
    builtin(&["to_text", "string", "as_text"], 0..=0, &[], |call| {
        Ok(if call.input.is_null() { Value::Null } else { Value::text(call.shown(call.input)?) })
    }),
    builtin(&["to_bool", "bool"], 0..=0, &[], |call| {
        let worded = call.input.as_str().map(str::to_lowercase);
        let no = worded.is_some_and(|word| matches!(word.as_str(), "false" | "no" | "off"));
        Ok(Value::Bool(call.input.is_truthy() && !no))
    }),
    builtin(&["to_array"], 0..=0, &[], |call| {
        Ok(match call.input {
            Value::Null => Value::array(Vec::new()),
            Value::Array(_) => call.input.clone(),
            Value::Object(object) => Value::array(object.fields.values().cloned().collect()),
            other => Value::array(vec![other.clone()]),
        })
    }),
];

#[expect(clippy::cast_possible_truncation, reason = "the range is checked beside it")]
fn to_int(call: &Call<'_>) -> Filtered {
    Ok(match call.input {
        Value::Null => Value::Null,
        Value::Bool(flag) => Value::Int(i64::from(*flag)),
        Value::Timestamp(at) => Value::Int(at.ms()),
        other => match other.as_integer() {
            Some(whole) => Value::Int(whole),
            None => {
                let number = other.as_number().filter(|number| number.abs() < 9e18);
                Value::Int(number.ok_or_else(|| call.wrong("works on a number", other))?.trunc() as i64)
            }
        },
    })
}
