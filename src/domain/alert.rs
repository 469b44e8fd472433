//! An alert: a condition that a person should know of.
//! Never opens twice for one condition: an episode ends before the next begins.

use serde::{Deserialize, Serialize};

use super::ids::ExecutionId;
use super::timestamp::Timestamp;
use super::value::Value;

/// What the monitor looks for. The type of a stack's own alert is free text.
pub mod kind {
    pub const ASYNC_TIMEOUT: &str = "async_timeout";
    pub const CALLBACK_OVERDUE: &str = "callback_overdue";
    pub const DELIVERY_DEAD: &str = "delivery_dead";
    pub const SCHEDULE_MISSED: &str = "schedule_missed";
    pub const QUEUE_OLD: &str = "queue_old";
    pub const BREAKER_OPEN: &str = "breaker_open";
    pub const STORAGE_LAG: &str = "storage_lag";
    pub const DESTINATION_FAILING: &str = "destination_failing";
    pub const POISON: &str = "poison";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Critical,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// An alert to be raised: a new episode, or news of the one that is open for the same type and execution.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    pub kind: String,
    pub execution_id: Option<ExecutionId>,
    pub function_name: Option<String>,
    /// Seconds.
    pub stuck_duration: Option<f64>,
    pub severity: String,
    pub message: Option<String>,
    /// Every other field that a stack gave.
    pub extra: Value,
    pub at: Timestamp,
}

/// An alert as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub id: i64,
    pub alert: NewAlert,
    pub updated_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
}
