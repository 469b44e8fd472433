//! Quantities as people write them: `"5m"`, `"512MB"`, `"250m"` of a core.
//! Never guesses a unit that a text names wrongly.

use crate::domain::value::Value;

/// A unit's spellings and what one of it is, counted in the smallest.
type Units = &'static [(&'static [&'static str], f64)];

const DURATIONS_MS: Units = &[
    (&["ms", "msec", "millisecond", "milliseconds"], 1.0),
    (&["s", "sec", "secs", "second", "seconds"], 1_000.0),
    (&["m", "min", "mins", "minute", "minutes"], 60_000.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600_000.0),
    (&["d", "day", "days"], 86_400_000.0),
    (&["w", "week", "weeks"], 604_800_000.0),
];

const SIZES_BYTES: Units = &[
    (&["b", "byte", "bytes"], 1.0),
    (&["k", "kb"], 1e3),
    (&["m", "mb"], 1e6),
    (&["g", "gb"], 1e9),
    (&["ki", "kib"], 1024.0),
    (&["mi", "mib"], 1_048_576.0),
    (&["gi", "gib"], 1_073_741_824.0),
];

const CORES_MILLI: Units = &[(&["m"], 1.0), (&["core", "cores", "cpu", "cpus"], 1_000.0)];

/// The longest duration: more is a mistake in the unit.
const DURATION_MS_MAX: f64 = 10.0 * 365.0 * 86_400_000.0;
/// Below it no execution could hold even its input.
const MEMORY_BYTES_MIN: i64 = 1_000_000;
const CORES_MAX: i64 = 1_024;

/// A duration in milliseconds; a number without a unit counts in units of `bare_unit_ms`.
///
/// # Errors
/// What about it does not hold.
pub fn duration_ms(value: &Value, bare_unit_ms: i32) -> Result<i64, String> {
    let wrong = || {
        let bare = if bare_unit_ms == 1 { "milliseconds" } else { "seconds" };
        format!("{} is no duration; write a number of {bare}, or a text such as \"30s\", \"5m\", \"12h\" or \"7d\"", shown(value))
    };
    let ms = quantity(value, DURATIONS_MS, f64::from(bare_unit_ms)).ok_or_else(wrong)?;
    if ms > DURATION_MS_MAX {
        return Err(format!("{} is more than ten years; is the unit right?", shown(value)));
    }
    whole(ms).ok_or_else(wrong)
}

/// A size of memory in bytes.
///
/// # Errors
/// What about it does not hold.
pub fn memory_bytes(value: &Value) -> Result<u64, String> {
    let wrong = || format!("{} is no size; write bytes, or a text such as \"512MB\", \"512MiB\" or \"1GB\"", shown(value));
    let bytes = quantity(value, SIZES_BYTES, 1.0).and_then(whole).ok_or_else(wrong)?;
    if bytes < MEMORY_BYTES_MIN {
        return Err(format!("{} is less than the smallest limit of 1MB; a number without a unit counts bytes", shown(value)));
    }
    u64::try_from(bytes).map_err(|_| wrong())
}

/// A share of a core in thousandths.
///
/// # Errors
/// What about it does not hold.
pub fn millicores(value: &Value) -> Result<u32, String> {
    let wrong = || format!("{} is no share of a core; write \"1 core\", \"0.5\" or \"250m\"", shown(value));
    let milli = quantity(value, CORES_MILLI, 1_000.0).and_then(whole).ok_or_else(wrong)?;
    if !(1..=CORES_MAX * 1_000).contains(&milli) {
        return Err(format!("{} is out of bounds; cores go from \"1m\" to \"{CORES_MAX} cores\"", shown(value)));
    }
    u32::try_from(milli).map_err(|_| wrong())
}

/// A value as messages show it.
pub fn shown(value: &Value) -> String {
    let json: String = value.to_json_text();
    if json.chars().count() <= 60 { format!("`{json}`") } else { format!("this {}", value.kind()) }
}

fn quantity(value: &Value, units: Units, bare: f64) -> Option<f64> {
    let amount = match value {
        Value::Int(_) | Value::Decimal(_) => value.as_number().map(|number| number * bare),
        Value::Text(text) => text_quantity(text.trim(), units, bare),
        _ => None,
    };
    amount.filter(|amount| amount.is_finite() && *amount >= 0.0)
}

/// `"1h 30m"` is the sum of its parts; a unit alone, as in `"minute"`, is one of it.
fn text_quantity(text: &str, units: Units, bare: f64) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return text.starts_with(|c: char| c.is_ascii_digit() || c == '.').then_some(number * bare);
    }
    if let Some(one) = unit(text, units) {
        return Some(one);
    }
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        sum += number * unit(&rest[..letters], units)?;
        rest = rest[letters..].trim_start();
    }
    (!text.is_empty()).then_some(sum)
}

fn unit(text: &str, units: Units) -> Option<f64> {
    let text = text.to_ascii_lowercase();
    units.iter().find(|(spellings, _)| spellings.contains(&text.as_str())).map(|(_, one)| *one)
}

fn whole(number: f64) -> Option<i64> {
    Value::Decimal(number.round()).as_integer()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::text(text)
    }

    #[test]
    fn durations_are_read_in_every_spelling() {
        let cases = [("300", 300_000), ("30s", 30_000), ("5 minutes", 300_000), ("1h 30m", 5_400_000), ("500ms", 500)];
        for (written, ms) in cases {
            assert_eq!(duration_ms(&text(written), 1000), Ok(ms), "{written}");
        }
        assert_eq!(duration_ms(&Value::Decimal(0.5), 1000), Ok(500));
        assert_eq!(duration_ms(&Value::Int(1000), 1), Ok(1000));
        assert_eq!(duration_ms(&text("minute"), 1000), Ok(60_000));
        assert_eq!(duration_ms(&text("30d"), 1000), Ok(30 * 86_400_000));
    }

    #[test]
    fn sizes_are_decimal_or_binary_as_their_unit_says() {
        let cases = [("512MB", 512_000_000), ("512MiB", 536_870_912), ("512Mi", 536_870_912), ("1.5 GB", 1_500_000_000)];
        for (written, bytes) in cases {
            assert_eq!(memory_bytes(&text(written)), Ok(bytes), "{written}");
        }
        assert_eq!(memory_bytes(&Value::Int(2_000_000)), Ok(2_000_000));
        assert!(memory_bytes(&Value::Int(512)).unwrap_err().contains("counts bytes"));
    }

    #[test]
    fn cores_are_read_whole_in_parts_and_in_thousandths() {
        for (written, milli) in [("1 core", 1000), ("2 cores", 2000), ("0.5", 500), ("250m", 250), ("1.5 cpu", 1500)] {
            assert_eq!(millicores(&text(written)), Ok(milli), "{written}");
        }
        assert_eq!(millicores(&Value::Decimal(0.25)), Ok(250));
        assert!(millicores(&Value::Int(0)).is_err());
        assert!(millicores(&Value::Int(5000)).is_err());
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for wrong in ["", "soon", "5 parsecs", "-5s", "m5", "inf", "nan", "{{ input.t }}", "1e999", "+3"] {
            assert!(duration_ms(&text(wrong), 1000).is_err(), "{wrong}");
        }
        for wrong in [Value::Null, Value::Int(-1), Value::Bool(true), Value::array(vec![]), Value::Decimal(1e300)] {
            assert!(duration_ms(&wrong, 1000).is_err(), "{wrong:?}");
        }
        assert!(memory_bytes(&text("512 apples")).is_err());
    }
}
