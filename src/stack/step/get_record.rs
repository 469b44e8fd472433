//! `get_record`: one row, or null.
//! Never raises because a row is missing.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct GetRecord {
    query: QueryParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(GetRecord { query: QueryParameters::read(reader, Selection::One) })
}

impl StepKind for GetRecord {
    fn name(&self) -> &'static str {
        "get_record"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Effect(Action::GetRecord(Box::new(self.query.evaluate(context)?))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
