//! Stories of messages owed and of alerts.
//! Never looks behind the traits.

use super::*;
use crate::domain::alert::{Alert, NewAlert};
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryState, DeliveryView};
use crate::domain::ids::DeliveryId;
use crate::domain::record::{Filter, RecordQuery};
use crate::store::read::AlertQuery;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery, Redelivery};

on_postgres! {
    a_message_that_nobody_holds_is_claimed_once,
    a_held_message_stays_with_its_courier_until_it_gives_it_back,
    a_message_that_is_over_stays_over,
    a_message_that_is_sent_again_keeps_every_attempt,
    messages_of_the_same_millisecond_are_told_apart,
    a_second_alert_for_an_open_episode_updates_it,
    a_stack_resolves_an_alert_by_editing_its_row,
}

pub(in crate::store) fn message(execution_id: ExecutionId, held: bool) -> NewDelivery {
    let url = "https://example.com/hook?token=secret";
    let delivery = Delivery {
        id: DeliveryId::terminal(execution_id),
        execution_id,
        event: EventType::Completed,
        url: url.to_owned(),
        callback: CallbackSettings::to(url),
        body: bytes::Bytes::from_static(b"{\"a\": 1}"),
        created_at: NOW,
        attempts: 0,
        counted: 0,
        excused: 0,
        had_unknown: false,
        thin: false,
    };
    NewDelivery { delivery, held, on_hold: false }
}

pub(in crate::store) fn closed(id: DeliveryId, number: u32, next: AfterAttempt) -> Entry {
    Entry::DeliveryClosed(DeliveryClosed {
        id,
        number,
        started_at: after(1),
        at: after(1),
        outcome: AttemptOutcome::Failure,
        status: Some(503),
        detail: Some("the receiver answered 503".to_owned()),
        answer: Some("busy".to_owned()),
        next,
        counted: number,
        excused: 0,
        had_unknown: false,
        thin: false,
    })
}

pub(super) async fn owed(bench: &Bench, held: bool) -> Delivery {
    let mut owner = bench.running().await;
    let new = message(owner.id, held);
    let entry = Finish { deliveries: vec![new.clone()], ..finish(next(&mut owner), completed()) };
    assert_eq!(bench.one(Entry::Finish(entry)).await, Ok(Receipt::Done));
    new.delivery
}

pub(super) async fn view(bench: &Bench, delivery: &Delivery) -> DeliveryView {
    bench.store.read.deliveries(delivery.execution_id).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_message_that_nobody_holds_is_claimed_once() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, false).await;
    assert_eq!(bench.store.write.claim_deliveries(NOW, 9, Vec::new()).await.unwrap(), vec![delivery]);
    assert_eq!(bench.store.write.claim_deliveries(NOW, 9, Vec::new()).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_held_message_stays_with_its_courier_until_it_gives_it_back() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, true).await;
    assert_eq!(bench.store.write.claim_deliveries(NOW, 9, Vec::new()).await.unwrap(), Vec::new());
    let started = |number| Entry::DeliveryStarted { id: delivery.id, number, at: NOW, ordered: true };
    assert_eq!(bench.one(started(1)).await, Ok(Receipt::Done));
    let held = AfterAttempt::Again { due_at: after(5), held: true };
    assert_eq!(bench.one(closed(delivery.id, 1, held)).await, Ok(Receipt::Done));
    assert_eq!(bench.store.write.claim_deliveries(after(9), 9, Vec::new()).await.unwrap(), Vec::new());
    assert_eq!(bench.one(started(2)).await, Ok(Receipt::Done));
    let free = AfterAttempt::Again { due_at: after(5), held: false };
    assert_eq!(bench.one(closed(delivery.id, 2, free)).await, Ok(Receipt::Done));
    assert_eq!(bench.one(started(3)).await, Err(Refusal::LostOwnership));
    assert_eq!(view(&bench, &delivery).await.due_at, Some(after(5)));
    let claimed = bench.store.write.claim_deliveries(after(5), 9, Vec::new()).await.unwrap().remove(0);
    assert_eq!((claimed.attempts, claimed.counted), (2, 2));
    let released = Entry::DeliveryReleased { id: delivery.id, due_at: after(7) };
    assert_eq!(bench.one(released).await, Ok(Receipt::Done));
    assert_eq!(bench.store.write.claim_deliveries(after(7), 9, Vec::new()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_over_stays_over() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, true).await;
    bench.one(Entry::DeliveryStarted { id: delivery.id, number: 1, at: NOW, ordered: true }).await.unwrap();
    let dead = || AfterAttempt::Closed { state: DeliveryState::Dead, reason: Some("given up".to_owned()) };
    assert_eq!(bench.one(closed(delivery.id, 1, dead())).await, Ok(Receipt::Done));
    assert_eq!(bench.one(closed(delivery.id, 2, dead())).await, Err(Refusal::LostOwnership));
    let unknown = DeliveryId::terminal(ExecutionId::random(NOW));
    assert_eq!(bench.one(closed(unknown, 1, dead())).await, Err(Refusal::NotFound));
    let view = view(&bench, &delivery).await;
    assert_eq!((view.state, view.closed_at, view.reason.as_deref()), (DeliveryState::Dead, Some(after(1)), Some("given up")));
    assert_eq!(view.url, "https://example.com/hook?…");
    assert_eq!(view.attempts.len(), 1);
    assert_eq!((view.attempts[0].status, view.attempts[0].outcome), (Some(503), AttemptOutcome::Failure));
}

