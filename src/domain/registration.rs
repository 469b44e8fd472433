//! A registered destination: where every execution that matches is told of, until somebody takes it away.
//! Never shows its secret or its headers, and never forgets a message because nobody hears it.

use serde::{Deserialize, Serialize};

use super::access_key::FunctionPattern;
use super::callback::{CallbackSettings, EventType, redacted_url};
use super::delivery::Destination;
use super::execution::Birth;
use super::ids::DestinationId;
use super::lane::LaneId;
use super::timestamp::Timestamp;
use super::value::Value;

/// How long a destination may go without a success while messages fail, in milliseconds (5 days).
pub const FAILING_MS_MAX: i64 = 5 * 24 * 60 * 60 * 1000;
/// Shares of that time at which somebody is told.
const ALERTS_PERCENT: [i64; 4] = [50, 70, 90, 100];

/// A destination as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    pub id: DestinationId,
    pub callback: CallbackSettings,
    /// What it hears of.
    pub events: Vec<EventType>,
    /// Patterns of names; empty means all functions.
    pub functions: Vec<String>,
    /// Any of these; empty means all executions.
    pub tags: Vec<String>,
    pub created_at: Timestamp,
    /// Why it gets nothing at the moment; what it is owed is kept.
    pub disabled: Option<Disabled>,
    pub health: DestinationHealth,
    /// Counts the changes.
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    pub at: Timestamp,
    pub reason: String,
    /// Somebody wished so; nobody has to be told.
    #[serde(default)]
    pub by_hand: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DestinationHealth {
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// The last share of the time at which somebody was told.
    pub told_percent: i64,
}

/// What the time without a success asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lateness {
    Fine,
    /// Somebody is to be told of this share.
    Tell(i64),
    /// The time is over.
    Over,
}

impl Registration {
    /// Whether this event of this execution is its business.
    pub fn matches(&self, event: EventType, birth: &Birth) -> bool {
        let function = || {
            let mut patterns = self.functions.iter().filter_map(|text| FunctionPattern::parse(text).ok());
            self.functions.is_empty() || patterns.any(|pattern| pattern.matches(&birth.function))
        };
        let tag = || self.tags.is_empty() || self.tags.iter().any(|tag| birth.tags.contains(tag));
        self.events.contains(&event) && function() && tag()
    }

    pub fn lateness(&self, now: Timestamp) -> Lateness {
        if self.disabled.is_some() {
            return Lateness::Fine;
        }
        match self.passed_percent(now) {
            100 => Lateness::Over,
            percent if percent > self.health.told_percent => Lateness::Tell(percent),
            _ => Lateness::Fine,
        }
    }

    /// The last share of the time that has passed since the first failure; 0 before the first of them.
    pub fn passed_percent(&self, now: Timestamp) -> i64 {
        let Some(since) = self.health.failing_since else { return 0 };
        let late_ms = now.since_ms(since);
        ALERTS_PERCENT.into_iter().rfind(|percent| late_ms >= FAILING_MS_MAX / 100 * percent).unwrap_or(0)
    }

    /// Of which shares of the time somebody is to know at the moment; 100 is its end.
    pub fn alarms(&self) -> Vec<i64> {
        let is_over = self.disabled.as_ref().is_some_and(|disabled| !disabled.by_hand);
        ALERTS_PERCENT
            .into_iter()
            .filter(|percent| if *percent == 100 { is_over } else { *percent <= self.health.told_percent })
            .collect()
    }

    /// As it may be shown.
    pub fn shown(&self) -> Value {
        let texts = |texts: &[String]| Value::array(texts.iter().map(|text| Value::text(text.as_str())).collect());
        let instant = |at: Option<Timestamp>| at.map_or(Value::Null, Value::Timestamp);
        Value::object([
            ("id", Value::text(self.id.shown())),
            ("type", Value::text("registered")),
            ("lane_id", Value::text(LaneId::of(&Destination::of(&self.callback.url)).as_str())),
            ("url", Value::text(redacted_url(&self.callback.url))),
            ("events", Value::array(self.events.iter().map(|event| Value::text(event.as_str())).collect())),
            ("functions", texts(&self.functions)),
            ("tags", texts(&self.tags)),
            ("enabled", Value::Bool(self.disabled.is_none())),
            ("disabled_at", instant(self.disabled.as_ref().map(|disabled| disabled.at))),
            ("disabled_reason", self.disabled.as_ref().map_or(Value::Null, |disabled| Value::text(disabled.reason.as_str()))),
            ("failing_since", instant(self.health.failing_since)),
            ("created_at", Value::Timestamp(self.created_at)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
    use crate::domain::ids::ExecutionId;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn registration() -> Registration {
        Registration {
            id: DestinationId::random(NOW),
            callback: CallbackSettings::to("https://a.example/x?token=hidden"),
            events: vec![EventType::Completed],
            functions: Vec::new(),
            tags: Vec::new(),
            created_at: NOW,
            disabled: None,
            health: DestinationHealth::default(),
            version: 1,
        }
    }

    fn birth(function: &str, tags: &[&str]) -> Birth {
        Birth {
            id: ExecutionId::random(NOW),
            function: FunctionName::parse(function).unwrap(),
            version: FunctionVersion("0".into()),
            created_at: NOW,
            seed: 0,
            input: "{}".into(),
            request: None,
            callback: None,
            config: Arc::new(ExecutionConfig::default()),
            priority: 0,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            metadata: Value::Null,
            parent: None,
            started_by: None,
            rerun_of: None,
            trace: None,
        }
    }

    #[test]
    fn it_hears_of_the_events_functions_and_tags_that_it_asked_for() {
        let mut one = registration();
        assert!(one.matches(EventType::Completed, &birth("any", &[])) && !one.matches(EventType::Failed, &birth("any", &[])));
        one.functions = vec!["orders/*".into(), "send-mail".into()];
        for (function, expected) in [("orders/create", true), ("send_mail", true), ("ordersx", false)] {
            assert_eq!(one.matches(EventType::Completed, &birth(function, &[])), expected, "{function}");
        }
        one.tags = vec!["vip".into(), "eu".into()];
        assert!(one.matches(EventType::Completed, &birth("send-mail", &["x", "eu"])));
        assert!(!one.matches(EventType::Completed, &birth("send-mail", &["x"])));
    }

    #[test]
    fn somebody_is_told_four_times_on_the_way_to_its_end() {
        let mut one = registration();
        let at = |percent: i64| NOW.plus_ms(FAILING_MS_MAX / 100 * percent);
        assert_eq!(one.lateness(at(200)), Lateness::Fine, "nothing has failed");
        one.health.failing_since = Some(NOW);
        for (percent, expected) in
            [(49, Lateness::Fine), (50, Lateness::Tell(50)), (75, Lateness::Tell(70)), (100, Lateness::Over)]
        {
            assert_eq!(one.lateness(at(percent)), expected, "{percent}");
        }
        one.health.told_percent = 70;
        assert_eq!((one.lateness(at(75)), one.lateness(at(90))), (Lateness::Fine, Lateness::Tell(90)));
        one.disabled = Some(Disabled { at: NOW, reason: String::new(), by_hand: false });
        assert_eq!(one.lateness(at(100)), Lateness::Fine, "it is over already");
        assert_eq!(one.alarms(), [50, 70, 100]);
        one.disabled = Some(Disabled { at: NOW, reason: String::new(), by_hand: true });
        one.health = DestinationHealth::default();
        assert_eq!(one.alarms(), Vec::<i64>::new());
    }

    #[test]
    fn what_is_shown_holds_no_query() {
        assert!(!registration().shown().to_json_text().contains("hidden"));
    }
}
