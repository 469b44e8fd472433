//! `/v1/deliveries`: messages that are owed, were delivered or given up, and sending them again.
//! Never shows a message's secret, its headers or its URL's query.

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::body;
use super::code;
use super::delivery_query;
use super::forms;
use super::problem::Problem;
use crate::domain::delivery::{DeliveryAttempt, DeliveryState, DeliveryView, Destination};
use crate::domain::ids::DeliveryId;
use crate::domain::lane::LaneId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value};
use crate::engine::redeliver::{RedeliverError, redeliver, redeliver_all};

/// `GET /v1/deliveries`
pub async fn list(request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let mut query = delivery_query::read(&query.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is a next page.
        query.limit += 1;
        let mut found = state.engine.read.list_deliveries(&query).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(answer::list(found.iter().map(shown).collect(), next))
    };
    Answer(handled.await)
}

/// `GET /v1/deliveries/{id}`
pub async fn one(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let found = state.engine.read.delivery(read_id(&id)?).await?;
        Ok(answer::ok(&shown(&found.ok_or(RedeliverError::Unknown)?)))
    };
    Answer(handled.await)
}

/// `POST /v1/deliveries/{id}/redeliver`
pub async fn again(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async { Ok(answer::ok(&shown(&redeliver(&state.engine, read_id(&id)?).await?))) };
    Answer(handled.await)
}

/// `POST /v1/deliveries/redeliver`: the filters of the list, and `dry_run`. Without `state` those that were given up.
pub async fn again_all(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let mut filters = body.as_object().cloned().unwrap_or_default();
        let dry_run = take_dry_run(&mut filters).map_err(Problem::invalid)?;
        let mut query = delivery_query::read(&filters).map_err(Problem::invalid)?;
        if query.states.is_empty() {
            query.states.push(DeliveryState::Dead);
        }
        let outcome = redeliver_all(&state.engine, query, dry_run).await?;
        Ok(answer::ok(&Value::object([
            ("dry_run", Value::Bool(dry_run)),
            ("matched", Value::Int(outcome.matched)),
            ("redelivered", Value::Int(i64::try_from(outcome.redelivered).unwrap_or(i64::MAX))),
            ("delivery_ids", Value::array(outcome.named.iter().map(|id| Value::text(id.to_string())).collect())),
        ])))
    };
    Answer(handled.await)
}

fn take_dry_run(filters: &mut Object) -> Result<bool, String> {
    if let Some(odd) = filters.fields.keys().find(|name| matches!(&***name, "limit" | "cursor")) {
        return Err(format!("all that match are sent again: \"{odd}\" is no filter here"));
    }
    match filters.fields.shift_remove("dry_run") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(dry_run)) => Ok(dry_run),
        Some(other) => Err(format!("dry_run is true or false, not {}", other.kind())),
    }
}

fn read_id(text: &str) -> Result<DeliveryId, Problem> {
    DeliveryId::parse(text).ok_or_else(|| RedeliverError::Unknown.into())
}

impl From<RedeliverError> for Problem {
    fn from(error: RedeliverError) -> Self {
        match error {
            RedeliverError::Unknown => Self::new(&code::NOT_FOUND, error.to_string()).with_status(404),
            RedeliverError::Held => Self::new(&code::DELIVERY_HELD, error.to_string()),
            RedeliverError::Store(error) => error.into(),
        }
    }
}

/// A delivery as every answer shows it.
pub fn shown(delivery: &DeliveryView) -> Value {
    let destination = Destination::of(&delivery.url);
    Value::object([
        ("id", Value::text(delivery.id.to_string())),
        ("webhook_id", Value::text(delivery.id.webhook_id())),
        ("execution_id", Value::text(delivery.execution_id.to_string())),
        ("event", Value::text(delivery.event.as_str())),
        ("state", Value::text(delivery.state.as_str())),
        ("url", Value::text(delivery.url.as_str())),
        ("destination", Value::text(destination.as_str())),
        ("destination_id", Value::text(LaneId::of(&destination).as_str())),
        ("created_at", Value::Timestamp(delivery.created_at)),
        ("due_at", instant(delivery.due_at)),
        ("closed_at", instant(delivery.closed_at)),
        ("reason", text(delivery.reason.as_deref())),
        ("attempts", Value::array(delivery.attempts.iter().map(attempt).collect())),
    ])
}

fn attempt(attempt: &DeliveryAttempt) -> Value {
    Value::object([
        ("number", Value::Int(attempt.number.into())),
        ("started_at", Value::Timestamp(attempt.started_at)),
        ("ended_at", instant(attempt.ended_at)),
        ("outcome", Value::text(attempt.outcome.as_str())),
        ("status", attempt.status.map_or(Value::Null, |status| Value::Int(status.into()))),
        ("detail", text(attempt.detail.as_deref())),
        ("answer", text(attempt.answer.as_deref())),
    ])
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_by_filter_takes_the_filters_of_the_list_less_its_pages() {
        let object = |text: &str| Value::from_json_text(text).unwrap().as_object().cloned().unwrap();
        let mut filters = object(r#"{"dry_run": true, "state": "dead"}"#);
        assert_eq!(take_dry_run(&mut filters), Ok(true));
        assert_eq!(filters.fields.len(), 1);
        assert_eq!(take_dry_run(&mut object("{}")), Ok(false));
        for odd in [r#"{"dry_run": "perhaps"}"#, r#"{"limit": 3}"#, r#"{"cursor": "x"}"#] {
            assert!(take_dry_run(&mut object(odd)).is_err(), "{odd}");
        }
    }
}
