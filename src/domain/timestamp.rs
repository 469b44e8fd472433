//! A point in time, in milliseconds since the Unix epoch.
//! Never asks a clock; see `domain::clock` for who may.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since the Unix epoch, UTC. Shown and serialised as RFC 3339 with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// The latest instant that RFC 3339 can write (year 9999), in milliseconds.
const MAX_MS: i64 = 253_402_300_799_999;
/// The earliest instant that RFC 3339 can write (year 0), in milliseconds.
const MIN_MS: i64 = -62_167_219_200_000;
const MS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

impl Timestamp {
    /// A timestamp clamped to what RFC 3339 can write.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(MIN_MS, MAX_MS))
    }

    pub fn ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds, clamped.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` until this instant; negative if `earlier` is later.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.clamp(MIN_MS, MAX_MS)).unwrap_or_default()
    }

    /// As it is shown: RFC 3339 in UTC with milliseconds, clamped to the years that it can write.
    pub fn rfc3339(self) -> Rfc3339 {
        let at = self.0.clamp(MIN_MS, MAX_MS);
        let (year, month, day) = civil(at.div_euclid(MS_PER_DAY));
        let of_day = at.rem_euclid(MS_PER_DAY);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts = [(0, 4, year), (5, 2, month), (8, 2, day), (11, 2, of_day / 3_600_000), (14, 2, of_day / 60_000 % 60)];
        for (from, count, number) in parts.into_iter().chain([(17, 2, of_day / 1000 % 60), (20, 3, of_day % 1000)]) {
            digits(&mut text[from..from + count], number);
        }
        Rfc3339(text)
    }

    /// Reads RFC 3339, with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }
}

/// The text of an instant.
pub struct Rfc3339([u8; 24]);

impl Rfc3339 {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and signs are ASCII")
    }
}

/// Year, month and day of a day that is counted from 1970-01-01, in the proleptic Gregorian calendar. Years are counted from
/// March, so that the day that some have more is their last: 146,097 days make 400 years, and five months from March 153 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let since = days + 719_468; // from 0000-03-01
    let (era, of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Writes a number with leading zeros into all of the room.
fn digits(room: &mut [u8], mut number: i64) {
    for digit in room.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rfc3339().as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.rfc3339().as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no RFC 3339 timestamp")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_shown_as_rfc_3339_with_milliseconds() {
        assert_eq!(Timestamp(1_700_000_000_123).to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Timestamp::parse_rfc3339("2023-11-14T23:13:20.123+01:00"), Some(Timestamp(1_700_000_000_123)));
    }

    #[test]
    fn every_day_is_shown_as_the_calendar_has_it() {
        let mut at = Timestamp(MIN_MS);
        // No part of a day is left out: 25 h 59 min 59.999 s go through all of them.
        while at.0 < MAX_MS {
            let calendar = at.to_datetime().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(at.rfc3339().as_str(), calendar);
            at = Timestamp(at.0 + 93_599_999);
        }
        assert_eq!(Timestamp(MAX_MS).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_timestamp_stays_within_what_rfc_3339_can_write() {
        assert_eq!(Timestamp(i64::MAX - 5).plus_ms(10).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
