//! One use of a filter: its input and its arguments, by place or by name.
//! Never evaluates anything.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::value::Value;
use crate::stack::expression::{Scope, builtins};

/// One use of a filter.
pub(in crate::stack::expression) struct Call<'a> {
    pub name: &'a str,
    pub input: &'a Value,
    pub arguments: &'a [Value],
    pub keywords: &'a [(Arc<str>, Value)],
    pub scope: &'a dyn Scope,
}

/// Why a filter has no value, in words.
pub(in crate::stack::expression) struct Raise(pub String);

impl<'a> Call<'a> {
    /// The argument at `index`, or the one of its keyword.
    pub fn argument(&self, index: usize) -> Option<&'a Value> {
        self.arguments.get(index).or_else(|| {
            let keyword = builtins::find(self.name)?.keywords.get(index)?;
            self.keywords.iter().find(|(name, _)| &**name == *keyword).map(|(_, value)| value)
        })
    }

    /// How many arguments were given, by place or by name.
    pub fn count(&self) -> usize {
        self.arguments.len() + self.keywords.len()
    }

    pub fn integer(&self, index: usize, default: i64) -> Result<i64, Raise> {
        match self.argument(index) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value.as_integer().ok_or_else(|| self.wrong("takes a whole number", value)),
        }
    }

    pub fn text(&self, index: usize, default: &'static str) -> Cow<'static, str> {
        match self.argument(index) {
            None | Some(Value::Null) => Cow::Borrowed(default),
            Some(value) => Cow::Owned(value.to_text()),
        }
    }

    pub fn flag(&self, index: usize) -> bool {
        self.argument(index).is_some_and(Value::is_truthy)
    }

    /// The input as a list: null is none, an object is its values.
    pub fn list(&self) -> Result<Cow<'a, [Value]>, Raise> {
        match self.input {
            Value::Null => Ok(Cow::Borrowed(&[])),
            Value::Array(items) => Ok(Cow::Borrowed(items)),
            Value::Object(object) => Ok(Cow::Owned(object.fields.values().cloned().collect())),
            other => Err(self.wrong("works on a list", other)),
        }
    }

    /// The input as a text; `None` for null.
    pub fn input_text(&self) -> Result<Option<String>, Raise> {
        match self.input {
            Value::Null => Ok(None),
            Value::Array(_) | Value::Object(_) => Err(self.wrong("works on text", self.input)),
            other => Ok(Some(other.to_text())),
        }
    }

    /// The input as a number; `None` for null.
    pub fn number(&self) -> Result<Option<f64>, Raise> {
        match self.input {
            Value::Null => Ok(None),
            other => other.as_number().map(Some).ok_or_else(|| self.wrong("works on a number", other)),
        }
    }

    pub fn wrong(&self, wants: &str, got: &Value) -> Raise {
        Raise(format!("`{}` {wants}, not {}", self.name, got.kind()))
    }

    pub fn raise(&self, message: impl std::fmt::Display) -> Raise {
        Raise(format!("`{}`: {message}", self.name))
    }
}

/// The field of a value at a dotted path.
pub(super) fn at_path(value: &Value, path: &str) -> Value {
    let direct = value.field(path);
    if !direct.is_null() || !path.contains('.') {
        return direct;
    }
    path.split('.').fold(value.clone(), |value, part| match &value {
        Value::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)).cloned().unwrap_or_default(),
        other => other.field(part),
    })
}

/// A count as a value.
pub(super) fn int(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A number as a value: whole where it has no fraction.
pub(super) fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked beside it")]
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::Int(number as i64) } else { Value::Decimal(number) }
}
