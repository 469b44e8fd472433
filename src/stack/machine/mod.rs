//! The machine: explicit frames over a program; state in, one need out.
//! Never does what it asks for, never asks a clock, never recurses over frames.

mod answer;
mod call;
mod delta;
mod fork;
mod frame;
mod held;
mod inputs;
mod kept;
mod need;
mod position;
mod record;
mod restore;
mod root;
mod rows;
mod run;
#[cfg(test)]
mod tests;
mod thread;
mod unwind;
mod view;

use std::sync::Arc;

pub use inputs::{InputError, complete_inputs};
pub use need::{
    Action, Computation, Effect, Ending, HttpRequest, Language, LogLevel, Need, RequestBody, StartChild, Until, read_id,
};
pub use root::Root;

use crate::domain::failure::Failure;
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::Reference;
use crate::stack::program::Program;

use call::Call;
use fork::visit_branches;
use frame::Frame;
use kept::Kept;
use thread::{Asked, Thread};

/// What a machine is started with; the same again whenever it is restored.
#[derive(Debug, Clone)]
pub struct Start {
    pub program: Arc<Program>,
    /// The names of the declared inputs, readable by bare name.
    pub input: Value,
    pub request: Value,
    /// The `execution` root: `{id, function, attempt, created_at, callback_url, resume_url, tags}`.
    pub execution: Root,
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
pub struct Machine {
    start: Arc<Start>,
    /// What the input and the request of the start hold.
    start_bytes: usize,
    /// Of the branch on the path.
    thread: Thread,
    /// The path: of branches that run side by side only one is on it, the others are stowed in their fork.
    /// Invariant: a frame's `doing` is not idle exactly if there is a frame above it, or it is a `while_loop` between turns, or
    /// a fork all of whose branches are stowed.
    frames: Vec<Frame>,
    /// Invariant: one more than there are frames whose `doing` is `Call`, until the stack is over.
    calls: Vec<Call>,
    /// The version of each function that has been called, from its first call on.
    pins: Vec<Arc<Program>>,
    ended: Option<Ending>,
    /// The next identity of a kept value or a call.
    next_id: u64,
    /// Kept values below this identity are in earlier deltas.
    written: u64,
}

impl Machine {
    pub fn new(start: Start) -> Self {
        let root = Call::root(Arc::clone(&start.program), start.input.clone());
        Self {
            start_bytes: start.input.memory_bytes() + start.request.memory_bytes(),
            thread: Thread::new(start.now, start.seed),
            frames: vec![Frame::new(Arc::clone(&start.program.steps), 0)],
            calls: vec![root],
            pins: Vec::new(),
            ended: None,
            next_id: 1,
            written: 1,
            start: Arc::new(start),
        }
    }

    /// Folds what [`Machine::take_delta`] wrote, oldest first; a full one discards what came before it.
    ///
    /// # Errors
    /// A delta that does not read, or a sub-function whose pinned version is missing.
    pub fn restore(start: Start, deltas: &[Arc<str>], programs: &dyn Programs) -> Result<Self, RestoreError> {
        restore::restore(start, deltas, programs)
    }

    /// Runs pure steps, of all branches, until nothing goes on without an answer or the fuel is spent. Called again without
    /// `accept` it asks for the same.
    pub fn run(&mut self, fuel: &mut u32) -> Need {
        loop {
            if let Some(ending) = &self.ended {
                return Need::End(ending.clone());
            }
            match &self.thread.asked {
                Some(Asked::Row(reference)) => return Need::Row(reference.clone()),
                Some(Asked::Program(name)) => return Need::Program(name.clone()),
                _ => {}
            }
            if self.is_blocked() {
                if self.switch() {
                    // A branch that was stopped may have ended the stack.
                    continue;
                }
                return Need::Effects(self.asked());
            }
            if *fuel == 0 {
                return Need::Yield;
            }
            *fuel = fuel.saturating_sub(self.advance());
        }
    }

    /// The value or the failure of the effect at `position`; `now` and `seed` are those of the stretch that follows. An effect
    /// that is not asked for (any more) is nobody's.
    pub fn accept(&mut self, position: &str, answer: Result<Value, Failure>, now: Timestamp, seed: u64) {
        self.accept_answer(position, answer, now, seed);
    }

    /// The row that `Need::Row` asked for, or null.
    pub fn accept_row(&mut self, reference: Reference, row: Value) {
        self.thread.rows.insert(reference, row);
        self.thread.asked = None;
    }

    /// The program that `Need::Program` asked for; `None` raises `FunctionUnknown` in the step.
    pub fn accept_program(&mut self, program: Option<Arc<Program>>) {
        self.accept_program_answer(program);
    }

    /// Stops the stack where it stands: only `finally` blocks still run, then `Ending::Interrupted`. No `catch` sees it.
    pub fn interrupt(&mut self, failure: Failure) {
        self.unwind_interrupted(failure);
    }

    /// The step's next attempt, after its own retry policy waited; the next effect has `attempt` + 1. All attempts of a
    /// step carry one key and must be equal to the byte, so the stretch keeps its time and its seed.
    pub fn retry_step(&mut self, position: &str) {
        if self.focus(position) {
            self.thread.asked = None;
            self.thread.attempt = self.thread.attempt.saturating_add(1);
        }
    }

    /// What changed since the last delta, as text; full when the journal should forget the earlier ones.
    pub fn take_delta(&mut self, full: bool) -> Arc<str> {
        let text = delta::write(self, full);
        self.mark_calls_written();
        self.written = self.next_id;
        text
    }

    /// Its steps are tried as if for the first time: somebody lets it go on that had failed.
    pub fn begin_again(&mut self) {
        self.thread.attempt = 1;
        fork::begin_again(&mut self.frames);
    }

    /// Whether what [`Machine::take_delta`] wrote stands behind a failure that ends the stack.
    ///
    /// # Errors
    /// A delta that does not read.
    pub fn has_failed(delta: &str) -> Result<bool, RestoreError> {
        restore::has_failed(delta)
    }

    /// Whether its stack has come to its end.
    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// An estimate of the bytes of all live values.
    pub fn memory_bytes(&self) -> usize {
        let mut calls = 0;
        self.visit_calls(&mut |call| calls += call.memory_bytes());
        let mut rows = self.thread.memory_bytes();
        visit_branches(&self.frames, &mut |branch| rows += branch.thread.rows.memory_bytes());
        let shared = |kept: &Kept| self.calls.iter().any(|call| call.holds(&kept.value));
        let frames: usize = self.frames.iter().map(|frame| frame.memory_bytes(&shared)).sum();
        self.start_bytes + calls + frames + rows
    }

    /// Where it stands, innermost first: `at process_data stack[2].true_branch[0] external_api_request`.
    pub fn trace(&self) -> String {
        position::trace(&self.frames, &self.calls)
    }

    /// Gives a value an identity of its own, so that it is written into one delta only.
    fn keep(&mut self, value: Value) -> Kept {
        let id = self.next_id;
        self.next_id += 1;
        Kept::new(id, value)
    }
}
