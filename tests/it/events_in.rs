//! Events in: who may post one, when it is kept, and what it wakes.
//! Never waits for an event that nobody posts.

use serde_json::{Value, json};

use crate::helpers::{Call, Reply, Server, Store, both_stores, pause, seconds, text_of};

both_stores!(
    an_event_wakes_who_waits_for_it,
    an_early_event_is_kept_across_a_kill,
    a_second_event_of_one_name_is_refused_until_the_stack_waits_again,
    a_wait_without_its_event_ends_in_time,
    a_resume_url_opens_one_execution_and_needs_no_key,
    what_cannot_take_an_event_says_why,
);

fn asking() -> Value {
    json!([
        {"function": "create_variable", "name": "open", "value": "{{ execution.resume_url }}"},
        {"function": "update_progress", "percent": 1, "data": {"url": "{{ open }}"}},
        {"function": "wait_for_event", "name": "approved", "timeout": 600, "return_as": "answer"},
        {"function": "return", "value": "{{ answer }}"}
    ])
}

fn post_event(server: &Server, id: &str, name: &str, body: &Value) -> Reply {
    server.post(&format!("/v1/executions/{id}/events/{name}"), body)
}

/// The resume URL that the execution showed as its progress.
fn resume_url(server: &Server, id: &str) -> String {
    let entry = server.wait_until(id, seconds(20), |entry| entry["progress"]["data"]["url"].is_string());
    text_of(&entry["progress"]["data"]["url"])
}

fn an_event_wakes_who_waits_for_it(store: Store) {
    let server = Server::on(store).workflow("ask.json", asking()).start();
    let id = server.start("ask", &json!({}));
    let entry = server.wait_state(&id, "waiting");
    assert_eq!(entry["waiting_for"]["what"], "event", "{entry}");
    let told = post_event(&server, &id, "approved", &json!({"by": "Ada"})).expect(202).json();
    assert_eq!((&told["execution_id"], &told["event"], &told["accepted"]), (&json!(id), &json!("approved"), &json!(true)));
    let entry = server.wait_until(&id, seconds(5), |entry| entry["status"] != "running");
    assert_eq!(entry["output"], json!({"by": "Ada"}), "{entry}");
    // The body may be anything that JSON holds, and the name anything that a path holds.
    let id = server.start("ask", &json!({}));
    server.call("POST", &format!("/v1/executions/{id}/events/approved")).bytes("[1, null]").send().expect(202);
    assert_eq!(server.wait_done(&id)["output"], json!([1, null]));
}

fn an_early_event_is_kept_across_a_kill(store: Store) {
    let mut server = Server::on(store)
        .workflow(
            "slow.json",
            json!([
                {"function": "sleep", "duration": 2},
                {"function": "wait_for_event", "name": "paid", "timeout": 600, "return_as": "paid"},
                {"function": "return", "value": "{{ paid.euros }}"}
            ]),
        )
        .start();
    let delayed = server.start("slow", &json!({"options": {"delay": 1}}));
    let id = server.start("slow", &json!({}));
    for id in [&id, &delayed] {
        post_event(&server, id, "paid", &json!({"euros": 7})).expect(202);
    }
    server.kill9();
    server.restart();
    for id in [&id, &delayed] {
        let entry = server.wait_done(id);
        assert_eq!((&entry["state"], &entry["output"]), (&json!("completed"), &json!(7)), "{entry}");
    }
    // An event hurries nobody who waits for something else.
    let entry = server.status(&delayed);
    assert!(entry["completed_at"].as_str().unwrap() > server.status(&id)["completed_at"].as_str().unwrap(), "{entry}");
}

fn a_second_event_of_one_name_is_refused_until_the_stack_waits_again(store: Store) {
    let server = Server::on(store)
        .workflow(
            "twice.json",
            json!([
                {"function": "wait_for_event", "name": "tick", "timeout": 600, "return_as": "one"},
                {"function": "wait_for_event", "name": "tock", "timeout": 600, "return_as": "two"},
                {"function": "wait_for_event", "name": "tick", "timeout": 600, "return_as": "three"},
                {"function": "return", "value": ["{{ one.n }}", "{{ two.n }}", "{{ three.n }}"]}
            ]),
        )
        .start();
    let id = server.start("twice", &json!({}));
    let waits = |since: &Value| {
        server.wait_until(&id, seconds(20), |entry| entry["state"] == "waiting" && entry["waiting_for"]["since"] != *since)
            ["waiting_for"]["since"]
            .clone()
    };
    let first = waits(&Value::Null);
    post_event(&server, &id, "tick", &json!({"n": 1})).expect(202);
    let second = waits(&first);
    let problem = post_event(&server, &id, "tick", &json!({"n": 8})).expect(409).problem();
    assert_eq!(problem["code"], "ERROR_CODE_EVENT_REPEATED");
    post_event(&server, &id, "tock", &json!({"n": 2})).expect(202);
    waits(&second);
    post_event(&server, &id, "tick", &json!({"n": 3})).expect(202);
    assert_eq!(server.wait_done(&id)["output"], json!([1, 2, 3]));

    // One that nobody has taken yet is there once as well.
    let id = server.start("twice", &json!({"options": {"delay": 600}}));
    post_event(&server, &id, "tock", &json!({"n": 1})).expect(202);
    post_event(&server, &id, "tock", &json!({"n": 1})).expect(409).problem();
}

