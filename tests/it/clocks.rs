//! Clocks that are wrong, and clocks that are set while timers run: nothing is lost or doubled, and with Postgres nothing moves.
//! Never asks the server what time it is: this process's own clock judges.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{Faults, Inside, Receiver, Server, Store, both_stores, eventually, fresh_database, millis, pause, seconds};

both_stores!(
    what_came_due_while_down_is_done_at_the_start,
    a_clock_that_is_set_while_timers_run_loses_and_doubles_nothing,
    a_schedule_fires_each_time_once_however_the_clock_is_set,
);

/// Waits for the callback of an execution, and tells when it came.
fn heard_after(home: &Receiver, path: &str, began: Instant) -> Duration {
    home.wait_for(path, 1);
    began.elapsed()
}

fn what_came_due_while_down_is_done_at_the_start(store: Store) {
    let home = Receiver::start();
    let mut server = Server::on(store).basics().start();
    let asleep = server.start("nap", &json!({"seconds": 1, "callback_url": home.url("/nap")}));
    let late = server.start("echo", &json!({"n": 1, "options": {"delay": 1}, "callback_url": home.url("/late")}));
    server.wait_state(&asleep, "waiting");
    server.kill9();
    pause(seconds(2));
    server.restart();
    let began = Instant::now();
    for (id, path) in [(asleep, "/nap"), (late, "/late")] {
        assert!(heard_after(&home, path, began) < seconds(4), "{path} was late");
        assert_eq!(server.status(&id)["state"], "completed");
        assert_eq!(home.requests_at(path).len(), 1);
    }
}

fn a_clock_that_is_set_while_timers_run_loses_and_doubles_nothing(store: Store) {
    for hours in [-24, 24] {
        let (faults, home) = (Faults::none(), Receiver::start());
        let server = faults.of(Server::on(store).basics()).start();
        let began = Instant::now();
        let id = server.start("nap", &json!({"seconds": 3, "callback_url": home.url("/nap")}));
        server.wait_state(&id, "waiting");
        faults.clock_off_by_hours(hours);
        pause(seconds(4));
        // A file has no clock but the machine's: there the time of a sleeper comes with it.
        faults.clock_off_by_hours(0);
        home.wait_for("/nap", 1);
        if store == Store::Postgres {
            let took = began.elapsed();
            assert!(took > millis(2900), "{hours} h: it woke after {took:?}");
        }
        assert_eq!(server.wait_done(&id)["state"], "completed");
        pause(seconds(1));
        assert_eq!(home.requests_at("/nap").len(), 1, "{hours} h");
    }
}

fn a_schedule_fires_each_time_once_however_the_clock_is_set(store: Store) {
    let tick = json!({
        "schedule": [{"cron": "* * * * *", "timezone": "UTC"}],
        "stack": [{"function": "return_response", "body": {}}]
    });
    let inside = Inside::on(store, "2027-03-01T12:00:30Z").workflow("tick.json", tick);
    let node = inside.start();
    let count = |wanted: usize| {
        eventually(&format!("{wanted} runs"), seconds(20), || (node.executions_of("tick").len() == wanted).then_some(()));
        pause(millis(1500));
        assert_eq!(node.executions_of("tick").len(), wanted);
    };
    inside.move_to("2027-03-01T12:01:10Z");
    count(1);
    // A day back: what was fired is not fired again on the way.
    inside.clock.advance_ms(-86_400_000);
    pause(millis(1500));
    for _ in 0..3 {
        inside.clock.advance_ms(60_000);
        pause(millis(1200));
    }
    count(1);
    inside.move_to("2027-03-01T12:01:20Z");
    count(1);
    inside.move_to("2027-03-01T12:02:10Z");
    count(2);
}

/// A node of a Postgres whose own clock is a day off, beside one whose clock is right.
#[test]
fn a_node_whose_clock_is_a_day_off_does_nothing_early_or_late() {
    for hours in [-24, 24] {
        let (faults, home, database) = (Faults::none(), Receiver::start(), fresh_database());
        faults.clock_off_by_hours(hours);
        let node = || Server::on(Store::Sqlite).database(&database).basics();
        let servers = [faults.of(node()).start(), node().start()];
        let began = Instant::now();
        let mut ids = Vec::new();
        for (at, server) in servers.iter().enumerate() {
            let nap = json!({"seconds": 2, "callback_url": home.url(&format!("/nap/{at}"))});
            ids.push(server.start("nap", &nap));
            let late = json!({"n": 1, "options": {"delay": 2}, "callback_url": home.url(&format!("/late/{at}"))});
            ids.push(server.start("echo", &late));
        }
        for path in ["/nap/0", "/nap/1", "/late/0", "/late/1"] {
            let arrived = home.wait_for(path, 1)[0].at - began;
            assert!((millis(1900)..millis(5500)).contains(&arrived), "{hours} h: {path} came after {arrived:?}");
        }
        let key = |server: &Server| {
            let call = server.call("POST", "/api/echo").header("idempotency-key", "k").json(&json!({"async": true}));
            call.send().expect(202).json()["execution_id"].clone()
        };
        assert_eq!(key(&servers[0]), key(&servers[1]), "a key lives as long as it should");
        for (at, id) in ids.iter().enumerate() {
            let entry = servers[1 - at / 2].status(id);
            assert_eq!(entry["state"], "completed", "{entry}");
            assert!(age(&entry["created_at"]) < 60, "{hours} h: {entry}");
        }
        // The signature is fresh by everybody's clock.
        home.requests_at("/nap/0")[0].assert_signed_with(crate::helpers::SECRET);
    }
}

/// Seconds since a time, either way.
fn age(at: &Value) -> i64 {
    #[expect(clippy::disallowed_methods, reason = "this process's clock is the judge")]
    let now = chrono::Utc::now();
    let at = chrono::DateTime::parse_from_rfc3339(at.as_str().unwrap()).unwrap();
    (now - at.to_utc()).num_seconds().abs()
}
