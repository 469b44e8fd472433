//! The machine: explicit frames over a program; state in, one need out.
//! Never does what it asks for, never asks a clock, never recurses over frames.

mod need;

use std::sync::Arc;

pub use need::{Action, Effect, Ending, HttpRequest, LogLevel, Need, RequestBody, StartChild, Until, read_id};

use crate::domain::failure::Failure;
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::Reference;
use crate::stack::program::Program;

/// What a machine is started with; the same again whenever it is restored.
#[derive(Debug, Clone)]
pub struct Start {
    pub program: Arc<Program>,
    /// The names of the declared inputs, readable by bare name.
    pub input: Value,
    pub request: Value,
    /// The `execution` root: `{id, function, attempt, created_at, callback_url, resume_url, tags}`.
    pub execution: Value,
    pub auth: Value,
    /// Only the names that the configuration allows.
    pub env: Value,
    pub now: Timestamp,
    pub seed: u64,
    pub config: Arc<ExecutionConfig>,
}

/// Finds pinned versions of functions while a machine is restored.
pub trait Programs {
    fn program(&self, name: &FunctionName, version: &FunctionVersion) -> Option<Arc<Program>>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    #[error("the checkpoint does not read: {0}")]
    Damaged(String),
    #[error("the version {version} of function {name} is not known here")]
    ProgramMissing { name: FunctionName, version: FunctionVersion },
}

/// One execution of a program. Cloning is cheap: values are shared.
#[derive(Debug, Clone)]
pub struct Machine(());

impl Machine {
    pub fn new(start: Start) -> Self {
        let _ = start;
        unimplemented!("owned by the machine helper")
    }

    /// Folds what [`Machine::take_delta`] wrote, oldest first; a full one discards what came before it.
    ///
    /// # Errors
    /// A delta that does not read, or a sub-function whose pinned version is missing.
    pub fn restore(start: Start, deltas: &[Arc<str>], programs: &dyn Programs) -> Result<Self, RestoreError> {
        let _ = (start, deltas, programs);
        unimplemented!("owned by the machine helper")
    }

    /// Runs pure steps until something is needed or the fuel is spent. Called again without `accept` it asks for the same.
    pub fn run(&mut self, fuel: &mut u32) -> Need {
        let _ = fuel;
        unimplemented!("owned by the machine helper")
    }

    /// The effect's value or failure; `now` and `seed` are those of the stretch that follows.
    pub fn accept(&mut self, answer: Result<Value, Failure>, now: Timestamp, seed: u64) {
        let _ = (answer, now, seed);
        unimplemented!("owned by the machine helper")
    }

    /// The row that `Need::Row` asked for, or null.
    pub fn accept_row(&mut self, reference: Reference, row: Value) {
        let _ = (reference, row);
        unimplemented!("owned by the machine helper")
    }

    /// The program that `Need::Program` asked for; `None` raises `FunctionUnknown` in the step.
    pub fn accept_program(&mut self, program: Option<Arc<Program>>) {
        let _ = program;
        unimplemented!("owned by the machine helper")
    }

    /// Stops the stack where it stands: only `finally` blocks still run, then `Ending::Interrupted`. No `catch` sees it.
    pub fn interrupt(&mut self, failure: Failure) {
        let _ = failure;
        unimplemented!("owned by the machine helper")
    }

    /// The step's next attempt, after its own retry policy waited; the next effect has `attempt` + 1.
    pub fn retry_step(&mut self, now: Timestamp, seed: u64) {
        let _ = (now, seed);
        unimplemented!("owned by the machine helper")
    }

    /// What changed since the last delta, as text; full when the journal should forget the earlier ones.
    pub fn take_delta(&mut self, full: bool) -> Arc<str> {
        let _ = full;
        unimplemented!("owned by the machine helper")
    }

    /// An estimate of the bytes of all live values.
    pub fn memory_bytes(&self) -> usize {
        unimplemented!("owned by the machine helper")
    }

    /// Where it stands, innermost first: `at process_data stack[2].true_branch[0] external_api_request`.
    pub fn trace(&self) -> String {
        unimplemented!("owned by the machine helper")
    }
}
