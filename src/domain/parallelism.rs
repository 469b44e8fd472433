//! How many deliveries may be in flight to one destination: few at first, more while its answers are good and quick.
//! Never knows what is in flight; it only says how much may be.

/// An answer within this time is quick, in milliseconds.
pub const QUICK_MS: i64 = 1000;

/// What the answers of a destination say about the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has ended yet.
    Unknown,
    /// The last answer was good and quick.
    Proven,
    /// The last answer was late or bad, or none came.
    Suspect,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parallelism {
    min: usize,
    max: usize,
    limit: usize,
    /// Good and quick answers since the limit moved.
    quick: usize,
    standing: Standing,
}

impl Parallelism {
    pub fn new(min: usize, max: usize) -> Self {
        let min = min.max(1);
        Self { min, max: max.max(min), limit: min, quick: 0, standing: Standing::Unknown }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether its last answer was good and quick.
    pub fn is_proven(&self) -> bool {
        self.standing == Standing::Proven
    }

    /// An attempt ended after `took_ms`.
    pub fn ended(&mut self, good: bool, took_ms: i64) {
        let proven = good && took_ms <= QUICK_MS;
        self.standing = if proven { Standing::Proven } else { Standing::Suspect };
        if !good {
            self.limit = (self.limit / 2).max(self.min);
            self.quick = 0;
        } else if proven {
            self.quick += 1;
            if self.quick >= self.limit {
                self.limit = (self.limit + (self.limit / 4).max(1)).min(self.max);
                self.quick = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_quick_answers_raise_it_to_its_bound() {
        let mut parallelism = Parallelism::new(10, 64);
        for _ in 0..9 {
            parallelism.ended(true, 5);
        }
        assert_eq!(parallelism.limit(), 10);
        parallelism.ended(true, 5);
        assert_eq!(parallelism.limit(), 12);
        for _ in 0..1000 {
            parallelism.ended(true, 5);
        }
        assert_eq!(parallelism.limit(), 64);
    }

    #[test]
    fn slow_answers_do_not_raise_it_and_bad_ones_lower_it() {
        let mut parallelism = Parallelism::new(10, 64);
        for _ in 0..100 {
            parallelism.ended(true, QUICK_MS + 1);
        }
        assert_eq!(parallelism.limit(), 10);
        for _ in 0..1000 {
            parallelism.ended(true, 5);
        }
        for expected in [32, 16, 10, 10] {
            parallelism.ended(false, 5);
            assert_eq!(parallelism.limit(), expected);
        }
    }

    #[test]
    fn a_destination_is_known_by_its_last_answer() {
        let mut parallelism = Parallelism::new(10, 64);
        assert_eq!(parallelism.standing(), Standing::Unknown);
        for (good, took_ms, expected) in
            [(true, 5, Standing::Proven), (true, 5000, Standing::Suspect), (false, 5, Standing::Suspect)]
        {
            parallelism.ended(good, took_ms);
            assert_eq!(parallelism.standing(), expected);
        }
    }
}
