//! `async_function_await`: waits for executions; the value is their status entries in the order asked.
//! Never raises because one of them failed.

use super::context::parameter;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::limits::IDS_PER_CALL_MAX;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct AsyncFunctionAwait {
    ids: ValueTemplate,
    timeout: Option<ValueTemplate>,
    raise_on_timeout: bool,
}

/// Without a `timeout`, in milliseconds.
const TIMEOUT_MS_DEFAULT: i64 = 10_000;

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(AsyncFunctionAwait {
        ids: reader.required(&["execution_ids", "ids", "execution_id"]),
        timeout: reader.optional(&["timeout"]),
        raise_on_timeout: reader.word(&["on_timeout"], &["continue", "error"]) == Some("error"),
    })
}

impl StepKind for AsyncFunctionAwait {
    fn name(&self) -> &'static str {
        "async_function_await"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let ids = match context.value(&self.ids)? {
            Value::Array(ids) => ids.to_vec(),
            Value::Null => Vec::new(),
            one => vec![one],
        };
        if ids.len() > IDS_PER_CALL_MAX {
            let message = format!("one await takes at most {IDS_PER_CALL_MAX} ids, not {}; await them in a loop", ids.len());
            return Err(parameter(message));
        }
        let timeout_ms = context.seconds_as_ms("timeout", self.timeout.as_ref())?.unwrap_or(TIMEOUT_MS_DEFAULT);
        Ok(Move::Effect(Action::Await { ids, timeout_ms, raise_on_timeout: self.raise_on_timeout }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.ids);
        self.timeout.iter().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
