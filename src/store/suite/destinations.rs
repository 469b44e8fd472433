//! Stories of registered destinations: their changes, the ends held against them, and what is on hold.
//! Never looks behind the traits.

use super::deliveries::{closed, message, view};
use super::*;
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::DestinationId;
use crate::domain::registration::{DestinationHealth, Registration};
use crate::store::write::AfterAttempt;

on_postgres! {
    a_destination_is_changed_by_one_at_a_time,
    an_execution_ends_only_against_the_destinations_that_there_are,
    what_is_on_hold_is_due_for_nobody_until_it_is_replayed,
    what_is_on_hold_for_a_destination_that_goes_is_dead,
}

pub(super) fn registration() -> Registration {
    let id = DestinationId::random(NOW);
    let callback = CallbackSettings { registered: Some(id), ..CallbackSettings::to("https://before.example/hook") };
    Registration {
        id,
        callback,
        events: vec![EventType::Completed],
        functions: Vec::new(),
        tags: Vec::new(),
        created_at: NOW,
        disabled: None,
        health: DestinationHealth::default(),
        version: 1,
    }
}

async fn put(bench: &Bench, destination: &Registration) -> bool {
    bench.store.write.put_destination(destination.clone()).await.unwrap()
}

/// A message that an execution of its own owes, on hold from its birth.
async fn on_hold(bench: &Bench, destination: &Registration) -> Delivery {
    let mut owner = bench.running().await;
    let mut new = message(owner.id, false);
    new.on_hold = true;
    new.delivery.callback = destination.callback.clone();
    let (generation, _) = bench.store.read.destinations().await.unwrap();
    let entry = Finish { deliveries: vec![new.clone()], destinations: generation, ..finish(next(&mut owner), completed()) };
    assert_eq!(bench.one(Entry::Finish(entry)).await, Ok(Receipt::Done));
    new.delivery
}

#[tokio::test]
async fn a_destination_is_changed_by_one_at_a_time() {
    let bench = Bench::open().await;
    assert_eq!(bench.store.read.destinations().await.unwrap(), (0, Vec::new()));
    let one = registration();
    assert!(put(&bench, &one).await && !put(&bench, &one).await, "it is made once");
    let changed = Registration { version: 2, tags: vec!["vip".into()], ..one.clone() };
    assert!(put(&bench, &changed).await);
    assert!(!put(&bench, &Registration { version: 2, ..one.clone() }).await, "somebody else was quicker");
    let other = registration();
    assert!(put(&bench, &other).await);
    let mut expected = vec![changed, other.clone()];
    expected.sort_by_key(|one| one.id);
    assert_eq!(bench.store.read.destinations().await.unwrap(), (3, expected));
    assert!(bench.store.write.delete_destination(other.id, NOW).await.unwrap());
    assert!(!bench.store.write.delete_destination(other.id, NOW).await.unwrap());
    let (generation, left) = bench.store.read.destinations().await.unwrap();
    assert!(generation > 3 && left.len() == 1);
}

#[tokio::test]
async fn an_execution_ends_only_against_the_destinations_that_there_are() {
    let bench = Bench::open().await;
    let (mut known, mut late) = (bench.running().await, bench.running().await);
    assert!(put(&bench, &registration()).await);
    let stale = Entry::Finish(finish(next(&mut late), completed()));
    let fresh = Entry::Finish(Finish { destinations: 1, ..finish(next(&mut known), completed()) });
    let answers = bench.store.write.commit(vec![stale, fresh].into()).await.unwrap();
    assert_eq!(answers, [Err(Refusal::DestinationsMoved), Ok(Receipt::Done)]);
    let again = Entry::Finish(Finish { destinations: 1, ..finish(late, completed()) });
    assert_eq!(bench.one(again).await, Ok(Receipt::Done), "nothing of it had been kept");
}

#[tokio::test]
async fn what_is_on_hold_is_due_for_nobody_until_it_is_replayed() {
    let bench = Bench::open().await;
    let destination = registration();
    assert!(put(&bench, &destination).await);
    let held = on_hold(&bench, &destination).await;
    on_hold(&bench, &registration()).await;
    assert_eq!(view(&bench, &held).await.state, DeliveryState::Held);
    assert!(bench.store.write.claim_deliveries(after(1_000_000), 9, Vec::new()).await.unwrap().is_empty());

    let mut moved = destination.clone();
    moved.callback.url = "https://after.example/hook".into();
    assert_eq!(bench.store.write.replay_destination(moved.clone(), after(5)).await.unwrap(), 1);
    let due = bench.store.write.claim_deliveries(after(5), 9, Vec::new()).await.unwrap();
    assert_eq!((due.len(), due[0].id, &due[0].body, due[0].url.as_str()), (1, held.id, &held.body, "https://after.example/hook"));
    assert_eq!(due[0].callback, moved.callback);
    let lanes = bench.store.read.owed_lanes().await.unwrap();
    assert!(lanes.iter().any(|lane| lane.destination == due[0].destination()), "it waits where it goes: {lanes:?}");
    assert_eq!(bench.store.write.replay_destination(moved.clone(), after(6)).await.unwrap(), 0, "a courier has it");

    // One that waits for a later try goes now too.
    let again = AfterAttempt::Again { due_at: after(1_000_000), held: false };
    bench.one(closed(held.id, 1, again)).await.unwrap();
    assert_eq!(bench.store.write.replay_destination(moved, after(7)).await.unwrap(), 1);
    assert_eq!(bench.store.write.claim_deliveries(after(7), 9, Vec::new()).await.unwrap()[0].id, held.id);
}

#[tokio::test]
async fn what_is_on_hold_for_a_destination_that_goes_is_dead() {
    let bench = Bench::open().await;
    let destination = registration();
    assert!(put(&bench, &destination).await);
    let held = on_hold(&bench, &destination).await;
    assert!(bench.store.write.delete_destination(destination.id, after(1)).await.unwrap());
    let seen = view(&bench, &held).await;
    assert_eq!((seen.state, seen.closed_at), (DeliveryState::Dead, Some(after(1))));
}
