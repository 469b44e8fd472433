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
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) if !is_of_the_value(info.message()) => {
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

fn is_of_the_value(message: &str) -> bool {
    ["invalid byte sequence", "out of range", "exceeds", "too large", "too long"].iter().any(|sign| message.contains(sign))
}

/// What a failed statement says of the database.
pub fn store_error(error: Error) -> StoreError {
    match error {
        Error::DeserializationError(error) => StoreError::Corrupt(error.to_string()),
        Error::DatabaseError(_, info) if is_damage(info.message()) => StoreError::Corrupt(info.message().to_owned()),
        Error::QueryBuilderError(error) => StoreError::Corrupt(format!("a statement of ours does not hold: {error}")),
        other => StoreError::Unavailable(other.to_string()),
    }
}

fn is_damage(message: &str) -> bool {
    message.contains("invalid page") || message.contains("could not read block")
}
