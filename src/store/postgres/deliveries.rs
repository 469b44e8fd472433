//! Messages owed: their birth, their attempts, their end.
//! Never reopens a delivery that is over.

use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::fault::Applied;
use super::lanes;
use super::row_set::RowSet;
use super::rows::{Columns, Number, to_json};
use super::sql::{FromNamedRow, Sql, sql};
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
    let missing = rows(writer.node, new).insert("deliveries", "ON CONFLICT (id) DO NOTHING RETURNING id");
    let inserted: Vec<DeliveryRow> = missing.all(&mut writer.conn)?;
    let inserted: HashSet<DeliveryId> = inserted.into_iter().map(|DeliveryRow(id)| id).collect();
    let fresh = || new.iter().filter(|new| inserted.contains(&new.delivery.id));
    let due = fresh().filter(|new| !new.held && !new.on_hold).map(|new| (new.delivery.id, new.delivery.created_at));
    make_due(&mut writer.conn, &due.collect::<Vec<_>>())?;
    Ok(inserted.len())
}

/// Stores new messages, and fails if one exists already.
pub fn inserted<'a>(node: i32, new: &[&'a NewDelivery]) -> Sql<'a> {
    rows(node, new).insert("deliveries", "")
}

fn rows<'a>(node: i32, new: &[&'a NewDelivery]) -> RowSet<'a> {
    let rows = || new.iter().map(|new| &new.delivery);
    RowSet::default()
        .with("id", rows().map(|row| row.id))
        .with("execution_id", rows().map(|row| row.execution_id))
        .with("event", rows().map(|row| row.event.as_str()))
        .with("state", new.iter().map(|new| new.state().as_str()))
        .with("url", rows().map(|row| &*row.url))
        .with("callback", rows().map(|row| to_json(&row.callback)))
        .with("body", rows().map(|row| &row.body[..]))
        .with("created_at", rows().map(|row| row.created_at))
        .with("attempts", rows().map(|row| row.attempts))
        .with("counted", rows().map(|row| row.counted))
        .with("excused", rows().map(|row| row.excused))
        .with("had_unknown", rows().map(|row| row.had_unknown))
        .with("thin", rows().map(|row| row.thin))
        .with("node", new.iter().map(|new| new.held.then_some(node)))
        .with("destination", rows().map(|row| row.destination().as_str().to_owned()))
        .rarely("order_key", rows().map(|row| row.callback.order_key.as_deref()))
        .with("ordered_at", rows().map(|row| row.created_at))
        .with("attempt_at", rows().map(|row| (row.attempts > 0).then_some(row.created_at)))
}

/// Whether storing this is all that it takes: nobody has to find it when it is due.
pub fn is_plain(new: &NewDelivery) -> bool {
    new.held && !new.on_hold && new.delivery.event != EventType::Progress
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
    Ok(starting(writer.node, attempts).run(&mut writer.conn)?)
}

/// The statement of [`started`].
pub fn starting<'a>(node: i32, attempts: &[StartedAttempt]) -> Sql<'a> {
    sql(lanes::START)
        .column(attempts.iter().map(|attempt| attempt.id))
        .column(attempts.iter().map(|attempt| attempt.number))
        .column(attempts.iter().map(|attempt| attempt.at))
        .bind(node)
}

/// Attempts, or the deliveries themselves, are over; how many of them were this node's and open.
pub fn closed(writer: &mut Writer, closed: &[&DeliveryClosed]) -> Applied<usize> {
    let changed = closing(writer.node, closed).run(&mut writer.conn)?;
    if let Some(attempts) = attempts(closed) {
        attempts.run(&mut writer.conn)?;
    }
    after_closing(&mut writer.conn, closed)?;
    Ok(changed)
}

