//! The truth: what is durable, in Postgres or SQLite, behind traits by caller.
//! Never lets a row type out, and never decides what should happen next.

mod error;
mod failpoint;
mod fold;
mod last_text;
pub mod measuring;
mod moving;
mod open;
mod own_steps;
pub mod read;
mod statements;
pub mod write;

pub mod postgres;
pub mod sqlite;

#[cfg(test)]
mod suite;

pub use error::StoreError;
pub use moving::{Relocated, Told};
pub use open::{abandon, migrate, open, peek_setting, probe, relocate};

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::domain::timestamp::Timestamp;

/// The future of every store call.
pub type Stored<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What a look at a database server found.
#[derive(Debug, Clone)]
pub struct Probed {
    pub version: String,
    /// Its own time.
    pub now: Timestamp,
}

/// An opened store: readers may be many, the writer is one.
pub struct Store {
    pub read: Arc<dyn read::Read>,
    pub write: Arc<dyn write::Write>,
}
