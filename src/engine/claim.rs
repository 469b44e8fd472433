//! The cold path: taking up what memory does not hold, as far as there are slots.
//! Never runs what it takes up; it is launched.

use super::Engine;
use super::live::Launch;
use crate::domain::delivery::Delivery;
use crate::store::StoreError;

/// Executions taken up in one look.
const EXECUTIONS_PER_LOOK: usize = 500;
/// Deliveries taken up in one look.
const DELIVERIES_PER_LOOK: usize = 500;

/// What a look at the queue found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// No slot is free: look again when one is.
    NoSlots,
    /// So many were launched, and nothing due is left.
    Drained(usize),
    /// So many were launched, and more may wait.
    More(usize),
}

/// Takes up executions that are due, as many as there are free slots, and launches them.
///
/// # Errors
/// The store's; nothing is lost, the next look finds the same.
pub async fn claim_due(engine: &Engine) -> Result<ClaimOutcome, StoreError> {
    let slots = engine.slots.take_up_to(EXECUTIONS_PER_LOOK);
    if slots.is_empty() {
        return Ok(ClaimOutcome::NoSlots);
    }
    let limit = slots.len();
    let claimed = engine.write.claim_executions(engine.clock.now(), limit).await?;
    let count = claimed.len();
    engine.slots.note_claimed(count);
    engine.slots.set_backlog(count == limit);
    for (claimed, slot) in claimed.into_iter().zip(slots) {
        engine.launches.send(Launch { claimed, slot, given: None, newborn: None });
    }
    Ok(if count == limit { ClaimOutcome::More(count) } else { ClaimOutcome::Drained(count) })
}

/// Counts the queue anew while this node takes it for anything but empty: others add to it and take from it too.
///
/// # Errors
/// The store's; the count of before stands.
pub async fn count_queued(engine: &Engine) -> Result<(), StoreError> {
    if engine.slots.queued() > 0 {
        engine.slots.set_queued(engine.read.queued(engine.clock.now()).await?);
    }
    Ok(())
}

/// Notes when the next one falls due, if that is soon.
///
/// # Errors
/// The store's; the heart's look notes it too.
pub async fn note_next(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.clock.now();
    engine.wakes.soon(engine.read.next_due(now).await?, now);
    Ok(())
}

/// Takes up deliveries that are due, less those of destinations whose lanes have enough to do: however much is owed to one that
/// is dead, it stands before nobody else.
///
/// # Errors
/// The store's; nothing is lost, the next look finds the same.
pub async fn claim_deliveries(engine: &Engine) -> Result<Vec<Delivery>, StoreError> {
    engine.write.claim_deliveries(engine.clock.now(), DELIVERIES_PER_LOOK, engine.lanes.crowded()).await
}
