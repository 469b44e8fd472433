//! Limits that bite: each hostile function ends with its own code, beside ordinary ones that do not notice.
//! Never measures against the clock of a quiet machine: what is slower is held against what was slow before.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Request, Server, ServerBuilder, Store, both_stores, eventually, seconds, text_of};

both_stores!(
    hostile_functions_end_with_their_own_codes_and_nobody_else_notices,
    a_share_of_a_core_delays_and_does_not_kill,
    nothing_more_begins_while_memory_is_given_out,
    each_word_of_timeout_handling_does_what_it_says,
    the_narrower_scope_wins_key_by_key,
    what_is_on_its_way_counts_before_it_is_held,
    the_heap_of_a_lambda_holds_back_starts,
);

/// Turns a loop, for ever or `input.turns` times.
fn spin(config: &Value) -> String {
    json!({"async_function_config": config, "stack": [
        {"function": "create_variable", "name": "n", "value": 0},
        {"function": "while_loop", "condition": "{{ input.turns == null or n < input.turns }}",
         "operations": [{"function": "update_variable", "name": "n", "value": "{{ n + 1 }}"}]},
        {"function": "return_response", "body": {"n": "{{ n }}"}}
    ]})
    .to_string()
}

fn fetch(config: &Value) -> String {
    json!({"async_function_config": config, "stack": [
        {"function": "external_api_request", "url": "{{ input.url }}", "timeout": 600, "return_as": "answer"},
        {"function": "return_response", "body": {"said": "{{ answer.said }}"}}
    ]})
    .to_string()
}

fn double(config: &Value) -> String {
    json!({"async_function_config": config, "stack": [
        {"function": "create_variable", "name": "list", "value": "{{ range(1000) }}"},
        {"function": "while_loop", "condition": "{{ true }}",
         "operations": [{"function": "update_variable", "name": "list", "value": ["{{ list }}", "{{ list }}"]}]}
    ]})
    .to_string()
}

fn lambda(config: &Value, code: &str) -> String {
    json!({"async_function_config": config, "stack": [{"function": "lambda", "code": code}]}).to_string()
}

fn at_most(seconds: u64) -> Value {
    json!({"resource_limits": {"max_execution_time": seconds, "memory_limit": "64MB"}})
}

