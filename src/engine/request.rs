//! `external_api_request`: a step's request to an outbound one, and what came back to a value.
//! Never shows credentials in the value that it makes.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Engine;
use super::memory::Loan;
use super::node::surely_alive;
use crate::domain::callback::redacted_url;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::ids::ExecutionId;
use crate::domain::limits::{JOURNAL_ENTRY_BYTES_MAX, REDIRECTS_MAX};
use crate::domain::trace::Trace;
use crate::domain::value::{InvalidValue, Name, Value, check_text};
use crate::outbound::{Answer, OutboundRequest, Room as _, SendError};
use crate::stack::machine::{HttpRequest, RequestBody};

/// What connecting may take, in milliseconds.
const CONNECT_MS: i64 = 10_000;
/// Headers whose values are masked in what a stack and the history see.
const MASKED: [&str; 6] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"];
/// How messages name what is sent.
const BODY: &str = "the request's body";
const TRACEPARENT: &str = "traceparent";
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What makes every try at one effect the same effect: its execution, its position and the count of manual resumes.
pub(super) fn idempotency_key(id: ExecutionId, position: &str, resumes: i32) -> String {
    let mut hasher = Sha256::new();
    hasher.update(id.0.as_bytes());
    hasher.update(resumes.to_be_bytes());
    hasher.update(position.as_bytes());
    hex::encode(&hasher.finalize()[..16])
}

/// What a request tells of the effect that it is.
pub(super) struct Stamp {
    pub key: String,
    pub trace: Option<Trace>,
}

/// Sends a step's request. Dropping the future drops the connection.
///
/// # Errors
/// A transport failure, a refused address, an answer beyond the memory limit, or an error status that the step raises.
pub(super) async fn send(engine: &Engine, request: &HttpRequest, stamp: Stamp, loan: &Arc<Loan>) -> Result<Value, Failure> {
    let outgoing = outgoing(request, stamp, loan)?;
    let sent_bytes = outgoing.body.len();
    surely_alive(engine).await;
    let answer = engine.outbound.send(outgoing).await.map_err(|error| failed(request, &error))?;
    loan.give_back(sent_bytes);
    let value = value(request, &answer, loan)?;
    // The value counts instead; where it holds less, so does the step.
    loan.set(value.memory_bytes());
    if request.raise_on_error && answer.status >= 400 {
        let retry_after = answer.header("retry-after").map_or(Value::Null, Value::text);
        let payload = Value::object([("response", value.field("response")), ("retry_after", retry_after)]);
        let message = format!("{} {} answered {}", request.method, redacted_url(&request.url), answer.status);
        return Err(Failure::new(ErrorCode::HttpStatus, message).with_status(answer.status).with_payload(payload));
    }
    Ok(value)
}

fn outgoing(request: &HttpRequest, stamp: Stamp, loan: &Arc<Loan>) -> Result<OutboundRequest, Failure> {
    let mut headers = request.headers.clone();
    let has = |headers: &[(String, String)], name: &str| headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name));
    let (body, content_type) = match &request.body {
        RequestBody::None => (Bytes::new(), None),
        RequestBody::Json(value) => (written(value, loan)?, Some("application/json")),
        RequestBody::Text(text) => {
            room(loan, text.len(), BODY)?;
            (Bytes::from(text.clone()), Some("text/plain; charset=utf-8"))
        }
        RequestBody::Form(fields) => {
            // Three bytes for one, where it must be escaped.
            room(loan, fields.iter().map(|(name, value)| 3 * (name.len() + value.len())).sum(), BODY)?;
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            (Bytes::from(form), Some("application/x-www-form-urlencoded"))
        }
    };
    if let Some(content_type) = content_type.filter(|_| !has(&headers, "content-type")) {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    if !has(&headers, IDEMPOTENCY_KEY) {
        headers.push((IDEMPOTENCY_KEY.to_owned(), stamp.key));
    }
    if let Some(trace) = stamp.trace.filter(|_| !has(&headers, TRACEPARENT)) {
        headers.push((TRACEPARENT.to_owned(), trace.to_string()));
    }
    if headers.iter().any(|(name, value)| name.contains(['\r', '\n', '\0']) || value.contains(['\r', '\n', '\0'])) {
        return Err(Failure::new(ErrorCode::Parameter, "a header of the request holds a line break or a NUL character"));
    }
    Ok(OutboundRequest {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: headers.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        body,
        connect_timeout_ms: CONNECT_MS.min(request.timeout_ms),
        timeout_ms: request.timeout_ms,
        redirects_max: if request.follow_location { REDIRECTS_MAX } else { 0 },
        strict_redirects: false,
        verify_peer: request.verify_peer,
        read_bytes_max: JOURNAL_ENTRY_BYTES_MAX,
        room: Some(Arc::<Loan>::clone(loan)),
        truncate: false,
    })
}