fn a_wait_without_its_event_ends_in_time(store: Store) {
    let server = Server::on(store)
        .workflow(
            "brief.json",
            json!([
                {"function": "try_catch",
                 "try_block": [{"function": "wait_for_event", "name": "never", "timeout": 1}],
                 "catch_block": [{"function": "return", "value": "{{ error.code }}"}]}
            ]),
        )
        .start();
    let id = server.start("brief", &json!({}));
    assert_eq!(server.wait_state(&id, "waiting")["waiting_for"]["what"], "event");
    assert_eq!(server.wait_until(&id, seconds(10), |entry| entry["status"] != "running")["output"], "ERROR_CODE_TIMEOUT");
}

fn a_resume_url_opens_one_execution_and_needs_no_key(store: Store) {
    let mut server =
        Server::on(store).workflow("ask.json", asking()).env("RINGBACK_API_KEY", "stories-need-a-long-key-1234").start();
    let start = || {
        let call = server.call("POST", "/api/ask").header("authorization", "Bearer stories-need-a-long-key-1234");
        text_of(&call.json(&json!({"async": true})).send().expect(202).json()["execution_id"])
    };
    let entry = |server: &Server, id: &str| {
        let call = server.call("GET", &format!("/api/async-status/{id}"));
        call.header("authorization", "Bearer stories-need-a-long-key-1234").send().expect(200).json()
    };
    let wait = |server: &Server, id: &str, holds: &dyn Fn(&Value) -> bool| {
        crate::helpers::eventually("a state of the execution", seconds(20), || {
            Some(entry(server, id)).filter(|entry| holds(entry))
        })
    };
    let (one, other, named) = (start(), start(), start());
    let url =
        |id: &str| text_of(&wait(&server, id, &|entry| entry["progress"]["data"]["url"].is_string())["progress"]["data"]["url"]);
    let (url, other_url, named_url) = (url(&one), url(&other), url(&named));
    server.call("POST", &format!("/v1/executions/{one}/events/approved")).json(&json!({})).send().expect(401).problem();
    let (stem, token) = url.rsplit_once('/').unwrap();
    assert!(token.len() >= 40, "{url}");
    let (_, other_token) = other_url.rsplit_once('/').unwrap();
    let changed = if token.starts_with('x') { 'y' } else { 'x' };
    let changed = format!("{stem}/{changed}{}", &token[1..]);
    for wrong in [format!("{stem}/{other_token}"), changed, format!("{stem}/"), format!("{url}x")] {
        let path = wrong.split_once("/resume/").unwrap().1;
        server.call("POST", &format!("/resume/{path}")).json(&json!({"n": 0})).send().expect(404).problem();
    }
    // It stays good across a restart; the server has another port now, so only its path is followed.
    server.restart();
    let path = |url: &str| format!("/resume/{}", url.split_once("/resume/").unwrap().1);
    let told = Call::new("POST", server.url(&path(&url))).json(&json!({"n": 1})).send().expect(202).json();
    assert_eq!(told, json!({"execution_id": one, "event": null, "accepted": true}));
    Call::new("POST", server.url(&format!("{}/approved", path(&named_url)))).json(&json!({"n": 2})).send().expect(202);
    let done = |id: &str| wait(&server, id, &|entry| entry["status"] != "running")["output"].clone();
    assert_eq!((done(&one), done(&named)), (json!({"n": 1}), json!({"n": 2})));
    pause(seconds(1));
    assert_eq!(entry(&server, &other)["state"], "waiting");
    assert!(!server.stderr().contains(token), "the log shows a token");
    // After the end it opens nothing any more.
    Call::new("POST", server.url(&path(&url))).json(&json!({})).send().expect(409).problem();
}

fn what_cannot_take_an_event_says_why(store: Store) {
    let server =
        Server::on(store).basics().workflow("ask.json", asking()).env("RINGBACK_SERVER_BODY_BYTES_MAX", "100000").start();
    let done = server.start("echo", &json!({}));
    server.wait_done(&done);
    post_event(&server, &done, "approved", &json!({})).expect(409).problem();
    for unknown in ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "nonsense"] {
        post_event(&server, unknown, "approved", &json!({})).expect(404).problem();
    }
    let id = server.start("ask", &json!({}));
    let url = resume_url(&server, &id);
    server.wait_state(&id, "waiting");
    post_event(&server, &id, &"x".repeat(201), &json!({})).expect(400).problem();
    post_event(&server, &id, "a%00b", &json!({})).expect(400).problem();
    let path = format!("/v1/executions/{id}/events/approved");
    server.call("POST", &path).bytes("{\"a\": ").send().expect(400).problem();
    server.call("POST", &path).json(&json!({"long": "x".repeat(200_000)})).send().expect(413).problem();
    server.call("POST", &path).bytes("{\"a\": \"\\u0000\"}").send().expect(400).problem();
    // A flood is stopped, and what waits is still there.
    let statuses: Vec<u16> = (0..105).map(|n| post_event(&server, &id, &format!("noise-{n}"), &json!({})).status).collect();
    assert!(statuses[..100].iter().all(|status| *status == 202) && statuses[100..].iter().all(|status| *status == 429));
    assert_eq!(server.status(&id)["state"].as_str().map(|state| state == "completed"), Some(false));
    assert!(url.contains(&id));
}
