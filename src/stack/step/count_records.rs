//! `count_records`: how many rows match.
//! Never reads the rows themselves.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct CountRecords {
    query: QueryParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(CountRecords { query: QueryParameters::read(reader, Selection::Any) })
}

impl StepKind for CountRecords {
    fn name(&self) -> &'static str {
        "count_records"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Effect(Action::CountRecords(Box::new(self.query.evaluate(context)?))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
