//! Stories of the first unusual batch behind many usual ones, which a store may have learnt to write with fewer looks.
//! Never looks behind the traits.

use std::sync::Mutex;

use tokio::sync::oneshot;

use super::deliveries::{closed, message, owed, view};
use super::destinations::registration;
use super::*;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::DeliveryId;
use crate::store::write::{AfterAttempt, Supplied};

on_postgres! {
    who_waits_is_woken_although_nobody_waited_before,
    a_late_owner_changes_nothing_although_all_were_in_time_before,
    a_call_that_is_repeated_is_found_although_all_were_new_before,
    a_birth_that_is_repeated_is_found_although_all_were_new_before,
    a_key_whose_time_is_over_is_taken_although_all_were_new_before,
    an_unknown_message_is_refused_although_all_were_known_before,
    who_is_paused_or_was_registered_is_noticed_although_nobody_was_before,
    what_is_unusual_in_one_batch_harms_nobody_else_in_it,
    who_waits_is_told_of_one_batch_behind_the_other_and_of_the_last_although_none_follows,
    a_batch_that_waits_is_taken_before_anybody_is_told_where_the_database_works_beside,
}

/// Batches of a shape before the one that the story is about.
const USUAL: usize = 4;

async fn ends(bench: &Bench) {
    let mut owner = bench.running().await;
    assert_eq!(bench.one(Entry::Finish(finish(next(&mut owner), completed()))).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn who_waits_is_woken_although_nobody_waited_before() {
    let bench = Bench::open().await;
    for _ in 0..3 {
        for _ in 0..USUAL {
            ends(&bench).await;
        }
        let (mut parent, mut child) = (bench.running().await, bench.running().await);
        bench.one(Entry::Park(park(next(&mut parent), None, vec![child.id]))).await.unwrap();
        assert_eq!(bench.one(Entry::Finish(finish(next(&mut child), completed()))).await, Ok(Receipt::Done));
        let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap();
        assert_eq!(claimed.iter().map(|claimed| claimed.owner.id).collect::<Vec<_>>(), [parent.id]);
    }
}

#[tokio::test]
async fn a_late_owner_changes_nothing_although_all_were_in_time_before() {
    let bench = Bench::open().await;
    for _ in 0..USUAL {
        ends(&bench).await;
    }
    let owner = bench.running().await;
    let gap = Ownership { seq: 2, ..owner };
    assert_eq!(bench.one(Entry::Finish(finish(gap, completed()))).await, Err(Refusal::LostOwnership));
    let earlier = Ownership { epoch: 0, seq: 1, ..owner };
    assert_eq!(bench.one(Entry::Finish(finish(earlier, completed()))).await, Err(Refusal::LostOwnership));
    assert_eq!(bench.state(owner.id).await, State::Running);
    ends(&bench).await;
}

#[tokio::test]
async fn a_call_that_is_repeated_is_found_although_all_were_new_before() {
    let bench = Bench::open().await;
    let keyed = |birth: &Birth, number: u8| {
        let key = IdempotencyKey { hash: [number; 32], ..key(1) };
        Entry::Submit(Submit { key: Some(key), ..running(birth) })
    };
    let first = birth();
    assert_eq!(bench.one(keyed(&first, 0)).await, Ok(Receipt::Done));
    for number in 1..=u8::try_from(USUAL).unwrap() {
        assert_eq!(bench.one(keyed(&birth(), number)).await, Ok(Receipt::Done));
    }
    let again = birth();
    assert_eq!(bench.one(keyed(&again, 0)).await, Ok(Receipt::Replayed(first.id)));
    assert_eq!(bench.store.read.executions(&[again.id]).await.unwrap(), vec![None]);
    assert_eq!(bench.one(keyed(&birth(), 99)).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn a_birth_that_is_repeated_is_found_although_all_were_new_before() {
    let bench = Bench::open().await;
    let first = birth();
    assert_eq!(bench.one(Entry::Submit(running(&first))).await, Ok(Receipt::Done));
    for _ in 0..USUAL {
        bench.running().await;
    }
    let again = || Entry::Submit(running(&first));
    assert_eq!(bench.one(again()).await, Ok(Receipt::Replayed(first.id)));
    let other = birth();
    let both = bench.all(vec![again(), Entry::Submit(running(&other))]).await;
    assert_eq!(both, [Ok(Receipt::Replayed(first.id)), Ok(Receipt::Done)]);
    assert_eq!(bench.state(other.id).await, State::Running);
}

#[tokio::test]
async fn a_key_whose_time_is_over_is_taken_although_all_were_new_before() {
    let bench = Bench::open().await;
    let keyed = |birth: &Birth, key: IdempotencyKey| Entry::Submit(Submit { key: Some(key), ..running(birth) });
    let first = birth();
    assert_eq!(bench.one(keyed(&first, key(1))).await, Ok(Receipt::Done));
    for _ in 0..USUAL {
        bench.running().await;
    }
    assert_eq!(bench.one(keyed(&birth(), key(2))).await, Err(Refusal::KeyMismatch));
    let later = IdempotencyKey { now: after(2000), expires_at: after(3000), ..key(2) };
    let second = birth();
    assert_eq!(bench.one(keyed(&second, later.clone())).await, Ok(Receipt::Done));
    assert_eq!(bench.one(keyed(&birth(), later)).await, Ok(Receipt::Replayed(second.id)));
}

#[tokio::test]
async fn an_unknown_message_is_refused_although_all_were_known_before() {
    let bench = Bench::open().await;
    let over = || AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None };
    for _ in 0..USUAL {
        let delivery = owed(&bench, true).await;
        bench.one(Entry::DeliveryStarted { id: delivery.id, number: 1, at: NOW, ordered: false }).await.unwrap();
        assert_eq!(bench.one(closed(delivery.id, 1, over())).await, Ok(Receipt::Done));
        assert_eq!(view(&bench, &delivery).await.state, DeliveryState::Delivered);
    }
    let unknown = DeliveryId::terminal(ExecutionId::random(NOW));
    assert_eq!(bench.one(closed(unknown, 1, over())).await, Err(Refusal::NotFound));
}

#[tokio::test]
async fn who_is_paused_or_was_registered_is_noticed_although_nobody_was_before() {
    let bench = Bench::open().await;
    let ends_against = async |destinations: i64| {
        let mut owner = bench.running().await;
        let mut new = message(owner.id, true);
        new.delivery.attempts = 1;
        let destination = new.delivery.destination();
        let entry = Finish { deliveries: vec![new], destinations, ..finish(next(&mut owner), completed()) };
        (destination, bench.one(Entry::Finish(entry)).await)
    };
    for _ in 0..USUAL {
        assert_eq!(ends_against(0).await.1, Ok(Receipt::Done));
    }
    assert!(bench.store.write.put_destination(registration()).await.unwrap());
    assert_eq!(ends_against(0).await.1, Err(Refusal::DestinationsMoved));
    for _ in 0..100 {
        assert_eq!(ends_against(1).await.1, Ok(Receipt::Done));
    }
    let (destination, _) = ends_against(1).await;
    bench.store.write.pause_lane(&destination, NOW).await.unwrap();
    assert_eq!(ends_against(1).await.1, Err(Refusal::Paused));
    bench.store.write.resume_lane(&destination, NOW).await.unwrap();
    assert_eq!(ends_against(1).await.1, Ok(Receipt::Done));
}

#[tokio::test]
async fn what_is_unusual_in_one_batch_harms_nobody_else_in_it() {
    let bench = Bench::open().await;
    let pair = async || (bench.running().await, bench.running().await);
    let end = |owner| Entry::Finish(finish(owner, completed()));
    for _ in 0..USUAL {
        let (mut one, mut two) = pair().await;
        assert_eq!(bench.all(vec![end(next(&mut one)), end(next(&mut two))]).await, [Ok(Receipt::Done), Ok(Receipt::Done)]);
    }
    let (mut one, two) = pair().await;
    let late = Ownership { seq: 5, ..two };
    assert_eq!(bench.all(vec![end(next(&mut one)), end(late)]).await, [Ok(Receipt::Done), Err(Refusal::LostOwnership)]);
    assert_eq!((bench.state(one.id).await, bench.state(two.id).await), (State::Completed, State::Running));
}

#[tokio::test]
async fn who_waits_is_told_of_one_batch_behind_the_other_and_of_the_last_although_none_follows() {
    let bench = Bench::open().await;
    let happened = Arc::new(Mutex::new(Vec::new()));
    for from in [0, 10] {
        let (reply, last) = oneshot::channel();
        let mut reply = Some(reply);
        for number in from..from + 10 {
            let owner = bench.running().await;
            // Now and then one that nobody could own, which is looked at with more care, and something that is no batch.
            let seq = if number % 4 == 3 { 2 } else { 1 };
            let batch = Arc::new(vec![Entry::Finish(finish(Ownership { seq, ..owner }, completed()))]);
            let (supplied, told) = (Arc::clone(&happened), Arc::clone(&happened));
            let reply = if number == from + 9 { reply.take() } else { None };
            let told = Box::new(move |answers: Result<Vec<_>, StoreError>| {
                let is_refused = matches!(answers.unwrap()[..], [Err(Refusal::LostOwnership)]);
                told.lock().unwrap().push((number, if is_refused { "refused" } else { "told" }));
                reply.into_iter().for_each(|reply| reply.send(()).unwrap());
            });
            bench.store.write.commit_when_ready(Box::new(move || {
                supplied.lock().unwrap().push((number, "supplied"));
                Some(Supplied { batch, told })
            }));
            if number % 5 == 4 {
                drop(bench.store.write.claim_executions(NOW, 1));
            }
        }
        last.await.unwrap();
    }
    let happened = happened.lock().unwrap();
    let told: Vec<_> = happened.iter().filter(|(_, what)| *what != "supplied").copied().collect();
    let outcome = |number| (number, if number % 4 == 3 { "refused" } else { "told" });
    assert_eq!(told, (0..20).map(outcome).collect::<Vec<_>>());
    let place = |wanted| happened.iter().position(|happened| *happened == wanted).unwrap();
    assert!((0..20).all(|number| place((number, "supplied")) < place(outcome(number))));
}

#[tokio::test]
async fn a_batch_that_waits_is_taken_before_anybody_is_told_where_the_database_works_beside() {
    let bench = Bench::open().await;
    let is_beside = DATABASE.with(|database| database.borrow().is_some());
    let happened = Arc::new(Mutex::new(Vec::new()));
    let (gate, opened) = std::sync::mpsc::channel::<()>();
    let mut opened = Some(opened);
    let mut told_all = Vec::new();
    for (supplied, told) in [("first taken", "first told"), ("second taken", "second told")] {
        let batch = Arc::new(vec![Entry::Submit(running(&birth()))]);
        // The writer is held with the first in its hands until the second waits.
        let (held, taken, heard) = (opened.take(), Arc::clone(&happened), Arc::clone(&happened));
        let (reply, answered) = oneshot::channel();
        told_all.push(answered);
        let told = Box::new(move |answers: Result<Vec<_>, StoreError>| {
            assert_eq!(answers.unwrap(), [Ok(Receipt::Done)]);
            heard.lock().unwrap().push(told);
            reply.send(()).unwrap();
        });
        bench.store.write.commit_when_ready(Box::new(move || {
            held.into_iter().for_each(|held| held.recv().unwrap());
            taken.lock().unwrap().push(supplied);
            Some(Supplied { batch, told })
        }));
    }
    gate.send(()).unwrap();
    for answered in told_all {
        answered.await.unwrap();
    }
    let between = if is_beside { ["second taken", "first told"] } else { ["first told", "second taken"] };
    assert_eq!(*happened.lock().unwrap(), ["first taken", between[0], between[1], "second told"]);
}
