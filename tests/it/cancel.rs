//! Cancelling and deadlines: what ends, how soon, and what still runs then.
//! Never accepts that something hangs on after its end.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, millis, seconds};

both_stores!(
    a_hung_request_is_dropped_when_its_execution_is_cancelled,
    a_hung_request_is_dropped_at_the_deadline,
    whatever_has_not_ended_can_be_cancelled,
    what_has_ended_cannot_be_cancelled,
    many_are_cancelled_at_once,
    finally_runs_and_catch_does_not,
    children_end_with_their_parent,
    a_pure_loop_is_stopped_too_and_disturbs_nobody,
);

/// How soon a hung connection must be closed.
const PROMPT: Duration = Duration::from_millis(200);

/// The machine that runs the tests may be busy with something else for a moment, so the quickest of a few tries counts;
/// none may take long.
fn assert_prompt(delays: &[Duration]) {
    assert!(delays.iter().min().unwrap() <= &PROMPT, "{delays:?}");
    assert!(delays.iter().max().unwrap() <= &seconds(3), "{delays:?}");
}

fn a_hung_request_is_dropped_when_its_execution_is_cancelled(store: Store) {
    let server = Server::on(store).basics().start();
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let delays: Vec<Duration> = (1..=4)
        .map(|n| {
            let id = server.start("fetch", &json!({"url": stub.url("/never"), "n": n}));
            let request = stub.wait_for("/never", n).pop().unwrap();
            let asked = Instant::now();
            let entry = server.cancel(&id).expect(200).json();
            assert_eq!(
                (&entry["cancelled"], &entry["state"], &entry["status"]),
                (&json!(true), &json!("cancelled"), &json!("error"))
            );
            eventually("the close of the hung request", seconds(5), || request.left_at()).saturating_duration_since(asked)
        })
        .collect();
    assert_prompt(&delays);
}

fn a_hung_request_is_dropped_at_the_deadline(store: Store) {
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let server = Server::on(store)
        .workflow(
            "brief.json",
            json!({"async_function_config": {"resource_limits": {"max_execution_time": 1}},
                   "stack": [{"function": "external_api_request", "url": stub.url("/never"), "timeout": 60}]}),
        )
        .start();
    let delays: Vec<Duration> = (1..=3)
        .map(|n| {
            let id = server.start("brief", &json!({}));
            let request = stub.wait_for("/never", n).pop().unwrap();
            let entry = server.wait_done(&id);
            assert_eq!((&entry["state"], &entry["error_code"]), (&json!("timed_out"), &json!("ERROR_CODE_TIMEOUT")));
            let left = eventually("the close of the hung request", seconds(5), || request.left_at());
            // The request arrived a little after the execution began, so this errs on the strict side only by that little.
            (left - request.at).saturating_sub(seconds(1))
        })
        .collect();
    assert_prompt(&delays);
}

fn whatever_has_not_ended_can_be_cancelled(store: Store) {
    let stub = Receiver::start();
    stub.answers("/flaky", [Answer::status(503)]);
    let server = Server::on(store)
        .basics()
        .workflow(
            "stubborn.json",
            json!({"async_function_config": {"retry_policy": {"max_retries": 5, "initial_delay": 60000}},
                   "stack": [{"function": "external_api_request", "url": stub.url("/flaky")}]}),
        )
        .workflow("patient.json", json!([{"function": "wait_for_event", "name": "go", "timeout": 600}]))
        .start();
    let cases = [
        ("queued", server.start("echo", &json!({"options": {"delay": 600}}))),
        ("waiting", server.start("nap", &json!({"seconds": 600}))),
        ("waiting", server.start("patient", &json!({}))),
        ("retrying", server.start("stubborn", &json!({}))),
    ];
    for (state, id) in &cases {
        server.wait_state(id, state);
        let entry = server.cancel(id).expect(200).json();
        assert_eq!(entry["cancelled"], true, "{state}: {entry}");
        let entry = server.wait_done(id);
        assert_eq!((&entry["state"], &entry["error_code"]), (&json!("cancelled"), &json!("ERROR_CODE_CANCELLED")), "{state}");
        assert!(entry["completed_at"].is_string() && entry["error"].is_string(), "{entry}");
        // Once more is fine.
        assert_eq!(server.cancel(id).expect(200).json()["cancelled"], true);
    }
}

