//! The shapes of answers and bodies, by name.
//! Never a field that is not sent; a test holds the answers of a live server against them.

use serde_json::{Map, Value, json};

use super::kind::{Field, answered, asked, described, schema};
use super::managing::schedule_words;
use crate::domain::callback::EventType;
use crate::domain::execution::State;

const ENTRY: &[Field] = &[
    ("execution_id", "any", "The execution; for an id that is unknown, what was asked."),
    ("async_execution_id", "any", "The same."),
    ("status", "=running|completed|error", "Only ever one of these."),
    ("state", "@State", "More exactly."),
    ("output", "any", "What the function answered; null until it has completed."),
    ("error", "text?", "What went wrong, in words."),
    ("error_message", "text?", "The same."),
    ("error_code", "text?", "`ERROR_CODE_…`, or what the function chose."),
    ("error_detail", "@ErrorDetail?", ""),
    ("function_name", "text?", ""),
    ("function_version", "text?", ""),
    ("attempt", "int?", "From 1."),
    ("max_attempts", "int?", ""),
    ("progress", "any", "What the function said last."),
    ("output_status", "int?", "The status that the function answered with."),
    ("tags", "[text]", ""),
    ("metadata", "any", "What the caller gave, echoed."),
    ("parent_execution_id", "uuid?", ""),
    ("waiting_for", "@WaitingFor?", ""),
    ("created_at", "instant?", ""),
    ("started_at", "instant?", ""),
    ("completed_at", "instant?", ""),
];
const LINKS: &[Field] = &[
    ("status_url", "uri", ""),
    ("await_url", "uri", ""),
    ("cancel_url", "uri", ""),
    ("events_url", "uri", "Carries a read token."),
];
const FUNCTION: &[Field] = &[
    ("name", "text", ""),
    ("version", "text", "The address of its definition's content."),
    ("description", "text?", ""),
    ("tags", "[text]", ""),
    ("exposed", "bool", "Whether it can be started from outside."),
    ("execution_mode", "=sync|async", "How it answers who does not say."),
    ("url", "uri", ""),
];
const FUNCTION_MORE: &[Field] = &[("priority", "int", ""), ("inputs", "[@Input]", ""), ("schedules", "[object]", "")];
const KEY: &[Field] = &[
    ("name", "text", "Executions remember who started them by it."),
    ("hint", "text", "How the key begins."),
    ("state", "=active|expired|revoked", ""),
    ("scopes", "[=invoke|read|manage]", ""),
    ("functions", "[text]", "What it may start; empty means everything."),
    ("rate_limit", "@Rate?", ""),
    ("expires_at", "instant?", ""),
    ("created_at", "instant", ""),
    ("created_by", "text?", "The key that made it."),
    ("revoked_at", "instant?", ""),
];
const REGISTERED: &[Field] = &[
    ("id", "text", "`dst_…`"),
    ("type", "=registered", ""),
    ("lane_id", "text", "The destination that its messages go through."),
    ("url", "text", "Without its query."),
    ("events", "[text]", "Which events it hears of."),
    ("functions", "[text]", "Of which functions; empty means all."),
    ("tags", "[text]", "Of executions with one of these tags; empty means all."),
    ("enabled", "bool", ""),
    ("disabled_at", "instant?", ""),
    ("disabled_reason", "text?", ""),
    ("failing_since", "instant?", "The first failure since the last success."),
    ("created_at", "instant", ""),
];
const SCHEDULE: &[Field] = &[
    ("id", "uuid", ""),
    ("function_name", "text", ""),
    ("cron", "text", ""),
    ("timezone", "text", ""),
    ("input", "any", ""),
    ("overlap", "=skip|queue|cancel_running|allow", ""),
    ("catch_up", "=none|last|all", ""),
    ("catch_up_max", "int", ""),
    ("jitter", "number", "Seconds."),
    ("description", "text?", ""),
    ("origin", "text", "`file` or `api`."),
    ("paused", "bool", ""),
    ("revision", "int", ""),
    ("created_at", "instant", ""),
    ("updated_at", "instant", ""),
    ("next", "[instant]", "The next times."),
];

