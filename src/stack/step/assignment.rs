//! What a step does to a variable: replace it, merge into it, append to it, or set a part of it.
//! Never evaluates anything.

use std::sync::Arc;

use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::value::{Object, Value};

/// One change of one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub name: Arc<str>,
    /// The part of the variable that is meant: `user.address` is `["address"]` of `user`.
    pub path: Vec<Arc<str>>,
    pub operation: Operation,
    pub value: Value,
    /// The variable is the innermost branch's own, even where one around it has the same name.
    pub declares: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Set,
    Merge,
    Append,
}

impl Assignment {
    pub fn set(name: Arc<str>, value: Value) -> Self {
        Self { name, path: Vec::new(), operation: Operation::Set, value, declares: true }
    }

    /// The variable's value after this change of `old`.
    ///
    /// # Errors
    /// The old value is not of a kind that the operation can change.
    pub fn applied_to(&self, old: Value) -> Result<Value, Box<Failure>> {
        self.applied_at(old, &self.path)
    }

    fn applied_at(&self, old: Value, path: &[Arc<str>]) -> Result<Value, Box<Failure>> {
        let Some((part, rest)) = path.split_first() else {
            return self.operated(old);
        };
        let mut object = match old {
            Value::Object(object) => object,
            Value::Null => Arc::new(Object::default()),
            other => return Err(self.refused("set a part of", &other)),
        };
        let fields = &mut Arc::make_mut(&mut object).fields;
        let inner = fields.get_mut(&**part).map(std::mem::take).unwrap_or_default();
        let changed = self.applied_at(inner, rest)?;
        fields.insert((&**part).into(), changed);
        Ok(Value::Object(object))
    }

    fn operated(&self, old: Value) -> Result<Value, Box<Failure>> {
        match (self.operation, old, &self.value) {
            (Operation::Set, _, value) => Ok(value.clone()),
            (Operation::Merge, old, Value::Null) => Ok(old),
            (Operation::Merge, Value::Null, value) => Ok(value.clone()),
            (Operation::Merge, Value::Object(mut old), Value::Object(new)) => {
                let fields = &mut Arc::make_mut(&mut old).fields;
                fields.extend(new.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
                Ok(Value::Object(old))
            }
            (Operation::Merge, Value::Array(mut old), Value::Array(new)) => {
                Arc::make_mut(&mut old).extend(new.iter().cloned());
                Ok(Value::Array(old))
            }
            (Operation::Merge, old, _) => Err(self.refused("merge into", &old)),
            (Operation::Append, Value::Null, value) => Ok(Value::array(vec![value.clone()])),
            (Operation::Append, Value::Array(mut old), value) => {
                Arc::make_mut(&mut old).push(value.clone());
                Ok(Value::Array(old))
            }
            (Operation::Append, old, _) => Err(self.refused("append to", &old)),
        }
    }

    fn refused(&self, what: &str, old: &Value) -> Box<Failure> {
        let message = format!("cannot {what} `{}`, which is {}, with {}", self.name, old.kind(), self.value.kind());
        Box::new(Failure::new(ErrorCode::Parameter, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: Operation, path: &[&str], old: &str, value: &str, expected: &str) {
        let value = Value::from_json_text(value).unwrap();
        let path = path.iter().map(|part| Arc::from(*part)).collect();
        let change = Assignment { name: "x".into(), path, operation, value, declares: false };
        let changed = change.applied_to(Value::from_json_text(old).unwrap());
        let shown = changed.map_or_else(|failure| failure.message.clone(), |value| value.to_json_text());
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_variable_is_set_merged_and_appended_to() {
        check(Operation::Set, &[], "[1]", "2", "2");
        check(Operation::Merge, &[], r#"{"a":1,"b":1}"#, r#"{"b":2}"#, r#"{"a":1,"b":2}"#);
        check(Operation::Merge, &[], "[1]", "[2]", "[1,2]");
        check(Operation::Merge, &[], "null", r#"{"b":2}"#, r#"{"b":2}"#);
        check(Operation::Append, &[], "[1]", "[2]", "[1,[2]]");
        check(Operation::Append, &[], "null", "2", "[2]");
    }

    #[test]
    fn a_part_of_a_variable_is_made_where_it_is_missing() {
        check(Operation::Set, &["a", "b"], r#"{"c":1}"#, "2", r#"{"c":1,"a":{"b":2}}"#);
        check(Operation::Append, &["list"], "null", "2", r#"{"list":[2]}"#);
    }

    #[test]
    fn what_cannot_be_changed_says_what_it_is() {
        check(Operation::Append, &[], "1", "2", "cannot append to `x`, which is int, with int");
        check(Operation::Merge, &[], "[1]", r#"{"a":1}"#, "cannot merge into `x`, which is array, with object");
        check(Operation::Set, &["a"], "1", "2", "cannot set a part of `x`, which is int, with int");
    }
}
