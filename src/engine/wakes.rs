//! When something falls due soon: the near timers of this node, so that nobody has to poll for them.
//! Never the truth: the store's due times are, and a scan finds what is missing here.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::timestamp::Timestamp;

/// Times further away than this are left to the scan.
const NEAR_MS: i64 = 60_000;
/// What the scan finds to fall due within this time is noted; anything later it finds once more.
const SOON_MS: i64 = 3000;

/// The near timers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Wakes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    due: Mutex<BinaryHeap<Reverse<Timestamp>>>,
    nudge: Notify,
}

impl Wakes {
    /// Something falls due at `at`.
    pub fn at(&self, at: Timestamp, now: Timestamp) {
        if at.since_ms(now) <= NEAR_MS {
            self.heap().push(Reverse(at));
            self.0.nudge.notify_one();
        }
    }

    /// The next that the store knows of falls due at `at`.
    pub fn soon(&self, at: Option<Timestamp>, now: Timestamp) {
        let Some(at) = at.filter(|at| at.since_ms(now) <= SOON_MS) else { return };
        let mut due = self.heap();
        if due.peek().is_none_or(|Reverse(first)| *first != at) {
            due.push(Reverse(at));
            self.0.nudge.notify_one();
        }
    }

    /// Something is due now.
    pub fn now(&self) {
        self.0.nudge.notify_one();
    }

    /// Something may be due now, if `likely`.
    pub fn now_if(&self, likely: bool) {
        if likely {
            self.now();
        }
    }

    /// Forgets what was due when somebody looked at `looked_at`, and says how long it is at `now` until the next, at most
    /// `longest`. What fell due since that look is still to be looked for.
    pub fn until_next(&self, looked_at: Timestamp, now: Timestamp, longest: Duration) -> Duration {
        let mut due = self.heap();
        while due.peek().is_some_and(|Reverse(at)| *at <= looked_at) {
            due.pop();
        }
        due.peek().map_or(longest, |Reverse(at)| {
            let ms = u64::try_from(at.since_ms(now)).unwrap_or(0);
            Duration::from_millis(ms).min(longest)
        })
    }

    /// Waits until somebody adds a timer or says that something is due.
    pub async fn nudged(&self) {
        self.0.nudge.notified().await;
    }

    fn heap(&self) -> std::sync::MutexGuard<'_, BinaryHeap<Reverse<Timestamp>>> {
        self.0.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_timer_says_how_long_to_rest() {
        let wakes = Wakes::default();
        let longest = Duration::from_secs(2);
        assert_eq!(wakes.until_next(Timestamp(0), Timestamp(0), longest), longest);
        wakes.at(Timestamp(500), Timestamp(0));
        wakes.at(Timestamp(100_000_000), Timestamp(0));
        assert_eq!(wakes.until_next(Timestamp(100), Timestamp(100), longest), Duration::from_millis(400));
        assert_eq!(wakes.until_next(Timestamp(600), Timestamp(600), longest), longest);
    }

    #[test]
    fn what_the_scan_finds_is_noted_once_and_only_when_it_is_soon() {
        let wakes = Wakes::default();
        let longest = Duration::from_secs(60);
        wakes.soon(Some(Timestamp(9000)), Timestamp(0));
        wakes.soon(None, Timestamp(0));
        assert_eq!(wakes.until_next(Timestamp(0), Timestamp(0), longest), longest);
        wakes.soon(Some(Timestamp(2500)), Timestamp(0));
        wakes.soon(Some(Timestamp(2500)), Timestamp(2000));
        assert_eq!(wakes.heap().len(), 1);
        assert_eq!(wakes.until_next(Timestamp(2000), Timestamp(2000), longest), Duration::from_millis(500));
    }

    #[test]
    fn what_falls_due_during_a_look_is_looked_for_again() {
        let wakes = Wakes::default();
        let longest = Duration::from_secs(60);
        wakes.at(Timestamp(105), Timestamp(0));
        assert_eq!(wakes.until_next(Timestamp(100), Timestamp(110), longest), Duration::ZERO);
        assert_eq!(wakes.until_next(Timestamp(110), Timestamp(110), longest), longest);
    }
}
