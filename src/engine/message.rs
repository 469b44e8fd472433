//! Messages: what a callback is told, as the exact bytes that will be sent.
//! Never builds the same message twice: its bytes are stored and sent again as they are.

use bytes::Bytes;

use super::Engine;
use crate::domain::alert::{Alert, Told};
use crate::domain::callback::{CallbackSettings, EventType, is_one_shot_url};
use crate::domain::delivery::Delivery;
use crate::domain::execution::{Execution, State};
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId};
use crate::domain::registration::Registration;
use crate::domain::status;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Shown, Value};

/// The terminal message that this execution, as it is about to be stored, owes; `None` if it has no callback or its settings
/// say that a timeout is not told.
pub fn terminal(engine: &Engine, execution: &Execution) -> Option<Delivery> {
    Writer::of(engine).terminal(execution)
}

/// What this execution, as it is about to be stored, owes to a registered destination. The bytes are the same for all: they are
/// made once and kept in `body`.
pub fn registered(
    engine: &Engine,
    execution: &Execution,
    destination: &Registration,
    body: &mut Option<Bytes>,
) -> Option<Delivery> {
    Writer::of(engine).registered(execution, destination, body)
}

/// What is told before an execution ends.
#[derive(Debug, Clone, Copy)]
pub struct Interim<'a> {
    pub event: EventType,
    /// Unique within the execution: an effect's position.
    pub label: &'a str,
    /// Overrides the callback's.
    pub url: Option<&'a str>,
    /// What `send_callback` gave.
    pub data: Option<&'a Value>,
}

/// An interim message to the execution's own callback, or to the address that a stack names. `None` if there is nobody to tell or
/// the event was not asked for.
pub fn interim(engine: &Engine, execution: &Execution, interim: &Interim<'_>) -> Option<Delivery> {
    Writer::of(engine).interim(execution, interim)
}

/// An interim message that this execution owes to a registered destination; the bytes are made once and kept in `body`.
pub fn registered_interim(
    engine: &Engine,
    execution: &Execution,
    interim: &Interim<'_>,
    destination: &Registration,
    body: &mut Option<Bytes>,
) -> Option<Delivery> {
    Writer::of(engine).registered_interim(execution, interim, destination, body)
}

/// The message that tells the operator of an alert; `None` if nobody is to be told.
pub fn of_alert(engine: &Engine, alert: &Alert, told: Told) -> Option<Delivery> {
    let url = engine.config.alerts.webhook.as_deref()?;
    let now = engine.clock.now();
    let event = match (alert.told, told) {
        (_, Told::AsResolved) => EventType::AlertResolved,
        (None, _) => EventType::AlertRaised,
        (Some(_), _) => EventType::AlertEscalated,
    };
    let message = [("type", Value::text(event.as_str())), ("timestamp", Value::Timestamp(now)), ("data", alert.shown())];
    Some(Delivery {
        id: DeliveryId::of_alert(alert.alert.at, alert.id, told.as_str()),
        execution_id: ExecutionId::NONE,
        event,
        url: url.to_owned(),
        body: Bytes::from(Value::object(message).to_json_text()),
        callback: CallbackSettings::to(url),
        created_at: now,
        attempts: 0,
        counted: 0,
        excused: 0,
        had_unknown: false,
        thin: false,
    })
}

/// Where the status of an execution is read.
pub fn status_url(engine: &Engine, id: ExecutionId) -> String {
    status_url_at(&engine.public_url, id)
}

fn status_url_at(public_url: &str, id: ExecutionId) -> String {
    [public_url, "/api/async-status/", &id.to_string()].concat()
}

/// The message without what it carries inline, for a receiver that called it too large; `None` if there is nothing to leave
/// out. The same bytes always give the same thin form.
pub fn thin_form(body: &[u8]) -> Option<Bytes> {
    let message = Value::from_json_slice(body).ok()?;
    let object = message.as_object()?;
    if object.get("output").is_none_or(Value::is_null) {
        return None;
    }
    let fields = object.fields.iter().map(|(name, value)| match &**name {
        "output" => (name.clone(), Value::Null),
        "output_truncated" => (name.clone(), Value::Bool(true)),
        _ => (name.clone(), value.clone()),
    });
    Some(Bytes::from(Value::object(fields).to_json_text()))
}

/// What a message is made of, beside the execution's entry.
struct Owed<'a> {
    id: DeliveryId,
    event: EventType,
    at: Timestamp,
    url: &'a str,
    callback: CallbackSettings,
    data: Option<&'a Value>,
}

/// What writing a message needs of the engine.
struct Writer<'a> {
    now: Timestamp,
    public_url: &'a str,
    inline_bytes_max: usize,
}

impl<'a> Writer<'a> {
    fn of(engine: &'a Engine) -> Self {
        let inline_bytes_max = engine.config.callbacks.inline_bytes_max;
        Self { now: engine.clock.now(), public_url: &engine.public_url, inline_bytes_max }
    }

    fn terminal(&self, execution: &Execution) -> Option<Delivery> {
        let callback = execution.birth.callback.as_deref()?;
        let event = told_end(execution)?;
        let url = match &callback.failure_url {
            Some(failure_url) if event != EventType::Completed => failure_url,
            _ => &callback.url,
        };
        let at = execution.completed_at.unwrap_or(self.now);
        let id = DeliveryId::terminal(execution.birth.id);
        Some(self.owed(execution, Owed { id, event, at, url, callback: callback.clone(), data: None }))
    }

