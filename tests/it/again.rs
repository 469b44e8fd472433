//! Once more and on from there: reruns, resumes, steps that happen at most once, executions that kill their process.
//! Never counts a step twice that had its checkpoint.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, millis, pause, seconds};

both_stores!(
    a_rerun_is_a_new_execution_with_the_same_input,
    a_failed_execution_goes_on_at_the_step_that_failed,
    a_resume_may_take_the_newest_version,
    a_resume_in_nested_blocks_repeats_nothing_that_was_done,
    what_cannot_be_resumed_says_why,
    many_are_resumed_by_a_filter,
    a_step_that_may_happen_once_is_not_made_again_after_a_crash,
    an_execution_that_keeps_killing_its_process_is_set_aside,
);

/// A record, a request that may fail, a record.
fn pay(stub: &Receiver) -> Value {
    json!([
        {"function": "add_record", "table": "before", "data": {"n": "{{ input.n }}"}},
        {"function": "external_api_request", "url": stub.url("/pay"), "method": "POST", "body": {"n": "{{ input.n }}"}, "raise_on_error": true,
         "return_as": "paid"},
        {"function": "add_record", "table": "after", "data": {"n": "{{ input.n }}"}},
        {"function": "return", "value": "{{ paid.receipt }}"}
    ])
}

fn count(server: &Server, table: &str) -> usize {
    server.run("list", &json!({"table": table})).as_array().unwrap().len()
}

fn a_rerun_is_a_new_execution_with_the_same_input(store: Store) {
    let stub = Receiver::start();
    stub.answers("/pay", [Answer::status(402), Answer::json(&json!({"receipt": 7}))]);
    let home = Receiver::start();
    let server = Server::on(store).basics().workflow("pay.json", pay(&stub)).start();
    let id = server.start("pay", &json!({"n": 3, "callback_url": home.url("/home"), "options": {"tags": ["vip"]}}));
    assert_eq!(server.wait_done(&id)["state"], "failed");
    let told = server.post(&format!("/v1/executions/{id}/rerun"), &json!({})).expect(202).json();
    let again = told["execution_id"].as_str().unwrap();
    assert_ne!(again, id);
    assert_eq!(told["rerun_of"], json!(id));
    let entry = server.wait_done(again);
    assert_eq!((&entry["state"], &entry["output"], &entry["tags"]), (&json!("completed"), &json!(7), &json!(["vip"])), "{entry}");
    assert_eq!(server.get(&format!("/v1/executions/{again}")).expect(200).json()["rerun_of"], json!(id));
    assert_eq!(server.status(&id)["state"], "failed", "the first one stays what it was");
    let messages = eventually("both messages", seconds(20), || {
        let requests = home.requests_at("/home");
        (requests.len() == 2).then_some(requests)
    });
    let types: HashSet<String> = messages.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types.len(), 2, "{types:?}");
    server.post("/v1/executions/3f2504e0-4f89-41d3-9a0c-0305e82c3301/rerun", &json!({})).expect(404).problem();
    server.post(&format!("/v1/executions/{id}/rerun"), &json!({"inpt": 1})).expect(400).problem();
}

