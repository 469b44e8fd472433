//! The breaker of one destination: whether deliveries may go there now, and how many at once after it was closed.
//! Never counts an answer that says the destination is alive, even if it refuses the message.

use super::timestamp::Timestamp;

/// How far back results count, in milliseconds.
const WINDOW_MS: i64 = 5 * 60 * 1000;
/// The window is kept in this many parts, so that its size does not grow with traffic.
const PARTS: i64 = 10;
const PART_MS: i64 = WINDOW_MS / PARTS;
/// Results below which a share of failures says nothing.
const RESULTS_MIN: u32 = 10;
/// The share of failures that opens it, in percent.
const FAILED_PERCENT_MIN: u32 = 70;
/// Connect failures in a row that open it.
const CONNECT_FAILURES_MAX: u32 = 5;
/// How long it stays open the first time, in milliseconds; doubled each time it opens again.
const OPEN_MS_MIN: i64 = 30_000;
const OPEN_MS_MAX: i64 = 10 * 60 * 1000;
/// Good probes that close it.
const PROBES_GOOD_MIN: u32 = 3;
/// How many may be in flight after it was closed, step by step.
const RAMP: [usize; 4] = [1, 2, 5, 10];

/// What an attempt says about its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered; a 4xx is an answer too.
    Good,
    /// A time-out, a reset, 429 or 5xx.
    Bad,
    /// Nobody is there: DNS, connect, TLS.
    Unreachable,
}

