//! One execution: its timeline, what went in and came out, its log, its error, its messages.
//! Never shows a callback's secret, headers or query.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::deliveries::DeliveryRow;
use super::executions::{self, Row};
use super::format;
use super::page::{self, Place};
use super::snippets;
use super::timeline::{self, Scale};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::Scope;
use crate::domain::callback::redacted_url;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::{Engine, resume};
use crate::http::{events_path, urlencoded};
use crate::store::read::{ExecutionQuery, StepRecord};

/// Steps that one page shows.
const STEPS_PER_PAGE: i64 = 300;
/// Children that the page shows.
const CHILDREN: i64 = 50;

/// A line of the execution's log.
#[derive(Debug, Serialize)]
struct LogLine {
    at: i64,
    level: String,
    message: String,
    data: String,
}

/// `GET /ui/executions/{id}`
pub async fn show(visitor: Visitor, id: web::Path<String>, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(one(&visitor, &id, &request, &board).await)
}

/// The execution that a path names.
///
/// # Errors
/// There is none, or the store does not say.
pub async fn find(engine: &Engine, id: &str) -> Result<Execution, Trouble> {
    let found = match ExecutionId::parse(id) {
        Some(id) => engine.read.executions(&[id]).await?.into_iter().next().flatten(),
        None => None,
    };
    found.ok_or_else(|| Trouble::NotFound(format!("execution {id}, or it is not kept any longer")))
}

async fn one(visitor: &Visitor, id: &str, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    let execution = find(engine, id).await?;
    let (birth, now) = (&execution.birth, engine.clock.now());
    let after = urlencoded(request.query_string().as_bytes()).field("after").as_integer().unwrap_or(0);
    let numbered = engine.read.steps_after(birth.id, after, STEPS_PER_PAGE).await?;
    let is_full = i64::try_from(numbered.len()).is_ok_and(|count| count >= STEPS_PER_PAGE);
    let next_steps = numbered.last().filter(|_| is_full).map(|(seq, _)| *seq);
    let steps: Vec<StepRecord> = numbered.into_iter().map(|(_, step)| step).collect();
    let children = ExecutionQuery { parent: Some(birth.id), limit: CHILDREN, ..ExecutionQuery::default() };
    let mut children = engine.read.list_executions(&children).await?;
    children.reverse();
    let deliveries = engine.read.deliveries(birth.id).await?;
    let scale = Scale::of(&execution, now);
    let child = |child: &Execution| {
        let ended = child.completed_at.unwrap_or(now);
        context! { row => page::value(&Row::of(child, now)), bar => page::value(&scale.bar(child.birth.created_at, ended)) }
    };
    let context = context! {
        now => now.ms(),
        ..context! {
            row => page::value(&Row::of(&execution, now)),
            facts => facts(&execution, engine),
            error => execution.failure.as_ref().map(|failure| error(failure, &execution)),
            nodes => page::value(&timeline::of(&execution, &steps, scale, now)),
            after,
            next_steps,
            children => children.iter().map(child).collect::<Vec<_>>(),
            deliveries => page::value(&deliveries.iter().map(|delivery| DeliveryRow::of(delivery, now)).collect::<Vec<_>>()),
            logs => page::value(&steps.iter().flat_map(logged).collect::<Vec<_>>()),
            open => executions::is_open(execution.state) && visitor.caller.steers(&execution),
            ended => execution.state.is_terminal(),
            resumable => resume::check(&execution).is_ok(),
            events => events_path(engine, birth.id),
            may_manage => visitor.may(Scope::Manage),
            curl => snippets::curl_of(engine, &execution),
            input => format::json(&Value::from_stored_text(&birth.input).unwrap_or_default()),
            output => format::json(&execution.output),
            progress => format::json(&execution.progress),
            metadata => format::json(&birth.metadata),
            request => format::json(&request_shown(&execution)),
        }
    };
    let title = format!("{} {}", birth.function, format::short_id(&birth.id.to_string()));
    Ok(page::show(visitor, Place { title: &title, nav: "executions" }, "execution.html", context))
}

/// What is to be known of it at a glance.
fn facts(execution: &Execution, engine: &Engine) -> minijinja::Value {
    let (birth, now) = (&execution.birth, engine.clock.now());
    let max_attempts = birth.config.retry.max_retries + 1;
    let waiting = execution.waiting_for.as_ref().filter(|_| !execution.state.is_terminal());
    context! {
        version => birth.version.to_string(),
        created_at => birth.created_at.ms(),
        started_at => execution.started_at.map(Timestamp::ms),
        completed_at => execution.completed_at.map(Timestamp::ms),
        queued_ms => execution.started_at.map(|at| at.since_ms(birth.created_at)),
        deadline_at => execution.deadline_at.filter(|_| !execution.state.is_terminal()).map(Timestamp::ms),
        max_attempts,
        waits_for => waiting.map(|waiting| executions::waits_for(&waiting.what).to_owned()),
        waits_since => waiting.map(|waiting| waiting.since.ms()),
        waits_until => waiting.and_then(|waiting| waiting.until).map(Timestamp::ms),
        waited_ms => waiting.map(|waiting| now.since_ms(waiting.since)),
        priority => birth.priority,
        parent => birth.parent.map(|parent| parent.to_string()),
        rerun_of => birth.rerun_of.map(|first| first.to_string()),
        started_by => birth.started_by.clone(),
        callback => birth.callback.as_ref().map(|callback| redacted_url(&callback.url)),
        output_status => execution.response.status,
        progress_words => execution.progress.field("message").as_str().map(str::to_owned),
    }
}

fn error(failure: &Failure, execution: &Execution) -> minijinja::Value {
    let whole = failure.to_value();
    let text = |name: &str| whole.field(name).as_str().map(str::to_owned).unwrap_or_default();
    let place = text("step");
    context! {
        code => failure.code.as_str(),
        message => failure.message.clone(),
        name => text("name"),
        trace => text("stack"),
        payload => format::json(&failure.payload),
        link => format!(
            "/ui/functions/{}?version={}&at={}",
            execution.birth.function,
            execution.birth.version,
            url::form_urlencoded::byte_serialize(place.as_bytes()).collect::<String>()
        ),
        place,
    }
}

fn logged(step: &StepRecord) -> Vec<LogLine> {
    let line = |line: &Value| LogLine {
        at: step.ended_at.ms(),
        level: line.field("level").as_str().unwrap_or("info").to_owned(),
        message: line.field("message").to_text(),
        data: format::json(&line.field("data")),
    };
    crate::http::logged(step).iter().map(line).collect()
}

/// The request less what the input shows already.
fn request_shown(execution: &Execution) -> Value {
    let request = execution.birth.request.as_ref().and_then(|text| Value::from_stored_text(text).ok()).unwrap_or_default();
    let Some(object) = request.as_object() else { return Value::Null };
    Value::object(object.fields.iter().filter(|(name, _)| &***name != "body").map(|(name, value)| (name.clone(), value.clone())))
}
