//! The calls that manage: functions, schedules, tables, keys, alerts.
//! Never what only looks at an execution.

use serde_json::json;

use super::super::code;
use super::kind::{answered, asked, page, schema};
use super::operation::{Operation, call};

pub fn operations() -> Vec<Operation> {
    [functions(), schedules(), deliveries(), tables(), keys(), alerts()].concat()
}

fn functions() -> Vec<Operation> {
    const TAG: &str = "functions";
    let definition = || schema("@Definition");
    let one = |method, id: &str, summary: &str| {
        call(method, "/v1/functions/{name}", id, TAG, summary)
            .problem_as(404, &code::FUNCTION_UNKNOWN)
            .problem_as(404, &code::NOT_FOUND)
    };
    vec![
        call("GET", "/v1/functions", "listFunctions", TAG, "What can be started").answer(200, "All functions, by name.", page("@FunctionBrief")),
        one("GET", "function", "A function, its versions and how it has gone")
            .about("The definition has its secrets masked.")
            .query("version", "text", "Show the definition of this version.")
            .answer(200, "The function.", schema("@FunctionDetail")),
        one("PUT", "deployFunction", "Deploy a function")
            .about("The body is what a file of this name would hold, comments allowed. Current on every node within seconds; executions \
                that run stay on their version.")
            .body(definition(), true)
            .answer(200, "A new version of a function that was there, or the same.", schema("@Deployed"))
            .answer(201, "A function that was not there.", schema("@Deployed"))
            .problem(&code::FUNCTION_INVALID)
            .problem_as(422, &code::INVALID_REQUEST),
        one("DELETE", "removeFunction", "Take a function away")
            .about("Nothing starts it any more; what runs on it runs to its end. A function of a file comes back when the server starts.")
            .answer(200, "The function as it was.", schema("@FunctionBrief")),
        call("POST", "/v1/functions/{name}/check", "checkFunction", TAG, "Check a function without deploying it")
            .body(json!({"description": "What a file of this name would hold; whatever it is, the answer says what is wrong with it."}), false)
            .answer(200, "What is wrong with it, if anything.", schema("@Checked"))
            .problem_as(404, &code::NOT_FOUND)
            .problem_as(404, &code::FUNCTION_UNKNOWN),
    ]
}

fn schedules() -> Vec<Operation> {
    const TAG: &str = "schedules";
    let one =
        |method, path: &str, id: &str, summary: &str| call(method, path, id, TAG, summary).problem_as(404, &code::NOT_FOUND);
    let at = "/v1/schedules/{id}";
    vec![
        call("GET", "/v1/schedules", "listSchedules", TAG, "List schedules")
            .query("function", "some", "Of this function.")
            .answer(200, "The schedules with their next times.", page("@Schedule")),
        call("POST", "/v1/schedules", "createSchedule", TAG, "Make a schedule")
            .body(schema("@NewSchedule"), true)
            .answer(201, "It is made.", schema("@Schedule"))
            .answer_header(201, "Location", "Where it is.")
            .problem_as(422, &code::FUNCTION_UNKNOWN)
            .problem_as(422, &code::INVALID_REQUEST),
        one("GET", at, "schedule", "A schedule and what became of its last times").answer(
            200,
            "The schedule.",
            schema("@ScheduleDetail"),
        ),
        one("PATCH", at, "changeSchedule", "Change a schedule")
            .body(schema("@ScheduleChange"), true)
            .answer(200, "As it is now.", schema("@ScheduleDetail"))
            .problem(&code::SCHEDULE_FROM_FILE)
            .problem_as(422, &code::FUNCTION_UNKNOWN)
            .problem_as(422, &code::INVALID_REQUEST),
        one("DELETE", at, "removeSchedule", "Take a schedule away")
            .answer(200, "It is gone.", answered(&[("id", "uuid", ""), ("deleted", "bool", "")]))
            .problem(&code::SCHEDULE_FROM_FILE),
        one("POST", "/v1/schedules/{id}/run", "runSchedule", "Start a schedule's function now")
            .answer(202, "Accepted, and durable.", schema("@Started"))
            .problem_as(422, &code::FUNCTION_UNKNOWN)
            .problem_as(422, &code::INPUT)
            .problem(&code::QUEUE_FULL),
        one("POST", "/v1/schedules/{id}/pause", "pauseSchedule", "Pause a schedule").answer(
            200,
            "As it is now.",
            schema("@ScheduleDetail"),
        ),
        one("POST", "/v1/schedules/{id}/resume", "resumeSchedule", "Let a schedule go on").answer(
            200,
            "As it is now.",
            schema("@ScheduleDetail"),
        ),
    ]
}

