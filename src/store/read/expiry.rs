//! Which executions are kept no longer.
//! Never says so of one that lives, that somebody waits for, or whose message is still owed.

use crate::domain::execution::State;
use crate::domain::function::FunctionName;
use crate::domain::timestamp::Timestamp;

/// Ended executions of some functions, in some states, that ended long enough ago.
#[derive(Debug, Clone, PartialEq)]
pub struct Expiry {
    pub of: Which,
    pub states: Vec<State>,
    /// They ended before.
    pub before: Timestamp,
    /// A dead message that was closed later keeps its execution.
    pub dead_before: Timestamp,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Which {
    Only(FunctionName),
    AllBut(Vec<FunctionName>),
}

/// How many executions of one function and state are kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredCount {
    pub function: FunctionName,
    pub state: State,
    pub executions: i64,
}
