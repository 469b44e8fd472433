//! The deliveries that one lane holds: what is due when, and what waits behind its order key.
//! Never holds a delivery twice, and never lets two of one order key out at once.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::load::{Load, Share};
use crate::domain::delivery::Delivery;
use crate::domain::flow::{Flow, Flows};
use crate::domain::ids::DeliveryId;
use crate::domain::map::{HashMap, HashSet};
use crate::domain::timestamp::Timestamp;

/// Deliveries that one lane keeps in memory; what comes beyond goes back to the store.
const HELD_MAX: usize = 1000;
/// The same for a lane whose answers are quick: what it holds will soon be gone.
const QUICK_FACTOR: usize = 10;
/// Bytes of messages that one lane keeps in memory.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much more of both is kept for the sake of order: what went back to the store would come out of turn.
const ORDERED_FACTOR: usize = 10;

/// A delivery with what memory alone knows of it.
#[derive(Debug)]
pub struct Held {
    pub delivery: Box<Delivery>,
    /// Its open attempt is recorded as started already.
    pub started: bool,
    /// How often the store said that another of its order key goes first.
    pub passed_over: u8,
}

impl Held {
    pub fn new(delivery: Box<Delivery>, started: bool) -> Self {
        Self { delivery, started, passed_over: 0 }
    }

    /// A first attempt that no order and no flow control holds back.
    fn waits_for_its_turn(&self) -> bool {
        let callback = &self.delivery.callback;
        (self.started || self.delivery.attempts == 0) && callback.order_key.is_none() && callback.flow_control.is_none()
    }
}

/// What waits behind one order key, by age, each with when it is due.
type Line = BTreeMap<(Timestamp, DeliveryId), (Timestamp, Held)>;

#[derive(Debug, Default)]
pub struct Queue {
    /// By time, and in the order of arrival within one.
    due: BTreeMap<(Timestamp, u64), Held>,
    next: u64,
    /// For each order key that is taken, what waits behind the one that took it, the oldest message first.
    behind: HashMap<String, Line>,
    /// How many of them there are.
    in_line: usize,
    /// For each key of flow control that is full, what waits until one of it ends.
    aside: HashMap<String, VecDeque<Held>>,
    /// How many of those that are due by time are first attempts that nothing but their turn holds back.
    waiting: usize,
    /// Everything here, in flight or being recorded.
    known: HashSet<DeliveryId>,
    share: Share,
}

impl Queue {
    /// One lane's part of what all lanes hold.
    pub fn of(all: Rc<Load>) -> Self {
        Self { share: Share::of(all), ..Self::default() }
    }

    /// How many are here, less those that wait behind one of their order key.
    pub fn crowding(&self) -> usize {
        self.known.len() - self.in_line
    }

    /// How many are here, in flight or being recorded.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How many first attempts wait that nothing but their turn holds back.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether this delivery may stay in memory, beside those that are here; `quick` is a lane that soon has sent them all.
    pub fn has_room_for(&self, delivery: &Delivery, quick: bool) -> bool {
        let factor = match &delivery.callback.order_key {
            Some(_) => ORDERED_FACTOR,
            None if quick => QUICK_FACTOR,
            None => 1,
        };
        !self.share.is_crowded_out()
            && self.known.len() < HELD_MAX * factor
            && self.share.bytes() + delivery.body.len() <= HELD_BYTES_MAX * factor
    }

    /// Whether there are more than a lane should keep.
    pub fn is_over_full(&self) -> bool {
        self.share.is_crowded_out() || self.known.len() > HELD_MAX || self.share.bytes() > HELD_BYTES_MAX
    }

    /// Takes a delivery in. `false` if it is here already.
    pub fn arrive(&mut self, held: Held, due_at: Timestamp) -> bool {
        if !self.known.insert(held.delivery.id) {
            return false;
        }
        self.share.add(held.delivery.body.len());
        if let Some(key) = &held.delivery.callback.order_key {
            if let Some(waiting) = self.behind.get_mut(key) {
                waiting.insert(age(&held), (due_at, held));
                self.in_line += 1;
                return true;
            }
            self.behind.insert(key.clone(), Line::new());
        }
        self.insert(held, due_at);
        true
    }

    /// What is to be tried again, still first of its order key.
    pub fn again(&mut self, held: Held, due_at: Timestamp) {
        self.insert(held, due_at);
    }

