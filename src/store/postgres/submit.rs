//! New executions, and the keys that make two calls one.
//! Never stores the same id or the same key twice.

use super::connection::PgConnection;
use super::fault::Applied;
use super::flight::Flight;
use super::images;
use super::limits;
use super::row_set::RowSet;
use super::rows::{Columns, IdRow};
use super::sql::{FromNamedRow, Sql, sql};
use super::transaction::Stage;
use super::writer::Writer;
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::Image;
use crate::store::write::{IdempotencyKey, Receipt, Refusal, Submit};
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

/// Applies a submit. An execution that exists already is left as it is.
pub fn apply(writer: &mut Writer, submit: &Submit) -> Applied<Receipt> {
    let id = submit.birth.id;
    if let Some(key) = &submit.key
        && let Some(earlier) = claim_key(&mut writer.conn, key, id)?
    {
        return Ok(Receipt::Replayed(earlier));
    }
    if images::insert(writer, &[Image::born(submit)])? == 0 {
        return Ok(Receipt::Replayed(id));
    }
    limits::register(&mut writer.conn, submit.birth.id, &submit.limits)?;
    if let Some(due_at) = submit.placement.due_at() {
        enqueue(&mut writer.conn, id, due_at)?;
    }
    Ok(Receipt::Done)
}

/// The execution that used this key before, or `None` once the key is this one's.
fn claim_key(conn: &mut PgConnection, key: &IdempotencyKey, id: ExecutionId) -> Applied<Option<ExecutionId>> {
    let earlier: Option<KeyRow> = sql("SELECT fingerprint, execution_id, expires_at FROM idempotency WHERE key_hash = ?")
        .bind(&key.hash[..])
        .first(conn)?;
    if let Some(earlier) = earlier.filter(|earlier| earlier.expires_at > key.now) {
        return if earlier.fingerprint == key.fingerprint {
            Ok(Some(earlier.execution_id))
        } else {
            Err(Refusal::KeyMismatch.into())
        };
    }
    let taken = sql("INSERT INTO idempotency (key_hash, fingerprint, execution_id, expires_at) VALUES (?, ?, ?, ?) \
         ON CONFLICT (key_hash) DO UPDATE SET fingerprint = excluded.fingerprint, execution_id = excluded.execution_id, \
         expires_at = excluded.expires_at WHERE idempotency.expires_at <= ?")
    .bind(&key.hash[..])
    .bind(&key.fingerprint[..])
    .bind(id)
    .bind(key.expires_at)
    .bind(key.now)
    .run(conn)?;
    // Another node was quicker, and its row is visible now.
    if taken == 0 { claim_key(conn, key, id) } else { Ok(None) }
}

struct KeyRow {
    fingerprint: Vec<u8>,
    execution_id: ExecutionId,
    expires_at: Timestamp,
}

impl FromNamedRow for KeyRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            fingerprint: row.blob("fingerprint")?,
            execution_id: row.execution_id("execution_id")?,
            expires_at: row.at("expires_at")?,
        })
    }
}

/// Makes an execution claimable at `due_at`, whatever its queue row said before.
pub fn enqueue(conn: &mut PgConnection, id: ExecutionId, due_at: Timestamp) -> Applied<()> {
    sql("INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions WHERE id = ? \
         ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at")
    .bind(due_at)
    .bind(id)
    .run(conn)?;
    Ok(())
}

/// The keys of many calls, in order, so that two nodes that take the same ones wait for each other instead of both.
pub struct Claims<'a>(Vec<(&'a IdempotencyKey, ExecutionId)>);

/// What new executions claim; `None` where there is no key.
pub fn claiming<'a>(born: &[Image<'a>]) -> Option<Claims<'a>> {
    let mut keys: Vec<(&IdempotencyKey, ExecutionId)> =
        born.iter().filter_map(|image| Some((image.born?.key.as_ref()?, image.id))).collect();
    keys.sort_unstable_by_key(|(key, _)| key.hash);
    (!keys.is_empty()).then_some(Claims(keys))
}

impl<'a> Claims<'a> {
    /// How many rows [`Claims::taken`] changes if all of them are free.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes those that are free.
    pub fn taken(&self) -> Sql<'a> {
        self.rows()
            .insert(
                "idempotency",
                "ON CONFLICT (key_hash) DO UPDATE SET fingerprint = excluded.fingerprint, execution_id = excluded.execution_id, \
         expires_at = excluded.expires_at WHERE idempotency.expires_at <= ?",
            )
            .bind(self.keys().map(|key| key.now).min().unwrap_or_default())
    }

    /// Takes all of them, and fails if one was ever taken.
    pub fn all_new(&self) -> Sql<'a> {
        self.rows().insert("idempotency", "")
    }

    fn rows(&self) -> RowSet<'a> {
        RowSet::default()
            .with("key_hash", self.keys().map(|key| &key.hash[..]))
            .with("fingerprint", self.keys().map(|key| &key.fingerprint[..]))
            .with("execution_id", self.0.iter().map(|(_, id)| *id))
            .with("expires_at", self.keys().map(|key| key.expires_at))
    }

    fn keys(&self) -> impl Iterator<Item = &'a IdempotencyKey> {
        self.0.iter().map(|(key, _)| *key)
    }
}

/// Takes the keys of many calls; the executions that lost theirs to an earlier call.
pub fn claim_keys(writer: &mut Writer, stage: &mut Stage, claims: Claims<'_>) -> Applied<HashSet<ExecutionId>> {
    let mut flight = Flight::default();
    flight.exactly(claims.taken(), claims.count());
    if flight.land(writer, stage)?.is_ok() {
        return Ok(HashSet::default());
    }
    let holders: Vec<IdRow> = sql("SELECT execution_id AS id FROM idempotency WHERE key_hash = ANY(?)")
        .column(claims.0.iter().map(|(key, _)| &key.hash[..]))
        .all(&mut writer.conn)?;
    let mut lost: HashSet<ExecutionId> = claims.0.into_iter().map(|(_, id)| id).collect();
    for IdRow(id) in holders {
        lost.remove(&id);
    }
    Ok(lost)
}

/// Makes new executions claimable; `None` where none waits for that.
pub fn enqueued<'a>(born: &[Image<'a>]) -> Option<Sql<'a>> {
    let queued: Vec<(&Submit, Timestamp)> =
        born.iter().filter_map(|image| image.born).filter_map(|submit| Some((submit, submit.placement.due_at()?))).collect();
    if queued.is_empty() {
        return None;
    }
    let statement = RowSet::default()
        .with("execution_id", queued.iter().map(|(submit, _)| submit.birth.id))
        .with("due_at", queued.iter().map(|(_, due_at)| *due_at))
        .with("priority", queued.iter().map(|(submit, _)| submit.birth.priority))
        .insert("queue", "ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at");
    Some(statement)
}
