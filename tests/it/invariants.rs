//! What must hold inside, looked at from the side: by receivers at the very moment, and in the tables once all is at rest.
//! Never asks the product whether it kept its word where something else can tell.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use rand::RngExt;
use serde_json::{Value, json};

use crate::helpers::{
    Answer, Receiver, Server, Store, both_stores, eventually, hold_up, items, millis, pause, runtime, seconds, text_of,
};

both_stores!(
    what_leaves_has_a_durable_predecessor_at_that_moment,
    at_rest_nothing_is_left_behind,
    an_end_its_message_and_every_answer_agree,
    a_stack_reads_its_own_writes_while_the_journal_stalls,
);

/// A `GET`, by hand: receivers answer inside the runtime, where nothing else may wait.
fn look(url: &str, path: &str) -> Value {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    let from = text.find("\r\n\r\n").unwrap();
    let (from, to) = (text[from..].find('{').unwrap() + from, text.rfind('}').unwrap());
    serde_json::from_str(&text[from..=to]).unwrap()
}

fn count(database: &str, query: &str) -> i64 {
    match database.strip_prefix("sqlite://") {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).unwrap();
            diesel::select(diesel::dsl::sql::<BigInt>(&format!("({query})"))).get_result(&mut conn).unwrap()
        }
        None => runtime().block_on(async {
            let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.unwrap();
            let talking = tokio::spawn(connection);
            let count = client.query_one(query, &[]).await.unwrap().get(0);
            drop(client);
            talking.await.unwrap().unwrap();
            count
        }),
    }
}

/// Receivers of a step's request and of a callback look into the store before they answer.
fn what_leaves_has_a_durable_predecessor_at_that_moment(store: Store) {
    let server_url: Arc<OnceLock<String>> = Arc::default();
    let seen: Arc<Mutex<HashMap<String, Vec<String>>>> = Arc::default();
    let world = Receiver::start();
    let (url, notes) = (Arc::clone(&server_url), Arc::clone(&seen));
    world.answers_with("/ext", move |request, _| {
        let id = text_of(&request.json()["id"]);
        let steps = look(url.get().unwrap(), &format!("/v1/executions/{id}/steps"));
        let kinds = items(&steps).iter().map(|step| text_of(&step["kind"])).collect();
        notes.lock().unwrap().insert(format!("{id} {}", request.json()["n"]), kinds);
        Answer::json(&json!({}))
    });
    let (url, notes) = (Arc::clone(&server_url), Arc::clone(&seen));
    world.answers_with("/home", move |request, _| {
        let (id, number) = (text_of(&request.json()["execution_id"]), request.header("ringback-attempt").unwrap().to_owned());
        let deliveries = look(url.get().unwrap(), &format!("/v1/executions/{id}/deliveries"));
        let state = text_of(&look(url.get().unwrap(), &format!("/v1/executions/{id}"))["state"]);
        let attempts = items(&deliveries)[0]["attempts"].as_array().unwrap().len();
        notes.lock().unwrap().insert(format!("{id} home"), vec![state, number, attempts.to_string()]);
        Answer::ok()
    });
    let ask = |n: u32| {
        json!({"function": "external_api_request", "url": world.url("/ext"), "method": "POST",
               "body": {"id": "{{ execution.id }}", "n": n}, "raise_on_error": true})
    };
    let note = json!({"function": "add_record", "table": "notes", "data": {"n": 1}});
    let server = Server::on(store).workflow("look.json", json!([note, ask(1), note, note, ask(2)])).start();
    server_url.set(server.url("")).unwrap();
    let ids: Vec<String> = (0..30).map(|_| server.start("look", &json!({"callback_url": world.url("/home")}))).collect();
    world.wait_for("/home", ids.len());
    for id in ids {
        let seen = seen.lock().unwrap();
        assert_eq!(seen[&format!("{id} 1")], ["add_record"], "what was written before the first request");
        let before_second = ["add_record", "external_api_request", "add_record", "add_record"];
        assert_eq!(seen[&format!("{id} 2")], before_second, "what was written before the second");
        assert_eq!(seen[&format!("{id} home")], ["completed", "1", "1"], "the end, and the attempt that arrives");
    }
}

