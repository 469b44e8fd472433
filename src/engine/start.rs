//! Starting an execution: the only way in, for callers, schedules, parents and the command line.
//! Never answers before the execution is durable.

use crate::domain::callback::CallbackSettings;
use crate::domain::execution::Execution;
use crate::domain::function::{ConfigPatch, ExecutionMode, FunctionName};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::outbound::Refused;

use super::Engine;

/// A call, once its control words have been read.
#[derive(Debug, Clone, Default)]
pub struct StartRequest {
    /// As the caller wrote it.
    pub function: String,
    /// Started from outside: the function must be exposed.
    pub from_outside: bool,
    pub input: Value,
    /// The `request` root (`method`, `path`, `query`, `headers` without credentials, `body`, `ip`); null when not over HTTP.
    pub request: Value,
    /// What the caller said; the function's own mode otherwise.
    pub mode: Option<ExecutionMode>,
    pub callback: Option<CallbackSettings>,
    pub options: StartOptions,
    pub key: Option<CallerKey>,
    /// The name of the API key, if there are keys.
    pub started_by: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    pub delay_ms: Option<i64>,
    pub run_at: Option<Timestamp>,
    pub priority: Option<i16>,
    pub tags: Vec<String>,
    pub metadata: Value,
    pub config: ConfigPatch,
}

/// An `Idempotency-Key` and what it is held against.
#[derive(Debug, Clone)]
pub struct CallerKey {
    pub key: String,
    /// Body and callback settings; the function is added.
    pub fingerprint_of: Vec<u8>,
}

/// An accepted call.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub execution: Execution,
    /// Async was asked for, or is the function's way.
    pub mode: ExecutionMode,
    /// The same call had been accepted before.
    pub replayed: bool,
    pub typical_duration_ms: Option<i64>,
}

/// Why a call was not accepted. Nothing was stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StartError {
    #[error("there is no function \"{name}\"")]
    FunctionUnknown { name: String, near: Vec<FunctionName> },
    #[error("the inputs do not hold")]
    Inputs(Vec<FieldError>),
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    CallbackRefused(#[from] Refused),
    #[error("this idempotency key was used for a different call")]
    KeyMismatch,
    #[error("too many executions are queued")]
    QueueFull { retry_after_s: u32 },
    #[error("no durable storage: {reason}")]
    Unavailable { reason: String, retry_after_s: u32 },
}

/// What is wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// Accepts a call. Once this returns, the execution is durable and will end.
///
/// # Errors
/// See [`StartError`].
pub async fn start(engine: &Engine, request: StartRequest) -> Result<Accepted, StartError> {
    let _ = (engine, request);
    unimplemented!("owned by the engine")
}
