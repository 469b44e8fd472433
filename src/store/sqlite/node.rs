//! This process as a node: its start, its lease, its clean stop.
//! Never leaves anything owned by a process that is gone.

use diesel::connection::SimpleConnection;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::fault::store_error;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use crate::domain::delivery::AttemptOutcome;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::{Started, Tick};

/// Registers this process. The file's lock says that no other process lives, so whatever is owned is orphaned.
pub fn start(writer: &mut Writer, now: Timestamp) -> QueryResult<Started> {
    let conn = &mut writer.conn;
    let executions_released = release_executions(conn, now, 1)?;
    let deliveries_released = release_deliveries(conn, now)?;
    sql("DELETE FROM nodes").run(conn)?;
    let number: Option<Number> = sql("INSERT INTO nodes (state, process, started_at, renewed_at, lease_until) \
         VALUES ('alive', ?, ?, ?, ?) RETURNING id AS n")
    .bind(std::process::id().to_string())
    .bind(now)
    .bind(now)
    .bind(now)
    .first(conn)?;
    let number = number.and_then(|Number(n)| i32::try_from(n).ok());
    writer.node = number.ok_or_else(|| diesel::result::Error::DeserializationError("nodes are numbered beyond i32".into()))?;
    Ok(Started { node: writer.node, executions_released, deliveries_released })
}

/// Says what is due. The file's lock is this node's lease, so nobody else can have taken anything.
pub fn tick(writer: &mut Writer, now: Timestamp) -> Result<Tick, StoreError> {
    let due: Option<Due> = sql("SELECT EXISTS (SELECT 1 FROM queue WHERE due_at <= ?) AS executions, \
         EXISTS (SELECT 1 FROM delivery_due WHERE due_at <= ?) AS deliveries, \
         (SELECT min(due_at) FROM queue WHERE due_at > ?) AS next_execution, \
         (SELECT min(due_at) FROM delivery_due WHERE due_at > ?) AS next_delivery, total_changes() AS changes FROM nodes WHERE id = ?")
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(writer.node)
    .first(&mut writer.conn)
    .map_err(store_error)?;
    let Due { executions, deliveries, next, changes } = due.ok_or_else(|| {
        StoreError::Fenced(format!("node {} is no longer registered: it has given everything back", writer.node))
    })?;
    if writer.cache.is_idle(changes) {
        writer.conn.batch_execute("PRAGMA shrink_memory").map_err(store_error)?;
    }
    // It can wait, and what is due cannot.
    if let Err(error) = writer.see_to_keys() {
        tracing::warn!(%error, "idempotency keys could not be put into their table, or it could not be read; the next look tries again");
    }
    Ok(Tick { executions_due: executions, deliveries_due: deliveries, next_due: next, ..Tick::default() })
}

struct Due {
    executions: bool,
    deliveries: bool,
    next: Option<Timestamp>,
    changes: i64,
}

impl FromNamedRow for Due {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let next = [row.opt_at("next_execution")?, row.opt_at("next_delivery")?].into_iter().flatten().min();
        Ok(Self { executions: row.flag("executions")?, deliveries: row.flag("deliveries")?, next, changes: row.int("changes")? })
    }
}

/// Gives everything back; a clean stop is no crash.
pub fn stop(writer: &mut Writer, now: Timestamp) -> QueryResult<()> {
    let conn = &mut writer.conn;
    release_executions(conn, now, 0)?;
    release_deliveries(conn, now)?;
    sql("DELETE FROM nodes WHERE id = ?").bind(writer.node).run(conn)?;
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
    sql("INSERT INTO delivery_due (delivery_id, due_at, destination) SELECT id, ?, destination FROM deliveries \
         WHERE closed_at IS NULL AND node IS NOT NULL \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(now)
    .run(conn)?;
    // An attempt without an end may have arrived; only its receiver knows.
    sql("INSERT INTO delivery_attempts (delivery_id, number, started_at, outcome) SELECT id, attempts, attempt_at, ? \
         FROM deliveries WHERE closed_at IS NULL AND node IS NOT NULL AND attempt_at IS NOT NULL \
         ON CONFLICT (delivery_id, number) DO NOTHING")
    .bind(AttemptOutcome::Unknown.as_str())
    .run(conn)?;
    sql("UPDATE deliveries SET node = NULL, attempt_at = NULL, had_unknown = had_unknown OR attempt_at IS NOT NULL \
         WHERE closed_at IS NULL AND node IS NOT NULL")
    .run(conn)
}