    fn registered(&self, execution: &Execution, destination: &Registration, known: &mut Option<Bytes>) -> Option<Delivery> {
        let event = told_end(execution).filter(|event| destination.matches(*event, &execution.birth))?;
        let callback = &destination.callback;
        let id = DeliveryId::of(execution.birth.id, &destination.id.shown());
        let at = execution.completed_at.unwrap_or(self.now);
        let owed = Owed { id, event, at, url: &callback.url, callback: callback.clone(), data: None };
        let body = known.get_or_insert_with(|| {
            body(execution, &owed, &status_url_at(self.public_url, execution.birth.id), self.inline_bytes_max)
        });
        Some(delivery(execution, owed, body.clone()))
    }

    fn interim(&self, execution: &Execution, interim: &Interim<'_>) -> Option<Delivery> {
        let own = execution.birth.callback.as_deref();
        let callback = match (interim.url, own) {
            // Secrets and headers were given for the caller's own address.
            (Some(url), own) if own.is_none_or(|own| own.url != url) => CallbackSettings::to(url),
            (_, own) => own?.clone(),
        };
        let is_asked = match interim.event {
            EventType::Message => true,
            other => callback.events.as_ref().is_some_and(|events| events.contains(&other)),
        };
        if interim.event.is_terminal() || !is_asked || hears_one_message(&callback) {
            return None;
        }
        let url = callback.url.clone();
        let id = self.interim_id(execution.birth.id, interim, None);
        let owed = Owed { id, event: interim.event, at: self.now, url: &url, callback, data: interim.data };
        Some(self.owed(execution, owed))
    }

    fn registered_interim(
        &self,
        execution: &Execution,
        interim: &Interim<'_>,
        destination: &Registration,
        known: &mut Option<Bytes>,
    ) -> Option<Delivery> {
        let callback = &destination.callback;
        let is_asked = !interim.event.is_terminal() && destination.matches(interim.event, &execution.birth);
        if !is_asked || hears_one_message(callback) {
            return None;
        }
        let id = self.interim_id(execution.birth.id, interim, Some(destination.id));
        let owed =
            Owed { id, event: interim.event, at: self.now, url: &callback.url, callback: callback.clone(), data: interim.data };
        let body = known.get_or_insert_with(|| {
            body(execution, &owed, &status_url_at(self.public_url, execution.birth.id), self.inline_bytes_max)
        });
        Some(delivery(execution, owed, body.clone()))
    }

    fn interim_id(&self, execution: ExecutionId, interim: &Interim<'_>, destination: Option<DestinationId>) -> DeliveryId {
        match (interim.event, destination) {
            // At most one a second, whatever the number of steps that tell it: the latest is what counts.
            (EventType::Progress, _) => DeliveryId::of_progress(execution, self.now.ms().div_euclid(1000), destination),
            (_, None) => DeliveryId::of(execution, interim.label),
            (_, Some(destination)) => DeliveryId::of(execution, &format!("{} {}", interim.label, destination.shown())),
        }
    }

    fn owed(&self, execution: &Execution, owed: Owed<'_>) -> Delivery {
        let status_url = status_url_at(self.public_url, execution.birth.id);
        let body = body(execution, &owed, &status_url, self.inline_bytes_max);
        delivery(execution, owed, body)
    }
}

/// Such a receiver gets the terminal message only.
fn hears_one_message(callback: &CallbackSettings) -> bool {
    callback.one_shot || is_one_shot_url(&callback.url)
}

/// The event by which the end of an execution is told; `None` while it runs and where its settings say that a timeout is not.
fn told_end(execution: &Execution) -> Option<EventType> {
    match execution.state {
        State::Completed => Some(EventType::Completed),
        State::Failed => Some(EventType::Failed),
        State::TimedOut if !execution.birth.config.timeout.notify_callback => None,
        State::TimedOut => Some(EventType::TimedOut),
        State::Cancelled => Some(EventType::Cancelled),
        State::Queued | State::Running | State::Waiting | State::Retrying | State::Cancelling => None,
    }
}

fn delivery(execution: &Execution, owed: Owed<'_>, body: Bytes) -> Delivery {
    Delivery {
        id: owed.id,
        execution_id: execution.birth.id,
        event: owed.event,
        url: owed.url.to_owned(),
        body,
        callback: owed.callback,
        created_at: owed.at,
        attempts: 0,
        counted: 0,
        excused: 0,
        had_unknown: false,
        thin: false,
    }
}

fn body(execution: &Execution, owed: &Owed<'_>, status_url: &str, inline_bytes_max: usize) -> Bytes {
    // Measuring the whole is enough for almost all messages; only a large one is measured by its output.
    let whole = message(execution, owed, false, status_url);
    if whole.len() <= inline_bytes_max || execution.output.to_json_text().len() <= inline_bytes_max {
        return Bytes::from(whole);
    }
    Bytes::from(message(execution, owed, true, status_url))
}

/// The text of a message; `truncated` leaves the output out.
fn message(execution: &Execution, owed: &Owed<'_>, truncated: bool, status_url: &str) -> String {
    let front = [("type", Shown::Text(owed.event.as_str())), ("timestamp", Shown::At(owed.at))];
    let back = [("output_truncated", Shown::Bool(truncated)), ("status_url", Shown::Text(status_url))];
    let data = owed.data.map(|data| ("data", Shown::Value(data)));
    let entry = status::fields(execution).into_iter();
    let entry = entry.map(|(name, told)| if truncated && name == "output" { (name, Shown::Null) } else { (name, told) });
    Value::fields_to_json_text(front.into_iter().chain(entry).chain(back).chain(data))
}

#[cfg(test)]
mod tests;