fn deliveries() -> Vec<Operation> {
    const TAG: &str = "deliveries";
    let one =
        |method, path: &str, id: &str, summary: &str| call(method, path, id, TAG, summary).problem_as(404, &code::NOT_FOUND);
    vec![
        call("GET", "/v1/deliveries", "listDeliveries", TAG, "List messages, the newest first")
            .query("state", "text", "In this state; several with commas.")
            .query("event", "text", "Of this kind.")
            .query("destination", "text", "To this origin.")
            .query("execution_id", "uuid or empty", "Of this execution.")
            .query("function", "text", "Of this function.")
            .query("created_after", "instant or empty", "Owed since then.")
            .query("created_before", "instant or empty", "Owed before then.")
            .paged()
            .answer(200, "A page of deliveries.", page("@Delivery")),
        one("GET", "/v1/deliveries/{id}", "delivery", "A message, with every try").answer(
            200,
            "The delivery.",
            schema("@Delivery"),
        ),
        one("POST", "/v1/deliveries/{id}/redeliver", "redeliver", "Send a message again")
            .about("The same bytes under the same id.")
            .answer(200, "The delivery, which is due again.", schema("@Delivery"))
            .problem(&code::DELIVERY_HELD),
        call("POST", "/v1/deliveries/redeliver", "redeliverAll", TAG, "Send all messages again that match")
            .body(schema("@RedeliverFilter"), false)
            .answer(200, "How many matched and are due again.", schema("@Redelivered")),
        call("GET", "/v1/destinations", "listDestinations", TAG, "Where messages go, and then who is registered").answer(
            200,
            "The destinations, and then the registered ones.",
            json!({
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": {"type": "array", "items": {"anyOf": [schema("@Destination"), schema("@Registered")]}},
                    "next": {"type": "null"},
                },
            }),
        ),
        call("POST", "/v1/destinations", "registerDestination", TAG, "Register somebody for the messages of many executions")
            .about("The answer holds the secret, this once.")
            .body(registration("timeout", "number?"), true)
            .answer(201, "It is registered.", schema("@RegisteredNow"))
            .answer_header(201, "Location", "Where it is.")
            .problem(&code::ADDRESS_REFUSED)
            .problem_as(422, &code::INVALID_REQUEST),
        one("GET", "/v1/destinations/{id}", "destination", "A registered destination").answer(
            200,
            "As it is.",
            schema("@Registered"),
        ),
        one("PATCH", "/v1/destinations/{id}", "changeDestination", "Change a registered destination")
            .about("What is not named stays; `enabled: true` also sends what was on hold.")
            .body(registration("enabled", "bool"), false)
            .answer(200, "As it is now.", schema("@Registered"))
            .problem(&code::ADDRESS_REFUSED)
            .problem_as(422, &code::INVALID_REQUEST),
        one("DELETE", "/v1/destinations/{id}", "removeDestination", "Take a registered destination away")
            .empty(204, "It is gone."),
        one("POST", "/v1/destinations/{id}/test", "testDestination", "Send a message that tests a destination").answer(
            200,
            "How it went.",
            answered(&[("delivered", "bool", ""), ("status", "int?", ""), ("detail", "text?", ""), ("duration_ms", "int", "")]),
        ),
        one("POST", "/v1/destinations/{id}/pause", "pauseDestination", "Hold what is owed to a destination").answer(
            200,
            "As it is now.",
            schema("@Destination"),
        ),
        one("POST", "/v1/destinations/{id}/resume", "resumeDestination", "Let messages to a destination go on").answer(
            200,
            "As it is now.",
            schema("@Destination"),
        ),
    ]
}

/// What a registration takes; one word differs between making and changing it.
fn registration(last: &'static str, kind: &'static str) -> serde_json::Value {
    let fields = [
        ("url", "uri", ""),
        ("events", "[text]?", "Which events it hears of."),
        ("functions", "[text]?", "Of which functions."),
        ("tags", "[text]?", "Of executions with which tags."),
        ("headers", "object?", ""),
        ("secret", "text?", ""),
        ("auth", "object?", ""),
        (last, kind, ""),
    ];
    asked(&fields, &[], false)
}

