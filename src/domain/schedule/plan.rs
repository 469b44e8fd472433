//! What a schedule owes at a time: which of the times that passed are started, and when the next one is due.
//! Never asks whether an earlier execution has ended.

use super::{CatchUp, Schedule};
use crate::domain::cron::CronRule;
use crate::domain::timestamp::Timestamp;

/// Times started on time that one look handles at most; a clock that moved by hours does not stand in the way of the rest.
const ON_TIME_MAX: usize = 100;

/// What an operator sets for all schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// A time that is started later than this was missed.
    pub late_after_ms: i64,
    /// A time that was missed longer ago is not made up for.
    pub catch_up_within_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is started, oldest first.
    pub starts: Vec<Timestamp>,
    /// The first time that was missed and is not made up for.
    pub missed: Option<Timestamp>,
    /// What is owed after all of these.
    pub next: Option<Timestamp>,
}

/// What `schedule` owes at `now`, of the times from its next on.
pub fn plan(schedule: &Schedule, times: &CronRule, now: Timestamp, bounds: Bounds) -> Plan {
    let rule = &schedule.rule;
    let Some(first) = schedule.next_due_at else { return Plan { starts: Vec::new(), missed: None, next: None } };
    // Any time may be put off by the whole of its jitter without being late.
    let late_before = now.plus_ms(-rule.jitter_ms - bounds.late_after_ms);
    let just_before = late_before.plus_ms(-1);
    let mut next = if first < late_before { times.next_in(rule.timezone, just_before) } else { Some(first) };
    let mut on_time = Vec::new();
    while let Some(due_at) = next.filter(|due_at| due_at.plus_ms(schedule.jitter_of(*due_at)) <= now)
        && on_time.len() < ON_TIME_MAX
    {
        on_time.push(due_at);
        next = times.next_in(rule.timezone, due_at);
    }
    let kept = match rule.catch_up {
        CatchUp::None => 0,
        // A time that is started anyway makes up for those before it.
        CatchUp::Last => usize::from(on_time.is_empty()),
        CatchUp::All => rule.catch_up_max as usize,
    };
    let oldest = first.max(now.plus_ms(-bounds.catch_up_within_ms));
    let mut starts = match first < late_before && oldest < late_before && kept > 0 {
        true => times.last_between(rule.timezone, oldest, just_before, kept),
        false => Vec::new(),
    };
    starts.extend(on_time);
    let missed = (first < late_before && starts.first() != Some(&first)).then_some(first);
    Plan { starts, missed, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::function::FunctionName;
    use crate::domain::ids::ScheduleId;
    use crate::domain::schedule::{Origin, Rule};

    const HOUR: i64 = 3_600_000;
    const BOUNDS: Bounds = Bounds { late_after_ms: 60_000, catch_up_within_ms: 48 * HOUR };

    /// An hourly schedule that was last looked at before the first hour.
    fn hourly(catch_up: CatchUp, catch_up_max: u32) -> Schedule {
        Schedule {
            id: ScheduleId::random(Timestamp(0)),
            function: FunctionName::parse("tick").unwrap(),
            rule: Rule { catch_up, catch_up_max, ..Rule::of("@hourly") },
            origin: Origin::Api,
            paused: false,
            revision: 1,
            next_due_at: Some(Timestamp(HOUR)),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    /// What it owes: the hours that are started, and the first that was missed.
    fn owed(catch_up: CatchUp, catch_up_max: u32, now: Timestamp) -> (Vec<i64>, Option<i64>) {
        let schedule = hourly(catch_up, catch_up_max);
        let plan = plan(&schedule, &schedule.rule.times().unwrap(), now, BOUNDS);
        (plan.starts.iter().map(|at| at.0 / HOUR).collect(), plan.missed.map(|at| at.0 / HOUR))
    }

    #[test]
    fn a_time_that_is_not_late_is_started_whatever_the_policy() {
        for policy in CatchUp::ALL {
            assert_eq!(owed(policy, 10, Timestamp(HOUR - 1)), (vec![], None));
            assert_eq!(owed(policy, 10, Timestamp(HOUR + 5)), (vec![1], None));
        }
    }

    #[test]
    fn missed_times_are_left_out_made_up_once_or_all_made_up() {
        let now = Timestamp(5 * HOUR + HOUR / 2);
        assert_eq!(owed(CatchUp::None, 10, now), (vec![], Some(1)));
        assert_eq!(owed(CatchUp::Last, 10, now), (vec![5], Some(1)));
        assert_eq!(owed(CatchUp::All, 10, now), (vec![1, 2, 3, 4, 5], None));
        assert_eq!(owed(CatchUp::All, 2, now), (vec![4, 5], Some(1)), "bounded");
    }

    #[test]
    fn a_time_that_is_on_time_makes_up_for_those_before_it() {
        let now = Timestamp(5 * HOUR + 1);
        assert_eq!(owed(CatchUp::None, 10, now), (vec![5], Some(1)));
        assert_eq!(owed(CatchUp::Last, 10, now), (vec![5], Some(1)));
        assert_eq!(owed(CatchUp::All, 10, now), (vec![1, 2, 3, 4, 5], None));
    }

    #[test]
    fn what_was_missed_too_long_ago_stays_missed() {
        let now = Timestamp(100 * HOUR + HOUR / 2);
        let (starts, missed) = owed(CatchUp::All, 1000, now);
        assert_eq!((starts.first(), starts.last(), missed), (Some(&53), Some(&100), Some(1)));
    }

    #[test]
    fn a_time_waits_for_its_jitter_without_being_late() {
        let rule = Rule { jitter_ms: HOUR / 2, catch_up: CatchUp::None, ..Rule::of("@hourly") };
        let schedule = Schedule { rule, ..hourly(CatchUp::None, 10) };
        let due_at = Timestamp(HOUR);
        let jitter_ms = schedule.jitter_of(due_at);
        let at = |now: Timestamp| plan(&schedule, &schedule.rule.times().unwrap(), now, BOUNDS);
        assert_eq!(at(due_at.plus_ms(jitter_ms - 1)), Plan { starts: vec![], missed: None, next: Some(due_at) });
        let started = Plan { starts: vec![due_at], missed: None, next: Some(Timestamp(2 * HOUR)) };
        assert_eq!(at(due_at.plus_ms(jitter_ms)), started);
        assert_eq!(at(due_at.plus_ms(HOUR / 2 + 60_000)), started, "the whole jitter and the bound of lateness are no delay");
        assert_eq!(at(due_at.plus_ms(HOUR / 2 + 60_001)).missed, Some(due_at));
    }
}
