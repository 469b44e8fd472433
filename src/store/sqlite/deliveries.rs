//! Messages owed, their delivery attempts, and when the next one is due.
//! Never changes the bytes of a message.

use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use uuid::Uuid;

use super::commit::Applied;
use super::connection::unavailable;
use super::rows::{bytes, json, unsigned};
use crate::domain::callback::{CallbackSettings, EventType, redacted_url};
use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryAttempt, DeliveryState, DeliveryView};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery, Receipt, Refusal};

/// A message becomes owed; one that is owed already stays as it is.
pub(super) fn owe(connection: &mut SqliteConnection, node: i32, new: &NewDelivery) -> Applied<()> {
    let delivery = &new.delivery;
    let inserted = sql_query(
        "INSERT OR IGNORE INTO deliveries (id, execution_id, event, url, callback, body, created_at, state, node, attempts, \
         counted, excused, had_unknown, thin, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Binary, _>(bytes(delivery.id.0))
    .bind::<Binary, _>(bytes(delivery.execution_id.0))
    .bind::<Text, _>(delivery.event.as_str())
    .bind::<Text, _>(delivery.url.as_str())
    .bind::<Text, _>(json(&delivery.callback))
    .bind::<Binary, _>(delivery.body.to_vec())
    .bind::<BigInt, _>(delivery.created_at.ms())
    .bind::<Nullable<Integer>, _>(new.held.then_some(node))
    .bind::<Integer, _>(signed(delivery.attempts))
    .bind::<Integer, _>(signed(delivery.counted))
    .bind::<Integer, _>(signed(delivery.excused))
    .bind::<Bool, _>(delivery.had_unknown)
    .bind::<Bool, _>(delivery.thin)
    .bind::<Nullable<BigInt>, _>((!new.held).then_some(delivery.created_at.ms()))
    .execute(connection)?;
    if inserted == 1 && !new.held {
        due(connection, delivery.id, delivery.created_at)?;
    }
    Ok(())
}

pub(super) fn started(
    connection: &mut SqliteConnection,
    node: i32,
    id: DeliveryId,
    number: u32,
    at: Timestamp,
) -> Applied<Receipt> {
    let changed = sql_query("UPDATE deliveries SET attempts = ? WHERE id = ? AND node = ? AND state = 'pending'")
        .bind::<Integer, _>(signed(number))
        .bind::<Binary, _>(bytes(id.0))
        .bind::<Integer, _>(node)
        .execute(connection)?;
    if changed != 1 {
        return Err(Refusal::LostOwnership.into());
    }
    sql_query("INSERT INTO delivery_attempts (delivery_id, number, started_at, outcome) VALUES (?, ?, ?, 'unknown')")
        .bind::<Binary, _>(bytes(id.0))
        .bind::<Integer, _>(signed(number))
        .bind::<BigInt, _>(at.ms())
        .execute(connection)?;
    Ok(Receipt::Done)
}

pub(super) fn closed(connection: &mut SqliteConnection, node: i32, closed: &DeliveryClosed) -> Applied<Receipt> {
    sql_query(
        "UPDATE delivery_attempts SET ended_at = ?, outcome = ?, status = ?, detail = ?, answer = ? \
         WHERE delivery_id = ? AND number = ?",
    )
    .bind::<BigInt, _>(closed.at.ms())
    .bind::<Text, _>(closed.outcome.as_str())
    .bind::<Nullable<Integer>, _>(closed.status.map(i32::from))
    .bind::<Nullable<Text>, _>(closed.detail.as_deref())
    .bind::<Nullable<Text>, _>(closed.answer.as_deref())
    .bind::<Binary, _>(bytes(closed.id.0))
    .bind::<Integer, _>(signed(closed.number))
    .execute(connection)?;
    let (state, owner, due_at, closed_at, reason) = match &closed.next {
        AfterAttempt::Again { due_at, held } => (DeliveryState::Pending, held.then_some(node), Some(*due_at), None, None),
        AfterAttempt::Closed { state, reason } => (*state, None, None, Some(closed.at), reason.as_deref()),
    };
    let changed = sql_query(
        "UPDATE deliveries SET state = ?, node = ?, due_at = ?, closed_at = ?, reason = ?, counted = ?, excused = ?, \
         had_unknown = ?, thin = ? WHERE id = ? AND node = ? AND state = 'pending'",
    )
    .bind::<Text, _>(state.as_str())
    .bind::<Nullable<Integer>, _>(owner)
    .bind::<Nullable<BigInt>, _>(due_at.map(Timestamp::ms))
    .bind::<Nullable<BigInt>, _>(closed_at.map(Timestamp::ms))
    .bind::<Nullable<Text>, _>(reason)
    .bind::<Integer, _>(signed(closed.counted))
    .bind::<Integer, _>(signed(closed.excused))
    .bind::<Bool, _>(closed.had_unknown)
    .bind::<Bool, _>(closed.thin)
    .bind::<Binary, _>(bytes(closed.id.0))
    .bind::<Integer, _>(node)
    .execute(connection)?;
    if changed != 1 {
        return Err(Refusal::LostOwnership.into());
    }
    if let AfterAttempt::Again { due_at, held: false } = closed.next {
        due(connection, closed.id, due_at)?;
    }
    Ok(Receipt::Done)
}

/// Given back without an attempt.
pub(super) fn released(connection: &mut SqliteConnection, id: DeliveryId, due_at: Timestamp) -> Applied<Receipt> {
    let changed = sql_query("UPDATE deliveries SET node = NULL, due_at = ? WHERE id = ? AND state = 'pending'")
        .bind::<BigInt, _>(due_at.ms())
        .bind::<Binary, _>(bytes(id.0))
        .execute(connection)?;
    if changed == 1 {
        due(connection, id, due_at)?;
    }
    Ok(Receipt::Done)
}

fn due(connection: &mut SqliteConnection, id: DeliveryId, due_at: Timestamp) -> Applied<()> {
    sql_query("INSERT OR REPLACE INTO delivery_due (delivery_id, due_at) VALUES (?, ?)")
        .bind::<Binary, _>(bytes(id.0))
        .bind::<BigInt, _>(due_at.ms())
        .execute(connection)?;
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct DeliveryRow {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    execution_id: Vec<u8>,
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Text)]
    callback: String,
    #[diesel(sql_type = Binary)]
    body: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    counted: i32,
    #[diesel(sql_type = Integer)]
    excused: i32,
    #[diesel(sql_type = Bool)]
    had_unknown: bool,
    #[diesel(sql_type = Bool)]
    thin: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    due_at: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    closed_at: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
}

