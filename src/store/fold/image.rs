//! What a chain of entries leaves of its execution, and the rows that it adds.
//! Never holds a value of its own: everything is borrowed from the batch.

use std::sync::Arc;

use crate::domain::execution::{Ownership, State};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::record::RecordWrite;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::own_steps::OwnStep;
use crate::store::write::{Checkpoint, Delta, Entry, Finish, Placement, StepRecord, Submit};

/// The final state of an execution's row after a chain of entries.
#[derive(Debug, Clone)]
pub struct Image<'a> {
    pub id: ExecutionId,
    /// The submit, if the row is new.
    pub born: Option<&'a Submit>,
    pub epoch: i32,
    /// The sequence number that the row must have before; 0 for a new one.
    pub before: i32,
    pub seq: i32,
    pub progressed_at: Timestamp,
    /// The last progress that was told, if any was.
    pub progress: Option<&'a Value>,
    /// A checkpoint was among the entries, so earlier crashes no longer count.
    pub stepped: bool,
    pub end: Option<&'a Finish>,
    /// The steps that lie in the row itself, instead of in the journal.
    pub own_steps: Vec<OwnStep<'a>>,
}

impl<'a> Image<'a> {
    pub fn born(submit: &'a Submit) -> Self {
        let (epoch, progressed_at) = match submit.placement {
            Placement::Running { started_at, .. } => (1, started_at),
            Placement::Queued { .. } => (0, submit.birth.created_at),
        };
        Self {
            id: submit.birth.id,
            born: Some(submit),
            epoch,
            before: 0,
            seq: 0,
            progressed_at,
            progress: None,
            stepped: false,
            end: None,
            own_steps: Vec::new(),
        }
    }

    pub fn stepped(checkpoint: &'a Checkpoint) -> Self {
        let mut image = Self::owned(checkpoint.owner, checkpoint.at);
        image.progress = checkpoint.progress.as_ref();
        image.stepped = true;
        image
    }

    pub fn ended(finish: &'a Finish) -> Self {
        Self { end: Some(finish), ..Self::owned(finish.owner, finish.at) }
    }

    fn owned(owner: Ownership, at: Timestamp) -> Self {
        Self {
            id: owner.id,
            born: None,
            epoch: owner.epoch,
            before: owner.seq - 1,
            seq: owner.seq,
            progressed_at: at,
            progress: None,
            stepped: false,
            end: None,
            own_steps: Vec::new(),
        }
    }

    /// The image that an entry begins; `None` for one that is of no execution.
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        match entry {
            Entry::Submit(submit) => Some(Self::born(submit)),
            Entry::Checkpoint(checkpoint) => Some(Self::stepped(checkpoint)),
            Entry::Finish(finish) => Some(Self::ended(finish)),
            _ => None,
        }
    }

    /// Whether an entry of this owner is the next one of a running execution.
    pub(super) fn precedes(&self, owner: Ownership) -> bool {
        self.end.is_none() && self.epoch == owner.epoch && self.epoch > 0 && self.seq + 1 == owner.seq
    }

    /// Whether its birth and its good end are one: nobody can take it up again, so nobody needs where its machine stood.
    pub(super) fn is_whole(&self) -> bool {
        self.born.is_some() && self.end.is_some_and(|end| end.outcome.state() == State::Completed)
    }

    /// Takes the next entry in.
    pub(super) fn follow(&mut self, entry: &'a Entry) {
        let Some(next) = Self::of(entry) else { return };
        self.seq = next.seq;
        self.progressed_at = next.progressed_at;
        self.progress = next.progress.or(self.progress);
        self.stepped |= next.stepped;
        self.end = next.end;
    }
}

/// One row of the journal.
#[derive(Debug, Clone, Copy)]
pub struct JournalRow<'a> {
    pub owner: Ownership,
    pub at: Timestamp,
    pub step: Option<&'a StepRecord>,
    pub delta: &'a Delta,
}

/// A finish changes no machine.
static NO_DELTA: std::sync::LazyLock<Delta> = std::sync::LazyLock::new(Delta::default);

impl<'a> JournalRow<'a> {
    /// `None` where there is nothing to say.
    pub fn new(owner: Ownership, at: Timestamp, step: Option<&'a StepRecord>, delta: &'a Delta) -> Option<Self> {
        (step.is_some() || !delta.text.is_empty()).then_some(Self { owner, at, step, delta })
    }

    pub fn stepped(checkpoint: &'a Checkpoint) -> Option<Self> {
        Self::new(checkpoint.owner, checkpoint.at, checkpoint.step.as_ref(), &checkpoint.delta)
    }

    pub fn ended(finish: &'a Finish) -> Option<Self> {
        Self::new(finish.owner, finish.at, finish.step.as_ref(), &NO_DELTA)
    }
}

/// A plain record that is new, and which write of which step makes it.
#[derive(Debug, Clone, Copy)]
pub struct RecordRow<'a> {
    pub table: &'a Arc<str>,
    pub id: i64,
    pub value: &'a Value,
    pub owner: Ownership,
    pub i: i32,
}

impl<'a> RecordRow<'a> {
    pub(super) fn all(checkpoint: &'a Checkpoint) -> impl Iterator<Item = Self> {
        (0..).zip(&checkpoint.records).filter_map(|(i, write)| match write {
            RecordWrite::Insert { table, id, value, .. } => Some(Self { table, id: *id, value, owner: checkpoint.owner, i }),
            RecordWrite::Update { .. } | RecordWrite::Delete { .. } => None,
        })
    }
}

/// A delivery attempt that is about to leave.
#[derive(Debug, Clone, Copy)]
pub struct StartedAttempt {
    pub id: DeliveryId,
    pub number: u32,
    pub at: Timestamp,
}
