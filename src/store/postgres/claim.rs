//! Taking up what is due: executions and deliveries.
//! Never hands one thing to two takers: a claim raises the epoch in the transaction that reads.

use std::collections::HashMap;
use std::sync::Arc;

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::fault::{Applied, Fault, store_error};
use super::lanes;
use super::limits::{self, Candidate};
use super::park::forget_waits;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use crate::domain::admission::rank;
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::execution::{Birth, Ownership, State};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::{Claimed, Delta};

/// Due executions that one claim looks at at least, however few it may take: those that have to wait stand in nobody's way.
const LOOKED_AT_MIN: usize = 1000;
/// Due deliveries of one destination that one claim takes, and how often it looks again behind those that have had theirs.
const DELIVERIES_SHARE_MAX: usize = 100;
const LOOKS_MAX: usize = 8;

/// Takes up to `limit` executions that are due and whose limits let them begin.
pub fn executions(writer: &mut Writer, now: Timestamp, limit: usize) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = Vec::new();
    let mut looked = 0;
    while claimed.len() < limit && looked < limit.saturating_mul(4).max(LOOKED_AT_MIN) {
        let due = due_executions(&mut writer.conn, now, limit - claimed.len()).map_err(store_error)?;
        if due.is_empty() {
            break;
        }
        looked += due.len();
        let limited: Vec<ExecutionId> = due.iter().filter(|one| one.limited).map(|one| one.candidate.id).collect();
        limits::lock_wanted(&mut writer.conn, &limited).map_err(store_error)?;
        writer.limited.extend(limited);
        for Due { candidate, limited } in due {
            let gone =
                sql("DELETE FROM queue WHERE execution_id = ?").bind(candidate.id).run(&mut writer.conn).map_err(store_error)?;
            if gone == 0 || (limited && !may_begin(&mut writer.conn, candidate, now).map_err(store_error)?) {
                continue;
            }
            blame(forget_waits(&mut writer.conn, candidate.id))?;
            if let Some(taken) = take(writer, candidate.id, now, Taking::Claim).map_err(store_error)? {
                claimed.push(taken);
            }
        }
    }
    Ok(claimed)
}

/// One that is to be cancelled needs no permit for that.
fn may_begin(conn: &mut PgConnection, candidate: Candidate, now: Timestamp) -> QueryResult<bool> {
    let asked = sql("SELECT count(*) AS n FROM executions WHERE id = ? AND cancel_at IS NOT NULL").bind(candidate.id);
    if asked.first(conn)?.is_some_and(|Number(asked)| asked > 0) {
        limits::forget(conn, candidate.id, now)?;
        return Ok(true);
    }
    limits::admit(conn, candidate, now)
}

/// Takes over an execution that this node owns.
pub fn reopen(writer: &mut Writer, id: ExecutionId, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
    take(writer, id, now, Taking::Reopen).map_err(store_error)
}

/// Takes up to `limit` deliveries that are due, none for a `crowded` destination and of no other more than its share.
pub fn deliveries(
    writer: &mut Writer,
    now: Timestamp,
    limit: usize,
    mut crowded: Vec<Destination>,
) -> Result<Vec<Delivery>, StoreError> {
    let conn = &mut writer.conn;
    lanes::hold_pauses(conn).map_err(store_error)?;
    let mut shares: HashMap<Destination, usize> = HashMap::new();
    let mut taken = Vec::new();
    for _ in 0..LOOKS_MAX {
        let due = due_deliveries(conn, now, limit - taken.len(), &crowded).map_err(store_error)?;
        let is_all = due.len() < limit - taken.len();
        let crowded_before = crowded.len();
        for DueDelivery { id, destination } in due {
            let share = shares.entry(destination.clone()).or_default();
            *share += 1;
            if *share > DELIVERIES_SHARE_MAX {
                // What is left of it stays due; the others have their turn first.
                if *share == DELIVERIES_SHARE_MAX + 1 {
                    crowded.push(destination);
                }
                continue;
            }
            sql("DELETE FROM delivery_due WHERE delivery_id = ?").bind(id).run(conn).map_err(store_error)?;
            let delivery: Option<Delivery> = sql(lanes::CLAIM).bind(writer.node).bind(id).first(conn).map_err(store_error)?;
            match delivery {
                Some(delivery) => taken.push(delivery),
                None => lanes::set_aside(conn, id, now).map_err(store_error)?,
            }
        }
        if taken.len() >= limit || (is_all && crowded.len() == crowded_before) {
            break;
        }
    }
    Ok(taken)
}

fn due_deliveries(conn: &mut PgConnection, now: Timestamp, limit: usize, but: &[Destination]) -> QueryResult<Vec<DueDelivery>> {
    sql("SELECT delivery_id AS id, destination FROM delivery_due WHERE due_at <= ? AND destination <> ALL(?) \
         ORDER BY due_at, delivery_id LIMIT ?")
    .bind(now)
    // One that there is none of: a column is never empty.
    .column(std::iter::once("").chain(but.iter().map(Destination::as_str)))
    .bind(as_limit(limit))
    .all(conn)
}

struct DueDelivery {
    id: DeliveryId,
    destination: Destination,
}

impl FromNamedRow for DueDelivery {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { id: row.delivery_id("id")?, destination: Destination::stored(row.text("destination")?) })
    }
}

/// An execution that is due.
struct Due {
    candidate: Candidate,
    limited: bool,
}

impl FromNamedRow for Due {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let candidate = Candidate { id: row.execution_id("id")?, due_at: row.at("due_at")?, priority: row.int("priority")? };
        Ok(Self { candidate, limited: row.flag("limited")? })
    }
}

