//! New executions, and the keys that make two calls one.
//! Never stores the same id or the same key twice.

use super::connection::PgConnection;
use super::fault::Applied;
use super::rows::{Columns, stored, to_json};
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{IdempotencyKey, Placement, Receipt, Refusal, Submit};
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
    if insert(writer, submit)? == 0 {
        return Ok(Receipt::Replayed(id));
    }
    if let Placement::Queued { due_at } = submit.placement {
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

fn insert(writer: &mut Writer, submit: &Submit) -> Applied<usize> {
    let birth = &*submit.birth;
    let (state, node, epoch, started_at, deadline_at, progressed_at) = match submit.placement {
        Placement::Running { started_at, deadline_at } => {
            ("running", Some(writer.node), 1, Some(started_at), Some(deadline_at), started_at)
        }
        Placement::Queued { .. } => ("queued", None, 0, None, None, birth.created_at),
    };
    let inserted = sql("INSERT INTO executions (id, function_name, function_key, version, created_at, seed, input, request, \
         callback, config, max_execution_ms, priority, tags, metadata, parent, started_by, state, node, epoch, started_at, \
         deadline_at, progressed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING")
    .bind(birth.id)
    .bind(birth.function.as_str())
    .bind(birth.function.key())
    .bind(&*birth.version.0)
    .bind(birth.created_at)
    .bind(birth.seed)
    .bind(&*birth.input)
    .bind(birth.request.as_deref())
    .bind(birth.callback.as_deref().map(to_json))
    .bind(to_json(&*birth.config))
    .bind(birth.config.max_execution_ms)
    .bind(birth.priority)
    .bind(to_json(&birth.tags))
    .bind(stored(&birth.metadata).unwrap_or_else(|| "null".to_owned()))
    .bind(birth.parent)
    .bind(birth.started_by.as_deref())
    .bind(state)
    .bind(node)
    .bind(epoch)
    .bind(started_at)
    .bind(deadline_at)
    .bind(progressed_at)
    .run(&mut writer.conn)?;
    Ok(inserted)
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
