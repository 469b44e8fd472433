//! Alerts: what a person should know of, and a button that says that somebody has seen it.
//! Never raises or resolves one.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::actions::{Sent, back_to, manages};
use super::format;
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::Scope;
use crate::domain::alert::Alert;
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::alerts;
use crate::http::urlencoded;
use crate::store::read::AlertQuery;

/// Who has seen it, where there are no keys.
const ANYBODY: &str = "local";

/// An alert in one line.
#[derive(Debug, Serialize)]
pub struct AlertRow {
    pub id: i64,
    pub kind: String,
    pub severity: String,
    pub message: String,
    pub function: String,
    pub execution_id: String,
    pub stuck_ms: Option<i64>,
    pub created_at: i64,
    pub resolved_at: Option<i64>,
    pub seen_at: Option<i64>,
    pub seen_by: String,
    pub extra: String,
}

impl AlertRow {
    pub fn of(alert: &Alert) -> Self {
        let new = &alert.alert;
        let has_more = new.extra.as_object().is_some_and(|extra| !extra.fields.is_empty());
        Self {
            id: alert.id,
            kind: new.kind.clone(),
            severity: new.severity.clone(),
            message: new.message.clone().unwrap_or_default(),
            function: new.function_name.clone().unwrap_or_default(),
            execution_id: new.execution_id.map(|id| id.to_string()).unwrap_or_default(),
            stuck_ms: new.stuck_duration.map(ms),
            created_at: new.at.ms(),
            resolved_at: alert.resolved_at.map(Timestamp::ms),
            seen_at: alert.acknowledged.as_ref().map(|seen| seen.at.ms()),
            seen_by: alert.acknowledged.as_ref().map(|seen| seen.by.clone()).unwrap_or_default(),
            extra: if has_more { format::json(&new.extra) } else { String::new() },
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a duration beyond the range is shown as the longest")]
fn ms(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

/// `GET /ui/alerts`
pub async fn show(visitor: Visitor, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &request, &board).await)
}

/// `POST /ui/alerts/{id}/acknowledge`
pub async fn acknowledge(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<String>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let unknown = || Trouble::NotFound(format!("alert {id}"));
        let number: i64 = id.parse().map_err(|_| unknown())?;
        let by = visitor.caller.name().unwrap_or(ANYBODY);
        alerts::acknowledge(&board.engine, number, by).await?.ok_or_else(unknown)?;
        Ok(back_to("/ui/alerts"))
    };
    Shown(done.await)
}

async fn list(visitor: &Visitor, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    let query = urlencoded(request.query_string().as_bytes());
    let all = query.field("all") == Value::text("true");
    let open = (!all).then_some(true);
    let alerts = engine.read.alerts(&AlertQuery { open, limit: PAGE_ITEMS_MAX, ..AlertQuery::default() }).await?;
    let context = context! {
        now => engine.clock.now().ms(),
        rows => page::value(&alerts.iter().map(AlertRow::of).collect::<Vec<_>>()),
        all,
        may_manage => visitor.may(Scope::Manage),
    };
    Ok(page::show(visitor, Place { title: "Alerts", nav: "alerts" }, "alerts.html", context))
}
