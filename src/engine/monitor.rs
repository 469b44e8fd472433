//! The monitor: finds executions that are stuck and says so in `alerts`.
//! Never writes a terminal state beside an owner.

use super::Engine;
use super::destinations;
use super::journal::JournalError;
use super::message;
use crate::domain::alert::{NewAlert, Severity, kind};
use crate::domain::callback::EventType;
use crate::domain::execution::{Execution, State};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::write::{Entry, NewDelivery};

/// Stuck executions looked at in one sweep.
const STUCK_PER_SWEEP: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    pub stuck: usize,
    pub resolved: usize,
}

/// Flags every execution that is past its deadline, or without progress for too long and not waiting rightly; resolves the
/// alerts of those that went on.
///
/// # Errors
/// The store's or the journal's; the next sweep finds the same.
pub async fn sweep(engine: &Engine) -> Result<Swept, SweepError> {
    let now = engine.clock.now();
    destinations::sweep(engine, now).await?;
    let bound_ms = engine.config.monitor.stuck_after_s * 1000;
    let before = now.plus_ms(-bound_ms);
    let stuck = engine.write.stuck(now, before, STUCK_PER_SWEEP).await?;
    for execution in &stuck {
        engine.journal.record(Entry::Alert(alert(execution, now, bound_ms))).await?;
        tell_overdue(engine, execution).await?;
        if !engine.live.contains(execution.birth.id) {
            // Nobody runs it here: whoever may take it up should look now.
            engine.wakes.now();
        }
    }
    let resolved = engine.write.resolve_alerts(kind::ASYNC_TIMEOUT, before, now).await?;
    Ok(Swept { stuck: stuck.len(), resolved })
}

/// Tells whoever asked for it, once an episode: an episode is known by the last progress before it.
async fn tell_overdue(engine: &Engine, execution: &Execution) -> Result<(), JournalError> {
    let label = format!("overdue {}", execution.progressed_at);
    let message = message::interim(engine, execution, EventType::Overdue, &label, None, &Value::Null);
    if let Some(delivery) = message {
        engine.journal.record(Entry::Owe(NewDelivery { delivery, held: false, on_hold: false })).await?;
        engine.wakes.now();
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
fn alert(execution: &Execution, now: Timestamp, bound_ms: i64) -> NewAlert {
    let stuck_ms = now.since_ms(execution.progressed_at);
    let overdue = execution.deadline_at.is_some_and(|deadline| deadline < now);
    let severity = if stuck_ms >= 2 * bound_ms { Severity::Critical } else { Severity::Warning };
    let why = match execution.state {
        State::Queued => "queued without being taken up",
        _ if overdue => "past its deadline",
        _ => "without progress",
    };
    NewAlert {
        kind: kind::ASYNC_TIMEOUT.to_owned(),
        execution_id: Some(execution.birth.id),
        function_name: Some(execution.birth.function.to_string()),
        stuck_duration: Some(stuck_ms as f64 / 1000.0),
        severity: severity.as_str().to_owned(),
        message: Some(format!("{} is {why} since {}", execution.birth.function, execution.progressed_at)),
        extra: Value::Null,
        at: now,
    }
}
