//! A folded batch as statements of many rows, one per table and kind of change.
//! Never keeps a part: a row that was not there, or was another's, refuses the whole.

use super::caution::Care;
use super::fault::Applied;
use super::flight::Flight;
use super::park::{waited_for, wake_waiters};
use super::submit::Claims;
use super::transaction::Stage;
use super::writer::Writer;
use super::{deliveries, destinations, images, journal, lanes, limits, records, submit};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::fold::Folded;
use crate::store::write::Refusal;

/// What holds before a batch is written, and how it is written.
pub struct Before<'a> {
    /// The generation of registered destinations that the batch's ends were made for.
    pub made_for: Option<i64>,
    /// The keys of its calls, where they are not theirs yet.
    pub claims: Option<Claims<'a>>,
    pub care: Care,
}

/// Applies what was folded, in the order in which every transaction locks. One flight for all rows, and for what they mean to
/// others, which mostly is nothing; then its commit goes along.
pub fn apply(writer: &mut Writer, stage: &mut Stage, folded: &Folded<'_>, before: Before<'_>) -> Applied<()> {
    let ended = || folded.born.iter().chain(&folded.ended).filter_map(|image| Some((image.id, image.end?.at)));
    let limited: Vec<_> = ended().filter(|(id, _)| writer.limited.contains(id)).collect();
    let is_plain = folded.deliveries.iter().all(|new| deliveries::is_plain(new));
    let any_again = deliveries::any_again(&folded.closed);
    let is_all = folded.alone.is_empty() && folded.records.is_empty() && limited.is_empty();
    if before.care == Care::None && *stage == Stage::Unopened && is_plain && !any_again && is_all && !folded.is_empty() {
        return apply_whole(writer, stage, folded, before);
    }

    let mut flight = Flight::default();
    let node = writer.node;
    let taken = before.claims.map(|claims| flight.exactly(claims.taken(), claims.count()));
    let current = before.made_for.map(|made_for| flight.exactly(destinations::of_generation(made_for), 1));
    executions(&mut flight, node, folded);
    let known = known(folded);
    let waited = (!known.is_empty()).then(|| flight.nothing(waited_for(&known)));
    let paused = (is_plain && !folded.deliveries.is_empty()).then(|| {
        flight.any(deliveries::inserted(node, &folded.deliveries));
        flight.nothing(lanes::any_paused())
    });
    if !folded.started.is_empty() {
        flight.exactly(deliveries::starting(node, &folded.started), folded.started.len());
    }
    let ordered = (!folded.closed.is_empty()).then(|| {
        flight.exactly(deliveries::closing(node, &folded.closed), folded.closed.len());
        deliveries::attempts(&folded.closed).map(|attempts| flight.any(attempts));
        flight.nothing(deliveries::any_ordered(&folded.closed))
    });
    released(&mut flight, node, folded);
    let counts = match flight.land(writer, stage)? {
        Ok(counts) => counts,
        Err(place) => return Err(refusal(writer, place, taken, current).into()),
    };
    let found = |look: Option<usize>| look.is_some_and(|place| counts[place] > 0);
    if found(waited) {
        wake_waiters(&mut writer.conn, &known)?;
    }
    if !limited.is_empty() {
        limits::release(&mut writer.conn, &limited)?;
    }
    if !is_plain {
        writer.open_now(stage)?;
        deliveries::insert(writer, &folded.deliveries)?;
    } else if found(paused) {
        lanes::none_paused(writer, folded.deliveries.iter().copied())?;
    }
    if found(ordered) || any_again {
        deliveries::after_closing(&mut writer.conn, &folded.closed)?;
    }
    // A batch that folds to nothing is a transaction all the same.
    writer.open_now(stage)?;
    records::insert_plain(&mut writer.conn, &folded.records)
}

/// The same with the commit behind it. Whatever is not as it mostly is breaks it off, and a batch that was broken off is written
/// again with more care.
fn apply_whole(writer: &mut Writer, stage: &mut Stage, folded: &Folded<'_>, before: Before<'_>) -> Applied<()> {
    let node = writer.node;
    let mut flight = Flight::default();
    let taken = before.claims.map(|claims| flight.any(claims.all_new()));
    executions(&mut flight, node, folded);
    let known = known(folded);
    if !known.is_empty() {
        flight.nothing(waited_for(&known));
    }
    if !folded.started.is_empty() {
        flight.exactly(deliveries::starting(node, &folded.started), folded.started.len());
    }
    if !folded.closed.is_empty() {
        flight.exactly_without("order_key", deliveries::closing(node, &folded.closed), folded.closed.len());
        deliveries::attempts(&folded.closed).map(|attempts| flight.any(attempts));
    }
    released(&mut flight, node, folded);
    // Last, so that what is looked for is looked for late: the updates before it may have to wait for a row.
    let look = match before.made_for {
        Some(made_for) => destinations::settled(made_for).raising_unless(1),
        None => lanes::any_paused().raising_if_any(),
    };
    if !folded.deliveries.is_empty() {
        flight.any(deliveries::inserted(node, &folded.deliveries).provided(look));
    } else if let Some(made_for) = before.made_for {
        flight.exactly(destinations::of_generation(made_for), 1);
    }
    flight.land_whole(writer, stage)?.map_err(|place| {
        writer.caution.rows();
        refusal(writer, place, taken, None).into()
    })
}

/// The rows of executions and of their journals.
fn executions<'a>(flight: &mut Flight<'a>, node: i32, folded: &Folded<'a>) {
    if !folded.born.is_empty() {
        flight.any(images::inserted(node, &folded.born));
    }
    if let Some(enqueued) = submit::enqueued(&folded.born) {
        flight.any(enqueued);
    }
    if !folded.stepped.is_empty() {
        flight.exactly(images::advanced(node, &folded.stepped), folded.stepped.len());
    }
    if !folded.ended.is_empty() {
        flight.exactly(images::ended(node, &folded.ended), folded.ended.len());
    }
    if !folded.journal.is_empty() {
        flight.any(journal::inserted(&folded.journal));
    }
}

/// The messages that go back, and when they are due.
fn released(flight: &mut Flight<'_>, node: i32, folded: &Folded<'_>) {
    if !folded.released.is_empty() {
        flight.exactly(deliveries::releasing(node, &folded.released), folded.released.len());
        flight.any(deliveries::making_due(&folded.released));
    }
}

/// Those that ended and that somebody may have waited for: what does not exist yet keeps nobody waiting, so who is born and ends in
/// one commit ends no wait; a parent is looked for all the same.
fn known(folded: &Folded<'_>) -> Vec<(ExecutionId, Timestamp)> {
    let children = folded.born.iter().filter(|image| image.born.is_some_and(|submit| submit.birth.parent.is_some()));
    children.chain(&folded.ended).filter_map(|image| Some((image.id, image.end?.at))).collect()
}

/// Why a batch is refused of which the statement at `place` came to another number of rows. Which entry it was is found out one
/// by one; here it is enough that it was one.
fn refusal(writer: &mut Writer, place: usize, taken: Option<usize>, current: Option<usize>) -> Refusal {
    if taken == Some(place) {
        writer.caution.keys();
    }
    if current == Some(place) { Refusal::DestinationsMoved } else { Refusal::LostOwnership }
}
