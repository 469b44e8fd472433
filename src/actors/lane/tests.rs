//! Lanes and their courier against a scripted outlet.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix::{Actor, Addr};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc};

use super::queue::tests::delivery;
use super::*;
use crate::actors::courier::{CourierState, Deliver, GetCourierState, Stop, Tick};
use crate::config::CallbacksConfig;
use crate::domain::alert::kind;
use crate::domain::clock::{Clock, ManualClock};
use crate::domain::delivery::AttemptOutcome;
use crate::domain::ids::DeliveryId;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const A: &str = "https://a.example/";
const B: &str = "https://b.example/";

/// What an attempt comes to, by delivery and number.
type Script = Box<dyn Fn(&Delivery) -> BoxFuture<'static, (AfterAttempt, Option<Health>)> + Send + Sync>;

struct Fake {
    clock: ManualClock,
    script: Script,
    entries: Mutex<Vec<Entry>>,
    /// Records that are refused as if the database were away.
    away: AtomicUsize,
    /// Records wait for a permit each.
    gate: Option<Semaphore>,
    in_flight: AtomicUsize,
    in_flight_seen: AtomicUsize,
    attempts: AtomicUsize,
    gauge: Arc<Gauge>,
    /// Starts that are refused, once each.
    refusals: Mutex<Vec<(DeliveryId, Refusal)>>,
}

impl Fake {
    fn new(script: impl Fn(&Delivery) -> BoxFuture<'static, (AfterAttempt, Option<Health>)> + Send + Sync + 'static) -> Self {
        Self {
            clock: ManualClock::at(NOW),
            script: Box::new(script),
            entries: Mutex::default(),
            away: AtomicUsize::new(0),
            gate: None,
            in_flight: AtomicUsize::new(0),
            in_flight_seen: AtomicUsize::new(0),
            attempts: AtomicUsize::new(0),
            gauge: Arc::default(),
            refusals: Mutex::default(),
        }
    }

    fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    fn closed(&self) -> Vec<DeliveryClosed> {
        let entries = self.entries();
        entries
            .into_iter()
            .filter_map(|entry| if let Entry::DeliveryClosed(closed) = entry { Some(closed) } else { None })
            .collect()
    }

    fn delivered(&self) -> Vec<DeliveryId> {
        let closed = self.closed().into_iter();
        closed.filter(|closed| matches!(closed.next, AfterAttempt::Closed { .. })).map(|closed| closed.id).collect()
    }

    fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

fn closed(delivery: &Delivery, next: AfterAttempt) -> DeliveryClosed {
    DeliveryClosed {
        id: delivery.id,
        number: delivery.attempts,
        started_at: NOW,
        at: NOW,
        outcome: AttemptOutcome::Failure,
        status: None,
        detail: None,
        answer: None,
        next,
        counted: delivery.counted + 1,
        excused: 0,
        had_unknown: false,
        thin: false,
    }
}

fn done() -> (AfterAttempt, Option<Health>) {
    (AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None }, Some(Health::Good))
}

fn again(after_ms: i64, health: Health) -> (AfterAttempt, Option<Health>) {
    (AfterAttempt::Again { due_at: NOW.plus_ms(after_ms), held: after_ms <= 60_000 }, Some(health))
}

