//! Registered destinations: told of every execution that matches, from the moment of their registration on.
//! Never registers more than one receiver at a time by chance: each has a path of its own.

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, items, millis, pause, seconds};

both_stores!(
    every_execution_that_matches_is_told_to_who_registered,
    what_comes_while_it_is_disabled_is_kept_and_sent_when_it_is_enabled,
    a_destination_is_tested_changed_and_taken_away,
    what_is_no_destination_is_refused,
    a_registration_outlives_the_process,
    another_node_tells_it_too,
);

fn register(server: &Server, body: &Value) -> Value {
    server.post("/v1/destinations", body).expect(201).json()
}

fn path(destination: &Value) -> String {
    format!("/v1/destinations/{}", destination["id"].as_str().unwrap())
}

fn patch(server: &Server, destination: &Value, body: &Value) -> Value {
    server.call("PATCH", &path(destination)).json(body).send().expect(200).json()
}

fn every_execution_that_matches_is_told_to_who_registered(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let all = register(&server, &json!({"url": receiver.url("/all?token=pl4nted"), "headers": {"X-Mine": "hidden-value"}}));
    let secret = all["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && !all.to_string().contains("hidden-value") && !all.to_string().contains("pl4nted"));
    let failures = register(&server, &json!({"url": receiver.url("/failures"), "events": ["execution.failed"]}));
    register(&server, &json!({"url": receiver.url("/echoes"), "functions": ["ech*"], "tags": ["vip"]}));

    // One that waits for nobody, one with a callback of its own, one that is answered at once.
    let id = server.start("echo", &json!({"n": 1, "options": {"tags": ["vip"]}}));
    let own = server.start("fail", &json!({"callback_url": receiver.url("/own")}));
    server.run("echo", &json!({"n": 3}));

    let told = receiver.wait_for("/all", 3);
    for message in &told {
        assert!(message.is_signed_with(secret), "its own secret signs");
        assert_eq!((message.header("x-mine"), message.query.as_str()), (Some("hidden-value"), "token=pl4nted"));
    }
    let first = told.iter().find(|message| message.json()["execution_id"] == *id).unwrap();
    assert_eq!((&first.json()["type"], &first.json()["output"]), (&json!("execution.completed"), &json!({"echo": {"n": 1}})));
    let failed = receiver.wait_for("/failures", 1).remove(0);
    assert!(failed.is_signed_with(failures["secret"].as_str().unwrap()));
    assert_eq!(failed.json()["execution_id"], *own);
    // The same bytes for all, and an id for each.
    let to_caller = receiver.wait_for("/own", 1).remove(0);
    assert_eq!(failed.body, to_caller.body);
    assert_ne!(failed.webhook_id(), to_caller.webhook_id());
    assert_eq!(receiver.wait_for("/echoes", 1)[0].json()["execution_id"], *id);
    pause(millis(700));
    assert_eq!((receiver.requests_at("/failures").len(), receiver.requests_at("/echoes").len()), (1, 1));
    let delivered = items(&server.get(&format!("/v1/executions/{own}/deliveries")).expect(200).json());
    assert_eq!(delivered.len(), 3, "{delivered:?}");

    let listed = server.get("/v1/destinations").expect(200);
    assert!(!listed.body.contains("hidden-value") && !listed.body.contains("pl4nted") && !listed.body.contains(secret));
    let registered = items(&listed.json()).into_iter().filter(|one| one["type"] == "registered").count();
    assert_eq!(registered, 3, "{}", listed.body);
}

fn what_comes_while_it_is_disabled_is_kept_and_sent_when_it_is_enabled(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/gone", [Answer::status(410)]);
    let destination = register(&server, &json!({"url": receiver.url("/gone")}));
    let first = server.start("echo", &json!({"n": 1}));
    receiver.wait_for("/gone", 1);
    let disabled = eventually("a disabled destination", seconds(20), || {
        let seen = server.get(&path(&destination)).expect(200).json();
        (seen["enabled"] == false).then_some(seen)
    });
    assert!(disabled["disabled_reason"].as_str().unwrap().contains("410"), "{disabled}");
    let alerts = server.get("/v1/alerts").expect(200).body;
    assert!(alerts.contains("destination_failing") && alerts.contains(destination["id"].as_str().unwrap()), "{alerts}");

    let second = server.start("echo", &json!({"n": 2}));
    server.wait_done(&second);
    for id in [&first, &second] {
        let held = items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json()).remove(0);
        assert_eq!(held["state"], "held", "{held}");
    }
    pause(millis(1500));
    assert_eq!(receiver.count(), 1, "nothing is sent meanwhile");

    // It has moved: what was on hold goes to where it is now, with the same id and the same bytes.
    patch(&server, &destination, &json!({"url": receiver.url("/here"), "enabled": true}));
    let sent = receiver.wait_for("/here", 2);
    let gone = receiver.requests_at("/gone").remove(0);
    let again = sent.iter().find(|message| message.json()["execution_id"] == *first).unwrap();
    assert_eq!((again.webhook_id(), &again.body), (gone.webhook_id(), &gone.body));
    assert!(sent.iter().all(|message| message.is_signed_with(destination["secret"].as_str().unwrap())));
    for id in [&first, &second] {
        eventually("a delivered message", seconds(20), || {
            let all = items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json());
            (all[0]["state"] == "delivered").then_some(())
        });
    }
}

