//! The alerts that a lane raises.
//! Never shows a URL's path or query: a destination is scheme, host and port.

use crate::domain::alert::{NewAlert, Severity, kind};
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

/// A destination gets no more for a while.
pub fn breaker_alert(destination: &Destination, detail: &str, at: Timestamp) -> NewAlert {
    NewAlert {
        kind: kind::BREAKER_OPEN.to_owned(),
        execution_id: None,
        function_name: None,
        stuck_duration: None,
        severity: Severity::Warning.as_str().to_owned(),
        message: Some(format!("deliveries to {destination} pause: {detail}")),
        extra: Value::object([("destination", Value::text(destination.as_str()))]),
        at,
    }
}

/// A message was given up.
pub fn dead_alert(delivery: &Delivery, reason: Option<&str>, at: Timestamp) -> NewAlert {
    NewAlert {
        kind: kind::DELIVERY_DEAD.to_owned(),
        execution_id: Some(delivery.execution_id),
        function_name: None,
        stuck_duration: None,
        severity: Severity::Warning.as_str().to_owned(),
        message: Some(format!("a {} message could not be delivered: {}", delivery.event.as_str(), reason.unwrap_or("no reason"))),
        extra: Value::object([
            ("delivery_id", Value::text(delivery.id.to_string())),
            ("destination", Value::text(delivery.destination().as_str())),
        ]),
        at,
    }
}
