//! Stories of sleepers, children, cancels and the queue.
//! Never looks behind the traits.

use super::*;

on_postgres! {
    the_highest_priority_that_is_due_is_claimed_first,
    a_sleeper_wakes_at_its_time,
    the_end_of_the_last_child_wakes_its_parent,
    waiting_for_what_is_over_already_is_no_wait,
    what_arrived_meanwhile_keeps_an_execution_awake,
    a_cancel_mark_admits_no_other_end,
    cancelling_a_sleeper_makes_it_claimable,
    a_child_submitted_twice_starts_once,
    the_stuck_are_found_and_right_sleepers_are_not,
    the_end_of_one_group_wakes_who_waits_for_several,
    an_event_wakes_a_sleeper_and_is_taken_once,
    an_event_keeps_awake_who_is_about_to_sleep,
}

#[tokio::test]
async fn the_highest_priority_that_is_due_is_claimed_first() {
    let bench = Bench::open().await;
    let low = birth();
    let high = Birth { priority: 5, ..birth() };
    let later = Birth { priority: 9, ..birth() };
    for (birth, due_at) in [(&low, NOW), (&high, NOW), (&later, after(1))] {
        bench.one(Entry::Submit(queued(birth, due_at))).await.unwrap();
    }
    let claimed = bench.store.write.claim_executions(NOW, 1).await.unwrap();
    assert_eq!(claimed[0].birth.id, high.id);
    let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].birth.id, claimed[0].owner.epoch), (low.id, 1));
}

#[tokio::test]
async fn a_sleeper_wakes_at_its_time() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let entry = Entry::Park(Park { delta: delta(true, "asleep"), ..park(next(&mut owner), Some(after(50)), Vec::new()) });
    assert_eq!(bench.one(entry).await, Ok(Receipt::Done));
    let read = bench.store.read.executions(&[owner.id]).await.unwrap().remove(0).unwrap();
    assert_eq!((read.state, read.waiting_for.unwrap().until), (State::Waiting, Some(after(50))));
    assert_eq!(bench.store.write.claim_executions(after(49), 9).await.unwrap(), Vec::new());
    let claimed = bench.store.write.claim_executions(after(50), 9).await.unwrap();
    assert_eq!((claimed[0].state_before, claimed[0].owner.seq), (State::Waiting, 1));
    assert_eq!(claimed[0].deltas, vec![delta(true, "asleep")]);
}

#[tokio::test]
async fn the_end_of_the_last_child_wakes_its_parent() {
    let bench = Bench::open().await;
    let (mut parent, mut one, mut two) = (bench.running().await, bench.running().await, bench.running().await);
    let entry = Entry::Park(park(next(&mut parent), None, vec![one.id, two.id]));
    assert_eq!(bench.one(entry).await, Ok(Receipt::Done));
    bench.one(Entry::Finish(finish(next(&mut one), completed()))).await.unwrap();
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap(), Vec::new());
    bench.one(Entry::Finish(finish(next(&mut two), completed()))).await.unwrap();
    let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap();
    assert_eq!((claimed[0].owner.id, claimed[0].inbox), (parent.id, 1));
}

#[tokio::test]
async fn waiting_for_what_is_over_already_is_no_wait() {
    let bench = Bench::open().await;
    let (mut parent, mut child) = (bench.running().await, bench.running().await);
    bench.one(Entry::Finish(finish(next(&mut child), completed()))).await.unwrap();
    bench.one(Entry::Park(park(next(&mut parent), Some(after(9999)), vec![child.id]))).await.unwrap();
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_arrived_meanwhile_keeps_an_execution_awake() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let cancel = Entry::Cancel { id: owner.id, at: NOW };
    assert_eq!(bench.one(cancel).await, Ok(Receipt::CancelMarked { parked: false }));
    let entry = park(next(&mut owner), Some(after(50)), Vec::new());
    assert_eq!(bench.one(Entry::Park(entry.clone())).await, Err(Refusal::InboxMoved { inbox: 1 }));
    let seen = Park { inbox_seen: 1, ..entry };
    assert_eq!(bench.one(Entry::Park(seen)).await, Ok(Receipt::Done));
    let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap();
    assert!(claimed[0].cancel_asked && claimed[0].state_before == State::Cancelling);
}

