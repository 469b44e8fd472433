//! The command line: what it prints, what it answers with, what it refuses.
//! Never tests a command's inside; each is run as a person or a script runs it.

use serde_json::{Value, json};

use crate::helpers::{Finished, Folder, Receiver, Server, Store, both_stores, fresh_database, ringback, seconds};

both_stores!(
    commands_speak_to_a_running_server,
    commands_open_the_store_that_nobody_serves,
    migrate_brings_an_empty_database_up_to_date
);

const GOOD: &str = r#"[{"function": "return_response", "body": "{{ input.x|first }}"}]"#;
const BAD: &str = "[\n  // the filter's name is wrong\n  {\"function\": \"return_response\", \"body\": \"{{ input.x|frist }}\"},\n  \
                   {\"function\": \"retrun_response\"}\n]\n";
const DOUBTFUL: &str = r#"[{"function": "return_response", "body": "{{ nobody_sets_this }}"}]"#;

fn check(folder: &Folder, args: &[&str]) -> Finished {
    ringback(folder.path(), ["check"].iter().chain(args)).finish()
}

#[test]
fn check_says_where_and_how_to_mend() {
    let folder = Folder::new("check");
    folder.write("good/a.json", GOOD);
    folder.write("bad/b.jsonc", BAD);
    folder.write("bad/c.json", DOUBTFUL);

    let good = check(&folder, &["good"]).expect(0);
    assert_eq!(good.stdout.lines().last(), Some("0 errors, 0 warnings in 1 file"), "{}", good.stdout);

    let bad = check(&folder, &["bad"]).expect(1);
    let lines: Vec<&str> = bad.stdout.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("bad/b.jsonc:3:")).expect("the first error, with its place");
    assert!(lines[first].contains(": error: ") && lines[first].contains("frist"), "{}", lines[first]);
    assert!(lines[first + 1].contains("{{ input.x|frist }}"), "the line itself: {}", lines[first + 1]);
    assert_eq!(lines[first + 2].trim(), "^");
    assert!(lines[first + 3].starts_with("help: ") && lines[first + 3].contains("first"), "{}", lines[first + 3]);
    assert!(bad.stdout.contains("bad/b.jsonc:4:"), "all errors, not only the first: {}", bad.stdout);
    assert!(bad.stdout.contains("bad/c.json:1:") && bad.stdout.contains(": warning: "), "{}", bad.stdout);
    assert_eq!(lines.last(), Some(&"2 errors, 1 warning in 2 files"));

    check(&folder, &["bad/c.json"]).expect(0);
    check(&folder, &["missing"]).expect(2);

    let findings = check(&folder, &["bad", "--json"]).expect(1).json();
    let findings = findings.as_array().unwrap();
    assert_eq!(findings.len(), 3);
    for field in ["path", "line", "column", "severity", "code", "message", "help"] {
        assert!(findings[0].get(field).is_some(), "no {field}: {}", findings[0]);
    }
    assert_eq!((&findings[0]["line"], &findings[0]["severity"]), (&json!(3), &json!("error")));
}

#[test]
fn a_server_refuses_a_folder_that_does_not_hold() {
    let why = Server::on(Store::Sqlite).workflow("bad.jsonc", BAD).refuses_to_start();
    assert!(why.contains("bad.jsonc:3:") && why.contains("bad.jsonc:4:"), "every error is told: {why}");
    let why = Server::on(Store::Sqlite).workflow("a-b.json", GOOD).workflow("a_b.json", GOOD).refuses_to_start();
    assert!(why.contains("a-b.json") && why.contains("a_b.json"), "two with one name: {why}");
}

#[test]
fn misuse_is_told_apart_from_failure() {
    let folder = Folder::new("misuse");
    let run = |args: &[&str]| ringback(folder.path(), args).finish();
    for args in [
        &["frobnicate"][..],
        &["check", "--frob"],
        &["status"],
        &["serve", "--listen", "nowhere"],
        &["list", "--state", "asleep"],
    ] {
        let finished = run(args).expect(2);
        assert!(finished.stdout.is_empty() && !finished.stderr.is_empty(), "{args:?}");
    }
    assert!(run(&["frobnicate"]).stderr.contains("frobnicate"));
    let version = run(&["--version"]).expect(0);
    assert!(version.stdout.starts_with("ringback "), "{}", version.stdout);
    assert!(run(&["--help"]).expect(0).stdout.contains("demo"));
    // Nobody serves there.
    let away = run(&["list", "--url", "http://127.0.0.1:9"]).expect(1);
    assert!(away.stderr.contains("127.0.0.1:9"), "{}", away.stderr);
}

