//! `delete_record`: deletes one row; a miss raises.
//! Never deletes more than one.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct DeleteRecord {
    query: QueryParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(DeleteRecord { query: QueryParameters::read(reader, Selection::One) })
}

impl StepKind for DeleteRecord {
    fn name(&self) -> &'static str {
        "delete_record"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Effect(Action::DeleteRecord(Box::new(self.query.evaluate(context)?))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
