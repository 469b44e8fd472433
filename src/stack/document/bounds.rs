//! How many executions of a function may run and start: `concurrency`, `rate_limit`, `priority`, `retention`.
//! Never enforces any of it.

use super::node::{Data, Node};
use super::settings::Settings;
use super::units::duration_ms;
use crate::domain::function::Retention;
use crate::stack::expression::ValueTemplate;
use crate::stack::finding::Findings;
use crate::stack::program::{ConcurrencyLimit, RateLimit};

/// Above it a limit limits nothing.
const LIMIT_MAX: i64 = 1_000_000;
/// The ways in which an execution may end.
const RETENTION_KEYS: [&str; 4] = ["completed", "failed", "timed_out", "cancelled"];

pub fn read_concurrency(node: &Node, findings: &mut Findings) -> Option<ConcurrencyLimit> {
    if matches!(node.data, Data::Number(_)) {
        return Some(ConcurrencyLimit { limit: bare_limit(node, findings)?, key: None });
    }
    let settings = Settings::of(node, "`concurrency`", &["limit", "key"], findings)?;
    let key = read_key(&settings, findings);
    let limit = read_limit(&settings, node, findings)?;
    Some(ConcurrencyLimit { limit, key })
}

pub fn read_rate_limit(node: &Node, findings: &mut Findings) -> Option<RateLimit> {
    let settings = Settings::of(node, "`rate_limit`", &["limit", "per", "key"], findings)?;
    let key = read_key(&settings, findings);
    let limit = read_limit(&settings, node, findings);
    let Some(per) = settings.get("per") else {
        settings.missing("per", node, findings);
        return None;
    };
    let per_ms = match duration_ms(&per.to_value(), 1_000) {
        Ok(per_ms) if per_ms > 0 => per_ms,
        Ok(_) => {
            settings.wrong("per", "longer than nothing", per, findings);
            return None;
        }
        Err(message) => {
            findings.error(per.span.start, "bad_setting", format!("`per`: {message}"), None);
            return None;
        }
    };
    Some(RateLimit { limit: limit?, per_ms, key })
}

/// −100 … 100.
pub fn read_priority(node: &Node, findings: &mut Findings) -> i16 {
    let priority = node.to_value().as_integer().filter(|priority| (-100..=100).contains(priority));
    let priority = priority.and_then(|priority| i16::try_from(priority).ok());
    priority.unwrap_or_else(|| {
        let message = "a priority is a whole number from -100 to 100";
        findings.error(node.span.start, "bad_setting", message, Some("higher goes first; 0 is the default".into()));
        0
    })
}

/// One duration for all, or one for each way to end: `{"completed": "1d", "failed": "90d"}`.
pub fn read_retention(node: &Node, findings: &mut Findings) -> Option<Retention> {
    if node.as_object().is_none() {
        return read_kept_ms(node, findings).map(Retention::of_all);
    }
    let settings = Settings::of(node, "a retention", &RETENTION_KEYS, findings)?;
    let mut read = |key: &'static str| settings.get(key).and_then(|node| read_kept_ms(node, findings));
    Some(Retention {
        completed_ms: read("completed"),
        failed_ms: read("failed"),
        timed_out_ms: read("timed_out"),
        cancelled_ms: read("cancelled"),
    })
}

fn read_kept_ms(node: &Node, findings: &mut Findings) -> Option<i64> {
    match duration_ms(&node.to_value(), 1_000) {
        Ok(ms) if ms > 0 => Some(ms),
        Ok(_) => {
            let help = "the shortest useful one is some minutes: callers read results after the end";
            findings.error(node.span.start, "bad_setting", "`retention` is longer than nothing", Some(help.into()));
            None
        }
        Err(message) => {
            findings.error(node.span.start, "bad_setting", format!("`retention`: {message}"), None);
            None
        }
    }
}

fn read_limit(settings: &Settings<'_>, node: &Node, findings: &mut Findings) -> Option<u32> {
    if settings.get("limit").is_none() {
        settings.missing("limit", node, findings);
        return None;
    }
    settings.whole("limit", 1, LIMIT_MAX, findings).and_then(|limit| u32::try_from(limit).ok())
}

fn bare_limit(node: &Node, findings: &mut Findings) -> Option<u32> {
    let limit = node.to_value().as_integer().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    if limit.is_none() {
        let message = format!("`concurrency` is a whole number from 1 to {LIMIT_MAX}");
        findings.error(node.span.start, "bad_setting", message, None);
    }
    limit.and_then(|limit| u32::try_from(limit).ok())
}

/// An expression, with or without its braces.
fn read_key(settings: &Settings<'_>, findings: &mut Findings) -> Option<ValueTemplate> {
    let node = settings.get("key")?;
    let marked = node.as_text().is_none_or(|text| text.contains("{{"));
    Some(if marked { ValueTemplate::read(node, findings) } else { ValueTemplate::read_condition(node, findings) })
}