#[tokio::test]
async fn a_message_that_is_sent_again_keeps_every_attempt() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, true).await;
    let started = |number| Entry::DeliveryStarted { id: delivery.id, number, at: NOW, ordered: true };
    let dead = || AfterAttempt::Closed { state: DeliveryState::Dead, reason: Some("given up".to_owned()) };
    let again = AfterAttempt::Again { due_at: NOW, held: true };
    bench.one(started(1)).await.unwrap();
    bench.one(closed(delivery.id, 1, again)).await.unwrap();
    bench.one(started(2)).await.unwrap();
    bench.one(closed(delivery.id, 2, dead())).await.unwrap();
    let numbers = async || {
        let view = view(&bench, &delivery).await;
        view.attempts.iter().map(|attempt| (attempt.number, attempt.status, attempt.ended_at)).collect::<Vec<_>>()
    };
    let over = |number: u32| (number, Some(503), Some(after(1)));
    assert_eq!(numbers().await, [over(1), over(2)]);
    for _ in 0..2 {
        assert_eq!(bench.store.write.redeliver(delivery.id, after(60)).await.unwrap(), Redelivery::Due);
        assert_eq!(numbers().await, [over(1), over(2)]);
    }
    assert_eq!(bench.store.write.claim_deliveries(after(60), 9, Vec::new()).await.unwrap().len(), 1);
    bench.one(started(3)).await.unwrap();
    assert_eq!(numbers().await, [over(1), over(2), (3, None, None)]);
    bench.one(closed(delivery.id, 3, dead())).await.unwrap();
    assert_eq!(numbers().await, [over(1), over(2), over(3)]);
}

#[tokio::test]
async fn messages_of_the_same_millisecond_are_told_apart() {
    let bench = Bench::open().await;
    let mut owed_by_each = Vec::new();
    for _ in 0..20 {
        owed_by_each.push(owed(&bench, true).await);
    }
    for delivery in &owed_by_each {
        let found = bench.store.read.deliveries(delivery.execution_id).await.unwrap();
        assert_eq!(found.iter().map(|view| view.id).collect::<Vec<_>>(), [delivery.id]);
    }
}

