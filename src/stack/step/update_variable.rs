//! `update_variable`: sets a variable or a part of it, merges into it, or appends to it.
//! Never asks that the variable exists: an unset one is null.

use std::sync::Arc;

use super::context::parameter;
use super::create_variable::{NAME, read_many};
use super::{Assignment, Move, Operation, StepContext, StepKind, StepReader};
use crate::domain::limits::VALUE_DEPTH_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, Expression, Reference, Related, Scope, ValueTemplate, parse};

#[derive(Debug)]
struct UpdateVariable {
    updates: Vec<Update>,
}

#[derive(Debug)]
struct Update {
    name: Arc<str>,
    path: Vec<Arc<str>>,
    /// A further part, evaluated when the step starts.
    key: Option<ValueTemplate>,
    operation: Operation,
    /// Goes over the value before it is set: `"operation": "lowercase"`.
    filter: Option<Expression>,
    value: ValueTemplate,
}

const OPERATIONS: &[&str] = &["set", "merge", "append", "push", "set_key"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    const MANY: &[&str] = &["updates", "variables"];
    if reader.peek(NAME).is_none() && reader.peek(MANY).is_some() {
        let updates = read_many(reader, MANY).into_iter().map(|(name, value)| update(&name, None, (Operation::Set, None), value));
        return Box::new(UpdateVariable { updates: updates.collect() });
    }
    let name = match reader.peek(NAME) {
        Some(_) => reader.name(NAME),
        None => {
            reader.missing("name");
            None
        }
    };
    let operation = operation(reader);
    let key = reader.optional(&["key", "path"]);
    let value = reader.required(&["value"]);
    Box::new(UpdateVariable { updates: name.map(|name| update(&name, key, operation, value)).into_iter().collect() })
}

/// What is done with the value, and the filter that goes over it: any one that takes no arguments.
fn operation(reader: &mut StepReader<'_>) -> (Operation, Option<Expression>) {
    let written = reader.peek(&["operation"]).and_then(|member| member.value.as_text()).unwrap_or_default().to_lowercase();
    let is_name = written.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !OPERATIONS.contains(&&*written)
        && is_name
        && !written.is_empty()
        && let Ok(filter) = parse(&format!("{VALUE}|{written}"))
    {
        let _ = reader.find(&["operation"]);
        return (Operation::Set, Some(filter));
    }
    match reader.word(&["operation"], OPERATIONS) {
        Some("merge") => (Operation::Merge, None),
        Some("append" | "push") => (Operation::Append, None),
        _ => (Operation::Set, None),
    }
}

/// `user.address` means the part `address` of `user`.
fn update(
    written: &str,
    key: Option<ValueTemplate>,
    (operation, filter): (Operation, Option<Expression>),
    value: ValueTemplate,
) -> Update {
    let mut parts = written.split('.').map(Arc::from);
    let name = parts.next().unwrap_or_else(|| Arc::from(written));
    Update { name, path: parts.collect(), key, operation, filter, value }
}

/// The name of the value in the expression of its filter.
const VALUE: &str = "value";

/// Sees the value, and of everything else what its step sees.
struct Filtering<'a> {
    value: Value,
    around: &'a dyn Scope,
}

impl Scope for Filtering<'_> {
    fn root(&self, name: &str) -> Option<Value> {
        if name == VALUE { Some(self.value.clone()) } else { self.around.root(name) }
    }

    fn now(&self) -> Timestamp {
        self.around.now()
    }

    fn random(&self) -> u64 {
        self.around.random()
    }

    fn related(&self, reference: &Reference) -> Related {
        self.around.related(reference)
    }

    fn spent(&self, operations: u64) {
        self.around.spent(operations);
    }
}

impl StepKind for UpdateVariable {
    fn name(&self) -> &'static str {
        "update_variable"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let mut assignments = Vec::with_capacity(self.updates.len());
        for update in &self.updates {
            let mut path = update.path.clone();
            if let Some(key) = context.text("key", update.key.as_ref())? {
                path.extend(key.split('.').map(Arc::from));
            }
            if path.len() > VALUE_DEPTH_MAX {
                let message =
                    format!("a part of `{}` is named by {} names; values have {VALUE_DEPTH_MAX} levels", update.name, path.len());
                return Err(parameter(message));
            }
            let mut value = context.value(&update.value)?;
            if let Some(filter) = &update.filter {
                value = filter.evaluate(&Filtering { value, around: context.scope })?;
            }
            assignments.push(Assignment {
                name: Arc::clone(&update.name),
                path,
                operation: update.operation,
                value,
                declares: false,
            });
        }
        Ok(Move::Assign(assignments))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        for update in &self.updates {
            update.key.iter().for_each(&mut *visit);
            visit(&update.value);
        }
    }

    fn sets(&self) -> Vec<Arc<str>> {
        self.updates.iter().map(|update| Arc::clone(&update.name)).collect()
    }
}
