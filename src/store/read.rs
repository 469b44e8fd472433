//! What can be asked of the truth, without changing it.
//! Never runs on the writer's connection, so a slow question never delays a commit.

mod expiry;
pub mod survey;
mod watch;

use std::sync::Arc;

use super::Stored;
use crate::domain::access_key::AccessKey;
use crate::domain::audit::Audited;
use crate::domain::callback::EventType;
use crate::domain::delivery::{DeliveryState, DeliveryView, Destination};
use crate::domain::execution::{Execution, State};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, ExecutionId, ScheduleId};
use crate::domain::lane::OwedLane;
use crate::domain::record::{RecordQuery, Row};
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::statistics::FunctionStatistics;
use crate::domain::timestamp::Timestamp;
pub use crate::store::write::StepRecord;
use crate::store::write::{Delta, Deployment, Origin};
pub use expiry::{ExpiredCount, Expiry, Which};
use survey::Survey;
pub use watch::{AlertCursor, AlertQuery, DeadMessage, Due, OwedMessage, Watch};

/// The reading half of a store.
pub trait Read: Survey + Watch {
    /// The executions of these ids, in the same order and length; `None` where there is none.
    fn executions<'a>(&'a self, ids: &'a [ExecutionId]) -> Stored<'a, Vec<Option<Execution>>>;

    /// Newest first.
    fn list_executions<'a>(&'a self, query: &'a ExecutionQuery) -> Stored<'a, Vec<Execution>>;

    /// The steps that an execution performed, in order.
    fn steps(&self, id: ExecutionId) -> Stored<'_, Vec<StepRecord>>;

    /// The steps that an execution performed after the entry `after` of its journal, in order, at most `limit`, each with the
    /// number of its own entry.
    fn steps_after(&self, id: ExecutionId, after: i64, limit: i64) -> Stored<'_, Vec<(i64, StepRecord)>>;

    /// What an execution owes or owed, oldest first, with every delivery attempt.
    fn deliveries(&self, id: ExecutionId) -> Stored<'_, Vec<DeliveryView>>;

    /// One delivery with every attempt.
    fn delivery(&self, id: DeliveryId) -> Stored<'_, Option<DeliveryView>>;

    /// Newest first, with every attempt.
    fn list_deliveries<'a>(&'a self, query: &'a DeliveryQuery) -> Stored<'a, Vec<DeliveryView>>;

    /// How many deliveries match, whatever the query's limit.
    fn count_deliveries<'a>(&'a self, query: &'a DeliveryQuery) -> Stored<'a, i64>;

    /// Every destination that is owed something or is paused, in the order of their names.
    fn owed_lanes(&self) -> Stored<'_, Vec<OwedLane>>;

    /// The rows of a table that match, sorted. `async_executions` and `alerts` are tables too.
    fn records<'a>(&'a self, query: &'a RecordQuery) -> Stored<'a, Vec<Row>>;

    /// How many rows match.
    fn count_records<'a>(&'a self, query: &'a RecordQuery) -> Stored<'a, i64>;

    /// What an execution could be resumed from.
    fn stopped(&self, id: ExecutionId) -> Stored<'_, Option<Stopped>>;

    /// The event that a wait for `name` would take now: one of that name, else one that was posted without a name.
    fn event<'a>(&'a self, id: ExecutionId, name: &'a str) -> Stored<'a, Option<KeptEvent>>;

    /// The current version of every function.
    fn functions(&self) -> Stored<'_, Vec<Deployment>>;

    /// Which version of every function is current, without the definitions.
    fn deployed(&self) -> Stored<'_, Vec<Deployed>>;

    /// Every version that a function ever had, the newest first.
    fn versions<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Vec<VersionRow>>;

    /// How the function's executions have gone.
    fn statistics<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, FunctionStatistics>;

    /// The names of the tables that ever held a record.
    fn tables(&self) -> Stored<'_, Vec<String>>;

