//! Cancelling, one or many.
//! Never fails as a whole because one of many cannot be cancelled.

use actix_web::{HttpRequest, web};
use futures_util::StreamExt as _;

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::body;
use super::caller::Caller;
use super::executions::steers;
use super::ids::{Asked, parse};
use super::problem::Problem;
use crate::domain::execution::{Execution, State};
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::cancel::{CancelError, cancel};

/// Each may wait for its execution's end, so they do it side by side.
const SIDE_BY_SIDE: usize = 20;

/// `POST /api/async-cancel`
pub async fn of_body(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let asked = Asked::from_body(&body.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
        match &asked.ids[..] {
            [id] if asked.single => one(&state, &caller, id).await,
            ids => many(&state, &caller, ids).await,
        }
    };
    Answer(handled.await)
}

/// `POST /v1/executions/{id}/cancel`
pub async fn of_path(id: web::Path<String>, state: web::Data<HttpState>, caller: Caller) -> Answer {
    Answer(one(&state, &caller, &Value::text(id.as_str())).await)
}

async fn one(state: &HttpState, caller: &Caller, asked: &Value) -> Handled {
    let Some(id) = parse(asked) else { return Err(Problem::execution_unknown(&state.unknown(asked))) };
    match cancel_for(state, caller, id).await {
        Ok(execution) => Ok(answer::ok(&told(&status::entry(&execution), is_cancelled(&execution)))),
        Err(CancelError::NotFound) => Err(Problem::execution_unknown(&state.unknown(asked))),
        Err(error) => Err(error.into()),
    }
}

async fn many(state: &HttpState, caller: &Caller, ids: &[Value]) -> Handled {
    let entries: Vec<_> =
        futures_util::stream::iter(ids.iter().map(|id| entry(state, caller, id))).buffered(SIDE_BY_SIDE).collect().await;
    Ok(answer::ok(&Value::array(entries.into_iter().collect::<Result<_, _>>()?)))
}

async fn entry(state: &HttpState, caller: &Caller, asked: &Value) -> Result<Value, Problem> {
    let Some(id) = parse(asked) else { return Ok(told(&state.unknown(asked), false)) };
    match cancel_for(state, caller, id).await {
        Ok(execution) => Ok(told(&status::entry(&execution), is_cancelled(&execution))),
        Err(CancelError::NotFound) => Ok(told(&state.unknown(asked), false)),
        Err(CancelError::Terminal(execution, _)) => Ok(told(&status::entry(&execution), false)),
        Err(error @ (CancelError::Store(_) | CancelError::Journal(_))) => Err(error.into()),
    }
}

/// Cancels what the caller may steer; everything else does not exist for him.
async fn cancel_for(state: &HttpState, caller: &Caller, id: ExecutionId) -> Result<Execution, CancelError> {
    if steers(state, caller, id).await? { cancel(&state.engine, id).await } else { Err(CancelError::NotFound) }
}

/// Its end is certain once the mark is durable, even if its owner has not come to it yet.
fn is_cancelled(execution: &Execution) -> bool {
    matches!(execution.state, State::Cancelled | State::Cancelling)
}

fn told(entry: &Value, cancelled: bool) -> Value {
    status::with_fields([], entry, [("cancelled", Value::Bool(cancelled))])
}
