//! Alerts: one open episode per type and execution.
//! Never opens a second while the first is open.

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::fault::Applied;
use super::records;
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use crate::domain::alert::{Acknowledged, Alert, NewAlert, Told};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::write::Refusal;

pub const TABLE: &str = "alerts";

/// Raises an alert, or tells news of the one that is open.
pub fn raise(conn: &mut PgConnection, alert: &NewAlert) -> Applied<()> {
    if !update_open(conn, alert)? {
        let id = records::reserve_ids(conn, TABLE, 1)?;
        if insert(conn, id, alert)? == 0 {
            update_open(conn, alert)?;
        }
    }
    Ok(())
}

/// What a stack inserts into the table, under the id that it was given.
pub fn raise_record(conn: &mut PgConnection, id: i64, value: &Value, at: Timestamp) -> Applied<()> {
    let alert = from_record(value, at);
    if !update_open(conn, &alert)? {
        if insert(conn, id, &alert)? == 0 && !update_open(conn, &alert)? {
            return Err(Refusal::Duplicate { table: TABLE.to_owned(), key: "id".to_owned() }.into());
        }
        records::raise_next_id(conn, TABLE, id)?;
    }
    Ok(())
}

/// What a stack edits in the table.
pub fn edit_record(conn: &mut PgConnection, id: i64, version: i64, value: &Value, at: Timestamp) -> Applied<usize> {
    let alert = from_record(value, at);
    let resolved_at = instant(&value.field("resolved_at"), at);
    let changed =
        sql("UPDATE alerts SET version = version + 1, type = ?, execution_id = ?, subject = ?, function_name = ?, stuck_duration = ?, \
         severity = ?, message = ?, extra = ?, updated_at = ?, resolved_at = ? WHERE id = ? AND version = ?")
        .bind(&*alert.kind)
        .bind(alert.execution_id)
        .bind(&*alert.subject)
        .bind(alert.function_name.as_deref())
        .bind(alert.stuck_duration)
        .bind(&*alert.severity)
        .bind(alert.message.as_deref())
        .bind(alert.extra.to_stored_text())
        .bind(at)
        .bind(resolved_at)
        .bind(id)
        .bind(version)
        .run(conn)?;
    Ok(changed)
}

/// Any mark of being resolved counts; one that names no instant means now.
fn instant(value: &Value, now: Timestamp) -> Option<Timestamp> {
    match value {
        Value::Timestamp(at) => Some(*at),
        Value::Text(text) => Some(Timestamp::parse_rfc3339(text).unwrap_or(now)),
        other => other.is_truthy().then_some(now),
    }
}

/// News of an open episode; what has become critical stays so.
fn update_open(conn: &mut PgConnection, alert: &NewAlert) -> Applied<bool> {
    let changed = sql("UPDATE alerts SET version = version + 1, function_name = coalesce(?, function_name), \
         stuck_duration = coalesce(?, stuck_duration), severity = CASE WHEN severity = 'critical' THEN severity ELSE ? END, \
         message = coalesce(?, message), extra = ?, updated_at = ? \
         WHERE type = ? AND subject = ? AND execution_id IS NOT DISTINCT FROM ? AND resolved_at IS NULL")
    .bind(alert.function_name.as_deref())
    .bind(alert.stuck_duration)
    .bind(&*alert.severity)
    .bind(alert.message.as_deref())
    .bind(alert.extra.to_stored_text())
    .bind(alert.at)
    .bind(&*alert.kind)
    .bind(&*alert.subject)
    .bind(alert.execution_id)
    .run(conn)?;
    Ok(changed > 0)
}

/// 0 where the id is taken, or another node has just opened the episode.
fn insert(conn: &mut PgConnection, id: i64, alert: &NewAlert) -> Applied<usize> {
    let inserted = sql("INSERT INTO alerts (id, type, execution_id, subject, function_name, stuck_duration, severity, message, \
         extra, created_at, updated_at) VALUES (?, ?, ?, ?, \
         coalesce(?, (SELECT function_name FROM executions WHERE id = ?)), ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .bind(id)
    .bind(&*alert.kind)
    .bind(alert.execution_id)
    .bind(&*alert.subject)
    .bind(alert.function_name.as_deref())
    .bind(alert.execution_id)
    .bind(alert.stuck_duration)
    .bind(&*alert.severity)
    .bind(alert.message.as_deref())
    .bind(alert.extra.to_stored_text())
    .bind(alert.at)
    .bind(alert.at)
    .run(conn)?;
    Ok(inserted)
}

fn from_record(value: &Value, at: Timestamp) -> NewAlert {
    let text = |name: &str| Some(value.field(name)).filter(|value| !value.is_null()).map(|value| value.to_text());
    let execution_id = text("execution_id").and_then(|text| ExecutionId::parse(&text));
    let stuck_duration = value.field("stuck_duration").as_number();
    let subject = text("subject");
    let extra = value.as_object().into_iter().flat_map(|object| &object.fields).filter(|(name, value)| match &***name {
        "id" | "type" | "function_name" | "severity" | "message" | "created_at" | "updated_at" | "resolved_at"
        | "acknowledged_at" | "acknowledged_by" | "subject" => false,
        // What does not read as its column's type is kept as it was given.
        "execution_id" => execution_id.is_none() && !value.is_null(),
        "stuck_duration" => stuck_duration.is_none() && !value.is_null(),
        _ => true,
    });
    NewAlert {
        kind: text("type").unwrap_or_else(|| "alert".to_owned()),
        extra: Value::object(extra.map(|(name, value)| (name.clone(), value.clone()))),
        execution_id,
        subject: subject.unwrap_or_default(),
        function_name: text("function_name"),
        stuck_duration,
        severity: text("severity").unwrap_or_else(|| "warning".to_owned()),
        message: text("message"),
        at,
    }
}

/// Resolves alerts whose execution ended, progressed or is kept no longer.
pub fn resolve(conn: &mut PgConnection, kind: &str, since: Timestamp, now: Timestamp) -> QueryResult<usize> {
    sql("UPDATE alerts SET resolved_at = ?, updated_at = ?, version = version + 1 \
         WHERE type = ? AND resolved_at IS NULL AND execution_id IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM executions WHERE executions.id = alerts.execution_id AND completed_at IS NULL \
          AND (progressed_at < ? OR deadline_at < ?))")
    .bind(now)
    .bind(now)
    .bind(kind)
    .bind(since)
    .bind(now)
    .run(conn)
}

impl FromNamedRow for Alert {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            id: row.int("id")?,
            alert: NewAlert {
                kind: row.text("type")?,
                execution_id: row.opt_execution_id("execution_id")?,
                subject: row.text("subject")?,
                function_name: row.opt_text("function_name")?,
                stuck_duration: row.opt_real("stuck_duration")?,
                severity: row.text("severity")?,
                message: row.opt_text("message")?,
                extra: row.value("extra")?,
                at: row.at("created_at")?,
            },
            updated_at: row.at("updated_at")?,
            resolved_at: row.opt_at("resolved_at")?,
            acknowledged: row
                .opt_at("acknowledged_at")?
                .zip(row.opt_text("acknowledged_by")?)
                .map(|(at, by)| Acknowledged { at, by }),
            told: row.opt_text("told")?.as_deref().and_then(Told::parse),
        })
    }
}
