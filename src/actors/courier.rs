//! Routes deliveries to the lanes of their destinations.
//! Never sends anything itself, and never holds a delivery.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, ResponseFuture, StreamHandler};
use futures_util::future::join_all;
use futures_util::stream::poll_fn;

use super::lane::{Accept, Drain, GetLaneState, Lane, LaneState, Load, Pump, Queue, Retire};
use crate::config::CallbacksConfig;
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::flight::Flight;
use crate::domain::map::HashMap;
use crate::domain::parallelism::Parallelism;
use crate::domain::timestamp::Timestamp;
use crate::engine::deliver::Outlet;
use crate::engine::journal::Departures;

/// How often those who wait for a place are told to look: what is slow changes with time alone.
const TICK: Duration = Duration::from_millis(500);
/// How much more or less than a tick the clock may have moved before all lanes look anew: it was set, or the machine slept.
const CLOCK_SET_MS: i64 = 2000;

/// A delivery that this node holds. `started` says that its open attempt is recorded already, with its own `attempts`.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deliver(pub Box<Delivery>, pub bool);

/// Look at everything that may be due: for tests that move the clock.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Tick;

/// Start no more attempts, and let those in flight end within this time. What is held is for the store to give back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stop {
    pub within: Duration,
}

/// A lane should look again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Nudge(pub Destination);

/// A lane has had nothing to do for a while, after this many deliveries.
#[derive(Message)]
#[rtype(result = "()")]
pub struct LaneIdle {
    pub destination: Destination,
    pub received: u64,
}

#[derive(Message)]
#[rtype(result = "CourierState")]
pub struct GetCourierState;

/// What tests and the dashboard see; lanes in the order of their destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourierState {
    pub in_flight: usize,
    pub lanes: Vec<LaneState>,
}

pub struct Courier {
    outlet: Arc<dyn Outlet>,
    parallelism: Parallelism,
    flight: Rc<RefCell<Flight>>,
    load: Rc<Load>,
    lanes: HashMap<Destination, LaneHandle>,
    /// Read by a stream, and by whoever stops the courier.
    departures: Option<Rc<RefCell<Departures>>>,
    stopping: bool,
    ticked_at: Timestamp,
}

struct LaneHandle {
    lane: Addr<Lane>,
    sent: u64,
}

impl Courier {
    /// Lanes live on the thread that the courier is started on.
    pub fn new(outlet: Arc<dyn Outlet>, settings: &CallbacksConfig) -> Self {
        Self {
            ticked_at: outlet.now(),
            outlet,
            parallelism: Parallelism::new(settings.per_destination_min, settings.per_destination_max),
            flight: Rc::new(RefCell::new(Flight::new(settings.in_flight_max))),
            load: Rc::default(),
            lanes: HashMap::default(),
            departures: None,
            stopping: false,
        }
    }

    /// Sends what departs, too.
    #[must_use]
    pub fn sending(self, departures: Departures) -> Self {
        Self { departures: Some(Rc::new(RefCell::new(departures))), ..self }
    }

    /// The next that departs, if one is there.
    fn departing(&self) -> Option<Box<Delivery>> {
        self.departures.as_ref()?.borrow_mut().try_recv().ok()
    }

    /// What has just become durable, with the attempt under way that it may have been born with.
    fn route_new(&mut self, delivery: Box<Delivery>, ctx: &mut Context<Self>) {
        let started = delivery.attempts > 0;
        self.route(delivery, started, ctx);
    }

