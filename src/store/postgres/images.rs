//! The rows of executions: born, advanced and ended, many at once.
//! Never takes a row from anybody but the owner that the store knows: it counts what it changed, and its caller compares.

use super::fault::Applied;
use super::rows::{failure_text, stored, to_json};
use super::sql::{Sql, sql};
use super::writer::Writer;
use crate::domain::execution::{Outcome, Response};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::fold::Image;
use crate::store::write::{Finish, Placement, Submit};

/// Inserts new executions; those that exist already are left as they are.
pub fn insert(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(inserted(writer.node, images).run(&mut writer.conn)?)
}

/// The statement of [`insert`].
pub fn inserted<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    let born: Vec<(&Image<'a>, &'a Submit)> = images.iter().filter_map(|image| Some((image, image.born?))).collect();
    let births = || born.iter().map(|(_, submit)| &*submit.birth);
    let rows = || born.iter().map(|(image, submit)| (*image, submit.placement));
    sql("INSERT INTO executions (id, function_name, function_key, version, created_at, seed, input, request, \
         callback, config, max_execution_ms, priority, tags, metadata, parent, started_by, state, node, epoch, started_at, \
         deadline_at, progressed_at, seq, progress, attempt, completed_at, output, response, failure, error_code, \
         error_message, rerun_of, traceparent, key_until) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")
    .column(births().map(|birth| birth.id))
    .column(births().map(|birth| birth.function.as_str()))
    .column(births().map(|birth| birth.function.key()))
    .column(births().map(|birth| &*birth.version.0))
    .column(births().map(|birth| birth.created_at))
    .column(births().map(|birth| birth.seed))
    .column(births().map(|birth| &*birth.input))
    .column(births().map(|birth| birth.request.as_deref()))
    .column(births().map(|birth| birth.callback.as_deref().map(to_json)))
    .column(births().map(|birth| to_json(&*birth.config)))
    .column(births().map(|birth| birth.config.max_execution_ms))
    .column(births().map(|birth| birth.priority))
    .column(births().map(|birth| to_json(&birth.tags)))
    .column(births().map(|birth| told(&birth.metadata)))
    .column(births().map(|birth| birth.parent))
    .column(births().map(|birth| birth.started_by.as_deref()))
    .column(rows().map(|(image, placement)| state(image, placement)))
    .column(rows().map(|(image, placement)| (image.end.is_none() && is_running(placement)).then_some(node)))
    .column(rows().map(|(image, _)| image.epoch))
    .column(rows().map(|(_, placement)| times(placement).0))
    .column(rows().map(|(image, placement)| times(placement).1.filter(|_| image.end.is_none())))
    .column(rows().map(|(image, _)| image.progressed_at))
    .column(rows().map(|(image, _)| image.seq))
    .column(rows().map(|(image, _)| image.progress.map(told)))
    .column(rows().map(|(image, _)| image.end.map_or(1, |end| end.attempt)))
    .column(rows().map(|(image, _)| image.end.map(|end| end.at)))
    .column(rows().map(|(image, _)| image.end.and_then(output)))
    .column(rows().map(|(image, _)| image.end.and_then(response)))
    .column(rows().map(|(image, _)| image.end.and_then(failure)))
    .column(rows().map(|(image, _)| image.end.and_then(error_code)))
    .column(rows().map(|(image, _)| image.end.and_then(error_message)))
    .column(births().map(|birth| birth.rerun_of))
    .column(births().map(|birth| birth.trace.map(String::from)))
    .column(born.iter().map(|(_, submit)| submit.key.as_ref().map(|key| key.expires_at)))
}

/// Moves owned executions on; how many rows their owner still had.
pub fn advance(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(advanced(writer.node, images).run(&mut writer.conn)?)
}

/// The statement of [`advance`].
pub fn advanced<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    let rows = || images.iter();
    sql("UPDATE executions SET seq = u.seq, progressed_at = u.at, \
         progress = coalesce(u.progress, executions.progress), crashes = 0 \
         FROM unnest(?, ?, ?, ?, ?, ?) AS u (id, epoch, before, seq, at, progress) \
         WHERE executions.id = u.id AND node = ? AND executions.epoch = u.epoch AND executions.seq = u.before")
    .column(rows().map(|image| image.id))
    .column(rows().map(|image| image.epoch))
    .column(rows().map(|image| image.before))
    .column(rows().map(|image| image.seq))
    .column(rows().map(|image| image.progressed_at))
    .column(rows().map(|image| image.progress.map(told)))
    .bind(node)
}

/// Ends owned executions; how many rows their owner still had and might end so.
pub fn end(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    Ok(ended(writer.node, images).run(&mut writer.conn)?)
}

/// The statement of [`end`].
pub fn ended<'a>(node: i32, images: &[Image<'a>]) -> Sql<'a> {
    let ended: Vec<(&Image<'a>, &'a Finish)> = images.iter().filter_map(|image| Some((image, image.end?))).collect();
    let rows = || ended.iter().map(|(image, _)| *image);
    let ends = || ended.iter().map(|(_, finish)| *finish);
    sql("UPDATE executions SET seq = u.seq, node = NULL, state = u.state, attempt = u.attempt, \
         completed_at = u.at, progressed_at = u.at, progress = coalesce(u.progress, executions.progress), \
         output = u.output, response = u.response, failure = u.failure, error_code = u.error_code, \
         error_message = u.error_message, waiting_for = NULL, wake_at = NULL, deadline_at = NULL, \
         crashes = CASE WHEN u.stepped <> 0 THEN 0 ELSE crashes END \
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS u (id, epoch, before, seq, at, progress, stepped, state, \
         attempt, output, response, failure, error_code, error_message, cancelled) \
         WHERE executions.id = u.id AND node = ? AND executions.epoch = u.epoch AND executions.seq = u.before \
         AND (cancel_at IS NULL OR u.cancelled <> 0)")
    .column(rows().map(|image| image.id))
    .column(rows().map(|image| image.epoch))
    .column(rows().map(|image| image.before))
    .column(rows().map(|image| image.seq))
    .column(ends().map(|end| end.at))
    .column(rows().map(|image| image.progress.map(told)))
    .column(rows().map(|image| image.stepped))
    .column(ends().map(|end| end.outcome.state().as_str()))
    .column(ends().map(|end| end.attempt))
    .column(ends().map(output))
    .column(ends().map(response))
    .column(ends().map(failure))
    .column(ends().map(error_code))
    .column(ends().map(error_message))
    .column(ends().map(|end| matches!(end.outcome, Outcome::Cancelled { .. })))
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
    answer(finish).1.map(to_json)
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
