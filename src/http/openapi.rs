//! `GET /openapi.json`: every call that this server takes, and every function that it has, in OpenAPI 3.1.
//! Never a route that is not served, and never one that is served and missing here: a test compares both.

mod again;
mod callbacks;
mod executions;
mod kind;
mod managing;
mod operation;
mod per_function;
mod running;
mod schemas;
mod system;

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::HttpState;
use super::answer::Answer;
use crate::stack::program::FunctionDefinition;
use operation::Operation;

/// `GET /openapi.json`
pub async fn serve(state: web::Data<HttpState>) -> Answer {
    let document = document(&state.engine.public_url, &state.engine.functions.all());
    Answer(Ok(HttpResponse::Ok().content_type("application/json").body(document.to_string())))
}

/// The calls that do not depend on which functions there are.
fn operations() -> Vec<Operation> {
    [running::operations(), executions::operations(), again::operations(), managing::operations(), system::operations()].concat()
}

fn document(public_url: &str, functions: &[std::sync::Arc<FunctionDefinition>]) -> Value {
    let mut paths = Map::new();
    let exposed = functions.iter().filter(|function| function.exposed);
    for operation in operations().into_iter().chain(exposed.map(|function| per_function::operation(function))) {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[operation.method.to_ascii_lowercase()] = operation.to_json();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ringback",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A self-hosted engine for async functions: one HTTP call, durable execution, signed callback.",
            "description": "Start a function with one call, get an id at once, and be called back when it is done. \
                Every refusal has one shape, `Problem`, and a page that says what to do.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": public_url, "description": "This server"}],
        "security": [{"key": []}, {}],
        "tags": tags(),
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key of `ringback keys create` or of the configuration. A server without any key asks for none, \
                    and answers only to its own machine.",
            }},
            "schemas": schemas::all(),
        },
        "webhooks": {"message": callbacks::item("receiveMessage")},
    })
}

fn tags() -> Value {
    json!([
        {"name": "functions of this server", "description": "What can be started here."},
        {"name": "running", "description": "Start a function and follow what became of it."},
        {"name": "executions", "description": "Everything about an execution, and what ends or wakes it."},
        {"name": "functions", "description": "Definitions, versions, statistics, deployments."},
        {"name": "schedules", "description": "Cron rules that start functions."},
        {"name": "deliveries", "description": "Messages to callbacks, and where they go."},
        {"name": "tables", "description": "What stacks keep."},
        {"name": "keys", "description": "Who may call, and what was managed."},
        {"name": "system", "description": "How the server is."},
    ])
}

#[cfg(test)]
mod tests;
