//! Executions that are past their deadline, make no progress, or sleep without anything to wake them.
//! Never takes one from an owner who still holds it: the epoch refuses whoever was here before.

use super::{Sweep, SweepError, Swept};
use crate::domain::alert::{NewAlert, kind};
use crate::domain::callback::EventType;
use crate::domain::execution::Execution;
use crate::domain::timestamp::Timestamp;
use crate::engine::journal::JournalError;
use crate::engine::live::Launch;
use crate::engine::message::Interim;
use crate::engine::{Engine, destinations};
use crate::store::StoreError;
use crate::store::write::{Entry, Over, Settling};

/// Stuck executions looked at in one sweep.
const STUCK_PER_SWEEP: usize = 500;

pub(super) async fn look(sweep: &Sweep<'_>) -> Result<Swept, SweepError> {
    let (engine, now) = (sweep.engine, sweep.now);
    let bound_ms = engine.config.monitor.stuck_after_s * 1000;
    let before = now.plus_ms(-bound_ms);
    let stuck = engine.write.stuck(now, before, STUCK_PER_SWEEP).await?;
    let mut swept = Swept { stuck: stuck.len(), ..Swept::default() };
    if !stuck.is_empty() {
        let current = stuck.iter().map(|execution| alert(execution, now, bound_ms)).collect();
        // What went on meanwhile is resolved below, by its own progress.
        let settling = Settling { kind: kind::ASYNC_TIMEOUT, current, over: Over::Nothing, now };
        engine.write.settle_alerts(settling).await?;
    }
    for execution in &stuck {
        tell_overdue(engine, execution).await?;
        if !engine.live.contains(execution.birth.id) && mend(engine, execution, now).await? {
            swept.mended += 1;
        }
    }
    if swept.stuck > 0 || sweep.has_open(kind::ASYNC_TIMEOUT) {
        swept.resolved = engine.write.resolve_alerts(kind::ASYNC_TIMEOUT, before, now).await?;
    }
    Ok(swept)
}

/// Tells whoever asked for it, once an episode: an episode is known by the last progress before it.
async fn tell_overdue(engine: &Engine, execution: &Execution) -> Result<(), JournalError> {
    let label = format!("overdue {}", execution.progressed_at);
    let overdue = Interim { event: EventType::Overdue, label: &label, url: None, data: None };
    let owed = destinations::owed_interim(engine, execution, &overdue).await;
    let is_due = owed.iter().any(|new| !new.on_hold);
    for new in owed {
        engine.journal.record(Entry::Owe(new)).await?;
    }
    engine.wakes.now_if(is_due);
    Ok(())
}

/// Takes up what this node owns and does not run, or wakes what nobody owns and nothing would wake. What another node owns is
/// for its lease.
async fn mend(engine: &Engine, execution: &Execution, now: Timestamp) -> Result<bool, StoreError> {
    let id = execution.birth.id;
    if engine.write.wake_lost(id, now).await? {
        tracing::warn!(execution.id = %id, "an execution that nothing would have woken is woken");
        engine.wakes.now();
        return Ok(true);
    }
    let Some(slot) = engine.slots.take_up_to(1).pop() else { return Ok(false) };
    let Some(claimed) = engine.write.reopen(id).await? else { return Ok(false) };
    tracing::warn!(execution.id = %id, "an execution that this node had lost is taken up again");
    engine.launches.send(Launch { claimed, slot, given: None, newborn: None });
    Ok(true)
}

fn alert(execution: &Execution, now: Timestamp, bound_ms: i64) -> NewAlert {
    let stuck_ms = now.since_ms(execution.progressed_at);
    let overdue = execution.deadline_at.is_some_and(|deadline| deadline < now);
    let why = if overdue { "past its deadline" } else { "without progress" };
    NewAlert {
        execution_id: Some(execution.birth.id),
        function_name: Some(execution.birth.function.to_string()),
        message: Some(format!("{} is {why} since {}", execution.birth.function, execution.progressed_at)),
        ..NewAlert::lasting(kind::ASYNC_TIMEOUT, now, stuck_ms, bound_ms)
    }
}
