//! `wait_for_event`: waits until somebody posts an event of this name to the execution.
//! Never holds anything while it waits.

use super::context::parameter;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::limits::EVENT_NAME_BYTES_MAX;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct WaitForEvent {
    name: ValueTemplate,
    timeout: Option<ValueTemplate>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(WaitForEvent { name: reader.required(&["name", "event", "event_name"]), timeout: reader.optional(&["timeout"]) })
}

impl StepKind for WaitForEvent {
    fn name(&self) -> &'static str {
        "wait_for_event"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let name = context.required_text("name", &self.name)?;
        if name.is_empty() || name.len() > EVENT_NAME_BYTES_MAX {
            return Err(parameter(format!("`name` has 1 to {EVENT_NAME_BYTES_MAX} bytes, not {}", name.len())));
        }
        let timeout_ms = context.seconds_as_ms("timeout", self.timeout.as_ref())?;
        Ok(Move::Effect(Action::WaitForEvent { name, timeout_ms }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.name);
        self.timeout.iter().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
