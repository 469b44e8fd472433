//! Functions that many stories call.
//! Never clever: each does one thing that a story can see from outside.

use serde_json::{Value, json};

/// `echo` gives its input back; `nap` sleeps durably; `fail` raises; `fetch` asks another server; `note` writes a record;
/// `list` reads a table; `grumble` answers with an error status.
pub fn basics() -> Vec<(&'static str, Value)> {
    vec![
        ("echo", json!([{"function": "return_response", "body": {"echo": "{{ input }}"}}])),
        (
            "nap",
            json!([
                {"function": "sleep", "duration": "{{ input.seconds }}"},
                {"function": "return_response", "body": {"slept": "{{ input.seconds }}"}}
            ]),
        ),
        (
            "fail",
            json!([{
                "function": "throw_error", "name": "broken", "code": "ERROR_CODE_BROKEN", "message": "it broke on purpose",
                "status": "{{ input.status ?? 500 }}", "payload": {"hint": "mend it"}
            }]),
        ),
        (
            "fetch",
            json!([
                {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"n": "{{ input.n }}"},
                 "timeout": 60, "return_as": "answer"},
                {"function": "return_response", "body": "{{ answer }}"}
            ]),
        ),
        (
            "note",
            json!([
                {"function": "add_record", "table": "{{ input.table }}", "data": "{{ input.data }}", "return_as": "row"},
                {"function": "return_response", "body": "{{ row }}"}
            ]),
        ),
        (
            "list",
            json!([
                {"function": "query_all_records", "table": "{{ input.table }}", "filter": "{{ input.filter ?? {} }}",
                 "return_as": "rows"},
                {"function": "return_response", "body": "{{ rows }}"}
            ]),
        ),
        ("grumble", json!([{"function": "return_response", "status": 418, "body": {"message": "I am a teapot", "cups": 2}}])),
    ]
}
