//! The settings of a callback as a call gives them.
//! Never decides whether its address may be called, and never repeats a secret in a message.

use actix_web::http::header::{HeaderName, HeaderValue};
use base64::Engine as _;

use super::control_words::WordError;
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::limits::{CALLBACK_HEADERS_BYTES_MAX, CALLBACK_HEADERS_MAX};
use crate::domain::value::{Object, Value};

const KEYS: [&str; 12] = [
    "url",
    "headers",
    "secret",
    "auth",
    "events",
    "retry",
    "failure_url",
    "timeout",
    "follow_redirects",
    "accept_html",
    "one_shot",
    "order_key",
];
const FORBIDDEN_HEADERS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];
/// Seconds of one exchange.
const TIMEOUT_S: std::ops::RangeInclusive<f64> = 1.0..=300.0;
const REDIRECTS_MAX: i64 = 3;
const RETRIES_MAX: usize = 30;
/// Seconds before one retry (30 days).
const DELAY_S_MAX: f64 = 30.0 * 24.0 * 3600.0;
const ORDER_KEY_BYTES_MAX: usize = 255;

/// Reads `callback`; `url` is what `callback_url` said. `None` if both say that there is nobody to call.
///
/// # Errors
/// What does not hold, in words.
pub fn read(value: &Value, url: Option<&str>) -> Result<Option<CallbackSettings>, WordError> {
    let Some(object) = value.as_object() else { return Ok(url.map(CallbackSettings::to)) };
    if let Some(odd) = object.fields.keys().find(|key| !KEYS.contains(&&***key)) {
        return refuse(format!("callback.{odd} is no setting; there are {}", KEYS.join(", ")));
    }
    let own = match object.get("url") {
        None if url.is_none() => return refuse("callback.url is missing".to_owned()),
        None => None,
        Some(_) => text(object, "url")?,
    };
    let url = match (own, url) {
        (Some(own), Some(other)) if own != other => {
            return Err(WordError::Contradiction("callback.url and callback_url differ".to_owned()));
        }
        (own, other) => match own.or_else(|| other.map(str::to_owned)) {
            Some(url) => url,
            None => return Ok(None),
        },
    };
    let mut settings = CallbackSettings::to(url);
    if let Some(headers) = given(object, "headers") {
        add_headers(&mut settings, headers)?;
    }
    if let Some(auth) = given(object, "auth") {
        add_auth(&mut settings, auth)?;
    }
    settings.secret = text(object, "secret")?;
    if let Some(secret) = &settings.secret {
        check_secret(secret)?;
    }
    settings.events = given(object, "events").map(events).transpose()?;
    settings.failure_url = text(object, "failure_url")?;
    settings.retry_delays_ms = given(object, "retry").map(retry).transpose()?;
    settings.timeout_ms = given(object, "timeout").map(timeout).transpose()?;
    settings.follow_redirects = given(object, "follow_redirects").map_or(Ok(0), redirects)?;
    settings.accept_html = flag(object, "accept_html")?;
    settings.one_shot = flag(object, "one_shot")?;
    settings.order_key = text(object, "order_key")?;
    if settings.order_key.as_ref().is_some_and(|key| key.len() > ORDER_KEY_BYTES_MAX) {
        return refuse(format!("callback.order_key has more than {ORDER_KEY_BYTES_MAX} bytes"));
    }
    Ok(Some(settings))
}

/// Adds the caller's own headers.
///
/// # Errors
/// Names that are ours, values that are no header, too many or too long ones.
pub fn add_headers(settings: &mut CallbackSettings, value: &Value) -> Result<(), WordError> {
    let Some(headers) = value.as_object() else {
        return refuse(format!("callback.headers is an object of texts, not {}", value.kind()));
    };
    for (name, value) in &headers.fields {
        if !matches!(value, Value::Text(_) | Value::Int(_) | Value::Decimal(_) | Value::Bool(_)) {
            return refuse(format!("callback.headers.{name} is a text, not {}", value.kind()));
        }
        add_header(settings, name, value.to_text())?;
    }
    Ok(())
}

