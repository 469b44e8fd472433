//! A schedule: a cron rule that starts executions, and what it owes at a time.
//! Never starts anything.

mod plan;

use std::fmt;

use chrono_tz::Tz;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::cron::{CronError, CronRule};
use super::function::FunctionName;
use super::ids::{ExecutionId, ScheduleId};
use super::timestamp::Timestamp;
use super::value::Value;

pub use plan::{Bounds, Plan, plan};

/// What happens when an earlier execution of the schedule has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// The time is left out.
    #[default]
    Skip,
    /// It waits for the earlier one's end.
    Queue,
    /// The earlier one is cancelled.
    CancelRunning,
    /// They run side by side.
    Allow,
}

impl Overlap {
    pub const ALL: [Self; 4] = [Self::Skip, Self::Queue, Self::CancelRunning, Self::Allow];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::CancelRunning => "cancel_running",
            Self::Allow => "allow",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str() == text)
    }
}

/// What happens to times that passed while nobody could start anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CatchUp {
    None,
    /// The latest is made up for.
    #[default]
    Last,
    /// Every one is, up to a bound.
    All,
}

impl CatchUp {
    pub const ALL: [Self; 3] = [Self::None, Self::Last, Self::All];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Last => "last",
            Self::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str() == text)
    }
}

/// The most that `catch_up_max` can be.
pub const CATCH_UP_MAX: u32 = 1000;
/// What it is unless said otherwise.
pub const CATCH_UP_DEFAULT: u32 = 100;
/// The most that a start may be spread (a day), in milliseconds.
pub const JITTER_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// When and with what a function is started.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub cron: String,
    pub timezone: Tz,
    pub input: Value,
    pub overlap: Overlap,
    pub catch_up: CatchUp,
    /// How many missed times are made up for at most.
    pub catch_up_max: u32,
    /// Each start is put off by a part of it, always the same part for the same time.
    pub jitter_ms: i64,
    pub description: Option<String>,
}

impl Rule {
    /// A rule with nothing but its times.
    pub fn of(cron: impl Into<String>) -> Self {
        Self {
            cron: cron.into(),
            timezone: Tz::UTC,
            input: Value::Null,
            overlap: Overlap::default(),
            catch_up: CatchUp::default(),
            catch_up_max: CATCH_UP_DEFAULT,
            jitter_ms: 0,
            description: None,
        }
    }

    /// Its expression, read.
    ///
    /// # Errors
    /// What about it does not hold; a rule that was accepted has none.
    pub fn times(&self) -> Result<CronRule, CronError> {
        CronRule::parse(&self.cron)
    }
}

/// Where a schedule comes from, and so where it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The function's own file.
    File,
    /// The API.
    Api,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Api => "api",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::File, Self::Api].into_iter().find(|origin| origin.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub id: ScheduleId,
    pub function: FunctionName,
    pub rule: Rule,
    pub origin: Origin,
    pub paused: bool,
    /// Counts every change; what an older one still wants to note is refused.
    pub revision: i32,
    /// The first time that is still owed, before its jitter. None while paused, or when no day fits any more.
    pub next_due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Schedule {
    /// When somebody has to look at it next.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.next_due_at.map(|due_at| due_at.plus_ms(self.jitter_of(due_at)))
    }

    /// By how many milliseconds the start of this time is put off; the same on every node.
    pub fn jitter_of(&self, due_at: Timestamp) -> i64 {
        if self.rule.jitter_ms <= 0 {
            return 0;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.id.0.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(&due_at.0.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        i64::from(number) % (self.rule.jitter_ms + 1)
    }

    /// One time of one revision: it is started once, whoever tries.
    pub fn occurrence(&self, due_at: Timestamp) -> Occurrence {
        Occurrence(format!("{}/{}", self.revision, due_at.0))
    }

    /// The execution of one time.
    pub fn execution_at(&self, due_at: Timestamp) -> ExecutionId {
        ExecutionId::of_schedule(self.id, &self.occurrence(due_at).0, due_at)
    }
}

/// What makes two starts of a schedule one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence(pub String);

impl Occurrence {
    /// A start that somebody asked for, beside the rule.
    pub fn manual(execution: ExecutionId) -> Self {
        Self(format!("manual/{execution}"))
    }
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What became of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiringOutcome {
    Started,
    /// Somebody asked for it, beside the rule.
    Manual,
    /// An earlier execution had not ended.
    Skipped,
    /// It passed while nobody could start anything, and is not made up for.
    Missed,
    /// The function could not be started with this input.
    Refused,
}

impl FiringOutcome {
    pub const ALL: [Self; 5] = [Self::Started, Self::Manual, Self::Skipped, Self::Missed, Self::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Manual => "manual",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Refused => "refused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// One time and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    pub schedule: ScheduleId,
    pub occurrence: Occurrence,
    pub due_at: Timestamp,
    pub at: Timestamp,
    pub outcome: FiringOutcome,
    pub execution: Option<ExecutionId>,
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(jitter_ms: i64) -> Schedule {
        Schedule {
            id: ScheduleId::random(Timestamp(0)),
            function: FunctionName::parse("tick").unwrap(),
            rule: Rule { jitter_ms, ..Rule::of("@hourly") },
            origin: Origin::Api,
            paused: false,
            revision: 1,
            next_due_at: Some(Timestamp(3_600_000)),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn a_start_is_put_off_by_the_same_part_of_its_jitter_every_time() {
        let spread = schedule(60_000);
        let jitters: Vec<i64> = (0..50).map(|hour| spread.jitter_of(Timestamp(hour * 3_600_000))).collect();
        assert!(jitters.iter().all(|jitter| (0..=60_000).contains(jitter)));
        assert!(jitters.iter().max() > jitters.iter().min(), "{jitters:?}");
        assert_eq!(spread.jitter_of(Timestamp(7)), spread.jitter_of(Timestamp(7)));
        assert_eq!(schedule(0).wake_at(), Some(Timestamp(3_600_000)));
    }

    #[test]
    fn the_execution_of_a_time_is_the_same_on_every_node_and_another_after_a_change() {
        let first = schedule(0);
        let due_at = Timestamp(3_600_000);
        assert_eq!(first.execution_at(due_at), first.clone().execution_at(due_at));
        assert_ne!(first.execution_at(due_at), first.execution_at(Timestamp(7_200_000)));
        let changed = Schedule { revision: 2, ..first.clone() };
        assert_ne!(first.execution_at(due_at), changed.execution_at(due_at));
        assert_eq!(first.execution_at(due_at).created_at(), Some(due_at));
    }

    #[test]
    fn every_word_reads_back() {
        assert!(Overlap::ALL.into_iter().all(|word| Overlap::parse(word.as_str()) == Some(word)));
        assert!(CatchUp::ALL.into_iter().all(|word| CatchUp::parse(word.as_str()) == Some(word)));
        assert!(FiringOutcome::ALL.into_iter().all(|word| FiringOutcome::parse(word.as_str()) == Some(word)));
        assert_eq!((Origin::parse("file"), Origin::parse("api")), (Some(Origin::File), Some(Origin::Api)));
    }
}
