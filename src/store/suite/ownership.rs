//! Stories of keys, owners, chains and crashes.
//! Never looks behind the traits.

use super::*;
use crate::domain::record::RecordQuery;

on_postgres! {
    the_same_key_replays_and_another_call_under_it_is_refused,
    an_execution_is_read_as_it_was_born_and_as_it_ended,
    a_checkpoint_writes_its_records_exactly_once,
    the_steps_of_a_life_in_one_batch_read_like_any_others,
    an_earlier_epoch_and_a_gap_are_refused,
    a_refused_entry_breaks_its_own_chain_only_and_leaves_nothing,
    a_birth_that_is_repeated_breaks_nothing_of_its_execution,
    what_follows_a_call_that_had_been_made_before_leaves_nothing,
    an_edit_of_a_row_that_changed_meanwhile_conflicts,
}

#[tokio::test]
async fn the_same_key_replays_and_another_call_under_it_is_refused() {
    let bench = Bench::open().await;
    let (first, second) = (birth(), birth());
    let keyed = |birth: &Birth, fingerprint, now| {
        let key = IdempotencyKey { now, expires_at: now.plus_ms(1000), ..key(fingerprint) };
        Entry::Submit(Submit { key: Some(key), ..running(birth) })
    };
    assert_eq!(bench.one(keyed(&first, 1, NOW)).await, Ok(Receipt::Done));
    assert_eq!(bench.one(keyed(&second, 1, NOW)).await, Ok(Receipt::Replayed(first.id)));
    assert_eq!(bench.store.read.executions(&[second.id]).await.unwrap(), vec![None]);
    assert_eq!(bench.one(keyed(&second, 2, NOW)).await, Err(Refusal::KeyMismatch));
    assert_eq!(bench.one(keyed(&second, 2, after(1000))).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn an_execution_is_read_as_it_was_born_and_as_it_ended() {
    let bench = Bench::open().await;
    let config = Arc::new(ExecutionConfig { max_execution_ms: 7, ..ExecutionConfig::default() });
    let born = Birth { metadata: Value::Timestamp(NOW), config, ..birth() };
    bench.one(Entry::Submit(running(&born))).await.unwrap();
    let owner = Ownership { id: born.id, epoch: 1, seq: 1 };
    assert_eq!(bench.one(Entry::Finish(finish(owner, completed()))).await, Ok(Receipt::Done));
    let read = bench.store.read.executions(&[born.id]).await.unwrap().remove(0).unwrap();
    assert_eq!(((*read.birth).clone(), read.state, read.output), (born, State::Completed, Value::Timestamp(NOW)));
    assert_eq!((read.response.status, read.completed_at, read.deadline_at), (Some(201), Some(NOW), None));
    let again = Ownership { seq: 2, ..owner };
    assert_eq!(bench.one(Entry::Finish(finish(again, completed()))).await, Err(Refusal::Terminal(State::Completed)));

    let mut usual = bench.running().await;
    let outcome = Outcome::Completed { output: Value::Null, response: Response::default() };
    assert_eq!(bench.one(Entry::Finish(finish(next(&mut usual), outcome))).await, Ok(Receipt::Done));
    let read = bench.store.read.executions(&[usual.id]).await.unwrap().remove(0).unwrap();
    assert_eq!((read.response, &*read.birth.config), (Response::default(), &ExecutionConfig::default()));
}

#[tokio::test]
async fn the_steps_of_a_life_in_one_batch_read_like_any_others() {
    let bench = Bench::open().await;
    for outcome in [completed(), cancelled()] {
        let born = birth();
        let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
        let named = StepRecord { name: Some("it".to_owned()), result: Value::Timestamp(NOW), failed: true, ..step() };
        let silent = Checkpoint { step: None, ..checkpoint(next(&mut owner)) };
        let second = Checkpoint { step: Some(named.clone()), ..checkpoint(next(&mut owner)) };
        let third = checkpoint(next(&mut owner));
        let end = Finish { step: Some(named.clone()), ..finish(next(&mut owner), outcome) };
        let batch = vec![Entry::Submit(running(&born)), Entry::Checkpoint(silent), Entry::Checkpoint(second)];
        let answers = bench.all(batch.into_iter().chain([Entry::Checkpoint(third), Entry::Finish(end)]).collect()).await;
        assert_eq!(answers, vec![Ok(Receipt::Done); 5]);
        assert_eq!(bench.store.read.steps(born.id).await.unwrap(), [named.clone(), step(), named.clone()]);
        let after = |entry, limit| bench.store.read.steps_after(born.id, entry, limit);
        assert_eq!(after(0, 9).await.unwrap(), [(2, named.clone()), (3, step()), (4, named.clone())]);
        assert_eq!(after(2, 1).await.unwrap(), [(3, step())]);
        assert_eq!((after(4, 9).await.unwrap(), after(0, 0).await.unwrap()), (vec![], vec![]));
    }
}

#[tokio::test]
async fn a_birth_that_is_repeated_breaks_nothing_of_its_execution() {
    let bench = Bench::open().await;
    let born = birth();
    let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
    bench.one(Entry::Submit(running(&born))).await.unwrap();
    let again = || Entry::Submit(running(&born));
    let batch = vec![again(), with_records(next(&mut owner), vec![insert("orders", 1, "a")])];
    assert_eq!(bench.all(batch).await, vec![Ok(Receipt::Replayed(born.id)), Ok(Receipt::Done)]);
    let batch = vec![again(), Entry::Finish(finish(next(&mut owner), completed()))];
    assert_eq!(bench.all(batch).await, vec![Ok(Receipt::Replayed(born.id)), Ok(Receipt::Done)]);
}

#[tokio::test]
async fn what_follows_a_call_that_had_been_made_before_leaves_nothing() {
    let bench = Bench::open().await;
    let (first, second, child) = (birth(), birth(), birth());
    let keyed = |birth: &Birth| Entry::Submit(Submit { key: Some(key(1)), ..running(birth) });
    bench.one(keyed(&first)).await.unwrap();
    // The second time the writer expects it.
    for _ in 0..2 {
        let mut owner = Ownership { id: second.id, epoch: 1, seq: 0 };
        let Entry::Checkpoint(step) = with_records(next(&mut owner), vec![insert("orders", 1, "a")]) else { unreachable!() };
        let step = Entry::Checkpoint(Checkpoint { children: vec![queued(&child, NOW)], ..step });
        let other = birth();
        let batch =
            vec![keyed(&second), step, Entry::Finish(finish(next(&mut owner), completed())), Entry::Submit(running(&other))];
        let (replayed, chained) = (Ok(Receipt::Replayed(first.id)), Err(Refusal::Chained));
        assert_eq!(bench.all(batch).await, vec![replayed, chained.clone(), chained, Ok(Receipt::Done)]);
        let found = bench.store.read.executions(&[second.id, child.id, other.id]).await.unwrap();
        assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(bench.store.read.records(&RecordQuery::all("orders")).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_checkpoint_writes_its_records_exactly_once() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let entry = with_records(next(&mut owner), vec![insert("orders", 40, "a")]);
    assert_eq!(bench.one(entry.clone()).await, Ok(Receipt::Done));
    assert_eq!(bench.one(entry).await, Err(Refusal::LostOwnership));
    let rows = bench.store.read.records(&RecordQuery::all("orders")).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].value.as_object().unwrap().table.as_deref(), Some("orders"));
    assert_eq!(bench.store.read.steps(owner.id).await.unwrap(), vec![step()]);
    let after = |entry, limit| bench.store.read.steps_after(owner.id, entry, limit);
    assert_eq!(after(0, 9).await.unwrap(), vec![(1, step())]);
    assert_eq!((after(1, 9).await.unwrap(), after(0, 0).await.unwrap()), (vec![], vec![]));
    assert_eq!(bench.store.write.reserve_record_ids("orders", 5).await.unwrap(), 41);
    assert_eq!(bench.store.write.reserve_record_ids("orders", 5).await.unwrap(), 46);
}

#[tokio::test]
async fn an_earlier_epoch_and_a_gap_are_refused() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let gap = Ownership { seq: 2, ..owner };
    assert_eq!(bench.one(Entry::Checkpoint(checkpoint(gap))).await, Err(Refusal::LostOwnership));
    let reopened = bench.store.write.reopen(owner.id).await.unwrap().unwrap();
    assert_eq!((reopened.owner.epoch, reopened.crashes), (2, 1));
    assert_eq!(bench.one(Entry::Checkpoint(checkpoint(next(&mut owner)))).await, Err(Refusal::LostOwnership));
    let fresh = Ownership { seq: 1, ..reopened.owner };
    assert_eq!(bench.one(Entry::Checkpoint(checkpoint(fresh))).await, Ok(Receipt::Done));
    assert_eq!(bench.store.write.reopen(owner.id).await.unwrap().unwrap().crashes, 1);
    let nobody = Ownership { id: ExecutionId::random(NOW), epoch: 1, seq: 1 };
    assert_eq!(bench.one(Entry::Checkpoint(checkpoint(nobody))).await, Err(Refusal::NotFound));
}

#[tokio::test]
async fn a_refused_entry_breaks_its_own_chain_only_and_leaves_nothing() {
    let bench = Bench::open().await;
    let (mut one, mut other) = (bench.running().await, bench.running().await);
    let batch = vec![
        with_records(next(&mut one), vec![insert("orders", 1, "a")]),
        with_records(next(&mut other), vec![insert("orders", 2, "b"), insert("orders", 3, "a")]),
        Entry::Checkpoint(checkpoint(next(&mut other))),
        Entry::Checkpoint(checkpoint(next(&mut one))),
    ];
    let duplicate = Refusal::Duplicate { table: "orders".to_owned(), key: "name".to_owned() };
    let answers = bench.all(batch).await;
    assert_eq!(answers, vec![Ok(Receipt::Done), Err(duplicate), Err(Refusal::Chained), Ok(Receipt::Done)]);
    assert_eq!(bench.store.read.count_records(&RecordQuery::all("orders")).await.unwrap(), 1);
    let retry = Ownership { seq: 1, ..other };
    assert_eq!(bench.one(Entry::Checkpoint(checkpoint(retry))).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn an_edit_of_a_row_that_changed_meanwhile_conflicts() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(with_records(next(&mut owner), vec![insert("orders", 1, "a")])).await.unwrap();
    let value = Value::object([("id", Value::Int(1)), ("name", Value::text("b"))]);
    let unique = vec![UniqueKey { name: "name".into(), value: "[\"b\"]".into() }];
    let edit = RecordWrite::Update { table: "orders".into(), id: 1, version: 1, value, unique };
    bench.one(with_records(next(&mut owner), vec![edit.clone()])).await.unwrap();
    let conflict = Err(Refusal::Conflict { table: "orders".to_owned(), id: 1 });
    let seq = owner.seq + 1;
    assert_eq!(bench.one(with_records(Ownership { seq, ..owner }, vec![edit])).await, conflict);
    let stale = RecordWrite::Delete { table: "orders".into(), id: 1, version: 1 };
    assert_eq!(bench.one(with_records(Ownership { seq, ..owner }, vec![stale])).await, conflict);
    let delete = RecordWrite::Delete { table: "orders".into(), id: 1, version: 2 };
    // The key of the deleted row, and the one that it had before, are free again.
    let writes = vec![delete, insert("orders", 2, "b"), insert("orders", 3, "a")];
    assert_eq!(bench.one(with_records(next(&mut owner), writes)).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn a_new_process_takes_over_what_the_last_one_left() {
    let mut bench = Bench::open().await;
    let mut owner = bench.running().await;
    let texts = [(true, "old"), (false, "x"), (true, "full"), (false, ""), (false, "y")];
    for (full, text) in texts {
        let entry = Checkpoint { delta: delta(full, text), ..checkpoint(next(&mut owner)) };
        bench.one(Entry::Checkpoint(entry)).await.unwrap();
    }
    let asked = bench.running().await;
    bench.one(Entry::Cancel { id: asked.id, at: NOW }).await.unwrap();
    let folder = std::mem::take(&mut bench.folder);
    drop(bench);
    let bench = Bench { store: open_in(&folder).await.unwrap(), folder };
    let started = bench.store.write.start_node(after(10)).await.unwrap();
    assert_eq!((started.node, started.executions_released), (2, 2));
    assert_eq!((bench.state(owner.id).await, bench.state(asked.id).await), (State::Queued, State::Cancelling));
    let mut claimed = bench.store.write.claim_executions(after(10), 9).await.unwrap();
    claimed.sort_by_key(|claimed| claimed.cancel_asked);
    let first = &claimed[0];
    assert_eq!((first.owner, first.crashes), (Ownership { epoch: 2, ..owner }, 1));
    assert_eq!(first.deltas, vec![delta(true, "full"), delta(false, "y")]);
    assert_eq!(first.deadline_at, Some(after(10).plus_ms(300_000)));
    assert_eq!((first.started_at, first.state_before), (Some(NOW), State::Queued));
    assert_eq!((claimed[1].cancel_asked, claimed[1].owner.id), (true, asked.id));
    assert_eq!(bench.store.write.claim_executions(after(10), 9).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_clean_stop_gives_everything_back_without_a_crash() {
    let bench = Bench::open().await;
    let owner = bench.running().await;
    bench.store.write.tick(NOW).await.unwrap();
    bench.store.write.stop_node().await.unwrap();
    assert!(matches!(bench.store.write.tick(NOW).await, Err(StoreError::Fenced(_))));
    let claimed = bench.store.write.claim_executions(NOW, 1).await.unwrap();
    assert_eq!((claimed[0].owner.id, claimed[0].crashes), (owner.id, 0));
}
