//! Waiting for one's turn: permits and rates by key, across nodes, priorities that age, a queue with a bound.
//! Never asks a server how many run: the receiver of their calls counts.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Value, json};

use crate::helpers::{Answer, Inside, Receiver, Server, Store, both_stores, eventually, millis, runtime, seconds, text_of};

both_stores!(
    a_rate_is_never_exceeded_within_its_stretch,
    a_parked_execution_keeps_its_permit,
    the_queue_has_a_bound_and_says_so,
    low_priority_is_not_starved,
    an_overlap_may_queue,
);

/// Calls the receiver once and ends.
fn visit(settings: &Value) -> String {
    let mut function = settings.clone();
    function["stack"] = json!([
        {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"key": "{{ input.key }}", "n": "{{ input.n }}"},
         "raise_on_error": true, "timeout": 60}
    ]);
    function.to_string()
}

/// The most visits of one key that were there at once, each for `stay` from its arrival.
fn most_at_once(receiver: &Receiver, stay: std::time::Duration) -> HashMap<String, usize> {
    let mut arrivals: HashMap<String, Vec<Instant>> = HashMap::new();
    for request in receiver.requests_at("/visit") {
        arrivals.entry(text_of(&request.json()["key"])).or_default().push(request.at);
    }
    let most = |times: Vec<Instant>| {
        times.iter().map(|at| times.iter().filter(|other| **other <= *at && **other + stay > *at).count()).max().unwrap_or(0)
    };
    arrivals.into_iter().map(|(key, times)| (key, most(times))).collect()
}

#[test]
fn three_at_once_by_key_hold_on_two_nodes_under_load() {
    const STAY: std::time::Duration = std::time::Duration::from_millis(120);
    const VISITS: usize = 40;
    let receiver = Receiver::start();
    receiver.answers_with("/visit", |_, _| Answer::json(&json!({})).after(STAY));
    let function = visit(&json!({"concurrency": {"limit": 3, "key": "{{ input.key }}"}}));
    let one = Server::on(Store::Postgres).workflow("visit.json", &function).start();
    let mut other = Server::on(Store::Postgres).workflow("visit.json", &function).database(one.database()).start();
    let call = |server: &Server, key: &str, n: usize| {
        let body = json!({"async": true, "url": receiver.url("/visit"), "key": key, "n": n});
        let call = server.call("POST", "/api/visit").json(&body);
        runtime().spawn(async move { call.go().await.unwrap().expect(202).json()["execution_id"].as_str().unwrap().to_owned() })
    };
    let sent: Vec<_> =
        (0..VISITS).flat_map(|n| ["red", "blue"].map(|key| call(if n % 2 == 0 { &one } else { &other }, key, n))).collect();
    let ids: Vec<String> = sent.into_iter().map(|id| runtime().block_on(id).unwrap()).collect();
    let waiting = eventually("one that waits for its permit", seconds(10), || {
        ids.iter().map(|id| one.status(id)).find(|entry| entry["waiting_for"]["what"] == "concurrency")
    });
    assert_eq!((&waiting["state"], waiting["waiting_for"]["since"].is_string()), (&json!("queued"), true));
    // A node that dies in the middle takes no permit with it.
    eventually("half of the visits", seconds(60), || (receiver.requests_at("/visit").len() >= VISITS).then_some(()));
    other.kill9();
    let states: Vec<String> = ids.iter().map(|id| text_of(&one.wait_done(id)["state"])).collect();
    assert!(states.iter().all(|state| state == "completed"), "{states:?}");
    let most = most_at_once(&receiver, STAY - millis(20));
    assert_eq!(most.len(), 2);
    // What the dead node had in flight may be visited once more while the receiver still holds it.
    let during = most.values().max().copied().unwrap_or(0);
    assert!(during <= 3, "{most:?}");
    assert!(most.values().all(|most| *most >= 2), "the limit was used: {most:?}");
}

fn a_rate_is_never_exceeded_within_its_stretch(store: Store) {
    let receiver = Receiver::start();
    receiver.answers_with("/visit", |_, _| Answer::json(&json!({})));
    let limits = json!({"rate_limit": {"limit": 3, "per": 2, "key": "{{ input.key }}"}});
    let server = Server::on(store).workflow("visit.json", visit(&limits)).start();
    let start = |key: &str| server.start("visit", &json!({"url": receiver.url("/visit"), "key": key}));
    let ids: Vec<String> = (0..8).map(|_| start("red")).collect();
    let other = start("blue");
    server.wait_done(&other);
    let waiting = server.status(&ids[7]);
    assert_eq!((&waiting["state"], &waiting["waiting_for"]["what"]), (&json!("queued"), &json!("rate_limit")));
    for id in &ids {
        assert_eq!(server.wait_done(id)["state"], "completed");
    }
    let started = |id: &String| text_of(&server.status(id)["started_at"]);
    let mut times: Vec<String> = ids.iter().map(started).collect();
    times.sort();
    let ms: Vec<i64> = times.iter().map(|at| ringback::domain::timestamp::Timestamp::parse_rfc3339(at).unwrap().0).collect();
    assert!(ms.windows(4).all(|four| four[3] - four[0] >= 2000), "{times:?}");
    assert!(ms[7] - ms[0] < 9000, "and no slower than it must be: {times:?}");
}

