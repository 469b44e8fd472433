//! Filters of times.
//! Never asks the clock: the input is the time.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use super::call::{Call, Raise};
use super::{Builtin, builtin};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

type Filtered = Result<Value, Raise>;

/// A number of at least this many is milliseconds, a smaller one seconds.
const MS_FROM: f64 = 1e11;
/// Bytes of a format.
const FORMAT_BYTES_MAX: usize = 1000;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["date", "format_timestamp", "format_date"], 0..=2, &["format", "timezone"], date),
    builtin(&["to_timestamp"], 0..=0, &[], |call| Ok(instant(call)?.map_or(Value::Null, Value::Timestamp))),
    builtin(&["add_secs"], 1..=1, &["seconds"], |call| {
        let moved_ms = call.argument(0).and_then(Value::as_number).unwrap_or(0.0) * 1000.0;
        #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
        let moved_ms = moved_ms as i64;
        Ok(instant(call)?.map_or(Value::Null, |at| Value::Timestamp(at.plus_ms(moved_ms))))
    }),
];

#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
fn instant(call: &Call<'_>) -> Result<Option<Timestamp>, Raise> {
    let read = match call.input {
        Value::Null => return Ok(None),
        Value::Timestamp(at) => Some(*at),
        Value::Text(text) => Timestamp::parse_rfc3339(text.trim()).or_else(|| date_only(text)),
        _ => None,
    };
    let number = || {
        let number = call.input.as_number()?;
        Some(Timestamp::from_ms(if number.abs() >= MS_FROM { number } else { number * 1000.0 } as i64))
    };
    read.or_else(number).map(Some).ok_or_else(|| call.raise("works on a time such as 2030-01-31T12:00:00Z, or a number"))
}

fn date_only(text: &str) -> Option<Timestamp> {
    let day = chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    Some(Timestamp(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()))
}

/// Formats as PHP does (`Y-m-d`), or as strftime does where the format holds a `%`.
fn date(call: &Call<'_>) -> Filtered {
    let Some(at) = instant(call)? else { return Ok(Value::Null) };
    let (format, zone) = (call.text(0, "Y-m-d H:i:s"), call.text(1, "UTC"));
    if format.len() > FORMAT_BYTES_MAX {
        return Err(call.raise(format!("a format has at most {FORMAT_BYTES_MAX} bytes, not {}", format.len())));
    }
    let zone: Tz = zone.parse().map_err(|_| call.raise(format!("there is no time zone `{zone}`")))?;
    let local = at.to_datetime().with_timezone(&zone);
    let mut text = String::new();
    if format.contains('%') {
        // An unknown letter makes this an error, and `to_string` would panic.
        write!(text, "{}", local.format(&format)).map_err(|_| call.raise(format!("the format `{format}` does not hold")))?;
    } else {
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.extend(chars.next()),
                letter => text.push_str(&part(letter, &local)),
            }
        }
    }
    Ok(Value::text(text))
}

/// One letter of PHP's `date`.
fn part(letter: char, at: &DateTime<Tz>) -> String {
    let (is_pm, hour12) = at.hour12();
    match letter {
        'Y' => at.year().to_string(),
        'y' => format!("{:02}", at.year().rem_euclid(100)),
        'm' => format!("{:02}", at.month()),
        'n' => at.month().to_string(),
        'd' => format!("{:02}", at.day()),
        'j' => at.day().to_string(),
        'H' => format!("{:02}", at.hour()),
        'G' => at.hour().to_string(),
        'h' => format!("{hour12:02}"),
        'g' => hour12.to_string(),
        'i' => format!("{:02}", at.minute()),
        's' => format!("{:02}", at.second()),
        'v' => format!("{:03}", at.timestamp_subsec_millis()),
        'u' => format!("{:06}", at.timestamp_subsec_micros()),
        'a' => if is_pm { "pm" } else { "am" }.to_owned(),
        'A' => if is_pm { "PM" } else { "AM" }.to_owned(),
        'D' => at.format("%a").to_string(),
        'l' => at.format("%A").to_string(),
        'M' => at.format("%b").to_string(),
        'F' => at.format("%B").to_string(),
        'N' => at.weekday().number_from_monday().to_string(),
        'e' => at.timezone().name().to_owned(),
        'T' => at.format("%Z").to_string(),
        'P' => at.format("%:z").to_string(),
        'O' => at.format("%z").to_string(),
        'U' => at.timestamp().to_string(),
        'c' => at.to_rfc3339(),
        other => other.to_string(),
    }
}
