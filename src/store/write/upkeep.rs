//! What keeps a store in order: the episodes of alerts, sleepers that nothing would wake.
//! Never on the path of an execution: every call is a transaction of its own.

use crate::domain::alert::{Alert, NewAlert, Told};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;
use crate::store::write::NewDelivery;

/// Upkeep. Never called by anything but `engine`.
pub trait Upkeep: Send + Sync {
    /// Raises what is the case and resolves what is over, for one kind of alert. Says how many it resolved.
    fn settle_alerts(&self, settling: Settling) -> Stored<'_, usize>;

    /// Resolves open alerts whose condition is over: of dead messages that are dead no longer, of executions that were set
    /// aside and no longer are. Makes those critical that have been open since before `critical_before`.
    fn settle_ended(&self, critical_before: Timestamp, now: Timestamp) -> Stored<'_, usize>;

    /// Notes what was said of alerts, with the message that is owed for it, once: `false` where somebody else was first.
    fn tell_alerts(&self, telling: Vec<Telling>) -> Stored<'_, Vec<bool>>;

    /// Notes that somebody has seen an alert. The first who did stays; `None` if there is no such alert.
    fn acknowledge_alert(&self, id: i64, by: &str, at: Timestamp) -> Stored<'_, Option<Alert>>;

    /// Deletes ended executions with their steps and messages; leaves alone what lives again or is owed again meanwhile. At
    /// most about `rows_max` rows at once: `is_all` says whether these ids are done with.
    fn prune_executions(&self, ids: Vec<ExecutionId>, dead_before: Timestamp, rows_max: i64) -> Stored<'_, Pruned>;

    /// Deletes what is over beside executions: idempotency keys, alerts, messages about alerts, the audit. Says how many rows; as
    /// many as `limit` means that there may be more.
    fn prune_rest(&self, rest: Rest, limit: i64) -> Stored<'_, usize>;

    /// Empties the machine states of this execution's journal that no restart needs; its steps stay readable.
    fn compact_journal(&self, id: ExecutionId) -> Stored<'_, usize>;

    /// Gives back to the disk what is free, a bounded part of it. Says whether there is more.
    fn shrink(&self) -> Stored<'_, bool>;

    /// Puts an execution into the queue that nobody owns and nothing would wake. Says whether it was one.
    fn wake_lost(&self, id: ExecutionId, now: Timestamp) -> Stored<'_, bool>;
}

/// What a part of pruning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    pub executions: usize,
    pub rows: usize,
    pub is_all: bool,
}

/// Until when the rest is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    pub now: Timestamp,
    /// Messages about alerts that were closed before.
    pub messages_before: Timestamp,
    /// Alerts that were over before.
    pub alerts_before: Timestamp,
    /// Audited calls before.
    pub audit_before: Timestamp,
}

/// The state of affairs for one kind of alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Settling {
    pub kind: &'static str,
    pub current: Vec<NewAlert>,
    pub over: Over,
    pub now: Timestamp,
}

/// Which open alerts are over.
#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    /// All that are not current.
    Rest,
    /// None: more may be current than was looked at.
    Nothing,
    /// Those about these subjects, and those of which nobody has had news since.
    Named { subjects: Vec<String>, silent_since: Timestamp },
}

/// What is said of one alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Telling {
    pub id: i64,
    pub before: Option<Told>,
    pub now: Told,
    pub delivery: Option<NewDelivery>,
}
