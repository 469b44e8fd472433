//! Declaring a node dead, and giving its work to whoever claims it next.
//! Never gives anything away before the node can commit nothing more.

use diesel::QueryResult;
use diesel::connection::SimpleConnection;

use super::connection::PgConnection;
use super::fault::store_error;
use super::rows::Number;
use super::sql::sql;
use super::suspicion::Verdict;
use super::writer::FENCE;
use crate::domain::delivery::AttemptOutcome;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;

/// How often a node's frozen sessions are ended before the next look goes on with it.
const TRIES_MAX: usize = 20;
/// Executions, or deliveries, that change hands in one transaction.
const BATCH: i64 = 1000;

/// What was given back for others to claim.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    pub executions: usize,
    pub deliveries: usize,
}

/// How a node has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with nothing in flight.
    Polite,
    Killed,
    /// Nobody knows; what it had in flight may be open for as long as an attempt takes.
    Unknown {
        attempt_ms: i64,
    },
}

/// Takes over from a node, if the verdict still holds.
pub fn take_over(conn: &mut PgConnection, verdict: Verdict, attempt_ms: i64, now: Timestamp) -> Result<Released, StoreError> {
    if !verdict.declared_dead && !declare_dead(conn, verdict)? {
        return Ok(Released::default());
    }
    let ending = if verdict.process_gone { Ending::Killed } else { Ending::Unknown { attempt_ms } };
    let released = release_all(conn, verdict.node, now, ending).map_err(store_error)?;
    sql("DELETE FROM nodes WHERE id = ? AND state = 'dead'").bind(verdict.node).run(conn).map_err(store_error)?;
    sql("DELETE FROM signals WHERE node = ?").bind(verdict.node).run(conn).map_err(store_error)?;
    tracing::warn!(
        node = verdict.node,
        executions = released.executions,
        deliveries = released.deliveries,
        "took over from a node that is gone"
    );
    Ok(released)
}

/// Whether the node is dead now: its fence was taken exclusively, and it had not renewed its lease since it was looked at.
fn declare_dead(conn: &mut PgConnection, verdict: Verdict) -> Result<bool, StoreError> {
    for _ in 0..TRIES_MAX {
        conn.batch_execute("BEGIN; SET LOCAL lock_timeout = '200ms'").map_err(store_error)?;
        match declare(conn, verdict) {
            Ok(declared) => {
                conn.batch_execute("COMMIT").map_err(store_error)?;
                return Ok(declared);
            }
            Err(error) => {
                conn.batch_execute("ROLLBACK").map_err(store_error)?;
                // Only a session that sits in a transaction of that node keeps the lock: a frozen one would keep it for ever.
                tracing::warn!(node = verdict.node, error = %error, "a node that is gone still holds its fence; ending its sessions");
                end_sessions(conn, verdict.node).map_err(store_error)?;
            }
        }
    }
    Ok(false)
}

fn declare(conn: &mut PgConnection, verdict: Verdict) -> QueryResult<bool> {
    sql("SELECT 1::bigint AS n FROM pg_advisory_xact_lock(?::int4, ?::int4)")
        .bind(FENCE)
        .bind(verdict.node)
        .first::<Number>(conn)?;
    let declared = sql("UPDATE nodes SET state = 'dead' WHERE id = ? AND state = 'alive' AND renewed_at = ?")
        .bind(verdict.node)
        .bind(verdict.renewed_at)
        .run(conn)?;
    Ok(declared == 1)
}

/// Ends the sessions that hold a node's fence, but not this one.
pub fn end_sessions(conn: &mut PgConnection, node: i32) -> QueryResult<()> {
    sql("SELECT count(pg_terminate_backend(pid)) AS n FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = ? \
         AND objid::bigint = ? AND objsubid = 2 AND granted AND pid <> pg_backend_pid() \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
    .bind(FENCE)
    .bind(node)
    .first::<Number>(conn)
    .map(|_| ())
}

/// Gives back everything that a node owns, in transactions of bounded size.
pub fn release_all(conn: &mut PgConnection, node: i32, now: Timestamp, ending: Ending) -> QueryResult<Released> {
    let crashes = i32::from(ending != Ending::Polite);
    let mut released = Released::default();
    for skip in [" SKIP LOCKED", ""] {
        loop {
            let executions = release_executions(conn, node, now, crashes, skip)?;
            released.executions += executions;
            if executions == 0 {
                break;
            }
        }
        loop {
            let deliveries = release_deliveries(conn, node, now, ending, skip)?;
            released.deliveries += deliveries;
            if deliveries == 0 {
                break;
            }
        }
    }
    Ok(released)
}

fn release_executions(conn: &mut PgConnection, node: i32, now: Timestamp, crashes: i32, skip: &str) -> QueryResult<usize> {
    sql(format!(
        "WITH theirs AS (SELECT id, priority FROM executions WHERE completed_at IS NULL AND node = ? ORDER BY id LIMIT ? \
             FOR UPDATE{skip}), \
         queued AS (INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM theirs \
             ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at) \
         UPDATE executions SET node = NULL, crashes = crashes + ?, deadline_at = NULL, \
         state = CASE WHEN cancel_at IS NULL THEN 'queued' ELSE 'cancelling' END FROM theirs WHERE executions.id = theirs.id"
    ))
    .bind(node)
    .bind(BATCH)
    .bind(now)
    .bind(crashes)
    .run(conn)
}

fn release_deliveries(conn: &mut PgConnection, node: i32, now: Timestamp, ending: Ending, skip: &str) -> QueryResult<usize> {
    // Who hears one message only never sees two attempts at once.
    let (due_at, attempt_ms) = match ending {
        Ending::Polite | Ending::Killed => ("now", 0),
        Ending::Unknown { attempt_ms } => {
            ("CASE WHEN one_shot THEN greatest(now, attempt_at + attempt_ms) ELSE now END", attempt_ms)
        }
    };
    // An attempt without an end may have arrived; only its receiver knows.
    sql(format!(
        "WITH theirs AS (SELECT id, destination, attempts, attempt_at, ?::bigint AS now, \
                 url LIKE '%/webhook-waiting/%' OR callback::jsonb @> '{{\"one_shot\": true}}' AS one_shot, \
                 coalesce((callback::jsonb->>'timeout_ms')::bigint, ?) AS attempt_ms \
             FROM deliveries WHERE closed_at IS NULL AND node = ? ORDER BY id LIMIT ? FOR UPDATE{skip}), \
         due AS (INSERT INTO delivery_due (delivery_id, due_at, destination) SELECT id, {due_at}, destination FROM theirs \
             ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at), \
         without_end AS (INSERT INTO delivery_attempts (delivery_id, number, started_at, outcome) \
             SELECT id, attempts, attempt_at, ? FROM theirs WHERE attempt_at IS NOT NULL ON CONFLICT (delivery_id, number) DO NOTHING) \
         UPDATE deliveries SET node = NULL, attempt_at = NULL, \
         had_unknown = greatest(had_unknown, (theirs.attempt_at IS NOT NULL)::int::bigint) FROM theirs WHERE deliveries.id = theirs.id"
    ))
    .bind(now)
    .bind(attempt_ms)
    .bind(node)
    .bind(BATCH)
    .bind(AttemptOutcome::Unknown.as_str())
    .run(conn)
}
