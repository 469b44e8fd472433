//! A step's own `retry_policy`.
//! Never decides whether something is retried.

use super::StepReader;
use crate::domain::function::{Backoff, ConfigPatch};
use crate::domain::value::Value;
use crate::stack::document::node::{Member, Node};
use crate::stack::finding::Findings;

/// The step's `retry_policy`, if it has one.
pub fn read_retry(reader: &mut StepReader<'_>) -> Option<ConfigPatch> {
    let member = reader.find(&["retry_policy", "retry"])?;
    Some(read_policy(&member.value, reader.findings))
}

/// An `async_function_config`.
pub fn read_config(node: &Node, findings: &mut Findings) -> ConfigPatch {
    node.get("retry_policy").map(|policy| read_policy(policy, findings)).unwrap_or_default()
}

fn read_policy(node: &Node, findings: &mut Findings) -> ConfigPatch {
    let mut patch = ConfigPatch::default();
    let Some(members) = node.as_object() else {
        let message = format!("`retry_policy` is an object, not {}", node.kind());
        findings.error(node.span.start, "object_expected", message, Some("write {\"max_retries\": 3}".to_owned()));
        return patch;
    };
    for member in members {
        let value = member.value.to_value();
        let holds = match member.key.as_str() {
            "max_retries" => set(&mut patch.max_retries, value.as_integer().and_then(|n| u32::try_from(n).ok())),
            "initial_delay" => set(&mut patch.initial_delay_ms, value.as_integer().filter(|ms| *ms >= 0)),
            "max_delay" => set(&mut patch.max_delay_ms, value.as_integer().filter(|ms| *ms >= 0)),
            "jitter" => set(&mut patch.jitter, value.as_number().filter(|share| (0.0..=1.0).contains(share))),
            "backoff_strategy" | "backoff" => set(&mut patch.backoff, value.as_str().and_then(read_backoff)),
            "retry_on" => set(&mut patch.retry_on, read_codes(&value)),
            _ => {
                let message = format!("`retry_policy` has no key `{}`; it is ignored", member.key);
                findings.warning(member.key_span.start, "unknown_parameter", message, Some(KEYS.to_owned()));
                true
            }
        };
        if !holds {
            note_wrong(member, findings);
        }
    }
    patch
}

const KEYS: &str = "there are max_retries, backoff_strategy (fixed, linear, exponential), initial_delay and max_delay (milliseconds), \
                    jitter (0 to 1) and retry_on (a list of error codes)";

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let holds = value.is_some();
    *place = value;
    holds
}

fn read_backoff(text: &str) -> Option<Backoff> {
    match text {
        "fixed" | "constant" => Some(Backoff::Fixed),
        "linear" => Some(Backoff::Linear),
        "exponential" => Some(Backoff::Exponential),
        _ => None,
    }
}

fn read_codes(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|code| code.as_str().map(str::to_owned)).collect()
}

fn note_wrong(member: &Member, findings: &mut Findings) {
    let message = format!("`{}` of retry_policy does not hold", member.key);
    findings.error(member.value.span.start, "wrong_value", message, Some(KEYS.to_owned()));
}
