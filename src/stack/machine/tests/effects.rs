//! What the machine asks for, and what it makes of answers and failures.
//! Never performs anything.

use super::driver::{World, json};
use crate::domain::function::ExecutionMode;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Action, Effect, HttpRequest, LogLevel, RequestBody, Until};

fn effect(step: &str) -> Effect {
    let story = World::new().tell(&format!("[{step}]"), r#"{"n": 3, "name": "Ada", "list": ["x", "y"]}"#);
    assert_eq!(story.effects.len(), 1, "{}", story.end());
    Effect::clone(&story.effects[0])
}

fn request(step: &str) -> HttpRequest {
    match effect(step).action {
        Action::Request(request) => *request,
        other => panic!("{other:?} is no request"),
    }
}

fn error(step: &str) -> String {
    World::new().tell(&format!("[{step}]"), r#"{"n": 3}"#).end()
}

#[test]
fn a_request_has_sensible_defaults() {
    let expected = HttpRequest {
        method: "GET".to_owned(),
        url: "http://a/3?q=x+y".to_owned(),
        headers: vec![("A".to_owned(), "3".to_owned())],
        body: RequestBody::None,
        timeout_ms: 30_000,
        follow_location: true,
        verify_peer: true,
        raise_on_error: false,
    };
    let step =
        r#"{"function": "external_api_request", "url": "http://a/{{ n }}", "headers": {"A": "{{ n }}"}, "params": {"q": "x y"}}"#;
    assert_eq!(request(step), expected);
    let effect = effect(step);
    assert_eq!((effect.kind, effect.retry, effect.timeout_ms, effect.at_most_once), ("external_api_request", None, None, false));
}

#[test]
fn the_body_of_a_request_is_sent_as_it_is_meant() {
    let body = |rest: &str| {
        request(&format!(r#"{{"function": "External API Request", "url": "http://a", "method": "post", {rest}}}"#)).body
    };
    assert_eq!(body(r#""body": {"n": "{{ n }}"}"#), RequestBody::Json(json(r#"{"n": 3}"#)));
    assert_eq!(body(r#""data": "{{ list }}""#), RequestBody::Json(json(r#"["x", "y"]"#)));
    assert_eq!(body(r#""body": "a={{ n }}""#), RequestBody::Text("a=3".to_owned()));
    let form = r#""headers": ["Content-Type: application/x-www-form-urlencoded"], "body"#;
    assert_eq!(body(&format!(r#"{form}": {{"a": {{"b": 1}}}}"#)), RequestBody::Form(vec![("a[b]".to_owned(), "1".to_owned())]));
    assert_eq!(body(&format!(r#"{form}": "a=1""#)), RequestBody::Text("a=1".to_owned()));
}

#[test]
fn a_timeout_of_a_request_is_seconds_and_above_an_hour_milliseconds() {
    let timeout = |value: &str| {
        request(&format!(r#"{{"function": "external_api_request", "url": "http://a", "timeout": {value}}}"#)).timeout_ms
    };
    assert_eq!(timeout("5"), 5000);
    assert_eq!(timeout("0.5"), 500);
    assert_eq!(timeout(r#""{{ n }}""#), 3000);
    assert_eq!(timeout("3600"), 3_600_000);
    assert_eq!(timeout("30000"), 30_000);
    assert_eq!(timeout(r#""{{ missing }}""#), 30_000);
}

#[test]
fn an_error_status_raises_where_the_step_says_so_or_a_retry_policy_is_in_force() {
    let plain = r#"{"function": "external_api_request", "url": "http://a"}"#;
    assert!(request(r#"{"function": "external_api_request", "url": "http://a", "raise_on_error": true}"#).raise_on_error);
    assert!(
        request(r#"{"function": "external_api_request", "url": "http://a", "retry_policy": {"max_retries": 1}}"#).raise_on_error
    );
    let mut world = World::new();
    world.config.retry.max_retries = 2;
    let own = |text: &str| {
        let effect = world.tell(&format!("[{text}]"), "{}").effects.remove(0);
        let Action::Request(request) = &effect.action else { panic!("a request") };
        (request.raise_on_error, effect.retry.as_ref().map(|policy| policy.max_retries))
    };
    assert_eq!(own(plain), (true, None), "the function's policy is the engine's business");
    assert_eq!(
        own(r#"{"function": "external_api_request", "url": "http://a", "retry_policy": {"max_retries": 0}}"#),
        (false, None)
    );
    assert_eq!(
        own(r#"{"function": "external_api_request", "url": "http://a", "retry_policy": {"initial_delay": 5}}"#),
        (true, Some(2))
    );
}

#[test]
fn a_request_that_does_not_hold_is_an_error_of_the_step() {
    assert!(error(r#"{"function": "external_api_request", "url": "{{ missing }}"}"#).contains("`url` is empty"));
    assert!(error(r#"{"function": "external_api_request", "url": "http://a", "method": "GET /"}"#).contains("`method`"));
    assert!(error(r#"{"function": "external_api_request", "url": "http://a", "headers": 5}"#).contains("`headers`"));
}

#[test]
fn record_steps_ask_for_what_they_name() {
    let filter = |effect: Effect| match effect.action {
        Action::QueryRecords(query) | Action::GetRecord(query) | Action::DeleteRecord(query) | Action::DeleteRecords(query) => {
            *query
        }
        Action::EditRecord { query, .. } | Action::UpsertRecord { query, .. } | Action::CountRecords(query) => *query,
        other => panic!("{other:?} has no query"),
    };
    let all = filter(effect(
        r#"{"function": "Query All Records", "table": "orders", "filter": {"n": {">=": "{{ n }}"}}, "sort": {"field": "n", "order": "desc"}, "page": 3, "per_page": 10, "fields": ["id", "n"]}"#,
    ));
    assert!(all.filter.matches(&json(r#"{"n": 3}"#)) && !all.filter.matches(&json(r#"{"n": 2}"#)));
    assert_eq!((all.offset, all.limit, all.sort.len(), all.fields.map(|fields| fields.len())), (20, Some(10), 1, Some(2)));
    let bare =
        filter(effect(r#"{"function": "Get Records", "table": "orders", "limit": "{{ n }}", "offset": 4, "order": "id ASC"}"#));
    assert_eq!((bare.offset, bare.limit, &*bare.table), (4, Some(3), "orders"));
    let one = filter(effect(r#"{"function": "get_record", "table": "orders", "record_id": "{{ n }}"}"#));
    assert_eq!(one.filter.fixed_id(), Some(3));
    let none = filter(effect(r#"{"function": "get_record", "table": "orders", "record_id": "{{ missing }}"}"#));
    assert!(!none.filter.matches(&json(r#"{"id": null}"#)) && !none.filter.matches(&json(r#"{"id": 1}"#)));
    assert!(all.memory_bytes_max > 0 && all.memory_bytes_max < 512_000_000);
    let edited = effect(r#"{"function": "Edit Record", "table": "t", "record_id": 1, "data": {"a": "{{ name }}"}}"#);
    assert!(matches!(edited.action, Action::EditRecord { data, .. } if data == json(r#"{"a": "Ada"}"#)));
    let counted = filter(effect(r#"{"function": "count_records", "table": "t"}"#));
    assert!(counted.filter.matches(&Value::Null));
    assert!(error(r#"{"function": "add_record", "table": "t", "data": "{{ n }}"}"#).contains("`data` is an object"));
    assert!(error(r#"{"function": "get_records", "table": "t", "filter": "{{ n }}"}"#).contains("a filter is an object"));
    assert!(error(r#"{"function": "delete_record", "table": "t", "id": 5}"#).contains("NOT_FOUND"));
}

#[test]
fn a_child_is_started_with_what_the_step_says() {
    let step = r#"{"function": "Custom Function", "custom_function": "work", "parameters": {"n": "{{ n }}"}, "execution_mode": "async",
        "callback_url": "http://cb", "delay": 1.5, "priority": 7, "async_function_config": {"retry_policy": {"max_retries": 4}}}"#;
    let Action::StartChild(child) = effect(step).action else { panic!("a child") };
    assert_eq!(
        (child.name.as_str(), child.inputs, child.callback_url.as_deref()),
        ("work", json(r#"{"n": 3}"#), Some("http://cb"))
    );
    assert_eq!((child.delay_ms, child.priority, child.config.max_retries), (1500, Some(7), Some(4)));
    let by_config =
        effect(r#"{"function": "custom_function", "name": "work", "async_function_config": {"execution_mode": "async"}}"#);
    assert!(matches!(by_config.action, Action::StartChild(child) if child.config.execution_mode == Some(ExecutionMode::Async)));
    assert!(
        error(r#"{"function": "custom_function", "name": "work", "execution_mode": "async", "priority": 200}"#)
            .contains("priority")
    );
    assert!(
        error(r#"{"function": "custom_function", "name": "work", "execution_mode": "async", "inputs": [1]}"#)
            .contains("`inputs`")
    );
}

#[test]
fn awaiting_takes_one_id_or_many() {
    let step = |ids: &str| {
        effect(&format!(r#"{{"function": "async_function_await", "execution_ids": {ids}, "timeout": 2, "on_timeout": "error"}}"#))
            .action
    };
    let expected = |ids: &[&str]| Action::Await {
        ids: ids.iter().map(|id| Value::text(*id)).collect(),
        timeout_ms: 2000,
        raise_on_timeout: true,
    };
    assert_eq!(step(r#"["a", "b"]"#), expected(&["a", "b"]));
    assert_eq!(step(r#""{{ list }}""#), expected(&["x", "y"]));
    assert_eq!(step(r#""a""#), expected(&["a"]));
    assert_eq!(step(r#""{{ missing }}""#), expected(&[]));
}

#[test]
fn waiting_is_for_a_time_until_an_instant_or_for_an_event() {
    let slept = |rest: &str| match effect(&format!(r#"{{"function": "Wait", {rest}}}"#)).action {
        Action::Sleep(until) => until,
        other => panic!("{other:?} is no sleep"),
    };
    assert_eq!(slept(r#""duration": 2"#), Until::Duration { ms: 2000 });
    assert_eq!(slept(r#""duration_seconds": "{{ n }}""#), Until::Duration { ms: 3000 });
    assert_eq!(slept(r#""amount": 1.5, "unit": "minutes""#), Until::Duration { ms: 90_000 });
    assert_eq!(slept(r#""seconds": -4"#), Until::Duration { ms: 0 });
    assert_eq!(slept(r#""until": "1970-01-01T00:00:09Z""#), Until::Instant(Timestamp(9000)));
    assert_eq!(slept(r#""until": "{{ now + 60 }}""#), Until::Instant(Timestamp(1_060_000)));
    let event = effect(r#"{"function": "wait_for_event", "name": "paid", "timeout": 60}"#).action;
    assert_eq!(event, Action::WaitForEvent { name: "paid".to_owned(), timeout_ms: Some(60_000) });
}

#[test]
fn people_are_told_by_log_progress_and_callback() {
    let logged = effect(r#"{"function": "log", "level": "Warning", "message": "n is {{ n }}", "data": {"a": 1}}"#).action;
    assert_eq!(logged, Action::Log { level: LogLevel::Warn, message: "n is 3".to_owned(), data: json(r#"{"a": 1}"#) });
    let progress = effect(r#"{"function": "update_progress", "percent": "{{ n * 10 }}", "message": "on"}"#).action;
    assert_eq!(progress, Action::UpdateProgress(json(r#"{"percent": 30, "message": "on"}"#)));
    let sent = effect(r#"{"function": "send_callback", "body": {"n": "{{ n }}"}}"#).action;
    assert_eq!(sent, Action::SendCallback { url: None, body: json(r#"{"n": 3}"#) });
    assert!(error(r#"{"function": "update_progress", "percent": 101}"#).contains("0 to 100"));
}

#[test]
fn a_step_says_how_it_is_performed() {
    let effect = effect(
        r#"{"function": "add_record", "table": "t", "data": {}, "name": "Store it", "at_most_once": true, "timeout": "{{ n }}"}"#,
    );
    assert_eq!((effect.label.as_deref(), effect.at_most_once, effect.timeout_ms), (Some("Store it"), true, Some(3000)));
}

#[test]
fn an_error_of_the_stack_is_what_it_says() {
    let world = World::new();
    let story = world.tell(
        r#"[{"function": "throw_error", "name": "full", "message": "no room for {{ n }}", "code": "ROOM", "status": 409, "payload": {"n": "{{ n }}"}}]"#,
        r#"{"n": 3}"#,
    );
    let crate::stack::machine::Ending::Raised(failure) = story.ending else { panic!("it raises") };
    assert_eq!((failure.name.as_str(), failure.code.as_str(), failure.status), ("full", "ROOM", Some(409)));
    assert_eq!((failure.message.as_str(), failure.payload), ("no room for 3", json(r#"{"n": 3}"#)));
    assert_eq!(failure.stack, "at main stack[0] throw_error");
}