/// A value as JSON, as long as there is room for it.
fn written(value: &Value, loan: &Loan) -> Result<Bytes, Failure> {
    struct Body<'a>(Vec<u8>, &'a Loan);
    impl io::Write for Body<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.1.take(bytes.len()) {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut body = Body(Vec::new(), loan);
    serde_json::to_writer(&mut body, value).map_err(|_| no_room(BODY))?;
    Ok(Bytes::from(body.0))
}

fn room(loan: &Loan, bytes: usize, what: &str) -> Result<(), Failure> {
    if loan.take(bytes) { Ok(()) } else { Err(no_room(what)) }
}

fn no_room(what: &str) -> Failure {
    let message = format!("{what} would make the execution hold more than its memory_limit; raise it, or ask for less at once");
    Failure::new(ErrorCode::MemoryLimit, message)
}

fn failed(request: &HttpRequest, error: &SendError) -> Failure {
    let code = match error {
        SendError::Refused(_) => ErrorCode::AddressRefused,
        SendError::InvalidRequest(_) => ErrorCode::Parameter,
        SendError::Timeout { .. } => ErrorCode::RequestTimeout,
        SendError::TooLarge { .. } | SendError::NoRoom => ErrorCode::MemoryLimit,
        _ => ErrorCode::Transport,
    };
    let status = if code == ErrorCode::AddressRefused { Some(422) } else { None };
    let mut failure = Failure::new(code, format!("{} {}: {error}", request.method, redacted_url(&request.url)));
    failure.status = status;
    failure
}

/// The body's fields at the top, then `request` and `response`; the top-level `status` is the body's own, else the HTTP status.
fn value(request: &HttpRequest, answer: &Answer, loan: &Loan) -> Result<Value, Failure> {
    let body = body(answer, loan)?;
    let headers = answer.headers.iter().map(|(name, value)| (name.as_str(), Value::text(value.as_str())));
    let status = Value::Int(answer.status.into());
    let response = Value::object([("status", status.clone()), ("headers", Value::object(headers)), ("result", body.clone())]);
    let mut fields: Vec<(Name, Value)> = match body.as_object() {
        Some(object) => object.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        None => vec![("result".into(), body)],
    };
    if !fields.iter().any(|(name, _)| &**name == "status") {
        fields.push(("status".into(), status));
    }
    fields.retain(|(name, _)| &**name != "request" && &**name != "response");
    fields.push(("request".into(), shown(request)));
    fields.push(("response".into(), response));
    Ok(Value::object(fields))
}

fn body(answer: &Answer, loan: &Loan) -> Result<Value, Failure> {
    let content_type = answer.header("content-type").unwrap_or_default();
    let place = format!("the answer of {}", redacted_url(answer.url.as_str()));
    let invalid = |error: InvalidValue| match error {
        InvalidValue::TooLarge(_) => no_room(&place),
        error => Failure::new(ErrorCode::InvalidValue, format!("{place} does not hold: {error}")),
    };
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    let is_json = content_type.contains("json");
    match std::str::from_utf8(&answer.body) {
        Ok(text) => match Value::from_json_text_within(text, loan.left()) {
            Ok(value) if is_json || value.as_object().is_some() || value.as_array().is_some() => Ok(value),
            Err(InvalidValue::Syntax(_)) | Ok(_) => {
                check_text(text).map_err(invalid)?;
                room(loan, text.len(), &place)?;
                Ok(Value::text(text))
            }
            Err(error) => Err(invalid(error)),
        },
        Err(_) => {
            use base64::Engine as _;
            room(loan, answer.body.len() / 3 * 4, &place)?;
            Ok(Value::object([
                ("base64", Value::text(base64::engine::general_purpose::STANDARD.encode(&answer.body))),
                ("content_type", Value::text(content_type)),
                ("bytes", Value::Int(i64::try_from(answer.body.len()).unwrap_or(i64::MAX))),
            ]))
        }
    }
}

fn shown(request: &HttpRequest) -> Value {
    let headers = request.headers.iter().map(|(name, value)| {
        let secret = MASKED.iter().any(|masked| name.eq_ignore_ascii_case(masked));
        (name.as_str(), Value::text(if secret { "***" } else { value.as_str() }))
    });
    Value::object([
        ("method", Value::text(request.method.as_str())),
        ("url", Value::text(redacted_url(&request.url))),
        ("headers", Value::object(headers)),
    ])
}
