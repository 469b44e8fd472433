//! Stories of schedules: kept as they are, moved on once, with what became of their times.
//! Never looks behind the traits.

use chrono_tz::Tz;

use super::*;
use crate::domain::ids::ScheduleId;
use crate::domain::limits::FIRINGS_KEPT;
use crate::domain::schedule::{CatchUp, Firing, FiringOutcome, Occurrence, Origin, Overlap, Rule, Schedule};
use crate::store::write::Moved;

on_postgres! {
    a_schedule_reads_back_as_it_was_written,
    of_two_who_change_a_schedule_the_second_is_told,
    what_is_due_comes_in_order_with_the_next_time,
    a_schedule_is_moved_on_once_and_only_in_its_revision,
    what_still_runs_is_kept_in_the_history,
}

fn schedule(next_due_at: Option<Timestamp>) -> Schedule {
    Schedule {
        id: ScheduleId::random(NOW),
        function: FunctionName::parse("orders/send-mail").unwrap(),
        rule: Rule {
            cron: "0 9 * * mon".to_owned(),
            timezone: Tz::Europe__Berlin,
            input: Value::object([("at", Value::Timestamp(NOW))]),
            overlap: Overlap::CancelRunning,
            catch_up: CatchUp::All,
            catch_up_max: 7,
            jitter_ms: 0,
            description: Some("on Mondays".to_owned()),
        },
        origin: Origin::Api,
        paused: next_due_at.is_none(),
        revision: 1,
        next_due_at,
        created_at: NOW,
        updated_at: NOW,
    }
}

impl Bench {
    async fn saved(&self, schedule: &Schedule, expected: Option<i32>) -> bool {
        self.store.write.save_schedule(schedule.clone(), expected).await.unwrap()
    }
}

fn firing(of: &Schedule, due_at: Timestamp, outcome: FiringOutcome, execution: Option<ExecutionId>) -> Firing {
    let detail = Some("why".to_owned());
    Firing { schedule: of.id, occurrence: of.occurrence(due_at), due_at, at: NOW, outcome, execution, detail }
}

#[tokio::test]
async fn a_schedule_reads_back_as_it_was_written() {
    let bench = Bench::open().await;
    let (first, second) = (schedule(Some(NOW)), schedule(None));
    assert!(bench.saved(&first, None).await && bench.saved(&second, None).await);
    let read = &bench.store.read;
    assert_eq!(read.schedule(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(read.schedules(Some(&first.function)).await.unwrap().len(), 2);
    assert_eq!(read.schedules(Some(&FunctionName::parse("other").unwrap())).await.unwrap(), []);
    assert!(bench.store.write.delete_schedule(first.id).await.unwrap());
    assert!(!bench.store.write.delete_schedule(first.id).await.unwrap());
    assert_eq!(read.schedules(None).await.unwrap(), [second]);
}

#[tokio::test]
async fn of_two_who_change_a_schedule_the_second_is_told() {
    let bench = Bench::open().await;
    let first = schedule(Some(NOW));
    assert!(bench.saved(&first, None).await);
    assert!(!bench.saved(&first, None).await, "it is there already");
    let changed = Schedule { revision: 2, paused: true, next_due_at: None, updated_at: after(5), ..first.clone() };
    assert!(bench.saved(&changed, Some(1)).await);
    assert!(!bench.saved(&Schedule { revision: 2, ..first.clone() }, Some(1)).await);
    assert_eq!(bench.store.read.schedule(first.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn what_is_due_comes_in_order_with_the_next_time() {
    let bench = Bench::open().await;
    let (late, early, future) = (schedule(Some(after(20))), schedule(Some(after(10))), schedule(Some(after(90))));
    for one in [&late, &early, &future, &schedule(None)] {
        assert!(bench.saved(one, None).await);
    }
    let due = bench.store.read.due_schedules(after(20), 10).await.unwrap();
    assert_eq!(due.due.iter().map(|due| due.id).collect::<Vec<_>>(), [early.id, late.id]);
    assert_eq!(due.next_wake_at, Some(after(90)));
    assert_eq!(bench.store.read.due_schedules(after(20), 1).await.unwrap().due.len(), 1);
}

#[tokio::test]
async fn a_schedule_is_moved_on_once_and_only_in_its_revision() {
    let bench = Bench::open().await;
    let first = schedule(Some(NOW));
    bench.saved(&first, None).await;
    let moved = |revision, from, to| Moved { revision, from, to: Some(to), wake_at: Some(to) };
    let record = |moved| bench.store.write.record_firing(firing(&first, NOW, FiringOutcome::Started, None), Some(moved));
    record(moved(1, NOW, after(100))).await.unwrap();
    // Another node that saw the same time due.
    record(moved(1, NOW, after(50))).await.unwrap();
    record(moved(2, after(100), after(50))).await.unwrap();
    let now = bench.store.read.schedule(first.id).await.unwrap().unwrap();
    assert_eq!(now.next_due_at, Some(after(100)));
    let firings = bench.store.read.firings(first.id, 10).await.unwrap();
    assert_eq!(firings, [firing(&first, NOW, FiringOutcome::Started, None)], "noted once");
}

#[tokio::test]
async fn what_still_runs_is_kept_in_the_history() {
    let bench = Bench::open().await;
    let first = schedule(Some(NOW));
    bench.saved(&first, None).await;
    let owner = bench.running().await;
    let write = &bench.store.write;
    write.record_firing(firing(&first, NOW, FiringOutcome::Started, Some(owner.id)), None).await.unwrap();
    let manual = Firing { occurrence: Occurrence::manual(owner.id), ..firing(&first, NOW, FiringOutcome::Manual, None) };
    write.record_firing(manual, None).await.unwrap();
    for ms in 1..=FIRINGS_KEPT + 5 {
        write.record_firing(firing(&first, after(ms), FiringOutcome::Skipped, None), None).await.unwrap();
    }
    assert_eq!(bench.store.read.running_of_schedule(first.id).await.unwrap(), [owner.id]);
    let kept = bench.store.read.firings(first.id, 1000).await.unwrap();
    assert_eq!((kept.len() as i64, kept.last().unwrap().execution), (FIRINGS_KEPT + 1, Some(owner.id)));
    let mut owner = owner;
    bench.one(Entry::Finish(finish(next(&mut owner), completed()))).await.unwrap();
    assert_eq!(bench.store.read.running_of_schedule(first.id).await.unwrap(), []);
}
