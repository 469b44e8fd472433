//! A schedule as a body writes it.
//! Never lets a misspelt word pass in silence.

use chrono_tz::Tz;

use super::callback_words::as_ms;
use crate::domain::cron::CronRule;
use crate::domain::schedule::{CATCH_UP_MAX, CatchUp, JITTER_MS_MAX, Overlap, Rule};
use crate::domain::value::{Object, Value};
use crate::engine::schedule::Draft;

const KEYS: [&str; 10] =
    ["function", "cron", "timezone", "input", "overlap", "catch_up", "catch_up_max", "jitter", "description", "paused"];
const DESCRIPTION_CHARS_MAX: usize = 1000;
#[expect(clippy::cast_precision_loss, reason = "a day of milliseconds")]
const JITTER_S_MAX: f64 = JITTER_MS_MAX as f64 / 1000.0;

/// A new schedule.
///
/// # Errors
/// What does not hold, in words.
pub fn read_new(body: &Object) -> Result<Draft, String> {
    for needed in ["function", "cron"] {
        if body.get(needed).is_none_or(Value::is_null) {
            return Err(format!("{needed} is missing; a schedule has a function and a cron rule"));
        }
    }
    read_over(body, Draft { function: String::new(), rule: Rule::of(""), paused: false })
}

/// What a body changes in a schedule; a null takes the default back.
///
/// # Errors
/// What does not hold, in words.
pub fn read_over(body: &Object, mut draft: Draft) -> Result<Draft, String> {
    let default = Rule::of("");
    for (name, value) in &body.fields {
        let rule = &mut draft.rule;
        let null = value.is_null();
        match &**name {
            "function" => draft.function = text(name, value)?,
            "cron" => rule.cron = cron(value)?,
            "timezone" => rule.timezone = if null { default.timezone } else { timezone(value)? },
            "input" if null || value.as_object().is_some() => rule.input = value.clone(),
            "input" => return Err(format!("input is an object, not {}", value.kind())),
            "overlap" => rule.overlap = word(name, value, &Overlap::ALL.map(|word| (word.as_str(), word)))?,
            "catch_up" => rule.catch_up = word(name, value, &CatchUp::ALL.map(|word| (word.as_str(), word)))?,
            "catch_up_max" => rule.catch_up_max = if null { default.catch_up_max } else { catch_up_max(value)? },
            "jitter" => rule.jitter_ms = if null { default.jitter_ms } else { jitter_ms(value)? },
            "description" => rule.description = if null { None } else { Some(description(value)?) },
            "paused" => draft.paused = paused(value)?,
            odd => return Err(format!("{odd} does not exist; there are {}", KEYS.join(", "))),
        }
    }
    Ok(draft)
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{name} is a text, not {}", value.kind()))
}

fn cron(value: &Value) -> Result<String, String> {
    let text = text("cron", value)?;
    CronRule::parse(&text).map_err(|error| format!("cron: {error}"))?;
    Ok(text.trim().to_owned())
}

fn timezone(value: &Value) -> Result<Tz, String> {
    let name = text("timezone", value)?;
    name.parse().map_err(|_| format!("timezone: there is no \"{name}\"; write a name such as \"Europe/Berlin\" or \"UTC\""))
}

/// One of a few words; null is the first default.
fn word<T: Copy + Default>(name: &str, value: &Value, words: &[(&str, T)]) -> Result<T, String> {
    if value.is_null() {
        return Ok(T::default());
    }
    let found = value.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    found.map(|(_, word)| *word).ok_or_else(|| format!("{name} is one of {}", names.join(", ")))
}

fn catch_up_max(value: &Value) -> Result<u32, String> {
    let max = value.as_integer().and_then(|max| u32::try_from(max).ok()).filter(|max| (1..=CATCH_UP_MAX).contains(max));
    max.ok_or_else(|| format!("catch_up_max is an integer from 1 to {CATCH_UP_MAX}"))
}

/// Milliseconds, from seconds.
fn jitter_ms(value: &Value) -> Result<i64, String> {
    let jitter_s = value.as_number().filter(|jitter_s| (0.0..=JITTER_S_MAX).contains(jitter_s));
    jitter_s.map(as_ms).ok_or_else(|| format!("jitter is a number of seconds from 0 to {JITTER_S_MAX}"))
}

fn description(value: &Value) -> Result<String, String> {
    let text = text("description", value)?;
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(format!("description has at most {DESCRIPTION_CHARS_MAX} characters"));
    }
    Ok(text)
}

fn paused(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(paused) => Ok(*paused),
        other => Err(format!("paused is true or false, not {}", other.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(text: &str) -> Result<Draft, String> {
        read_new(Value::from_json_text(text).unwrap().as_object().unwrap())
    }

    #[test]
    fn a_schedule_has_every_word_or_its_default() {
        let least = new(r#"{"function": "tick", "cron": "@daily"}"#).unwrap();
        assert_eq!((least.rule, least.paused), (Rule::of("@daily"), false));
        let all = new(
            r#"{"function": "tick", "cron": " 0 9 * * 1 ", "timezone": "Europe/Berlin", "input": {"a": 1}, "overlap": "queue",
                "catch_up": "all", "catch_up_max": 5, "jitter": 1.5, "description": "d", "paused": true}"#,
        )
        .unwrap();
        let rule = all.rule;
        assert_eq!((rule.cron.as_str(), rule.timezone, rule.overlap), ("0 9 * * 1", Tz::Europe__Berlin, Overlap::Queue));
        assert_eq!((rule.catch_up, rule.catch_up_max, rule.jitter_ms, all.paused), (CatchUp::All, 5, 1500, true));
    }

    #[test]
    fn what_does_not_hold_is_named() {
        for (body, expected) in [
            (r#"{"cron": "@daily"}"#, "function is missing"),
            (r#"{"function": "t", "cron": null}"#, "cron is missing"),
            (r#"{"function": "t", "cron": "0 25 * * *"}"#, "cron: `25` is no hour"),
            (r#"{"function": "t", "cron": "@daily", "timezone": "Mars"}"#, "there is no \"Mars\""),
            (r#"{"function": "t", "cron": "@daily", "overlap": "maybe"}"#, "one of skip, queue, cancel_running, allow"),
            (r#"{"function": "t", "cron": "@daily", "catch_up_max": 0}"#, "from 1 to 1000"),
            (r#"{"function": "t", "cron": "@daily", "jitter": -1}"#, "from 0 to 86400"),
            (r#"{"function": "t", "cron": "@daily", "input": 5}"#, "input is an object"),
            (r#"{"function": "t", "cron": "@daily", "paused": 1}"#, "true or false"),
            (r#"{"function": "t", "cron": "@daily", "crom": 1}"#, "crom does not exist"),
        ] {
            let said = new(body).unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }
}
