//! A tree to a value, within bounds of operations and output.
//! Never recurses deeper than the parser let the tree grow.

use std::cell::Cell;
use std::sync::Arc;

use super::ast::{Expression, Filter, Node, Operator};
use super::builtins::{Call, Raise, comparing};
use super::operators;
use super::{EvalError, Reference, Related, Scope};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::{EXPRESSION_OPERATIONS_MAX, EXPRESSION_OUTPUT_BYTES_MAX};
use crate::domain::value::{Object, Value};

type Evaluated = Result<Value, EvalError>;

impl Expression {
    /// The value that the expression has in this scope.
    ///
    /// # Errors
    /// What it raises, or the row that it needs first.
    pub fn evaluate(&self, scope: &dyn Scope) -> Evaluated {
        let evaluation = Evaluation { scope, text: &self.text, operations: Cell::new(0), output_bytes: Cell::new(0) };
        let value = evaluation.node(&self.node);
        scope.spent(evaluation.operations.get());
        value
    }
}

struct Evaluation<'a> {
    scope: &'a dyn Scope,
    text: &'a str,
    operations: Cell<u64>,
    output_bytes: Cell<usize>,
}

impl Evaluation<'_> {
    fn node(&self, node: &Node) -> Evaluated {
        self.spend(1)?;
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Root(name) => Ok(self.root(name)),
            Node::NowMs => Ok(Value::Int(self.scope.now().ms())),
            Node::Field(inner, name) => self.field(&self.node(inner)?, name),
            Node::Index(inner, index) => self.index(&self.node(inner)?, &self.node(index)?),
            Node::Array(items) => Ok(Value::array(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)),
            Node::Object(fields) => self.object(fields),
            Node::Not(inner) => Ok(Value::Bool(!self.node(inner)?.is_truthy())),
            Node::Negative(inner) => operators::negative(&self.node(inner)?).map_err(|message| self.raise(&message)),
            Node::And(a, b) => {
                let first = self.node(a)?;
                if first.is_truthy() { self.node(b) } else { Ok(first) }
            }
            Node::Or(a, b) | Node::Elvis(a, b) => {
                let first = self.node(a)?;
                if first.is_truthy() { Ok(first) } else { self.node(b) }
            }
            Node::Coalesce(a, b) => {
                let first = self.node(a)?;
                if first.is_null() { self.node(b) } else { Ok(first) }
            }
            Node::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                if self.node(condition)?.is_truthy() { self.node(yes) } else { self.node(no) }
            }
            Node::Binary(operator, a, b) => self.binary(*operator, &self.node(a)?, &self.node(b)?),
            Node::Filter(filter) => self.filter(filter),
        }
    }

    /// A variable; `now` and `timestamp` where nothing of that name is set.
    fn root(&self, name: &str) -> Value {
        self.scope.root(name).unwrap_or_else(|| match name {
            "now" => Value::Timestamp(self.scope.now()),
            "timestamp" => Value::Int(self.scope.now().ms()),
            _ => Value::Null,
        })
    }

    fn field(&self, value: &Value, name: &str) -> Evaluated {
        let length = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        match value {
            Value::Object(object) => match object.get(name) {
                Some(field) => Ok(field.clone()),
                None => self.related(object, name),
            },
            Value::Array(items) if name == "length" => Ok(length(items.len())),
            Value::Text(text) if name == "length" => Ok(length(text.chars().count())),
            _ => Ok(Value::Null),
        }
    }

    /// A row that has no `customer` but a `customer_id` refers to a row of another table.
    fn related(&self, object: &Object, name: &str) -> Evaluated {
        if object.table.is_none() {
            return Ok(Value::Null);
        }
        let Some(id) = object.get(&format!("{name}_id")).filter(|id| !id.is_null()) else { return Ok(Value::Null) };
        let reference = Reference { name: name.into(), id: id.clone() };
        match self.scope.related(&reference) {
            Related::Read(row) => Ok(row),
            Related::Unread => Err(EvalError::Needs(reference)),
        }
    }

    fn index(&self, value: &Value, index: &Value) -> Evaluated {
        match value {
            Value::Array(items) => {
                let Some(index) = index.as_integer() else { return self.named(value, index) };
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let from_start = if index < 0 { index.saturating_add(length) } else { index };
                let found = usize::try_from(from_start).ok().and_then(|index| items.get(index));
                Ok(found.cloned().unwrap_or_default())
            }
            Value::Text(text) => {
                let Some(index) = index.as_integer() else { return self.named(value, index) };
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                let from_start = if index < 0 { index.saturating_add(length) } else { index };
                let found = usize::try_from(from_start).ok().and_then(|index| text.chars().nth(index));
                Ok(found.map_or(Value::Null, |c| Value::text(c.to_string())))
            }
            _ => self.named(value, index),
        }
    }

    /// The field that an index names; no list and no object is a name.
    fn named(&self, value: &Value, name: &Value) -> Evaluated {
        match name {
            Value::Array(_) | Value::Object(_) => Ok(Value::Null),
            name => self.field(value, &name.to_text()),
        }
    }

    fn object(&self, fields: &[(Node, Node)]) -> Evaluated {
        let mut object = Object::default();
        for (key, value) in fields {
            object.fields.insert(self.node(key)?.to_text().into(), self.node(value)?);
        }
        Ok(Value::Object(Arc::new(object)))
    }

    fn binary(&self, operator: Operator, a: &Value, b: &Value) -> Evaluated {
        match operator {
            Operator::Equal | Operator::NotEqual | Operator::Same | Operator::NotSame => self.spend(comparing(a, b))?,
            Operator::In | Operator::NotIn => {
                let items = b.as_array().unwrap_or_default();
                items.iter().try_for_each(|item| self.spend(comparing(item, a)))?;
            }
            Operator::Concat | Operator::Add => {
                let joins = operator == Operator::Concat || matches!((a, b), (Value::Text(_), _) | (_, Value::Text(_)));
                let fits = |value: &Value| value.memory_bytes_within(EXPRESSION_OUTPUT_BYTES_MAX).is_ok();
                if joins && !(fits(a) && fits(b)) {
                    return Err(self.over(&format!("it makes more than {EXPRESSION_OUTPUT_BYTES_MAX} bytes")));
                }
            }
            _ => {}
        }
        let value = operators::apply(operator, a, b).map_err(|message| self.raise(&message))?;
        self.grow(&value)?;
        Ok(value)
    }

    fn filter(&self, filter: &Filter) -> Evaluated {
        let input = self.node(&filter.input)?;
        let arguments = filter.arguments.iter().map(|argument| self.node(argument)).collect::<Result<Vec<_>, _>>()?;
        let mut keywords = Vec::with_capacity(filter.keywords.len());
        for (name, argument) in &filter.keywords {
            keywords.push((Arc::clone(name), self.node(argument)?));
        }
        let given = arguments.iter().chain(keywords.iter().map(|(_, argument)| argument));
        if let Some(excess) = given.filter_map(|argument| argument.memory_bytes_within(EXPRESSION_OUTPUT_BYTES_MAX).err()).next()
        {
            return Err(self.over(&format!("an argument of `{}` {excess}", filter.name)));
        }
        self.spend(input.as_array().map_or(1, |items| items.len() as u64))?;
        let spend = |operations| self.spend(operations).is_ok();
        let call = Call {
            name: &filter.name,
            input: &input,
            arguments: &arguments,
            keywords: &keywords,
            scope: self.scope,
            spend: &spend,
        };
        let value = (filter.builtin.run)(&call).map_err(|raise| match raise {
            Raise::Wrong(message) => self.raise(&message),
            Raise::Limit(message) => self.over(&message),
        })?;
        self.grow(&value)?;
        Ok(value)
    }

    fn spend(&self, operations: u64) -> Result<(), EvalError> {
        let spent = self.operations.get().saturating_add(operations);
        self.operations.set(spent);
        if spent > EXPRESSION_OPERATIONS_MAX {
            return Err(self.over(&format!("it takes more than {EXPRESSION_OPERATIONS_MAX} operations")));
        }
        Ok(())
    }

    /// Counts what an operation made, shallowly: what is inside was counted when it was made.
    fn grow(&self, value: &Value) -> Result<(), EvalError> {
        let bytes = match value {
            Value::Text(text) => text.len(),
            Value::Array(items) => items.len() * size_of::<Value>(),
            Value::Object(object) => object.fields.len() * size_of::<Value>(),
            _ => 0,
        };
        let all = self.output_bytes.get().saturating_add(bytes);
        self.output_bytes.set(all);
        if all > EXPRESSION_OUTPUT_BYTES_MAX {
            return Err(self.over(&format!("it makes more than {EXPRESSION_OUTPUT_BYTES_MAX} bytes")));
        }
        Ok(())
    }

    fn raise(&self, message: &str) -> EvalError {
        self.failure(ErrorCode::Expression, message)
    }

    fn over(&self, message: &str) -> EvalError {
        self.failure(ErrorCode::Limit, message)
    }

    fn failure(&self, code: ErrorCode, message: &str) -> EvalError {
        EvalError::Raised(Box::new(Failure::new(code, format!("{message}, in {{{{ {} }}}}", shown(self.text)))))
    }
}

/// The beginning of an expression's text, for messages.
fn shown(text: &str) -> String {
    const SHOWN_CHARS: usize = 120;
    if text.chars().count() <= SHOWN_CHARS {
        return text.to_owned();
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}
