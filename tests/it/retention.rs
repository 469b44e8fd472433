//! Retention: what is over goes when its time has come, and only that.
//! Never waits for the time: the server's clock is moved.

use serde_json::{Value, json};

use crate::helpers::{Answer, Call, Moved, Receiver, Server, Store, both_stores, eventually, items, ringback, seconds};

both_stores!(
    an_hour_later_everything_that_is_over_is_gone,
    a_day_of_calls_leaves_no_more_than_a_bound,
    a_dry_run_deletes_nothing,
);

const HOUR_MS: i64 = 60 * 60 * 1000;

fn kept(retention: Value, stack: Value) -> Value {
    json!({"retention": retention, "stack": stack})
}

fn count(server: &Moved) -> usize {
    items(&server.get("/v1/executions?limit=200").expect(200).json()).len()
}

fn state(server: &Moved, id: &Value) -> Value {
    server.post("/api/async-status", &json!({"execution_ids": [id]})).expect(200).json()[0]["state"].clone()
}

fn started(server: &Moved, function: &str, body: &Value) -> Value {
    let mut body = body.clone();
    body["async"] = json!(true);
    server.post(&format!("/api/{function}"), &body).expect(202).json()["execution_id"].clone()
}

fn ended(server: &Moved, function: &str, body: &Value) -> Value {
    let id = started(server, function, body);
    eventually("its end", seconds(20), || (state(server, &id) != "running" && state(server, &id) != "queued").then_some(()));
    id
}

fn an_hour_later_everything_that_is_over_is_gone(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/shut", [Answer::status(500)]);
    let says = json!([{"function": "return_response", "body": {"n": "{{ input.n }}"}}]);
    let breaks = json!([{"function": "throw_error", "message": "it broke", "code": "ERROR_CODE_BROKEN"}]);
    let sleeps = json!([{"function": "sleep", "duration": 864_000}]);
    let server = Moved::on(store)
        .workflow("brief.json", kept(json!("30m"), says.clone()))
        .workflow("odd.json", kept(json!({"failed": "10d", "completed": "30m"}), breaks))
        .workflow("sleeper.json", kept(json!("30m"), sleeps))
        .workflow("usual.json", says)
        .config(|config| config.retention.cron = "*/5 * * * *".to_owned())
        .start();
    for n in 0..60 {
        server.post("/api/brief", &json!({"n": n})).expect(200);
    }
    let (odd, usual) = (ended(&server, "odd", &json!({})), ended(&server, "usual", &json!({})));
    let sleeper = started(&server, "sleeper", &json!({}));
    let told = ended(&server, "brief", &json!({"callback_url": receiver.url("/open")}));
    let owed = ended(&server, "brief", &json!({"callback_url": receiver.url("/shut")}));
    receiver.wait_for("/open", 1);
    receiver.wait_for("/shut", 1);
    let body = json!({"n": 1});
    let keyed = || Call::new("POST", server.url("/api/brief")).header("idempotency-key", "k").json(&body).send().expect(200);
    let first = keyed();
    assert_eq!(count(&server), 66);

    server.advance_ms(HOUR_MS);
    eventually("what is left", seconds(40), || (count(&server) == 5).then_some(()));
    let left: Vec<Value> = [&odd, &usual, &sleeper, &owed].iter().map(|id| state(&server, id)).collect();
    assert_eq!(left, ["failed", "completed", "waiting", "completed"], "kept longer, kept longer, alive, owed");
    assert_eq!(state(&server, &told), "expired");
    assert_eq!(keyed().body, first.body, "what an idempotency key promises outlives a short retention");

    // A day later the key has gone, and with it the execution.
    server.advance_ms(25 * HOUR_MS);
    eventually("that nothing of the key is left", seconds(40), || (count(&server) == 4).then_some(()));
    assert_eq!([state(&server, &odd), state(&server, &sleeper)], ["failed", "waiting"]);
    server.get(&format!("/v1/executions/{}", told.as_str().unwrap())).expect(404);
}

/// Twelve times two hours of calls, each kept for an hour: never more than two rounds are there.
fn a_day_of_calls_leaves_no_more_than_a_bound(store: Store) {
    let steps = json!([
        {"function": "log", "message": "a step"},
        {"function": "return_response", "body": {"text": "{{ input.text }}"}}
    ]);
    let server = Moved::on(store)
        .workflow("brief.json", kept(json!("1h"), steps))
        .config(|config| config.retention.cron = "*/10 * * * *".to_owned())
        .start();
    let text = "x".repeat(20_000);
    let mut sizes = Vec::new();
    for _ in 0..12 {
        for _ in 0..40 {
            server.post("/api/brief", &json!({"text": text})).expect(200);
        }
        assert!(count(&server) <= 80);
        server.advance_ms(2 * HOUR_MS);
        eventually("the bound", seconds(40), || (count(&server) == 0).then_some(()));
        sizes.extend(server.file_bytes());
    }
    // At first all of it may still lie in the log.
    let (early, late) = sizes.split_at(sizes.len() / 2);
    if let (Some(early), Some(late)) = (early.iter().max(), late.iter().max()) {
        assert!(*late <= early + 1024 * 1024, "the file does not grow with what has gone: {sizes:?}");
    }
}

fn a_dry_run_deletes_nothing(store: Store) {
    let quick = kept(json!("1s"), json!([{"function": "return_response", "body": {}}]));
    let mut server = Server::on(store).workflow("quick.json", quick).env("RINGBACK_RETENTION_CRON", "0 0 1 1 *").start();
    for _ in 0..3 {
        server.run("quick", &json!({}));
    }
    crate::helpers::pause(seconds(2));
    let (folder, url) = (server.folder().path().to_owned(), server.url(""));
    let database = server.database().to_owned();
    let prune = |args: &[&str]| {
        let common = ["prune", "--json", "--database", &database];
        ringback(&folder, common.iter().chain(args)).env("RINGBACK_URL", &url).finish().expect(0).json()
    };
    let would = prune(&["--dry-run"]);
    assert_eq!((&would["dry_run"], &would["executions"]), (&json!(true), &json!(3)));
    assert_eq!(would["expired"], json!([{"function": "quick", "state": "completed", "executions": 3}]));
    assert_eq!(server.executions().len(), 3);
    server.post("/v1/prune", &json!({"dry_run": "perhaps"})).expect(400);
    // Without a server the command opens the store itself.
    assert!(server.terminate().success());
    assert_eq!(prune(&["--dry-run"])["executions"], 3);
    let done = prune(&[]);
    assert_eq!((&done["dry_run"], &done["executions"]), (&json!(false), &json!(3)));
    server.restart();
    assert_eq!(server.executions(), Vec::<Value>::new());
    assert_eq!(server.post("/v1/prune", &json!({})).expect(200).json()["executions"], 0);
}
