//! Branches and turns that run at the same time: how many, how long, what an error does, what a crash does.
//! Never takes the order of their ends for the order of their beginnings.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, millis, pause, seconds};

both_stores!(
    turns_are_performed_at_once_as_many_as_the_loop_allows,
    branches_wait_side_by_side_and_hold_nothing,
    an_error_in_one_branch_drops_what_the_others_have_in_flight,
    children_of_several_turns_are_awaited_at_once,
    branches_that_are_killed_go_on_where_each_stood,
    what_waits_beside_a_request_never_begins_anew,
    a_cancel_reaches_every_branch_and_the_children,
    a_branch_that_tries_again_leaves_the_others_alone,
);

/// How many requests were open at the same moment, at most.
fn most_at_once(requests: &[crate::helpers::Request], each: std::time::Duration) -> usize {
    let count = |at: Instant| requests.iter().filter(|other| other.at <= at && at < other.at + each).count();
    requests.iter().map(|request| count(request.at)).max().unwrap_or(0)
}

fn turns_are_performed_at_once_as_many_as_the_loop_allows(store: Store) {
    let stub = Receiver::start();
    stub.answers("/slow", [Answer::json(&json!({"ok": true})).after(millis(300))]);
    let server = Server::on(store)
        .workflow(
            "spread.json",
            json!([
                {"function": "create_variable", "name": "done", "value": []},
                {"function": "loop", "array": "{{ input.list }}", "as": "n", "concurrency": 4, "operations": [
                    {"function": "external_api_request", "url": stub.url("/slow"), "method": "POST", "body": {"n": "{{ n }}"}},
                    {"function": "add_record", "table": "turns", "data": {"n": "{{ n }}"}},
                    {"function": "update_variable", "name": "done", "operation": "append", "value": "{{ n }}"}
                ]},
                {"function": "return", "value": "{{ done|sort }}"}
            ]),
        )
        .basics()
        .start();
    let began = Instant::now();
    let list: Vec<u32> = (0..12).collect();
    assert_eq!(server.run("spread", &json!({"list": list})), json!(list));
    let took = began.elapsed();
    let requests = stub.requests_at("/slow");
    assert_eq!(requests.len(), 12);
    let most = most_at_once(&requests, millis(280));
    assert!((2..=4).contains(&most), "{most} at once");
    assert!(took < millis(3000), "twelve turns of 300 ms one after the other take 3.6 s, this took {took:?}");
    let keys: HashSet<&str> = requests.iter().map(|request| request.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys.len(), 12, "every turn has a key of its own");
    let rows = server.run("list", &json!({"table": "turns"}));
    assert_eq!(rows.as_array().unwrap().len(), 12);
}

fn branches_wait_side_by_side_and_hold_nothing(store: Store) {
    let server = Server::on(store)
        .workflow(
            "both.json",
            json!([
                {"function": "parallel", "branches": {
                    "nap": [{"function": "sleep", "duration": 2}, {"function": "create_variable", "name": "x", "value": "napped"}],
                    "event": [{"function": "wait_for_event", "name": "go", "timeout": 600, "return_as": "went"}],
                    "other": [{"function": "wait_for_event", "name": "more", "timeout": 600}]
                }, "return_as": "all"},
                {"function": "return", "value": "{{ all }}"}
            ]),
        )
        .start();
    let began = Instant::now();
    let id = server.start("both", &json!({}));
    server.wait_state(&id, "waiting");
    server.post(&format!("/v1/executions/{id}/events/go"), &json!({"n": 1})).expect(202);
    pause(millis(2500));
    let entry = server.wait_state(&id, "waiting");
    assert_eq!(entry["waiting_for"]["what"], "event", "{entry}");
    server.post(&format!("/v1/executions/{id}/events/more"), &json!(2)).expect(202);
    assert_eq!(server.wait_done(&id)["output"], json!({"nap": "napped", "event": {"n": 1}, "other": 2}));
    assert!(began.elapsed() < seconds(15));
}

