//! Schedules: from files and over the API, across changes of the clock, restarts and nodes.
//! Never waits for a minute to pass: clocks are moved.

use serde_json::{Value, json};

use crate::helpers::{Inside, Server, Store, both_stores, eventually, items, millis, pause, ringback, seconds, text_of};

both_stores!(
    times_on_the_wall_are_kept_across_both_changes_of_the_clock,
    what_a_restart_missed_is_made_up_for_as_the_policy_says,
    an_overlap_is_skipped_cancelled_or_allowed,
    a_schedule_is_made_changed_paused_run_and_deleted,
    schedules_of_files_follow_the_files,
    a_function_that_takes_the_input_no_more_is_told_of,
);

const TICK: &str = r#"[{"function": "return_response", "body": {"n": "{{ input.n }}"}}]"#;

fn scheduled(schedule: &Value) -> String {
    json!({"schedule": schedule, "stack": [{"function": "return_response", "body": "{{ input }}"}]}).to_string()
}

/// For which times a function was started, oldest first.
fn due_times(node: &crate::helpers::Node, function: &str) -> Vec<String> {
    let executions = node.executions_of(function);
    let mut due: Vec<String> = executions.iter().map(|entry| text_of(&entry["metadata"]["schedule"]["due_at"])).collect();
    due.sort();
    due
}

#[track_caller]
fn started(node: &crate::helpers::Node, function: &str, due: &[&str]) {
    let wanted: Vec<String> = due.iter().map(|at| format!("{at}:00.000Z")).collect();
    eventually(&format!("starts of {function} for {due:?}"), seconds(15), || {
        let seen = due_times(node, function);
        assert!(seen.len() <= wanted.len(), "{seen:?} are more than {wanted:?}");
        // Once they have ended, so that the next time finds nothing in its way.
        let ended = node.executions_of(function).iter().all(|entry| entry["status"] == "completed");
        (seen == wanted && ended).then_some(())
    });
}

/// Nothing more comes within two of the looks that a server takes.
fn quiet() {
    pause(millis(2200));
}

fn times_on_the_wall_are_kept_across_both_changes_of_the_clock(store: Store) {
    let inside = Inside::on(store, "2026-03-28T23:00:00Z")
        .workflow("half_past_two.json", scheduled(&json!({"cron": "30 2 * * *", "timezone": "Europe/Berlin"})))
        .workflow("hourly.json", scheduled(&json!({"cron": "@hourly", "timezone": "Europe/Berlin", "catch_up": "none"})));
    let node = inside.start();
    // 02:30 does not exist on this night; the clock jumps at 01:00 UTC.
    inside.move_to("2026-03-29T00:59:59Z");
    quiet();
    assert_eq!(due_times(&node, "half_past_two"), Vec::<String>::new());
    inside.move_to("2026-03-29T01:00:00Z");
    started(&node, "half_past_two", &["2026-03-29T01:00"]);
    inside.move_to("2026-03-30T00:30:00Z");
    started(&node, "half_past_two", &["2026-03-29T01:00", "2026-03-30T00:30"]);
    node.stop();

    let inside = Inside::on(store, "2026-10-25T00:00:00Z")
        .workflow("half_past_two.json", scheduled(&json!({"cron": "30 2 * * *", "timezone": "Europe/Berlin"})))
        .workflow("hourly.json", scheduled(&json!({"cron": "0 * * * *", "timezone": "Europe/Berlin"})));
    let node = inside.start();
    // 02:30 comes twice on this night: at 00:30 and at 01:30 UTC.
    inside.move_to("2026-10-25T00:30:00Z");
    started(&node, "half_past_two", &["2026-10-25T00:30"]);
    for hour in 1..=3 {
        inside.move_to(&format!("2026-10-25T0{hour}:00:00Z"));
        let hours: Vec<String> = (1..=hour).map(|hour| format!("2026-10-25T0{hour}:00")).collect();
        started(&node, "hourly", &hours.iter().map(String::as_str).collect::<Vec<_>>());
    }
    started(&node, "half_past_two", &["2026-10-25T00:30"]);
    inside.move_to("2026-10-26T01:30:00Z");
    started(&node, "half_past_two", &["2026-10-25T00:30", "2026-10-26T01:30"]);
}

