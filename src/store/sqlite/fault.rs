//! From diesel's errors to ours: what blames an entry, and what blames the database.
//! Never blames an entry for a lost disk, nor the database for a value that no row can hold.

use diesel::result::{DatabaseErrorKind, Error};

use crate::store::StoreError;
use crate::store::write::Refusal;

/// Why an entry was not applied.
#[derive(Debug)]
pub enum Fault {
    /// This entry only; the rest of the batch goes on.
    Refused(Refusal),
    /// The whole batch.
    Store(StoreError),
}

pub type Applied<T> = Result<T, Fault>;

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if !is_too_big(info.message()) => {
                Self::Store(store_error(error))
            }
            Error::DatabaseError(
                DatabaseErrorKind::Unknown
                | DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
                info,
            ) => Self::Refused(Refusal::Value(info.message().to_owned())),
            _ => Self::Store(store_error(error)),
        }
    }
}

fn is_too_big(message: &str) -> bool {
    message.contains("too big")
}

/// What a failed statement says of the database.
pub fn store_error(error: Error) -> StoreError {
    match error {
        Error::DeserializationError(error) => StoreError::Corrupt(error.to_string()),
        Error::DatabaseError(_, info) if is_damage(info.message()) => StoreError::Corrupt(info.message().to_owned()),
        Error::QueryBuilderError(error) => StoreError::Corrupt(format!("a statement of ours does not hold: {error}")),
        other => {
            let message = other.to_string();
            StoreError::Unavailable(mend(&message).map_or(message.clone(), |mend| format!("{message}: {mend}")))
        }
    }
}

/// What whoever looks after the machine can do; the server goes on by itself then.
fn mend(message: &str) -> Option<&'static str> {
    if message.contains("is full") {
        return Some("there is no room for its file to grow; make some");
    }
    if message.contains("readonly") {
        return Some("its file or the folder cannot be written; let this process write both");
    }
    message.contains("disk I/O error").then_some("its file cannot be read or written, or there is no room for it to grow")
}

fn is_damage(message: &str) -> bool {
    message.contains("malformed") || message.contains("not a database")
}
