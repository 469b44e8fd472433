//! `delete_records`: deletes all rows that match; the value is their number.
//! Never deletes a whole table because a filter was forgotten.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct DeleteRecords {
    query: QueryParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(DeleteRecords { query: QueryParameters::read(reader, Selection::FilterRequired) })
}

impl StepKind for DeleteRecords {
    fn name(&self) -> &'static str {
        "delete_records"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Effect(Action::DeleteRecords(Box::new(self.query.evaluate(context)?))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
