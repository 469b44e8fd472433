//! Schedules, and what became of their times.
//! Never starts an execution, and never moves a schedule past a time for anybody but who knew where it stood.

use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};
use uuid::Uuid;

use super::claim::as_limit;
use super::connection::PgConnection;
use super::rows::{Columns, IdRow, Number};
use super::sql::{FromNamedRow, sql};
use crate::domain::function::FunctionName;
use crate::domain::ids::{ExecutionId, ScheduleId};
use crate::domain::limits::FIRINGS_KEPT;
use crate::domain::schedule::{CatchUp, Firing, FiringOutcome, Occurrence, Origin, Overlap, Rule, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::store::read::DueSchedules;
use crate::store::write::Moved;

/// Stores a new schedule, or the next revision of one; whether it was as expected.
pub fn save(conn: &mut PgConnection, schedule: &Schedule, expected: Option<i32>) -> QueryResult<bool> {
    let changed = match expected {
        None => insert(conn, schedule)?,
        Some(revision) => update(conn, schedule, revision)?,
    };
    Ok(changed == 1)
}

fn insert(conn: &mut PgConnection, schedule: &Schedule) -> QueryResult<usize> {
    let rule = &schedule.rule;
    sql("INSERT INTO schedules (id, function_key, function_name, cron, timezone, input, overlap, catch_up, catch_up_max, \
         jitter_ms, description, origin, paused, revision, next_due_at, wake_at, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")
    .bind(&schedule.id.0.as_bytes()[..])
    .bind(schedule.function.key())
    .bind(schedule.function.as_str())
    .bind(&*rule.cron)
    .bind(rule.timezone.name())
    .bind(rule.input.to_stored_text())
    .bind(rule.overlap.as_str())
    .bind(rule.catch_up.as_str())
    .bind(rule.catch_up_max)
    .bind(rule.jitter_ms)
    .bind(rule.description.as_deref())
    .bind(schedule.origin.as_str())
    .bind(schedule.paused)
    .bind(schedule.revision)
    .bind(schedule.next_due_at)
    .bind(schedule.wake_at())
    .bind(schedule.created_at)
    .bind(schedule.updated_at)
    .run(conn)
}

fn update(conn: &mut PgConnection, schedule: &Schedule, expected: i32) -> QueryResult<usize> {
    let rule = &schedule.rule;
    sql("UPDATE schedules SET function_key = ?, function_name = ?, cron = ?, timezone = ?, input = ?, overlap = ?, catch_up = ?, \
         catch_up_max = ?, jitter_ms = ?, description = ?, paused = ?, revision = ?, next_due_at = ?, wake_at = ?, updated_at = ? \
         WHERE id = ? AND revision = ?")
    .bind(schedule.function.key())
    .bind(schedule.function.as_str())
    .bind(&*rule.cron)
    .bind(rule.timezone.name())
    .bind(rule.input.to_stored_text())
    .bind(rule.overlap.as_str())
    .bind(rule.catch_up.as_str())
    .bind(rule.catch_up_max)
    .bind(rule.jitter_ms)
    .bind(rule.description.as_deref())
    .bind(schedule.paused)
    .bind(schedule.revision)
    .bind(schedule.next_due_at)
    .bind(schedule.wake_at())
    .bind(schedule.updated_at)
    .bind(&schedule.id.0.as_bytes()[..])
    .bind(expected)
    .run(conn)
}

pub fn delete(conn: &mut PgConnection, id: ScheduleId) -> QueryResult<bool> {
    sql("DELETE FROM schedule_firings WHERE schedule_id = ?").bind(&id.0.as_bytes()[..]).run(conn)?;
    Ok(sql("DELETE FROM schedules WHERE id = ?").bind(&id.0.as_bytes()[..]).run(conn)? == 1)
}

/// Notes what became of a time; one that is noted already stays as it is.
pub fn record(conn: &mut PgConnection, firing: &Firing, moved: Option<&Moved>) -> QueryResult<()> {
    let schedule = firing.schedule.0.as_bytes();
    sql("INSERT INTO schedule_firings (schedule_id, occurrence, due_at, at, outcome, execution_id, detail) \
         SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM schedules WHERE id = ?) \
         ON CONFLICT (schedule_id, occurrence) DO NOTHING")
    .bind(&schedule[..])
    .bind(&*firing.occurrence.0)
    .bind(firing.due_at)
    .bind(firing.at)
    .bind(firing.outcome.as_str())
    .bind(firing.execution)
    .bind(firing.detail.as_deref())
    .bind(&schedule[..])
    .run(conn)?;
    if let Some(moved) = moved {
        sql("UPDATE schedules SET next_due_at = ?, wake_at = ? WHERE id = ? AND revision = ? AND next_due_at = ?")
            .bind(moved.to)
            .bind(moved.wake_at)
            .bind(&schedule[..])
            .bind(moved.revision)
            .bind(moved.from)
            .run(conn)?;
    }
    forget_old(conn, firing.schedule)
}

/// Keeps the latest, and whatever still runs: who asks for an overlap has to see it.
fn forget_old(conn: &mut PgConnection, id: ScheduleId) -> QueryResult<()> {
    let schedule = id.0.as_bytes();
    let oldest: Option<Number> =
        sql("SELECT due_at AS n FROM schedule_firings WHERE schedule_id = ? ORDER BY due_at DESC LIMIT 1 OFFSET ?")
            .bind(&schedule[..])
            .bind(FIRINGS_KEPT)
            .first(conn)?;
    let Some(Number(oldest)) = oldest else { return Ok(()) };
    sql("DELETE FROM schedule_firings WHERE schedule_id = ? AND due_at <= ? AND NOT EXISTS (SELECT 1 FROM executions \
         WHERE executions.id = schedule_firings.execution_id AND executions.completed_at IS NULL)")
    .bind(&schedule[..])
    .bind(oldest)
    .run(conn)
    .map(|_| ())
}

pub fn list(conn: &mut PgConnection, function: Option<&FunctionName>) -> QueryResult<Vec<Schedule>> {
    let mut query = sql("SELECT * FROM schedules");
    if let Some(function) = function {
        query.push(" WHERE function_key = ?").push_value(function.key());
    }
    query.push(" ORDER BY function_key, id");
    query.all(conn)
}

pub fn one(conn: &mut PgConnection, id: ScheduleId) -> QueryResult<Option<Schedule>> {
    sql("SELECT * FROM schedules WHERE id = ?").bind(&id.0.as_bytes()[..]).first(conn)
}

pub fn due(conn: &mut PgConnection, now: Timestamp, limit: usize) -> QueryResult<DueSchedules> {
    let soonest: Vec<Schedule> = sql("SELECT * FROM schedules WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT ?")
        .bind(as_limit(limit.saturating_add(1)))
        .all(conn)?;
    Ok(DueSchedules::of(soonest, now, limit))
}

pub fn firings(conn: &mut PgConnection, id: ScheduleId, limit: i64) -> QueryResult<Vec<Firing>> {
    sql("SELECT * FROM schedule_firings WHERE schedule_id = ? ORDER BY due_at DESC, at DESC LIMIT ?")
        .bind(&id.0.as_bytes()[..])
        .bind(limit)
        .all(conn)
}

/// The executions of a schedule that have not ended.
pub fn running(conn: &mut PgConnection, id: ScheduleId) -> QueryResult<Vec<ExecutionId>> {
    let rows: Vec<IdRow> = sql("SELECT executions.id AS id FROM schedule_firings JOIN executions \
         ON executions.id = schedule_firings.execution_id WHERE schedule_id = ? AND completed_at IS NULL ORDER BY due_at")
    .bind(&id.0.as_bytes()[..])
    .all(conn)?;
    Ok(rows.into_iter().map(|IdRow(id)| id).collect())
}

/// A word of a column that only we write.
fn word<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> deserialize::Result<T> {
    parse(text).ok_or_else(|| format!("\"{text}\" is no word of a schedule").into())
}

impl FromNamedRow for Schedule {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            id: ScheduleId(Uuid::from_slice(&row.blob("id")?)?),
            function: row.function_name("function_name")?,
            rule: Rule {
                cron: row.text("cron")?,
                timezone: word(&row.text("timezone")?, |text| text.parse::<Tz>().ok())?,
                input: row.value("input")?,
                overlap: word(&row.text("overlap")?, Overlap::parse)?,
                catch_up: word(&row.text("catch_up")?, CatchUp::parse)?,
                catch_up_max: row.small("catch_up_max")?,
                jitter_ms: row.int("jitter_ms")?,
                description: row.opt_text("description")?,
            },
            origin: word(&row.text("origin")?, Origin::parse)?,
            paused: row.flag("paused")?,
            revision: row.small("revision")?,
            next_due_at: row.opt_at("next_due_at")?,
            created_at: row.at("created_at")?,
            updated_at: row.at("updated_at")?,
        })
    }
}

impl FromNamedRow for Firing {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            schedule: ScheduleId(Uuid::from_slice(&row.blob("schedule_id")?)?),
            occurrence: Occurrence(row.text("occurrence")?),
            due_at: row.at("due_at")?,
            at: row.at("at")?,
            outcome: word(&row.text("outcome")?, FiringOutcome::parse)?,
            execution: row.opt_execution_id("execution_id")?,
            detail: row.opt_text("detail")?,
        })
    }
}
