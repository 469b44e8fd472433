//! The schedules that functions' files hold, brought into the store.
//! Never touches one of the API, and never forgets where an unchanged one stands: what passed while nobody ran is owed.

use super::Engine;
use super::schedule::{ScheduleError, next_due_at};
use crate::domain::function::FunctionName;
use crate::domain::ids::ScheduleId;
use crate::domain::schedule::{Origin, Rule, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;

/// Stores new and changed schedules of the current functions and removes those that are in no file any more.
///
/// # Errors
/// The store's; what was stored stays stored, and the next call does the rest.
pub async fn sync_with_files(engine: &Engine) -> Result<(), StoreError> {
    let stored = engine.read.schedules(None).await?;
    let now = engine.clock.now();
    let mut current = Vec::new();
    for function in engine.functions.all() {
        for (place, rule) in function.schedules.iter().enumerate() {
            let id = ScheduleId::of_file(&function.name.key(), place);
            current.push(id);
            let before = stored.iter().find(|schedule| schedule.id == id);
            let Some(after) = wanted(id, &function.name, rule, before, now)? else { continue };
            // Another node that starts with the same files may have been quicker.
            engine.write.save_schedule(after, before.map(|before| before.revision)).await?;
        }
    }
    for schedule in stored {
        if schedule.origin == Origin::File && !current.contains(&schedule.id) {
            engine.write.delete_schedule(schedule.id).await?;
        }
    }
    engine.firing.now();
    Ok(())
}

/// What is to be stored for a rule; nothing if that is there already.
fn wanted(
    id: ScheduleId,
    function: &FunctionName,
    rule: &Rule,
    before: Option<&Schedule>,
    now: Timestamp,
) -> Result<Option<Schedule>, StoreError> {
    if before.is_some_and(|before| before.rule == *rule && before.function.as_str() == function.as_str()) {
        return Ok(None);
    }
    let paused = before.is_some_and(|before| before.paused);
    let same_times = before.filter(|before| before.rule.cron == rule.cron && before.rule.timezone == rule.timezone);
    let next_due_at = match same_times {
        Some(before) => before.next_due_at,
        None => next_due_at(rule, paused, now).map_err(|error| unreadable(function, &error))?,
    };
    Ok(Some(Schedule {
        id,
        function: function.clone(),
        rule: rule.clone(),
        origin: Origin::File,
        paused,
        revision: before.map_or(1, |before| before.revision.wrapping_add(1)),
        next_due_at,
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
    }))
}

fn unreadable(function: &FunctionName, error: &ScheduleError) -> StoreError {
    StoreError::Setup(format!("the schedule of {function} does not read: {error}"))
}
