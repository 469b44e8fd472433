//! Schedules: made, changed, paused, run beside their times.
//! Never fires one that is due; that is `fire`'s.

use super::Engine;
use super::start::{Accepted, FieldError, StartError, StartOptions, StartRequest, start};
use crate::domain::admission::{Limit, LimitKind};
use crate::domain::function::{ExecutionMode, FunctionName};
use crate::domain::ids::{ExecutionId, ScheduleId};
use crate::domain::limits::SCHEDULES_MAX;
use crate::domain::schedule::{Firing, FiringOutcome, Occurrence, Origin, Overlap, Rule, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::complete_inputs;
use crate::store::StoreError;

pub use super::file_schedules::sync_with_files;

/// So often a change is tried again that another one came before.
const CHANGES_TRIED: usize = 5;

/// What can be said about a schedule from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub function: String,
    pub rule: Rule,
    pub paused: bool,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("there is no such schedule")]
    NotFound,
    #[error("this schedule stands in the file of {0}; change it there, or pause it")]
    FromFile(FunctionName),
    #[error("{0}")]
    Invalid(String),
    #[error("there are {SCHEDULES_MAX} schedules already; delete one first")]
    TooMany,
    #[error("others changed this schedule at the same time; try again")]
    Contended,
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a schedule. Once this returns, its times will be fired.
///
/// # Errors
/// See [`ScheduleError`].
pub async fn create(engine: &Engine, draft: Draft) -> Result<Schedule, ScheduleError> {
    let function = check(engine, &draft)?;
    if engine.read.schedules(None).await?.len() >= SCHEDULES_MAX {
        return Err(ScheduleError::TooMany);
    }
    let now = engine.clock.now();
    let schedule = Schedule {
        id: ScheduleId::random(now),
        function,
        next_due_at: next_due_at(&draft.rule, draft.paused, now)?,
        rule: draft.rule,
        origin: Origin::Api,
        paused: draft.paused,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    if !engine.write.save_schedule(schedule.clone(), None).await? {
        return Err(ScheduleError::Contended);
    }
    engine.firing.now();
    Ok(schedule)
}

/// Changes a schedule; one of a file can only be paused. Times that passed under the rule before are not made up for if its times change.
///
/// # Errors
/// See [`ScheduleError`]; also what `change` refuses.
pub async fn change(
    engine: &Engine,
    id: ScheduleId,
    change: impl Fn(Draft) -> Result<Draft, String>,
) -> Result<Schedule, ScheduleError> {
    edit(engine, id, |before| {
        let given = Draft { function: before.function.to_string(), rule: before.rule.clone(), paused: before.paused };
        let draft = change(given.clone()).map_err(ScheduleError::Invalid)?;
        if before.origin == Origin::File && (draft != Draft { paused: draft.paused, ..given }) {
            return Err(ScheduleError::FromFile(before.function.clone()));
        }
        let function = check(engine, &draft)?;
        let same_times = draft.rule.cron == before.rule.cron && draft.rule.timezone == before.rule.timezone;
        let next_due_at = match same_times && draft.paused == before.paused {
            true => before.next_due_at,
            false => next_due_at(&draft.rule, draft.paused, engine.clock.now())?,
        };
        Ok(Schedule { function, rule: draft.rule, paused: draft.paused, next_due_at, ..before })
    })
    .await
}

/// Stops a schedule, or lets it go on with its next time from now; what came in between is left out.
///
/// # Errors
/// See [`ScheduleError`].
pub async fn set_paused(engine: &Engine, id: ScheduleId, paused: bool) -> Result<Schedule, ScheduleError> {
    edit(engine, id, |before| {
        if before.paused == paused {
            return Ok(before);
        }
        Ok(Schedule { next_due_at: next_due_at(&before.rule, paused, engine.clock.now())?, paused, ..before })
    })
    .await
}

/// Removes a schedule of the API. What it started goes on.
///
/// # Errors
/// See [`ScheduleError`].
pub async fn remove(engine: &Engine, id: ScheduleId) -> Result<(), ScheduleError> {
    let schedule = find(engine, id).await?;
    if schedule.origin == Origin::File {
        return Err(ScheduleError::FromFile(schedule.function));
    }
    if engine.write.delete_schedule(id).await? { Ok(()) } else { Err(ScheduleError::NotFound) }
}

/// Starts what a schedule starts, now, whatever its times and its overlap say.
///
/// # Errors
/// See [`ScheduleError`].
pub async fn run_now(engine: &Engine, id: ScheduleId) -> Result<Accepted, ScheduleError> {
    let schedule = find(engine, id).await?;
    let now = engine.clock.now();
    let execution = ExecutionId::random(now);
    let accepted = start(engine, request(&schedule, execution, now)).await?;
    let firing = Firing {
        schedule: id,
        occurrence: Occurrence::manual(execution),
        due_at: now,
        at: now,
        outcome: FiringOutcome::Manual,
        execution: Some(execution),
        detail: None,
    };
    engine.write.record_firing(firing, None).await?;
    Ok(accepted)
}

/// The schedule of this id.
///
/// # Errors
/// `NotFound`, or the store's.
pub async fn find(engine: &Engine, id: ScheduleId) -> Result<Schedule, ScheduleError> {
    engine.read.schedule(id).await?.ok_or(ScheduleError::NotFound)
}

/// The next times of a schedule after `now`; none while it is paused.
pub fn upcoming(schedule: &Schedule, now: Timestamp, count: usize) -> Vec<Timestamp> {
    let Ok(times) = schedule.rule.times() else { return Vec::new() };
    let next = |after: &Timestamp| times.next_in(schedule.rule.timezone, *after);
    let first = schedule.next_due_at.filter(|due_at| *due_at > now).or_else(|| next(&now)).filter(|_| !schedule.paused);
    std::iter::successors(first, next).take(count).collect()
}

/// What a schedule asks of `start`.
pub(super) fn request(schedule: &Schedule, id: ExecutionId, due_at: Timestamp) -> StartRequest {
    // A permit of the schedule's own: the next one begins when the one before has ended.
    let limits = match schedule.rule.overlap {
        Overlap::Queue => vec![Limit::new("schedule", &schedule.id.to_string(), LimitKind::Concurrency { limit: 1 })],
        Overlap::Skip | Overlap::CancelRunning | Overlap::Allow => Vec::new(),
    };
    let about = Value::object([("id", Value::text(schedule.id.to_string())), ("due_at", Value::Timestamp(due_at))]);
    StartRequest {
        function: schedule.function.to_string(),
        id: Some(id),
        input: input(&schedule.rule),
        mode: Some(ExecutionMode::Async),
        limits,
        options: StartOptions { metadata: Value::object([("schedule", about)]), ..StartOptions::default() },
        ..StartRequest::default()
    }
}

pub(super) fn input(rule: &Rule) -> Value {
    if rule.input.is_null() { Value::object::<&str>([]) } else { rule.input.clone() }
}

/// The first time that is owed from `now` on.
pub(super) fn next_due_at(rule: &Rule, paused: bool, now: Timestamp) -> Result<Option<Timestamp>, ScheduleError> {
    let times = rule.times().map_err(|error| ScheduleError::Invalid(format!("cron: {error}")))?;
    Ok(times.next_in(rule.timezone, now).filter(|_| !paused))
}

fn check(engine: &Engine, draft: &Draft) -> Result<FunctionName, ScheduleError> {
    let name = FunctionName::parse(&draft.function).ok();
    let Some(function) = name.and_then(|name| engine.functions.current(&name)) else {
        let near = engine.functions.near(&draft.function);
        return Err(StartError::FunctionUnknown { name: draft.function.clone(), near }.into());
    };
    let errors = complete_inputs(&function.inputs, &input(&draft.rule)).err().unwrap_or_default();
    if !errors.is_empty() {
        return Err(StartError::Inputs(errors.into_iter().map(FieldError::from).collect()).into());
    }
    Ok(function.name.clone())
}

async fn edit(
    engine: &Engine,
    id: ScheduleId,
    change: impl Fn(Schedule) -> Result<Schedule, ScheduleError>,
) -> Result<Schedule, ScheduleError> {
    for _ in 0..CHANGES_TRIED {
        let before = find(engine, id).await?;
        let after = change(before.clone())?;
        if after == before {
            return Ok(before);
        }
        let after = Schedule { revision: before.revision.wrapping_add(1), updated_at: engine.clock.now(), ..after };
        if engine.write.save_schedule(after.clone(), Some(before.revision)).await? {
            engine.firing.now();
            return Ok(after);
        }
    }
    Err(ScheduleError::Contended)
}
