//! Frames: which block is being run, where in it, and what its current step is doing meanwhile.
//! Never knows the machine that they belong to.

use std::sync::Arc;

use super::fork::{Fork, Over};
use super::kept::Kept;
use crate::domain::execution::Response;
use crate::domain::failure::Failure;
use crate::domain::value::Value;
use crate::stack::program::{Block, Step};

/// A block that is being run.
#[derive(Debug, Clone)]
pub struct Frame {
    pub block: Block,
    /// The block's place among those of the step that entered it.
    pub via: usize,
    /// The current step.
    pub at: usize,
    pub doing: Doing,
    /// The value of the last step that was over, kept only in the branches of `parallel`.
    pub last: Option<Kept>,
}

/// What the current step of a frame does while a frame above it runs.
#[derive(Debug, Clone)]
pub enum Doing {
    Idle,
    /// A block that is run once.
    Block,
    Each(Each),
    While {
        /// From 1.
        turn: u64,
    },
    Try(Box<Try>),
    /// Blocks that are run side by side.
    Fork(Box<Fork>),
    /// A function inside this execution.
    Call,
}

/// A `loop` over a list.
#[derive(Debug, Clone)]
pub struct Each {
    pub array: Kept,
    pub name: Arc<str>,
    /// From 0.
    pub turn: usize,
    /// What the turn's steps have made of the item.
    pub item: Option<Kept>,
}

/// A `try_catch` in one of its parts.
#[derive(Debug, Clone)]
pub struct Try {
    pub part: Part,
    pub has_catch: bool,
    pub has_finally: bool,
    /// What `error` is bound to.
    pub error: Option<Kept>,
    /// What goes on behind the finally block.
    pub pending: Option<Signal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Try,
    Catch,
    Finally,
}

/// What leaves blocks before their end.
#[derive(Debug, Clone)]
pub enum Signal {
    Raise(Box<Failure>),
    Return { output: Kept, response: Response },
    Break,
    Continue,
    Interrupt(Box<Failure>),
}

impl Frame {
    pub fn new(block: Block, via: usize) -> Self {
        Self { block, via, at: 0, doing: Doing::Idle, last: None }
    }

    pub fn step(&self) -> Option<&Step> {
        self.block.get(self.at)
    }

    /// The fork that the current step is, if it is one.
    pub fn fork(&self) -> Option<&Fork> {
        match &self.doing {
            Doing::Fork(fork) => Some(fork),
            _ => None,
        }
    }

    pub fn fork_mut(&mut self) -> Option<&mut Fork> {
        match &mut self.doing {
            Doing::Fork(fork) => Some(fork),
            _ => None,
        }
    }

    /// Every value that this frame and its stowed branches hold on to, the inputs of their calls excepted.
    pub fn visit_kept<'a>(&'a self, visit: &mut dyn FnMut(&'a Kept)) {
        self.last.iter().for_each(&mut *visit);
        match &self.doing {
            Doing::Idle | Doing::Block | Doing::Call | Doing::While { .. } => {}
            Doing::Each(each) => {
                visit(&each.array);
                each.item.iter().for_each(visit);
            }
            Doing::Try(attempt) => {
                attempt.error.iter().for_each(&mut *visit);
                if let Some(Signal::Return { output, .. }) = &attempt.pending {
                    visit(output);
                }
            }
            Doing::Fork(fork) => visit_fork(fork, visit),
        }
    }

    /// What this frame holds on to, except where `shared` says that it is counted elsewhere.
    pub fn memory_bytes(&self, shared: &dyn Fn(&Kept) -> bool) -> usize {
        let mut bytes = 0;
        self.visit_kept(&mut |kept| bytes += if shared(kept) { 0 } else { kept.bytes });
        bytes
    }
}

impl Doing {
    /// The number of the turn, from 1, if this is a loop.
    pub fn turn(&self) -> Option<u64> {
        match self {
            Self::Each(each) => Some(each.turn as u64 + 1),
            Self::While { turn } => Some(*turn),
            Self::Fork(fork) => match fork.over {
                Over::Each { .. } => fork.active.map(|turn| turn as u64 + 1),
                Over::Parallel { .. } => None,
            },
            _ => None,
        }
    }

    /// What a loop over a list binds for the steps above.
    pub fn turning(&self) -> Option<Turning<'_>> {
        match self {
            Self::Each(each) => {
                Some(Turning { name: &each.name, list: &each.array.value, turn: each.turn, item: each.item.as_ref() })
            }
            Self::Fork(fork) => match &fork.over {
                Over::Each { array, name } => {
                    Some(Turning { name, list: &array.value, turn: fork.active?, item: fork.item.as_ref() })
                }
                Over::Parallel { .. } => None,
            },
            _ => None,
        }
    }

    /// Binds what the steps of a turn have made of its item, or of a caught error.
    pub fn rebind(&mut self, value: Kept) {
        match self {
            Self::Each(each) => each.item = Some(value),
            Self::Fork(fork) => fork.item = Some(value),
            Self::Try(attempt) => attempt.error = Some(value),
            _ => {}
        }
    }
}

/// One turn of a loop over a list.
pub struct Turning<'a> {
    pub name: &'a str,
    pub list: &'a Value,
    /// From 0.
    pub turn: usize,
    pub item: Option<&'a Kept>,
}

impl Turning<'_> {
    pub fn item(&self) -> Value {
        match self.item {
            Some(changed) => changed.value.clone(),
            None => self.list.as_array().and_then(|items| items.get(self.turn)).cloned().unwrap_or_default(),
        }
    }

    pub fn length(&self) -> u64 {
        self.list.as_array().map_or(0, <[Value]>::len) as u64
    }
}

fn visit_fork<'a>(fork: &'a Fork, visit: &mut dyn FnMut(&'a Kept)) {
    if let Over::Each { array, .. } = &fork.over {
        visit(array);
    }
    fork.item.iter().chain(fork.results.iter().flatten()).for_each(&mut *visit);
    if let Some(Signal::Return { output, .. }) = &fork.leaving {
        visit(output);
    }
    for branch in &fork.branches {
        branch.item.iter().for_each(&mut *visit);
        branch.thread.held.iter().for_each(|held| visit(&held.kept));
        branch.frames.iter().for_each(|frame| frame.visit_kept(visit));
    }
}

/// What leaves a finally block: an interruption stays one, anything else gives way to what the block did.
pub fn stronger(pending: Option<Signal>, new: Signal) -> Signal {
    match pending {
        Some(interrupt @ Signal::Interrupt(_)) => interrupt,
        _ => new,
    }
}
