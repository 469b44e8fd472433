//! The conditions of the whole: storage that lags, a queue that grows old, messages overdue or dead, breakers that are open.
//! Never resolves what it did not look at in full.

use std::collections::BTreeMap;

use super::alerts::{breaker_alert, dead_alert, schedule_alert};
use super::{Sweep, SweepError};
use crate::domain::alert::{NewAlert, Severity, kind};
use crate::domain::cron::CronRule;
use crate::domain::delivery::Destination;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::store::StoreError;
use crate::store::read::OwedMessage;
use crate::store::write::{Over, Settling};

/// Messages looked at in one sweep.
const MESSAGES_PER_SWEEP: i64 = 1000;
const SCHEDULES_PER_SWEEP: usize = 1000;
/// How long a node may be silent about its open breaker before others take it for gone, in milliseconds, and in sweeps.
const SILENT_MS_MIN: i64 = 180_000;
const SILENT_SWEEPS: i64 = 3;

/// Says how things stand for one kind; spares the transaction where nothing is or was the case.
pub(super) async fn settle(
    sweep: &Sweep<'_>,
    kind: &'static str,
    current: Vec<NewAlert>,
    over: Over,
) -> Result<usize, StoreError> {
    if current.is_empty() && !sweep.has_open(kind) {
        return Ok(0);
    }
    sweep.engine.write.settle_alerts(Settling { kind, current, over, now: sweep.now }).await
}

pub(super) async fn storage_lag(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let engine = sweep.engine;
    let (lag_ms, bound_ms) = (engine.journal.worst_lag_ms(), engine.config.monitor.storage_lag_after_ms);
    let lags = lag_ms >= bound_ms;
    let alert = lags.then(|| NewAlert {
        message: Some(format!("an entry waited {lag_ms} ms to become durable")),
        ..NewAlert::lasting(kind::STORAGE_LAG, sweep.now, lag_ms, bound_ms)
    });
    let resolved = settle(sweep, kind::STORAGE_LAG, alert.into_iter().collect(), Over::Rest).await?;
    engine.journal.forget_worst_lag();
    Ok(resolved)
}

pub(super) async fn queue_old(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let bound_ms = sweep.engine.config.monitor.queue_old_after_s * 1000;
    let due = sweep.engine.read.due(sweep.now).await?;
    let age_ms = due.oldest_execution.map_or(0, |oldest| sweep.now.since_ms(oldest));
    let alert = (age_ms >= bound_ms).then(|| NewAlert {
        message: Some(format!("{} executions are due, the oldest for {} s", due.executions, age_ms / 1000)),
        extra: Value::object([("executions", Value::Int(due.executions))]),
        ..NewAlert::lasting(kind::QUEUE_OLD, sweep.now, age_ms, bound_ms)
    });
    Ok(settle(sweep, kind::QUEUE_OLD, alert.into_iter().collect(), Over::Rest).await?)
}

/// Schedules that nobody fires. What a node missed while it was down is raised where it is found, and over by the next look.
pub(super) async fn schedule_missed(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let bound_ms = sweep.engine.config.monitor.schedule_missed_after_s * 1000;
    let late = sweep.engine.read.due_schedules(sweep.now.plus_ms(-bound_ms), SCHEDULES_PER_SWEEP).await?.due;
    let current = late.iter().map(|schedule| {
        let late_ms = schedule.wake_at().map_or(0, |wake_at| sweep.now.since_ms(wake_at));
        let lasting = NewAlert::lasting(kind::SCHEDULE_MISSED, sweep.now, late_ms, bound_ms);
        let alert = schedule_alert(schedule, &format!("is {} s late", late_ms / 1000), sweep.now);
        NewAlert { severity: lasting.severity, stuck_duration: lasting.stuck_duration, ..alert }
    });
    let over = if late.len() < SCHEDULES_PER_SWEEP { Over::Rest } else { Over::Nothing };
    Ok(settle(sweep, kind::SCHEDULE_MISSED, current.collect(), over).await?)
}

