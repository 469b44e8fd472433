//! The calls about one execution or many of them.
//! Never what the guide's own calls do; those are `running`'s.

use serde_json::json;

use super::super::code;
use super::kind::{page, schema};
use super::operation::{Operation, call};
use crate::domain::execution::State;

const TAG: &str = "executions";

pub fn operations() -> Vec<Operation> {
    vec![
        list(),
        of_one("/v1/executions/{id}", "execution", "One execution")
            .about("The status entry, its input, and fresh links; the link to its events carries a read token.")
            .answer(200, "The execution.", schema("@Execution")),
        of_one("/v1/executions/{id}/steps", "steps", "What an execution did, step by step").answer(
            200,
            "Its steps, in order.",
            page("@Step"),
        ),
        of_one("/v1/executions/{id}/logs", "logs", "What the log steps of an execution wrote").answer(
            200,
            "The lines, in order.",
            page("@LogLine"),
        ),
        of_one("/v1/executions/{id}/deliveries", "deliveries", "The messages of an execution, with every try").answer(
            200,
            "Its deliveries, the oldest first.",
            page("@Delivery"),
        ),
        of_one("/v1/executions/{id}/events", "events", "How an execution goes on, as server-sent events")
            .about(
                "Events `state`, `step`, `log`, `progress` and `delivery`, from the beginning or from behind `Last-Event-ID`, \
                 until all is over.",
            )
            .query("last_event_id", "text", "As the header `Last-Event-ID`, for who cannot set it.")
            .header("Last-Event-ID", "The id of the last event that was heard.")
            .answer_as(200, "The events.", "text/event-stream", json!({"type": "string"}))
            .empty(204, "There is nothing more to come.")
            .problem(&code::TOO_MANY_STREAMS),
        call("POST", "/v1/executions/{id}/cancel", "cancelOne", TAG, "End an execution before its time")
            .answer(200, "Its entry with `cancelled`.", schema("@Cancelled"))
            .problem_as(404, &code::NOT_FOUND)
            .problem(&code::EXPIRED)
            .problem(&code::EXECUTION_ENDED),
    ]
}

fn of_one(path: &str, id: &str, summary: &str) -> Operation {
    call("GET", path, id, TAG, summary)
        .query("token", "text", "A read token of this execution, instead of a key.")
        .problem_as(404, &code::NOT_FOUND)
        .problem(&code::EXPIRED)
}

fn list() -> Operation {
    let states: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
    call("GET", "/v1/executions", "listExecutions", TAG, "List executions, the newest first")
        .query("function", "text", "Of this function.")
        .query_schema("status", json!({"type": "string", "enum": ["running", "completed", "error"]}), "Of this status.")
        .query_schema("state", json!({"type": "string", "enum": states}), "In this state; several with commas.")
        .query("tag", "text", "With this tag.")
        .query("parent", "uuid or empty", "Children of this execution.")
        .query("created_after", "instant or empty", "Accepted then or later.")
        .query("created_before", "instant or empty", "Accepted before then.")
        .query("error_code", "text", "Ended with this code.")
        .query("q", "text", "A text that the id, the function's name or the error's message holds.")
        .paged()
        .answer(200, "A page of status entries.", page("@Entry"))
}
