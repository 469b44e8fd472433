//! What a lane needs to make deliveries happen, as a seam: the engine in production, a script in tests.
//! Never holds a delivery.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Attempted, attempt, panicked};
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::journal::JournalError;
use crate::engine::lanes::Gauge;
use crate::engine::metrics::Metrics;
use crate::store::write::Entry;

/// Tells the time, makes attempts and makes things durable.
pub trait Outlet: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Once this returns `Ok`, the entry is durable.
    fn record(&self, entry: Entry) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Makes one attempt, which was recorded as started.
    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Attempted>;

    /// What is to be recorded about an attempt that a bug of ours ended.
    fn panicked(&self, delivery: &Delivery, message: &str) -> Attempted;

    /// Where the lane of a destination shows what it does.
    fn gauge(&self, destination: &Destination) -> Arc<Gauge>;

    /// A lane is over.
    fn left(&self, destination: &Destination, gauge: &Arc<Gauge>);

    /// The turn of an order key is free, and its next message may be in the store.
    fn turn_is_free(&self);

    /// A lane has room again for what it left in the store.
    fn has_room(&self) {}

    /// So many lanes are there now.
    fn lanes(&self, _count: usize) {}

    /// A destination gets nothing for a while.
    fn breaker_opened(&self, destination: &Destination, detail: &str);

    /// A destination is well again, or nobody remembers what was wrong with it.
    fn breaker_closed(&self, destination: &Destination);
}

/// The engine.
pub struct EngineOutlet {
    pub engine: Engine,
}

impl Outlet for EngineOutlet {
    fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }

    fn record(&self, entry: Entry) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move { self.engine.journal.record(entry).await.map(|_| ()) })
    }

    fn attempt<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Attempted> {
        Box::pin(async move {
            let _under_way = UnderWay::begin(self.engine.metrics());
            attempt(&self.engine, delivery).await
        })
    }

    fn panicked(&self, delivery: &Delivery, message: &str) -> Attempted {
        panicked(&self.engine, delivery, message)
    }

    fn gauge(&self, destination: &Destination) -> Arc<Gauge> {
        self.engine.lanes.enter(destination)
    }

    fn left(&self, destination: &Destination, gauge: &Arc<Gauge>) {
        self.engine.lanes.leave(destination, gauge);
    }

    fn turn_is_free(&self) {
        self.engine.wakes.now();
    }

    fn has_room(&self) {
        self.engine.wakes.now();
    }

    fn lanes(&self, count: usize) {
        self.engine.metrics().lanes(count);
    }

    fn breaker_opened(&self, destination: &Destination, detail: &str) {
        self.engine.breakers.opened(destination, detail, self.engine.clock.now());
    }

    fn breaker_closed(&self, destination: &Destination) {
        if self.engine.breakers.closed(destination) {
            self.engine.journal.sound_alarm();
        }
    }
}

/// Counts an attempt for as long as it is under way, however it ends.
struct UnderWay<'a>(&'a Metrics);

impl<'a> UnderWay<'a> {
    fn begin(metrics: &'a Metrics) -> Self {
        metrics.attempt_began();
        Self(metrics)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.attempt_ended();
    }
}