#[tokio::test]
async fn a_cancel_mark_admits_no_other_end() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let cancel = || Entry::Cancel { id: owner.id, at: NOW };
    assert_eq!(bench.one(cancel()).await, Ok(Receipt::CancelMarked { parked: false }));
    assert_eq!(bench.one(cancel()).await, Ok(Receipt::AlreadyCancelled));
    let (cancel, end) = (cancel(), next(&mut owner));
    assert_eq!(bench.one(Entry::Finish(finish(end, completed()))).await, Err(Refusal::CancelAsked));
    assert_eq!(bench.state(end.id).await, State::Cancelling);
    assert_eq!(bench.one(Entry::Finish(finish(end, cancelled()))).await, Ok(Receipt::Done));
    let read = bench.store.read.executions(&[end.id]).await.unwrap().remove(0).unwrap();
    assert_eq!(read.failure.as_ref(), cancelled().failure());
    assert_eq!(bench.one(cancel).await, Err(Refusal::Terminal(State::Cancelled)));
    let unknown = Entry::Cancel { id: ExecutionId::random(NOW), at: NOW };
    assert_eq!(bench.one(unknown).await, Err(Refusal::NotFound));
}

#[tokio::test]
async fn cancelling_a_sleeper_makes_it_claimable() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(Entry::Park(park(next(&mut owner), Some(after(9999)), Vec::new()))).await.unwrap();
    let cancel = Entry::Cancel { id: owner.id, at: NOW };
    assert_eq!(bench.one(cancel).await, Ok(Receipt::CancelMarked { parked: true }));
    let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap();
    assert!(claimed[0].cancel_asked);
    assert_eq!(bench.state(owner.id).await, State::Cancelling);
}

#[tokio::test]
async fn a_child_submitted_twice_starts_once() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let child = Birth { parent: Some(owner.id), ..birth() };
    for _ in 0..2 {
        let children = vec![queued(&child, NOW)];
        let entry = Checkpoint { children, ..checkpoint(next(&mut owner)) };
        assert_eq!(bench.one(Entry::Checkpoint(entry)).await, Ok(Receipt::Done));
        bench.store.write.claim_executions(NOW, 9).await.unwrap();
    }
    assert_eq!(bench.state(child.id).await, State::Running);
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn the_stuck_are_found_and_right_sleepers_are_not() {
    let bench = Bench::open().await;
    let stuck = |now: Timestamp, before: Timestamp| {
        let write = Arc::clone(&bench.store.write);
        async move {
            let found = write.stuck(now, before, 9).await.unwrap();
            found.into_iter().map(|execution| execution.birth.id).collect::<Vec<_>>()
        }
    };
    let (mut lost, mut sleeper, runner) = (bench.running().await, bench.running().await, bench.running().await);
    bench.one(Entry::Park(park(next(&mut sleeper), Some(after(9_000)), Vec::new()))).await.unwrap();
    assert_eq!(stuck(after(100), NOW).await, Vec::new());
    // Past its deadline.
    let overdue = stuck(after(1001), NOW).await;
    assert!(overdue.contains(&runner.id) && overdue.contains(&lost.id) && overdue.len() == 2);
    bench.one(Entry::Park(park(next(&mut lost), None, Vec::new()))).await.unwrap();
    let found = stuck(after(500), after(400)).await;
    assert!(found.contains(&lost.id) && found.contains(&runner.id) && !found.contains(&sleeper.id));
    // Who is due waits for a slot; how old the queue is is another question.
    assert!(!stuck(after(20_000), after(10_000)).await.contains(&sleeper.id));
}

