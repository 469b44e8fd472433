//! Messages: what a callback is told, as the exact bytes that will be sent.
//! Never builds the same message twice: its bytes are stored and sent again as they are.

use super::Engine;
use crate::domain::callback::EventType;
use crate::domain::delivery::Delivery;
use crate::domain::execution::Execution;
use crate::domain::value::Value;

/// The terminal message that this execution, as it is about to be stored, owes; `None` if it has no callback or its settings
/// say that a timeout is not told.
pub fn terminal(engine: &Engine, execution: &Execution) -> Option<Delivery> {
    let _ = (engine, execution);
    unimplemented!("owned by the courier helper")
}

/// An interim message; `label` is unique within the execution (an effect's position), `body` what `send_callback` gave,
/// `url` overrides the callback's. `None` if there is nobody to tell or the event was not asked for.
pub fn interim(
    engine: &Engine,
    execution: &Execution,
    event: EventType,
    label: &str,
    url: Option<&str>,
    body: &Value,
) -> Option<Delivery> {
    let _ = (engine, execution, event, label, url, body);
    unimplemented!("owned by the courier helper")
}
