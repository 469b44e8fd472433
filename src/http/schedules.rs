//! `/v1/schedules`: cron rules that start functions, their next times and what became of the last.
//! Never changes a schedule of a file beyond pausing it.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::accepted;
use super::answer::{self, Answer, Handled};
use super::body;
use super::code;
use super::forms;
use super::problem::Problem;
use super::schedule_words;
use crate::domain::function::FunctionName;
use crate::domain::ids::ScheduleId;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::status;
use crate::domain::value::{Object, Value};
use crate::engine::schedule::{self, ScheduleError};

/// Next times that are shown.
const NEXT_SHOWN: usize = 10;
/// Past times that are shown.
const FIRINGS_SHOWN: i64 = 20;

/// `GET /v1/schedules`
pub async fn list(request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let asked = query.field("function");
        let function = match asked.as_str() {
            None => None,
            Some(name) => Some(FunctionName::parse(name).map_err(|error| Problem::invalid(format!("function: {error}")))?),
        };
        let schedules = state.engine.read.schedules(function.as_ref()).await?;
        Ok(answer::list(schedules.iter().map(|schedule| shown(&state, schedule)).collect(), None))
    };
    Answer(handled.await)
}

/// `POST /v1/schedules`
pub async fn create(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let body = read_body(&request, payload, &state).await?;
        let draft = schedule_words::read_new(&body).map_err(Problem::unacceptable)?;
        let schedule = schedule::create(&state.engine, draft).await?;
        let mut response = answer::json(StatusCode::CREATED, &shown(&state, &schedule));
        let location = format!("{}/v1/schedules/{}", state.engine.public_url, schedule.id);
        if let Ok(location) = header::HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    };
    Answer(handled.await)
}

/// `GET /v1/schedules/{id}`
pub async fn one(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let schedule = schedule::find(&state.engine, parse(&id)?).await?;
        detailed(&state, &schedule).await
    };
    Answer(handled.await)
}

/// `PATCH /v1/schedules/{id}`
pub async fn change(id: web::Path<String>, request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let id = parse(&id)?;
        let body = read_body(&request, payload, &state).await?;
        let schedule = schedule::change(&state.engine, id, |draft| schedule_words::read_over(&body, draft)).await?;
        detailed(&state, &schedule).await
    };
    Answer(handled.await)
}

/// `DELETE /v1/schedules/{id}`
pub async fn remove(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let id = parse(&id)?;
        schedule::remove(&state.engine, id).await?;
        Ok(answer::ok(&Value::object([("id", Value::text(id.to_string())), ("deleted", Value::Bool(true))])))
    };
    Answer(handled.await)
}

/// `POST /v1/schedules/{id}/run`
pub async fn run(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let accepted = schedule::run_now(&state.engine, parse(&id)?).await?;
        let links = accepted::links(&state.engine, accepted.execution.birth.id).map(|(name, url)| (name, Value::text(url)));
        let entry = status::with_fields([], &status::entry(&accepted.execution), links);
        Ok(answer::json(StatusCode::ACCEPTED, &entry))
    };
    Answer(handled.await)
}

/// `POST /v1/schedules/{id}/pause`
pub async fn pause(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    Answer(set_paused(&id, true, &state).await)
}

/// `POST /v1/schedules/{id}/resume`
pub async fn resume(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    Answer(set_paused(&id, false, &state).await)
}

async fn set_paused(id: &str, paused: bool, state: &HttpState) -> Handled {
    let schedule = schedule::set_paused(&state.engine, parse(id)?, paused).await?;
    detailed(state, &schedule).await
}

async fn read_body(request: &HttpRequest, payload: web::Payload, state: &HttpState) -> Result<Object, Problem> {
    let body = body::read(request, payload, state.body_bytes_max()).await?;
    Ok(body.as_object().cloned().unwrap_or_default())
}

fn parse(id: &str) -> Result<ScheduleId, Problem> {
    ScheduleId::parse(id).ok_or_else(|| ScheduleError::NotFound.into())
}

async fn detailed(state: &HttpState, schedule: &Schedule) -> Handled {
    let firings = state.engine.read.firings(schedule.id, FIRINGS_SHOWN).await?;
    let firings = ("firings", Value::array(firings.iter().map(firing).collect()));
    Ok(answer::ok(&status::with_fields([], &shown(state, schedule), [firings])))
}

fn shown(state: &HttpState, schedule: &Schedule) -> Value {
    let rule = &schedule.rule;
    let next = schedule::upcoming(schedule, state.engine.clock.now(), NEXT_SHOWN);
    Value::object([
        ("id", Value::text(schedule.id.to_string())),
        ("function_name", Value::text(schedule.function.as_str())),
        ("cron", Value::text(rule.cron.as_str())),
        ("timezone", Value::text(rule.timezone.name())),
        ("input", rule.input.clone()),
        ("overlap", Value::text(rule.overlap.as_str())),
        ("catch_up", Value::text(rule.catch_up.as_str())),
        ("catch_up_max", Value::Int(rule.catch_up_max.into())),
        ("jitter", Value::Decimal(as_seconds(rule.jitter_ms))),
        ("description", rule.description.as_deref().map_or(Value::Null, Value::text)),
        ("origin", Value::text(schedule.origin.as_str())),
        ("paused", Value::Bool(schedule.paused)),
        ("revision", Value::Int(schedule.revision.into())),
        ("created_at", Value::Timestamp(schedule.created_at)),
        ("updated_at", Value::Timestamp(schedule.updated_at)),
        ("next", Value::array(next.into_iter().map(Value::Timestamp).collect())),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a jitter is at most a day")]
fn as_seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn firing(firing: &Firing) -> Value {
    Value::object([
        ("due_at", Value::Timestamp(firing.due_at)),
        ("at", Value::Timestamp(firing.at)),
        ("outcome", Value::text(firing.outcome.as_str())),
        ("execution_id", firing.execution.map_or(Value::Null, |id| Value::text(id.to_string()))),
        ("detail", firing.detail.as_deref().map_or(Value::Null, Value::text)),
    ])
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        let detail = error.to_string();
        match error {
            ScheduleError::NotFound => Self::new(&code::NOT_FOUND, detail).with_status(404),
            ScheduleError::FromFile(_) => Self::new(&code::SCHEDULE_FROM_FILE, detail),
            ScheduleError::Invalid(_) | ScheduleError::TooMany => Self::unacceptable(detail),
            ScheduleError::Contended => Self::unavailable(detail),
            // A function that a schedule names is no address.
            ScheduleError::Start(error @ crate::engine::start::StartError::FunctionUnknown { .. }) => {
                Self::from(error).with_status(422)
            }
            ScheduleError::Start(error) => error.into(),
            ScheduleError::Store(error) => error.into(),
        }
    }
}
