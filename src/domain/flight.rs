//! What is in flight on this node, over all destinations, and who may start another.
//! Never lets slow destinations take what the quick ones need.

use std::collections::{BTreeSet, VecDeque};

use super::delivery::Destination;
use super::map::HashMap;
use super::parallelism::{QUICK_MS, Standing};
use super::timestamp::Timestamp;

/// Shares of all places, in percent. Up to the first a destination of which nothing is known takes as many as it wants, then
/// two, and from the second on one.
const UNKNOWN_FREE_PERCENT: usize = 25;
const UNKNOWN_PERCENT_MAX: usize = 75;
const UNKNOWN_EACH: usize = 2;
/// What is left beyond that for those that are known to be quick: however many unknown ones turn out to hang, the quick have
/// their part.
const UNKNOWN_FIRSTS_PERCENT_MAX: usize = 90;
/// Beyond three quarters nobody takes more than this: all of those that are quick could begin to hang at once.
const PROVEN_EACH: usize = 10;

/// How many of those who wait are looked at when a place becomes free.
const LOOKED_AT_MAX: usize = 32;

/// All places, and who takes them.
#[derive(Debug)]
pub struct Flight {
    max: usize,
    total: usize,
    lanes: HashMap<Destination, Flown>,
    next: u64,
    /// Destinations that wanted a place and got none, longest waiting first, and what is known of them.
    waiting: VecDeque<(Destination, Standing)>,
}

/// What one destination has in flight, the oldest first.
#[derive(Debug)]
struct Flown {
    places: BTreeSet<(Timestamp, u64)>,
    standing: Standing,
}

/// A taken place; give it back with [`Flight::land`].
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    destination: Destination,
    key: (Timestamp, u64),
}

impl Flight {
    pub fn new(max: usize) -> Self {
        Self { max: max.max(1), total: 0, lanes: HashMap::default(), next: 0, waiting: VecDeque::new() }
    }

    pub fn total(&self) -> usize {
        self.total
    }

    /// Takes a place, or remembers that this destination waits for one.
    pub fn take(&mut self, destination: &Destination, standing: Standing, now: Timestamp) -> Option<Place> {
        if !self.may_start(destination, standing, now) {
            if !self.waiting.iter().any(|(waiting, _)| waiting == destination) {
                self.waiting.push_back((destination.clone(), standing));
            }
            return None;
        }
        let key = (now, self.next);
        self.next += 1;
        self.total += 1;
        let flown = self.lanes.entry(destination.clone()).or_insert_with(|| Flown { places: BTreeSet::new(), standing });
        flown.places.insert(key);
        flown.standing = standing;
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
        let position = first.position(|(destination, standing)| self.may_start(destination, *standing, now))?;
        self.waiting.remove(position).map(|(destination, _)| destination)
    }

    /// Everybody who waits, to ask again: what is slow changes with time alone.
    pub fn drain_waiting(&mut self) -> Vec<Destination> {
        self.waiting.drain(..).map(|(destination, _)| destination).collect()
    }

    /// Whether one of its attempts has been under way for longer than a quick answer takes.
    pub fn is_slow(&self, destination: &Destination, now: Timestamp) -> bool {
        self.lanes.get(destination).is_some_and(|flown| flown.is_slow(now))
    }

    fn may_start(&self, destination: &Destination, standing: Standing, now: Timestamp) -> bool {
        if self.total >= self.max {
            return false;
        }
        let own = self.lanes.get(destination);
        let taken = own.map_or(0, |flown| flown.places.len());
        if standing == Standing::Suspect || own.is_some_and(|flown| flown.is_slow(now)) {
            // Together they share half, and leave the part of those that are not known to be slow.
            let suspects = self.count(|flown| flown.standing == Standing::Suspect || flown.is_slow(now));
            return suspects < self.share(50) && self.total < self.share(UNKNOWN_PERCENT_MAX).max(1);
        }
        if self.total < self.share(UNKNOWN_FREE_PERCENT) {
            return true;
        }
        let many = self.total >= self.share(UNKNOWN_PERCENT_MAX);
        if standing == Standing::Proven {
            return !many || taken < PROVEN_EACH;
        }
        // Those that are not slow yet could all turn out to be.
        let unproven = self.count(|flown| flown.standing != Standing::Proven || flown.is_slow(now));
        match unproven >= self.share(UNKNOWN_PERCENT_MAX) {
            false => taken < UNKNOWN_EACH,
            true => taken == 0 && unproven < self.share(UNKNOWN_FIRSTS_PERCENT_MAX),
        }
    }

