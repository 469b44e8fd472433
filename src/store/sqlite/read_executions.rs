//! Questions about executions: by id, in lists, their steps, the stuck ones.
//! Never changes anything.

use std::collections::HashMap;

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::claim::as_limit;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, Sql, sql};
use crate::domain::execution::{Execution, Status};
use crate::domain::function::FunctionName;
use crate::domain::ids::{ExecutionId, first_id_at};
use crate::domain::timestamp::Timestamp;
use crate::store::own_steps;
use crate::store::read::ExecutionQuery;
use crate::store::write::StepRecord;

/// Latest executions that the typical duration is the median of.
const TYPICAL_OF: i64 = 101;
/// The newest, among which those are looked for: before a crowd that waits nobody looks further.
const TYPICAL_AMONG: i64 = 5000;
/// How far the time within an id may be from when the execution was accepted, in milliseconds: the bound by id is there so
/// that not every row is looked at, the one by time says what matches.
const ID_SLACK_MS: i64 = 60 * 60 * 1000;

pub fn by_ids(conn: &mut SqliteConnection, ids: &[ExecutionId]) -> QueryResult<Vec<Option<Execution>>> {
    // One statement per distinct id: its text, and thus its plan, stays the same.
    let mut found: HashMap<ExecutionId, Option<Execution>> = HashMap::new();
    ids.iter()
        .map(|id| {
            if let Some(known) = found.get(id) {
                return Ok(known.clone());
            }
            let read: Option<Execution> = sql("SELECT * FROM executions WHERE id = ?").bind(*id).first(conn)?;
            found.insert(*id, read.clone());
            Ok(read)
        })
        .collect()
}

pub fn list(conn: &mut SqliteConnection, query: &ExecutionQuery) -> QueryResult<Vec<Execution>> {
    let limit = query.limit.max(0);
    let mut text = sql("SELECT * FROM executions WHERE 1");
    match &query.q {
        None => conditions(&mut text, query),
        Some(q) => {
            text.push(" AND id IN (");
            for (n, (condition, value)) in matching(q).into_iter().enumerate() {
                text.push(if n == 0 { "SELECT id FROM (" } else { " UNION SELECT id FROM (" });
                text.push("SELECT id FROM executions WHERE 1");
                conditions(&mut text, query);
                text.push(condition).push_value(value).push(" ORDER BY id DESC LIMIT ?").push_value(limit);
                text.push(&format!(") AS part_{n}"));
            }
            text.push(")");
        }
    }
    text.push(" ORDER BY id DESC LIMIT ?").push_value(limit);
    text.all(conn)
}

/// Where a text may stand, each with the index that spares looking at every row.
fn matching(q: &str) -> Vec<(&'static str, String)> {
    let text = q.to_lowercase();
    let mut places = vec![
        (
            // From name to name along the index, instead of past every row.
            " AND function_key IN (WITH RECURSIVE names (function_key) AS (SELECT min(function_key) FROM executions \
             UNION ALL SELECT (SELECT min(function_key) FROM executions WHERE function_key > names.function_key) FROM names \
             WHERE names.function_key IS NOT NULL) SELECT function_key FROM names WHERE instr(function_key, ?))",
            text.replace('-', "_"),
        ),
        (" AND failure IS NOT NULL AND instr(lower(error_message), ?)", text.clone()),
    ];
    // Ids are stored as bytes: their hex has no hyphens.
    let hex = text.replace('-', "");
    if !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        places.push((" AND instr(lower(hex(id)), ?)", hex));
    }
    places
}

fn conditions<'a>(text: &mut Sql<'a>, query: &'a ExecutionQuery) {
    let only_open = !query.states.is_empty() && query.states.iter().all(|state| !state.is_terminal());
    let only_failures = !query.states.is_empty() && query.states.iter().all(|state| state.status() == Status::Error);
    // Written out, so that the partial indexes are seen to fit; they hold less than the index by function, which `+` puts aside.
    if only_open {
        text.push(" AND completed_at IS NULL");
    } else if only_failures || query.error_code.is_some() {
        text.push(" AND failure IS NOT NULL");
    }
    if let Some(function) = &query.function {
        let narrowed = only_open || only_failures || query.error_code.is_some();
        text.push(if narrowed { " AND +function_key = ?" } else { " AND function_key = ?" }).push_value(function.key());
    }
    if !query.states.is_empty() {
        text.push(" AND state IN (").push(&vec!["?"; query.states.len()].join(", ")).push(")");
        query.states.iter().for_each(|state| {
            text.push_value(state.as_str());
        });
    }
    if let Some(tag) = &query.tag {
        text.push(" AND tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)").push_value(&**tag);
    }
    if let Some(parent) = query.parent {
        text.push(" AND parent = ?").push_value(parent);
    }
    if let Some(after) = query.created_after {
        text.push(" AND created_at >= ? AND id >= ?").push_value(after);
        text.push_value(ExecutionId(first_id_at(after.plus_ms(-ID_SLACK_MS))));
    }
    if let Some(before) = query.created_before {
        text.push(" AND created_at < ? AND id < ?").push_value(before);
        text.push_value(ExecutionId(first_id_at(before.plus_ms(ID_SLACK_MS))));
    }
    if let Some(code) = &query.error_code {
        text.push(" AND error_code = ?").push_value(&**code);
    }
    if let Some(key) = &query.started_by {
        text.push(" AND started_by = ?").push_value(&**key);
    }
    if let Some(before) = query.before {
        text.push(" AND id < ?").push_value(before);
    }
}

