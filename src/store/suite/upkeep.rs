//! Stories of alerts and their episodes: settled, told, acknowledged; and of what the monitor asks and mends.
//! Never looks behind the traits.

use super::deliveries::{closed, owed};
use super::*;
use crate::domain::alert::{Alert, NewAlert, Told, kind};
use crate::domain::delivery::DeliveryState;
use crate::store::read::{AlertCursor, AlertQuery, Due};
use crate::store::write::{AfterAttempt, Over, Settling, Telling};

on_postgres! {
    a_condition_opens_one_episode_and_closes_it,
    subjects_that_are_named_or_silent_are_over,
    what_is_said_of_an_alert_is_said_once,
    the_first_who_acknowledges_stays,
    a_dead_message_is_found_until_an_alert_tells_of_it,
    a_list_of_alerts_goes_on_where_it_ended,
    what_is_due_and_what_is_overdue_is_counted,
    a_sleeper_that_nothing_would_wake_is_woken,
}

fn about(subject: &str, at: Timestamp) -> NewAlert {
    NewAlert { subject: subject.to_owned(), ..NewAlert::new(kind::BREAKER_OPEN, at) }
}

async fn settle(bench: &Bench, current: &[&str], over: Over, now: Timestamp) -> usize {
    let current = current.iter().map(|subject| about(subject, now)).collect();
    bench.store.write.settle_alerts(Settling { kind: kind::BREAKER_OPEN, current, over, now }).await.unwrap()
}

async fn listed(bench: &Bench, open: Option<bool>) -> Vec<Alert> {
    bench.store.read.alerts(&AlertQuery { open, limit: 99, ..AlertQuery::default() }).await.unwrap()
}

#[tokio::test]
async fn a_condition_opens_one_episode_and_closes_it() {
    let bench = Bench::open().await;
    assert_eq!(settle(&bench, &["a", "b"], Over::Rest, NOW).await, 0);
    assert_eq!(settle(&bench, &["a", "b"], Over::Rest, after(1)).await, 0);
    let open = listed(&bench, Some(true)).await;
    assert_eq!(open.iter().map(|alert| (&*alert.alert.subject, alert.alert.at)).collect::<Vec<_>>(), [("b", NOW), ("a", NOW)]);
    assert_eq!(open[0].updated_at, after(1));
    assert_eq!(settle(&bench, &["b"], Over::Nothing, after(2)).await, 0);
    assert_eq!(settle(&bench, &["b"], Over::Rest, after(3)).await, 1);
    let over = listed(&bench, Some(false)).await;
    assert_eq!((&*over[0].alert.subject, over[0].resolved_at), ("a", Some(after(3))));
    // The same again is another episode.
    settle(&bench, &["a", "b"], Over::Rest, after(4)).await;
    assert_eq!((listed(&bench, None).await.len(), listed(&bench, Some(true)).await.len()), (3, 2));
}

#[tokio::test]
async fn subjects_that_are_named_or_silent_are_over() {
    let bench = Bench::open().await;
    settle(&bench, &["a", "b", "c"], Over::Nothing, NOW).await;
    settle(&bench, &["c"], Over::Nothing, after(50)).await;
    let named = |subjects: &[&str], since| Over::Named {
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
        silent_since: since,
    };
    assert_eq!(settle(&bench, &[], named(&["a", "x"], NOW), after(60)).await, 1);
    assert_eq!(settle(&bench, &[], named(&[], after(40)), after(61)).await, 1);
    assert_eq!(listed(&bench, Some(true)).await[0].alert.subject, "c");
}

