//! Stories of what people ask of the whole: counts, samples, lists for pages.
//! Never looks behind the traits.

use super::deliveries::{closed, message};
use super::*;
use crate::domain::delivery::DeliveryState;
use crate::store::read::ExecutionQuery;
use crate::store::read::survey::{DeliveryCounts, EndedCount, RunSample};
use crate::store::write::{AfterAttempt, Deployment};

on_postgres! {
    what_is_open_and_what_ended_is_counted,
    the_latest_runs_of_a_function_are_newest_first,
    versions_and_tables_are_listed,
    lists_by_state_hold_that_state_alone,
}

/// An execution that ended at `at`, with a message that is still owed or was given up.
async fn ended(bench: &Bench, outcome: Outcome, at: Timestamp, given_up: bool) -> ExecutionId {
    let mut owner = bench.running().await;
    let new = message(owner.id, true);
    let entry = Finish { at, deliveries: vec![new.clone()], ..finish(next(&mut owner), outcome) };
    assert_eq!(bench.one(Entry::Finish(entry)).await, Ok(Receipt::Done));
    if given_up {
        let start = Entry::DeliveryStarted { id: new.delivery.id, number: 1, at, ordered: false };
        assert_eq!(bench.one(start).await, Ok(Receipt::Done));
        let over = AfterAttempt::Closed { state: DeliveryState::Dead, reason: None };
        assert_eq!(bench.one(closed(new.delivery.id, 1, over)).await, Ok(Receipt::Done));
    }
    owner.id
}

#[tokio::test]
async fn what_is_open_and_what_ended_is_counted() {
    let bench = Bench::open().await;
    let read = &bench.store.read;
    assert_eq!((read.open_counts().await.unwrap(), read.delivery_counts().await.unwrap()), (vec![], DeliveryCounts::default()));
    bench.running().await;
    bench.running().await;
    bench.one(Entry::Submit(queued(&birth(), NOW))).await.unwrap();
    ended(&bench, completed(), after(500), false).await;
    ended(&bench, completed(), after(2500), true).await;
    ended(&bench, cancelled(), after(2600), true).await;
    let mut open = read.open_counts().await.unwrap();
    open.sort_by_key(|(state, _)| state.as_str());
    assert_eq!(open, [(State::Queued, 1), (State::Running, 2)]);
    let count = |span, state, count| EndedCount { span, state, count };
    let all = [count(0, State::Completed, 1), count(2, State::Cancelled, 1), count(2, State::Completed, 1)];
    assert_eq!(read.ended_counts(NOW, 1000).await.unwrap(), all);
    assert_eq!(read.ended_counts(after(2000), 1000).await.unwrap().len(), 2, "what ended before is not counted");
    assert_eq!(read.delivery_counts().await.unwrap(), DeliveryCounts { pending: 1, dead: 2 });
}

#[tokio::test]
async fn the_latest_runs_of_a_function_are_newest_first() {
    let bench = Bench::open().await;
    let name = birth().function;
    bench.running().await;
    ended(&bench, completed(), after(10), false).await;
    ended(&bench, cancelled(), after(20), false).await;
    let runs = bench.store.read.latest_runs(&name, 9).await.unwrap();
    assert_eq!(runs.len(), 2, "what still runs is no sample");
    let sample = RunSample { state: State::Completed, started_at: Some(NOW), completed_at: after(10) };
    assert!(runs.contains(&sample), "{runs:?}");
    assert_eq!(bench.store.read.latest_runs(&name, 1).await.unwrap().len(), 1);
    let other = FunctionName::parse("another").unwrap();
    assert_eq!(bench.store.read.latest_runs(&other, 9).await.unwrap(), []);
}

#[tokio::test]
async fn versions_and_tables_are_listed() {
    let bench = Bench::open().await;
    let name = FunctionName::parse("orders/send-mail").unwrap();
    for (version, at) in [("one", after(1)), ("two", after(2))] {
        let version = FunctionVersion(version.into());
        let deployment =
            Deployment { name: name.clone(), version, definition: "{}".into(), origin: crate::store::write::Origin::Api, at };
        bench.store.write.deploy(vec![deployment], Vec::new()).await.unwrap();
    }
    let versions = bench.store.read.function_versions(&name).await.unwrap();
    assert_eq!(versions.iter().map(|version| &*version.version.0).collect::<Vec<_>>(), ["two", "one"]);

    let mut owner = bench.running().await;
    let first = bench.store.write.reserve_record_ids("orders", 3).await.unwrap();
    let rows = ["a", "b", "c"].iter().zip(first..).map(|(name, id)| insert("orders", id, name)).collect();
    bench.one(with_records(next(&mut owner), rows)).await.unwrap();
    let read = &bench.store.read;
    assert_eq!(read.table_names().await.unwrap(), ["orders"]);
    let ids = |rows: Vec<crate::domain::record::Row>| rows.iter().map(|row| row.id - first).collect::<Vec<_>>();
    assert_eq!(ids(read.latest_records("orders", None, 2).await.unwrap()), [2, 1]);
    assert_eq!(ids(read.latest_records("orders", Some(first + 1), 2).await.unwrap()), [0]);
    assert_eq!(ids(read.latest_records("nothing", None, 2).await.unwrap()), Vec::<i64>::new());
}

#[tokio::test]
async fn lists_by_state_hold_that_state_alone() {
    let bench = Bench::open().await;
    let running = bench.running().await.id;
    let good = ended(&bench, completed(), after(1), false).await;
    let bad = ended(&bench, cancelled(), after(1), false).await;
    for (states, expected) in [
        (vec![State::Running], vec![running]),
        (vec![State::Completed], vec![good]),
        (vec![State::Cancelled, State::Failed], vec![bad]),
        (vec![State::Failed], vec![]),
        (vec![State::Queued, State::Waiting], vec![]),
    ] {
        let query = ExecutionQuery { states, limit: 9, ..ExecutionQuery::default() };
        let found = bench.store.read.list_executions(&query).await.unwrap();
        assert_eq!(found.iter().map(|execution| execution.birth.id).collect::<Vec<_>>(), expected, "{:?}", query.states);
    }
    let query = ExecutionQuery { error_code: Some("ERROR_CODE_CANCELLED".to_owned()), limit: 9, ..ExecutionQuery::default() };
    assert_eq!(bench.store.read.list_executions(&query).await.unwrap().len(), 1);
}
