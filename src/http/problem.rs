//! Errors as callers see them: one shape, one place where each error of the engine becomes a code and a status.
//! Never shows a secret, and never says more of a fault of ours than its words.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::code::{self, Code};
use crate::domain::execution::{Execution, State};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::cancel::CancelError;
use crate::engine::start::StartError;
use crate::store::StoreError;

/// Seconds after which a caller may try again when the database is away.
pub const RETRY_AFTER_S: u32 = 2;
pub const X_EXECUTION_ID: HeaderName = HeaderName::from_static("x-execution-id");

/// Why a call got no answer of its own. Boxed, since it is the rare end of every result.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    page: &'static Code,
    status: u16,
    /// `ERROR_CODE_…`, or what a stack chose.
    code: String,
    detail: String,
    payload: Value,
    /// The execution that it is about; else the address that was called.
    about: Option<ExecutionId>,
    headers: Vec<(HeaderName, String)>,
}

impl Problem {
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            page: code,
            status: code.status,
            code: code.text(),
            detail: detail.into(),
            payload: Value::Null,
            about: None,
            headers: Vec::new(),
        }))
    }

    #[must_use]
    pub fn with_payload(mut self, payload: Value) -> Self {
        self.0.payload = payload;
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// Its words.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(&code::INVALID_REQUEST, detail)
    }

    /// Well formed, and yet not acceptable.
    pub fn unacceptable(detail: impl Into<String>) -> Self {
        Self::invalid(detail).with_status(422)
    }

    /// There is nothing of that name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(&code::NOT_FOUND, detail).with_status(404)
    }

    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(&code::UNAVAILABLE, detail).with_header(header::RETRY_AFTER, RETRY_AFTER_S.to_string())
    }

    pub fn method_not_allowed(allowed: &'static str) -> Self {
        // Where GET is taken, the gate takes HEAD for it.
        let allowed = if allowed.contains("HEAD") { allowed.to_owned() } else { allowed.replacen("GET", "GET, HEAD", 1) };
        let detail = format!("this address takes only {allowed}");
        Self::new(&code::METHOD_NOT_ALLOWED, detail).with_header(header::ALLOW, allowed)
    }

    /// There is no execution with this id (any more).
    pub fn execution_unknown(entry: &Value) -> Self {
        let expired = entry.field("state").as_str() == Some("expired");
        let code = if expired { &code::EXPIRED } else { &code::NOT_FOUND };
        Self::new(code, entry.field("error").to_text()).with_status(404)
    }

    /// What a synchronous caller gets when the execution failed.
    pub fn of_failure(id: ExecutionId, failure: &Failure) -> Self {
        let page = Code::of(&failure.code);
        Self(Box::new(Parts {
            page,
            status: status_of_failure(page, failure),
            code: failure.code.as_str().to_owned(),
            detail: failure.message.clone(),
            payload: failure.payload.clone(),
            about: Some(id),
            headers: vec![(X_EXECUTION_ID, id.to_string())],
        }))
    }

    #[cfg(test)]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The body, as every client of ours reads it.
    pub fn body(&self, path: &str, public_url: &str) -> Value {
        let instance = self.0.about.map_or_else(|| path.to_owned(), |id| format!("{public_url}/v1/executions/{id}"));
        Value::object([
            ("type", Value::text(format!("{public_url}/problems/{}", self.0.page.slug))),
            ("title", Value::text(self.0.page.title)),
            ("status", Value::Int(self.0.status.into())),
            ("detail", Value::text(self.0.detail.as_str())),
            ("instance", Value::text(instance)),
            ("code", Value::text(self.0.code.as_str())),
            ("message", Value::text(self.0.detail.as_str())),
            ("payload", self.0.payload.clone()),
        ])
    }

    pub fn respond(&self, request: &HttpRequest, public_url: &str) -> HttpResponse {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.content_type(content_type(request.headers().get(header::ACCEPT)));
        for (name, value) in &self.0.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.insert_header((name.clone(), value));
            }
        }
        response.body(self.body(request.path(), public_url).to_json_text())
    }
}

/// Some tools parse only `application/json`; who knows the other type names it.
fn content_type(accept: Option<&HeaderValue>) -> &'static str {
    let named = accept.and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("application/problem+json"));
    if named { "application/problem+json" } else { "application/json" }
}

