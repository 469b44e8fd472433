//! The executions that run on this node, and how to reach them.
//! Never holds what the store does not: losing it loses nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::Shared;
use tokio::sync::{Notify, mpsc, watch};

use super::journal::{Bundle, Pending};
use super::slots::Slot;
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashMap;
use crate::domain::value::Value;
use crate::store::write::Claimed;

/// Who runs here. Cheap to clone.
#[derive(Clone, Default)]
pub struct Live(Arc<Mutex<HashMap<ExecutionId, Ears>>>);

/// How a running execution is reached.
struct Ears {
    signal: watch::Sender<Signal>,
    nudge: Arc<Notify>,
}

/// What a running execution listens with.
pub struct Hearing {
    pub signal: watch::Receiver<Signal>,
    /// Something that it waits for may have come.
    pub nudge: Arc<Notify>,
}

/// What a running execution is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signal {
    #[default]
    None,
    /// Its cancel mark is set.
    Cancel,
    /// The node stops: lay down what can be laid down.
    Stop,
}

impl Live {
    /// Registers an execution; it hears its signals until [`Live::leave`].
    pub fn enter(&self, id: ExecutionId) -> Hearing {
        let (signal, receiver) = watch::channel(Signal::None);
        let nudge = Arc::new(Notify::new());
        self.map().insert(id, Ears { signal, nudge: Arc::clone(&nudge) });
        Hearing { signal: receiver, nudge }
    }

    pub fn leave(&self, id: ExecutionId) {
        self.map().remove(&id);
    }

    /// Whether it runs here and was told.
    pub fn tell(&self, id: ExecutionId, signal: Signal) -> bool {
        self.map().get(&id).is_some_and(|ears| ears.signal.send(signal).is_ok())
    }

    /// Lets an execution that runs here look at what it waits for.
    pub fn nudge(&self, id: ExecutionId) {
        if let Some(ears) = self.map().get(&id) {
            ears.nudge.notify_one();
        }
    }

    pub fn tell_all(&self, signal: Signal) {
        for ears in self.map().values() {
            // An execution that has just ended no longer listens, and need not.
            let _ = ears.signal.send(signal);
        }
    }

    pub fn contains(&self, id: ExecutionId) -> bool {
        self.map().contains_key(&id)
    }

    pub fn count(&self) -> usize {
        self.map().len()
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<ExecutionId, Ears>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An execution that this node owns and has a slot for.
pub struct Launch {
    pub claimed: Claimed,
    pub slot: Slot,
    /// Of one that was accepted a moment ago.
    pub given: Option<Given>,
    /// Of one that is not durable yet.
    pub newborn: Option<Newborn>,
}

/// An execution that runs ahead of its own acceptance: as far as nobody else could tell, and until it has to wait.
#[derive(Clone)]
pub struct Newborn {
    /// Holds its birth, and what it has come to since.
    pub bundle: Bundle,
    /// Whether it was accepted.
    pub receipt: Shared<Pending>,
}

/// What an execution was called with, as it still is in memory: the same as what is stored of it.
pub struct Given {
    pub input: Value,
    /// Null when it was not started over HTTP.
    pub request: Value,
}

/// Where owned executions are handed to those who run them, in turn. Cheap to clone.
#[derive(Clone)]
pub struct Launches {
    runners: Arc<[mpsc::UnboundedSender<Launch>]>,
    turn: Arc<AtomicUsize>,
}

/// A way to hand executions over, and its other ends, one for each runner.
pub fn launches(runners: usize) -> (Launches, Vec<mpsc::UnboundedReceiver<Launch>>) {
    let (runners, ends): (Vec<_>, Vec<_>) = (0..runners.max(1)).map(|_| mpsc::unbounded_channel()).unzip();
    (Launches { runners: runners.into(), turn: Arc::default() }, ends)
}

impl Launches {
    /// Hands an execution over. If nobody runs any more the process is stopping, and the next start takes it up.
    pub fn send(&self, launch: Launch) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.runners.len();
        drop(self.runners[turn].send(launch));
    }
}
