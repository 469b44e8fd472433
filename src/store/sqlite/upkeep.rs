//! The episodes of alerts settled, told and acknowledged, and sleepers woken that nothing else would wake.
//! Never tells one thing twice.

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::alerts::raise;
use super::fault::{Applied, Fault, store_error};
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::{SqliteStore, deliveries, expiry};
use crate::domain::alert::{Alert, Told, kind};
use crate::domain::failure::ErrorCode;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{Over, Pruned, Rest, Settling, Telling, Upkeep};
use crate::store::{StoreError, Stored};

/// Pages given back to the disk at once, and free pages that may stay.
const SHRINK_PAGES: u32 = 1000;
const FREE_PAGES_KEPT: i64 = 256;

impl Upkeep for SqliteStore {
    fn settle_alerts(&self, settling: Settling) -> Stored<'_, usize> {
        self.transact(move |writer| settle(&mut writer.conn, &settling).map_err(unblamed))
    }

    fn settle_ended(&self, critical_before: Timestamp, now: Timestamp) -> Stored<'_, usize> {
        self.transact(move |writer| ended(&mut writer.conn, critical_before, now).map_err(store_error))
    }

    fn tell_alerts(&self, telling: Vec<Telling>) -> Stored<'_, Vec<bool>> {
        self.transact(move |writer| {
            let mut first = Vec::with_capacity(telling.len());
            for telling in &telling {
                let noted = note_told(&mut writer.conn, telling).map_err(store_error)?;
                if let Some(delivery) = telling.delivery.as_ref().filter(|_| noted) {
                    deliveries::insert(writer, &[delivery]).map_err(unblamed)?;
                }
                first.push(noted);
            }
            Ok(first)
        })
    }

    fn acknowledge_alert(&self, id: i64, by: &str, at: Timestamp) -> Stored<'_, Option<Alert>> {
        let by = by.to_owned();
        self.transact(move |writer| acknowledge(&mut writer.conn, id, &by, at).map_err(store_error))
    }

    fn prune_executions(&self, ids: Vec<ExecutionId>, dead_before: Timestamp, rows_max: i64) -> Stored<'_, Pruned> {
        self.transact(move |writer| expiry::prune(&mut writer.conn, &ids, dead_before, rows_max).map_err(store_error))
    }

    fn prune_rest(&self, rest: Rest, limit: i64) -> Stored<'_, usize> {
        Box::pin(async move {
            if !self.readers.run(move |conn| expiry::any_rest(conn, &rest).map_err(store_error)).await? {
                return Ok(0);
            }
            self.transact(move |writer| expiry::prune_rest(writer, &rest, limit).map_err(store_error)).await
        })
    }

    fn compact_journal(&self, id: ExecutionId) -> Stored<'_, usize> {
        self.transact(move |writer| expiry::compact(&mut writer.conn, id).map_err(store_error))
    }

    fn shrink(&self) -> Stored<'_, bool> {
        self.writer.run(|writer| shrink(&mut writer.conn).map_err(store_error))
    }

    fn wake_lost(&self, id: ExecutionId, now: Timestamp) -> Stored<'_, bool> {
        self.transact(move |writer| wake_lost(&mut writer.conn, id, now).map_err(store_error))
    }
}

/// Nothing here stores what a caller sent, so a value that is refused is our own.
fn unblamed(fault: Fault) -> StoreError {
    match fault {
        Fault::Store(error) => error,
        Fault::Refused(refusal) => StoreError::Corrupt(refusal.to_string()),
    }
}

fn settle(conn: &mut SqliteConnection, settling: &Settling) -> Applied<usize> {
    for alert in &settling.current {
        raise(conn, alert)?;
    }
    let open: Vec<Open> = sql("SELECT id, execution_id, subject, updated_at FROM alerts WHERE type = ? AND resolved_at IS NULL")
        .bind(settling.kind)
        .all(conn)?;
    let is_over = |open: &Open| match &settling.over {
        Over::Nothing => false,
        Over::Rest => {
            !settling.current.iter().any(|alert| alert.execution_id == open.execution_id && alert.subject == open.subject)
        }
        Over::Named { subjects, silent_since } => subjects.contains(&open.subject) || open.updated_at < *silent_since,
    };
    let over: Vec<i64> = open.iter().filter(|open| is_over(open)).map(|open| open.id).collect();
    for id in &over {
        sql("UPDATE alerts SET resolved_at = ?, updated_at = ?, version = version + 1 WHERE id = ? AND resolved_at IS NULL")
            .bind(settling.now)
            .bind(settling.now)
            .bind(*id)
            .run(conn)?;
    }
    Ok(over.len())
}

