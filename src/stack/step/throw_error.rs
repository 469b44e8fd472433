//! `throw_error`: fails with an error of the stack's own.
//! Never keeps a part of an earlier error that is not handed to it.

use super::context::{parameter, shown};
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};

/// What a stack says about an error that it raises; `precondition` has the same.
#[derive(Debug)]
pub struct ErrorParameters {
    name: Option<ValueTemplate>,
    message: Option<ValueTemplate>,
    code: Option<ValueTemplate>,
    status: Option<ValueTemplate>,
    payload: Option<ValueTemplate>,
}

#[derive(Debug)]
struct ThrowError {
    error: ErrorParameters,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(ThrowError { error: ErrorParameters::read(reader) })
}

impl ErrorParameters {
    pub fn read(reader: &mut StepReader<'_>) -> Self {
        Self {
            name: reader.optional(&["name", "error_name", "error_type", "type"]),
            message: reader.optional(&["message", "error_message", "error"]),
            code: reader.optional(&["code", "error_code"]),
            status: reader.optional(&["status", "status_code"]),
            payload: reader.optional(&["payload", "data"]),
        }
    }

    /// The failure that these parameters describe over `base`.
    pub fn evaluate(&self, context: &StepContext<'_>, base: Failure) -> Result<Failure, EvalError> {
        let mut failure = base;
        if let Some(code) = context.text("code", self.code.as_ref())?.filter(|code| !code.is_empty()) {
            failure = Failure { name: Failure::new(ErrorCode::parse(&code), "").name, code: ErrorCode::parse(&code), ..failure };
        }
        if let Some(name) = context.text("name", self.name.as_ref())?.filter(|name| !name.is_empty()) {
            failure.name = name;
        }
        match context.value_or_null(self.message.as_ref())? {
            Value::Null => {}
            message => failure.message = message.to_text(),
        }
        if let Some(status) = context.integer("status", self.status.as_ref())? {
            let status = u16::try_from(status).ok().filter(|status| (100..=599).contains(status));
            failure.status =
                Some(status.ok_or_else(|| parameter(format!("`status` is an HTTP status, not {}", self.shown(context))))?);
        }
        failure.payload = context.value_or_null(self.payload.as_ref())?;
        Ok(failure)
    }

    fn shown(&self, context: &StepContext<'_>) -> String {
        context.value_or_null(self.status.as_ref()).map_or_else(|_| String::new(), |value| shown(&value))
    }

    pub fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        [&self.name, &self.message, &self.code, &self.status, &self.payload].into_iter().flatten().for_each(visit);
    }
}

impl StepKind for ThrowError {
    fn name(&self) -> &'static str {
        "throw_error"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let base = Failure::new(ErrorCode::Thrown, "the stack raised an error");
        Ok(Move::Raise(Box::new(self.error.evaluate(context, base)?)))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.error.visit_templates(visit);
    }
}
