//! The journal's loop around commits that failed: `engine::journal`.
//! Never goes on when it cannot: the process ends, and the next start goes on from the store.

use actix::Arbiter;

use super::OnFatal;
use crate::engine::journal::Failures;

/// Runs the loop on a thread of its own.
pub fn start(arbiter: &Arbiter, mut failures: Failures, on_fatal: OnFatal) {
    arbiter.spawn(async move {
        if let Err(error) = failures.mend().await {
            on_fatal(&format!("the journal cannot go on: {error}"));
        }
    });
}
