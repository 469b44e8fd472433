//! Messages owed: their birth, their attempts, their end.
//! Never reopens a delivery that is over.

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::connection::PgConnection;
use super::fault::Applied;
use super::lanes;
use super::rows::{Columns, Number, to_json};
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use crate::domain::callback::EventType;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::DeliveryId;
use crate::domain::map::HashSet;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::StartedAttempt;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery, Refusal};

/// Stores messages; those that exist already are left as they are. News of progress takes the place of what was not sent yet.
pub fn insert(writer: &mut Writer, new: &[&NewDelivery]) -> Applied<()> {
    let (progress, others): (Vec<&NewDelivery>, Vec<&NewDelivery>) =
        new.iter().partition(|new| new.delivery.event == EventType::Progress);
    lanes::none_paused(writer, others.iter().copied())?;
    for new in progress {
        insert_progress(writer, new)?;
    }
    insert_new(writer, &others).map(|_| ())
}

fn insert_new(writer: &mut Writer, new: &[&NewDelivery]) -> Applied<usize> {
    if new.is_empty() {
        return Ok(0);
    }
    let rows = || new.iter().map(|new| &new.delivery);
    let inserted: Vec<DeliveryRow> =
        sql("INSERT INTO deliveries (id, execution_id, event, state, url, callback, body, created_at, \
         attempts, counted, excused, had_unknown, thin, node, destination, order_key, ordered_at, attempt_at) \
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING RETURNING id")
        .column(rows().map(|row| row.id))
        .column(rows().map(|row| row.execution_id))
        .column(rows().map(|row| row.event.as_str()))
        .column(new.iter().map(|new| new.state().as_str()))
        .column(rows().map(|row| &*row.url))
        .column(rows().map(|row| to_json(&row.callback)))
        .column(rows().map(|row| &row.body[..]))
        .column(rows().map(|row| row.created_at))
        .column(rows().map(|row| row.attempts))
        .column(rows().map(|row| row.counted))
        .column(rows().map(|row| row.excused))
        .column(rows().map(|row| row.had_unknown))
        .column(rows().map(|row| row.thin))
        .column(new.iter().map(|new| new.held.then_some(writer.node)))
        .column(rows().map(|row| row.destination().as_str().to_owned()))
        .column(rows().map(|row| row.callback.order_key.as_deref()))
        .column(rows().map(|row| row.created_at))
        .column(rows().map(|row| (row.attempts > 0).then_some(row.created_at)))
        .all(&mut writer.conn)?;
    let inserted: HashSet<DeliveryId> = inserted.into_iter().map(|DeliveryRow(id)| id).collect();
    let fresh = || new.iter().filter(|new| inserted.contains(&new.delivery.id));
    let due = fresh().filter(|new| !new.held && !new.on_hold).map(|new| (new.delivery.id, new.delivery.created_at));
    make_due(&mut writer.conn, &due.collect::<Vec<_>>())?;
    Ok(inserted.len())
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
    Ok(replaced > 0 || insert_new(writer, &[new])? > 0)
}

/// Attempts are about to leave; how many of the deliveries are this node's, open, and may be sent now.
pub fn started(writer: &mut Writer, attempts: &[StartedAttempt]) -> Applied<usize> {
    Ok(sql(lanes::START)
        .column(attempts.iter().map(|attempt| attempt.id))
        .column(attempts.iter().map(|attempt| attempt.number))
        .column(attempts.iter().map(|attempt| attempt.at))
        .bind(writer.node)
        .run(&mut writer.conn)?)
}

