//! Leaving blocks: at their end, by an error, `return`, `break`, `continue`, or because the execution is interrupted.
//! Never skips a `finally` block, never lets a `catch` see an interruption.

use super::frame::{Doing, Frame, Part, Signal, stronger};
use super::{Ending, Machine, position};
use crate::domain::execution::Response;
use crate::domain::failure::Failure;
use crate::domain::value::Value;
use crate::stack::step::{CATCH, FINALLY};

/// What happens at a step whose block was left by a signal.
enum Landing {
    /// The signal goes on outwards.
    Passed(Signal),
    /// The step is over with this value.
    Completed(Option<Value>),
    NextTurn,
    Enter(usize),
    /// The step is performed again.
    Again,
    /// A branch is over.
    BranchOver,
}

impl Machine {
    /// The current step fails, here.
    pub(super) fn raise(&mut self, mut failure: Box<Failure>) {
        self.stamp(&mut failure);
        self.unwind(Signal::Raise(failure));
    }

    fn stamp(&self, failure: &mut Failure) {
        failure.stack = self.trace();
        failure.step = Some(position::position(&self.frames, &self.calls).to_string());
        failure.attempt = self.thread.attempt;
    }

    /// The innermost block has come to its end.
    pub(super) fn leave_block(&mut self) {
        let Some(left) = self.frames.pop() else { return };
        let Some(frame) = self.frames.last_mut() else {
            self.finish_without_value();
            return;
        };
        match &mut frame.doing {
            Doing::Idle | Doing::Block => self.complete(None),
            Doing::While { .. } => {}
            Doing::Each(_) => self.next_turn(),
            Doing::Call => {
                self.calls.pop();
                self.complete(Some(Value::Null));
            }
            Doing::Fork(_) => {
                if let Some(signal) = self.branch_over(left.last) {
                    self.unwind(signal);
                }
            }
            Doing::Try(attempt) if attempt.part == Part::Finally => match attempt.pending.take() {
                Some(signal) => self.unwind(signal),
                None => self.complete(None),
            },
            Doing::Try(attempt) if attempt.has_finally => {
                attempt.part = Part::Finally;
                attempt.error = None;
                self.resume(FINALLY);
            }
            Doing::Try(_) => self.complete(None),
        }
    }

    /// Leaves the innermost block, and those around it, until something answers the signal.
    pub(super) fn unwind(&mut self, mut signal: Signal) {
        loop {
            (self.thread.attempt, self.thread.held) = (1, None);
            self.frames.pop();
            if self.frames.is_empty() {
                self.finish(signal);
                return;
            }
            match self.land(signal) {
                Landing::Passed(passed) => signal = passed,
                Landing::Completed(value) => return self.complete(value),
                Landing::NextTurn => return self.next_turn(),
                Landing::Enter(via) => return self.resume(via),
                Landing::Again => return,
                Landing::BranchOver => match self.branch_over(None) {
                    Some(leaving) => signal = leaving,
                    None => return,
                },
            }
        }
    }

    fn land(&mut self, signal: Signal) -> Landing {
        let caught = match &signal {
            Signal::Raise(failure) => Some(failure.to_value()),
            _ => None,
        };
        let error = caught.map(|value| self.keep(value));
        let Some(frame) = self.frames.last_mut() else { return Landing::Passed(signal) };
        match (&mut frame.doing, signal) {
            (Doing::Call, signal) => {
                self.calls.pop();
                match signal {
                    Signal::Return { output, .. } => Landing::Completed(Some(output.value)),
                    other => Landing::Passed(other),
                }
            }
            (Doing::Fork(fork), signal) => {
                Self::leave_fork(fork, signal);
                Landing::BranchOver
            }
            (Doing::Each(_) | Doing::While { .. }, Signal::Break) => Landing::Completed(None),
            (Doing::Each(_), Signal::Continue) => Landing::NextTurn,
            (Doing::While { .. }, Signal::Continue) => Landing::Again,
            (Doing::Try(attempt), Signal::Raise(_)) if attempt.part == Part::Try && attempt.has_catch => {
                attempt.part = Part::Catch;
                attempt.error = error;
                Landing::Enter(CATCH)
            }
            (Doing::Try(attempt), signal) if attempt.part == Part::Finally => {
                Landing::Passed(stronger(attempt.pending.take(), signal))
            }
            (Doing::Try(attempt), signal) if attempt.has_finally => {
                attempt.part = Part::Finally;
                attempt.error = error;
                attempt.pending = Some(signal);
                Landing::Enter(FINALLY)
            }
            (_, signal) => Landing::Passed(signal),
        }
    }

    /// Goes on with another block of the step that is already under way.
    fn resume(&mut self, via: usize) {
        let Some(frame) = self.frames.last_mut() else { return };
        let doing = std::mem::replace(&mut frame.doing, Doing::Idle);
        self.enter(doing, via);
    }

    fn next_turn(&mut self) {
        let Some(Frame { doing: Doing::Each(each), .. }) = self.frames.last_mut() else { return };
        each.turn += 1;
        each.item = None;
        if each.turn < each.array.value.as_array().map_or(0, <[Value]>::len) {
            self.resume(0);
        } else {
            self.complete(None);
        }
    }

    /// Stops the stack, all of its branches.
    pub(super) fn unwind_interrupted(&mut self, mut failure: Failure) {
        if self.ended.is_some() {
            return;
        }
        self.stow_all();
        if failure.stack.is_empty() {
            self.stamp(&mut failure);
        }
        self.interrupt_above(0, Signal::Interrupt(Box::new(failure)));
    }

    pub(super) fn finish_without_value(&mut self) {
        self.end(Ending::Returned { output: Value::Null, response: Response::default() });
    }

    fn finish(&mut self, signal: Signal) {
        match signal {
            Signal::Return { output, response } => self.end(Ending::Returned { output: output.value, response }),
            Signal::Raise(failure) => self.end(Ending::Raised(failure)),
            Signal::Interrupt(failure) => self.end(Ending::Interrupted(failure)),
            // Reading a file refuses these outside a loop; nothing is left to do after one.
            Signal::Break | Signal::Continue => self.finish_without_value(),
        }
    }

    fn end(&mut self, ending: Ending) {
        self.frames.clear();
        self.calls.clear();
        self.thread.rows.clear();
        self.thread.asked = None;
        self.ended = Some(ending);
    }
}
