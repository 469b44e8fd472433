//! `POST /api/{function}`: from a request to a start, and from what came of it to an answer.
//! Never answers 202 before the execution is durable.

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};

use super::HttpState;
use super::accepted;
use super::answer::{Answer, Handled};
use super::caller::Caller;
use super::control_words::{self, Around, WordError, Words};
use super::forms;
use super::outcome;
use super::prefer::Prefer;
use super::problem::Problem;
use super::{body, code};
use crate::domain::execution::Execution;
use crate::domain::function::{ExecutionMode, FunctionName};
use crate::domain::value::{Object, Value};
use crate::engine::deploy;
use crate::engine::start::{Accepted, CallerKey, StartError, StartRequest, start};
use crate::engine::wait::{WaitMode, wait};

/// Headers of which nothing is stored.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub async fn handle(request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    if request.method() != Method::POST {
        return Answer(Err(Problem::method_not_allowed("POST")));
    }
    Answer(start_function(&request, payload, &state).await)
}

async fn start_function(request: &HttpRequest, payload: web::Payload, state: &HttpState) -> Handled {
    let name = request.match_info().unprocessed();
    let name = name.strip_prefix('/').unwrap_or(name);
    let engine = &state.engine;
    let found = match FunctionName::parse(name) {
        Ok(name) => deploy::find(engine, &name).await,
        Err(_) => None,
    };
    let Some(function) = found else {
        // The body is read so that its sender hears why.
        body::read(request, payload, state.body_bytes_max()).await.ok();
        let near = engine.functions.near(name);
        return Err(StartError::FunctionUnknown { name: name.to_owned(), near }.into());
    };
    if let Err(refused) = Caller::of(request).may_start(&function.name) {
        body::read(request, payload, state.body_bytes_max()).await.ok();
        return Err(refused);
    }
    let body = body::read(request, payload, state.body_bytes_max()).await?;
    let query = forms::urlencoded(request.query_string().as_bytes());
    let prefer = Prefer::of(request.headers());
    let words = read_words(request, &body, &query, prefer, |name| function.inputs.iter().any(|input| &*input.name == name))?;
    let accepted = start(engine, start_request(request, name, &body, query, words)).await?;
    match accepted.mode {
        ExecutionMode::Async => Ok(accepted::respond(state, &accepted, &accepted.execution)),
        ExecutionMode::Sync => wait_and_answer(state, accepted, prefer).await,
    }
}

fn read_words(
    request: &HttpRequest,
    body: &Value,
    query: &Value,
    prefer: Prefer,
    is_input: impl Fn(&str) -> bool,
) -> Result<Words, Problem> {
    let key = match request.headers().get(&IDEMPOTENCY_KEY) {
        Some(value) => {
            Some(value.to_str().map_err(|_| Problem::invalid("the header Idempotency-Key has characters beyond ASCII"))?)
        }
        None => None,
    };
    let asked = query.field("async");
    let around = Around { query: asked.as_str(), prefer, key };
    let nothing = Object::default();
    Ok(control_words::read(body.as_object().unwrap_or(&nothing), around, is_input)?)
}

impl From<WordError> for Problem {
    fn from(error: WordError) -> Self {
        let detail = error.to_string();
        match error {
            WordError::Contradiction(_) => Self::new(&code::CONTRADICTORY_WORDS, detail),
            WordError::Invalid(_) => Self::invalid(detail),
            WordError::Callback(_) => Self::unacceptable(detail),
        }
    }
}

fn start_request(request: &HttpRequest, name: &str, body: &Value, query: Value, words: Words) -> StartRequest {
    let key = words.key.map(|key| CallerKey { key, fingerprint_of: fingerprint_of(body, words.callback.as_ref()) });
    let root = Value::object([
        ("method", Value::text(request.method().as_str())),
        ("path", Value::text(request.path())),
        ("query", query),
        ("headers", headers(request.headers())),
        ("body", if body.as_object().is_some() { words.shown } else { body.clone() }),
        ("ip", request.peer_addr().map_or(Value::Null, |peer| Value::text(peer.ip().to_canonical().to_string()))),
    ]);
    StartRequest {
        function: name.to_owned(),
        id: None,
        from_outside: true,
        input: words.input,
        request: root,
        mode: words.mode,
        callback: words.callback,
        options: words.options,
        key,
        limits: Vec::new(),
        started_by: Caller::of(request).name().map(str::to_owned),
        traceparent: request.headers().get(&TRACEPARENT).and_then(|value| value.to_str().ok()).map(str::to_owned),
    }
}

/// The body and the callback's settings, which may also come from headers one day, as bytes that tell two calls apart.
fn fingerprint_of(body: &Value, callback: Option<&crate::domain::callback::CallbackSettings>) -> Vec<u8> {
    let callback = serde_json::to_string(&callback).expect("settings of a callback are plain data with text keys");
    [body.to_json_text(), callback].join("\n").into_bytes()
}

/// Headers by their names in lower case; those that stand more often joined as the standard joins them.
fn headers(headers: &HeaderMap) -> Value {
    let shown = headers.keys().filter(|name| !CREDENTIALS.contains(&name.as_str()));
    Value::object(shown.map(|name| {
        let mut values = headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let mut joined = values.next().unwrap_or_default();
        for value in values {
            joined.to_mut().push_str(", ");
            joined.to_mut().push_str(&value);
        }
        // What no database stores is no part of a header that anybody needs.
        let text = if joined.contains('\0') { joined.replace('\0', "").into() } else { joined };
        (name.as_str(), Value::text(text))
    }))
}

/// Waits as long as the caller wants to; what takes longer is answered as if async had been asked for.
async fn wait_and_answer(state: &HttpState, accepted: Accepted, prefer: Prefer) -> Handled {
    let id = accepted.execution.birth.id;
    let ended = |execution: &Execution| execution.state.is_terminal();
    let found = if ended(&accepted.execution) {
        Some(accepted.execution.clone())
    } else {
        match wait(&state.engine, &[id], WaitMode::All, prefer.wait()).await {
            Ok(executions) => executions.into_iter().next().flatten(),
            Err(error) => {
                // It was accepted and goes on, so this is no failure of the call.
                tracing::warn!(execution.id = %id, %error, "the end of an execution could not be waited for");
                None
            }
        }
    };
    let mut response: HttpResponse = match found {
        Some(execution) if ended(&execution) => outcome::respond(&execution)?,
        Some(execution) => return Ok(accepted::respond(state, &accepted, &execution)),
        None => return Ok(accepted::respond(state, &accepted, &accepted.execution)),
    };
    accepted::mark_replay(&accepted, response.headers_mut());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::CallbackSettings;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn credentials_are_not_kept_and_repeated_headers_are_joined() {
        let mut map = HeaderMap::new();
        for (name, value) in [("authorization", "Bearer hush"), ("cookie", "a=hush"), ("x-trace", "1"), ("x-trace", "2")] {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        assert_eq!(headers(&map).to_json_text(), r#"{"x-trace":"1, 2"}"#);
    }

    #[test]
    fn another_body_or_another_callback_is_another_call() {
        let body = |n| Value::object([("n", Value::Int(n))]);
        let to = CallbackSettings::to;
        assert_eq!(fingerprint_of(&body(1), None), fingerprint_of(&body(1), None));
        assert_ne!(fingerprint_of(&body(1), None), fingerprint_of(&body(2), None));
        assert_ne!(fingerprint_of(&body(1), Some(&to("http://a"))), fingerprint_of(&body(1), Some(&to("http://b"))));
    }
}
