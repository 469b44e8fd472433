//! `GET /v1/functions`: what can be started.
//! Never shows a function's callback, which may hold a secret.

use actix_web::web;

use super::HttpState;
use super::answer::{self, Answer};
use crate::domain::function::{ExecutionMode, FunctionName};
use crate::domain::value::Value;
use crate::engine::start::StartError;
use crate::stack::program::InputKind;

/// `GET /v1/functions`
pub async fn list(state: web::Data<HttpState>) -> Answer {
    let mut functions = state.engine.functions.all();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    let items = functions.iter().map(|function| {
        Value::object([
            ("name", Value::text(function.name.as_str())),
            ("version", Value::Text(function.version.0.clone())),
            ("description", function.description.as_deref().map_or(Value::Null, Value::text)),
            ("tags", Value::array(function.tags.iter().map(|tag| Value::text(tag.as_str())).collect())),
            ("exposed", Value::Bool(function.exposed)),
            ("execution_mode", mode(function.execution_mode)),
            ("url", Value::text(format!("{}/api/{}", state.engine.public_url, function.name))),
        ])
    });
    Answer(Ok(answer::list(items.collect(), None)))
}

/// `GET /v1/functions/{name}`
pub async fn one(name: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let functions = &state.engine.functions;
    let Some(function) = FunctionName::parse(&name).ok().and_then(|name| functions.current(&name)) else {
        let near = functions.near(&name);
        return Answer(Err(StartError::FunctionUnknown { name: name.into_inner(), near }.into()));
    };
    let inputs = function.inputs.iter().map(|input| {
        let kind = format!("{}{}", kind(input.kind), if input.list { "[]" } else { "" });
        Value::object([
            ("name", Value::Text(input.name.clone())),
            ("type", Value::text(kind)),
            ("required", Value::Bool(input.required)),
            ("default", input.default.clone().unwrap_or_default()),
            ("choices", Value::array(input.choices.clone())),
            ("description", input.description.as_deref().map_or(Value::Null, Value::text)),
        ])
    });
    let schedules = function.schedules.iter().map(|schedule| {
        Value::object([("cron", Value::text(schedule.cron.as_str())), ("timezone", Value::text(schedule.timezone.name()))])
    });
    Answer(Ok(answer::ok(&Value::object([
        ("name", Value::text(function.name.as_str())),
        ("version", Value::Text(function.version.0.clone())),
        ("description", function.description.as_deref().map_or(Value::Null, Value::text)),
        ("tags", Value::array(function.tags.iter().map(|tag| Value::text(tag.as_str())).collect())),
        ("exposed", Value::Bool(function.exposed)),
        ("execution_mode", mode(function.execution_mode)),
        ("priority", Value::Int(function.priority.into())),
        ("inputs", Value::array(inputs.collect())),
        ("schedules", Value::array(schedules.collect())),
        ("url", Value::text(format!("{}/api/{}", state.engine.public_url, function.name))),
    ]))))
}

fn mode(mode: ExecutionMode) -> Value {
    Value::text(if mode == ExecutionMode::Async { "async" } else { "sync" })
}

/// The type as a stack's file spells it.
fn kind(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Text => "text",
        InputKind::Int => "int",
        InputKind::Decimal => "decimal",
        InputKind::Bool => "bool",
        InputKind::Timestamp => "timestamp",
        InputKind::Email => "email",
        InputKind::Uuid => "uuid",
        InputKind::Object => "object",
        InputKind::Array => "array",
        InputKind::Json => "json",
        InputKind::Enum => "enum",
    }
}
