//! What a lane is told and asked.
//! Never says how it is done.

use actix::Message;

use crate::domain::delivery::Delivery;

/// A delivery for this lane. `started` says that its open attempt is recorded already.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Accept {
    pub delivery: Box<Delivery>,
    pub started: bool,
}

/// Look again: a place is free, or the clock was moved.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Pump;

/// Start nothing more; answered when nothing is in flight.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain;

/// The courier sends here no longer.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

#[derive(Message)]
#[rtype(result = "LaneState")]
pub struct GetLaneState;

/// What tests and the dashboard see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneState {
    pub destination: String,
    /// Held in memory, in flight included.
    pub held: usize,
    pub in_flight: usize,
    pub in_flight_max: usize,
    pub breaker: &'static str,
}