#[tokio::test]
async fn what_is_said_of_an_alert_is_said_once() {
    let bench = Bench::open().await;
    settle(&bench, &["a"], Over::Rest, NOW).await;
    let untold = bench.store.read.untold_alerts(9).await.unwrap();
    assert_eq!(untold[0].untold(), Some(Told::AsWarning));
    let delivery = message(ExecutionId::random(NOW), false);
    let telling = |before, now| Telling { id: untold[0].id, before, now, delivery: Some(delivery.clone()) };
    let tell = async |before, now| bench.store.write.tell_alerts(vec![telling(before, now)]).await.unwrap()[0];
    assert!(tell(None, Told::AsWarning).await);
    assert!(!tell(None, Told::AsWarning).await, "another node was first");
    assert_eq!(bench.store.write.claim_deliveries(NOW, 9, Vec::new()).await.unwrap().len(), 1, "the message is owed with it");
    assert_eq!(bench.store.read.untold_alerts(9).await.unwrap(), Vec::new());

    let critical = NewAlert { severity: "critical".to_owned(), ..about("a", after(1)) };
    bench.one(Entry::Alert(critical)).await.unwrap();
    settle(&bench, &["a"], Over::Rest, after(2)).await;
    let untold = bench.store.read.untold_alerts(9).await.unwrap();
    assert_eq!((untold[0].told, untold[0].untold()), (Some(Told::AsWarning), Some(Told::AsCritical)), "critical stays critical");
    settle(&bench, &[], Over::Rest, after(3)).await;
    assert!(tell(Some(Told::AsWarning), Told::AsResolved).await);
    assert_eq!(bench.store.read.untold_alerts(9).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn the_first_who_acknowledges_stays() {
    let bench = Bench::open().await;
    settle(&bench, &["a"], Over::Rest, NOW).await;
    let id = listed(&bench, None).await[0].id;
    let by =
        async |name: &str, at| bench.store.write.acknowledge_alert(id, name, at).await.unwrap().unwrap().acknowledged.unwrap();
    assert_eq!((by("anna", after(1)).await.by, by("ben", after(2)).await.at), ("anna".to_owned(), after(1)));
    assert_eq!(bench.store.write.acknowledge_alert(id + 1, "anna", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_dead_message_is_found_until_an_alert_tells_of_it() {
    let bench = Bench::open().await;
    let delivery = owed(&bench, true).await;
    let dead = AfterAttempt::Closed { state: DeliveryState::Dead, reason: Some("given up".to_owned()) };
    bench.one(closed(delivery.id, 1, dead)).await.unwrap();
    let found = bench.store.read.dead_messages(9).await.unwrap();
    assert_eq!((found.len(), found[0].id, found[0].reason.as_deref()), (1, delivery.id, Some("given up")));
    let subject = |id: uuid::Uuid| id.simple().to_string();
    let alert = |id, at| NewAlert {
        subject: subject(id),
        execution_id: Some(delivery.execution_id),
        ..NewAlert::new(kind::DELIVERY_DEAD, at)
    };
    bench.one(Entry::Alert(alert(delivery.id.0, after(5)))).await.unwrap();
    assert_eq!(bench.store.read.dead_messages(9).await.unwrap(), Vec::new());
    assert_eq!(&*listed(&bench, None).await[0].alert.function_name.clone().unwrap(), "orders/send-mail");

    // Another is about a message that is not dead, and one about nothing that could be a message.
    bench.one(Entry::Alert(alert(uuid::Uuid::max(), after(5)))).await.unwrap();
    let odd = NewAlert { subject: "no message".to_owned(), ..NewAlert::new(kind::DELIVERY_DEAD, after(5)) };
    bench.one(Entry::Alert(odd)).await.unwrap();
    assert_eq!(bench.store.write.settle_ended(NOW, after(6)).await.unwrap(), 2);
    assert_eq!(listed(&bench, Some(true)).await[0].alert.severity, "warning");
    assert_eq!(bench.store.write.settle_ended(after(6), after(7)).await.unwrap(), 0);
    assert_eq!(listed(&bench, Some(true)).await[0].alert.severity, "critical");

    let poison = |id| NewAlert { execution_id: Some(id), ..NewAlert::new(kind::POISON, NOW) };
    let running = bench.running().await;
    for id in [running.id, ExecutionId::random(NOW)] {
        bench.one(Entry::Alert(poison(id))).await.unwrap();
    }
    assert_eq!(bench.store.write.settle_ended(NOW, after(8)).await.unwrap(), 1, "one of an execution that is not there");
    let open = listed(&bench, Some(true)).await;
    let id = open.iter().find(|alert| alert.alert.execution_id == Some(running.id)).unwrap().id;
    bench.store.write.acknowledge_alert(id, "anna", after(9)).await.unwrap();
    assert_eq!(bench.store.write.settle_ended(NOW, after(9)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_list_of_alerts_goes_on_where_it_ended() {
    let bench = Bench::open().await;
    settle(&bench, &["a", "b", "c", "d"], Over::Rest, NOW).await;
    settle(&bench, &["c", "d"], Over::Rest, after(1)).await;
    let mut seen = Vec::new();
    let mut place = None;
    loop {
        let query = AlertQuery { after: place, limit: 1, ..AlertQuery::default() };
        let Some(alert) = bench.store.read.alerts(&query).await.unwrap().pop() else { break };
        place = Some(AlertCursor { is_open: alert.resolved_at.is_none(), id: alert.id });
        seen.push(alert.alert.subject);
    }
    assert_eq!(seen, ["d", "c", "b", "a"]);
    let of = async |query: AlertQuery| bench.store.read.alerts(&AlertQuery { limit: 9, ..query }).await.unwrap().len();
    assert_eq!(of(AlertQuery { kind: Some("queue_old".to_owned()), ..AlertQuery::default() }).await, 0);
    assert_eq!(of(AlertQuery { severity: Some("warning".to_owned()), ..AlertQuery::default() }).await, 4);
    assert_eq!(of(AlertQuery { acknowledged: Some(true), ..AlertQuery::default() }).await, 0);
    assert_eq!(of(AlertQuery { execution: Some(ExecutionId::random(NOW)), ..AlertQuery::default() }).await, 0);
    assert_eq!(of(AlertQuery { function: Some("f".to_owned()), ..AlertQuery::default() }).await, 0);
}

#[tokio::test]
async fn what_is_due_and_what_is_overdue_is_counted() {
    let bench = Bench::open().await;
    assert_eq!(bench.store.read.due(after(100)).await.unwrap(), Due::default());
    let births = [birth(), birth()];
    for (birth, due_at) in births.iter().zip([after(10), after(900)]) {
        bench.one(Entry::Submit(queued(birth, due_at))).await.unwrap();
    }
    let delivery = owed(&bench, false).await;
    let before = bench.store.read.statements();
    let due = bench.store.read.due(after(100)).await.unwrap();
    assert_eq!(due, Due { executions: 1, oldest_execution: Some(after(10)), deliveries: 1 });
    assert_eq!(bench.store.read.statements() - before, 1, "one look is one statement");
    assert_eq!(bench.store.read.overdue_messages(NOW, 9).await.unwrap(), Vec::new());
    let overdue = bench.store.read.overdue_messages(after(1), 9).await.unwrap();
    assert_eq!((overdue.len(), overdue[0].execution_id), (1, delivery.execution_id));
}

#[tokio::test]
async fn a_sleeper_that_nothing_would_wake_is_woken() {
    let bench = Bench::open().await;
    let (mut lost, mut sleeper, runner) = (bench.running().await, bench.running().await, bench.running().await);
    bench.one(Entry::Park(park(next(&mut lost), None, Vec::new()))).await.unwrap();
    bench.one(Entry::Park(park(next(&mut sleeper), Some(after(9000)), Vec::new()))).await.unwrap();
    let wake = async |id| bench.store.write.wake_lost(id, after(1)).await.unwrap();
    assert!(wake(lost.id).await && !wake(lost.id).await);
    assert!(!wake(sleeper.id).await && !wake(runner.id).await && !wake(ExecutionId::random(NOW)).await);
    let claimed = bench.store.write.claim_executions(after(2), 9).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.owner.id).collect::<Vec<_>>(), [lost.id]);
}
