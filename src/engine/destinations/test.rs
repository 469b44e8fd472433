//! A message that only tests a registered destination: sent once, at once, and not kept.
//! Never counts for or against the destination.

use bytes::Bytes;

use super::super::Engine;
use super::super::deliver::{Outgoing, one_request, scrubbed, signed_headers};
use super::change::ChangeError;
use crate::domain::ids::DestinationId;
use crate::domain::value::Value;

/// The event of such a message.
const EVENT: &str = "destination.test";

/// What came of it.
#[derive(Debug, Clone)]
pub struct Tested {
    pub delivered: bool,
    pub status: Option<u16>,
    pub detail: Option<String>,
    pub duration_ms: i64,
}

/// Sends a test to a destination, also to one that is disabled.
///
/// # Errors
/// There is no such destination, or its secrets cannot be read.
pub async fn test(engine: &Engine, id: DestinationId) -> Result<Tested, ChangeError> {
    let registration = engine.destinations.find(id).ok_or(ChangeError::NotFound(id))?;
    let parts = engine.vault.open_callback(&registration.callback)?;
    let keys = engine.signing.current(engine).await;
    let now = engine.clock.now();
    let body = Value::object([
        ("type", Value::text(EVENT)),
        ("timestamp", Value::Timestamp(now)),
        ("destination_id", Value::text(id.shown())),
        ("message", Value::text("a test of this destination; nothing has happened")),
    ]);
    let body = Bytes::from(body.to_json_text());
    let webhook_id = format!("msg_{}", uuid::Uuid::new_v4());
    let message = Outgoing { url: &registration.callback.url, webhook_id: &webhook_id, event: EVENT, body: &body, signer: None };
    let headers = signed_headers(&keys, &parts, now, &message).map_err(|error| ChangeError::Invalid(error.to_string()))?;
    let request =
        one_request(&engine.config.callbacks, &registration.callback, &registration.callback.url, headers, body.clone());
    let result = engine.outbound.send(request).await;
    let status = result.as_ref().ok().map(|answer| answer.status);
    let delivered = status.is_some_and(|status| (200..300).contains(&status));
    let detail = match (&result, status) {
        (Err(error), _) => Some(scrubbed(error.to_string(), &parts)),
        (Ok(_), Some(status)) if !delivered => Some(format!("HTTP {status}")),
        _ => None,
    };
    Ok(Tested { delivered, status, detail, duration_ms: engine.clock.now().since_ms(now) })
}