    /// Another of its order key goes first: the oldest that is here has the next try, this one not before `due_at`.
    pub fn give_way(&mut self, held: Held, due_at: Timestamp) {
        let Some(waiting) = held.delivery.callback.order_key.as_ref().and_then(|key| self.behind.get_mut(key)) else {
            return self.insert(held, due_at);
        };
        waiting.insert(age(&held), (due_at, held));
        if let Some((_, (due_at, held))) = waiting.pop_first() {
            self.insert(held, due_at);
        }
    }

    /// Whether something may start at `now`; what its flow control holds back is put where it waits.
    pub fn is_ready(&mut self, now: Timestamp, flows: &Flows) -> bool {
        while let Some(first) = self.due.first_entry() {
            if first.key().0 > now {
                return false;
            }
            let control = first.get().delivery.callback.flow_control.as_ref();
            match flows.ask(control, now) {
                Flow::Go => return true,
                Flow::Wait { until } => {
                    let held = first.remove();
                    self.insert(held, until);
                }
                Flow::Full => {
                    let held = first.remove();
                    let key = held.delivery.callback.flow_control.as_ref().map(|control| control.key.clone());
                    self.aside.entry(key.unwrap_or_default()).or_default().push_back(held);
                }
            }
        }
        false
    }

    /// One of a key of flow control has ended: the next may try, or all if nothing of it is in flight.
    pub fn flow_ended(&mut self, key: &str, all: bool, now: Timestamp) {
        let Some(waiting) = self.aside.get_mut(key) else { return };
        let count = if all { waiting.len() } else { 1 };
        let back: Vec<Held> = waiting.drain(..count.min(waiting.len())).collect();
        if waiting.is_empty() {
            self.aside.remove(key);
        }
        back.into_iter().for_each(|held| self.insert(held, now));
    }

    /// When the next one is due.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((due_at, _), _)| *due_at)
    }

    /// Takes out the next one that is due at `now`.
    pub fn pop(&mut self, now: Timestamp) -> Option<Held> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        let held = first.remove();
        self.waiting -= usize::from(held.waits_for_its_turn());
        Some(held)
    }

    /// A delivery that was popped is over, or belongs to the store again: the next of its order key may go.
    pub fn leave(&mut self, delivery: &Delivery) {
        if !self.known.remove(&delivery.id) {
            return;
        }
        self.share.remove(delivery.body.len());
        let Some(key) = &delivery.callback.order_key else { return };
        match self.behind.get_mut(key).and_then(Line::pop_first) {
            Some((_, (due_at, held))) => {
                self.in_line -= 1;
                self.insert(held, due_at);
            }
            None => {
                self.behind.remove(key);
            }
        }
    }

    fn insert(&mut self, held: Held, due_at: Timestamp) {
        self.waiting += usize::from(held.waits_for_its_turn());
        self.due.insert((due_at, self.next), held);
        self.next += 1;
    }
}

