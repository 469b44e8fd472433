//! The first page: how everything stands.
//! Never counts what it can ask for as a number.

use actix_web::web;
use minijinja::context;

use super::alerts::AlertRow;
use super::executions::Row;
use super::page::{self, Place};
use super::pulse::{DAY, HOUR};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use super::{Board, plot};
use crate::domain::execution::State;
use crate::store::read::{AlertQuery, ExecutionQuery};

/// Executions and alerts that the page shows.
const SHOWN: i64 = 8;

/// `GET /ui`
pub async fn show(visitor: Visitor, board: web::Data<Board>) -> Shown {
    Shown(overview(&visitor, &board).await)
}

async fn overview(visitor: &Visitor, board: &Board) -> Result<actix_web::HttpResponse, Trouble> {
    let engine = &board.engine;
    let numbers = board.pulse.numbers(engine).await?;
    let alerts = engine.read.alerts(&AlertQuery { open: Some(true), limit: SHOWN, ..AlertQuery::default() }).await?;
    let latest = ExecutionQuery { limit: SHOWN, ..ExecutionQuery::default() };
    let latest = engine.read.list_executions(&latest).await?;
    let now = engine.clock.now();
    let tiles = [
        ("Running", numbers.open(&[State::Running, State::Cancelling]), "running", "/ui/executions?state=running"),
        ("Queued", numbers.open(&[State::Queued]), "queued", "/ui/executions?state=queued"),
        ("Waiting", numbers.open(&[State::Waiting, State::Retrying]), "waiting", "/ui/executions?state=waiting,retrying"),
        ("Failed today", numbers.ended(&[State::Failed, State::TimedOut]), "failed", "/ui/executions?state=failed,timed_out"),
        ("Callbacks due", numbers.deliveries.pending, "due", "/ui/deliveries?state=pending"),
        ("Callbacks dead", numbers.deliveries.dead, "dead", "/ui/deliveries?state=dead"),
    ];
    let tiles: Vec<_> = tiles
        .iter()
        .map(|(label, count, kind, link)| context! { label => *label, count => *count, kind => *kind, link => *link, loud => *count > 0 && matches!(*kind, "failed" | "dead") })
        .collect();
    let context = context! {
        now => now.ms(),
        tiles,
        completed => numbers.ended(&[State::Completed]),
        hour => page::value(&plot::bars(&numbers.hour, HOUR, HOUR.from(numbers.at))),
        day => page::value(&plot::bars(&numbers.day, DAY, DAY.from(numbers.at))),
        alerts => page::value(&alerts.iter().map(AlertRow::of).collect::<Vec<_>>()),
        rows => page::value(&latest.iter().map(|execution| Row::of(execution, now)).collect::<Vec<_>>()),
    };
    Ok(page::show(visitor, Place { title: "Overview", nav: "overview" }, "overview.html", context))
}
