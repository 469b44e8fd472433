//! A folded batch as statements of many rows, one per table and kind of change.
//! Never keeps a part: a row that was not there, or was another's, refuses the whole.

use super::fault::Applied;
use super::park::wake_waiters;
use super::rows::Number;
use super::sql::sql;
use super::writer::Writer;
use super::{deliveries, images, journal, limits, records, submit};
use crate::store::fold::Folded;
use crate::store::write::Refusal;

/// Applies what was folded, in the order in which every transaction locks; the keys of its calls are theirs.
pub fn apply(writer: &mut Writer, folded: &Folded<'_>) -> Applied<()> {
    let born = &folded.born;
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
    if !ended.is_empty() {
        let (somebody_waits, somebody_is_limited) = anybody(writer)?;
        if somebody_waits {
            wake_waiters(&mut writer.conn, &ended)?;
        }
        if somebody_is_limited {
            limits::release(&mut writer.conn, &ended)?;
        }
    }
    deliveries::insert(writer, &folded.deliveries)?;
    if !folded.started.is_empty() {
        all(deliveries::started(writer, &folded.started)?, folded.started.len())?;
    }
    if !folded.closed.is_empty() {
        all(deliveries::closed(writer, &folded.closed)?, folded.closed.len())?;
    }
    for (id, due_at) in &folded.released {
        deliveries::released(writer, *id, *due_at)?;
    }
    records::insert_plain(&mut writer.conn, &folded.records)
}

/// Whether any execution waits for another, and whether any is bound by limits: mostly none, so one look serves a whole batch.
fn anybody(writer: &mut Writer) -> Applied<(bool, bool)> {
    let look = sql("SELECT EXISTS (SELECT 1 FROM waits) + 2 * EXISTS (SELECT 1 FROM execution_limits) AS n");
    let found = look.first(&mut writer.conn)?.map_or(0, |Number(n)| n);
    Ok((found & 1 != 0, found & 2 != 0))
}

/// Which entry it was is found out one by one; here it is enough that it was one.
fn all(changed: usize, wanted: usize) -> Applied<()> {
    if changed == wanted { Ok(()) } else { Err(Refusal::LostOwnership.into()) }
}
