//! What a machine can ask of the world: the full list of what a stack can cause.
//! Never says how it is done; `engine` does it.

use std::sync::Arc;

use crate::domain::execution::Response;
use crate::domain::failure::Failure;
use crate::domain::function::{ConfigPatch, FunctionName, RetryPolicy};
use crate::domain::ids::ExecutionId;
use crate::domain::record::RecordQuery;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::Reference;

/// Why `Machine::run` returned.
#[derive(Debug)]
pub enum Need {
    /// Nothing goes on without an answer: perform these, all at the same time, and `accept` the value or the failure of each
    /// as it comes. Those that were asked for before and have no answer yet are among them.
    Effects(Vec<Arc<Effect>>),
    /// Read the row that an expression refers to, then `accept_row`.
    Row(Reference),
    /// Find the current version of this function, then `accept_program`; it is pinned from then on.
    Program(FunctionName),
    /// The fuel is spent: let others run, then `run` again.
    Yield,
    /// The stack is over.
    End(Ending),
}

/// How a stack ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// `return_response`, `return`, or the end of the steps (null).
    Returned { output: Value, response: Response },
    /// Nobody caught it.
    Raised(Box<Failure>),
    /// `Machine::interrupt` was called, and the `finally` blocks have run.
    Interrupted(Box<Failure>),
}

/// One effect of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The path of frames with each frame's turn: the same after a crash or a retry, different for every loop turn and
    /// every call of a sub-function.
    pub position: Arc<str>,
    /// The step's kind as written canonically: `external_api_request`.
    pub kind: &'static str,
    pub label: Option<String>,
    /// From 1; grows with the step's own retries.
    pub attempt: u32,
    pub at_most_once: bool,
    /// The time of the stretch that it belongs to: the same when it is performed again.
    pub stretch: Timestamp,
    /// The step's own policy over the function's; `None` when no retrying is in force for this step.
    pub retry: Option<RetryPolicy>,
    /// The step's own `timeout`, in milliseconds.
    pub timeout_ms: Option<i64>,
    pub action: Action,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The value is what `external_api_request` documents.
    Request(Box<HttpRequest>),
    AddRecord {
        table: Arc<str>,
        data: Value,
    },
    /// The value is an array of rows.
    QueryRecords(Box<RecordQuery>),
    /// The value is a row or null.
    GetRecord(Box<RecordQuery>),
    /// The value is an integer.
    CountRecords(Box<RecordQuery>),
    /// The first row that matches gets `data` merged over it; the value is the row. A miss raises `NotFound`.
    EditRecord {
        query: Box<RecordQuery>,
        data: Value,
    },
    /// Edits the first row that matches, else inserts `data`. The value is the row.
    UpsertRecord {
        query: Box<RecordQuery>,
        data: Value,
    },
    /// Deletes the first row that matches; the value is the deleted row. A miss raises `NotFound`.
    DeleteRecord(Box<RecordQuery>),
    /// Deletes all rows that match; the value is their number.
    DeleteRecords(Box<RecordQuery>),
    /// Runs a program that sees nothing but its names; the value is its own.
    Compute(Box<Computation>),
    /// Starts a child execution; the value is its id as text.
    StartChild(Box<StartChild>),
    /// Waits for executions; the value is an array of status entries in the order asked.
    Await {
        ids: Vec<Value>,
        timeout_ms: i64,
        raise_on_timeout: bool,
    },
    /// Waits; the value is null.
    Sleep(Until),
    /// Waits until an event of this name is posted; the value is its body.
    WaitForEvent {
        name: String,
        timeout_ms: Option<i64>,
    },
    /// Writes a line into the execution's log; the value is null.
    Log {
        level: LogLevel,
        message: String,
        data: Value,
    },
    /// The value is null.
    UpdateProgress(Value),
    /// Owes an interim message; the value is null.
    SendCallback {
        url: Option<String>,
        body: Value,
    },
}

/// A program of the function's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Computation {
    pub language: Language,
    pub text: Arc<str>,
    /// An object: the names that it sees.
    pub names: Value,
    /// The same when it is performed again.
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Script,
    /// `escape`: values are escaped for HTML.
    Template {
        escape: bool,
    },
}

/// A child to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct StartChild {
    pub name: FunctionName,
    pub inputs: Value,
    pub callback_url: Option<String>,
    pub delay_ms: i64,
    pub priority: Option<i16>,
    pub config: ConfigPatch,
}

/// How long to sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    Duration { ms: i64 },
    Instant(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// An HTTP request as a step describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    pub method: String,
    /// With the query parameters already appended.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: RequestBody,
    pub timeout_ms: i64,
    pub follow_location: bool,
    pub verify_peer: bool,
    /// HTTP ≥ 400 raises.
    pub raise_on_error: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RequestBody {
    None,
    Json(Value),
    Text(String),
    Form(Vec<(String, String)>),
}

/// An id as a stack gives it; what is none is answered as `not_found`.
pub fn read_id(value: &Value) -> Option<ExecutionId> {
    value.as_str().and_then(ExecutionId::parse)
}
