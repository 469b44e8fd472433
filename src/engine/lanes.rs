//! Destinations: what this node's lanes do, what the store knows of all, pausing and resuming.
//! Never drops what a paused destination is owed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::Engine;
use crate::domain::delivery::Destination;
use crate::domain::lane::{LaneFigures, LaneId, OwedLane};
use crate::domain::map::HashMap;
use crate::store::StoreError;

/// The lanes of this node, for whoever wants to see them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    gauges: Arc<Mutex<HashMap<Destination, Arc<Gauge>>>>,
    /// How many lanes are behind.
    behind: Arc<AtomicUsize>,
}

/// Where one lane shows what it does.
#[derive(Debug, Default)]
pub struct Gauge {
    shown: Mutex<Shown>,
    /// Told when it is no longer behind.
    caught_up: Notify,
    all_behind: Arc<AtomicUsize>,
}

/// Nobody waits longer than this for a lane to catch up.
const CATCH_UP_MAX: Duration = Duration::from_millis(250);

#[derive(Debug, Default, Clone, Copy)]
struct Shown {
    figures: LaneFigures,
    behind: bool,
    /// Something of it was left in the store because it had enough to do.
    passed_over: bool,
}

impl Gauge {
    fn beside(all_behind: &Arc<AtomicUsize>) -> Self {
        Self { shown: Mutex::default(), caught_up: Notify::default(), all_behind: Arc::clone(all_behind) }
    }

    /// Shows how it stands; true if it has room again for what was left in the store.
    pub fn set(&self, figures: LaneFigures) -> bool {
        let mut shown = self.shown();
        shown.figures = figures;
        let is_behind = figures.is_behind(shown.behind);
        if is_behind != shown.behind {
            shown.behind = is_behind;
            self.turned(is_behind);
        }
        let has_room = shown.passed_over && figures.crowding <= figures.crowding_max() / 2;
        shown.passed_over &= !has_room;
        has_room
    }

    fn turned(&self, is_behind: bool) {
        if is_behind {
            self.all_behind.fetch_add(1, Ordering::Relaxed);
        } else {
            self.all_behind.fetch_sub(1, Ordering::Relaxed);
            self.caught_up.notify_waiters();
        }
    }

    async fn let_catch_up(&self) {
        let caught_up = self.caught_up.notified();
        if self.shown().behind {
            // Late or not, who has waited goes on.
            let _ = timeout(CATCH_UP_MAX, caught_up).await;
        }
    }

    pub fn get(&self) -> LaneFigures {
        self.shown().figures
    }

    /// Something goes to the store that should come back as soon as there is room.
    pub fn pass_over(&self) {
        self.shown().passed_over = true;
    }

    fn is_crowded(&self) -> bool {
        let mut shown = self.shown();
        let is_crowded = shown.figures.crowding >= shown.figures.crowding_max();
        shown.passed_over |= is_crowded;
        is_crowded
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        if self.shown().behind {
            self.turned(false);
        }
    }
}

impl Lanes {
    /// A lane begins, or begins anew.
    pub fn enter(&self, destination: &Destination) -> Arc<Gauge> {
        let gauge = Arc::new(Gauge::beside(&self.behind));
        self.map().insert(destination.clone(), Arc::clone(&gauge));
        gauge
    }

    /// A lane is gone; one that has begun anew meanwhile stays.
    pub fn leave(&self, destination: &Destination, gauge: &Arc<Gauge>) {
        let mut gauges = self.map();
        if gauges.get(destination).is_some_and(|current| Arc::ptr_eq(current, gauge)) {
            gauges.remove(destination);
        }
    }

    pub fn figures(&self, destination: &Destination) -> Option<LaneFigures> {
        self.map().get(destination).map(|gauge| gauge.get())
    }

    pub fn all(&self) -> Vec<(Destination, LaneFigures)> {
        self.map().iter().map(|(destination, gauge)| (destination.clone(), gauge.get())).collect()
    }

    /// Destinations of which nothing more is taken up until their lanes say that they have room.
    pub fn crowded(&self) -> Vec<Destination> {
        self.map().iter().filter(|(_, gauge)| gauge.is_crowded()).map(|(destination, _)| destination.clone()).collect()
    }

