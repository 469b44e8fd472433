//! A SQLite file without room to grow, and one that may not be written: said clearly, nothing lost, and mended by room alone.
//! Never restarts the server to help it.

use serde_json::{Value, json};

use crate::helpers::{Disk, Faults, Receiver, Reply, Server, Store, eventually, seconds};

fn server(faults: &Faults) -> Server {
    faults.of(Server::on(Store::Sqlite).basics()).start()
}

/// A call that writes more than the file has room for without growing.
fn big(server: &Server, n: usize) -> Reply {
    server.post("/api/echo", &json!({"n": n, "pad": "x".repeat(200_000), "async": true}))
}

fn breaks_while_it_runs(disk: Disk) {
    let (faults, home) = (Faults::none(), Receiver::start());
    let mut server = server(&faults);
    let done = server.start("echo", &json!({"n": 1}));
    let before = server.wait_done(&done);
    let began = std::time::Instant::now();
    let asleep = server.start("nap", &json!({"seconds": 4, "callback_url": home.url("/home")}));
    server.wait_state(&asleep, "waiting");
    faults.disk(disk);
    let refused = eventually("a refusal", seconds(20), || Some(big(&server, 2)).filter(|reply| reply.status == 503));
    assert!(refused.header("retry-after").is_some(), "{}", refused.body);
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(problem["code"], "ERROR_CODE_UNAVAILABLE", "{problem}");
    let sign = if disk == Disk::Full { "no room" } else { "or written" };
    eventually("its reason in the log", seconds(20), || server.stderr().contains(sign).then_some(()));
    // What is read is still answered, and the time of the sleeper passes.
    assert_eq!(server.status(&done), before);
    crate::helpers::pause(seconds(6).saturating_sub(began.elapsed()));
    assert_eq!(big(&server, 3).status, 503);
    assert!(server.ended().is_none(), "it ends for want of room: {}", server.stderr());
    assert!(home.requests_at("/home").is_empty(), "nothing is told that is not durable");

    faults.disk(Disk::Fine);
    let taken = eventually("a call that is taken", seconds(20), || Some(big(&server, 4)).filter(|reply| reply.status == 202));
    let taken = taken.json()["execution_id"].as_str().unwrap().to_owned();
    assert_eq!(server.wait_done(&taken)["state"], "completed");
    assert_eq!(server.wait_done(&asleep)["state"], "completed");
    home.wait_for("/home", 1);
    // A kill before that is recorded would send it again, under the same id.
    eventually("the record of the delivery", seconds(10), || {
        let deliveries = server.get(&format!("/v1/executions/{asleep}/deliveries")).expect(200).json();
        (deliveries["items"][0]["state"] == "delivered").then_some(())
    });
    server.kill9();
    server.restart();
    assert_eq!(server.status(&done), before);
    assert_eq!(server.status(&taken)["state"], "completed");
    assert_eq!(home.requests_at("/home").len(), 1);
    let numbers: Vec<Value> = server
        .executions()
        .iter()
        .filter(|one| one["function_name"] == "echo")
        .map(|one| one["output"]["echo"]["n"].clone())
        .collect();
    assert!(numbers.iter().all(|n| ![json!(2), json!(3)].contains(n)), "what was refused has happened: {numbers:?}");
}

#[test]
fn a_full_disk_refuses_new_calls_and_loses_nothing() {
    breaks_while_it_runs(Disk::Full);
}

#[test]
fn a_file_that_may_no_longer_be_written_refuses_new_calls_and_loses_nothing() {
    breaks_while_it_runs(Disk::ReadOnly);
}

#[test]
fn a_start_that_cannot_write_says_what_to_mend() {
    let faults = Faults::none();
    let mut server = server(&faults);
    let done = server.start("echo", &json!({"n": 1}));
    let before = server.wait_done(&done);
    server.kill9();
    faults.disk(Disk::ReadOnly);
    let refusal = server.starts_again_or_refuses().expect("it refuses to start");
    assert!(refusal.contains("ringback.db") && refusal.contains("cannot"), "{refusal}");
    faults.disk(Disk::Full);
    if let Some(refusal) = server.starts_again_or_refuses() {
        assert!(refusal.contains("no room"), "{refusal}");
    }
    faults.disk(Disk::Fine);
    server.restart();
    assert_eq!(server.status(&done), before);
}

/// Whoever is not root is refused by the file's own permissions.
#[test]
fn a_file_of_somebody_else_is_refused_by_its_name() {
    use std::os::unix::fs::PermissionsExt;
    let mut server = Server::on(Store::Sqlite).basics().start();
    server.kill9();
    let path = server.folder().path().join("ringback.db");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    if std::fs::File::options().append(true).open(&path).is_ok() {
        // Root may write whatever it likes.
        return;
    }
    let refusal = server.starts_again_or_refuses().expect("it refuses to start");
    assert!(refusal.contains("cannot be written"), "{refusal}");
}
