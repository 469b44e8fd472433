//! What all lanes of a node hold in memory together, and what one of them has of it.
//! Never lets the lanes of the dead fill the memory of all.

use std::cell::Cell;
use std::rc::Rc;

/// Deliveries that all lanes together keep in memory, and the bytes of their messages; what comes beyond goes back to the store.
const ALL_MAX: usize = 100_000;
pub const ALL_BYTES_MAX: usize = 512 * 1024 * 1024;
/// What each lane may keep however much the others have.
pub const OWN_MIN: usize = 20;

#[derive(Debug, Default)]
pub struct Load {
    count: Cell<usize>,
    bytes: Cell<usize>,
}

/// One lane's part; given back when the lane is gone.
#[derive(Debug, Default)]
pub struct Share {
    all: Rc<Load>,
    count: usize,
    bytes: usize,
}

impl Share {
    pub fn of(all: Rc<Load>) -> Self {
        Self { all, count: 0, bytes: 0 }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn add(&mut self, bytes: usize) {
        self.count += 1;
        self.bytes += bytes;
        self.all.count.set(self.all.count.get() + 1);
        self.all.bytes.set(self.all.bytes.get() + bytes);
    }

    pub fn remove(&mut self, bytes: usize) {
        self.give_back(1, bytes);
    }

    /// Whether there is no room for another, for the others have it all.
    pub fn is_crowded_out(&self) -> bool {
        self.count >= OWN_MIN && (self.all.count.get() >= ALL_MAX || self.all.bytes.get() >= ALL_BYTES_MAX)
    }

    fn give_back(&mut self, count: usize, bytes: usize) {
        self.count = self.count.saturating_sub(count);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.all.count.set(self.all.count.get().saturating_sub(count));
        self.all.bytes.set(self.all.bytes.get().saturating_sub(bytes));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.count, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lanes_together_are_bounded_and_each_keeps_a_few() {
        let all = Rc::new(Load::default());
        let (mut full, mut other) = (Share::of(Rc::clone(&all)), Share::of(Rc::clone(&all)));
        full.add(ALL_BYTES_MAX);
        let mut kept = 0;
        while !other.is_crowded_out() {
            other.add(10);
            kept += 1;
        }
        assert_eq!((kept, other.bytes()), (OWN_MIN, OWN_MIN * 10));
        full.remove(ALL_BYTES_MAX);
        assert!(!other.is_crowded_out());
        drop((full, other));
        assert_eq!((all.count.get(), all.bytes.get()), (0, 0), "a lane that is gone holds nothing");
    }
}
