//! Stories of retention: what goes, what stays, and in which parts.
//! Never looks behind the traits.

use super::deliveries::{closed, owed};
use super::*;
use crate::domain::alert::{NewAlert, Told, kind};
use crate::domain::audit::AuditEntry;
use crate::domain::delivery::DeliveryState;
use crate::store::read::{AlertQuery, ExpiredCount, Expiry, Which};
use crate::store::write::{AfterAttempt, Pruned, Rest, Telling};

on_postgres! {
    what_ended_long_ago_goes_with_all_its_parts,
    what_lives_or_is_owed_or_waited_for_stays,
    a_long_history_goes_in_parts,
    functions_and_states_are_told_apart,
    a_journal_is_emptied_of_what_no_restart_needs,
    the_rest_goes_too,
}

fn all(before: Timestamp) -> Expiry {
    let states = vec![State::Completed, State::Failed, State::TimedOut, State::Cancelled];
    Expiry { of: Which::AllBut(Vec::new()), states, before, dead_before: before, now: before }
}

async fn ended(bench: &Bench) -> Ownership {
    let mut owner = bench.running().await;
    bench.one(Entry::Checkpoint(checkpoint(next(&mut owner)))).await.unwrap();
    bench.one(Entry::Finish(finish(next(&mut owner), completed()))).await.unwrap();
    owner
}

async fn expired(bench: &Bench, expiry: &Expiry) -> Vec<ExecutionId> {
    bench.store.read.expired(expiry, None, 99).await.unwrap()
}

async fn prune(bench: &Bench, ids: &[ExecutionId], dead_before: Timestamp) -> Pruned {
    bench.store.write.prune_executions(ids.to_vec(), dead_before, 1000).await.unwrap()
}

#[tokio::test]
async fn what_ended_long_ago_goes_with_all_its_parts() {
    let bench = Bench::open().await;
    let owner = ended(&bench).await;
    assert_eq!(expired(&bench, &all(NOW)).await, Vec::new(), "it has only just ended");
    let later = all(after(1000));
    assert_eq!(expired(&bench, &later).await, [owner.id]);
    assert_eq!(bench.store.read.expired(&later, Some(owner.id), 9).await.unwrap(), Vec::new());
    let pruned = prune(&bench, &[owner.id], after(1000)).await;
    assert!(pruned.is_all && pruned.executions == 1 && pruned.rows >= 2, "{pruned:?}");
    assert_eq!(bench.store.read.executions(&[owner.id]).await.unwrap(), [None]);
    assert_eq!(bench.store.read.steps(owner.id).await.unwrap(), Vec::new());
    assert_eq!(prune(&bench, &[owner.id], after(1000)).await, Pruned { is_all: true, ..Pruned::default() });
}

