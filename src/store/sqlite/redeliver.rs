//! Sending a message again because somebody wishes so.
//! Never changes its id or its bytes, and never touches what a courier holds.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::deliveries::{keep_last_attempt, make_due};
use super::fault::Applied;
use super::read_deliveries::{DeliveryRow, matching};
use super::rows::Number;
use super::sql::sql;
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;
use crate::store::read::DeliveryQuery;
use crate::store::write::Redelivery;

/// Makes one delivery due now.
pub fn one(conn: &mut SqliteConnection, id: DeliveryId, now: Timestamp) -> Applied<Redelivery> {
    keep_last_attempt(conn, id)?;
    // Its ladder begins anew, and so does its turn: what came behind it has gone ahead meanwhile.
    let changed = sql("UPDATE deliveries SET state = 'pending', closed_at = NULL, reason = NULL, counted = 0, excused = 0, \
         ordered_at = CASE WHEN closed_at IS NULL THEN ordered_at ELSE ? END WHERE id = ? AND node IS NULL")
    .bind(now)
    .bind(id)
    .run(conn)?;
    if changed == 1 {
        make_due(conn, id, now)?;
        return Ok(Redelivery::Due);
    }
    let known = sql("SELECT count(*) AS n FROM deliveries WHERE id = ?").bind(id).first(conn)?;
    Ok(if known.is_some_and(|Number(n)| n > 0) { Redelivery::Held } else { Redelivery::Unknown })
}

/// Makes those that match due now, the newest first; what a courier holds is passed over.
pub fn all(conn: &mut SqliteConnection, query: &DeliveryQuery, now: Timestamp) -> Applied<Vec<DeliveryId>> {
    let mut due = Vec::new();
    for DeliveryRow(id) in found(conn, query)? {
        if one(conn, id, now)? == Redelivery::Due {
            due.push(id);
        }
    }
    Ok(due)
}

fn found(conn: &mut SqliteConnection, query: &DeliveryQuery) -> QueryResult<Vec<DeliveryRow>> {
    let mut text = sql("SELECT id FROM deliveries WHERE node IS NULL");
    matching(&mut text, query);
    text.push(" ORDER BY id DESC LIMIT ?").push_value(query.limit.max(0));
    text.all(conn)
}
