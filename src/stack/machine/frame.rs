//! Frames: which block is being run, where in it, and what its current step is doing meanwhile.
//! Never knows the machine that they belong to.

use std::sync::Arc;

use super::kept::Kept;
use crate::domain::execution::Response;
use crate::domain::failure::Failure;
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
    Parallel {
        names: Vec<Arc<str>>,
        results: Vec<Kept>,
    },
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

    /// Every value that this frame holds on to.
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
            Doing::Parallel { results, .. } => results.iter().for_each(visit),
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
            _ => None,
        }
    }
}