/// A stack chooses the status of what it raises itself; what a remote side answered is none of the caller's.
fn status_of_failure(page: &Code, failure: &Failure) -> u16 {
    match (&failure.code, failure.status) {
        (ErrorCode::HttpStatus | ErrorCode::Transport | ErrorCode::RequestTimeout | ErrorCode::Timeout, _) => page.status,
        (_, Some(status @ 400..=599)) => status,
        _ => page.status,
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        let detail = error.to_string();
        match error {
            StartError::FunctionUnknown { near, .. } => {
                let near: Vec<_> = near.iter().map(|name| name.as_str().to_owned()).collect();
                let hint = if near.is_empty() { String::new() } else { format!("; there is {}", near.join(", ")) };
                let near = near.into_iter().map(Value::text).collect();
                Self::new(&code::FUNCTION_UNKNOWN, detail + &hint)
                    .with_status(404)
                    .with_payload(Value::object([("near", Value::array(near))]))
            }
            StartError::Inputs(fields) => {
                let words: Vec<_> = fields.iter().map(|field| format!("{}: {}", field.field, field.message)).collect();
                let payload = fields
                    .into_iter()
                    .map(|field| Value::object([("field", Value::text(field.field)), ("message", Value::text(field.message))]));
                Self::new(&code::INPUT, format!("{detail}: {}", words.join("; ")))
                    .with_payload(Value::object([("fields", Value::array(payload.collect()))]))
            }
            StartError::Invalid(_) => Self::unacceptable(detail),
            StartError::CallbackRefused(_) => Self::new(&code::ADDRESS_REFUSED, detail),
            StartError::KeyMismatch => Self::new(&code::IDEMPOTENCY_MISMATCH, detail),
            StartError::QueueFull { retry_after_s } => {
                Self::new(&code::QUEUE_FULL, detail).with_header(header::RETRY_AFTER, retry_after_s.to_string())
            }
            StartError::Unavailable { retry_after_s, .. } => {
                Self::new(&code::UNAVAILABLE, detail).with_header(header::RETRY_AFTER, retry_after_s.to_string())
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Ambiguous(_) | StoreError::Fenced(_) | StoreError::Setup(_) => {
                Self::unavailable(error.to_string())
            }
            other => {
                tracing::error!(error = %other, "the store failed in a way that no caller can mend");
                Self::new(&code::INTERNAL, other.to_string())
            }
        }
    }
}

impl From<CancelError> for Problem {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::new(&code::NOT_FOUND, error.to_string()).with_status(404),
            CancelError::Terminal(execution, state) => Self::ended(&execution, state),
            CancelError::Journal(_) => Self::unavailable(error.to_string()),
            CancelError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    fn ended(execution: &Execution, state: State) -> Self {
        let how = match state {
            State::TimedOut => "timed out",
            other => other.as_str(),
        };
        let entry = status::with_fields([], &status::entry(execution), [("cancelled", Value::Bool(false))]);
        let mut problem = Self::new(&code::EXECUTION_ENDED, format!("the execution has {how} already")).with_payload(entry);
        problem.0.about = Some(execution.birth.id);
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::function::FunctionName;
    use crate::engine::start::FieldError;
    use crate::outbound::Refused;

    fn id() -> ExecutionId {
        ExecutionId::parse("019aaaaa-0000-7000-8000-000000000000").unwrap()
    }

    #[test]
    fn a_problem_has_every_field_that_clients_read() {
        let body = Problem::new(&code::BODY_TOO_LARGE, "too much").body("/api/x", "http://r");
        assert_eq!(
            body.to_json_text(),
            r#"{"type":"http://r/problems/body_too_large","title":"The body is too large","status":413,"detail":"too much","instance":"/api/x","code":"ERROR_CODE_BODY_TOO_LARGE","message":"too much","payload":null}"#
        );
    }

    #[test]
    fn each_error_of_a_start_has_its_status() {
        let name = FunctionName::parse("echo").unwrap();
        let cases = [
            (StartError::FunctionUnknown { name: "ecko".into(), near: vec![name] }, 404, "there is echo"),
            (StartError::Inputs(vec![FieldError { field: "age".into(), message: "is missing".into() }]), 422, "age: is missing"),
            (StartError::Invalid("callback.secret: too short".into()), 422, "callback.secret"),
            (StartError::CallbackRefused(Refused { message: "no".into() }), 422, "no"),
            (StartError::KeyMismatch, 422, "idempotency key"),
            (StartError::QueueFull { retry_after_s: 1 }, 429, "queued"),
            (StartError::Unavailable { reason: "x".into(), retry_after_s: 1 }, 503, "storage"),
        ];
        for (error, status, words) in cases {
            let problem = Problem::from(error.clone());
            assert_eq!(problem.status(), status, "{error:?}");
            assert!(problem.0.detail.contains(words), "{error:?}: {}", problem.0.detail);
            let retry = problem.0.headers.iter().any(|(name, _)| name == header::RETRY_AFTER);
            assert_eq!(retry, matches!(status, 429 | 503), "{error:?}");
        }
    }

    #[test]
    fn an_uncaught_failure_has_the_status_of_its_code_or_of_the_stack() {
        let cases = [
            (Failure::new(ErrorCode::Thrown, "x"), 500),
            (Failure::new(ErrorCode::Thrown, "x").with_status(418), 418),
            (Failure::new(ErrorCode::Custom("MINE".into()), "x").with_status(409), 409),
            (Failure::new(ErrorCode::Thrown, "x").with_status(200), 500),
            (Failure::new(ErrorCode::Precondition, "x"), 400),
            (Failure::new(ErrorCode::Input, "x"), 422),
            (Failure::new(ErrorCode::Timeout, "x"), 504),
            (Failure::new(ErrorCode::MemoryLimit, "x"), 500),
            (Failure::new(ErrorCode::AddressRefused, "x"), 422),
            (Failure::new(ErrorCode::HttpStatus, "x").with_status(404), 500),
            (Failure::new(ErrorCode::FunctionUnknown, "x"), 500),
        ];
        for (failure, status) in cases {
            assert_eq!(Problem::of_failure(id(), &failure).status(), status, "{failure:?}");
        }
    }

    #[test]
    fn the_code_that_a_stack_chose_is_kept() {
        let failure = Failure::new(ErrorCode::parse("ERROR_CODE_BROKEN"), "it broke").with_payload(Value::Int(1));
        let body = Problem::of_failure(id(), &failure).body("/api/x", "http://r");
        assert_eq!(body.field("code").as_str(), Some("ERROR_CODE_BROKEN"));
        assert_eq!(body.field("type").as_str(), Some("http://r/problems/thrown"));
        assert_eq!(body.field("instance").as_str(), Some("http://r/v1/executions/019aaaaa-0000-7000-8000-000000000000"));
        assert_eq!(body.field("payload"), Value::Int(1));
    }

    #[test]
    fn the_type_for_problems_is_sent_to_who_names_it() {
        let accept = |text| content_type(Some(&HeaderValue::from_static(text)));
        assert_eq!(accept("application/problem+json, */*"), "application/problem+json");
        assert_eq!(accept("*/*"), "application/json");
        assert_eq!(content_type(None), "application/json");
    }
}
