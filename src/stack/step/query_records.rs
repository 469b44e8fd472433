//! `query_all_records`: the rows of a table that match, as a list.
//! Never limits what was not asked to be limited.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct QueryRecords {
    query: QueryParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(QueryRecords { query: QueryParameters::read(reader, Selection::Any) })
}

impl StepKind for QueryRecords {
    fn name(&self) -> &'static str {
        "query_all_records"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        Ok(Move::Effect(Action::QueryRecords(Box::new(self.query.evaluate(context)?))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
