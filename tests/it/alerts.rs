//! Every condition that the monitor knows: provoked, told once by a signed message, and over when it is over.
//! Never waits for the monitor's real bounds: they are set to a second, the rules stay the same.

use serde_json::{Value, json};

use crate::helpers::{
    Answer, Receiver, SECRET, Server, ServerBuilder, Store, both_stores, eventually, items, pause, ringback, seconds,
};

both_stores!(
    a_message_that_waits_for_its_receiver_is_overdue,
    a_dead_message_is_told_of_and_acknowledged,
    a_queue_that_stands_still_is_old,
    a_destination_that_fails_opens_its_breaker,
    a_schedule_that_was_missed_is_told_of,
    storage_that_is_held_up_lags,
    an_execution_that_takes_its_process_down_is_set_aside,
);

/// Where the operator hears of alerts.
const HOOK: &str = "/alerts";

fn watched(store: Store, operator: &Receiver) -> ServerBuilder {
    let mut server = Server::on(store).basics().env("RINGBACK_ALERTS_WEBHOOK", operator.url(HOOK));
    server = server.env("RINGBACK_MONITOR_CRON", "* * * * * *");
    for bound in ["CALLBACK_OVERDUE_AFTER_S", "QUEUE_OLD_AFTER_S"] {
        server = server.env(&format!("RINGBACK_MONITOR_{bound}"), "1");
    }
    server.env("RINGBACK_CALLBACKS_DELAYS_MS", vec!["300"; 60].join(","))
}

/// What the operator was told of one kind of alert, by the event.
fn told(operator: &Receiver, event: &str, kind: &str) -> Vec<Value> {
    let all = operator.requests_at(HOOK);
    let said = all.iter().map(|request| {
        request.assert_signed_with(SECRET);
        assert_eq!(request.header("ringback-execution-id"), None, "an alert's message belongs to no execution");
        let message = request.json();
        assert_eq!(request.header("ringback-event"), message["type"].as_str());
        message
    });
    said.filter(|message| message["type"] == event && message["data"]["type"] == kind)
        .map(|message| message["data"].clone())
        .collect()
}

#[track_caller]
fn raised(operator: &Receiver, kind: &str) -> Value {
    eventually(&format!("the message that {kind} is the case"), seconds(40), || told(operator, "alert.raised", kind).pop())
}

/// Waits until the episode is over, and checks that it was told once.
#[track_caller]
fn over(server: &Server, operator: &Receiver, alert: &Value) {
    let kind = alert["type"].as_str().unwrap();
    let last =
        eventually(&format!("the message that {kind} is over"), seconds(90), || told(operator, "alert.resolved", kind).pop());
    assert_eq!(last["id"], alert["id"]);
    assert!(last["resolved_at"].is_string(), "{last}");
    assert_eq!(told(operator, "alert.raised", kind).len(), 1, "an episode is told once");
    let listed = items(&server.get(&format!("/v1/alerts?type={kind}")).expect(200).json());
    assert_eq!(listed.len(), 1, "an episode is one alert: {listed:?}");
    assert!(listed[0]["resolved_at"].is_string());
    assert_eq!(items(&server.get(&format!("/v1/alerts?type={kind}&open=true")).expect(200).json()), Vec::<Value>::new());
}

fn a_message_that_waits_for_its_receiver_is_overdue(store: Store) {
    let (operator, caller) = (Receiver::start(), Receiver::start());
    caller.answers("/hook", [Answer::status(500)]);
    let server = watched(store, &operator).start();
    let id = server.start("echo", &json!({"callback_url": caller.url("/hook?token=hidden")}));
    let alert = raised(&operator, "callback_overdue");
    assert_eq!((&alert["severity"], &alert["oldest_execution_id"]), (&json!("warning"), &json!(id)));
    assert_eq!(alert["destination"], json!(caller.url("")));
    assert!(!alert.to_string().contains("hidden"), "no query is shown: {alert}");
    // Whoever pauses a destination knows that it waits.
    let lane =
        items(&server.get("/v1/destinations").expect(200).json()).into_iter().find(|lane| lane["origin"] == caller.url(""));
    let lane = format!("/v1/destinations/{}", lane.unwrap()["id"].as_str().unwrap());
    server.post(&format!("{lane}/pause"), &json!({})).expect(200);
    over(&server, &operator, &alert);
    caller.answers("/hook", [Answer::ok()]);
    let before = caller.count();
    server.post(&format!("{lane}/resume"), &json!({})).expect(200);
    caller.wait_for("/hook", before + 1);
}

