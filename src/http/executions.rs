//! `/v1/executions`: lists, one execution, its steps, its deliveries.
//! Never shows a callback's secret, headers or query.

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::accepted;
use super::answer::{self, Answer, Handled};
use super::caller::Caller;
use super::deliveries::shown;
use super::execution_query;
use super::forms;
use super::ids::parse;
use super::problem::Problem;
use crate::domain::access_key::Scope;
use crate::domain::callback::redacted_url;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::read::StepRecord;

pub const LOG: &str = "log";
const LAMBDA: &str = "lambda";

/// `GET /v1/executions`
pub async fn list(request: HttpRequest, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let query = execution_query::read(&query.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
        let Some(mut query) = query else { return Ok(answer::list(Vec::new(), None)) };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is a next page.
        query.limit += 1;
        query.started_by = caller.sees_only().map(str::to_owned);
        let mut found = state.engine.read.list_executions(&query).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.birth.id.to_string());
        Ok(answer::list(found.iter().map(status::entry).collect(), next))
    };
    Answer(handled.await)
}

/// `GET /v1/executions/{id}`
pub async fn one(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let execution = find(&state, &caller, &id).await?;
        Ok(answer::ok(&detailed(&state, &execution)))
    };
    Answer(handled.await)
}

/// `GET /v1/executions/{id}/steps`
pub async fn steps(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let execution = find(&state, &caller, &id).await?;
        let steps = state.engine.read.steps(execution.birth.id).await?;
        Ok(answer::list(steps.iter().map(step).collect(), None))
    };
    Answer(handled.await)
}

/// `GET /v1/executions/{id}/logs`: what its `log` steps and the consoles of its lambdas wrote.
pub async fn logs(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let execution = find(&state, &caller, &id).await?;
        let steps = state.engine.read.steps(execution.birth.id).await?;
        Ok(answer::list(steps.iter().flat_map(logged).collect(), None))
    };
    Answer(handled.await)
}

/// `GET /v1/executions/{id}/deliveries`
pub async fn deliveries(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    Answer(list_deliveries(&state, &caller, &id).await)
}

async fn list_deliveries(state: &HttpState, caller: &Caller, id: &str) -> Handled {
    let execution = find(state, caller, id).await?;
    let deliveries = state.engine.read.deliveries(execution.birth.id).await?;
    Ok(answer::list(deliveries.iter().map(shown).collect(), None))
}

/// The execution that a path names.
///
/// # Errors
/// 404 where there is none that the caller may see.
pub async fn find(state: &HttpState, caller: &Caller, id: &str) -> Result<Execution, Problem> {
    let asked = Value::text(id);
    let found = match parse(&asked) {
        Some(id) => state.engine.read.executions(&[id]).await?.into_iter().next().flatten(),
        None => None,
    };
    found.filter(|execution| caller.sees(execution)).ok_or_else(|| Problem::execution_unknown(&state.unknown(&asked)))
}

/// Whether the caller may end or wake this execution; what he may not does not exist for him.
///
/// # Errors
/// The store's.
pub async fn steers(state: &HttpState, caller: &Caller, id: ExecutionId) -> Result<bool, StoreError> {
    if caller.allows(Scope::Manage) {
        return Ok(true);
    }
    let found = state.engine.read.executions(&[id]).await?.pop().flatten();
    Ok(found.is_some_and(|execution| caller.steers(&execution)))
}

/// The entry, and what only who manages executions needs.
fn detailed(state: &HttpState, execution: &Execution) -> Value {
    let birth = &execution.birth;
    let input = Value::from_stored_text(&birth.input).unwrap_or_default();
    let callback = birth.callback.as_ref().map_or(Value::Null, |callback| Value::text(redacted_url(&callback.url)));
    let more = [
        ("input", input),
        ("callback_url", callback),
        ("priority", Value::Int(birth.priority.into())),
        ("deadline_at", instant(execution.deadline_at)),
        ("progressed_at", Value::Timestamp(execution.progressed_at)),
        ("rerun_of", super::again::rerun_of(execution)),
        ("started_by", birth.started_by.as_deref().map_or(Value::Null, Value::text)),
    ];
    let links = accepted::links(&state.engine, birth.id).map(|(name, url)| (name, Value::text(url)));
    status::with_fields([], &status::entry(execution), more.into_iter().chain(links))
}

pub fn step(step: &StepRecord) -> Value {
    let (result, error) = match step.failed {
        true => (Value::Null, step.result.field("error")),
        false => (step.result.clone(), Value::Null),
    };
    Value::object([
        ("step", Value::text(step.position.as_str())),
        ("kind", Value::text(step.kind.as_str())),
        ("name", step.name.as_deref().map_or(Value::Null, Value::text)),
        ("attempt", Value::Int(step.attempt.into())),
        ("started_at", Value::Timestamp(step.started_at)),
        ("ended_at", Value::Timestamp(step.ended_at)),
        ("duration_ms", Value::Int(step.ended_at.since_ms(step.started_at))),
        ("failed", Value::Bool(step.failed)),
        ("result", result),
        ("error", error),
    ])
}

/// The lines of the execution's log that a step wrote.
pub fn logged(record: &StepRecord) -> Vec<Value> {
    let line = |line: &Value| {
        Value::object([
            ("at", Value::Timestamp(record.ended_at)),
            ("level", line.field("level")),
            ("message", line.field("message")),
            ("data", line.field("data")),
            ("step", Value::text(record.position.as_str())),
        ])
    };
    match record.kind.as_str() {
        LOG => vec![line(&record.result)],
        LAMBDA => record.result.field("logs").as_array().unwrap_or_default().iter().map(line).collect(),
        _ => Vec::new(),
    }
}

pub fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_a_result_or_an_error() {
        let record = |failed, result: &str| StepRecord {
            position: "stack[0]".into(),
            kind: "log".into(),
            name: None,
            attempt: 1,
            started_at: Timestamp(1000),
            ended_at: Timestamp(1250),
            result: Value::from_json_text(result).unwrap(),
            failed,
        };
        let good = step(&record(false, r#"{"a": 1}"#));
        assert_eq!((good.field("result").to_json_text().as_str(), good.field("error")), (r#"{"a":1}"#, Value::Null));
        assert_eq!(good.field("duration_ms"), Value::Int(250));
        let bad = step(&record(true, r#"{"error": {"code": "X"}}"#));
        assert_eq!((bad.field("result"), bad.field("error").to_json_text().as_str()), (Value::Null, r#"{"code":"X"}"#));
    }
}
