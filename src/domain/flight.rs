//! What is in flight on this node, over all destinations, and who may start another.
//! Never lets slow destinations take what the quick ones need.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::delivery::Destination;
use super::parallelism::QUICK_MS;
use super::timestamp::Timestamp;

/// What a destination whose speed nobody knows may have in flight once half of all places are taken.
const UNPROVEN_MAX: usize = 2;
/// Beyond this share of all places, in percent, only destinations start that are known to be quick: however many unknown
/// ones turn out to hang, the quick have a quarter for themselves.
const UNPROVEN_PERCENT_MAX: usize = 75;

/// How many of those who wait are looked at when a place becomes free.
const LOOKED_AT_MAX: usize = 32;

/// All places, and who takes them.
#[derive(Debug)]
pub struct Flight {
    max: usize,
    total: usize,
    lanes: HashMap<Destination, Flown>,
    next: u64,
    /// Destinations that wanted a place and got none, longest waiting first, and whether they are proven.
    waiting: VecDeque<(Destination, bool)>,
}

/// What one destination has in flight, the oldest first.
#[derive(Debug, Default)]
struct Flown {
    places: BTreeSet<(Timestamp, u64)>,
    proven: bool,
}

/// A taken place; give it back with [`Flight::land`].
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    destination: Destination,
    key: (Timestamp, u64),
}

impl Flight {
    pub fn new(max: usize) -> Self {
        Self { max: max.max(1), total: 0, lanes: HashMap::new(), next: 0, waiting: VecDeque::new() }
    }

    pub fn total(&self) -> usize {
        self.total
    }

    /// Takes a place, or remembers that this destination waits for one. `proven` says that its last answer was quick.
    pub fn take(&mut self, destination: &Destination, proven: bool, now: Timestamp) -> Option<Place> {
        if !self.may_start(destination, proven, now) {
            if !self.waiting.iter().any(|(waiting, _)| waiting == destination) {
                self.waiting.push_back((destination.clone(), proven));
            }
            return None;
        }
        let key = (now, self.next);
        self.next += 1;
        self.total += 1;
        let flown = self.lanes.entry(destination.clone()).or_default();
        flown.places.insert(key);
        flown.proven = proven;
        Some(Place { destination: destination.clone(), key })
    }

    /// Gives a place back. Returns who should ask again: the longest waiting that would get one.
    pub fn land(&mut self, place: &Place, now: Timestamp) -> Option<Destination> {
        if let Some(flown) = self.lanes.get_mut(&place.destination) {
            if flown.places.remove(&place.key) {
                self.total -= 1;
            }
            if flown.places.is_empty() {
                self.lanes.remove(&place.destination);
            }
        }
        let mut first = self.waiting.iter().take(LOOKED_AT_MAX);
        let position = first.position(|(destination, proven)| self.may_start(destination, *proven, now))?;
        self.waiting.remove(position).map(|(destination, _)| destination)
    }

    /// Everybody who waits, to ask again: what is slow changes with time alone.
    pub fn drain_waiting(&mut self) -> Vec<Destination> {
        self.waiting.drain(..).map(|(destination, _)| destination).collect()
    }

    fn may_start(&self, destination: &Destination, proven: bool, now: Timestamp) -> bool {
        if self.total >= self.max {
            return false;
        }
        let own = self.lanes.get(destination);
        let half = (self.max / 2).max(1);
        if own.is_some_and(|flown| flown.is_slow(now)) {
            return self.count(|flown| flown.is_slow(now)) < half;
        }
        if self.total < half || proven {
            return true;
        }
        // Those that are not slow yet could all turn out to be: beyond half, nobody unknown takes more than a few.
        let unproven = self.count(|flown| !flown.proven || flown.is_slow(now));
        own.map_or(0, |flown| flown.places.len()) < UNPROVEN_MAX && unproven < self.max * UNPROVEN_PERCENT_MAX / 100
    }

    fn count(&self, which: impl Fn(&Flown) -> bool) -> usize {
        self.lanes.values().filter(|flown| which(flown)).map(|flown| flown.places.len()).sum()
    }
}

impl Flown {
    fn is_slow(&self, now: Timestamp) -> bool {
        self.places.first().is_some_and(|(started_at, _)| now.since_ms(*started_at) > QUICK_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(host: usize) -> Destination {
        Destination::of(&format!("https://h{host}.example/"))
    }

    fn taken(flight: &mut Flight, host: usize, wanted: usize, now: i64) -> usize {
        (0..wanted).filter(|_| flight.take(&to(host), false, Timestamp(now)).is_some()).count()
    }

    #[test]
    fn a_slow_destination_shares_half_of_the_places() {
        let mut flight = Flight::new(20);
        assert_eq!(taken(&mut flight, 1, 8, 0), 8);
        assert_eq!(taken(&mut flight, 1, 8, 1001), 2, "slow now: ten in all");
        assert!(flight.take(&to(2), true, Timestamp(1001)).is_some(), "the others are not delayed");
    }

    #[test]
    fn many_dead_destinations_leave_room_for_a_live_one() {
        let mut flight = Flight::new(256);
        let dead: usize = (0..40).map(|host| taken(&mut flight, host, 10, 0)).sum();
        assert!(dead < 256, "{dead} taken");
        assert!(flight.take(&to(99), false, Timestamp(5000)).is_some());
    }

    #[test]
    fn the_quick_keep_a_quarter_however_many_unknown_ones_hang() {
        let mut flight = Flight::new(256);
        let unknown: usize = (0..500).map(|host| taken(&mut flight, host, 2, 0)).sum();
        assert_eq!(unknown, 192);
        let quick = (0..100).filter(|_| flight.take(&to(999), true, Timestamp(5000)).is_some()).count();
        assert_eq!(quick, 64);
    }

    #[test]
    fn a_newcomer_gets_a_place_beside_the_busy_and_quick() {
        let mut flight = Flight::new(256);
        let busy = (0..250).filter(|host| flight.take(&to(host % 5), true, Timestamp(0)).is_some()).count();
        assert_eq!((busy, taken(&mut flight, 999, 9, 500)), (250, 2));
    }

    #[test]
    fn never_more_than_all_places_are_taken() {
        let mut flight = Flight::new(16);
        let proven = (0..30).filter(|host| flight.take(&to(*host), true, Timestamp(0)).is_some()).count();
        assert_eq!((proven, flight.total()), (16, 16));
    }

    #[test]
    fn who_would_get_no_place_is_passed_over() {
        let mut flight = Flight::new(4);
        assert_eq!(taken(&mut flight, 1, 2, 0), 2);
        let quick = flight.take(&to(2), true, Timestamp(1500)).expect("free");
        let _last = flight.take(&to(2), true, Timestamp(1500)).expect("free");
        assert!(flight.take(&to(1), false, Timestamp(1500)).is_none(), "slow, and it waits first");
        assert!(flight.take(&to(3), true, Timestamp(1500)).is_none());
        assert_eq!(flight.land(&quick, Timestamp(1500)), Some(to(3)));
    }

    #[test]
    fn who_waits_is_told_in_the_order_of_waiting() {
        let mut flight = Flight::new(1);
        let place = flight.take(&to(1), true, Timestamp(0)).expect("free");
        assert!(flight.take(&to(2), true, Timestamp(0)).is_none());
        assert!(flight.take(&to(3), true, Timestamp(0)).is_none());
        assert!(flight.take(&to(2), true, Timestamp(0)).is_none());
        assert_eq!(flight.land(&place, Timestamp(0)), Some(to(2)));
        assert_eq!(flight.total(), 0);
        assert_eq!(flight.drain_waiting(), vec![to(3)]);
    }
}
