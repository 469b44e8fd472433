//! Asking how an execution stands: status, await, lists.
//! Never starts anything in an unusual way.

use serde_json::{Value, json};
use std::time::Instant;

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, field_names, items, millis, seconds};
use crate::start::ENTRY_FIELDS;

both_stores!(
    status_answers_every_id_that_was_asked_for,
    every_entry_has_every_field,
    an_execution_is_seen_in_each_of_its_states,
    await_answers_as_soon_as_there_is_something_to_say,
    results_outlive_the_process,
    executions_are_listed_and_filtered,
    the_steps_of_an_execution_are_readable,
);

const NOBODY: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

fn status_answers_every_id_that_was_asked_for(store: Store) {
    let server = Server::on(store).basics().start();
    let good = server.start("echo", &json!({"n": 1}));
    let bad = server.start("fail", &json!({}));
    server.wait_done(&good);
    server.wait_done(&bad);

    let asked = json!([bad, NOBODY, "no id at all", null, good, good]);
    let entries = server.post("/api/async-status", &json!({"execution_ids": asked})).expect(200).json();
    let words: Vec<&Value> = entries.as_array().expect("a bare array").iter().map(|entry| &entry["state"]).collect();
    assert_eq!(words, ["failed", "not_found", "not_found", "not_found", "completed", "completed"]);
    for (entry, id) in entries.as_array().unwrap().iter().zip(asked.as_array().unwrap()) {
        assert_eq!(&entry["execution_id"], id);
        assert_eq!(&entry["async_execution_id"], id);
    }
    assert_eq!(entries[0]["error"], "it broke on purpose");
    assert_eq!(entries[0]["error_message"], "it broke on purpose");
    assert_eq!(entries[0]["error_code"], "ERROR_CODE_BROKEN");
    let detail = &entries[0]["error_detail"];
    assert_eq!(field_names(detail), ["name", "code", "message", "status", "payload", "stack", "step", "attempt"]);
    assert!(detail["stack"].as_str().unwrap().starts_with("at fail stack[0]"), "{detail}");
    assert_eq!(entries[1]["status"], "error");

    for body in [
        json!({"execution_ids": good}),
        json!({"execution_id": good}),
        json!({"async_execution_id": good}),
        json!({"ids": [good]}),
    ] {
        let entries = server.post("/api/async-status", &body).expect(200).json();
        assert_eq!((entries.as_array().map(Vec::len), &entries[0]["state"]), (Some(1), &json!("completed")), "{body}");
    }
    let one = server.get(&format!("/api/async-status/{good}")).expect(200).json();
    assert_eq!(one["output"], json!({"echo": {"n": 1}}));
    let two = server.get(&format!("/api/async-status?execution_ids={good},{bad}")).expect(200).json();
    assert_eq!((&two[0]["state"], &two[1]["state"]), (&json!("completed"), &json!("failed")));

    let many: Vec<&str> = vec![NOBODY; 101];
    for body in [json!({}), json!({"execution_ids": []}), json!({"execution_ids": {"a": 1}}), json!({"execution_ids": many})] {
        server.post("/api/async-status", &body).expect(400).problem();
    }
    server.post("/api/async-status", &json!({"execution_ids": &many[..100]})).expect(200);
}

fn every_entry_has_every_field(store: Store) {
    let server = Server::on(store).basics().start();
    let ids: Vec<String> = [("echo", json!({})), ("fail", json!({})), ("nap", json!({"seconds": 30}))]
        .iter()
        .map(|(name, body)| server.start(name, body))
        .collect();
    server.wait_done(&ids[0]);
    server.wait_done(&ids[1]);
    let mut asked = ids;
    asked.push(NOBODY.to_owned());
    for entry in server.post("/api/async-status", &json!({"execution_ids": asked})).json().as_array().unwrap() {
        assert_eq!(field_names(entry), ENTRY_FIELDS, "{entry}");
        assert!(["running", "completed", "error"].contains(&entry["status"].as_str().unwrap()), "{entry}");
        assert_eq!(entry["error"].is_null(), entry["status"] != "error", "{entry}");
    }
}

fn an_execution_is_seen_in_each_of_its_states(store: Store) {
    let stub = Receiver::start();
    stub.answers("/slow", [Answer::json(&json!({"ok": true})).after(seconds(2))]);
    stub.answers("/flaky", [Answer::status(503), Answer::json(&json!({"ok": true}))]);
    let server = Server::on(store)
        .basics()
        .workflow(
            "stubborn.json",
            json!({"async_function_config": {"retry_policy": {"max_retries": 2, "initial_delay": 1500, "jitter": 0}},
                   "stack": [{"function": "external_api_request", "url": "{{ input.url }}", "return_as": "a"},
                             {"function": "return_response", "body": "{{ a.ok }}"}]}),
        )
        .start();
    let running = server.start("fetch", &json!({"url": stub.url("/slow")}));
    let waiting = server.start("nap", &json!({"seconds": 2}));
    let retrying = server.start("stubborn", &json!({"url": stub.url("/flaky")}));
    let queued = server.start("echo", &json!({"options": {"delay": 2}}));

    assert_eq!(server.wait_state(&running, "running")["waiting_for"], Value::Null);
    let entry = server.wait_state(&waiting, "waiting");
    assert_eq!(entry["waiting_for"]["what"], "timer");
    assert!(entry["waiting_for"]["since"].is_string() && entry["waiting_for"]["until"].is_string(), "{entry}");
    let entry = server.wait_state(&retrying, "retrying");
    assert_eq!(entry["waiting_for"]["what"], "retry");
    assert_eq!(server.wait_state(&queued, "queued")["status"], "running");
    for id in [&running, &waiting, &retrying, &queued] {
        let done = server.wait_done(id);
        assert_eq!(done["state"], "completed", "{done}");
        assert!(done["started_at"].is_string() && done["completed_at"].is_string(), "{done}");
    }
    assert_eq!(server.status(&retrying)["attempt"], 2);
}

