//! What comes to an execution from outside while nobody need own it.
//! Never part of its owner's order.

use std::sync::Arc;

use super::{Delta, StepRecord};
use crate::domain::admission::Limit;
use crate::domain::function::FunctionVersion;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// An execution that had failed or timed out goes on; refused as `Conflict` when `seq` is not where its journal ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Resume {
    pub id: ExecutionId,
    pub at: Timestamp,
    /// The version that it goes on with.
    pub version: FunctionVersion,
    pub seq: i32,
    /// What it needs to run again.
    pub limits: Vec<Limit>,
    /// Where its machine stands, whole.
    pub delta: Delta,
    pub step: StepRecord,
}

/// What somebody posts to an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub id: ExecutionId,
    /// Empty: for whatever the stack waits for first.
    pub name: Arc<str>,
    /// In stored form.
    pub body: Arc<str>,
    pub at: Timestamp,
}