fn a_parked_execution_keeps_its_permit(store: Store) {
    let stack = json!({"concurrency": 1, "stack": [{"function": "wait_for_event", "name": "go", "timeout": 600}]});
    let mut server = Server::on(store).workflow("turn.json", stack).start();
    let first = server.start("turn", &json!({}));
    server.wait_state(&first, "waiting");
    let second = server.start("turn", &json!({}));
    server.wait_until(&second, seconds(10), |entry| entry["waiting_for"]["what"] == "concurrency");
    // Not even the end of the process gives it away.
    server.kill9();
    server.restart();
    server.wait_state(&first, "waiting");
    assert_eq!(server.status(&second)["state"], "queued");
    server.post(&format!("/v1/executions/{first}/events/go"), &json!({})).expect(202);
    server.wait_state(&second, "waiting");
    assert_eq!(server.status(&first)["state"], "completed");
    let third = server.start("turn", &json!({}));
    server.wait_until(&third, seconds(10), |entry| entry["waiting_for"]["what"] == "concurrency");
    server.cancel(&third).expect(200);
    server.wait_state(&third, "cancelled");
    server.cancel(&second).expect(200);
    let fourth = server.start("turn", &json!({}));
    server.wait_state(&fourth, "waiting");
}

fn the_queue_has_a_bound_and_says_so(store: Store) {
    let receiver = Receiver::start();
    receiver.answers_with("/visit", |_, _| Answer::never());
    let server = Server::on(store)
        .workflow("visit.json", visit(&json!({})))
        .workflow("echo.json", r#"[{"function": "return_response", "body": 1}]"#)
        .env("RINGBACK_MAX_RUNNING", "1")
        .env("RINGBACK_EXECUTIONS_MAX_QUEUED", "3")
        .start();
    let running = server.start("visit", &json!({"url": receiver.url("/visit")}));
    receiver.wait_for("/visit", 1);
    let queued: Vec<String> = (0..3).map(|_| server.start("echo", &json!({}))).collect();
    let waiting = server.status(&queued[0]);
    assert_eq!((&waiting["state"], &waiting["waiting_for"]["what"]), (&json!("queued"), &json!("slot")));
    let refused = server.post("/api/echo", &json!({"async": true})).expect(429);
    assert!(refused.header("retry-after").is_some_and(|after| after.parse::<u32>().is_ok_and(|after| after > 0)));
    assert_eq!(refused.problem()["code"], "ERROR_CODE_QUEUE_FULL");
    server.cancel(&running).expect(200);
    for id in &queued {
        assert_eq!(server.wait_done(id)["state"], "completed");
    }
    server.run("echo", &json!({}));
}

/// With one at a time, a crowd of urgent ones that never ends delays a calm one by as much as its priority is lower.
fn low_priority_is_not_starved(store: Store) {
    let stack = json!({"concurrency": 1, "stack": [{"function": "return_response", "body": 1}]});
    let hold = json!({"concurrency": 1, "stack": [{"function": "wait_for_event", "name": "go", "timeout": 100_000}]});
    let inside = Inside::on(store, "2026-05-01T00:00:00Z").workflow("work.json", &stack).workflow("hold.json", hold);
    let node = inside.start();
    let start = |function: &str, priority: i64| {
        let body = json!({"async": true, "options": {"priority": priority}});
        text_of(&node.post(&format!("/api/{function}"), &body).expect(202).json()["execution_id"])
    };
    let state = |id: &str| text_of(&node.get(&format!("/api/async-status/{id}")).expect(200).json()["state"]);
    let see =
        |id: &str, wanted: &str| eventually(&format!("{wanted} of {id}"), seconds(15), || (state(id) == wanted).then_some(()));
    let mut held = start("hold", 0);
    see(&held, "waiting");
    let calm = start("hold", 0);
    let mut minutes = 0;
    while state(&calm) == "queued" {
        assert!(minutes < 10, "the calm one is starved");
        // Another urgent one arrives every minute, and one of those that wait is let in.
        let urgent = start("hold", 5);
        see(&urgent, "queued");
        node.post(&format!("/v1/executions/{held}/events/go"), &json!({})).expect(202);
        see(&held, "completed");
        let next =
            eventually("the next one", seconds(15), || [&urgent, &calm].into_iter().find(|id| state(id) == "waiting").cloned());
        minutes += i64::from(next != calm);
        held = next;
        inside.clock.advance_ms(61_000);
    }
    assert!((4..=6).contains(&minutes), "five points are worth five minutes, not {minutes}");
}

fn an_overlap_may_queue(store: Store) {
    let stack = json!([{"function": "wait_for_event", "name": "go", "timeout": 100_000}]);
    let function = json!({"schedule": {"cron": "* * * * *", "overlap": "queue", "catch_up_max": 3}, "stack": stack});
    let inside = Inside::on(store, "2026-05-01T00:00:30Z").workflow("turn.json", function);
    let node = inside.start();
    let states = || node.executions_of("turn").iter().map(|entry| text_of(&entry["state"])).collect::<Vec<_>>();
    let see = |wanted: &[&str]| eventually(&format!("{wanted:?}"), seconds(15), || (states() == wanted).then_some(()));
    inside.move_to("2026-05-01T00:01:00Z");
    see(&["waiting"]);
    inside.move_to("2026-05-01T00:02:00Z");
    see(&["waiting", "queued"]);
    inside.move_to("2026-05-01T00:03:00Z");
    see(&["waiting", "queued", "queued"]);
    inside.move_to("2026-05-01T00:04:00Z");
    crate::helpers::pause(millis(2200));
    see(&["waiting", "queued", "queued"]);
    let first = text_of(&node.executions_of("turn")[0]["execution_id"]);
    node.post(&format!("/v1/executions/{first}/events/go"), &json!({})).expect(202);
    see(&["completed", "waiting", "queued"]);
}