/// Children, events, permits, cancels and kills; then no table holds anything that nobody waits for.
fn at_rest_nothing_is_left_behind(store: Store) {
    const TOURS: usize = 40;
    let tour = json!({"concurrency": 15, "stack": [
        {"function": "custom_function", "name": "nap", "inputs": {"seconds": 0.3}, "execution_mode": "async", "return_as": "child"},
        {"function": "async_function_await", "execution_ids": ["{{ child }}"], "timeout": 60},
        {"function": "wait_for_event", "name": "go", "timeout": 300},
        {"function": "sleep", "duration": 0.2},
        {"function": "add_record", "table": "tours", "data": {"n": "{{ input.n }}"}}
    ]});
    let home = Receiver::start();
    let mut server = Server::on(store).basics().workflow("tour.json", tour).env("RINGBACK_LOG", "warn").start();
    let start = |server: &Server, n: usize| server.start("tour", &json!({"n": n, "callback_url": home.url("/home")}));
    let ids: Vec<String> = (0..TOURS).map(|n| start(&server, n)).collect();
    let (mut cancelled, mut told) = (0, ids.iter());
    for round in 0..4 {
        pause(millis(rand::rng().random_range(100..900)));
        for id in told.by_ref().take(TOURS / 4) {
            let told = server.post(&format!("/v1/executions/{id}/events/go"), &json!({"round": round})).status;
            assert!(matches!(told, 202 | 409), "{told}: only one that was cancelled takes no event");
        }
        cancelled += usize::from(server.cancel(&ids[TOURS - 1 - round]).status == 200);
        server.kill9();
        server.restart();
    }
    let ends: Vec<Value> = ids.iter().map(|id| server.wait_done(id)).collect();
    home.wait_for("/home", TOURS);
    let completed = ends.iter().filter(|end| end["state"] == "completed").count();
    assert_eq!((completed, ends.iter().filter(|end| end["state"] == "cancelled").count()), (TOURS - cancelled, cancelled));
    assert!(cancelled > 0);
    // One that rightly waits.
    let waiting = start(&server, TOURS);
    server.wait_until(&waiting, seconds(20), |entry| entry["waiting_for"]["what"] == "event");
    let database = server.database().to_owned();
    let rest = [
        ("somebody owns one that lies", "SELECT count(*) FROM executions WHERE node IS NOT NULL AND state <> 'running'", 0),
        ("live executions", "SELECT count(*) FROM executions WHERE completed_at IS NULL", 1),
        ("live ones without owner, timer or place in the queue", LOST, 0),
        (
            "entries of the queue for what has ended",
            "SELECT count(*) FROM queue JOIN executions ON id = execution_id WHERE completed_at IS NOT NULL",
            0,
        ),
        ("waits for children", "SELECT count(*) FROM waits", 0),
        ("permits", "SELECT count(*) FROM permits", 1),
        ("who waits for a permit", "SELECT count(*) FROM limit_queue", 0),
        ("messages that are owed", "SELECT count(*) FROM delivery_due", 0),
        ("open messages", "SELECT count(*) FROM deliveries WHERE closed_at IS NULL", 0),
        ("records", "SELECT count(*) FROM records WHERE table_name = 'tours'", i64::try_from(completed).unwrap()),
    ];
    eventually("the rest", seconds(20), || (count(&database, rest[8].1) == 0).then_some(()));
    for (what, query, wanted) in rest {
        assert_eq!(count(&database, query), wanted, "{what}: {query}");
    }
    server.post(&format!("/v1/executions/{waiting}/events/go"), &json!({})).expect(202);
    assert_eq!(server.wait_done(&waiting)["state"], "completed");
    assert_eq!(count(&database, "SELECT count(*) FROM permits"), 0);
}

