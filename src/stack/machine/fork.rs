//! Forks: a step whose blocks are run at the same time, each as a branch with frames of its own.
//! Never runs two branches at one moment: one is on the machine's path, the others are stowed beside it.

use std::sync::Arc;

use super::call::Call;
use super::frame::{Doing, Frame, Part, Signal, stronger};
use super::kept::Kept;
use super::need::Effect;
use super::thread::Thread;
use super::{Machine, position};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::{BRANCHES_MAX, MACHINE_FRAMES_MAX};
use crate::domain::value::Value;

/// A step that has forked.
#[derive(Debug, Clone)]
pub struct Fork {
    pub over: Over,
    /// How many branches may be under way at once.
    pub limit: usize,
    /// The first branch that has not begun.
    pub next: usize,
    /// The branch whose frames are on the path above.
    pub active: Option<usize>,
    /// What the active turn's steps have made of its item.
    pub item: Option<Kept>,
    /// The others that have begun and are not over, by their numbers.
    pub branches: Vec<Branch>,
    /// What the branches of `parallel` came to.
    pub results: Vec<Option<Kept>>,
    /// No further branch begins.
    pub stopped: bool,
    /// How the step ends once its branches are gone.
    pub leaving: Option<Signal>,
}

#[derive(Debug, Clone)]
pub enum Over {
    /// The turns of a `loop`.
    Each { array: Kept, name: Arc<str> },
    /// The blocks of a `parallel`.
    Parallel { names: Vec<Arc<str>> },
}

/// A branch that waits for its answer, or for its turn to go on.
#[derive(Debug, Clone)]
pub struct Branch {
    pub number: usize,
    pub frames: Vec<Frame>,
    /// Its own variables, and the calls above.
    pub calls: Vec<Call>,
    pub item: Option<Kept>,
    pub thread: Thread,
    /// It is to run its `finally` blocks and nothing else.
    pub stop: bool,
}

impl Fork {
    pub fn new(over: Over, limit: usize) -> Self {
        let results = match &over {
            Over::Each { .. } => Vec::new(),
            Over::Parallel { names } => vec![None; names.len()],
        };
        Self { over, limit, next: 0, active: None, item: None, branches: Vec::new(), results, stopped: false, leaving: None }
    }

    /// The block that branch `number` runs, by its place in the step.
    fn via(&self, number: usize) -> usize {
        match self.over {
            Over::Each { .. } => 0,
            Over::Parallel { .. } => number,
        }
    }

    fn count(&self) -> usize {
        match &self.over {
            Over::Each { array, .. } => array.value.as_array().map_or(0, <[Value]>::len),
            Over::Parallel { names } => names.len(),
        }
    }

    /// The step ends in this way; its branches run their `finally` blocks first.
    fn leave(&mut self, signal: Signal) {
        self.leaving = Some(signal);
        self.branches.iter_mut().for_each(|branch| branch.stop = true);
    }

    fn value(&self) -> Option<Value> {
        let Over::Parallel { names } = &self.over else { return None };
        let result = |result: &Option<Kept>| result.as_ref().map_or(Value::Null, |kept| kept.value.clone());
        Some(Value::object(names.iter().cloned().zip(self.results.iter().map(result))))
    }

    /// How many branches are under way in here.
    fn under_way(&self) -> usize {
        self.branches.iter().map(|branch| 1 + under_way(&branch.frames)).sum()
    }
}

impl Branch {
    /// The fork that this branch rests at, if it does.
    fn inner(&self) -> Option<&Fork> {
        self.frames.last().and_then(Frame::fork)
    }

    fn is_runnable(&self) -> bool {
        self.stop
            || match self.inner() {
                Some(fork) => fork.branches.iter().any(Self::is_runnable),
                None => self.thread.asked.is_none(),
            }
    }

    /// Whether the effect at `position` is asked for in here.
    fn asks(&self, position: &str) -> bool {
        if self.stop {
            return false;
        }
        match self.inner() {
            Some(fork) => fork.branches.iter().any(|branch| branch.asks(position)),
            None => self.thread.effect().is_some_and(|effect| &*effect.position == position),
        }
    }

    fn visit_effects(&self, visit: &mut dyn FnMut(&Arc<Effect>)) {
        self.thread.effect().into_iter().for_each(&mut *visit);
        visit_effects(&self.frames, visit);
    }
}

fn under_way(frames: &[Frame]) -> usize {
    frames.iter().filter_map(Frame::fork).map(Fork::under_way).sum()
}

fn visit_effects(frames: &[Frame], visit: &mut dyn FnMut(&Arc<Effect>)) {
    for fork in frames.iter().filter_map(Frame::fork) {
        fork.branches.iter().for_each(|branch| branch.visit_effects(visit));
    }
}

