//! `create_variable`: sets a variable, or several at once.
//! Never keeps an old value: re-creating overwrites.

use std::sync::Arc;

use super::{Assignment, Move, StepContext, StepKind, StepReader};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct CreateVariable {
    variables: Vec<(Arc<str>, ValueTemplate)>,
}

/// The spellings of a variable's name.
pub const NAME: &[&str] = &["name", "variable_name", "variable"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let _ = reader.find(&["type", "data_type"]);
    if reader.peek(NAME).is_none() && reader.peek(&["variables"]).is_some() {
        return Box::new(CreateVariable { variables: read_many(reader, &["variables"]) });
    }
    let name = match reader.peek(NAME) {
        Some(_) => reader.name(NAME),
        None => {
            reader.missing("name");
            None
        }
    };
    let value = reader.optional(&["value"]).unwrap_or_else(|| ValueTemplate::constant(Value::Null));
    Box::new(CreateVariable { variables: name.map(|name| (name, value)).into_iter().collect() })
}

/// An object of names and values.
pub fn read_many(reader: &mut StepReader<'_>, spellings: &[&'static str]) -> Vec<(Arc<str>, ValueTemplate)> {
    let Some(node) = reader.find_required(spellings) else { return Vec::new() };
    let Some(members) = node.as_object() else {
        let message = format!("`{}` is an object of names and values, not {}", spellings[0], node.kind());
        reader.findings.error(node.span.start, "object_expected", message, None);
        return Vec::new();
    };
    let read = |member| {
        let member: &crate::stack::document::node::Member = member;
        (Arc::from(member.key.as_str()), ValueTemplate::read(&member.value, reader.findings))
    };
    members.iter().map(read).collect()
}

impl StepKind for CreateVariable {
    fn name(&self) -> &'static str {
        "create_variable"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let mut assignments = Vec::with_capacity(self.variables.len());
        for (name, value) in &self.variables {
            assignments.push(Assignment::set(Arc::clone(name), context.value(value)?));
        }
        Ok(Move::Assign(assignments))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.variables.iter().for_each(|(_, value)| visit(value));
    }

    fn sets(&self) -> Vec<Arc<str>> {
        self.variables.iter().map(|(name, _)| Arc::clone(name)).collect()
    }
}
