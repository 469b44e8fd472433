//! Stories of destinations, order keys and messages that are sent again.
//! Never looks behind the traits.

use super::deliveries::{closed, message, view};
use super::*;
use crate::domain::callback::EventType;
use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryState, Destination};
use crate::domain::ids::DeliveryId;
use crate::store::read::DeliveryQuery;
use crate::store::write::{AfterAttempt, Redelivery};

on_postgres! {
    a_paused_destination_holds_what_it_is_owed,
    messages_of_one_order_key_go_one_at_a_time,
    an_older_message_that_comes_late_waits_for_the_attempt_in_flight,
    a_message_is_sent_again_with_its_id_and_bytes,
    messages_are_sent_again_by_filter,
    deliveries_are_listed_by_filter_and_page,
    news_of_progress_is_one_message_a_second,
    what_is_owed_to_one_destination_stands_before_nobody_else,
    a_paused_destination_is_owed_nothing_too_long,
    a_message_is_born_under_way_unless_its_destination_is_paused,
    messages_go_back_together_and_come_in_the_order_in_which_they_are_due,
}

/// A message of an execution of its own, owed since `at`.
async fn owed(bench: &Bench, held: bool, order_key: Option<&str>, at: Timestamp) -> Delivery {
    let mut owner = bench.running().await;
    let mut new = message(owner.id, held);
    new.delivery.callback.order_key = order_key.map(str::to_owned);
    new.delivery.created_at = at;
    let entry = Finish { deliveries: vec![new.clone()], ..finish(next(&mut owner), completed()) };
    assert_eq!(bench.one(Entry::Finish(entry)).await, Ok(Receipt::Done));
    new.delivery
}

async fn start(bench: &Bench, delivery: &Delivery, number: u32) -> Result<Receipt, Refusal> {
    let ordered = delivery.callback.order_key.is_some();
    bench.one(Entry::DeliveryStarted { id: delivery.id, number, at: NOW, ordered }).await
}

async fn end(bench: &Bench, delivery: &Delivery, number: u32, state: DeliveryState) {
    let over = AfterAttempt::Closed { state, reason: None };
    assert_eq!(bench.one(closed(delivery.id, number, over)).await, Ok(Receipt::Done));
}

async fn claimed(bench: &Bench, now: Timestamp) -> Vec<DeliveryId> {
    let claimed = bench.store.write.claim_deliveries(now, 9, Vec::new()).await.unwrap();
    claimed.into_iter().map(|delivery| delivery.id).collect()
}

