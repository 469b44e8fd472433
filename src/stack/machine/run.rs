//! One move at a time: the current step is performed, and what it asks is done to the frames.
//! Never loops: each call is one step or the end of one block.

use std::sync::Arc;

use super::call::Call;
use super::frame::{Doing, Each, Frame, Part, Signal, Try};
use super::view::View;
use super::{Action, Asked, Effect, Machine, complete_inputs, position};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{FunctionName, RetryPolicy};
use crate::domain::limits::MACHINE_FRAMES_MAX;
use crate::domain::value::Value;
use crate::stack::expression::EvalError;
use crate::stack::program::{Block, Step};
use crate::stack::step::{Assignment, Move, Operation, StepContext, TRY, excessive};

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
            Err(EvalError::Needs(reference)) => self.asked = Some(Asked::Row(reference)),
            Err(EvalError::Raised(failure)) => self.raise(failure),
        }
        // What is asked for may be evaluated again, by this machine or a restored one: it must draw the same.
        if self.asked.is_none() {
            self.drawn = drawn;
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
            attempt: self.attempt,
            at_most_once: step.at_most_once,
            retry: own.filter(|policy| policy.max_retries > 0),
            timeout_ms,
            action,
        }
    }

    fn apply(&mut self, step: &Step, what: Move, timeout_ms: Option<i64>) {
        match what {
            Move::Pass => self.complete(None),
            Move::Assign(assignments) => self.assign_all(assignments),
            Move::Effect(action) => self.asked = Some(Asked::Effect(Box::new(self.effect(step, action, timeout_ms)))),
            Move::Enter(via) => self.enter(Doing::Block, via),
            Move::Each { array, item } => self.start_each(array, item),
            Move::Repeat => {
                let turn = self.frames.last().and_then(|frame| frame.doing.turn()).unwrap_or(0) + 1;
                self.enter(Doing::While { turn }, 0);
            }
            Move::Try { has_catch, has_finally } => {
                let attempt = Try { part: Part::Try, has_catch, has_finally, error: None, pending: None };
                self.enter(Doing::Try(Box::new(attempt)), TRY);
            }
            Move::Parallel(names) if names.is_empty() => self.complete(Some(Value::Object(Arc::default()))),
            Move::Parallel(names) => self.enter(Doing::Parallel { names, results: Vec::new() }, 0),
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
        self.afford(&assignment)?;
        let bound = self.binding(&assignment.name);
        let Some(call) = self.calls.last_mut() else { return Ok(()) };
        if bound.is_none() && assignment.operation == Operation::Append && assignment.path.is_empty() {
            match call.append(&assignment.name, std::mem::take(&mut assignment.value)) {
                Ok(()) => return Ok(()),
                Err(value) => assignment.value = value,
            }
        }
        let old = bound.or_else(|| call.value(&assignment.name).cloned()).unwrap_or_default();
        let value = assignment.applied_to(old)?;
        let bytes_max = usize::try_from(self.start.config.memory_limit_bytes).unwrap_or(usize::MAX);
        if let Err(excess) = value.memory_bytes_within(bytes_max) {
            return Err(excessive(&format!("`{}`", assignment.name), excess));
        }
        self.set(assignment.name, value);
        Ok(())
    }

    /// Refuses a value that would not fit beside what is alive already.
    fn afford(&self, assignment: &Assignment) -> Result<(), Box<Failure>> {
        let (new, left) = (assignment.value.memory_bytes() as u64, self.memory_bytes_left());
        if new <= left {
            return Ok(());
        }
        let limit = self.start.config.memory_limit_bytes;
        let message = format!(
            "`{}` needs {new} bytes, more than the {left} that are left of the execution's {limit}; raise memory_limit or keep less",
            assignment.name
        );
        Err(Box::new(Failure::new(ErrorCode::MemoryLimit, message)))
    }

    /// Sets a variable, and what a block around binds to that name, so that the steps behind read what was set.
    pub(super) fn set(&mut self, name: Arc<str>, value: Value) {
        if let Some(index) = self.binding_frame(&name) {
            let kept = self.keep(value.clone());
            match &mut self.frames[index].doing {
                Doing::Each(each) => each.item = Some(kept),
                Doing::Try(attempt) => attempt.error = Some(kept),
                _ => {}
            }
        }
        if let Some(call) = self.calls.last_mut() {
            call.set(name, value);
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
                Doing::Each(each) if *each.name == *name => return Some(index),
                Doing::Try(attempt) if name == "error" && attempt.error.is_some() => return Some(index),
                _ => {}
            }
        }
        None
    }

    fn start_each(&mut self, array: Value, name: Arc<str>) {
        if array.as_array().is_none_or(<[Value]>::is_empty) {
            self.complete(None);
            return;
        }
        let array = self.keep(array);
        self.enter(Doing::Each(Each { array, name, turn: 0, item: None }), 0);
    }

    fn call(&mut self, name: FunctionName, inputs: Value) {
        let Some(program) = self.pins.iter().find(|program| program.name == name).cloned() else {
            self.asked = Some(Asked::Program(name));
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
        self.attempt = 1;
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
        below.is_some_and(|frame| matches!(frame.doing, Doing::Parallel { .. }))
    }
}

/// One for the step, and what its expressions cost.
fn fuel_of(operations: u64) -> u32 {
    u32::try_from(1 + operations / OPERATIONS_PER_FUEL).unwrap_or(u32::MAX)
}
