//! What people ask of the whole: counts, samples, lists for pages.
//! Never asks more of the database than an index, or a bounded number of rows, gives.

use std::sync::Arc;

use crate::domain::execution::State;
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::record::Row;
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;

/// The part of a store's reading half that pages for people need.
pub trait Survey: Send + Sync {
    /// How many executions have not ended, by state.
    fn open_counts(&self) -> Stored<'_, Vec<(State, i64)>>;

    /// How many executions ended since `from`, by state and by spans of `span_ms`; spans in which none ended are left out.
    fn ended_counts(&self, from: Timestamp, span_ms: i64) -> Stored<'_, Vec<EndedCount>>;

    /// How many deliveries are owed and how many were given up.
    fn delivery_counts(&self) -> Stored<'_, DeliveryCounts>;

    /// The latest executions of a function that have ended, newest first.
    fn latest_runs<'a>(&'a self, name: &'a FunctionName, limit: i64) -> Stored<'a, Vec<RunSample>>;

    /// Every stored version of a function, newest first.
    fn function_versions<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Vec<StoredVersion>>;

    /// The tables that have ever held a record, by name.
    fn table_names(&self) -> Stored<'_, Vec<String>>;

    /// The records of a table with ids below `before`, newest first.
    fn latest_records<'a>(&'a self, table: &'a str, before: Option<i64>, limit: i64) -> Stored<'a, Vec<Row>>;
}

/// Executions that ended in one state within one span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedCount {
    /// Counted from the first span, which is 0.
    pub span: i64,
    pub state: State,
    pub count: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveryCounts {
    pub pending: i64,
    pub dead: i64,
}

/// How one execution went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSample {
    pub state: State,
    /// `None` for one that ended before it ran.
    pub started_at: Option<Timestamp>,
    pub completed_at: Timestamp,
}

/// One version of a function as it was deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredVersion {
    pub version: FunctionVersion,
    pub definition: Arc<str>,
    pub created_at: Timestamp,
}
