//! Cancelling an execution: a durable mark that its owner obeys at once.
//! Never writes a terminal state beside the owner.

use std::time::Duration;

use super::Engine;
use super::journal::JournalError;
use super::live::Signal;
use super::wait::{WaitMode, wait};
use crate::domain::execution::{Execution, State};
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;
use crate::store::read::ExecutionQuery;
use crate::store::write::{Entry, Receipt, Refusal};

/// How long the caller waits for the end itself; the mark is durable by then in any case.
const WAIT_FOR_END: Duration = Duration::from_secs(2);
/// Children that one look finds; a parent with more is asked again.
const CHILDREN_PER_LOOK: i64 = 200;

#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    #[error("there is no such execution")]
    NotFound,
    #[error("the execution is {} already", .1.as_str())]
    Terminal(Box<Execution>, State),
    #[error("the cancellation could not be stored: {0}")]
    Journal(JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Marks an execution to be cancelled and waits (at most two seconds) until it has ended. Also fine if it was cancelled before.
///
/// # Errors
/// See [`CancelError`].
pub async fn cancel(engine: &Engine, id: ExecutionId) -> Result<Execution, CancelError> {
    match mark(engine, id).await {
        Ok(()) | Err(JournalError::Refused(Refusal::Terminal(State::Cancelled))) => {}
        Err(JournalError::Refused(Refusal::NotFound)) => return Err(CancelError::NotFound),
        Err(JournalError::Refused(Refusal::Terminal(state))) => {
            let found = engine.read.executions(&[id]).await?.pop().flatten();
            return Err(found.map_or(CancelError::NotFound, |execution| CancelError::Terminal(Box::new(execution), state)));
        }
        Err(error) => return Err(CancelError::Journal(error)),
    }
    let execution = wait(engine, &[id], WaitMode::All, WAIT_FOR_END).await?.pop().flatten().ok_or(CancelError::NotFound)?;
    match execution.state {
        // It ended by itself before its owner saw the mark.
        state if state.is_terminal() && state != State::Cancelled => Err(CancelError::Terminal(Box::new(execution), state)),
        _ => Ok(execution),
    }
}

/// Cancels the children of an execution that was stopped, and theirs.
///
/// # Errors
/// The store's or the journal's; what was marked stays marked.
pub async fn cancel_children(engine: &Engine, parent: ExecutionId) -> Result<(), CancelError> {
    use State::{Queued, Retrying, Running, Waiting};
    let query = ExecutionQuery {
        parent: Some(parent),
        states: vec![Queued, Running, Waiting, Retrying],
        limit: CHILDREN_PER_LOOK,
        ..ExecutionQuery::default()
    };
    for child in engine.read.list_executions(&query).await? {
        match mark(engine, child.birth.id).await {
            Ok(()) | Err(JournalError::Refused(_)) => {}
            Err(error) => return Err(CancelError::Journal(error)),
        }
    }
    Ok(())
}

pub(super) async fn mark(engine: &Engine, id: ExecutionId) -> Result<(), JournalError> {
    let receipt = loop {
        match engine.journal.offer(Entry::Cancel { id, at: engine.clock.now() }).await {
            // An entry of its owner was refused in the same batch, which says nothing about the mark.
            Err(JournalError::Refused(Refusal::Chained)) => {}
            other => break other?,
        }
    };
    match receipt {
        Receipt::CancelMarked { parked: true } => engine.wakes.now(),
        _ => {
            engine.live.tell(id, Signal::Cancel);
        }
    }
    Ok(())
}
