//! The status entry: one shape for start, status, await, cancel, callback and `async_function_await`.
//! Never leaves a field out: what is unknown is null, since no-code tools learn the shape from one sample.

use super::execution::{Execution, State};
use super::failure::Failure;
use super::ids::ExecutionId;
use super::timestamp::Timestamp;
use super::value::{Shown, Value};

/// The entry of an execution that is known.
pub fn entry(execution: &Execution) -> Value {
    Value::object(fields(execution).map(|(name, told)| (name, told.into_value())))
}

/// The entry field by field, for those who write it out at once.
pub fn fields(execution: &Execution) -> [(&'static str, Shown<'_>); 22] {
    let birth = &execution.birth;
    let error = execution.failure.as_ref();
    [
        ("execution_id", Shown::Id(birth.id)),
        ("async_execution_id", Shown::Id(birth.id)),
        ("status", Shown::Text(execution.state.status().as_str())),
        ("state", Shown::Text(execution.state.as_str())),
        ("output", Shown::Value(&execution.output)),
        ("error", message(error)),
        ("error_message", message(error)),
        ("error_code", Shown::maybe(error, |failure| Shown::Text(failure.code.as_str()))),
        ("error_detail", Shown::maybe(error, |failure| Shown::Made(failure.to_value()))),
        ("function_name", Shown::Text(birth.function.as_str())),
        ("function_version", Shown::Text(&birth.version.0)),
        ("attempt", Shown::Int(execution.attempt.into())),
        ("max_attempts", Shown::Int(i64::from(birth.config.retry.max_retries) + 1)),
        ("progress", Shown::Value(&execution.progress)),
        ("output_status", output_status(execution)),
        ("tags", Shown::Made(Value::array(birth.tags.iter().map(|tag| Value::text(tag.as_str())).collect()))),
        ("metadata", Shown::Value(&birth.metadata)),
        ("parent_execution_id", Shown::maybe(birth.parent, Shown::Id)),
        ("waiting_for", waiting_for(execution)),
        ("created_at", Shown::At(birth.created_at)),
        ("started_at", Shown::maybe(execution.started_at, Shown::At)),
        ("completed_at", Shown::maybe(execution.completed_at, Shown::At)),
    ]
}

/// A function that answers without naming a status answers 200.
fn output_status(execution: &Execution) -> Shown<'static> {
    let silent = (execution.state == State::Completed).then_some(200);
    Shown::maybe(execution.response.status.or(silent), |status| Shown::Int(status.into()))
}

/// The entry of an id that nobody knows, in the spelling in which it was asked for.
/// `oldest` is how far back executions are kept: an id made before it has expired.
pub fn unknown_entry(asked: &Value, oldest: Timestamp) -> Value {
    let made = asked.as_str().and_then(ExecutionId::parse).and_then(ExecutionId::created_at);
    let expired = made.is_some_and(|made| made < oldest && made.0 > 0);
    let (state, error, code) = if expired {
        ("expired", "this execution is older than executions are kept", "ERROR_CODE_EXPIRED")
    } else {
        ("not_found", "there is no execution with this id", "ERROR_CODE_NOT_FOUND")
    };
    let detail = Value::object([
        ("name", Value::text(state)),
        ("code", Value::text(code)),
        ("message", Value::text(error)),
        ("status", Value::Int(404)),
        ("payload", Value::Null),
        ("stack", Value::text("")),
        ("step", Value::Null),
        ("attempt", Value::Null),
    ]);
    let null = || Value::Null;
    Value::object([
        ("execution_id", asked.clone()),
        ("async_execution_id", asked.clone()),
        ("status", Value::text("error")),
        ("state", Value::text(state)),
        ("output", null()),
        ("error", Value::text(error)),
        ("error_message", Value::text(error)),
        ("error_code", Value::text(code)),
        ("error_detail", detail),
        ("function_name", null()),
        ("function_version", null()),
        ("attempt", null()),
        ("max_attempts", null()),
        ("progress", null()),
        ("output_status", null()),
        ("tags", Value::array(Vec::new())),
        ("metadata", null()),
        ("parent_execution_id", null()),
        ("waiting_for", null()),
        ("created_at", null()),
        ("started_at", null()),
        ("completed_at", null()),
    ])
}

/// `entry` with more fields behind it, or fields in front of it.
pub fn with_fields<'a>(
    front: impl IntoIterator<Item = (&'a str, Value)>,
    entry: &Value,
    back: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    let own = entry.as_object().map(|object| object.fields.clone()).unwrap_or_default();
    let front = front.into_iter().map(|(name, value)| (name.into(), value));
    let back = back.into_iter().map(|(name, value)| (name.into(), value));
    Value::object(front.chain(own).chain(back))
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}

fn message(failure: Option<&Failure>) -> Shown<'_> {
    Shown::maybe(failure, |failure| Shown::Text(failure.message.as_str()))
}

fn waiting_for(execution: &Execution) -> Shown<'static> {
    let queued = execution.state == State::Queued;
    let waiting = match &execution.waiting_for {
        Some(waiting) => Value::object([
            ("what", Value::text(waiting.what.as_str())),
            ("since", Value::Timestamp(waiting.since)),
            ("until", instant(waiting.until)),
        ]),
        None if queued => Value::object([
            ("what", Value::text("slot")),
            ("since", Value::Timestamp(execution.birth.created_at)),
            ("until", Value::Null),
        ]),
        None => return Shown::Null,
    };
    Shown::Made(waiting)
}
