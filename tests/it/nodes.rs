//! Several nodes on one PostgreSQL: killed, frozen, cut off and stopped, and whichever of them one speaks to.
//! Never helps: what is lost in one node's memory the others find by themselves.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rand::RngExt;
use serde_json::{Value, json};

use crate::helpers::{
    Answer, Call, Cluster, Receiver, Server, ServerBuilder, Store, deadlocks, eventually, fresh_database, millis, pause, runtime,
    seconds,
};

/// A record, a request that takes its time, a record, and a callback.
fn journey() -> Value {
    let note = |table: &str| json!({"function": "add_record", "table": table, "data": {"n": "{{ input.n }}"}});
    json!([
        note("departures"),
        {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "body": {"n": "{{ input.n }}"},
         "raise_on_error": true, "retry_policy": {"max_retries": 5, "initial_delay": 200}, "return_as": "answer"},
        note("arrivals"),
        {"function": "return_response", "body": {"n": "{{ input.n }}"}}
    ])
}

/// Nodes that share a database, with a world that answers slowly and a home that hears callbacks.
struct Nodes {
    servers: Vec<Server>,
    world: Receiver,
    home: Receiver,
}

impl Nodes {
    fn start(count: usize, database: &str, answers_after_ms: u64) -> Self {
        let world = Receiver::start();
        world.answers_with("/ext", move |_, _| Answer::json(&json!({"ok": true})).after(millis(answers_after_ms)));
        let servers = (0..count).map(|_| node(database).start()).collect();
        Self { servers, world, home: Receiver::start() }
    }

    /// Starts journeys at one node and returns their ids.
    fn send(&self, at: usize, numbers: std::ops::Range<usize>) -> Vec<String> {
        let calls: Vec<_> = numbers
            .map(|n| {
                let body = json!({"n": n, "url": self.world.url("/ext"), "async": true, "callback_url": self.home.url("/home")});
                let call = self.servers[at].call("POST", "/api/journey").json(&body).within(seconds(30));
                runtime().spawn(async move { call.go().await })
            })
            .collect();
        let replies = calls.into_iter().map(|call| runtime().block_on(call).unwrap().unwrap().expect(202));
        replies.map(|reply| reply.json()["execution_id"].as_str().unwrap().to_owned()).collect()
    }

    /// All were called back under one id each, and each record is there once.
    fn assert_all_home(&self, through: usize, ids: &[String]) {
        eventually("all callbacks", seconds(90), || {
            let heard: HashSet<String> =
                self.home.requests_at("/home").iter().map(|request| request.json()["execution_id"].to_string()).collect();
            ids.iter().all(|id| heard.contains(&format!("\"{id}\""))).then_some(())
        });
        let mut messages: HashMap<String, (String, Vec<u8>)> = HashMap::new();
        for request in self.home.requests_at("/home") {
            let first = messages
                .entry(request.json()["execution_id"].to_string())
                .or_insert_with(|| (request.webhook_id(), request.body.clone()));
            assert_eq!((&first.0, &first.1), (&request.webhook_id(), &request.body), "two messages of one execution");
        }
        assert_eq!(messages.len(), ids.len());
        for table in ["departures", "arrivals"] {
            let rows = self.servers[through].run("list", &json!({"table": table}));
            let mut seen: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..ids.len() as u64).collect::<Vec<_>>(), "{table} are not each there once");
        }
        for id in ids {
            assert_eq!(self.servers[through].status(id)["state"], "completed");
        }
    }
}

fn node(database: &str) -> ServerBuilder {
    Server::on(Store::Sqlite).database(database).basics().workflow("journey.json", journey()).env("RINGBACK_STORE_LEASE_S", "3")
}

#[test]
fn a_killed_nodes_work_goes_on_at_the_other() {
    let mut nodes = Nodes::start(2, &fresh_database(), 1500);
    let ids = nodes.send(0, 0..300);
    nodes.servers[0].kill9();
    let killed_at = Instant::now();
    nodes.assert_all_home(1, &ids);
    println!("all were home {} ms after the kill", killed_at.elapsed().as_millis());
}

#[test]
fn a_frozen_node_loses_its_work_and_commits_nothing_when_it_thaws() {
    let mut nodes = Nodes::start(2, &fresh_database(), 1500);
    // The other is to be believed when it says that somebody's lease is over.
    pause(millis(3500));
    let ids = nodes.send(0, 0..100);
    nodes.servers[0].freeze();
    nodes.assert_all_home(1, &ids);
    nodes.servers[0].thaw();
    let status = eventually("the end of the node that thawed", seconds(20), || nodes.servers[0].ended());
    assert_ne!(status.code(), Some(0));
    assert!(nodes.servers[0].stderr().contains("declared dead"), "{}", nodes.servers[0].stderr());
    nodes.assert_all_home(1, &ids);
}

