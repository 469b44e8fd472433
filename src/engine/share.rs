//! An execution's share of a core: who has used more rests until the average of a second is right again, and nobody holds
//! his neighbours up for longer than a turn.
//! Never ends an execution, and never counts what it waits for.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::limits::{FUEL_PER_TURN, TURN_MAX};

/// The stretch over which the share is averaged.
const STRETCH: Duration = Duration::from_secs(1);

/// What an execution may still use.
#[derive(Debug)]
pub struct Share {
    /// Cores; none where a single thread cannot use more than it may.
    cores: Option<f64>,
    /// Seconds of a core; below nothing it rests.
    credit: f64,
    counted_at: Instant,
    fuel: u32,
}

/// Below it a turn would do nothing but begin.
const FUEL_MIN: u32 = 10;

impl Share {
    pub fn of(millicores: u32, now: Instant) -> Self {
        let cores = (millicores < 1000).then(|| f64::from(millicores.max(1)) / 1000.0);
        Self { cores, credit: cores.unwrap_or(1.0) * STRETCH.as_secs_f64(), counted_at: now, fuel: FUEL_PER_TURN }
    }

    /// What the next turn may burn: less where operations take long.
    pub fn fuel(&self) -> u32 {
        self.fuel
    }

    /// Notes work that ended at `now`.
    pub fn used(&mut self, work: Duration, now: Instant) {
        if work > TURN_MAX {
            self.fuel = (self.fuel / 2).max(FUEL_MIN);
        } else if work < TURN_MAX / 4 {
            self.fuel = (self.fuel * 2).min(FUEL_PER_TURN);
        }
        self.earn(now);
        if self.cores.is_some() {
            self.credit -= work.as_secs_f64();
        }
    }

    /// How long to rest before going on.
    pub fn rest(&mut self, now: Instant) -> Option<Duration> {
        self.earn(now);
        let cores = self.cores?;
        (self.credit < 0.0).then(|| Duration::from_secs_f64(-self.credit / cores))
    }

    fn earn(&mut self, now: Instant) {
        let Some(cores) = self.cores else { return };
        let passed = now.saturating_duration_since(self.counted_at);
        self.credit = (self.credit + passed.as_secs_f64() * cores).min(cores * STRETCH.as_secs_f64());
        self.counted_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: Duration = Duration::from_millis(10);

    /// How long `turns` of work take on the wall with this share.
    fn takes(millicores: u32, turns: u32) -> Duration {
        let begun = Instant::now();
        let mut now = begun;
        let mut share = Share::of(millicores, begun);
        for _ in 0..turns {
            if let Some(rest) = share.rest(now) {
                now += rest;
            }
            now += TURN;
            share.used(TURN, now);
        }
        now - begun
    }

    #[test]
    fn a_whole_core_never_rests() {
        assert_eq!(takes(1000, 500), TURN * 500);
        assert_eq!(takes(4000, 500), TURN * 500);
    }

    #[test]
    fn a_quarter_of_a_core_takes_four_times_as_long() {
        let took = takes(250, 500).as_secs_f64();
        // Five seconds of work; the first quarter of a second is given.
        assert!((18.5..=20.1).contains(&took), "{took}");
    }

    #[test]
    fn a_turn_that_takes_long_is_followed_by_shorter_ones() {
        let now = Instant::now();
        let mut share = Share::of(1000, now);
        for _ in 0..20 {
            share.used(TURN_MAX * 3, now);
        }
        assert_eq!(share.fuel(), FUEL_MIN);
        share.used(TURN_MAX / 2, now);
        assert_eq!(share.fuel(), FUEL_MIN);
        for _ in 0..20 {
            share.used(TURN_MAX / 10, now);
        }
        assert_eq!(share.fuel(), FUEL_PER_TURN);
    }

    #[test]
    fn a_short_burst_passes_and_a_pause_earns_it_again() {
        assert_eq!(takes(250, 20), TURN * 20);
        let begun = Instant::now();
        let mut share = Share::of(250, begun);
        share.used(Duration::from_millis(250), begun);
        assert_eq!(share.rest(begun), None);
        share.used(Duration::from_millis(250), begun);
        assert_eq!(share.rest(begun), Some(Duration::from_secs(1)));
        assert_eq!(share.rest(begun + Duration::from_secs(1)), None);
        share.used(Duration::from_millis(200), begun + Duration::from_secs(100));
        assert_eq!(share.rest(begun + Duration::from_secs(100)), None, "no more than a second's worth is saved up");
    }
}