const COLUMNS: &str = "id, execution_id, event, url, callback, body, created_at, state, attempts, counted, excused, had_unknown, \
                       thin, due_at, closed_at, reason";

pub(super) fn claim(
    connection: &mut SqliteConnection,
    node: i32,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    use diesel::Connection;
    let claimed = connection.immediate_transaction::<_, diesel::result::Error, _>(|connection| {
        let columns = COLUMNS.split(", ").map(|column| format!("deliveries.{}", column.trim())).collect::<Vec<_>>().join(", ");
        let rows: Vec<DeliveryRow> = sql_query(format!(
            "SELECT {columns} FROM delivery_due JOIN deliveries ON deliveries.id = delivery_due.delivery_id \
             WHERE delivery_due.due_at <= ? AND deliveries.node IS NULL AND deliveries.state = 'pending' \
             ORDER BY delivery_due.due_at, deliveries.id LIMIT ?"
        ))
        .bind::<BigInt, _>(now.ms())
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(connection)?;
        for row in &rows {
            sql_query("DELETE FROM delivery_due WHERE delivery_id = ?")
                .bind::<Binary, _>(row.id.clone())
                .execute(connection)?;
            sql_query("UPDATE deliveries SET node = ? WHERE id = ?")
                .bind::<Integer, _>(node)
                .bind::<Binary, _>(row.id.clone())
                .execute(connection)?;
        }
        Ok(rows)
    });
    claimed.map_err(|error| unavailable(&error))?.into_iter().map(delivery).collect()
}

fn delivery(row: DeliveryRow) -> Result<Delivery, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a delivery does not read"));
    let callback: CallbackSettings = serde_json::from_str(&row.callback).map_err(|_| corrupt("the callback"))?;
    Ok(Delivery {
        id: DeliveryId(uuid(&row.id)?),
        execution_id: ExecutionId(uuid(&row.execution_id)?),
        event: EventType::parse(&row.event).ok_or_else(|| corrupt("the event"))?,
        url: row.url,
        callback,
        body: row.body.into(),
        created_at: Timestamp(row.created_at),
        attempts: unsigned(row.attempts),
        counted: unsigned(row.counted),
        excused: unsigned(row.excused),
        had_unknown: row.had_unknown,
        thin: row.thin,
    })
}

#[derive(QueryableByName)]
struct AttemptRow {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = BigInt)]
    started_at: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    ended_at: Option<i64>,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Integer>)]
    status: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

pub(super) fn of_execution(connection: &mut SqliteConnection, id: ExecutionId) -> Result<Vec<DeliveryView>, StoreError> {
    let rows: Vec<DeliveryRow> =
        sql_query(format!("SELECT {COLUMNS} FROM deliveries WHERE execution_id = ? ORDER BY created_at, id"))
            .bind::<Binary, _>(bytes(id.0))
            .load(connection)
            .map_err(|error| unavailable(&error))?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let attempts: Vec<AttemptRow> = sql_query(
            "SELECT number, started_at, ended_at, outcome, status, detail, answer FROM delivery_attempts \
             WHERE delivery_id = ? ORDER BY number",
        )
        .bind::<Binary, _>(row.id.clone())
        .load(connection)
        .map_err(|error| unavailable(&error))?;
        views.push(view(row, attempts)?);
    }
    Ok(views)
}

fn view(row: DeliveryRow, attempts: Vec<AttemptRow>) -> Result<DeliveryView, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a delivery does not read"));
    let attempt = |row: AttemptRow| DeliveryAttempt {
        number: unsigned(row.number),
        started_at: Timestamp(row.started_at),
        ended_at: row.ended_at.map(Timestamp),
        outcome: AttemptOutcome::parse(&row.outcome).unwrap_or(AttemptOutcome::Unknown),
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        detail: row.detail,
        answer: row.answer,
    };
    Ok(DeliveryView {
        id: DeliveryId(uuid(&row.id)?),
        execution_id: ExecutionId(uuid(&row.execution_id)?),
        event: EventType::parse(&row.event).ok_or_else(|| corrupt("the event"))?,
        state: DeliveryState::parse(&row.state).ok_or_else(|| corrupt("the state"))?,
        url: redacted_url(&row.url),
        created_at: Timestamp(row.created_at),
        due_at: row.due_at.map(Timestamp),
        closed_at: row.closed_at.map(Timestamp),
        reason: row.reason,
        attempts: attempts.into_iter().map(attempt).collect(),
    })
}

fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| StoreError::Corrupt("an id of a delivery does not read".to_owned()))
}

fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
