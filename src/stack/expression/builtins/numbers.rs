//! Filters of numbers.
//! Never makes a whole number a fraction.

use super::call::{Call, Raise, number};
use super::{Builtin, builtin};
use crate::domain::value::Value;

type Filtered = Result<Value, Raise>;

/// Digits behind the point that a decimal can carry.
const DIGITS_MAX: i64 = 15;

/// Bytes of the two signs inside a written number.
const SIGNS_BYTES_MAX: usize = 64;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["round"], 0..=1, &["digits"], |call| {
        let digits = i32::try_from(call.integer(0, 0)?.clamp(-DIGITS_MAX, DIGITS_MAX)).unwrap_or(0);
        let scale = 10f64.powi(digits);
        changed(call, |value| (value * scale).round() / scale)
    }),
    builtin(&["floor"], 0..=0, &[], |call| changed(call, f64::floor)),
    builtin(&["ceil"], 0..=0, &[], |call| changed(call, f64::ceil)),
    builtin(&["abs"], 0..=0, &[], |call| changed(call, f64::abs)),
    builtin(&["number_format"], 0..=3, &["decimals", "point", "thousands"], number_format),
    builtin(&["filesize"], 0..=0, &[], filesize),
];

fn changed(call: &Call<'_>, change: impl FnOnce(f64) -> f64) -> Filtered {
    if let Value::Int(whole) = call.input
        && *whole >= 0
        && call.count() == 0
    {
        return Ok(call.input.clone());
    }
    Ok(call.number()?.map_or(Value::Null, |value| number(change(value))))
}

fn number_format(call: &Call<'_>) -> Filtered {
    let digits = usize::try_from(call.integer(0, 0)?.clamp(0, DIGITS_MAX)).unwrap_or(0);
    let (point, thousands) = (call.text(1, "."), call.text(2, ","));
    let Some(value) = call.number()? else { return Ok(Value::Null) };
    if point.len() + thousands.len() > SIGNS_BYTES_MAX {
        return Err(call.raise(format!("the point and what stands between thousands have at most {SIGNS_BYTES_MAX} bytes")));
    }
    let plain = format!("{:.digits$}", value.abs());
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push_str(&thousands);
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 && plain.contains(|c: char| matches!(c, '1'..='9')) { "-" } else { "" };
    let fraction = if part.is_empty() { String::new() } else { format!("{point}{part}") };
    Ok(Value::text(format!("{sign}{grouped}{fraction}")))
}

fn filesize(call: &Call<'_>) -> Filtered {
    let Some(mut size) = call.number()? else { return Ok(Value::Null) };
    let mut unit = 0;
    let units = ["B", "kB", "MB", "GB", "TB"];
    while size.abs() >= 1000.0 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0);
    Ok(Value::text(format!("{size:.digits$} {}", units[unit])))
}
