//! `update_variable`: sets a variable or a part of it, merges into it, or appends to it.
//! Never asks that the variable exists: an unset one is null.

use std::sync::Arc;

use super::create_variable::{NAME, read_many};
use super::{Assignment, Move, Operation, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

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
    value: ValueTemplate,
}

const OPERATIONS: &[&str] = &["set", "merge", "append", "push", "set_key"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    const MANY: &[&str] = &["updates", "variables"];
    if reader.peek(NAME).is_none() && reader.peek(MANY).is_some() {
        let updates = read_many(reader, MANY).into_iter().map(|(name, value)| update(&name, None, Operation::Set, value));
        return Box::new(UpdateVariable { updates: updates.collect() });
    }
    let name = match reader.peek(NAME) {
        Some(_) => reader.name(NAME),
        None => {
            reader.missing("name");
            None
        }
    };
    let operation = match reader.word(&["operation"], OPERATIONS) {
        Some("merge") => Operation::Merge,
        Some("append" | "push") => Operation::Append,
        _ => Operation::Set,
    };
    let key = reader.optional(&["key", "path"]);
    let value = reader.required(&["value"]);
    Box::new(UpdateVariable { updates: name.map(|name| update(&name, key, operation, value)).into_iter().collect() })
}

/// `user.address` means the part `address` of `user`.
fn update(written: &str, key: Option<ValueTemplate>, operation: Operation, value: ValueTemplate) -> Update {
    let mut parts = written.split('.').map(Arc::from);
    let name = parts.next().unwrap_or_else(|| Arc::from(written));
    Update { name, path: parts.collect(), key, operation, value }
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
            let value = context.value(&update.value)?;
            assignments.push(Assignment { name: Arc::clone(&update.name), path, operation: update.operation, value });
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
