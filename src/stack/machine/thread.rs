//! One line of work through a stack: the time and the chance of its stretch, and what it has asked for.
//! Never knows where it stands; the frames do.

use std::sync::Arc;

use super::kept::Kept;
use super::need::{Effect, HttpRequest};
use super::rows::Rows;
use crate::domain::function::FunctionName;
use crate::domain::timestamp::Timestamp;
use crate::stack::expression::Reference;

/// The stretch since the last answer: its time, its seed, how many random numbers were drawn, the rows it has read.
#[derive(Debug, Clone)]
pub struct Thread {
    pub now: Timestamp,
    pub seed: u64,
    pub drawn: u64,
    pub rows: Rows,
    /// Of the step that is being performed.
    pub attempt: u32,
    pub asked: Option<Asked>,
    /// The request that may be on its way, while other branches go on and change what it was made from.
    pub held: Option<Held>,
}

/// What `run` has asked for and nobody has answered yet.
#[derive(Debug, Clone)]
pub enum Asked {
    Effect(Arc<Effect>),
    Row(Reference),
    Program(FunctionName),
}

/// A request as it was asked for first: every attempt of it is the same to the byte.
#[derive(Debug, Clone)]
pub struct Held {
    pub request: Box<HttpRequest>,
    pub timeout_ms: Option<i64>,
    /// The same as a value, as deltas hold it.
    pub kept: Kept,
}

impl Thread {
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self { now, seed, drawn: 0, rows: Rows::default(), attempt: 1, asked: None, held: None }
    }

    /// The thread of branch `number`, which begins where this one stands and draws other numbers than its siblings.
    pub fn branch(&self, number: usize) -> Self {
        Self::new(self.now, mix(random(self.seed, self.drawn).wrapping_add(number as u64 + 1)))
    }

    /// Takes this thread along to be gone on with later; what stays knows the time and nothing else.
    pub fn stow(&mut self) -> Self {
        let mut stowed = self.clone();
        // A row or a program is asked for again.
        stowed.asked = stowed.asked.filter(|asked| matches!(asked, Asked::Effect(_)));
        (self.asked, self.held, self.attempt) = (None, None, 1);
        self.rows.clear();
        stowed
    }

    pub fn effect(&self) -> Option<&Arc<Effect>> {
        match &self.asked {
            Some(Asked::Effect(effect)) => Some(effect),
            _ => None,
        }
    }

    /// The stretch behind an answer.
    pub fn begin_stretch(&mut self, now: Timestamp, seed: u64) {
        (self.now, self.seed, self.drawn, self.held) = (now, seed, 0, None);
        self.rows.clear();
    }

    pub fn memory_bytes(&self) -> usize {
        self.rows.memory_bytes() + self.held.as_ref().map_or(0, |held| held.kept.bytes)
    }
}

/// The `count`-th number of a stretch.
pub fn random(seed: u64, count: u64) -> u64 {
    mix(seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// The finalizer of SplitMix64: neighbouring counters give unrelated numbers.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
