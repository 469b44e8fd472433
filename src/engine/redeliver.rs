//! Sending messages again because somebody wishes so.
//! Never changes a message: its id and its bytes stay.

use super::Engine;
use crate::domain::delivery::DeliveryView;
use crate::domain::ids::DeliveryId;
use crate::store::StoreError;
use crate::store::read::DeliveryQuery;
use crate::store::write::Redelivery;

/// Messages made due in one transaction.
const PER_COMMIT: i64 = 200;
/// Ids named in the answer to a wish by filter.
const NAMED_MAX: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum RedeliverError {
    #[error("there is no such delivery")]
    Unknown,
    #[error("an attempt at this delivery is open or follows at once; it can be sent again when that is over")]
    Held,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a wish by filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redelivered {
    /// How many matched when it was asked.
    pub matched: i64,
    /// How many are due now; 0 for a dry run.
    pub redelivered: usize,
    /// The first of those that are due, or would be.
    pub named: Vec<DeliveryId>,
}

/// Sends one message again.
///
/// # Errors
/// It does not exist, a courier has it, or the store's.
pub async fn redeliver(engine: &Engine, id: DeliveryId) -> Result<DeliveryView, RedeliverError> {
    match engine.write.redeliver(id, engine.clock.now()).await? {
        Redelivery::Due => engine.wakes.now(),
        Redelivery::Held => return Err(RedeliverError::Held),
        Redelivery::Unknown => return Err(RedeliverError::Unknown),
    }
    engine.read.delivery(id).await?.ok_or(RedeliverError::Unknown)
}

/// Sends all messages again that match; a dry run only says which.
///
/// # Errors
/// The store's; what was made due before stays due.
pub async fn redeliver_all(engine: &Engine, mut query: DeliveryQuery, dry_run: bool) -> Result<Redelivered, StoreError> {
    let matched = engine.read.count_deliveries(&query).await?;
    let mut outcome = Redelivered { matched, redelivered: 0, named: Vec::new() };
    query.limit = PER_COMMIT;
    if dry_run {
        outcome.named = engine.read.list_deliveries(&query).await?.iter().map(|view| view.id).collect();
        return Ok(outcome);
    }
    loop {
        let due = engine.write.redeliver_all(&query, engine.clock.now()).await?;
        engine.wakes.now_if(!due.is_empty());
        outcome.redelivered += due.len();
        let room = NAMED_MAX - outcome.named.len().min(NAMED_MAX);
        outcome.named.extend(due.iter().take(room));
        // What was made due no longer matches, or lies above the last page.
        query.before = due.iter().min().copied();
        if query.before.is_none() {
            return Ok(outcome);
        }
    }
}
