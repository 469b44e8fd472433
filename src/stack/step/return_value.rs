//! `return`: ends the function with a value.
//! Never sets a status.

use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::execution::Response;
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Return {
    value: Option<ValueTemplate>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(Return { value: reader.optional(&["value", "data"]) })
}

impl StepKind for Return {
    fn name(&self) -> &'static str {
        "return"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let output = context.value_or_null(self.value.as_ref())?;
        Ok(Move::Return { output, response: Response::default() })
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.value.iter().for_each(visit);
    }
}
