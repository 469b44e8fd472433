//! How a function has been doing: durations by percentile, and how often it failed.
//! Never of more executions than were read for it.

use serde::Serialize;

use super::plot::{self, Lines};
use crate::domain::execution::State;
use crate::store::read::survey::RunSample;

/// Groups into which the executions are cut for the plot, and the fewest of one.
const GROUPS_MAX: usize = 24;
const GROUP_MIN: usize = 5;

/// Of the latest executions that ended.
#[derive(Debug, Serialize)]
pub struct Statistics {
    pub count: usize,
    pub completed: usize,
    pub failed: usize,
    pub cancelled: usize,
    /// Of those that were not cancelled, in percent.
    pub error_rate: String,
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub p99: Option<i64>,
    pub plot: Option<Lines>,
}

/// `runs` are newest first.
pub fn of(runs: &[RunSample]) -> Statistics {
    let count_of = |states: &[State]| runs.iter().filter(|run| states.contains(&run.state)).count();
    let (completed, failed) = (count_of(&[State::Completed]), count_of(&[State::Failed, State::TimedOut]));
    let mut durations: Vec<i64> = runs.iter().rev().filter_map(duration).collect();
    let plot = plotted(&durations);
    durations.sort_unstable();
    Statistics {
        count: runs.len(),
        completed,
        failed,
        cancelled: count_of(&[State::Cancelled]),
        error_rate: percent(failed, completed + failed),
        p50: percentile(&durations, 50),
        p95: percentile(&durations, 95),
        p99: percentile(&durations, 99),
        plot,
    }
}

fn duration(run: &RunSample) -> Option<i64> {
    let started_at = run.started_at.filter(|_| run.state == State::Completed)?;
    Some(run.completed_at.since_ms(started_at).max(0))
}

/// From the oldest to the newest, in groups of the same size.
fn plotted(durations: &[i64]) -> Option<Lines> {
    let size = durations.len().div_ceil(GROUPS_MAX).max(GROUP_MIN);
    let groups: Vec<Vec<i64>> = durations
        .chunks(size)
        .map(|group| {
            let mut group = group.to_vec();
            group.sort_unstable();
            group
        })
        .collect();
    let line = |of: usize| groups.iter().filter_map(|group| percentile(group, of)).collect::<Vec<_>>();
    (groups.len() >= 2).then(|| plot::lines(&[("p99", line(99)), ("p95", line(95)), ("p50", line(50))]))
}

/// The smallest value that `of` percent do not exceed.
fn percentile(sorted: &[i64], of: usize) -> Option<i64> {
    let place = (sorted.len() * of).div_ceil(100).max(1);
    sorted.get(place - 1).copied()
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let thousandths = part * 1000 / whole;
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    fn run(state: State, took_ms: i64) -> RunSample {
        RunSample { state, started_at: Some(Timestamp(1000)), completed_at: Timestamp(1000 + took_ms) }
    }

    #[test]
    fn percentiles_are_of_what_completed_and_errors_of_what_was_not_cancelled() {
        let mut runs: Vec<_> = (1..=100).map(|ms| run(State::Completed, ms)).collect();
        runs.extend([run(State::Failed, 9999), run(State::Cancelled, 9999)]);
        let statistics = of(&runs);
        assert_eq!((statistics.p50, statistics.p95, statistics.p99), (Some(50), Some(95), Some(99)));
        assert_eq!((statistics.count, statistics.failed, statistics.error_rate.as_str()), (102, 1, "0.9 %"));
        assert!(statistics.plot.is_some());
        let none = of(&[]);
        assert_eq!((none.p50, none.error_rate.as_str(), none.plot.is_none()), (None, "–", true));
    }
}