/// One alert for each destination, however many messages wait for it.
pub(super) async fn callback_overdue(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let bound_ms = sweep.engine.config.monitor.callback_overdue_after_s * 1000;
    let owed = sweep.engine.read.overdue_messages(sweep.now.plus_ms(-bound_ms), MESSAGES_PER_SWEEP).await?;
    let is_all = i64::try_from(owed.len()).is_ok_and(|count| count < MESSAGES_PER_SWEEP);
    let mut destinations: BTreeMap<Destination, Vec<OwedMessage>> = BTreeMap::new();
    for message in owed {
        destinations.entry(Destination::of(&message.url)).or_default().push(message);
    }
    let current = destinations.iter().map(|(destination, messages)| overdue(destination, messages, sweep.now, bound_ms));
    let over = if is_all { Over::Rest } else { Over::Nothing };
    Ok(settle(sweep, kind::CALLBACK_OVERDUE, current.collect(), over).await?)
}

fn overdue(destination: &Destination, messages: &[OwedMessage], now: Timestamp, bound_ms: i64) -> NewAlert {
    let oldest = messages.iter().min_by_key(|message| message.created_at);
    let since = oldest.map_or(now, |message| message.created_at);
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    let oldest_id = oldest.map_or(Value::Null, |message| Value::text(message.execution_id.to_string()));
    let extra =
        [("destination", Value::text(destination.as_str())), ("messages", Value::Int(count)), ("oldest_execution_id", oldest_id)];
    NewAlert {
        subject: destination.as_str().to_owned(),
        message: Some(format!("{destination} is owed {count} messages for too long, the oldest since {since}")),
        extra: Value::object(extra),
        ..NewAlert::lasting(kind::CALLBACK_OVERDUE, now, now.since_ms(since), bound_ms)
    }
}

/// Raises what a crash kept from being raised at once, and resolves what is dead no longer.
pub(super) async fn delivery_dead(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let (engine, now) = (sweep.engine, sweep.now);
    let dead = engine.read.dead_messages(MESSAGES_PER_SWEEP).await?;
    let current = dead.iter().filter_map(|message| {
        dead_alert(message.id, message.execution_id, message.event, &message.url, message.reason.as_deref(), now)
    });
    settle(sweep, kind::DELIVERY_DEAD, current.collect(), Over::Nothing).await?;
    if !sweep.has_open(kind::DELIVERY_DEAD) && !sweep.has_open(kind::POISON) {
        return Ok(0);
    }
    let critical_before = now.plus_ms(-engine.config.monitor.callback_overdue_after_s * 2000);
    Ok(engine.write.settle_ended(critical_before, now).await?)
}

/// Every node speaks for its own breakers: one of which nobody has spoken for a while is gone.
pub(super) async fn breaker_open(sweep: &Sweep<'_>) -> Result<usize, SweepError> {
    let (engine, now) = (sweep.engine, sweep.now);
    let bound_ms = engine.config.monitor.stuck_after_s * 1000;
    let current = engine.breakers.open().into_iter().map(|(destination, breaker)| {
        let open_ms = now.since_ms(breaker.since);
        let mut alert = breaker_alert(&destination, &breaker.detail, now);
        if open_ms >= bound_ms * 2 {
            Severity::Critical.as_str().clone_into(&mut alert.severity);
        }
        alert
    });
    let silent_ms = (between_sweeps_ms(engine, now) * SILENT_SWEEPS).max(SILENT_MS_MIN);
    let subjects = engine.breakers.take_closed().iter().map(|destination| destination.as_str().to_owned()).collect();
    let over = Over::Named { subjects, silent_since: now.plus_ms(-silent_ms) };
    Ok(settle(sweep, kind::BREAKER_OPEN, current.collect(), over).await?)
}

pub(super) async fn breakers_closed(engine: &Engine, closed: Vec<Destination>) -> Result<(), StoreError> {
    let subjects = closed.iter().map(|destination| destination.as_str().to_owned()).collect();
    let over = Over::Named { subjects, silent_since: Timestamp(i64::MIN) };
    let settling = Settling { kind: kind::BREAKER_OPEN, current: Vec::new(), over, now: engine.clock.now() };
    engine.write.settle_alerts(settling).await.map(|_| ())
}

fn between_sweeps_ms(engine: &Engine, now: Timestamp) -> i64 {
    let Ok(rule) = CronRule::parse(&engine.config.monitor.cron) else { return 0 };
    let next = rule.next_after(&now.to_datetime());
    let after = next.as_ref().and_then(|next| rule.next_after(next));
    next.zip(after).map_or(0, |(next, after)| after.timestamp_millis() - next.timestamp_millis())
}
