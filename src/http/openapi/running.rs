//! The calls of the guide: starting, status, await, cancel; and events that come in.
//! Never a function of this server; those are `per_function`'s.

use serde_json::{Value, json};

use super::super::code;
use super::kind::schema;
use super::operation::{Operation, call};

const TAG: &str = "running";

pub fn operations() -> Vec<Operation> {
    [starting(), asking(), events_in()].concat()
}

/// What a start may be refused with, and the answers that every start has.
pub fn as_start(operation: Operation) -> Operation {
    operation
        .query_schema("async", json!({"type": "boolean"}), "Whether to be answered 202 at once; the body's word wins.")
        .header("Prefer", "`respond-async`, or `wait=N`: seconds to wait before the answer is 202 (30, at most 300).")
        .header("Idempotency-Key", "The same key with the same call is the same execution, for 24 hours.")
        .own_answers()
        .answer(202, "Accepted, and durable: it will end, and be told if somebody is to be called back.", schema("@Accepted"))
        .answer_header(202, "Location", "Where its status is.")
        .answer_header(202, "Preference-Applied", "`respond-async`.")
        .answer_header(202, "X-Execution-Id", "The execution.")
        .answer_header(202, "Idempotent-Replayed", "`true` if the same call had been accepted before.")
        .problem(&code::CONTRADICTORY_WORDS)
        .problem_as(404, &code::FUNCTION_UNKNOWN)
        .problem(&code::INPUT)
        .problem(&code::ADDRESS_REFUSED)
        .problem(&code::IDEMPOTENCY_MISMATCH)
        .problem_as(422, &code::INVALID_REQUEST)
        .problem(&code::QUEUE_FULL)
        .problem(&code::TIMEOUT)
        .calls_back()
}

fn starting() -> Vec<Operation> {
    vec![as_start(
        call("POST", "/api/{function}", "startFunction", TAG, "Start a function")
            .about(
                "The body is the function's input, less the control words. With `async` or a `callback_url` the answer is 202 as \
                 soon as the execution is durable; otherwise it is what the function answers. Functions in groups have a `/` in \
                 their names. Forms and `multipart/form-data` are read as well.",
            )
            .body(json!({"allOf": [schema("@StartWords"), {"type": "object", "additionalProperties": true}]}), false),
    )]
}

fn ids() -> Value {
    let list = json!({"type": "array", "minItems": 1, "maxItems": 100, "items": {"description": "An id; what is none is answered as unknown."}});
    let either = json!({"oneOf": [list, {"type": ["string", "null"]}]});
    json!({
        "type": "object",
        "properties": {
            "execution_ids": either,
            "execution_id": {"description": "Another spelling for one; also one that is unknown or none is answered."},
        },
        "anyOf": [{"required": ["execution_ids"]}, {"required": ["execution_id"]}],
    })
}

fn awaited() -> Value {
    let mut body = ids();
    body["properties"]["timeout"] =
        json!({"type": ["number", "null"], "minimum": 0, "maximum": 60, "default": 2, "description": "Seconds to wait at most."});
    body["properties"]["mode"] = json!({"type": ["string", "null"], "enum": ["all", "any", null], "default": "all", "description": "Whether all have to have ended, or one."});
    body
}

fn asking() -> Vec<Operation> {
    let timeout = || json!({"type": "number", "minimum": 0, "maximum": 60, "default": 2});
    let mode = || json!({"type": "string", "enum": ["all", "any"], "default": "all"});
    let entries = || schema("[@Entry]");
    let about_ids = "Ids with commas between them, at most 100.";
    vec![
        call("POST", "/api/async-status", "statuses", TAG, "How executions stand")
            .about("A bare list, in the order and length of what was asked, also for ids that are unknown or none.")
            .body(ids(), true)
            .answer(200, "An entry for each id.", entries()),
        call("GET", "/api/async-status", "statusesByQuery", TAG, "How executions stand")
            .needs_query("execution_ids", about_ids)
            .answer(200, "An entry for each id.", entries()),
        call("GET", "/api/async-status/{id}", "statusOf", TAG, "How one execution stands")
            .about("Also answered for an id that is unknown: its `state` says so.")
            .query("token", "text", "A read token of this execution, instead of a key.")
            .answer(200, "Its entry.", schema("@Entry")),
        call("POST", "/api/async-await", "await", TAG, "Wait until executions have ended")
            .about("The entries, as soon as they have ended or the time is up. That it takes longer is no error.")
            .body(awaited(), true)
            .answer(200, "An entry for each id.", entries()),
        call("GET", "/api/async-await", "awaitByQuery", TAG, "Wait until executions have ended")
            .needs_query("execution_ids", about_ids)
            .query_schema("timeout", timeout(), "Seconds to wait at most.")
            .query_schema("mode", mode(), "Whether all have to have ended, or one.")
            .answer(200, "An entry for each id.", entries()),
        call("GET", "/api/async-await/{id}", "awaitOne", TAG, "Wait until one execution has ended")
            .query_schema("timeout", timeout(), "Seconds to wait at most.")
            .query_schema("mode", mode(), "Makes no difference for one.")
            .answer(200, "Its entry.", schema("@Entry")),
        call("POST", "/api/async-cancel", "cancel", TAG, "End executions before their time")
            .about("One id (`execution_id`) is answered with its entry, several (`execution_ids`) with a list that never fails as a whole.")
            .body(ids(), true)
            .answer(200, "An entry with `cancelled`, or a list of them.", json!({"oneOf": [schema("@Cancelled"), schema("[@Cancelled]")]}))
            .problem_as(404, &code::NOT_FOUND)
            .problem(&code::EXPIRED)
            .problem(&code::EXECUTION_ENDED),
    ]
}

fn events_in() -> Vec<Operation> {
    let event = |path: &str, id: &str, summary: &str| {
        call("POST", path, id, TAG, summary)
            .body(json!({"description": "What the waiting step yields."}), false)
            .answer(202, "Accepted, and durable.", schema("@EventAccepted"))
            .problem_as(404, &code::NOT_FOUND)
            .problem(&code::EXPIRED)
            .problem(&code::EXECUTION_ENDED)
            .problem(&code::EVENT_REPEATED)
            .problem(&code::QUEUE_FULL)
    };
    let through_url = |path: &str, id: &str, summary: &str| event(path, id, summary).problem(&code::ROUTE_UNKNOWN).open();
    vec![
        event("/v1/executions/{id}/events/{name}", "sendEvent", "Send an event to an execution that waits for it"),
        through_url("/resume/{id}/{token}", "resume", "Wake an execution through its resume URL"),
        through_url("/resume/{id}/{token}/{name}", "resumeNamed", "Send a named event through a resume URL"),
    ]
}
