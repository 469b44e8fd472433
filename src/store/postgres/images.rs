//! The rows of executions: born, advanced and ended, many at once.
//! Never takes a row from anybody but the owner that the store knows: it counts what it changed, and its caller compares.

use super::fault::Applied;
use super::row_set::RowSet;
use super::rows::{failure_text, stored, to_json};
use super::sql::Sql;
use super::writer::Writer;
use crate::domain::execution::{Outcome, Response};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::fold::Image;
use crate::store::own_steps;
use crate::store::write::{Finish, Placement, Submit};

/// Inserts new executions; those that exist already are left as they are.
pub fn insert(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(rows(writer.node, images).insert("executions", "ON CONFLICT (id) DO NOTHING").run(&mut writer.conn)?)
}

/// Inserts new executions, and fails if one exists already.
pub fn inserted<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    rows(node, images).insert("executions", "")
}

fn rows<'a>(node: i32, images: &[Image<'a>]) -> RowSet<'a> {
    let born: Vec<(&Image<'a>, &'a Submit)> = images.iter().filter_map(|image| Some((image, image.born?))).collect();
    let births = || born.iter().map(|(_, submit)| &*submit.birth);
    let rows = || born.iter().map(|(image, submit)| (*image, submit.placement));
    RowSet::default()
        .with("id", births().map(|birth| birth.id))
        .with("function_name", births().map(|birth| birth.function.as_str()))
        .with("function_key", births().map(|birth| birth.function.key()))
        .with("version", births().map(|birth| &*birth.version.0))
        .with("created_at", births().map(|birth| birth.created_at))
        .with("seed", births().map(|birth| birth.seed))
        .with("input", births().map(|birth| &*birth.input))
        .with("request", births().map(|birth| birth.request.as_deref()))
        .with("callback", births().map(|birth| birth.callback.as_deref().map(to_json)))
        .with("config", births().map(|birth| birth.config.to_stored_text()))
        .with("max_execution_ms", births().map(|birth| birth.config.max_execution_ms))
        .with("priority", births().map(|birth| birth.priority))
        .with("tags", births().map(|birth| to_json(&birth.tags)))
        .with("metadata", births().map(|birth| told(&birth.metadata)))
        .rarely("parent", births().map(|birth| birth.parent))
        .rarely("started_by", births().map(|birth| birth.started_by.as_deref()))
        .with("state", rows().map(|(image, placement)| state(image, placement)))
        .with("node", rows().map(|(image, placement)| (image.end.is_none() && is_running(placement)).then_some(node)))
        .with("epoch", rows().map(|(image, _)| image.epoch))
        .with("started_at", rows().map(|(_, placement)| times(placement).0))
        .with("deadline_at", rows().map(|(image, placement)| times(placement).1.filter(|_| image.end.is_none())))
        .with("progressed_at", rows().map(|(image, _)| image.progressed_at))
        .with("seq", rows().map(|(image, _)| image.seq))
        .rarely("progress", rows().map(|(image, _)| image.progress.map(told)))
        .with("attempt", rows().map(|(image, _)| image.end.map_or(1, |end| end.attempt)))
        .with("completed_at", rows().map(|(image, _)| image.end.map(|end| end.at)))
        .with("output", rows().map(|(image, _)| image.end.and_then(output)))
        .rarely("response", rows().map(|(image, _)| image.end.and_then(response)))
        .with("steps", rows().map(|(image, _)| own_steps::write(&image.own_steps)))
        .rarely("failure", rows().map(|(image, _)| image.end.and_then(failure)))
        .rarely("error_code", rows().map(|(image, _)| image.end.and_then(error_code)))
        .rarely("error_message", rows().map(|(image, _)| image.end.and_then(error_message)))
        .rarely("rerun_of", births().map(|birth| birth.rerun_of))
        .rarely("traceparent", births().map(|birth| birth.trace.map(String::from)))
        .with("key_until", born.iter().map(|(_, submit)| submit.key.as_ref().map(|key| key.expires_at)))
}

/// Moves owned executions on; how many rows their owner still had.
pub fn advance(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(advanced(writer.node, images).run(&mut writer.conn)?)
}

