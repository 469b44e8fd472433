//! The rows of the journal.
//! Never writes one twice: their key is the execution and its sequence number.

use super::connection::PgConnection;
use super::fault::Applied;
use super::row_set::RowSet;
use super::rows::stored;
use super::sql::Sql;
use crate::store::fold::JournalRow;

pub fn insert(conn: &mut PgConnection, rows: &[JournalRow<'_>]) -> Applied<()> {
    if rows.is_empty() {
        return Ok(());
    }
    inserted(rows).run(conn)?;
    Ok(())
}

/// The statement of [`insert`].
pub fn inserted<'a>(rows: &[JournalRow<'a>]) -> Sql<'a> {
    let steps = || rows.iter().map(|row| row.step);
    RowSet::default()
        .with("execution_id", rows.iter().map(|row| row.owner.id))
        .with("seq", rows.iter().map(|row| row.owner.seq))
        .with("at", rows.iter().map(|row| row.at))
        .with("position", steps().map(|step| step.map(|step| &*step.position)))
        .with("kind", steps().map(|step| step.map(|step| &*step.kind)))
        .with("name", steps().map(|step| step.and_then(|step| step.name.as_deref())))
        .with("attempt", steps().map(|step| step.map(|step| step.attempt)))
        .with("started_at", steps().map(|step| step.map(|step| step.started_at)))
        .with("ended_at", steps().map(|step| step.map(|step| step.ended_at)))
        .with("result", steps().map(|step| step.and_then(|step| stored(&step.result))))
        .with("failed", steps().map(|step| step.map(|step| step.failed)))
        .with("\"full\"", rows.iter().map(|row| row.delta.full))
        .with("delta", rows.iter().map(|row| &*row.delta.text))
        .insert("journal", "")
}