    /// One stored version, for executions that started with it.
    fn function_version<'a>(&'a self, name: &'a FunctionName, version: &'a FunctionVersion) -> Stored<'a, Option<Arc<str>>>;

    /// Median running time of the function's latest completed executions, in milliseconds.
    fn typical_duration_ms<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Option<i64>>;

    /// Every key that was ever made, by name.
    fn keys(&self) -> Stored<'_, Vec<AccessKey>>;

    /// What was done to this installation, the newest first, below the number `before`.
    fn audit(&self, before: Option<i64>, limit: i64) -> Stored<'_, Vec<Audited>>;
    /// The registered destinations in the order of their making, and their generation.
    fn destinations(&self) -> Stored<'_, (i64, Vec<Registration>)>;

    /// The value of a setting that the store keeps.
    fn setting(&self, name: &'static str) -> Stored<'_, Option<String>>;

    /// How many executions are due at `now` or wait for one of their limits.
    fn queued(&self, now: Timestamp) -> Stored<'_, usize>;

    /// All schedules, or those of one function, by function.
    fn schedules<'a>(&'a self, function: Option<&'a FunctionName>) -> Stored<'a, Vec<Schedule>>;

    fn schedule(&self, id: ScheduleId) -> Stored<'_, Option<Schedule>>;

    /// The schedules that somebody has to look at by `now`, the longest due first, and when the next one comes.
    fn due_schedules(&self, now: Timestamp, limit: usize) -> Stored<'_, DueSchedules>;

    /// What became of a schedule's times, newest first.
    fn firings(&self, id: ScheduleId, limit: i64) -> Stored<'_, Vec<Firing>>;

    /// The executions that a schedule started and that have not ended.
    fn running_of_schedule(&self, id: ScheduleId) -> Stored<'_, Vec<ExecutionId>>;

    /// Whether the database answers.
    fn ping(&self) -> Stored<'_, ()>;
}

/// Where the journal of an execution stands, with every delta that it keeps, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopped {
    pub seq: i32,
    pub resumes: i32,
    pub deltas: Vec<Delta>,
}

/// An event that no step has taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Empty: whatever the stack waits for first.
    pub name: String,
    /// In stored form.
    pub body: Arc<str>,
}

/// Schedules that are due.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DueSchedules {
    pub due: Vec<Schedule>,
    /// When somebody has to look again; not after `now` if there were more than asked for.
    pub next_wake_at: Option<Timestamp>,
}

impl DueSchedules {
    /// `soonest` are those that come next, one more than the limit.
    pub(super) fn of(mut soonest: Vec<Schedule>, now: Timestamp, limit: usize) -> Self {
        let is_due = |schedule: &Schedule| schedule.wake_at().is_some_and(|at| at <= now);
        let due = soonest.iter().take(limit).take_while(|schedule| is_due(schedule)).count();
        let next_wake_at = soonest.get(due).and_then(Schedule::wake_at);
        soonest.truncate(due);
        Self { due: soonest, next_wake_at }
    }
}

/// A function that can be started, without its definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    pub name: FunctionName,
    pub version: FunctionVersion,
    pub origin: Origin,
}

/// A version that a function has or had.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRow {
    pub version: FunctionVersion,
    pub created_at: Timestamp,
}

/// Which executions to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExecutionQuery {
    pub function: Option<FunctionName>,
    /// Any of these; empty means all.
    pub states: Vec<State>,
    pub tag: Option<String>,
    pub parent: Option<ExecutionId>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    pub error_code: Option<String>,
    /// A text that the id, the function's name or the error's message holds.
    pub q: Option<String>,
    /// Only those that this key started.
    pub started_by: Option<String>,
    /// Only ids below this one: where the last page ended.
    pub before: Option<ExecutionId>,
    pub limit: i64,
}

/// Which deliveries to list or to send again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeliveryQuery {
    /// Any of these; empty means all.
    pub states: Vec<DeliveryState>,
    pub events: Vec<EventType>,
    pub destination: Option<Destination>,
    pub execution: Option<ExecutionId>,
    pub function: Option<FunctionName>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    /// Only ids below this one: where the last page ended.
    pub before: Option<DeliveryId>,
    pub limit: i64,
}
