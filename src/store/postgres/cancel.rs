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
use super::writer::Writer;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{Receipt, Refusal};

struct Marked {
    state: State,
    node: Option<i64>,
    asked: bool,
}

impl FromNamedRow for Marked {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, node: row.opt_int("node")?, asked: row.flag("asked")? })
    }
}

/// Applies a cancel.
pub fn apply(writer: &mut Writer, id: ExecutionId, at: Timestamp) -> Applied<Receipt> {
    let conn = &mut writer.conn;
    let found: Option<Marked> =
        sql("SELECT state, node, (cancel_at IS NOT NULL)::int::bigint AS asked FROM executions WHERE id = ? FOR UPDATE")
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
    match found.node {
        None => enqueue(conn, id, at)?,
        Some(node) if node != i64::from(writer.node) => tell(conn, node, id)?,
        Some(_) => {}
    }
    Ok(Receipt::CancelMarked { parked: found.node.is_none() })
}

/// Lets the node that runs it know at its next look; the mark itself makes it right.
fn tell(conn: &mut PgConnection, node: i64, id: ExecutionId) -> Applied<()> {
    sql("INSERT INTO signals (node, execution_id) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(node).bind(id).run(conn)?;
    Ok(())
}
