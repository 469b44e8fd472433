//! `async_function_config` as a call gives it.
//! Never sets what the call did not name.

use super::callback_words::as_ms;
use crate::domain::function::{Backoff, ConfigPatch, ExecutionMode, OnTimeout};
use crate::domain::value::{Object, Value};

const ROOT: &str = "async_function_config";
/// Seconds (a year).
const EXECUTION_S_MAX: f64 = 366.0 * 24.0 * 3600.0;
/// Milliseconds (a year).
const DELAY_MS_MAX: f64 = EXECUTION_S_MAX * 1000.0;
const RETRIES_MAX: i64 = 1000;

/// Reads `async_function_config`.
///
/// # Errors
/// The first key that does not exist or does not hold.
pub fn read(value: &Value) -> Result<ConfigPatch, String> {
    let mut patch = ConfigPatch::default();
    each(value, ROOT, |name, value| match name {
        "execution_mode" => {
            patch.execution_mode = Some(word(value, &[("async", ExecutionMode::Async), ("sync", ExecutionMode::Sync)])?);
            Ok(())
        }
        "resource_limits" => each(value, name, |name, value| limit(&mut patch, name, value)),
        "retry_policy" => each(value, name, |name, value| retry(&mut patch, name, value)),
        "timeout_handling" => each(value, name, |name, value| timeout(&mut patch, name, value)),
        _ => Err("does not exist".to_owned()),
    })?;
    Ok(patch)
}

fn limit(patch: &mut ConfigPatch, name: &str, value: &Value) -> Result<(), String> {
    match name {
        "max_execution_time" => {
            let time_s = within(value, f64::MIN_POSITIVE..=EXECUTION_S_MAX, "is a number of seconds above 0")?;
            patch.max_execution_ms = Some(as_ms(time_s).max(1));
        }
        "memory_limit" => patch.memory_limit_bytes = Some(memory(value)?),
        "cpu_limit" => patch.cpu_millicores = Some(cpu(value)?),
        _ => return Err("does not exist".to_owned()),
    }
    Ok(())
}

fn retry(patch: &mut ConfigPatch, name: &str, value: &Value) -> Result<(), String> {
    let backoffs = [("fixed", Backoff::Fixed), ("linear", Backoff::Linear), ("exponential", Backoff::Exponential)];
    let delay = |value| within(value, 0.0..=DELAY_MS_MAX, "is a number of milliseconds").map(|ms| as_ms(ms / 1000.0));
    match name {
        "max_retries" => {
            let retries = value.as_integer().filter(|retries| (0..=RETRIES_MAX).contains(retries));
            let retries = retries.and_then(|retries| u32::try_from(retries).ok());
            patch.max_retries = Some(retries.ok_or_else(|| format!("is an integer from 0 to {RETRIES_MAX}"))?);
        }
        "backoff_strategy" => patch.backoff = Some(word(value, &backoffs)?),
        "initial_delay" => patch.initial_delay_ms = Some(delay(value)?),
        "max_delay" => patch.max_delay_ms = Some(delay(value)?),
        "jitter" => patch.jitter = Some(within(value, 0.0..=1.0, "is a number from 0 to 1")?),
        "retry_on" => {
            let codes = value.as_array().and_then(|codes| codes.iter().map(|code| code.as_str().map(str::to_owned)).collect());
            patch.retry_on = Some(codes.ok_or_else(|| "is a list of error codes".to_owned())?);
        }
        _ => return Err("does not exist".to_owned()),
    }
    Ok(())
}

fn timeout(patch: &mut ConfigPatch, name: &str, value: &Value) -> Result<(), String> {
    let endings = [("cancel", OnTimeout::Cancel), ("retry", OnTimeout::Retry), ("notify", OnTimeout::Notify)];
    match name {
        "on_timeout" => patch.on_timeout = Some(word(value, &endings)?),
        "cleanup_resources" => patch.cleanup_resources = Some(flag(value)?),
        "notify_callback" => patch.notify_callback = Some(flag(value)?),
        _ => return Err("does not exist".to_owned()),
    }
    Ok(())
}

/// Goes through the keys of an object; errors are told with their place.
fn each(value: &Value, place: &str, mut read: impl FnMut(&str, &Value) -> Result<(), String>) -> Result<(), String> {
    let Some(Object { fields, .. }) = value.as_object() else {
        return Err(format!("{place} is an object, not {}", value.kind()));
    };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        // An inner object has told its place already.
        read(name, value)
            .map_err(|message| if message.starts_with(&**name) { message } else { format!("{place}.{name} {message}") })?;
    }
    Ok(())
}

fn word<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| value.as_str() == Some(word));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        format!("is one of {}", words.join(", "))
    })
}

fn flag(value: &Value) -> Result<bool, String> {
    if let Value::Bool(value) = value { Ok(*value) } else { Err("is true or false".to_owned()) }
}

fn within(value: &Value, range: std::ops::RangeInclusive<f64>, words: &str) -> Result<f64, String> {
    value.as_number().filter(|number| range.contains(number)).ok_or_else(|| words.to_owned())
}

