//! The end of an execution: its result, its message, and whoever waits for it, in one transaction.
//! Never ends an execution twice, and never past a cancel mark.

use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use uuid::Uuid;

use super::checkpoint::{journal, lost};
use super::commit::Applied;
use super::park::waits_for_live;
use super::rows::{bytes, json};
use super::submit::queue;
use super::{alerts, deliveries};
use crate::domain::execution::{Outcome, Response};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::write::{Delta, Finish, Receipt, Refusal};

#[derive(QueryableByName)]
struct OwnedRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    cancel_at: Option<i64>,
}

pub(super) fn apply(connection: &mut SqliteConnection, node: i32, finish: &Finish) -> Applied<Receipt> {
    let owner = finish.owner;
    let found: Option<OwnedRow> = sql_query(
        "SELECT cancel_at FROM executions WHERE id = ? AND node = ? AND epoch = ? AND seq = ? AND completed_at IS NULL",
    )
    .bind::<Binary, _>(bytes(owner.id.0))
    .bind::<Integer, _>(node)
    .bind::<Integer, _>(owner.epoch)
    .bind::<Integer, _>(owner.seq - 1)
    .get_result(connection)
    .optional()?;
    let Some(row) = found else { return Err(lost(connection, owner.id)) };
    if row.cancel_at.is_some() && !matches!(finish.outcome, Outcome::Cancelled { .. }) {
        return Err(Refusal::CancelAsked.into());
    }
    write_outcome(connection, finish)?;
    if finish.step.is_some() {
        journal(connection, owner, finish.at, &Delta::default(), finish.step.as_ref())?;
    }
    for table in ["waits", "queue"] {
        sql_query(format!("DELETE FROM {table} WHERE execution_id = ?"))
            .bind::<Binary, _>(bytes(owner.id.0))
            .execute(connection)?;
    }
    for delivery in &finish.deliveries {
        deliveries::owe(connection, node, delivery)?;
    }
    for alert in &finish.alerts {
        alerts::raise(connection, alert)?;
    }
    wake_waiting(connection, owner.id, finish.at)?;
    Ok(Receipt::Done)
}

fn write_outcome(connection: &mut SqliteConnection, finish: &Finish) -> Applied<()> {
    let none = Response::default();
    let (output, response) = match &finish.outcome {
        Outcome::Completed { output, response } | Outcome::Failed { output, response, .. } => (output, response),
        Outcome::TimedOut { .. } | Outcome::Cancelled { .. } => (&Value::Null, &none),
    };
    let failure = finish.outcome.failure();
    sql_query(
        "UPDATE executions SET seq = ?, node = NULL, state = ?, attempt = ?, completed_at = ?, progressed_at = ?, \
         deadline_at = NULL, waiting_for = NULL, output = ?, response = ?, failure = ?, error_code = ? WHERE id = ?",
    )
    .bind::<Integer, _>(finish.owner.seq)
    .bind::<Text, _>(finish.outcome.state().as_str())
    .bind::<Integer, _>(i32::try_from(finish.attempt).unwrap_or(i32::MAX))
    .bind::<BigInt, _>(finish.at.ms())
    .bind::<BigInt, _>(finish.at.ms())
    .bind::<Text, _>(output.to_stored_text())
    .bind::<Text, _>(json(response))
    .bind::<Nullable<Text>, _>(failure.map(json))
    .bind::<Nullable<Text>, _>(failure.map(|failure| failure.code.as_str().to_owned()))
    .bind::<Binary, _>(bytes(finish.owner.id.0))
    .execute(connection)?;
    Ok(())
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Integer)]
    priority: i32,
}

/// Wakes those that waited for this execution and for nothing else that still runs.
fn wake_waiting(connection: &mut SqliteConnection, ended: ExecutionId, at: Timestamp) -> Applied<()> {
    let waiting: Vec<WaitingRow> = sql_query(
        "SELECT executions.id AS id, executions.priority AS priority FROM waits \
         JOIN executions ON executions.id = waits.execution_id WHERE waits.child_id = ? AND executions.completed_at IS NULL",
    )
    .bind::<Binary, _>(bytes(ended.0))
    .load(connection)?;
    for row in waiting {
        let Ok(id) = Uuid::from_slice(&row.id).map(ExecutionId) else { continue };
        if waits_for_live(connection, id)? {
            continue;
        }
        let parked = sql_query("UPDATE executions SET inbox = inbox + 1 WHERE id = ? AND node IS NULL AND state = 'waiting'")
            .bind::<Binary, _>(row.id)
            .execute(connection)?;
        if parked == 1 {
            queue(connection, id, at, i16::try_from(row.priority).unwrap_or_default())?;
        }
    }
    Ok(())
}
