//! The keys of an `async_function_config`, wherever they stand: on a function, a step, a call, or for a folder.
//! Never fills in defaults: a patch holds what was written.

use super::node::{Data, Member, Node};
use super::settings::{as_flag, warn_unknown};
use super::units::{duration_ms, memory_bytes, millicores, shown};
use crate::domain::function::{Backoff, ConfigPatch, ExecutionMode, OnTimeout};
use crate::domain::value::Value;
use crate::stack::finding::{Finding, Findings, Severity};

/// The groups, and which keys each of them holds.
const GROUPS: [(&str, &[&str]); 3] = [
    ("resource_limits", &["max_execution_time", "memory_limit", "cpu_limit"]),
    ("retry_policy", &["max_retries", "backoff_strategy", "initial_delay", "max_delay", "jitter", "retry_on"]),
    ("timeout_handling", &["on_timeout", "cleanup_resources", "notify_callback"]),
];

/// Every key that may stand in an `async_function_config`, groups and what they hold.
pub const CONFIG_KEYS: [&str; 16] = [
    "execution_mode",
    "resource_limits",
    "retry_policy",
    "timeout_handling",
    "max_execution_time",
    "memory_limit",
    "cpu_limit",
    "max_retries",
    "backoff_strategy",
    "initial_delay",
    "max_delay",
    "jitter",
    "retry_on",
    "on_timeout",
    "cleanup_resources",
    "notify_callback",
];

/// More would be a loop, not a retry.
const RETRIES_MAX: i64 = 1_000;

/// Reads an `async_function_config`, or one of its groups such as a step's `retry_policy`.
pub fn read_config_patch(node: &Node, findings: &mut Findings) -> ConfigPatch {
    let mut patch = ConfigPatch::default();
    match &node.data {
        Data::Null => {}
        Data::Object(members) => read_members(members, "this configuration", &CONFIG_KEYS, &mut patch, findings),
        _ => {
            let help = "write an object, such as `{\"retry_policy\": {\"max_retries\": 3}}`";
            let message = format!("a configuration is an object, not {}", node.kind());
            findings.error(node.span.start, "object_expected", message, Some(help.into()));
        }
    }
    patch
}

/// The same from a plain value, such as the `options` of a call. Unknown keys are passed over.
///
/// # Errors
/// Everything about it that does not hold, joined by `; `.
pub fn config_patch_from_value(value: &Value) -> Result<ConfigPatch, String> {
    let mut findings = Findings::of("", "");
    let patch = read_config_patch(&Node::of_value(value), &mut findings);
    let errors = findings.into_sorted().into_iter().filter(|finding| finding.severity == Severity::Error);
    let messages: Vec<String> = errors.map(|Finding { message, .. }| message).collect();
    if messages.is_empty() { Ok(patch) } else { Err(messages.join("; ")) }
}

/// Takes one member into the patch, if its key is one of a configuration's; says whether it was.
pub fn read_config_member(member: &Member, patch: &mut ConfigPatch, findings: &mut Findings) -> bool {
    let key = member.key.as_str();
    if !CONFIG_KEYS.contains(&key) {
        return false;
    }
    if let Some((group, keys)) = GROUPS.iter().find(|(group, _)| *group == key) {
        read_group(&member.value, group, keys, patch, findings);
    } else if member.value.data != Data::Null {
        let value = member.value.to_value();
        if let Err(message) = read_key(key, &member.value, &value, patch) {
            let fixed = value.as_str().is_some_and(|text| text.contains("{{"));
            let help = fixed.then(|| "expressions are not evaluated here: write the value itself".to_owned());
            findings.error(member.value.span.start, "bad_setting", format!("`{key}`: {message}"), help);
        }
    }
    true
}

/// A patch as [`read_config_patch`] reads it back; null if it sets nothing.
pub fn config_patch_to_value(patch: &ConfigPatch) -> Value {
    let text = |text: &str| Value::text(text);
    let whole = |number: Option<i64>| number.map(Value::Int);
    let entries = [
        ("execution_mode", patch.execution_mode.map(|mode| text(if mode == ExecutionMode::Async { "async" } else { "sync" }))),
        ("max_execution_time", patch.max_execution_ms.map(|ms| Value::text(format!("{ms}ms")))),
        ("memory_limit", whole(patch.memory_limit_bytes.and_then(|bytes| i64::try_from(bytes).ok()))),
        ("cpu_limit", patch.cpu_millicores.map(|milli| Value::text(format!("{milli}m")))),
        ("max_retries", whole(patch.max_retries.map(i64::from))),
        ("backoff_strategy", patch.backoff.map(|backoff| text(backoff_word(backoff)))),
        ("initial_delay", whole(patch.initial_delay_ms)),
        ("max_delay", whole(patch.max_delay_ms)),
        ("jitter", patch.jitter.map(Value::Decimal)),
        ("retry_on", patch.retry_on.as_ref().map(|codes| Value::array(codes.iter().map(|code| text(code)).collect()))),
        ("on_timeout", patch.on_timeout.map(|on_timeout| text(timeout_word(on_timeout)))),
        ("cleanup_resources", patch.cleanup_resources.map(Value::Bool)),
        ("notify_callback", patch.notify_callback.map(Value::Bool)),
    ];
    let set: Vec<_> = entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    if set.is_empty() { Value::Null } else { Value::object(set) }
}

