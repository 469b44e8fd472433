//! One move at a time: the current step is performed, and what it asks is done to the frames.
//! Never loops: each call is one step or the end of one block.

use std::sync::Arc;

use super::call::Call;
use super::fork::Over;
use super::frame::{Doing, Each, Frame, Part, Signal, Try};
use super::need::HttpRequest;
use super::thread::{Asked, Held};
use super::view::View;
use super::{Action, Effect, Machine, complete_inputs, held, position};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{FunctionName, RetryPolicy};
use crate::domain::limits::MACHINE_FRAMES_MAX;
use crate::domain::value::Value;
use crate::stack::expression::EvalError;
use crate::stack::program::{Block, Step};
use crate::stack::step::{Assignment, Move, Operation, StepContext, TRY, excessive};

/// How messages name a request that is kept.
const REQUEST: &str = "external_api_request";
/// Operations in expressions that cost as much as one step.
const OPERATIONS_PER_FUEL: u64 = 50;

impl Machine {
    /// Performs the current step, or leaves a block that is over. The answer is the fuel that it cost.
    pub(super) fn advance(&mut self) -> u32 {
        let Some(frame) = self.frames.last_mut() else {
            self.finish_without_value();
            return 1;
        };
        let block = Arc::clone(&frame.block);
        match block.get(frame.at) {
            None => {
                self.leave_block();
                1
            }
            Some(step) if step.disabled => {
                frame.at += 1;
                1
            }
            Some(step) => self.perform(step),
        }
    }

    fn perform(&mut self, step: &Step) -> u32 {
        if let Some(held) = &self.thread.held {
            let action = Action::Request(held.request.clone());
            self.ask(self.effect(step, action, held.timeout_ms));
            return 1;
        }
        let retries = self.policy(step).max_retries;
        let view = View::new(self);
        let context = StepContext {
            scope: &view,
            config: &self.start.config,
            memory_bytes_left: self.memory_bytes_left(),
            retry_in_force: retries > 0,
        };
        let performed = step.kind.perform(&context).and_then(|what| {
            let timeout_ms = match what {
                Move::Effect(_) => context.seconds_as_ms("timeout", step.timeout.as_ref())?,
                _ => None,
            };
            Ok((what, timeout_ms.filter(|ms| *ms > 0)))
        });
        let (drawn, cost) = (view.drawn(), fuel_of(view.operations()));
        match performed {
            Ok((what, timeout_ms)) => self.apply(step, what, timeout_ms),
            Err(EvalError::Needs(reference)) => self.thread.asked = Some(Asked::Row(reference)),
            Err(EvalError::Raised(failure)) => self.raise(failure),
        }
        // What is asked for may be evaluated again, by this machine or a restored one: it must draw the same.
        if self.thread.asked.is_none() {
            self.thread.drawn = drawn;
        }
        cost
    }

    fn policy(&self, step: &Step) -> RetryPolicy {
        let function = &self.start.config.retry;
        step.retry.as_ref().map_or_else(|| function.clone(), |own| own.retry_over(function))
    }

    fn memory_bytes_left(&self) -> u64 {
        self.start.config.memory_limit_bytes.saturating_sub(self.memory_bytes() as u64)
    }

    fn effect(&self, step: &Step, action: Action, timeout_ms: Option<i64>) -> Effect {
        let own = step.retry.as_ref().map(|_| self.policy(step));
        Effect {
            position: position::position(&self.frames, &self.calls),
            kind: step.kind.name(),
            label: step.label.clone(),
            attempt: self.thread.attempt,
            stretch: self.thread.now,
            at_most_once: step.at_most_once,
            retry: own.filter(|policy| policy.max_retries > 0),
            timeout_ms,
            action,
        }
    }

    fn ask(&mut self, effect: Effect) {
        self.thread.asked = Some(Asked::Effect(Arc::new(effect)));
    }

    /// Keeps a request as it is: until its answer other branches may change what it was made from, and each attempt of it
    /// must be the same.
    fn hold(&mut self, request: &HttpRequest, timeout_ms: Option<i64>) -> Result<(), Box<Failure>> {
        if self.is_forked() {
            let value = held::to_value(request, timeout_ms);
            self.afford(REQUEST, &value)?;
            let kept = self.keep(value);
            self.thread.held = Some(Held { request: Box::new(request.clone()), timeout_ms, kept });
        }
        Ok(())
    }

