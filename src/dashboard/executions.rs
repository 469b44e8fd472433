//! The list of executions: filters, search, pages.
//! Never more rows than one page.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::format;
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::execution::{Execution, State};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value};
use crate::http::{execution_query, urlencoded};

/// Characters of an error or of progress that a row shows.
const CELL_CHARS_MAX: usize = 90;
const PAGE_ITEMS: i64 = 50;
const FILTERS: [&str; 6] = ["q", "function", "state", "tag", "error_code", "parent"];
/// The filters by state that the page offers.
const STATES: [(&str, &str); 8] = [
    ("running,cancelling", "running"),
    ("queued", "queued"),
    ("waiting,retrying", "waiting"),
    ("completed", "completed"),
    ("failed", "failed"),
    ("timed_out", "timed out"),
    ("cancelled", "cancelled"),
    ("failed,timed_out,cancelled", "not completed"),
];

/// An execution in one line.
#[derive(Debug, Serialize)]
pub struct Row {
    pub id: String,
    pub function: String,
    pub state: &'static str,
    pub created_at: i64,
    /// Since it began, or until it ended.
    pub ran_ms: Option<i64>,
    pub attempt: u32,
    pub tags: Vec<String>,
    /// What is to be said of it: its error, its progress, what it waits for.
    pub note: String,
    pub percent: Option<f64>,
}

impl Row {
    pub fn of(execution: &Execution, now: Timestamp) -> Self {
        let birth = &execution.birth;
        Self {
            id: birth.id.to_string(),
            function: birth.function.to_string(),
            state: execution.state.as_str(),
            created_at: birth.created_at.ms(),
            ran_ms: execution.started_at.map(|at| execution.completed_at.unwrap_or(now).since_ms(at)),
            attempt: execution.attempt,
            tags: birth.tags.clone(),
            note: note(execution),
            percent: percent(execution),
        }
    }
}

/// How far it says that it is, if it says it as a number.
pub fn percent(execution: &Execution) -> Option<f64> {
    let progress = &execution.progress;
    let percent = if progress.as_object().is_some() { progress.field("percent") } else { progress.clone() };
    percent.as_number().filter(|percent| (0.0..=100.0).contains(percent) && !execution.state.is_terminal())
}

fn note(execution: &Execution) -> String {
    if let Some(failure) = &execution.failure {
        return format::cut(&failure.message, CELL_CHARS_MAX);
    }
    if let Some(waiting) = execution.waiting_for.as_ref().filter(|_| !execution.state.is_terminal()) {
        return format!("waits for {}", waits_for(&waiting.what));
    }
    match (execution.state, execution.progress.field("message")) {
        (state, Value::Text(message)) if !state.is_terminal() => format::cut(&message, CELL_CHARS_MAX),
        _ => String::new(),
    }
}

/// What is waited for, in words.
pub fn waits_for(what: &str) -> &str {
    match what {
        "slot" => "a free slot",
        "timer" => "a time",
        "retry" => "another attempt",
        "executions" => "other executions",
        "event" => "an event",
        other => other,
    }
}

/// `GET /ui/executions`
pub async fn show(visitor: Visitor, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &request, &board).await)
}

async fn list(visitor: &Visitor, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    let asked = urlencoded(request.query_string().as_bytes());
    let asked = asked.as_object().cloned().unwrap_or_default();
    let (rows, next, wrong): (Vec<Row>, _, _) = match execution_query::read(&asked) {
        Ok(None) => (Vec::new(), None, None),
        Err(wrong) => (Vec::new(), None, Some(wrong)),
        Ok(Some(mut query)) => {
            query.limit = PAGE_ITEMS + 1;
            let mut found = engine.read.list_executions(&query).await?;
            let more = found.len() > usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX);
            found.truncate(usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX));
            let next = found.last().filter(|_| more).map(|last| address(&asked, Some(&last.birth.id.to_string())));
            let now = engine.clock.now();
            (found.iter().map(|execution| Row::of(execution, now)).collect(), next, None)
        }
    };
    let filter = |name: &str| asked.get(name).map(Value::to_text).unwrap_or_default();
    let functions: Vec<String> = engine.functions.all().iter().map(|function| function.name.to_string()).collect();
    let context = context! {
        now => engine.clock.now().ms(),
        rows => page::value(&rows),
        next,
        wrong,
        first => asked.get("cursor").is_none(),
        newest => address(&asked, None),
        filtered => FILTERS.iter().any(|name| !filter(name).is_empty()),
        q => filter("q"),
        function => filter("function"),
        state => filter("state"),
        tag => filter("tag"),
        error_code => filter("error_code"),
        parent => filter("parent"),
        functions,
        states => STATES.map(|(value, label)| context! { value, label }).to_vec(),
    };
    Ok(page::show(visitor, Place { title: "Executions", nav: "executions" }, "executions.html", context))
}

/// The address of a list with these filters, from this place on.
fn address(asked: &Object, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in FILTERS {
        let text = asked.get(name).map(Value::to_text).unwrap_or_default();
        if !text.is_empty() {
            query.append_pair(name, &text);
        }
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    format!("/ui/executions?{}", query.finish())
}

/// Whether an execution can still be cancelled.
pub fn is_open(state: State) -> bool {
    !state.is_terminal() && state != State::Cancelling
}