#[tokio::test]
async fn an_attempt_that_a_crash_cut_off_is_remembered_as_unknown() {
    let mut bench = Bench::open().await;
    let (cut, idle) = (owed(&bench, true).await, owed(&bench, true).await);
    bench.one(Entry::DeliveryStarted { id: cut.id, number: 1, at: NOW, ordered: true }).await.unwrap();
    let folder = std::mem::take(&mut bench.folder);
    drop(bench);
    let bench = Bench { store: open_in(&folder).await.unwrap(), folder };
    assert_eq!(bench.store.write.start_node(after(3)).await.unwrap().deliveries_released, 2);
    let claimed = bench.store.write.claim_deliveries(after(3), 9, Vec::new()).await.unwrap();
    let unknown = |id| claimed.iter().find(|delivery| delivery.id == id).unwrap().had_unknown;
    assert_eq!((unknown(cut.id), unknown(idle.id)), (true, false));
    assert_eq!(view(&bench, &cut).await.attempts[0].outcome, AttemptOutcome::Unknown);
}

fn alert(execution: ExecutionId, severity: &str) -> NewAlert {
    NewAlert {
        kind: "async_timeout".to_owned(),
        execution_id: Some(execution),
        subject: String::new(),
        function_name: Some("f".to_owned()),
        stuck_duration: Some(300.5),
        severity: severity.to_owned(),
        message: None,
        extra: Value::object([("team", Value::text("ops"))]),
        at: NOW,
    }
}

async fn listed(bench: &Bench, open: Option<bool>) -> Vec<Alert> {
    bench.store.read.alerts(&AlertQuery { open, limit: 9, ..AlertQuery::default() }).await.unwrap()
}

#[tokio::test]
async fn a_second_alert_for_an_open_episode_updates_it() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(Entry::Alert(alert(owner.id, "warning"))).await.unwrap();
    let id = bench.store.write.reserve_record_ids("alerts", 1).await.unwrap();
    let value = Value::object([
        ("id", Value::Int(id)),
        ("type", Value::text("async_timeout")),
        ("execution_id", Value::text(owner.id.to_string())),
        ("severity", Value::text("critical")),
        ("room", Value::Int(7)),
    ]);
    let write = RecordWrite::Insert { table: "alerts".into(), id, value, unique: Vec::new() };
    bench.one(with_records(next(&mut owner), vec![write])).await.unwrap();
    let open = listed(&bench, Some(true)).await;
    assert_eq!(open.len(), 1);
    assert_eq!((&*open[0].alert.severity, open[0].alert.stuck_duration), ("critical", Some(300.5)));
    let rows = bench.store.read.records(&RecordQuery::all("alerts")).await.unwrap();
    assert_eq!((rows[0].value.field("room"), rows[0].value.field("resolved_at")), (Value::Int(7), Value::Null));

    assert_eq!(bench.store.write.resolve_alerts("async_timeout", after(1), after(2)).await.unwrap(), 0);
    assert_eq!(bench.store.write.resolve_alerts("async_timeout", NOW, after(2)).await.unwrap(), 1);
    assert_eq!(listed(&bench, Some(true)).await, Vec::new());
    bench.one(Entry::Alert(alert(owner.id, "warning"))).await.unwrap();
    let all = listed(&bench, None).await;
    assert_eq!((all.len(), all[0].resolved_at, all[1].resolved_at), (2, None, Some(after(2))));
}

#[tokio::test]
async fn a_stack_resolves_an_alert_by_editing_its_row() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(Entry::Alert(alert(owner.id, "warning"))).await.unwrap();
    let filter = Filter::parse(&Value::object([("type", Value::text("async_timeout"))])).unwrap();
    let row = bench.store.read.records(&RecordQuery { filter, ..RecordQuery::all("alerts") }).await.unwrap().remove(0);
    let mut edited = row.value.as_object().unwrap().clone();
    edited.fields.insert("resolved_at".into(), Value::Timestamp(after(4)));
    let value = Value::Object(Arc::new(edited));
    let edit = RecordWrite::Update { table: "alerts".into(), id: row.id, version: row.version, value, unique: Vec::new() };
    bench.one(with_records(next(&mut owner), vec![edit])).await.unwrap();
    let all = listed(&bench, None).await;
    assert_eq!((all[0].resolved_at, all[0].alert.extra.clone()), (Some(after(4)), alert(owner.id, "").extra));
}
