//! What changes the truth: entries committed in batches, and claims.
//! Never called by anything but `engine`.

mod delivery;
mod outside;
mod upkeep;

use std::sync::Arc;

use tokio::sync::oneshot;

use super::read::DeliveryQuery;
use super::{StoreError, Stored};
use crate::domain::access_key::AccessKey;
use crate::domain::admission::Limit;
use crate::domain::alert::NewAlert;
use crate::domain::audit::AuditEntry;
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::execution::{Birth, Execution, Outcome, Ownership, State, WaitingFor};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId, ScheduleId};
use crate::domain::record::RecordWrite;
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
pub use delivery::{AfterAttempt, DeliveryClosed, NewDelivery};
pub use outside::{NewEvent, Resume};
pub use upkeep::{Over, Pruned, Rest, Settling, Telling, Upkeep};

/// What became of each entry of a batch.
pub type Answers = Vec<Result<Receipt, Refusal>>;

/// Where a writer gets what it commits, once it is ready for it; nothing, if nothing waits any more.
pub type Supply = Box<dyn FnOnce() -> Option<Supplied> + Send>;

/// A batch, and who hears what became of it: an answer for each entry once it is durable, or why it failed as a whole.
pub struct Supplied {
    pub batch: Arc<Vec<Entry>>,
    pub told: Box<dyn FnOnce(Result<Answers, StoreError>) + Send>,
}

