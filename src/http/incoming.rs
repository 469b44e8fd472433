//! Events in: posted with a key by the execution's id, or without one through its resume URL.
//! Never tells whoever holds a resume URL more than that his event was accepted.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::body;
use super::caller::Caller;
use super::code;
use super::executions::steers;
use super::ids::parse;
use super::problem::{Problem, RETRY_AFTER_S};
use crate::domain::ids::ExecutionId;
use crate::domain::value::Value;
use crate::engine::event::{EventError, post};
use crate::engine::journal::JournalError;

/// `POST /v1/executions/{id}/events/{name}`
pub async fn named(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
    caller: Caller,
) -> Answer {
    let (id, name) = path.into_inner();
    let handled = async {
        let asked = Value::text(id.as_str());
        let body = body::read_any(&request, payload, state.body_bytes_max()).await?;
        let id = parse(&asked).ok_or_else(|| Problem::execution_unknown(&state.unknown(&asked)))?;
        if !steers(&state, &caller, id).await? {
            return Err(Problem::execution_unknown(&state.unknown(&asked)));
        }
        accept(&state, id, Some(&name), &body).await
    };
    Answer(handled.await)
}

/// `POST /resume/{id}/{token}`: for whatever the stack waits for first.
pub async fn resume(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
) -> Answer {
    let (id, token) = path.into_inner();
    Answer(through_url(&state, &request, payload, (&id, &token, None)).await)
}

/// `POST /resume/{id}/{token}/{name}`
pub async fn resume_named(
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
) -> Answer {
    let (id, token, name) = path.into_inner();
    Answer(through_url(&state, &request, payload, (&id, &token, Some(&name))).await)
}

async fn through_url(
    state: &HttpState,
    request: &HttpRequest,
    payload: web::Payload,
    (id, token, name): (&str, &str, Option<&str>),
) -> Handled {
    let asked = Value::text(id);
    // Who guesses learns nothing: a wrong token and an unknown execution are one answer.
    let opened = parse(&asked).filter(|id| state.engine.resume_key.opens(*id, token));
    let Some(id) = opened else {
        return Err(Problem::new(&code::ROUTE_UNKNOWN, "this resume URL opens nothing; copy all of execution.resume_url"));
    };
    let body = body::read_any(request, payload, state.body_bytes_max()).await?;
    accept(state, id, name, &body).await
}

async fn accept(state: &HttpState, id: ExecutionId, name: Option<&str>, body: &Value) -> Handled {
    match post(&state.engine, id, name, body).await {
        Ok(()) => Ok(answer::json(
            StatusCode::ACCEPTED,
            &Value::object([
                ("execution_id", Value::text(id.to_string())),
                ("event", name.map_or(Value::Null, Value::text)),
                ("accepted", Value::Bool(true)),
            ]),
        )),
        Err(EventError::NotFound) => Err(Problem::execution_unknown(&state.unknown(&Value::text(id.to_string())))),
        Err(error) => Err(error.into()),
    }
}

impl From<EventError> for Problem {
    fn from(error: EventError) -> Self {
        let detail = error.to_string();
        match error {
            EventError::NotFound => Self::new(&code::NOT_FOUND, detail),
            EventError::Terminal(_) => Self::new(&code::EXECUTION_ENDED, detail),
            EventError::Repeated(_) => Self::new(&code::EVENT_REPEATED, detail),
            EventError::Full => Self::new(&code::QUEUE_FULL, detail),
            EventError::Name => Self::invalid(detail),
            EventError::Journal(JournalError::Full) => {
                Self::new(&code::QUEUE_FULL, detail).with_header(header::RETRY_AFTER, RETRY_AFTER_S.to_string())
            }
            EventError::Journal(_) => Self::unavailable(detail),
        }
    }
}
