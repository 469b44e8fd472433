//! `upsert_record`: edits the first row that matches, or makes one.
//! Never edits more than one row.

use super::record_query::{QueryParameters, Selection};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct UpsertRecord {
    query: QueryParameters,
    data: ValueTemplate,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let query = QueryParameters::read(reader, Selection::One);
    Box::new(UpsertRecord { query, data: reader.required(&["data", "updates", "values"]) })
}

impl StepKind for UpsertRecord {
    fn name(&self) -> &'static str {
        "upsert_record"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let query = Box::new(self.query.evaluate(context)?);
        Ok(Move::Effect(Action::UpsertRecord { query, data: context.data(&self.data)? }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.query.visit_templates(visit);
        visit(&self.data);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
