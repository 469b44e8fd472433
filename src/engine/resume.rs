//! Letting a failed execution go on: from its last checkpoint before the failure, in the version that it had or the newest.
//! Never repeats a step that had succeeded.

use std::sync::Arc;

use super::Engine;
use super::functions::{Functions, pinned_program};
use super::journal::JournalError;
use super::mark;
use super::run::{RunError, restore, start};
use super::start::{limits, queued};
use crate::domain::admission::{Limit, LimitKind};
use crate::domain::execution::{Event, Execution, State, next_state};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Machine, Programs};
use crate::stack::program::Program;
use crate::store::StoreError;
use crate::store::read::Stopped;
use crate::store::write::{Delta, Entry, Refusal, Resume, StepRecord};

/// Tries against others who resume the same execution.
const TRIES: u32 = 5;

/// Which version of its function an execution goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    #[default]
    Same,
    Newest,
}

#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    #[error("there is no such execution")]
    NotFound,
    #[error("only an execution that failed or timed out can be resumed, and this one is {}", .0.as_str())]
    State(State),
    #[error("function {0} is not deployed any more; resume on the same version")]
    FunctionUnknown(FunctionName),
    #[error("the newest version of {0} does not have the step at which the execution stands ({1}); resume on the same version")]
    VersionDiffers(FunctionName, String),
    /// Starting it from its beginning would repeat what had succeeded.
    #[error("its checkpoints before the failure are not kept any more; rerun it")]
    Trimmed,
    #[error("its last checkpoint cannot be restored: {0}")]
    Restore(RunError),
    #[error("it could not be stored: {0}")]
    Journal(JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets an execution that failed or timed out go on at the step that failed, with fresh attempts and a fresh deadline. Its
/// effects have new keys. Once this returns it is queued, durably.
///
/// # Errors
/// See [`ResumeError`]; nothing was changed.
pub async fn resume(engine: &Engine, id: ExecutionId, version: Version) -> Result<Execution, ResumeError> {
    for _ in 0..TRIES {
        let execution = find(engine, id).await?;
        check(&execution)?;
        let stopped = engine.read.stopped(id).await?.ok_or(ResumeError::NotFound)?;
        let now = engine.clock.now();
        let (program, text) = stand(engine, &execution, &stopped, version).await?;
        let entry = Resume {
            id,
            at: now,
            version: program.version.clone(),
            seq: stopped.seq,
            limits: permits(engine, &execution, now),
            delta: Delta { full: true, text },
            step: step(&stopped, &program, now),
        };
        match engine.journal.offer(Entry::Resume(entry)).await {
            Ok(_) => {
                queued(engine, now);
                return find(engine, id).await;
            }
            Err(JournalError::Refused(Refusal::Conflict { .. })) => {}
            Err(JournalError::Refused(Refusal::NotFound)) => return Err(ResumeError::NotFound),
            Err(JournalError::Refused(Refusal::Terminal(state) | Refusal::NotEnded(state))) => {
                return Err(ResumeError::State(state));
            }
            Err(error) => return Err(ResumeError::Journal(error)),
        }
    }
    Err(ResumeError::State(State::Running))
}

/// Whether an execution could be resumed, as far as its state says.
///
/// # Errors
/// [`ResumeError::State`].
pub fn check(execution: &Execution) -> Result<(), ResumeError> {
    next_state(execution.state, Event::Resumed).map(|_| ()).map_err(|_| ResumeError::State(execution.state))
}

/// What limits how many run at once holds again; rates count starts, and this is none.
fn permits(engine: &Engine, execution: &Execution, now: Timestamp) -> Vec<Limit> {
    let Some(function) = engine.functions.current(&execution.birth.function) else { return Vec::new() };
    let input = Value::from_stored_text(&execution.birth.input).unwrap_or_default();
    let all = limits(&function, &input, now).unwrap_or_default();
    all.into_iter().filter(|limit| matches!(limit.kind, LimitKind::Concurrency { .. })).collect()
}

async fn find(engine: &Engine, id: ExecutionId) -> Result<Execution, ResumeError> {
    engine.read.executions(&[id]).await?.pop().flatten().ok_or(ResumeError::NotFound)
}

/// The program that it goes on with, and where its machine stands in it.
async fn stand(
    engine: &Engine,
    execution: &Execution,
    stopped: &Stopped,
    version: Version,
) -> Result<(Arc<Program>, Arc<str>), ResumeError> {
    let birth = &execution.birth;
    let (mut deltas, _) = mark::split(&stopped.deltas);
    while let Some(last) = deltas.last() {
        if !Machine::has_failed(last).map_err(|error| ResumeError::Restore(error.into()))? {
            break;
        }
        deltas.pop();
    }
    if deltas.is_empty() && stopped.deltas.first().is_some_and(|first| first.full) {
        return Err(ResumeError::Trimmed);
    }
    let missing = || RunError::VersionMissing { name: birth.function.to_string(), version: birth.version.to_string() };
    let old = pinned_program(engine, &birth.function, &birth.version).await?.ok_or_else(|| ResumeError::Restore(missing()))?;
    let stands = async |program: &Arc<Program>, programs: &dyn Programs| {
        let start = start(engine, birth, 1, Arc::clone(program))?;
        restore(engine, start, &deltas, programs).await
    };
    let mut machine = stands(&old, &engine.functions).await.map_err(ResumeError::Restore)?;
    let mut program = old;
    if version == Version::Newest {
        let unknown = || ResumeError::FunctionUnknown(birth.function.clone());
        let newest = engine.functions.current(&birth.function).ok_or_else(unknown)?.program.clone();
        let trace = machine.trace();
        let differs = || ResumeError::VersionDiffers(birth.function.clone(), trace.lines().next().unwrap_or_default().to_owned());
        let moved = stands(&newest, &Newest(&engine.functions)).await.map_err(|_| differs())?;
        if place(&moved.trace()) != place(&trace) {
            return Err(differs());
        }
        (machine, program) = (moved, newest);
    }
    machine.begin_again();
    Ok((program, machine.take_delta(true)))
}

/// Finds the newest version of a function, whichever was pinned.
struct Newest<'a>(&'a Functions);

impl Programs for Newest<'_> {
    fn program(&self, name: &FunctionName, version: &FunctionVersion) -> Option<Arc<Program>> {
        let newest = self.0.current(name).map(|function| function.program.clone());
        newest.or_else(|| self.0.program(name, version))
    }
}

/// A trace without the kind of the step itself: that one may be what was mended.
fn place(trace: &str) -> String {
    let (first, rest) = trace.split_once('\n').unwrap_or((trace, ""));
    let first = first.rsplit_once(' ').map_or(first, |(place, _)| place);
    format!("{first}\n{rest}")
}

/// What the history says of it.
fn step(stopped: &Stopped, program: &Program, at: Timestamp) -> StepRecord {
    StepRecord {
        position: String::new(),
        kind: "resume".to_owned(),
        name: None,
        attempt: u32::try_from(stopped.resumes + 1).unwrap_or(1),
        started_at: at,
        ended_at: at,
        result: Value::object([("version", Value::Text(Arc::clone(&program.version.0)))]),
        failed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_whatever_its_step_does() {
        assert_eq!(place("at a stack[1] log"), place("at a stack[1] throw_error"));
        assert_ne!(place("at a stack[1] log"), place("at a stack[2] log"));
        assert_ne!(
            place("at b stack[0] log\nat a stack[1] custom_function"),
            place("at b stack[0] log\nat a stack[2] custom_function")
        );
    }
}
