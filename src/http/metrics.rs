//! `GET /metrics`: what this node counts and measures, for Prometheus.
//! Never fails because the database is away: that is one of the things to be seen.

use actix_web::{HttpResponse, web};

use super::HttpState;
use super::answer::Answer;
use crate::engine::metrics::Standing;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub async fn handle(state: web::Data<HttpState>) -> Answer {
    let engine = &state.engine;
    let now = engine.clock.now();
    let away = engine.journal.away().is_some();
    // Asking a database that is away would keep the one who looks waiting.
    let due = if away { None } else { engine.read.due(now).await.ok() };
    let (found, due) = (due.is_some(), due.unwrap_or_default());
    let standing = Standing {
        running: engine.slots.running(),
        slots: engine.slots.all(),
        due_executions: due.executions,
        oldest_due_ms: due.oldest_execution.map_or(0, |oldest| now.since_ms(oldest).max(0)),
        due_deliveries: due.deliveries,
        lag_ms: engine.journal.lag_ms(),
        waiting_entries: engine.journal.waiting(),
        storage_available: found,
        breakers_open: engine.breakers.open().len(),
        statements: engine.read.statements(),
    };
    Answer(Ok(HttpResponse::Ok().content_type(TEXT).body(engine.metrics().render(&standing))))
}