#[tokio::test]
async fn a_paused_destination_holds_what_it_is_owed() {
    let bench = Bench::open().await;
    let (held, waiting) = (owed(&bench, true, None, NOW).await, owed(&bench, false, None, NOW).await);
    let destination = held.destination();
    assert_eq!(start(&bench, &held, 1).await, Ok(Receipt::Done));
    for _ in 0..2 {
        bench.store.write.pause_lane(&destination, after(1)).await.unwrap();
    }
    let lanes = bench.store.read.owed_lanes().await.unwrap();
    assert_eq!((lanes.len(), lanes[0].owed, lanes[0].in_flight, lanes[0].paused_at), (1, 2, 1, Some(after(1))));

    let again = AfterAttempt::Again { due_at: after(2), held: true };
    assert_eq!(bench.one(closed(held.id, 1, again)).await, Ok(Receipt::Done), "what was in flight may end");
    assert_eq!(start(&bench, &held, 2).await, Err(Refusal::Paused));
    assert_eq!(bench.one(Entry::DeliveryReleased { id: held.id, due_at: after(3) }).await, Ok(Receipt::Done));
    assert_eq!(claimed(&bench, after(9)).await, Vec::new());
    assert_eq!(claimed(&bench, after(9)).await, Vec::new());
    let other = Destination::of("https://other.example/");
    bench.store.write.resume_lane(&other, after(10)).await.unwrap();
    assert_eq!(claimed(&bench, after(10)).await, Vec::new());

    bench.store.write.resume_lane(&destination, after(20)).await.unwrap();
    let back = claimed(&bench, after(20)).await;
    assert!(back.len() == 2 && back.contains(&held.id) && back.contains(&waiting.id), "{back:?}");
    assert_eq!(start(&bench, &held, 2).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn messages_of_one_order_key_go_one_at_a_time() {
    let bench = Bench::open().await;
    let first = owed(&bench, true, Some("k"), NOW).await;
    let second = owed(&bench, true, Some("k"), after(1)).await;
    let third = owed(&bench, false, Some("k"), after(2)).await;
    let other = owed(&bench, true, Some("other"), after(3)).await;
    assert_eq!(start(&bench, &second, 1).await, Err(Refusal::OutOfTurn));
    assert_eq!(start(&bench, &other, 1).await, Ok(Receipt::Done));
    assert_eq!(start(&bench, &first, 1).await, Ok(Receipt::Done));
    assert_eq!(claimed(&bench, after(5)).await, Vec::new(), "two go before it");
    end(&bench, &first, 1, DeliveryState::Delivered).await;
    assert_eq!(start(&bench, &second, 1).await, Ok(Receipt::Done));
    let again = AfterAttempt::Again { due_at: after(9), held: true };
    assert_eq!(bench.one(closed(second.id, 1, again)).await, Ok(Receipt::Done));
    assert_eq!(claimed(&bench, after(5)).await, Vec::new(), "a retry keeps its turn");
    assert_eq!(start(&bench, &second, 2).await, Ok(Receipt::Done));
    end(&bench, &second, 2, DeliveryState::Dead).await;
    assert_eq!(claimed(&bench, after(5)).await, vec![third.id], "due at once when its turn has come");
}

#[tokio::test]
async fn an_older_message_that_comes_late_waits_for_the_attempt_in_flight() {
    let bench = Bench::open().await;
    let late = owed(&bench, true, Some("k"), after(5)).await;
    assert_eq!(start(&bench, &late, 1).await, Ok(Receipt::Done));
    let older = owed(&bench, true, Some("k"), NOW).await;
    assert_eq!(start(&bench, &older, 1).await, Err(Refusal::OutOfTurn));
    end(&bench, &late, 1, DeliveryState::Delivered).await;
    assert_eq!(start(&bench, &older, 1).await, Ok(Receipt::Done));
}

#[tokio::test]
async fn a_message_is_sent_again_with_its_id_and_bytes() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, true, None, NOW).await;
    let redeliver = || bench.store.write.redeliver(delivery.id, after(7));
    assert_eq!(redeliver().await.unwrap(), Redelivery::Held, "a courier holds it");
    start(&bench, &delivery, 1).await.unwrap();
    assert_eq!(redeliver().await.unwrap(), Redelivery::Held, "an attempt is open");
    end(&bench, &delivery, 1, DeliveryState::Dead).await;
    assert_eq!(redeliver().await.unwrap(), Redelivery::Due);
    let seen = view(&bench, &delivery).await;
    assert_eq!((seen.state, seen.closed_at, seen.due_at), (DeliveryState::Pending, None, Some(after(7))));
    let again = bench.store.write.claim_deliveries(after(7), 9, Vec::new()).await.unwrap().remove(0);
    assert_eq!((again.id, &again.body, again.attempts, again.counted), (delivery.id, &delivery.body, 1, 0));
    start(&bench, &delivery, 2).await.unwrap();
    end(&bench, &delivery, 2, DeliveryState::Delivered).await;
    assert_eq!(view(&bench, &delivery).await.attempts.len(), 2);
    assert_eq!(redeliver().await.unwrap(), Redelivery::Due, "what was delivered may be asked for once more");

    let waiting = owed(&bench, false, None, after(9000)).await;
    assert_eq!(bench.store.write.redeliver(waiting.id, after(8)).await.unwrap(), Redelivery::Due, "it need not wait");
    assert!(claimed(&bench, after(8)).await.contains(&waiting.id));
    let unknown = DeliveryId::terminal(ExecutionId::random(NOW));
    assert_eq!(bench.store.write.redeliver(unknown, NOW).await.unwrap(), Redelivery::Unknown);
}

fn dead() -> DeliveryQuery {
    DeliveryQuery { states: vec![DeliveryState::Dead], limit: 9, ..DeliveryQuery::default() }
}

#[tokio::test]
async fn messages_are_sent_again_by_filter() {
    let bench = Bench::open().await;
    let mut ids = Vec::new();
    for n in 0..4 {
        let delivery = owed(&bench, true, None, after(n)).await;
        start(&bench, &delivery, 1).await.unwrap();
        end(&bench, &delivery, 1, if n == 3 { DeliveryState::Delivered } else { DeliveryState::Dead }).await;
        ids.push(delivery.id);
    }
    let elsewhere = DeliveryQuery { destination: Some(Destination::of("https://elsewhere.example/")), ..dead() };
    assert_eq!(bench.store.write.redeliver_all(&elsewhere, after(9)).await.unwrap(), Vec::new());
    let early = DeliveryQuery { created_before: Some(after(2)), ..dead() };
    assert_eq!(bench.store.read.count_deliveries(&early).await.unwrap(), 2);
    let mut sent = bench.store.write.redeliver_all(&early, after(9)).await.unwrap();
    sent.sort();
    let mut expected = ids[..2].to_vec();
    expected.sort();
    assert_eq!(sent, expected);
    assert_eq!(bench.store.read.count_deliveries(&dead()).await.unwrap(), 1);
    assert_eq!(claimed(&bench, after(9)).await.len(), 2);
}

