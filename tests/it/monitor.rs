//! The monitor, and the guide's own: what is stuck is flagged, once, and what waits rightly is not.
//! Never sleeps for minutes: bounds are set to seconds, the rules stay the same.

use std::sync::Arc;

use ringback::app::build_with;
use ringback::config::Config;
use ringback::domain::clock::ManualClock;
use ringback::domain::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::helpers::{Answer, Call, Folder, Guide, Receiver, Server, Store, both_stores, eventually, items, pause, seconds};

both_stores!(
    the_guides_monitor_flags_what_is_older_than_its_bound,
    a_stuck_execution_is_flagged_once_and_told_of,
    what_waits_rightly_is_not_stuck,
);

fn alerts(server: &Server) -> Vec<Value> {
    server.run("list", &json!({"table": "alerts"})).as_array().unwrap().clone()
}

/// The guide's stack with its five minutes made three seconds: an execution of four is flagged, a younger one is not.
fn the_guides_monitor_flags_what_is_older_than_its_bound(store: Store) {
    let block = Guide::open().block("**Async Operation Monitoring:**", include_str!("own/monitor.jsonc"));
    assert_eq!(block.matches("now - 300").count(), 1);
    let server = Server::on(store).basics().workflow("watch.json", block.replace("now - 300", "now - 3")).start();
    let done = server.start("echo", &json!({}));
    let old = server.start("nap", &json!({"seconds": 600}));
    server.run("watch", &json!({}));
    assert!(alerts(&server).is_empty(), "nothing is old yet");
    pause(seconds(4));
    let young = server.start("nap", &json!({"seconds": 600}));
    server.run("watch", &json!({}));

    let flagged = alerts(&server);
    assert_eq!(flagged.len(), 1, "{flagged:?}");
    let alert = &flagged[0];
    assert_eq!((&alert["type"], &alert["execution_id"]), (&json!("async_timeout"), &json!(old)));
    assert_eq!((&alert["function_name"], &alert["severity"]), (&json!("nap"), &json!("warning")));
    let duration = alert["stuck_duration"].as_f64().unwrap();
    assert!((4.0..20.0).contains(&duration), "seconds since it was created: {duration}");
    assert!(![json!(young), json!(done)].contains(&alert["execution_id"]));

    // Looking again updates the open alert.
    server.run("watch", &json!({}));
    let again: Vec<Value> = alerts(&server).into_iter().filter(|alert| alert["execution_id"] == json!(old)).collect();
    assert_eq!(again.len(), 1, "{again:?}");
    assert!(again[0]["stuck_duration"].as_f64().unwrap() >= duration);
}

/// The guide's stack as it stands, on a server whose clock is moved: six minutes are flagged, four are not.
#[test]
fn the_guides_monitor_counts_in_minutes() {
    let folder = Folder::new("minutes");
    folder.write("watch.json", Guide::open().block("**Async Operation Monitoring:**", include_str!("own/monitor.jsonc")));
    folder.write("nap.json", r#"[{"function": "sleep", "duration": 3600}]"#);
    folder.write("list.json", r#"[{"function": "query_all_records", "table": "alerts", "return_as": "all"}, {"function": "return", "value": "{{ all }}"}]"#);
    let clock = Arc::new(ManualClock::at(Timestamp(1_795_000_000_000)));
    let mut config = Config::for_testing();
    config.server.workflows = folder.path().to_owned();
    config.store.database = format!("sqlite://{}", folder.path().join("minutes.db").display());
    let (address, told) = std::sync::mpsc::channel();
    let server_clock = Arc::clone(&clock);
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let app = build_with(config, server_clock).await.unwrap_or_else(|error| panic!("{error}"));
            address.send(app.address()).unwrap();
            app.run_until_stopped().await.unwrap();
        });
    });
    let address = told.recv_timeout(seconds(20)).expect("the server starts");
    let post = |path: &str, body: Value| Call::new("POST", format!("http://{address}/api/{path}")).json(&body).send();
    let start = || post("nap", json!({"async": true})).expect(202).json()["execution_id"].clone();
    let old = start();
    clock.advance_ms(120_000);
    let young = start();
    clock.advance_ms(240_000);
    post("watch", json!({})).expect(200);
    let flagged = post("list", json!({})).expect(200).json();
    assert_eq!(flagged.as_array().unwrap().len(), 1, "{flagged}");
    assert_eq!((&flagged[0]["execution_id"], &flagged[0]["stuck_duration"]), (&old, &json!(360)), "not {young}");
    assert_eq!((&flagged[0]["type"], &flagged[0]["severity"]), (&json!("async_timeout"), &json!("warning")));
}

fn watched(store: Store) -> crate::helpers::ServerBuilder {
    Server::on(store).basics().env("RINGBACK_MONITOR_CRON", "* * * * * *").env("RINGBACK_MONITOR_STUCK_AFTER_S", "2")
}

fn a_stuck_execution_is_flagged_once_and_told_of(store: Store) {
    let server = watched(store).start();
    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let callback = json!({"url": stub.url("/hook"), "events": ["execution.overdue"]});
    let stuck = server.start("fetch", &json!({"url": stub.url("/never"), "callback": callback}));
    let of_it = || alerts(&server).into_iter().filter(|alert| alert["execution_id"] == json!(stuck)).collect::<Vec<_>>();
    let alert = eventually("an alert", seconds(20), || of_it().pop());
    assert_eq!((&alert["type"], &alert["function_name"]), (&json!("async_timeout"), &json!("fetch")));
    assert!(alert["stuck_duration"].as_f64().unwrap() >= 2.0, "{alert}");
    let overdue = stub.message("/hook");
    assert_eq!((&overdue["type"], &overdue["status"]), (&json!("execution.overdue"), &json!("running")));
    eventually("a critical alert after twice the bound", seconds(20), || (of_it()[0]["severity"] == "critical").then_some(()));
    assert_eq!(of_it().len(), 1, "one episode is one alert");
    assert!(server.get("/v1/alerts").expect(200).body.contains(&stuck));

    server.cancel(&stuck).expect(200);
    eventually("the alert's end", seconds(20), || {
        let all = items(&server.get("/v1/alerts").expect(200).json());
        let alert = all.into_iter().find(|alert| alert["execution_id"] == json!(stuck))?;
        alert["resolved_at"].is_string().then_some(())
    });
    let told: Vec<Value> = stub.wait_for("/hook", 2).iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(told, ["execution.overdue", "execution.cancelled"], "once per episode");
}

fn what_waits_rightly_is_not_stuck(store: Store) {
    let server =
        watched(store).workflow("patient.json", json!([{"function": "wait_for_event", "name": "go", "timeout": 600}])).start();
    for (function, body) in
        [("nap", json!({"seconds": 600})), ("patient", json!({})), ("echo", json!({"options": {"delay": 600}}))]
    {
        server.start(function, &body);
    }
    pause(seconds(6));
    assert_eq!(alerts(&server), Vec::<Value>::new());
}
