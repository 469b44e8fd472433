//! The writer's loop around `engine::journal`: one commit after the other.
//! Never goes on when it cannot: the process ends, and the next start goes on from the store.

use actix::Arbiter;

use super::OnFatal;
use crate::engine::journal::{Inbox, Turn};

/// Runs the loop on a thread of its own.
pub fn start(arbiter: &Arbiter, mut inbox: Inbox, on_fatal: OnFatal) {
    arbiter.spawn(async move {
        loop {
            inbox.probe().await;
            match inbox.commit_next().await {
                Ok(Turn::Committed { entries }) => tracing::trace!(entries, "committed"),
                Ok(Turn::Closed) => return,
                Err(error) => {
                    on_fatal(&format!("the journal cannot go on: {error}"));
                    return;
                }
            }
        }
    });
}
