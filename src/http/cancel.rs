//! Cancelling, one or many.
//! Never fails as a whole because one of many cannot be cancelled.

use actix_web::{HttpRequest, web};
use futures_util::StreamExt as _;

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::body;
use super::ids::{Asked, parse};
use super::problem::Problem;
use crate::domain::execution::{Execution, State};
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::cancel::{CancelError, cancel};

/// Each may wait for its execution's end, so they do it side by side.
const SIDE_BY_SIDE: usize = 20;

/// `POST /api/async-cancel`
pub async fn of_body(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let asked = Asked::from_body(&body.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
        match &asked.ids[..] {
            [id] if asked.single => one(&state, id).await,
            ids => many(&state, ids).await,
        }
    };
    Answer(handled.await)
}

/// `POST /v1/executions/{id}/cancel`
pub async fn of_path(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    Answer(one(&state, &Value::text(id.as_str())).await)
}

async fn one(state: &HttpState, asked: &Value) -> Handled {
    let Some(id) = parse(asked) else { return Err(Problem::execution_unknown(&state.unknown(asked))) };
    match cancel(&state.engine, id).await {
        Ok(execution) => Ok(answer::ok(&told(&status::entry(&execution), is_cancelled(&execution)))),
        Err(CancelError::NotFound) => Err(Problem::execution_unknown(&state.unknown(asked))),
        Err(error) => Err(error.into()),
    }
}

async fn many(state: &HttpState, ids: &[Value]) -> Handled {
    let entries: Vec<_> =
        futures_util::stream::iter(ids.iter().map(|id| entry(state, id))).buffered(SIDE_BY_SIDE).collect().await;
    Ok(answer::ok(&Value::array(entries.into_iter().collect::<Result<_, _>>()?)))
}

async fn entry(state: &HttpState, asked: &Value) -> Result<Value, Problem> {
    let Some(id) = parse(asked) else { return Ok(told(&state.unknown(asked), false)) };
    match cancel(&state.engine, id).await {
        Ok(execution) => Ok(told(&status::entry(&execution), is_cancelled(&execution))),
        Err(CancelError::NotFound) => Ok(told(&state.unknown(asked), false)),
        Err(CancelError::Terminal(execution, _)) => Ok(told(&status::entry(&execution), false)),
        Err(error @ (CancelError::Store(_) | CancelError::Journal(_))) => Err(error.into()),
    }
}

/// Its end is certain once the mark is durable, even if its owner has not come to it yet.
fn is_cancelled(execution: &Execution) -> bool {
    matches!(execution.state, State::Cancelled | State::Cancelling)
}

fn told(entry: &Value, cancelled: bool) -> Value {
    status::with_fields([], entry, [("cancelled", Value::Bool(cancelled))])
}
