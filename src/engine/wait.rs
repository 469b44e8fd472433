//! Waiting for executions to end, for callers that hold a connection open.
//! Never polls while something can tell.

use std::time::Duration;

use super::Engine;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;

/// Who is waiting for which execution on this node.
#[derive(Clone, Default)]
pub struct Waiters(());

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitMode {
    All,
    Any,
}

/// The executions of `ids`, as soon as all (or any) of those that exist are terminal, or when `timeout` is over.
/// Same order and length; `None` for unknown ids.
///
/// # Errors
/// The store's.
pub async fn wait(
    engine: &Engine,
    ids: &[ExecutionId],
    mode: WaitMode,
    timeout: Duration,
) -> Result<Vec<Option<Execution>>, StoreError> {
    let _ = (engine, ids, mode, timeout);
    unimplemented!("owned by the engine")
}
