//! Firing schedules: what is due is started, once, whichever nodes look at it.
//! Never moves a schedule on before what it owes is durable.

use std::sync::Arc;

use tokio::sync::Notify;

use super::Engine;
use super::cancel;
use super::monitor::alerts::schedule_alert;
use super::schedule::request;
use super::start::{StartError, start};
use crate::domain::cron::CronRule;
use crate::domain::ids::ExecutionId;
use crate::domain::schedule::{Firing, FiringOutcome, Overlap, Schedule, plan};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::{Entry, Moved};

/// Schedules handled in one look.
const SCHEDULES_PER_LOOK: usize = 100;

/// Tells whoever fires schedules that one was made or changed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    pub fn now(&self) {
        self.0.notify_one();
    }

    pub async fn nudged(&self) {
        self.0.notified().await;
    }
}

/// What a look found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fired {
    pub started: usize,
    pub skipped: usize,
    pub missed: usize,
    pub refused: usize,
    /// Nothing can be accepted at the moment: the rest is owed still.
    pub held_up: bool,
    /// When the next schedule is due, as far as this look knows.
    pub next_wake_at: Option<Timestamp>,
}

/// Starts whatever schedules owe at `now`, as their policies say.
///
/// # Errors
/// The store's; nothing is lost, the next look finds the same.
pub async fn fire_due(engine: &Engine, now: Timestamp) -> Result<Fired, StoreError> {
    let found = engine.read.due_schedules(now, SCHEDULES_PER_LOOK).await?;
    let mut fired = Fired { next_wake_at: found.next_wake_at, ..Fired::default() };
    for schedule in &found.due {
        fire_one(engine, schedule, now, &mut fired).await?;
        if fired.held_up {
            break;
        }
    }
    if !found.due.is_empty() && !fired.held_up {
        // What was handled has its next time by now, and more may be due.
        fired.next_wake_at = Some(now);
    }
    Ok(fired)
}

async fn fire_one(engine: &Engine, schedule: &Schedule, now: Timestamp, fired: &mut Fired) -> Result<(), StoreError> {
    let times: CronRule = match schedule.rule.times() {
        Ok(times) => times,
        Err(error) => return Err(StoreError::Corrupt(format!("the rule of schedule {} does not read: {error}", schedule.id))),
    };
    let plan = plan(schedule, &times, now, engine.config.schedules);
    let Some(mut from) = schedule.next_due_at else { return Ok(()) };
    let moved = |from: Timestamp, to: Option<Timestamp>| Moved {
        revision: schedule.revision,
        from,
        to,
        wake_at: to.map(|to| to.plus_ms(schedule.jitter_of(to))),
    };
    if let Some(missed) = plan.missed {
        fired.missed += 1;
        let to = plan.starts.first().copied().or(plan.next);
        let until = to.map_or(String::new(), |to| format!(", until {to}"));
        let detail = format!("missed from {missed} on{until}");
        raise(engine, schedule, &format!("was {detail}"), now).await;
        let firing = note(schedule, missed, now, FiringOutcome::Missed, None, Some(detail));
        engine.write.record_firing(firing, Some(moved(from, to))).await?;
        let Some(to) = to else { return Ok(()) };
        from = to;
    }
    let followed = plan.starts.iter().skip(1).copied().map(Some).chain([plan.next]);
    for (due_at, to) in plan.starts.iter().copied().zip(followed) {
        let Some(firing) = fire_time(engine, schedule, due_at, now).await? else {
            fired.held_up = true;
            return Ok(());
        };
        match firing.outcome {
            FiringOutcome::Started => fired.started += 1,
            FiringOutcome::Skipped => fired.skipped += 1,
            _ => fired.refused += 1,
        }
        engine.write.record_firing(firing, Some(moved(from, to))).await?;
        from = to.unwrap_or(from);
    }
    Ok(())
}

/// Starts one time, as far as what is still running lets it. `None` while nothing can be accepted.
async fn fire_time(
    engine: &Engine,
    schedule: &Schedule,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Firing>, StoreError> {
    let id = schedule.execution_at(due_at);
    let overlap = schedule.rule.overlap;
    if overlap != Overlap::Allow {
        let earlier = engine.read.running_of_schedule(schedule.id).await?;
        let earlier: Vec<ExecutionId> = earlier.into_iter().filter(|earlier| *earlier != id).collect();
        // A queue that only grows helps nobody.
        let full = overlap == Overlap::Queue && earlier.len() >= schedule.rule.catch_up_max as usize;
        if let (true, Some(still)) = (full || overlap == Overlap::Skip, earlier.first()) {
            let detail = format!("{still} had not ended");
            return Ok(Some(note(schedule, due_at, now, FiringOutcome::Skipped, None, Some(detail))));
        }
        for earlier in earlier.into_iter().filter(|_| overlap == Overlap::CancelRunning) {
            // One that has ended meanwhile is what was wanted.
            if let Err(error) = cancel::mark(engine, earlier).await {
                tracing::debug!(execution.id = %earlier, error = %error, "an earlier execution of a schedule was not cancelled");
            }
        }
    }
    match start(engine, request(schedule, id, due_at)).await {
        Ok(_) => Ok(Some(note(schedule, due_at, now, FiringOutcome::Started, Some(id), None))),
        Err(StartError::QueueFull { .. } | StartError::Unavailable { .. }) => Ok(None),
        Err(error) => {
            raise(engine, schedule, &format!("cannot start it: {error}"), now).await;
            Ok(Some(note(schedule, due_at, now, FiringOutcome::Refused, None, Some(error.to_string()))))
        }
    }
}

/// Says that a schedule did not start what it should have; the log hears of it with the alert.
async fn raise(engine: &Engine, schedule: &Schedule, why: &str, now: Timestamp) {
    if let Err(error) = engine.journal.record(Entry::Alert(schedule_alert(schedule, why, now))).await {
        tracing::warn!(schedule.id = %schedule.id, error = %error, "a schedule {why}, and that could not be recorded");
    }
}

fn note(
    schedule: &Schedule,
    due_at: Timestamp,
    at: Timestamp,
    outcome: FiringOutcome,
    execution: Option<ExecutionId>,
    detail: Option<String>,
) -> Firing {
    Firing { schedule: schedule.id, occurrence: schedule.occurrence(due_at), due_at, at, outcome, execution, detail }
}
