//! The lane of one destination: order, parallelism, breaker and the timers of retries that are near.
//! Never decides what an answer means, and never sends what is not recorded as started.

mod flying;
mod handlers;
mod load;
mod messages;
mod queue;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{AsyncContext, Context, SpawnHandle, WeakAddr};
use tokio::sync::{mpsc, oneshot};

pub use load::Load;
pub use messages::{Accept, Drain, GetLaneState, LaneState, Pump, Retire};
pub use queue::Queue;

use super::courier::{Courier, LaneIdle, Nudge};
use crate::domain::breaker::{Breaker, Health, Permit};
use crate::domain::delivery::{Delivery, DeliveryState, Destination};
use crate::domain::flight::{Flight, Place};
use crate::domain::flow::Flows;
use crate::domain::lane::{BreakerFigures, LaneFigures};
use crate::domain::parallelism::Parallelism;
use crate::domain::timestamp::Timestamp;
use crate::engine::deliver::{Attempted, Outlet, apply};
use crate::engine::journal::JournalError;
use crate::engine::lanes::Gauge;
use crate::engine::monitor::alerts::{breaker_alert, dead_alert};
use crate::store::write::{AfterAttempt, DeliveryClosed, Entry, Refusal};

use flying::{Done, Landed, fly, record_surely};
use queue::Held;

/// How long an empty lane waits for more before it ends.
const IDLE: Duration = Duration::from_secs(60);
/// For how many times that a lane stays whose breaker has something to remember.
const IDLE_LOOKS_BROKEN: u32 = 15;
/// How long to wait when the journal takes no record of a start, in milliseconds.
const JOURNAL_BUSY_MS: i64 = 1000;
/// How long a delivery waits for its turn before it asks again, in milliseconds, and how often before it goes back to the
/// store: another node may hold what goes first.
const TURN_MS: i64 = 200;
const PASSED_OVER_MAX: u8 = 5;

pub struct Lane {
    destination: Destination,
    outlet: Arc<dyn Outlet>,
    flight: Rc<RefCell<Flight>>,
    courier: WeakAddr<Courier>,
    queue: Queue,
    breaker: Breaker,
    parallelism: Parallelism,
    flows: Flows,
    gauge: Arc<Gauge>,
    /// The store refused the last start because the destination is paused.
    paused: bool,
    in_flight: usize,
    /// Attempts whose end is being recorded, and releases.
    recording: usize,
    received: u64,
    timer: Option<(Timestamp, SpawnHandle)>,
    /// Where tasks say that they are done. They are no futures of the lane, which would look at all of them each time.
    done: mpsc::UnboundedSender<Done>,
    /// Until the lane has started.
    inbox: Option<mpsc::UnboundedReceiver<Done>>,
    idle: Idle,
    stopping: bool,
    drained: Vec<oneshot::Sender<()>>,
}

/// What was seen at the last look for idleness.
#[derive(Debug, Default)]
struct Idle {
    received: u64,
    looks: u32,
}

/// What belongs to an attempt while it is in flight.
struct Ticket {
    place: Place,
    is_probe: bool,
    started: bool,
    passed_over: u8,
}

impl Lane {
    pub fn new(
        destination: Destination,
        outlet: Arc<dyn Outlet>,
        flight: Rc<RefCell<Flight>>,
        queue: Queue,
        courier: WeakAddr<Courier>,
        parallelism: Parallelism,
    ) -> Self {
        let (done, inbox) = mpsc::unbounded_channel();
        Self {
            done,
            inbox: Some(inbox),
            gauge: outlet.gauge(&destination),
            flows: Flows::default(),
            paused: false,
            destination,
            outlet,
            flight,
            courier,
            queue,
            breaker: Breaker::default(),
            parallelism,
            in_flight: 0,
            recording: 0,
            received: 0,
            timer: None,
            idle: Idle::default(),
            stopping: false,
            drained: Vec::new(),
        }
    }