    fn apply(&mut self, step: &Step, what: Move, timeout_ms: Option<i64>) {
        match what {
            Move::Pass => self.complete(None),
            Move::Assign(assignments) => self.assign_all(assignments),
            Move::Effect(action) => {
                if let Action::Request(request) = &action
                    && let Err(failure) = self.hold(request, timeout_ms)
                {
                    self.raise(failure);
                    return;
                }
                self.ask(self.effect(step, action, timeout_ms));
            }
            Move::Enter(via) => self.enter(Doing::Block, via),
            Move::Each { array, item, at_once } => self.start_each(array, item, at_once),
            Move::Repeat => {
                let turn = self.frames.last().and_then(|frame| frame.doing.turn()).unwrap_or(0) + 1;
                self.enter(Doing::While { turn }, 0);
            }
            Move::Try { has_catch, has_finally } => {
                let attempt = Try { part: Part::Try, has_catch, has_finally, error: None, pending: None };
                self.enter(Doing::Try(Box::new(attempt)), TRY);
            }
            Move::Parallel(names) if names.is_empty() => self.complete(Some(Value::Object(Arc::default()))),
            Move::Parallel(names) => {
                let limit = names.len();
                self.fork(Over::Parallel { names }, limit);
            }
            Move::Call { name, inputs } => self.call(name, inputs),
            Move::Return { output, response } => {
                let output = self.keep(output);
                self.unwind(Signal::Return { output, response });
            }
            Move::Raise(failure) => self.raise(failure),
            Move::Break => self.unwind(Signal::Break),
            Move::Continue => self.unwind(Signal::Continue),
        }
    }

    fn assign_all(&mut self, assignments: Vec<Assignment>) {
        let value = assignments.last().map(|assignment| assignment.value.clone());
        for assignment in assignments {
            if let Err(failure) = self.assign(assignment) {
                self.raise(failure);
                return;
            }
        }
        self.complete(value);
    }

    fn assign(&mut self, mut assignment: Assignment) -> Result<(), Box<Failure>> {
        self.afford(&assignment.name, &assignment.value)?;
        let bound = self.binding(&assignment.name);
        if bound.is_none() && assignment.operation == Operation::Append && assignment.path.is_empty() {
            let Some(call) = self.holder(&assignment.name) else { return Ok(()) };
            match call.append(&assignment.name, std::mem::take(&mut assignment.value)) {
                Ok(()) => return Ok(()),
                Err(value) => assignment.value = value,
            }
        }
        let old = bound.or_else(|| self.variable(&assignment.name).cloned()).unwrap_or_default();
        let value = assignment.applied_to(old)?;
        let bytes_max = usize::try_from(self.start.config.memory_limit_bytes).unwrap_or(usize::MAX);
        if let Err(excess) = value.memory_bytes_within(bytes_max) {
            return Err(excessive(&format!("`{}`", assignment.name), excess));
        }
        match assignment.declares {
            true => self.set(assignment.name, value),
            false => self.update(assignment.name, value),
        }
        Ok(())
    }

    /// Refuses a value that would not fit beside what is alive already.
    fn afford(&self, what: &str, value: &Value) -> Result<(), Box<Failure>> {
        let (new, left) = (value.memory_bytes() as u64, self.memory_bytes_left());
        if new <= left {
            return Ok(());
        }
        let limit = self.start.config.memory_limit_bytes;
        let message = format!(
            "`{what}` needs {new} bytes, more than the {left} that are left of the execution's {limit}; raise memory_limit or keep less"
        );
        Err(Box::new(Failure::new(ErrorCode::MemoryLimit, message)))
    }

