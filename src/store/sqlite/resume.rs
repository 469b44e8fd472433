//! Executions that had failed and go on: what is known of them, and their way back into the queue.
//! Never takes one up that has not ended, or that ended well.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::fault::Applied;
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use super::submit::enqueue;
use super::{journal, limits};
use crate::domain::execution::{Ownership, State};
use crate::domain::ids::ExecutionId;
use crate::store::fold::JournalRow;
use crate::store::read::Stopped;
use crate::store::write::{Delta, Refusal, Resume};

struct Found {
    state: State,
    seq: i32,
}

impl FromNamedRow for Found {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, seq: row.small("seq")? })
    }
}

/// What a resume goes by, without the deltas.
struct Head(Stopped);

impl FromNamedRow for Head {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(Stopped { seq: row.small("seq")?, resumes: row.small("resumes")?, deltas: Vec::new() }))
    }
}

/// What a resume goes by: every delta that is kept, from the first.
pub fn stopped(conn: &mut SqliteConnection, id: ExecutionId) -> QueryResult<Option<Stopped>> {
    let head: Option<Head> = sql("SELECT seq, resumes FROM executions WHERE id = ?").bind(id).first(conn)?;
    let Some(Head(mut stopped)) = head else { return Ok(None) };
    let deltas: Vec<Delta> =
        sql("SELECT full, delta FROM journal WHERE execution_id = ? AND delta <> '' ORDER BY seq").bind(id).all(conn)?;
    stopped.deltas = deltas;
    Ok(Some(stopped))
}

/// Applies a resume: the execution is queued again, and stands where the entry says.
pub fn apply(conn: &mut SqliteConnection, resume: &Resume) -> Applied<()> {
    let found: Option<Found> = sql("SELECT state, seq FROM executions WHERE id = ?").bind(resume.id).first(conn)?;
    let found = found.ok_or(Refusal::NotFound)?;
    match found.state {
        State::Failed | State::TimedOut => {}
        state if state.is_terminal() => return Err(Refusal::Terminal(state).into()),
        state => return Err(Refusal::NotEnded(state).into()),
    }
    if found.seq != resume.seq {
        return Err(Refusal::Conflict { table: "executions".to_owned(), id: 0 }.into());
    }
    let seq = found.seq + 1;
    sql("UPDATE executions SET state = 'queued', version = ?, seq = ?, resumes = resumes + 1, crashes = 0, attempt = 1, \
         completed_at = NULL, output = NULL, response = NULL, failure = NULL, error_code = NULL, error_message = NULL, \
         waiting_for = NULL, wake_at = NULL, deadline_at = NULL, node = NULL, progressed_at = ? WHERE id = ?")
    .bind(&*resume.version.0)
    .bind(seq)
    .bind(resume.at)
    .bind(resume.id)
    .run(conn)?;
    let owner = Ownership { id: resume.id, epoch: 0, seq };
    journal::insert(conn, &[JournalRow { owner, at: resume.at, step: Some(&resume.step), delta: &resume.delta }])?;
    limits::register(conn, resume.id, &resume.limits)?;
    enqueue(conn, resume.id, resume.at)
}