fn add_header(settings: &mut CallbackSettings, name: &str, value: String) -> Result<(), WordError> {
    let lower = name.to_ascii_lowercase();
    if FORBIDDEN_HEADERS.contains(&&*lower) || lower.starts_with("webhook-") {
        return refuse(format!("the callback's header \"{name}\" is set by the server itself"));
    }
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return refuse(format!("\"{name}\" is no name of a header"));
    }
    if HeaderValue::from_str(&value).is_err() {
        return refuse(format!("the value of the callback's header \"{name}\" has characters that no header may have"));
    }
    settings.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    settings.headers.push((name.to_owned(), value));
    let bytes: usize = settings.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if settings.headers.len() > CALLBACK_HEADERS_MAX || bytes > CALLBACK_HEADERS_BYTES_MAX {
        return refuse(format!(
            "a callback has at most {CALLBACK_HEADERS_MAX} headers of together {CALLBACK_HEADERS_BYTES_MAX} bytes"
        ));
    }
    Ok(())
}

/// `{type, …}` as tools offer it; all become a header.
fn add_auth(settings: &mut CallbackSettings, value: &Value) -> Result<(), WordError> {
    let Some(auth) = value.as_object() else {
        return refuse(format!("callback.auth is an object with a type, not {}", value.kind()));
    };
    let part = |name: &str| match text(auth, name)? {
        Some(part) => Ok(part),
        None => refuse(format!("callback.auth.{name} is missing")),
    };
    match text(auth, "type")?.as_deref() {
        Some("header") => add_header(settings, &part("name")?, part("value")?),
        Some("bearer") => add_header(settings, "Authorization", format!("Bearer {}", part("token")?)),
        Some("basic") => {
            let pair = format!("{}:{}", part("username")?, part("password")?);
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            add_header(settings, "Authorization", format!("Basic {encoded}"))
        }
        _ => refuse("callback.auth.type is \"header\", \"basic\" or \"bearer\"".to_owned()),
    }
}

fn check_secret(secret: &str) -> Result<(), WordError> {
    let decoded = secret.strip_prefix("whsec_").and_then(|key| base64::engine::general_purpose::STANDARD.decode(key).ok());
    match decoded {
        Some(bytes) if (24..=64).contains(&bytes.len()) => Ok(()),
        _ => refuse("callback.secret is whsec_ and the base64 of 24 to 64 bytes".to_owned()),
    }
}

fn events(value: &Value) -> Result<Vec<EventType>, WordError> {
    let Some(names) = value.as_array() else { return refuse("callback.events is a list".to_owned()) };
    let event = |name: &Value| match name.as_str().and_then(EventType::parse) {
        Some(event) => Ok(event),
        None => {
            let known: Vec<_> = EventType::ALL.iter().map(|event| event.as_str()).collect();
            refuse(format!("callback.events: {} is no event; there are {}", name.to_json_text(), known.join(", ")))
        }
    };
    names.iter().map(event).collect()
}

/// `{"delays": [seconds]}`, or the list alone.
fn retry(value: &Value) -> Result<Vec<i64>, WordError> {
    let delays = value.as_object().and_then(|retry| retry.get("delays")).unwrap_or(value);
    let wrong =
        || format!("callback.retry is {{\"delays\": […]}} with at most {RETRIES_MAX} numbers of seconds, each up to 30 days");
    let Some(delays) = delays.as_array().filter(|delays| delays.len() <= RETRIES_MAX) else { return refuse(wrong()) };
    delays
        .iter()
        .map(|delay| match seconds(delay) {
            Some(delay_s) if (0.0..=DELAY_S_MAX).contains(&delay_s) => Ok(as_ms(delay_s)),
            _ => refuse(wrong()),
        })
        .collect()
}

fn timeout(value: &Value) -> Result<i64, WordError> {
    match seconds(value) {
        Some(timeout_s) if TIMEOUT_S.contains(&timeout_s) => Ok(as_ms(timeout_s)),
        _ => refuse("callback.timeout is a number of seconds between 1 and 300".to_owned()),
    }
}

fn redirects(value: &Value) -> Result<u8, WordError> {
    let hops = match value {
        Value::Bool(false) => Some(0),
        Value::Bool(true) => Some(REDIRECTS_MAX),
        other => other.as_integer().filter(|hops| (0..=REDIRECTS_MAX).contains(hops)),
    };
    match hops.and_then(|hops| u8::try_from(hops).ok()) {
        Some(hops) => Ok(hops),
        None => refuse(format!("callback.follow_redirects is a number from 0 to {REDIRECTS_MAX}")),
    }
}