/// The writing half of a store.
pub trait Write: Upkeep {
    /// Commits a batch in one transaction. Once this returns, every entry with `Ok` is durable, and an entry with `Err`
    /// has changed nothing and neither has any later entry of the same execution. If it fails as a whole, nothing is
    /// durable, except after `Ambiguous`, which implementations resolve themselves before they return.
    fn commit(&self, batch: Arc<Vec<Entry>>) -> Stored<'_, Answers> {
        let (reply, answers) = oneshot::channel();
        // Nobody waits any more: what was done stays done.
        let told = Box::new(|result| drop(reply.send(result)));
        self.commit_when_ready(Box::new(move || Some(Supplied { batch, told })));
        Box::pin(async move {
            answers.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the database thread dropped a job".to_owned())))
        })
    }

    /// The same for a batch that is not made before the writer is ready for it. Whoever waits is told on the writer's thread, and not
    /// woken by way of another; that may be once the next batch has left, if one waits. Neither what supplies nor what is told may
    /// wait or panic.
    fn commit_when_ready(&self, supply: Supply);

    /// Takes up to `limit` executions that are queued or whose wait is over at `now`, highest priority first.
    /// Once this returns they are `running` (or still `cancelling`), owned by this node, under a new epoch.
    fn claim_executions(&self, now: Timestamp, limit: usize) -> Stored<'_, Vec<Claimed>>;

    /// Takes this one execution over under a new epoch, whatever its owner was on this node: for a restart after a panic.
    /// `None` if it is terminal or not ours.
    fn reopen(&self, id: ExecutionId) -> Stored<'_, Option<Claimed>>;

    /// Takes up to `limit` pending deliveries that nobody holds and that are due at `now`: none for a destination that is
    /// `crowded`, and of each other one so many at most that those behind them are reached.
    fn claim_deliveries(&self, now: Timestamp, limit: usize, crowded: Vec<Destination>) -> Stored<'_, Vec<Delivery>>;

    /// Reserves `count` record ids of a table and returns the first. Gaps are allowed, repeats are not.
    fn reserve_record_ids(&self, table: &str, count: i64) -> Stored<'_, i64>;

    /// Registers this process as a node and releases what earlier processes of this store left owned: executions become
    /// claimable with `crashes` + 1, deliveries become due. Called once, first. Returns how many executions were released.
    fn start_node(&self, now: Timestamp) -> Stored<'_, Started>;

    /// Renews this node's lease, says what is due at `now`, and takes over from nodes that are gone. `Fenced` when this one
    /// was declared dead.
    fn tick(&self, now: Timestamp) -> Stored<'_, Tick>;

    /// Whether no other node can hold this one for dead, as far as this process knows: only then may anything be sent.
    fn holds_lease(&self) -> bool;

    /// Gives everything back at a clean stop, so that the next start or another node goes on at once.
    fn stop_node(&self) -> Stored<'_, ()>;

    /// Stores new versions of functions and makes them current, and takes others away; their versions stay for the executions
    /// that run on them. Once this returns, all nodes will start with them; if it fails, nothing has changed.
    fn deploy(&self, functions: Vec<Deployment>, removed: Vec<FunctionName>) -> Stored<'_, ()>;

    /// Puts other texts in place of definitions that are stored: the same ones, sealed anew.
    fn replace_definitions(&self, functions: Vec<Deployment>) -> Stored<'_, ()>;

    /// The value of a setting that the store keeps, made by `fresh` if there is none yet.
    fn setting(&self, name: &'static str, fresh: String) -> Stored<'_, String>;

    /// Keeps a new key. `false`: there is or was one of that name, and nothing has changed.
    fn add_key(&self, key: AccessKey) -> Stored<'_, bool>;

    /// Ends a key for ever; one that was ended before keeps its time. `false`: there is none of that name.
    fn revoke_key(&self, name: &str, at: Timestamp) -> Stored<'_, bool>;

    /// Notes what was done; the oldest notes go.
    fn note_audit(&self, entry: AuditEntry) -> Stored<'_, ()>;
    /// Changes a setting that still has the value `from`. Once this returns true, `to` is durable; false: it was another.
    fn replace_setting(&self, name: &'static str, from: String, to: String) -> Stored<'_, bool>;

    /// Makes a delivery due now, whether it is over or waits for its time; its id, bytes and attempts stay. Refused while a
    /// courier holds it.
    fn redeliver(&self, id: DeliveryId, now: Timestamp) -> Stored<'_, Redelivery>;

    /// Makes up to `query.limit` of the deliveries that match due now, and returns which, newest first.
    fn redeliver_all<'a>(&'a self, query: &'a DeliveryQuery, now: Timestamp) -> Stored<'a, Vec<DeliveryId>>;

    /// Once this returns no node starts another attempt at this destination, until it is resumed; what is owed to it is kept.
    fn pause_lane<'a>(&'a self, destination: &'a Destination, now: Timestamp) -> Stored<'a, ()>;

    /// What is owed to this destination and was due meanwhile is due now.
    fn resume_lane<'a>(&'a self, destination: &'a Destination, now: Timestamp) -> Stored<'a, ()>;
    /// Stores a registered destination: a new one, of version 1, or the next version of one that has not changed meanwhile.
    /// Once this returns true, every execution that ends is held against it.
    fn put_destination(&self, destination: Registration) -> Stored<'_, bool>;

    /// Takes a registered destination away; what is on hold for it is dead. False if there is none.
    fn delete_destination(&self, id: DestinationId, now: Timestamp) -> Stored<'_, bool>;

    /// Makes due what is on hold for a registered destination, with the settings that it has now, and returns how many.
    fn replay_destination(&self, destination: Registration, now: Timestamp) -> Stored<'_, usize>;

    /// Executions without progress since `before` that are not terminal and not waiting rightly, and executions past their
    /// deadline at `now`: for the monitor.
    fn stuck(&self, now: Timestamp, before: Timestamp, limit: usize) -> Stored<'_, Vec<Execution>>;

    /// Resolves open alerts of `kind` whose execution ended, or progressed since `since` and is within its deadline, and returns
    /// how many.
    fn resolve_alerts(&self, kind: &'static str, since: Timestamp, now: Timestamp) -> Stored<'_, usize>;

    /// Stores a schedule: a new one, or one whose revision was the `expected` one. False if somebody was quicker, and then
    /// nothing has changed.
    fn save_schedule(&self, schedule: Schedule, expected: Option<i32>) -> Stored<'_, bool>;

    /// Removes a schedule and its history; false if there was none. What it started goes on.
    fn delete_schedule(&self, id: ScheduleId) -> Stored<'_, bool>;

    /// Notes what became of a time and moves the schedule on from it, unless another node has done so.
    fn record_firing(&self, firing: Firing, moved: Option<Moved>) -> Stored<'_, ()>;
}

/// How a schedule goes on, if it still stands at `from` in this revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub revision: i32,
    pub from: Timestamp,
    /// The next time that is owed, before its jitter, and with it.
    pub to: Option<Timestamp>,
    pub wake_at: Option<Timestamp>,
}

/// What became of the wish to send a message again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redelivery {
    /// It is due now.
    Due,
    /// A courier holds it: an attempt is open, or follows within a minute.
    Held,
    Unknown,
}

/// What `start_node` found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    pub node: i32,
    pub executions_released: usize,
    pub deliveries_released: usize,
}

