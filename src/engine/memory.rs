//! The memory that executions hold, counted: values, bodies on their way and heaps of programs, of each and of all here.
//! Never frees anything: whoever lets go of it says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::outbound::Room;

/// What all executions of this node hold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bytes_max: usize,
    bytes: AtomicUsize,
    /// Told when there is room again.
    freed: Arc<Notify>,
}

/// What one execution holds; dropping it gives that back.
pub struct Held(Arc<Account>);

#[derive(Debug)]
struct Account {
    memory: Memory,
    bytes_max: usize,
    values: AtomicUsize,
    /// Beside its values: bodies on their way, programs.
    lent: AtomicUsize,
}

/// A part that something under way holds of what its execution may; dropping it gives that back.
#[derive(Debug)]
pub struct Loan {
    account: Arc<Account>,
    bytes: AtomicUsize,
}

impl Memory {
    pub fn new(bytes_max: usize, freed: Arc<Notify>) -> Self {
        Self(Arc::new(Inner { bytes_max, bytes: AtomicUsize::new(0), freed }))
    }

    /// Whether nothing more should begin.
    pub fn is_full(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) >= self.0.bytes_max
    }

    /// What an execution holds that may hold so many bytes: nothing yet.
    pub fn held(&self, bytes_max: usize) -> Held {
        let account = Account { memory: self.clone(), bytes_max, values: AtomicUsize::new(0), lent: AtomicUsize::new(0) };
        Held(Arc::new(account))
    }

    fn change(&self, before: usize, now: usize) {
        let Inner { bytes_max, bytes, freed } = &*self.0;
        if now >= before {
            bytes.fetch_add(now - before, Ordering::Relaxed);
            return;
        }
        let all = bytes.fetch_sub(before - now, Ordering::Relaxed);
        if all >= *bytes_max && all - (before - now) < *bytes_max {
            freed.notify_one();
        }
    }
}

impl Held {
    /// Notes what its values hold.
    pub fn set(&self, bytes: usize) {
        let before = self.0.values.swap(bytes, Ordering::Relaxed);
        self.0.memory.change(before, bytes);
    }

    /// What it may still take.
    pub fn left(&self) -> usize {
        self.0.left()
    }

    pub fn lend(&self) -> Arc<Loan> {
        Arc::new(Loan { account: Arc::clone(&self.0), bytes: AtomicUsize::new(0) })
    }
}

impl Account {
    fn left(&self) -> usize {
        let (values, lent) = (self.values.load(Ordering::Relaxed), self.lent.load(Ordering::Relaxed));
        self.bytes_max.saturating_sub(values).saturating_sub(lent)
    }
}

impl Loan {
    /// What its execution may still take.
    pub fn left(&self) -> usize {
        self.account.left()
    }

    /// Notes what it holds, within its execution's bound or not.
    pub fn set(&self, bytes: usize) {
        let before = self.bytes.swap(bytes, Ordering::Relaxed);
        if bytes >= before {
            self.account.lent.fetch_add(bytes - before, Ordering::Relaxed);
        } else {
            self.account.lent.fetch_sub(before - bytes, Ordering::Relaxed);
        }
        self.account.memory.change(before, bytes);
    }

    /// Gives back a part of it.
    pub fn give_back(&self, bytes: usize) {
        self.set(self.bytes.load(Ordering::Relaxed).saturating_sub(bytes));
    }
}

impl Room for Loan {
    fn take(&self, bytes: usize) -> bool {
        let fits = bytes <= self.left();
        if fits {
            self.set(self.bytes.load(Ordering::Relaxed) + bytes);
        }
        fits
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_counts_for_its_execution_and_for_the_node() {
        let memory = Memory::new(100, Arc::default());
        let (one, other) = (memory.held(80), memory.held(80));
        one.set(30);
        let (first, second) = (one.lend(), one.lend());
        assert!(first.take(40) && !second.take(11) && second.take(10));
        assert_eq!((one.left(), other.left(), memory.is_full()), (0, 80, false));
        other.set(20);
        assert!(memory.is_full(), "both together");
        first.give_back(15);
        assert_eq!((second.left(), memory.is_full()), (15, false));
        drop((first, second));
        assert_eq!(one.left(), 50);
    }

    #[tokio::test]
    async fn whoever_waits_for_room_is_told_once_there_is_some() {
        let freed = Arc::new(Notify::new());
        let memory = Memory::new(100, Arc::clone(&freed));
        let held = memory.held(usize::MAX);
        held.set(200);
        held.set(150);
        assert!(memory.is_full());
        drop(held);
        assert!(!memory.is_full());
        tokio::time::timeout(std::time::Duration::from_secs(5), freed.notified()).await.unwrap();
    }
}
