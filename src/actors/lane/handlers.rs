//! What a lane does with each message that it is sent.
//! Never does more than the message says: the work is the lane's own.

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, MessageResult, ResponseFuture, StreamHandler};
use futures_util::stream::poll_fn;
use tokio::sync::oneshot;

use super::flying::Done;
use super::messages::{Accept, Drain, GetLaneState, LaneState, Pump, Retire};
use super::queue::Held;
use super::{IDLE, Lane};
use crate::domain::breaker::Permit;
use crate::store::write::Entry;

impl Actor for Lane {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(IDLE, |lane, _| lane.look_idle());
        if let Some(mut inbox) = self.inbox.take() {
            ctx.add_stream(poll_fn(move |context| inbox.poll_recv(context)));
        }
    }
}

impl StreamHandler<Done> for Lane {
    fn handle(&mut self, done: Done, ctx: &mut Context<Self>) {
        match done {
            Done::Flight { delivery, landed, ticket } => self.land(delivery, landed, &ticket, ctx),
            Done::Closed { delivery, closed, result } => self.settle(delivery, closed, result, ctx),
            Done::Recorded(result) => self.recorded(result),
        }
    }

    /// Never while the lane lives: it sends there itself.
    fn finished(&mut self, _: &mut Context<Self>) {}
}

impl Handler<Accept> for Lane {
    type Result = ();

    fn handle(&mut self, Accept { delivery, started }: Accept, ctx: &mut Context<Self>) {
        self.received += 1;
        let now = self.outlet.now();
        if started || self.queue.has_room_for(&delivery, self.parallelism.is_proven()) {
            let id = delivery.id;
            if !self.queue.arrive(Held::new(delivery, started), now) {
                tracing::debug!(delivery.id = %id, "a delivery arrived twice");
            }
        } else {
            let due_at = match self.breaker.permit(now) {
                Permit::Wait { until: Some(until) } => until,
                // Nobody takes it up before there is room.
                _ => now,
            };
            self.gauge.pass_over();
            self.record(Entry::DeliveryReleased { id: delivery.id, due_at });
        }
        self.pump(ctx);
    }
}

impl Handler<Pump> for Lane {
    type Result = ();

    fn handle(&mut self, _: Pump, ctx: &mut Context<Self>) {
        self.pump(ctx);
    }
}

impl Handler<Drain> for Lane {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        self.stopping = true;
        self.show();
        let (tell, told) = oneshot::channel();
        self.drained.push(tell);
        self.tell_drained();
        Box::pin(async move {
            // An error says that the lane is gone, and what it held with it: the store knows.
            let _ = told.await;
        })
    }
}

impl Handler<Retire> for Lane {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Context<Self>) {
        self.outlet.left(&self.destination, &self.gauge);
        self.outlet.breaker_closed(&self.destination);
        ctx.stop();
    }
}

impl Handler<GetLaneState> for Lane {
    type Result = MessageResult<GetLaneState>;

    fn handle(&mut self, _: GetLaneState, _: &mut Context<Self>) -> Self::Result {
        MessageResult(LaneState {
            destination: self.destination.to_string(),
            held: self.queue.len(),
            in_flight: self.in_flight,
            in_flight_max: self.parallelism.limit(),
            breaker: self.breaker.name(),
        })
    }
}
