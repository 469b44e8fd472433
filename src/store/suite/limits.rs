//! Stories of limits: how many may begin, whose turn it is, and what those are told that wait.
//! Never looks behind the traits.

use super::*;
use crate::domain::admission::{Limit, LimitKind, PRIORITY_POINT_MS};
use crate::store::write::Claimed;

on_postgres! {
    no_more_run_at_once_than_a_key_allows,
    a_parked_execution_keeps_its_permit,
    the_urgent_go_first_until_others_have_waited_long_enough,
    among_those_who_wait_for_a_permit_the_urgent_go_first,
    a_rate_lets_no_more_begin_within_any_stretch,
    who_is_cancelled_while_waiting_needs_no_permit,
    those_that_wait_stand_in_nobodys_way,
    two_limits_hold_together,
}

const AT_ONCE: LimitKind = LimitKind::Concurrency { limit: 2 };

fn limited(kinds: &[LimitKind], key: &str, priority: i16) -> Submit {
    let limits = kinds.iter().map(|kind| Limit::new("work", key, *kind)).collect();
    Submit { limits, ..queued(&Birth { priority, ..birth() }, NOW) }
}

impl Bench {
    /// Queues an execution and returns its id.
    async fn wants(&self, kinds: &[LimitKind], key: &str, priority: i16) -> ExecutionId {
        let submit = limited(kinds, key, priority);
        let id = submit.birth.id;
        assert_eq!(self.one(Entry::Submit(submit)).await, Ok(Receipt::Done));
        id
    }

    async fn begin(&self, at: Timestamp) -> Vec<Claimed> {
        self.store.write.claim_executions(at, 10).await.unwrap()
    }

    async fn ends(&self, claimed: &Claimed) {
        let mut owner = claimed.owner;
        self.one(Entry::Finish(finish(next(&mut owner), completed()))).await.unwrap();
    }

    async fn waits_for(&self, id: ExecutionId) -> Option<(String, Option<Timestamp>)> {
        let execution = self.store.read.executions(&[id]).await.unwrap().remove(0).unwrap();
        execution.waiting_for.map(|waiting| (waiting.what, waiting.until))
    }
}

fn ids(claimed: &[Claimed]) -> Vec<ExecutionId> {
    claimed.iter().map(|claimed| claimed.owner.id).collect()
}

