//! Schedules: what starts when, what became of the last times, and buttons to pause, resume and start now.
//! Never changes a rule; that is for the function's file or the API.

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
use crate::domain::ids::ScheduleId;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::engine::schedule::{self, ScheduleError};

/// Next and past times of one schedule that the page shows.
const NEXT_SHOWN: usize = 5;
const FIRINGS_SHOWN: i64 = 5;
/// Schedules of which the past times are shown; each asks the store once.
const WITH_FIRINGS_MAX: usize = 50;

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    function: String,
    cron: String,
    zone: &'static str,
    description: String,
    origin: &'static str,
    paused: bool,
    next: Vec<i64>,
    input: String,
    firings: Vec<FiringRow>,
}

#[derive(Debug, Serialize)]
struct FiringRow {
    due_at: i64,
    outcome: &'static str,
    execution: String,
    detail: String,
}

impl Row {
    fn of(schedule: &Schedule, firings: &[Firing], now: Timestamp) -> Self {
        let next = schedule::upcoming(schedule, now, NEXT_SHOWN);
        Self {
            id: schedule.id.to_string(),
            function: schedule.function.to_string(),
            cron: schedule.rule.cron.clone(),
            zone: schedule.rule.timezone.name(),
            description: schedule.rule.description.clone().unwrap_or_default(),
            origin: schedule.origin.as_str(),
            paused: schedule.paused,
            next: next.into_iter().map(Timestamp::ms).collect(),
            input: format::json(&schedule.rule.input),
            firings: firings.iter().map(FiringRow::of).collect(),
        }
    }
}

impl FiringRow {
    fn of(firing: &Firing) -> Self {
        Self {
            due_at: firing.due_at.ms(),
            outcome: firing.outcome.as_str(),
            execution: firing.execution.map(|id| id.to_string()).unwrap_or_default(),
            detail: firing.detail.clone().unwrap_or_default(),
        }
    }
}

/// `GET /ui/schedules`
pub async fn show(visitor: Visitor, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &board).await)
}

async fn list(visitor: &Visitor, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    let now = engine.clock.now();
    let mut rows = Vec::new();
    for schedule in engine.read.schedules(None).await? {
        let firings = match rows.len() < WITH_FIRINGS_MAX {
            true => engine.read.firings(schedule.id, FIRINGS_SHOWN).await?,
            false => Vec::new(),
        };
        rows.push(Row::of(&schedule, &firings, now));
    }
    let context = context! { now => now.ms(), rows => page::value(&rows), may_manage => visitor.may(Scope::Manage) };
    Ok(page::show(visitor, Place { title: "Schedules", nav: "schedules" }, "schedules.html", context))
}

/// `POST /ui/schedules/{id}/{verb}`
pub async fn act(
    visitor: Visitor,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let id = ScheduleId::parse(&path.0).ok_or_else(|| Trouble::NotFound(format!("schedule {}", path.0)))?;
        let engine = &board.engine;
        match path.1.as_str() {
            "pause" => schedule::set_paused(engine, id, true).await.map(drop)?,
            "resume" => schedule::set_paused(engine, id, false).await.map(drop)?,
            "run" => {
                let accepted = schedule::run_now(engine, id).await?;
                return Ok(back_to(&format!("/ui/executions/{}", accepted.execution.birth.id)));
            }
            other => return Err(Trouble::NotFound(format!("button {other}"))),
        }
        Ok(back_to("/ui/schedules"))
    };
    Shown(done.await)
}

impl From<ScheduleError> for Trouble {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::NotFound => Self::NotFound("schedule like that".to_owned()),
            ScheduleError::Store(error) => Self::Store(error),
            other => Self::Conflict(other.to_string()),
        }
    }
}