impl Outlet for Fake {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn record(&self, entry: Entry) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            if self.away.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                return Err(JournalError::Away("cut off".into()));
            }
            if let Entry::DeliveryStarted { id, .. } = &entry {
                let mut refusals = self.refusals.lock().unwrap();
                if let Some(at) = refusals.iter().position(|(refused, _)| refused == id) {
                    return Err(JournalError::Refused(refusals.remove(at).1));
                }
            }
            self.entries.lock().unwrap().push(entry);
            Ok(())
        })
    }

    fn breaker_opened(&self, _: &Destination, _: &str) {}

    fn breaker_closed(&self, _: &Destination) {}

    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Attempted> {
        Box::pin(async move {
            let started = self.entries().iter().any(
                |entry| matches!(entry, Entry::DeliveryStarted { id, number, .. } if *id == delivery.id && *number == delivery.attempts),
            );
            assert!(started || delivery.counted == 77, "sent before its start was durable");
            self.attempts.fetch_add(1, Ordering::SeqCst);
            let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.in_flight_seen.fetch_max(in_flight, Ordering::SeqCst);
            let (next, health) = (self.script)(delivery).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            Attempted { closed: closed(delivery, next), health }
        })
    }

    fn gauge(&self, _: &Destination) -> Arc<Gauge> {
        Arc::clone(&self.gauge)
    }

    fn left(&self, _: &Destination, _: &Arc<Gauge>) {}

    fn turn_is_free(&self) {}

    fn panicked(&self, delivery: &Delivery, _: &str) -> Attempted {
        Attempted { closed: closed(delivery, again(500, Health::Bad).0), health: None }
    }
}

fn courier(fake: &Arc<Fake>) -> Addr<Courier> {
    new_courier(fake).start()
}

fn new_courier(fake: &Arc<Fake>) -> Courier {
    let settings = CallbacksConfig {
        delays_ms: Vec::new(),
        timeout_ms: 1000,
        connect_timeout_ms: 1000,
        per_destination_min: 10,
        per_destination_max: 64,
        in_flight_max: 256,
        inline_bytes_max: 1,
        secret: None,
        previous_secret: None,
        sign_v1a: false,
    };
    Courier::new(Arc::clone(fake) as Arc<dyn Outlet>, &settings)
}

async fn deliver(courier: &Addr<Courier>, delivery: Delivery) -> DeliveryId {
    let id = delivery.id;
    courier.send(Deliver(Box::new(delivery), false)).await.unwrap();
    id
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

/// Time for what should not happen to happen.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn state(courier: &Addr<Courier>) -> CourierState {
    courier.send(GetCourierState).await.unwrap()
}

#[actix::test]
async fn a_delivery_is_recorded_sent_and_recorded() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let id = deliver(&courier(&fake), delivery(A, None)).await;
    until(|| fake.delivered() == [id]).await;
    assert!(matches!(fake.entries()[..], [Entry::DeliveryStarted { number: 1, .. }, Entry::DeliveryClosed(_)]));
}

#[actix::test]
async fn nothing_is_sent_before_its_start_is_durable() {
    let fake = Arc::new(Fake { gate: Some(Semaphore::new(0)), ..Fake::new(|_| async { done() }.boxed()) });
    deliver(&courier(&fake), delivery(A, None)).await;
    a_while().await;
    assert_eq!(fake.attempts(), 0);
    fake.gate.as_ref().unwrap().add_permits(2);
    until(|| fake.delivered().len() == 1).await;
}

/// Born with its first attempt, so that nobody records its start.
fn under_way() -> Delivery {
    Delivery { attempts: 1, counted: 77, ..delivery(A, None) }
}

#[actix::test]
async fn what_was_recorded_as_started_is_not_recorded_again() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    courier(&fake).send(Deliver(Box::new(under_way()), true)).await.unwrap();
    until(|| fake.delivered().len() == 1).await;
    assert!(matches!(&fake.entries()[..], [Entry::DeliveryClosed(closed)] if closed.number == 1));
}

