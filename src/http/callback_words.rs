//! The settings of a callback as a call spells them.
//! Never judges what they mean (the engine does), and never repeats a secret in a message.

use base64::Engine as _;

use super::control_words::WordError;
use crate::domain::callback::{CallbackAuth, CallbackSettings, EventType};
use crate::domain::flow::FlowControl;
use crate::domain::value::{Object, Value};

const KEYS: [&str; 13] = [
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
    "flow_control",
];
/// What `flow_control` may say.
const FLOW_KEYS: [&str; 4] = ["key", "parallelism", "rate", "per"];
/// Seconds that `flow_control.rate` is for, where `per` does not say.
const FLOW_PER_MS: i64 = 1000;
const MASK: &str = "********";
/// Redirects that `true` stands for.
const REDIRECTS: i64 = 3;

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
    settings.events = given(object, "events").map(events).transpose()?;
    settings.failure_url = text(object, "failure_url")?;
    settings.retry_delays_ms = given(object, "retry").map(retry).transpose()?;
    settings.timeout_ms = given(object, "timeout").map(timeout).transpose()?;
    settings.follow_redirects = given(object, "follow_redirects").map_or(Ok(0), redirects)?;
    settings.accept_html = flag(object, "accept_html")?;
    settings.one_shot = flag(object, "one_shot")?;
    settings.order_key = text(object, "order_key")?;
    settings.flow_control = given(object, "flow_control").map(flow_control).transpose()?;
    Ok(Some(settings))
}

/// Adds the caller's own headers.
///
/// # Errors
/// Values that are no texts.
pub fn add_headers(settings: &mut CallbackSettings, value: &Value) -> Result<(), WordError> {
    let Some(headers) = value.as_object() else {
        return refuse(format!("callback.headers is an object of texts, not {}", value.kind()));
    };
    for (name, value) in &headers.fields {
        if !matches!(value, Value::Text(_) | Value::Int(_) | Value::Decimal(_) | Value::Bool(_)) {
            return refuse(format!("callback.headers.{name} is a text, not {}", value.kind()));
        }
        add_header(settings, name, value.to_text());
    }
    Ok(())
}

/// The words of a call without what nobody may read: it stays in `request.body`, which is stored and shown.
pub fn masked(word: &str, value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let mask = |name: &str, value: &Value| match (word, name) {
        _ if value.is_null() => Value::Null,
        ("callback", "headers") => masked("callback_headers", value),
        ("callback", "secret" | "auth") | ("callback_headers", _) => Value::text(MASK),
        _ => value.clone(),
    };
    Value::object(object.fields.iter().map(|(name, value)| (name.clone(), mask(name, value))))
}

/// Names are compared without case; the later one holds.
fn add_header(settings: &mut CallbackSettings, name: &str, value: String) {
    settings.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    settings.headers.push((name.to_owned(), value));
}

/// `{type, …}` as tools offer it; what is the same for every attempt becomes a header.
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
            add_header(settings, "Authorization", format!("Basic {encoded}"));
        }
        Some("jwt") => settings.auth = Some(CallbackAuth::Jwt { secret: part("secret")? }),
        _ => return refuse("callback.auth.type is \"header\", \"basic\", \"bearer\" or \"jwt\"".to_owned()),
    }
    Ok(())
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
    let delays = value.as_object().and_then(|retry| retry.get("delays")).unwrap_or(value).as_array();
    match delays.and_then(|delays| delays.iter().map(seconds_as_ms).collect()) {
        Some(delays_ms) => Ok(delays_ms),
        None => refuse("callback.retry is {\"delays\": […]} with a list of numbers of seconds".to_owned()),
    }
}

fn timeout(value: &Value) -> Result<i64, WordError> {
    seconds_as_ms(value).map_or_else(|| refuse("callback.timeout is a number of seconds".to_owned()), Ok)
}

/// `{key, parallelism, rate, per}`; the key may be left out where one is enough.
fn flow_control(value: &Value) -> Result<FlowControl, WordError> {
    let Some(object) = value.as_object() else {
        return refuse(format!("callback.flow_control is an object, not {}", value.kind()));
    };
    if let Some(odd) = object.fields.keys().find(|key| !FLOW_KEYS.contains(&&***key)) {
        return refuse(format!("callback.flow_control.{odd} is no setting; there are {}", FLOW_KEYS.join(", ")));
    }
    let count = |name: &str| match given(object, name).map(|value| value.as_integer().and_then(|n| u32::try_from(n).ok())) {
        None => Ok(None),
        Some(Some(count)) => Ok(Some(count)),
        Some(None) => refuse(format!("callback.flow_control.{name} is a whole number")),
    };
    let per_ms = match given(object, "per").map(seconds_as_ms) {
        None => FLOW_PER_MS,
        Some(Some(per_ms)) => per_ms,
        Some(None) => return refuse("callback.flow_control.per is a number of seconds".to_owned()),
    };
    let key = given(object, "key").map(Value::to_text).unwrap_or_default();
    Ok(FlowControl { key, parallelism: count("parallelism")?, rate: count("rate")?, per_ms })
}