/// Attempts, or the deliveries themselves, are over; how many of them were this node's and open. `+ 0` keeps the plan on the ids.
pub fn closed(writer: &mut Writer, closed: &[&DeliveryClosed]) -> Applied<usize> {
    let node = writer.node;
    let over = |closed: &DeliveryClosed| matches!(closed.next, AfterAttempt::Closed { .. });
    let changed: Vec<ClosedRow> = sql(
        "UPDATE deliveries SET attempts = greatest(attempts, u.number), attempt_at = NULL, counted = u.counted, excused = u.excused, \
         had_unknown = u.had_unknown, thin = u.thin, state = u.state, reason = u.reason, closed_at = u.closed_at, node = u.node \
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS u (id, number, counted, excused, had_unknown, thin, state, reason, \
         closed_at, node) WHERE deliveries.id = u.id AND deliveries.node = ? AND (deliveries.closed_at + 0) IS NULL \
         RETURNING deliveries.id, (order_key IS NOT NULL)::int::bigint AS ordered",
    )
    .column(closed.iter().map(|closed| closed.id))
    .column(closed.iter().map(|closed| closed.number))
    .column(closed.iter().map(|closed| closed.counted))
    .column(closed.iter().map(|closed| closed.excused))
    .column(closed.iter().map(|closed| closed.had_unknown))
    .column(closed.iter().map(|closed| closed.thin))
    .column(closed.iter().map(|closed| state_after(&closed.next)))
    .column(closed.iter().map(|closed| reason_after(&closed.next)))
    .column(closed.iter().map(|closed| over(closed).then_some(closed.at)))
    .column(closed.iter().map(|closed| matches!(closed.next, AfterAttempt::Again { held: true, .. }).then_some(node)))
    .bind(node)
    .all(&mut writer.conn)?;
    close_attempts(&mut writer.conn, closed)?;
    let due = closed.iter().filter_map(|closed| match closed.next {
        AfterAttempt::Again { due_at, held: false } => Some((closed.id, due_at)),
        AfterAttempt::Again { .. } | AfterAttempt::Closed { .. } => None,
    });
    make_due(&mut writer.conn, &due.collect::<Vec<_>>())?;
    for one in closed.iter().filter(|closed| over(closed)) {
        if changed.iter().any(|row| row.ordered && row.id == one.id) {
            lanes::next_of_order(&mut writer.conn, one.id, one.at)?;
        }
    }
    Ok(changed.len())
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
    make_due(&mut writer.conn, &[(id, due_at)])
}

/// Number 0 is no attempt: the delivery was given up before any.
fn close_attempts(conn: &mut PgConnection, closed: &[&DeliveryClosed]) -> Applied<()> {
    let tried: Vec<&DeliveryClosed> = closed.iter().copied().filter(|closed| closed.number > 0).collect();
    if tried.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO delivery_attempts (delivery_id, number, started_at, ended_at, outcome, status, detail, answer) \
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (delivery_id, number) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, \
         status = excluded.status, detail = excluded.detail, answer = excluded.answer")
    .column(tried.iter().map(|closed| closed.id))
    .column(tried.iter().map(|closed| closed.number))
    .column(tried.iter().map(|closed| closed.started_at))
    .column(tried.iter().map(|closed| closed.at))
    .column(tried.iter().map(|closed| closed.outcome.as_str()))
    .column(tried.iter().map(|closed| closed.status))
    .column(tried.iter().map(|closed| closed.detail.as_deref()))
    .column(tried.iter().map(|closed| closed.answer.as_deref()))
    .run(conn)?;
    Ok(())
}

pub fn make_due(conn: &mut PgConnection, due: &[(DeliveryId, Timestamp)]) -> Applied<()> {
    if due.is_empty() {
        return Ok(());
    }
    sql("INSERT INTO delivery_due (delivery_id, due_at, destination) SELECT u.id, u.due_at, deliveries.destination \
         FROM unnest(?, ?) AS u (id, due_at) JOIN deliveries ON deliveries.id = u.id \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at, destination = excluded.destination")
    .column(due.iter().map(|(id, _)| *id))
    .column(due.iter().map(|(_, due_at)| *due_at))
    .run(conn)?;
    Ok(())
}

struct ClosedRow {
    id: DeliveryId,
    ordered: bool,
}

impl FromNamedRow for ClosedRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { id: row.delivery_id("id")?, ordered: row.flag("ordered")? })
    }
}

struct DeliveryRow(DeliveryId);

impl FromNamedRow for DeliveryRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.delivery_id("id").map(Self)
    }
}

/// Why a write to a delivery changed no row.
pub fn why_not(conn: &mut PgConnection, id: DeliveryId) -> Applied<Refusal> {
    let found: Option<Number> = sql("SELECT count(*) AS n FROM deliveries WHERE id = ?").bind(id).first(conn)?;
    Ok(if found.is_some_and(|Number(n)| n > 0) { Refusal::LostOwnership } else { Refusal::NotFound })
}
