//! Alerts: one open episode for a type and an execution.
//! Never opens a second one beside it.

use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use uuid::Uuid;

use super::commit::Applied;
use super::connection::unavailable;
use super::rows::bytes;
use crate::domain::alert::{Alert, NewAlert};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::StoreError;

pub(super) fn raise(connection: &mut SqliteConnection, alert: &NewAlert) -> Applied<()> {
    let execution = || alert.execution_id.map(|id| bytes(id.0));
    let known = sql_query(
        "UPDATE alerts SET severity = ?, stuck_duration = ?, message = ?, extra = ?, updated_at = ? \
         WHERE kind = ? AND execution_id IS ? AND execution_id IS NOT NULL AND resolved_at IS NULL",
    )
    .bind::<Text, _>(alert.severity.as_str())
    .bind::<Nullable<Double>, _>(alert.stuck_duration)
    .bind::<Nullable<Text>, _>(alert.message.as_deref())
    .bind::<Text, _>(alert.extra.to_stored_text())
    .bind::<BigInt, _>(alert.at.ms())
    .bind::<Text, _>(alert.kind.as_str())
    .bind::<Nullable<Binary>, _>(execution())
    .execute(connection)?;
    if known > 0 {
        return Ok(());
    }
    sql_query(
        "INSERT INTO alerts (kind, execution_id, function_name, stuck_duration, severity, message, extra, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(alert.kind.as_str())
    .bind::<Nullable<Binary>, _>(execution())
    .bind::<Nullable<Text>, _>(alert.function_name.as_deref())
    .bind::<Nullable<Double>, _>(alert.stuck_duration)
    .bind::<Text, _>(alert.severity.as_str())
    .bind::<Nullable<Text>, _>(alert.message.as_deref())
    .bind::<Text, _>(alert.extra.to_stored_text())
    .bind::<BigInt, _>(alert.at.ms())
    .bind::<BigInt, _>(alert.at.ms())
    .execute(connection)?;
    Ok(())
}

/// What a stack's own row in `alerts` means.
pub(super) fn from_record(value: &Value, at: Timestamp) -> NewAlert {
    const OWN: [&str; 8] =
        ["id", "created_at", "type", "execution_id", "function_name", "stuck_duration", "severity", "message"];
    let text = |name: &str| Some(value.field(name)).filter(|field| !field.is_null()).map(|field| field.to_text());
    let fields = value.as_object().map(|object| object.fields.clone()).unwrap_or_default();
    let extra = fields.into_iter().filter(|(name, _)| !OWN.contains(&&**name));
    NewAlert {
        kind: text("type").unwrap_or_else(|| "custom".to_owned()),
        execution_id: text("execution_id").and_then(|id| ExecutionId::parse(&id)),
        function_name: text("function_name"),
        stuck_duration: value.field("stuck_duration").as_number(),
        severity: text("severity").unwrap_or_else(|| "warning".to_owned()),
        message: text("message"),
        extra: Value::object(extra),
        at,
    }
}

/// Closes the episodes of executions that have ended, or have gone on since and are within their time.
pub(super) fn resolve(
    connection: &mut SqliteConnection,
    kind: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<usize, StoreError> {
    sql_query(
        "UPDATE alerts SET resolved_at = ?, updated_at = ? WHERE kind = ? AND resolved_at IS NULL AND EXISTS (SELECT 1 \
         FROM executions WHERE executions.id = alerts.execution_id AND (completed_at IS NOT NULL OR (progressed_at >= ? \
         AND coalesce(deadline_at, ?) >= ?)))",
    )
    .bind::<BigInt, _>(now.ms())
    .bind::<BigInt, _>(now.ms())
    .bind::<Text, _>(kind)
    .bind::<BigInt, _>(since.ms())
    .bind::<BigInt, _>(now.ms())
    .bind::<BigInt, _>(now.ms())
    .execute(connection)
    .map_err(|error| unavailable(&error))
}

#[derive(QueryableByName)]
struct AlertRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Binary>)]
    execution_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    function_name: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    stuck_duration: Option<f64>,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Nullable<Text>)]
    message: Option<String>,
    #[diesel(sql_type = Text)]
    extra: String,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    resolved_at: Option<i64>,
}

pub(super) fn list(connection: &mut SqliteConnection, open_only: bool, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let open = if open_only { "WHERE resolved_at IS NULL" } else { "" };
    let rows: Vec<AlertRow> = sql_query(format!("SELECT * FROM alerts {open} ORDER BY resolved_at IS NOT NULL, id DESC LIMIT ?"))
        .bind::<BigInt, _>(limit)
        .load(connection)
        .map_err(|error| unavailable(&error))?;
    Ok(rows.into_iter().map(alert).collect())
}

fn alert(row: AlertRow) -> Alert {
    Alert {
        id: row.id,
        alert: NewAlert {
            kind: row.kind,
            execution_id: row.execution_id.and_then(|id| Uuid::from_slice(&id).ok()).map(ExecutionId),
            function_name: row.function_name,
            stuck_duration: row.stuck_duration,
            severity: row.severity,
            message: row.message,
            extra: Value::from_stored_text(&row.extra).unwrap_or_default(),
            at: Timestamp(row.created_at),
        },
        updated_at: Timestamp(row.updated_at),
        resolved_at: row.resolved_at.map(Timestamp),
    }
}
