//! The cancel mark of an execution.
//! Never ends an execution; its owner, or whoever takes it up, does.

use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::commit::Applied;
use super::rows::{bytes, state};
use super::submit::queue;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{Receipt, Refusal};

#[derive(QueryableByName)]
struct MarkRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Integer>)]
    node: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    cancel_at: Option<i64>,
    #[diesel(sql_type = Integer)]
    priority: i32,
}

pub(super) fn apply(connection: &mut SqliteConnection, id: ExecutionId, at: Timestamp) -> Applied<Receipt> {
    let found: Option<MarkRow> = sql_query("SELECT state, node, cancel_at, priority FROM executions WHERE id = ?")
        .bind::<Binary, _>(bytes(id.0))
        .get_result(connection)
        .optional()?;
    let Some(row) = found else { return Err(Refusal::NotFound.into()) };
    match state(&row.state) {
        State::Cancelled => return Ok(Receipt::AlreadyCancelled),
        state if state.is_terminal() => return Err(Refusal::Terminal(state).into()),
        _ => {}
    }
    let parked = row.node.is_none();
    if row.cancel_at.is_none() {
        sql_query("UPDATE executions SET cancel_at = ?, state = 'cancelling', inbox = inbox + 1 WHERE id = ?")
            .bind::<BigInt, _>(at.ms())
            .bind::<Binary, _>(bytes(id.0))
            .execute(connection)?;
        if parked {
            queue(connection, id, at, i16::try_from(row.priority).unwrap_or_default())?;
        }
    }
    Ok(Receipt::CancelMarked { parked })
}