    /// Waits a moment if more is accepted than can be sent to where this URL leads: what waits at the courier costs more than
    /// what waits at its caller, and would go through the store a second time.
    pub async fn let_catch_up(&self, url: &str) {
        if self.behind.load(Ordering::Relaxed) == 0 {
            return;
        }
        let gauge = self.map().get(&Destination::of(url)).cloned();
        if let Some(gauge) = gauge {
            gauge.let_catch_up().await;
        }
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<Destination, Arc<Gauge>>> {
        self.gauges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A destination as it is managed.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneView {
    pub id: LaneId,
    pub lane: OwedLane,
    /// What this node's lane does, if it has one.
    pub here: Option<LaneFigures>,
}

#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    #[error("there is no destination with the id \"{0}\"; GET /v1/destinations lists them")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every destination that is owed something, is paused, or was sent to lately by this node.
///
/// # Errors
/// The store's.
pub async fn list(engine: &Engine) -> Result<Vec<LaneView>, StoreError> {
    let mut lanes: BTreeMap<Destination, LaneView> = BTreeMap::new();
    for lane in engine.read.owed_lanes().await? {
        let view = LaneView { id: LaneId::of(&lane.destination), here: None, lane };
        lanes.insert(view.lane.destination.clone(), view);
    }
    for (destination, figures) in engine.lanes.all() {
        let idle = || OwedLane { destination: destination.clone(), owed: 0, in_flight: 0, paused_at: None };
        let view = lanes.entry(destination.clone()).or_insert_with(|| LaneView {
            id: LaneId::of(&destination),
            lane: idle(),
            here: None,
        });
        view.here = Some(figures);
    }
    Ok(lanes.into_values().collect())
}

/// No node starts another attempt at a destination; what is in flight may end.
///
/// # Errors
/// There is no such destination, or the store's.
pub async fn pause(engine: &Engine, id: &str) -> Result<LaneView, LaneError> {
    let destination = find(engine, id).await?.lane.destination;
    engine.write.pause_lane(&destination, engine.clock.now()).await?;
    tracing::info!(destination = %destination, "a destination is paused");
    find(engine, id).await
}

/// What was held goes on.
///
/// # Errors
/// There is no such destination, or the store's.
pub async fn resume(engine: &Engine, id: &str) -> Result<LaneView, LaneError> {
    let mut view = find(engine, id).await?;
    engine.write.resume_lane(&view.lane.destination, engine.clock.now()).await?;
    tracing::info!(destination = %view.lane.destination, "a destination is resumed");
    engine.wakes.now();
    view.lane.paused_at = None;
    Ok(view)
}

async fn find(engine: &Engine, id: &str) -> Result<LaneView, LaneError> {
    let found = list(engine).await?.into_iter().find(|view| view.id.as_str() == id);
    found.ok_or_else(|| LaneError::Unknown(id.chars().take(100).collect()))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::domain::lane::BreakerFigures;

    fn figures(crowding: usize, state: &'static str) -> LaneFigures {
        LaneFigures { crowding, breaker: BreakerFigures { state, until: None }, ..LaneFigures::default() }
    }

    #[test]
    fn a_crowded_lane_is_passed_over_and_says_once_that_it_has_room_again() {
        let lanes = Lanes::default();
        let (dead, well) = (Destination::of("https://dead.example/"), Destination::of("https://well.example/"));
        let (of_dead, of_well) = (lanes.enter(&dead), lanes.enter(&well));
        of_dead.set(figures(10, "open"));
        of_well.set(figures(99, "closed"));
        assert_eq!(lanes.crowded(), [dead], "a few are enough while the breaker is open");
        assert!(!of_dead.set(figures(6, "open")) && of_dead.set(figures(5, "open")) && !of_dead.set(figures(4, "open")));
        assert!(!of_well.set(figures(0, "closed")), "nothing of it was passed over");
        of_well.set(figures(100, "closed"));
        assert_eq!(lanes.crowded(), [well]);
    }

    #[tokio::test]
    async fn who_calls_for_a_lane_that_is_behind_waits_until_it_has_caught_up_and_not_for_long() {
        let lanes = Lanes::default();
        let (busy, other) = (lanes.enter(&Destination::of("https://busy.example/")), Destination::of("https://other.example/"));
        lanes.enter(&other).set(LaneFigures { proven: true, ..LaneFigures::default() });
        let waiting = |waiting| LaneFigures { waiting, proven: true, ..LaneFigures::default() };
        let at_once = |url: &str| lanes.let_catch_up(url).now_or_never().is_some();
        assert!(at_once("https://busy.example/1"));
        busy.set(waiting(100_000));
        assert!(!at_once("https://busy.example/1"));
        assert!(at_once("https://other.example/1") && at_once("https://new.example/1"), "their own destination is well");
        let mut caller = pin!(lanes.let_catch_up("https://busy.example/1"));
        assert!(caller.as_mut().now_or_never().is_none());
        busy.set(waiting(0));
        assert!(caller.now_or_never().is_some() && at_once("https://busy.example/1"));
        busy.set(waiting(100_000));
        lanes.let_catch_up("https://busy.example/1").await;
        assert!(!at_once("https://busy.example/1"), "he did not wait until it had caught up");
        let busy_destination = Destination::of("https://busy.example/");
        let anew = lanes.enter(&busy_destination);
        lanes.leave(&busy_destination, &busy);
        drop(busy);
        assert!(lanes.figures(&busy_destination).is_some(), "the one that began anew stays");
        lanes.leave(&busy_destination, &anew);
        assert!(lanes.figures(&busy_destination).is_none());
        assert_eq!(lanes.behind.load(Ordering::Relaxed), 0, "a lane that is gone is not behind");
    }
}
