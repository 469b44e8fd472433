//! `add_record`: inserts a row; the value is the row with its `id` and `created_at`.
//! Never looks whether a row is there already.

use super::record_query::{table, table_name};
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct AddRecord {
    table: ValueTemplate,
    data: ValueTemplate,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(AddRecord { table: table(reader), data: reader.required(&["data", "values"]) })
}

impl StepKind for AddRecord {
    fn name(&self) -> &'static str {
        "add_record"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let table = table_name(context, &self.table)?;
        Ok(Move::Effect(Action::AddRecord { table, data: context.data(&self.data)? }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.table);
        visit(&self.data);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