#[tokio::test]
async fn the_end_of_one_group_wakes_who_waits_for_several() {
    let bench = Bench::open().await;
    let mut parent = bench.running().await;
    let (mut one, mut two, three) = (bench.running().await, bench.running().await, bench.running().await);
    let waits = vec![vec![one.id, three.id], vec![two.id]];
    bench.one(Entry::Park(Park { waits, ..park(next(&mut parent), None, Vec::new()) })).await.unwrap();
    bench.one(Entry::Finish(finish(next(&mut one), completed()))).await.unwrap();
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap(), Vec::new());
    bench.one(Entry::Finish(finish(next(&mut two), completed()))).await.unwrap();
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap()[0].owner.id, parent.id);
}

fn event(id: ExecutionId, name: &str, body: &str) -> Entry {
    Entry::Event(crate::store::write::NewEvent { id, name: name.into(), body: body.into(), at: NOW })
}

#[tokio::test]
async fn an_event_wakes_a_sleeper_and_is_taken_once() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let id = owner.id;
    let listening = |owner| Entry::Park(Park { listens: vec!["paid".to_owned()], ..park(owner, Some(after(9999)), Vec::new()) });
    bench.one(listening(next(&mut owner))).await.unwrap();
    assert_eq!(bench.one(event(id, "paid", "1")).await, Ok(Receipt::EventKept { woken: true }));
    assert_eq!(bench.one(event(id, "paid", "2")).await, Err(Refusal::EventRepeated));
    assert_eq!(bench.one(event(id, "", "3")).await, Ok(Receipt::EventKept { woken: true }));
    let claimed = bench.store.write.claim_executions(NOW, 9).await.unwrap().remove(0);
    let mut owner = claimed.owner;
    let kept = async |name: &'static str| {
        let kept = bench.store.read.event(id, name).await.unwrap();
        kept.map(|event| (event.name, event.body.to_string()))
    };
    assert_eq!(kept("paid").await, Some(("paid".to_owned(), "1".to_owned())));
    assert_eq!(kept("else").await, Some((String::new(), "3".to_owned())));
    let take = |owner| Entry::Checkpoint(Checkpoint { takes: Some("paid".to_owned()), ..checkpoint(owner) });
    assert_eq!(bench.one(take(next(&mut owner))).await, Ok(Receipt::Done));
    let again = bench.one(take(next(&mut owner))).await;
    assert!(matches!(again, Err(Refusal::Conflict { .. })), "another step cannot take it too: {again:?}");
    owner.seq -= 1;
    assert_eq!(kept("paid").await, Some((String::new(), "3".to_owned())));
    assert_eq!(bench.one(event(id, "paid", "4")).await, Err(Refusal::EventRepeated), "it was taken, and nobody waits again");
    let entry = Entry::Park(Park { inbox_seen: 2, listens: vec!["paid".to_owned()], ..park(next(&mut owner), None, Vec::new()) });
    bench.one(entry).await.unwrap();
    assert_eq!(bench.one(event(id, "paid", "5")).await, Ok(Receipt::EventKept { woken: true }));
    assert_eq!(bench.one(event(ExecutionId::random(NOW), "paid", "1")).await, Err(Refusal::NotFound));
}

#[tokio::test]
async fn an_event_keeps_awake_who_is_about_to_sleep() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    assert_eq!(bench.one(event(owner.id, "paid", "1")).await, Ok(Receipt::EventKept { woken: false }));
    let entry = Entry::Park(park(next(&mut owner), None, Vec::new()));
    assert_eq!(bench.one(entry).await, Err(Refusal::InboxMoved { inbox: 1 }));
    let early = birth();
    bench.one(Entry::Submit(queued(&early, after(500)))).await.unwrap();
    assert_eq!(bench.one(event(early.id, "paid", "1")).await, Ok(Receipt::EventKept { woken: false }));
    assert_eq!(bench.store.write.claim_executions(NOW, 9).await.unwrap(), Vec::new(), "nobody starts before his time");
    let mut ended = bench.running().await;
    bench.one(Entry::Finish(finish(next(&mut ended), completed()))).await.unwrap();
    assert_eq!(bench.one(event(ended.id, "paid", "1")).await, Err(Refusal::Terminal(State::Completed)));
}
