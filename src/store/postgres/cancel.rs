//! The mark that asks for an execution's end.
//! Never ends an execution itself: its owner does.

use super::connection::PgConnection;
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::fault::Applied;
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use super::submit::enqueue;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{Receipt, Refusal};

struct Marked {
    state: State,
    parked: bool,
    asked: bool,
}

impl FromNamedRow for Marked {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, parked: row.flag("parked")?, asked: row.flag("asked")? })
    }
}

/// Applies a cancel.
pub fn apply(conn: &mut PgConnection, id: ExecutionId, at: Timestamp) -> Applied<Receipt> {
    let found: Option<Marked> =
        sql("SELECT state, (node IS NULL)::int::bigint AS parked, (cancel_at IS NOT NULL)::int::bigint AS asked FROM executions WHERE id = ? FOR UPDATE")
            .bind(id)
            .first(conn)?;
    let found = found.ok_or(Refusal::NotFound)?;
    if found.state.is_terminal() {
        return Err(Refusal::Terminal(found.state).into());
    }
    if found.asked {
        return Ok(Receipt::AlreadyCancelled);
    }
    sql("UPDATE executions SET cancel_at = ?, state = 'cancelling', inbox = inbox + 1 WHERE id = ?")
        .bind(at)
        .bind(id)
        .run(conn)?;
    if found.parked {
        enqueue(conn, id, at)?;
    }
    Ok(Receipt::CancelMarked { parked: found.parked })
}
