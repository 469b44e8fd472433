//! The numbers of the whole installation, kept for a moment: many open pages ask the store once.
//! Never older than a person would notice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::execution::State;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::store::StoreError;
use crate::store::read::survey::{DeliveryCounts, EndedCount};

/// How long the numbers of now are shown, in milliseconds.
const NOW_KEPT_MS: i64 = 1500;
/// The spans of the two plots, in milliseconds, and how many of them are shown.
pub const HOUR: Spans = Spans { span_ms: 60_000, count: 60 };
pub const DAY: Spans = Spans { span_ms: 30 * 60_000, count: 48 };

#[derive(Debug, Clone, Copy)]
pub struct Spans {
    pub span_ms: i64,
    pub count: i64,
}

impl Spans {
    /// Where the first span begins, so that the last one holds `now`.
    pub fn from(self, now: Timestamp) -> Timestamp {
        let last = now.ms() - now.ms().rem_euclid(self.span_ms);
        Timestamp(last - (self.count - 1) * self.span_ms)
    }
}

/// How everything stands.
#[derive(Debug)]
pub struct Numbers {
    pub at: Timestamp,
    pub open: HashMap<State, i64>,
    pub deliveries: DeliveryCounts,
    pub hour: Vec<EndedCount>,
    pub day: Vec<EndedCount>,
}

impl Numbers {
    pub fn open(&self, states: &[State]) -> i64 {
        states.iter().filter_map(|state| self.open.get(state)).sum()
    }

    /// How many ended in one of these states within the last day.
    pub fn ended(&self, states: &[State]) -> i64 {
        self.day.iter().filter(|count| states.contains(&count.state)).map(|count| count.count).sum()
    }
}

#[derive(Default)]
pub struct Pulse(Mutex<Option<Arc<Numbers>>>);

impl Pulse {
    /// # Errors
    /// The store's.
    pub async fn numbers(&self, engine: &Engine) -> Result<Arc<Numbers>, StoreError> {
        let now = engine.clock.now();
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| (0..NOW_KEPT_MS).contains(&now.since_ms(kept.at))) {
            return Ok(kept);
        }
        let read = &engine.read;
        let numbers = Arc::new(Numbers {
            at: now,
            open: read.open_counts().await?.into_iter().collect(),
            deliveries: read.delivery_counts().await?,
            hour: read.ended_counts(HOUR.from(now), HOUR.span_ms).await?,
            day: read.ended_counts(DAY.from(now), DAY.span_ms).await?,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&numbers));
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_span_holds_now() {
        let now = Timestamp(10_000_000);
        let from = HOUR.from(now);
        assert_eq!(from.ms() % HOUR.span_ms, 0);
        let last = (now.ms() - from.ms()) / HOUR.span_ms;
        assert_eq!(last, HOUR.count - 1);
    }
}
