//! Stories of a store that is filled for a benchmark.
//! Never looks behind the traits.

use super::deliveries::{closed, message};
use super::*;
use crate::domain::delivery::DeliveryState;
use crate::store::measuring::{multiply, raw_commits};
use crate::store::read::{Expiry, Which};
use crate::store::write::AfterAttempt;

on_postgres! {
    what_is_over_is_copied_with_all_its_parts,
    a_raw_connection_commits,
}

/// Lets go of the store, so that others may open it.
async fn let_go(bench: &mut Bench) -> String {
    let elsewhere = bench.folder.join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    bench.store.write.stop_node().await.unwrap();
    bench.store = open_in(&elsewhere).await.unwrap();
    config_in(&bench.folder).database
}

#[tokio::test]
async fn what_is_over_is_copied_with_all_its_parts() {
    let mut bench = Bench::open().await;
    for delivered in [true, false] {
        let mut owner = bench.running().await;
        bench.one(Entry::Checkpoint(checkpoint(next(&mut owner)))).await.unwrap();
        let new = message(owner.id, true);
        let end = Finish { deliveries: vec![new.clone()], ..finish(next(&mut owner), completed()) };
        bench.one(Entry::Finish(end)).await.unwrap();
        if delivered {
            let start = Entry::DeliveryStarted { id: new.delivery.id, number: 1, at: NOW, ordered: false };
            bench.one(start).await.unwrap();
            let over = AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None };
            bench.one(closed(new.delivery.id, 1, over)).await.unwrap();
        }
    }
    bench.running().await;
    let url = let_go(&mut bench).await;
    assert_eq!(multiply(&url, 3, 3000, NOW).await.unwrap(), 3, "what is owed or lives is not over");
    bench.store = open_in(&bench.folder).await.unwrap();
    let read = &bench.store.read;
    let states = vec![State::Completed];
    let expiry = Expiry { of: Which::AllBut(Vec::new()), states, before: after(1), dead_before: NOW, now: after(1) };
    let ended = read.expired(&expiry, None, 99).await.unwrap();
    assert_eq!(ended.len(), 4);
    let found = read.executions(&ended).await.unwrap();
    let at: Vec<i64> = found.iter().map(|found| found.as_ref().unwrap().completed_at.unwrap().0 - NOW.0).collect();
    assert_eq!(at, [-3000, -2000, -1000, 0], "in the order of their ids");
    for id in ended {
        assert_eq!(read.steps(id).await.unwrap().len(), 1, "{id}");
    }
}

#[tokio::test]
async fn a_raw_connection_commits() {
    let bench = Bench::open().await;
    let url = config_in(&bench.folder).database;
    assert!(raw_commits(&url, 3).await.unwrap() > std::time::Duration::ZERO);
    assert!(raw_commits(&url, 3).await.is_ok(), "it leaves nothing behind");
}