#[test]
fn a_receiver_that_hears_one_message_never_has_two_attempts_open() {
    const ATTEMPT_S: u64 = 9;
    let (database, home) = (fresh_database(), Receiver::start());
    home.answers("/webhook-waiting/1", [Answer::never(), Answer::status(409)]);
    home.answers("/usual", [Answer::never(), Answer::ok()]);
    let mut servers: Vec<Server> = (0..2).map(|_| node(&database).start()).collect();
    pause(millis(3500));
    let paths = ["/webhook-waiting/1", "/usual"];
    let ids = paths.map(|path| servers[0].start("echo", &json!({"callback": {"url": home.url(path), "timeout": ATTEMPT_S}})));
    paths.iter().for_each(|path| drop(home.wait_for(path, 1)));
    servers[0].freeze();
    let usual = home.wait_for("/usual", 2);
    assert!(usual[1].at - usual[0].at < seconds(ATTEMPT_S), "who takes a message twice need not wait");
    let once = home.wait_for("/webhook-waiting/1", 2);
    let apart = once[1].at - once[0].at;
    assert!(apart >= seconds(ATTEMPT_S) - millis(100), "two attempts at once: {apart:?} apart");
    assert!(apart < seconds(ATTEMPT_S + 3), "{apart:?}");
    let delivery = eventually("the end of the delivery", seconds(10), || {
        let deliveries = servers[1].get(&format!("/v1/executions/{}/deliveries", ids[0])).expect(200).json();
        crate::helpers::items(&deliveries).into_iter().find(|delivery| delivery["state"] == "delivered_unconfirmed")
    });
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 2, "{delivery}");
    servers[0].thaw();
    eventually("the end of the node that thawed", seconds(20), || servers[0].ended());
    assert_eq!(home.requests_at("/webhook-waiting/1").len(), 2);
}

#[test]
fn a_node_that_stops_politely_hands_over_at_once() {
    let mut nodes = Nodes::start(2, &fresh_database(), 1500);
    let ids = nodes.send(0, 0..100);
    assert_eq!(nodes.servers[0].terminate().code(), Some(0));
    nodes.assert_all_home(1, &ids);
}

#[test]
fn it_never_matters_which_node_one_speaks_to() {
    let nodes = Nodes::start(2, &fresh_database(), 1500);
    nodes.world.answers_with("/never", |_, _| Answer::never());
    let (here, there) = (&nodes.servers[0], &nodes.servers[1]);

    let id = here.start("journey", &json!({"n": 0, "url": nodes.world.url("/never")}));
    eventually("the request of the journey", seconds(20), || (!nodes.world.requests_at("/never").is_empty()).then_some(()));
    assert_eq!(there.status(&id)["state"], "running");
    let cancelled = there.cancel(&id).expect(200).json();
    assert_eq!(cancelled["cancelled"], true, "{cancelled}");
    assert_eq!(here.wait_done(&id)["state"], "cancelled");
    eventually("the end of the request", seconds(5), || nodes.world.requests_at("/never")[0].left_at());

    let id = here.start("journey", &json!({"n": 1, "url": nodes.world.url("/ext")}));
    let awaited = there.post("/api/async-await", &json!({"execution_ids": [id], "timeout": 30})).expect(200).json();
    assert_eq!(awaited[0]["state"], "completed", "{awaited}");
}

#[test]
fn one_key_at_two_nodes_at_once_is_one_execution() {
    let nodes = Nodes::start(2, &fresh_database(), 0);
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let body = json!({"n": n / 2, "url": nodes.world.url("/ext"), "async": true});
            let call = nodes.servers[n % 2].call("POST", "/api/journey").header("idempotency-key", format!("key-{}", n / 2));
            let call = call.json(&body).within(seconds(30));
            runtime().spawn(async move { call.go().await })
        })
        .collect();
    let replies: Vec<Value> =
        calls.into_iter().map(|call| runtime().block_on(call).unwrap().unwrap().expect(202).json()).collect();
    for pair in replies.chunks(2) {
        assert_eq!(pair[0]["execution_id"], pair[1]["execution_id"]);
    }
    let distinct: HashSet<String> = replies.iter().map(|reply| reply["execution_id"].to_string()).collect();
    assert_eq!(distinct.len(), 30);
}