impl Machine {
    /// The current step runs its blocks side by side.
    pub(super) fn fork(&mut self, over: Over, limit: usize) {
        if self.frames.len() >= MACHINE_FRAMES_MAX {
            let message = format!("blocks are nested deeper than {MACHINE_FRAMES_MAX} levels");
            return self.raise(Box::new(Failure::new(ErrorCode::Limit, message)));
        }
        let Some(frame) = self.frames.last_mut() else { return };
        frame.doing = Doing::Fork(Box::new(Fork::new(over, limit)));
        self.begin_branches();
    }

    /// Begins as many branches of the innermost fork as may be under way.
    fn begin_branches(&mut self) {
        let mut room = BRANCHES_MAX.saturating_sub(under_way(&self.frames)).max(1);
        let thread = self.thread.clone();
        let (Some(frame), Some(call)) = (self.frames.last_mut(), self.calls.last()) else { return };
        let blocks: Vec<_> =
            frame.step().into_iter().flat_map(|step| step.kind.blocks()).map(|block| &block.steps).cloned().collect();
        let Some(fork) = frame.fork_mut() else { return };
        while room > 0 && !fork.stopped && fork.leaving.is_none() && fork.branches.len() < fork.limit && fork.next < fork.count()
        {
            let (number, via) = (fork.next, fork.via(fork.next));
            fork.next += 1;
            room -= 1;
            let Some(block) = blocks.get(via) else { continue };
            let frames = vec![Frame::new(Arc::clone(block), via)];
            let thread = thread.branch(number);
            let calls = vec![Call::branch(self.next_id, call)];
            self.next_id += 1;
            fork.branches.push(Branch { number, frames, calls, item: None, thread, stop: false });
        }
    }

    /// The branch on the path is over; what it came to counts where results are wanted. `Some`: so is the step, which is left by
    /// this signal.
    pub(super) fn branch_over(&mut self, result: Option<Kept>) -> Option<Signal> {
        let fork = self.frames.last_mut().and_then(Frame::fork_mut)?;
        let number = fork.active.take();
        fork.item = None;
        if let Some(place) = number.and_then(|number| fork.results.get_mut(number)) {
            *place = result;
        }
        (self.thread.asked, self.thread.held, self.thread.attempt) = (None, None, 1);
        self.merge_branch();
        self.begin_branches();
        let frame = self.frames.last_mut()?;
        let fork = frame.fork_mut().filter(|fork| fork.branches.is_empty())?;
        let (leaving, value) = (fork.leaving.take(), fork.value());
        if leaving.is_none() {
            self.complete(value);
            return None;
        }
        frame.doing = Doing::Idle;
        leaving
    }

    /// What a branch that is over has set survives it, as it survives any other block.
    fn merge_branch(&mut self) {
        let Some(branch) = self.calls.pop_if(|call| call.branch) else { return };
        let Some(call) = self.calls.last_mut() else { return };
        for (name, variable) in branch.variables {
            call.set(name, variable.value);
        }
    }

    /// What leaves a branch stops its siblings, unless they are being stopped already.
    pub(super) fn leave_fork(fork: &mut Fork, signal: Signal) {
        match (&fork.over, signal) {
            (Over::Each { .. }, Signal::Continue) => {}
            // The turns that are under way go on to their ends.
            (Over::Each { .. }, Signal::Break) => fork.stopped = true,
            (_, signal) if fork.leaving.is_none() => fork.leave(signal),
            _ => {}
        }
    }

    /// Whether nothing on the path can go on without an answer.
    pub(super) fn is_blocked(&self) -> bool {
        self.thread.effect().is_some() || self.rests_at_fork()
    }

    fn rests_at_fork(&self) -> bool {
        self.frames.last().and_then(Frame::fork).is_some()
    }

    /// Whether other branches may change what this one sees.
    pub(super) fn is_forked(&self) -> bool {
        self.frames.iter().any(|frame| frame.fork().is_some())
    }

    /// Puts another branch that can go on onto the path: the first of the innermost fork that has one.
    pub(super) fn switch(&mut self) -> bool {
        let mut within = self.frames.len();
        while let Some(at) = self.frames[..within].iter().rposition(|frame| frame.fork().is_some()) {
            self.stow(at);
            let fork = self.frames[at].fork();
            if let Some(index) = fork.and_then(|fork| fork.branches.iter().position(Branch::is_runnable)) {
                self.load(at, index);
                return true;
            }
            within = at;
        }
        false
    }

