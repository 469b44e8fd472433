//! The calls that run executions again or let them go on, one or many.
//! Never the calls that only look at them; those are `executions`'.

use serde_json::{Value, json};

use super::super::code;
use super::kind::{asked, schema};
use super::operation::{Operation, call};

const TAG: &str = "executions";

pub fn operations() -> Vec<Operation> {
    vec![
        may_start(call("POST", "/v1/executions/{id}/rerun", "rerun", TAG, "Start an execution once more"))
            .about("A new execution with the same input, call options and callback, on the newest version of the function.")
            .body(asked(&[], &[], false), false)
            .answer(202, "The new execution.", schema("@StartedAgain"))
            .problem_as(404, &code::NOT_FOUND)
            .problem(&code::EXPIRED),
        call(
            "POST",
            "/v1/executions/{id}/resume",
            "resumeExecution",
            TAG,
            "Let a failed execution go on from the step that failed",
        )
        .about("The same execution, under its own id; it ends once more, and its callback hears of that.")
        .body(asked(&[VERSION], &[], false), false)
        .answer(202, "The execution.", schema("@StartedAgain"))
        .problem_as(404, &code::NOT_FOUND)
        .problem(&code::EXPIRED)
        .problem(&code::NOT_RESUMABLE)
        .problem(&code::QUEUE_FULL),
        call("POST", "/v1/executions/rerun", "rerunAll", TAG, "Start all executions once more that match")
            .about("Refusals stand beside each; the call itself does not fail for one of them.")
            .body(filtered(&[]), true)
            .answer(200, "What became of each.", schema("@Again")),
        call("POST", "/v1/executions/resume", "resumeAll", TAG, "Let all failed executions go on that match")
            .about("Failed and timed out ones, unless the filter names a state. Refusals stand beside each.")
            .body(filtered(&[VERSION]), true)
            .answer(200, "What became of each.", schema("@Again")),
    ]
}

const VERSION: super::kind::Field =
    ("version", "=same|newest?", "Which version of the function it goes on with; `same` if it is left out.");

fn may_start(operation: Operation) -> Operation {
    operation
        .problem_as(404, &code::FUNCTION_UNKNOWN)
        .problem(&code::INPUT)
        .problem(&code::ADDRESS_REFUSED)
        .problem(&code::QUEUE_FULL)
}

/// A filter, without which nothing matches, and `dry_run`.
fn filtered(more: &[super::kind::Field]) -> Value {
    let fields = [
        ("filter", "object", "The filters of `GET /v1/executions`, with `limit` and `cursor`."),
        ("dry_run", "bool?", "Only say which."),
    ];
    let mut schema = asked(&[fields.as_slice(), more].concat(), &["filter"], false);
    schema["properties"]["filter"]["minProperties"] = json!(1);
    schema
}