fn a_failed_execution_goes_on_at_the_step_that_failed(store: Store) {
    let stub = Receiver::start();
    stub.answers("/pay", [Answer::status(402), Answer::json(&json!({"receipt": 8}))]);
    let home = Receiver::start();
    let mut server = Server::on(store).basics().workflow("pay.json", pay(&stub)).start();
    let id = server.start("pay", &json!({"n": 1, "callback_url": home.url("/home")}));
    assert_eq!(server.wait_done(&id)["state"], "failed");
    home.wait_for("/home", 1);
    server.restart();
    let told = server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(202).json();
    assert_eq!(told["execution_id"], json!(id));
    let entry = server.wait_done(&id);
    assert_eq!((&entry["state"], &entry["output"], &entry["error"]), (&json!("completed"), &json!(8), &Value::Null), "{entry}");
    assert_eq!((count(&server, "before"), count(&server, "after")), (1, 1), "what was done is not done again");
    let keys: HashSet<String> =
        stub.requests_at("/pay").iter().map(|request| request.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!(keys.len(), 2, "a resumed step is asked under a new key");
    // Its end owes a message of its own; the earlier one stays what it was.
    let of = |kind: &str| {
        let requests = home.requests_at("/home").into_iter().filter(|request| request.json()["type"] == kind);
        requests.map(|request| request.webhook_id()).collect::<HashSet<String>>()
    };
    eventually("the message of its second end", seconds(20), || (!of("execution.completed").is_empty()).then_some(()));
    // The restart may have sent the first one twice; it is one message all the same.
    assert_eq!((of("execution.failed").len(), of("execution.completed").len()), (1, 1));
    assert!(of("execution.failed").is_disjoint(&of("execution.completed")));
    let steps = server.get(&format!("/v1/executions/{id}/steps")).expect(200).json();
    assert!(steps["items"].as_array().unwrap().iter().any(|step| step["kind"] == "resume"), "{steps}");
    server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(409).problem();
}

fn a_resume_may_take_the_newest_version(store: Store) {
    let stack = |message: &str, broken: bool| {
        let last = if broken {
            json!({"function": "throw_error", "message": "not yet"})
        } else {
            json!({"function": "log", "message": "on"})
        };
        json!([
            {"function": "add_record", "table": "before", "data": {"n": 1}, "return_as": "row"},
            {"function": "sleep", "duration": 0.1},
            last,
            {"function": "return", "value": message}
        ])
    };
    let mut server = Server::on(store).basics().workflow("mend.json", stack("old", true)).start();
    let id = server.start("mend", &json!({}));
    assert_eq!(server.wait_done(&id)["state"], "failed");
    server.folder().write("workflows/mend.json", stack("new", false));
    server.restart();
    // The version that it had fails again.
    server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(202);
    assert_eq!(server.wait_done(&id)["error"], "not yet");
    server.post(&format!("/v1/executions/{id}/resume"), &json!({"version": "newest"})).expect(202);
    let entry = server.wait_done(&id);
    assert_eq!((&entry["state"], &entry["output"]), (&json!("completed"), &json!("new")), "{entry}");
    assert_eq!(count(&server, "before"), 1);
    // A version in which its place is gone is refused.
    let id = {
        server.folder().write("workflows/mend.json", stack("old", true));
        server.restart();
        let id = server.start("mend", &json!({}));
        server.wait_done(&id);
        server.folder().write("workflows/mend.json", json!([{"function": "return", "value": 1}]));
        server.restart();
        id
    };
    let problem = server.post(&format!("/v1/executions/{id}/resume"), &json!({"version": "newest"})).expect(409).problem();
    assert_eq!(problem["code"], "ERROR_CODE_NOT_RESUMABLE");
}

fn a_resume_in_nested_blocks_repeats_nothing_that_was_done(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/ext", |request, count| match request.json()["n"].as_u64() {
        Some(3) if count < 6 => Answer::status(500),
        _ => Answer::json(&json!({"ok": true})),
    });
    let server = Server::on(store)
        .basics()
        .workflow(
            "inner.json",
            json!([
                {"function": "external_api_request", "url": stub.url("/ext"), "method": "POST", "body": {"n": "{{ input.n }}"}, "raise_on_error": true},
                {"function": "add_record", "table": "done", "data": {"n": "{{ input.n }}"}}
            ]),
        )
        .workflow(
            "outer.json",
            json!([
                {"function": "try_catch",
                 "try_block": [{"function": "loop", "array": [1, 2, 3, 4], "as": "n", "operations": [
                     {"function": "custom_function", "name": "inner", "inputs": {"n": "{{ n }}"}}]}],
                 "finally_block": [{"function": "add_record", "table": "closed", "data": {"at": "{{ now }}"}}]},
                {"function": "return", "value": "through"}
            ]),
        )
        .start();
    let id = server.start("outer", &json!({}));
    assert_eq!(server.wait_done(&id)["state"], "failed");
    let mut rounds = 0;
    while server.wait_done(&id)["state"] != "completed" {
        rounds += 1;
        assert!(rounds < 12, "it never gets through");
        server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(202);
    }
    let rows = server.run("list", &json!({"table": "done"}));
    let mut done: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
    done.sort_unstable();
    assert_eq!(done, [1, 2, 3, 4]);
    assert!(count(&server, "closed") > 1, "each end of the try block runs its finally block");
}

fn what_cannot_be_resumed_says_why(store: Store) {
    let server = Server::on(store).basics().start();
    let done = server.start("echo", &json!({}));
    server.wait_done(&done);
    let asleep = server.start("nap", &json!({"seconds": 600}));
    server.wait_state(&asleep, "waiting");
    let cancelled = server.start("nap", &json!({"seconds": 600}));
    server.cancel(&cancelled).expect(200);
    for id in [&done, &asleep, &cancelled] {
        let problem = server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(409).problem();
        assert_eq!(problem["code"], "ERROR_CODE_NOT_RESUMABLE");
    }
    server.post("/v1/executions/nonsense/resume", &json!({})).expect(404).problem();
    server.post(&format!("/v1/executions/{done}/resume"), &json!({"version": "older"})).expect(400).problem();
    for bulk in ["resume", "rerun"] {
        server.post(&format!("/v1/executions/{bulk}"), &json!({})).expect(400).problem();
        server.post(&format!("/v1/executions/{bulk}"), &json!({"filter": {"fuction": "x"}})).expect(400).problem();
        server
            .post(&format!("/v1/executions/{bulk}"), &json!({"filter": {"function": "nap"}, "dryrun": true}))
            .expect(400)
            .problem();
    }
}