fn a_dead_message_is_told_of_and_acknowledged(store: Store) {
    let (operator, caller) = (Receiver::start(), Receiver::start());
    caller.answers("/hook", [Answer::status(500)]);
    let server = watched(store, &operator)
        .env("RINGBACK_CALLBACKS_DELAYS_MS", "10")
        .env("RINGBACK_MONITOR_CALLBACK_OVERDUE_AFTER_S", "600")
        .start();
    let id = server.start("echo", &json!({"callback_url": caller.url("/hook")}));
    let alert = raised(&operator, "delivery_dead");
    assert_eq!((&alert["execution_id"], &alert["function_name"]), (&json!(id), &json!("echo")));
    pause(seconds(3));
    assert_eq!(told(&operator, "alert.raised", "delivery_dead").len(), 1);

    let path = format!("/v1/alerts/{}/acknowledge", alert["id"]);
    let seen = server.post(&path, &json!({"by": "anna"})).expect(200).json();
    assert_eq!((&seen["acknowledged_by"], &seen["resolved_at"]), (&json!("anna"), &Value::Null));
    let again = server.post(&path, &json!({"by": "ben"})).expect(200).json();
    assert_eq!((&again["acknowledged_by"], &again["acknowledged_at"]), (&json!("anna"), &seen["acknowledged_at"]));
    let bare = server.call("POST", &path).send().expect(200).json();
    assert_eq!(bare["acknowledged_by"], "anna");
    server.post(&path, &json!({"by": 7})).expect(400);
    for unknown in ["999999", "x", "-1", "99999999999999999999"] {
        let refused = server.post(&format!("/v1/alerts/{unknown}/acknowledge"), &json!({})).expect(404).json();
        assert_eq!(refused["code"], "ERROR_CODE_ALERT_UNKNOWN", "{refused}");
    }

    let listed = |query: &str| items(&server.get(&format!("/v1/alerts?{query}")).expect(200).json()).len();
    assert_eq!((listed("acknowledged=true"), listed("acknowledged=false&type=delivery_dead")), (1, 0));
    assert_eq!((listed(&format!("execution_id={id}")), listed("severity=critical&type=delivery_dead")), (1, 0));
    server.get("/v1/alerts?nonsense=1").expect(400);

    let url = server.url("");
    let folder = server.folder().path();
    let run = |args: &[&str]| ringback(folder, args).env("RINGBACK_URL", &url).finish();
    let table = run(&["alerts"]).expect(0).stdout;
    assert!(table.contains("delivery_dead") && table.contains("seen by anna"), "{table}");
    let acknowledged = run(&["alerts", "acknowledge", &alert["id"].to_string(), "--by", "carl", "--json"]).expect(0);
    assert!(acknowledged.stdout.contains("anna"), "{}", acknowledged.stdout);
    run(&["alerts", "acknowledge", "999999"]).expect(1);

    // Sent again and taken, it is dead no longer.
    caller.answers("/hook", [Answer::ok()]);
    let dead = items(&server.get("/v1/deliveries?state=dead").expect(200).json()).remove(0);
    server.call("POST", &format!("/v1/deliveries/{}/redeliver", dead["id"].as_str().unwrap())).send().expect(200);
    over(&server, &operator, &alert);
    let sent = server.get(&format!("/v1/deliveries/{}", dead["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(sent["state"], "delivered");
}

fn a_queue_that_stands_still_is_old(store: Store) {
    let (operator, stub) = (Receiver::start(), Receiver::start());
    stub.answers("/never", [Answer::never()]);
    let server = watched(store, &operator).arg("--max-running").arg("1").start();
    let running = server.start("fetch", &json!({"url": stub.url("/never")}));
    stub.wait_for("/never", 1);
    let waiting = server.start("echo", &json!({}));
    let alert = raised(&operator, "queue_old");
    assert!(alert["stuck_duration"].as_f64().unwrap() >= 1.0, "{alert}");
    assert_eq!(alert["executions"], 1);
    // Twice the bound is critical, and told apart.
    eventually("a critical alert", seconds(20), || told(&operator, "alert.escalated", "queue_old").pop());
    server.cancel(&running).expect(200);
    assert_eq!(server.wait_done(&waiting)["state"], "completed");
    over(&server, &operator, &alert);
}

fn a_destination_that_fails_opens_its_breaker(store: Store) {
    let (operator, caller) = (Receiver::start(), Receiver::start());
    caller.answers("/hook", [Answer::status(503)]);
    let server = watched(store, &operator).env("RINGBACK_MONITOR_CALLBACK_OVERDUE_AFTER_S", "600").start();
    for _ in 0..4 {
        server.start("echo", &json!({"callback_url": caller.url("/hook")}));
    }
    let alert = raised(&operator, "breaker_open");
    assert_eq!((&alert["destination"], &alert["subject"]), (&json!(caller.url("")), &json!(caller.url(""))));
    caller.answers("/hook", [Answer::ok()]);
    over(&server, &operator, &alert);
}

fn a_schedule_that_was_missed_is_told_of(store: Store) {
    let operator = Receiver::start();
    let ticks =
        json!({"schedule": {"cron": "*/15 * * * * *", "catch_up": "none"}, "stack": [{"function": "log", "message": "tick"}]});
    let mut server = watched(store, &operator).env("RINGBACK_SCHEDULES_LATE_AFTER_S", "8").workflow("ticker.json", ticks).start();
    eventually("a first time", seconds(40), || (!server.executions().is_empty()).then_some(()));
    server.kill9();
    pause(seconds(26));
    server.restart();
    let alert = raised(&operator, "schedule_missed");
    assert_eq!((&alert["function_name"], &alert["subject"]), (&json!("ticker"), &alert["schedule_id"]));
    assert!(alert["message"].as_str().unwrap().contains("missed from"), "{alert}");
    over(&server, &operator, &alert);
}

fn storage_that_is_held_up_lags(store: Store) {
    let operator = Receiver::start();
    let server = watched(store, &operator).env("RINGBACK_MONITOR_STORAGE_LAG_AFTER_MS", "700").start();
    server.start("echo", &json!({}));
    let held = crate::helpers::hold_up(server.database());
    let call = server.call("POST", "/api/echo").json(&json!({"async": true}));
    let calling = crate::helpers::runtime().spawn(async move { call.go().await });
    pause(seconds(2));
    drop(held);
    let alert = raised(&operator, "storage_lag");
    assert!(alert["stuck_duration"].as_f64().unwrap() >= 0.7, "{alert}");
    let answered = crate::helpers::runtime().block_on(calling).unwrap().unwrap();
    assert_eq!(answered.status, 202, "{}", answered.body);
    over(&server, &operator, &alert);
}

fn an_execution_that_takes_its_process_down_is_set_aside(store: Store) {
    let (operator, stub) = (Receiver::start(), Receiver::start());
    stub.answers("/never", [Answer::never()]);
    let mut server = watched(store, &operator).start();
    let id = server.start("fetch", &json!({"url": stub.url("/never")}));
    for crash in 1..=5 {
        stub.wait_for("/never", crash);
        server.kill9();
        server.restart();
    }
    let entry = server.wait_done(&id);
    assert_eq!((&entry["state"], &entry["error_code"]), (&json!("failed"), &json!("ERROR_CODE_POISON")));
    let alert = raised(&operator, "poison");
    assert_eq!((&alert["execution_id"], &alert["severity"]), (&json!(id), &json!("critical")));
    // It stays set aside until somebody has seen it.
    pause(seconds(2));
    assert!(told(&operator, "alert.resolved", "poison").is_empty());
    server.post(&format!("/v1/alerts/{}/acknowledge", alert["id"]), &json!({})).expect(200);
    over(&server, &operator, &alert);
}
