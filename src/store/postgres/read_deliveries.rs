//! Deliveries as people read them, with every attempt.
//! Never shows a URL's query or a body.

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::rows::{Columns, event};
use super::sql::{FromNamedRow, sql};
use crate::domain::callback::redacted_url;
use crate::domain::delivery::{AttemptOutcome, DeliveryAttempt, DeliveryState, DeliveryView};
use crate::domain::ids::ExecutionId;

pub fn of_execution(conn: &mut PgConnection, id: ExecutionId) -> QueryResult<Vec<DeliveryView>> {
    let mut views: Vec<DeliveryView> = sql("SELECT id, execution_id, event, state, url, created_at, due_at, closed_at, reason \
         FROM deliveries LEFT JOIN delivery_due ON delivery_id = id WHERE execution_id = ? ORDER BY created_at, id")
    .bind(id)
    .all(conn)?;
    for view in &mut views {
        view.attempts = sql("SELECT * FROM delivery_attempts WHERE delivery_id = ? ORDER BY number").bind(view.id).all(conn)?;
    }
    Ok(views)
}

impl FromNamedRow for DeliveryView {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let state = row.text("state")?;
        Ok(Self {
            id: row.delivery_id("id")?,
            execution_id: row.execution_id("execution_id")?,
            event: event(&row.text("event")?)?,
            state: DeliveryState::parse(&state).ok_or_else(|| format!("\"{state}\" is no state of a delivery"))?,
            url: redacted_url(&row.text("url")?),
            created_at: row.at("created_at")?,
            due_at: row.opt_at("due_at")?,
            closed_at: row.opt_at("closed_at")?,
            reason: row.opt_text("reason")?,
            attempts: Vec::new(),
        })
    }
}

impl FromNamedRow for DeliveryAttempt {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let outcome = row.text("outcome")?;
        let status = row.opt_int("status")?.map(u16::try_from).transpose()?;
        Ok(Self {
            number: row.small("number")?,
            started_at: row.at("started_at")?,
            ended_at: row.opt_at("ended_at")?,
            outcome: AttemptOutcome::parse(&outcome).ok_or_else(|| format!("\"{outcome}\" is no outcome"))?,
            status,
            detail: row.opt_text("detail")?,
            answer: row.opt_text("answer")?,
        })
    }
}
