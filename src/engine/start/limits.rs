//! The limits that hold for an execution: those of its function, for the value of their keys.
//! Never decides whether it may begin; the store does, in the transaction that claims it.

use crate::domain::admission::{Limit, LimitKind};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, Reference, Related, Scope, ValueTemplate};
use crate::stack::program::FunctionDefinition;

/// The limits of one start of `function` with this input.
///
/// # Errors
/// A key that cannot be evaluated, in words.
pub(in crate::engine) fn limits(function: &FunctionDefinition, input: &Value, now: Timestamp) -> Result<Vec<Limit>, String> {
    let about = function.name.key();
    let mut limits = Vec::new();
    if let Some(concurrency) = &function.concurrency {
        let value = key(concurrency.key.as_ref(), input, now).map_err(|error| format!("concurrency.key: {error}"))?;
        limits.push(Limit::new(&about, &value, LimitKind::Concurrency { limit: concurrency.limit }));
    }
    if let Some(rate) = &function.rate_limit {
        let value = key(rate.key.as_ref(), input, now).map_err(|error| format!("rate_limit.key: {error}"))?;
        limits.push(Limit::new(&about, &value, LimitKind::Rate { limit: rate.limit, per_ms: rate.per_ms }));
    }
    Ok(limits)
}

/// The value of a key in one spelling; nothing where the limit has none. `"5"` and `5` are the same key.
fn key(template: Option<&ValueTemplate>, input: &Value, now: Timestamp) -> Result<String, String> {
    let Some(template) = template else { return Ok(String::new()) };
    match template.evaluate(&Caller { input, now }) {
        Ok(value) => Ok(value.to_text().to_string()),
        Err(EvalError::Raised(failure)) => Err(failure.message.to_string()),
        Err(EvalError::Needs(_)) => Err("a key reads no other table".to_owned()),
    }
}

/// What a key can see: the input, and its fields by their names.
struct Caller<'a> {
    input: &'a Value,
    now: Timestamp,
}

impl Scope for Caller<'_> {
    fn root(&self, name: &str) -> Option<Value> {
        match name {
            "input" | "$input" | "inputs" => Some(self.input.clone()),
            _ => self.input.as_object().and_then(|input| input.get(name)).cloned(),
        }
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self) -> u64 {
        // A key that changes by itself limits nothing.
        0
    }

    fn related(&self, _: &Reference) -> Related {
        Related::Read(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::function::ConfigPatch;
    use crate::stack::document;

    fn of(settings: &str, input: &str) -> Result<Vec<Limit>, String> {
        let text = format!(r#"{{"name": "work", {settings}, "stack": []}}"#);
        let document = document::read_text("work.json", &text, "work", &ConfigPatch::default());
        let function = document.functions.first().unwrap_or_else(|| panic!("{:?}", document.findings));
        limits(function, &Value::from_json_text(input).unwrap(), Timestamp(0))
    }

    #[test]
    fn executions_with_the_same_value_of_the_key_share_a_limit() {
        let settings = r#""concurrency": {"limit": 3, "key": "{{ input.customer }}"}"#;
        let one = of(settings, r#"{"customer": "a", "n": 1}"#).unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(one, of(settings, r#"{"customer": "a", "n": 2}"#).unwrap());
        assert_ne!(one, of(settings, r#"{"customer": "b"}"#).unwrap());
        assert_eq!(of(settings, r#"{"customer": 5}"#), of(settings, r#"{"customer": "5"}"#));
    }

    #[test]
    fn a_key_is_written_with_or_without_braces_and_names_inputs() {
        let braces = of(r#""concurrency": {"limit": 3, "key": "{{ input.customer }}"}"#, r#"{"customer": "a"}"#);
        assert_eq!(of(r#""concurrency": {"limit": 3, "key": "customer"}"#, r#"{"customer": "a"}"#), braces);
    }

    #[test]
    fn a_function_may_have_both_limits_and_no_key() {
        let both = of(r#""concurrency": 2, "rate_limit": {"limit": 5, "per": "1m"}"#, "{}").unwrap();
        let kinds: Vec<LimitKind> = both.iter().map(|limit| limit.kind).collect();
        assert_eq!(kinds, [LimitKind::Concurrency { limit: 2 }, LimitKind::Rate { limit: 5, per_ms: 60_000 }]);
        assert_eq!(of(r#""priority": 5"#, "{}"), Ok(Vec::new()));
    }
}
