//! Deliveries: what is owed, what was given up, what arrived.
//! Never shows a URL's query or a message's secret.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::actions::{Sent, back_to, manages};
use super::page::{self, Place};
use super::timeline::{Bar, Scale};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::Scope;
use crate::domain::delivery::{DeliveryAttempt, DeliveryState, DeliveryView};
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;
use crate::engine::redeliver::{RedeliverError, redeliver, redeliver_all};
use crate::http::urlencoded;
use crate::store::read::DeliveryQuery;

const PAGE_ITEMS: i64 = 50;
/// The filters that the page offers.
const STATES: [(&str, &str); 6] = [
    ("", "all"),
    ("pending", "due"),
    ("dead", "dead"),
    ("delivered", "delivered"),
    ("delivered_unconfirmed", "probably delivered"),
    ("held", "held"),
];

/// A message with its attempts.
#[derive(Debug, Serialize)]
pub struct DeliveryRow {
    pub id: String,
    pub webhook_id: String,
    pub execution_id: String,
    pub event: &'static str,
    pub state: &'static str,
    pub url: String,
    pub created_at: i64,
    pub due_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub reason: String,
    pub attempts: Vec<AttemptRow>,
}

#[derive(Debug, Serialize)]
pub struct AttemptRow {
    pub number: u32,
    pub outcome: &'static str,
    pub status: Option<u16>,
    pub detail: String,
    pub answer: String,
    pub bar: Bar,
}

impl DeliveryRow {
    pub fn of(delivery: &DeliveryView, now: Timestamp) -> Self {
        let until = delivery.closed_at.unwrap_or(now).max(delivery.created_at);
        let scale = Scale::between(delivery.created_at, until);
        Self {
            id: delivery.id.to_string(),
            webhook_id: delivery.id.webhook_id(),
            execution_id: delivery.execution_id.to_string(),
            event: delivery.event.as_str(),
            state: delivery.state.as_str(),
            url: delivery.url.clone(),
            created_at: delivery.created_at.ms(),
            due_at: delivery.due_at.filter(|_| delivery.closed_at.is_none()).map(Timestamp::ms),
            closed_at: delivery.closed_at.map(Timestamp::ms),
            reason: delivery.reason.clone().unwrap_or_default(),
            attempts: delivery.attempts.iter().map(|attempt| AttemptRow::of(attempt, scale, now)).collect(),
        }
    }
}

impl AttemptRow {
    fn of(attempt: &DeliveryAttempt, scale: Scale, now: Timestamp) -> Self {
        Self {
            number: attempt.number,
            outcome: attempt.outcome.as_str(),
            status: attempt.status,
            detail: attempt.detail.clone().unwrap_or_default(),
            answer: attempt.answer.clone().unwrap_or_default(),
            bar: scale.bar(attempt.started_at, attempt.ended_at.unwrap_or(now)),
        }
    }
}

/// `GET /ui/deliveries`
pub async fn show(visitor: Visitor, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &request, &board).await)
}

/// `POST /ui/deliveries/{id}/redeliver`
pub async fn redeliver_one(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<String>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let unknown = || Trouble::NotFound(format!("delivery {id}"));
        let delivery = DeliveryId(uuid::Uuid::try_parse(&id).map_err(|_| unknown())?);
        match redeliver(&board.engine, delivery).await {
            Ok(delivery) => Ok(back_to(&format!("/ui/executions/{}", delivery.execution_id))),
            Err(RedeliverError::Unknown) => Err(unknown()),
            Err(RedeliverError::Store(error)) => Err(Trouble::Store(error)),
            Err(error) => Err(Trouble::Conflict(error.to_string())),
        }
    };
    Shown(done.await)
}

/// `POST /ui/deliveries/redeliver`: everything that was given up.
pub async fn redeliver_dead(visitor: Visitor, request: HttpRequest, sent: web::Form<Sent>, board: web::Data<Board>) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let dead = DeliveryQuery { states: vec![DeliveryState::Dead], ..DeliveryQuery::default() };
        redeliver_all(&board.engine, dead, false).await?;
        Ok(back_to("/ui/deliveries?state=pending"))
    };
    Shown(done.await)
}

async fn list(visitor: &Visitor, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    let query = urlencoded(request.query_string().as_bytes());
    let (state, cursor) = (query.field("state").to_text(), query.field("cursor").to_text());
    let before = uuid::Uuid::try_parse(&cursor).ok().map(DeliveryId);
    let states = DeliveryState::parse(&state).into_iter().collect();
    let wanted = DeliveryQuery { states, before, limit: PAGE_ITEMS + 1, ..DeliveryQuery::default() };
    let mut found = engine.read.list_deliveries(&wanted).await?;
    let more = found.len() > usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(PAGE_ITEMS).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let now = engine.clock.now();
    let context = context! {
        now => now.ms(),
        may_manage => visitor.may(Scope::Manage),
        rows => page::value(&found.iter().map(|delivery| DeliveryRow::of(delivery, now)).collect::<Vec<_>>()),
        states => STATES.map(|(value, label)| context! { value, label }).to_vec(),
        first => before.is_none(),
        state,
        next,
    };
    Ok(page::show(visitor, Place { title: "Deliveries", nav: "deliveries" }, "deliveries.html", context))
}