#[actix::test]
async fn a_lane_shows_that_it_is_behind_until_it_has_caught_up_whoever_waits() {
    let gate = Arc::new(Semaphore::new(1));
    let held = Arc::clone(&gate);
    let fake = Arc::new(Fake::new(move |_| {
        let held = Arc::clone(&held);
        async move {
            held.acquire().await.unwrap().forget();
            done()
        }
        .boxed()
    }));
    let courier = courier(&fake);
    courier.send(Deliver(Box::new(under_way()), true)).await.unwrap();
    until(|| fake.delivered().len() == 1).await;
    for number in 0..3000 {
        // Those that come when many are there have no attempt yet.
        let started = number < 500;
        let delivery = if started { under_way() } else { delivery(A, None) };
        courier.send(Deliver(Box::new(delivery), started)).await.unwrap();
    }
    until(|| fake.gauge.get().held == 3000).await;
    let shown = fake.gauge.get();
    assert_eq!(shown.waiting, 3000 - shown.in_flight, "who is under way waits no more");
    assert!(shown.is_behind(false));
    gate.add_permits(500);
    until(|| fake.delivered().len() == 501).await;
    assert!(fake.gauge.get().is_behind(true), "those that are left count, too");
    gate.add_permits(2500);
    until(|| fake.delivered().len() == 3001).await;
    until(|| fake.gauge.get().held == 0).await;
    assert!(fake.gauge.get().waiting == 0 && !fake.gauge.get().is_behind(true));
}

#[actix::test]
async fn nobody_waits_for_a_lane_that_stops() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let courier = courier(&fake);
    courier.send(Deliver(Box::new(under_way()), true)).await.unwrap();
    until(|| fake.gauge.get().proven).await;
    courier.send(Stop { within: Duration::from_secs(5) }).await.unwrap();
    assert!(!fake.gauge.get().proven);
}

#[actix::test]
async fn one_destination_begins_with_ten_at_once() {
    let fake = Arc::new(Fake::new(|_| {
        async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            done()
        }
        .boxed()
    }));
    let courier = courier(&fake);
    for _ in 0..10 {
        deliver(&courier, delivery(A, None)).await;
    }
    deliver(&courier, delivery(A, None)).await;
    until(|| fake.attempts() == 10).await;
    assert_eq!(state(&courier).await.in_flight, 10);
    until(|| fake.delivered().len() == 11).await;
    assert_eq!(fake.in_flight_seen.load(Ordering::SeqCst), 10);
    assert_eq!(state(&courier).await.lanes[0].in_flight_max, 12, "good and quick answers raise it");
}

#[actix::test]
async fn dead_destinations_never_delay_another() {
    let script = |delivery: &Delivery| {
        if delivery.url.starts_with(B) { async { done() }.boxed() } else { std::future::pending().boxed() }
    };
    let fake = Arc::new(Fake::new(script));
    let courier = courier(&fake);
    for host in 0..40 {
        for _ in 0..20 {
            deliver(&courier, delivery(&format!("https://dead{host}.example/"), None)).await;
        }
    }
    fake.clock.advance_ms(5000);
    for _ in 0..200 {
        deliver(&courier, delivery(B, None)).await;
    }
    until(|| fake.delivered().len() == 200).await;
    assert!(state(&courier).await.in_flight <= 256);
}

#[actix::test]
async fn an_order_key_goes_one_at_a_time_in_order_through_retries() {
    let script = |delivery: &Delivery| {
        let first = delivery.attempts == 1;
        async move { if first { again(100_000, Health::Good) } else { done() } }.boxed()
    };
    let fake = Arc::new(Fake::new(script));
    let courier = courier(&fake);
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(deliver(&courier, Delivery { created_at: Timestamp(n), ..delivery(A, Some("k")) }).await);
    }
    until(|| fake.closed().len() == 1).await;
    a_while().await;
    assert_eq!(fake.attempts(), 1, "the others wait behind the first");
    assert!(matches!(fake.closed()[0].next, AfterAttempt::Again { held: true, .. }), "it keeps its place in memory");
    fake.clock.advance_ms(100_000);
    courier.send(Tick).await.unwrap();
    until(|| fake.delivered().len() == 3).await;
    assert_eq!(fake.delivered(), ids);
    assert_eq!(fake.in_flight_seen.load(Ordering::SeqCst), 1);
}

