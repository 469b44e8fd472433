//! Two thousand callers at once.
//! Never lets one of them go without an answer and a message.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use crate::helpers::{Receiver, SECRET, Server, Store, both_stores, eventually, millis, pause, runtime, seconds};

both_stores!(two_thousand_calls_at_once_are_all_called_back_once);

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
