//! One function: its outline, how it has been doing, a form to run it, its versions.
//! Never starts anything but through the same door as every caller.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use minijinja::context;

use super::actions::{back_to, check};
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use super::{Board, csrf, diff, form, format, outline, snippets, statistics};
use crate::domain::access_key::Scope;
use crate::domain::callback::CallbackSettings;
use crate::domain::function::{ExecutionMode, FunctionName};
use crate::domain::value::{Object, Value};
use crate::engine::start::{FieldError, StartError, StartRequest, start};
use crate::http::{masked_definition, urlencoded};
use crate::stack::program::FunctionDefinition;

/// Executions that the statistics are made of.
const RUNS: i64 = 500;
/// Versions that the page offers to compare.
const VERSIONS_MAX: usize = 50;

/// What was written into the form, and what was wrong with it.
#[derive(Default)]
struct Filled {
    written: Object,
    errors: Vec<FieldError>,
    refused: Option<String>,
}

/// `GET /ui/functions/{name}`
pub async fn show(visitor: Visitor, name: web::Path<String>, request: HttpRequest, board: web::Data<Board>) -> Shown {
    let query = urlencoded(request.query_string().as_bytes());
    Shown(one(&visitor, &name, &query, Filled::default(), &board).await)
}

/// `POST /ui/functions/{name}/run`
pub async fn run(
    visitor: Visitor,
    name: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        let sent = urlencoded(&body);
        check(&request, &visitor, &sent.field(csrf::FIELD).to_text())?;
        let function = find(&board, &name)?;
        let written = sent.as_object().cloned().unwrap_or_default();
        match begin(&visitor, &request, &function, &written, &board).await {
            Ok(id) => Ok(back_to(&format!("/ui/executions/{id}"))),
            Err(filled) => one(&visitor, &name, &Value::Null, filled, &board).await,
        }
    };
    Shown(done.await)
}

/// `GET /ui/functions/{name}/versions`
pub async fn versions(visitor: Visitor, name: web::Path<String>, request: HttpRequest, board: web::Data<Board>) -> Shown {
    let shown = async {
        let function = find(&board, &name)?;
        let query = urlencoded(request.query_string().as_bytes());
        let mut versions = board.engine.read.function_versions(&function.name).await?;
        versions.truncate(VERSIONS_MAX);
        let chosen = |key: &str, otherwise: usize| {
            let asked = query.field(key).to_text();
            let found = versions.iter().find(|version| *version.version.0 == *asked);
            found.or_else(|| versions.get(otherwise.min(versions.len().saturating_sub(1))))
        };
        let (newer, older) = (chosen("to", 0), chosen("from", 1));
        let lines = match (older, newer) {
            (Some(older), Some(newer)) => diff::of(&older.definition, &newer.definition),
            _ => Vec::new(),
        };
        let name =
            |version: Option<&crate::store::read::survey::StoredVersion>| version.map(|version| version.version.to_string());
        let listed: Vec<_> = versions
            .iter()
            .map(|version| context! { version => version.version.to_string(), created_at => version.created_at.ms() })
            .collect();
        let context = context! {
            now => board.engine.clock.now().ms(),
            name => function.name.to_string(),
            current => function.version.to_string(),
            versions => listed,
            older => name(older),
            newer => name(newer),
            lines => page::value(&lines),
        };
        let title = format!("Versions of {}", function.name);
        Ok(page::show(&visitor, Place { title: &title, nav: "functions" }, "versions.html", context))
    };
    Shown(shown.await)
}

fn find(board: &Board, name: &str) -> Result<Arc<FunctionDefinition>, Trouble> {
    let found = FunctionName::parse(name).ok().and_then(|name| board.engine.functions.current(&name));
    found.ok_or_else(|| Trouble::NotFound(format!("function {name}")))
}