struct Open {
    id: i64,
    execution_id: Option<ExecutionId>,
    subject: String,
    updated_at: Timestamp,
}

impl FromNamedRow for Open {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            id: row.int("id")?,
            execution_id: row.opt_execution_id("execution_id")?,
            subject: row.text("subject")?,
            updated_at: row.at("updated_at")?,
        })
    }
}

fn ended(conn: &mut SqliteConnection, critical_before: Timestamp, now: Timestamp) -> QueryResult<usize> {
    let revived = sql("UPDATE alerts SET resolved_at = ?, updated_at = ?, version = version + 1 \
         WHERE type = ? AND resolved_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM deliveries WHERE deliveries.id = unhex(alerts.subject) AND state = 'dead')")
    .bind(now)
    .bind(now)
    .bind(kind::DELIVERY_DEAD)
    .run(conn)?;
    let resumed = sql("UPDATE alerts SET resolved_at = ?, updated_at = ?, version = version + 1 \
         WHERE type = ? AND resolved_at IS NULL AND (acknowledged_at IS NOT NULL OR NOT EXISTS \
         (SELECT 1 FROM executions WHERE executions.id = alerts.execution_id AND (completed_at IS NULL OR error_code = ?)))")
    .bind(now)
    .bind(now)
    .bind(kind::POISON)
    .bind(ErrorCode::Poison.as_str())
    .run(conn)?;
    sql("UPDATE alerts SET severity = 'critical', updated_at = ?, version = version + 1 WHERE type = ? \
         AND resolved_at IS NULL AND acknowledged_at IS NULL AND severity = 'warning' AND created_at < ?")
    .bind(now)
    .bind(kind::DELIVERY_DEAD)
    .bind(critical_before)
    .run(conn)?;
    Ok(revived + resumed)
}

fn note_told(conn: &mut SqliteConnection, telling: &Telling) -> QueryResult<bool> {
    let noted = sql("UPDATE alerts SET told = ? WHERE id = ? AND told IS ?")
        .bind(telling.now.as_str())
        .bind(telling.id)
        .bind(telling.before.map(Told::as_str))
        .run(conn)?;
    Ok(noted > 0)
}

fn acknowledge(conn: &mut SqliteConnection, id: i64, by: &str, at: Timestamp) -> QueryResult<Option<Alert>> {
    sql("UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ?, updated_at = ?, version = version + 1 \
         WHERE id = ? AND acknowledged_at IS NULL")
    .bind(at)
    .bind(by)
    .bind(at)
    .bind(id)
    .run(conn)?;
    sql("SELECT * FROM alerts WHERE id = ?").bind(id).first(conn)
}

fn wake_lost(conn: &mut SqliteConnection, id: ExecutionId, now: Timestamp) -> QueryResult<bool> {
    let woken = sql("INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions \
         WHERE id = ? AND node IS NULL AND completed_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM limit_queue WHERE limit_queue.execution_id = executions.id) ON CONFLICT (execution_id) DO NOTHING")
    .bind(now)
    .bind(id)
    .run(conn)?;
    Ok(woken > 0)
}

/// Gives a part of the free pages back, until few are left: a file that grows again at once would only be moved about.
fn shrink(conn: &mut SqliteConnection) -> QueryResult<bool> {
    let free = |conn: &mut SqliteConnection| -> QueryResult<i64> {
        let count: Option<Number> = sql("SELECT freelist_count AS n FROM pragma_freelist_count").first(conn)?;
        Ok(count.map_or(0, |Number(n)| n))
    };
    if free(conn)? <= FREE_PAGES_KEPT {
        return Ok(false);
    }
    conn.batch_execute(&format!("PRAGMA incremental_vacuum({SHRINK_PAGES})"))?;
    Ok(free(conn)? > FREE_PAGES_KEPT)
}
