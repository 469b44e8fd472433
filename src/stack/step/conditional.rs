//! `conditional`: runs one of two blocks.
//! Never raises because the block that is meant is absent.

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Conditional {
    condition: ValueTemplate,
    blocks: Vec<NamedBlock>,
    on_true: Option<usize>,
    on_false: Option<usize>,
}

const TRUE: &[&str] = &["true_branch", "true_stack", "true_steps", "then"];
const FALSE: &[&str] = &["false_branch", "false_stack", "false_steps", "else"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let condition = reader.condition(&["condition"]);
    let mut blocks = Vec::new();
    let on_true = add(&mut blocks, reader.block(TRUE));
    let on_false = add(&mut blocks, reader.block(FALSE));
    if blocks.is_empty() {
        let help = Some("add \"true_branch\": [ … ]".to_owned());
        let message = "this conditional has no branch and does nothing";
        reader.findings.warning(reader.node.span.start, "empty_conditional", message, help);
    }
    Box::new(Conditional { condition, blocks, on_true, on_false })
}

fn add(blocks: &mut Vec<NamedBlock>, block: Option<NamedBlock>) -> Option<usize> {
    blocks.push(block?);
    Some(blocks.len() - 1)
}

impl StepKind for Conditional {
    fn name(&self) -> &'static str {
        "conditional"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let chosen = if context.truth(&self.condition)? { self.on_true } else { self.on_false };
        Ok(chosen.map_or(Move::Pass, Move::Enter))
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.blocks
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.condition);
    }
}
