//! The answer 202: the status entry, and where to go on from there.
//! Never promises when something will be done, only what is usual.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::HttpState;
use super::answer;
use super::lanes;
use super::problem::X_EXECUTION_ID;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::domain::value::{Shown, Value};
use crate::engine::Engine;
use crate::engine::message::status_url;
use crate::engine::read_token;
use crate::engine::start::Accepted;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub fn respond(state: &HttpState, accepted: &Accepted, execution: &Execution) -> HttpResponse {
    let id = execution.birth.id;
    let estimate = accepted.typical_duration_ms.map_or(Value::Null, |ms| Value::text(estimate(ms)));
    let destination = lanes::of_callback(&state.engine, execution.birth.callback.as_deref());
    let links = links(&state.engine, id);
    let links = links.iter().map(|(name, url)| (*name, Shown::Text(url)));
    let more = [("estimated_completion", Shown::Made(estimate)), ("callback_destination", Shown::Made(destination))];
    let fields = status::fields(execution).into_iter().chain(links).chain(more);
    let mut response = answer::json_text(StatusCode::ACCEPTED, Value::fields_to_json_text(fields));
    let headers = response.headers_mut();
    if let Ok(url) = HeaderValue::from_str(&status_url(&state.engine, id)) {
        headers.insert(header::LOCATION, url);
    }
    headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("respond-async"));
    name_execution(id, headers);
    mark_replay(accepted, headers);
    response
}

pub fn name_execution(id: ExecutionId, headers: &mut HeaderMap) {
    headers.insert(X_EXECUTION_ID, HeaderValue::from_str(&id.to_string()).expect("an id is ASCII"));
}

pub fn mark_replay(accepted: &Accepted, headers: &mut HeaderMap) {
    if accepted.replayed {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
}

/// Where an execution can be followed.
pub fn links(engine: &Engine, id: ExecutionId) -> [(&'static str, String); 4] {
    let (public_url, id_text) = (&*engine.public_url, &*id.to_string());
    [
        ("status_url", [public_url, "/api/async-status/", id_text].concat()),
        ("await_url", [public_url, "/api/async-await/", id_text].concat()),
        ("cancel_url", [public_url, "/v1/executions/", id_text, "/cancel"].concat()),
        ("events_url", events_url(engine, id)),
    ]
}

/// A browser cannot send a key with an event stream, so the address opens itself, for a while.
pub fn events_url(engine: &Engine, id: ExecutionId) -> String {
    [&*engine.public_url, &events_path(engine, id)].concat()
}

pub fn events_path(engine: &Engine, id: ExecutionId) -> String {
    ["/v1/executions/", &id.to_string(), "/events?token=", &read_token::issue(engine, id)].concat()
}

/// A duration as a person would say it, rounded up.
fn estimate(ms: i64) -> String {
    let seconds = ms.max(1).saturating_add(999) / 1000;
    let (count, unit) = match seconds {
        ..=59 => (seconds, "second"),
        60..=3599 => ((seconds + 59) / 60, "minute"),
        _ => ((seconds + 3599) / 3600, "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_reads_as_people_say_it() {
        for (ms, text) in [
            (0, "1 second"),
            (1000, "1 second"),
            (1001, "2 seconds"),
            (59_000, "59 seconds"),
            (60_000, "1 minute"),
            (241_000, "5 minutes"),
            (3_600_000, "1 hour"),
            (3_600_001, "2 hours"),
        ] {
            assert_eq!(estimate(ms), text, "{ms}");
        }
    }
}
