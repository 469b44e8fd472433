//! What is kept no longer: found by readers, deleted by the writer in bounded parts.
//! Never touches what lives, what somebody waits for, or what is still owed.

use diesel::pg::Pg;
use diesel::row::NamedRow;

use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::rows::{Columns, IdRow, Number};
use super::sql::{FromNamedRow, Sql, sql};
use crate::domain::ids::{DeliveryId, ExecutionId, first_id_at};
use crate::domain::timestamp::Timestamp;
use crate::store::read::{ExpiredCount, Expiry, Which};
use crate::store::write::{Pruned, Rest};

pub fn expired(
    conn: &mut PgConnection,
    expiry: &Expiry,
    after: Option<ExecutionId>,
    limit: i64,
) -> QueryResult<Vec<ExecutionId>> {
    let mut text = sql("SELECT id FROM executions WHERE 1 = 1");
    conditions(&mut text, expiry);
    if let Some(after) = after {
        text.push(" AND id > ?").push_value(after);
    }
    text.push(" ORDER BY id LIMIT ?").push_value(limit);
    let rows: Vec<IdRow> = text.all(conn)?;
    Ok(rows.into_iter().map(|IdRow(id)| id).collect())
}

pub fn count_expired(conn: &mut PgConnection, expiry: &Expiry) -> QueryResult<Vec<ExpiredCount>> {
    let mut text = sql("SELECT min(function_name) AS function_name, state, count(*) AS executions FROM executions WHERE 1 = 1");
    conditions(&mut text, expiry);
    text.push(" GROUP BY function_key, state ORDER BY function_key, state");
    text.all(conn)
}

impl FromNamedRow for ExpiredCount {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { function: row.function_name("function_name")?, state: row.state("state")?, executions: row.int("executions")? })
    }
}

fn conditions<'a>(text: &mut Sql<'a>, expiry: &Expiry) {
    match &expiry.of {
        Which::Only(function) => {
            text.push(" AND function_key = ?").push_value(function.key());
        }
        Which::AllBut(functions) if functions.is_empty() => {}
        Which::AllBut(functions) => {
            text.push(" AND function_key NOT IN (").push(&vec!["?"; functions.len()].join(", ")).push(")");
            for function in functions {
                text.push_value(function.key());
            }
        }
    }
    text.push(" AND state IN (").push(&vec!["?"; expiry.states.len()].join(", ")).push(")");
    for state in &expiry.states {
        text.push_value(state.as_str());
    }
    // Nothing ends before it is made, so younger ids need not be looked at.
    text.push(" AND completed_at < ? AND id < ?").push_value(expiry.before).push_value(ExecutionId(first_id_at(expiry.before)));
    text.push(DISPENSABLE).push_value(expiry.dead_before);
    text.push(" AND (key_until IS NULL OR key_until <= ?)").push_value(expiry.now);
}

/// It has ended, its messages are closed and none is dead that is still kept, and nobody who lives refers to it.
/// Its messages are found by the beginning of their ids, which is that of its own.
const DISPENSABLE: &str = " AND completed_at IS NOT NULL AND (SELECT 1 FROM deliveries WHERE \
    deliveries.id >= substr(executions.id, 1, 9) AND deliveries.id <= (substr(executions.id, 1, 9) || '\\xFFFFFFFFFFFFFF'::bytea) \
    AND deliveries.execution_id = executions.id AND (closed_at IS NULL OR (deliveries.state = 'dead' AND closed_at >= ?)) LIMIT 1) \
    IS NULL \
    AND NOT EXISTS (SELECT 1 FROM waits WHERE waits.child_id = executions.id) \
    AND NOT EXISTS (SELECT 1 FROM executions AS parents WHERE parents.id = executions.parent AND parents.completed_at IS NULL)";

pub fn prune(conn: &mut PgConnection, ids: &[ExecutionId], dead_before: Timestamp, rows_max: i64) -> QueryResult<Pruned> {
    let mut pruned = Pruned::default();
    let limit = usize::try_from(rows_max).unwrap_or(usize::MAX);
    for id in ids {
        if pruned.rows >= limit {
            return Ok(pruned);
        }
        // What no restart needs may go at any time, so a long history goes in parts, and before its execution.
        let trimmed = trim(conn, *id, rows_max)?;
        pruned.rows += trimmed;
        if trimmed >= limit {
            return Ok(pruned);
        }
        let mut text = sql("DELETE FROM executions WHERE id = ?").bind(*id);
        text.push(DISPENSABLE).push_value(dead_before);
        if text.run(conn)? == 1 {
            pruned.executions += 1;
            pruned.rows += 1 + delete_parts(conn, *id)?;
        }
    }
    Ok(Pruned { is_all: true, ..pruned })
}

