//! Messages owed: their birth, their attempts, their end.
//! Never reopens a delivery that is over.

use super::connection::PgConnection;
use super::fault::Applied;
use super::rows::{Number, to_json};
use super::sql::sql;
use super::writer::Writer;
use crate::domain::delivery::AttemptOutcome;
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery, Refusal};

/// Stores a message; one that exists already is left as it is.
pub fn insert(writer: &mut Writer, new: &NewDelivery) -> Applied<()> {
    let delivery = &new.delivery;
    let inserted = sql("INSERT INTO deliveries (id, execution_id, event, state, url, callback, body, created_at, attempts, \
         counted, excused, had_unknown, thin, node) VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING")
    .bind(delivery.id)
    .bind(delivery.execution_id)
    .bind(delivery.event.as_str())
    .bind(&*delivery.url)
    .bind(to_json(&delivery.callback))
    .bind(&delivery.body[..])
    .bind(delivery.created_at)
    .bind(delivery.attempts)
    .bind(delivery.counted)
    .bind(delivery.excused)
    .bind(delivery.had_unknown)
    .bind(delivery.thin)
    .bind(new.held.then_some(writer.node))
    .run(&mut writer.conn)?;
    if inserted == 0 {
        return Ok(());
    }
    // Born with its first attempt under way: the courier sends as soon as this commits.
    if delivery.attempts > 0 {
        open_attempt(&mut writer.conn, delivery.id, delivery.attempts, delivery.created_at)?;
    }
    if !new.held {
        make_due(&mut writer.conn, delivery.id, delivery.created_at)?;
    }
    Ok(())
}

/// An attempt is about to leave.
pub fn started(writer: &mut Writer, id: DeliveryId, number: u32, at: Timestamp) -> Applied<()> {
    let changed = sql("UPDATE deliveries SET attempts = greatest(attempts, ?) WHERE id = ? AND node = ? AND closed_at IS NULL")
        .bind(number)
        .bind(id)
        .bind(writer.node)
        .run(&mut writer.conn)?;
    if changed != 1 {
        return Err(why_not(&mut writer.conn, id)?.into());
    }
    open_attempt(&mut writer.conn, id, number, at)
}

/// An attempt, or the delivery itself, is over.
pub fn closed(writer: &mut Writer, closed: &DeliveryClosed) -> Applied<()> {
    let (state, reason, closed_at, kept) = match &closed.next {
        AfterAttempt::Again { held, .. } => ("pending", None, None, *held),
        AfterAttempt::Closed { state, reason } => (state.as_str(), reason.as_deref(), Some(closed.at), false),
    };
    let changed =
        sql("UPDATE deliveries SET attempts = greatest(attempts, ?), counted = ?, excused = ?, had_unknown = ?, thin = ?, \
         state = ?, reason = ?, closed_at = ?, node = ? WHERE id = ? AND node = ? AND closed_at IS NULL")
        .bind(closed.number)
        .bind(closed.counted)
        .bind(closed.excused)
        .bind(closed.had_unknown)
        .bind(closed.thin)
        .bind(state)
        .bind(reason)
        .bind(closed_at)
        .bind(kept.then_some(writer.node))
        .bind(closed.id)
        .bind(writer.node)
        .run(&mut writer.conn)?;
    if changed != 1 {
        return Err(why_not(&mut writer.conn, closed.id)?.into());
    }
    // Number 0: given up before any attempt.
    if closed.number > 0 {
        close_attempt(&mut writer.conn, closed)?;
    }
    if let AfterAttempt::Again { due_at, held: false } = closed.next {
        make_due(&mut writer.conn, closed.id, due_at)?;
    }
    Ok(())
}

/// A held delivery goes back without an attempt.
pub fn released(writer: &mut Writer, id: DeliveryId, due_at: Timestamp) -> Applied<()> {
    let changed = sql("UPDATE deliveries SET node = NULL WHERE id = ? AND node = ? AND closed_at IS NULL")
        .bind(id)
        .bind(writer.node)
        .run(&mut writer.conn)?;
    if changed != 1 {
        return Err(why_not(&mut writer.conn, id)?.into());
    }
    make_due(&mut writer.conn, id, due_at)
}

fn open_attempt(conn: &mut PgConnection, id: DeliveryId, number: u32, at: Timestamp) -> Applied<()> {
    sql("INSERT INTO delivery_attempts (delivery_id, number, started_at, outcome) VALUES (?, ?, ?, ?) \
         ON CONFLICT (delivery_id, number) DO NOTHING")
    .bind(id)
    .bind(number)
    .bind(at)
    .bind(AttemptOutcome::Unknown.as_str())
    .run(conn)?;
    Ok(())
}

fn close_attempt(conn: &mut PgConnection, closed: &DeliveryClosed) -> Applied<()> {
    open_attempt(conn, closed.id, closed.number, closed.at)?;
    sql("UPDATE delivery_attempts SET ended_at = ?, outcome = ?, status = ?, detail = ?, answer = ? \
         WHERE delivery_id = ? AND number = ?")
    .bind(closed.at)
    .bind(closed.outcome.as_str())
    .bind(closed.status)
    .bind(closed.detail.as_deref())
    .bind(closed.answer.as_deref())
    .bind(closed.id)
    .bind(closed.number)
    .run(conn)?;
    Ok(())
}

fn make_due(conn: &mut PgConnection, id: DeliveryId, due_at: Timestamp) -> Applied<()> {
    sql("INSERT INTO delivery_due (delivery_id, due_at) VALUES (?, ?) ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at")
        .bind(id)
        .bind(due_at)
        .run(conn)?;
    Ok(())
}

fn why_not(conn: &mut PgConnection, id: DeliveryId) -> Applied<Refusal> {
    let found: Option<Number> = sql("SELECT count(*) AS n FROM deliveries WHERE id = ?").bind(id).first(conn)?;
    Ok(if found.is_some_and(|Number(n)| n > 0) { Refusal::LostOwnership } else { Refusal::NotFound })
}