#[tokio::test]
async fn what_lives_or_is_owed_or_waited_for_stays() {
    let bench = Bench::open().await;
    let runner = bench.running().await;
    let pending = owed(&bench, true).await;
    let dead = owed(&bench, true).await;
    let given_up = AfterAttempt::Closed { state: DeliveryState::Dead, reason: None };
    bench.one(closed(dead.id, 1, given_up)).await.unwrap();
    let (mut parent, awaited) = (bench.running().await, ended(&bench).await);
    let mut sibling = bench.running().await;
    bench.one(Entry::Park(park(next(&mut parent), None, vec![awaited.id, sibling.id]))).await.unwrap();
    let mut child = Ownership { epoch: 1, seq: 0, ..sibling };
    let born = Birth { parent: Some(parent.id), ..birth() };
    child.id = born.id;
    bench.one(Entry::Submit(running(&born))).await.unwrap();
    bench.one(Entry::Finish(finish(next(&mut child), completed()))).await.unwrap();

    let strict = Expiry { dead_before: NOW, ..all(after(1000)) };
    assert_eq!(expired(&bench, &strict).await, Vec::new());
    let everyone = [runner.id, pending.execution_id, dead.execution_id, parent.id, awaited.id, sibling.id, child.id];
    assert_eq!(prune(&bench, &everyone, NOW).await.executions, 0, "the store looks again when it deletes");
    assert_eq!(expired(&bench, &all(after(1000))).await, [dead.execution_id], "a dead message is kept for its time");
    bench.one(Entry::Finish(finish(next(&mut sibling), completed()))).await.unwrap();
    bench.one(Entry::DeliveryStarted { id: pending.id, number: 1, at: NOW, ordered: true }).await.unwrap();
    let delivered = AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None };
    bench.one(closed(pending.id, 1, delivered)).await.unwrap();
    let mut now_expired = expired(&bench, &all(after(1000))).await;
    now_expired.sort();
    let mut expected = vec![pending.execution_id, dead.execution_id];
    expected.sort();
    assert_eq!(now_expired, expected, "its parent still lives, or waits");
    assert_eq!(prune(&bench, &now_expired, after(1000)).await.executions, 2);
    assert_eq!(bench.store.read.deliveries(pending.execution_id).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_long_history_goes_in_parts() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    for n in 0..30 {
        let full = n == 25;
        let delta = Delta { full, text: "d".into() };
        bench.one(Entry::Checkpoint(Checkpoint { delta, ..checkpoint(next(&mut owner)) })).await.unwrap();
    }
    let write = &bench.store.write;
    assert_eq!(write.prune_executions(vec![owner.id], after(1000), 10).await.unwrap().rows, 0, "it lives");
    bench.one(Entry::Finish(finish(next(&mut owner), completed()))).await.unwrap();
    let mut parts = 0;
    loop {
        let pruned = write.prune_executions(vec![owner.id], after(1000), 10).await.unwrap();
        parts += 1;
        if pruned.is_all {
            assert_eq!(pruned.executions, 1);
            break;
        }
        assert_eq!((pruned.rows, pruned.executions), (10, 0));
    }
    assert_eq!(parts, 3);
    assert_eq!(bench.store.read.steps(owner.id).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn functions_and_states_are_told_apart() {
    let bench = Bench::open().await;
    let ok = ended(&bench).await;
    let mut owner = bench.running().await;
    bench.one(Entry::Cancel { id: owner.id, at: NOW }).await.unwrap();
    bench.one(Entry::Finish(finish(next(&mut owner), cancelled()))).await.unwrap();
    let name = FunctionName::parse("orders/send-mail").unwrap();
    let of = |of: Which, states: &[State]| Expiry { of, states: states.to_vec(), ..all(after(1000)) };
    let (only, but) = (Which::Only(name.clone()), Which::AllBut(vec![name.clone()]));
    assert_eq!(expired(&bench, &of(only.clone(), &[State::Completed])).await, [ok.id]);
    assert_eq!(expired(&bench, &of(only.clone(), &[State::Cancelled, State::Failed])).await, [owner.id]);
    assert_eq!(expired(&bench, &of(but, &State::ALL)).await, Vec::new());
    let counts = bench.store.read.count_expired(&of(only, &State::ALL)).await.unwrap();
    let count = |state| ExpiredCount { function: name.clone(), state, executions: 1 };
    assert_eq!(counts, [count(State::Cancelled), count(State::Completed)]);
}

#[tokio::test]
async fn a_journal_is_emptied_of_what_no_restart_needs() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    for n in 0..105 {
        let delta = Delta { full: n == 99, text: format!("delta {n}").into() };
        bench.one(Entry::Checkpoint(Checkpoint { delta, ..checkpoint(next(&mut owner)) })).await.unwrap();
    }
    assert_eq!(bench.store.read.long_journals(9).await.unwrap(), [owner.id]);
    assert_eq!(bench.store.write.compact_journal(owner.id).await.unwrap(), 99);
    assert_eq!(bench.store.read.long_journals(9).await.unwrap(), Vec::new());
    assert_eq!(bench.store.read.steps(owner.id).await.unwrap().len(), 105, "what was performed stays readable");
    let claimed = bench.store.write.reopen(owner.id).await.unwrap().unwrap();
    let texts: Vec<&str> = claimed.deltas.iter().map(|delta| &*delta.text).collect();
    assert_eq!(texts, ["delta 99", "delta 100", "delta 101", "delta 102", "delta 103", "delta 104"]);
}

#[tokio::test]
async fn the_rest_goes_too() {
    let bench = Bench::open().await;
    let key = IdempotencyKey { hash: [1; 32], fingerprint: [2; 32], expires_at: after(500), now: NOW };
    let submit = Submit { key: Some(key), ..running(&birth()) };
    let mut owner = Ownership { id: submit.birth.id, epoch: 1, seq: 0 };
    bench.one(Entry::Submit(submit)).await.unwrap();
    bench.one(Entry::Finish(finish(next(&mut owner), completed()))).await.unwrap();
    assert_eq!(expired(&bench, &Expiry { now: after(499), ..all(after(1000)) }).await, Vec::new(), "its key still holds");
    assert_eq!(expired(&bench, &all(after(1000))).await, [owner.id]);

    bench.one(Entry::Alert(NewAlert::new(kind::QUEUE_OLD, NOW))).await.unwrap();
    let id = bench.store.read.alerts(&AlertQuery { limit: 9, ..AlertQuery::default() }).await.unwrap()[0].id;
    let rest = |now| Rest { now, messages_before: now, alerts_before: now, audit_before: now };
    let prune_rest = async |now| bench.store.write.prune_rest(rest(now), 9).await.unwrap();
    assert_eq!(prune_rest(after(499)).await, 0);
    assert_eq!(prune_rest(after(500)).await, 1, "the key");
    let settled = crate::store::write::Settling {
        kind: kind::QUEUE_OLD,
        current: Vec::new(),
        over: crate::store::write::Over::Rest,
        now: after(600),
    };
    bench.store.write.settle_alerts(settled).await.unwrap();
    assert_eq!(prune_rest(after(9000)).await, 0, "nobody has heard of the alert yet");
    for (before, now) in [(None, Told::AsWarning), (Some(Told::AsWarning), Told::AsResolved)] {
        bench.store.write.tell_alerts(vec![Telling { id, before, now, delivery: None }]).await.unwrap();
    }
    assert_eq!((prune_rest(after(600)).await, prune_rest(after(601)).await), (0, 1));
    let call = AuditEntry {
        at: after(700),
        caller: None,
        method: "POST".to_owned(),
        path: "/v1/keys".to_owned(),
        status: 201,
        ip: None,
    };
    bench.store.write.note_audit(call).await.unwrap();
    assert_eq!((prune_rest(after(700)).await, prune_rest(after(701)).await), (0, 1), "the call alone");
    assert!(!bench.store.write.shrink().await.unwrap(), "there is next to nothing to give back");
}
