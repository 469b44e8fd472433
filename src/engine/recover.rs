//! Going on after a bug of ours: an execution whose actor panicked or could not take it up.
//! Never lets one execution's bug become another's.

use super::Engine;
use super::advance::{Left, fail};
use super::run::Run;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;
use crate::store::write::Claimed;

/// Takes an execution over from its lost actor under a new epoch, and lets it fail with what happened; its retry policy
/// holds as for any other failure. `None` if somebody else owns it by now.
///
/// # Errors
/// The store's; the execution stays owned, and the next start of the process takes it up.
pub async fn recover(engine: &Engine, id: ExecutionId, message: &str) -> Result<Option<Left>, StoreError> {
    let Some(claimed) = engine.write.reopen(id).await? else { return Ok(None) };
    let failure = Failure::new(ErrorCode::Internal, message);
    Ok(Some(end(engine, claimed, failure).await))
}

/// Ends an execution that was taken up, with a failure; also one whose checkpoint does not read.
async fn end(engine: &Engine, claimed: Claimed, failure: Failure) -> Left {
    match Run::take_up(engine.clone(), claimed.clone(), None, None).await {
        Ok(mut run) => fail(&mut run, failure).await,
        Err(_) => {
            let mut run = Run::without_machine(engine.clone(), &claimed);
            fail(&mut run, failure).await
        }
    }
}
