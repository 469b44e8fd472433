//! Two thousand callers at once.
//! Never lets one of them go without an answer and a message.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::helpers::{Answer, Receiver, SECRET, Server, Store, both_stores, eventually, millis, pause, runtime, seconds};

both_stores!(
    two_thousand_calls_at_once_are_all_called_back_once,
    who_calls_for_a_destination_that_is_sent_to_slower_waits_a_moment,
);

const CALLERS: usize = 2000;

/// As many connections at once as this process may open, less what receivers and others need.
fn connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))
        .and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    files.map_or(CALLERS, |files: usize| files.saturating_sub(600).clamp(100, CALLERS))
}

fn two_thousand_calls_at_once_are_all_called_back_once(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_LOG", "warn").start();
    let receiver = Receiver::start();
    let permits = Arc::new(tokio::sync::Semaphore::new(connections()));
    let calls: Vec<_> = (0..CALLERS)
        .map(|n| {
            let call =
                server.call("POST", "/api/echo").json(&json!({"n": n, "async": true, "callback_url": receiver.url("/hook")}));
            let permits = Arc::clone(&permits);
            runtime().spawn(async move {
                let _permit = permits.acquire().await.unwrap();
                (n, call.go().await.unwrap())
            })
        })
        .collect();
    let mut callers: HashMap<String, usize> = HashMap::new();
    for call in calls {
        let (n, reply) = runtime().block_on(call).unwrap();
        callers.insert(reply.expect(202).json()["execution_id"].as_str().unwrap().to_owned(), n);
    }
    assert_eq!(callers.len(), CALLERS, "each caller has an id of his own");

    eventually("two thousand callbacks", seconds(120), || (receiver.count() >= CALLERS).then_some(()));
    pause(millis(1500));
    let heard = receiver.requests();
    assert_eq!(heard.len(), CALLERS, "none comes twice");
    for request in &heard {
        request.assert_signed_with(SECRET);
        let message = request.json();
        let n = callers.remove(message["execution_id"].as_str().unwrap()).expect("each execution is told of once");
        assert_eq!((&message["status"], &message["output"]["echo"]["n"]), (&json!("completed"), &json!(n)));
    }
    assert!(callers.is_empty());
}

fn who_calls_for_a_destination_that_is_sent_to_slower_waits_a_moment(store: Store) {
    let one_at_a_time = ["RINGBACK_CALLBACKS_PER_DESTINATION_MIN", "RINGBACK_CALLBACKS_PER_DESTINATION_MAX"];
    let server = one_at_a_time.into_iter().fold(Server::on(store).basics(), |server, name| server.env(name, "1")).start();
    let receiver = Receiver::start();
    receiver.answers_with("/hook", |_, _| Answer::ok().after(millis(200)));
    let call = || {
        let began = Instant::now();
        server.post("/api/echo", &json!({"async": true, "callback_url": receiver.url("/hook")})).expect(202);
        began.elapsed()
    };
    call();
    receiver.wait_for("/hook", 1);
    // Five a second leave, so more than a thousand soon wait; nobody else would be late three times in a row.
    let (mut late, until) = (0, Instant::now() + seconds(90));
    while late < 3 {
        assert!(Instant::now() < until, "nobody waits for a destination that is behind");
        late = if call() >= millis(250) { late + 1 } else { 0 };
    }
}