    fn share(&self, percent: usize) -> usize {
        (self.max * percent).div_ceil(100)
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

    fn taken(flight: &mut Flight, host: usize, standing: Standing, wanted: usize, now: i64) -> usize {
        (0..wanted).filter(|_| flight.take(&to(host), standing, Timestamp(now)).is_some()).count()
    }

    #[test]
    fn who_keeps_one_waiting_is_slow_until_it_has_landed() {
        let mut flight = Flight::new(10);
        let place = flight.take(&to(0), Standing::Proven, Timestamp(0)).expect("there is room");
        assert!(!flight.is_slow(&to(0), Timestamp(QUICK_MS)) && flight.is_slow(&to(0), Timestamp(QUICK_MS + 1)));
        assert!(!flight.is_slow(&to(1), Timestamp(QUICK_MS + 1)));
        flight.land(&place, Timestamp(QUICK_MS + 1));
        assert!(!flight.is_slow(&to(0), Timestamp(QUICK_MS + 2)));
    }

    #[test]
    fn a_slow_destination_shares_half_of_the_places() {
        let mut flight = Flight::new(20);
        assert_eq!(taken(&mut flight, 1, Standing::Proven, 8, 0), 8);
        assert_eq!(taken(&mut flight, 1, Standing::Proven, 8, 1001), 2, "slow now: ten in all");
        assert!(flight.take(&to(2), Standing::Proven, Timestamp(1001)).is_some(), "the others are not delayed");
    }

    #[test]
    fn those_that_were_slow_share_half_from_the_start() {
        let mut flight = Flight::new(256);
        let suspects: usize = (0..100).map(|host| taken(&mut flight, host, Standing::Suspect, 10, 0)).sum();
        assert_eq!(suspects, 128);
        assert_eq!(taken(&mut flight, 998, Standing::Unknown, 10, 0), 2);
        assert_eq!(taken(&mut flight, 999, Standing::Proven, 64, 0), 62, "up to three quarters of all");
    }

    #[test]
    fn many_dead_destinations_leave_room_for_a_live_one_that_nobody_knows() {
        for dead in [6, 50, 90, 100] {
            let mut flight = Flight::new(256);
            let places: usize = (0..dead).map(|host| taken(&mut flight, host, Standing::Unknown, 10, 0)).sum();
            assert!(places < 256, "{places} taken by {dead}");
            assert!(flight.take(&to(999), Standing::Unknown, Timestamp(5000)).is_some(), "beside {dead}");
        }
    }

    #[test]
    fn the_quick_keep_their_part_however_many_unknown_ones_hang() {
        let mut flight = Flight::new(256);
        let unknown: usize = (0..500).map(|host| taken(&mut flight, host, Standing::Unknown, 10, 0)).sum();
        assert_eq!(unknown, 231);
        let quick: usize = (900..999).map(|host| taken(&mut flight, host, Standing::Proven, 5, 5000)).sum();
        assert_eq!(quick, 25);
    }

    #[test]
    fn quick_ones_that_begin_to_hang_leave_room_for_others() {
        let mut flight = Flight::new(256);
        let hanging: usize = (0..5).map(|host| taken(&mut flight, host, Standing::Proven, 64, 0)).sum();
        assert!(hanging < 256, "{hanging}");
        assert!(flight.take(&to(999), Standing::Proven, Timestamp(5000)).is_some());
    }

    #[test]
    fn a_newcomer_gets_a_place_beside_the_busy_and_quick() {
        let mut flight = Flight::new(256);
        let busy = (0..250).filter(|host| flight.take(&to(host % 25), Standing::Proven, Timestamp(0)).is_some()).count();
        assert_eq!((busy, taken(&mut flight, 999, Standing::Unknown, 9, 500)), (250, 2));
    }

    #[test]
    fn never_more_than_all_places_are_taken() {
        let mut flight = Flight::new(16);
        let proven = (0..30).filter(|host| flight.take(&to(*host), Standing::Proven, Timestamp(0)).is_some()).count();
        assert_eq!((proven, flight.total()), (16, 16));
    }

    #[test]
    fn who_would_get_no_place_is_passed_over() {
        let mut flight = Flight::new(4);
        assert_eq!(taken(&mut flight, 1, Standing::Proven, 2, 0), 2);
        let quick = flight.take(&to(2), Standing::Proven, Timestamp(1500)).expect("free");
        let _last = flight.take(&to(2), Standing::Proven, Timestamp(1500)).expect("free");
        assert!(flight.take(&to(1), Standing::Proven, Timestamp(1500)).is_none(), "slow, and it waits first");
        assert!(flight.take(&to(3), Standing::Proven, Timestamp(1500)).is_none());
        assert_eq!(flight.land(&quick, Timestamp(1500)), Some(to(3)));
    }

    #[test]
    fn who_waits_is_told_in_the_order_of_waiting() {
        let mut flight = Flight::new(1);
        let place = flight.take(&to(1), Standing::Proven, Timestamp(0)).expect("free");
        assert!(flight.take(&to(2), Standing::Proven, Timestamp(0)).is_none());
        assert!(flight.take(&to(3), Standing::Proven, Timestamp(0)).is_none());
        assert!(flight.take(&to(2), Standing::Proven, Timestamp(0)).is_none());
        assert_eq!(flight.land(&place, Timestamp(0)), Some(to(2)));
        assert_eq!(flight.total(), 0);
        assert_eq!(flight.drain_waiting(), vec![to(3)]);
    }
}
