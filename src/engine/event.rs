//! Events in: what somebody posts to an execution, for its `wait_for_event`.
//! Never loses one that was accepted, and never accepts one twice.

use super::Engine;
use super::journal::JournalError;
use crate::domain::execution::State;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::EVENT_NAME_BYTES_MAX;
use crate::domain::value::Value;
use crate::store::write::{Entry, NewEvent, Receipt, Refusal};

#[derive(Debug, thiserror::Error)]
pub enum EventError {
    #[error("there is no such execution")]
    NotFound,
    #[error("the execution is {} already; nothing waits for events any more", .0.as_str())]
    Terminal(State),
    #[error("{}", repeated(.0))]
    Repeated(String),
    #[error("the execution keeps as many events as one may")]
    Full,
    #[error("the name of an event has 1 to {EVENT_NAME_BYTES_MAX} bytes and no control characters")]
    Name,
    #[error("the event could not be stored: {0}")]
    Journal(JournalError),
}

fn repeated(name: &str) -> String {
    let which = if name.is_empty() { "an event without a name".to_owned() } else { format!("the event \"{name}\"") };
    format!("{which} was posted already; another is accepted once the stack waits for it again")
}

/// Posts an event; without a name it is for whatever the stack waits for first. Once this returns it is durable, and kept
/// until the stack waits for it.
///
/// # Errors
/// See [`EventError`]; nothing was kept.
pub async fn post(engine: &Engine, id: ExecutionId, name: Option<&str>, body: &Value) -> Result<(), EventError> {
    if name.is_some_and(|name| !is_name(name)) {
        return Err(EventError::Name);
    }
    let name = name.unwrap_or_default();
    let event = NewEvent { id, name: name.into(), body: body.to_stored_text().into(), at: engine.clock.now() };
    match engine.journal.offer(Entry::Event(event)).await {
        Ok(Receipt::EventKept { woken: true }) => engine.wakes.now(),
        // Whoever runs it looks before it lies down; here it looks at once.
        Ok(_) => engine.live.nudge(id),
        Err(JournalError::Refused(Refusal::NotFound)) => return Err(EventError::NotFound),
        Err(JournalError::Refused(Refusal::Terminal(state))) => return Err(EventError::Terminal(state)),
        Err(JournalError::Refused(Refusal::EventRepeated)) => return Err(EventError::Repeated(name.to_owned())),
        Err(JournalError::Refused(Refusal::EventsFull)) => return Err(EventError::Full),
        Err(error) => return Err(EventError::Journal(error)),
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    (1..=EVENT_NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        for good in ["paid", "order/42", "größe", &"x".repeat(EVENT_NAME_BYTES_MAX)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a\0", "a\n", &"x".repeat(EVENT_NAME_BYTES_MAX + 1)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
