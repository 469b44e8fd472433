//! The deliveries that one lane holds: what is due when, and what waits behind its order key.
//! Never holds a delivery twice, and never lets two of one order key out at once.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::domain::delivery::Delivery;
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;

/// Deliveries that one lane keeps in memory; what comes beyond goes back to the store.
const HELD_MAX: usize = 1000;
/// Bytes of messages that one lane keeps in memory.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much more of both is kept for the sake of order: what went back to the store would come out of turn.
const ORDERED_FACTOR: usize = 10;

/// A delivery with what memory alone knows of it.
#[derive(Debug)]
pub struct Held {
    pub delivery: Delivery,
    /// Its open attempt is recorded as started already.
    pub started: bool,
}

#[derive(Debug, Default)]
pub struct Queue {
    /// By time, and in the order of arrival within one.
    due: BTreeMap<(Timestamp, u64), Held>,
    next: u64,
    /// For each order key that is taken, what waits behind the one that took it.
    behind: HashMap<String, VecDeque<(Timestamp, Held)>>,
    /// Everything here, in flight or being recorded.
    known: HashSet<DeliveryId>,
    bytes: usize,
}

impl Queue {
    /// How many are here, in flight or being recorded.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether this delivery may stay in memory, beside those that are here.
    pub fn has_room_for(&self, delivery: &Delivery) -> bool {
        let factor = if delivery.callback.order_key.is_some() { ORDERED_FACTOR } else { 1 };
        self.known.len() < HELD_MAX * factor && self.bytes + delivery.body.len() <= HELD_BYTES_MAX * factor
    }

    /// Whether there are more than a lane should keep.
    pub fn is_over_full(&self) -> bool {
        self.known.len() > HELD_MAX || self.bytes > HELD_BYTES_MAX
    }

    /// Takes a delivery in. `false` if it is here already.
    pub fn arrive(&mut self, held: Held, due_at: Timestamp) -> bool {
        if !self.known.insert(held.delivery.id) {
            return false;
        }
        self.bytes += held.delivery.body.len();
        if let Some(key) = &held.delivery.callback.order_key {
            if let Some(waiting) = self.behind.get_mut(key) {
                waiting.push_back((due_at, held));
                return true;
            }
            self.behind.insert(key.clone(), VecDeque::new());
        }
        self.insert(held, due_at);
        true
    }

    /// What is to be tried again, still first of its order key.
    pub fn again(&mut self, held: Held, due_at: Timestamp) {
        self.insert(held, due_at);
    }

    /// When the next one is due.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((due_at, _), _)| *due_at)
    }

    /// Takes out the next one that is due at `now`.
    pub fn pop(&mut self, now: Timestamp) -> Option<Held> {
        let first = self.due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// A delivery that was popped is over, or belongs to the store again: the next of its order key may go.
    pub fn leave(&mut self, delivery: &Delivery) {
        if !self.known.remove(&delivery.id) {
            return;
        }
        self.bytes = self.bytes.saturating_sub(delivery.body.len());
        let Some(key) = &delivery.callback.order_key else { return };
        match self.behind.get_mut(key).and_then(VecDeque::pop_front) {
            Some((due_at, held)) => self.insert(held, due_at),
            None => {
                self.behind.remove(key);
            }
        }
    }

    fn insert(&mut self, held: Held, due_at: Timestamp) {
        self.due.insert((due_at, self.next), held);
        self.next += 1;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::callback::{CallbackSettings, EventType};
    use crate::domain::ids::ExecutionId;

    pub fn delivery(url: &str, order_key: Option<&str>) -> Delivery {
        let execution_id = ExecutionId::random(Timestamp(0));
        let mut callback = CallbackSettings::to(url);
        callback.order_key = order_key.map(str::to_owned);
        Delivery {
            id: DeliveryId::terminal(execution_id),
            execution_id,
            event: EventType::Completed,
            url: url.to_owned(),
            callback,
            body: Bytes::from_static(b"{}"),
            created_at: Timestamp(0),
            attempts: 0,
            counted: 0,
            excused: 0,
            had_unknown: false,
            thin: false,
        }
    }

    fn held(order_key: Option<&str>) -> Held {
        Held { delivery: delivery("https://a.example/", order_key), started: false }
    }

    fn popped(queue: &mut Queue, now: i64) -> Option<DeliveryId> {
        queue.pop(Timestamp(now)).map(|held| held.delivery.id)
    }

    #[test]
    fn what_is_due_first_goes_first_and_nothing_early() {
        let mut queue = Queue::default();
        let (late, early) = (held(None), held(None));
        let (late_id, early_id) = (late.delivery.id, early.delivery.id);
        queue.arrive(late, Timestamp(20));
        queue.arrive(early, Timestamp(10));
        assert_eq!(queue.next_due_at(), Some(Timestamp(10)));
        assert_eq!(popped(&mut queue, 9), None);
        assert_eq!(popped(&mut queue, 15), Some(early_id));
        assert_eq!(popped(&mut queue, 15), None);
        assert_eq!(popped(&mut queue, 20), Some(late_id));
    }

    #[test]
    fn a_delivery_is_never_here_twice() {
        let mut queue = Queue::default();
        let first = held(None);
        let copy = || Held { delivery: first.delivery.clone(), started: false };
        assert!(queue.arrive(copy(), Timestamp(0)));
        assert!(!queue.arrive(copy(), Timestamp(0)));
        queue.pop(Timestamp(0)).expect("it is due");
        assert!(!queue.arrive(copy(), Timestamp(0)), "it is in flight");
        queue.leave(&first.delivery);
        assert!(queue.is_empty() && queue.arrive(copy(), Timestamp(0)));
    }

    #[test]
    fn one_order_key_goes_one_at_a_time_in_order_of_arrival() {
        let mut queue = Queue::default();
        let (first, second, other) = (held(Some("k")), held(Some("k")), held(Some("other")));
        let (first_id, second_id, other_id) = (first.delivery.id, second.delivery.id, other.delivery.id);
        let first_copy = first.delivery.clone();
        for one in [first, second, other] {
            queue.arrive(one, Timestamp(0));
        }
        let out = queue.pop(Timestamp(0)).expect("the first");
        assert_eq!(out.delivery.id, first_id);
        assert_eq!(popped(&mut queue, 0), Some(other_id));
        assert_eq!(popped(&mut queue, 0), None);
        queue.again(out, Timestamp(50));
        assert_eq!(popped(&mut queue, 40), None, "a retry keeps its place");
        assert_eq!(popped(&mut queue, 50), Some(first_id));
        queue.leave(&first_copy);
        assert_eq!(popped(&mut queue, 50), Some(second_id));
    }

    #[test]
    fn memory_is_bounded_in_number_and_bytes() {
        let mut queue = Queue::default();
        for _ in 0..HELD_MAX {
            queue.arrive(held(None), Timestamp(0));
        }
        assert!(!queue.has_room_for(&delivery("https://a.example/", None)));
        assert!(queue.has_room_for(&delivery("https://a.example/", Some("k"))));
        let mut queue = Queue::default();
        let mut large = held(None);
        large.delivery.body = vec![0; HELD_BYTES_MAX - 1].into();
        let copy = large.delivery.clone();
        queue.arrive(large, Timestamp(0));
        assert!(!queue.has_room_for(&delivery("https://a.example/", None)));
        queue.pop(Timestamp(0)).expect("it is due");
        queue.leave(&copy);
        assert!(queue.has_room_for(&copy));
    }
}
