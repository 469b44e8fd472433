//! This process as a node: its lease, and giving its work back.
//! Never decides that another node is dead; the store does, by its own clock.

use super::Engine;
use crate::store::StoreError;

/// Renews this node's lease.
///
/// # Errors
/// `Fenced` when the node was declared dead: the process must end.
pub async fn renew(engine: &Engine) -> Result<(), StoreError> {
    engine.write.renew_lease().await
}

/// Gives everything back that this node still owns, so that whoever comes next goes on at once.
///
/// # Errors
/// The store's; the next start finds the same as after a crash.
pub async fn stop(engine: &Engine) -> Result<(), StoreError> {
    engine.write.stop_node().await
}
