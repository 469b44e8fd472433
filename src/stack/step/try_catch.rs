//! `try_catch`: what to do when a block fails, and what to do in any case.
//! Never catches a cancellation or the execution's own deadline.

use std::sync::Arc;

use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

/// The places of the three blocks among the step's blocks; an absent one is empty.
pub const TRY: usize = 0;
pub const CATCH: usize = 1;
pub const FINALLY: usize = 2;

#[derive(Debug)]
struct TryCatch {
    blocks: [NamedBlock; 3],
    has_catch: bool,
    has_finally: bool,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let attempt = reader.required_block(&["try_block", "try_stack", "try_steps", "try"]);
    let catch = reader.block(&["catch_block", "catch_stack", "catch_steps", "catch"]);
    let finally = reader.block(&["finally_block", "finally_stack", "finally_steps", "finally"]);
    let (has_catch, has_finally) = (catch.is_some(), finally.is_some());
    let empty = |label: &str| NamedBlock::new(label, Arc::from([]));
    let blocks = [attempt, catch.unwrap_or_else(|| empty("catch_block")), finally.unwrap_or_else(|| empty("finally_block"))];
    Box::new(TryCatch { blocks, has_catch, has_finally })
}

impl StepKind for TryCatch {
    fn name(&self) -> &'static str {
        "try_catch"
    }

    fn perform(&self, _: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Try { has_catch: self.has_catch, has_finally: self.has_finally })
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.blocks
    }

    fn visit_templates(&self, _: &mut dyn FnMut(&ValueTemplate)) {}

    fn sets(&self) -> Vec<Arc<str>> {
        vec![Arc::from("error")]
    }
}