/// What a look at the store found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tick {
    pub executions_due: bool,
    pub deliveries_due: bool,
    /// When the next of either falls due.
    pub next_due: Option<Timestamp>,
    /// Executions of this node whose cancel mark another node has set.
    pub cancelled: Vec<ExecutionId>,
    /// Counts the deployments of all nodes; `None` where no other node can deploy.
    pub functions: Option<i64>,
    pub executions_released: usize,
    pub deliveries_released: usize,
    /// How soon to look again, if that is sooner than usual.
    pub again_ms: Option<i64>,
}

/// A function's definition as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub name: FunctionName,
    pub version: FunctionVersion,
    /// The definition as canonical JSON, with the folder's defaults already merged.
    pub definition: Arc<str>,
    pub origin: Origin,
    pub at: Timestamp,
}

/// Where a deployment came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A file; the function goes with it.
    File,
    /// A call; the function stays until a call takes it away.
    Api,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Api => "api",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::File, Self::Api].into_iter().find(|origin| origin.as_str() == text)
    }
}

/// One change, in the order in which its execution made it.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Submit(Submit),
    Checkpoint(Checkpoint),
    Park(Park),
    Finish(Finish),
    /// Marks an execution to be cancelled; one that nobody owns becomes claimable at once.
    Cancel {
        id: ExecutionId,
        at: Timestamp,
    },
    /// Queues an execution again that had failed or timed out. It is part of nobody's order.
    Resume(Resume),
    /// Keeps an event for an execution that has not ended; one that waits becomes claimable at once. It is part of nobody's
    /// order: its refusal says nothing about its execution.
    Event(NewEvent),
    /// Durable before the request leaves.
    /// Refused as `Paused` or `OutOfTurn`, and then nothing is open.
    DeliveryStarted {
        id: DeliveryId,
        number: u32,
        at: Timestamp,
        /// It has an order key.
        ordered: bool,
    },
    DeliveryClosed(DeliveryClosed),
    /// A pending delivery that this node held goes back without an attempt: due then, for whoever claims it.
    DeliveryReleased {
        id: DeliveryId,
        due_at: Timestamp,
    },
    Alert(NewAlert),
    /// Owes a message that no step of its execution made; one that is owed already stays as it is.
    Owe(NewDelivery),
}

impl Entry {
    /// The execution whose order this entry is part of.
    pub fn execution(&self) -> Option<ExecutionId> {
        match self {
            Self::Submit(submit) => Some(submit.birth.id),
            Self::Checkpoint(checkpoint) => Some(checkpoint.owner.id),
            Self::Park(park) => Some(park.owner.id),
            Self::Finish(finish) => Some(finish.owner.id),
            Self::Cancel { id, .. } => Some(*id),
            Self::Event(_)
            | Self::Resume(_)
            | Self::DeliveryStarted { .. }
            | Self::DeliveryClosed(_)
            | Self::DeliveryReleased { .. }
            | Self::Alert(_)
            | Self::Owe(_) => None,
        }
    }
}

/// A new execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Submit {
    pub birth: Arc<Birth>,
    pub placement: Placement,
    pub key: Option<IdempotencyKey>,
    /// What it waits for before it begins; only for one that is born queued.
    pub limits: Vec<Limit>,
}

/// Where a new execution starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// A slot is reserved: born `running`, owned by this node, epoch 1, seq 0, invisible to claims.
    Running { started_at: Timestamp, deadline_at: Timestamp },
    /// Born `queued`, unowned, claimable from then on.
    Queued { due_at: Timestamp },
}

impl Placement {
    /// From when on it is claimable, if nobody runs it at once.
    pub fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Queued { due_at } => Some(due_at),
            Self::Running { .. } => None,
        }
    }
}

/// What makes two calls one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// SHA-256 over scope, function and key.
    pub hash: [u8; 32],
    /// SHA-256 over function, body and callback settings.
    pub fingerprint: [u8; 32],
    pub expires_at: Timestamp,
    pub now: Timestamp,
}

/// Where a machine stands after a step, and what the step wrote. `owner.seq` is this entry's own sequence number.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub owner: Ownership,
    pub at: Timestamp,
    /// `None` where only the machine is to be remembered.
    pub step: Option<StepRecord>,
    pub delta: Delta,
    pub progress: Option<Value>,
    pub records: Vec<RecordWrite>,
    pub alerts: Vec<NewAlert>,
    /// The event that became the step's value; refused as `Conflict` when another step took it meanwhile.
    pub takes: Option<String>,
    /// Child executions; one that exists already is left as it is.
    pub children: Vec<Submit>,
    /// Interim messages.
    pub deliveries: Vec<NewDelivery>,
}

/// The machine's state as it is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delta {
    /// A full snapshot: everything before it is not needed to resume.
    pub full: bool,
    /// What `stack::machine` wrote; empty for an entry that changes no machine state.
    pub text: Arc<str>,
}

