//! `rerun` and `resume`: executions once more, or on from where they failed; one, or all that match a filter.
//! Never acts on more than it was asked for, and with `dry_run` on nothing.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::accepted;
use super::answer::{self, Answer, Handled};
use super::body;
use super::caller::Caller;
use super::code;
use super::execution_query;
use super::executions::find;
use super::problem::{Problem, RETRY_AFTER_S};
use crate::domain::execution::{Execution, State};
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::value::{Object, Value};
use crate::engine::journal::JournalError;
use crate::engine::rerun::{RerunError, rerun};
use crate::engine::resume::{ResumeError, Version, check, resume};
use crate::store::read::ExecutionQuery;

/// What is to be done with an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Rerun,
    Resume(Version),
}

/// `POST /v1/executions/{id}/rerun`
pub async fn rerun_one(
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
    caller: Caller,
) -> Answer {
    let handled = async {
        let body = read_body(&request, payload, &state).await?;
        refuse_words(&body, &[])?;
        one(&state, &caller, &id, Verb::Rerun).await
    };
    Answer(handled.await)
}

/// `POST /v1/executions/{id}/resume`
pub async fn resume_one(
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
    caller: Caller,
) -> Answer {
    let handled = async {
        let body = read_body(&request, payload, &state).await?;
        refuse_words(&body, &["version"])?;
        one(&state, &caller, &id, Verb::Resume(version(&body)?)).await
    };
    Answer(handled.await)
}

/// `POST /v1/executions/rerun`
pub async fn rerun_many(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = read_body(&request, payload, &state).await?;
        refuse_words(&body, &["filter", "dry_run"])?;
        many(&state, &caller, &body, Verb::Rerun).await
    };
    Answer(handled.await)
}

/// `POST /v1/executions/resume`
pub async fn resume_many(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = read_body(&request, payload, &state).await?;
        refuse_words(&body, &["filter", "dry_run", "version"])?;
        many(&state, &caller, &body, Verb::Resume(version(&body)?)).await
    };
    Answer(handled.await)
}

async fn read_body(request: &HttpRequest, payload: web::Payload, state: &HttpState) -> Result<Object, Problem> {
    let body = body::read(request, payload, state.body_bytes_max()).await?;
    Ok(body.as_object().cloned().unwrap_or_default())
}

fn refuse_words(body: &Object, known: &[&str]) -> Result<(), Problem> {
    match body.fields.keys().find(|word| !known.contains(&&***word)) {
        None => Ok(()),
        Some(odd) if known.is_empty() => Err(Problem::invalid(format!("this call takes no \"{odd}\"; its body is empty"))),
        Some(odd) => Err(Problem::invalid(format!("there is no \"{odd}\" here; there is {}", known.join(", ")))),
    }
}

fn version(body: &Object) -> Result<Version, Problem> {
    match body.get("version").map(Value::to_text).as_deref() {
        None | Some("" | "same") => Ok(Version::Same),
        Some("newest") => Ok(Version::Newest),
        Some(other) => Err(Problem::invalid(format!("version is same or newest, not \"{other}\""))),
    }
}

async fn one(state: &HttpState, caller: &Caller, id: &str, verb: Verb) -> Handled {
    let first = find(state, caller, id).await?;
    let execution = act(state, caller, first.birth.id, verb).await?;
    let links = accepted::links(&state.engine, execution.birth.id).map(|(name, url)| (name, Value::text(url)));
    let entry =
        status::with_fields([], &status::entry(&execution), links.into_iter().chain([("rerun_of", rerun_of(&execution))]));
    let mut response = answer::json(StatusCode::ACCEPTED, &entry);
    accepted::name_execution(execution.birth.id, response.headers_mut());
    Ok(response)
}

async fn act(state: &HttpState, caller: &Caller, id: ExecutionId, verb: Verb) -> Result<Execution, Problem> {
    match verb {
        Verb::Rerun => Ok(rerun(&state.engine, id, caller.name().map(str::to_owned)).await?),
        Verb::Resume(version) => Ok(resume(&state.engine, id, version).await?),
    }
}

