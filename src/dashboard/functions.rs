//! The list of functions.
//! Never shows a function's callback, which may hold a secret.

use actix_web::web;
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::page::{self, Place};
use super::trouble::Shown;
use super::visitor::Visitor;
use crate::domain::function::ExecutionMode;
use crate::stack::program::FunctionDefinition;

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    version: String,
    description: String,
    is_async: bool,
    exposed: bool,
    tags: Vec<String>,
    schedules: Vec<String>,
    inputs: Vec<String>,
}

impl Row {
    fn of(function: &FunctionDefinition) -> Self {
        Self {
            name: function.name.to_string(),
            version: function.version.to_string(),
            description: function.description.clone().unwrap_or_default(),
            is_async: function.execution_mode == ExecutionMode::Async,
            exposed: function.exposed,
            tags: function.tags.clone(),
            schedules: function.schedules.iter().map(|schedule| schedule.cron.clone()).collect(),
            inputs: function.inputs.iter().map(|input| input.name.to_string()).collect(),
        }
    }
}

/// `GET /ui/functions`
pub async fn show(visitor: Visitor, board: web::Data<Board>) -> Shown {
    let functions = board.engine.functions.all();
    let rows: Vec<Row> = functions.iter().map(|function| Row::of(function)).collect();
    let place = Place { title: "Functions", nav: "functions" };
    Shown(Ok(page::show(&visitor, place, "functions.html", context! { rows => page::value(&rows) })))
}
