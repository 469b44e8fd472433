//! What an attempt says about its registered destination: gone at once, failing for too long, or well again.
//! Never gives up a message because its destination was disabled: it is kept on hold.

use super::super::Engine;
use crate::domain::alert::{NewAlert, Severity, kind};
use crate::domain::callback::redacted_url;
use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryState};
use crate::domain::registration::{Disabled, Lateness, Registration};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::monitor::SweepError;
use crate::store::StoreError;
use crate::store::write::{AfterAttempt, DeliveryClosed, Entry};

/// What is to be recorded instead of an attempt, if the destination gets nothing at the moment.
pub fn withheld(engine: &Engine, delivery: &Delivery) -> Option<DeliveryClosed> {
    let registration = engine.destinations.find(delivery.callback.registered?)?;
    let disabled = registration.disabled?;
    let now = engine.clock.now();
    Some(DeliveryClosed {
        id: delivery.id,
        number: delivery.attempts,
        started_at: now,
        at: now,
        outcome: AttemptOutcome::Failure,
        status: None,
        detail: Some("not sent: the destination is disabled".to_owned()),
        answer: None,
        next: AfterAttempt::Closed { state: DeliveryState::Held, reason: Some(disabled.reason) },
        counted: delivery.counted,
        excused: delivery.excused,
        had_unknown: delivery.had_unknown,
        thin: delivery.thin,
    })
}

/// Notes what an attempt says about its destination. After 410 the message is on hold instead of dead.
pub async fn judge(engine: &Engine, delivery: &Delivery, closed: &mut DeliveryClosed) {
    let Some(registration) = delivery.callback.registered.and_then(|id| engine.destinations.find(id)) else { return };
    let noted = match (closed.outcome, closed.status) {
        (AttemptOutcome::Success, _) if registration.health.failing_since.is_some() => recovered(engine, &registration).await,
        (AttemptOutcome::Success, _) => return,
        (_, Some(410)) => {
            let reason = "the receiver answered 410: it is gone".to_owned();
            closed.next = AfterAttempt::Closed { state: DeliveryState::Held, reason: Some(reason.clone()) };
            disable(engine, &registration, reason, closed.at).await
        }
        _ if registration.health.failing_since.is_none() => failing(engine, &registration, closed.at).await,
        _ => return,
    };
    if let Err(error) = noted {
        tracing::warn!(destination = %registration.id, error = %error, "the state of a destination could not be noted");
    }
}

/// Notes how long destinations have been failing, disables those whose time is over, and says what somebody is to know of all of
/// them.
///
/// # Errors
/// The store's; the next sweep finds the same.
pub async fn sweep(engine: &Engine, now: Timestamp) -> Result<Vec<NewAlert>, SweepError> {
    engine.destinations.reload(engine).await?;
    for registration in engine.destinations.all() {
        match registration.lateness(now) {
            Lateness::Fine => {}
            Lateness::Tell(percent) => {
                let mut told = registration.clone();
                told.health.told_percent = percent;
                put(engine, told).await?;
            }
            Lateness::Over => {
                let reason = "no message has arrived for 5 days".to_owned();
                disable(engine, &registration, reason, now).await?;
            }
        }
    }
    let all = engine.destinations.all();
    Ok(all.iter().flat_map(|one| one.alarms().into_iter().map(|percent| alert(one, percent, now))).collect())
}

async fn recovered(engine: &Engine, registration: &Registration) -> Result<(), SweepError> {
    let mut well = registration.clone();
    well.health = crate::domain::registration::DestinationHealth::default();
    Ok(put(engine, well).await?)
}

async fn failing(engine: &Engine, registration: &Registration, at: Timestamp) -> Result<(), SweepError> {
    let mut failing = registration.clone();
    failing.health.failing_since = Some(at);
    Ok(put(engine, failing).await?)
}

async fn disable(engine: &Engine, registration: &Registration, reason: String, at: Timestamp) -> Result<(), SweepError> {
    if registration.disabled.is_some() {
        return Ok(());
    }
    let mut disabled = registration.clone();
    disabled.disabled = Some(Disabled { at, reason, by_hand: false });
    disabled.health.told_percent = disabled.health.told_percent.max(registration.passed_percent(at));
    let news: Vec<NewAlert> = disabled.alarms().into_iter().map(|percent| alert(&disabled, percent, at)).collect();
    put(engine, disabled).await?;
    tracing::warn!(destination = %registration.id, "a registered destination is disabled; what it is owed is kept on hold");
    // If the process ends here the next sweep tells it.
    for alert in news {
        engine.journal.record(Entry::Alert(alert)).await?;
    }
    Ok(())
}

/// Somebody else may have been quicker; then his version holds, and the next attempt or sweep looks at that.
async fn put(engine: &Engine, mut registration: Registration) -> Result<(), StoreError> {
    registration.version += 1;
    engine.write.put_destination(registration).await?;
    engine.destinations.reload(engine).await
}

/// One for each destination and share of the time.
fn alert(registration: &Registration, percent: i64, at: Timestamp) -> NewAlert {
    let (id, url) = (registration.id.shown(), redacted_url(&registration.callback.url));
    let disabled = registration.disabled.as_ref().filter(|_| percent == 100);
    let (severity, message) = match disabled {
        Some(disabled) => {
            (Severity::Critical, format!("{url} is disabled: {}; what it is owed is kept on hold", disabled.reason))
        }
        None => (Severity::Warning, format!("{url} has taken nothing for {percent} % of the 5 days after which it is disabled")),
    };
    NewAlert {
        subject: format!("{id} {percent} %"),
        severity: severity.as_str().to_owned(),
        message: Some(message),
        extra: Value::object([("destination", Value::text(id)), ("percent", Value::Int(percent))]),
        ..NewAlert::new(kind::DESTINATION_FAILING, at)
    }
}
