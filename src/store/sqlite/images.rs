//! The rows of executions: born, advanced and ended, many at once.
//! Never takes a row from anybody but the owner that the store knows: it counts what it changed, and its caller compares.

use super::fault::Applied;
use super::rows::{failure_text, stored, to_json};
use super::sql::{Sql, Statement, fixed};
use super::writer::Writer;
use crate::domain::execution::{Outcome, Response};
use crate::domain::function::ExecutionConfig;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::fold::Image;
use crate::store::own_steps;
use crate::store::write::{Finish, Placement, Submit};

/// Inserts new executions; those that exist already are left as they are.
pub fn insert(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    let mut inserted = 0;
    for (image, submit) in images.iter().filter_map(|image| Some((image, image.born?))) {
        inserted += insert_one(writer, image, submit)?;
    }
    Ok(inserted)
}

/// Inserts what an execution is born with, and these columns behind it.
macro_rules! birth {
    ($columns:literal, $places:literal) => {
        concat!(
            "INSERT INTO executions (id, function_name, function_key, version, created_at, seed, input, request, callback, config, \
             max_execution_ms, priority, tags, metadata, parent, started_by, rerun_of, traceparent, key_until, epoch, started_at, \
             progressed_at, state",
            $columns,
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?",
            $places,
            ") ON CONFLICT (id) DO NOTHING"
        )
    };
}

fn insert_one(writer: &mut Writer, image: &Image<'_>, submit: &Submit) -> Applied<usize> {
    let (started_at, deadline_at) = times(submit.placement);
    let config = writer.configs.of(&submit.birth.config, ExecutionConfig::to_stored_text);
    let node = is_running(submit.placement).then_some(writer.node);
    // Most are only born; what it came to in the same batch are values that those need not carry.
    let inserted = if image.seq == 0 && image.end.is_none() {
        let insert = fixed!(birth!(", node, deadline_at", ", ?, ?"));
        born(insert, image, submit, (&config, started_at)).bind(node).bind(deadline_at).run(&mut writer.conn)?
    } else {
        let insert = fixed!(birth!(
            ", node, deadline_at, seq, progress, attempt, completed_at, output, response, failure, error_code, error_message, steps",
            ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        ));
        let goes_on = image.end.is_none();
        born(insert, image, submit, (&config, started_at))
            .bind(node.filter(|_| goes_on))
            .bind(deadline_at.filter(|_| goes_on))
            .bind(image.seq)
            .bind(image.progress.map(told))
            .bind(image.end.map_or(1, |end| end.attempt))
            .bind(image.end.map(|end| end.at))
            .bind(image.end.and_then(output))
            .bind(image.end.and_then(response))
            .bind(image.end.and_then(failure))
            .bind(image.end.and_then(error_code))
            .bind(image.end.and_then(error_message))
            .bind(own_steps::write(&image.own_steps))
            .run(&mut writer.conn)?
    };
    Ok(inserted)
}

fn born<'a, T: Statement>(
    insert: Sql<'a, T>,
    image: &Image<'a>,
    submit: &'a Submit,
    (config, started_at): (&'a str, Option<Timestamp>),
) -> Sql<'a, T> {
    let birth = &*submit.birth;
    insert
        .bind(birth.id)
        .bind(birth.function.as_str())
        .bind(birth.function.key())
        .bind(&*birth.version.0)
        .bind(birth.created_at)
        .bind(birth.seed)
        .bind(&*birth.input)
        .bind(birth.request.as_deref())
        .bind(birth.callback.as_deref().map(to_json))
        .bind(config)
        .bind(birth.config.max_execution_ms)
        .bind(birth.priority)
        .bind(to_json(&birth.tags))
        .bind(told(&birth.metadata))
        .bind(birth.parent)
        .bind(birth.started_by.as_deref())
        .bind(birth.rerun_of)
        .bind(birth.trace.map(String::from))
        .bind(submit.key.as_ref().map(|key| key.expires_at))
        .bind(image.epoch)
        .bind(started_at)
        .bind(image.progressed_at)
        .bind(state(image, submit.placement))
}

/// Moves owned executions on; how many rows their owner still had.
pub fn advance(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    let mut changed = 0;
    for image in images {
        changed += fixed!(
            "UPDATE executions SET seq = ?, progressed_at = ?, progress = coalesce(?, progress), crashes = 0 \
             WHERE id = ? AND node = ? AND epoch = ? AND seq = ?"
        )
        .bind(image.seq)
        .bind(image.progressed_at)
        .bind(image.progress.map(told))
        .bind(image.id)
        .bind(writer.node)
        .bind(image.epoch)
        .bind(image.before)
        .run(&mut writer.conn)?;
    }
    Ok(changed)
}

/// Ends owned executions; how many rows their owner still had and might end so.
pub fn end(writer: &mut Writer, images: &[Image<'_>]) -> Applied<usize> {
    let mut changed = 0;
    for (image, end) in images.iter().filter_map(|image| Some((image, image.end?))) {
        changed += fixed!(
            "UPDATE executions SET seq = ?, node = NULL, state = ?, attempt = ?, completed_at = ?, \
             progressed_at = ?, progress = coalesce(?, progress), output = ?, response = ?, failure = ?, error_code = ?, \
             error_message = ?, waiting_for = NULL, wake_at = NULL, deadline_at = NULL, \
             crashes = CASE WHEN ? THEN 0 ELSE crashes END \
             WHERE id = ? AND node = ? AND epoch = ? AND seq = ? AND (cancel_at IS NULL OR ?)"
        )
        .bind(image.seq)
        .bind(end.outcome.state().as_str())
        .bind(end.attempt)
        .bind(end.at)
        .bind(end.at)
        .bind(image.progress.map(told))
        .bind(output(end))
        .bind(response(end))
        .bind(failure(end))
        .bind(error_code(end))
        .bind(error_message(end))
        .bind(image.stepped)
        .bind(image.id)
        .bind(writer.node)
        .bind(image.epoch)
        .bind(image.before)
        .bind(matches!(end.outcome, Outcome::Cancelled { .. }))
        .run(&mut writer.conn)?;
    }
    Ok(changed)
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