    /// Starts whatever may start now, and sets the timer for what may not yet.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let now = self.outlet.now();
        let mut look_again_at = None;
        while !self.stopping {
            if !self.queue.is_ready(now, &self.flows) {
                look_again_at = self.queue.next_due_at();
                break;
            }
            let (limit, is_probe) = match self.breaker.permit(now) {
                Permit::Wait { until } => {
                    look_again_at = until;
                    break;
                }
                Permit::Probe => (usize::MAX, true),
                Permit::Open { in_flight_max } => (in_flight_max.unwrap_or(usize::MAX).min(self.parallelism.limit()), false),
            };
            if self.in_flight >= limit {
                break;
            }
            let place = self.flight.borrow_mut().take(&self.destination, self.parallelism.standing(), now);
            let Some(place) = place else { break };
            let held = self.queue.pop(now).expect("something is due, as was just seen");
            self.start(held, place, is_probe);
        }
        self.wake_at(look_again_at, now, ctx);
        self.show();
    }

    fn start(&mut self, held: Held, place: Place, is_probe: bool) {
        let Held { mut delivery, started, passed_over } = held;
        self.flows.started(delivery.callback.flow_control.as_ref(), self.outlet.now());
        delivery.attempts = if started { delivery.attempts.max(1) } else { delivery.attempts + 1 };
        self.in_flight += 1;
        if is_probe {
            self.breaker.probe_started();
        }
        let ticket = Ticket { place, is_probe, started, passed_over };
        let outlet = Arc::clone(&self.outlet);
        self.spawn(async move {
            let landed = fly(outlet.as_ref(), &delivery, started).await;
            Done::Flight { delivery, landed, ticket }
        });
    }

    /// Runs beside the lane, and comes back to it.
    fn spawn(&self, task: impl Future<Output = Done> + 'static) {
        let done = self.done.clone();
        actix::spawn(async move {
            // A lane that is gone needs no word of it: the store knows what is owed.
            drop(done.send(task.await));
        });
    }

    fn land(&mut self, delivery: Box<Delivery>, landed: Landed, ticket: &Ticket, ctx: &mut Context<Self>) {
        self.in_flight -= 1;
        let now = self.outlet.now();
        let next = self.flight.borrow_mut().land(&ticket.place, now);
        self.flow_ended(&delivery, matches!(landed, Landed::Attempted { .. }), now);
        match landed {
            Landed::NotStarted(error) => self.not_started(delivery, &error, ticket),
            Landed::Attempted { attempted, took_ms } => self.attempted(delivery, *attempted, took_ms, ticket),
        }
        match (next, self.courier.upgrade()) {
            // Who waited longer goes first: this lane asks again behind it.
            (Some(next), Some(courier)) => {
                for destination in [next, self.destination.clone()] {
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "a nudge; the courier's own tick looks after everybody who waits"
                    )]
                    courier.do_send(Nudge(destination));
                }
            }
            _ => self.pump(ctx),
        }
        self.tell_drained();
    }

    fn flow_ended(&mut self, delivery: &Delivery, sent: bool, now: Timestamp) {
        if let Some(control) = &delivery.callback.flow_control {
            let all = self.flows.ended(Some(control), now, sent);
            self.queue.flow_ended(&control.key, all, now);
        }
    }

    fn not_started(&mut self, mut delivery: Box<Delivery>, error: &JournalError, ticket: &Ticket) {
        if ticket.is_probe {
            self.breaker.probe_withdrawn();
        }
        delivery.attempts -= 1;
        let now = self.outlet.now();
        let held = |delivery| Held { delivery, started: ticket.started, passed_over: ticket.passed_over + 1 };
        match error {
            JournalError::Full | JournalError::Away(_) => {
                self.queue.again(Held { passed_over: 0, ..held(delivery) }, now.plus_ms(JOURNAL_BUSY_MS));
            }
            JournalError::Refused(Refusal::OutOfTurn) if ticket.passed_over < PASSED_OVER_MAX => {
                self.queue.give_way(held(delivery), now.plus_ms(TURN_MS));
            }
            JournalError::Refused(reason @ (Refusal::OutOfTurn | Refusal::Paused)) => {
                self.paused = *reason == Refusal::Paused;
                self.queue.leave(&delivery);
                self.record(Entry::DeliveryReleased { id: delivery.id, due_at: now });
            }
            // Closed meanwhile, or the process ends and the store knows that it is owed.
            JournalError::Refused(_) | JournalError::Stopped => {
                tracing::debug!(delivery.id = %delivery.id, %error, "a delivery is not sent");
                self.queue.leave(&delivery);
            }
        }
    }

    fn attempted(&mut self, delivery: Box<Delivery>, attempted: Attempted, took_ms: i64, ticket: &Ticket) {
        let Attempted { mut closed, health } = attempted;
        self.paused = false;
        match health {
            Some(health) => {
                self.parallelism.ended(health == Health::Good, took_ms);
                let was_closed = self.breaker.name() == "closed";
                if self.breaker.ended(health, ticket.is_probe, self.outlet.now()) {
                    self.breaker_opened(&closed);
                } else if !was_closed && self.breaker.name() == "closed" {
                    self.outlet.breaker_closed(&self.destination);
                }
            }
            None if ticket.is_probe => self.breaker.probe_withdrawn(),
            None => {}
        }
        if let AfterAttempt::Again { held, .. } = &mut closed.next {
            // What keeps an order stays here however long it takes: out of the store it would come out of turn.
            let ordered = delivery.callback.order_key.is_some();
            *held = !self.stopping && (ordered || (*held && !self.queue.is_over_full()));
        }
        self.recording += 1;
        let outlet = Arc::clone(&self.outlet);
        self.spawn(async move {
            let result = record_surely(outlet.as_ref(), Entry::DeliveryClosed(closed.clone())).await;
            Done::Closed { delivery, closed, result }
        });
    }

    /// The end of an attempt is durable.
    fn settle(
        &mut self,
        mut delivery: Box<Delivery>,
        closed: DeliveryClosed,
        result: Result<(), JournalError>,
        ctx: &mut Context<Self>,
    ) {
        self.recording -= 1;
        if let Err(error) = result {
            tracing::warn!(delivery.id = %delivery.id, %error, "the end of a delivery attempt was not recorded");
            self.queue.leave(&delivery);
        } else {
            apply(&mut delivery, &closed);
            match closed.next {
                AfterAttempt::Again { due_at, held: true } => self.queue.again(Held::new(delivery, false), due_at),
                AfterAttempt::Again { held: false, .. } => self.queue.leave(&delivery),
                AfterAttempt::Closed { state, ref reason } => {
                    self.queue.leave(&delivery);
                    if delivery.callback.order_key.is_some() {
                        self.outlet.turn_is_free();
                    }
                    if state == DeliveryState::Dead {
                        self.given_up(&delivery, reason.as_deref());
                    }
                }
            }
        }
        self.pump(ctx);
        self.tell_drained();
    }

    fn given_up(&mut self, delivery: &Delivery, reason: Option<&str>) {
        let at = self.outlet.now();
        let alert = dead_alert(delivery.id, delivery.execution_id, delivery.event, &delivery.url, reason, at);
        if let Some(alert) = alert {
            self.record(Entry::Alert(alert));
        }
    }

    fn breaker_opened(&mut self, closed: &DeliveryClosed) {
        let detail = closed.detail.as_deref().unwrap_or("no answer");
        self.outlet.breaker_opened(&self.destination, detail);
        self.record(Entry::Alert(breaker_alert(&self.destination, detail, self.outlet.now())));
    }

    /// Records what nobody waits for.
    fn record(&mut self, entry: Entry) {
        self.recording += 1;
        let outlet = Arc::clone(&self.outlet);
        self.spawn(async move { Done::Recorded(record_surely(outlet.as_ref(), entry).await) });
    }

    fn recorded(&mut self, result: Result<(), JournalError>) {
        self.recording -= 1;
        if let Err(error) = result {
            tracing::warn!(destination = %self.destination, %error, "a record of the courier was not stored");
        }
        self.tell_drained();
    }

    fn wake_at(&mut self, at: Option<Timestamp>, now: Timestamp, ctx: &mut Context<Self>) {
        if self.timer.map(|(at, _)| at) == at && at.is_some() {
            return;
        }
        if let Some((_, handle)) = self.timer.take() {
            ctx.cancel_future(handle);
        }
        let Some(at) = at else { return };
        let wait = Duration::from_millis(u64::try_from(at.since_ms(now)).unwrap_or(0).max(1));
        let handle = ctx.run_later(wait, |lane, ctx| {
            lane.timer = None;
            lane.pump(ctx);
        });
        self.timer = Some((at, handle));
    }

    fn show(&self) {
        let has_room = self.gauge.set(LaneFigures {
            held: self.queue.len(),
            crowding: self.queue.crowding(),
            waiting: self.queue.waiting(),
            in_flight: self.in_flight,
            in_flight_max: self.parallelism.limit(),
            breaker: BreakerFigures { state: self.breaker.name(), until: self.breaker.open_until() },
            paused: self.paused,
            // What stops sends nothing more, so nobody need wait for it.
            proven: self.parallelism.is_proven() && !self.stopping,
            slow: self.flight.borrow().is_slow(&self.destination, self.outlet.now()),
        });
        if has_room && !self.stopping {
            self.outlet.has_room();
        }
    }

    /// Tells the courier after a while without work; a breaker that is not closed is remembered longer.
    fn look_idle(&mut self) {
        self.flows.forget_old(self.outlet.now());
        let is_idle = self.queue.is_empty() && self.recording == 0 && self.received == self.idle.received;
        self.idle = Idle { received: self.received, looks: if is_idle { self.idle.looks + 1 } else { 0 } };
        let looks_min = if self.breaker.name() == "closed" { 1 } else { IDLE_LOOKS_BROKEN };
        if self.idle.looks >= looks_min
            && let Some(courier) = self.courier.upgrade()
        {
            let idle = LaneIdle { destination: self.destination.clone(), received: self.received };
            #[expect(clippy::disallowed_methods, reason = "a nudge; the next look repeats it")]
            courier.do_send(idle);
        }
    }

    fn tell_drained(&mut self) {
        if self.in_flight == 0 && self.recording == 0 {
            self.drained.drain(..).for_each(|waiting| {
                // Nobody waits any more if the time to stop was over.
                let _ = waiting.send(());
            });
        }
    }
}
