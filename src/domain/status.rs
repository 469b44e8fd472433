//! The status entry: one shape for start, status, await, cancel, callback and `async_function_await`.
//! Never leaves a field out: what is unknown is null, since no-code tools learn the shape from one sample.

use super::execution::{Execution, State};
use super::failure::Failure;
use super::ids::ExecutionId;
use super::timestamp::Timestamp;
use super::value::Value;

/// The entry of an execution that is known.
pub fn entry(execution: &Execution) -> Value {
    Value::object(fields(execution))
}

/// The entry field by field, for those who write it out at once.
pub fn fields(execution: &Execution) -> [(&'static str, Value); 22] {
    let birth = &execution.birth;
    let error = execution.failure.as_ref();
    [
        ("execution_id", id_text(birth.id)),
        ("async_execution_id", id_text(birth.id)),
        ("status", Value::text(execution.state.status().as_str())),
        ("state", Value::text(execution.state.as_str())),
        ("output", execution.output.clone()),
        ("error", message(error)),
        ("error_message", message(error)),
        ("error_code", error.map_or(Value::Null, |failure| Value::text(failure.code.as_str()))),
        ("error_detail", error.map_or(Value::Null, Failure::to_value)),
        ("function_name", Value::text(birth.function.as_str())),
        ("function_version", Value::Text(birth.version.0.clone())),
        ("attempt", Value::Int(execution.attempt.into())),
        ("max_attempts", Value::Int(i64::from(birth.config.retry.max_retries) + 1)),
        ("progress", execution.progress.clone()),
        ("output_status", output_status(execution)),
        ("tags", Value::array(birth.tags.iter().map(|tag| Value::text(tag.as_str())).collect())),
        ("metadata", birth.metadata.clone()),
        ("parent_execution_id", birth.parent.map_or(Value::Null, id_text)),
        ("waiting_for", waiting_for(execution)),
        ("created_at", Value::Timestamp(birth.created_at)),
        ("started_at", instant(execution.started_at)),
        ("completed_at", instant(execution.completed_at)),
    ]
}

/// A function that answers without naming a status answers 200.
fn output_status(execution: &Execution) -> Value {
    let silent = (execution.state == State::Completed).then_some(200);
    execution.response.status.or(silent).map_or(Value::Null, |status| Value::Int(status.into()))
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

fn id_text(id: ExecutionId) -> Value {
    Value::text(id.to_string())
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}

fn message(failure: Option<&Failure>) -> Value {
    failure.map_or(Value::Null, |failure| Value::text(failure.message.as_str()))
}

fn waiting_for(execution: &Execution) -> Value {
    let queued = execution.state == State::Queued;
    match &execution.waiting_for {
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
        None => Value::Null,
    }
}
