//! This process as a node: its start, its lease, its clean stop.
//! Never leaves anything owned by a process that is gone.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::fault::store_error;
use super::rows::Number;
use super::sql::sql;
use super::writer::Writer;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::Started;

/// Registers this process. The file's lock says that no other process lives, so whatever is owned is orphaned.
pub fn start(writer: &mut Writer, now: Timestamp) -> QueryResult<Started> {
    let conn = &mut writer.conn;
    let executions_released = release_executions(conn, now, 1)?;
    let deliveries_released = release_deliveries(conn, now)?;
    sql("UPDATE nodes SET stopped_at = ? WHERE stopped_at IS NULL").bind(now).run(conn)?;
    sql("DELETE FROM idempotency WHERE expires_at <= ?").bind(now).run(conn)?;
    let number: Option<Number> =
        sql("INSERT INTO nodes (started_at, lease_at) VALUES (?, ?) RETURNING id AS n").bind(now).bind(now).first(conn)?;
    let number = number.and_then(|Number(n)| i32::try_from(n).ok());
    writer.node = number.ok_or_else(|| diesel::result::Error::DeserializationError("nodes are numbered beyond i32".into()))?;
    Ok(Started { node: writer.node, executions_released, deliveries_released })
}

pub fn renew(writer: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    let renewed = sql("UPDATE nodes SET lease_at = ? WHERE id = ? AND stopped_at IS NULL")
        .bind(now)
        .bind(writer.node)
        .run(&mut writer.conn)
        .map_err(store_error)?;
    if renewed == 1 { Ok(()) } else { Err(StoreError::Fenced(format!("node {} is no longer registered", writer.node))) }
}

/// Gives everything back; a clean stop is no crash.
pub fn stop(writer: &mut Writer, now: Timestamp) -> QueryResult<()> {
    let conn = &mut writer.conn;
    release_executions(conn, now, 0)?;
    release_deliveries(conn, now)?;
    sql("UPDATE nodes SET stopped_at = ? WHERE id = ?").bind(now).bind(writer.node).run(conn)?;
    Ok(())
}

fn release_executions(conn: &mut SqliteConnection, now: Timestamp, crashes: i32) -> QueryResult<usize> {
    sql("INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions \
         WHERE completed_at IS NULL AND node IS NOT NULL \
         ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(now)
    .run(conn)?;
    sql("UPDATE executions SET node = NULL, crashes = crashes + ?, deadline_at = NULL, \
         state = CASE WHEN cancel_at IS NULL THEN 'queued' ELSE 'cancelling' END \
         WHERE completed_at IS NULL AND node IS NOT NULL")
    .bind(crashes)
    .run(conn)
}

fn release_deliveries(conn: &mut SqliteConnection, now: Timestamp) -> QueryResult<usize> {
    sql("INSERT INTO delivery_due (delivery_id, due_at) SELECT id, ? FROM deliveries \
         WHERE closed_at IS NULL AND node IS NOT NULL \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(now)
    .run(conn)?;
    // An attempt without an end may have arrived; only its receiver knows.
    sql("UPDATE deliveries SET node = NULL, in_flight = 0, had_unknown = had_unknown OR EXISTS (SELECT 1 FROM delivery_attempts \
         WHERE delivery_id = deliveries.id AND ended_at IS NULL) WHERE closed_at IS NULL AND node IS NOT NULL")
    .run(conn)
}