async fn many(state: &HttpState, caller: &Caller, body: &Object, verb: Verb) -> Handled {
    let dry_run = match body.get("dry_run") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(dry_run)) => *dry_run,
        Some(other) => return Err(Problem::invalid(format!("dry_run is true or false, not {}", other.kind()))),
    };
    let Some(mut query) = filter(body, verb)? else { return Ok(told(dry_run, Vec::new(), None)) };
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    query.limit += 1;
    let mut found = state.engine.read.list_executions(&query).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.birth.id.to_string());
    let mut items = Vec::with_capacity(found.len());
    for execution in &found {
        let done = match (dry_run, verb) {
            (true, Verb::Rerun) => Ok(None),
            (true, Verb::Resume(_)) => check(execution).map(|()| None).map_err(Problem::from),
            (false, verb) => act(state, caller, execution.birth.id, verb).await.map(Some),
        };
        items.push(item(execution, done));
    }
    Ok(told(dry_run, items, next))
}

/// A bulk call names what it means: without a filter it is refused.
fn filter(body: &Object, verb: Verb) -> Result<Option<ExecutionQuery>, Problem> {
    let filter = body.get("filter").and_then(Value::as_object).filter(|filter| !filter.fields.is_empty());
    let Some(filter) = filter else {
        return Err(Problem::invalid(
            "filter is missing: an object with the filters of GET /v1/executions, such as {\"function\": \"pay\"}",
        ));
    };
    let query = execution_query::read(filter).map_err(Problem::invalid)?;
    Ok(query.map(|mut query| {
        if query.states.is_empty() && matches!(verb, Verb::Resume(_)) {
            query.states = vec![State::Failed, State::TimedOut];
        }
        query
    }))
}

fn item(execution: &Execution, done: Result<Option<Execution>, Problem>) -> Value {
    let id = Value::text(execution.birth.id.to_string());
    let (new, error) = match done {
        Ok(new) => (new.map_or(Value::Null, |new| Value::text(new.birth.id.to_string())), Value::Null),
        Err(problem) => (Value::Null, Value::text(problem.detail())),
    };
    Value::object([
        ("execution_id", id),
        ("function_name", Value::text(execution.birth.function.as_str())),
        ("state", Value::text(execution.state.as_str())),
        ("accepted_execution_id", new),
        ("error", error),
    ])
}

fn told(dry_run: bool, items: Vec<Value>, next: Option<String>) -> actix_web::HttpResponse {
    answer::ok(&Value::object([
        ("dry_run", Value::Bool(dry_run)),
        ("items", Value::array(items)),
        ("next", next.map_or(Value::Null, Value::text)),
    ]))
}

/// The execution that one repeats.
pub fn rerun_of(execution: &Execution) -> Value {
    execution.birth.rerun_of.map_or(Value::Null, |id| Value::text(id.to_string()))
}

impl From<RerunError> for Problem {
    fn from(error: RerunError) -> Self {
        match error {
            RerunError::NotFound => Self::new(&code::NOT_FOUND, error.to_string()).with_status(404),
            RerunError::Start(error) => error.into(),
            RerunError::Store(error) => error.into(),
        }
    }
}

impl From<ResumeError> for Problem {
    fn from(error: ResumeError) -> Self {
        let detail = error.to_string();
        match error {
            ResumeError::NotFound => Self::new(&code::NOT_FOUND, detail).with_status(404),
            ResumeError::State(_)
            | ResumeError::FunctionUnknown(_)
            | ResumeError::VersionDiffers(..)
            | ResumeError::Trimmed
            | ResumeError::Restore(_) => Self::new(&code::NOT_RESUMABLE, detail),
            ResumeError::Journal(JournalError::Full) => {
                Self::new(&code::QUEUE_FULL, detail).with_header(header::RETRY_AFTER, RETRY_AFTER_S.to_string())
            }
            ResumeError::Journal(_) => Self::unavailable(detail),
            ResumeError::Store(error) => error.into(),
        }
    }
}
