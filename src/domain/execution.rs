//! An execution: one run of a function with its input, its states and which may follow which.
//! Never decides when a transition happens, only whether it may.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::callback::CallbackSettings;
use super::failure::Failure;
use super::function::{ExecutionConfig, FunctionName, FunctionVersion};
use super::ids::ExecutionId;
use super::timestamp::Timestamp;
use super::trace::Trace;
use super::value::Value;

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Queued,
    Running,
    Waiting,
    Retrying,
    Cancelling,
    Completed,
    Failed,
    TimedOut,
    Cancelled,
}

impl State {
    pub const ALL: [State; 9] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::Retrying,
        Self::Cancelling,
        Self::Completed,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::TimedOut | Self::Cancelled)
    }

    /// The three words that the guide's client knows.
    pub fn status(self) -> Status {
        match self {
            Self::Completed => Status::Completed,
            Self::Failed | Self::TimedOut | Self::Cancelled => Status::Error,
            _ => Status::Running,
        }
    }
}

/// What the guide's client reads; it polls for ever on any other terminal word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Running,
    Completed,
    Error,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Error => "error",
        }
    }
}

/// What can happen to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A node took it up: from the queue, after a wait, after a crash.
    Claimed,
    /// It put itself to sleep until a time, an event or its children.
    Parked,
    /// An attempt failed and another will follow.
    AttemptFailed,
    /// Its owner is gone; it waits for another.
    Orphaned,
    /// Somebody asked for its end.
    CancelAsked,
    Completed,
    Failed,
    TimedOut,
    Cancelled,
    /// Somebody lets it go on from its last checkpoint.
    Resumed,
}

impl Event {
    pub const ALL: [Event; 10] = [
        Self::Claimed,
        Self::Parked,
        Self::AttemptFailed,
        Self::Orphaned,
        Self::CancelAsked,
        Self::Completed,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
        Self::Resumed,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} cannot happen to an execution that is {}", .state.as_str())]
pub struct TransitionError {
    pub state: State,
    pub event: Event,
}

/// Every transition, in one place.
///
/// # Errors
/// The event cannot happen in that state; nothing changes.
pub fn next_state(state: State, event: Event) -> Result<State, TransitionError> {
    use State::{Cancelled, Cancelling, Completed, Failed, Queued, Retrying, Running, TimedOut, Waiting};
    match (state, event) {
        (Queued | Waiting | Retrying | Running, Event::Claimed) => Ok(Running),
        (Failed | TimedOut, Event::Resumed) => Ok(Queued),
        (Running, Event::Parked) => Ok(Waiting),
        (Running, Event::AttemptFailed) => Ok(Retrying),
        (Running, Event::Orphaned) => Ok(Queued),
        (Queued | Running | Waiting | Retrying | Cancelling, Event::CancelAsked) => Ok(Cancelling),
        (Cancelling, Event::Claimed | Event::Orphaned | Event::Parked) => Ok(Cancelling),
        (Running, Event::Completed) => Ok(Completed),
        (Queued | Running | Waiting | Retrying, Event::Failed) => Ok(Failed),
        (Queued | Running | Waiting | Retrying, Event::TimedOut) => Ok(TimedOut),
        (Cancelling, Event::Cancelled | Event::Completed | Event::Failed | Event::TimedOut | Event::AttemptFailed) => {
            Ok(Cancelled)
        }
        _ => Err(TransitionError { state, event }),
    }
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// `output_status` is the HTTP status of `return_response`, 200 without one.
    Completed {
        output: Value,
        response: Response,
    },
    /// `output` is kept when the stack itself answered with an error status.
    Failed {
        failure: Failure,
        output: Value,
        response: Response,
    },
    TimedOut {
        failure: Failure,
    },
    Cancelled {
        failure: Failure,
    },
}

/// What a synchronous caller is answered beside the body.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Response {
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

impl Outcome {
    pub fn state(&self) -> State {
        match self {
            Self::Completed { .. } => State::Completed,
            Self::Failed { .. } => State::Failed,
            Self::TimedOut { .. } => State::TimedOut,
            Self::Cancelled { .. } => State::Cancelled,
        }
    }

    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Completed { .. } => None,
            Self::Failed { failure, .. } | Self::TimedOut { failure } | Self::Cancelled { failure } => Some(failure),
        }
    }
}

/// What an execution that does not run waits for, and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingFor {
    /// `slot`, `timer`, `retry`, `executions`, `event`.
    pub what: String,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

/// Who may fence whom: the owner's epoch and the last journal sequence that it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    pub id: ExecutionId,
    pub epoch: i32,
    pub seq: i32,
}

/// What an execution is born with, and keeps. Only its owner and the store see all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    pub id: ExecutionId,
    pub function: FunctionName,
    pub version: FunctionVersion,
    pub created_at: Timestamp,
    /// The random seed of its first stretch of steps.
    pub seed: i64,
    /// The input in stored form.
    pub input: Arc<str>,
    /// The request in stored form (`method`, `path`, `query`, `headers`, `body`, `ip`); `None` when not started over HTTP.
    pub request: Option<Arc<str>>,
    pub callback: Option<Arc<CallbackSettings>>,
    pub config: Arc<ExecutionConfig>,
    pub priority: i16,
    pub tags: Vec<String>,
    pub metadata: Value,
    pub parent: Option<ExecutionId>,
    /// The name of the API key that started it, if there are keys.
    pub started_by: Option<String>,
    /// The execution that this one repeats.
    pub rerun_of: Option<ExecutionId>,
    /// The trace that it belongs to, if somebody collects traces.
    pub trace: Option<Trace>,
}

/// An execution as it is read: the truth about it at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    pub birth: Arc<Birth>,
    pub state: State,
    pub attempt: u32,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// When its attempt must be over, if one is running.
    pub deadline_at: Option<Timestamp>,
    pub waiting_for: Option<WaitingFor>,
    pub progress: Value,
    pub output: Value,
    pub response: Response,
    pub failure: Option<Failure>,
    /// The last sign of life in the journal.
    pub progressed_at: Timestamp,
}
