//! The cron rules of a function: a list of them, one, or the bare expression.
//! Never computes when they are due.

use super::node::{Data, Node};
use super::settings::Settings;
use super::units::shown;
use crate::domain::cron::CronRule;
use crate::domain::value::Value;
use crate::stack::finding::{Findings, did_you_mean};
use crate::stack::program::ScheduleRule;

const KEYS: [&str; 7] = ["cron", "timezone", "input", "inputs", "overlap", "catch_up", "description"];

/// What happens when the last execution still runs: it starts beside it, or not at all.
const OVERLAP: [&str; 2] = ["allow", "skip"];
/// What happens to times that were missed: nothing, the last one is made up for, or every one.
const CATCH_UP: [&str; 3] = ["none", "last", "all"];

pub fn read_schedules(node: &Node, findings: &mut Findings) -> Vec<ScheduleRule> {
    match &node.data {
        Data::Array(items) => items.iter().filter_map(|item| read_rule(item, findings)).collect(),
        _ => read_rule(node, findings).into_iter().collect(),
    }
}

fn read_rule(node: &Node, findings: &mut Findings) -> Option<ScheduleRule> {
    if node.as_text().is_some() {
        let cron = read_cron(node, findings)?;
        return Some(ScheduleRule { cron, timezone: None, input: Value::Null, overlap: None, catch_up: None });
    }
    let settings = Settings::of(node, "a schedule", &KEYS, findings)?;
    let timezone = read_timezone(&settings, findings);
    let input = settings.get("input").or_else(|| settings.get("inputs"));
    if let Some(wrong) = input.filter(|input| input.as_object().is_none()) {
        settings.wrong("input", "an object", wrong, findings);
    }
    let overlap = read_word(&settings, "overlap", &OVERLAP, "allow", "skip", findings);
    let catch_up = read_word(&settings, "catch_up", &CATCH_UP, "last", "none", findings);
    let Some(cron) = settings.get("cron") else {
        settings.missing("cron", node, findings);
        return None;
    };
    let cron = read_cron(cron, findings)?;
    Some(ScheduleRule { cron, timezone, input: input.map(Node::to_value).unwrap_or_default(), overlap, catch_up })
}

fn read_cron(node: &Node, findings: &mut Findings) -> Option<String> {
    let text = node.as_text().map(str::trim).unwrap_or_default();
    match CronRule::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            let help = "minute, hour, day of the month, month, day of the week: `0 2 * * *` is every day at two";
            findings.error(node.span.start, "bad_cron", error.to_string(), Some(help.into()));
            None
        }
    }
}

fn read_timezone(settings: &Settings<'_>, findings: &mut Findings) -> Option<String> {
    let name = settings.text("timezone", findings)?;
    if name.parse::<chrono_tz::Tz>().is_ok() {
        return Some(name.to_owned());
    }
    let near = did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
    let help = near.unwrap_or_else(|| "write a name of the tz database, such as `Europe/Berlin` or `UTC`".to_owned());
    let at = settings.get("timezone").map_or(0, |node| node.span.start);
    findings.error(at, "bad_setting", format!("there is no time zone `{name}`"), Some(help));
    None
}

/// One of a few words; true and false stand for two of them.
fn read_word(
    settings: &Settings<'_>,
    key: &'static str,
    words: &[&'static str],
    yes: &'static str,
    no: &'static str,
    findings: &mut Findings,
) -> Option<String> {
    let node = settings.get(key)?;
    let word = match &node.data {
        Data::Bool(flag) => Some(if *flag { yes } else { no }),
        Data::Text(text) => words.iter().copied().find(|word| *word == text.value),
        _ => None,
    };
    if word.is_none() {
        let message = format!("`{key}` of a schedule is one of {}, not {}", words.join(", "), shown(&node.to_value()));
        findings.error(node.span.start, "bad_setting", message, None);
    }
    word.map(str::to_owned)
}