fn what_a_restart_missed_is_made_up_for_as_the_policy_says(store: Store) {
    let rule = |catch_up: &str| json!({"cron": "0 * * * *", "catch_up": catch_up, "overlap": "allow"});
    let bounded = json!({"cron": "0 * * * *", "catch_up": "all", "catch_up_max": 2, "overlap": "allow"});
    let inside = Inside::on(store, "2026-05-01T00:30:00Z")
        .workflow("none.json", scheduled(&rule("none")))
        .workflow("last.json", scheduled(&rule("last")))
        .workflow("all.json", scheduled(&rule("all")))
        .workflow("bounded.json", scheduled(&bounded));
    let node = inside.start();
    inside.move_to("2026-05-01T01:00:00Z");
    for function in ["none", "last", "all", "bounded"] {
        started(&node, function, &["2026-05-01T01:00"]);
    }
    node.stop();
    inside.move_to("2026-05-01T05:30:00Z");
    let node = inside.start();
    let missed = ["2026-05-01T02:00", "2026-05-01T03:00", "2026-05-01T04:00", "2026-05-01T05:00"];
    let first = "2026-05-01T01:00";
    started(&node, "all", &[&[first][..], &missed].concat());
    started(&node, "last", &[first, missed[3]]);
    started(&node, "bounded", &[first, missed[2], missed[3]]);
    quiet();
    started(&node, "none", &[first]);
    let noted = |function: &str| {
        let list = items(&node.get(&format!("/v1/schedules?function={function}")).expect(200).json());
        let one = node.get(&format!("/v1/schedules/{}", text_of(&list[0]["id"]))).expect(200).json();
        items(&one["firings"]).iter().map(|firing| text_of(&firing["outcome"])).collect::<Vec<_>>()
    };
    assert_eq!(noted("none"), ["missed", "started"]);
    assert_eq!(noted("all"), vec!["started"; 5]);

    inside.move_to("2026-05-01T06:00:00Z");
    started(&node, "none", &[first, "2026-05-01T06:00"]);
    started(&node, "last", &[first, missed[3], "2026-05-01T06:00"]);
}

fn an_overlap_is_skipped_cancelled_or_allowed(store: Store) {
    let long = |overlap: &str| {
        json!({"schedule": {"cron": "* * * * *", "overlap": overlap}, "stack": [{"function": "sleep", "duration": 90}]})
            .to_string()
    };
    let inside = Inside::on(store, "2026-05-01T00:00:30Z")
        .workflow("skip.json", long("skip"))
        .workflow("cancel_running.json", long("cancel_running"))
        .workflow("allow.json", long("allow"));
    let node = inside.start();
    let states = |function: &str| {
        let executions = node.executions_of(function);
        executions.iter().map(|entry| text_of(&entry["state"])).collect::<Vec<_>>()
    };
    let see = |function: &str, wanted: &[&str]| {
        eventually(&format!("{wanted:?} of {function}"), seconds(15), || (states(function) == wanted).then_some(()));
    };
    inside.move_to("2026-05-01T00:01:00Z");
    for function in ["skip", "cancel_running", "allow"] {
        see(function, &["waiting"]);
    }
    inside.move_to("2026-05-01T00:02:00Z");
    see("cancel_running", &["cancelled", "waiting"]);
    see("allow", &["waiting", "waiting"]);
    quiet();
    see("skip", &["waiting"]);
    // The first ends after 90 seconds, and the third minute finds nothing in its way.
    inside.move_to("2026-05-01T00:02:31Z");
    see("skip", &["completed"]);
    see("allow", &["completed", "waiting"]);
    inside.move_to("2026-05-01T00:03:00Z");
    see("skip", &["completed", "waiting"]);
    see("cancel_running", &["cancelled", "cancelled", "waiting"]);
}

