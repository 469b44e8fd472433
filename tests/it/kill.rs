//! The process is killed in the middle of its work, again and again: nothing that was acknowledged is lost or done twice.
//! Never helps the server on its feet but by starting it again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use rand::RngExt;
use serde_json::{Value, json};

use crate::helpers::{Answer, Call, Receiver, Reply, Server, Store, both_stores, eventually, millis, pause, runtime, seconds};

both_stores!(two_hundred_in_flight_survive_twenty_kills, a_polite_end_hands_everything_over);

const ROUNDS: usize = 20;
const IN_FLIGHT: usize = 200;

/// A record before and a record after a call to the outside world, and a callback.
fn travel() -> Value {
    let note = |table: &str| json!({"function": "add_record", "table": table, "data": {"round": "{{ input.round }}", "n": "{{ input.n }}"}});
    json!([
        note("departures"),
        {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"round": "{{ input.round }}", "n": "{{ input.n }}"},
         "raise_on_error": true, "retry_policy": {"max_retries": 5, "initial_delay": 200}, "return_as": "answer"},
        note("arrivals"),
        {"function": "return_response", "body": {"n": "{{ input.n }}", "said": "{{ answer.said }}"}}
    ])
}

struct Trip {
    server: Server,
    /// Takes callbacks.
    home: Receiver,
    /// The outside world.
    world: Receiver,
}

impl Trip {
    fn start(store: Store) -> Self {
        let world = Receiver::start();
        world.answers_with("/ext", |request, _| {
            let n = request.json()["n"].as_u64().unwrap();
            Answer::json(&json!({"said": n})).after(millis(n * 7 % 400))
        });
        let server = Server::on(store).basics().workflow("travel.json", travel()).env("RINGBACK_LOG", "warn").start();
        Self { server, home: Receiver::start(), world }
    }

    /// The call of one traveller; its key makes it safe to repeat.
    fn call(&self, round: usize, n: usize) -> Call {
        let body = json!({
            "round": round, "n": n, "url": self.world.url("/ext"), "async": true, "callback_url": self.home.url(&format!("/home/{round}"))
        });
        self.server.call("POST", "/api/travel").header("idempotency-key", format!("{round}-{n}")).json(&body).within(seconds(20))
    }

    /// Sends all calls of a round, and what came of each.
    fn send(&self, round: usize) -> Vec<tokio::task::JoinHandle<Option<Reply>>> {
        (0..IN_FLIGHT)
            .map(|n| {
                let call = self.call(round, n);
                runtime().spawn(async move { call.go().await.ok() })
            })
            .collect()
    }

    /// The id of each traveller: those that were acknowledged before the kill keep theirs, the others call again.
    fn ids(&self, round: usize, sent: Vec<tokio::task::JoinHandle<Option<Reply>>>) -> Vec<String> {
        let replies: Vec<Option<Reply>> = sent.into_iter().map(|reply| runtime().block_on(reply).unwrap()).collect();
        let id_of = |reply: &Reply| reply.json()["execution_id"].as_str().unwrap().to_owned();
        replies
            .into_iter()
            .enumerate()
            .map(|(n, reply)| {
                let before = reply.filter(|reply| reply.status == 202).map(|reply| id_of(&reply));
                let again = id_of(&self.call(round, n).send().expect(202));
                if let Some(before) = before {
                    assert_eq!(before, again, "an acknowledged execution is not there any more");
                }
                again
            })
            .collect()
    }

    fn assert_all_came_home_once(&self, round: usize, ids: &[String]) {
        let path = format!("/home/{round}");
        eventually(&format!("all callbacks of round {round}"), seconds(90), || {
            let heard: HashSet<String> = self.home.requests_at(&path).iter().map(|request| told_by(&request.json())).collect();
            ids.iter().all(|id| heard.contains(id)).then_some(())
        });
        let mut messages: HashMap<String, (String, Vec<u8>)> = HashMap::new();
        for request in self.home.requests_at(&path) {
            request.assert_signed_with(crate::helpers::SECRET);
            let message = request.json();
            assert_eq!(message["type"], "execution.completed", "{message}");
            let first = messages.entry(told_by(&message)).or_insert_with(|| (request.webhook_id(), request.body.clone()));
            assert_eq!((&first.0, &first.1), (&request.webhook_id(), &request.body), "two messages of one execution");
        }
        assert_eq!(messages.len(), IN_FLIGHT);

        for table in ["departures", "arrivals"] {
            let rows = self.server.run("list", &json!({"table": table, "filter": {"round": round}}));
            let mut seen: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..IN_FLIGHT as u64).collect::<Vec<_>>(), "round {round}: {table} are not each there once");
        }
        for ids in ids.chunks(100) {
            let entries = self.server.post("/api/async-status", &json!({"execution_ids": ids})).expect(200).json();
            for entry in entries.as_array().unwrap() {
                assert_eq!(entry["state"], "completed", "{entry}");
                assert_eq!(entry["output"]["n"], entry["output"]["said"], "{entry}");
            }
        }
    }

    /// A request that is made again after a crash is the same request: same key, same bytes.
    fn assert_repeated_requests_are_the_same(&self) {
        let mut by_key: HashMap<String, Vec<u8>> = HashMap::new();
        let mut keys_of: HashMap<Vec<u8>, HashSet<String>> = HashMap::new();
        for request in self.world.requests_at("/ext") {
            let key = request.header("idempotency-key").unwrap().to_owned();
            assert_eq!(by_key.entry(key.clone()).or_insert_with(|| request.body.clone()), &request.body);
            keys_of.entry(request.body).or_default().insert(key);
        }
        assert!(keys_of.values().all(|keys| keys.len() == 1), "one step has used two keys");
    }
}

fn told_by(message: &Value) -> String {
    message["execution_id"].as_str().unwrap().to_owned()
}

fn two_hundred_in_flight_survive_twenty_kills(store: Store) {
    let mut trip = Trip::start(store);
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let sent = trip.send(round);
        let moment = rand::rng().random_range(0..1200);
        pause(Duration::from_millis(moment));
        trip.server.kill9();
        let home_before = trip.home.requests_at(&format!("/home/{round}")).len();
        interrupted += usize::from(home_before < IN_FLIGHT);
        println!("round {round}: killed after {moment} ms with {home_before} of {IN_FLIGHT} called back");
        trip.server.restart();
        let ids = trip.ids(round, sent);
        trip.assert_all_came_home_once(round, &ids);
    }
    trip.assert_repeated_requests_are_the_same();
    assert!(interrupted >= ROUNDS / 4, "only {interrupted} kills hit work in flight: the story proves nothing");
}

fn a_polite_end_hands_everything_over(store: Store) {
    let mut trip = Trip::start(store);
    let sent = trip.send(0);
    pause(millis(300));
    assert_eq!(trip.server.terminate().code(), Some(0));
    trip.server.restart();
    let ids = trip.ids(0, sent);
    trip.assert_all_came_home_once(0, &ids);
    trip.assert_repeated_requests_are_the_same();
}
