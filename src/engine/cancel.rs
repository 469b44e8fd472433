//! Cancelling an execution: a durable mark that its owner obeys at once.
//! Never writes a terminal state beside the owner.

use super::Engine;
use crate::domain::execution::{Execution, State};
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    #[error("there is no such execution")]
    NotFound,
    #[error("the execution is {} already", .0.birth.function)]
    Terminal(Box<Execution>, State),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Marks an execution to be cancelled and waits (at most two seconds) until it has ended. Also fine if it was cancelled before.
///
/// # Errors
/// See [`CancelError`].
pub async fn cancel(engine: &Engine, id: ExecutionId) -> Result<Execution, CancelError> {
    let _ = (engine, id);
    unimplemented!("owned by the engine")
}