#[tokio::test]
async fn no_more_run_at_once_than_a_key_allows() {
    let bench = Bench::open().await;
    for _ in 0..5 {
        bench.wants(&[AT_ONCE], "a", 0).await;
    }
    let other = bench.wants(&[AT_ONCE], "b", 0).await;
    let first = bench.begin(NOW).await;
    assert_eq!(first.len(), 3, "two of one key and one of another");
    assert!(ids(&first).contains(&other));
    assert_eq!(bench.begin(after(1)).await, []);
    assert_eq!(bench.store.read.queued(after(1)).await.unwrap(), 3);
    let of_a: Vec<Claimed> = first.into_iter().filter(|claimed| claimed.owner.id != other).collect();
    bench.ends(&of_a[0]).await;
    let second = bench.begin(after(2)).await;
    assert_eq!(second.len(), 1);
    bench.ends(&of_a[1]).await;
    bench.ends(&second[0]).await;
    let last = bench.begin(after(3)).await;
    assert_eq!(last.len(), 2);
    assert_eq!(bench.store.read.queued(after(3)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_parked_execution_keeps_its_permit() {
    let bench = Bench::open().await;
    let one = LimitKind::Concurrency { limit: 1 };
    bench.wants(&[one], "a", 0).await;
    let first = bench.begin(NOW).await.remove(0);
    let second = bench.wants(&[one], "a", 0).await;
    let mut owner = first.owner;
    bench.one(Entry::Park(park(next(&mut owner), Some(after(100)), Vec::new()))).await.unwrap();
    assert_eq!(bench.begin(after(50)).await, []);
    assert_eq!(bench.waits_for(second).await, Some(("concurrency".to_owned(), None)));
    let woken = bench.begin(after(100)).await;
    assert_eq!(ids(&woken), [first.owner.id]);
    bench.ends(&woken[0]).await;
    assert_eq!(ids(&bench.begin(after(101)).await), [second]);
    assert_eq!(bench.waits_for(second).await, None);
}

#[tokio::test]
async fn the_urgent_go_first_until_others_have_waited_long_enough() {
    let bench = Bench::open().await;
    let calm = bench.wants(&[], "", 0).await;
    let urgent = bench.wants(&[], "", 5).await;
    let claim = |at| bench.store.write.claim_executions(at, 1);
    assert_eq!(ids(&claim(after(1)).await.unwrap()), [urgent]);
    let later = queued(&Birth { priority: 5, ..birth() }, after(5 * PRIORITY_POINT_MS + 1));
    let later_id = later.birth.id;
    bench.one(Entry::Submit(later)).await.unwrap();
    let at = after(5 * PRIORITY_POINT_MS + 2);
    assert_eq!(ids(&claim(at).await.unwrap()), [calm], "it has waited for five minutes");
    assert_eq!(ids(&claim(at).await.unwrap()), [later_id]);
}

#[tokio::test]
async fn among_those_who_wait_for_a_permit_the_urgent_go_first() {
    let bench = Bench::open().await;
    let one = LimitKind::Concurrency { limit: 1 };
    bench.wants(&[one], "a", 0).await;
    let first = bench.begin(NOW).await.remove(0);
    let calm = bench.wants(&[one], "a", 0).await;
    let urgent = bench.wants(&[one], "a", 9).await;
    assert_eq!(bench.begin(NOW).await, []);
    bench.ends(&first).await;
    let second = bench.begin(after(1)).await;
    assert_eq!(ids(&second), [urgent]);
    bench.ends(&second[0]).await;
    assert_eq!(ids(&bench.begin(after(2)).await), [calm]);
}

#[tokio::test]
async fn a_rate_lets_no_more_begin_within_any_stretch() {
    let bench = Bench::open().await;
    let rate = LimitKind::Rate { limit: 2, per_ms: 1000 };
    for _ in 0..5 {
        bench.wants(&[rate], "a", 0).await;
    }
    assert_eq!(bench.begin(NOW).await.len(), 2);
    let waiting = bench.store.read.list_executions(&all_queued()).await.unwrap();
    assert!(waiting.iter().all(|waiting| waiting.waiting_for.as_ref().unwrap().what == "rate_limit"));
    assert!(waiting.iter().any(|waiting| waiting.waiting_for.as_ref().unwrap().until == Some(after(1000))));
    assert_eq!(bench.begin(after(999)).await, []);
    // A newcomer does not overtake.
    let mut newcomer = limited(&[rate], "a", 0);
    newcomer.placement = Placement::Queued { due_at: after(999) };
    bench.one(Entry::Submit(newcomer.clone())).await.unwrap();
    let newcomer = newcomer.birth.id;
    let second = bench.begin(after(1000)).await;
    assert!(second.len() == 2 && !ids(&second).contains(&newcomer), "{second:?}");
    assert_eq!(bench.begin(after(1999)).await, []);
    // Late as it is, the stretch counts from when they really began.
    assert_eq!(bench.begin(after(2500)).await.len(), 2);
    bench.wants(&[rate], "a", 0).await;
    assert_eq!(bench.begin(after(3499)).await, []);
    assert_eq!(bench.begin(after(3500)).await.len(), 1);
}

fn all_queued() -> crate::store::read::ExecutionQuery {
    crate::store::read::ExecutionQuery { states: vec![State::Queued], limit: 100, ..Default::default() }
}

#[tokio::test]
async fn who_is_cancelled_while_waiting_needs_no_permit() {
    let bench = Bench::open().await;
    for kind in [LimitKind::Concurrency { limit: 1 }, LimitKind::Rate { limit: 1, per_ms: 1000 }] {
        let key = format!("{kind:?}");
        bench.wants(&[kind], &key, 0).await;
        let first = bench.begin(NOW).await.remove(0);
        let second = bench.wants(&[kind], &key, 0).await;
        let third = bench.wants(&[kind], &key, 0).await;
        assert_eq!(bench.begin(after(1)).await, []);
        bench.one(Entry::Cancel { id: second, at: after(2) }).await.unwrap();
        let mut claimed = bench.begin(after(2)).await;
        assert_eq!((ids(&claimed), claimed[0].cancel_asked), (vec![second], true));
        let mut owner = claimed.remove(0).owner;
        bench.one(Entry::Finish(finish(next(&mut owner), cancelled()))).await.unwrap();
        assert_eq!(bench.begin(after(3)).await, [], "the end of what never held a permit frees none");
        bench.ends(&first).await;
        assert_eq!(ids(&bench.begin(after(1000)).await), [third]);
    }
}

#[tokio::test]
async fn those_that_wait_stand_in_nobodys_way() {
    let bench = Bench::open().await;
    for _ in 0..30 {
        bench.wants(&[LimitKind::Concurrency { limit: 1 }], "a", 100).await;
    }
    let free = bench.wants(&[], "", 0).await;
    let claimed = bench.store.write.claim_executions(NOW, 2).await.unwrap();
    assert!(ids(&claimed).contains(&free), "one of the limited ones, and the one without limits");
}

#[tokio::test]
async fn two_limits_hold_together() {
    let bench = Bench::open().await;
    let kinds = [LimitKind::Concurrency { limit: 1 }, LimitKind::Rate { limit: 2, per_ms: 1000 }];
    for _ in 0..4 {
        bench.wants(&kinds, "a", 0).await;
    }
    let first = bench.begin(NOW).await;
    assert_eq!(first.len(), 1);
    bench.ends(&first[0]).await;
    let second = bench.begin(after(1)).await;
    assert_eq!(second.len(), 1);
    bench.ends(&second[0]).await;
    assert_eq!(bench.begin(after(2)).await, [], "two have begun within the second");
    let third = bench.begin(after(1000)).await;
    assert_eq!(third.len(), 1);
    bench.ends(&third[0]).await;
    assert_eq!(bench.begin(after(1001)).await.len(), 1);
}