fn what_has_ended_cannot_be_cancelled(store: Store) {
    let server = Server::on(store).basics().start();
    for (function, state) in [("echo", "completed"), ("fail", "failed")] {
        let id = server.start(function, &json!({}));
        server.wait_done(&id);
        let before = server.status(&id);
        server.cancel(&id).expect(409).problem();
        assert_eq!(server.status(&id), before);
        assert_eq!(before["state"], state);
    }
    server.cancel("3f2504e0-4f89-41d3-9a0c-0305e82c3301").expect(404).problem();
    server.cancel("nonsense").expect(404).problem();
}

fn many_are_cancelled_at_once(store: Store) {
    let server = Server::on(store).basics().start();
    let nap = server.start("nap", &json!({"seconds": 600}));
    let done = server.start("echo", &json!({}));
    server.wait_done(&done);
    let entries = server.post("/api/async-cancel", &json!({"execution_ids": [nap, done, "nonsense"]})).expect(200).json();
    let said: Vec<&Value> = entries.as_array().unwrap().iter().map(|entry| &entry["cancelled"]).collect();
    assert_eq!(said, [&json!(true), &json!(false), &json!(false)]);

    // The managing door does the same.
    let other = server.start("nap", &json!({"seconds": 600}));
    server.post(&format!("/v1/executions/{other}/cancel"), &json!({})).expect(200);
    assert_eq!(server.wait_done(&other)["state"], "cancelled");
}

fn finally_runs_and_catch_does_not(store: Store) {
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let note =
        |what: &str| json!([{"function": "add_record", "table": "notes", "data": {"what": what, "of": "{{ execution.id }}"}}]);
    let server = Server::on(store)
        .basics()
        .workflow(
            "careful.json",
            json!([{"function": "try_catch",
                    "try_block": [{"function": "external_api_request", "url": stub.url("/never"), "timeout": 60}],
                    "catch_block": note("catch"), "finally_block": note("finally")}]),
        )
        .start();
    let id = server.start("careful", &json!({}));
    stub.wait_for("/never", 1);
    server.cancel(&id).expect(200);
    assert_eq!(server.wait_done(&id)["state"], "cancelled");
    let notes = server.run("list", &json!({"table": "notes"}));
    assert_eq!((notes.as_array().unwrap().len(), &notes[0]["what"]), (1, &json!("finally")));
}

fn children_end_with_their_parent(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "parent.json",
            json!([
                {"function": "custom_function", "name": "nap", "inputs": {"seconds": 600}, "execution_mode": "async", "return_as": "child"},
                {"function": "update_progress", "percent": 1, "data": {"child": "{{ child }}"}},
                {"function": "async_function_await", "execution_ids": ["{{ child }}"], "timeout": 600}
            ]),
        )
        .start();
    let parent = server.start("parent", &json!({}));
    server.wait_state(&parent, "waiting");
    let child = eventually("the child", seconds(10), || {
        let found = server.get(&format!("/v1/executions?parent={parent}")).expect(200).json();
        found["items"][0]["execution_id"].as_str().map(str::to_owned)
    });
    assert_eq!(server.status(&child)["parent_execution_id"], json!(parent));
    server.cancel(&parent).expect(200);
    assert_eq!(server.wait_done(&parent)["state"], "cancelled");
    assert_eq!(server.wait_done(&child)["state"], "cancelled");
}

fn a_pure_loop_is_stopped_too_and_disturbs_nobody(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "spin.json",
            json!({"async_function_config": {"resource_limits": {"max_execution_time": 20}},
                   "stack": [
                       {"function": "create_variable", "name": "n", "value": 0},
                       {"function": "while_loop", "condition": "{{ true }}",
                        "operations": [{"function": "update_variable", "name": "n", "value": "{{ n + 1 }}"}]}]}),
        )
        .start();
    let spinning: Vec<String> = (0..4).map(|_| server.start("spin", &json!({}))).collect();
    let began = Instant::now();
    for n in 0..10 {
        assert_eq!(server.run("echo", &json!({"n": n}))["echo"]["n"], n);
    }
    assert!(began.elapsed() < seconds(10), "loops hold up their neighbours: {:?}", began.elapsed());
    for id in &spinning {
        server.cancel(id).expect(200);
        assert_eq!(server.wait_until(id, millis(5000), |entry| entry["status"] != "running")["state"], "cancelled");
    }
}
