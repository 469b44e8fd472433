//! New executions, and the keys that make two calls one.
//! Never stores the same id or the same key twice.

use super::fault::Applied;
use super::images;
use super::limits;
use super::rows::Columns;
use super::sql::{FromNamedRow, fixed, sql};
use super::writer::Writer;
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::Image;
use crate::store::write::{IdempotencyKey, Receipt, Refusal, Submit};
use diesel::deserialize;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};

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
fn claim_key(conn: &mut SqliteConnection, key: &IdempotencyKey, id: ExecutionId) -> Applied<Option<ExecutionId>> {
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
    take_key(conn, key, id)?;
    Ok(None)
}

struct KeyRow {
    fingerprint: Vec<u8>,
    execution_id: ExecutionId,
    expires_at: Timestamp,
}

impl FromNamedRow for KeyRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            fingerprint: row.blob("fingerprint")?,
            execution_id: row.execution_id("execution_id")?,
            expires_at: row.at("expires_at")?,
        })
    }
}

/// Makes an execution claimable at `due_at`, whatever its queue row said before.
pub fn enqueue(conn: &mut SqliteConnection, id: ExecutionId, due_at: Timestamp) -> Applied<()> {
    fixed!(
        "INSERT INTO queue (execution_id, due_at, priority) SELECT id, ?, priority FROM executions WHERE id = ? \
         ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at"
    )
    .bind(due_at)
    .bind(id)
    .run(conn)?;
    Ok(())
}

/// Takes the keys of many calls; the executions that lost theirs to an earlier call.
pub fn claim_keys(conn: &mut SqliteConnection, born: &[Image<'_>]) -> Applied<HashSet<ExecutionId>> {
    let mut lost = HashSet::default();
    for image in born {
        let Some(key) = image.born.and_then(|submit| submit.key.as_ref()) else { continue };
        if take_key(conn, key, image.id)? == 0 {
            lost.insert(image.id);
        }
    }
    Ok(lost)
}

fn take_key(conn: &mut SqliteConnection, key: &IdempotencyKey, id: ExecutionId) -> Applied<usize> {
    let taken = fixed!(
        "INSERT INTO idempotency (key_hash, fingerprint, execution_id, expires_at) VALUES (?, ?, ?, ?) \
         ON CONFLICT (key_hash) DO UPDATE SET fingerprint = excluded.fingerprint, execution_id = excluded.execution_id, \
         expires_at = excluded.expires_at WHERE expires_at <= ?"
    )
    .bind(&key.hash[..])
    .bind(&key.fingerprint[..])
    .bind(id)
    .bind(key.expires_at)
    .bind(key.now)
    .run(conn)?;
    Ok(taken)
}

/// Makes new executions claimable.
pub fn enqueue_born(conn: &mut SqliteConnection, born: &[Image<'_>]) -> Applied<()> {
    for submit in born.iter().filter_map(|image| image.born) {
        if let Some(due_at) = submit.placement.due_at() {
            fixed!(
                "INSERT INTO queue (execution_id, due_at, priority) VALUES (?, ?, ?) \
                 ON CONFLICT (execution_id) DO UPDATE SET due_at = excluded.due_at"
            )
            .bind(submit.birth.id)
            .bind(due_at)
            .bind(submit.birth.priority)
            .run(conn)?;
        }
    }
    Ok(())
}
