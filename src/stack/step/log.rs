//! `log`: writes a line into the execution's log.
//! Never changes what the stack does.

use super::context::parameter;
use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::{Action, LogLevel};

#[derive(Debug)]
struct Log {
    level: Option<ValueTemplate>,
    message: Option<ValueTemplate>,
    data: Option<ValueTemplate>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let message = reader.optional(&["message", "value"]);
    let data = reader.optional(&["data"]);
    if message.is_none() && data.is_none() {
        reader.missing("message");
    }
    Box::new(Log { level: reader.optional(&["level"]), message, data })
}

impl StepKind for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let level = context.text("level", self.level.as_ref())?.unwrap_or_default();
        let level = match level.to_lowercase().as_str() {
            "debug" | "trace" => LogLevel::Debug,
            "" | "info" => LogLevel::Info,
            "warn" | "warning" => LogLevel::Warn,
            "error" | "critical" | "fatal" => LogLevel::Error,
            other => return Err(parameter(format!("`level` is debug, info, warn or error, not \"{other}\""))),
        };
        let message = context.value_or_null(self.message.as_ref())?.to_text();
        let data = context.value_or_null(self.data.as_ref())?;
        Ok(Move::Effect(Action::Log { level, message, data }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        [&self.level, &self.message, &self.data].into_iter().flatten().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
