//! `/healthz` and `/readyz`: whether the process lives, and whether it can take calls.
//! Never asks the database whether the process lives.

use actix_web::web;

use super::HttpState;
use super::answer::{self, Answer};
use super::problem::Problem;
use crate::domain::value::Value;

pub async fn alive() -> Answer {
    Answer(Ok(answer::ok(&Value::object([("status", Value::text("ok"))]))))
}

pub async fn ready(state: web::Data<HttpState>) -> Answer {
    let handled = async {
        if let Some(reason) = state.engine.journal.away() {
            return Err(Problem::unavailable(format!("the database is away: {reason}")));
        }
        state.engine.read.ping().await?;
        Ok(answer::ok(&Value::object([("status", Value::text("ready"))])))
    };
    Answer(handled.await)
}
