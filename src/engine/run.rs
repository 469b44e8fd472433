//! A running execution: its machine, and what of it is durable so far.
//! Never holds anything that the journal and the store could not give back.

mod unborn;

use std::collections::VecDeque;
use std::sync::Arc;

use self::unborn::Unborn;
use super::Engine;
use super::functions::pinned_program;
use super::journal::{Bundle, JournalError, Pending};
use super::keys::auth_root;
use super::live::{Given, Newborn, Signal};
use super::mark::{self, Mark};
use super::memory::Held;
use crate::domain::execution::{Birth, Execution, Ownership, Response, State};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Machine, Programs, RestoreError, Root, Start};
use crate::stack::program::Program;
use crate::store::StoreError;
use crate::store::write::{Claimed, Delta, Refusal};

/// Checkpoints after which the journal is given a full snapshot, so that resuming never folds more.
const DELTAS_PER_SNAPSHOT: u32 = 100;

/// One execution that this node runs.
pub struct Run {
    pub(super) engine: Engine,
    pub(super) birth: Arc<Birth>,
    /// `seq` is that of the last entry sent.
    pub(super) owner: Ownership,
    pub(super) machine: Machine,
    /// As of the last step that succeeded: where another attempt starts.
    pub(super) good: Machine,
    /// What it came to since it last had to wait.
    pub(super) bundle: Bundle,
    /// While it is not known to be accepted.
    unborn: Option<Unborn>,
    pub(super) unacked: VecDeque<Unacked>,
    /// As it would be read now.
    pub(super) execution: Arc<Execution>,
    pub(super) mark: Mark,
    pub(super) inbox: i64,
    pub(super) resumes: i32,
    pub(super) crashes: i32,
    /// When this stretch of running began, and the running time that the attempt had used before.
    pub(super) running_since: Timestamp,
    pub(super) ran_before_ms: i64,
    /// When the attempt's time is up; `None` once that has been acted on.
    pub(super) deadline_at: Option<Timestamp>,
    /// Why it is being stopped, and when its `finally` blocks must be done.
    pub(super) unwinding: Option<(Failure, Timestamp)>,
    pub(super) cancel_asked: bool,
    pub(super) deltas: u32,
    /// Its part of the memory that this node gives out.
    pub(super) held: Held,
    pub(super) conflicts: u32,
}

/// An entry on its way, and the machine as it was before.
pub(super) struct Unacked {
    pub before: Machine,
    /// Where the effect stood that the entry is about.
    pub position: Option<Arc<str>>,
    pub seq_before: i32,
    pub pending: Pending,
}

/// What became of the entries that were on their way.
pub(super) enum Flushed {
    Durable,
    Rewound(Rewound),
    /// Somebody else owns the execution now, or the journal has stopped.
    Lost,
}

/// An entry was refused: the machine stands before that step again.
pub(super) struct Rewound {
    pub position: Option<Arc<str>>,
    /// What the step raises; it is done again without.
    pub failure: Option<Failure>,
}

/// Why a claimed execution cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the version {version} of function {name} is not in the store")]
    VersionMissing { name: String, version: String },
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error("the stored input does not read: {0}")]
    Input(String),
}

impl Run {
    /// Takes up an execution: from its start, or from its last checkpoint.
    ///
    /// # Errors
    /// See [`RunError`]; the execution stays owned.
    pub async fn take_up(
        engine: Engine,
        claimed: Claimed,
        given: Option<Given>,
        newborn: Option<Newborn>,
    ) -> Result<Self, RunError> {
        let birth = Arc::clone(&claimed.birth);
        let program = pinned_program(&engine, &birth.function, &birth.version)
            .await?
            .ok_or_else(|| RunError::VersionMissing { name: birth.function.to_string(), version: birth.version.to_string() })?;
        let (deltas, mark) = mark::split(&claimed.deltas);
        let start = started_with(&engine, &birth, claimed.attempt, program, given)?;
        let machine = restore(&engine, start, &deltas, &engine.functions).await?;
        let now = engine.clock.now();
        let mark = mark.unwrap_or_default();
        let ran_before_ms = mark.ran_ms;
        let (bundle, unborn) = match newborn {
            Some(Newborn { bundle, receipt }) => (bundle, Some(Unborn::waits_for(receipt))),
            None => (engine.journal.bundle(), None),
        };
        let deadline_at = now.plus_ms((birth.config.max_execution_ms - ran_before_ms).max(0));
        Ok(Self {
            execution: Arc::new(execution(&claimed, now)),
            owner: claimed.owner,
            good: machine.clone(),
            machine,
            bundle,
            unborn,
            unacked: VecDeque::new(),
            mark,
            inbox: claimed.inbox,
            resumes: claimed.resumes,
            crashes: claimed.crashes,
            running_since: now,
            ran_before_ms,
            deadline_at: Some(deadline_at),
            unwinding: None,
            cancel_asked: claimed.cancel_asked,
            deltas: u32::try_from(deltas.len()).unwrap_or(u32::MAX),
            conflicts: 0,
            held: engine.slots.held(birth.config.memory_limit_bytes),
            birth,
            engine,
        })
    }

