//! The end of an execution, with the message that it owes and those whom it wakes.
//! Never ends what was asked to be cancelled in any other way.

use super::checkpoint::why_not;
use super::fault::Applied;
use super::park::{forget_waits, wake_waiters};
use super::sql::sql;
use super::writer::Writer;
use super::{alerts, deliveries, images, journal, limits};
use crate::store::fold::{Image, JournalRow};
use crate::store::write::{Finish, Refusal};

/// Applies a finish.
pub fn apply(writer: &mut Writer, finish: &Finish) -> Applied<()> {
    let owner = finish.owner;
    if finish.destinations != writer.destinations()? {
        return Err(Refusal::DestinationsMoved.into());
    }
    if images::end(writer, &[Image::ended(finish)])? != 1 {
        let (standing, fault) = why_not(writer, owner)?;
        let asked = standing.is_some_and(|standing| standing.owned && standing.cancel_asked);
        return Err(if asked { Refusal::CancelAsked.into() } else { fault });
    }
    let limited = writer.limited.contains(&owner.id);
    let conn = &mut writer.conn;
    journal::insert(conn, JournalRow::ended(finish).as_slice())?;
    forget_waits(conn, owner.id)?;
    sql("DELETE FROM queue WHERE execution_id = ?").bind(owner.id).run(conn)?;
    wake_waiters(conn, &[(owner.id, finish.at)])?;
    if limited {
        limits::release(conn, &[(owner.id, finish.at)])?;
    }
    for alert in &finish.alerts {
        alerts::raise(conn, alert)?;
    }
    deliveries::insert(writer, &finish.deliveries.iter().collect::<Vec<_>>())
}