#[actix::test]
async fn a_near_retry_is_held_and_a_late_one_belongs_to_the_store() {
    let script = |delivery: &Delivery| {
        let next = match (delivery.url.starts_with(A), delivery.attempts) {
            (true, 1) => again(60_000, Health::Good),
            (false, 1) => again(60_001, Health::Good),
            _ => done(),
        };
        async move { next }.boxed()
    };
    let fake = Arc::new(Fake::new(script));
    let courier = courier(&fake);
    let near = deliver(&courier, delivery(A, None)).await;
    let late = delivery(B, None);
    deliver(&courier, late.clone()).await;
    until(|| fake.closed().len() == 2).await;
    a_while().await;
    let held: Vec<usize> = state(&courier).await.lanes.iter().map(|lane| lane.held).collect();
    assert_eq!(held, [1, 0]);
    fake.clock.advance_ms(60_000);
    courier.send(Tick).await.unwrap();
    until(|| fake.delivered() == [near]).await;
    deliver(&courier, Delivery { attempts: 1, ..late.clone() }).await;
    until(|| fake.delivered() == [near, late.id]).await;
}

#[actix::test]
async fn a_panic_ends_one_attempt_and_loses_nothing() {
    let script = |delivery: &Delivery| {
        assert!(delivery.attempts > 1, "a bug");
        async { done() }.boxed()
    };
    let fake = Arc::new(Fake::new(script));
    let courier = courier(&fake);
    deliver(&courier, delivery(A, None)).await;
    until(|| fake.closed().len() == 1).await;
    fake.clock.advance_ms(500);
    a_while().await;
    courier.send(Tick).await.unwrap();
    until(|| fake.delivered().len() == 1).await;
    assert_eq!(state(&courier).await.in_flight, 0);
}

#[actix::test]
async fn a_breaker_holds_the_rest_back_and_probes_with_one() {
    let script = |_: &Delivery| async { again(1_000_000, Health::Unreachable) }.boxed();
    let fake = Arc::new(Fake::new(script));
    let courier = courier(&fake);
    for _ in 0..5 {
        deliver(&courier, delivery(A, None)).await;
    }
    until(|| fake.closed().len() == 5).await;
    for _ in 0..5 {
        deliver(&courier, delivery(A, None)).await;
    }
    a_while().await;
    assert_eq!(fake.attempts(), 5);
    assert_eq!(state(&courier).await.lanes[0].breaker, "open");
    assert!(fake.entries().iter().any(|entry| matches!(entry, Entry::Alert(alert) if alert.kind == kind::BREAKER_OPEN)));
    fake.clock.advance_ms(30_000);
    courier.send(Tick).await.unwrap();
    until(|| fake.closed().len() == 6).await;
    a_while().await;
    assert_eq!(fake.attempts(), 6, "one probe, and it was bad");
}

#[actix::test]
async fn a_start_that_cannot_be_recorded_uses_up_no_attempt() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    fake.away.store(1, Ordering::SeqCst);
    let courier = courier(&fake);
    deliver(&courier, delivery(A, None)).await;
    until(|| fake.away.load(Ordering::SeqCst) == 0).await;
    a_while().await;
    assert_eq!(fake.attempts(), 0);
    fake.clock.advance_ms(JOURNAL_BUSY_MS);
    courier.send(Tick).await.unwrap();
    until(|| fake.delivered().len() == 1).await;
    assert_eq!(fake.closed()[0].number, 1);
}

#[actix::test]
async fn an_end_is_recorded_however_long_the_database_is_away() {
    let fake = Arc::new(Fake::new(|_| {
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            done()
        }
        .boxed()
    }));
    deliver(&courier(&fake), delivery(A, None)).await;
    until(|| fake.attempts() == 1).await;
    fake.away.store(2, Ordering::SeqCst);
    until(|| fake.delivered().len() == 1).await;
    assert_eq!(fake.attempts(), 1);
}

#[actix::test]
async fn a_delivery_that_arrives_twice_is_sent_once() {
    let fake = Arc::new(Fake::new(|_| {
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            done()
        }
        .boxed()
    }));
    let courier = courier(&fake);
    let one = delivery(A, None);
    deliver(&courier, one.clone()).await;
    deliver(&courier, one).await;
    until(|| fake.delivered().len() == 1).await;
    a_while().await;
    assert_eq!(fake.attempts(), 1);
}

