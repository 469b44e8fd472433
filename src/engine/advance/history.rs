//! A step as people will read it in the history of its execution.
//! Never holds more of a value than a person looks at.

use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Action, Effect};
use crate::store::write::StepRecord;

/// Bytes of a step's value that its history keeps.
const HISTORY_BYTES_MAX: usize = 4096;

pub(super) fn record(
    effect: &Effect,
    started_at: Timestamp,
    ended_at: Timestamp,
    answer: &Result<&Value, &Failure>,
    lines: Value,
) -> StepRecord {
    let result = match answer {
        Ok(value) => shortened(value),
        Err(failure) => {
            let logs = Some(("logs", lines.clone())).filter(|(_, lines)| !lines.is_null());
            Value::object([("error", shortened(&failure.to_value()))].into_iter().chain(logs))
        }
    };
    // The history shows what was asked for where the answer alone says nothing.
    let result = match &effect.action {
        Action::Log { level, message, data } => Value::object([
            ("level", Value::text(level.as_str())),
            ("message", shortened(&Value::text(message.as_str()))),
            ("data", shortened(data)),
        ]),
        Action::UpdateProgress(progress) => shortened(progress),
        Action::Compute(_) if answer.is_ok() => Value::object([("value", result), ("logs", lines)]),
        _ => result,
    };
    StepRecord {
        position: effect.position.to_string(),
        kind: effect.kind.to_owned(),
        name: effect.label.clone(),
        attempt: effect.attempt,
        started_at,
        ended_at,
        result,
        failed: answer.is_err(),
    }
}

pub(super) fn note(kind: &str, at: Timestamp) -> StepRecord {
    StepRecord {
        position: String::new(),
        kind: kind.to_owned(),
        name: None,
        attempt: 1,
        started_at: at,
        ended_at: at,
        result: Value::Null,
        failed: false,
    }
}

fn shortened(value: &Value) -> Value {
    if value.memory_bytes() <= HISTORY_BYTES_MAX {
        return value.clone();
    }
    let text = value.to_json_text();
    let mut end = HISTORY_BYTES_MAX.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Value::text(format!("{}… ({} bytes)", &text[..end], text.len()))
}
