//! Deliveries as people read them, with every attempt.
//! Never shows a URL's query or a body.

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::rows::{Columns, Number, event};
use super::sql::{FromNamedRow, Sql, sql};
use crate::domain::callback::redacted_url;
use crate::domain::delivery::{AttemptOutcome, DeliveryAttempt, DeliveryState, DeliveryView};
use crate::domain::ids::{DeliveryId, ExecutionId, first_id_at};
use crate::store::read::DeliveryQuery;

const COLUMNS: &str = "SELECT id, execution_id, event, state, url, created_at, due_at, closed_at, reason, attempts, attempt_at, \
     last_number, last_started_at, last_ended_at, last_outcome, last_status, last_detail, last_answer FROM deliveries LEFT JOIN delivery_due ON delivery_id = id";

pub fn of_execution(conn: &mut PgConnection, id: ExecutionId) -> QueryResult<Vec<DeliveryView>> {
    let mut text = sql(format!("{COLUMNS} WHERE 1 = 1"));
    within(&mut text, id);
    text.push(" ORDER BY created_at, id");
    let views = text.all(conn)?;
    with_attempts(conn, views)
}

pub fn by_id(conn: &mut PgConnection, id: DeliveryId) -> QueryResult<Option<DeliveryView>> {
    let view: Option<DeliveryView> = sql(format!("{COLUMNS} WHERE id = ?")).bind(id).first(conn)?;
    Ok(with_attempts(conn, view.into_iter().collect())?.pop())
}

pub fn list(conn: &mut PgConnection, query: &DeliveryQuery) -> QueryResult<Vec<DeliveryView>> {
    let mut text = sql(format!("{COLUMNS} WHERE TRUE"));
    matching(&mut text, query);
    text.push(" ORDER BY id DESC LIMIT ?").push_value(query.limit.max(0));
    let views = text.all(conn)?;
    with_attempts(conn, views)
}

pub fn count(conn: &mut PgConnection, query: &DeliveryQuery) -> QueryResult<i64> {
    let mut text = sql("SELECT count(*) AS n FROM deliveries WHERE TRUE");
    matching(&mut text, query);
    let count: Option<Number> = text.first(conn)?;
    Ok(count.map_or(0, |Number(n)| n))
}

/// The conditions of a query, behind those that are there.
pub fn matching<'a>(text: &mut Sql<'a>, query: &'a DeliveryQuery) {
    let several = |count: usize| vec!["?"; count].join(", ");
    // Written out, so that the partial indexes are seen to fit.
    match &query.states[..] {
        [DeliveryState::Pending] => text.push(" AND closed_at IS NULL"),
        [DeliveryState::Dead | DeliveryState::DeliveredUnconfirmed, ..] if !query.states.iter().any(|state| is_good(*state)) => {
            text.push(" AND state IN ('dead', 'delivered_unconfirmed')")
        }
        _ => &mut *text,
    };
    if !query.states.is_empty() {
        text.push(" AND state IN (").push(&several(query.states.len())).push(")");
        query.states.iter().for_each(|state| {
            text.push_value(state.as_str());
        });
    }
    if !query.events.is_empty() {
        text.push(" AND event IN (").push(&several(query.events.len())).push(")");
        query.events.iter().for_each(|event| {
            text.push_value(event.as_str());
        });
    }
    if let Some(destination) = &query.destination {
        text.push(" AND deliveries.destination = ?").push_value(destination.as_str());
    }
    if let Some(execution) = query.execution {
        within(text, execution);
    }
    if let Some(function) = &query.function {
        text.push(" AND EXISTS (SELECT 1 FROM executions WHERE executions.id = deliveries.execution_id AND function_key = ?)")
            .push_value(function.key());
    }
    if let Some(after) = query.created_after {
        text.push(" AND deliveries.created_at >= ?").push_value(after);
    }
    if let Some(before) = query.created_before {
        // An id holds the time of the execution, which is never later; an hour is for clocks that differ.
        text.push(" AND deliveries.created_at < ? AND deliveries.id < ?").push_value(before);
        text.push_value(DeliveryId(first_id_at(before.plus_ms(60 * 60 * 1000))));
    }
    if let Some(before) = query.before {
        text.push(" AND deliveries.id < ?").push_value(before);
    }
}

/// The condition that a message belongs to an execution: its id begins as the execution's does.
fn within(text: &mut Sql<'_>, execution: ExecutionId) {
    if execution != ExecutionId::NONE {
        let (first, last) = DeliveryId::bounds_of(execution);
        text.push(" AND deliveries.id >= ? AND deliveries.id <= ?").push_value(first).push_value(last);
    }
    text.push(" AND execution_id = ?").push_value(execution);
}

fn is_good(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Pending | DeliveryState::Delivered)
}

fn with_attempts(conn: &mut PgConnection, mut views: Vec<DeliveryView>) -> QueryResult<Vec<DeliveryView>> {
    for view in &mut views {
        let mut over: Vec<DeliveryAttempt> =
            sql("SELECT * FROM delivery_attempts WHERE delivery_id = ? ORDER BY number").bind(view.id).all(conn)?;
        over.retain(|one| view.attempts.iter().all(|later| later.number != one.number));
        view.attempts.splice(0..0, over);
    }
    Ok(views)
}

/// A row of one delivery id.
pub struct DeliveryRow(pub DeliveryId);

impl FromNamedRow for DeliveryRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.delivery_id("id").map(Self)
    }
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
            attempts: last_attempt(row)?.into_iter().chain(open_attempt(row)?).collect(),
        })
    }
}

/// The attempt that is under way: it has no row of its own before it is over.
fn open_attempt<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Option<DeliveryAttempt>> {
    let Some(started_at) = row.opt_at("attempt_at")? else { return Ok(None) };
    let (ended_at, outcome) = (None, AttemptOutcome::Unknown);
    let number = row.small("attempts")?;
    Ok(Some(DeliveryAttempt { number, started_at, ended_at, outcome, status: None, detail: None, answer: None }))
}

/// The attempt that it was over with: it has no row of its own, either.
fn last_attempt<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Option<DeliveryAttempt>> {
    let Some(number) = row.opt_int("last_number")? else { return Ok(None) };
    Ok(Some(DeliveryAttempt {
        number: u32::try_from(number)?,
        started_at: row.at("last_started_at")?,
        ended_at: row.opt_at("last_ended_at")?,
        outcome: outcome(&row.text("last_outcome")?)?,
        status: row.opt_int("last_status")?.map(u16::try_from).transpose()?,
        detail: row.opt_text("last_detail")?,
        answer: row.opt_text("last_answer")?,
    }))
}

fn outcome(text: &str) -> deserialize::Result<AttemptOutcome> {
    Ok(AttemptOutcome::parse(text).ok_or_else(|| format!("\"{text}\" is no outcome"))?)
}

impl FromNamedRow for DeliveryAttempt {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let status = row.opt_int("status")?.map(u16::try_from).transpose()?;
        Ok(Self {
            number: row.small("number")?,
            started_at: row.at("started_at")?,
            ended_at: row.opt_at("ended_at")?,
            outcome: outcome(&row.text("outcome")?)?,
            status,
            detail: row.opt_text("detail")?,
            answer: row.opt_text("answer")?,
        })
    }
}
