//! A folded batch as statements of many rows, one per table and kind of change.
//! Never keeps a part: a row that was not there, or was another's, refuses the whole.

use super::fault::Applied;
use super::flight::Flight;
use super::park::{waited_for, wake_waiters};
use super::submit::Claims;
use super::writer::{Opening, Writer};
use super::{deliveries, destinations, images, journal, lanes, limits, records, submit};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::Folded;
use crate::store::write::Refusal;

/// Applies what was folded, in the order in which every transaction locks; `made_for` is the generation of registered destinations
/// that its ends were made for; `claims` are the keys of its calls, where they are not theirs yet. One flight for all rows, and for
/// what they mean to others, which mostly is nothing.
pub fn apply(
    writer: &mut Writer,
    opening: &mut Option<Opening>,
    folded: &Folded<'_>,
    made_for: Option<i64>,
    claims: Option<Claims<'_>>,
) -> Applied<()> {
    let node = writer.node;
    let ended: Vec<(ExecutionId, Timestamp)> =
        folded.born.iter().chain(&folded.ended).filter_map(|image| Some((image.id, image.end?.at))).collect();
    let mut flight = Flight::default();
    let taken = claims.map(|claims| (flight.counted(claims.taken()), claims.count()));
    let current = made_for.map(|made_for| flight.counted(destinations::of_generation(made_for)));
    if !folded.born.is_empty() {
        flight.exactly(images::inserted(node, &folded.born), folded.born.len());
    }
    if let Some(enqueued) = submit::enqueued(&folded.born) {
        flight.counted(enqueued);
    }
    if !folded.stepped.is_empty() {
        flight.exactly(images::advanced(node, &folded.stepped), folded.stepped.len());
    }
    if !folded.ended.is_empty() {
        flight.exactly(images::ended(node, &folded.ended), folded.ended.len());
    }
    if !folded.journal.is_empty() {
        flight.exactly(journal::inserted(&folded.journal), folded.journal.len());
    }
    let waited = (!ended.is_empty()).then(|| flight.counted(waited_for(&ended)));
    let is_plain = folded.deliveries.iter().all(|new| deliveries::is_plain(new));
    let paused = (is_plain && !folded.deliveries.is_empty()).then(|| {
        flight.counted(deliveries::inserted(node, &folded.deliveries));
        flight.counted(lanes::any_paused())
    });
    if !folded.started.is_empty() {
        flight.exactly(deliveries::starting(node, &folded.started), folded.started.len());
    }
    let ordered = (!folded.closed.is_empty()).then(|| {
        flight.exactly(deliveries::closing(node, &folded.closed), folded.closed.len());
        deliveries::attempts(&folded.closed).map(|attempts| flight.counted(attempts));
        flight.counted(deliveries::any_ordered(&folded.closed))
    });
    let counts = flight.land(writer, opening)?;
    if taken.is_some_and(|(at, wanted)| counts[at] != wanted) {
        writer.be_wary();
        return Err(Refusal::LostOwnership.into());
    }
    if current.is_some_and(|at| counts[at] == 0) {
        return Err(Refusal::DestinationsMoved.into());
    }
    if waited.is_some_and(|at| counts[at] > 0) {
        wake_waiters(&mut writer.conn, &ended)?;
    }
    let limited: Vec<_> = ended.iter().copied().filter(|(id, _)| writer.limited.contains(id)).collect();
    if !limited.is_empty() {
        limits::release(&mut writer.conn, &limited)?;
    }
    if !is_plain {
        writer.open_now(opening)?;
        deliveries::insert(writer, &folded.deliveries)?;
    } else if paused.is_some_and(|at| counts[at] > 0) {
        lanes::none_paused(writer, folded.deliveries.iter().copied())?;
    }
    if ordered.is_some_and(|at| counts[at] > 0) || deliveries::any_again(&folded.closed) {
        deliveries::after_closing(&mut writer.conn, &folded.closed)?;
    }
    // A batch that folds to nothing is a transaction all the same.
    writer.open_now(opening)?;
    records::insert_plain(&mut writer.conn, &folded.records)
}
