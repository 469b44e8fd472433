//! Permits and rates: who may begin, who waits for whom, and whose turn is next.
//! Never lets more begin than a key allows: everything here happens in the transaction that claims or ends.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::rows::{Columns, IdRow, Number, to_json};
use super::sql::{FromNamedRow, sql};
use crate::domain::admission::{Limit, LimitKind, WAITS_FOR_CONCURRENCY, WAITS_FOR_RATE, free_slot, rank};
use crate::domain::execution::WaitingFor;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// Beginnings whose stretch is over that one more beginning clears away.
const FORGOTTEN_PER_START: i64 = 20;

/// A limit of an execution that is stored.
struct Wanted {
    key: Vec<u8>,
    limit: i64,
    /// None for permits.
    per_ms: Option<i64>,
}

impl FromNamedRow for Wanted {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { key: row.blob("key_hash")?, limit: row.int("lim")?, per_ms: row.opt_int("per_ms")? })
    }
}

/// A key of one execution.
struct Key(Vec<u8>);

impl FromNamedRow for Key {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        row.blob("key_hash").map(Self)
    }
}

/// An execution whose turn is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    pub id: ExecutionId,
    pub due_at: Timestamp,
    pub priority: i64,
}

/// Notes the limits of a new execution.
pub fn register(conn: &mut SqliteConnection, id: ExecutionId, limits: &[Limit]) -> QueryResult<()> {
    for limit in limits {
        let (limited, per_ms) = match limit.kind {
            LimitKind::Concurrency { limit } => (limit, None),
            LimitKind::Rate { limit, per_ms } => (limit, Some(per_ms)),
        };
        sql("INSERT INTO execution_limits (execution_id, key_hash, lim, per_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(&limit.key[..])
            .bind(limited)
            .bind(per_ms)
            .run(conn)?;
    }
    Ok(())
}

/// Whether an execution may begin (or go on) now; then it holds what it needs. Else it has been put behind those who wait for
/// the same, and somebody who ends, or a time that comes, puts it back into the queue.
pub fn admit(conn: &mut SqliteConnection, candidate: Candidate, now: Timestamp) -> QueryResult<bool> {
    // Permits before rates, each in the order of their keys: nobody waits in a circle, and what begins is counted last.
    let wanted: Vec<Wanted> = sql("SELECT key_hash, lim, per_ms FROM execution_limits WHERE execution_id = ? \
         ORDER BY per_ms IS NOT NULL, key_hash")
    .bind(candidate.id)
    .all(conn)?;
    for wanted in &wanted {
        let (free_at, what) = match wanted.per_ms {
            None if holds(conn, candidate.id, wanted)? => continue,
            None => (permit(conn, candidate.id, wanted)?.map(|()| now), WAITS_FOR_CONCURRENCY),
            Some(per_ms) => (Some(free_at(conn, wanted, per_ms, now)?), WAITS_FOR_RATE),
        };
        let begins = free_at.is_some_and(|at| at <= now) && (wanted.per_ms.is_none() || is_next(conn, candidate.id, wanted)?);
        if !begins {
            wait(conn, candidate, wanted, now)?;
            let until = if wanted.per_ms.is_some() { call_next(conn, wanted, now)?.or(free_at) } else { None };
            tell(conn, candidate.id, &WaitingFor { what: what.to_owned(), since: now, until })?;
            return Ok(false);
        }
        sql("DELETE FROM limit_queue WHERE key_hash = ? AND execution_id = ?")
            .bind(&wanted.key[..])
            .bind(candidate.id)
            .run(conn)?;
        if let Some(per_ms) = wanted.per_ms {
            count_start(conn, candidate.id, wanted, per_ms, now)?;
            call_next(conn, wanted, now)?;
        }
    }
    Ok(true)
}

/// A cancelled execution waits for nothing any more.
pub fn forget(conn: &mut SqliteConnection, id: ExecutionId, now: Timestamp) -> QueryResult<()> {
    let waited: Vec<Wanted> = sql("SELECT limit_queue.key_hash AS key_hash, lim, per_ms FROM limit_queue JOIN execution_limits \
         ON execution_limits.execution_id = limit_queue.execution_id AND execution_limits.key_hash = limit_queue.key_hash \
         WHERE limit_queue.execution_id = ?")
    .bind(id)
    .all(conn)?;
    if waited.is_empty() {
        return Ok(());
    }
    sql("DELETE FROM limit_queue WHERE execution_id = ?").bind(id).run(conn)?;
    for wanted in waited.iter().filter(|wanted| wanted.per_ms.is_some()) {
        call_next(conn, wanted, now)?;
    }
    Ok(())
}

/// Gives what ended executions held to those who waited for it.
pub fn release(conn: &mut SqliteConnection, ended: &[(ExecutionId, Timestamp)]) -> QueryResult<()> {
    for (id, at) in ended {
        if sql("DELETE FROM execution_limits WHERE execution_id = ?").bind(*id).run(conn)? > 0 {
            give_back(conn, *id, *at)?;
        }
    }
    Ok(())
}

fn give_back(conn: &mut SqliteConnection, id: ExecutionId, at: Timestamp) -> QueryResult<()> {
    let held: Vec<Key> = sql("SELECT key_hash FROM permits WHERE execution_id = ?").bind(id).all(conn)?;
    sql("DELETE FROM permits WHERE execution_id = ?").bind(id).run(conn)?;
    for Key(key) in held {
        grant(conn, &key, at)?;
    }
    Ok(())
}

/// Hands the free permits of a key to whose turn it is.
fn grant(conn: &mut SqliteConnection, key: &[u8], at: Timestamp) -> QueryResult<()> {
    while let Some(IdRow(next)) =
        sql("SELECT execution_id AS id FROM limit_queue WHERE key_hash = ? ORDER BY turn, execution_id LIMIT 1")
            .bind(key)
            .first(conn)?
    {
        let limit = sql("SELECT lim AS n FROM execution_limits WHERE execution_id = ? AND key_hash = ?").bind(next).bind(key);
        let limit = limit.first(conn)?.map_or(0, |Number(limit)| limit);
        let wanted = Wanted { key: key.to_vec(), limit, per_ms: None };
        if permit(conn, next, &wanted)?.is_none() {
            return Ok(());
        }
        sql("DELETE FROM limit_queue WHERE key_hash = ? AND execution_id = ?").bind(key).bind(next).run(conn)?;
        enqueue(conn, next, at)?;
    }
    Ok(())
}

fn holds(conn: &mut SqliteConnection, id: ExecutionId, wanted: &Wanted) -> QueryResult<bool> {
    let held = sql("SELECT slot AS n FROM permits WHERE execution_id = ? AND key_hash = ?").bind(id).bind(&wanted.key[..]);
    Ok(held.first::<Number>(conn)?.is_some())
}

/// Takes a free permit, if there is one.
fn permit(conn: &mut SqliteConnection, id: ExecutionId, wanted: &Wanted) -> QueryResult<Option<()>> {
    let taken: Vec<Number> =
        sql("SELECT slot AS n FROM permits WHERE key_hash = ? ORDER BY slot").bind(&wanted.key[..]).all(conn)?;
    let taken: Vec<i64> = taken.into_iter().map(|Number(slot)| slot).collect();
    let Some(slot) = free_slot(&taken, wanted.limit) else { return Ok(None) };
    sql("INSERT INTO permits (key_hash, slot, execution_id) VALUES (?, ?, ?)")
        .bind(&wanted.key[..])
        .bind(slot)
        .bind(id)
        .run(conn)?;
    Ok(Some(()))
}

/// When the next one may begin: as soon as the stretch of the one `limit` before it is over.
fn free_at(conn: &mut SqliteConnection, wanted: &Wanted, per_ms: i64, now: Timestamp) -> QueryResult<Timestamp> {
    let decisive = sql("SELECT at AS n FROM rate_starts WHERE key_hash = ? AND number = \
         (SELECT max(number) FROM rate_starts WHERE key_hash = ?) - ? + 1")
    .bind(&wanted.key[..])
    .bind(&wanted.key[..])
    .bind(wanted.limit)
    .first(conn)?;
    Ok(decisive.map_or(now, |Number(at)| Timestamp(at).plus_ms(per_ms)))
}

/// Whether nobody waits for a rate, or it is this one's turn.
fn is_next(conn: &mut SqliteConnection, id: ExecutionId, wanted: &Wanted) -> QueryResult<bool> {
    let others = sql("SELECT count(*) AS n FROM limit_queue WHERE key_hash = ? AND NOT (execution_id = ? AND called <> 0)")
        .bind(&wanted.key[..])
        .bind(id);
    let called =
        sql("SELECT called AS n FROM limit_queue WHERE key_hash = ? AND execution_id = ?").bind(&wanted.key[..]).bind(id);
    let called = called.first(conn)?.is_some_and(|Number(called)| called != 0);
    Ok(called || others.first(conn)?.is_none_or(|Number(others)| others == 0))
}

fn wait(conn: &mut SqliteConnection, candidate: Candidate, wanted: &Wanted, now: Timestamp) -> QueryResult<()> {
    let turn = rank(candidate.due_at.min(now), candidate.priority);
    sql("INSERT INTO limit_queue (key_hash, execution_id, turn, called) VALUES (?, ?, ?, 0) \
         ON CONFLICT (key_hash, execution_id) DO UPDATE SET called = 0")
    .bind(&wanted.key[..])
    .bind(candidate.id)
    .bind(turn)
    .run(conn)
    .map(|_| ())
}

/// Calls the one whose turn it is for a rate, for when it may begin; only one is called at a time. When that is.
fn call_next(conn: &mut SqliteConnection, wanted: &Wanted, now: Timestamp) -> QueryResult<Option<Timestamp>> {
    let called = sql("SELECT count(*) AS n FROM limit_queue WHERE key_hash = ? AND called <> 0").bind(&wanted.key[..]);
    if called.first(conn)?.is_some_and(|Number(called)| called > 0) {
        return Ok(None);
    }
    let next: Option<IdRow> =
        sql("SELECT execution_id AS id FROM limit_queue WHERE key_hash = ? ORDER BY turn, execution_id LIMIT 1")
            .bind(&wanted.key[..])
            .first(conn)?;
    let Some(IdRow(next)) = next else { return Ok(None) };
    let own: Option<Wanted> = sql("SELECT key_hash, lim, per_ms FROM execution_limits WHERE execution_id = ? AND key_hash = ?")
        .bind(next)
        .bind(&wanted.key[..])
        .first(conn)?;
    let own = own.as_ref().unwrap_or(wanted);
    let at = free_at(conn, own, own.per_ms.unwrap_or(0), now)?.max(now);
    sql("UPDATE limit_queue SET called = 1 WHERE key_hash = ? AND execution_id = ?")
        .bind(&wanted.key[..])
        .bind(next)
        .run(conn)?;
    enqueue(conn, next, at)?;
    Ok(Some(at))
}

fn count_start(conn: &mut SqliteConnection, id: ExecutionId, wanted: &Wanted, per_ms: i64, now: Timestamp) -> QueryResult<()> {
    sql("INSERT INTO rate_starts (key_hash, number, at, until) \
         SELECT ?, coalesce(max(number), 0) + 1, ?, ? FROM rate_starts WHERE key_hash = ?")
    .bind(&wanted.key[..])
    .bind(now)
    .bind(now.plus_ms(per_ms))
    .bind(&wanted.key[..])
    .run(conn)?;
    // It begins once; what it does after a wait or a crash is no beginning.
    sql("DELETE FROM execution_limits WHERE execution_id = ? AND key_hash = ?").bind(id).bind(&wanted.key[..]).run(conn)?;
    sql("DELETE FROM rate_starts WHERE (key_hash, number) IN \
         (SELECT key_hash, number FROM rate_starts WHERE until <= ? ORDER BY until LIMIT ?)")
    .bind(now)
    .bind(FORGOTTEN_PER_START)
    .run(conn)
    .map(|_| ())
}

fn tell(conn: &mut SqliteConnection, id: ExecutionId, waiting: &WaitingFor) -> QueryResult<()> {
    sql("UPDATE executions SET waiting_for = ? WHERE id = ? AND node IS NULL")
        .bind(to_json(waiting))
        .bind(id)
        .run(conn)
        .map(|_| ())
}

fn enqueue(conn: &mut SqliteConnection, id: ExecutionId, due_at: Timestamp) -> QueryResult<()> {
    sql("INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions WHERE id = ? \
         ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(due_at)
    .bind(id)
    .run(conn)
    .map(|_| ())
}