/// The statement of [`advance`]. Of a `CASE` the server believes that half of all rows match, which keeps the plan on the ids: where
/// its statistics do not know this node yet, it would else take the batch apart again for each execution of the node.
pub fn advanced<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    let rows = || images.iter();
    RowSet::default()
        .with("id", rows().map(|image| image.id))
        .with("epoch", rows().map(|image| image.epoch))
        .with("before", rows().map(|image| image.before))
        .with("seq", rows().map(|image| image.seq))
        .with("at", rows().map(|image| image.progressed_at))
        .with("progress", rows().map(|image| image.progress.map(told)))
        .update(
            "UPDATE executions SET seq = u.seq, progressed_at = u.at, \
         progress = coalesce(u.progress, executions.progress), crashes = 0",
            "WHERE executions.id = u.id AND CASE WHEN node = ? THEN true END AND executions.epoch = u.epoch AND executions.seq = u.before",
        )
        .bind(node)
}

/// Ends owned executions; how many rows their owner still had and might end so.
pub fn end(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(ended(writer.node, images).run(&mut writer.conn)?)
}

/// The statement of [`end`]; `CASE` as in [`advanced`].
pub fn ended<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    let ended: Vec<(&Image<'a>, &'a Finish)> = images.iter().filter_map(|image| Some((image, image.end?))).collect();
    let rows = || ended.iter().map(|(image, _)| *image);
    let ends = || ended.iter().map(|(_, finish)| *finish);
    RowSet::default()
        .with("id", rows().map(|image| image.id))
        .with("epoch", rows().map(|image| image.epoch))
        .with("before", rows().map(|image| image.before))
        .with("seq", rows().map(|image| image.seq))
        .with("at", ends().map(|end| end.at))
        .with("progress", rows().map(|image| image.progress.map(told)))
        .with("stepped", rows().map(|image| image.stepped))
        .with("state", ends().map(|end| end.outcome.state().as_str()))
        .with("attempt", ends().map(|end| end.attempt))
        .with("output", ends().map(output))
        .with("response", ends().map(response))
        .with("failure", ends().map(failure))
        .with("error_code", ends().map(error_code))
        .with("error_message", ends().map(error_message))
        .with("cancelled", ends().map(|end| matches!(end.outcome, Outcome::Cancelled { .. })))
        .update(
            "UPDATE executions SET seq = u.seq, node = NULL, state = u.state, attempt = u.attempt, \
         completed_at = u.at, progressed_at = u.at, progress = coalesce(u.progress, executions.progress), \
         output = u.output, response = u.response, failure = u.failure, error_code = u.error_code, \
         error_message = u.error_message, waiting_for = NULL, wake_at = NULL, deadline_at = NULL, \
         crashes = CASE WHEN u.stepped <> 0 THEN 0 ELSE crashes END",
            "WHERE executions.id = u.id AND CASE WHEN node = ? THEN true END AND executions.epoch = u.epoch AND executions.seq = u.before \
         AND (cancel_at IS NULL OR u.cancelled <> 0)",
        )
        .bind(node)
}

fn is_running(placement: Placement) -> bool {
    matches!(placement, Placement::Running { .. })
}

/// When it started, and when its time is up.
fn times(placement: Placement) -> (Option<Timestamp>, Option<Timestamp>) {
    match placement {
        Placement::Running { started_at, deadline_at } => (Some(started_at), Some(deadline_at)),
        Placement::Queued { .. } => (None, None),
    }
}

fn state(image: &Image<'_>, placement: Placement) -> &'static str {
    match image.end {
        Some(end) => end.outcome.state().as_str(),
        None if is_running(placement) => "running",
        None => "queued",
    }
}

/// A value that is there, even if it is null.
fn told(value: &Value) -> String {
    stored(value).unwrap_or_else(|| "null".to_owned())
}

fn answer(finish: &Finish) -> (Option<&Value>, Option<&Response>) {
    match &finish.outcome {
        Outcome::Completed { output, response } | Outcome::Failed { output, response, .. } => (Some(output), Some(response)),
        Outcome::TimedOut { .. } | Outcome::Cancelled { .. } => (None, None),
    }
}

fn output(finish: &Finish) -> Option<String> {
    answer(finish).0.and_then(stored)
}

fn response(finish: &Finish) -> Option<String> {
    answer(finish).1.filter(|response| **response != Response::default()).map(to_json)
}

fn failure(finish: &Finish) -> Option<String> {
    finish.outcome.failure().map(failure_text)
}

fn error_code(finish: &Finish) -> Option<&str> {
    finish.outcome.failure().map(|failure| failure.code.as_str())
}

fn error_message(finish: &Finish) -> Option<&str> {
    finish.outcome.failure().map(|failure| &*failure.message)
}
