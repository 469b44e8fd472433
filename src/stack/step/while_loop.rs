//! `while_loop`: runs a block as long as a condition holds.
//! Never counts turns as a limit; fuel and the execution's deadline bound it.

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
pub struct WhileLoop {
    condition: ValueTemplate,
    body: [NamedBlock; 1],
}

const BODY: &[&str] =
    &["operations", "for_each_loop", "function_stack", "steps", "stack", "inner_functions", "inner_logic", "processing"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let condition = reader.condition(&["condition"]);
    Box::new(WhileLoop::new(condition, read_body(reader)))
}

/// The block of a loop, in which `break` and `continue` may stand.
pub fn read_body(reader: &mut StepReader<'_>) -> NamedBlock {
    let outside = reader.nesting;
    reader.nesting.in_loop = true;
    let body = reader.required_block(BODY);
    reader.nesting = outside;
    body
}

impl WhileLoop {
    pub fn new(condition: ValueTemplate, body: NamedBlock) -> Self {
        Self { condition, body: [body] }
    }
}

impl StepKind for WhileLoop {
    fn name(&self) -> &'static str {
        "while_loop"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(if context.truth(&self.condition)? { Move::Repeat } else { Move::Pass })
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.body
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.condition);
    }
}
