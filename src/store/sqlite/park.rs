//! Laying an execution to sleep: a row and no memory.
//! Never leaves a sleeper that nobody wakes.

use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::checkpoint::{journal, lost};
use super::commit::Applied;
use super::rows::{bytes, json};
use super::submit::{ExecuteFound, queue};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{Park, Receipt, Refusal};

#[derive(QueryableByName)]
struct OwnedRow {
    #[diesel(sql_type = BigInt)]
    inbox: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    cancel_at: Option<i64>,
    #[diesel(sql_type = Integer)]
    priority: i32,
}

pub(super) fn apply(connection: &mut SqliteConnection, node: i32, park: &Park) -> Applied<Receipt> {
    let owner = park.owner;
    let id = bytes(owner.id.0);
    let found: Option<OwnedRow> = sql_query(
        "SELECT inbox, cancel_at, priority FROM executions \
         WHERE id = ? AND node = ? AND epoch = ? AND seq = ? AND completed_at IS NULL",
    )
    .bind::<Binary, _>(id.clone())
    .bind::<Integer, _>(node)
    .bind::<Integer, _>(owner.epoch)
    .bind::<Integer, _>(owner.seq - 1)
    .get_result(connection)
    .optional()?;
    let Some(row) = found else { return Err(lost(connection, owner.id)) };
    if row.cancel_at.is_some() {
        return Err(Refusal::CancelAsked.into());
    }
    if row.inbox != park.inbox_seen {
        return Err(Refusal::InboxMoved { inbox: row.inbox }.into());
    }
    sql_query(
        "UPDATE executions SET seq = ?, node = NULL, state = ?, waiting_for = ?, attempt = ?, deadline_at = NULL, \
         crashes = 0, progressed_at = ? WHERE id = ?",
    )
    .bind::<Integer, _>(owner.seq)
    .bind::<Text, _>(park.state.as_str())
    .bind::<Text, _>(json(&park.waiting_for))
    .bind::<Integer, _>(i32::try_from(park.attempt).unwrap_or(i32::MAX))
    .bind::<BigInt, _>(park.at.ms())
    .bind::<Binary, _>(id)
    .execute(connection)?;
    journal(connection, owner, park.at, &park.delta, park.step.as_ref())?;
    let priority = i16::try_from(row.priority).unwrap_or_default();
    if let Some(wake_at) = wake_at(connection, park)? {
        queue(connection, owner.id, wake_at, priority)?;
    }
    Ok(Receipt::Done)
}

/// When it wakes by itself: at once if everything that it waits for has ended already.
fn wake_at(connection: &mut SqliteConnection, park: &Park) -> Applied<Option<Timestamp>> {
    let id = park.owner.id;
    sql_query("DELETE FROM waits WHERE execution_id = ?").bind::<Binary, _>(bytes(id.0)).execute(connection)?;
    for child in &park.waits {
        sql_query("INSERT OR IGNORE INTO waits (execution_id, child_id) VALUES (?, ?)")
            .bind::<Binary, _>(bytes(id.0))
            .bind::<Binary, _>(bytes(child.0))
            .execute(connection)?;
    }
    if !park.waits.is_empty() && !waits_for_live(connection, id)? {
        return Ok(Some(park.at));
    }
    Ok(park.wake_at)
}

/// Whether something that it waits for has not ended yet.
pub(super) fn waits_for_live(connection: &mut SqliteConnection, id: ExecutionId) -> Applied<bool> {
    let live = sql_query(
        "SELECT 1 AS id FROM waits JOIN executions ON executions.id = waits.child_id \
         WHERE waits.execution_id = ? AND executions.completed_at IS NULL LIMIT 1",
    );
    Ok(live.bind::<Binary, _>(bytes(id.0)).execute_found(connection)?)
}
