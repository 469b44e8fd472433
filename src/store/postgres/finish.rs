//! The end of an execution, with the message that it owes and those whom it wakes.
//! Never ends what was asked to be cancelled in any other way.

use super::checkpoint::{journal, why_not};
use super::fault::Applied;
use super::park::{forget_waits, wake_waiters};
use super::rows::{failure_text, stored, to_json};
use super::sql::sql;
use super::writer::Writer;
use super::{alerts, deliveries};
use crate::domain::execution::{Outcome, Response};
use crate::domain::value::Value;
use crate::store::write::{Delta, Finish, Refusal};

/// Applies a finish.
pub fn apply(writer: &mut Writer, finish: &Finish) -> Applied<()> {
    let owner = finish.owner;
    if update(writer, finish)? != 1 {
        let (standing, fault) = why_not(writer, owner)?;
        let asked = standing.is_some_and(|standing| standing.owned && standing.cancel_asked);
        return Err(if asked { Refusal::CancelAsked.into() } else { fault });
    }
    let conn = &mut writer.conn;
    journal(conn, owner, finish.at, finish.step.as_ref(), &Delta::default())?;
    forget_waits(conn, owner.id)?;
    sql("DELETE FROM queue WHERE execution_id = ?").bind(owner.id).run(conn)?;
    wake_waiters(conn, owner.id, finish.at)?;
    for alert in &finish.alerts {
        alerts::raise(conn, alert)?;
    }
    for delivery in &finish.deliveries {
        deliveries::insert(writer, delivery)?;
    }
    Ok(())
}

fn update(writer: &mut Writer, finish: &Finish) -> Applied<usize> {
    let owner = finish.owner;
    let (output, response) = answer(&finish.outcome);
    let failure = finish.outcome.failure();
    let changed =
        sql("UPDATE executions SET seq = ?, node = NULL, state = ?, attempt = ?, completed_at = ?, progressed_at = ?, \
         output = ?, response = ?, failure = ?, error_code = ?, error_message = ?, waiting_for = NULL, wake_at = NULL, \
         deadline_at = NULL WHERE id = ? AND node = ? AND epoch = ? AND seq = ? - 1 AND (cancel_at IS NULL OR ? <> 0)")
        .bind(owner.seq)
        .bind(finish.outcome.state().as_str())
        .bind(finish.attempt)
        .bind(finish.at)
        .bind(finish.at)
        .bind(output.and_then(stored))
        .bind(response.map(to_json))
        .bind(failure.map(failure_text))
        .bind(failure.map(|failure| failure.code.as_str()))
        .bind(failure.map(|failure| &*failure.message))
        .bind(owner.id)
        .bind(writer.node)
        .bind(owner.epoch)
        .bind(owner.seq)
        .bind(matches!(finish.outcome, Outcome::Cancelled { .. }))
        .run(&mut writer.conn)?;
    Ok(changed)
}

fn answer(outcome: &Outcome) -> (Option<&Value>, Option<&Response>) {
    match outcome {
        Outcome::Completed { output, response } | Outcome::Failed { output, response, .. } => (Some(output), Some(response)),
        Outcome::TimedOut { .. } | Outcome::Cancelled { .. } => (None, None),
    }
}