#[actix::test]
async fn what_a_lane_has_no_room_for_goes_back_to_the_store() {
    let fake = Arc::new(Fake::new(|_| std::future::pending().boxed()));
    let courier = courier(&fake);
    let mut ids = HashSet::new();
    for _ in 0..1003 {
        ids.insert(deliver(&courier, delivery(A, None)).await);
    }
    let released = || {
        let entries = fake.entries().into_iter();
        entries.filter_map(|entry| if let Entry::DeliveryReleased { id, due_at } = entry { Some((id, due_at)) } else { None })
    };
    until(|| released().count() == 3).await;
    assert!(released().all(|(id, due_at)| ids.contains(&id) && due_at == NOW));
    assert_eq!(state(&courier).await.lanes[0].held, 1000);
}

#[actix::test]
async fn a_stop_waits_for_what_is_in_flight_and_starts_nothing_more() {
    let fake = Arc::new(Fake::new(|_| {
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            again(10, Health::Good)
        }
        .boxed()
    }));
    let courier = courier(&fake);
    for _ in 0..12 {
        deliver(&courier, delivery(A, None)).await;
    }
    until(|| fake.attempts() == 10).await;
    courier.send(Stop { within: Duration::from_secs(5) }).await.unwrap();
    assert_eq!((fake.attempts(), fake.closed().len()), (10, 10));
    assert!(fake.closed().iter().all(|closed| matches!(closed.next, AfterAttempt::Again { held: false, .. })));
}

#[actix::test]
async fn what_departs_is_sent_with_the_attempt_that_it_was_born_with_or_a_new_one() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let (sender, departures) = mpsc::channel(9);
    let courier = new_courier(&fake).sending(departures).start();
    let (born_under_way, other) = (under_way(), delivery(B, None));
    for departing in [&born_under_way, &other] {
        sender.send(Box::new(departing.clone())).await.unwrap();
    }
    until(|| fake.delivered().len() == 2).await;
    let started: Vec<DeliveryId> = fake
        .entries()
        .iter()
        .filter_map(|entry| match entry {
            Entry::DeliveryStarted { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(started, [other.id]);
    drop(sender);
    a_while().await;
    assert!(courier.connected(), "it goes on for what others bring");
}

#[actix::test]
async fn a_stop_sends_what_had_departed_before_it() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let (sender, departures) = mpsc::channel(9);
    let courier = new_courier(&fake).sending(departures).start();
    for _ in 0..5 {
        sender.try_send(Box::new(under_way())).unwrap();
    }
    courier.send(Stop { within: Duration::from_secs(5) }).await.unwrap();
    assert_eq!(fake.delivered().len(), 5);
    sender.try_send(Box::new(under_way())).unwrap();
    a_while().await;
    assert_eq!(fake.delivered().len(), 5, "what comes later is for the store to give back");
}

#[actix::test]
async fn a_stop_is_bounded() {
    let fake = Arc::new(Fake::new(|_| std::future::pending().boxed()));
    let courier = courier(&fake);
    deliver(&courier, delivery(A, None)).await;
    until(|| fake.attempts() == 1).await;
    courier.send(Stop { within: Duration::from_millis(50) }).await.unwrap();
}

#[actix::test]
async fn a_dead_delivery_raises_an_alert() {
    let dead = || (AfterAttempt::Closed { state: DeliveryState::Dead, reason: Some("gone".into()) }, Some(Health::Good));
    let fake = Arc::new(Fake::new(move |_| async move { dead() }.boxed()));
    deliver(&courier(&fake), delivery(A, None)).await;
    let is_told =
        |entry: &Entry| matches!(entry, Entry::Alert(alert) if alert.kind == kind::DELIVERY_DEAD && alert.execution_id.is_some());
    until(|| fake.entries().iter().any(is_told)).await;
}

#[actix::test]
async fn what_a_paused_destination_is_owed_goes_back_to_the_store_and_costs_no_attempt() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let courier = courier(&fake);
    let paused = delivery(A, None);
    fake.refusals.lock().unwrap().push((paused.id, Refusal::Paused));
    let id = deliver(&courier, paused.clone()).await;
    let released = |entry: &Entry| matches!(entry, Entry::DeliveryReleased { id: released, .. } if *released == id);
    until(|| fake.entries().iter().any(released)).await;
    assert_eq!((fake.attempts(), state(&courier).await.lanes[0].held), (0, 0));
    assert!(fake.gauge.get().paused);
    deliver(&courier, paused).await;
    until(|| fake.delivered() == [id]).await;
    assert_eq!((fake.closed()[0].number, fake.gauge.get().paused), (1, false));
}

