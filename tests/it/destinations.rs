//! Registered destinations: told of every execution that matches, from the moment of their registration on.
//! Never registers more than one receiver at a time by chance: each has a path of its own.

use serde_json::{Value, json};

use crate::helpers::{Answer, Moved, Receiver, Server, Store, both_stores, eventually, items, millis, pause, seconds};

both_stores!(
    every_execution_that_matches_is_told_to_who_registered,
    what_comes_while_it_is_disabled_is_kept_and_sent_when_it_is_enabled,
    a_destination_is_tested_changed_and_taken_away,
    what_is_no_destination_is_refused,
    a_registration_outlives_the_process,
    another_node_tells_it_too,
    who_asked_for_it_hears_of_what_happens_before_the_end,
    after_five_days_of_failures_it_is_disabled_and_keeps_what_it_is_owed,
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
    eventually("the alert that tells of it", seconds(20), || {
        let alerts = server.get("/v1/alerts").expect(200).body;
        (alerts.contains("destination_failing") && alerts.contains(destination["id"].as_str().unwrap())).then_some(())
    });

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

fn who_asked_for_it_hears_of_what_happens_before_the_end(store: Store) {
    let tells = json!([
        {"function": "update_progress", "percent": 10},
        {"function": "send_callback", "body": {"said": "half way"}},
        {"function": "return_response", "body": {"done": true}}
    ]);
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let server = Server::on(store)
        .basics()
        .workflow("tells.json", tells)
        .env("RINGBACK_MONITOR_CRON", "* * * * * *")
        .env("RINGBACK_MONITOR_STUCK_AFTER_S", "2")
        .start();
    let receiver = Receiver::start();
    let interim = ["execution.progress", "function.message", "execution.overdue"];
    let one = register(&server, &json!({"url": receiver.url("/interim"), "events": interim, "functions": ["tells", "fetch"]}));
    register(&server, &json!({"url": receiver.url("/ends")}));
    register(&server, &json!({"url": receiver.url("/other"), "events": interim, "functions": ["echo"]}));
    register(&server, &json!({"url": receiver.url("/webhook-waiting/1"), "events": interim}));

    // One without a callback of its own, and one with: whatever is told to both has the same bytes.
    let plain = server.start("tells", &json!({}));
    let callback = json!({"url": receiver.url("/own"), "events": ["execution.progress"]});
    let called = server.start("tells", &json!({"callback": callback}));
    let told = receiver.wait_for("/interim", 4);
    for id in [&plain, &called] {
        let mut types: Vec<String> = told
            .iter()
            .filter(|message| message.json()["execution_id"] == **id)
            .map(|message| {
                assert!(message.is_signed_with(one["secret"].as_str().unwrap()));
                assert_eq!(message.json()["status"], "running");
                message.json()["type"].as_str().unwrap().to_owned()
            })
            .collect();
        types.sort();
        assert_eq!(types, ["execution.progress", "function.message"]);
    }
    let own = receiver.wait_for("/own", 3);
    for message in own.iter().filter(|message| message.json()["type"] != "execution.completed") {
        let same = told.iter().find(|other| other.body == message.body).expect("the same bytes");
        assert_ne!(same.webhook_id(), message.webhook_id());
    }
    let said = own.iter().find(|message| message.json()["type"] == "function.message").unwrap().json();
    assert_eq!(said["data"], json!({"said": "half way"}));

    // What is late is told once.
    let late = server.start("fetch", &json!({"url": stub.url("/never")}));
    let overdue = receiver.wait_for("/interim", 5).remove(4).json();
    assert_eq!((&overdue["type"], &overdue["execution_id"]), (&json!("execution.overdue"), &json!(late)));
    pause(seconds(2));
    server.cancel(&late).expect(200);
    receiver.wait_for("/ends", 3);
    let counts = ["/interim", "/other", "/webhook-waiting/1"].map(|path| receiver.requests_at(path).len());
    assert_eq!(counts, [5, 0, 0]);
}

const HOUR_MS: i64 = 60 * 60 * 1000;

/// The clock is moved over the days.
fn after_five_days_of_failures_it_is_disabled_and_keeps_what_it_is_owed(store: Store) {
    let (receiver, operator) = (Receiver::start(), Receiver::start());
    receiver.answers("/hook", [Answer::status(500)]);
    let webhook = operator.url("/alerts");
    let server = Moved::on(store)
        .workflow("echo.json", json!([{"function": "return_response", "body": {"n": "{{ input.n }}"}}]))
        .config(|config| config.alerts.webhook = Some(webhook))
        .start();
    let destination = server.post("/v1/destinations", &json!({"url": receiver.url("/hook?token=hidden")})).expect(201).json();
    let path = path(&destination);
    let told = |event: &str| {
        let said = operator.requests_at("/alerts").into_iter().map(|request| request.json());
        let mut percents: Vec<i64> = said
            .filter(|message| message["type"] == event && message["data"]["type"] == "destination_failing")
            .map(|message| {
                assert!(!message.to_string().contains("hidden"), "{message}");
                assert_eq!(message["data"]["destination"], destination["id"]);
                message["data"]["percent"].as_i64().unwrap()
            })
            .collect();
        percents.sort_unstable();
        percents
    };
    server.post("/api/echo", &json!({"n": 0})).expect(200);
    receiver.wait_for("/hook", 1);
    eventually("that it is known to fail", seconds(20), || {
        server.get(&path).expect(200).json()["failing_since"].is_string().then_some(())
    });

    let mut passed = 0;
    for (hours, expected) in [(59, vec![]), (61, vec![50]), (85, vec![50, 70]), (109, vec![50, 70, 90])] {
        server.advance_ms((hours - passed) * HOUR_MS);
        passed = hours;
        eventually(&format!("what is told after {hours} hours"), seconds(30), || {
            (told("alert.raised") == expected).then_some(())
        });
        pause(millis(1500));
        assert_eq!(told("alert.raised"), expected, "after {hours} hours");
        assert_eq!(server.get(&path).expect(200).json()["enabled"], true);
    }
    // Messages of the meantime wait for their next try.
    server.post("/api/echo", &json!({"n": 1})).expect(200);
    server.advance_ms(12 * HOUR_MS);
    eventually("its end", seconds(30), || (server.get(&path).expect(200).json()["enabled"] == false).then_some(()));
    eventually("the last alert", seconds(30), || (told("alert.raised") == [50, 70, 90, 100]).then_some(()));
    let reason = server.get(&path).expect(200).json()["disabled_reason"].clone();
    assert!(reason.as_str().unwrap().contains("5 days"), "{reason}");
    server.post("/api/echo", &json!({"n": 2})).expect(200);
    server.advance_ms(25 * HOUR_MS);
    pause(seconds(2));
    let heard = receiver.requests_at("/hook").len();
    server.advance_ms(25 * HOUR_MS);
    pause(seconds(2));
    assert_eq!(receiver.requests_at("/hook").len(), heard, "it gets nothing while it is disabled");
    assert_eq!(told("alert.resolved"), Vec::<i64>::new());

    receiver.answers("/hook", [Answer::ok()]);
    server.call("PATCH", &path).json(&json!({"enabled": true})).send().expect(200);
    let arrived = |n: i64| {
        let all = receiver.requests_at("/hook");
        all.into_iter().skip(heard).any(|request| request.json()["output"]["n"] == n)
    };
    eventually("what was held", seconds(60), || {
        // Its breaker may be open still.
        server.advance_ms(60_000);
        pause(millis(200));
        (arrived(1) && arrived(2)).then_some(())
    });
    eventually("that nobody has to know any more", seconds(60), || {
        server.advance_ms(30_000);
        pause(millis(300));
        (told("alert.resolved") == [50, 70, 90, 100]).then_some(())
    });
    assert_eq!(told("alert.raised"), [50, 70, 90, 100], "each was told once");
    let seen = server.get(&path).expect(200).json();
    assert_eq!((&seen["enabled"], &seen["failing_since"]), (&json!(true), &Value::Null));
}
