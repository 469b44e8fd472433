//! Who may tell the time: the `Clock` trait and the one real clock.
//! Nothing else in the crate asks the operating system for the time of day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use super::timestamp::Timestamp;

pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Timestamp;

    /// The time of a better clock; whoever has none of his own follows it.
    fn told(&self, _now: Timestamp) {}
}

pub type SharedClock = Arc<dyn Clock>;

/// The operating system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one clock that asks the system")]
        let now = chrono::Utc::now();
        Timestamp(now.timestamp_millis())
    }
}

/// The clock of a server: the operating system's, until a database tells its own time. From then on it follows that one and
/// runs evenly between, so that neither a wrong clock nor one that is set moves a timer.
#[derive(Debug)]
pub struct NodeClock {
    began: Instant,
    /// Milliseconds between `began` and the Unix epoch; `UNTOLD` for what was never told.
    offset_ms: AtomicI64,
}

const UNTOLD: i64 = i64::MIN;
/// Differences up to this are those of the way here, and leave the clock alone.
const CLOSE_MS: i64 = 100;

impl Default for NodeClock {
    fn default() -> Self {
        Self { began: Instant::now(), offset_ms: AtomicI64::new(UNTOLD) }
    }
}

impl NodeClock {
    fn since_began_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        match self.offset_ms.load(Ordering::Relaxed) {
            UNTOLD => SystemClock.now(),
            offset_ms => Timestamp(offset_ms + self.since_began_ms()),
        }
    }

    fn told(&self, now: Timestamp) {
        let offset_ms = now.0 - self.since_began_ms();
        let before_ms = self.offset_ms.load(Ordering::Relaxed);
        if before_ms == UNTOLD || (offset_ms - before_ms).abs() > CLOSE_MS {
            self.offset_ms.store(offset_ms, Ordering::Relaxed);
        }
    }
}

/// A clock that moves when told to; tests use it instead of sleeping.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_clock_follows_the_time_that_it_is_told_and_heeds_no_trifles() {
        let clock = NodeClock::default();
        assert!(clock.now().since_ms(SystemClock.now()).abs() < 1000);
        let day_ms = 86_400_000;
        let elsewhere = SystemClock.now().plus_ms(day_ms);
        clock.told(elsewhere);
        assert!((0..1000).contains(&clock.now().since_ms(elsewhere)));
        let before = clock.now();
        clock.told(before.plus_ms(-50));
        assert!(clock.now() >= before, "it does not go back for the time that an answer took");
        clock.told(elsewhere.plus_ms(-day_ms));
        assert!((0..1000).contains(&clock.now().since_ms(elsewhere.plus_ms(-day_ms))));
    }
}
