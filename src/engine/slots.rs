//! Slots: how many executions may run here at once, how much they may hold together, and whether others are waiting.
//! Never lets a new call overtake the queue while a backlog is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::memory::{Held, Memory};

/// The slots of this node. Cheap to clone.
#[derive(Clone)]
pub struct Slots(Arc<Inner>);

struct Inner {
    all: usize,
    taken: AtomicUsize,
    /// While it is full nothing more begins.
    memory: Memory,
    backlog: AtomicBool,
    queued: AtomicUsize,
    freed: Arc<Notify>,
}

/// A reserved slot; dropping it frees it.
pub struct Slot(Slots);

impl Slots {
    pub fn of(all: usize) -> Self {
        Self::with(all, usize::MAX)
    }

    fn with(all: usize, memory_bytes_max: usize) -> Self {
        let freed = Arc::new(Notify::new());
        Self(Arc::new(Inner {
            all,
            taken: AtomicUsize::new(0),
            memory: Memory::new(memory_bytes_max, Arc::clone(&freed)),
            backlog: AtomicBool::new(false),
            queued: AtomicUsize::new(0),
            freed,
        }))
    }

    /// The same slots, of which none is given while those that run hold so many bytes.
    #[must_use]
    pub fn bounded_by(self, memory_bytes_max: usize) -> Self {
        Self::with(self.0.all, memory_bytes_max)
    }

    /// What one that runs holds, and how much it may: nothing yet.
    pub fn held(&self, bytes_max: u64) -> Held {
        self.0.memory.held(usize::try_from(bytes_max).unwrap_or(usize::MAX))
    }

    /// A slot for a new call: none while others wait in the queue.
    pub fn reserve(&self) -> Option<Slot> {
        if self.0.backlog.load(Ordering::Relaxed) {
            return None;
        }
        self.take()
    }

    /// Up to `limit` slots for what waits in the queue.
    pub fn take_up_to(&self, limit: usize) -> Vec<Slot> {
        (0..limit).map_while(|_| self.take()).collect()
    }

    pub fn running(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    pub fn all(&self) -> usize {
        self.0.all
    }

    /// Says whether the last look at the queue left something behind.
    pub fn set_backlog(&self, backlog: bool) {
        self.0.backlog.store(backlog, Ordering::Relaxed);
    }

    pub fn has_backlog(&self) -> bool {
        self.0.backlog.load(Ordering::Relaxed)
    }

    /// About how many executions wait in the queue because of this node.
    pub fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Relaxed)
    }

    pub fn note_queued(&self) {
        self.0.queued.fetch_add(1, Ordering::Relaxed);
    }

    /// What the store says.
    pub fn set_queued(&self, queued: usize) {
        self.0.queued.store(queued, Ordering::Relaxed);
    }

    pub fn note_claimed(&self, count: usize) {
        // The queue also holds what other processes put there, so the count never goes below zero.
        let less = |queued: usize| Some(queued.saturating_sub(count));
        let _ = self.0.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Waits until a slot is freed while a backlog is known.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }

    fn take(&self) -> Option<Slot> {
        let memory_full = self.0.memory.is_full();
        let take = |taken: usize| (taken < self.0.all && !memory_full).then_some(taken + 1);
        let taken = self.0.taken.fetch_update(Ordering::AcqRel, Ordering::Relaxed, take);
        if taken.is_err() {
            self.set_backlog(true);
        }
        taken.is_ok().then(|| Slot(self.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.0.taken.fetch_sub(1, Ordering::AcqRel);
        if self.0.has_backlog() {
            self.0.0.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_call_gets_no_slot_while_others_wait() {
        let slots = Slots::of(2);
        let first = slots.reserve();
        assert!(first.is_some() && slots.reserve().is_some_and(|slot| size_of_val(&slot) > 0));
        slots.set_backlog(true);
        assert!(slots.reserve().is_none());
        assert_eq!(slots.take_up_to(5).len(), 1);
    }

    #[test]
    fn nothing_begins_while_those_that_run_hold_too_much() {
        let slots = Slots::of(10).bounded_by(100);
        let (one, other) = (slots.held(1000), slots.held(1000));
        one.set(60);
        assert!(slots.take_up_to(1).len() == 1 && slots.reserve().is_some());
        other.set(40);
        assert!(slots.reserve().is_none() && slots.take_up_to(1).is_empty() && slots.has_backlog());
        one.set(10);
        assert_eq!(slots.take_up_to(1).len(), 1);
        other.set(90);
        assert!(slots.take_up_to(1).is_empty());
        drop(other);
        assert_eq!(slots.take_up_to(1).len(), 1);
    }

    #[test]
    fn a_full_node_knows_of_its_backlog() {
        let slots = Slots::of(1);
        let held = slots.reserve();
        assert!(slots.reserve().is_none() && slots.has_backlog());
        drop(held);
        assert_eq!(slots.running(), 0);
    }
}