/// The median of what an ordinary call takes.
fn ordinary(server: &Server, calls: usize) -> Duration {
    let mut times: Vec<Duration> = (0..calls)
        .map(|n| {
            let begun = Instant::now();
            assert_eq!(server.run("echo", &json!({"n": n}))["echo"]["n"], n);
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn hostile_functions_end_with_their_own_codes_and_nobody_else_notices(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/never", |_, _| Answer::never());
    let server = Server::on(store)
        .basics()
        .workflow("spins.json", spin(&at_most(30)))
        .workflow("hangs.json", fetch(&at_most(30)))
        .workflow("doubles.json", double(&at_most(60)))
        .workflow("lambda-spins.json", lambda(&at_most(30), "for (;;) {}"))
        .workflow("lambda-stuck.json", lambda(&at_most(30), "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)"))
        .workflow("lambda-doubles.json", lambda(&at_most(60), "let list = [1]; for (;;) list = [...list, ...list]"))
        .workflow("lambda-waits.json", lambda(&at_most(30), "await new Promise(() => {})"))
        .start();
    let hostile = [
        (server.start("spins", &json!({})), "timed_out", "ERROR_CODE_TIMEOUT"),
        (server.start("hangs", &json!({"url": stub.url("/never")})), "timed_out", "ERROR_CODE_TIMEOUT"),
        (server.start("doubles", &json!({})), "failed", "ERROR_CODE_MEMORY_LIMIT"),
        (server.start("lambda-spins", &json!({})), "timed_out", "ERROR_CODE_TIMEOUT"),
        (server.start("lambda-stuck", &json!({})), "timed_out", "ERROR_CODE_TIMEOUT"),
        (server.start("lambda-doubles", &json!({})), "failed", "ERROR_CODE_MEMORY_LIMIT"),
        (server.start("lambda-waits", &json!({})), "failed", "ERROR_CODE_LAMBDA"),
    ];
    stub.wait_for("/never", 1);
    let mut most = 0;
    let doubled = server.wait_until(&hostile[5].0, seconds(60), |entry| {
        most = most.max(server.resident_bytes_of_all());
        entry["status"] != "running"
    });
    assert_eq!(doubled["error_code"], "ERROR_CODE_MEMORY_LIMIT", "{doubled}");
    // By how much they are slowed is measured by `ringback bench hostile-neighbours`; here it is enough that none is held up.
    let beside = ordinary(&server, 20);
    assert_eq!(server.status(&hostile[0].0)["state"], "running", "it was there all the while");
    assert_eq!(server.status(&hostile[3].0)["state"], "running", "and so was the lambda");
    assert!(beside < seconds(2), "an ordinary call took {beside:?} beside them");
    for (id, state, code) in hostile {
        let entry = server.wait_done(&id);
        assert_eq!((&entry["state"], &entry["error_code"]), (&json!(state), &json!(code)), "{entry}");
    }
    assert_eq!(stub.requests_at("/never").len(), 1);
    let most = most.max(server.resident_bytes_max());
    assert!(most < (4 * 64 + 300) * 1024 * 1024, "{most} bytes were held");
}

fn a_share_of_a_core_delays_and_does_not_kill(store: Store) {
    let share = json!({"resource_limits": {"cpu_limit": "100m", "max_execution_time": 300}});
    let server =
        Server::on(store).basics().workflow("whole.json", spin(&at_most(300))).workflow("share.json", spin(&share)).start();
    let takes = |function: &str, turns: u64| {
        let begun = Instant::now();
        let id = server.start(function, &json!({"turns": turns}));
        let entry = server.wait_until(&id, seconds(300), |entry| entry["status"] != "running");
        assert_eq!(entry["output"]["n"], turns, "{entry}");
        begun.elapsed()
    };
    let mut turns = 8000;
    let mut whole = takes("whole", turns);
    while whole < seconds(2) {
        turns *= 2;
        whole = takes("whole", turns);
    }
    let limited = takes("share", turns);
    assert!(limited > whole * 3 / 2, "{turns} turns took {whole:?} with a core and {limited:?} with a tenth of one");
    assert!(ordinary(&server, 20) < seconds(1));
    // A cancellation does not wait for its share.
    let id = server.start("share", &json!({}));
    server.wait_state(&id, "running");
    crate::helpers::pause(seconds(1));
    assert_eq!(server.cancel(&id).expect(200).json()["state"], "cancelled");
}

fn nothing_more_begins_while_memory_is_given_out(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/never", |_, _| Answer::never());
    let holds = json!([
        {"function": "create_variable", "name": "list", "value": "{{ range(100000) }}"},
        {"function": "external_api_request", "url": "{{ input.url }}", "timeout": 600}
    ]);
    let server =
        Server::on(store).basics().workflow("holds.json", holds).env("RINGBACK_LIMITS_MEMORY_TOTAL_BYTES", "1000000").start();
    let holder = server.start("holds", &json!({"url": stub.url("/never")}));
    stub.wait_for("/never", 1);
    let late = server.start("echo", &json!({"n": 1}));
    let waiting = server.status(&late);
    assert_eq!((&waiting["state"], &waiting["waiting_for"]["what"]), (&json!("queued"), &json!("slot")));
    server.cancel(&holder).expect(200);
    assert_eq!(server.wait_done(&late)["state"], "completed");
}

fn patient(server: ServerBuilder, name: &str, timeout: &Value) -> ServerBuilder {
    let config = json!({
        "resource_limits": {"max_execution_time": 1},
        "retry_policy": {"max_retries": 1, "initial_delay": 100},
        "timeout_handling": timeout
    });
    server.workflow(&format!("{name}.json"), fetch(&config))
}

fn each_word_of_timeout_handling_does_what_it_says(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/never", |_, _| Answer::never());
    stub.answers_with("/slow", |_, _| Answer::json(&json!({"said": "late"})).after(seconds(3)));
    let parent = |cleanup: bool| {
        json!({"async_function_config": {"resource_limits": {"max_execution_time": 1}, "timeout_handling": {"cleanup_resources": cleanup}},
        "stack": [
            {"function": "custom_function", "name": "nap", "inputs": {"seconds": 600}, "execution_mode": "async", "return_as": "child"},
            {"function": "update_progress", "percent": 1, "data": {"child": "{{ child }}"}},
            {"function": "external_api_request", "url": "{{ input.url }}", "timeout": 600}
        ]})
    };
    let mut server = Server::on(store).basics().workflow("tidies.json", parent(true)).workflow("leaves.json", parent(false));
    for (name, timeout) in [
        ("retries", json!({"on_timeout": "retry"})),
        ("cancels", json!({"on_timeout": "cancel"})),
        ("notifies", json!({"on_timeout": "notify"})),
    ] {
        server = patient(server, name, &timeout);
    }
    let server = server.start();
    let never = json!({"url": stub.url("/never")});

    let cancelled = server.wait_done(&server.start("cancels", &never));
    assert_eq!((&cancelled["state"], &cancelled["attempt"]), (&json!("timed_out"), &json!(1)), "{cancelled}");
    let retried = server.wait_done(&server.start("retries", &never));
    assert_eq!((&retried["state"], &retried["attempt"]), (&json!("timed_out"), &json!(2)), "{retried}");
    assert_eq!(stub.requests_at("/never").len(), 3);

    let callback = json!({"url": stub.url("/hook"), "events": ["execution.overdue"]});
    let id = server.start("notifies", &json!({"url": stub.url("/slow"), "callback": callback}));
    assert_eq!(stub.message("/hook")["type"], "execution.overdue");
    let notified = server.wait_done(&id);
    assert_eq!((&notified["state"], &notified["output"]["said"]), (&json!("completed"), &json!("late")), "{notified}");
    assert!(server.get("/v1/alerts").expect(200).body.contains(&id));

    for (name, child_state) in [("tidies", "cancelled"), ("leaves", "waiting")] {
        let ended = server.wait_done(&server.start(name, &never));
        assert_eq!(ended["state"], "timed_out");
        let child = text_of(&ended["progress"]["data"]["child"]);
        eventually(&format!("a child that is {child_state}"), seconds(15), || {
            (server.status(&child)["state"] == child_state).then_some(())
        });
    }
}

fn the_narrower_scope_wins_key_by_key(store: Store) {
    let folder = json!({"async_function_config": {
        "resource_limits": {"max_execution_time": 1}, "retry_policy": {"max_retries": 3}
    }});
    let stub = Receiver::start();
    stub.answers_with("/never", |_, _| Answer::never());
    let server = Server::on(store)
        .basics()
        .workflow("strict/defaults.json", folder)
        .workflow("strict/plain.json", fetch(&json!({})))
        .workflow("strict/own.json", fetch(&json!({"retry_policy": {"max_retries": 1}})))
        .start();
    let run = |function: &str, config: &Value| {
        let body = json!({"url": stub.url("/never"), "options": {"async_function_config": config}});
        server.wait_done(&server.start(function, &body))
    };
    let plain = run("strict/plain", &json!({}));
    assert_eq!((&plain["state"], &plain["max_attempts"]), (&json!("timed_out"), &json!(4)), "its folder's");
    let own = run("strict/own", &json!({}));
    assert_eq!(
        (&own["state"], &own["max_attempts"]),
        (&json!("timed_out"), &json!(2)),
        "one key its own, the other its folder's"
    );
    let begun = Instant::now();
    let called = run("strict/own", &json!({"resource_limits": {"max_execution_time": 3}}));
    assert_eq!((&called["state"], &called["max_attempts"]), (&json!("timed_out"), &json!(2)));
    assert!(begun.elapsed() > seconds(3), "the call's own limit holds");
}

fn what_is_on_its_way_counts_before_it_is_held(store: Store) {
    let stub = Receiver::start();
    let says = |text: String| move |_: &Request, _| Answer::ok().header("content-type", "application/json").body(text.clone());
    stub.answers_with("/large", says(format!("\"{}\"", "a".repeat(6_000_000))));
    stub.answers_with("/odd", says(format!("[{}[]]", "[],".repeat(5_000_000))));
    stub.answers_with("/slow", |_, _| Answer::json(&json!({})).after(seconds(2)));
    let function = |step: Value| json!({"resource_limits": {"memory_limit": "64MB"}, "stack": [step]}).to_string();
    let crowd = |step: Value| {
        function(json!({"function": "loop", "array": "{{ range(100) }}", "concurrency": 100, "operations": [step]}))
    };
    let fetch = json!({"function": "external_api_request", "url": "{{ input.url }}"});
    let post = json!({"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": "{{ input }}"});
    let server = Server::on(store)
        .basics()
        .workflow("odd.json", function(fetch.clone()))
        .workflow("reads.json", crowd(fetch))
        .workflow("sends.json", crowd(post))
        .start();
    let before = server.resident_bytes_max();
    for (function, body) in [
        ("odd", json!({"url": stub.url("/odd")})),
        ("reads", json!({"url": stub.url("/large")})),
        ("sends", json!({"url": stub.url("/slow"), "text": "a".repeat(4_000_000)})),
    ] {
        let entry = server.wait_done(&server.start(function, &body));
        assert_eq!(entry["error_code"], "ERROR_CODE_MEMORY_LIMIT", "{function}: {entry}");
        let grown = server.resident_bytes_max() - before;
        assert!(grown < 300_000_000, "{function} made the server hold {grown} bytes more");
    }
}

fn the_heap_of_a_lambda_holds_back_starts(store: Store) {
    let hold = "const held = []; for (let n = 0; n < 40; n++) held.push('x'.repeat(1000000) + n); for (;;) {}";
    let server = Server::on(store)
        .basics()
        .workflow("holds.json", lambda(&at_most(300), hold))
        .env("RINGBACK_LIMITS_MEMORY_TOTAL_BYTES", "20000000")
        .start();
    let holder = server.start("holds", &json!({}));
    let late = eventually("a call that finds no room", seconds(60), || {
        let late = server.start("echo", &json!({"n": 1}));
        (server.status(&late)["waiting_for"]["what"] == "slot").then_some(late)
    });
    assert_eq!(server.status(&late)["state"], "queued");
    server.cancel(&holder).expect(200);
    assert_eq!(server.wait_done(&late)["state"], "completed");
}