#[test]
fn config_says_every_setting_and_where_it_came_from() {
    let folder = Folder::new("config");
    folder.write("ringback.toml", "[monitor]\nstuck_after_s = 60\n");
    let run = |args: &[&str]| ringback(folder.path(), args).env("RINGBACK_API_KEY", "hush-hush-hush-hush").finish();
    let shown = run(&["config", "--json", "--log", "warn"]).expect(0).json();
    let of = |name: &str| {
        let all = shown.as_array().unwrap();
        all.iter().find(|one| one["setting"] == name).unwrap_or_else(|| panic!("no {name} in {shown}")).clone()
    };
    assert!(of("monitor.stuck_after_s")["from"].as_str().unwrap().contains("ringback.toml"));
    assert!(of("log.filter")["from"].as_str().unwrap().contains("--log"));
    assert!(of("access.api_key")["from"].as_str().unwrap().contains("RINGBACK_API_KEY"));
    assert_eq!(of("executions.max_running")["from"], "default");
    assert!(!shown.to_string().contains("hush-hush"), "a secret is shown");
    assert!(run(&["config"]).expect(0).stdout.contains("monitor.stuck_after_s"));

    folder.write("ringback.toml", "[monitor]\nstuck_afterr_s = 60\n");
    let unknown = run(&["config"]).expect(2);
    assert!(unknown.stderr.contains("stuck_afterr_s") && unknown.stderr.contains("stuck_after_s"), "{}", unknown.stderr);
    ringback(folder.path(), ["serve"]).env("RINGBACK_EXECUTIONS_MAX_RUNING", "5").finish().expect(2);
}