#[tokio::test]
async fn deliveries_are_listed_by_filter_and_page() {
    let bench = Bench::open().await;
    let mut all = Vec::new();
    for n in 0..3 {
        let delivery = owed(&bench, true, None, after(n)).await;
        start(&bench, &delivery, 1).await.unwrap();
        end(&bench, &delivery, 1, DeliveryState::Dead).await;
        all.push(delivery);
    }
    let pending = owed(&bench, true, None, after(3)).await;
    all.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
    let list = async |query: DeliveryQuery| bench.store.read.list_deliveries(&query).await.unwrap();
    let ids = |views: &[crate::domain::delivery::DeliveryView]| views.iter().map(|view| view.id).collect::<Vec<_>>();
    let first = list(DeliveryQuery { limit: 2, ..dead() }).await;
    assert_eq!(ids(&first), [all[0].id, all[1].id]);
    assert_eq!((first[0].attempts.len(), first[0].attempts[0].outcome), (1, AttemptOutcome::Failure));
    assert_eq!(ids(&list(DeliveryQuery { before: Some(all[1].id), ..dead() }).await), [all[2].id]);
    let every = DeliveryQuery {
        states: vec![DeliveryState::Pending, DeliveryState::Dead],
        events: vec![EventType::Completed],
        destination: Some(pending.destination()),
        execution: Some(pending.execution_id),
        function: Some(FunctionName::parse("Orders/Send-Mail").unwrap()),
        created_after: Some(after(3)),
        created_before: Some(after(4)),
        before: None,
        limit: 9,
    };
    assert_eq!(ids(&list(every.clone()).await), [pending.id]);
    for odd in [
        DeliveryQuery { events: vec![EventType::Progress], ..every.clone() },
        DeliveryQuery { function: Some(FunctionName::parse("other").unwrap()), ..every.clone() },
        DeliveryQuery { created_after: Some(after(4)), ..every },
    ] {
        assert_eq!(list(odd).await, Vec::new());
    }
    assert_eq!(bench.store.read.delivery(pending.id).await.unwrap().unwrap().state, DeliveryState::Pending);
    assert_eq!(bench.store.read.delivery(DeliveryId::terminal(ExecutionId::random(NOW))).await.unwrap(), None);
}

#[tokio::test]
async fn news_of_progress_is_one_message_a_second() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let second = NOW.ms().div_euclid(1000);
    let mut tell = async |percent: &'static str, ms: i64| {
        let mut new = message(owner.id, false);
        new.delivery.event = EventType::Progress;
        new.delivery.id = DeliveryId::of_progress(owner.id, after(ms).ms().div_euclid(1000), None);
        new.delivery.created_at = after(ms);
        new.delivery.body = bytes::Bytes::from_static(percent.as_bytes());
        let entry = Entry::Checkpoint(Checkpoint { deliveries: vec![new], ..checkpoint(next(&mut owner)) });
        assert_eq!(bench.one(entry).await, Ok(Receipt::Done));
    };
    let told = async |ms: i64| {
        let claimed = bench.store.write.claim_deliveries(after(ms), 9, Vec::new()).await.unwrap();
        claimed.iter().map(|delivery| String::from_utf8(delivery.body.to_vec()).unwrap()).collect::<Vec<_>>()
    };
    tell("10", 0).await;
    tell("20", 1).await;
    assert_eq!(told(2).await, ["20"], "what was not sent yet is replaced");
    tell("30", 3).await;
    tell("40", 4).await;
    assert_eq!(told(900).await, Vec::<String>::new());
    let next_second = (second + 1) * 1000 - NOW.ms();
    tell("50", next_second).await;
    assert_eq!(told(next_second).await, ["50"]);
}

#[tokio::test]
async fn what_is_owed_to_one_destination_stands_before_nobody_else() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let (dead, well) = (Destination::of("https://dead.example/"), Destination::of("https://well.example/"));
    let to = |n: i64, destination: &Destination| {
        let mut new = message(owner.id, false);
        new.delivery.id = DeliveryId::of(owner.id, &n.to_string());
        new.delivery.url = format!("{destination}/");
        new.delivery.created_at = after(n);
        new
    };
    let deliveries = (0..600).map(|n| to(n, &dead)).chain((600..603).map(|n| to(n, &well))).collect();
    let entry = Finish { deliveries, ..finish(next(&mut owner), completed()) };
    assert_eq!(bench.one(Entry::Finish(entry)).await, Ok(Receipt::Done));

    let claim = async |limit, crowded: &[Destination]| {
        let claimed = bench.store.write.claim_deliveries(after(1000), limit, crowded.to_vec()).await.unwrap();
        let of_well = claimed.iter().filter(|delivery| delivery.destination() == well).count();
        (claimed.len() - of_well, of_well)
    };
    assert_eq!(claim(2, std::slice::from_ref(&dead)).await, (0, 2), "one that has enough is passed over");
    assert_eq!(claim(500, &[]).await, (100, 1), "it has its share, and then the others have their turn");
    assert_eq!(claim(500, &[]).await, (100, 0), "what is left of it stays due");
    assert_eq!(claim(500, &[dead, well.clone()]).await, (0, 0));
}

