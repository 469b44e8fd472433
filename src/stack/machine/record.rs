//! The form of a delta: frames, calls and values as JSON, by identity where a value is kept.
//! Never changes the meaning of a field that was ever written; a new meaning is a new version.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::frame::Part;
use crate::domain::execution::Response;

/// The version that is written.
pub const VERSION: u32 = 1;

/// Where the machine stands. Every delta holds all of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Head {
    pub v: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    pub full: bool,
    pub now: i64,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub drawn: u64,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub attempt: u32,
    pub next_id: u64,
    /// The request that may be on its way, by identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<u64>,
    /// Name and stored texts of the rows that this stretch has read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowRecord>,
    /// Name and version of each function that was called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(String, String)>,
    /// The calls above the root call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallRecord>,
    pub frames: Vec<FrameRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<SignalRecord>,
}

/// The values that are new since the last delta, or all of them in a full one. Written behind the head, in one object.
#[derive(Debug, Deserialize)]
pub struct Body<'a> {
    #[serde(borrow, default)]
    pub kept: BTreeMap<u64, &'a RawValue>,
    /// By the identity of the call.
    #[serde(borrow, default)]
    pub variables: BTreeMap<u64, VariablesRecord<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct VariablesRecord<'a> {
    #[serde(borrow, default)]
    pub set: IndexMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    pub append: IndexMap<String, &'a RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct RowRecord {
    pub name: String,
    pub id: String,
    pub row: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct CallRecord {
    pub id: u64,
    pub name: String,
    pub version: String,
    pub input: u64,
    /// The variables of a branch of the call below.
    #[serde(default, skip_serializing_if = "is_false")]
    pub branch: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct FrameRecord {
    pub at: usize,
    #[serde(default, skip_serializing_if = "is_zero_size")]
    pub via: usize,
    #[serde(default, skip_serializing_if = "DoingRecord::is_idle")]
    pub doing: DoingRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoingRecord {
    #[default]
    Idle,
    Block,
    Each {
        array: u64,
        name: String,
        turn: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<u64>,
    },
    While {
        turn: u64,
    },
    Try {
        part: Part,
        catch: bool,
        finally: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pending: Option<SignalRecord>,
    },
    Fork(Box<ForkRecord>),
    Call,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ForkRecord {
    pub over: OverRecord,
    pub limit: usize,
    pub next: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<Option<u64>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub stopped: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<SignalRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverRecord {
    Each { array: u64, name: String },
    Parallel { names: Vec<String> },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct BranchRecord {
    pub number: usize,
    pub frames: Vec<FrameRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub stop: bool,
    pub now: i64,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub drawn: u64,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalRecord {
    /// The failure as a value in stored form.
    Raise(String),
    /// The output by identity; by stored text when the stack is over.
    Return {
        output: OutputRecord,
        response: Response,
    },
    Break,
    Continue,
    /// The failure as a value in stored form.
    Interrupt(String),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputRecord {
    Kept(u64),
    Text(String),
}

impl Head {
    /// The identity of every call that is under way beside the root call.
    pub fn visit_calls(&self, visit: &mut dyn FnMut(u64)) {
        self.calls.iter().for_each(|call| visit(call.id));
        visit_calls(&self.frames, visit);
    }
}

impl FrameRecord {
    /// Whether a failure or an interruption is on its way out of this frame, behind the `finally` blocks that still run.
    pub fn is_failing(&self) -> bool {
        match &self.doing {
            DoingRecord::Try { pending, .. } => pending.as_ref().is_some_and(SignalRecord::is_failure),
            DoingRecord::Fork(fork) => fork.leaving.as_ref().is_some_and(SignalRecord::is_failure),
            _ => false,
        }
    }
}

impl SignalRecord {
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Raise(_) | Self::Interrupt(_))
    }
}

fn visit_calls(frames: &[FrameRecord], visit: &mut dyn FnMut(u64)) {
    for frame in frames {
        let DoingRecord::Fork(fork) = &frame.doing else { continue };
        for branch in &fork.branches {
            branch.calls.iter().for_each(|call| visit(call.id));
            visit_calls(&branch.frames, visit);
        }
    }
}

impl DoingRecord {
    fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }
}

const fn first() -> u32 {
    1
}

const fn is_first(attempt: &u32) -> bool {
    *attempt == 1
}

const fn is_zero(number: &u64) -> bool {
    *number == 0
}

const fn is_zero_size(number: &usize) -> bool {
    *number == 0
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}
