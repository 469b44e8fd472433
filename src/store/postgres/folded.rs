//! A folded batch as statements of many rows, one per table and kind of change.
//! Never keeps a part: a row that was not there, or was another's, refuses the whole.

use super::fault::Applied;
use super::park::wake_waiters;
use super::writer::Writer;
use super::{deliveries, images, journal, limits, records, submit};
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::store::fold::{Folded, Image};
use crate::store::write::Refusal;

/// Applies what was folded, in the order in which every transaction locks. The executions whose idempotency key belongs to
/// an earlier call were not stored: they are returned.
pub fn apply(writer: &mut Writer, folded: &Folded<'_>) -> Applied<HashSet<ExecutionId>> {
    let lost = submit::claim_keys(&mut writer.conn, &folded.born)?;
    let won: Vec<Image<'_>>;
    let born = if lost.is_empty() {
        &folded.born
    } else {
        won = folded.born.iter().filter(|image| !lost.contains(&image.id)).cloned().collect();
        &won
    };
    if !born.is_empty() {
        all(images::insert(writer, born)?, born.len())?;
        submit::enqueue_born(&mut writer.conn, born)?;
    }
    if !folded.stepped.is_empty() {
        all(images::advance(writer, &folded.stepped)?, folded.stepped.len())?;
    }
    if !folded.ended.is_empty() {
        all(images::end(writer, &folded.ended)?, folded.ended.len())?;
    }
    journal::insert(&mut writer.conn, &folded.journal)?;
    let ended = born.iter().chain(&folded.ended).filter_map(|image| Some((image.id, image.end?.at)));
    let ended: Vec<_> = ended.collect();
    wake_waiters(&mut writer.conn, &ended)?;
    let limited: Vec<_> = ended.into_iter().filter(|(id, _)| writer.limited.contains(id)).collect();
    limits::release(&mut writer.conn, &limited)?;
    deliveries::insert(writer, &folded.deliveries)?;
    if !folded.started.is_empty() {
        all(deliveries::started(writer, &folded.started)?, folded.started.len())?;
    }
    if !folded.closed.is_empty() {
        all(deliveries::closed(writer, &folded.closed)?, folded.closed.len())?;
    }
    records::insert_plain(&mut writer.conn, &folded.records)?;
    Ok(lost)
}

/// Which entry it was is found out one by one; here it is enough that it was one.
fn all(changed: usize, wanted: usize) -> Applied<()> {
    if changed == wanted { Ok(()) } else { Err(Refusal::LostOwnership.into()) }
}