#[test]
fn two_nodes_fire_each_time_once() {
    let inside = Inside::on(Store::Postgres, "2026-05-01T00:00:30Z")
        .workflow("tick.json", scheduled(&json!({"cron": "* * * * *", "overlap": "allow"})))
        .workflow("spread.json", scheduled(&json!({"cron": "* * * * *", "overlap": "allow", "jitter": 20})));
    let (one, other) = (inside.start(), inside.start());
    let mut due: Vec<String> = Vec::new();
    for minute in 1..=8 {
        inside.move_to(&format!("2026-05-01T00:{minute:02}:00Z"));
        due.push(format!("2026-05-01T00:{minute:02}"));
        started(if minute % 2 == 0 { &one } else { &other }, "tick", &due.iter().map(String::as_str).collect::<Vec<_>>());
        inside.move_to(&format!("2026-05-01T00:{minute:02}:21Z"));
        started(&one, "spread", &due.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // One node goes away; the other goes on where both stood.
    one.stop();
    inside.move_to("2026-05-01T00:09:00Z");
    due.push("2026-05-01T00:09".to_owned());
    started(&other, "tick", &due.iter().map(String::as_str).collect::<Vec<_>>());
    quiet();
    started(&other, "tick", &due.iter().map(String::as_str).collect::<Vec<_>>());
}

fn a_schedule_is_made_changed_paused_run_and_deleted(store: Store) {
    let server = Server::on(store).workflow("tick.json", TICK).start();
    let made = server.post("/v1/schedules", &json!({"function": "tick", "cron": "0 9 * * 1", "input": {"n": 1}})).expect(201);
    let schedule = made.json();
    let id = text_of(&schedule["id"]);
    assert_eq!(made.header("location"), Some(server.url(&format!("/v1/schedules/{id}")).as_str()));
    assert_eq!(
        (&schedule["origin"], &schedule["overlap"], &schedule["catch_up"]),
        (&json!("api"), &json!("skip"), &json!("last"))
    );
    assert_eq!(schedule["next"].as_array().unwrap().len(), 10);
    assert!(schedule["next"].as_array().unwrap().iter().all(|at| at.as_str().unwrap().ends_with("T09:00:00.000Z")));

    let one = format!("/v1/schedules/{id}");
    let changed =
        server.call("PATCH", &one).json(&json!({"cron": "0 9 * * 1", "timezone": "Asia/Tokyo"})).send().expect(200).json();
    assert_eq!((&changed["revision"], &changed["input"]), (&json!(2), &json!({"n": 1})));
    assert!(changed["next"][0].as_str().unwrap().ends_with("T00:00:00.000Z"), "nine in Tokyo: {changed}");

    let paused = server.post(&format!("{one}/pause"), &json!({})).expect(200).json();
    assert_eq!((&paused["paused"], &paused["next"]), (&json!(true), &json!([])));
    let accepted = server.post(&format!("{one}/run"), &json!({})).expect(202).json();
    let entry = server.wait_done(&text_of(&accepted["execution_id"]));
    assert_eq!(entry["output"], json!({"n": 1}));
    let seen = server.get(&one).expect(200).json();
    assert_eq!((&seen["firings"][0]["outcome"], &seen["firings"][0]["execution_id"]), (&json!("manual"), &entry["execution_id"]));
    assert_eq!(server.post(&format!("{one}/resume"), &json!({})).expect(200).json()["next"].as_array().unwrap().len(), 10);

    for (body, expected) in [
        (json!({"function": "tick", "cron": "0 25 * * *"}), "`25` is no hour"),
        (json!({"function": "tack", "cron": "@daily"}), "there is tick"),
        (json!({"function": "tick", "cron": "@daily", "crom": 1}), "crom does not exist"),
    ] {
        let problem = server.post("/v1/schedules", &body).expect(422).problem();
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
    }
    server.call("PATCH", &one).json(&json!({"timezone": "Mars/Base"})).send().expect(422).problem();
    assert_eq!(server.get(&one).expect(200).json()["timezone"], "Asia/Tokyo", "what is refused changes nothing");
    server.get("/v1/schedules/nonsense").expect(404).problem();

    let url = server.url("");
    let run = |args: &[&str]| ringback(server.folder().path(), args.iter().chain(&["--url", &url])).finish();
    let listed = run(&["schedules", "--json"]).expect(0).json();
    assert_eq!(listed[0]["id"], json!(id));
    let table = run(&["schedules", "show", &id]).expect(0);
    assert!(table.stdout.contains("0 9 * * 1") && table.stdout.contains("manual"), "{}", table.stdout);
    run(&["schedules", "pause", &id]).expect(0);
    run(&["schedules", "run", &id]).expect(0);
    run(&["schedules", "create", "tick", "@daily", "--overlap", "allow", "--input", r#"{"n": 2}"#]).expect(0);

    server.call("DELETE", &one).send().expect(200);
    server.call("DELETE", &one).send().expect(404).problem();
    assert_eq!(items(&server.get("/v1/schedules").expect(200).json()).len(), 1);
}

fn schedules_of_files_follow_the_files(store: Store) {
    let inside = Inside::on(store, "2026-05-01T00:00:30Z")
        .workflow("tick.json", scheduled(&json!([{"cron": "*/10 * * * *"}, {"cron": "@daily", "description": "once a day"}])));
    let node = inside.start();
    let list = |node: &crate::helpers::Node| items(&node.get("/v1/schedules?function=tick").expect(200).json());
    let first = list(&node);
    assert_eq!(first.len(), 2, "{first:?}");
    assert!(first.iter().all(|schedule| schedule["origin"] == "file" && schedule["revision"] == 1));
    let path = |schedule: &Value| format!("/v1/schedules/{}", text_of(&schedule["id"]));
    let frequent = first.iter().find(|schedule| schedule["cron"] == "*/10 * * * *").unwrap();
    for refused in [
        node.call("PATCH", &path(frequent)).json(&json!({"cron": "@hourly"})).send(),
        node.call("DELETE", &path(frequent)).send(),
    ] {
        assert_eq!(refused.expect(409).problem()["code"], "ERROR_CODE_SCHEDULE_FROM_FILE");
    }
    let daily = first.iter().find(|schedule| schedule["cron"] == "@daily").unwrap();
    let paused = node.call("PATCH", &path(daily)).json(&json!({"paused": true})).send().expect(200).json();
    assert_eq!(paused["paused"], true, "a pause is no change of what the file says");
    node.stop();

    // An unchanged file changes nothing, not even the pause.
    let node = inside.start();
    let second = list(&node);
    assert_eq!(second.iter().filter(|schedule| schedule["paused"] == true).count(), 1);
    assert_eq!(second.iter().map(|one| &one["id"]).collect::<Vec<_>>(), first.iter().map(|one| &one["id"]).collect::<Vec<_>>());
    node.stop();

    let inside = inside.workflow("tick.json", scheduled(&json!("@hourly")));
    let node = inside.start();
    let third = list(&node);
    assert_eq!(third.len(), 1, "{third:?}");
    assert_eq!((&third[0]["cron"], &third[0]["revision"]), (&json!("@hourly"), &json!(2)));
    inside.move_to("2026-05-01T01:00:00Z");
    started(&node, "tick", &["2026-05-01T01:00"]);
}

fn a_function_that_takes_the_input_no_more_is_told_of(store: Store) {
    let strict = |field: &str| {
        let stack = json!([{"function": "return_response", "body": "{{ input }}"}]);
        json!({"inputs": {field: {"type": "int", "required": true}}, "stack": stack}).to_string()
    };
    let inside = Inside::on(store, "2026-05-01T00:00:30Z").workflow("strict.json", strict("n"));
    let node = inside.start();
    let refused = node.post("/v1/schedules", &json!({"function": "strict", "cron": "* * * * *", "input": {"n": "many"}}));
    refused.expect(422).problem();
    let made =
        node.post("/v1/schedules", &json!({"function": "strict", "cron": "* * * * *", "input": {"n": 5}})).expect(201).json();
    node.stop();
    let inside = inside.workflow("strict.json", strict("m"));
    let node = inside.start();
    inside.move_to("2026-05-01T00:01:00Z");
    let path = format!("/v1/schedules/{}", text_of(&made["id"]));
    let firing = eventually("a refused start", seconds(15), || node.get(&path).expect(200).json()["firings"].get(0).cloned());
    assert_eq!((&firing["outcome"], &firing["execution_id"]), (&json!("refused"), &Value::Null));
    assert!(firing["detail"].as_str().unwrap().contains("inputs"), "{firing}");
}
