//! An alert: a condition that a person should know of.
//! Never opens twice for one condition: an episode ends before the next begins.

use serde::{Deserialize, Serialize};

use super::ids::ExecutionId;
use super::timestamp::Timestamp;
use super::value::Value;

/// What the monitor looks for. The type of a stack's own alert is free text.
pub mod kind {
    pub const ASYNC_TIMEOUT: &str = "async_timeout";
    pub const CALLBACK_OVERDUE: &str = "callback_overdue";
    pub const DELIVERY_DEAD: &str = "delivery_dead";
    pub const SCHEDULE_MISSED: &str = "schedule_missed";
    pub const QUEUE_OLD: &str = "queue_old";
    pub const BREAKER_OPEN: &str = "breaker_open";
    pub const STORAGE_LAG: &str = "storage_lag";
    pub const DESTINATION_FAILING: &str = "destination_failing";
    pub const POISON: &str = "poison";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Critical,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// An alert to be raised: a new episode, or news of the one that is open for the same type, execution and subject.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    pub kind: String,
    pub execution_id: Option<ExecutionId>,
    /// What it is about where an execution does not say it all: a destination, a message, a schedule. Empty otherwise.
    pub subject: String,
    pub function_name: Option<String>,
    /// Seconds.
    pub stuck_duration: Option<f64>,
    pub severity: String,
    pub message: Option<String>,
    /// Every other field that a stack gave.
    pub extra: Value,
    pub at: Timestamp,
}

impl NewAlert {
    /// A warning that says nothing yet.
    pub fn new(kind: &str, at: Timestamp) -> Self {
        Self {
            kind: kind.to_owned(),
            execution_id: None,
            subject: String::new(),
            function_name: None,
            stuck_duration: None,
            severity: Severity::Warning.as_str().to_owned(),
            message: None,
            extra: Value::Null,
            at,
        }
    }

    /// One about a condition that has lasted for `lasted_ms`: critical from twice its bound.
    pub fn lasting(kind: &str, at: Timestamp, lasted_ms: i64, bound_ms: i64) -> Self {
        let severity = if lasted_ms >= bound_ms.saturating_mul(2) { Severity::Critical } else { Severity::Warning };
        #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
        let stuck_duration = Some(lasted_ms as f64 / 1000.0);
        Self { severity: severity.as_str().to_owned(), stuck_duration, ..Self::new(kind, at) }
    }
}

/// An alert as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub id: i64,
    pub alert: NewAlert,
    pub updated_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub acknowledged: Option<Acknowledged>,
    pub told: Option<Told>,
}

/// Somebody has seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub at: Timestamp,
    pub by: String,
}

/// What was last said of an episode, in the log and to the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    AsWarning,
    AsCritical,
    AsResolved,
}

impl Told {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsWarning => "warning",
            Self::AsCritical => "critical",
            Self::AsResolved => "resolved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::AsWarning, Self::AsCritical, Self::AsResolved].into_iter().find(|told| told.as_str() == text)
    }
}

impl Alert {
    pub fn is_critical(&self) -> bool {
        self.alert.severity == Severity::Critical.as_str()
    }

    /// What is still to be said of this episode. Nobody is told that it became critical after somebody acknowledged it.
    pub fn untold(&self) -> Option<Told> {
        match self.told {
            None if self.is_critical() => Some(Told::AsCritical),
            None => Some(Told::AsWarning),
            Some(Told::AsResolved) => None,
            Some(_) if self.resolved_at.is_some() => Some(Told::AsResolved),
            Some(Told::AsWarning) if self.is_critical() && self.acknowledged.is_none() => Some(Told::AsCritical),
            Some(Told::AsWarning | Told::AsCritical) => None,
        }
    }

