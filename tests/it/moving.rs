//! From SQLite into Postgres with work in flight: nothing is left behind, and never are both servable.
//! Never helps the move along but by calling it again.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::helpers::{
    Call, Finished, Receiver, Server, ServerBuilder, Store, eventually, fresh_database, millis, ringback, seconds, text_of,
};

/// Below it a server on Postgres looks for its key file.
const STATE: &str = "XDG_STATE_HOME";

fn asking() -> Value {
    json!([
        {"function": "update_progress", "percent": 1, "data": {"url": "{{ execution.resume_url }}"}},
        {"function": "wait_for_event", "name": "approved", "timeout": 600, "return_as": "answer"},
        {"function": "return", "value": "{{ answer.n }}"}
    ])
}

fn old_server() -> Server {
    Server::on(Store::Sqlite).basics().workflow("ask.json", asking()).start()
}

/// A server on the target with the workflows of the old one.
fn new_server(old: &Server, url: &str) -> ServerBuilder {
    Server::on(Store::Sqlite).database(url).workflows(old.folder().path().join("workflows")).env(STATE, state(old))
}

fn state(old: &Server) -> String {
    old.folder().path().join("state").display().to_string()
}

fn old_again(old: &Server) -> ServerBuilder {
    new_server(old, old.database())
}

fn move_to(old: &Server, url: &str, more: &[&str], within: std::time::Duration) -> Finished {
    let args = ["move", "--from", old.database(), "--to", url];
    ringback(old.folder().path(), args.iter().chain(more)).env(STATE, &state(old)).within(within).finish_or_kill()
}

