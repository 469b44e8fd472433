//! Two thousand executions in flight at a node that is killed or frozen: how soon the other one has them all.
//! Never counts one as taken over before its request is made again.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, deadlocks, eventually, fresh_database, millis, pause, runtime, seconds};

const IN_FLIGHT: usize = 2000;
const LEASE_S: u64 = 3;
/// What a build without optimisation, on a machine that runs other stories too, is allowed beyond the bound.
const SLACK: Duration = if cfg!(debug_assertions) { Duration::from_secs(60) } else { Duration::ZERO };

/// A record, a request that nobody answers the first time, a record, and a callback.
fn journey() -> Value {
    let note = |table: &str| json!({"function": "add_record", "table": table, "data": {"n": "{{ input.n }}"}});
    json!([
        note("departures"),
        {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"n": "{{ input.n }}"},
         "timeout": 120, "raise_on_error": true, "return_as": "answer"},
        note("arrivals"),
        {"function": "return_response", "body": {"n": "{{ input.n }}"}}
    ])
}

fn node(database: &str) -> Server {
    let server = Server::on(Store::Sqlite).database(database).basics().workflow("journey.json", journey());
    server.env("RINGBACK_STORE_LEASE_S", LEASE_S.to_string()).env("RINGBACK_LOG", "warn").start()
}

struct Pair {
    first: Server,
    second: Server,
    world: Receiver,
    home: Receiver,
    ids: HashSet<String>,
    database: String,
}

impl Pair {
    /// Two nodes, and two thousand requests of the first that hang.
    fn in_flight() -> Self {
        let database = fresh_database();
        let world = Receiver::start();
        let asked: std::sync::Mutex<HashSet<u64>> = std::sync::Mutex::default();
        world.answers_with("/ext", move |request, _| {
            let is_first = asked.lock().unwrap().insert(request.json()["n"].as_u64().unwrap());
            if is_first { Answer::never() } else { Answer::json(&json!({"ok": true})) }
        });
        let (first, second, home) = (node(&database), node(&database), Receiver::start());
        let began = Instant::now();
        let calls: Vec<_> = (0..IN_FLIGHT)
            .map(|n| {
                let body = json!({"n": n, "url": world.url("/ext"), "async": true, "callback_url": home.url("/home")});
                first.call("POST", "/api/journey").json(&body).within(seconds(60))
            })
            .collect();
        // As many at once as a caller would.
        let calls: Vec<Vec<_>> = calls.chunks(100).map(<[_]>::to_vec).collect();
        let mut ids = HashSet::new();
        for chunk in calls {
            let sent: Vec<_> = chunk.into_iter().map(|call| runtime().spawn(async move { call.go().await })).collect();
            for reply in sent {
                let reply = runtime().block_on(reply).unwrap().unwrap().expect(202).json();
                ids.insert(reply["execution_id"].as_str().unwrap().to_owned());
            }
        }
        world.wait_for("/ext", IN_FLIGHT);
        // The other is to be believed when it says that somebody's lease is over.
        pause((seconds(LEASE_S) + millis(500)).saturating_sub(began.elapsed()));
        Self { first, second, world, home, ids, database }
    }

    /// When the last request was made again, after `since`.
    fn all_taken_over(&self, since: Instant) -> Duration {
        let requests = eventually("every request once more", seconds(120), || {
            Some(self.world.requests_at("/ext")).filter(|requests| requests.len() >= 2 * IN_FLIGHT)
        });
        requests[2 * IN_FLIGHT - 1].at - since
    }

    /// Each ended once, with each record once, and the other node took them over.
    fn assert_all_end_once(&self) {
        eventually("all callbacks", seconds(90), || (self.heard().len() == IN_FLIGHT).then_some(()));
        assert_eq!(self.heard().into_keys().collect::<HashSet<_>>(), self.ids);
        assert!(self.heard().values().all(|ids| ids.len() == 1), "two messages of one execution");
        for table in ["departures", "arrivals"] {
            let rows = self.second.run("list", &json!({"table": table}));
            let seen: HashSet<u64> = rows.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
            assert_eq!((rows.as_array().unwrap().len(), seen.len()), (IN_FLIGHT, IN_FLIGHT), "{table}");
        }
        let keys: HashSet<String> =
            self.world.requests_at("/ext").iter().map(|request| request.header("idempotency-key").unwrap().to_owned()).collect();
        assert_eq!(deadlocks(&self.database), 0);
        assert_eq!(keys.len(), IN_FLIGHT, "an effect is made again under its key");
    }

    /// The webhook ids by execution.
    fn heard(&self) -> HashMap<String, HashSet<String>> {
        let mut heard: HashMap<String, HashSet<String>> = HashMap::new();
        for message in self.home.requests_at("/home") {
            let id = message.json()["execution_id"].as_str().unwrap().to_owned();
            heard.entry(id).or_default().insert(message.webhook_id());
        }
        heard
    }
}

#[test]
fn two_thousand_of_a_node_that_is_killed_are_the_others_within_four_seconds() {
    let mut pair = Pair::in_flight();
    let killed = Instant::now();
    pair.first.kill9();
    let took = pair.all_taken_over(killed);
    println!("{IN_FLIGHT} were taken over {} ms after the kill", took.as_millis());
    assert!(took < seconds(4) + SLACK, "{took:?}");
    pair.assert_all_end_once();
}

#[test]
fn two_thousand_of_a_node_that_is_frozen_are_the_others_two_seconds_after_its_lease() {
    let mut pair = Pair::in_flight();
    let frozen = Instant::now();
    pair.first.freeze();
    let took = pair.all_taken_over(frozen);
    println!("{IN_FLIGHT} were taken over {} ms after the freeze, with a lease of {LEASE_S} s", took.as_millis());
    assert!(took < seconds(LEASE_S + 2) + SLACK, "{took:?}");
    pair.assert_all_end_once();
    pair.first.thaw();
    eventually("the end of the node that thawed", seconds(20), || pair.first.ended());
    pause(millis(500));
    pair.assert_all_end_once();
}