    /// As everybody reads it: in lists, in tables, in messages.
    pub fn shown(&self) -> Value {
        let new = &self.alert;
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::text);
        let instant = |at: Option<Timestamp>| at.map_or(Value::Null, Value::Timestamp);
        let fields = [
            ("id", Value::Int(self.id)),
            ("type", Value::text(new.kind.as_str())),
            ("execution_id", new.execution_id.map_or(Value::Null, |id| Value::text(id.to_string()))),
            ("subject", text(Some(new.subject.as_str()).filter(|subject| !subject.is_empty()))),
            ("function_name", text(new.function_name.as_deref())),
            ("stuck_duration", new.stuck_duration.map_or(Value::Null, Value::Decimal)),
            ("severity", Value::text(new.severity.as_str())),
            ("message", text(new.message.as_deref())),
            ("created_at", Value::Timestamp(new.at)),
            ("updated_at", Value::Timestamp(self.updated_at)),
            ("acknowledged_at", instant(self.acknowledged.as_ref().map(|acknowledged| acknowledged.at))),
            ("acknowledged_by", text(self.acknowledged.as_ref().map(|acknowledged| acknowledged.by.as_str()))),
            ("resolved_at", instant(self.resolved_at)),
        ];
        let extra = new.extra.as_object().map(|extra| extra.fields.clone()).unwrap_or_default();
        let extra = extra.into_iter().filter(|(name, _)| !fields.iter().any(|(field, _)| *field == &**name)).collect::<Vec<_>>();
        Value::object(fields.map(|(name, value)| (name.into(), value)).into_iter().chain(extra))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(severity: Severity, told: Option<Told>) -> Alert {
        let alert = NewAlert { severity: severity.as_str().to_owned(), ..NewAlert::new(kind::QUEUE_OLD, Timestamp(0)) };
        Alert { id: 7, alert, updated_at: Timestamp(0), resolved_at: None, acknowledged: None, told }
    }

    #[test]
    fn an_episode_is_told_once_as_each_thing_that_it_becomes() {
        assert_eq!(alert(Severity::Warning, None).untold(), Some(Told::AsWarning));
        assert_eq!(alert(Severity::Warning, Some(Told::AsWarning)).untold(), None);
        assert_eq!(alert(Severity::Critical, Some(Told::AsWarning)).untold(), Some(Told::AsCritical));
        assert_eq!(alert(Severity::Critical, Some(Told::AsCritical)).untold(), None);
        let over = |told| Alert { resolved_at: Some(Timestamp(1)), ..alert(Severity::Critical, told) };
        assert_eq!(over(None).untold(), Some(Told::AsCritical), "first what it was, then that it is over");
        assert_eq!(over(Some(Told::AsCritical)).untold(), Some(Told::AsResolved));
        assert_eq!(over(Some(Told::AsResolved)).untold(), None);
    }

    #[test]
    fn what_somebody_acknowledged_is_not_told_again_until_it_is_over() {
        let acknowledged = Some(Acknowledged { at: Timestamp(1), by: "anna".into() });
        let seen = Alert { acknowledged, ..alert(Severity::Critical, Some(Told::AsWarning)) };
        assert_eq!(seen.untold(), None);
        assert_eq!(Alert { resolved_at: Some(Timestamp(2)), ..seen }.untold(), Some(Told::AsResolved));
    }

    #[test]
    fn a_condition_is_critical_from_twice_its_bound() {
        let lasting = |ms| NewAlert::lasting(kind::QUEUE_OLD, Timestamp(0), ms, 1000);
        assert_eq!((&*lasting(1999).severity, lasting(1999).stuck_duration), ("warning", Some(1.999)));
        assert_eq!(lasting(2000).severity, "critical");
    }

    #[test]
    fn it_shows_its_own_fields_and_those_that_a_stack_added() {
        let mut alert = alert(Severity::Warning, None);
        alert.alert.extra = Value::from_json_text(r#"{"team": "a", "id": 9}"#).unwrap();
        let shown = alert.shown();
        assert_eq!((shown.field("team"), shown.field("id")), (Value::text("a"), Value::Int(7)));
        assert_eq!((shown.field("type"), shown.field("subject")), (Value::text("queue_old"), Value::Null));
    }
}
