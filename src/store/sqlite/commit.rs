//! A batch of entries in one transaction, each in a savepoint of its own.
//! Never answers before the transaction is durable.

use std::collections::HashSet;

use diesel::result::Error as DieselError;
use diesel::{Connection, SqliteConnection};

use super::{alerts, cancel, checkpoint, connection, deliveries, finish, park, submit};
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;
use crate::store::write::{Entry, Receipt, Refusal};

/// Why one entry was taken back.
#[derive(Debug)]
pub(super) enum EntryError {
    Refused(Refusal),
    Database(DieselError),
}

impl From<DieselError> for EntryError {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl From<Refusal> for EntryError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(super) type Applied<T> = Result<T, EntryError>;

pub(super) fn commit(
    connection: &mut SqliteConnection,
    node: i32,
    batch: Vec<Entry>,
) -> Result<Vec<Result<Receipt, Refusal>>, StoreError> {
    let committed = connection.immediate_transaction::<_, DieselError, _>(|connection| {
        let mut broken: HashSet<ExecutionId> = HashSet::new();
        let mut results = Vec::with_capacity(batch.len());
        for entry in batch {
            let execution = entry.execution();
            if execution.is_some_and(|id| broken.contains(&id)) {
                results.push(Err(Refusal::Chained));
                continue;
            }
            // A cancel mark is nobody's chain: whether it is refused says nothing about its owner's entries.
            let chained = execution.filter(|_| !matches!(entry, Entry::Cancel { .. }));
            match connection.transaction(|connection| apply(connection, node, entry)) {
                Ok(receipt) => results.push(Ok(receipt)),
                Err(EntryError::Refused(refusal)) => {
                    broken.extend(chained);
                    results.push(Err(refusal));
                }
                Err(EntryError::Database(error)) => {
                    let refusal = value_refused(error)?;
                    broken.extend(chained);
                    results.push(Err(refusal));
                }
            }
        }
        Ok(results)
    });
    committed.map_err(|error| connection::unavailable(&error))
}

/// An error of the value is the entry's own; any other is the database's, and nothing of the batch is kept.
fn value_refused(error: DieselError) -> Result<Refusal, DieselError> {
    use diesel::result::DatabaseErrorKind::{CheckViolation, NotNullViolation, UniqueViolation};
    match &error {
        DieselError::DatabaseError(UniqueViolation | NotNullViolation | CheckViolation, information) => {
            Ok(Refusal::Value(information.message().to_owned()))
        }
        DieselError::SerializationError(reason) => Ok(Refusal::Value(reason.to_string())),
        _ => Err(error),
    }
}

fn apply(connection: &mut SqliteConnection, node: i32, entry: Entry) -> Applied<Receipt> {
    match entry {
        Entry::Submit(entry) => submit::apply(connection, node, &entry),
        Entry::Checkpoint(entry) => checkpoint::apply(connection, node, entry),
        Entry::Park(entry) => park::apply(connection, node, &entry),
        Entry::Finish(entry) => finish::apply(connection, node, &entry),
        Entry::Cancel { id, at } => cancel::apply(connection, id, at),
        Entry::DeliveryStarted { id, number, at } => deliveries::started(connection, node, id, number, at),
        Entry::DeliveryClosed(entry) => deliveries::closed(connection, node, &entry),
        Entry::DeliveryReleased { id, due_at } => deliveries::released(connection, id, due_at),
        Entry::Alert(alert) => alerts::raise(connection, &alert).map(|()| Receipt::Done),
    }
}
