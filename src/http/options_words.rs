//! The word `options` of a call: when it runs, how it is marked, what it may use.
//! Never lets a misspelt word pass in silence.

use super::callback_words::as_ms;
use super::config_words;
use crate::domain::limits::{METADATA_BYTES_MAX, TAG_CHARS_MAX, TAGS_MAX};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::start::StartOptions;

const KEYS: [&str; 6] = ["delay", "run_at", "priority", "tags", "metadata", "async_function_config"];
/// Seconds (ten years).
const DELAY_S_MAX: f64 = 10.0 * 366.0 * 24.0 * 3600.0;
const PRIORITIES: std::ops::RangeInclusive<i64> = -100..=100;

/// Reads `options`.
///
/// # Errors
/// What does not hold, in words.
pub fn read(value: &Value) -> Result<StartOptions, String> {
    let object = value.as_object().ok_or_else(|| format!("options is an object, not {}", value.kind()))?;
    let mut options = StartOptions::default();
    for (name, value) in &object.fields {
        if value.is_null() {
            continue;
        }
        match &**name {
            "delay" => options.delay_ms = Some(delay(value)?),
            "run_at" => options.run_at = Some(run_at(value)?),
            "priority" => options.priority = Some(priority(value)?),
            "tags" => options.tags = tags(value)?,
            "metadata" => options.metadata = metadata(value)?,
            "async_function_config" => options.config = config_words::read(value)?,
            odd => return Err(format!("options.{odd} does not exist; there are {}", KEYS.join(", "))),
        }
    }
    if options.delay_ms.is_some() && options.run_at.is_some() {
        return Err("options.delay and options.run_at exclude each other".to_owned());
    }
    Ok(options)
}

fn delay(value: &Value) -> Result<i64, String> {
    match value.as_number() {
        Some(delay_s) if (0.0..=DELAY_S_MAX).contains(&delay_s) => Ok(as_ms(delay_s)),
        _ => Err("options.delay is a number of seconds, 0 or more".to_owned()),
    }
}

fn run_at(value: &Value) -> Result<Timestamp, String> {
    let text = value.as_str().and_then(Timestamp::parse_rfc3339);
    text.ok_or_else(|| "options.run_at is a time such as \"2030-01-31T12:00:00Z\"".to_owned())
}

fn priority(value: &Value) -> Result<i16, String> {
    let priority = value.as_integer().filter(|priority| PRIORITIES.contains(priority));
    priority
        .and_then(|priority| i16::try_from(priority).ok())
        .ok_or_else(|| format!("options.priority is an integer from {} to {}", PRIORITIES.start(), PRIORITIES.end()))
}

fn tags(value: &Value) -> Result<Vec<String>, String> {
    let wrong = || format!("options.tags is a list of at most {TAGS_MAX} texts of 1 to {TAG_CHARS_MAX} characters");
    let items = match value {
        Value::Text(_) => std::slice::from_ref(value),
        other => other.as_array().ok_or_else(wrong)?,
    };
    if items.len() > TAGS_MAX {
        return Err(wrong());
    }
    let mut tags: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let tag = item.as_str().filter(|tag| (1..=TAG_CHARS_MAX).contains(&tag.chars().count())).ok_or_else(wrong)?;
        if !tags.iter().any(|other| other == tag) {
            tags.push(tag.to_owned());
        }
    }
    Ok(tags)
}

fn metadata(value: &Value) -> Result<Value, String> {
    let bytes = value.to_json_text().len();
    if bytes > METADATA_BYTES_MAX {
        return Err(format!("options.metadata has {bytes} bytes, and at most {METADATA_BYTES_MAX} are echoed"));
    }
    Ok(value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> Result<StartOptions, String> {
        read(&Value::from_json_text(json).unwrap())
    }

    #[test]
    fn every_option_is_read() {
        let read = options(
            r#"{"delay": 1.5, "priority": 5, "tags": ["nightly", "a", "a"], "metadata": {"invoice": 7}, "run_at": null,
                "async_function_config": {"retry_policy": {"max_retries": 2}}}"#,
        )
        .unwrap();
        assert_eq!((read.delay_ms, read.priority), (Some(1500), Some(5)));
        assert_eq!(read.tags, ["nightly", "a"]);
        assert_eq!(read.metadata.to_json_text(), r#"{"invoice":7}"#);
        assert_eq!(read.config.max_retries, Some(2));
        assert!(options(r#"{"run_at": "2030-01-31T12:00:00+01:00"}"#).unwrap().run_at.is_some());
    }

    #[test]
    fn what_does_not_hold_is_refused_by_name() {
        for (json, words) in [
            ("7", "an object"),
            (r#"{"delay": "soon"}"#, "options.delay"),
            (r#"{"delay": -1}"#, "options.delay"),
            (r#"{"run_at": "soon"}"#, "options.run_at"),
            (r#"{"delay": 1, "run_at": "2030-01-31T12:00:00Z"}"#, "exclude"),
            (r#"{"priority": 101}"#, "-100 to 100"),
            (r#"{"tags": 7}"#, "options.tags"),
            (r#"{"tags": [""]}"#, "options.tags"),
            (r#"{"dealy": 1}"#, "options.dealy"),
            (r#"{"async_function_config": {"resource_limits": {"memory_limit": "much"}}}"#, "memory_limit"),
        ] {
            let message = options(json).unwrap_err();
            assert!(message.contains(words), "{json}: {message}");
        }
        let large = format!("{{\"metadata\": \"{}\"}}", "x".repeat(METADATA_BYTES_MAX));
        assert!(options(&large).unwrap_err().contains("options.metadata"));
    }
}
