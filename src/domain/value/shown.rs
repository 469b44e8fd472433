//! What is shown of a field: borrowed where it lies, so that writing an object out makes no values of it.
//! Never stored: whoever keeps it makes a value of it.

use super::{Value, write};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// The value of a field.
#[derive(Debug, Clone)]
pub enum Shown<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Id(ExecutionId),
    At(Timestamp),
    Value(&'a Value),
    Made(Value),
}

impl<'a> Shown<'a> {
    /// What may be missing, as null.
    pub fn maybe<T>(value: Option<T>, shown: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, shown)
    }

    pub fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(number) => Value::Int(number),
            Self::Text(text) => Value::text(text),
            Self::Id(id) => Value::text(id.to_string()),
            Self::At(at) => Value::Timestamp(at),
            Self::Value(value) => value.clone(),
            Self::Made(value) => value,
        }
    }

    /// Writes the plain form.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(number) => write::integer(*number, out),
            Self::Text(text) => write::text(text, out),
            Self::Id(id) => {
                out.push('"');
                out.push_str(id.0.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
                out.push('"');
            }
            Self::At(at) => write::instant(*at, out),
            Self::Value(value) => write::plain(value, out),
            Self::Made(value) => write::plain(value, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_written_as_its_value_would_be() {
        let value = Value::array(vec![Value::Int(1), Value::text("a\"")]);
        let fields = [
            Shown::Null,
            Shown::Bool(true),
            Shown::Int(-5),
            Shown::Text("a\n"),
            Shown::Id(ExecutionId::random(Timestamp(5))),
            Shown::At(Timestamp(5)),
            Shown::Value(&value),
            Shown::Made(Value::Decimal(1.5)),
        ];
        for field in fields {
            let mut text = String::new();
            field.write(&mut text);
            assert_eq!(text, field.into_value().to_json_text());
        }
    }
}