fn trim(conn: &mut PgConnection, id: ExecutionId, rows_max: i64) -> QueryResult<usize> {
    sql("DELETE FROM journal WHERE execution_id = ? AND seq <= (SELECT max(seq) FROM (SELECT seq FROM journal \
         WHERE execution_id = ? AND seq < (SELECT max(seq) FROM journal WHERE execution_id = ? AND \"full\" <> 0 AND delta <> '') \
         ORDER BY seq LIMIT ?) AS first) AND EXISTS (SELECT 1 FROM executions WHERE id = ? AND completed_at IS NOT NULL)")
    .bind(id)
    .bind(id)
    .bind(id)
    .bind(rows_max)
    .bind(id)
    .run(conn)
}

fn delete_parts(conn: &mut PgConnection, id: ExecutionId) -> QueryResult<usize> {
    let mut rows = 0;
    for text in [
        "DELETE FROM journal WHERE execution_id = ?",
        "DELETE FROM waits WHERE execution_id = ?",
        "DELETE FROM events WHERE execution_id = ?",
        "DELETE FROM queue WHERE execution_id = ?",
    ] {
        rows += sql(text).bind(id).run(conn)?;
    }
    let (first, last) = DeliveryId::bounds_of(id);
    for text in [
        "DELETE FROM delivery_attempts WHERE delivery_id IN \
         (SELECT id FROM deliveries WHERE id >= ? AND id <= ? AND execution_id = ?)",
        "DELETE FROM deliveries WHERE id >= ? AND id <= ? AND execution_id = ?",
    ] {
        rows += sql(text).bind(first).bind(last).bind(id).run(conn)?;
    }
    Ok(rows)
}

/// Whether `prune_rest` would find anything: a store at rest is asked once.
pub fn any_rest(conn: &mut PgConnection, rest: &Rest) -> QueryResult<bool> {
    let found: Option<Number> = sql("SELECT (EXISTS (SELECT 1 FROM idempotency WHERE expires_at <= ?) \
         OR EXISTS (SELECT 1 FROM alerts WHERE resolved_at < ? AND told = 'resolved') \
         OR EXISTS (SELECT 1 FROM deliveries WHERE execution_id = '\\x00000000000000000000000000000000' AND closed_at < ?) \
         OR EXISTS (SELECT 1 FROM audit WHERE at < ?))::int::bigint AS n")
    .bind(rest.now)
    .bind(rest.alerts_before)
    .bind(rest.messages_before)
    .bind(rest.audit_before)
    .first(conn)?;
    Ok(found.is_some_and(|Number(n)| n != 0))
}

pub fn prune_rest(conn: &mut PgConnection, rest: &Rest, limit: i64) -> QueryResult<usize> {
    let mut rows = sql("DELETE FROM idempotency WHERE key_hash IN \
         (SELECT key_hash FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)")
    .bind(rest.now)
    .bind(limit)
    .run(conn)?;
    rows += sql(
        "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE resolved_at < ? AND told = 'resolved' ORDER BY id LIMIT ?)",
    )
    .bind(rest.alerts_before)
    .bind(limit)
    .run(conn)?;
    let about_alerts = "SELECT id FROM deliveries WHERE execution_id = '\\x00000000000000000000000000000000' \
                        AND closed_at < ? ORDER BY id LIMIT ?";
    for text in ["DELETE FROM delivery_attempts WHERE delivery_id IN", "DELETE FROM deliveries WHERE id IN"] {
        rows += sql(format!("{text} ({about_alerts})")).bind(rest.messages_before).bind(limit).run(conn)?;
    }
    rows += sql("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY id LIMIT ?)")
        .bind(rest.audit_before)
        .bind(limit)
        .run(conn)?;
    Ok(rows)
}

const SNAPSHOT: &str = "(SELECT max(seq) FROM journal AS snapshots WHERE snapshots.execution_id = executions.id \
    AND snapshots.\"full\" <> 0 AND snapshots.delta <> '')";

pub fn long_journals(conn: &mut PgConnection, limit: i64) -> QueryResult<Vec<ExecutionId>> {
    let rows: Vec<IdRow> = sql(format!(
        "SELECT id FROM executions WHERE completed_at IS NULL AND seq > 100 AND EXISTS (SELECT 1 FROM journal \
         WHERE journal.execution_id = executions.id AND journal.seq < {SNAPSHOT} AND journal.delta <> '') ORDER BY id LIMIT ?"
    ))
    .bind(limit)
    .all(conn)?;
    Ok(rows.into_iter().map(|IdRow(id)| id).collect())
}

pub fn compact(conn: &mut PgConnection, id: ExecutionId) -> QueryResult<usize> {
    sql("UPDATE journal SET delta = '', \"full\" = 0 WHERE execution_id = ? AND delta <> '' AND seq < \
         (SELECT max(seq) FROM journal AS snapshots WHERE snapshots.execution_id = ? \
          AND snapshots.\"full\" <> 0 AND snapshots.delta <> '')")
    .bind(id)
    .bind(id)
    .run(conn)
}