#[test]
fn everything_goes_along_and_what_was_in_flight_goes_on() {
    let home = Receiver::start();
    home.answers("/hung", [crate::helpers::Answer::never(), crate::helpers::Answer::json(&json!({"ok": 1}))]);
    let mut old = old_server();
    let done = old.start("echo", &json!({"n": "größe \u{1F600} \" \\ \n"}));
    let before = old.wait_done(&done);
    old.run(
        "note",
        &json!({"table": "people", "data": {"name": "Ada", "at": "2024-01-01", "x": 1.5, "big": 9_007_199_254_740_993_i64}}),
    );
    let asleep = old.start("nap", &json!({"seconds": 3, "callback_url": home.url("/home")}));
    let asked = old.start("ask", &json!({}));
    let early = old.start("ask", &json!({"options": {"delay": 3}}));
    old.post(&format!("/v1/executions/{early}/events/approved"), &json!({"n": 5})).expect(202);
    let hung = old.start("fetch", &json!({"url": home.url("/hung"), "n": 1}));
    home.wait_for("/hung", 1);
    let secret = json!({"callback": {"url": home.url("/sealed"), "headers": {"x-a": "b"}}, "options": {"delay": 3}});
    let sealed = old.start("echo", &secret);
    let key = |server: &Server| {
        server
            .call("POST", "/api/echo")
            .header("idempotency-key", "k1")
            .json(&json!({"a": 1, "async": true}))
            .send()
            .expect(202)
            .json()
    };
    let keyed = text_of(&key(&old)["execution_id"]);
    let entry = old.wait_until(&asked, seconds(20), |entry| entry["state"] == "waiting");
    let resume = text_of(&entry["progress"]["data"]["url"]);
    let people = old.run("list", &json!({"table": "people"}));

    // A server that runs is not moved from under its callers.
    let url = fresh_database();
    assert!(move_to(&old, &url, &[], seconds(60)).expect(1).stderr.contains("another process uses"));
    old.kill9();
    let told = move_to(&old, &url, &[], seconds(60)).expect(0);
    assert!(told.stderr.contains("moved; serve postgres"), "{}", told.stderr);
    let refusal = old_again(&old).refuses_to_start();
    assert!(refusal.contains("was moved to"), "{refusal}");

    let new = new_server(&old, &url).start();
    assert_eq!(new.status(&done), before);
    assert_eq!(new.run("list", &json!({"table": "people"})), people);
    assert_eq!(text_of(&key(&new)["execution_id"]), keyed, "idempotency keys go along");
    assert_eq!(new.wait_done(&early)["output"], 5, "an early event goes along");
    let path = resume.split_once("/resume/").unwrap().1;
    Call::new("POST", new.url(&format!("/resume/{path}"))).json(&json!({"n": 4})).send().expect(202);
    assert_eq!(new.wait_done(&asked)["output"], 4, "a resume URL opens the same execution");
    assert_eq!(new.wait_done(&asleep)["state"], "completed");
    assert_eq!(new.wait_done(&hung)["state"], "completed");
    let keys: HashSet<String> =
        home.requests_at("/hung").iter().map(|request| request.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!(keys.len(), 1, "an effect under way is made again under its key");
    assert_eq!(new.wait_done(&sealed)["state"], "completed");
    let request = home.wait_for("/sealed", 1).pop().unwrap();
    assert_eq!(request.header("x-a"), Some("b"), "the key that opens what is sealed goes along");
    eventually("the callback of what slept", seconds(20), || (!home.requests_at("/home").is_empty()).then_some(()));
    // New rows get new numbers.
    new.run("note", &json!({"table": "people", "data": {"name": "Grace"}}));
    assert_eq!(new.run("list", &json!({"table": "people"})).as_array().unwrap().len(), 2);
    assert!(move_to(&old, &url, &[], seconds(60)).expect(1).stderr.contains("was moved to"));
}

/// Work enough that a move takes a while.
fn fill(old: &Server) -> Vec<String> {
    let start = |n: u32| old.start("nap", &json!({"seconds": 900, "n": n, "pad": "x".repeat(20_000)}));
    let ids: Vec<String> = (0..400).map(start).collect();
    ids.iter().for_each(|id| {
        old.wait_state(id, "waiting");
    });
    ids
}

/// Kills moves, each a little later than the one before, until one is killed in the middle; `false` if one ended before that.
fn kill_within(old: &Server, url: &str) -> bool {
    for ms in (20..4000).step_by(15) {
        let finished = move_to(old, url, &[], millis(ms));
        if !finished.killed {
            finished.expect(0);
            return false;
        }
        // Killed before its first word, the move has not begun, and the source is what it was.
        if let Err(why) = old_again(old).spawned_or_refused() {
            assert!(why.contains("is being moved"), "{why}");
            let why = new_server(old, url).refuses_to_start();
            assert!(why.contains("has not come to its end"), "{why}");
            return true;
        }
    }
    panic!("no move was ever killed in the middle");
}

#[test]
fn a_move_that_is_killed_leaves_at_most_one_servable_and_can_be_finished() {
    let mut old = old_server();
    let ids = fill(&old);
    old.terminate();
    let url = fresh_database();
    let begun = kill_within(&old, &url);
    // Begun and not ended: neither is served, and the same call ends it.
    if begun {
        let refusal = new_server(&old, &url).refuses_to_start();
        assert!(refusal.contains("has not come to its end"), "{refusal}");
        move_to(&old, &url, &[], seconds(60)).expect(0);
    }
    let refusal = old_again(&old).refuses_to_start();
    assert!(refusal.contains("was moved to"), "{refusal}");
    let new = new_server(&old, &url).start();
    for ids in ids.chunks(100) {
        let entries = new.post("/api/async-status", &json!({"execution_ids": ids})).expect(200).json();
        assert!(entries.as_array().unwrap().iter().all(|entry| entry["state"] == "waiting"), "{entries}");
    }
}

#[test]
fn a_move_can_be_given_up_until_it_has_ended() {
    let mut old = old_server();
    fill(&old);
    old.terminate();
    let url = fresh_database();
    // The target is not empty: the source stays what it was.
    let other = fresh_database();
    let elsewhere = old.folder().path().join("elsewhere").display().to_string();
    drop(new_server(&old, &other).env(STATE, elsewhere).start());
    assert!(move_to(&old, &other, &[], seconds(60)).expect(1).stderr.contains("give an empty database"));
    drop(old_again(&old).start());
    assert!(move_to(&old, &url, &["--abandon"], seconds(60)).expect(1).stderr.contains("not being moved"));
    if kill_within(&old, &url) {
        move_to(&old, &url, &["--abandon"], seconds(60)).expect(0);
        drop(old_again(&old).start());
        assert!(new_server(&old, &url).refuses_to_start().contains("has not come to its end"));
        let url = fresh_database();
        move_to(&old, &url, &[], seconds(60)).expect(0);
        end_of_the_story(&old, &url);
    } else {
        end_of_the_story(&old, &url);
    }
}

/// What has come to its end cannot be given up.
fn end_of_the_story(old: &Server, url: &str) {
    assert!(move_to(old, url, &["--abandon"], seconds(60)).expect(1).stderr.contains("has come to its end"));
    let backwards = ["move", "--from", url, "--to", old.database()];
    assert!(ringback(old.folder().path(), backwards).finish().expect(1).stderr.contains("a move comes from sqlite"));
}
