//! The cron rules of a function: a list of them, one, or the bare expression.
//! Never computes when they are due.

use chrono_tz::Tz;

use super::node::{Data, Node};
use super::settings::Settings;
use super::units::{duration_ms, shown};
use crate::domain::cron::CronRule;
use crate::domain::schedule::{CATCH_UP_DEFAULT, CATCH_UP_MAX, CatchUp, JITTER_MS_MAX, Overlap, Rule};
use crate::stack::finding::{Findings, did_you_mean};

const KEYS: [&str; 9] = ["cron", "timezone", "input", "inputs", "overlap", "catch_up", "catch_up_max", "jitter", "description"];

pub fn read_schedules(node: &Node, findings: &mut Findings) -> Vec<Rule> {
    match &node.data {
        Data::Array(items) => items.iter().filter_map(|item| read_rule(item, findings)).collect(),
        _ => read_rule(node, findings).into_iter().collect(),
    }
}

fn read_rule(node: &Node, findings: &mut Findings) -> Option<Rule> {
    if node.as_text().is_some() {
        return Some(Rule::of(read_cron(node, findings)?));
    }
    let settings = Settings::of(node, "a schedule", &KEYS, findings)?;
    let timezone = read_timezone(&settings, findings);
    let input = settings.get("input").or_else(|| settings.get("inputs"));
    if let Some(wrong) = input.filter(|input| input.as_object().is_none()) {
        settings.wrong("input", "an object", wrong, findings);
    }
    let overlap = read_word(&settings, "overlap", &Overlap::ALL.map(Overlap::as_str), ["skip", "allow"], findings);
    let catch_up = read_word(&settings, "catch_up", &CatchUp::ALL.map(CatchUp::as_str), ["none", "last"], findings);
    let catch_up_max = settings.whole("catch_up_max", 1, CATCH_UP_MAX.into(), findings);
    let jitter_ms = read_jitter(&settings, findings);
    let description = settings.text("description", findings).map(str::to_owned);
    let Some(cron) = settings.get("cron") else {
        settings.missing("cron", node, findings);
        return None;
    };
    Some(Rule {
        cron: read_cron(cron, findings)?,
        timezone: timezone.unwrap_or(Tz::UTC),
        input: input.map(Node::to_value).unwrap_or_default(),
        overlap: overlap.and_then(Overlap::parse).unwrap_or_default(),
        catch_up: catch_up.and_then(CatchUp::parse).unwrap_or_default(),
        catch_up_max: catch_up_max.and_then(|max| u32::try_from(max).ok()).unwrap_or(CATCH_UP_DEFAULT),
        jitter_ms: jitter_ms.unwrap_or_default(),
        description,
    })
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

fn read_timezone(settings: &Settings<'_>, findings: &mut Findings) -> Option<Tz> {
    let name = settings.text("timezone", findings)?;
    if let Ok(zone) = name.parse::<Tz>() {
        return Some(zone);
    }
    let near = did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
    let help = near.unwrap_or_else(|| "write a name of the tz database, such as `Europe/Berlin` or `UTC`".to_owned());
    let at = settings.get("timezone").map_or(0, |node| node.span.start);
    findings.error(at, "bad_setting", format!("there is no time zone `{name}`"), Some(help));
    None
}

/// Milliseconds, written as seconds or with a unit.
fn read_jitter(settings: &Settings<'_>, findings: &mut Findings) -> Option<i64> {
    let node = settings.get("jitter")?;
    match duration_ms(&node.to_value(), 1_000) {
        Ok(ms) if (0..=JITTER_MS_MAX).contains(&ms) => Some(ms),
        Ok(_) => {
            settings.wrong("jitter", "at most a day", node, findings);
            None
        }
        Err(message) => {
            findings.error(node.span.start, "bad_setting", format!("`jitter`: {message}"), None);
            None
        }
    }
}

/// One of a few words; false and true stand for two of them.
fn read_word(
    settings: &Settings<'_>,
    key: &'static str,
    words: &[&'static str],
    [no, yes]: [&'static str; 2],
    findings: &mut Findings,
) -> Option<&'static str> {
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
    word
}