    /// Puts the branch that asked for the effect at `position` onto the path.
    pub(super) fn focus(&mut self, position: &str) -> bool {
        if let Some(effect) = self.thread.effect() {
            if &*effect.position == position {
                return true;
            }
        } else if !self.rests_at_fork() && &*position::position(&self.frames, &self.calls) == position {
            // Restored and answered at once.
            return true;
        }
        self.stow_all();
        while let Some(fork) = self.frames.last().and_then(Frame::fork) {
            let Some(index) = fork.branches.iter().position(|branch| branch.asks(position)) else { return false };
            self.load(self.frames.len() - 1, index);
        }
        self.thread.effect().is_some_and(|effect| &*effect.position == position)
    }

    /// Leaves nothing on the path above the outermost fork.
    pub(super) fn stow_all(&mut self) {
        let mut within = self.frames.len();
        while let Some(at) = self.frames[..within].iter().rposition(|frame| frame.fork().is_some()) {
            self.stow(at);
            within = at;
        }
    }

    fn stow(&mut self, at: usize) {
        let Some(fork) = self.frames[at].fork() else { return };
        let Some(number) = fork.active else { return };
        // One for each function around, and one for each branch around.
        let around = |frame: &&Frame| matches!(frame.doing, Doing::Call | Doing::Fork(_));
        let calls_below = 1 + self.frames[..at].iter().filter(around).count();
        let frames = self.frames.split_off(at + 1);
        let calls = self.calls.split_off(calls_below.min(self.calls.len()));
        let thread = self.thread.stow();
        let Some(fork) = self.frames[at].fork_mut() else { return };
        fork.active = None;
        let branch = Branch { number, frames, calls, item: fork.item.take(), thread, stop: false };
        let place = fork.branches.partition_point(|other| other.number < number);
        fork.branches.insert(place, branch);
    }

    fn load(&mut self, at: usize, index: usize) {
        let Some(fork) = self.frames[at].fork_mut() else { return };
        let branch = fork.branches.remove(index);
        fork.active = Some(branch.number);
        fork.item = branch.item;
        self.frames.extend(branch.frames);
        self.calls.extend(branch.calls);
        self.thread = branch.thread;
        if branch.stop {
            let failure = Failure::new(ErrorCode::Cancelled, "another branch has ended the step");
            self.interrupt_above(at + 1, Signal::Interrupt(Box::new(failure)));
        }
    }

    /// Stops what the frames from `start` on are doing. A finally block that is running goes on to its end, and what it stands
    /// in is left behind it.
    pub(super) fn interrupt_above(&mut self, start: usize, interrupt: Signal) {
        let finally = self.frames[start..].iter_mut().rev().find_map(|frame| match &mut frame.doing {
            Doing::Try(attempt) if attempt.part == Part::Finally => Some(attempt),
            _ => None,
        });
        if let Some(attempt) = finally {
            attempt.pending = Some(stronger(attempt.pending.take(), interrupt));
        } else if let Some(fork) = self.frames.last_mut().and_then(Frame::fork_mut) {
            fork.leave(interrupt);
        } else {
            self.thread.asked = None;
            self.unwind(interrupt);
        }
    }

    /// Every effect that is asked for, in the order of the branches.
    pub fn asked(&self) -> Vec<Arc<Effect>> {
        let mut effects: Vec<Arc<Effect>> = self.thread.effect().cloned().into_iter().collect();
        visit_effects(&self.frames, &mut |effect| effects.push(Arc::clone(effect)));
        effects
    }

    /// Every call that is under way, those of stowed branches too.
    pub(super) fn visit_calls<'a>(&'a self, visit: &mut dyn FnMut(&'a Call)) {
        self.calls.iter().for_each(&mut *visit);
        visit_branches(&self.frames, &mut |branch| branch.calls.iter().for_each(&mut *visit));
    }

    pub(super) fn mark_calls_written(&mut self) {
        self.calls.iter_mut().for_each(Call::mark_written);
        mark_written(&mut self.frames);
    }
}

/// Every stowed branch, those in branches too.
pub fn visit_branches<'a>(frames: &'a [Frame], visit: &mut dyn FnMut(&'a Branch)) {
    for branch in frames.iter().filter_map(Frame::fork).flat_map(|fork| &fork.branches) {
        visit(branch);
        visit_branches(&branch.frames, visit);
    }
}

pub fn begin_again(frames: &mut [Frame]) {
    for branch in frames.iter_mut().filter_map(Frame::fork_mut).flat_map(|fork| &mut fork.branches) {
        branch.thread.attempt = 1;
        begin_again(&mut branch.frames);
    }
}

fn mark_written(frames: &mut [Frame]) {
    for branch in frames.iter_mut().filter_map(Frame::fork_mut).flat_map(|fork| &mut fork.branches) {
        branch.calls.iter_mut().for_each(Call::mark_written);
        mark_written(&mut branch.frames);
    }
}
