//! The one door to the truth: a handle that sends entries and hears when they are durable.
//! Never acknowledges what is not committed.

use crate::store::write::{Entry, Receipt, Refusal};

/// Sends entries to the writer. Cheap to clone. Entries of one execution keep the order in which they were sent.
#[derive(Clone)]
pub struct Journal(());

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is waiting already: try again later.
    #[error("the journal is full")]
    Full,
    /// The database is away: try again later. Only for entries that may be given up; others wait.
    #[error("the database is away: {0}")]
    Away(String),
    #[error("the journal has stopped")]
    Stopped,
}

impl Journal {
    /// Sends an entry and waits until it is durable.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn record(&self, entry: Entry) -> Result<Receipt, JournalError> {
        let _ = entry;
        unimplemented!("owned by the engine")
    }
}
