//! `POST /v1/prune`: deletes what is kept no longer, or says what that would be.
//! Never deletes anything that the retention would not.

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::body;
use super::problem::Problem;
use crate::domain::value::Value;
use crate::engine::prune::{preview, prune};
use crate::store::read::ExpiredCount;

/// With `{"dry_run": true}` nothing is deleted.
pub async fn handle(request: HttpRequest, state: web::Data<HttpState>, payload: web::Payload) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let dry_run = match body.field("dry_run") {
            Value::Null => false,
            Value::Bool(dry_run) => dry_run,
            _ => return Err(Problem::invalid("dry_run is true or false".to_owned())),
        };
        let now = state.engine.clock.now();
        let expired = preview(&state.engine, now).await?;
        let (executions, rows) = if dry_run {
            (expired.iter().map(|count| count.executions).sum(), Value::Null)
        } else {
            let removed = prune(&state.engine, now).await?;
            (counted(removed.executions), Value::Int(counted(removed.rows)))
        };
        Ok(answer::ok(&Value::object([
            ("dry_run", Value::Bool(dry_run)),
            ("executions", Value::Int(executions)),
            ("rows", rows),
            ("expired", Value::array(expired.iter().map(shown).collect())),
        ])))
    };
    Answer(handled.await)
}

fn shown(count: &ExpiredCount) -> Value {
    Value::object([
        ("function", Value::text(count.function.as_str())),
        ("state", Value::text(count.state.as_str())),
        ("executions", Value::Int(count.executions)),
    ])
}

fn counted(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
