//! Alerts that are raised in more than one place, built in one.
//! Never shows a URL's path or query: a destination is scheme, host and port.

use crate::domain::alert::{NewAlert, Severity, kind};
use crate::domain::callback::EventType;
use crate::domain::delivery::Destination;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::schedule::Schedule;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

/// A destination gets no more for a while.
pub fn breaker_alert(destination: &Destination, detail: &str, at: Timestamp) -> NewAlert {
    NewAlert {
        subject: destination.as_str().to_owned(),
        message: Some(format!("deliveries to {destination} pause: {detail}")),
        extra: Value::object([("destination", Value::text(destination.as_str()))]),
        ..NewAlert::new(kind::BREAKER_OPEN, at)
    }
}

/// A message was given up. `None` for messages about alerts: they would go on about each other for ever.
pub fn dead_alert(
    id: DeliveryId,
    execution_id: ExecutionId,
    event: EventType,
    url: &str,
    reason: Option<&str>,
    at: Timestamp,
) -> Option<NewAlert> {
    let message = format!("a {} message could not be delivered: {}", event.as_str(), reason.unwrap_or("no reason"));
    let destination = Destination::of(url);
    let extra = [("delivery_id", Value::text(id.to_string())), ("destination", Value::text(destination.as_str()))];
    (!event.is_alert()).then(|| NewAlert {
        execution_id: Some(execution_id),
        subject: id.0.simple().to_string(),
        message: Some(message),
        extra: Value::object(extra),
        ..NewAlert::new(kind::DELIVERY_DEAD, at)
    })
}

/// A schedule did not start what it should have.
pub fn schedule_alert(schedule: &Schedule, why: &str, at: Timestamp) -> NewAlert {
    NewAlert {
        subject: schedule.id.to_string(),
        function_name: Some(schedule.function.to_string()),
        message: Some(format!("a schedule of {} {why}", schedule.function)),
        extra: Value::object([("schedule_id", Value::text(schedule.id.to_string()))]),
        ..NewAlert::new(kind::SCHEDULE_MISSED, at)
    }
}

/// An execution is set aside.
pub fn poison_alert(id: ExecutionId, function: Option<&str>, message: Option<String>, at: Timestamp) -> NewAlert {
    NewAlert {
        execution_id: Some(id),
        function_name: function.map(str::to_owned),
        severity: Severity::Critical.as_str().to_owned(),
        message,
        ..NewAlert::new(kind::POISON, at)
    }
}
