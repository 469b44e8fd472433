//! `break` and `continue`: leave a loop, or its turn.
//! Never stand outside a loop; that is an error when the file is read.

use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jump {
    Break,
    Continue,
}

pub fn read_break(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    read(reader, Jump::Break)
}

pub fn read_continue(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    read(reader, Jump::Continue)
}

fn read(reader: &mut StepReader<'_>, jump: Jump) -> Box<dyn StepKind> {
    if !reader.nesting.in_loop {
        let message = format!("`{}` stands outside a loop", reader.kind);
        let help = "use it inside the operations of loop or while_loop; return ends the function".to_owned();
        reader.findings.error(reader.node.span.start, "outside_loop", message, Some(help));
    }
    Box::new(jump)
}

impl StepKind for Jump {
    fn name(&self) -> &'static str {
        if *self == Self::Break { "break" } else { "continue" }
    }

    fn perform(&self, _: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(if *self == Self::Break { Move::Break } else { Move::Continue })
    }

    fn visit_templates(&self, _: &mut dyn FnMut(&ValueTemplate)) {}
}