/// Nothing will ever take these up.
const LOST: &str = "SELECT count(*) FROM executions WHERE completed_at IS NULL AND node IS NULL \
     AND NOT EXISTS (SELECT 1 FROM queue WHERE execution_id = executions.id) \
     AND NOT EXISTS (SELECT 1 FROM limit_queue WHERE execution_id = executions.id) \
     AND (wake_at IS NOT NULL OR state <> 'waiting')";

/// Executions that are cancelled while they end: whoever is asked tells the same.
fn an_end_its_message_and_every_answer_agree(store: Store) {
    const RACES: usize = 60;
    let home = Receiver::start();
    let server = Server::on(store).basics().env("RINGBACK_LOG", "warn").start();
    let calls: Vec<_> = (0..RACES)
        .map(|n| {
            let name = if n % 3 == 0 { "fail" } else { "nap" };
            let body = json!({"seconds": 0.3, "n": n, "async": true, "callback_url": home.url("/home")});
            server.call("POST", &format!("/api/{name}")).json(&body).send().expect(202).json()
        })
        .collect();
    let ids: Vec<String> = calls.iter().map(|call| text_of(&call["execution_id"])).collect();
    let awaiting: Vec<_> = ids
        .chunks(20)
        .map(|ids| {
            let call = server.call("POST", "/api/async-await").json(&json!({"execution_ids": ids, "timeout": 60}));
            runtime().spawn(async move { call.within(seconds(70)).go().await })
        })
        .collect();
    let said: Vec<bool> = ids.iter().map(|id| server.cancel(id).status == 200).collect();
    let awaited: Vec<Value> =
        awaiting.into_iter().flat_map(|call| items_of(&runtime().block_on(call).unwrap().unwrap().expect(200).json())).collect();
    home.wait_for("/home", RACES);
    let messages: HashMap<String, String> = home
        .requests_at("/home")
        .iter()
        .map(|request| (text_of(&request.json()["execution_id"]), text_of(&request.json()["type"])))
        .collect();
    let mut ends: HashMap<String, usize> = HashMap::new();
    for ((id, cancelled), awaited) in ids.iter().zip(said).zip(&awaited) {
        let entry = server.status(id);
        let state = text_of(&entry["state"]);
        assert_eq!(messages[id], format!("execution.{state}"), "{entry}");
        assert_eq!((&awaited["execution_id"], &awaited["state"]), (&json!(id), &json!(state)), "{awaited}");
        assert_eq!(server.get(&format!("/v1/executions/{id}")).expect(200).json()["state"], state);
        assert_eq!(items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json()).len(), 1);
        assert_eq!(cancelled, state == "cancelled", "what the cancel was told: {entry}");
        *ends.entry(state).or_default() += 1;
    }
    assert!(ends.len() > 1, "all ended alike, which proves little: {ends:?}");
}

/// The answer of an await is a list.
fn items_of(answer: &Value) -> Vec<Value> {
    answer.as_array().unwrap().clone()
}

/// Commits stand still while a stack writes and reads: it waits, and reads what it wrote.
fn a_stack_reads_its_own_writes_while_the_journal_stalls(store: Store) {
    let stack = json!([
        {"function": "sleep", "duration": 1},
        {"function": "add_record", "table": "mine", "data": {"n": 1}},
        {"function": "add_record", "table": "mine", "data": {"n": 2}},
        {"function": "query_records", "table": "mine", "return_as": "rows"},
        {"function": "edit_record", "table": "mine", "filter": {"n": 2}, "data": {"n": 3}},
        {"function": "query_records", "table": "mine", "return_as": "edited"},
        {"function": "return", "value": {"before": "{{ rows|length }}", "after": "{{ edited[1].n }}"}}
    ]);
    let server = Server::on(store).workflow("mine.json", stack).env("RINGBACK_LOG", "warn").start();
    let id = server.start("mine", &json!({}));
    server.wait_state(&id, "waiting");
    for _ in 0..3 {
        let held = hold_up(server.database());
        pause(millis(900));
        drop(held);
        pause(millis(30));
    }
    let entry = server.wait_done(&id);
    assert_eq!(entry["output"], json!({"before": 2, "after": 3}), "{entry}");
}