    /// An execution whose machine cannot be restored: good for nothing but its end.
    pub(super) fn without_machine(engine: Engine, claimed: &Claimed) -> Self {
        let birth = Arc::clone(&claimed.birth);
        let now = engine.clock.now();
        let program = Program {
            name: birth.function.clone(),
            version: birth.version.clone(),
            inputs: Vec::new(),
            steps: Vec::new().into(),
        };
        let machine = Machine::new(Start {
            program: Arc::new(program),
            input: Value::Null,
            request: Value::Null,
            execution: Value::Null.into(),
            auth: Value::Null,
            env: Value::Null,
            now,
            seed: 0,
            // Without a retry: another attempt would find the same checkpoint.
            config: Arc::default(),
        });
        Self {
            execution: Arc::new(execution(claimed, now)),
            owner: claimed.owner,
            good: machine.clone(),
            machine,
            bundle: engine.journal.bundle(),
            unborn: None,
            unacked: VecDeque::new(),
            mark: Mark::default(),
            inbox: claimed.inbox,
            resumes: claimed.resumes,
            crashes: 0,
            running_since: now,
            ran_before_ms: 0,
            deadline_at: None,
            unwinding: None,
            cancel_asked: claimed.cancel_asked,
            deltas: 0,
            conflicts: 0,
            held: engine.slots.held(birth.config.memory_limit_bytes),
            birth,
            engine,
        }
    }

    /// Running time that this attempt has used, in milliseconds.
    pub(super) fn ran_ms(&self, now: Timestamp) -> i64 {
        self.ran_before_ms + now.since_ms(self.running_since).max(0)
    }

    /// What the machine changed since the last delta; now and then all of it.
    pub(super) fn take_delta(&mut self) -> Delta {
        self.deltas += 1;
        let full = self.deltas >= DELTAS_PER_SNAPSHOT;
        if full {
            self.deltas = 0;
        }
        Delta { full, text: self.machine.take_delta(full) }
    }

    /// Notes an entry that was sent; `before` is the machine before the step that it records.
    pub(super) fn sent(&mut self, before: Machine, position: Option<Arc<str>>, pending: Pending) {
        self.unacked.push_back(Unacked { before, position, seq_before: self.owner.seq - 1, pending });
    }

    /// Waits until everything sent so far is durable.
    pub(super) async fn flush(&mut self) -> Flushed {
        self.bundle.send();
        if !self.is_accepted().await {
            return Flushed::Lost;
        }
        while let Some(unacked) = self.unacked.pop_front() {
            let refusal = match unacked.pending.await {
                Ok(_) => continue,
                Err(JournalError::Refused(refusal)) => refusal,
                Err(_) => return Flushed::Lost,
            };
            self.unacked.clear();
            self.machine = unacked.before;
            self.good = self.machine.clone();
            self.owner.seq = unacked.seq_before;
            // What was refused may have carried the notes.
            self.mark.unsaved = self.mark.notes.iter().any(|note| note.until_ms.is_some());
            return match refused(&refusal) {
                Rewind::Raise(failure) => Flushed::Rewound(Rewound { position: unacked.position, failure: Some(failure) }),
                Rewind::Again => Flushed::Rewound(Rewound { position: unacked.position, failure: None }),
                Rewind::Lost => {
                    tracing::warn!(execution.id = %self.birth.id, reason = %refusal, "execution lost to another owner");
                    Flushed::Lost
                }
            };
        }
        Flushed::Durable
    }

    /// What is read of this execution, to be changed.
    pub(super) fn shown(&mut self) -> &mut Execution {
        Arc::make_mut(&mut self.execution)
    }