    /// The calls from which this branch's variables are read: its own, then those around it, up to its function's.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Call> {
        let function = self.calls.iter().rposition(|call| !call.branch).unwrap_or(0);
        self.calls[function..].iter().rev()
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        self.scopes().find_map(|call| call.value(name))
    }

    /// Where a variable of this name is, or else where a new one would be.
    fn holder(&mut self, name: &str) -> Option<&mut Call> {
        let function = self.calls.iter().rposition(|call| !call.branch).unwrap_or(0);
        let held = self.calls[function..].iter().rposition(|call| call.value(name).is_some());
        let at = held.map_or_else(|| self.calls.len().saturating_sub(1), |index| function + index);
        self.calls.get_mut(at)
    }

    /// Sets a variable where it is, so that branches see what others count and collect in a variable around them.
    fn update(&mut self, name: Arc<str>, value: Value) {
        self.bind(&name, &value);
        if let Some(call) = self.holder(&name) {
            call.set(name, value);
        }
    }

    /// Sets a variable of the innermost branch, or of the function outside of one.
    pub(super) fn set(&mut self, name: Arc<str>, value: Value) {
        self.bind(&name, &value);
        if let Some(call) = self.calls.last_mut() {
            call.set(name, value);
        }
    }

    /// Sets what a block around binds to that name, so that the steps behind read what was set.
    fn bind(&mut self, name: &str, value: &Value) {
        if let Some(index) = self.binding_frame(name) {
            let kept = self.keep(value.clone());
            self.frames[index].doing.rebind(kept);
        }
    }

    fn binding(&self, name: &str) -> Option<Value> {
        self.binding_frame(name)?;
        crate::stack::expression::Scope::root(&View::new(self), name)
    }

    /// The innermost frame of this call whose step binds `name` to something that can be set.
    fn binding_frame(&self, name: &str) -> Option<usize> {
        for (index, frame) in self.frames.iter().enumerate().rev() {
            match &frame.doing {
                Doing::Call => return None,
                Doing::Try(attempt) if name == "error" && attempt.error.is_some() => return Some(index),
                doing if doing.turning().is_some_and(|turning| turning.name == name) => return Some(index),
                _ => {}
            }
        }
        None
    }

    fn start_each(&mut self, array: Value, name: Arc<str>, at_once: usize) {
        let length = array.as_array().map_or(0, <[Value]>::len);
        if length == 0 {
            self.complete(None);
            return;
        }
        let array = self.keep(array);
        if at_once.min(length) > 1 {
            return self.fork(Over::Each { array, name }, at_once);
        }
        self.enter(Doing::Each(Each { array, name, turn: 0, item: None }), 0);
    }

    fn call(&mut self, name: FunctionName, inputs: Value) {
        let Some(program) = self.pins.iter().find(|program| program.name == name).cloned() else {
            self.thread.asked = Some(Asked::Program(name));
            return;
        };
        let inputs = match complete_inputs(&program.inputs, &inputs) {
            Ok(inputs) => inputs,
            Err(errors) => {
                let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
                let message = format!("the inputs of {name} do not hold: {}", errors.join("; "));
                self.raise(Box::new(Failure::new(ErrorCode::Input, message)));
                return;
            }
        };
        let steps = Arc::clone(&program.steps);
        let input = self.keep(inputs);
        let id = self.next_id;
        self.next_id += 1;
        if self.push(Doing::Call, steps, 0) {
            self.calls.push(Call::new(id, program, input));
        }
    }

    /// Runs a block of the current step.
    pub(super) fn enter(&mut self, doing: Doing, via: usize) {
        let block = self.frames.last().and_then(Frame::step).and_then(|step| step.kind.blocks().get(via));
        let Some(block) = block.map(|block| Arc::clone(&block.steps)) else {
            // A kind that names a block which it does not have has nothing to run.
            self.complete(None);
            return;
        };
        self.push(doing, block, via);
    }

    fn push(&mut self, doing: Doing, block: Block, via: usize) -> bool {
        if self.frames.len() >= MACHINE_FRAMES_MAX {
            let message = format!(
                "blocks and calls are nested deeper than {MACHINE_FRAMES_MAX} levels; does a function call itself without an end?"
            );
            self.raise(Box::new(Failure::new(ErrorCode::Limit, message)));
            return false;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.doing = doing;
        }
        self.frames.push(Frame::new(block, via));
        true
    }

    /// The current step is over; its value goes to `return_as`.
    pub(super) fn complete(&mut self, value: Option<Value>) {
        let Some(frame) = self.frames.last_mut() else { return };
        let return_as = frame.step().and_then(|step| step.return_as.clone());
        frame.doing = Doing::Idle;
        frame.at += 1;
        (self.thread.attempt, self.thread.held) = (1, None);
        let Some(value) = value else { return };
        if self.is_branch() {
            let last = self.keep(value.clone());
            if let Some(frame) = self.frames.last_mut() {
                frame.last = Some(last);
            }
        }
        if let Some(name) = return_as {
            self.set(name, value);
        }
    }

    /// Whether the innermost block is a branch of `parallel`, whose last value is wanted.
    fn is_branch(&self) -> bool {
        let below = self.frames.len().checked_sub(2).map(|index| &self.frames[index]);
        below.and_then(Frame::fork).is_some_and(|fork| matches!(fork.over, Over::Parallel { .. }))
    }
}

/// One for the step, and what its expressions cost.
fn fuel_of(operations: u64) -> u32 {
    u32::try_from(1 + operations / OPERATIONS_PER_FUEL).unwrap_or(u32::MAX)
}
