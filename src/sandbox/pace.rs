//! A program's share of a core: who has used more of a second rests until it is right again.
//! Never stops a program.

use std::time::{Duration, Instant};

/// How much may be used in advance.
const STRETCH_S: f64 = 1.0;

pub struct Pace {
    /// Cores; none where one thread cannot use more than it may.
    cores: Option<f64>,
    credit_s: f64,
    counted_at: Instant,
}

impl Pace {
    pub fn of(millicores: u32, now: Instant) -> Self {
        let cores = (millicores < 1000).then(|| f64::from(millicores.max(1)) / 1000.0);
        Self { cores, credit_s: cores.unwrap_or(1.0) * STRETCH_S, counted_at: now }
    }

    /// How long to rest after having worked until `now`; the rest is taken as taken.
    pub fn rest(&mut self, now: Instant) -> Option<Duration> {
        let cores = self.cores?;
        let worked_s = now.saturating_duration_since(self.counted_at).as_secs_f64();
        self.credit_s = (self.credit_s + worked_s * cores).min(cores * STRETCH_S) - worked_s;
        self.counted_at = now;
        if self.credit_s >= 0.0 {
            return None;
        }
        let rest = Duration::from_secs_f64(-self.credit_s / cores);
        self.credit_s = 0.0;
        self.counted_at = now + rest;
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(millicores: u32) -> f64 {
        let begun = Instant::now();
        let (mut now, mut pace) = (begun, Pace::of(millicores, begun));
        for _ in 0..500 {
            now += Duration::from_millis(10);
            now += pace.rest(now).unwrap_or_default();
        }
        (now - begun).as_secs_f64()
    }

    #[test]
    fn five_seconds_of_work_take_twenty_with_a_quarter_of_a_core() {
        assert!((5.0..5.01).contains(&takes(1000)));
        let took = takes(250);
        assert!((18.5..=20.1).contains(&took), "{took}");
    }
}
