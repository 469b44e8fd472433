//! `external_api_request`: one HTTP request.
//! Never decides which addresses may be called; the one way out does.

use super::context::parameter;
use super::request_parts::{content_type, form_pairs, headers, with_query};
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::{Action, HttpRequest, RequestBody};

#[derive(Debug)]
struct ExternalApiRequest {
    url: ValueTemplate,
    method: Option<ValueTemplate>,
    headers: Option<ValueTemplate>,
    query: Option<ValueTemplate>,
    body: Option<ValueTemplate>,
    timeout: Option<ValueTemplate>,
    follow_location: Option<ValueTemplate>,
    verify_peer: Option<ValueTemplate>,
    raise_on_error: Option<ValueTemplate>,
}

/// Without a `timeout`, in milliseconds.
const TIMEOUT_MS_DEFAULT: i64 = 30_000;
/// A `timeout` above this many seconds is meant in milliseconds, as sister documents write it (`30000`).
const TIMEOUT_S_MAX: f64 = 3600.0;

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    Box::new(ExternalApiRequest {
        url: reader.required(&["url"]),
        method: reader.optional(&["method"]),
        headers: reader.optional(&["headers"]),
        query: reader.optional(&["params", "query", "query_parameters", "query_params"]),
        body: reader.optional(&["body", "data"]),
        timeout: reader.optional(&["timeout"]),
        follow_location: reader.optional(&["follow_location", "follow_redirects"]),
        verify_peer: reader.optional(&["verify_peer"]),
        raise_on_error: reader.optional(&["raise_on_error"]),
    })
}

impl ExternalApiRequest {
    fn method(&self, context: &StepContext<'_>) -> Result<String, EvalError> {
        let method = context.text("method", self.method.as_ref())?.unwrap_or_else(|| "GET".to_owned()).to_uppercase();
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') {
            return Err(parameter(format!("`method` is an HTTP method such as POST, not \"{method}\"")));
        }
        Ok(method)
    }

    fn timeout_ms(&self, context: &StepContext<'_>) -> Result<i64, EvalError> {
        let timeout = context.value_or_null(self.timeout.as_ref())?;
        let factor = if timeout.as_number().is_some_and(|number| number > TIMEOUT_S_MAX) { 1.0 } else { 1000.0 };
        let given = context.scaled("timeout", self.timeout.as_ref(), factor)?;
        Ok(given.filter(|ms| *ms > 0).unwrap_or(TIMEOUT_MS_DEFAULT))
    }
}

fn body(value: Value, headers: &[(String, String)]) -> RequestBody {
    let is_form = content_type(headers).is_some_and(|kind| kind.to_lowercase().contains("x-www-form-urlencoded"));
    match value {
        Value::Null => RequestBody::None,
        Value::Text(text) => RequestBody::Text(text.to_string()),
        object @ Value::Object(_) if is_form => RequestBody::Form(form_pairs(&object)),
        other => RequestBody::Json(other),
    }
}

impl StepKind for ExternalApiRequest {
    fn name(&self) -> &'static str {
        "external_api_request"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let url = context.required_text("url", &self.url)?;
        let headers = headers(&context.value_or_null(self.headers.as_ref())?)?;
        let body = body(context.value_or_null(self.body.as_ref())?, &headers);
        Ok(Move::Effect(Action::Request(Box::new(HttpRequest {
            method: self.method(context)?,
            url: with_query(url.trim(), &context.value_or_null(self.query.as_ref())?)?,
            headers,
            body,
            timeout_ms: self.timeout_ms(context)?,
            follow_location: context.flag(self.follow_location.as_ref(), true)?,
            verify_peer: context.flag(self.verify_peer.as_ref(), true)?,
            raise_on_error: context.retry_in_force || context.flag(self.raise_on_error.as_ref(), false)?,
        }))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.url);
        let others = [&self.method, &self.headers, &self.query, &self.body, &self.timeout];
        let flags = [&self.follow_location, &self.verify_peer, &self.raise_on_error];
        others.into_iter().chain(flags).flatten().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
