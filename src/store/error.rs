//! What can go wrong with the database itself.
//! Never blames an entry: that is `write::Refusal`.

/// The database could not do its work; the caller may try again unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Connection lost, server away, disk busy: try again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A commit whose answer was lost; nobody knows whether it landed.
    #[error("the outcome of a commit is unknown: {0}")]
    Ambiguous(String),
    /// This node was declared dead, or its file belongs to another process: stop.
    #[error("this process no longer owns its work: {0}")]
    Fenced(String),
    /// The URL, the file or the schema does not allow it: tell the operator.
    #[error("{0}")]
    Setup(String),
    /// The database holds what we did not write: a bug or a damaged file.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
    /// An answer larger than the asker may hold: ask for less.
    #[error("{0}")]
    TooLarge(String),
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Ambiguous(_))
    }
}