/// The rows of deliveries after these attempts; `CASE` as in [`super::images::advanced`].
pub fn closing<'a>(node: i32, closed: &[&'a DeliveryClosed]) -> Sql<'a> {
    let lasts = || closed.iter().map(|closed| closed.last_attempt());
    RowSet::default()
        .with("id", closed.iter().map(|closed| closed.id))
        .with("number", closed.iter().map(|closed| closed.number))
        .with("counted", closed.iter().map(|closed| closed.counted))
        .with("excused", closed.iter().map(|closed| closed.excused))
        .with("had_unknown", closed.iter().map(|closed| closed.had_unknown))
        .with("thin", closed.iter().map(|closed| closed.thin))
        .with("state", closed.iter().map(|closed| state_after(&closed.next)))
        .with("reason", closed.iter().map(|closed| reason_after(&closed.next)))
        .with("closed_at", closed.iter().map(|closed| is_over(closed).then_some(closed.at)))
        .with("node", closed.iter().map(|closed| matches!(closed.next, AfterAttempt::Again { held: true, .. }).then_some(node)))
        .with("last_number", lasts().map(|last| last.map(|last| last.number)))
        .with("last_started_at", lasts().map(|last| last.map(|last| last.started_at)))
        .with("last_ended_at", lasts().map(|last| last.map(|last| last.at)))
        .with("last_outcome", lasts().map(|last| last.map(|last| last.outcome.as_str())))
        .with("last_status", lasts().map(|last| last.and_then(|last| last.status)))
        .with("last_detail", lasts().map(|last| last.and_then(|last| last.detail.as_deref())))
        .with("last_answer", lasts().map(|last| last.and_then(|last| last.answer.as_deref())))
        .update(
            "UPDATE deliveries SET attempts = greatest(attempts, u.number), attempt_at = NULL, counted = u.counted, \
         excused = u.excused, \
         had_unknown = u.had_unknown, thin = u.thin, state = u.state, reason = u.reason, closed_at = u.closed_at, node = u.node, \
         last_number = u.last_number, last_started_at = u.last_started_at, last_ended_at = u.last_ended_at, \
         last_outcome = u.last_outcome, last_status = u.last_status, last_detail = u.last_detail, last_answer = u.last_answer",
            "WHERE deliveries.id = u.id AND CASE WHEN deliveries.node = ? AND deliveries.closed_at IS NULL THEN true END",
        )
        .bind(node)
}

/// A row, if any of these is sent in the order of a key.
pub fn any_ordered<'a>(closed: &[&'a DeliveryClosed]) -> Sql<'a> {
    sql("SELECT 1 FROM deliveries WHERE id = ANY(?) AND order_key IS NOT NULL LIMIT 1")
        .column(closed.iter().map(|closed| closed.id))
}

/// Whether any of these is tried again, and has to be found when it is due.
pub fn any_again(closed: &[&DeliveryClosed]) -> bool {
    closed.iter().any(|closed| matches!(closed.next, AfterAttempt::Again { held: false, .. }))
}

/// What the end of these attempts means for later ones, and for the next of an order key.
pub fn after_closing(conn: &mut PgConnection, closed: &[&DeliveryClosed]) -> Applied<()> {
    let due = closed.iter().filter_map(|closed| match closed.next {
        AfterAttempt::Again { due_at, held: false } => Some((closed.id, due_at)),
        AfterAttempt::Again { .. } | AfterAttempt::Closed { .. } => None,
    });
    make_due(conn, &due.collect::<Vec<_>>())?;
    let ordered: Vec<DeliveryRow> = sql("SELECT id FROM deliveries WHERE id = ANY(?) AND order_key IS NOT NULL")
        .column(closed.iter().map(|closed| closed.id))
        .all(conn)?;
    for one in closed.iter().filter(|closed| is_over(closed)) {
        if ordered.iter().any(|DeliveryRow(id)| *id == one.id) {
            lanes::next_of_order(conn, one.id, one.at)?;
        }
    }
    Ok(())
}