fn redirects(value: &Value) -> Result<u8, WordError> {
    let hops = match value {
        Value::Bool(follow) => Some(if *follow { REDIRECTS } else { 0 }),
        other => other.as_integer(),
    };
    match hops.and_then(|hops| u8::try_from(hops).ok()) {
        Some(hops) => Ok(hops),
        None => refuse(format!("callback.follow_redirects is a number from 0 to {REDIRECTS}")),
    }
}

fn seconds_as_ms(value: &Value) -> Option<i64> {
    let seconds = matches!(value, Value::Int(_) | Value::Decimal(_)).then(|| value.as_number())??;
    Some(as_ms(seconds))
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and is refused by its range")]
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
                "accept_html": true, "one_shot": true, "order_key": "k",
                "flow_control": {"key": "f", "parallelism": 2, "rate": 5, "per": 1.5}}"#,
        );
        let read = read.unwrap().unwrap();
        assert_eq!(read.url, "http://a/x?b=1");
        assert_eq!(read.headers[1], ("Authorization".to_owned(), "Basic dTpw".to_owned()));
        assert_eq!(read.events, Some(vec![EventType::Progress]));
        assert_eq!(read.retry_delays_ms, Some(vec![500, 2000]));
        assert_eq!((read.timeout_ms, read.follow_redirects), (Some(1000), 2));
        let flow = FlowControl { key: "f".into(), parallelism: Some(2), rate: Some(5), per_ms: 1500 };
        assert_eq!(read.flow_control, Some(flow));
        assert!(read.accept_html && read.one_shot && read.order_key.is_some() && read.failure_url.is_some());
    }

    #[test]
    fn a_receiver_may_check_tokens_that_are_made_for_each_attempt() {
        let read = settings(r#"{"url": "http://a/x", "auth": {"type": "jwt", "secret": "phrase"}}"#).unwrap().unwrap();
        assert!(read.headers.is_empty() && read.auth == Some(CallbackAuth::Jwt { secret: "phrase".into() }));
    }

    #[test]
    fn what_nobody_may_read_is_masked_and_the_rest_stays() {
        let callback = r#"{"url":"http://a/x","secret":"hidden","headers":{"X-A":"hidden"},"auth":{"type":"bearer","token":"hidden"},"events":[]}"#;
        let masked_callback = masked("callback", &Value::from_json_text(callback).unwrap()).to_json_text();
        let expected = r#"{"url":"http://a/x","secret":"********","headers":{"X-A":"********"},"auth":"********","events":[]}"#;
        assert_eq!(masked_callback, expected);
        let headers = Value::from_json_text(r#"{"X-A":7}"#).unwrap();
        assert_eq!(masked("callback_headers", &headers).to_json_text(), r#"{"X-A":"********"}"#);
    }

    #[test]
    fn a_callback_to_nobody_is_none() {
        assert_eq!(settings(r#"{"url": null}"#), Ok(None));
        assert_eq!(settings(r#"{"url": ""}"#), Ok(None));
    }

    #[test]
    fn what_does_not_hold_is_refused_in_words_and_no_secret_is_repeated() {
        for (extra, words) in [
            (r#""secret": ["c2hvcnQ"]"#, "callback.secret"),
            (r#""headers": {"a": {}}"#, "a text"),
            (r#""headers": 7"#, "an object"),
            (r#""events": ["execution.dreamt"]"#, "execution.completed"),
            (r#""timeout": "1""#, "number of seconds"),
            (r#""retry": {"delays": ["1"]}"#, "callback.retry"),
            (r#""follow_redirects": -1"#, "0 to 3"),
            (r#""auth": {"type": "magic"}"#, "bearer"),
            (r#""auth": {"type": "bearer"}"#, "callback.auth.token"),
            (r#""ulr": "x""#, "callback.ulr"),
            (r#""flow_control": 3"#, "callback.flow_control is an object"),
            (r#""flow_control": {"rate": "many"}"#, "callback.flow_control.rate"),
            (r#""flow_control": {"period": 1}"#, "callback.flow_control.period"),
        ] {
            let error = settings(&format!("{{\"url\": \"http://a/x\", {extra}}}")).unwrap_err();
            let WordError::Callback(message) = error else { panic!("{extra}: {error:?}") };
            assert!(message.contains(words), "{extra}: {message}");
            assert!(!message.contains("c2hvcnQ"), "{message}");
        }
    }
}
