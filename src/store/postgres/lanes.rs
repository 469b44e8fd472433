//! Destinations: which are paused, what each is owed, and whose turn it is within an order key.
//! Never drops what a paused destination is owed.

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::deliveries::why_not;
use super::fault::Applied;
use super::rows::{Columns, Number, Word};
use super::sql::{FromNamedRow, Sql, sql};
use super::writer::Writer;
use crate::domain::delivery::Destination;
use crate::domain::ids::DeliveryId;
use crate::domain::lane::OwedLane;
use crate::domain::map::HashSet;
use crate::domain::timestamp::Timestamp;
use crate::store::write::{NewDelivery, Refusal};

/// How long what is due stays aside before it is looked at again, in milliseconds: a resume, or the end of who goes first,
/// brings it back at once.
const PAUSED_MS: i64 = 60 * 60 * 1000;
const OUT_OF_TURN_MS: i64 = 10_000;

/// The class of advisory locks of order keys.
const TURN: i32 = 7283;

/// Lets nobody else start one of the same order key until this transaction is over. Another transaction that has it goes
/// first: waiting for it could be waiting in a circle.
pub fn take_turn(conn: &mut PgConnection, id: DeliveryId) -> Applied<()> {
    let taken: Option<Number> =
        sql("SELECT pg_try_advisory_xact_lock(?::int4, hashtext(destination || ' ' || order_key))::int::bigint AS n \
         FROM deliveries WHERE id = ? AND order_key IS NOT NULL")
        .bind(TURN)
        .bind(id)
        .first(conn)?;
    match taken {
        Some(Number(0)) => Err(Refusal::OutOfTurn.into()),
        _ => Ok(()),
    }
}

/// An update of `deliveries` that happens only where the destination is not paused and no other message of the same order
/// key goes first.
macro_rules! on_its_turn {
    ($update:literal, $end:literal) => {
        concat!(
            $update,
            " AND NOT EXISTS (SELECT 1 FROM paused_lanes WHERE paused_lanes.destination = deliveries.destination) \
             AND (order_key IS NULL OR NOT EXISTS (SELECT 1 FROM deliveries other WHERE other.destination = deliveries.destination \
             AND other.order_key = deliveries.order_key AND other.closed_at IS NULL AND other.id <> deliveries.id \
             AND (other.attempt_at IS NOT NULL OR other.ordered_at < deliveries.ordered_at \
             OR (other.ordered_at = deliveries.ordered_at AND other.id < deliveries.id))))",
            $end
        )
    };
}

/// Takes the deliveries and the attempts' numbers as columns, and the node. `CASE` keeps the plan on the ids, as in
/// [`super::images::advanced`]: one made while few are open would read all that are open, for each of these, ever after.
pub const START: &str = on_its_turn!(
    "UPDATE deliveries SET attempts = greatest(attempts, u.number), attempt_at = u.at FROM unnest(?, ?, ?) AS u (id, number, at) \
     WHERE deliveries.id = u.id AND CASE WHEN node = ? AND deliveries.closed_at IS NULL THEN true END",
    ""
);
/// Takes the node and the delivery. `CASE` hides that only open ones are meant: their index, which was all but empty when the
/// server last looked, would be read as a whole for each message of a node that has fallen behind.
pub const CLAIM: &str = on_its_turn!(
    "UPDATE deliveries SET node = ? WHERE id = ? AND CASE WHEN node IS NULL AND deliveries.closed_at IS NULL THEN true END",
    " RETURNING *"
);

/// A row, if any destination is paused.
pub fn any_paused<'a>() -> Sql<'a> {
    sql("SELECT 1 FROM paused_lanes LIMIT 1")
}

/// Messages that are born with their first attempt under way go to no destination that is paused.
pub fn none_paused<'a>(writer: &mut Writer, new: impl Iterator<Item = &'a NewDelivery>) -> Applied<()> {
    let under_way: HashSet<Destination> =
        new.filter(|new| new.delivery.attempts > 0).map(|new| new.delivery.destination()).collect();
    if under_way.is_empty() {
        return Ok(());
    }
    let paused: Vec<Word> = sql("SELECT destination AS t FROM paused_lanes").all(&mut writer.conn)?;
    let refused = paused.into_iter().any(|Word(destination)| under_way.contains(&Destination::stored(destination)));
    if refused { Err(Refusal::Paused.into()) } else { Ok(()) }
}

