//! The calls about the server itself.
//! Never anything of a function or an execution.

use serde_json::{Value, json};

use super::super::code;
use super::kind::{answered, asked};
use super::operation::{Operation, call};

const TAG: &str = "system";

pub fn operations() -> Vec<Operation> {
    let status = || answered(&[("status", "text", "")]);
    let text = || json!({"type": "string"});
    vec![
        call("GET", "/healthz", "alive", TAG, "Whether the process lives").open().answer(200, "It does.", status()),
        call("GET", "/readyz", "ready", TAG, "Whether the server can take calls").about("503 says why it cannot.").answer(
            200,
            "It can.",
            answered(&[("status", "text", ""), ("lag_ms", "int", "How long the oldest entry waits to become durable.")]),
        ),
        call("GET", "/problems/{code}", "problem", TAG, "What a problem means and what to do")
            .open()
            .answer_as(200, "The page, as Markdown, or as HTML for a browser.", "text/markdown", text())
            .problem(&code::ROUTE_UNKNOWN),
        call("GET", "/.well-known/ringback/webhook-keys.json", "publicKeys", TAG, "The public keys of asymmetric signatures")
            .open()
            .answer(200, "Empty unless the server signs so.", answered(&[("keys", "[@PublicKey]", "")])),
        call("POST", "/v1/webhook-secret/rotate", "rotateSecret", TAG, "Make a new secret for signatures")
            .about("Messages are signed with the old one, too, for a while.")
            .answer(
                200,
                "The new secret, this once.",
                answered(&[("secret", "text?", ""), ("public_key", "text?", ""), ("former_signs_until", "instant", "")]),
            )
            .problem(&code::SECRET_CONFIGURED),
        call("GET", "/metrics", "metrics", TAG, "What this node counts and measures, for Prometheus").answer_as(
            200,
            "The text format of Prometheus.",
            "text/plain",
            text(),
        ),
        call("POST", "/v1/prune", "prune", TAG, "Delete what is kept no longer")
            .about("The server does so by itself, too.")
            .body(asked(&[("dry_run", "bool?", "Only say what would be deleted.")], &[], true), false)
            .answer(200, "What was deleted, or would be.", pruned()),
        call("GET", "/openapi.json", "openapi", TAG, "This document").answer(200, "OpenAPI 3.1.", json!({"type": "object"})),
        call("GET", "/docs", "docs", TAG, "This document for people").open().answer_as(200, "A page.", "text/html", text()),
        call("GET", "/docs/{file}", "docsFile", TAG, "What that page needs")
            .open()
            .answer_as(200, "A script or a style sheet.", "*/*", text())
            .problem(&code::ROUTE_UNKNOWN),
        call("GET", "/schema/function.json", "functionSchema", TAG, "The JSON Schema of a function's file, for editors")
            .open()
            .answer_as(200, "JSON Schema.", "application/schema+json", json!({"type": "object"})),
    ]
}

fn pruned() -> Value {
    let mut pruned = answered(&[
        ("dry_run", "bool", ""),
        ("executions", "int", "How many executions."),
        ("rows", "int?", "How many rows in all; null for a dry run."),
        ("expired", "any", "What had expired, by function and state."),
    ]);
    let count = answered(&[("function", "text", ""), ("state", "@State", ""), ("executions", "int", "")]);
    pruned["properties"]["expired"]["type"] = json!("array");
    pruned["properties"]["expired"]["items"] = count;
    pruned
}
