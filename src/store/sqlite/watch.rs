//! What the monitor asks, and the list of alerts.
//! Never changes anything.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::SqliteStore;
use super::expiry;
use super::fault::store_error;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use crate::domain::alert::Alert;
use crate::domain::callback::EventType;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;
use crate::store::read::{AlertQuery, DeadMessage, Due, ExpiredCount, Expiry, OwedMessage, Watch};

impl Watch for SqliteStore {
    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Stored<'a, Vec<Alert>> {
        let query = query.clone();
        self.readers.run(move |conn| list(conn, &query).map_err(store_error))
    }

    fn untold_alerts(&self, limit: i64) -> Stored<'_, Vec<Alert>> {
        self.readers.run(move |conn| untold(conn, limit).map_err(store_error))
    }

    fn due(&self, now: Timestamp) -> Stored<'_, Due> {
        self.readers.run(move |conn| due(conn, now).map_err(store_error))
    }

    fn next_due(&self, now: Timestamp) -> Stored<'_, Option<Timestamp>> {
        self.readers.run(move |conn| next_due(conn, now).map_err(store_error))
    }

    fn overdue_messages(&self, before: Timestamp, limit: i64) -> Stored<'_, Vec<OwedMessage>> {
        self.readers.run(move |conn| overdue(conn, before, limit).map_err(store_error))
    }

    fn dead_messages(&self, limit: i64) -> Stored<'_, Vec<DeadMessage>> {
        self.readers.run(move |conn| dead(conn, limit).map_err(store_error))
    }

    fn expired<'a>(&'a self, expiry: &'a Expiry, after: Option<ExecutionId>, limit: i64) -> Stored<'a, Vec<ExecutionId>> {
        let expiry = expiry.clone();
        self.readers.run(move |conn| expiry::expired(conn, &expiry, after, limit).map_err(store_error))
    }

    fn count_expired<'a>(&'a self, expiry: &'a Expiry) -> Stored<'a, Vec<ExpiredCount>> {
        let expiry = expiry.clone();
        self.readers.run(move |conn| expiry::count_expired(conn, &expiry).map_err(store_error))
    }

    fn long_journals(&self, limit: i64) -> Stored<'_, Vec<ExecutionId>> {
        self.readers.run(move |conn| expiry::long_journals(conn, limit).map_err(store_error))
    }

    fn statements(&self) -> u64 {
        self.statements.count()
    }
}

fn list(conn: &mut SqliteConnection, query: &AlertQuery) -> QueryResult<Vec<Alert>> {
    let mut text = sql("SELECT * FROM alerts WHERE 1 = 1");
    if let Some(open) = query.open {
        text.push(if open { " AND resolved_at IS NULL" } else { " AND resolved_at IS NOT NULL" });
    }
    if let Some(acknowledged) = query.acknowledged {
        text.push(if acknowledged { " AND acknowledged_at IS NOT NULL" } else { " AND acknowledged_at IS NULL" });
    }
    if let Some(kind) = &query.kind {
        text.push(" AND type = ?").push_value(&**kind);
    }
    if let Some(severity) = &query.severity {
        text.push(" AND severity = ?").push_value(&**severity);
    }
    if let Some(execution) = query.execution {
        text.push(" AND execution_id = ?").push_value(execution);
    }
    if let Some(function) = &query.function {
        text.push(" AND lower(function_name) = lower(?)").push_value(&**function);
    }
    if let Some(after) = query.after {
        // The open ones come first, so behind an open one there are all that are over.
        text.push(if after.is_open {
            " AND (resolved_at IS NOT NULL OR id < ?)"
        } else {
            " AND resolved_at IS NOT NULL AND id < ?"
        })
        .push_value(after.id);
    }
    text.push(" ORDER BY resolved_at IS NOT NULL, id DESC LIMIT ?").push_value(query.limit.max(0));
    text.all(conn)
}

fn untold(conn: &mut SqliteConnection, limit: i64) -> QueryResult<Vec<Alert>> {
    sql("SELECT * FROM alerts WHERE (told IS NULL OR told <> 'resolved') AND (told IS NULL OR resolved_at IS NOT NULL \
         OR (told = 'warning' AND severity = 'critical' AND acknowledged_at IS NULL)) ORDER BY id LIMIT ?")
    .bind(limit)
    .all(conn)
}

fn due(conn: &mut SqliteConnection, now: Timestamp) -> QueryResult<Due> {
    let found: Option<Due> = sql("SELECT (SELECT count(*) FROM queue WHERE due_at <= ?) AS executions, \
         (SELECT min(due_at) FROM queue) AS oldest_execution, \
         (SELECT count(*) FROM delivery_due WHERE due_at <= ?) AS deliveries")
    .bind(now)
    .bind(now)
    .first(conn)?;
    Ok(found.unwrap_or_default())
}

fn next_due(conn: &mut SqliteConnection, now: Timestamp) -> QueryResult<Option<Timestamp>> {
    let found: Option<Number> = sql("SELECT min(due_at) AS n FROM (SELECT min(due_at) AS due_at FROM queue WHERE due_at > ? \
         UNION ALL SELECT min(due_at) FROM delivery_due WHERE due_at > ?) AS soonest HAVING min(due_at) IS NOT NULL")
    .bind(now)
    .bind(now)
    .first(conn)?;
    Ok(found.map(|Number(ms)| Timestamp(ms)))
}

impl FromNamedRow for Due {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            executions: row.int("executions")?,
            oldest_execution: row.opt_at("oldest_execution")?,
            deliveries: row.int("deliveries")?,
        })
    }
}

fn overdue(conn: &mut SqliteConnection, before: Timestamp, limit: i64) -> QueryResult<Vec<OwedMessage>> {
    sql("SELECT execution_id, url, created_at FROM deliveries WHERE closed_at IS NULL AND state <> 'held' AND created_at < ? \
         AND event NOT LIKE 'alert.%' \
         AND NOT EXISTS (SELECT 1 FROM paused_lanes WHERE paused_lanes.destination = deliveries.destination) ORDER BY id LIMIT ?")
    .bind(before)
    .bind(limit)
    .all(conn)
}

impl FromNamedRow for OwedMessage {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { execution_id: row.execution_id("execution_id")?, url: row.text("url")?, created_at: row.at("created_at")? })
    }
}

fn dead(conn: &mut SqliteConnection, limit: i64) -> QueryResult<Vec<DeadMessage>> {
    sql("SELECT id, execution_id, event, url, reason FROM deliveries WHERE state IN ('dead', 'delivered_unconfirmed') AND state = 'dead' \
         AND event NOT LIKE 'alert.%' \
         AND NOT EXISTS (SELECT 1 FROM alerts WHERE type = 'delivery_dead' AND subject = lower(hex(deliveries.id)) \
         AND alerts.created_at >= deliveries.closed_at) ORDER BY id LIMIT ?")
    .bind(limit)
    .all(conn)
}

impl FromNamedRow for DeadMessage {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let event = row.text("event")?;
        Ok(Self {
            id: row.delivery_id("id")?,
            execution_id: row.execution_id("execution_id")?,
            event: EventType::of_stored(&event).ok_or_else(|| format!("\"{event}\" is no event"))?,
            url: row.text("url")?,
            reason: row.opt_text("reason")?,
        })
    }
}
