//! How often a key may call.
//! Never sleeps and never counts in a window: a quiet key may call in a burst, a busy one evenly.

use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

/// At most `limit` calls per `per_ms`, on each node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRate {
    pub limit: u32,
    pub per_ms: i64,
}

const UNITS: [(&str, i64); 4] = [("second", 1000), ("minute", 60_000), ("hour", 3_600_000), ("day", 86_400_000)];
const LIMIT_MAX: i64 = 1_000_000;

impl KeyRate {
    /// `{"limit": 100, "per": "minute"}`, or seconds for `per`.
    ///
    /// # Errors
    /// What does not hold.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let limit = value.field("limit").as_integer().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        let limit = limit.and_then(|limit| u32::try_from(limit).ok());
        let limit = limit.ok_or_else(|| format!("rate_limit.limit is a number of calls from 1 to {LIMIT_MAX}"))?;
        let per = value.field("per");
        let named = per.as_str().and_then(|word| UNITS.iter().find(|(unit, _)| *unit == word)).map(|(_, ms)| *ms);
        let seconds = per.as_integer().filter(|seconds| (1..=86_400).contains(seconds)).map(|seconds| seconds * 1000);
        let per_ms = named.or(seconds);
        let per_ms =
            per_ms.ok_or("rate_limit.per is \"second\", \"minute\", \"hour\", \"day\", or a number of seconds up to a day")?;
        Ok(Self { limit, per_ms })
    }

    pub fn shown(self) -> Value {
        let unit = UNITS.iter().find(|(_, ms)| *ms == self.per_ms);
        let per = unit.map_or(Value::Int(self.per_ms / 1000), |(unit, _)| Value::text(*unit));
        Value::object([("limit", Value::Int(self.limit.into())), ("per", per)])
    }
}

/// How much of its rate a key has used: the instant, in microseconds, at which it will have been quiet for long enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    quiet_at_us: i64,
}

impl Meter {
    /// Counts a call.
    ///
    /// # Errors
    /// Milliseconds after which the call may be made.
    pub fn count(&mut self, rate: KeyRate, now: Timestamp) -> Result<(), i64> {
        let (now_us, per_us) = (now.ms().saturating_mul(1000), rate.per_ms * 1000);
        let each_us = (per_us / i64::from(rate.limit)).max(1);
        let next = self.quiet_at_us.max(now_us) + each_us;
        // A part of a microsecond that was rounded away must not cost the last call of a burst.
        let early_us = next - now_us - per_us;
        if early_us > 0 {
            return Err((early_us + 999) / 1000);
        }
        self.quiet_at_us = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(json: &str) -> Result<KeyRate, String> {
        KeyRate::from_value(&Value::from_json_text(json).unwrap())
    }

    #[test]
    fn a_burst_up_to_the_limit_passes_and_the_next_waits_its_turn() {
        let rate = KeyRate { limit: 3, per_ms: 60_000 };
        let (mut meter, now) = (Meter::default(), Timestamp(1_000_000));
        for _ in 0..3 {
            assert_eq!(meter.count(rate, now), Ok(()));
        }
        assert_eq!(meter.count(rate, now), Err(20_000));
        assert_eq!(meter.count(rate, now.plus_ms(19_999)), Err(1));
        assert_eq!(meter.count(rate, now.plus_ms(20_000)), Ok(()));
        assert!(meter.count(rate, now.plus_ms(20_000)).is_err());
        let later = now.plus_ms(1_000_000);
        assert_eq!((0..4).filter(|_| meter.count(rate, later).is_ok()).count(), 3);
    }

    #[test]
    fn a_rate_is_read_in_words_and_in_seconds() {
        assert_eq!(rate(r#"{"limit": 5, "per": "hour"}"#), Ok(KeyRate { limit: 5, per_ms: 3_600_000 }));
        assert_eq!(rate(r#"{"limit": 5, "per": 10}"#), Ok(KeyRate { limit: 5, per_ms: 10_000 }));
        for odd in [r#"{"limit": 0, "per": "hour"}"#, r#"{"limit": 5}"#, r#"{"limit": 5, "per": "year"}"#, r#"{"per": 1}"#, "7"] {
            assert!(rate(odd).is_err(), "{odd}");
        }
    }
}