#[test]
fn a_restart_of_the_database_moves_nothing_and_repeats_nothing() {
    let cluster = Cluster::own();
    let mut nodes = Nodes::start(3, &cluster.database("nodes"), 2500);
    pause(millis(3500));
    let mut ids: Vec<String> = (0..3).flat_map(|at| nodes.send(at, at * 60..(at + 1) * 60)).collect();
    let urls = Arc::new(Mutex::new(nodes.servers.iter().map(|server| Some(server.url(""))).collect()));
    // Callers do not stop for that.
    let calling: Vec<_> = (ids.len()..ids.len() + 120)
        .map(|n| {
            let body = json!({"n": n, "url": nodes.world.url("/ext"), "async": true, "callback_url": nodes.home.url("/home")});
            let call = call_until_acknowledged(Arc::clone(&urls), n, body);
            runtime().spawn(async move {
                tokio::time::sleep(millis(u64::try_from(n).unwrap() * 15)).await;
                call.await
            })
        })
        .collect();
    pause(millis(1000));
    // Longer than three leases.
    cluster.restart(seconds(10));
    ids.extend(calling.into_iter().map(|call| runtime().block_on(call).unwrap()));
    nodes.assert_all_home(0, &ids);
    for server in &mut nodes.servers {
        assert!(server.ended().is_none(), "{}", server.stderr());
        assert!(!server.stderr().contains("took over"), "{}", server.stderr());
    }
    let mut times: HashMap<String, usize> = HashMap::new();
    for request in nodes.world.requests_at("/ext") {
        *times.entry(request.header("idempotency-key").unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(times.len(), ids.len());
    assert!(times.values().all(|times| *times == 1), "an effect was repeated");
}

/// How long the loop of kills goes on, unless `RINGBACK_KILL_LOOP_S` says otherwise.
const KILL_LOOP_S: u64 = 30;

/// Calls one node or another with a key of its own until one of them acknowledges.
async fn call_until_acknowledged(urls: Arc<Mutex<Vec<Option<String>>>>, n: usize, body: Value) -> String {
    for attempt in n.. {
        let url = {
            let urls = urls.lock().unwrap();
            urls[attempt % urls.len()].clone()
        };
        if let Some(url) = url {
            let call = Call::new("POST", format!("{url}/api/journey")).header("idempotency-key", format!("key-{n}")).json(&body);
            if let Ok(reply) = call.within(seconds(5)).go().await
                && reply.status == 202
            {
                return reply.json()["execution_id"].as_str().unwrap().to_owned();
            }
        }
        tokio::time::sleep(millis(50)).await;
    }
    unreachable!("a range without an end")
}

#[test]
fn three_nodes_under_kills_and_freezes_lose_and_double_nothing() {
    let database = fresh_database();
    let mut nodes = Nodes::start(3, &database, 300);
    let urls: Vec<Option<String>> = nodes.servers.iter().map(|server| Some(server.url(""))).collect();
    let urls = Arc::new(Mutex::new(urls));
    let lasts = std::env::var("RINGBACK_KILL_LOOP_S").ok().map_or(KILL_LOOP_S, |text| text.parse().unwrap());
    let end = Instant::now() + seconds(lasts);
    let (mut calls, mut kills, mut freezes) = (Vec::new(), 0, 0);
    while Instant::now() < end {
        for _ in 0..40 {
            let n = calls.len();
            let body = json!({"n": n, "url": nodes.world.url("/ext"), "async": true, "callback_url": nodes.home.url("/home")});
            calls.push(runtime().spawn(call_until_acknowledged(Arc::clone(&urls), n, body)));
        }
        pause(millis(rand::rng().random_range(100..1200)));
        let victim = rand::rng().random_range(0..nodes.servers.len());
        if rand::rng().random_bool(0.25) {
            freezes += 1;
            nodes.servers[victim].freeze();
            pause(millis(rand::rng().random_range(500..6000)));
            nodes.servers[victim].thaw();
            continue;
        }
        kills += 1;
        urls.lock().unwrap()[victim] = None;
        nodes.servers[victim].kill9();
        pause(millis(rand::rng().random_range(0..1500)));
        nodes.servers[victim].restart();
        urls.lock().unwrap()[victim] = Some(nodes.servers[victim].url(""));
        // A node that was frozen for too long has ended by itself.
        for at in 0..nodes.servers.len() {
            if nodes.servers[at].ended().is_some() {
                nodes.servers[at].restart();
                urls.lock().unwrap()[at] = Some(nodes.servers[at].url(""));
            }
        }
    }
    // One that was thawed last may only now see that it has lost its lease.
    pause(seconds(3));
    for at in 0..nodes.servers.len() {
        if nodes.servers[at].ended().is_some() {
            nodes.servers[at].restart();
            urls.lock().unwrap()[at] = Some(nodes.servers[at].url(""));
        }
    }
    let ids: Vec<String> = calls.into_iter().map(|call| runtime().block_on(call).unwrap()).collect();
    nodes.assert_all_home(0, &ids);
    let heard = nodes.home.requests_at("/home").len();
    println!("{} executions, {kills} kills, {freezes} freezes: lost 0, {} callbacks came twice", ids.len(), heard - ids.len());
    assert_eq!(deadlocks(&database), 0);
    assert!(kills >= 3, "only {kills} kills: the story proves little");
}
