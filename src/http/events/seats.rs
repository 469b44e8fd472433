//! How many event streams are open on this node.
//! Never makes anybody wait: without a seat there is an answer at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The seats that are taken. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<AtomicUsize>);

/// A place for one stream, free again once it is dropped.
#[derive(Debug)]
pub struct Seat(Arc<AtomicUsize>);

impl Seats {
    pub fn take(&self, max: usize) -> Option<Seat> {
        let taken = self.0.fetch_add(1, Ordering::Relaxed);
        // A seat beyond the last is given back by being dropped.
        let seat = Seat(Arc::clone(&self.0));
        (taken < max).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_once_its_stream_is_over() {
        let seats = Seats::default();
        let (first, second) = (seats.take(2), seats.take(2));
        assert!(first.is_some() && second.is_some() && seats.take(2).is_none());
        drop(first);
        assert!(seats.take(2).is_some());
    }
}