fn read_group(node: &Node, group: &str, keys: &[&str], patch: &mut ConfigPatch, findings: &mut Findings) {
    match &node.data {
        Data::Null => {}
        Data::Object(members) => read_members(members, &format!("`{group}`"), keys, patch, findings),
        _ => {
            let message = format!("`{group}` is an object, not {}", node.kind());
            let help = format!("write `\"{group}\": {{\"{}\": …}}`", keys[0]);
            findings.error(node.span.start, "object_expected", message, Some(help));
        }
    }
}

fn read_members(members: &[Member], what: &str, known: &[&str], patch: &mut ConfigPatch, findings: &mut Findings) {
    for member in members {
        if !known.contains(&member.key.as_str()) || !read_config_member(member, patch, findings) {
            warn_unknown(member, what, known, findings);
        }
    }
}

fn read_key(key: &str, node: &Node, value: &Value, patch: &mut ConfigPatch) -> Result<(), String> {
    match key {
        "execution_mode" => patch.execution_mode = Some(read_mode(value)?),
        "max_execution_time" => patch.max_execution_ms = Some(positive(duration_ms(value, 1_000)?, value)?),
        "memory_limit" => patch.memory_limit_bytes = Some(memory_bytes(value)?),
        "cpu_limit" => patch.cpu_millicores = Some(millicores(value)?),
        "max_retries" => patch.max_retries = Some(read_retries(value)?),
        "backoff_strategy" => patch.backoff = Some(read_backoff(value)?),
        "initial_delay" => patch.initial_delay_ms = Some(duration_ms(value, 1)?),
        "max_delay" => patch.max_delay_ms = Some(duration_ms(value, 1)?),
        "jitter" => patch.jitter = Some(read_jitter(value)?),
        "retry_on" => patch.retry_on = Some(read_codes(value)?),
        "on_timeout" => patch.on_timeout = Some(read_on_timeout(value)?),
        "cleanup_resources" => patch.cleanup_resources = Some(read_flag(node, value)?),
        "notify_callback" => patch.notify_callback = Some(read_flag(node, value)?),
        _ => {}
    }
    Ok(())
}

fn read_mode(value: &Value) -> Result<ExecutionMode, String> {
    match word(value).as_str() {
        "sync" | "synchronous" => Ok(ExecutionMode::Sync),
        "async" | "asynchronous" => Ok(ExecutionMode::Async),
        _ => Err(format!("{} is neither `sync` nor `async`", shown(value))),
    }
}

fn positive(ms: i64, value: &Value) -> Result<i64, String> {
    if ms > 0 { Ok(ms) } else { Err(format!("{} leaves no time to run", shown(value))) }
}

fn read_retries(value: &Value) -> Result<u32, String> {
    let retries = value.as_integer().filter(|retries| (0..=RETRIES_MAX).contains(retries));
    let retries = retries.and_then(|retries| u32::try_from(retries).ok());
    retries.ok_or_else(|| format!("{} is not a whole number from 0 to {RETRIES_MAX}", shown(value)))
}

fn read_backoff(value: &Value) -> Result<Backoff, String> {
    match word(value).as_str() {
        "fixed" | "constant" => Ok(Backoff::Fixed),
        "linear" => Ok(Backoff::Linear),
        "exponential" => Ok(Backoff::Exponential),
        _ => Err(format!("{} is none of `fixed`, `linear` and `exponential`", shown(value))),
    }
}

fn backoff_word(backoff: Backoff) -> &'static str {
    match backoff {
        Backoff::Fixed => "fixed",
        Backoff::Linear => "linear",
        Backoff::Exponential => "exponential",
    }
}

fn read_jitter(value: &Value) -> Result<f64, String> {
    let share = value.as_number().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("{} is not a share from 0 to 1", shown(value)))
}

