//! The network between a node and its PostgreSQL fails at every moment of a commit, and the node dies before and after each.
//! Never looks into the database: what was promised is asked over HTTP.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::helpers::{Answer, Deed, Proxy, Receiver, Server, Store, eventually, fresh_database, millis, pause, runtime, seconds};

/// Every kind of place where an execution can stand: a loop, a branch, a guarded block, a function within, a child that is
/// waited for, a sleep, requests and records.
pub fn winding() -> Value {
    let note = |text: &str| json!({"function": "add_record", "table": "notes", "data": {"n": "{{ input.n }}", "what": text}});
    let ask = || json!({"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"n": "{{ input.n }}"}, "return_as": "answer"});
    json!([
        {"function": "loop", "array": [1, 2], "as": "i", "operations": [note("turn {{ i }}"), ask()]},
        {"function": "conditional", "condition": "{{ input.n >= 0 }}", "true_branch": [
            {"function": "try_catch", "try_block": [ask(), {"function": "throw_error", "message": "on purpose"}],
             "catch_block": [note("caught")], "finally_block": [note("at last")]}
        ]},
        {"function": "custom_function", "name": "part", "inputs": {"n": "{{ input.n }}"}, "return_as": "part"},
        {"function": "custom_function", "name": "part", "execution_mode": "async", "inputs": {"n": "{{ input.n + 1000 }}"}, "return_as": "child"},
        {"function": "async_function_await", "execution_ids": ["{{ child }}"], "timeout": 20, "return_as": "children"},
        {"function": "sleep", "duration": 0.05},
        {"function": "return_response", "body": {"part": "{{ part.n }}", "child": "{{ children[0].output.n }}"}}
    ])
}

pub fn part() -> Value {
    json!([
        {"function": "add_record", "table": "parts", "data": {"n": "{{ input.n }}"}},
        {"function": "return_response", "body": {"n": "{{ input.n }}"}}
    ])
}

struct Road {
    proxy: Proxy,
    server: Server,
    world: Receiver,
    home: Receiver,
}

impl Road {
    fn start() -> Self {
        let proxy = Proxy::before(&fresh_database());
        let world = Receiver::start();
        world.answers("/ext", [Answer::json(&json!({"ok": true}))]);
        let server = Server::on(Store::Sqlite)
            .database(proxy.url())
            .basics()
            .workflow("winding.json", winding())
            .workflow("part.json", part())
            .start();
        Self { proxy, server, world, home: Receiver::start() }
    }

    fn call(&self, n: u64) -> crate::helpers::Call {
        let body =
            json!({"n": n, "url": self.world.url("/ext"), "async": true, "callback_url": self.home.url(&format!("/home/{n}"))});
        self.server.call("POST", "/api/winding").header("idempotency-key", format!("road-{n}")).json(&body).within(seconds(30))
    }

    fn is_home(&self, n: u64) -> bool {
        !self.home.requests_at(&format!("/home/{n}")).is_empty()
    }

    /// It ended well, once: every record once, one message however often it came.
    fn assert_once(&self, n: u64) {
        eventually(&format!("the callback of {n}"), seconds(60), || self.is_home(n).then_some(()));
        let messages = self.home.requests_at(&format!("/home/{n}"));
        assert!(
            messages.iter().all(|message| (message.webhook_id(), &message.body) == (messages[0].webhook_id(), &messages[0].body))
        );
        let message = messages[0].json();
        assert_eq!(message["type"], "execution.completed", "{message}");
        assert_eq!(message["output"], json!({"part": n, "child": n + 1000}), "{message}");
        let rows = |table: &str, n: u64| {
            let asked = json!({"table": table, "filter": {"n": n}});
            // A network that failed a moment ago is told of as 503.
            eventually("the rows", seconds(20), || {
                let reply = self.server.post("/api/list", &asked);
                (reply.status == 200).then(|| reply.json())
            })
        };
        let notes = rows("notes", n);
        let mut notes: Vec<&str> = notes.as_array().unwrap().iter().map(|row| row["what"].as_str().unwrap()).collect();
        notes.sort_unstable();
        assert_eq!(notes, ["at last", "caught", "turn 1", "turn 2"]);
        for n in [n, n + 1000] {
            assert_eq!(rows("parts", n).as_array().unwrap().len(), 1);
        }
    }
}

/// Kills the node at one commit after the other, until an execution gets through with none of its commits left to die at.
fn dies_at_every_commit(deed: Deed) {
    let mut road = Road::start();
    let mut deaths = 0;
    for n in 1..200 {
        road.proxy.judges(move |commit| if commit == n { deed } else { Deed::Passes });
        let call = road.call(n);
        let sent = runtime().spawn(async move { call.go().await.is_ok_and(|reply| reply.status == 202) });
        let died = eventually("a death or the end", seconds(60), || {
            if road.proxy.holds() { Some(true) } else { road.is_home(n).then_some(false) }
        });
        // The last commit is that of the delivery.
        let died = died || {
            pause(millis(300));
            road.proxy.holds()
        };
        if !died {
            road.proxy.judges(|_| Deed::Passes);
        }
        if died {
            deaths += 1;
            road.server.kill9();
            road.proxy.judges(|_| Deed::Passes);
            road.proxy.cut();
            road.server.restart();
        }
        let acknowledged = runtime().block_on(sent).unwrap();
        if !acknowledged {
            road.call(n).send().expect(202);
        }
        road.assert_once(n);
        if !died {
            break;
        }
    }
    println!("{deaths} deaths");
    assert!(deaths >= 10, "only {deaths} commits were died at: the story proves little");
}

#[test]
fn a_node_may_die_before_any_commit() {
    dies_at_every_commit(Deed::HeldBefore);
}

#[test]
fn a_node_may_die_after_any_commit() {
    dies_at_every_commit(Deed::HeldAfter);
}

/// Lets the network fail at every third commit, in turn in each way, while executions run.
#[test]
fn a_failing_network_loses_and_doubles_nothing() {
    let road = Road::start();
    static FAILURES: AtomicU64 = AtomicU64::new(0);
    road.proxy.judges(|commit| {
        let deeds = [Deed::CutAfter, Deed::CutBefore, Deed::Stalls(millis(300))];
        if commit % 3 != 0 {
            return Deed::Passes;
        }
        FAILURES.fetch_add(1, Ordering::SeqCst);
        deeds[usize::try_from(commit / 3).unwrap() % deeds.len()]
    });
    for n in 1..=12 {
        // Whoever is told to come back comes back, with the same key.
        eventually("an answer", seconds(30), || {
            let reply = runtime().block_on(road.call(n).go());
            reply.is_ok_and(|reply| reply.status == 202).then_some(())
        });
    }
    eventually("all callbacks", seconds(90), || (1..=12).all(|n| road.is_home(n)).then_some(()));
    road.proxy.judges(|_| Deed::Passes);
    for n in 1..=12 {
        road.assert_once(n);
    }
    let failures = FAILURES.load(Ordering::SeqCst);
    assert!(failures >= 5, "only {failures} commits failed");
    assert!(!road.server.stderr().contains("took over"));
}