fn is_over(closed: &DeliveryClosed) -> bool {
    matches!(closed.next, AfterAttempt::Closed { .. })
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

/// Held deliveries go back without an attempt; how many of them were this node's and open.
pub fn released(writer: &mut Writer, released: &[(DeliveryId, Timestamp)]) -> Applied<usize> {
    let changed = releasing(writer.node, released).run(&mut writer.conn)?;
    // Of another's message nothing is touched.
    if changed == released.len() {
        make_due(&mut writer.conn, released)?;
    }
    Ok(changed)
}

/// The rows of deliveries that go back; `CASE` as in [`lanes::CLAIM`].
pub fn releasing<'a>(node: i32, released: &[(DeliveryId, Timestamp)]) -> Sql<'a> {
    RowSet::default()
        .with("id", released.iter().map(|(id, _)| *id))
        .update(
            "UPDATE deliveries SET node = NULL, attempt_at = NULL",
            "WHERE deliveries.id = u.id AND CASE WHEN deliveries.node = ? AND deliveries.closed_at IS NULL THEN true END",
        )
        .bind(node)
}

/// The rows of attempts that are over, and that others follow.
pub fn attempts<'a>(closed: &[&'a DeliveryClosed]) -> Option<Sql<'a>> {
    let tried: Vec<&'a DeliveryClosed> =
        closed.iter().copied().filter(|closed| closed.number > 0 && closed.last_attempt().is_none()).collect();
    if tried.is_empty() {
        return None;
    }
    let statement = RowSet::default()
        .with("delivery_id", tried.iter().map(|closed| closed.id))
        .with("number", tried.iter().map(|closed| closed.number))
        .with("started_at", tried.iter().map(|closed| closed.started_at))
        .with("ended_at", tried.iter().map(|closed| closed.at))
        .with("outcome", tried.iter().map(|closed| closed.outcome.as_str()))
        .with("status", tried.iter().map(|closed| closed.status))
        .with("detail", tried.iter().map(|closed| closed.detail.as_deref()))
        .with("answer", tried.iter().map(|closed| closed.answer.as_deref()))
        .insert(
            "delivery_attempts",
            "ON CONFLICT (delivery_id, number) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, \
         status = excluded.status, detail = excluded.detail, answer = excluded.answer",
        );
    Some(statement)
}

pub fn make_due(conn: &mut PgConnection, due: &[(DeliveryId, Timestamp)]) -> Applied<()> {
    if !due.is_empty() {
        making_due(due).run(conn)?;
    }
    Ok(())
}

/// The statement of [`make_due`].
pub fn making_due<'a>(due: &[(DeliveryId, Timestamp)]) -> Sql<'a> {
    sql("INSERT INTO delivery_due (delivery_id, due_at, destination) SELECT u.id, u.due_at, deliveries.destination \
         FROM unnest(?, ?) AS u (id, due_at) JOIN deliveries ON deliveries.id = u.id \
         ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at, destination = excluded.destination")
    .column(due.iter().map(|(id, _)| *id))
    .column(due.iter().map(|(_, due_at)| *due_at))
}

struct DeliveryRow(DeliveryId);

impl FromNamedRow for DeliveryRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.delivery_id("id").map(Self)
    }
}

/// The attempt that a message was over with gets a row of its own, before others come behind it. What a courier holds has none.
pub fn keep_last_attempt(conn: &mut PgConnection, id: DeliveryId) -> QueryResult<()> {
    // Its courier may be about to close it on another node.
    sql("SELECT 1::bigint AS n FROM deliveries WHERE id = ? FOR UPDATE").bind(id).first::<Number>(conn)?;
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
pub fn why_not(conn: &mut PgConnection, id: DeliveryId) -> Applied<Refusal> {
    let found: Option<Number> = sql("SELECT count(*) AS n FROM deliveries WHERE id = ?").bind(id).first(conn)?;
    Ok(if found.is_some_and(|Number(n)| n > 0) { Refusal::LostOwnership } else { Refusal::NotFound })
}
