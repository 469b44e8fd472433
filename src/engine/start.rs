//! Starting an execution: the only way in, for callers, schedules, parents and the command line.
//! Never answers before the execution is durable.

mod birth;
mod key;
mod limits;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use super::Engine;
use super::deliver::validate_callback;
use super::journal::JournalError;
use super::live::{Given, Launch, Newborn};
use super::slots::Slot;
use crate::domain::admission::Limit;
use crate::domain::callback::CallbackSettings;
use crate::domain::execution::{Birth, Execution, Ownership, Response, State};
use crate::domain::function::{ConfigPatch, ExecutionMode, FunctionName};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::outbound::Refused;
use crate::stack::machine::{InputError, complete_inputs};
use crate::stack::program::FunctionDefinition;
use crate::store::write::{Claimed, Entry, Placement, Receipt, Refusal, Submit};

pub(super) use birth::{BirthPlan, birth};
pub(super) use limits::limits;

/// What a caller is told to wait before he tries again, in seconds.
const RETRY_AFTER_S: u32 = 2;

/// However far an execution runs ahead, its caller is answered: after this its birth is stored by itself.
const AHEAD_MAX: Duration = Duration::from_millis(50);

/// A call, once its control words have been read.
#[derive(Debug, Clone, Default)]
pub struct StartRequest {
    /// As the caller wrote it.
    pub function: String,
    /// Made from what asks for it, so that asking twice starts one; a random one without.
    pub id: Option<ExecutionId>,
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
    /// What it waits for beside the limits of its function.
    pub limits: Vec<Limit>,
    /// The name of the API key, if there are keys.
    pub started_by: Option<String>,
    /// The caller's trace, as he wrote it.
    pub traceparent: Option<String>,
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

impl From<InputError> for FieldError {
    fn from(error: InputError) -> Self {
        Self { field: error.field, message: error.message }
    }
}

/// Accepts a call. Once this returns, the execution is durable and will end.
///
/// # Errors
/// See [`StartError`].
pub async fn start(engine: &Engine, request: StartRequest) -> Result<Accepted, StartError> {
    let function = find(engine, &request)?;
    let mode = request.mode.or(function.config.execution_mode).unwrap_or(function.execution_mode);
    let input = complete_inputs(&function.inputs, &request.input)
        .map_err(|errors| StartError::Inputs(errors.into_iter().map(FieldError::from).collect()))?;
    if let Some(callback) = &request.callback {
        validate_callback(engine, callback).await?;
    }
    if request.from_outside && request.options.delay_ms.is_none() && request.options.run_at.is_none() {
        let given = request.callback.as_ref().filter(|callback| !callback.url.is_empty());
        if let Some(callback) = given.or(function.callback.as_ref()) {
            engine.lanes.let_catch_up(&callback.url).await;
        }
    }
    let now = engine.clock.now();
    let due_at = due_at(&request.options, now);
    let mut all_limits = limits(&function, &input, now).map_err(StartError::Invalid)?;
    all_limits.extend(request.limits);
    let key = request.key.as_ref().map(|key| key::stored(key, &function.name, request.started_by.as_deref(), now));
    let given = Given { input: input.clone(), request: request.request.clone() };
    let is_new = request.id.is_none();
    let birth = Arc::new(birth(
        engine,
        &function,
        BirthPlan {
            id: request.id.unwrap_or_else(|| ExecutionId::random(now)),
            created_at: now,
            input,
            request: request.request,
            callback: request.callback,
            options: request.options,
            parent: None,
            started_by: request.started_by,
            trace: engine.traces.begin(request.traceparent.as_deref()),
        },
    ));
    let (placement, slot) = place(engine, !all_limits.is_empty(), &birth, due_at)?;
    let submit = Submit { birth: Arc::clone(&birth), placement, key, limits: all_limits };
    let stored =
        if is_new { run_ahead(engine, submit, slot, given).await } else { run_after(engine, submit, slot, Some(given)).await };
    let receipt = stored.map_err(refused)?;
    let typical_duration_ms = engine.functions.typical_duration_ms(engine, &function.name, mode).await;
    if let Receipt::Replayed(id) = receipt {
        let execution = replayed(engine, id).await?;
        return Ok(Accepted { execution, mode, replayed: true, typical_duration_ms });
    }
    let execution = newborn(&birth, placement);
    Ok(Accepted { execution, mode, replayed: false, typical_duration_ms })
}

/// Accepts an execution that was born elsewhere in the engine, due at once. Once this returns it is durable and will end.
///
/// # Errors
/// See [`StartError`].
pub(super) async fn accept(
    engine: &Engine,
    function: &FunctionDefinition,
    input: &Value,
    birth: Arc<Birth>,
) -> Result<Execution, StartError> {
    let limits = limits(function, input, birth.created_at).map_err(StartError::Invalid)?;
    let (placement, slot) = place(engine, !limits.is_empty(), &birth, birth.created_at)?;
    let submit = Submit { birth: Arc::clone(&birth), placement, key: None, limits };
    run_after(engine, submit, slot, None).await.map_err(refused)?;
    Ok(newborn(&birth, placement))
}

fn find(engine: &Engine, request: &StartRequest) -> Result<Arc<FunctionDefinition>, StartError> {
    let name = FunctionName::parse(&request.function).ok();
    let found = name.and_then(|name| engine.functions.current(&name));
    found.filter(|function| function.exposed || !request.from_outside).ok_or_else(|| StartError::FunctionUnknown {
        name: request.function.clone(),
        near: engine.functions.near(&request.function),
    })
}

fn due_at(options: &StartOptions, now: Timestamp) -> Timestamp {
    let delayed = options.delay_ms.map(|delay_ms| now.plus_ms(delay_ms));
    options.run_at.or(delayed).map_or(now, |due_at| due_at.max(now))
}

/// A slot at once where one is free and nobody waits; else a place in the queue, as long as that has room.
fn place(engine: &Engine, limited: bool, birth: &Birth, due_at: Timestamp) -> Result<(Placement, Option<Slot>), StartError> {
    if due_at <= birth.created_at
        && !limited
        && let Some(slot) = engine.slots.reserve()
    {
        let deadline_at = birth.created_at.plus_ms(birth.config.max_execution_ms);
        return Ok((Placement::Running { started_at: birth.created_at, deadline_at }, Some(slot)));
    }
    if due_at <= birth.created_at && engine.slots.queued() >= engine.config.executions.max_queued {
        return Err(StartError::QueueFull { retry_after_s: RETRY_AFTER_S });
    }
    Ok((Placement::Queued { due_at }, None))
}

/// Stores a call that nobody has stored before. What has a slot runs meanwhile, as far as nobody else could tell: its birth and
/// what it came to are one commit then.
async fn run_ahead(engine: &Engine, submit: Submit, slot: Option<Slot>, given: Given) -> Result<Receipt, JournalError> {
    let Some((claimed, slot)) = claimed(&submit, slot) else { return run_after(engine, submit, None, Some(given)).await };
    let (bundle, receipt) = engine.journal.offer_in_bundle(Entry::Submit(submit))?;
    let newborn = Newborn { bundle, receipt: receipt.shared() };
    let Newborn { bundle, receipt } = newborn.clone();
    engine.launches.send(Launch { claimed, slot, given: Some(given), newborn: Some(newborn) });
    let Ok(answer) = timeout(AHEAD_MAX, receipt.clone()).await else {
        bundle.send();
        return receipt.await;
    };
    answer
}

/// Stores a call, and puts it on its way where it has a slot; one that was stored before is on its way already.
async fn run_after(engine: &Engine, submit: Submit, slot: Option<Slot>, given: Option<Given>) -> Result<Receipt, JournalError> {
    let (due_at, claimed) = (submit.placement.due_at(), claimed(&submit, slot));
    let receipt = engine.journal.offer(Entry::Submit(submit)).await?;
    if !matches!(receipt, Receipt::Replayed(_)) {
        if let Some((claimed, slot)) = claimed {
            engine.launches.send(Launch { claimed, slot, given, newborn: None });
        }
        due_at.into_iter().for_each(|due_at| queued(engine, due_at));
    }
    Ok(receipt)
}

/// What this node owns of a call that starts at once.
fn claimed(submit: &Submit, slot: Option<Slot>) -> Option<(Claimed, Slot)> {
    let (Placement::Running { started_at, deadline_at }, Some(slot)) = (submit.placement, slot) else { return None };
    let claimed = Claimed {
        owner: Ownership { id: submit.birth.id, epoch: 1, seq: 0 },
        birth: Arc::clone(&submit.birth),
        attempt: 1,
        started_at: Some(started_at),
        deadline_at: Some(deadline_at),
        cancel_asked: false,
        inbox: 0,
        crashes: 0,
        resumes: 0,
        deltas: Vec::new(),
        state_before: State::Running,
    };
    Some((claimed, slot))
}

/// An execution has joined the queue: somebody should look when it is due.
pub(super) fn queued(engine: &Engine, due_at: Timestamp) {
    engine.slots.note_queued();
    engine.wakes.at(due_at, engine.clock.now());
}

fn newborn(birth: &Arc<Birth>, placement: Placement) -> Execution {
    let (state, started_at, deadline_at) = match placement {
        Placement::Running { started_at, deadline_at } => (State::Running, Some(started_at), Some(deadline_at)),
        Placement::Queued { .. } => (State::Queued, None, None),
    };
    Execution {
        birth: Arc::clone(birth),
        state,
        attempt: 1,
        started_at,
        completed_at: None,
        deadline_at,
        waiting_for: None,
        progress: Value::Null,
        output: Value::Null,
        response: Response::default(),
        failure: None,
        progressed_at: birth.created_at,
    }
}

async fn replayed(engine: &Engine, id: ExecutionId) -> Result<Execution, StartError> {
    let found = engine.read.executions(&[id]).await.map_err(|error| unavailable(error.to_string()))?;
    found.into_iter().next().flatten().ok_or_else(|| unavailable("the execution of this key is being removed".to_owned()))
}

fn refused(error: JournalError) -> StartError {
    match error {
        JournalError::Refused(Refusal::KeyMismatch) => StartError::KeyMismatch,
        JournalError::Refused(refusal) => StartError::Invalid(refusal.to_string()),
        JournalError::Full => StartError::QueueFull { retry_after_s: RETRY_AFTER_S },
        JournalError::Away(reason) => unavailable(reason),
        JournalError::Stopped => unavailable("this node is stopping".to_owned()),
    }
}

fn unavailable(reason: String) -> StartError {
    StartError::Unavailable { reason, retry_after_s: RETRY_AFTER_S }
}
