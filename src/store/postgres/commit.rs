//! A batch: folded into few statements where that holds, else its entries in order, each within a savepoint of its own.
//! Never lets one entry's refusal undo another's work.

use diesel::QueryResult;

use super::caution::Care;
use super::fault::{Applied, Fault, store_error};
use super::sql::sql;
use super::transaction::Stage;
use super::virtual_rows::EXECUTIONS_TABLE;
use super::writer::Writer;
use super::{alerts, cancel, checkpoint, deliveries, events, finish, folded, lanes, limits, park, resume, submit};
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::store::StoreError;
use crate::store::fold::{StartedAttempt, fold};
use crate::store::write::{Answers, Entry, Receipt, Refusal, Submit};

/// Tables whose records are not plain rows.
const OWN_TABLES: [&str; 2] = [EXECUTIONS_TABLE, alerts::TABLE];

/// Applies a batch folded, within a transaction of its own. Any refusal among what folds refuses the whole: then nothing may be
/// kept, and the batch is to be applied with more care, or one by one.
pub fn apply_folded(writer: &mut Writer, stage: &mut Stage, batch: &[Entry], care: Care) -> Result<Answers, Fault> {
    if !writer.limited.is_empty() {
        writer.open_now(stage)?;
        lock_limits(writer, batch).map_err(store_error)?;
    }
    let made_for = made_for(batch)?;
    let mut folded = fold(batch, &OWN_TABLES, &HashSet::default());
    let mut claims = submit::claiming(&folded.born);
    if care == Care::Keys
        && let Some(claims) = claims.take()
    {
        let lost = submit::claim_keys(writer, stage, claims)?;
        if !lost.is_empty() {
            writer.caution.keys();
            folded = fold(batch, &OWN_TABLES, &lost);
        }
    }
    folded::apply(writer, stage, &folded, folded::Before { made_for, claims, care })?;
    let mut answers = vec![Ok(Receipt::Done); batch.len()];
    apply_each(writer, batch, folded.alone, &mut answers)?;
    Ok(answers)
}

/// The registered destinations that every end was made for, by their generation.
fn made_for(batch: &[Entry]) -> Applied<Option<i64>> {
    let mut ends =
        batch.iter().filter_map(|entry| if let Entry::Finish(finish) = entry { Some(finish.destinations) } else { None });
    let Some(first) = ends.next() else { return Ok(None) };
    if ends.all(|made_for| made_for == first) { Ok(Some(first)) } else { Err(Refusal::DestinationsMoved.into()) }
}

/// Applies a batch entry by entry, within the transaction that is open.
pub fn apply(writer: &mut Writer, batch: &[Entry]) -> Result<Answers, StoreError> {
    lock_limits(writer, batch).map_err(store_error)?;
    let mut answers = vec![Ok(Receipt::Done); batch.len()];
    apply_each(writer, batch, 0..batch.len(), &mut answers)?;
    Ok(answers)
}

/// Permits that may be given back are locked first: every transaction locks limits before executions.
fn lock_limits(writer: &mut Writer, batch: &[Entry]) -> QueryResult<()> {
    let ending = batch.iter().filter_map(|entry| match entry {
        Entry::Finish(finish) => Some(finish.owner.id),
        _ => None,
    });
    let ending: Vec<ExecutionId> = ending.filter(|id| writer.limited.contains(id)).collect();
    limits::lock_held(&mut writer.conn, &ending)
}

fn apply_each(
    writer: &mut Writer,
    batch: &[Entry],
    places: impl IntoIterator<Item = usize>,
    answers: &mut Answers,
) -> Result<(), StoreError> {
    let mut broken: HashSet<ExecutionId> = HashSet::default();
    for at in in_order_of_keys(batch, places) {
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

/// Who claims keys comes first, in the order of the keys, so that two nodes that take the same ones wait for each other instead of
/// both. An execution's entries keep their order: its birth is the first of them.
fn in_order_of_keys(batch: &[Entry], places: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut places: Vec<usize> = places.into_iter().collect();
    places.sort_by_key(|&at| match &batch[at] {
        Entry::Submit(Submit { key: Some(key), .. }) => (false, Some(key.hash)),
        _ => (true, None),
    });
    places
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
        Entry::Resume(resume) => resume::apply(&mut writer.conn, resume)?,
        Entry::Event(event) => return events::apply(&mut writer.conn, event),
        Entry::Cancel { id, at } => return cancel::apply(writer, *id, *at),
        Entry::Checkpoint(checkpoint) => checkpoint::apply(writer, checkpoint)?,
        Entry::Park(park) => park::apply(writer, park)?,
        Entry::Finish(finish) => finish::apply(writer, finish)?,
        Entry::DeliveryStarted { id, number, at, ordered } => {
            if *ordered {
                lanes::take_turn(&mut writer.conn, *id)?;
            }
            if deliveries::started(writer, &[StartedAttempt { id: *id, number: *number, at: *at }])? != 1 {
                return Err(lanes::why_not_started(writer, *id)?.into());
            }
        }
        Entry::DeliveryClosed(closed) => {
            if deliveries::closed(writer, &[closed])? != 1 {
                return Err(deliveries::why_not(&mut writer.conn, closed.id)?.into());
            }
        }
        Entry::DeliveryReleased { id, due_at } => {
            if deliveries::released(writer, &[(*id, *due_at)])? != 1 {
                return Err(deliveries::why_not(&mut writer.conn, *id)?.into());
            }
        }
        Entry::Alert(alert) => alerts::raise(&mut writer.conn, alert)?,
        Entry::Owe(new) => deliveries::insert(writer, &[new])?,
    }
    Ok(Receipt::Done)
}
