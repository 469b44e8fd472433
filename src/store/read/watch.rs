//! What the monitor and those who read alerts ask.
//! Never changes anything, and never answers with more than it was asked for.

use crate::domain::alert::Alert;
use crate::domain::callback::EventType;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;
use crate::store::read::{ExpiredCount, Expiry};

/// Questions about how the whole is doing.
pub trait Watch: Send + Sync {
    /// Open alerts first, newest first.
    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Stored<'a, Vec<Alert>>;

    /// Alerts of which something is still to be said, oldest first.
    fn untold_alerts(&self, limit: i64) -> Stored<'_, Vec<Alert>>;

    /// What is due at `now`, and for how long it has been; one statement.
    fn due(&self, now: Timestamp) -> Stored<'_, Due>;

    /// When the next execution or delivery falls due after `now`.
    fn next_due(&self, now: Timestamp) -> Stored<'_, Option<Timestamp>>;

    /// Messages to callers that have been owed since before `before`, oldest first.
    fn overdue_messages(&self, before: Timestamp, limit: i64) -> Stored<'_, Vec<OwedMessage>>;

    /// Dead messages to callers of which no alert has told since they died.
    fn dead_messages(&self, limit: i64) -> Stored<'_, Vec<DeadMessage>>;

    /// Up to `limit` executions that are kept no longer, oldest first, of those behind `after`.
    fn expired<'a>(&'a self, expiry: &'a Expiry, after: Option<ExecutionId>, limit: i64) -> Stored<'a, Vec<ExecutionId>>;

    /// How many executions are kept no longer, by function and state.
    fn count_expired<'a>(&'a self, expiry: &'a Expiry) -> Stored<'a, Vec<ExpiredCount>>;

    /// Up to `limit` live executions whose journal holds machine states that no restart needs.
    fn long_journals(&self, limit: i64) -> Stored<'_, Vec<ExecutionId>>;

    /// How many statements this store has sent to its database so far.
    fn statements(&self) -> u64;
}

/// Which alerts to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertQuery {
    /// Only those that are open, or only those that are over.
    pub open: Option<bool>,
    pub acknowledged: Option<bool>,
    pub kind: Option<String>,
    pub severity: Option<String>,
    pub execution: Option<ExecutionId>,
    pub function: Option<String>,
    /// Where the last page ended.
    pub after: Option<AlertCursor>,
    pub limit: i64,
}

/// A place in the list of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertCursor {
    pub is_open: bool,
    pub id: i64,
}

/// What waits in the queue, and in the courier's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    pub executions: i64,
    pub oldest_execution: Option<Timestamp>,
    pub deliveries: i64,
}

/// A message that is still owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedMessage {
    pub execution_id: ExecutionId,
    pub url: String,
    pub created_at: Timestamp,
}

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadMessage {
    pub id: DeliveryId,
    pub execution_id: ExecutionId,
    pub event: EventType,
    pub url: String,
    pub reason: Option<String>,
}