fn seconds(value: &Value) -> Option<f64> {
    matches!(value, Value::Int(_) | Value::Decimal(_)).then(|| value.as_number())?
}

#[expect(clippy::cast_possible_truncation, reason = "every caller has checked the range")]
pub(super) fn as_ms(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// A value that is there and not null.
fn given<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A text; an empty one counts as none.
fn text(object: &Object, name: &str) -> Result<Option<String>, WordError> {
    match given(object, name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.to_string()).filter(|text| !text.is_empty())),
        Some(other) => refuse(format!("callback.{name} is a text, not {}", other.kind())),
    }
}

fn flag(object: &Object, name: &str) -> Result<bool, WordError> {
    match given(object, name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => refuse(format!("callback.{name} is true or false, not {}", other.kind())),
    }
}

fn refuse<T>(message: String) -> Result<T, WordError> {
    Err(WordError::Callback(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Result<Option<CallbackSettings>, WordError> {
        read(&Value::from_json_text(json).unwrap(), None)
    }

    #[test]
    fn every_setting_is_read() {
        let read = settings(
            r#"{"url": "http://a/x?b=1", "headers": {"X-Tenant": 7}, "secret": "whsec_b3duLXNlY3JldC1vZi10aGUtY2FsbGVyLTEyMw==",
                "auth": {"type": "basic", "username": "u", "password": "p"}, "events": ["execution.progress"],
                "retry": {"delays": [0.5, 2]}, "failure_url": "http://a/y", "timeout": 1, "follow_redirects": 2,
                "accept_html": true, "one_shot": true, "order_key": "k"}"#,
        );
        let read = read.unwrap().unwrap();
        assert_eq!(read.url, "http://a/x?b=1");
        assert_eq!(read.headers[1], ("Authorization".to_owned(), "Basic dTpw".to_owned()));
        assert_eq!(read.events, Some(vec![EventType::Progress]));
        assert_eq!(read.retry_delays_ms, Some(vec![500, 2000]));
        assert_eq!((read.timeout_ms, read.follow_redirects), (Some(1000), 2));
        assert!(read.accept_html && read.one_shot && read.order_key.is_some() && read.failure_url.is_some());
    }

    #[test]
    fn a_callback_to_nobody_is_none() {
        assert_eq!(settings(r#"{"url": null}"#), Ok(None));
        assert_eq!(settings(r#"{"url": ""}"#), Ok(None));
    }

    #[test]
    fn what_does_not_hold_is_refused_in_words_and_no_secret_is_repeated() {
        for (extra, words) in [
            (r#""secret": "whsec_c2hvcnQ=""#, "callback.secret"),
            (r#""headers": {"webhook-id": "mine"}"#, "webhook-id"),
            (r#""headers": {"Host": "elsewhere"}"#, "Host"),
            (r#""headers": {"a b": "c"}"#, "no name of a header"),
            (r#""headers": {"a": "b\nc"}"#, "characters"),
            (r#""headers": {"a": {}}"#, "a text"),
            (r#""headers": 7"#, "an object"),
            (r#""events": ["execution.dreamt"]"#, "execution.completed"),
            (r#""timeout": 0.5"#, "between 1 and 300"),
            (r#""timeout": "1""#, "between 1 and 300"),
            (r#""retry": {"delays": [-1]}"#, "callback.retry"),
            (r#""follow_redirects": 9"#, "0 to 3"),
            (r#""auth": {"type": "magic"}"#, "bearer"),
            (r#""auth": {"type": "bearer"}"#, "callback.auth.token"),
            (r#""ulr": "x""#, "callback.ulr"),
        ] {
            let error = settings(&format!("{{\"url\": \"http://a/x\", {extra}}}")).unwrap_err();
            let WordError::Callback(message) = error else { panic!("{extra}: {error:?}") };
            assert!(message.contains(words), "{extra}: {message}");
            assert!(!message.contains("c2hvcnQ"), "{message}");
        }
        let many: Vec<_> = (0..21).map(|n| format!("\"x-{n}\": \"1\"")).collect();
        assert!(settings(&format!("{{\"url\": \"http://a/x\", \"headers\": {{{}}}}}", many.join(","))).is_err());
    }
}
