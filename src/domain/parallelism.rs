//! How many deliveries may be in flight to one destination: few at first, more while its answers are good and quick.
//! Never knows what is in flight; it only says how much may be.

/// An answer within this time is quick, in milliseconds.
pub const QUICK_MS: i64 = 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parallelism {
    min: usize,
    max: usize,
    limit: usize,
    /// Good and quick answers since the limit moved.
    quick: usize,
    /// Some answer was good and quick, and the last one was.
    proven: bool,
}

impl Parallelism {
    pub fn new(min: usize, max: usize) -> Self {
        let min = min.max(1);
        Self { min, max: max.max(min), limit: min, quick: 0, proven: false }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether its last answer was good and quick.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// An attempt ended after `took_ms`.
    pub fn ended(&mut self, good: bool, took_ms: i64) {
        self.proven = good && took_ms <= QUICK_MS;
        if !good {
            self.limit = (self.limit / 2).max(self.min);
            self.quick = 0;
        } else if self.proven {
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
    fn a_destination_is_proven_by_its_last_answer() {
        let mut parallelism = Parallelism::new(10, 64);
        assert!(!parallelism.is_proven());
        parallelism.ended(true, 5);
        assert!(parallelism.is_proven());
        parallelism.ended(true, 5000);
        assert!(!parallelism.is_proven());
    }
}
