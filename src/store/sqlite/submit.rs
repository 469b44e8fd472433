//! New executions and the keys that make two calls one.
//! Never stores the second of two calls with one key.

use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use uuid::Uuid;

use super::commit::Applied;
use super::rows::{bytes, json};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{IdempotencyKey, Placement, Receipt, Refusal, Submit};

pub(super) fn apply(connection: &mut SqliteConnection, node: i32, submit: &Submit) -> Applied<Receipt> {
    if let Some(key) = &submit.key {
        if let Some(earlier) = take_key(connection, key, submit.birth.id)? {
            return Ok(Receipt::Replayed(earlier));
        }
    }
    insert(connection, node, submit)?;
    Ok(Receipt::Done)
}

/// A child; one that exists already is left as it is.
pub(super) fn child(connection: &mut SqliteConnection, node: i32, submit: &Submit) -> Applied<()> {
    let exists = sql_query("SELECT 1 AS id FROM executions WHERE id = ?")
        .bind::<Binary, _>(bytes(submit.birth.id.0))
        .execute_found(connection)?;
    if exists { Ok(()) } else { insert(connection, node, submit) }
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Binary)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = Binary)]
    execution_id: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    expires_at: i64,
}

fn take_key(connection: &mut SqliteConnection, key: &IdempotencyKey, id: ExecutionId) -> Applied<Option<ExecutionId>> {
    let found: Option<KeyRow> = sql_query("SELECT fingerprint, execution_id, expires_at FROM idempotency WHERE key_hash = ?")
        .bind::<Binary, _>(key.hash.to_vec())
        .get_result(connection)
        .optional()?;
    if let Some(row) = found.filter(|row| row.expires_at > key.now.ms()) {
        if row.fingerprint != key.fingerprint {
            return Err(Refusal::KeyMismatch.into());
        }
        return Ok(Uuid::from_slice(&row.execution_id).ok().map(ExecutionId));
    }
    sql_query("INSERT OR REPLACE INTO idempotency (key_hash, fingerprint, execution_id, expires_at) VALUES (?, ?, ?, ?)")
        .bind::<Binary, _>(key.hash.to_vec())
        .bind::<Binary, _>(key.fingerprint.to_vec())
        .bind::<Binary, _>(bytes(id.0))
        .bind::<BigInt, _>(key.expires_at.ms())
        .execute(connection)?;
    Ok(None)
}

fn insert(connection: &mut SqliteConnection, node: i32, submit: &Submit) -> Applied<()> {
    let birth = &submit.birth;
    let (state, owner, epoch, started_at, deadline_at) = match submit.placement {
        Placement::Running { started_at, deadline_at } => ("running", Some(node), 1, Some(started_at), Some(deadline_at)),
        Placement::Queued { .. } => ("queued", None, 0, None, None),
    };
    sql_query(
        "INSERT INTO executions (id, function_key, function_name, function_version, created_at, seed, input, request, callback, \
         config, priority, tags, metadata, parent_id, started_by, state, node, epoch, seq, started_at, deadline_at, progressed_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
    )
    .bind::<Binary, _>(bytes(birth.id.0))
    .bind::<Text, _>(birth.function.key())
    .bind::<Text, _>(birth.function.as_str())
    .bind::<Text, _>(&*birth.version.0)
    .bind::<BigInt, _>(birth.created_at.ms())
    .bind::<BigInt, _>(birth.seed)
    .bind::<Text, _>(&*birth.input)
    .bind::<Nullable<Text>, _>(birth.request.as_deref())
    .bind::<Nullable<Text>, _>(birth.callback.as_deref().map(json))
    .bind::<Text, _>(json(&*birth.config))
    .bind::<Integer, _>(i32::from(birth.priority))
    .bind::<Text, _>(json(&birth.tags))
    .bind::<Text, _>(birth.metadata.to_stored_text())
    .bind::<Nullable<Binary>, _>(birth.parent.map(|parent| bytes(parent.0)))
    .bind::<Nullable<Text>, _>(birth.started_by.as_deref())
    .bind::<Text, _>(state)
    .bind::<Nullable<Integer>, _>(owner)
    .bind::<Integer, _>(epoch)
    .bind::<Nullable<BigInt>, _>(started_at.map(Timestamp::ms))
    .bind::<Nullable<BigInt>, _>(deadline_at.map(Timestamp::ms))
    .bind::<BigInt, _>(birth.created_at.ms())
    .execute(connection)?;
    if let Placement::Queued { due_at } = submit.placement {
        queue(connection, birth.id, due_at, birth.priority)?;
    }
    Ok(())
}

/// Puts an execution where claims find it, in place of an earlier time.
pub(super) fn queue(connection: &mut SqliteConnection, id: ExecutionId, due_at: Timestamp, priority: i16) -> Applied<()> {
    sql_query("INSERT OR REPLACE INTO queue (execution_id, due_at, priority) VALUES (?, ?, ?)")
        .bind::<Binary, _>(bytes(id.0))
        .bind::<BigInt, _>(due_at.ms())
        .bind::<Integer, _>(i32::from(priority))
        .execute(connection)?;
    Ok(())
}

/// Whether a query finds anything.
pub(super) trait ExecuteFound {
    fn execute_found(self, connection: &mut SqliteConnection) -> diesel::QueryResult<bool>;
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    #[expect(dead_code, reason = "only whether there is a row matters")]
    id: i64,
}

impl<Q> ExecuteFound for Q
where
    Q: for<'a> diesel::query_dsl::LoadQuery<'a, SqliteConnection, Found>,
{
    fn execute_found(self, connection: &mut SqliteConnection) -> diesel::QueryResult<bool> {
        self.get_result::<Found>(connection).optional().map(|found| found.is_some())
    }
}