fn read_codes(value: &Value) -> Result<Vec<String>, String> {
    let one = std::slice::from_ref(value);
    let codes = value.as_array().unwrap_or(one).iter().map(|code| code.as_str().map(str::to_owned));
    codes.collect::<Option<_>>().ok_or_else(|| format!("{} is not a list of error codes", shown(value)))
}

fn read_on_timeout(value: &Value) -> Result<OnTimeout, String> {
    match word(value).as_str() {
        "cancel" => Ok(OnTimeout::Cancel),
        "retry" => Ok(OnTimeout::Retry),
        "notify" => Ok(OnTimeout::Notify),
        _ => Err(format!("{} is none of `cancel`, `retry` and `notify`", shown(value))),
    }
}

fn timeout_word(on_timeout: OnTimeout) -> &'static str {
    match on_timeout {
        OnTimeout::Cancel => "cancel",
        OnTimeout::Retry => "retry",
        OnTimeout::Notify => "notify",
    }
}

fn read_flag(node: &Node, value: &Value) -> Result<bool, String> {
    as_flag(node).ok_or_else(|| format!("{} is neither true nor false", shown(value)))
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(json: &str) -> Result<ConfigPatch, String> {
        config_patch_from_value(&Value::from_json_text(json).unwrap())
    }

    #[test]
    fn the_guides_configuration_is_read_in_its_units() {
        let guide = r#"{"execution_mode": "async",
            "resource_limits": {"max_execution_time": 300, "memory_limit": "512MB", "cpu_limit": "1 core"},
            "retry_policy": {"max_retries": 3, "backoff_strategy": "exponential", "initial_delay": 1000},
            "timeout_handling": {"on_timeout": "cancel", "cleanup_resources": true, "notify_callback": true}}"#;
        let expected = ConfigPatch {
            execution_mode: Some(ExecutionMode::Async),
            max_execution_ms: Some(300_000),
            memory_limit_bytes: Some(512_000_000),
            cpu_millicores: Some(1000),
            max_retries: Some(3),
            backoff: Some(Backoff::Exponential),
            initial_delay_ms: Some(1000),
            on_timeout: Some(OnTimeout::Cancel),
            cleanup_resources: Some(true),
            notify_callback: Some(true),
            ..ConfigPatch::default()
        };
        assert_eq!(patch(guide), Ok(expected));
    }

    #[test]
    fn a_group_alone_is_read_as_on_a_step() {
        let expected = ConfigPatch { max_retries: Some(2), jitter: Some(0.0), ..ConfigPatch::default() };
        assert_eq!(patch(r#"{"max_retries": "2", "jitter": 0, "max_delay": null}"#), Ok(expected));
    }

    #[test]
    fn everything_that_does_not_hold_is_said() {
        let said = patch(r#"{"max_retries": -1, "on_timeout": "explode", "retry_policy": 3}"#).unwrap_err();
        assert_eq!(said.matches("; ").count(), 2, "{said}");
        assert!(said.contains("`-1` is not a whole number from 0 to 1000"), "{said}");
        assert!(patch("[]").is_err());
        assert!(patch(r#"{"resource_limits": {"max_execution_time": 0}}"#).is_err());
    }

    #[test]
    fn a_patch_is_read_back_as_it_was_written() {
        use proptest::prelude::*;
        let part = (
            any::<Option<bool>>(),
            proptest::option::of(1i64..1_000_000_000),
            proptest::option::of(1_000_000u64..1_000_000_000_000),
            proptest::option::of(1u32..1_024_000),
            proptest::option::of(0u32..=1000),
            proptest::option::of(0.0f64..=1.0),
            proptest::option::of(proptest::collection::vec("[A-Z_]{1,9}", 0..3)),
            proptest::option::of(0i64..1_000_000_000),
        );
        proptest!(|((flag, time, memory, cpu, retries, jitter, codes, delay) in part)| {
            let patch = ConfigPatch {
                execution_mode: flag.map(|flag| if flag { ExecutionMode::Async } else { ExecutionMode::Sync }),
                max_execution_ms: time,
                memory_limit_bytes: memory,
                cpu_millicores: cpu,
                max_retries: retries,
                backoff: flag.map(|flag| if flag { Backoff::Fixed } else { Backoff::Linear }),
                initial_delay_ms: delay,
                max_delay_ms: delay,
                jitter,
                retry_on: codes,
                on_timeout: flag.map(|flag| if flag { OnTimeout::Retry } else { OnTimeout::Notify }),
                cleanup_resources: flag,
                notify_callback: flag,
            };
            prop_assert_eq!(config_patch_from_value(&config_patch_to_value(&patch)), Ok(patch));
        });
    }
}
