//! How a function's executions have gone: counts, durations, share of errors.
//! Never an average: a few slow ones would hide in it, or be all of it.

use super::execution::State;
use super::value::Value;

/// What is known of a function's executions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FunctionStatistics {
    /// Executions that are kept.
    pub count: i64,
    /// How many are in each state that is not an end.
    pub open: Vec<(State, i64)>,
    /// The latest that have ended, and how long they took from their first start.
    pub latest: Vec<(State, Option<i64>)>,
}

impl FunctionStatistics {
    fn open_in(&self, states: &[State]) -> i64 {
        self.open.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
    }

    /// Of the latest that completed, in milliseconds, by nearest rank.
    fn percentile(sorted: &[i64], percent: usize) -> Value {
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).map_or(Value::Null, |ms| Value::Int(*ms))
    }

    /// The share of the latest that ended in an error of their own; cancelled ones are nobody's fault.
    #[expect(clippy::cast_precision_loss, reason = "at most a thousand executions are looked at")]
    fn error_rate(&self) -> Value {
        let failed = self.latest.iter().filter(|(state, _)| matches!(state, State::Failed | State::TimedOut)).count();
        let judged = failed + self.latest.iter().filter(|(state, _)| *state == State::Completed).count();
        if judged == 0 { Value::Null } else { Value::Decimal(failed as f64 / judged as f64) }
    }

    pub fn shown(&self) -> Value {
        let completed = self.latest.iter().filter(|(state, _)| *state == State::Completed);
        let mut durations: Vec<i64> = completed.filter_map(|(_, ms)| *ms).collect();
        durations.sort_unstable();
        Value::object([
            ("count", Value::Int(self.count)),
            ("running", Value::Int(self.open_in(&[State::Running, State::Cancelling]))),
            ("queued", Value::Int(self.open_in(&[State::Queued]))),
            ("waiting", Value::Int(self.open_in(&[State::Waiting, State::Retrying]))),
            ("p50_ms", Self::percentile(&durations, 50)),
            ("p95_ms", Self::percentile(&durations, 95)),
            ("p99_ms", Self::percentile(&durations, 99)),
            ("error_rate", self.error_rate()),
            ("of_latest", Value::Int(i64::try_from(self.latest.len()).unwrap_or(i64::MAX))),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_happened() {
        let latest: Vec<_> = (1..=100).rev().map(|ms| (State::Completed, Some(ms))).collect();
        let shown = FunctionStatistics { count: 100, open: Vec::new(), latest }.shown();
        let of = |name| shown.field(name);
        assert_eq!([of("p50_ms"), of("p95_ms"), of("p99_ms")], [Value::Int(50), Value::Int(95), Value::Int(99)]);
        let one = FunctionStatistics { latest: vec![(State::Completed, Some(7))], ..FunctionStatistics::default() };
        assert_eq!((one.shown().field("p50_ms"), one.shown().field("p99_ms")), (Value::Int(7), Value::Int(7)));
        assert_eq!(FunctionStatistics::default().shown().field("p50_ms"), Value::Null);
    }

    #[test]
    fn what_was_cancelled_counts_neither_as_good_nor_as_bad() {
        let latest = [State::Completed, State::Completed, State::Completed, State::Failed, State::Cancelled, State::Cancelled];
        let statistics =
            FunctionStatistics { latest: latest.map(|state| (state, Some(1))).to_vec(), ..FunctionStatistics::default() };
        assert_eq!(statistics.shown().field("error_rate"), Value::Decimal(0.25));
        assert_eq!(FunctionStatistics::default().shown().field("error_rate"), Value::Null);
    }
}