fn an_error_in_one_branch_drops_what_the_others_have_in_flight(store: Store) {
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    stub.answers("/bad", [Answer::status(503).after(millis(200))]);
    let server = Server::on(store)
        .basics()
        .workflow(
            "race.json",
            json!([
                {"function": "try_catch", "try_block": [
                    {"function": "parallel", "branches": {
                        "hangs": [{"function": "try_catch",
                            "try_block": [{"function": "external_api_request", "url": stub.url("/never"), "timeout": 60}],
                            "catch_block": [{"function": "add_record", "table": "notes", "data": {"what": "catch"}}],
                            "finally_block": [{"function": "add_record", "table": "notes", "data": {"what": "finally"}}]}],
                        "fails": [{"function": "external_api_request", "url": stub.url("/bad"), "raise_on_error": true}]
                    }}
                ], "catch_block": [{"function": "return", "value": "{{ error.status }}"}]}
            ]),
        )
        .start();
    let began = Instant::now();
    assert_eq!(server.run("race", &json!({})), json!(503));
    assert!(began.elapsed() < seconds(10));
    let hung = stub.wait_for("/never", 1).pop().unwrap();
    eventually("the close of the hung request", seconds(5), || hung.left_at());
    let notes = server.run("list", &json!({"table": "notes"}));
    assert_eq!((notes.as_array().unwrap().len(), &notes[0]["what"]), (1, &json!("finally")));
}

fn children_of_several_turns_are_awaited_at_once(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "fan.json",
            json!([
                {"function": "create_variable", "name": "order", "value": []},
                {"function": "loop", "array": [3, 1, 1, 1], "as": "s", "concurrency": 2, "operations": [
                    {"function": "custom_function", "name": "nap", "inputs": {"seconds": "{{ s }}"}, "execution_mode": "async", "return_as": "child"},
                    {"function": "async_function_await", "execution_ids": ["{{ child }}"], "timeout": 60, "return_as": "entries"},
                    {"function": "precondition", "condition": "{{ entries[0].execution_id == child }}"},
                    {"function": "update_variable", "name": "order", "operation": "append", "value": "{{ s }}"}
                ]},
                {"function": "return", "value": "{{ order }}"}
            ]),
        )
        .start();
    let began = Instant::now();
    let id = server.start("fan", &json!({}));
    let entry = server.wait_done(&id);
    let took = began.elapsed();
    assert_eq!(entry["state"], "completed", "{entry}");
    let order = entry["output"].as_array().unwrap();
    assert_eq!((order.len(), &order[0]), (4, &json!(1)), "short turns do not wait for the long one: {entry}");
    let children = server.get(&format!("/v1/executions?parent={id}")).expect(200).json();
    assert_eq!(children["items"].as_array().unwrap().len(), 4);
    assert!(took < millis(6000 + 2500), "{took:?}");
}

/// Three turns at once, each with a request, a nap and a record; killed again and again.
fn branches_that_are_killed_go_on_where_each_stood(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/ext", |request, _| {
        let n = request.json()["n"].as_u64().unwrap();
        Answer::json(&json!({"said": n})).after(millis(100 + n * 37 % 300))
    });
    let mut server = Server::on(store)
        .basics()
        .workflow(
            "walk.json",
            json!([
                {"function": "create_variable", "name": "count", "value": 0},
                {"function": "loop", "array": "{{ input.list }}", "as": "n", "concurrency": 5, "operations": [
                    {"function": "external_api_request", "url": stub.url("/ext"), "method": "POST",
                     "body": {"n": "{{ n }}", "count": "{{ count }}", "id": "{{ uuid }}"}, "raise_on_error": true,
                     "retry_policy": {"max_retries": 5, "initial_delay": 100}},
                    {"function": "update_variable", "name": "count", "value": "{{ count + 1 }}"},
                    {"function": "sleep", "duration": 0.2},
                    {"function": "add_record", "table": "walked", "data": {"n": "{{ n }}"}}
                ]},
                {"function": "return", "value": "{{ count }}"}
            ]),
        )
        .env("RINGBACK_LOG", "warn")
        .start();
    let list: Vec<u64> = (0..40).collect();
    let id = server.start("walk", &json!({"list": list}));
    for round in 0..4 {
        pause(millis(300 + round * 130));
        server.kill9();
        server.restart();
    }
    let entry = server.wait_done(&id);
    assert_eq!((&entry["state"], &entry["output"]), (&json!("completed"), &json!(40)), "{entry}");
    let rows = server.run("list", &json!({"table": "walked"}));
    let mut walked: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
    walked.sort_unstable();
    assert_eq!(walked, list, "each turn once");
    let mut by_key: HashMap<String, Vec<u8>> = HashMap::new();
    for request in stub.requests_at("/ext") {
        let key = request.header("idempotency-key").unwrap().to_owned();
        let first = by_key.entry(key).or_insert_with(|| request.body.clone());
        assert_eq!(first, &request.body, "a request made again after a crash is the same request");
    }
    assert_eq!(by_key.len(), 40);
}