    /// What a signal from outside asks for, once.
    pub(super) fn hear(&mut self, signal: Signal) {
        if signal == Signal::Cancel {
            self.cancel_asked = true;
        }
    }
}

enum Rewind {
    Raise(Failure),
    Again,
    Lost,
}

fn refused(refusal: &Refusal) -> Rewind {
    let message = refusal.to_string();
    match refusal {
        Refusal::Duplicate { .. } => Rewind::Raise(Failure::new(ErrorCode::Duplicate, message).with_status(409)),
        Refusal::Value(_) => Rewind::Raise(Failure::new(ErrorCode::InvalidValue, message)),
        Refusal::Conflict { .. } => Rewind::Again,
        _ => Rewind::Lost,
    }
}

/// The machine that these deltas fold to, with the versions that `programs` finds.
///
/// # Errors
/// The store's, and deltas that do not fit.
pub(super) async fn restore(
    engine: &Engine,
    start: Start,
    deltas: &[Arc<str>],
    programs: &dyn Programs,
) -> Result<Machine, RunError> {
    loop {
        match Machine::restore(start.clone(), deltas, programs) {
            Ok(machine) => return Ok(machine),
            Err(RestoreError::ProgramMissing { name, version }) => {
                let found = pinned_program(engine, &name, &version).await?;
                found.ok_or(RestoreError::ProgramMissing { name, version })?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What the machine of an execution is started with, always the same.
///
/// # Errors
/// A stored input that does not read.
pub(super) fn start(engine: &Engine, birth: &Arc<Birth>, attempt: u32, program: Arc<Program>) -> Result<Start, RunError> {
    started_with(engine, birth, attempt, program, None)
}

fn started_with(
    engine: &Engine,
    birth: &Arc<Birth>,
    attempt: u32,
    program: Arc<Program>,
    given: Option<Given>,
) -> Result<Start, RunError> {
    let Given { input, request } = given.map_or_else(|| stored(birth), Ok)?;
    let request = if request.is_null() { request_of_input(&input) } else { request };
    Ok(Start {
        program,
        input,
        request,
        execution: {
            let (engine, birth) = (engine.clone(), Arc::clone(birth));
            Root::made_by(move || execution_root(&engine, &birth, attempt))
        },
        auth: auth_root(engine, birth.started_by.as_deref()),
        env: engine.env.clone(),
        now: birth.created_at,
        seed: birth.seed.cast_unsigned(),
        config: Arc::clone(&birth.config),
    })
}

/// What an execution was called with, read back.
fn stored(birth: &Birth) -> Result<Given, RunError> {
    let read = |text: &str| Value::from_stored_text(text).map_err(|error| RunError::Input(error.to_string()));
    let request = birth.request.as_deref().map(read).transpose()?.unwrap_or_default();
    Ok(Given { input: read(&birth.input)?, request })
}

/// The `request` root of an execution that was not started over HTTP: its body is the input.
fn request_of_input(input: &Value) -> Value {
    let null = |name: &'static str| (name, Value::Null);
    let body = ("body", input.clone());
    Value::object([null("method"), null("path"), null("query"), null("headers"), body, null("ip")])
}

fn execution_root(engine: &Engine, birth: &Birth, attempt: u32) -> Value {
    let tags = birth.tags.iter().map(|tag| Value::text(tag.as_str())).collect();
    Value::object([
        ("id", Value::text(birth.id.to_string())),
        ("function", Value::text(birth.function.as_str())),
        ("attempt", Value::Int(attempt.into())),
        ("created_at", Value::Timestamp(birth.created_at)),
        ("callback_url", birth.callback.as_ref().map_or(Value::Null, |callback| Value::text(callback.url.as_str()))),
        ("resume_url", Value::text(engine.resume_key.url(&engine.public_url, birth.id))),
        ("status_url", Value::text(format!("{}/api/async-status/{}", engine.public_url, birth.id))),
        ("tags", Value::array(tags)),
    ])
}

fn execution(claimed: &Claimed, now: Timestamp) -> Execution {
    Execution {
        birth: Arc::clone(&claimed.birth),
        state: State::Running,
        attempt: claimed.attempt,
        started_at: claimed.started_at.or(Some(now)),
        completed_at: None,
        deadline_at: claimed.deadline_at,
        waiting_for: None,
        progress: Value::Null,
        output: Value::Null,
        response: Response::default(),
        failure: None,
        progressed_at: now,
    }
}
