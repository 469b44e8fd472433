//! `group`: steps that belong together, for people.
//! Never opens a scope of its own.

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Group {
    body: [NamedBlock; 1],
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(Group { body: [reader.required_block(&["operations", "steps", "function_stack", "stack"])] })
}

impl StepKind for Group {
    fn name(&self) -> &'static str {
        "group"
    }

    fn perform(&self, _: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Enter(0))
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.body
    }

    fn visit_templates(&self, _: &mut dyn FnMut(&ValueTemplate)) {}
}