fn a_destination_is_tested_changed_and_taken_away(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/test", [Answer::ok(), Answer::status(500).body("no: hidden-token"), Answer::ok()]);
    let auth = json!({"type": "bearer", "token": "hidden-token"});
    let destination = register(&server, &json!({"url": receiver.url("/test"), "auth": auth, "events": ["execution.failed"]}));
    let test = || server.post(&format!("{}/test", path(&destination)), &json!({})).expect(200).json();
    let tested = test();
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(true), &json!(200)));
    let message = receiver.wait_for("/test", 1).remove(0);
    assert!(message.is_signed_with(destination["secret"].as_str().unwrap()));
    assert_eq!(
        (&message.json()["type"], message.header("authorization")),
        (&json!("destination.test"), Some("Bearer hidden-token"))
    );
    let tested = test();
    assert_eq!((&tested["delivered"], &tested["detail"]), (&json!(false), &json!("HTTP 500")));
    assert!(server.executions().is_empty(), "a test is no execution");

    let own = "whsec_b3duLXNlY3JldC1vZi10aGUtY2FsbGVyLTEyMw==";
    let changed = patch(&server, &destination, &json!({"events": ["execution.completed"], "secret": own}));
    assert_eq!(changed["events"], json!(["execution.completed"]));
    assert!(changed.get("secret").is_none());
    server.start("echo", &json!({}));
    let told = receiver.wait_for("/test", 3).remove(2);
    assert!(told.is_signed_with(own) && told.header("authorization") == Some("Bearer hidden-token"));

    server.call("DELETE", &path(&destination)).send().expect(204);
    server.get(&path(&destination)).expect(404).problem();
    server.call("DELETE", &path(&destination)).send().expect(404).problem();
    let id = server.start("echo", &json!({}));
    server.wait_done(&id);
    pause(millis(700));
    assert_eq!(receiver.count(), 3);
}

fn what_is_no_destination_is_refused(store: Store) {
    let server = Server::on(store).basics().start();
    for body in [
        json!({}),
        json!({"url": "ftp://example.com/"}),
        json!({"url": "http://169.254.169.254/"}),
        json!({"url": "http://localhost:1/", "events": ["execution.progress"]}),
        json!({"url": "http://localhost:1/", "events": ["execution.dreamt"]}),
        json!({"url": "http://localhost:1/", "functions": ["No Name"]}),
        json!({"url": "http://localhost:1/", "functions": "echo"}),
        json!({"url": "http://localhost:1/", "secret": "whsec_c2hvcnQ="}),
        json!({"url": "http://localhost:1/", "headers": {"host": "x"}}),
        json!({"url": "http://localhost:1/", "tags": [""]}),
        json!({"url": "http://localhost:1/", "colour": "red"}),
    ] {
        server.post("/v1/destinations", &body).expect(422).problem();
    }
    for id in ["dst_nothing", "dst_019a0000-0000-7000-8000-000000000001", "nothing"] {
        server.call("PATCH", &format!("/v1/destinations/{id}")).json(&json!({"enabled": true})).send().expect(404).problem();
        server.post(&format!("/v1/destinations/{id}/test"), &json!({})).expect(404).problem();
    }
    let registered = items(&server.get("/v1/destinations").expect(200).json());
    assert!(registered.iter().all(|one| one["type"] != "registered"), "{registered:?}");
}

fn a_registration_outlives_the_process(store: Store) {
    let mut server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let destination = register(&server, &json!({"url": receiver.url("/hook")}));
    server.kill9();
    server.restart();
    server.start("echo", &json!({}));
    assert!(receiver.wait_for("/hook", 1)[0].is_signed_with(destination["secret"].as_str().unwrap()));
}

/// Only PostgreSQL has other nodes.
fn another_node_tells_it_too(store: Store) {
    if store == Store::Sqlite {
        return;
    }
    let one = Server::on(store).basics().start();
    let other = Server::on(store).database(one.database()).basics().start();
    let receiver = Receiver::start();
    other.run("echo", &json!({}));
    // The other node has had no time to hear of it by itself.
    let destination = register(&one, &json!({"url": receiver.url("/hook")}));
    let id = other.start("echo", &json!({"n": 1}));
    let message = receiver.wait_for("/hook", 1).remove(0);
    assert!(message.is_signed_with(destination["secret"].as_str().unwrap()));
    assert_eq!(message.json()["execution_id"], *id);
}