fn commands_speak_to_a_running_server(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let folder = Folder::new("client");
    folder.write("input.json", r#"{"n": 3}"#);
    let url = server.url("");
    let run = |args: &[&str]| ringback(folder.path(), args).env("RINGBACK_URL", &url);

    assert_eq!(run(&["run", "echo", "--input", r#"{"n": 1}"#]).finish().expect(0).json(), json!({"echo": {"n": 1}}));
    assert_eq!(run(&["run", "echo", "--input", "-"]).input(r#"{"n": 2}"#).finish().expect(0).json(), json!({"echo": {"n": 2}}));
    assert_eq!(run(&["run", "echo", "--input", "@input.json"]).finish().expect(0).json(), json!({"echo": {"n": 3}}));
    run(&["run", "echo", "--input", "[1]"]).finish().expect(2);
    let failed = run(&["run", "fail"]).finish().expect(1);
    assert!((failed.stdout + &failed.stderr).contains("it broke on purpose"));
    let missing = run(&["run", "ecko"]).finish().expect(1);
    assert!(missing.stderr.contains("ecko"), "{}", missing.stderr);

    let started = run(&["run", "echo", "--async", "--callback", &receiver.url("/hook")]).finish().expect(0);
    let id = started.stdout.trim().to_owned();
    assert_eq!(receiver.message("/hook")["execution_id"], json!(id));
    let status = run(&["status", &id, "--json"]).finish().expect(0).json();
    assert_eq!(status[0]["state"], "completed");
    assert!(run(&["status", &id]).finish().expect(0).stdout.contains("completed"));
    run(&["status", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"]).finish().expect(1);
    run(&["await", &id]).finish().expect(0);

    let steps = |args: &[&str]| run(args).finish().expect(0);
    let noted = server.start("note", &json!({"table": "notes", "data": {"text": "x"}}));
    server.wait_done(&noted);
    assert!(steps(&["steps", &noted]).stdout.contains("add_record"));
    assert_eq!(steps(&["steps", &noted, "--json"]).json()[0]["execution_id"], json!(noted));
    assert_eq!(steps(&["logs", &noted, "--json"]).json(), json!([]));
    let nobody = run(&["logs", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"]).finish().expect(1);
    assert!(nobody.stderr.contains("404"), "{}", nobody.stderr);

    let nap = server.start("nap", &json!({"seconds": 600}));
    run(&["cancel", &nap]).finish().expect(0);
    assert_eq!(server.wait_done(&nap)["state"], "cancelled");
    run(&["await", &nap]).finish().expect(1);
    run(&["cancel", &id]).finish().expect(1);

    let listed = run(&["list", "--json", "--function", "echo"]).finish().expect(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 4);
    let followed = run(&["run", "nap", "--follow", "--input", r#"{"seconds": 0.5}"#]).finish().expect(0);
    assert_eq!(followed.json(), json!({"slept": 0.5}));
    assert!(!followed.stderr.is_empty(), "its life is told on stderr");
}

fn commands_open_the_store_that_nobody_serves(store: Store) {
    let mut server = Server::on(store).basics().start();
    let echo = server.start("echo", &json!({"n": 1}));
    server.wait_done(&echo);
    let nap = server.start("nap", &json!({"seconds": 600}));
    server.wait_state(&nap, "waiting");
    let due = server.start("echo", &json!({"n": 2, "options": {"delay": 1}}));
    server.kill9();
    crate::helpers::pause(seconds(2));

    let workflows = server.folder().path().join("workflows").display().to_string();
    let run = |args: &[&str]| {
        let flags = ["--url", "http://127.0.0.1:9", "--database", server.database(), "--workflows", &workflows];
        let state = crate::helpers::state_folder();
        ringback(server.folder().path(), args.iter().copied().chain(flags)).env("XDG_STATE_HOME", &state).finish()
    };
    let status = run(&["status", &echo, &nap, &due, "--json"]).expect(0);
    assert!(status.stderr.contains("nothing serves it"), "{}", status.stderr);
    let states: Vec<_> = status.json().as_array().unwrap().iter().map(|entry| entry["state"].clone()).collect();
    assert_eq!(states, ["completed", "waiting", "queued"], "looking takes nothing up");
    assert_eq!(run(&["list", "--json"]).expect(0).json().as_array().unwrap().len(), 3);
    assert_eq!(run(&["alerts", "--json"]).expect(0).json(), json!([]));
    assert_eq!(run(&["status", &due, "--json"]).expect(0).json()[0]["state"], "queued");

    run(&["cancel", &nap]).expect(0);
    run(&["await", &due]).expect(0);
    assert_eq!(run(&["run", "echo", "--input", r#"{"n": 3}"#]).expect(0).json(), json!({"echo": {"n": 3}}));
    server.restart();
    assert_eq!(server.status(&nap)["state"], "cancelled");
    assert_eq!(server.status(&due)["output"], json!({"echo": {"n": 2}}));
    assert_eq!(server.executions().len(), 4);
}

#[test]
fn a_command_makes_no_store() {
    let folder = Folder::new("nowhere");
    let away = ringback(folder.path(), ["list", "--url", "http://127.0.0.1:9"]).finish().expect(1);
    assert!(away.stderr.contains("nothing answers at http://127.0.0.1:9"), "{}", away.stderr);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "something was made");
}

fn migrate_brings_an_empty_database_up_to_date(store: Store) {
    let folder = Folder::new("migrate");
    let database = match store {
        Store::Sqlite => "sqlite://fresh.db".to_owned(),
        Store::Postgres => fresh_database(),
    };
    let migrate = || ringback(folder.path(), ["migrate", "--database", &database]).finish();
    migrate().expect(0);
    migrate().expect(0);
    let nowhere = ["migrate", "--database", "postgres://ringback@127.0.0.1:9/nowhere"];
    let nowhere = ringback(folder.path(), nowhere).finish().expect(1);
    assert!(nowhere.stderr.contains("127.0.0.1:9"), "{}", nowhere.stderr);
}

#[test]
fn a_second_process_on_the_same_file_is_kept_out() {
    let server = Server::on(Store::Sqlite).basics().start();
    let why = Server::on(Store::Sqlite).basics().database(server.database()).refuses_to_start();
    assert!(why.contains("ringback.db"), "the refusal names the file: {why}");
    ringback(server.folder().path(), ["migrate", "--database", server.database()]).finish().expect(1);
    server.get("/healthz").expect(200);
}

#[test]
fn the_demo_shows_everything_and_ends_well() {
    let folder = Folder::new("demo");
    let finished = ringback(folder.path(), ["demo"]).within(seconds(120)).finish().expect(0);
    let said = finished.stdout + &finished.stderr;
    for word in ["completed", "failed", "cancelled", "stuck"] {
        assert!(said.to_lowercase().contains(word), "the demo does not show {word}:\n{said}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "the demo leaves something behind: {left:?}");
}

#[test]
fn a_running_server_can_be_told_from_its_first_line() {
    let server = Server::on(Store::Sqlite).basics().start();
    let line = server.first_line();
    let about = line.split_once(" (").unwrap().1;
    assert!(
        about.starts_with("sqlite ") && about.ends_with(&format!("{} functions)", crate::helpers::stacks::basics().len())),
        "{line}"
    );
    let ready: Value = server.get("/readyz").expect(200).json();
    assert!(ready.is_object(), "{ready}");
}
