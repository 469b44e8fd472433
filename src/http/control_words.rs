//! The few words of a body that speak to Ringback instead of the function.
//! Never reads any other word, and never one that the function declares as its own input.

use super::callback_words;
use super::options_words;
use super::prefer::Prefer;
use crate::domain::callback::CallbackSettings;
use crate::domain::function::ExecutionMode;
use crate::domain::limits::IDEMPOTENCY_KEY_BYTES_MAX;
use crate::domain::value::{Object, Value};
use crate::engine::start::StartOptions;

/// What a call says beside its input.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// `None`: the function's own mode holds.
    pub mode: Option<ExecutionMode>,
    pub callback: Option<CallbackSettings>,
    pub key: Option<String>,
    pub options: StartOptions,
    /// The body without the words.
    pub input: Value,
    /// The body with what nobody may read masked.
    pub shown: Value,
}

/// What the rest of the request says about the same things.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The query's `async`.
    pub query: Option<&'a str>,
    pub prefer: Prefer,
    /// The header `Idempotency-Key`.
    pub key: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    #[error("{0}")]
    Contradiction(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Callback(String),
}

/// Reads the words of a body. `is_input` knows the inputs that the function declares.
///
/// # Errors
/// Words that contradict each other or do not hold.
pub fn read(body: &Object, around: Around<'_>, is_input: impl Fn(&str) -> bool) -> Result<Words, WordError> {
    let mut reader = Reader { body, is_input, taken: Vec::new() };
    let options = match reader.word("options", |_| true) {
        Some(value) => options_words::read(value).map_err(WordError::Invalid)?,
        None => StartOptions::default(),
    };
    let callback = reader.callback()?;
    let mode = reader.mode(&options, around, callback.is_some())?;
    let key = reader.key(around.key)?;
    Ok(Words { mode, callback, key, options, shown: reader.shown(), input: reader.rest() })
}

struct Reader<'a, F> {
    body: &'a Object,
    is_input: F,
    taken: Vec<&'static str>,
}

impl<'a, F: Fn(&str) -> bool> Reader<'a, F> {
    /// The value of a word, if it stands there, is not the function's own, and `is_word` takes it for one. Null is no value.
    fn word(&mut self, name: &'static str, is_word: impl Fn(&Value) -> bool) -> Option<&'a Value> {
        let value = self.body.get(name).filter(|value| !(self.is_input)(name) && (value.is_null() || is_word(value)))?;
        self.taken.push(name);
        Some(value).filter(|value| !value.is_null())
    }

    fn mode(
        &mut self,
        options: &StartOptions,
        around: Around<'_>,
        has_callback: bool,
    ) -> Result<Option<ExecutionMode>, WordError> {
        let flag = match self.word("async", |_| true) {
            Some(value) => Some(as_mode(value).ok_or_else(|| {
                WordError::Invalid(format!("async is true or false, not {}; a function may declare it as an input", shown(value)))
            })?),
            None => None,
        };
        let process_type = self.word("process_type", |value| matches!(value.as_str(), Some("async" | "sync")));
        let process_type =
            process_type.map(|value| if value.as_str() == Some("async") { ExecutionMode::Async } else { ExecutionMode::Sync });
        let said = [
            ("async", flag),
            ("process_type", process_type),
            ("options.async_function_config.execution_mode", options.config.execution_mode),
        ];
        let mut said = said.iter().filter_map(|(word, mode)| Some((*word, (*mode)?)));
        if let Some((word, mode)) = said.next() {
            return match said.find(|(_, other)| *other != mode) {
                Some((other, _)) => Err(WordError::Contradiction(format!("{word} and {other} say different things"))),
                None => Ok(Some(mode)),
            };
        }
        if let Some(text) = around.query {
            let mode = as_mode(&Value::text(if text.is_empty() { "true" } else { text }));
            return mode
                .map(Some)
                .ok_or_else(|| WordError::Invalid(format!("the query's async is true or false, not \"{text}\"")));
        }
        // Who gives an address to call back does not wait.
        Ok((around.prefer.respond_async || has_callback).then_some(ExecutionMode::Async))
    }

    fn callback(&mut self) -> Result<Option<CallbackSettings>, WordError> {
        let url = match self.word("callback_url", |_| true) {
            None => None,
            Some(Value::Text(url)) => Some(url.as_ref()).filter(|url| !url.is_empty()),
            Some(other) => return Err(WordError::Callback(format!("callback_url is a text, not {}", other.kind()))),
        };
        let settings = match self.word("callback", |value| value.as_object().is_some()) {
            Some(value) => callback_words::read(value, url)?,
            None => url.map(CallbackSettings::to),
        };
        let Some(mut settings) = settings else { return Ok(None) };
        if let Some(value) = self.word("callback_headers", |value| value.as_object().is_some()) {
            callback_words::add_headers(&mut settings, value)?;
        }
        Ok(Some(settings))
    }

    fn key(&mut self, header: Option<&str>) -> Result<Option<String>, WordError> {
        let in_body = match self.word("idempotency_key", |_| true) {
            Some(value @ (Value::Text(_) | Value::Int(_))) => Some(value.to_text()).filter(|key| !key.is_empty()),
            Some(other) => return Err(WordError::Invalid(format!("idempotency_key is a text, not {}", other.kind()))),
            None => None,
        };
        let key = match (header, in_body) {
            (Some(header), Some(body)) if header != body => {
                return Err(WordError::Contradiction("idempotency_key and the header Idempotency-Key differ".to_owned()));
            }
            (Some(""), _) => return Err(WordError::Invalid("the header Idempotency-Key is empty".to_owned())),
            (header, body) => header.map(str::to_owned).or(body),
        };
        match key {
            Some(key) if key.len() > IDEMPOTENCY_KEY_BYTES_MAX => Err(WordError::Invalid(format!(
                "an idempotency key has at most {IDEMPOTENCY_KEY_BYTES_MAX} bytes, this one has {}",
                key.len()
            ))),
            key => Ok(key),
        }
    }

    fn shown(&self) -> Value {
        let shown = |name: &str, value: &Value| match self.taken.contains(&name) {
            true => callback_words::masked(name, value),
            false => value.clone(),
        };
        Value::object(self.body.fields.iter().map(|(name, value)| (name.clone(), shown(name, value))))
    }

    fn rest(self) -> Value {
        let fields = self.body.fields.iter().filter(|(name, _)| !self.taken.contains(&&***name));
        Value::object(fields.map(|(name, value)| (name.clone(), value.clone())))
    }
}

/// `true`, `"true"`, `1` and their opposites.
fn as_mode(value: &Value) -> Option<ExecutionMode> {
    let yes = match value {
        Value::Bool(value) => *value,
        Value::Int(1) => true,
        Value::Int(0) => false,
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        },
        _ => return None,
    };
    Some(if yes { ExecutionMode::Async } else { ExecutionMode::Sync })
}