/// Plain answers: every field is always there.
const ANSWERS: &[(&str, &[Field])] = &[
    ("Entry", ENTRY),
    (
        "ErrorDetail",
        &[
            ("name", "text", ""),
            ("code", "text", ""),
            ("message", "text", ""),
            ("status", "int?", ""),
            ("payload", "any", ""),
            ("stack", "text", "A trace through the function, innermost first."),
            ("step", "text?", "Where it happened."),
            ("attempt", "int?", ""),
        ],
    ),
    ("WaitingFor", &[("what", "text", ""), ("since", "instant", ""), ("until", "instant?", "")]),
    ("EventAccepted", &[("execution_id", "uuid", ""), ("event", "text?", ""), ("accepted", "bool", "")]),
    (
        "Step",
        &[
            ("step", "text", "Its place in the function."),
            ("kind", "text", ""),
            ("name", "text?", ""),
            ("attempt", "int", ""),
            ("started_at", "instant", ""),
            ("ended_at", "instant", ""),
            ("duration_ms", "int", ""),
            ("failed", "bool", ""),
            ("result", "any", "Masked and shortened."),
            ("error", "any", ""),
        ],
    ),
    (
        "LogLine",
        &[("at", "instant", ""), ("level", "text", ""), ("message", "any", ""), ("data", "any", ""), ("step", "text", "")],
    ),
    (
        "DeliveryAttempt",
        &[
            ("number", "int", "From 1."),
            ("started_at", "instant", ""),
            ("ended_at", "instant?", ""),
            ("outcome", "=unknown|success|failure", ""),
            ("status", "int?", "What the receiver answered."),
            ("detail", "text?", ""),
            ("answer", "text?", "How the receiver's answer begins."),
        ],
    ),
    (
        "Input",
        &[
            ("name", "text", ""),
            ("type", "text", ""),
            ("required", "bool", ""),
            ("default", "any", ""),
            ("choices", "[any]", ""),
            ("description", "text?", ""),
        ],
    ),
    (
        "Statistics",
        &[
            ("count", "int", "Executions that are kept."),
            ("running", "int", ""),
            ("queued", "int", ""),
            ("waiting", "int", ""),
            ("p50_ms", "int?", "Of the latest that completed."),
            ("p95_ms", "int?", ""),
            ("p99_ms", "int?", ""),
            ("error_rate", "number?", "The share of the latest that failed or timed out."),
            ("of_latest", "int", "How many the percentiles and the share are made of."),
        ],
    ),
    ("Version", &[("version", "text", ""), ("created_at", "instant", ""), ("current", "bool", "")]),
    (
        "Finding",
        &[
            ("path", "text", ""),
            ("line", "int", "From 1."),
            ("column", "int", "From 1."),
            ("severity", "=error|warning", ""),
            ("code", "text", ""),
            ("message", "text", ""),
            ("help", "text?", "What to do."),
        ],
    ),
    ("Checked", &[("valid", "bool", ""), ("version", "text?", ""), ("findings", "[@Finding]", "")]),
    ("FunctionBrief", FUNCTION),
    (
        "Firing",
        &[
            ("due_at", "instant", ""),
            ("at", "instant", ""),
            ("outcome", "text", ""),
            ("execution_id", "uuid?", ""),
            ("detail", "text?", ""),
        ],
    ),
    ("Schedule", SCHEDULE),
    (
        "Table",
        &[
            ("name", "text", ""),
            ("declared", "bool", ""),
            ("fields", "any", ""),
            ("read_only", "bool", ""),
            ("records_url", "uri", ""),
        ],
    ),
    ("Key", KEY),
    ("Registered", REGISTERED),
    ("Rate", &[("limit", "int", "Calls."), ("per", "any", "`second`, `minute`, `hour`, `day`, or seconds.")]),
    (
        "Destination",
        &[
            ("id", "text", ""),
            ("origin", "text", "Scheme, host and port."),
            ("state", "=active|paused", ""),
            ("paused_at", "instant?", ""),
            ("waiting", "int", ""),
            ("in_flight", "int", ""),
            ("in_flight_max", "int", ""),
            ("breaker", "text", ""),
            ("breaker_until", "instant?", ""),
        ],
    ),
    (
        "CallbackDestination",
        &[
            ("id", "text", ""),
            ("origin", "text", ""),
            ("state", "=active|paused", ""),
            ("breaker", "text", ""),
            ("breaker_until", "instant?", ""),
        ],
    ),
    (
        "Redelivered",
        &[
            ("dry_run", "bool", ""),
            ("matched", "int", ""),
            ("redelivered", "int", ""),
            ("delivery_ids", "[uuid]", "The first of them."),
        ],
    ),
    ("Again", &[("dry_run", "bool", ""), ("items", "[@AgainItem]", ""), ("next", "uuid?", "`cursor` of the next call.")]),
    (
        "AgainItem",
        &[
            ("execution_id", "uuid", "The execution that matched."),
            ("function_name", "text", ""),
            ("state", "@State", "As it was found."),
            ("accepted_execution_id", "uuid?", "The execution that runs now; null for a dry run, or if it was refused."),
            ("error", "text?", "Why it was refused, or would be."),
        ],
    ),
    (
        "PublicKey",
        &[
            ("kid", "text", ""),
            ("public_key", "text", "`whpk_…`"),
            ("kty", "text", ""),
            ("crv", "text", ""),
            ("use", "text", ""),
            ("x", "text", ""),
            ("created_at", "instant", ""),
            ("signs_until", "instant?", ""),
        ],
    ),
    (
        "AuditLine",
        &[
            ("id", "int", ""),
            ("at", "instant", ""),
            ("key", "text?", "Null for this machine, where there are no keys."),
            ("method", "text", "`cli` for the command line beside a stopped server."),
            ("path", "text", ""),
            ("status", "int", ""),
            ("ip", "text?", ""),
        ],
    ),
    (
        "Alert",
        &[
            ("id", "int", ""),
            ("type", "text", ""),
            ("execution_id", "text?", ""),
            ("subject", "text?", "What it is about beside an execution: a destination, a message, a schedule."),
            ("function_name", "text?", ""),
            ("stuck_duration", "number?", "Seconds."),
            ("severity", "text", ""),
            ("message", "text?", ""),
            ("created_at", "instant", ""),
            ("updated_at", "instant", ""),
            ("acknowledged_at", "instant?", ""),
            ("acknowledged_by", "text?", ""),
            ("resolved_at", "instant?", ""),
        ],
    ),
    (
        "Problem",
        &[
            ("type", "uri", "A page that says what, why and what to do."),
            ("title", "text", ""),
            ("status", "int", ""),
            ("detail", "text", ""),
            ("instance", "text", ""),
            ("code", "text", "`ERROR_CODE_…`, or what a function chose."),
            ("message", "text", "The same as `detail`."),
            ("payload", "any", "Particulars, such as the fields that do not hold."),
        ],
    ),
];

