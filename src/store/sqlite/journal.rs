//! The rows of the journal.
//! Never writes one twice: their key is the execution and its sequence number.

use diesel::sqlite::SqliteConnection;

use super::fault::Applied;
use super::rows::stored;
use super::sql::fixed;
use crate::store::fold::JournalRow;

pub fn insert(conn: &mut SqliteConnection, rows: &[JournalRow<'_>]) -> Applied<()> {
    for row in rows {
        let step = row.step;
        fixed!(
            "INSERT INTO journal (execution_id, seq, at, position, kind, name, attempt, started_at, ended_at, result, failed, \
             full, delta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        .bind(row.owner.id)
        .bind(row.owner.seq)
        .bind(row.at)
        .bind(step.map(|step| &*step.position))
        .bind(step.map(|step| &*step.kind))
        .bind(step.and_then(|step| step.name.as_deref()))
        .bind(step.map(|step| step.attempt))
        .bind(step.map(|step| step.started_at))
        .bind(step.map(|step| step.ended_at))
        .bind(step.and_then(|step| stored(&step.result)))
        .bind(step.map(|step| step.failed))
        .bind(row.delta.full)
        .bind(&*row.delta.text)
        .run(conn)?;
    }
    Ok(())
}
