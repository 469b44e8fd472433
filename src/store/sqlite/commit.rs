//! A batch: folded into few statements where that holds, else its entries in order, each within a savepoint of its own.
//! Never lets one entry's refusal undo another's work.

use super::fault::{Applied, Fault, store_error};
use super::sql::sql;
use super::virtual_rows::EXECUTIONS_TABLE;
use super::writer::Writer;
use super::{alerts, cancel, checkpoint, deliveries, events, finish, folded, lanes, park, resume, submit};
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::store::StoreError;
use crate::store::fold::{StartedAttempt, fold};
use crate::store::write::{Answers, Entry, Receipt, Refusal};

/// Tables whose records are not plain rows.
const OWN_TABLES: [&str; 2] = [EXECUTIONS_TABLE, alerts::TABLE];

/// Applies a batch folded, within the transaction that is open. Any refusal among what folds refuses the whole: then nothing
/// may be kept, and the batch is to be applied one by one.
pub fn apply_folded(writer: &mut Writer, batch: &[Entry]) -> Result<Answers, Fault> {
    hold_against_destinations(writer, batch)?;
    let mut folded = fold(batch, &OWN_TABLES, &HashSet::default());
    let lost = submit::claim_keys(writer, &folded.born)?;
    if !lost.is_empty() {
        folded = fold(batch, &OWN_TABLES, &lost);
    }
    folded::apply(writer, &folded)?;
    let mut answers = vec![Ok(Receipt::Done); batch.len()];
    apply_each(writer, batch, folded.alone, &mut answers)?;
    Ok(answers)
}

/// Every end was made for the registered destinations that there are.
fn hold_against_destinations(writer: &mut Writer, batch: &[Entry]) -> Applied<()> {
    let mut ends =
        batch.iter().filter_map(|entry| if let Entry::Finish(finish) = entry { Some(finish.destinations) } else { None });
    let Some(first) = ends.next() else { return Ok(()) };
    let generation = writer.destinations()?;
    if std::iter::once(first).chain(ends).all(|made_for| made_for == generation) {
        Ok(())
    } else {
        Err(Refusal::DestinationsMoved.into())
    }
}

/// Applies a batch entry by entry, within the transaction that is open.
pub fn apply(writer: &mut Writer, batch: &[Entry]) -> Result<Answers, StoreError> {
    let mut answers = vec![Ok(Receipt::Done); batch.len()];
    apply_each(writer, batch, 0..batch.len(), &mut answers)?;
    Ok(answers)
}

fn apply_each(
    writer: &mut Writer,
    batch: &[Entry],
    places: impl IntoIterator<Item = usize>,
    answers: &mut Answers,
) -> Result<(), StoreError> {
    let mut broken: HashSet<ExecutionId> = HashSet::default();
    for at in places {
        let execution = batch[at].execution();
        answers[at] = if execution.is_some_and(|id| broken.contains(&id)) {
            Err(Refusal::Chained)
        } else {
            apply_alone(writer, &batch[at])?
        };
        // Who was accepted under another id has nothing to go on with.
        let replayed = matches!(&answers[at], Ok(Receipt::Replayed(earlier)) if Some(*earlier) != execution);
        if replayed || answers[at].is_err() {
            broken.extend(execution);
        }
    }
    Ok(())
}

fn apply_alone(writer: &mut Writer, entry: &Entry) -> Result<Result<Receipt, Refusal>, StoreError> {
    sql("SAVEPOINT entry").run(&mut writer.conn).map_err(store_error)?;
    let keys_taken = writer.idempotency.taken_count();
    let answer = match apply_entry(writer, entry) {
        Ok(receipt) => Ok(receipt),
        Err(Fault::Refused(refusal)) => {
            sql("ROLLBACK TO entry").run(&mut writer.conn).map_err(store_error)?;
            writer.idempotency.give_back(keys_taken);
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
        Entry::Resume(resume) => resume::apply(&mut writer.conn, resume)?,
        Entry::Event(event) => return events::apply(&mut writer.conn, event),
        Entry::Cancel { id, at } => return cancel::apply(&mut writer.conn, *id, *at),
        Entry::Checkpoint(checkpoint) => checkpoint::apply(writer, checkpoint)?,
        Entry::Park(park) => park::apply(writer, park)?,
        Entry::Finish(finish) => finish::apply(writer, finish)?,
        Entry::DeliveryStarted { id, number, at, .. } => {
            if deliveries::started(writer, &[StartedAttempt { id: *id, number: *number, at: *at }])? != 1 {
                return Err(lanes::why_not_started(writer, *id)?.into());
            }
        }
        Entry::DeliveryClosed(closed) => {
            if deliveries::closed(writer, &[closed])? != 1 {
                return Err(deliveries::why_not(&mut writer.conn, closed.id)?.into());
            }
        }
        Entry::DeliveryReleased { id, due_at } => deliveries::released(writer, *id, *due_at)?,
        Entry::Alert(alert) => alerts::raise(&mut writer.conn, alert)?,
        Entry::Owe(new) => deliveries::insert(writer, &[new])?,
    }
    Ok(Receipt::Done)
}