/// Why an attempt of a delivery may not start.
pub fn why_not_started(writer: &mut Writer, id: DeliveryId) -> Applied<Refusal> {
    let is_ours: Option<Number> =
        sql("SELECT (SELECT count(*) FROM paused_lanes WHERE paused_lanes.destination = deliveries.destination) AS n \
             FROM deliveries WHERE id = ? AND CASE WHEN node = ? AND closed_at IS NULL THEN true END")
        .bind(id)
        .bind(writer.node)
        .first(&mut writer.conn)?;
    match is_ours {
        Some(Number(0)) => Ok(Refusal::OutOfTurn),
        Some(_) => Ok(Refusal::Paused),
        None => why_not(&mut writer.conn, id),
    }
}

/// A message is over: the next of its order key is due, if nobody holds it.
pub fn next_of_order(conn: &mut PgConnection, id: DeliveryId, now: Timestamp) -> QueryResult<()> {
    sql("UPDATE delivery_due SET due_at = ? WHERE due_at > ? AND delivery_id = (SELECT other.id FROM deliveries other \
         JOIN deliveries own ON own.destination = other.destination AND own.order_key = other.order_key \
         WHERE own.id = ? AND other.order_key IS NOT NULL AND other.closed_at IS NULL ORDER BY other.ordered_at, other.id LIMIT 1)")
    .bind(now)
    .bind(now)
    .bind(id)
    .run(conn)
    .map(|_| ())
}

/// A delivery that is due may not be taken up yet: it stays aside. One that is over or held leaves the list.
pub fn set_aside(conn: &mut PgConnection, id: DeliveryId, now: Timestamp) -> QueryResult<()> {
    let paused: Option<Number> =
        sql("SELECT (SELECT count(*) FROM paused_lanes WHERE paused_lanes.destination = deliveries.destination) AS n \
             FROM deliveries WHERE id = ? AND CASE WHEN node IS NULL AND closed_at IS NULL THEN true END")
        .bind(id)
        .first(conn)?;
    let Some(Number(paused)) = paused else { return Ok(()) };
    let after_ms = if paused > 0 { PAUSED_MS } else { OUT_OF_TURN_MS };
    sql("INSERT INTO delivery_due (delivery_id, due_at, paused, destination) SELECT id, ?, ?, destination FROM deliveries \
         WHERE id = ? ON CONFLICT (delivery_id) DO NOTHING")
    .bind(now.plus_ms(after_ms))
    .bind(paused > 0)
    .bind(id)
    .run(conn)
    .map(|_| ())
}

/// Holds off whoever pauses or resumes until this transaction is over: what is put aside here is seen by a resume.
pub fn hold_pauses(conn: &mut PgConnection) -> QueryResult<()> {
    sql("SELECT destination AS t FROM paused_lanes ORDER BY destination FOR SHARE").all::<Word>(conn).map(|_| ())
}

pub fn pause(conn: &mut PgConnection, destination: &Destination, now: Timestamp) -> QueryResult<()> {
    sql("INSERT INTO paused_lanes (destination, paused_at) VALUES (?, ?) ON CONFLICT (destination) DO NOTHING")
        .bind(destination.as_str())
        .bind(now)
        .run(conn)
        .map(|_| ())
}

pub fn resume(conn: &mut PgConnection, destination: &Destination, now: Timestamp) -> QueryResult<()> {
    sql("DELETE FROM paused_lanes WHERE destination = ?").bind(destination.as_str()).run(conn)?;
    sql("UPDATE delivery_due SET due_at = ?, paused = 0 WHERE paused <> 0 AND delivery_id IN \
         (SELECT id FROM deliveries WHERE destination = ? AND closed_at IS NULL)")
    .bind(now)
    .bind(destination.as_str())
    .run(conn)
    .map(|_| ())
}

pub fn owed(conn: &mut PgConnection) -> QueryResult<Vec<OwedLane>> {
    sql("SELECT lane.destination, lane.owed, lane.in_flight, paused_at FROM \
         (SELECT destination, sum(one)::bigint AS owed, sum(flying)::bigint AS in_flight FROM \
         (SELECT destination, 1 AS one, (attempt_at IS NOT NULL)::int::bigint AS flying FROM deliveries WHERE closed_at IS NULL \
         UNION ALL SELECT destination, 0, 0 FROM paused_lanes) every_one GROUP BY destination) lane \
         LEFT JOIN paused_lanes ON paused_lanes.destination = lane.destination ORDER BY lane.destination")
    .all(conn)
}

impl FromNamedRow for OwedLane {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            destination: Destination::stored(row.text("destination")?),
            owed: row.int("owed")?,
            in_flight: row.int("in_flight")?,
            paused_at: row.opt_at("paused_at")?,
        })
    }
}
