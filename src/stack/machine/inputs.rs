//! Whether inputs fit what a function declares: defaults filled in, plain values read as the declared types.
//! Never refuses what is not declared.

use std::sync::Arc;

use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value, loosely_equal};
use crate::stack::program::{InputField, InputKind};

/// What is wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {message}")]
pub struct InputError {
    pub field: String,
    pub message: String,
}

/// From here on a number names milliseconds, below it seconds.
const MS_FROM: f64 = 1e11;

/// The inputs as the function sees them.
///
/// # Errors
/// Everything about them that does not fit, one entry a field.
pub fn complete_inputs(fields: &[InputField], given: &Value) -> Result<Value, Vec<InputError>> {
    if fields.is_empty() {
        return Ok(given.clone());
    }
    let mut inputs = match given {
        Value::Null => Object::default(),
        Value::Object(object) => Object { table: None, fields: object.fields.clone() },
        other => {
            let message = format!("are an object with the declared fields, not {}", other.kind());
            return Err(vec![InputError { field: "inputs".to_owned(), message }]);
        }
    };
    let mut errors = Vec::new();
    for field in fields {
        match (inputs.get(&field.name), &field.default) {
            (None | Some(Value::Null), Some(default)) => {
                inputs.fields.insert((&*field.name).into(), default.clone());
            }
            (None | Some(Value::Null), None) if field.required => errors.push(error(field, "is required")),
            (None | Some(Value::Null), None) => {}
            (Some(value), _) => match read_field(field, value) {
                Some(value) => {
                    inputs.fields.insert((&*field.name).into(), value);
                }
                None => errors.push(error(field, format!("is {}, not {}", expected(field), value.kind()))),
            },
        }
    }
    if errors.is_empty() { Ok(Value::Object(Arc::new(inputs))) } else { Err(errors) }
}

fn error(field: &InputField, message: impl Into<String>) -> InputError {
    InputError { field: field.name.to_string(), message: message.into() }
}

fn read_field(field: &InputField, value: &Value) -> Option<Value> {
    if !field.list {
        return read_one(field, value);
    }
    let items: Option<Vec<_>> = value.as_array()?.iter().map(|item| read_one(field, item)).collect();
    items.map(Value::array)
}

fn read_one(field: &InputField, value: &Value) -> Option<Value> {
    match field.kind {
        InputKind::Json => Some(value.clone()),
        InputKind::Text => plain_text(value),
        InputKind::Int => value.as_integer().map(Value::Int),
        InputKind::Decimal => match value {
            Value::Int(_) | Value::Decimal(_) => Some(value.clone()),
            other => other.as_number().map(Value::Decimal),
        },
        InputKind::Bool => read_bool(value),
        InputKind::Timestamp => read_timestamp(value),
        InputKind::Email => plain_text(value).filter(|text| text.as_str().is_some_and(is_email)),
        InputKind::Uuid => plain_text(value).filter(|text| text.as_str().is_some_and(|text| uuid::Uuid::parse_str(text).is_ok())),
        InputKind::Object => value.as_object().map(|_| value.clone()),
        InputKind::Array => value.as_array().map(|_| value.clone()),
        InputKind::Enum => field.choices.iter().find(|choice| loosely_equal(choice, value)).cloned(),
    }
}

