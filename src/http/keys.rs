//! `/v1/keys` and `/v1/audit`: who may call, and what was managed.
//! Never shows a key again once it was made.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::body;
use super::caller::Caller;
use super::code;
use super::forms;
use super::problem::Problem;
use crate::domain::access_key::KeyPlan;
use crate::domain::audit::Audited;
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::keys::{self, KeyError};

/// `GET /v1/keys`
pub async fn list(state: web::Data<HttpState>) -> Answer {
    let now = state.engine.clock.now();
    let shown = state.engine.keys.kept().iter().map(|key| key.shown(now)).collect();
    Answer(Ok(answer::list(shown, None)))
}

/// `POST /v1/keys`: the answer holds the key, this once.
pub async fn create(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>, caller: Caller) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let now = state.engine.clock.now();
        let plan = KeyPlan::from_value(&body, now).map_err(|error| Problem::unacceptable(error.to_string()))?;
        let (key, secret) = keys::create(&state.engine, plan, caller.name().map(str::to_owned)).await?;
        let shown = status::with_fields([], &key.shown(now), [("key", Value::text(secret))]);
        let mut response = answer::json(StatusCode::CREATED, &shown);
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        Ok(response)
    };
    Answer(handled.await)
}

/// `DELETE /v1/keys/{name}`: it opens nothing any more, and stays in the list.
pub async fn revoke(name: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let key = keys::revoke(&state.engine, &name).await?;
        Ok(answer::ok(&key.shown(state.engine.clock.now())))
    };
    Answer(handled.await)
}

/// `GET /v1/audit`
pub async fn audit(request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let (before, limit) = (query.field("cursor"), query.field("limit"));
        let limit = if limit.is_null() { Some(PAGE_ITEMS_MAX) } else { limit.as_integer() };
        let limit = limit.filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
        let limit = limit.ok_or_else(|| Problem::invalid(format!("limit is a number from 1 to {PAGE_ITEMS_MAX}")))?;
        let before = match before.is_null() {
            true => None,
            false => Some(before.as_integer().ok_or_else(|| Problem::invalid("cursor is the `next` of an earlier page"))?),
        };
        let mut lines = state.engine.read.audit(before, limit + 1).await?;
        let more = lines.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = lines.last().filter(|_| more).map(|line| line.id.to_string());
        Ok(answer::list(lines.iter().map(line).collect(), next))
    };
    Answer(handled.await)
}

fn line(line: &Audited) -> Value {
    let entry = &line.entry;
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::text);
    Value::object([
        ("id", Value::Int(line.id)),
        ("at", Value::Timestamp(entry.at)),
        ("key", text(entry.caller.as_deref())),
        ("method", Value::text(entry.method.as_str())),
        ("path", Value::text(entry.path.as_str())),
        ("status", Value::Int(entry.status.into())),
        ("ip", text(entry.ip.as_deref())),
    ])
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotFound(_) => Self::not_found(error.to_string()),
            KeyError::Taken(_) | KeyError::TooMany | KeyError::FirstMustManage | KeyError::Configured => {
                Self::new(&code::KEY_CONFLICT, error.to_string())
            }
            KeyError::Store(error) => error.into(),
        }
    }
}
