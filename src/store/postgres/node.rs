//! This process as a node: its start, its lease, its clean stop, and taking over from nodes that are gone.
//! Never declares a node dead whose session still holds its lock.

use diesel::QueryResult;

use super::connection::PgConnection;
use super::fault::store_error;
use super::rows::Number;
use super::sql::sql;
use super::writer::{ALIVE, Writer};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::Started;

/// Registers this process and takes over what nodes left that are gone.
pub fn start(writer: &mut Writer, now: Timestamp) -> Result<Started, StoreError> {
    let (executions_released, deliveries_released) = take_over(writer, now)?;
    let conn = &mut writer.conn;
    sql("DELETE FROM idempotency WHERE expires_at <= ?").bind(now).run(conn).map_err(store_error)?;
    let number: Option<Number> = sql("INSERT INTO nodes (started_at, lease_at, batch) VALUES (?, ?, 0) RETURNING id AS n")
        .bind(now)
        .bind(now)
        .first(conn)
        .map_err(store_error)?;
    let node = number.and_then(|Number(n)| i32::try_from(n).ok());
    let node = node.ok_or_else(|| StoreError::Corrupt("nodes are numbered beyond i32".to_owned()))?;
    // Held before the row can be seen by others, who would take it for dead.
    writer.hold_alive(node)?;
    writer.node = node;
    Ok(Started { node, executions_released, deliveries_released })
}

/// Renews the lease, and takes over what nodes left that are gone.
pub fn renew(writer: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    let renewed = sql("UPDATE nodes SET lease_at = ? WHERE id = ? AND stopped_at IS NULL")
        .bind(now)
        .bind(writer.node)
        .run(&mut writer.conn)
        .map_err(store_error)?;
    if renewed != 1 {
        return Err(StoreError::Fenced(format!("node {} is no longer registered", writer.node)));
    }
    let (executions, deliveries) = take_over(writer, now)?;
    if executions + deliveries > 0 {
        tracing::warn!(executions, deliveries, "took over from a node that is gone");
    }
    Ok(())
}

/// Gives everything back; a clean stop is no crash.
pub fn stop(writer: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    let node = writer.node;
    release(&mut writer.conn, node, now, 0).map_err(store_error)?;
    sql("UPDATE nodes SET stopped_at = ? WHERE id = ?").bind(now).bind(node).run(&mut writer.conn).map_err(store_error)?;
    Ok(())
}

/// Every node whose lock is free is dead: it is fenced off first, then what it owned is released.
fn take_over(writer: &mut Writer, now: Timestamp) -> Result<(usize, usize), StoreError> {
    let listed: Vec<Number> = sql("SELECT id AS n FROM nodes WHERE stopped_at IS NULL AND id <> ? ORDER BY id")
        .bind(writer.node)
        .all(&mut writer.conn)
        .map_err(store_error)?;
    let mut released = (0, 0);
    for Number(id) in listed {
        let Ok(node) = i32::try_from(id) else { continue };
        if !is_gone(writer, node).map_err(store_error)? {
            continue;
        }
        writer.fence(node, "SELECT 1::bigint AS n FROM pg_advisory_xact_lock(?::int4, ?::int4)").map_err(store_error)?;
        let dead = sql("UPDATE nodes SET stopped_at = ? WHERE id = ? AND stopped_at IS NULL")
            .bind(now)
            .bind(node)
            .run(&mut writer.conn)
            .map_err(store_error)?;
        if dead == 1 {
            let (executions, deliveries) = release(&mut writer.conn, node, now, 1).map_err(store_error)?;
            released = (released.0 + executions, released.1 + deliveries);
        }
    }
    Ok(released)
}

/// Whether nobody holds a node's lock; asked on the session that holds ours.
fn is_gone(writer: &mut Writer, node: i32) -> QueryResult<bool> {
    let taken = sql("SELECT pg_try_advisory_lock(?::int4, ?::int4)::int::bigint AS n").bind(ALIVE).bind(node);
    let free = taken.first::<Number>(&mut writer.alive)?.is_some_and(|Number(n)| n == 1);
    if free {
        let given = sql("SELECT pg_advisory_unlock(?::int4, ?::int4)::int::bigint AS n").bind(ALIVE).bind(node);
        given.first::<Number>(&mut writer.alive)?;
    }
    Ok(free)
}

fn release(conn: &mut PgConnection, node: i32, now: Timestamp, crashes: i32) -> QueryResult<(usize, usize)> {
    Ok((release_executions(conn, node, now, crashes)?, release_deliveries(conn, node, now)?))
}

fn release_executions(conn: &mut PgConnection, node: i32, now: Timestamp, crashes: i32) -> QueryResult<usize> {
    sql("INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions \
         WHERE completed_at IS NULL AND node = ? \
         ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(now)
    .bind(node)
    .run(conn)?;
    sql("UPDATE executions SET node = NULL, crashes = crashes + ?, deadline_at = NULL, \
         state = CASE WHEN cancel_at IS NULL THEN 'queued' ELSE 'cancelling' END \
         WHERE completed_at IS NULL AND node = ?")
    .bind(crashes)
    .bind(node)
    .run(conn)
}

fn release_deliveries(conn: &mut PgConnection, node: i32, now: Timestamp) -> QueryResult<usize> {
    sql("INSERT INTO delivery_due (delivery_id, due_at) SELECT id, ? FROM deliveries \
         WHERE closed_at IS NULL AND node = ? \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(now)
    .bind(node)
    .run(conn)?;
    // An attempt without an end may have arrived; only its receiver knows.
    sql("UPDATE deliveries SET node = NULL, in_flight = 0, had_unknown = greatest(had_unknown, EXISTS (SELECT 1 FROM delivery_attempts \
         WHERE delivery_id = deliveries.id AND ended_at IS NULL)::int::bigint) WHERE closed_at IS NULL AND node = ?")
    .bind(node)
    .run(conn)
}
