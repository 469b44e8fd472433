//! `/healthz` and `/readyz`: whether the process lives, and whether it can take calls.
//! Never asks the database whether the process lives.

use actix_web::web;

use super::HttpState;
use super::answer::{self, Answer};
use super::problem::Problem;
use crate::domain::value::Value;
use crate::engine::node::holds_lease;

pub async fn alive() -> Answer {
    Answer(Ok(answer::ok(&Value::object([("status", Value::text("ok"))]))))
}

/// Ready means: what is accepted now becomes durable, and this node may work on it.
pub async fn ready(state: web::Data<HttpState>) -> Answer {
    let engine = &state.engine;
    let mut reasons = Vec::new();
    if let Some(reason) = engine.journal.away() {
        reasons.push(format!("the database is away: {reason}"));
    } else if let Err(error) = engine.read.ping().await {
        reasons.push(error.to_string());
    }
    if !holds_lease(engine) {
        reasons.push("the lease of this node has run out".to_owned());
    }
    let lag_ms = engine.journal.lag_ms();
    if lag_ms >= engine.config.monitor.storage_lag_after_ms {
        reasons.push(format!("an entry has waited {lag_ms} ms to become durable"));
    }
    if !reasons.is_empty() {
        return Answer(Err(Problem::unavailable(reasons.join("; "))));
    }
    Answer(Ok(answer::ok(&Value::object([("status", Value::text("ready")), ("lag_ms", Value::Int(lag_ms))]))))
}
