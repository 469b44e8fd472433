//! Laying an execution to sleep, and what wakes it.
//! Never leaves a sleeper whose reason to wake has come already.

use super::connection::PgConnection;

use super::checkpoint::why_not;
use super::events;
use super::fault::Applied;
use super::journal;
use super::rows::{IdRow, Number, to_json};
use super::sql::{Sql, sql};
use super::submit::enqueue;
use super::writer::Writer;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::JournalRow;
use crate::store::write::{Park, Refusal};

/// Applies a park.
pub fn apply(writer: &mut Writer, park: &Park) -> Applied<()> {
    let owner = park.owner;
    let stepped = park.step.is_some() || !park.delta.text.is_empty();
    let changed =
        sql("UPDATE executions SET seq = ?, node = NULL, waiting_for = ?, wake_at = ?, attempt = ?, progressed_at = ?, \
         deadline_at = NULL, state = CASE WHEN cancel_at IS NULL THEN ? ELSE 'cancelling' END, \
         crashes = CASE WHEN ? <> 0 THEN 0 ELSE crashes END \
         WHERE id = ? AND node = ? AND epoch = ? AND seq = ? - 1 AND inbox = ?")
        .bind(owner.seq)
        .bind(to_json(&park.waiting_for))
        .bind(park.wake_at)
        .bind(park.attempt)
        .bind(park.at)
        .bind(park.state.as_str())
        .bind(stepped)
        .bind(owner.id)
        .bind(writer.node)
        .bind(owner.epoch)
        .bind(owner.seq)
        .bind(park.inbox_seen)
        .run(&mut writer.conn)?;
    if changed != 1 {
        let (standing, fault) = why_not(writer, owner)?;
        return Err(standing
            .filter(|standing| standing.owned)
            .map_or(fault, |standing| Refusal::InboxMoved { inbox: standing.inbox }.into()));
    }
    let conn = &mut writer.conn;
    journal::insert(conn, JournalRow::new(owner, park.at, park.step.as_ref(), &park.delta).as_slice())?;
    replace_waits(conn, owner.id, &park.waits)?;
    events::listen(conn, owner.id, &park.listens)?;
    let due_at = if must_wake_now(conn, park)? { Some(park.at) } else { park.wake_at };
    if let Some(due_at) = due_at {
        enqueue(conn, owner.id, due_at)?;
    }
    Ok(())
}

fn replace_waits(conn: &mut PgConnection, id: ExecutionId, waits: &[Vec<ExecutionId>]) -> Applied<()> {
    forget_waits(conn, id)?;
    for (group, children) in (0_i64..).zip(waits) {
        for child in children {
            let wait = sql("INSERT INTO waits (execution_id, grp, child_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
            wait.bind(id).bind(group).bind(*child).run(conn)?;
        }
    }
    // A child whose end another node is committing is waited for, so that its end is seen; one that ends later sees the wait.
    let held =
        sql("SELECT id FROM executions WHERE id IN (SELECT child_id FROM waits WHERE execution_id = ?) ORDER BY id FOR SHARE");
    held.bind(id).all::<IdRow>(conn).map(|_| ()).map_err(Into::into)
}

pub fn forget_waits(conn: &mut PgConnection, id: ExecutionId) -> Applied<()> {
    sql("DELETE FROM waits WHERE execution_id = ?").bind(id).run(conn)?;
    Ok(())
}

fn must_wake_now(conn: &mut PgConnection, park: &Park) -> Applied<bool> {
    if park.state == State::Queued && park.wake_at.is_none() && park.waits.is_empty() {
        return Ok(true);
    }
    if !park.waits.is_empty() && waits_over(conn, park.owner.id)? {
        return Ok(true);
    }
    let asked = sql("SELECT count(*) AS n FROM executions WHERE id = ? AND cancel_at IS NOT NULL").bind(park.owner.id);
    Ok(asked.first(conn)?.is_some_and(|Number(n)| n > 0))
}

/// Whether of one group that this execution waits for nothing is still going on. What does not exist is not going on either.
fn waits_over(conn: &mut PgConnection, id: ExecutionId) -> Applied<bool> {
    let over = sql("SELECT count(*) AS n FROM (SELECT 1 FROM waits LEFT JOIN executions \
         ON executions.id = waits.child_id AND executions.completed_at IS NULL \
         WHERE waits.execution_id = ? GROUP BY waits.grp HAVING count(executions.id) = 0) AS over_groups")
    .bind(id);
    Ok(over.first(conn)?.is_some_and(|Number(n)| n > 0))
}

/// A row, if any execution waits for one of these.
pub fn waited_for<'a>(ended: &[(ExecutionId, Timestamp)]) -> Sql<'a> {
    sql("SELECT 1 FROM waits WHERE child_id = ANY(?) LIMIT 1").column(ended.iter().map(|(child, _)| *child))
}

/// Wakes everybody who waited for these, which ended then, and now waits for nothing more.
pub fn wake_waiters(conn: &mut PgConnection, ended: &[(ExecutionId, Timestamp)]) -> Applied<()> {
    let Some(at) = ended.iter().map(|(_, at)| *at).max() else { return Ok(()) };
    let waiters: Vec<IdRow> = sql("SELECT DISTINCT execution_id AS id FROM waits WHERE child_id = ANY(?) ORDER BY 1")
        .column(ended.iter().map(|(child, _)| *child))
        .all(conn)?;
    for IdRow(waiter) in waiters {
        wake(conn, waiter, at)?;
    }
    Ok(())
}

fn wake(conn: &mut PgConnection, waiter: ExecutionId, at: Timestamp) -> Applied<()> {
    // Of two last children that end at once on two nodes, the second sees the first.
    sql("SELECT id FROM executions WHERE id = ? FOR UPDATE").bind(waiter).all::<IdRow>(conn)?;
    if !waits_over(conn, waiter)? {
        return Ok(());
    }
    let parked: Option<Number> = sql("UPDATE executions SET inbox = inbox + 1 WHERE id = ? AND completed_at IS NULL \
         RETURNING (node IS NULL)::int::bigint AS n")
    .bind(waiter)
    .first(conn)?;
    if parked.is_some_and(|Number(parked)| parked != 0) {
        enqueue(conn, waiter, at)?;
    }
    Ok(())
}