fn shown(value: &Value) -> String {
    value.to_json_text().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::function::ExecutionMode::{Async, Sync};

    fn words(body: &str, around: Around<'_>, inputs: &[&str]) -> Result<Words, WordError> {
        let body = Value::from_json_text(body).unwrap();
        read(body.as_object().unwrap(), around, |name| inputs.contains(&name))
    }

    fn mode(body: &str) -> Option<ExecutionMode> {
        words(body, Around::default(), &[]).unwrap().mode
    }

    fn input(body: &str, inputs: &[&str]) -> String {
        words(body, Around::default(), inputs).unwrap().input.to_json_text()
    }

    #[test]
    fn the_mode_is_what_the_body_says() {
        for (body, expected) in [
            ("{}", None),
            (r#"{"async": true}"#, Some(Async)),
            (r#"{"async": "true"}"#, Some(Async)),
            (r#"{"async": 1}"#, Some(Async)),
            (r#"{"async": false}"#, Some(Sync)),
            (r#"{"async": "0"}"#, Some(Sync)),
            (r#"{"async": null}"#, None),
            (r#"{"process_type": "async"}"#, Some(Async)),
            (r#"{"process_type": "sync"}"#, Some(Sync)),
            (r#"{"process_type": "batch"}"#, None),
            (r#"{"async": true, "process_type": "async"}"#, Some(Async)),
            (r#"{"async": true, "process_type": "batch"}"#, Some(Async)),
            (r#"{"callback_url": "http://a/x"}"#, Some(Async)),
            (r#"{"callback": {"url": "http://a/x"}}"#, Some(Async)),
            (r#"{"callback_url": "http://a/x", "async": false}"#, Some(Sync)),
            (r#"{"callback_url": null}"#, None),
            (r#"{"callback_url": ""}"#, None),
            (r#"{"options": {"async_function_config": {"execution_mode": "async"}}}"#, Some(Async)),
        ] {
            assert_eq!(mode(body), expected, "{body}");
        }
    }

    #[test]
    fn the_body_wins_over_the_query_and_the_query_over_the_header() {
        let mut prefer = Prefer::default();
        prefer.respond_async = true;
        let with = |body: &str, query| words(body, Around { query, prefer, key: None }, &[]).unwrap().mode;
        assert_eq!(with("{}", None), Some(Async));
        assert_eq!(with("{}", Some("false")), Some(Sync));
        assert_eq!(with("{}", Some("")), Some(Async));
        assert_eq!(with(r#"{"async": false}"#, Some("true")), Some(Sync));
        let odd = words("{}", Around { query: Some("perhaps"), ..Around::default() }, &[]);
        assert!(matches!(odd, Err(WordError::Invalid(_))), "{odd:?}");
    }

    #[test]
    fn words_that_contradict_each_other_are_refused() {
        for body in [
            r#"{"async": true, "process_type": "sync"}"#,
            r#"{"async": false, "process_type": "async"}"#,
            r#"{"async": true, "options": {"async_function_config": {"execution_mode": "sync"}}}"#,
            r#"{"callback_url": "http://a/x", "callback": {"url": "http://a/y"}}"#,
        ] {
            assert!(matches!(words(body, Around::default(), &[]), Err(WordError::Contradiction(_))), "{body}");
        }
        let keys = words(r#"{"idempotency_key": "a"}"#, Around { key: Some("b"), ..Around::default() }, &[]);
        assert!(matches!(keys, Err(WordError::Contradiction(_))));
    }

    #[test]
    fn words_that_do_not_hold_are_refused() {
        for body in [r#"{"async": "perhaps"}"#, r#"{"async": 2}"#, r#"{"options": 7}"#, r#"{"idempotency_key": {}}"#] {
            assert!(matches!(words(body, Around::default(), &[]), Err(WordError::Invalid(_))), "{body}");
        }
        for body in [r#"{"callback_url": 7}"#, r#"{"callback": {"headers": {}}}"#] {
            assert!(matches!(words(body, Around::default(), &[]), Err(WordError::Callback(_))), "{body}");
        }
        let long = "k".repeat(300);
        assert!(matches!(words("{}", Around { key: Some(&long), ..Around::default() }, &[]), Err(WordError::Invalid(_))));
    }

    #[test]
    fn the_input_is_the_body_less_its_words() {
        assert_eq!(
            input(
                r#"{"a": 1, "async": true, "process_type": "async", "callback_url": null, "options": {}, "idempotency_key": "k", "tags": ["x"], "priority": "high"}"#,
                &[]
            ),
            r#"{"a":1,"tags":["x"],"priority":"high"}"#
        );
        assert_eq!(
            input(r#"{"process_type": "batch", "callback": "on Monday"}"#, &[]),
            r#"{"process_type":"batch","callback":"on Monday"}"#
        );
        assert_eq!(
            input(r#"{"callback_url": "call me", "async": true, "options": 7}"#, &["callback_url", "options"]),
            r#"{"callback_url":"call me","options":7}"#
        );
        assert_eq!(input(r#"{"callback_headers": {"a": "b"}}"#, &[]), r#"{"callback_headers":{"a":"b"}}"#);
    }

    #[test]
    fn a_key_may_stand_in_the_body_or_in_the_header() {
        let key = |body: &str, header| words(body, Around { key: header, ..Around::default() }, &[]).unwrap().key;
        assert_eq!(key(r#"{"idempotency_key": "a"}"#, None).as_deref(), Some("a"));
        assert_eq!(key(r#"{"idempotency_key": 7}"#, None).as_deref(), Some("7"));
        assert_eq!(key("{}", Some("a")).as_deref(), Some("a"));
        assert_eq!(key(r#"{"idempotency_key": "a"}"#, Some("a")).as_deref(), Some("a"));
        assert_eq!(key(r#"{"idempotency_key": ""}"#, None), None);
    }

    #[test]
    fn what_the_callback_keeps_private_is_not_shown_and_an_input_of_that_name_is() {
        let body = r#"{"callback": {"url": "http://a/x", "secret": "whsec_x"}, "callback_headers": {"X-A": "b"}, "a": 1}"#;
        let shown = |inputs: &[&str]| words(body, Around::default(), inputs).unwrap().shown.to_json_text();
        assert_eq!(
            shown(&[]),
            r#"{"callback":{"url":"http://a/x","secret":"********"},"callback_headers":{"X-A":"********"},"a":1}"#
        );
        assert!(shown(&["callback"]).contains("whsec_x"));
    }

    #[test]
    fn headers_for_the_callback_may_stand_beside_its_url() {
        let body = r#"{"callback_url": "http://a/x", "callback_headers": {"X-Tenant": 7}}"#;
        let callback = words(body, Around::default(), &[]).unwrap().callback.unwrap();
        assert_eq!(callback.headers, [("X-Tenant".to_owned(), "7".to_owned())]);
    }
}