fn plain_text(value: &Value) -> Option<Value> {
    match value {
        Value::Text(_) => Some(value.clone()),
        Value::Int(_) | Value::Decimal(_) | Value::Bool(_) | Value::Timestamp(_) => Some(Value::text(value.to_text())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read_bool(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Int(0) => Some(Value::Bool(false)),
        Value::Int(1) => Some(Value::Bool(true)),
        Value::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(Value::Bool(true)),
            "false" | "0" | "no" | "off" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
fn read_timestamp(value: &Value) -> Option<Value> {
    if let Value::Timestamp(_) = value {
        return Some(value.clone());
    }
    if let Some(at) = value.as_str().and_then(|text| Timestamp::parse_rfc3339(text.trim())) {
        return Some(Value::Timestamp(at));
    }
    let number = value.as_number()?;
    let ms = if number.abs() >= MS_FROM { number } else { number * 1000.0 };
    Some(Value::Timestamp(Timestamp::from_ms(ms as i64)))
}

/// One `@` with something on both sides and a dot behind it; more only the mail server knows.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let host_holds = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty()) && !host.contains('@');
    !name.is_empty() && host_holds && !text.contains(char::is_whitespace)
}

fn expected(field: &InputField) -> String {
    let one = match field.kind {
        InputKind::Text => "a text",
        InputKind::Int => "a whole number",
        InputKind::Decimal => "a number",
        InputKind::Bool => "true or false",
        InputKind::Timestamp => "a time such as 2030-01-31T12:00:00Z",
        InputKind::Email => "an email address",
        InputKind::Uuid => "a UUID",
        InputKind::Object => "an object",
        InputKind::Array => "a list",
        InputKind::Json => "a value",
        InputKind::Enum => {
            let choices: Vec<_> = field.choices.iter().map(Value::to_text).collect();
            return format!("one of {}", choices.join(", "));
        }
    };
    if field.list { format!("a list, each item {one}") } else { one.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: InputKind) -> InputField {
        InputField {
            name: name.into(),
            kind,
            list: false,
            required: false,
            default: None,
            choices: Vec::new(),
            description: None,
        }
    }

    fn check(field: &InputField, given: &str, expected: &str) {
        let given = Value::from_json_text(given).unwrap();
        let shown = match complete_inputs(std::slice::from_ref(field), &given) {
            Ok(inputs) => inputs.to_json_text(),
            Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn defaults_are_filled_in_and_what_is_required_is_asked_for() {
        let required = InputField { required: true, ..field("n", InputKind::Int) };
        check(&required, r#"{"m": 1}"#, "`n` is required");
        check(&required, r#"{"n": null}"#, "`n` is required");
        let default = InputField { default: Some(Value::Int(5)), ..required };
        check(&default, "null", r#"{"n":5}"#);
        check(&default, r#"{"x": 1}"#, r#"{"x":1,"n":5}"#);
        check(&field("n", InputKind::Int), "{}", "{}");
    }

    #[test]
    fn plain_values_are_read_as_the_declared_type() {
        check(&field("n", InputKind::Int), r#"{"n": "5"}"#, r#"{"n":5}"#);
        check(&field("n", InputKind::Int), r#"{"n": 5.5}"#, "`n` is a whole number, not decimal");
        check(&field("b", InputKind::Bool), r#"{"b": "yes"}"#, r#"{"b":true}"#);
        check(&field("b", InputKind::Bool), r#"{"b": 2}"#, "`b` is true or false, not int");
        check(&field("t", InputKind::Text), r#"{"t": 5}"#, r#"{"t":"5"}"#);
        check(&field("at", InputKind::Timestamp), r#"{"at": 5}"#, r#"{"at":"1970-01-01T00:00:05.000Z"}"#);
        check(&field("e", InputKind::Email), r#"{"e": "a@b.c"}"#, r#"{"e":"a@b.c"}"#);
        check(&field("e", InputKind::Email), r#"{"e": "a@b"}"#, "`e` is an email address, not text");
        check(&field("u", InputKind::Uuid), r#"{"u": "nope"}"#, "`u` is a UUID, not text");
        let list = InputField { list: true, ..field("l", InputKind::Int) };
        check(&list, r#"{"l": ["1", 2]}"#, r#"{"l":[1,2]}"#);
        check(&list, r#"{"l": ["x"]}"#, "`l` is a list, each item a whole number, not array");
        let choice = InputField { choices: vec![Value::text("a"), Value::text("b")], ..field("c", InputKind::Enum) };
        check(&choice, r#"{"c": "z"}"#, "`c` is one of a, b, not text");
    }

    #[test]
    fn a_function_that_declares_nothing_accepts_anything() {
        assert_eq!(complete_inputs(&[], &Value::Int(5)), Ok(Value::Int(5)));
        check(&field("n", InputKind::Int), "[1]", "`inputs` are an object with the declared fields, not array");
    }
}
