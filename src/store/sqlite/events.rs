//! What is posted to an execution: kept until its stack waits for it.
//! Never keeps two events of one name, and never hands one to two waits.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::fault::Applied;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::submit::enqueue;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::EVENTS_KEPT_MAX;
use crate::store::read::KeptEvent;
use crate::store::write::{NewEvent, Receipt, Refusal};

struct Addressee {
    state: State,
    parked: bool,
}

impl FromNamedRow for Addressee {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, parked: row.flag("parked")? })
    }
}

impl FromNamedRow for KeptEvent {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { name: row.text("name")?, body: row.text("body")?.into() })
    }
}

/// Applies an event; a sleeper wakes, and whoever is about to sleep looks again.
pub fn apply(conn: &mut SqliteConnection, event: &NewEvent) -> Applied<Receipt> {
    let found: Option<Addressee> =
        sql("SELECT state, node IS NULL AS parked FROM executions WHERE id = ?").bind(event.id).first(conn)?;
    let found = found.ok_or(Refusal::NotFound)?;
    if found.state.is_terminal() {
        return Err(Refusal::Terminal(found.state).into());
    }
    let kept: Option<Number> = sql("SELECT count(*) AS n FROM events WHERE execution_id = ?").bind(event.id).first(conn)?;
    let inserted = sql("INSERT INTO events (execution_id, name, body, at, taken) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING")
        .bind(event.id)
        .bind(&*event.name)
        .bind(&*event.body)
        .bind(event.at)
        .run(conn)?;
    if inserted == 0 {
        return Err(Refusal::EventRepeated.into());
    }
    if kept.is_some_and(|Number(kept)| kept >= EVENTS_KEPT_MAX) {
        return Err(Refusal::EventsFull.into());
    }
    sql("UPDATE executions SET inbox = inbox + 1 WHERE id = ?").bind(event.id).run(conn)?;
    let woken = found.parked && found.state == State::Waiting;
    if woken {
        enqueue(conn, event.id, event.at)?;
    }
    Ok(Receipt::EventKept { woken })
}

/// The event that a wait for `name` would take: one of that name, else one without a name.
pub fn kept(conn: &mut SqliteConnection, id: ExecutionId, name: &str) -> QueryResult<Option<KeptEvent>> {
    sql("SELECT name, body FROM events WHERE execution_id = ? AND name IN (?, '') AND taken = 0 ORDER BY name DESC LIMIT 1")
        .bind(id)
        .bind(name)
        .first(conn)
}

/// An event becomes the value of the step whose checkpoint this is. It stays as a mark, so that its repetition is known.
pub fn take(conn: &mut SqliteConnection, id: ExecutionId, name: &str) -> Applied<()> {
    let taken = sql("UPDATE events SET taken = 1, body = '' WHERE execution_id = ? AND name = ? AND taken = 0");
    match taken.bind(id).bind(name).run(conn)? {
        0 => Err(Refusal::Conflict { table: "events".to_owned(), id: 0 }.into()),
        _ => Ok(()),
    }
}

/// The stack waits for these names, again perhaps: what it took before is forgotten.
pub fn listen(conn: &mut SqliteConnection, id: ExecutionId, names: &[String]) -> Applied<()> {
    for name in names {
        let forget = sql("DELETE FROM events WHERE execution_id = ? AND name IN (?, '') AND taken = 1");
        forget.bind(id).bind(&**name).run(conn)?;
    }
    Ok(())
}
