//! Entries of one execution that are sent together: whatever it came to until it had to wait is one commit.
//! Never holds what somebody waits for any longer than he wants.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Ask, Departure, Journal, Mail, Pending, Standing};
use crate::domain::limits::BUNDLE_ENTRIES_MAX;
use crate::store::write::Entry;

/// Entries of a short execution: its birth, a step or two, its end.
const SHORT: usize = 4;

/// Clones share what is held. Once sent, it holds what is added from then on. What it still holds when the last clone goes is
/// lost, as if the process had stopped.
#[derive(Clone)]
pub struct Bundle {
    journal: Journal,
    held: Arc<Mutex<Vec<Ask>>>,
}

impl Bundle {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, held: Arc::default() }
    }

    pub(super) fn begun_with(journal: Journal, ask: Ask) -> Self {
        let mut held = Vec::with_capacity(SHORT);
        held.push(ask);
        Self { journal, held: Arc::new(Mutex::new(held)) }
    }

    /// Holds an entry that must not be lost until the bundle is sent; a full one is sent at once.
    pub fn add(&self, entry: Entry) -> Pending {
        self.add_with(entry, None)
    }

    /// The same, for an entry with which a message leaves, if somebody has room for it then.
    pub fn add_with(&self, entry: Entry, departure: Option<Departure>) -> Pending {
        let (mut ask, pending) = Ask::new(entry, Standing::Promised);
        ask.answer.departure = departure;
        let mut held = self.held();
        held.push(ask);
        if held.len() >= BUNDLE_ENTRIES_MAX {
            self.post(held);
        }
        pending
    }

    /// Sends what is held.
    pub fn send(&self) {
        self.post(self.held());
    }

    /// Within the lock: who sends next is behind it in the queue, too.
    fn post(&self, mut held: MutexGuard<'_, Vec<Ask>>) {
        match held.len() {
            0 => {}
            1 => held.drain(..).for_each(|ask| self.journal.post(1, Mail::One(Box::new(ask)))),
            entries => self.journal.post(entries, Mail::Many(std::mem::take(&mut *held))),
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Ask>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