pub fn all() -> Map<String, Value> {
    let mut all: Map<String, Value> = ANSWERS.iter().map(|(name, fields)| ((*name).to_owned(), answered(fields))).collect();
    let states: Vec<_> = State::ALL.iter().map(|state| state.as_str()).chain(["not_found", "expired"]).collect();
    all.insert("State".to_owned(), json!({"type": "string", "enum": states}));
    for (name, parts) in composed() {
        all.insert(name.to_owned(), answered(&parts.concat()));
    }
    for (name, schema) in bodies() {
        all.insert(name.to_owned(), schema);
    }
    all.insert("Message".to_owned(), message());
    all
}

fn composed() -> Vec<(&'static str, Vec<&'static [Field]>)> {
    vec![
        (
            "Accepted",
            vec![
                ENTRY,
                LINKS,
                &[
                    ("estimated_completion", "text?", "Such as `5 minutes`, from the function's latest durations."),
                    ("callback_destination", "@CallbackDestination?", "How it is with deliveries there."),
                ],
            ],
        ),
        ("Started", vec![ENTRY, LINKS]),
        ("StartedAgain", vec![ENTRY, LINKS, &[("rerun_of", "uuid?", "The execution that this one repeats.")]]),
        ("Cancelled", vec![ENTRY, &[("cancelled", "bool", "Whether its end is certain now.")]]),
        (
            "Execution",
            vec![
                ENTRY,
                &[
                    ("input", "any", ""),
                    ("callback_url", "text?", "Without its query."),
                    ("priority", "int", ""),
                    ("deadline_at", "instant?", ""),
                    ("progressed_at", "instant", ""),
                    ("rerun_of", "uuid?", "The execution that this one repeats."),
                    ("started_by", "text?", "The name of the key."),
                ],
                LINKS,
            ],
        ),
        (
            "FunctionDetail",
            vec![
                FUNCTION,
                FUNCTION_MORE,
                &[
                    ("definition", "any", "With its secrets masked."),
                    ("versions", "[@Version]", "The newest first."),
                    ("statistics", "@Statistics", ""),
                ],
            ],
        ),
        ("Deployed", vec![FUNCTION, FUNCTION_MORE, &[("changed", "bool", ""), ("findings", "[@Finding]", "Warnings.")]]),
        ("ScheduleDetail", vec![SCHEDULE, &[("firings", "[@Firing]", "What became of the last times.")]]),
        ("RegisteredNow", vec![REGISTERED, &[("secret", "text", "What its messages are signed with, this once.")]]),
        ("MadeKey", vec![KEY, &[("key", "text", "The key itself, this once.")]]),
        (
            "Delivery",
            vec![&[
                ("id", "uuid", ""),
                ("webhook_id", "text", "The header `webhook-id` of the message."),
                ("execution_id", "uuid", ""),
                ("event", "text", ""),
                ("state", "=pending|delivered|delivered_unconfirmed|dead|held", "`held` is kept for a disabled destination."),
                ("url", "text", "Without its query."),
                ("destination", "text", "Scheme, host and port."),
                ("destination_id", "text", ""),
                ("created_at", "instant", ""),
                ("due_at", "instant?", ""),
                ("closed_at", "instant?", ""),
                ("reason", "text?", ""),
                ("attempts", "[@DeliveryAttempt]", ""),
            ]],
        ),
    ]
}