/// The order within an order key.
fn age(held: &Held) -> (Timestamp, DeliveryId) {
    (held.delivery.created_at, held.delivery.id)
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
        Held::new(Box::new(delivery("https://a.example/", order_key)), false)
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
    fn first_attempts_that_only_wait_for_their_turn_are_counted_until_they_go() {
        use crate::domain::flow::FlowControl;
        let mut queue = Queue::default();
        let (mut started, unstarted, ordered, mut again, mut flowing) =
            (held(None), held(None), held(Some("k")), held(None), held(None));
        started.started = true;
        started.delivery.attempts = 1;
        again.delivery.attempts = 1;
        flowing.delivery.callback.flow_control =
            Some(FlowControl { key: "f".into(), parallelism: Some(1), rate: None, per_ms: 1000 });
        for one in [started, unstarted, ordered, again, flowing] {
            queue.arrive(one, Timestamp(0));
        }
        assert_eq!(queue.waiting(), 2);
        let out = queue.pop(Timestamp(0)).expect("the first");
        assert!(out.started && queue.waiting() == 1);
        queue.again(out, Timestamp(5));
        assert_eq!(queue.waiting(), 2);
        while queue.pop(Timestamp(5)).is_some() {}
        assert_eq!(queue.waiting(), 0);
    }

    #[test]
    fn a_delivery_is_never_here_twice() {
        let mut queue = Queue::default();
        let first = held(None);
        let copy = || Held::new(first.delivery.clone(), false);
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
        let (first, mut second, other) = (held(Some("k")), held(Some("k")), held(Some("other")));
        second.delivery.created_at = Timestamp(1);
        let (first_id, second_id, other_id) = (first.delivery.id, second.delivery.id, other.delivery.id);
        let first_copy = first.delivery.clone();
        for one in [first, second, other] {
            queue.arrive(one, Timestamp(0));
        }
        let out = queue.pop(Timestamp(0)).expect("the first");
        assert_eq!(out.delivery.id, first_id);
        assert_eq!(popped(&mut queue, 0), Some(other_id));
        assert_eq!(popped(&mut queue, 0), None);
        assert_eq!((queue.len(), queue.crowding()), (3, 2), "who waits in line is no crowd");
        queue.again(out, Timestamp(50));
        assert_eq!(popped(&mut queue, 40), None, "a retry keeps its place");
        assert_eq!(popped(&mut queue, 50), Some(first_id));
        queue.leave(&first_copy);
        assert_eq!(queue.crowding(), 2);
        assert_eq!(popped(&mut queue, 50), Some(second_id));
    }

    #[test]
    fn who_is_out_of_turn_lets_the_oldest_of_its_key_try() {
        let mut queue = Queue::default();
        let (mut young, old) = (held(Some("k")), held(Some("k")));
        young.delivery.created_at = Timestamp(7);
        let (young_id, old_id) = (young.delivery.id, old.delivery.id);
        queue.arrive(young, Timestamp(0));
        queue.arrive(old, Timestamp(0));
        let out = queue.pop(Timestamp(0)).expect("it came first");
        assert_eq!(out.delivery.id, young_id);
        queue.give_way(out, Timestamp(50));
        let out = queue.pop(Timestamp(0)).expect("the older one");
        assert_eq!(out.delivery.id, old_id);
        // Whoever goes first is elsewhere: it tries again later.
        queue.give_way(out, Timestamp(60));
        assert_eq!(queue.next_due_at(), Some(Timestamp(60)));
        let out = queue.pop(Timestamp(60)).expect("still the older one");
        queue.leave(&out.delivery);
        assert_eq!(popped(&mut queue, 60), Some(young_id));
    }

    #[test]
    fn flow_control_holds_back_its_own_and_nobody_else() {
        use crate::domain::flow::{FlowControl, Flows};
        let control = FlowControl { key: "f".into(), parallelism: Some(1), rate: None, per_ms: 1000 };
        let (mut queue, mut flows) = (Queue::default(), Flows::default());
        let mut ids = Vec::new();
        for _ in 0..3 {
            let mut bound = held(None);
            bound.delivery.callback.flow_control = Some(control.clone());
            ids.push(bound.delivery.id);
            queue.arrive(bound, Timestamp(0));
        }
        let free = held(None);
        let free_id = free.delivery.id;
        queue.arrive(free, Timestamp(0));
        assert!(queue.is_ready(Timestamp(0), &flows));
        assert_eq!(popped(&mut queue, 0), Some(ids[0]));
        flows.started(Some(&control), Timestamp(0));
        assert!(queue.is_ready(Timestamp(0), &flows));
        assert_eq!(popped(&mut queue, 0), Some(free_id));
        assert!(!queue.is_ready(Timestamp(0), &flows));
        let all = flows.ended(Some(&control), Timestamp(5), true);
        queue.flow_ended("f", all, Timestamp(5));
        assert!(queue.is_ready(Timestamp(5), &flows));
        assert_eq!(popped(&mut queue, 5), Some(ids[1]));
    }

    #[test]
    fn memory_is_bounded_in_number_and_bytes() {
        let mut queue = Queue::default();
        for _ in 0..HELD_MAX {
            queue.arrive(held(None), Timestamp(0));
        }
        assert!(!queue.has_room_for(&delivery("https://a.example/", None), false));
        assert!(queue.has_room_for(&delivery("https://a.example/", Some("k")), false));
        let mut queue = Queue::default();
        let mut large = held(None);
        large.delivery.body = vec![0; HELD_BYTES_MAX - 1].into();
        let copy = large.delivery.clone();
        queue.arrive(large, Timestamp(0));
        assert!(!queue.has_room_for(&delivery("https://a.example/", None), false));
        queue.pop(Timestamp(0)).expect("it is due");
        queue.leave(&copy);
        assert!(queue.has_room_for(&copy, false));
    }
}