/// `"512MB"`, `"512MiB"`, `"512Mi"`, or bytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked beside it")]
fn memory(value: &Value) -> Result<u64, String> {
    let text = value.to_text().to_ascii_lowercase();
    let text = text.trim();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "ki" | "kib" => 1024.0,
        "mi" | "mib" => 1024.0 * 1024.0,
        "gi" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => 0.0,
    };
    let bytes = number.trim().parse::<f64>().unwrap_or(-1.0) * factor;
    if (1.0..=1e15).contains(&bytes) { Ok(bytes as u64) } else { Err("is an amount such as \"512MB\" or \"1GiB\"".to_owned()) }
}

/// `"1 core"`, `"0.5"`, `"250m"`, or a number of cores.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked beside it")]
fn cpu(value: &Value) -> Result<u32, String> {
    let text = value.to_text().to_ascii_lowercase();
    let text = text.trim().trim_end_matches("cores").trim_end_matches("core").trim();
    let (number, factor) = text.strip_suffix('m').map_or((text, 1000.0), |milli| (milli, 1.0));
    let millicores = number.trim().parse::<f64>().unwrap_or(-1.0) * factor;
    if (1.0..=1e6).contains(&millicores) {
        Ok(millicores as u32)
    } else {
        Err("is a share such as \"1 core\", \"0.5\" or \"250m\"".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(json: &str) -> Result<ConfigPatch, String> {
        read(&Value::from_json_text(json).unwrap())
    }

    #[test]
    fn every_key_is_read_and_no_other_is_set() {
        let read = patch(
            r#"{"execution_mode": "async", "resource_limits": {"max_execution_time": 1.5, "memory_limit": "512MB", "cpu_limit": "1 core"},
                "retry_policy": {"max_retries": 2, "backoff_strategy": "linear", "initial_delay": 10, "max_delay": 20, "jitter": 0,
                "retry_on": ["A"]}, "timeout_handling": {"on_timeout": "notify", "cleanup_resources": false, "notify_callback": false}}"#,
        )
        .unwrap();
        assert_eq!(
            (read.max_execution_ms, read.memory_limit_bytes, read.cpu_millicores),
            (Some(1500), Some(512_000_000), Some(1000))
        );
        assert_eq!((read.max_retries, read.initial_delay_ms, read.max_delay_ms), (Some(2), Some(10), Some(20)));
        assert_eq!((read.backoff, read.jitter, read.on_timeout), (Some(Backoff::Linear), Some(0.0), Some(OnTimeout::Notify)));
        assert_eq!((read.cleanup_resources, read.notify_callback), (Some(false), Some(false)));
        assert_eq!(patch("{}").unwrap(), ConfigPatch::default());
        assert_eq!(patch(r#"{"retry_policy": {"max_retries": null}}"#).unwrap(), ConfigPatch::default());
    }

    #[test]
    fn every_error_names_its_key() {
        for (json, message) in [
            (
                r#"{"resource_limits": {"cpu_limit": "-1"}}"#,
                r#"resource_limits.cpu_limit is a share such as "1 core", "0.5" or "250m""#,
            ),
            (r#"{"resource_limits": 7}"#, "resource_limits is an object, not int"),
            (r#"{"bogus": {}}"#, "async_function_config.bogus does not exist"),
        ] {
            assert_eq!(patch(json).unwrap_err(), message);
        }
    }

    #[test]
    fn amounts_are_read_in_every_usual_spelling() {
        for (text, bytes) in [("512MB", 512_000_000), ("1 MiB", 1_048_576), ("2Gi", 2_147_483_648), ("1.5k", 1500), ("100", 100)]
        {
            assert_eq!(memory(&Value::text(text)), Ok(bytes), "{text}");
        }
        assert_eq!(memory(&Value::Int(1000)), Ok(1000));
        for (text, millicores) in [("1 core", 1000), ("2 cores", 2000), ("0.5", 500), ("250m", 250)] {
            assert_eq!(cpu(&Value::text(text)), Ok(millicores), "{text}");
        }
        for odd in ["much", "-1MB", "5TBB", ""] {
            assert!(memory(&Value::text(odd)).is_err() && cpu(&Value::text(odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_does_not_hold_is_refused_with_its_place() {
        for (json, words) in [
            ("7", "async_function_config is an object"),
            (r#"{"retry": {}}"#, "async_function_config.retry does not exist"),
            (r#"{"retry_policy": {"max_retries": -1}}"#, "retry_policy.max_retries"),
            (r#"{"retry_policy": {"retries": 1}}"#, "retry_policy.retries does not exist"),
            (r#"{"timeout_handling": {"on_timeout": "explode"}}"#, "timeout_handling.on_timeout is one of"),
            (r#"{"resource_limits": {"max_execution_time": 0}}"#, "resource_limits.max_execution_time"),
            (r#"{"resource_limits": 7}"#, "resource_limits is an object"),
        ] {
            let message = patch(json).unwrap_err();
            assert!(message.contains(words), "{json}: {message}");
        }
    }
}