/// Whose turn it is. Goes from priority to priority, so that sleepers of a high one cost nothing when a low one is due.
fn due_executions(conn: &mut PgConnection, now: Timestamp, limit: usize) -> QueryResult<Vec<Due>> {
    let mut due: Vec<Due> = Vec::new();
    let mut below = i64::MAX;
    while let Some(priority) = next_priority(conn, below)? {
        due.extend(
            sql("SELECT execution_id AS id, due_at, priority, (EXISTS (SELECT 1 FROM execution_limits WHERE execution_limits.execution_id = queue.execution_id))::int::bigint AS limited \
                 FROM queue WHERE priority = ? AND due_at <= ? ORDER BY due_at, execution_id LIMIT ?")
            .bind(priority)
            .bind(now)
            .bind(as_limit(limit))
            .all(conn)?,
        );
        below = priority;
    }
    due.sort_by_key(|one| (rank(one.candidate.due_at, one.candidate.priority), one.candidate.id));
    due.truncate(limit);
    Ok(due)
}

fn next_priority(conn: &mut PgConnection, below: i64) -> QueryResult<Option<i64>> {
    let next = sql("SELECT priority AS n FROM queue WHERE priority < ? ORDER BY priority DESC LIMIT 1").bind(below);
    Ok(next.first(conn)?.map(|Number(priority)| priority))
}

/// How many executions are due or wait for one of their limits.
pub fn queued(conn: &mut PgConnection, now: Timestamp) -> QueryResult<i64> {
    let waiting = sql("SELECT count(*) AS n FROM limit_queue WHERE called = 0").first(conn)?;
    let mut queued = waiting.map_or(0, |Number(n)| n);
    let mut below = i64::MAX;
    while let Some(priority) = next_priority(conn, below)? {
        let due =
            sql("SELECT count(*) AS n FROM queue WHERE priority = ? AND due_at <= ?").bind(priority).bind(now).first(conn)?;
        queued += due.map_or(0, |Number(n)| n);
        below = priority;
    }
    Ok(queued)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    /// From the queue: an attempt's time begins.
    Claim,
    /// From this node itself: the attempt's time goes on, and the end of the owner before counts as a crash.
    Reopen,
}

fn take(writer: &mut Writer, id: ExecutionId, now: Timestamp, taking: Taking) -> QueryResult<Option<Claimed>> {
    let wanted = if taking == Taking::Claim { "node IS NULL" } else { "node IS NOT NULL" };
    let before: Option<Before> =
        sql(format!("SELECT state, node FROM executions WHERE id = ? AND completed_at IS NULL AND {wanted}"))
            .bind(id)
            .first(&mut writer.conn)?;
    let Some(before) = before else { return Ok(None) };
    let reopen = taking == Taking::Reopen;
    if reopen && before.node != Some(writer.node.into()) {
        return Ok(None);
    }
    let taken: Option<Taken> = sql("UPDATE executions SET node = ?, epoch = epoch + 1, started_at = coalesce(started_at, ?), \
         deadline_at = CASE WHEN ? <> 0 THEN coalesce(deadline_at, ? + max_execution_ms) ELSE ? + max_execution_ms END, \
         crashes = crashes + ?, state = CASE WHEN cancel_at IS NULL THEN 'running' ELSE 'cancelling' END, \
         waiting_for = NULL, wake_at = NULL, progressed_at = ? WHERE id = ? RETURNING *")
    .bind(writer.node)
    .bind(now)
    .bind(reopen)
    .bind(now)
    .bind(now)
    .bind(reopen)
    .bind(now)
    .bind(id)
    .first(&mut writer.conn)?;
    let Some(Taken(mut claimed)) = taken else { return Ok(None) };
    claimed.state_before = before.state;
    claimed.deltas = deltas(&mut writer.conn, id)?;
    Ok(Some(claimed))
}

struct Before {
    state: State,
    node: Option<i64>,
}

impl FromNamedRow for Before {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, node: row.opt_int("node")? })
    }
}

/// A claim without its deltas.
struct Taken(Claimed);

impl FromNamedRow for Taken {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let birth = Birth::from_row(row)?;
        Ok(Self(Claimed {
            owner: Ownership { id: birth.id, epoch: row.small("epoch")?, seq: row.small("seq")? },
            birth: Arc::new(birth),
            attempt: row.small("attempt")?,
            started_at: row.opt_at("started_at")?,
            deadline_at: row.opt_at("deadline_at")?,
            cancel_asked: row.opt_int("cancel_at")?.is_some(),
            inbox: row.int("inbox")?,
            crashes: row.small("crashes")?,
            resumes: row.small("resumes")?,
            deltas: Vec::new(),
            state_before: row.state("state")?,
        }))
    }
}

impl FromNamedRow for Delta {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { full: row.flag("full")?, text: row.text("delta")?.into() })
    }
}

fn deltas(conn: &mut PgConnection, id: ExecutionId) -> QueryResult<Vec<Delta>> {
    sql("SELECT \"full\", delta FROM journal WHERE execution_id = ? AND delta <> '' AND seq >= coalesce((SELECT max(seq) FROM journal \
         WHERE execution_id = ? AND \"full\" <> 0 AND delta <> ''), 0) ORDER BY seq")
    .bind(id)
    .bind(id)
    .all(conn)
}

/// Claims apply no entry that could be refused.
pub fn blame<T>(applied: Applied<T>) -> Result<T, StoreError> {
    applied.map_err(|fault| match fault {
        Fault::Store(error) => error,
        Fault::Refused(refusal) => StoreError::Corrupt(refusal.to_string()),
    })
}

pub fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
