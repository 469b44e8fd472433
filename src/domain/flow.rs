//! Flow control: how many deliveries of one key may be in flight, and how many may start within a time.
//! Never looks at a clock, and never holds a delivery.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::map::HashMap;
use super::timestamp::Timestamp;

/// What a caller asks for with `callback.flow_control`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowControl {
    /// Deliveries to one destination with the same key share what follows.
    pub key: String,
    /// How many may be in flight at once.
    #[serde(default)]
    pub parallelism: Option<u32>,
    /// How many may start within `per_ms`.
    #[serde(default)]
    pub rate: Option<u32>,
    pub per_ms: i64,
}

/// Whether a delivery may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Go,
    /// When one of its key ends.
    Full,
    /// When enough time has passed since others of its key started.
    Wait {
        until: Timestamp,
    },
}

/// What flows, by key.
#[derive(Debug, Default)]
pub struct Flows(HashMap<String, Stream>);

#[derive(Debug, Default)]
struct Stream {
    in_flight: u32,
    /// The latest starts, the oldest first; as many as the largest rate asks about.
    starts: VecDeque<Timestamp>,
    /// For how long they are remembered.
    per_ms: i64,
}

impl Flows {
    /// Whether a delivery may start at `now`; without flow control it always may.
    pub fn ask(&self, control: Option<&FlowControl>, now: Timestamp) -> Flow {
        let Some(control) = control else { return Flow::Go };
        let Some(stream) = self.0.get(&control.key) else { return Flow::Go };
        if control.parallelism.is_some_and(|most| stream.in_flight >= most) {
            return Flow::Full;
        }
        let rate = control.rate.map(|rate| usize::try_from(rate).unwrap_or(usize::MAX).max(1));
        let oldest_of_rate = rate.and_then(|rate| stream.starts.len().checked_sub(rate)).map(|place| stream.starts[place]);
        match oldest_of_rate.map(|at| at.plus_ms(control.per_ms)) {
            Some(until) if until > now => Flow::Wait { until },
            _ => Flow::Go,
        }
    }

    /// A delivery starts.
    pub fn started(&mut self, control: Option<&FlowControl>, now: Timestamp) {
        let Some(control) = control else { return };
        let stream = self.0.entry(control.key.clone()).or_default();
        stream.in_flight += 1;
        if let Some(rate) = control.rate {
            stream.starts.push_back(now);
            stream.per_ms = stream.per_ms.max(control.per_ms);
            let kept = usize::try_from(rate).unwrap_or(usize::MAX).max(1);
            while stream.starts.len() > kept {
                stream.starts.pop_front();
            }
        }
    }

    /// A delivery ended, or was not `sent` after all. Whether nothing of its key is in flight any more.
    pub fn ended(&mut self, control: Option<&FlowControl>, now: Timestamp, sent: bool) -> bool {
        let Some(control) = control else { return true };
        let Some(stream) = self.0.get_mut(&control.key) else { return true };
        stream.in_flight = stream.in_flight.saturating_sub(1);
        if !sent {
            stream.starts.pop_back();
        }
        if stream.in_flight > 0 {
            return false;
        }
        if stream.starts.back().is_none_or(|last| last.plus_ms(stream.per_ms) <= now) {
            self.0.remove(&control.key);
        }
        true
    }

    /// Forgets what no longer limits anything.
    pub fn forget_old(&mut self, now: Timestamp) {
        self.0.retain(|_, stream| {
            stream.in_flight > 0 || stream.starts.back().is_some_and(|last| last.plus_ms(stream.per_ms) > now)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(parallelism: Option<u32>, rate: Option<u32>) -> FlowControl {
        FlowControl { key: "k".into(), parallelism, rate, per_ms: 1000 }
    }

    #[test]
    fn parallelism_bounds_what_is_in_flight_of_one_key() {
        let (two, mut flows) = (control(Some(2), None), Flows::default());
        for _ in 0..2 {
            assert_eq!(flows.ask(Some(&two), Timestamp(0)), Flow::Go);
            flows.started(Some(&two), Timestamp(0));
        }
        assert_eq!(flows.ask(Some(&two), Timestamp(9_000)), Flow::Full);
        assert_eq!(flows.ask(Some(&FlowControl { key: "other".into(), ..two.clone() }), Timestamp(0)), Flow::Go);
        assert_eq!(flows.ask(None, Timestamp(0)), Flow::Go);
        assert!(!flows.ended(Some(&two), Timestamp(0), true));
        assert_eq!(flows.ask(Some(&two), Timestamp(0)), Flow::Go);
        assert!(flows.ended(Some(&two), Timestamp(0), true));
        assert!(flows.0.is_empty());
    }

    #[test]
    fn no_window_of_time_has_more_starts_than_the_rate() {
        let (three, mut flows) = (control(None, Some(3)), Flows::default());
        let mut starts: Vec<i64> = Vec::new();
        for ms in 0..5000 {
            if flows.ask(Some(&three), Timestamp(ms)) == Flow::Go {
                flows.started(Some(&three), Timestamp(ms));
                flows.ended(Some(&three), Timestamp(ms), true);
                starts.push(ms);
            }
        }
        assert_eq!(starts.len(), 15);
        assert!(starts.windows(4).all(|four| four[3] - four[0] >= 1000), "{starts:?}");
    }

    #[test]
    fn who_comes_too_early_is_told_when_to_come() {
        let (one, mut flows) = (control(None, Some(1)), Flows::default());
        flows.started(Some(&one), Timestamp(100));
        assert_eq!(flows.ask(Some(&one), Timestamp(500)), Flow::Wait { until: Timestamp(1100) });
        assert_eq!(flows.ask(Some(&one), Timestamp(1100)), Flow::Go);
    }

    #[test]
    fn what_was_not_sent_does_not_count() {
        let (one, mut flows) = (control(None, Some(1)), Flows::default());
        flows.started(Some(&one), Timestamp(0));
        flows.ended(Some(&one), Timestamp(1), false);
        assert_eq!(flows.ask(Some(&one), Timestamp(1)), Flow::Go);
    }

    #[test]
    fn what_limits_nothing_is_forgotten() {
        let (one, mut flows) = (control(None, Some(1)), Flows::default());
        flows.started(Some(&one), Timestamp(0));
        flows.ended(Some(&one), Timestamp(10), true);
        flows.forget_old(Timestamp(999));
        assert_eq!(flows.0.len(), 1);
        flows.forget_old(Timestamp(1000));
        assert!(flows.0.is_empty());
    }
}
