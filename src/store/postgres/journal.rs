//! The rows of the journal.
//! Never writes one twice: their key is the execution and its sequence number.

use super::connection::PgConnection;
use super::fault::Applied;
use super::rows::stored;
use super::sql::{Sql, sql};
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
    sql("INSERT INTO journal (execution_id, seq, at, position, kind, name, attempt, started_at, ended_at, result, failed, \
         \"full\", delta) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .column(rows.iter().map(|row| row.owner.id))
    .column(rows.iter().map(|row| row.owner.seq))
    .column(rows.iter().map(|row| row.at))
    .column(steps().map(|step| step.map(|step| &*step.position)))
    .column(steps().map(|step| step.map(|step| &*step.kind)))
    .column(steps().map(|step| step.and_then(|step| step.name.as_deref())))
    .column(steps().map(|step| step.map(|step| step.attempt)))
    .column(steps().map(|step| step.map(|step| step.started_at)))
    .column(steps().map(|step| step.map(|step| step.ended_at)))
    .column(steps().map(|step| step.and_then(|step| stored(&step.result))))
    .column(steps().map(|step| step.map(|step| step.failed)))
    .column(rows.iter().map(|row| row.delta.full))
    .column(rows.iter().map(|row| &*row.delta.text))
}