fn bodies() -> Vec<(&'static str, Value)> {
    let callback = [
        ("url", "uri", ""),
        ("headers", "object", "Sent with every message."),
        ("secret", "text", "`whsec_…`: signs instead of the server's."),
        ("auth", "@CallbackAuth", ""),
        ("events", "[text]", "Interim events that are wanted, too."),
        ("retry", "any", ""),
        ("failure_url", "uri", "Where failures go instead."),
        ("timeout", "number", "Seconds."),
        ("follow_redirects", "any", ""),
        ("accept_html", "bool", ""),
        ("one_shot", "bool", ""),
        ("order_key", "text", "Messages with the same key arrive in order."),
        ("flow_control", "@FlowControl", ""),
    ];
    let flow = [
        ("key", "text", "What shares these bounds."),
        ("parallelism", "int", "Messages at once."),
        ("rate", "int", "Messages within `per`."),
        ("per", "number", "Seconds; 1 if it is left out."),
    ];
    let options = [
        ("delay", "number", "Seconds."),
        ("run_at", "instant", ""),
        ("priority", "int", "-100 to 100, higher first."),
        ("tags", "[text]", ""),
        ("metadata", "any", "Echoed in every message."),
        ("async_function_config", "object", "Limits, retries and timeouts of this call."),
    ];
    let words = [
        ("async", "bool", "Whether to be answered 202 at once."),
        ("callback_url", "text?", "Who is told when it is done."),
        ("callback", "@Callback?", "The same with settings."),
        ("idempotency_key", "text?", "As the header `Idempotency-Key`."),
        ("options", "@Options?", ""),
    ];
    let redeliver = [
        ("state", "text?", "`dead` if it is left out."),
        ("event", "text?", ""),
        ("destination", "text?", ""),
        ("execution_id", "uuid or empty?", ""),
        ("function", "text?", ""),
        ("created_after", "instant or empty?", ""),
        ("created_before", "instant or empty?", ""),
        ("dry_run", "bool?", "Only count."),
    ];
    let key = [
        ("name", "text", ""),
        ("scopes", "[=invoke|read|manage]", ""),
        ("functions", "[text]?", "What it may start; patterns such as `orders/*`."),
        ("rate_limit", "@Rate?", ""),
        ("expires_at", "instant?", ""),
        ("expires_in_s", "int?", ""),
    ];
    let mut words = asked(&words, &[], true);
    words["description"] = json!("Beside the function's own inputs; a word that the function declares itself is an input.");
    vec![
        ("Callback", asked(&callback, &[], false)),
        ("CallbackAuth", auth()),
        ("FlowControl", asked(&flow, &[], false)),
        ("Options", asked(&options, &[], false)),
        ("RedeliverFilter", asked(&redeliver, &[], false)),
        ("StartWords", words),
        ("NewKey", asked(&key, &["name", "scopes"], false)),
        ("NewSchedule", schedule_words(&["function", "cron"])),
        ("ScheduleChange", schedule_words(&[])),
        (
            "Definition",
            json!({"description": "A function as a file holds it; `/schema/function.json` describes it.", "type": ["object", "array"], "items": {}}),
        ),
    ]
}

/// How a callback signs in at its receiver.
fn auth() -> Value {
    let one = |kind: &str, fields: &[Field], required: &[&str]| {
        let mut schema = asked(fields, &[&["type"], required].concat(), true);
        schema["properties"]["type"] = json!({"const": kind});
        schema
    };
    json!({"oneOf": [
        one("header", &[("name", "text", ""), ("value", "text", "")], &["name", "value"]),
        one("basic", &[("username", "text", ""), ("password", "text", "")], &["username", "password"]),
        one("bearer", &[("token", "text", "")], &["token"]),
        one("jwt", &[("secret", "text", "")], &["secret"]),
    ]})
}

fn message() -> Value {
    let events: Vec<_> = EventType::ALL.iter().map(|event| event.as_str()).collect();
    let mut message = answered(ENTRY);
    message["properties"]["type"] = json!({"type": "string", "enum": events});
    message["properties"]["timestamp"] = described("instant", "When it happened.");
    message["properties"]["output_truncated"] =
        described("bool", "Whether the output is too large for a message, and is read at `status_url`.");
    message["properties"]["status_url"] = schema("uri");
    message["properties"]["data"] = described("any", "What an interim message tells.");
    message["required"] = json!(["type", "timestamp", "execution_id", "status", "state", "output_truncated", "status_url"]);
    message
}
