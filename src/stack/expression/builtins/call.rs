//! One use of a filter: its input and its arguments, by place or by name.
//! Never evaluates anything.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::limits::{EXPRESSION_OPERATIONS_MAX, EXPRESSION_OUTPUT_BYTES_MAX};
use crate::domain::value::{Value, loosely_equal, strictly_equal};
use crate::stack::expression::{Scope, builtins};

/// One use of a filter.
pub(in crate::stack::expression) struct Call<'a> {
    pub name: &'a str,
    pub input: &'a Value,
    pub arguments: &'a [Value],
    pub keywords: &'a [(Arc<str>, Value)],
    pub scope: &'a dyn Scope,
    /// Takes operations from what the evaluation may still use; false if that is less.
    pub spend: &'a dyn Fn(u64) -> bool,
}

/// Why a filter has no value, in words.
pub(in crate::stack::expression) enum Raise {
    /// It does not work on what it was given.
    Wrong(String),
    /// It would go beyond what one evaluation may use.
    Limit(String),
}

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

    /// How a value reads, counted as the operations that writing it takes.
    pub fn shown(&self, value: &Value) -> Result<String, Raise> {
        let bytes = value.memory_bytes_within(EXPRESSION_OUTPUT_BYTES_MAX).map_err(|_| self.grows())?;
        let operations = if is_container(value) { bytes / PART_BYTES } else { bytes / BYTES_PER_OPERATION };
        self.spend(operations as u64)?;
        Ok(value.to_text())
    }

    /// `==`, counted as the operations that comparing takes.
    pub fn equal(&self, a: &Value, b: &Value) -> Result<bool, Raise> {
        self.spend(comparing(a, b))?;
        Ok(loosely_equal(a, b))
    }

    /// `===`, counted as the operations that comparing takes.
    pub fn same(&self, a: &Value, b: &Value) -> Result<bool, Raise> {
        self.spend(comparing(a, b))?;
        Ok(strictly_equal(a, b))
    }

    /// Takes operations from the evaluation.
    pub fn spend(&self, operations: u64) -> Result<(), Raise> {
        if (self.spend)(operations) {
            return Ok(());
        }
        Err(Raise::Limit(format!("`{}` takes more than {EXPRESSION_OPERATIONS_MAX} operations", self.name)))
    }

    /// Refuses to make more than an evaluation may make, before it is made.
    pub fn makes(&self, bytes: usize) -> Result<(), Raise> {
        if bytes > EXPRESSION_OUTPUT_BYTES_MAX { Err(self.grows()) } else { Ok(()) }
    }

    pub fn grows(&self) -> Raise {
        Raise::Limit(format!("`{}` makes more than {EXPRESSION_OUTPUT_BYTES_MAX} bytes", self.name))
    }

    pub fn wrong(&self, wants: &str, got: &Value) -> Raise {
        Raise::Wrong(format!("`{}` {wants}, not {}", self.name, got.kind()))
    }

    pub fn raise(&self, message: impl std::fmt::Display) -> Raise {
        Raise::Wrong(format!("`{}`: {message}", self.name))
    }
}

/// Bytes of a text that cost as much to write as one operation.
const BYTES_PER_OPERATION: usize = 64;
/// What a part of a value weighs at least in its estimate of memory.
const PART_BYTES: usize = 24;

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// How many operations it takes to compare two values: lists and objects are walked as far as the smaller one goes.
pub(in crate::stack::expression) fn comparing(a: &Value, b: &Value) -> u64 {
    if !is_container(a) || !is_container(b) {
        return 1;
    }
    let bytes_max = usize::try_from(EXPRESSION_OPERATIONS_MAX).unwrap_or(usize::MAX).saturating_mul(PART_BYTES);
    let parts = |value: &Value| value.memory_bytes_within(bytes_max).unwrap_or(usize::MAX) / PART_BYTES;
    parts(a).min(parts(b)) as u64
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
