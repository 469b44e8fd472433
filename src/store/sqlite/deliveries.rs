//! Messages owed: their birth, their attempts, their end.
//! Never reopens a delivery that is over.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::fault::Applied;
use super::lanes;
use super::rows::{Number, to_json};
use super::sql::{fixed, sql};
use super::writer::Writer;
use crate::domain::callback::EventType;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::StartedAttempt;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery, Refusal};

/// Stores messages; those that exist already are left as they are. News of progress takes the place of what was not sent yet.
pub fn insert(writer: &mut Writer, new: &[&NewDelivery]) -> Applied<()> {
    lanes::none_paused(writer, new.iter().copied())?;
    for new in new {
        match new.delivery.event {
            EventType::Progress => insert_progress(writer, new)?,
            _ => insert_one(writer, new).map(|_| ())?,
        }
    }
    Ok(())
}

fn insert_one(writer: &mut Writer, new: &NewDelivery) -> Applied<usize> {
    let delivery = &new.delivery;
    let inserted = fixed!(
        "INSERT INTO deliveries (id, execution_id, event, state, url, callback, body, created_at, attempts, \
         counted, excused, had_unknown, thin, node, destination, order_key, ordered_at, attempt_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING"
    )
    .bind(delivery.id)
    .bind(delivery.execution_id)
    .bind(delivery.event.as_str())
    .bind(new.state().as_str())
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
    .bind(delivery.destination().as_str().to_owned())
    .bind(delivery.callback.order_key.as_deref())
    .bind(delivery.created_at)
    .bind((delivery.attempts > 0).then_some(delivery.created_at))
    .run(&mut writer.conn)?;
    if inserted == 0 {
        return Ok(0);
    }
    if !new.held && !new.on_hold {
        make_due(&mut writer.conn, delivery.id, delivery.created_at)?;
    }
    Ok(1)
}

/// One message a second: what is not sent yet is replaced, and what was is followed by another in the next second.
fn insert_progress(writer: &mut Writer, new: &NewDelivery) -> Applied<()> {
    if replace_or_insert(writer, new)? {
        return Ok(());
    }
    let later = NewDelivery { delivery: new.delivery.in_next_second(), held: new.held, on_hold: new.on_hold };
    replace_or_insert(writer, &later).map(|_| ())
}

fn replace_or_insert(writer: &mut Writer, new: &NewDelivery) -> Applied<bool> {
    let replaced = sql(
        "UPDATE deliveries SET body = ? WHERE id = ? AND attempts = 0 AND node IS NULL AND (closed_at IS NULL OR state = 'held')",
    )
    .bind(&new.delivery.body[..])
    .bind(new.delivery.id)
    .run(&mut writer.conn)?;
    Ok(replaced > 0 || insert_one(writer, new)? > 0)
}

/// Attempts are about to leave; how many of the deliveries are this node's, open, and may be sent now.
pub fn started(writer: &mut Writer, attempts: &[StartedAttempt]) -> Applied<usize> {
    let mut changed = 0;
    for attempt in attempts {
        changed += fixed!(lanes::START)
            .bind(attempt.number)
            .bind(attempt.at)
            .bind(attempt.id)
            .bind(writer.node)
            .run(&mut writer.conn)?;
    }
    Ok(changed)
}

/// Attempts, or the deliveries themselves, are over; how many of them were this node's and open.
pub fn closed(writer: &mut Writer, closed: &[&DeliveryClosed]) -> Applied<usize> {
    let look = sql("SELECT EXISTS (SELECT 1 FROM deliveries WHERE order_key IS NOT NULL AND closed_at IS NULL) AS n");
    let ordered = look.first(&mut writer.conn)?.is_some_and(|Number(n)| n > 0);
    let mut changed = 0;
    for closed in closed {
        changed += close_one(writer, closed, ordered)?;
    }
    Ok(changed)
}

