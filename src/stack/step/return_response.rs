//! `return_response`: ends the function with a body, and for a synchronous caller a status and headers.
//! Never raises because of its status.

use super::context::parameter;
use super::request_parts::headers;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::execution::Response;
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct ReturnResponse {
    status: Option<ValueTemplate>,
    body: Option<ValueTemplate>,
    headers: Option<ValueTemplate>,
}

const STATUS: &[&str] = &["status", "status_code"];
const BODY: &[&str] = &["body", "data"];
const HEADERS: &[&str] = &["headers"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    if reader.peek(BODY).is_none() && wraps_parameters(reader) {
        reader.unwrap_parameters();
    }
    let status = reader.optional(STATUS);
    let body = reader.optional(BODY).or_else(|| reader.optional(&["parameters"]));
    Box::new(ReturnResponse { status, body, headers: reader.optional(HEADERS) })
}

/// `parameters` is the body itself, as sister documents write it, unless it holds a body or a status.
fn wraps_parameters(reader: &StepReader<'_>) -> bool {
    let members = reader.peek(&["parameters"]).and_then(|member| member.value.as_object()).unwrap_or_default();
    !members.is_empty() && members.iter().all(|member| [STATUS, BODY, HEADERS].concat().contains(&member.key.as_str()))
}

impl StepKind for ReturnResponse {
    fn name(&self) -> &'static str {
        "return_response"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let status = match context.integer("status", self.status.as_ref())? {
            None => None,
            Some(status @ 200..=599) => u16::try_from(status).ok(),
            Some(other) => return Err(parameter(format!("`status` is an HTTP status from 200 to 599, not {other}"))),
        };
        let headers = headers(&context.value_or_null(self.headers.as_ref())?)?;
        let output = context.value_or_null(self.body.as_ref())?;
        Ok(Move::Return { output, response: Response { status, headers } })
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        [&self.status, &self.body, &self.headers].into_iter().flatten().for_each(visit);
    }
}
