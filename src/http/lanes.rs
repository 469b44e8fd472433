//! Where deliveries go and how it is with them there, and pausing.
//! Never shows a URL's path: a destination is scheme, host and port.

use actix_web::web;

use super::HttpState;
use super::answer::{self, Answer};
use super::code;
use super::problem::Problem;
use crate::domain::callback::CallbackSettings;
use crate::domain::delivery::Destination;
use crate::domain::lane::{LaneFigures, LaneId};
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::engine::lanes::{self, LaneError, LaneView};

/// The destinations that are owed something, as a list shows them.
pub async fn all(state: &HttpState) -> Result<Vec<Value>, Problem> {
    Ok(lanes::list(&state.engine).await?.iter().map(shown).collect())
}

/// `POST /v1/destinations/{id}/pause`
pub async fn pause(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async { Ok(answer::ok(&shown(&lanes::pause(&state.engine, &id).await?))) };
    Answer(handled.await)
}

/// `POST /v1/destinations/{id}/resume`
pub async fn resume(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async { Ok(answer::ok(&shown(&lanes::resume(&state.engine, &id).await?))) };
    Answer(handled.await)
}

impl From<LaneError> for Problem {
    fn from(error: LaneError) -> Self {
        match error {
            LaneError::Unknown(_) => Self::new(&code::NOT_FOUND, error.to_string()).with_status(404),
            LaneError::Store(error) => error.into(),
        }
    }
}

pub fn shown(view: &LaneView) -> Value {
    let lane = &view.lane;
    let here = view.here.unwrap_or_default();
    Value::object([
        ("id", Value::text(view.id.as_str())),
        ("origin", Value::text(lane.destination.as_str())),
        ("state", Value::text(if lane.paused_at.is_some() { "paused" } else { "active" })),
        ("paused_at", lane.paused_at.map_or(Value::Null, Value::Timestamp)),
        ("waiting", Value::Int((lane.owed - lane.in_flight).max(0))),
        ("in_flight", Value::Int(lane.in_flight)),
        ("in_flight_max", count(here.in_flight_max)),
        ("breaker", Value::text(here.breaker.state)),
        ("breaker_until", here.breaker.until.map_or(Value::Null, Value::Timestamp)),
    ])
}

/// What a new call hears of the destination of its callback: whether to expect an answer there soon.
pub fn of_callback(engine: &Engine, callback: Option<&CallbackSettings>) -> Value {
    let Some(callback) = callback else { return Value::Null };
    let destination = Destination::of(&callback.url);
    let LaneFigures { breaker, paused, .. } = engine.lanes.figures(&destination).unwrap_or_default();
    Value::object([
        ("id", Value::text(LaneId::of(&destination).as_str())),
        ("origin", Value::text(destination.as_str())),
        ("state", Value::text(if paused { "paused" } else { "active" })),
        ("breaker", Value::text(breaker.state)),
        ("breaker_until", breaker.until.map_or(Value::Null, Value::Timestamp)),
    ])
}

fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