pub fn steps(conn: &mut SqliteConnection, id: ExecutionId) -> QueryResult<Vec<StepRecord>> {
    if let Some(OwnSteps(steps)) = own_steps(conn, id)? {
        return Ok(steps.into_iter().map(|(_, step)| step).collect());
    }
    sql("SELECT * FROM journal WHERE execution_id = ? AND kind IS NOT NULL ORDER BY seq").bind(id).all(conn)
}

pub fn steps_after(conn: &mut SqliteConnection, id: ExecutionId, after: i64, limit: i64) -> QueryResult<Vec<(i64, StepRecord)>> {
    if let Some(OwnSteps(steps)) = own_steps(conn, id)? {
        let limit = usize::try_from(limit).unwrap_or_default();
        return Ok(steps.into_iter().filter(|(seq, _)| *seq > after).take(limit).collect());
    }
    let rows: Vec<NumberedStep> =
        sql("SELECT * FROM journal WHERE execution_id = ? AND seq > ? AND kind IS NOT NULL ORDER BY seq LIMIT ?")
            .bind(id)
            .bind(after)
            .bind(limit.max(0))
            .all(conn)?;
    Ok(rows.into_iter().map(|NumberedStep(seq, step)| (seq, step)).collect())
}

/// The steps of an execution that lie in its own row, with nothing in the journal.
fn own_steps(conn: &mut SqliteConnection, id: ExecutionId) -> QueryResult<Option<OwnSteps>> {
    sql("SELECT steps FROM executions WHERE id = ? AND steps IS NOT NULL").bind(id).first(conn)
}

struct OwnSteps(Vec<(i64, StepRecord)>);

impl FromNamedRow for OwnSteps {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(own_steps::read(&row.text("steps")?)?))
    }
}

struct NumberedStep(i64, StepRecord);

impl FromNamedRow for NumberedStep {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(row.int("seq")?, StepRecord::from_row(row)?))
    }
}

impl FromNamedRow for StepRecord {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            position: row.text("position")?,
            kind: row.text("kind")?,
            name: row.opt_text("name")?,
            attempt: row.small("attempt")?,
            started_at: row.at("started_at")?,
            ended_at: row.at("ended_at")?,
            result: row.value("result")?,
            failed: row.flag("failed")?,
        })
    }
}

/// Owned ones without progress or past their deadline, and sleepers that nothing would wake. Who is due waits rightly for a
/// slot; how old the queue is is another question.
pub fn stuck(conn: &mut SqliteConnection, now: Timestamp, before: Timestamp, limit: usize) -> QueryResult<Vec<Execution>> {
    sql("SELECT executions.* FROM executions LEFT JOIN queue ON queue.execution_id = executions.id \
         WHERE executions.completed_at IS NULL AND ( \
             (node IS NOT NULL AND (progressed_at < ? OR deadline_at < ?)) \
             OR (node IS NULL AND progressed_at < ? AND queue.due_at IS NULL \
                 AND (waiting_for IS NULL OR waiting_for NOT LIKE '{\"what\":\"event\"%') \
                 AND NOT EXISTS (SELECT 1 FROM limit_queue WHERE limit_queue.execution_id = executions.id) \
                 AND NOT EXISTS (SELECT 1 FROM waits JOIN executions AS child ON child.id = waits.child_id \
                     WHERE waits.execution_id = executions.id AND child.completed_at IS NULL)) \
         ) ORDER BY progressed_at LIMIT ?")
    .bind(before)
    .bind(now)
    .bind(before)
    .bind(as_limit(limit))
    .all(conn)
}

pub fn typical_duration_ms(conn: &mut SqliteConnection, name: &FunctionName) -> QueryResult<Option<i64>> {
    let latest: Vec<Number> =
        sql("SELECT completed_at - started_at AS n FROM (SELECT id, state, started_at, completed_at FROM executions \
         WHERE function_key = ? ORDER BY id DESC LIMIT ?) AS newest WHERE state = 'completed' AND started_at IS NOT NULL \
         ORDER BY id DESC LIMIT ?")
        .bind(name.key())
        .bind(TYPICAL_AMONG)
        .bind(TYPICAL_OF)
        .all(conn)?;
    let mut durations: Vec<i64> = latest.into_iter().map(|Number(ms)| ms).collect();
    durations.sort_unstable();
    Ok(durations.get(durations.len() / 2).copied())
}