async fn begin(
    visitor: &Visitor,
    request: &HttpRequest,
    function: &FunctionDefinition,
    written: &Object,
    board: &Board,
) -> Result<String, Filled> {
    let refused = |refused: Option<String>, errors| Filled { written: written.clone(), errors, refused };
    if !may_start(visitor, function) {
        return Err(refused(Some("your key may not start this function".to_owned()), Vec::new()));
    }
    let input = form::read(&function.inputs, written).map_err(|errors| refused(None, errors))?;
    let callback = written.get("callback_url").map(Value::to_text).filter(|url| !url.trim().is_empty());
    let root = Value::object([
        ("method", Value::text("POST")),
        ("path", Value::text(format!("/api/{}", function.name))),
        ("query", Value::object::<&str>([])),
        ("headers", Value::object::<&str>([])),
        ("body", input.clone()),
        ("ip", request.peer_addr().map_or(Value::Null, |peer| Value::text(peer.ip().to_canonical().to_string()))),
    ]);
    let asked = StartRequest {
        function: function.name.to_string(),
        from_outside: true,
        input,
        request: root,
        mode: Some(ExecutionMode::Async),
        callback: callback.map(|url| CallbackSettings::to(url.trim())),
        started_by: visitor.caller.name().map(str::to_owned),
        ..StartRequest::default()
    };
    match start(&board.engine, asked).await {
        Ok(accepted) => Ok(accepted.execution.birth.id.to_string()),
        Err(StartError::Inputs(errors)) => Err(refused(None, errors)),
        Err(error) => Err(refused(Some(error.to_string()), Vec::new())),
    }
}

fn may_start(visitor: &Visitor, function: &FunctionDefinition) -> bool {
    visitor.may(Scope::Invoke) && visitor.caller.may_start(&function.name).is_ok()
}

async fn one(visitor: &Visitor, name: &str, query: &Value, filled: Filled, board: &Board) -> Result<HttpResponse, Trouble> {
    let (engine, function) = (&board.engine, find(board, name)?);
    let asked = query.field("version").to_text();
    let (definition, version) = match asked.is_empty() || asked == *function.version.0 {
        true => (Arc::clone(&function.canonical), function.version.clone()),
        false => {
            let version = crate::domain::function::FunctionVersion(asked.as_str().into());
            let stored = engine.read.function_version(&function.name, &version).await?;
            (stored.ok_or_else(|| Trouble::NotFound(format!("version {asked} of {name}")))?, version)
        }
    };
    let shown = masked_definition(&Value::from_json_text(&definition).unwrap_or_default());
    let runs = engine.read.latest_runs(&function.name, RUNS).await?;
    let is_wrong = !filled.errors.is_empty() || filled.refused.is_some();
    let others: Vec<String> = {
        let known = |error: &&FieldError| function.inputs.iter().any(|input| *input.name == *error.field) || error.field == "all";
        filled.errors.iter().filter(|error| !known(error)).map(|error| format!("{} {}", error.field, error.message)).collect()
    };
    let context = context! {
        now => engine.clock.now().ms(),
        name => function.name.to_string(),
        description => function.description.clone().unwrap_or_default(),
        exposed => function.exposed,
        is_async => function.execution_mode == ExecutionMode::Async,
        tags => function.tags.clone(),
        schedules => function.schedules.iter().map(|rule| context! { cron => rule.cron.clone(), zone => rule.timezone.name() }).collect::<Vec<_>>(),
        version => version.to_string(),
        is_current => version == function.version,
        at => outline::place(&query.field("at").to_text()),
        ..context! {
            outline => page::value(&outline::of(&shown)),
            definition => format::json(&shown),
            statistics => page::value(&statistics::of(&runs)),
            fields => page::value(&form::fields(&function.inputs, &filled.written, &filled.errors)),
            callback_url => filled.written.get("callback_url").map(Value::to_text).unwrap_or_default(),
            refused => filled.refused.or_else(|| (!others.is_empty()).then(|| others.join("; "))),
            is_wrong,
            may_start => may_start(visitor, &function),
            curl => snippets::sample_curl(engine, &function),
            n8n => snippets::sample_n8n(engine, &function),
            script => snippets::sample_script(engine, &function),
        }
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let place = Place { title: function.name.as_str(), nav: "functions" };
    Ok(page::show_as(HttpResponseBuilder::new(status), visitor, place, "function.html", context))
}