/// `ordered` says that some open message has an order key.
fn close_one(writer: &mut Writer, closed: &DeliveryClosed, ordered: bool) -> Applied<usize> {
    let over = matches!(closed.next, AfterAttempt::Closed { .. });
    let kept = matches!(closed.next, AfterAttempt::Again { held: true, .. });
    let last = closed.last_attempt();
    // Without RETURNING, for which SQLite makes a table of its own each time.
    let changed = fixed!(
        "UPDATE deliveries SET attempts = max(attempts, ?), attempt_at = NULL, counted = ?, excused = ?, had_unknown = ?, thin = ?, \
         state = ?, reason = ?, closed_at = ?, node = ?, last_number = ?, last_started_at = ?, last_ended_at = ?, \
         last_outcome = ?, last_status = ?, last_detail = ?, last_answer = ? WHERE id = ? AND node = ? AND closed_at IS NULL",
    )
    .bind(closed.number)
    .bind(closed.counted)
    .bind(closed.excused)
    .bind(closed.had_unknown)
    .bind(closed.thin)
    .bind(state_after(&closed.next))
    .bind(reason_after(&closed.next))
    .bind(over.then_some(closed.at))
    .bind(kept.then_some(writer.node))
    .bind(last.map(|last| last.number))
    .bind(last.map(|last| last.started_at))
    .bind(last.map(|last| last.at))
    .bind(last.map(|last| last.outcome.as_str()))
    .bind(last.and_then(|last| last.status))
    .bind(last.and_then(|last| last.detail.as_deref()))
    .bind(last.and_then(|last| last.answer.as_deref()))
    .bind(closed.id)
    .bind(writer.node)
    .run(&mut writer.conn)?;
    if changed == 0 {
        return Ok(0);
    }
    if closed.number > 0 && last.is_none() {
        close_attempt(&mut writer.conn, closed)?;
    }
    match closed.next {
        AfterAttempt::Again { due_at, held: false } => make_due(&mut writer.conn, closed.id, due_at)?,
        AfterAttempt::Closed { .. } if ordered => lanes::next_of_order(&mut writer.conn, closed.id, closed.at)?,
        AfterAttempt::Again { .. } | AfterAttempt::Closed { .. } => {}
    }
    Ok(1)
}

fn state_after(next: &AfterAttempt) -> &'static str {
    match next {
        AfterAttempt::Again { .. } => DeliveryState::Pending.as_str(),
        AfterAttempt::Closed { state, .. } => state.as_str(),
    }
}

fn reason_after(next: &AfterAttempt) -> Option<&str> {
    match next {
        AfterAttempt::Again { .. } => None,
        AfterAttempt::Closed { reason, .. } => reason.as_deref(),
    }
}

/// A held delivery goes back without an attempt.
pub fn released(writer: &mut Writer, id: DeliveryId, due_at: Timestamp) -> Applied<()> {
    let changed = sql("UPDATE deliveries SET node = NULL, attempt_at = NULL WHERE id = ? AND node = ? AND closed_at IS NULL")
        .bind(id)
        .bind(writer.node)
        .run(&mut writer.conn)?;
    if changed != 1 {
        return Err(why_not(&mut writer.conn, id)?.into());
    }
    make_due(&mut writer.conn, id, due_at)
}

fn close_attempt(conn: &mut SqliteConnection, closed: &DeliveryClosed) -> Applied<()> {
    fixed!(
        "INSERT INTO delivery_attempts (delivery_id, number, started_at, ended_at, outcome, status, detail, answer) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_id, number) DO UPDATE SET ended_at = excluded.ended_at, \
         outcome = excluded.outcome, status = excluded.status, detail = excluded.detail, answer = excluded.answer"
    )
    .bind(closed.id)
    .bind(closed.number)
    .bind(closed.started_at)
    .bind(closed.at)
    .bind(closed.outcome.as_str())
    .bind(closed.status)
    .bind(closed.detail.as_deref())
    .bind(closed.answer.as_deref())
    .run(conn)?;
    Ok(())
}

pub fn make_due(conn: &mut SqliteConnection, id: DeliveryId, due_at: Timestamp) -> Applied<()> {
    fixed!(
        "INSERT INTO delivery_due (delivery_id, due_at, destination) SELECT id, ?, destination FROM deliveries WHERE id = ? \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at, destination = excluded.destination"
    )
    .bind(due_at)
    .bind(id)
    .run(conn)?;
    Ok(())
}

/// The attempt that a message was over with gets a row of its own, before others come behind it. What a courier holds has none.
pub fn keep_last_attempt(conn: &mut SqliteConnection, id: DeliveryId) -> QueryResult<()> {
    sql("INSERT INTO delivery_attempts (delivery_id, number, started_at, ended_at, outcome, status, detail, answer) \
         SELECT id, last_number, last_started_at, last_ended_at, last_outcome, last_status, last_detail, last_answer \
         FROM deliveries WHERE id = ? AND last_number IS NOT NULL ON CONFLICT (delivery_id, number) DO UPDATE \
         SET ended_at = excluded.ended_at, outcome = excluded.outcome, status = excluded.status, detail = excluded.detail, \
         answer = excluded.answer")
    .bind(id)
    .run(conn)?;
    sql("UPDATE deliveries SET last_number = NULL, last_started_at = NULL, last_ended_at = NULL, last_outcome = NULL, \
         last_status = NULL, last_detail = NULL, last_answer = NULL WHERE id = ? AND last_number IS NOT NULL")
    .bind(id)
    .run(conn)
    .map(|_| ())
}

/// Why a write to a delivery changed no row.
pub fn why_not(conn: &mut SqliteConnection, id: DeliveryId) -> Applied<Refusal> {
    let found: Option<Number> = sql("SELECT count(*) AS n FROM deliveries WHERE id = ?").bind(id).first(conn)?;
    Ok(if found.is_some_and(|Number(n)| n > 0) { Refusal::LostOwnership } else { Refusal::NotFound })
}