    /// To the lane of its destination.
    fn route(&mut self, delivery: Box<Delivery>, started: bool, ctx: &mut Context<Self>) {
        if self.stopping {
            // Held by this node in the store, which gives everything back when the node stops.
            return;
        }
        let destination = delivery.destination();
        let handle = self.lane(&destination, ctx);
        handle.sent += 1;
        #[expect(
            clippy::disallowed_methods,
            reason = "keeps the order of arrival; the lane was just seen alive, and bounds itself"
        )]
        handle.lane.do_send(Accept { delivery, started });
    }

    fn lane(&mut self, destination: &Destination, ctx: &mut Context<Self>) -> &mut LaneHandle {
        if self.lanes.get(destination).is_some_and(|handle| !handle.lane.connected()) {
            tracing::error!(%destination, "a lane is gone and is made anew; what it held comes back with the next start");
            self.lanes.remove(destination);
        }
        if !self.lanes.contains_key(destination) {
            self.outlet.lanes(self.lanes.len() + 1);
        }
        self.lanes.entry(destination.clone()).or_insert_with(|| {
            let (outlet, flight) = (Arc::clone(&self.outlet), Rc::clone(&self.flight));
            let queue = Queue::of(Rc::clone(&self.load));
            let courier = ctx.address().downgrade();
            let lane = Lane::new(destination.clone(), outlet, flight, queue, courier, self.parallelism.clone());
            LaneHandle { lane: lane.start(), sent: 0 }
        })
    }

    fn nudge(&self, destination: &Destination) {
        if let Some(handle) = self.lanes.get(destination) {
            #[expect(clippy::disallowed_methods, reason = "a nudge; the next tick repeats it")]
            handle.lane.do_send(Pump);
        }
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        if let Some(departures) = self.departures.clone() {
            ctx.add_stream(poll_fn(move |context| departures.borrow_mut().poll_recv(context)));
        }
        ctx.run_interval(TICK, |courier, _| {
            let waiting = courier.flight.borrow_mut().drain_waiting();
            let now = courier.outlet.now();
            if now.since_ms(courier.ticked_at).abs_diff(500) > CLOCK_SET_MS.unsigned_abs() {
                courier.lanes.keys().for_each(|destination| courier.nudge(destination));
            } else {
                waiting.iter().for_each(|destination| courier.nudge(destination));
            }
            courier.ticked_at = now;
        });
    }
}

impl Handler<Deliver> for Courier {
    type Result = ();

    fn handle(&mut self, Deliver(delivery, started): Deliver, ctx: &mut Context<Self>) {
        self.route(delivery, started, ctx);
    }
}

impl StreamHandler<Box<Delivery>> for Courier {
    fn handle(&mut self, delivery: Box<Delivery>, ctx: &mut Context<Self>) {
        self.route_new(delivery, ctx);
    }

    /// The journal is gone; what is there is still to be sent.
    fn finished(&mut self, _: &mut Context<Self>) {}
}

impl Handler<Tick> for Courier {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        let pumped = join_all(self.lanes.values().map(|handle| handle.lane.send(Pump)));
        Box::pin(async move {
            pumped.await;
        })
    }
}

impl Handler<Stop> for Courier {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Stop { within }: Stop, ctx: &mut Context<Self>) -> Self::Result {
        // Whoever stops us has seen their executions leave; the stream may be behind this message.
        while let Some(delivery) = self.departing() {
            self.route_new(delivery, ctx);
        }
        self.stopping = true;
        let drained = join_all(self.lanes.values().map(|handle| handle.lane.send(Drain)));
        Box::pin(async move {
            if tokio::time::timeout(within, drained).await.is_err() {
                tracing::warn!("some delivery attempts had not ended when the courier stopped; their outcome is unknown");
            }
        })
    }
}

impl Handler<Nudge> for Courier {
    type Result = ();

    fn handle(&mut self, Nudge(destination): Nudge, _: &mut Context<Self>) {
        self.nudge(&destination);
    }
}

impl Handler<LaneIdle> for Courier {
    type Result = ();

    fn handle(&mut self, idle: LaneIdle, _: &mut Context<Self>) {
        // Only if nothing is on its way to the lane: else it has work, and will be idle again.
        if self.lanes.get(&idle.destination).is_some_and(|handle| handle.sent == idle.received)
            && let Some(handle) = self.lanes.remove(&idle.destination)
        {
            self.outlet.lanes(self.lanes.len());
            #[expect(
                clippy::disallowed_methods,
                reason = "nobody sends there any more, so a lost message costs a little memory"
            )]
            handle.lane.do_send(Retire);
        }
    }
}

impl Handler<GetCourierState> for Courier {
    type Result = ResponseFuture<CourierState>;

    fn handle(&mut self, _: GetCourierState, _: &mut Context<Self>) -> Self::Result {
        let in_flight = self.flight.borrow().total();
        let asked = join_all(self.lanes.values().map(|handle| handle.lane.send(GetLaneState)));
        Box::pin(async move {
            let mut lanes: Vec<LaneState> = asked.await.into_iter().flatten().collect();
            lanes.sort_by(|one, other| one.destination.cmp(&other.destination));
            CourierState { in_flight, lanes }
        })
    }
}