/// What a step did, as people read it in the history. Masked.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    pub position: String,
    pub kind: String,
    pub name: Option<String>,
    pub attempt: u32,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    /// Its value, shortened, or its failure as `{"error": …}`.
    pub result: Value,
    pub failed: bool,
}

/// An execution lays itself to sleep: a row and no memory. Refused as `InboxMoved` when something arrived meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Park {
    pub owner: Ownership,
    pub at: Timestamp,
    /// `Waiting`, or `Retrying` before another attempt, or `Queued` to be taken up by anybody at once.
    pub state: State,
    pub waiting_for: WaitingFor,
    pub wake_at: Option<Timestamp>,
    /// Wakes as soon as all executions of one of these groups are terminal.
    pub waits: Vec<Vec<ExecutionId>>,
    /// The names of the events that it waits for; those of these names that it took before may come again.
    pub listens: Vec<String>,
    pub inbox_seen: i64,
    pub attempt: u32,
    pub delta: Delta,
    pub step: Option<StepRecord>,
}

/// An execution ends: once, with the message that it owes, in one transaction. An execution with a cancel mark refuses
/// every outcome but `Cancelled` (`Refusal::CancelAsked`).
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    pub owner: Ownership,
    pub at: Timestamp,
    pub outcome: Outcome,
    pub attempt: u32,
    pub step: Option<StepRecord>,
    pub deliveries: Vec<NewDelivery>,
    /// The generation of the registered destinations that the deliveries were made for. Refused as `DestinationsMoved` if the
    /// store has another.
    pub destinations: i64,
    pub alerts: Vec<NewAlert>,
}

/// What a durable entry tells its sender.
#[derive(Debug, Clone, PartialEq)]
pub enum Receipt {
    Done,
    /// The same key and fingerprint were used before: this is the execution of then. Nothing was stored.
    Replayed(ExecutionId),
    /// The cancel mark is set. `parked` says that nobody ran it and it is claimable now.
    CancelMarked {
        parked: bool,
    },
    /// The event is kept. `woken` says that its execution slept and is claimable now.
    EventKept {
        woken: bool,
    },
    /// It had been cancelled before.
    AlreadyCancelled,
}

/// Why an entry was not stored. The rest of its batch was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The epoch or the sequence is not the store's: somebody else owns it now.
    #[error("another owner has taken this execution over")]
    LostOwnership,
    /// An earlier entry of the same execution was refused.
    #[error("an earlier entry of this execution was refused")]
    Chained,
    #[error("something arrived for this execution while it was being parked")]
    InboxMoved { inbox: i64 },
    #[error("this execution is to be cancelled")]
    CancelAsked,
    /// The registered destinations are others than the owner knew.
    #[error("the registered destinations have changed")]
    DestinationsMoved,
    #[error("there is no such execution")]
    NotFound,
    /// A delivery whose destination is paused.
    #[error("the destination is paused")]
    Paused,
    /// A delivery with an order key, and another one with it goes first.
    #[error("another message of the same order key goes first")]
    OutOfTurn,
    #[error("the execution is {} already", .0.as_str())]
    Terminal(State),
    #[error("the execution is {} and has not ended", .0.as_str())]
    NotEnded(State),
    #[error("an event of this name was posted already")]
    EventRepeated,
    #[error("this execution keeps as many events as one may")]
    EventsFull,
    /// The idempotency key was used for another call.
    #[error("this idempotency key was used for a different call")]
    KeyMismatch,
    #[error("{table} holds a record with this {key} already")]
    Duplicate { table: String, key: String },
    /// An edited or deleted row changed or vanished since it was read.
    #[error("the record {id} of {table} changed meanwhile")]
    Conflict { table: String, id: i64 },
    /// A value that the database cannot hold.
    #[error("the database refused a value: {0}")]
    Value(String),
}

/// An execution as its new owner receives it: enough to go on without reading again.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub owner: Ownership,
    pub birth: Arc<Birth>,
    pub attempt: u32,
    pub started_at: Option<Timestamp>,
    pub deadline_at: Option<Timestamp>,
    pub cancel_asked: bool,
    pub inbox: i64,
    /// Process deaths without a new checkpoint since.
    pub crashes: i32,
    /// Manual resumes; part of every effect's key.
    pub resumes: i32,
    /// The last full snapshot and what followed it, in order; empty when no step was checkpointed.
    pub deltas: Vec<Delta>,
    pub state_before: State,
}