#[actix::test]
async fn who_is_out_of_turn_waits_and_asks_again_before_it_goes_back() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let courier = courier(&fake);
    let one = delivery(A, Some("k"));
    fake.refusals.lock().unwrap().extend(std::iter::repeat_n((one.id, Refusal::OutOfTurn), 8));
    let id = deliver(&courier, one).await;
    let released = |entry: &Entry| matches!(entry, Entry::DeliveryReleased { id: released, .. } if *released == id);
    for _ in 0..PASSED_OVER_MAX {
        a_while().await;
        assert!(!fake.entries().iter().any(released), "it has not asked often enough");
        fake.clock.advance_ms(TURN_MS);
        courier.send(Tick).await.unwrap();
    }
    until(|| fake.entries().iter().any(released)).await;
    assert_eq!(fake.refusals.lock().unwrap().len(), 8 - usize::from(PASSED_OVER_MAX) - 1);
}

#[actix::test]
async fn the_older_message_goes_first_whichever_came_first() {
    let fake = Arc::new(Fake::new(|_| async { done() }.boxed()));
    let courier = courier(&fake);
    let (mut young, old) = (delivery(A, Some("k")), delivery(A, Some("k")));
    young.created_at = NOW.plus_ms(5);
    // Twice: the young one may have asked before the old one came.
    fake.refusals.lock().unwrap().extend(std::iter::repeat_n((young.id, Refusal::OutOfTurn), 2));
    let ids = [deliver(&courier, young).await, deliver(&courier, old).await];
    for _ in 0..4 {
        a_while().await;
        fake.clock.advance_ms(TURN_MS);
        courier.send(Tick).await.unwrap();
    }
    until(|| fake.delivered() == [ids[1], ids[0]]).await;
}

#[actix::test]
async fn flow_control_bounds_its_own_key_only() {
    use crate::domain::flow::FlowControl;
    let fake = Arc::new(Fake::new(|_| {
        async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            done()
        }
        .boxed()
    }));
    let courier = courier(&fake);
    for _ in 0..6 {
        let mut bound = delivery(A, None);
        bound.callback.flow_control = Some(FlowControl { key: "f".into(), parallelism: Some(2), rate: None, per_ms: 1000 });
        deliver(&courier, bound).await;
    }
    until(|| fake.delivered().len() == 6).await;
    assert_eq!(fake.in_flight_seen.load(Ordering::SeqCst), 2);

    let mut rated = delivery(A, None);
    rated.callback.flow_control = Some(FlowControl { key: "r".into(), parallelism: None, rate: Some(1), per_ms: 60_000 });
    let mut second = delivery(A, None);
    second.callback.flow_control.clone_from(&rated.callback.flow_control);
    deliver(&courier, rated).await;
    until(|| fake.delivered().len() == 7).await;
    let second = deliver(&courier, second).await;
    let free = deliver(&courier, delivery(A, None)).await;
    until(|| fake.delivered().contains(&free)).await;
    assert!(!fake.delivered().contains(&second));
    fake.clock.advance_ms(60_000);
    courier.send(Tick).await.unwrap();
    until(|| fake.delivered().contains(&second)).await;
}
