//! A step's checkpoint: the journal row, the machine's delta, and what the step wrote.
//! Never lets an owner of an older epoch write.

use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::commit::{Applied, EntryError};
use super::rows::{bytes, state};
use super::{alerts, deliveries, records, submit};
use crate::domain::execution::Ownership;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::write::{Checkpoint, Delta, Receipt, Refusal, StepRecord};

pub(super) fn apply(connection: &mut SqliteConnection, node: i32, checkpoint: Checkpoint) -> Applied<Receipt> {
    let owner = checkpoint.owner;
    let changed = sql_query(
        "UPDATE executions SET seq = ?, crashes = 0, progressed_at = ?, progress = coalesce(?, progress) \
         WHERE id = ? AND node = ? AND epoch = ? AND seq = ? AND completed_at IS NULL",
    )
    .bind::<Integer, _>(owner.seq)
    .bind::<BigInt, _>(checkpoint.at.ms())
    .bind::<Nullable<Text>, _>(checkpoint.progress.as_ref().map(Value::to_stored_text))
    .bind::<Binary, _>(bytes(owner.id.0))
    .bind::<Integer, _>(node)
    .bind::<Integer, _>(owner.epoch)
    .bind::<Integer, _>(owner.seq - 1)
    .execute(connection)?;
    if changed != 1 {
        return Err(lost(connection, owner.id));
    }
    journal(connection, owner, checkpoint.at, &checkpoint.delta, Some(&checkpoint.step))?;
    for write in &checkpoint.records {
        records::write(connection, write, checkpoint.at)?;
    }
    for alert in &checkpoint.alerts {
        alerts::raise(connection, alert)?;
    }
    for child in &checkpoint.children {
        submit::child(connection, node, child)?;
    }
    for delivery in &checkpoint.deliveries {
        deliveries::owe(connection, node, delivery)?;
    }
    Ok(Receipt::Done)
}

/// One journal row.
pub(super) fn journal(
    connection: &mut SqliteConnection,
    owner: Ownership,
    at: Timestamp,
    delta: &Delta,
    step: Option<&StepRecord>,
) -> Applied<()> {
    sql_query(
        "INSERT INTO journal (execution_id, seq, epoch, at, full, delta, position, kind, name, attempt, started_at, ended_at, \
         result, failed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Binary, _>(bytes(owner.id.0))
    .bind::<Integer, _>(owner.seq)
    .bind::<Integer, _>(owner.epoch)
    .bind::<BigInt, _>(at.ms())
    .bind::<Bool, _>(delta.full)
    .bind::<Text, _>(&*delta.text)
    .bind::<Nullable<Text>, _>(step.map(|step| step.position.as_str()))
    .bind::<Nullable<Text>, _>(step.map(|step| step.kind.as_str()))
    .bind::<Nullable<Text>, _>(step.and_then(|step| step.name.as_deref()))
    .bind::<Nullable<Integer>, _>(step.map(|step| i32::try_from(step.attempt).unwrap_or(i32::MAX)))
    .bind::<Nullable<BigInt>, _>(step.map(|step| step.started_at.ms()))
    .bind::<Nullable<BigInt>, _>(step.map(|step| step.ended_at.ms()))
    .bind::<Nullable<Text>, _>(step.map(|step| step.result.to_stored_text()))
    .bind::<Nullable<Bool>, _>(step.map(|step| step.failed))
    .execute(connection)?;
    Ok(())
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    state: String,
}

/// Why an owner's write found nothing to write to.
pub(super) fn lost(connection: &mut SqliteConnection, id: ExecutionId) -> EntryError {
    let found: Result<Option<StateRow>, _> = sql_query("SELECT state FROM executions WHERE id = ?")
        .bind::<Binary, _>(bytes(id.0))
        .get_result(connection)
        .optional();
    match found {
        Err(error) => EntryError::Database(error),
        Ok(None) => Refusal::NotFound.into(),
        Ok(Some(row)) => match state(&row.state) {
            state if state.is_terminal() => Refusal::Terminal(state).into(),
            _ => Refusal::LostOwnership.into(),
        },
    }
}
