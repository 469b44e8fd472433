//! `async-status` and `async-await`: how executions stand, now or as soon as they have ended.
//! Never an error because of a single id, and never because something is slow.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::body;
use super::caller::Caller;
use super::forms;
use super::ids::{Asked, parse};
use super::problem::Problem;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::wait::{WaitMode, wait};

/// A browser keeps six connections to one host; a longer wait would starve its page.
const AWAIT_S_DEFAULT: f64 = 2.0;
const AWAIT_S: std::ops::RangeInclusive<f64> = 0.0..=60.0;

/// `POST /api/async-status`
pub async fn of_body(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        statuses(&state, &caller, asked_in(&body)?).await
    };
    Answer(handled.await)
}

/// `GET /api/async-status?execution_ids=a,b`
pub async fn of_query(request: HttpRequest, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        statuses(&state, &caller, asked_in_query(&query)?).await
    };
    Answer(handled.await)
}

/// `GET /api/async-status/{id}`
pub async fn of_one(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let entries = entries(&state, &caller, &Asked::one(&id)).await?;
        Ok(answer::ok(&entries.into_iter().next().unwrap_or_default()))
    };
    Answer(handled.await)
}

/// `POST /api/async-await`
pub async fn await_body(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let (asked, patience) = (asked_in(&body)?, Patience::of(&body)?);
        Ok(answer::ok(&Value::array(awaited(&state, &caller, &asked, patience).await?)))
    };
    Answer(handled.await)
}

/// `GET /api/async-await?execution_ids=a,b&timeout=5`
pub async fn await_query(request: HttpRequest, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let (asked, patience) = (asked_in_query(&query)?, Patience::of(&query)?);
        Ok(answer::ok(&Value::array(awaited(&state, &caller, &asked, patience).await?)))
    };
    Answer(handled.await)
}

/// `GET /api/async-await/{id}`
pub async fn await_one(id: web::Path<String>, request: HttpRequest, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let entries = awaited(&state, &caller, &Asked::one(&id), Patience::of(&query)?).await?;
        Ok(answer::ok(&entries.into_iter().next().unwrap_or_default()))
    };
    Answer(handled.await)
}

fn asked_in(body: &Value) -> Result<Asked, Problem> {
    Asked::from_body(&body.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)
}

fn asked_in_query(query: &Value) -> Result<Asked, Problem> {
    Asked::from_query(&query.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)
}

async fn statuses(state: &HttpState, caller: &Caller, asked: Asked) -> Handled {
    Ok(answer::ok(&Value::array(entries(state, caller, &asked).await?)))
}

/// An entry for each id that was asked for, in the same order.
pub async fn entries(state: &HttpState, caller: &Caller, asked: &Asked) -> Result<Vec<Value>, Problem> {
    let ids = asked.parsed();
    let found = if ids.is_empty() { Vec::new() } else { state.engine.read.executions(&ids).await? };
    Ok(in_order(state, caller, asked, &ids, &found))
}

async fn awaited(state: &HttpState, caller: &Caller, asked: &Asked, patience: Patience) -> Result<Vec<Value>, Problem> {
    let ids = asked.parsed();
    let found = match ids.is_empty() {
        true => Vec::new(),
        false => wait(&state.engine, &ids, patience.mode, patience.timeout).await?,
    };
    Ok(in_order(state, caller, asked, &ids, &found))
}

fn in_order(state: &HttpState, caller: &Caller, asked: &Asked, ids: &[ExecutionId], found: &[Option<Execution>]) -> Vec<Value> {
    let known: HashMap<ExecutionId, &Execution> =
        ids.iter().zip(found).filter_map(|(id, execution)| Some((*id, execution.as_ref()?))).collect();
    let entry = |asked: &Value| match parse(asked).and_then(|id| known.get(&id)).filter(|execution| caller.sees(execution)) {
        Some(execution) => status::entry(execution),
        None => state.unknown(asked),
    };
    asked.ids.iter().map(entry).collect()
}

/// How long to wait, and for what.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Patience {
    timeout: Duration,
    mode: WaitMode,
}

impl Patience {
    fn of(words: &Value) -> Result<Self, Problem> {
        let (timeout, mode) = (words.field("timeout"), words.field("mode"));
        let timeout_s = if timeout.is_null() { Some(AWAIT_S_DEFAULT) } else { timeout.as_number() };
        let timeout_s = timeout_s.filter(|timeout_s| AWAIT_S.contains(timeout_s));
        let timeout_s = timeout_s.ok_or_else(|| Problem::invalid("timeout is a number of seconds from 0 to 60"))?;
        let mode = match mode.as_str() {
            Some("all") => WaitMode::All,
            Some("any") => WaitMode::Any,
            None if mode.is_null() => WaitMode::All,
            _ => return Err(Problem::invalid("mode is \"all\" or \"any\"")),
        };
        Ok(Self { timeout: Duration::from_secs_f64(timeout_s), mode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_two_seconds_for_all_unless_said_otherwise() {
        let of = |json: &str| Patience::of(&Value::from_json_text(json).unwrap());
        let plain = of("{}").unwrap();
        assert_eq!((plain.timeout, plain.mode), (Duration::from_secs(2), WaitMode::All));
        assert_eq!(of(r#"{"timeout": 0}"#).unwrap().timeout, Duration::ZERO);
        assert_eq!(of(r#"{"timeout": "1.5"}"#).unwrap().timeout, Duration::from_millis(1500));
        assert_eq!(of(r#"{"mode": "any"}"#).unwrap().mode, WaitMode::Any);
        for odd in [r#"{"timeout": 61}"#, r#"{"timeout": -1}"#, r#"{"timeout": "soon"}"#, r#"{"mode": "some"}"#, r#"{"mode": 1}"#]
        {
            assert_eq!(of(odd).unwrap_err().status(), 400, "{odd}");
        }
    }
}