fn tables() -> Vec<Operation> {
    const TAG: &str = "tables";
    vec![
        call("GET", "/v1/tables", "listTables", TAG, "The tables of this server").answer(
            200,
            "All tables, by name.",
            page("@Table"),
        ),
        call("GET", "/v1/tables/{table}/records", "listRecords", TAG, "The records of a table")
            .about("A table that nobody has written is empty.")
            .query("filter", "text", "JSON as in `query_all_records`: `{\"status\": \"paid\", \"total\": {\"$gt\": 10}}`.")
            .query("sort", "text", "`-created_at,name`.")
            .query("fields", "text", "Names with commas.")
            .paged()
            .answer(200, "A page of records.", page("object")),
    ]
}

fn keys() -> Vec<Operation> {
    const TAG: &str = "keys";
    vec![
        call("GET", "/v1/keys", "listKeys", TAG, "List the keys of callers").answer(
            200,
            "All that were ever made, by name.",
            page("@Key"),
        ),
        call("POST", "/v1/keys", "createKey", TAG, "Make a key")
            .about("The answer holds the key, this once. A name is never used again.")
            .body(schema("@NewKey"), true)
            .answer(201, "The key.", schema("@MadeKey"))
            .problem(&code::KEY_CONFLICT)
            .problem_as(422, &code::INVALID_REQUEST),
        call("DELETE", "/v1/keys/{name}", "revokeKey", TAG, "End a key for ever")
            .answer(200, "The key, which opens nothing any more.", schema("@Key"))
            .problem_as(404, &code::NOT_FOUND)
            .problem(&code::KEY_CONFLICT),
        call("POST", "/v1/keys/{name}/webhook-secret", "rotateKeySecret", TAG, "Sign what a key starts with a secret of its own")
            .about("The secret that it had signs, too, for a while. Without one the server's signs.")
            .body(json!({"type": "object", "properties": {"secret": {"type": "string"}}}), false)
            .answer(200, "The secret, this once.", json!({"type": "object"}))
            .problem_as(404, &code::NOT_FOUND)
            .problem_as(422, &code::INVALID_REQUEST),
        call("GET", "/v1/audit", "audit", TAG, "What was managed, by whom, the newest first").paged().answer(
            200,
            "A page of lines.",
            page("@AuditLine"),
        ),
    ]
}

fn alerts() -> Vec<Operation> {
    const TAG: &str = "system";
    vec![
        call("GET", "/v1/alerts", "listAlerts", TAG, "What a person should know of, open ones first")
            .query("open", "bool", "Only what still stands, or only what is over.")
            .query("acknowledged", "bool", "Only what somebody has seen, or only what nobody has.")
            .query("type", "text", "Of this type.")
            .query("severity", "text", "Of this severity.")
            .query("execution_id", "uuid or empty", "About this execution.")
            .query("function", "text", "About this function.")
            .paged()
            .answer(200, "A page of alerts.", page("@Alert")),
        call("POST", "/v1/alerts/{id}/acknowledge", "acknowledgeAlert", TAG, "Say that somebody has seen an alert")
            .about("The alert stays open until its condition is over.")
            .body(asked(&[("by", "text?", "Who has seen it; the name of the key if it is left out.")], &[], true), false)
            .answer(200, "The alert.", schema("@Alert"))
            .problem(&code::ALERT_UNKNOWN),
    ]
}

/// What a new schedule takes; `must` names what has to be there.
pub fn schedule_words(must: &[&str]) -> serde_json::Value {
    let fields = [
        ("function", "text", "What is started."),
        (
            "cron",
            "text",
            "Five fields, six with seconds in front, or seven with years behind; weekdays as crontab counts them; `@daily` and its like.",
        ),
        ("timezone", "text?", "Such as `Europe/Berlin`; `UTC` if it is left out."),
        ("input", "object?", "What the function is given."),
        ("overlap", "=skip|queue|cancel_running|allow?", "What happens when the one before still runs."),
        ("catch_up", "=none|last|all?", "Which missed times are made up for."),
        ("catch_up_max", "int?", "How many of them at most."),
        ("jitter", "number?", "Seconds by which starts are spread."),
        ("description", "text?", ""),
        ("paused", "bool", ""),
    ];
    asked(&fields, must, false)
}
