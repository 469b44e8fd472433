//! A batch: its entries applied in order, each within a savepoint of its own.
//! Never lets one entry's refusal undo another's work.

use std::collections::HashSet;

use super::fault::{Applied, Fault, store_error};
use super::sql::sql;
use super::writer::Writer;
use super::{alerts, cancel, checkpoint, deliveries, events, finish, park, submit};
use crate::domain::ids::ExecutionId;
use crate::store::StoreError;
use crate::store::write::{Entry, Receipt, Refusal};

/// Applies a batch within the transaction that is open.
pub fn apply(writer: &mut Writer, batch: &[Entry]) -> Result<Vec<Result<Receipt, Refusal>>, StoreError> {
    let mut broken: HashSet<ExecutionId> = HashSet::new();
    let mut answers = Vec::with_capacity(batch.len());
    for entry in batch {
        let execution = entry.execution();
        if execution.is_some_and(|id| broken.contains(&id)) {
            answers.push(Err(Refusal::Chained));
            continue;
        }
        let answer = apply_alone(writer, entry)?;
        if answer.is_err() {
            broken.extend(execution);
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn apply_alone(writer: &mut Writer, entry: &Entry) -> Result<Result<Receipt, Refusal>, StoreError> {
    sql("SAVEPOINT entry").run(&mut writer.conn).map_err(store_error)?;
    let answer = match apply_entry(writer, entry) {
        Ok(receipt) => Ok(receipt),
        Err(Fault::Refused(refusal)) => {
            sql("ROLLBACK TO entry").run(&mut writer.conn).map_err(store_error)?;
            Err(refusal)
        }
        Err(Fault::Store(error)) => return Err(error),
    };
    sql("RELEASE entry").run(&mut writer.conn).map_err(store_error)?;
    Ok(answer)
}

fn apply_entry(writer: &mut Writer, entry: &Entry) -> Applied<Receipt> {
    match entry {
        Entry::Submit(submit) => return submit::apply(writer, submit),
        Entry::Event(event) => return events::apply(&mut writer.conn, event),
        Entry::Cancel { id, at } => return cancel::apply(&mut writer.conn, *id, *at),
        Entry::Checkpoint(checkpoint) => checkpoint::apply(writer, checkpoint)?,
        Entry::Park(park) => park::apply(writer, park)?,
        Entry::Finish(finish) => finish::apply(writer, finish)?,
        Entry::DeliveryStarted { id, number, at } => deliveries::started(writer, *id, *number, *at)?,
        Entry::DeliveryClosed(closed) => deliveries::closed(writer, closed)?,
        Entry::DeliveryReleased { id, due_at } => deliveries::released(writer, *id, *due_at)?,
        Entry::Alert(alert) => alerts::raise(&mut writer.conn, alert)?,
        Entry::Owe(new) => deliveries::insert(writer, new)?,
    }
    Ok(Receipt::Done)
}