/// A nap and a wait with a time of its own beside a request that nobody answers; killed before anything else was recorded.
fn what_waits_beside_a_request_never_begins_anew(store: Store) {
    let stub = Receiver::start();
    stub.answers("/hangs", [Answer::never()]);
    let tell = |path: &str| json!({"function": "external_api_request", "url": stub.url(path)});
    let mut server = Server::on(store)
        .workflow(
            "beside.json",
            json!([
                {"function": "parallel", "branches": {
                    "hangs": [{"function": "external_api_request", "url": stub.url("/hangs"), "timeout": 120}],
                    "naps": [{"function": "loop", "array": [1, 2], "as": "n", "concurrency": 2, "operations": [
                        {"function": "sleep", "duration": 6}, tell("/woke")]}],
                    "waits": [{"function": "try_catch",
                        "try_block": [{"function": "wait_for_event", "name": "never", "timeout": 6}],
                        "catch_block": [tell("/late")]}]
                }}
            ]),
        )
        .env("RINGBACK_LOG", "warn")
        .start();
    let began = Instant::now();
    let id = server.start("beside", &json!({}));
    stub.wait_for("/hangs", 1);
    for round in 2..=3 {
        pause(millis(1500));
        server.kill9();
        server.restart();
        stub.wait_for("/hangs", round);
    }
    let over = [stub.wait_for("/woke", 2)[0].at, stub.wait_for("/woke", 2)[1].at, stub.wait_for("/late", 1)[0].at];
    for at in over {
        let after = at - began;
        assert!(after >= millis(5900), "{after:?} is too early");
        assert!(after < millis(8500), "{after:?}: it began anew after a crash");
    }
    let steps = crate::helpers::items(&server.get(&format!("/v1/executions/{id}/steps")).expect(200).json());
    let sleeps = steps.iter().filter(|step| step["kind"] == "sleep").count();
    assert_eq!(sleeps, 2, "a nap is one step in the history: {steps:?}");
    server.cancel(&id).expect(200);
    assert_eq!(server.wait_done(&id)["state"], "cancelled");
}

fn a_cancel_reaches_every_branch_and_the_children(store: Store) {
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let server = Server::on(store)
        .basics()
        .workflow(
            "wide.json",
            json!([
                {"function": "parallel", "branches": {
                    "request": [{"function": "external_api_request", "url": stub.url("/never"), "timeout": 60}],
                    "child": [
                        {"function": "custom_function", "name": "nap", "inputs": {"seconds": 600}, "execution_mode": "async", "return_as": "child"},
                        {"function": "async_function_await", "execution_ids": ["{{ child }}"], "timeout": 600}
                    ],
                    "event": [{"function": "wait_for_event", "name": "never"}]
                }}
            ]),
        )
        .start();
    let id = server.start("wide", &json!({}));
    let hung = stub.wait_for("/never", 1).pop().unwrap();
    let child = eventually("the child", seconds(10), || {
        let found: Value = server.get(&format!("/v1/executions?parent={id}")).expect(200).json();
        found["items"][0]["execution_id"].as_str().map(str::to_owned)
    });
    server.cancel(&id).expect(200);
    assert_eq!(server.wait_done(&id)["state"], "cancelled");
    assert_eq!(server.wait_done(&child)["state"], "cancelled");
    eventually("the close of the hung request", seconds(5), || hung.left_at());
}

fn a_branch_that_tries_again_leaves_the_others_alone(store: Store) {
    let stub = Receiver::start();
    stub.answers("/flaky", [Answer::status(503), Answer::status(503), Answer::json(&json!({"ok": 1}))]);
    stub.answers("/slow", [Answer::json(&json!({"ok": 2})).after(millis(1500))]);
    let server = Server::on(store)
        .workflow(
            "mixed.json",
            json!([
                {"function": "parallel", "branches": {
                    "flaky": [{"function": "external_api_request", "url": stub.url("/flaky"),
                               "retry_policy": {"max_retries": 3, "initial_delay": 200, "jitter": 0}}],
                    "slow": [{"function": "external_api_request", "url": stub.url("/slow")}]
                }, "return_as": "all"},
                {"function": "return", "value": "{{ all.flaky.ok + all.slow.ok }}"}
            ]),
        )
        .start();
    assert_eq!(server.run("mixed", &json!({})), json!(3));
    let (flaky, slow) = (stub.requests_at("/flaky"), stub.requests_at("/slow"));
    assert_eq!((flaky.len(), slow.len()), (3, 1), "nobody is asked again because a neighbour failed");
    assert!(flaky[2].at < slow[0].at + millis(1400), "the retries went on beside the slow request");
    let keys: HashSet<&str> = flaky.iter().map(|request| request.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys.len(), 1);
}
