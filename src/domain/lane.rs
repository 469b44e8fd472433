//! Destinations as people see them: an id, what waits, what is in flight, whether it is paused.
//! Never holds a message or a URL's path.

use std::fmt;

use sha2::{Digest, Sha256};

use super::delivery::Destination;
use super::timestamp::Timestamp;

/// Deliveries that one lane takes up from the store, and while its breaker is not closed.
const CROWDING_MAX: usize = 100;
const CROWDING_BROKEN_MAX: usize = 10;

/// Names the lane of one destination: always the same for the same destination, on every node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LaneId(String);

impl LaneId {
    pub fn of(destination: &Destination) -> Self {
        let digest = Sha256::digest(destination.as_str().as_bytes());
        Self(format!("lane_{}", hex::encode(&digest[..10])))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the store knows of a destination, over all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedLane {
    pub destination: Destination,
    /// Messages that are owed to it, those in flight included.
    pub owed: i64,
    pub in_flight: i64,
    pub paused_at: Option<Timestamp>,
}

/// What this node's lane of a destination does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneFigures {
    /// Held in memory, in flight included.
    pub held: usize,
    /// Of those, how many do not wait behind another of their order key.
    pub crowding: usize,
    /// Of those, first attempts that nothing but their turn holds back.
    pub waiting: usize,
    pub in_flight: usize,
    pub in_flight_max: usize,
    pub breaker: BreakerFigures,
    /// The store refused a start because the destination is paused.
    pub paused: bool,
    /// Its last answer was good and quick.
    pub proven: bool,
    /// An attempt has been under way for longer than a quick answer takes.
    pub slow: bool,
}

/// Messages that wait at a lane whose answers are quick, and whose first attempt may be recorded before it is their turn.
const AHEAD_MAX: usize = 4096;

/// So many first attempts that wait say that more is accepted than can be sent; half as many, that it has been made up for.
const BEHIND_MIN: usize = AHEAD_MAX / 4;

impl LaneFigures {
    /// Whether a message that is born now will be sent so soon that its first attempt can be recorded with it.
    pub fn sends_at_once(&self) -> bool {
        self.is_well() && self.held < AHEAD_MAX
    }

    /// Whether it has fallen behind, or (`was`) has not caught up yet, although the destination answers well.
    pub fn is_behind(&self, was: bool) -> bool {
        self.is_well() && !self.slow && self.waiting >= if was { BEHIND_MIN / 2 } else { BEHIND_MIN }
    }

    fn is_well(&self) -> bool {
        self.proven && !self.paused && self.breaker.state == "closed"
    }

    /// So many of what may go are enough for a lane: more stays in the store until it has room.
    pub fn crowding_max(&self) -> usize {
        if self.breaker.state == "closed" { CROWDING_MAX } else { CROWDING_BROKEN_MAX }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerFigures {
    pub state: &'static str,
    /// When it is tried again, while it is open.
    pub until: Option<Timestamp>,
}

impl Default for BreakerFigures {
    fn default() -> Self {
        Self { state: "closed", until: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_behind_stays_so_until_half_of_it_is_made_up_for() {
        let figures = |waiting| LaneFigures { waiting, proven: true, ..LaneFigures::default() };
        assert!(!figures(BEHIND_MIN - 1).is_behind(false) && figures(BEHIND_MIN).is_behind(false));
        assert!(figures(BEHIND_MIN / 2).is_behind(true) && !figures(BEHIND_MIN / 2 - 1).is_behind(true));
        let full = figures(AHEAD_MAX);
        for unwell in [
            LaneFigures { proven: false, ..full },
            LaneFigures { paused: true, ..full },
            LaneFigures { slow: true, ..full },
            LaneFigures { breaker: BreakerFigures { state: "open", until: None }, ..full },
        ] {
            assert!(!unwell.is_behind(false) && !unwell.is_behind(true), "nobody waits for {unwell:?}");
        }
    }

    #[test]
    fn a_destination_always_has_the_same_id_and_others_have_others() {
        let id = |url: &str| LaneId::of(&Destination::of(url));
        assert_eq!(id("https://hooks.example.com/a?token=1"), id("HTTPS://hooks.example.com:443/b"));
        assert_ne!(id("https://hooks.example.com/"), id("http://hooks.example.com/"));
        assert!(id("https://a.example/").as_str().starts_with("lane_") && id("https://a.example/").as_str().len() == 25);
    }
}
