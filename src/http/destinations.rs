//! `/v1/destinations` of those that are registered: made, shown, changed, taken away, tested.
//! Never shows a secret but the moment it is made.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::body;
use super::callback_words;
use super::code;
use super::lanes;
use super::problem::Problem;
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::ids::DestinationId;
use crate::domain::registration::Registration;
use crate::domain::status;
use crate::domain::value::{Object, Value};
use crate::engine::destinations::{Change, ChangeError, NewDestination, change, create, remove, test};
use crate::engine::start::StartError;

const CREATE_KEYS: [&str; 8] = ["url", "events", "functions", "tags", "headers", "secret", "auth", "timeout"];
const CHANGE_KEYS: [&str; 8] = ["url", "events", "functions", "tags", "headers", "secret", "auth", "enabled"];

/// `GET /v1/destinations`: where messages go, and then who is registered.
pub async fn list(state: web::Data<HttpState>) -> Answer {
    let handled = async {
        state.engine.destinations.reload(&state.engine).await?;
        let mut items = lanes::all(&state).await?;
        items.extend(state.engine.destinations.all().iter().map(Registration::shown));
        Ok(answer::list(items, None))
    };
    Answer(handled.await)
}

/// `POST /v1/destinations`: the answer holds the secret, this once.
pub async fn register(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let asked = object(&request, payload, &state, &CREATE_KEYS).await?;
        let callback = callback(&asked, &["url", "headers", "secret", "auth", "timeout"], None)?;
        let new = NewDestination {
            callback,
            events: events(&asked)?.unwrap_or_default(),
            functions: texts(&asked, "functions")?.unwrap_or_default(),
            tags: texts(&asked, "tags")?.unwrap_or_default(),
        };
        let (registration, secret) = create(&state.engine, new).await?;
        let shown = status::with_fields([], &registration.shown(), [("secret", Value::text(secret))]);
        let mut response = answer::json(StatusCode::CREATED, &shown);
        let place = format!("{}/v1/destinations/{}", state.engine.public_url, registration.id.shown());
        if let Ok(place) = header::HeaderValue::from_str(&place) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        Ok(response)
    };
    Answer(handled.await)
}

/// `GET /v1/destinations/{id}`
pub async fn one(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let id = read_id(&id)?;
        state.engine.destinations.reload(&state.engine).await?;
        let found = state.engine.destinations.find(id).ok_or(ChangeError::NotFound(id))?;
        Ok(answer::ok(&found.shown()))
    };
    Answer(handled.await)
}

/// `PATCH /v1/destinations/{id}`: what is not named stays; `enabled: true` also sends what was on hold.
pub async fn patch(id: web::Path<String>, request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let id = read_id(&id)?;
        let asked = object(&request, payload, &state, &CHANGE_KEYS).await?;
        let credentials = ["headers", "auth"].iter().any(|name| asked.get(name).is_some());
        let headers = credentials.then(|| callback(&asked, &["headers", "auth"], Some("http://localhost/"))).transpose()?;
        let enabled = match asked.get("enabled") {
            None => None,
            Some(Value::Bool(enabled)) => Some(*enabled),
            Some(other) => return Err(Problem::unacceptable(format!("enabled is true or false, not {}", other.kind()))),
        };
        let change_asked = Change {
            url: text(&asked, "url")?,
            headers,
            secret: text(&asked, "secret")?,
            events: events(&asked)?,
            functions: texts(&asked, "functions")?,
            tags: texts(&asked, "tags")?,
            enabled,
        };
        let changed = change(&state.engine, id, change_asked).await?;
        Ok(answer::ok(&changed.shown()))
    };
    Answer(handled.await)
}

/// `DELETE /v1/destinations/{id}`
pub async fn delete(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        remove(&state.engine, read_id(&id)?).await?;
        Ok(HttpResponse::NoContent().finish())
    };
    Answer(handled.await)
}

/// `POST /v1/destinations/{id}/test`
pub async fn send_test(id: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let tested = test(&state.engine, read_id(&id)?).await?;
        Ok(answer::ok(&Value::object([
            ("delivered", Value::Bool(tested.delivered)),
            ("status", tested.status.map_or(Value::Null, |status| Value::Int(status.into()))),
            ("detail", tested.detail.map_or(Value::Null, Value::text)),
            ("duration_ms", Value::Int(tested.duration_ms)),
        ])))
    };
    Answer(handled.await)
}

fn read_id(text: &str) -> Result<DestinationId, Problem> {
    let unknown = || Problem::new(&code::NOT_FOUND, format!("there is no destination \"{text}\"")).with_status(404);
    DestinationId::parse(text).ok_or_else(unknown)
}

async fn object(request: &HttpRequest, payload: web::Payload, state: &HttpState, known: &[&str]) -> Result<Object, Problem> {
    let body = body::read(request, payload, state.body_bytes_max()).await?;
    let Some(object) = body.as_object() else {
        return Err(Problem::invalid(format!("the body is an object, not {}", body.kind())));
    };
    match object.fields.keys().find(|key| !known.contains(&&***key)) {
        Some(odd) => Err(Problem::unacceptable(format!("{odd} is no setting of a destination; there are {}", known.join(", ")))),
        None => Ok(object.clone()),
    }
}

/// These members, read as those of a call's `callback`.
fn callback(asked: &Object, names: &[&str], url: Option<&str>) -> Result<CallbackSettings, Problem> {
    let fields = asked.fields.iter().filter(|(name, _)| names.contains(&&***name));
    let settings = callback_words::read(&Value::object(fields.map(|(name, value)| (name.clone(), value.clone()))), url)
        .map_err(|error| Problem::unacceptable(error.to_string().replace("callback.", "")))?;
    settings.ok_or_else(|| Problem::unacceptable("url is missing"))
}

fn text(asked: &Object, name: &str) -> Result<Option<String>, Problem> {
    match asked.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) if !text.is_empty() => Ok(Some(text.to_string())),
        Some(other) => Err(Problem::unacceptable(format!("{name} is a text that is not empty, not {}", other.kind()))),
    }
}

fn texts(asked: &Object, name: &str) -> Result<Option<Vec<String>>, Problem> {
    let Some(value) = asked.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let items = value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    items.map(Some).ok_or_else(|| Problem::unacceptable(format!("{name} is a list of texts")))
}

fn events(asked: &Object) -> Result<Option<Vec<EventType>>, Problem> {
    let Some(names) = texts(asked, "events")? else { return Ok(None) };
    let read = |name: &String| {
        let odd = || Problem::unacceptable(format!("events: \"{name}\" is no event; there is execution.completed and the like"));
        EventType::parse(name).ok_or_else(odd)
    };
    names.iter().map(read).collect::<Result<_, _>>().map(Some)
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let detail = error.to_string();
        match error {
            ChangeError::NotFound(_) => Self::new(&code::NOT_FOUND, detail).with_status(404),
            ChangeError::Invalid(_) => Self::unacceptable(detail),
            ChangeError::Refused(StartError::Invalid(message)) => Self::unacceptable(message.replace("callback.", "")),
            ChangeError::Refused(error) => error.into(),
            ChangeError::TooMany => Self::unacceptable(detail),
            ChangeError::Contended => Self::unavailable(detail),
            ChangeError::Vault(_) => Self::new(&code::INTERNAL, detail),
            ChangeError::Store(error) => error.into(),
        }
    }
}
