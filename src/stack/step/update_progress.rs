//! `update_progress`: how far the execution has come, for who watches it.
//! Never keeps an earlier progress.

use super::context::parameter;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct UpdateProgress {
    percent: Option<ValueTemplate>,
    message: Option<ValueTemplate>,
    data: Option<ValueTemplate>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let percent = reader.optional(&["percent", "percentage", "progress"]);
    let message = reader.optional(&["message"]);
    let data = reader.optional(&["data"]);
    if percent.is_none() && message.is_none() && data.is_none() {
        reader.missing("percent");
    }
    Box::new(UpdateProgress { percent, message, data })
}

impl StepKind for UpdateProgress {
    fn name(&self) -> &'static str {
        "update_progress"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let percent = context.value_or_null(self.percent.as_ref())?;
        if !percent.is_null() && percent.as_number().is_none_or(|number| !(0.0..=100.0).contains(&number)) {
            return Err(parameter("`percent` is a number from 0 to 100"));
        }
        let message = context.value_or_null(self.message.as_ref())?;
        let data = context.value_or_null(self.data.as_ref())?;
        let given =
            [("percent", percent), ("message", message), ("data", data)].into_iter().filter(|(_, value)| !value.is_null());
        Ok(Move::Effect(Action::UpdateProgress(Value::object(given))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        [&self.percent, &self.message, &self.data].into_iter().flatten().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
