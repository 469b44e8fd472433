//! This process as a node: its lease, and giving its work back.
//! Never decides that another node is dead; the store does, by its own clock.

use std::time::Duration;

use super::Engine;
use super::live::Signal;
use crate::store::StoreError;

/// How often a node whose lease may be over looks whether it holds it again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the next look may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// How soon to look again, if that is sooner than usual.
    pub again: Option<Duration>,
}

/// One look at the store: renews this node's lease, and passes on what it found.
///
/// # Errors
/// `Fenced` when the node was declared dead: the process must end.
pub async fn beat(engine: &Engine) -> Result<Beat, StoreError> {
    let now = engine.clock.now();
    let tick = engine.write.tick(now).await?;
    for id in &tick.cancelled {
        engine.live.tell(*id, Signal::Cancel);
    }
    let released = tick.executions_released + tick.deliveries_released > 0;
    if let Some(count) = tick.functions {
        engine.functions.deployments_counted(count);
    }
    engine.wakes.soon(tick.next_due, now);
    engine.wakes.now_if(released || tick.executions_due || tick.deliveries_due);
    let again = tick.again_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis);
    Ok(Beat { again })
}

/// Waits until this node surely holds its lease: before that another may be doing what it was about to do.
pub async fn surely_alive(engine: &Engine) {
    while !engine.write.holds_lease() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Gives everything back that this node still owns, so that whoever comes next goes on at once.
///
/// # Errors
/// The store's; the next start finds the same as after a crash.
pub async fn stop(engine: &Engine) -> Result<(), StoreError> {
    engine.write.stop_node().await
}

/// Whether nobody else can hold this node for dead.
pub fn holds_lease(engine: &Engine) -> bool {
    engine.write.holds_lease()
}
