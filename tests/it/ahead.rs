//! Executions that run ahead of their own acceptance: what nobody may notice of it.
//! Never looks at how quick that is; the benchmark does.

use serde_json::{Value, json};

use super::traces::{named, spans};
use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, items, runtime, seconds};

both_stores!(
    a_call_that_had_been_made_before_leaves_no_trace,
    a_short_execution_is_stored_as_a_whole_or_not_at_all,
    a_long_computation_does_not_keep_its_caller_waiting,
);

const FAILPOINT: &str = "RINGBACK_STORE_FAILPOINT";

fn tells_and_writes() -> Value {
    json!([
        {"function": "log", "message": "it was told {{ input.n }}"},
        {"function": "add_record", "table": "told", "data": {"n": "{{ input.n }}"}},
        {"function": "update_progress", "progress": 50, "message": "half of it"},
        {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "return_as": "answer"},
        {"function": "log", "message": "it has asked {{ input.n }}"},
        {"function": "return_response", "body": {"n": "{{ input.n }}"}}
    ])
}

fn a_call_that_had_been_made_before_leaves_no_trace(store: Store) {
    let (others, collector) = (Receiver::start(), Receiver::start());
    others.answers("/ask", [Answer::json(&json!({}))]);
    let server = Server::on(store)
        .basics()
        .workflow("tells.json", tells_and_writes())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(""))
        .start();
    let call = |n: u32| {
        let body = json!({"n": n, "url": others.url("/ask"), "callback_url": others.url("/home")});
        server.call("POST", "/api/tells").header("idempotency-key", format!("call-{n}")).json(&body)
    };
    // Some of one key meet in one commit, some come after it.
    let calls = (0..60).map(|at| call(at % 3).go());
    let replies = runtime().block_on(futures_util::future::join_all(calls));
    let mut ids: Vec<String> =
        replies.into_iter().map(|reply| reply.unwrap().expect(202).json()["execution_id"].to_string()).collect();
    ids.extend((0..3).map(|n| call(n).send().expect(202).json()["execution_id"].to_string()));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for id in &ids {
        assert_eq!(server.wait_done(id.trim_matches('"'))["state"], "completed");
    }
    others.wait_for("/home", 3);
    assert_eq!(server.run("list", &json!({"table": "told"})).as_array().unwrap().len(), 3);
    assert_eq!(others.requests_at("/ask").len(), 3);
    assert_eq!(items(&server.get("/v1/executions?function=tells").expect(200).json()).len(), 3);
    let log = server.stderr();
    for n in 0..3 {
        for said in ["it was told", "it has asked"] {
            assert_eq!(log.matches(&format!("{said} {n}")).count(), 1, "{log}");
        }
    }
    assert!(!log.contains("lost to another owner"), "{log}");
    let all = eventually("every span", seconds(20), || {
        let all = spans(&collector);
        (named(&all, "tells").len() == 3).then_some(all)
    });
    assert_eq!((named(&all, "add_record").len(), named(&all, "log").len()), (3, 6), "{all:?}");
}

fn a_short_execution_is_stored_as_a_whole_or_not_at_all(store: Store) {
    let mut server = Server::on(store).basics().start();
    for (moment, left) in [("before", 0), ("after", 1)] {
        server.restart_with(&[(FAILPOINT, &format!("{moment} 1 echo"))]);
        let answer = server.call("POST", "/api/echo").json(&json!({"async": true, "n": 7})).within(seconds(30)).try_send();
        assert!(answer.is_err(), "it died before it could answer");
        server.restart_with(&[(FAILPOINT, "")]);
        let there = items(&server.get("/v1/executions?function=echo").expect(200).json());
        assert_eq!(there.len(), left, "it died {moment} the commit");
        for execution in there {
            assert_eq!((&execution["state"], &execution["output"]["echo"]["n"]), (&json!("completed"), &json!(7)));
        }
    }
}

fn a_long_computation_does_not_keep_its_caller_waiting(store: Store) {
    let spins = json!([
        {"function": "create_variable", "name": "n", "value": 0},
        {"function": "while_loop", "condition": "{{ true }}",
         "operations": [{"function": "update_variable", "name": "n", "value": "{{ n + 1 }}"}]}
    ]);
    let server = Server::on(store).basics().workflow("spins.json", spins).start();
    let ids: Vec<String> = (0..4).map(|_| server.start("spins", &json!({}))).collect();
    for id in &ids {
        assert_eq!(server.status(id)["state"], "running");
        server.cancel(id).expect(200);
    }
    for id in &ids {
        assert_eq!(server.wait_done(id)["state"], "cancelled");
    }
}
