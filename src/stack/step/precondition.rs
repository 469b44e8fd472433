//! `precondition`: fails unless a condition holds.
//! Never does anything when it does.

use super::throw_error::ErrorParameters;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::failure::{ErrorCode, Failure};
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Precondition {
    condition: ValueTemplate,
    error: ErrorParameters,
}

/// A precondition is about what the caller sent, unless the stack says otherwise.
const STATUS_DEFAULT: u16 = 400;

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let condition = reader.condition(&["condition"]);
    Box::new(Precondition { condition, error: ErrorParameters::read(reader) })
}

impl StepKind for Precondition {
    fn name(&self) -> &'static str {
        "precondition"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        if context.truth(&self.condition)? {
            return Ok(Move::Pass);
        }
        let base = Failure::new(ErrorCode::Precondition, "a precondition does not hold").with_status(STATUS_DEFAULT);
        Ok(Move::Raise(Box::new(self.error.evaluate(context, base)?)))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.condition);
        self.error.visit_templates(visit);
    }
}
