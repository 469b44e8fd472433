//! Acknowledging an alert: somebody has seen it.
//! Never resolves it; that follows from its condition.

use super::Engine;
use crate::domain::alert::Alert;
use crate::store::StoreError;

/// Notes who has seen an alert, and when. The first who did stays; `None` if there is no such alert.
///
/// # Errors
/// The store's.
pub async fn acknowledge(engine: &Engine, id: i64, by: &str) -> Result<Option<Alert>, StoreError> {
    engine.write.acknowledge_alert(id, by, engine.clock.now()).await
}
