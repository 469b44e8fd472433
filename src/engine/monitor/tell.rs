//! Saying what became of alerts: a line in the log, and a signed message to the webhook of the settings.
//! Never says one thing twice: the store notes what was said, with the message that is owed for it, in one transaction.

use super::SweepError;
use crate::domain::alert::{Alert, Told};
use crate::engine::{Engine, message};
use crate::store::write::{NewDelivery, Telling};

/// Alerts told in one transaction.
const AT_ONCE: i64 = 100;

/// Says everything that is still to be said.
///
/// # Errors
/// The store's; the next call says it.
pub async fn tell(engine: &Engine) -> Result<(), SweepError> {
    loop {
        let untold = engine.read.untold_alerts(AT_ONCE).await?;
        let saying: Vec<(&Alert, Told)> = untold.iter().filter_map(|alert| Some((alert, alert.untold()?))).collect();
        if saying.is_empty() {
            return Ok(());
        }
        let telling = saying.iter().map(|(alert, told)| telling(engine, alert, *told)).collect();
        let first = engine.write.tell_alerts(telling).await?;
        for ((alert, told), _) in saying.iter().zip(first).filter(|(_, first)| *first) {
            log(alert, *told);
            if alert.told.is_none() {
                engine.metrics().alert_raised(alert);
            }
        }
        if engine.config.alerts.webhook.is_some() {
            engine.wakes.now();
        }
    }
}

fn telling(engine: &Engine, alert: &Alert, told: Told) -> Telling {
    let delivery = message::of_alert(engine, alert, told).map(|delivery| NewDelivery { delivery, held: false, on_hold: false });
    Telling { id: alert.id, before: alert.told, now: told, delivery }
}

fn log(alert: &Alert, told: Told) {
    let new = &alert.alert;
    let (kind, detail) = (new.kind.as_str(), new.message.as_deref().unwrap_or_default());
    let execution_id = new.execution_id.map(|id| id.to_string()).unwrap_or_default();
    let (id, subject) = (alert.id, new.subject.as_str());
    match told {
        Told::AsWarning => {
            tracing::warn!(alert.id = id, alert.type = kind, execution.id = execution_id, subject, detail, "alert");
        }
        Told::AsCritical => {
            tracing::error!(alert.id = id, alert.type = kind, execution.id = execution_id, subject, detail, "critical alert");
        }
        Told::AsResolved => {
            tracing::info!(alert.id = id, alert.type = kind, execution.id = execution_id, subject, detail, "alert is over");
        }
    }
}
