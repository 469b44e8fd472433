//! New executions, and the keys that make two calls one.
//! Never stores the same id or the same key twice.

use super::fault::Applied;
use super::images;
use super::limits;
use super::recent_keys::Holder;
use super::sql::fixed;
use super::writer::Writer;
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::Image;
use crate::store::write::{IdempotencyKey, Receipt, Refusal, Submit};
use diesel::sqlite::SqliteConnection;

/// Applies a submit. An execution that exists already is left as it is.
pub fn apply(writer: &mut Writer, submit: &Submit) -> Applied<Receipt> {
    let id = submit.birth.id;
    if let Some(key) = &submit.key
        && let Some(earlier) = claim_key(writer, key, id)?
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
fn claim_key(writer: &mut Writer, key: &IdempotencyKey, id: ExecutionId) -> Applied<Option<ExecutionId>> {
    match writer.idempotency.holder(&mut writer.conn, &key.hash, key.now)? {
        Some(earlier) if earlier.fingerprint == key.fingerprint => Ok(Some(earlier.execution_id)),
        Some(_) => Err(Refusal::KeyMismatch.into()),
        None => {
            take_key(writer, key, id);
            Ok(None)
        }
    }
}

fn take_key(writer: &mut Writer, key: &IdempotencyKey, id: ExecutionId) {
    let holder = Holder { fingerprint: key.fingerprint, execution_id: id, expires_at: key.expires_at };
    writer.idempotency.take(key.hash, holder);
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
pub fn claim_keys(writer: &mut Writer, born: &[Image<'_>]) -> Applied<HashSet<ExecutionId>> {
    let mut lost = HashSet::default();
    for image in born {
        let Some(key) = image.born.and_then(|submit| submit.key.as_ref()) else { continue };
        if writer.idempotency.holder(&mut writer.conn, &key.hash, key.now)?.is_some() {
            lost.insert(image.id);
        } else {
            take_key(writer, key, image.id);
        }
    }
    Ok(lost)
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