fn await_answers_as_soon_as_there_is_something_to_say(store: Store) {
    let server = Server::on(store).basics().start();
    let quick = server.start("nap", &json!({"seconds": 0.5}));
    let slow = server.start("nap", &json!({"seconds": 30}));
    let ask = |ids: &[&str], more: Value| {
        let mut body = json!({"execution_ids": ids});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let began = Instant::now();
        (server.post("/api/async-await", &body).expect(200).json(), began.elapsed())
    };
    let (entries, _) = ask(&[&slow, &quick], json!({"timeout": 30, "mode": "any"}));
    assert_eq!((&entries[0]["status"], &entries[1]["status"]), (&json!("running"), &json!("completed")));
    let (_, took) = ask(&[&quick], json!({"timeout": 30}));
    assert!(took < seconds(10), "an ended execution was waited for: {took:?}");
    let (entries, took) = ask(&[&slow], json!({"timeout": 1}));
    assert!(took >= millis(900) && took < seconds(15), "{took:?}");
    assert_eq!(entries[0]["status"], "running", "slowness is no error");
    let (_, took) = ask(&[&slow], json!({}));
    assert!(took >= millis(1800) && took < seconds(15), "two seconds unless said otherwise: {took:?}");
    let (entries, took) = ask(&[&slow, NOBODY], json!({"timeout": 0}));
    assert!(took < seconds(2), "{took:?}");
    assert_eq!(entries[1]["state"], "not_found");
    server.post("/api/async-await", &json!({"execution_ids": [quick], "timeout": 61})).expect(400).problem();
}

fn results_outlive_the_process(store: Store) {
    let mut server = Server::on(store).basics().start();
    let good = server.start("echo", &json!({"text": "ąęć", "list": [1, 2.5, null]}));
    let bad = server.start("fail", &json!({}));
    let sleeping = server.start("nap", &json!({"seconds": 3}));
    let before = [server.wait_done(&good), server.wait_done(&bad)];
    server.wait_state(&sleeping, "waiting");
    let exit = server.terminate();
    assert_eq!(exit.code(), Some(0), "a polite end is a good one");
    server.restart();
    assert_eq!([server.status(&good), server.status(&bad)], before);
    assert_eq!(server.wait_done(&sleeping)["output"], json!({"slept": 3}));
}

fn executions_are_listed_and_filtered(store: Store) {
    let server = Server::on(store).basics().start();
    let ids: Vec<String> = (0..5).map(|n| server.start("echo", &json!({"n": n}))).collect();
    let failed = server.start("fail", &json!({}));
    ids.iter().chain([&failed]).for_each(|id| assert_ne!(server.wait_done(id)["status"], "running"));

    let all = server.executions();
    assert_eq!(all.len(), 6);
    assert_eq!(all[0]["execution_id"], json!(failed), "newest first");
    let list = |query: &str| server.get(&format!("/v1/executions?{query}")).expect(200).json();
    assert_eq!(list("function=echo")["items"].as_array().unwrap().len(), 5);
    assert_eq!(list("state=failed")["items"][0]["execution_id"], json!(failed));
    assert_eq!(list("error_code=ERROR_CODE_BROKEN")["items"].as_array().unwrap().len(), 1);
    server.get("/v1/executions?state=sleeping").expect(400).problem();

    // Page by page, each execution once, then an empty end.
    let (mut seen, mut query) = (Vec::new(), "limit=4".to_owned());
    loop {
        let page = list(&query);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["execution_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=4&cursor={next}");
        assert!(seen.len() <= 6, "pages repeat themselves");
    }
    assert_eq!(seen, all.iter().map(|item| item["execution_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>());

    let one = server.get(&format!("/v1/executions/{failed}")).expect(200).json();
    assert_eq!(one["state"], "failed");
    server.get(&format!("/v1/executions/{NOBODY}")).expect(404).problem();
}

fn the_steps_of_an_execution_are_readable(store: Store) {
    let stub = Receiver::start();
    stub.answers("/api", [Answer::json(&json!({"ok": true}))]);
    let server = Server::on(store)
        .workflow(
            "steps.json",
            json!([
                {"function": "add_record", "table": "t", "data": {"a": 1}},
                {"function": "external_api_request", "url": stub.url("/api?token=hush"), "headers": {"Authorization": "Bearer hush"},
                 "description": "ask the stub"},
                {"function": "throw_error", "message": "enough"}
            ]),
        )
        .start();
    let id = server.start("steps", &json!({}));
    server.wait_done(&id);
    let reply = server.get(&format!("/v1/executions/{id}/steps")).expect(200);
    let steps = items(&reply.json());
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["kind"].as_str()).collect();
    assert!(kinds.starts_with(&["add_record", "external_api_request"]), "{kinds:?}");
    assert!(!reply.body.contains("hush"), "a secret is in the history: {}", reply.body);
}
