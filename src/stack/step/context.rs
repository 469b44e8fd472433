//! What a step can see while it is performed, and its parameters as the types that it needs.
//! Never changes anything.

use std::sync::Arc;

use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::ExecutionConfig;
use crate::domain::value::{Excess, Object, Value};
use crate::stack::expression::{EvalError, Scope, ValueTemplate};

/// What a step sees.
pub struct StepContext<'a> {
    pub scope: &'a dyn Scope,
    pub config: &'a ExecutionConfig,
    /// What the execution may still allocate.
    pub memory_bytes_left: u64,
    /// A policy with at least one retry is in force, the step's own or its function's.
    pub retry_in_force: bool,
}

impl std::fmt::Debug for StepContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepContext").field("retry_in_force", &self.retry_in_force).finish_non_exhaustive()
    }
}

impl StepContext<'_> {
    /// What a parameter is now, if one execution may hold that at all.
    pub fn value(&self, template: &ValueTemplate) -> Result<Value, EvalError> {
        if let Some(constant) = template.as_constant() {
            return Ok(constant.clone());
        }
        let value = template.evaluate(self.scope)?;
        let bytes_max = usize::try_from(self.config.memory_limit_bytes).unwrap_or(usize::MAX);
        match value.memory_bytes_within(bytes_max) {
            Ok(_) => Ok(value),
            Err(excess) => Err(EvalError::Raised(excessive("a value", excess))),
        }
    }

    /// The value, or null without the parameter.
    pub fn value_or_null(&self, template: Option<&ValueTemplate>) -> Result<Value, EvalError> {
        template.map_or(Ok(Value::Null), |template| self.value(template))
    }

    pub fn truth(&self, template: &ValueTemplate) -> Result<bool, EvalError> {
        Ok(self.value(template)?.is_truthy())
    }

    /// A switch: the words `"false"` and `"no"` are false too, as forms send them.
    pub fn flag(&self, template: Option<&ValueTemplate>, default: bool) -> Result<bool, EvalError> {
        Ok(match self.value_or_null(template)? {
            Value::Null => default,
            Value::Text(text) => !matches!(&*text.to_lowercase(), "false" | "no" | "off" | "0" | ""),
            other => other.is_truthy(),
        })
    }

    /// A text, if the parameter is given and not null.
    pub fn text(&self, name: &str, template: Option<&ValueTemplate>) -> Result<Option<String>, EvalError> {
        match self.value_or_null(template)? {
            Value::Null => Ok(None),
            value @ (Value::Array(_) | Value::Object(_)) => Err(parameter(format!("`{name}` is a text, not {}", value.kind()))),
            value => Ok(Some(value.to_text())),
        }
    }

    /// A text that must not be empty.
    pub fn required_text(&self, name: &str, template: &ValueTemplate) -> Result<String, EvalError> {
        self.text(name, Some(template))?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| parameter(format!("`{name}` is empty; give it a value")))
    }

    /// The data of a row: an object; null is an empty one.
    pub fn data(&self, template: &ValueTemplate) -> Result<Value, EvalError> {
        match self.value(template)? {
            Value::Null => Ok(Value::Object(Arc::default())),
            Value::Object(object) if object.table.is_none() => Ok(Value::Object(object)),
            Value::Object(object) => Ok(Value::Object(Arc::new(Object { table: None, fields: object.fields.clone() }))),
            other => Err(parameter(format!("`data` is an object with the row's fields, not {}", shown(&other)))),
        }
    }

    pub fn integer(&self, name: &str, template: Option<&ValueTemplate>) -> Result<Option<i64>, EvalError> {
        match self.value_or_null(template)? {
            Value::Null => Ok(None),
            value => value
                .as_integer()
                .map(Some)
                .ok_or_else(|| parameter(format!("`{name}` is a whole number, not {}", shown(&value)))),
        }
    }

    /// A whole number from 0.
    pub fn count(&self, name: &str, template: Option<&ValueTemplate>) -> Result<Option<u64>, EvalError> {
        let number = self.integer(name, template)?;
        number.map(|n| u64::try_from(n).map_err(|_| parameter(format!("`{name}` is not negative, but is {n}")))).transpose()
    }

    /// Seconds as milliseconds, if given.
    pub fn seconds_as_ms(&self, name: &str, template: Option<&ValueTemplate>) -> Result<Option<i64>, EvalError> {
        self.scaled(name, template, 1000.0)
    }

    /// A number times `factor`, rounded and never negative, if given.
    #[expect(clippy::cast_possible_truncation, reason = "bounded on the line before")]
    pub fn scaled(&self, name: &str, template: Option<&ValueTemplate>, factor: f64) -> Result<Option<i64>, EvalError> {
        let value = self.value_or_null(template)?;
        if value.is_null() {
            return Ok(None);
        }
        let number = value.as_number().ok_or_else(|| parameter(format!("`{name}` is a number, not {}", shown(&value))))?;
        let scaled = (number * factor).round().clamp(0.0, MS_MAX);
        Ok(Some(scaled as i64))
    }
}

/// The longest time that a step can name, in milliseconds: about 3,000 years.
const MS_MAX: f64 = 1e14;

/// What is wrong with a value that no execution may hold.
pub fn excessive(what: &str, excess: Excess) -> Box<Failure> {
    let (code, mend) = match excess {
        Excess::Depth => (ErrorCode::InvalidValue, "keep it flatter"),
        Excess::Bytes(_) => (ErrorCode::MemoryLimit, "raise memory_limit or keep less"),
    };
    Box::new(Failure::new(code, format!("{what} {excess}; {mend}")))
}

/// A parameter that does not hold, as an error of the step.
pub fn parameter(message: impl Into<String>) -> EvalError {
    EvalError::Raised(Box::new(Failure::new(ErrorCode::Parameter, message)))
}

/// A value as a message shows it: short things themselves, long ones by their kind.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => format!("an {}", value.kind()),
        Value::Text(text) if text.len() > 40 => "a long text".to_owned(),
        other => other.to_json_text(),
    }
}
