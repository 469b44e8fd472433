//! Registered destinations, and what is on hold for them.
//! Never lets an execution end against destinations that are no longer the ones.

use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::deliveries::keep_last_attempt;
use super::rows::{Columns, Number, to_json};
use super::sql::{FromNamedRow, Sql, sql};
use crate::domain::delivery::Destination;
use crate::domain::ids::{DeliveryId, DestinationId};
use crate::domain::registration::Registration;
use crate::domain::timestamp::Timestamp;

/// What counts the changes of all destinations together.
pub fn generation(conn: &mut PgConnection) -> QueryResult<i64> {
    let found: Option<Number> = sql("SELECT value::bigint AS n FROM settings WHERE name = 'destinations'").first(conn)?;
    Ok(found.map_or(0, |Number(generation)| generation))
}

/// One row, if this is the generation.
pub fn of_generation<'a>(generation: i64) -> Sql<'a> {
    sql("SELECT 1 WHERE coalesce((SELECT value::bigint FROM settings WHERE name = 'destinations'), 0) = ?").bind(generation)
}

/// One row, if this is the generation and no destination is paused.
pub fn settled<'a>(generation: i64) -> Sql<'a> {
    sql("SELECT 1 WHERE coalesce((SELECT value::bigint FROM settings WHERE name = 'destinations'), 0) = ? \
         AND NOT EXISTS (SELECT 1 FROM paused_lanes)")
    .bind(generation)
}

/// All of them as of one moment, with their generation.
pub fn all(conn: &mut PgConnection) -> QueryResult<(i64, Vec<Registration>)> {
    let found: Vec<Counted> = sql("SELECT generation, document FROM \
         (SELECT coalesce((SELECT value::bigint FROM settings WHERE name = 'destinations'), 0) AS generation) AS counted \
         LEFT JOIN destinations ON 1 = 1 ORDER BY id")
    .all(conn)?;
    let generation = found.first().map_or(0, |Counted { generation, .. }| *generation);
    Ok((generation, found.into_iter().filter_map(|counted| counted.destination).collect()))
}

/// A destination, if there is any, beside the generation of all.
struct Counted {
    generation: i64,
    destination: Option<Registration>,
}

impl FromNamedRow for Counted {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let document = row.opt_text("document")?;
        let destination = document.map(|document| serde_json::from_str(&document)).transpose();
        Ok(Self {
            generation: row.int("generation")?,
            destination: destination.map_err(|error| format!("destinations: {error}"))?,
        })
    }
}

pub fn put(conn: &mut PgConnection, destination: &Registration) -> QueryResult<bool> {
    let document = to_json(destination);
    let changed = if destination.version == 1 {
        sql("INSERT INTO destinations (id, version, document) VALUES (?, 1, ?) ON CONFLICT DO NOTHING")
            .bind(destination.id)
            .bind(document)
            .run(conn)?
    } else {
        sql("UPDATE destinations SET version = ?, document = ? WHERE id = ? AND version = ?")
            .bind(destination.version)
            .bind(document)
            .bind(destination.id)
            .bind(destination.version - 1)
            .run(conn)?
    };
    if changed == 1 {
        next_generation(conn)?;
    }
    Ok(changed == 1)
}

pub fn delete(conn: &mut PgConnection, id: DestinationId, now: Timestamp) -> QueryResult<bool> {
    let deleted = sql("DELETE FROM destinations WHERE id = ?").bind(id).run(conn)?;
    sql("UPDATE deliveries SET state = 'dead', closed_at = ?, reason = 'its destination was taken away' \
         WHERE state = 'held' AND callback::json ->> 'registered' = ?")
    .bind(now)
    .bind(id.to_string())
    .run(conn)?;
    next_generation(conn)?;
    Ok(deleted == 1)
}

/// What is on hold becomes due, and with it what waits for a later try, for the address and with the credentials of today; its
/// id and its bytes stay.
pub fn replay(conn: &mut PgConnection, destination: &Registration, now: Timestamp) -> QueryResult<usize> {
    let ready: Vec<HeldRow> =
        sql("SELECT id FROM deliveries WHERE state = 'held' AND callback::json ->> 'registered' = ? UNION \
         SELECT id FROM deliveries WHERE closed_at IS NULL AND node IS NULL AND callback::json ->> 'registered' = ? ORDER BY id")
        .bind(destination.id.to_string())
        .bind(destination.id.to_string())
        .all(conn)?;
    let mut due = 0;
    let lane = Destination::of(&destination.callback.url);
    for HeldRow(id) in &ready {
        keep_last_attempt(conn, *id)?;
        let changed = sql("UPDATE deliveries SET state = 'pending', closed_at = NULL, reason = NULL, counted = 0, excused = 0, \
             attempt_at = NULL, url = ?, callback = ?, destination = ? \
             WHERE id = ? AND node IS NULL AND (state = 'held' OR closed_at IS NULL)")
        .bind(&*destination.callback.url)
        .bind(to_json(&destination.callback))
        .bind(lane.as_str().to_owned())
        .bind(*id)
        .run(conn)?;
        // A courier has taken it up since.
        if changed == 0 {
            continue;
        }
        due += 1;
        sql("INSERT INTO delivery_due (delivery_id, due_at, destination) VALUES (?, ?, ?) \
             ON CONFLICT (delivery_id) DO UPDATE SET due_at = excluded.due_at, destination = excluded.destination, paused = 0")
        .bind(*id)
        .bind(now)
        .bind(lane.as_str().to_owned())
        .run(conn)?;
    }
    Ok(due)
}

fn next_generation(conn: &mut PgConnection) -> QueryResult<()> {
    sql("INSERT INTO settings (name, value) VALUES ('destinations', '1') ON CONFLICT (name) DO UPDATE SET value = (settings.value::bigint + 1)::text")
    .run(conn)
    .map(|_| ())
}

struct HeldRow(DeliveryId);

impl FromNamedRow for HeldRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.delivery_id("id").map(Self)
    }
}