/// What may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Up to this many in flight; `None` leaves it to others to say.
    Open { in_flight_max: Option<usize> },
    /// One, to see whether it is back.
    Probe,
    /// Nothing before then; `None` while a probe is under way.
    Wait { until: Option<Timestamp> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breaker {
    /// Traffic flows; `ramp` limits it for a while after an outage.
    Closed { window: Window, connect_failures: u32, ramp: Option<Ramp>, opened_in_a_row: u32 },
    /// Nothing goes there until then.
    Open { until: Timestamp, opened_in_a_row: u32 },
    /// One at a time, until enough were good.
    Probing { good: u32, in_flight: bool, opened_in_a_row: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ramp {
    step: usize,
    good: usize,
}

impl Default for Breaker {
    fn default() -> Self {
        Self::closed(None, 0)
    }
}

impl Breaker {
    fn closed(ramp: Option<Ramp>, opened_in_a_row: u32) -> Self {
        Self::Closed { window: Window::default(), connect_failures: 0, ramp, opened_in_a_row }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "closed",
            Self::Open { .. } => "open",
            Self::Probing { .. } => "probing",
        }
    }

    /// When it is tried again, while it is open.
    pub fn open_until(&self) -> Option<Timestamp> {
        if let Self::Open { until, .. } = self { Some(*until) } else { None }
    }

    /// What may be sent at `now`. Asking changes nothing but that an open breaker whose time is over begins to probe.
    pub fn permit(&mut self, now: Timestamp) -> Permit {
        if let Self::Open { until, opened_in_a_row } = *self {
            if now < until {
                return Permit::Wait { until: Some(until) };
            }
            *self = Self::Probing { good: 0, in_flight: false, opened_in_a_row };
        }
        match self {
            Self::Probing { in_flight: true, .. } => Permit::Wait { until: None },
            Self::Probing { .. } => Permit::Probe,
            Self::Closed { ramp, .. } => Permit::Open { in_flight_max: ramp.map(|ramp| RAMP[ramp.step]) },
            Self::Open { until, .. } => Permit::Wait { until: Some(*until) },
        }
    }

    /// A probe leaves.
    pub fn probe_started(&mut self) {
        if let Self::Probing { in_flight, .. } = self {
            *in_flight = true;
        }
    }

    /// A probe ended without saying anything: it was never sent.
    pub fn probe_withdrawn(&mut self) {
        if let Self::Probing { in_flight, .. } = self {
            *in_flight = false;
        }
    }

    /// An attempt ended. Returns whether this opened the breaker.
    pub fn ended(&mut self, health: Health, was_probe: bool, now: Timestamp) -> bool {
        match self {
            Self::Open { .. } => false,
            Self::Probing { .. } if !was_probe => false,
            Self::Probing { good, in_flight, opened_in_a_row } => {
                *in_flight = false;
                if health != Health::Good {
                    *self = Self::opened(now, *opened_in_a_row);
                    return true;
                }
                *good += 1;
                if *good >= PROBES_GOOD_MIN {
                    *self = Self::closed(Some(Ramp::default()), *opened_in_a_row);
                }
                false
            }
            Self::Closed { window, connect_failures, ramp, opened_in_a_row } => {
                window.add(now, health != Health::Good);
                *connect_failures = if health == Health::Unreachable { *connect_failures + 1 } else { 0 };
                if *connect_failures >= CONNECT_FAILURES_MAX || window.is_mostly_failed(now) {
                    *self = Self::opened(now, *opened_in_a_row);
                    return true;
                }
                if health == Health::Good {
                    *ramp = ramp.and_then(Ramp::after_good);
                    if ramp.is_none() {
                        *opened_in_a_row = 0;
                    }
                }
                false
            }
        }
    }

    fn opened(now: Timestamp, before: u32) -> Self {
        let open_ms = (OPEN_MS_MIN << before.min(10)).min(OPEN_MS_MAX);
        Self::Open { until: now.plus_ms(open_ms), opened_in_a_row: before + 1 }
    }
}

impl Ramp {
    /// One step up after as many good answers as the step allows in flight; `None` at the top.
    fn after_good(mut self) -> Option<Self> {
        self.good += 1;
        if self.good >= RAMP[self.step] {
            self = Self { step: self.step + 1, good: 0 };
        }
        (self.step < RAMP.len()).then_some(self)
    }
}

/// Results of the last minutes, in parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    parts: [Part; 10],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Part {
    number: i64,
    all: u32,
    failed: u32,
}

impl Window {
    fn add(&mut self, now: Timestamp, failed: bool) {
        let number = now.0.div_euclid(PART_MS);
        let place = usize::try_from(number.rem_euclid(PARTS)).expect("a remainder of ten is small and not negative");
        let part = &mut self.parts[place];
        if part.number != number {
            *part = Part { number, ..Part::default() };
        }
        part.all = part.all.saturating_add(1);
        part.failed = part.failed.saturating_add(u32::from(failed));
    }

    fn is_mostly_failed(&self, now: Timestamp) -> bool {
        let oldest = now.0.div_euclid(PART_MS) - PARTS;
        let recent = self.parts.iter().filter(|part| part.number > oldest);
        let (all, failed) =
            recent.fold((0u32, 0u32), |(all, failed), part| (all.saturating_add(part.all), failed.saturating_add(part.failed)));
        all >= RESULTS_MIN && u64::from(failed) * 100 >= u64::from(all) * u64::from(FAILED_PERCENT_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + ms)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for n in 0..5 {
            assert_eq!(breaker.ended(Health::Unreachable, false, at(0)), n == 4);
        }
        breaker
    }

    fn probe(breaker: &mut Breaker, health: Health, now: Timestamp) {
        assert_eq!(breaker.permit(now), Permit::Probe);
        breaker.probe_started();
        assert_eq!(breaker.permit(now), Permit::Wait { until: None });
        breaker.ended(health, true, now);
    }

    #[test]
    fn five_connect_failures_in_a_row_open_it() {
        let mut breaker = opened();
        assert_eq!(breaker.permit(at(29_999)), Permit::Wait { until: Some(at(30_000)) });
        assert_eq!(breaker.permit(at(30_000)), Permit::Probe);
    }

    #[test]
    fn a_good_answer_between_connect_failures_starts_the_count_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.ended(Health::Unreachable, false, at(0));
        }
        breaker.ended(Health::Good, false, at(0));
        assert!(!breaker.ended(Health::Unreachable, false, at(0)));
        assert_eq!(breaker.name(), "closed");
    }

    #[test]
    fn seventy_percent_of_ten_results_open_it_and_sixty_do_not() {
        let run = |bad: u32| {
            let mut breaker = Breaker::default();
            for n in 0..10 {
                breaker.ended(if n >= 10 - bad { Health::Bad } else { Health::Good }, false, at(n.into()));
            }
            breaker.name()
        };
        assert_eq!(run(6), "closed");
        assert_eq!(run(7), "open");
    }

    #[test]
    fn nine_failures_say_nothing_yet() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            assert!(!breaker.ended(Health::Bad, false, at(0)));
        }
        assert!(breaker.ended(Health::Bad, false, at(0)));
    }

    #[test]
    fn results_older_than_the_window_are_forgotten() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            breaker.ended(Health::Bad, false, at(0));
        }
        assert!(!breaker.ended(Health::Bad, false, at(WINDOW_MS + PART_MS)));
    }

    #[test]
    fn three_good_probes_close_it_and_a_ramp_follows() {
        let mut breaker = opened();
        for _ in 0..3 {
            probe(&mut breaker, Health::Good, at(30_000));
        }
        let mut seen = Vec::new();
        for _ in 0..19 {
            if let Permit::Open { in_flight_max } = breaker.permit(at(30_001)) {
                seen.push(in_flight_max);
            }
            breaker.ended(Health::Good, false, at(30_001));
        }
        let expected = [vec![Some(1)], vec![Some(2); 2], vec![Some(5); 5], vec![Some(10); 10], vec![None]].concat();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_bad_probe_opens_it_for_twice_as_long_up_to_ten_minutes() {
        let mut breaker = opened();
        let mut now = at(30_000);
        for expected_ms in [60_000, 120_000, 240_000, 480_000, 600_000, 600_000] {
            probe(&mut breaker, Health::Bad, now);
            now = now.plus_ms(expected_ms);
            assert_eq!(breaker.permit(now.plus_ms(-1)), Permit::Wait { until: Some(now) });
        }
    }

    #[test]
    fn stragglers_from_before_neither_close_nor_open_it() {
        let mut breaker = opened();
        assert!(!breaker.ended(Health::Good, false, at(1)));
        assert_eq!(breaker.permit(at(30_000)), Permit::Probe);
        breaker.probe_started();
        assert!(!breaker.ended(Health::Bad, false, at(30_001)));
        assert_eq!(breaker.name(), "probing");
        breaker.probe_withdrawn();
        assert_eq!(breaker.permit(at(30_002)), Permit::Probe);
    }
}