fn many_are_resumed_by_a_filter(store: Store) {
    let stub = Receiver::start();
    stub.answers_with("/pay", |_, count| if count < 3 { Answer::status(402) } else { Answer::json(&json!({"receipt": count})) });
    let server = Server::on(store).basics().workflow("pay.json", pay(&stub)).start();
    let ids: Vec<String> = (0..3).map(|n| server.start("pay", &json!({"n": n}))).collect();
    for id in &ids {
        assert_eq!(server.wait_done(id)["state"], "failed");
    }
    let other = server.start("fail", &json!({}));
    server.wait_done(&other);
    let ask = |dry_run: bool| {
        server.post("/v1/executions/resume", &json!({"filter": {"function": "pay"}, "dry_run": dry_run})).expect(200).json()
    };
    let dry = ask(true);
    assert_eq!((dry["items"].as_array().unwrap().len(), &dry["dry_run"]), (3, &json!(true)), "{dry}");
    pause(millis(300));
    assert!(ids.iter().all(|id| server.status(id)["state"] == "failed"), "a dry run does nothing");
    let done = ask(false);
    assert!(done["items"].as_array().unwrap().iter().all(|item| item["error"].is_null()), "{done}");
    for id in &ids {
        assert_eq!(server.wait_done(id)["state"], "completed");
    }
    assert_eq!(server.status(&other)["state"], "failed");
    let again = server.post("/v1/executions/rerun", &json!({"filter": {"function": "pay"}})).expect(200).json();
    let new: Vec<&str> =
        again["items"].as_array().unwrap().iter().map(|item| item["accepted_execution_id"].as_str().unwrap()).collect();
    assert_eq!(new.len(), 3);
    for id in new {
        assert_eq!(server.wait_done(id)["state"], "completed");
    }
    assert_eq!(count(&server, "after"), 6);
}

fn a_step_that_may_happen_once_is_not_made_again_after_a_crash(store: Store) {
    let stub = Receiver::start();
    stub.answers("/charge", [Answer::never()]);
    stub.answers("/safe", [Answer::never(), Answer::json(&json!({"ok": 1}))]);
    let server_stack = json!([
        {"function": "try_catch",
         "try_block": [{"function": "parallel", "branches": {
             "once": [{"function": "external_api_request", "url": stub.url("/charge"), "timeout": 60, "at_most_once": true}],
             "more": [{"function": "external_api_request", "url": stub.url("/safe"), "timeout": 60}]
         }}],
         "catch_block": [{"function": "return", "value": {"code": "{{ error.code }}", "step": "{{ error.step }}"}}]}
    ]);
    let mut server = Server::on(store).basics().workflow("charge.json", server_stack).start();
    let id = server.start("charge", &json!({}));
    stub.wait_for("/charge", 1);
    stub.wait_for("/safe", 1);
    server.kill9();
    server.restart();
    let entry = server.wait_done(&id);
    assert_eq!(entry["output"]["code"], "ERROR_CODE_UNKNOWN_OUTCOME", "{entry}");
    assert!(entry["output"]["step"].as_str().unwrap().contains("branches.once"), "{entry}");
    pause(millis(500));
    assert_eq!(stub.requests_at("/charge").len(), 1, "it was sent once, whatever became of it");
}

fn an_execution_that_keeps_killing_its_process_is_set_aside(store: Store) {
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let mut server = Server::on(store)
        .basics()
        .workflow("deadly.json", json!([{"function": "external_api_request", "url": stub.url("/never"), "timeout": 120}]))
        .start();
    let home = Receiver::start();
    let id = server.start("deadly", &json!({"callback_url": home.url("/home")}));
    for crash in 1..=5 {
        stub.wait_for("/never", crash);
        assert_eq!(server.status(&id)["status"], "running", "crash {crash}");
        server.kill9();
        server.restart();
    }
    let entry = server.wait_until(&id, seconds(20), |entry| entry["status"] != "running");
    assert_eq!((&entry["state"], &entry["error_code"]), (&json!("failed"), &json!("ERROR_CODE_POISON")), "{entry}");
    let alerts = server.get("/v1/alerts").expect(200).json();
    let alert = alerts["items"].as_array().unwrap().iter().find(|alert| alert["type"] == "poison").cloned();
    assert_eq!(alert.expect("an alert of type poison")["execution_id"], json!(id));
    assert_eq!(home.wait_for("/home", 1)[0].json()["error_code"], "ERROR_CODE_POISON");
    pause(millis(500));
    assert_eq!(stub.requests_at("/never").len(), 5, "it is not tried once more");
    // Somebody who has mended the cause may let it go on.
    server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(202);
    stub.wait_for("/never", 6);
}
