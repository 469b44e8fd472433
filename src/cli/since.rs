//! A point in the past as people type it: `10m`, `2h`, `3d`, or an RFC 3339 time.
//! Never asks the time itself.

use crate::domain::timestamp::Timestamp;

/// Reads `text` as a time before `now`, or as a time.
///
/// # Errors
/// What would be read.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(at) = Timestamp::parse_rfc3339(text) {
        return Ok(at);
    }
    let ago_ms =
        duration_ms(text).ok_or_else(|| format!("\"{text}\" is no time; write 90s, 10m, 2h, 3d, or 2026-01-31T08:00:00Z"))?;
    Ok(now.plus_ms(-ago_ms))
}

/// `90s`, `10m`, `2h` or `3d`.
pub fn duration_ms(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit_ms = match unit {
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u32>().ok().and_then(|number| i64::from(number).checked_mul(unit_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn durations_count_back_from_now() {
        for (text, ago_ms) in [("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("3d", 259_200_000), ("0s", 0)] {
            assert_eq!(parse(text, NOW), Ok(NOW.plus_ms(-ago_ms)), "{text}");
        }
    }

    #[test]
    fn times_are_taken_as_they_are() {
        assert_eq!(parse("2026-01-31T08:00:00Z", NOW), Ok(Timestamp::parse_rfc3339("2026-01-31T08:00:00Z").unwrap()));
    }

    #[test]
    fn anything_else_says_what_would_be_read() {
        for text in ["", "s", "10", "10w", "-1h", "yesterday", "é"] {
            assert!(parse(text, NOW).unwrap_err().contains("write 90s, 10m, 2h, 3d"), "{text}");
        }
    }
}