#[tokio::test]
async fn a_paused_destination_is_owed_nothing_too_long() {
    let bench = Bench::open().await;
    let waiting = owed(&bench, false, None, NOW).await;
    let overdue = async || bench.store.read.overdue_messages(after(1), 9).await.unwrap().len();
    assert_eq!(overdue().await, 1);
    bench.store.write.pause_lane(&waiting.destination(), after(1)).await.unwrap();
    assert_eq!(overdue().await, 0, "somebody wishes that it waits");
    bench.store.write.resume_lane(&waiting.destination(), after(2)).await.unwrap();
    assert_eq!(overdue().await, 1);
}

#[tokio::test]
async fn a_message_is_born_under_way_unless_its_destination_is_paused() {
    let bench = Bench::open().await;
    let born_under_way = async |owner: &mut Ownership| {
        let mut new = message(owner.id, true);
        new.delivery.attempts = 1;
        let entry = Finish { deliveries: vec![new.clone()], ..finish(next(owner), completed()) };
        (new.delivery, bench.one(Entry::Finish(entry)).await)
    };
    let mut owner = bench.running().await;
    let (delivery, answer) = born_under_way(&mut owner).await;
    assert_eq!(answer, Ok(Receipt::Done));
    let attempts = view(&bench, &delivery).await.attempts;
    assert_eq!((attempts.len(), attempts[0].outcome, attempts[0].ended_at), (1, AttemptOutcome::Unknown, None));
    end(&bench, &delivery, 1, DeliveryState::Delivered).await;
    assert_eq!(view(&bench, &delivery).await.state, DeliveryState::Delivered);

    bench.store.write.pause_lane(&delivery.destination(), after(1)).await.unwrap();
    let mut owner = bench.running().await;
    let (refused, answer) = born_under_way(&mut owner).await;
    assert_eq!(answer, Err(Refusal::Paused));
    assert_eq!(bench.store.read.deliveries(refused.execution_id).await.unwrap(), Vec::new(), "the end was refused as a whole");
    let owner = Ownership { seq: owner.seq - 1, ..owner };
    let held = Finish { deliveries: vec![message(owner.id, true)], ..finish(next(&mut owner.clone()), completed()) };
    assert_eq!(bench.one(Entry::Finish(held)).await, Ok(Receipt::Done));
    assert!(view(&bench, &refused).await.attempts.is_empty());
}

#[tokio::test]
async fn messages_go_back_together_and_come_in_the_order_in_which_they_are_due() {
    let bench = Bench::open().await;
    let mut held = Vec::new();
    for order_key in [None, Some("k"), None, Some("k"), None] {
        let created_at = after(i64::try_from(held.len()).unwrap());
        held.push(owed(&bench, true, order_key, created_at).await);
    }
    let strange = DeliveryId::terminal(ExecutionId::random(NOW));
    let due_after_ms = [6, 2, 4, 1, 5];
    let mut batch: Vec<Entry> =
        held.iter().zip(due_after_ms).map(|(held, ms)| Entry::DeliveryReleased { id: held.id, due_at: after(ms) }).collect();
    let back = batch.split_off(4);
    assert_eq!(bench.all(batch).await, vec![Ok(Receipt::Done); 4]);
    let odd = Entry::DeliveryReleased { id: strange, due_at: after(9) };
    let answers = bench.all(back.into_iter().chain([odd]).collect()).await;
    assert_eq!(answers, [Ok(Receipt::Done), Err(Refusal::NotFound)], "one that nobody knows takes nobody along");

    let ids = |places: &[usize]| places.iter().map(|&place| held[place].id).collect::<Vec<_>>();
    assert_eq!(claimed(&bench, after(3)).await, ids(&[1]), "the older of an order key, though the younger was due before it");
    assert_eq!(claimed(&bench, after(9)).await, ids(&[2, 4, 0]));
    assert_eq!(claimed(&bench, after(9)).await, ids(&[]), "the younger waits for the older");
    assert_eq!(start(&bench, &held[1], 1).await, Ok(Receipt::Done));
    end(&bench, &held[1], 1, DeliveryState::Delivered).await;
    assert_eq!(claimed(&bench, after(9)).await, ids(&[3]));
}
