//! Bad input of every kind: a clear refusal, and nothing left behind.
//! Never accepts "some error" as an answer: status, code and words are looked at.

use serde_json::{Value, json};

use crate::helpers::{Call, Receiver, Server, Store, both_stores, millis, pause};

both_stores!(
    bad_calls_are_refused_and_leave_nothing,
    inputs_that_do_not_hold_are_named_field_by_field,
    odd_paths_and_methods_are_answered_in_words,
    what_is_too_large_or_too_deep_is_refused,
);

/// A value that does not hold is malformed or not acceptable; which of the two is a matter of taste.
const EITHER: &[u16] = &[400, 422];

fn bad_calls_are_refused_and_leave_nothing(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let hook = receiver.url("/hook");
    let raw = |text: &str| server.call("POST", "/api/echo").header("content-type", "application/json").bytes(text);
    let body = |value: Value| server.call("POST", "/api/echo").json(&value);
    let cases: Vec<(&str, &[u16], Call)> = vec![
        ("no JSON", &[400], raw("{\"a\": ")),
        ("an array", &[400], raw("[1, 2]")),
        ("a number", &[400], raw("7")),
        ("half a text", &[400], raw("\"\\ud800\"")),
        ("an unpaired surrogate", &[400], raw(r#"{"a": "\ud800"}"#)),
        ("a NUL", &[400], raw(r#"{"a": "x\u0000y"}"#)),
        (
            "no UTF-8",
            &[400],
            server.call("POST", "/api/echo").header("content-type", "application/json").bytes(b"{\"a\": \"\xff\"}".to_vec()),
        ),
        ("two words that disagree", &[400], body(json!({"async": true, "process_type": "sync"}))),
        ("async that is neither", &[400], body(json!({"async": "perhaps"}))),
        ("a callback that is no text", EITHER, body(json!({"async": true, "callback_url": 7}))),
        ("a callback without a URL", EITHER, body(json!({"async": true, "callback": {"headers": {}}}))),
        (
            "a callback with an unknown event",
            EITHER,
            body(json!({"async": true, "callback": {"url": hook, "events": ["execution.dreamt"]}})),
        ),
        ("options that are no object", EITHER, body(json!({"async": true, "callback_url": hook, "options": 7}))),
        ("a delay that is no number", EITHER, body(json!({"async": true, "callback_url": hook, "options": {"delay": "soon"}}))),
        ("a negative delay", EITHER, body(json!({"async": true, "callback_url": hook, "options": {"delay": -1}}))),
        ("a priority out of range", EITHER, body(json!({"async": true, "callback_url": hook, "options": {"priority": 101}}))),
        ("tags that are no list", EITHER, body(json!({"async": true, "callback_url": hook, "options": {"tags": 7}}))),
        (
            "an unknown limit",
            EITHER,
            body(json!({"async": true, "options": {"async_function_config": {"resource_limits": {"memory_limit": "much"}}}})),
        ),
        ("a key without end", EITHER, body(json!({"async": true})).header("idempotency-key", "k".repeat(300))),
        (
            "a function that is not there",
            &[404],
            server.call("POST", "/api/ecko").json(&json!({"async": true, "callback_url": hook})),
        ),
        ("a reserved name", &[404], server.call("POST", "/api/async-nothing").json(&json!({}))),
        ("a cancel without an id", &[400], server.call("POST", "/api/async-cancel").json(&json!({}))),
        ("an await that is no object", &[400], server.call("POST", "/api/async-await").json(&json!([1]))),
    ];
    for (what, statuses, call) in cases {
        let reply = call.header("origin", "http://localhost:3000").send();
        assert!(statuses.contains(&reply.status), "{what}: {} {}", reply.status, reply.body);
        let problem = reply.problem();
        assert!(reply.header("access-control-allow-origin").is_some(), "{what}: a browser could not read this answer");
        // The type is a page of ours that says what to do.
        let page = Call::new("GET", problem["type"].as_str().unwrap()).send();
        assert_eq!(page.status, 200, "{what}: {}", problem["type"]);
        assert!(page.body.len() > 100, "{what}: {}", page.body);
    }
    let near = server.post("/api/ecko", &json!({})).problem().to_string();
    assert!(near.contains("echo"), "a near name helps: {near}");
    let named = server.call("POST", "/api/ecko").header("accept", "application/problem+json").json(&json!({})).send();
    assert_eq!(named.header("content-type"), Some("application/problem+json"));
    assert!(server.post("/api/ecko", &json!({})).header("content-type").unwrap().starts_with("application/json"));

    assert!(server.executions().is_empty(), "a refused call has left an execution");
    pause(millis(300));
    assert_eq!(receiver.count(), 0, "a refused call has called somebody");
}

fn inputs_that_do_not_hold_are_named_field_by_field(store: Store) {
    let inputs = json!({
        "name": {"type": "text", "required": true},
        "age": {"type": "int"},
        "price": {"type": "decimal"},
        "active": {"type": "bool"},
        "at": {"type": "timestamp"},
        "email": {"type": "email"},
        "ref": {"type": "uuid"},
        "extra": {"type": "object"},
        "list": {"type": "int[]"},
        "size": {"type": "enum", "values": ["s", "m"]}
    });
    let server = Server::on(store)
        .workflow("typed.json", json!({"inputs": inputs, "stack": [{"function": "return_response", "body": "{{ input }}"}]}))
        .start();
    let bad = json!({
        "age": 1.5, "price": "dear", "active": "perhaps", "at": "yesterday", "email": "nobody", "ref": "7", "extra": [1],
        "list": [1, "two"], "size": "xl"
    });
    let problem = server.post("/api/typed", &bad).expect(422).problem();
    let words = problem["payload"].to_string();
    for field in ["name", "age", "price", "active", "at", "email", "ref", "extra", "list", "size"] {
        assert!(
            words.contains(&format!("\"{field}\"")) || words.contains(&format!("{field}[")),
            "{field} is not named in {words}"
        );
    }
    server.post("/api/typed", &json!({"async": true, "name": "a", "age": "x"})).expect(422).problem();
    assert!(server.executions().is_empty());

    let good = json!({"name": "Ada", "age": "36", "price": 1.25, "active": "true", "at": "2026-01-02T03:04:05Z", "list": [1, 2], "size": "m"});
    let seen = server.run("typed", &good);
    assert_eq!((&seen["age"], &seen["active"], &seen["at"]), (&json!(36), &json!(true), &json!("2026-01-02T03:04:05.000Z")));
}

fn odd_paths_and_methods_are_answered_in_words(store: Store) {
    let server = Server::on(store).basics().start();
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("POST", "/api/", 404),
        ("POST", "/api/a//../b", 404),
        ("POST", "/api/%00", 404),
        ("POST", "/api/%ff%fe", 404),
        ("DELETE", "/api/echo", 405),
        ("PUT", "/api/async-status", 405),
        ("GET", "/v1/executions/3f2504e0-4f89-41d3-9a0c-0305e82c3301", 404),
        ("GET", "/v1/executions?limit=many", 400),
        ("GET", "/v1/executions?created_after=soon", 400),
    ] {
        let reply = server.call(method, path).send();
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        reply.problem();
    }
    assert!(server.executions().is_empty());
    server.get("/healthz").expect(200);
}

fn what_is_too_large_or_too_deep_is_refused(store: Store) {
    let server = Server::on(store).basics().start();
    let large = json!({"async": true, "text": "x".repeat(11 * 1024 * 1024)});
    server.post("/api/echo", &large).expect(413).problem();
    let deep = format!("{{\"async\": true, \"a\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    server.call("POST", "/api/echo").header("content-type", "application/json").bytes(deep).send().expect(400).problem();
    let abyss = format!("{}1{}", "{\"a\":".repeat(500_000), "}".repeat(500_000));
    server.call("POST", "/api/echo").header("content-type", "application/json").bytes(abyss).send().expect(400).problem();
    let wide = format!("{{\"n\": 1e999, \"m\": {}}}", "9".repeat(400));
    server.call("POST", "/api/echo").header("content-type", "application/json").bytes(wide).send().expect(400).problem();
    assert!(server.executions().is_empty());
    server.get("/healthz").expect(200);
}
