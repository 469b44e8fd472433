//! Cron rules by the clock on the wall of a place, across its changes of daylight saving, as crontab means them.
//! Never fires a fixed time twice because the clock went back, or not at all because it went forward.

use chrono::{DateTime, Duration, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::CronRule;
use crate::domain::timestamp::Timestamp;

/// A whole day was skipped once, where the date line moved; nothing longer ever was.
const GAP_MINUTES_MAX: i64 = 24 * 60;
/// Between two looks for a change of the offset; no zone changes twice within it.
const LOOK_HOURS: i64 = 6;

impl CronRule {
    /// When it is due next in `zone`, later than `after`.
    ///
    /// A rule with `*` in its minute or hour follows the time that passes: nothing in the hour that is skipped, and both of
    /// the hours that come twice. Any other names times of the day: one in the skipped hour is due when the clock jumps,
    /// one in the hour that comes twice only the first time.
    pub fn next_in(&self, zone: Tz, after: Timestamp) -> Option<Timestamp> {
        let after = after.to_datetime();
        let next = if self.follows_time { self.next_passing(zone, after) } else { self.next_fixed(zone, after) };
        next.map(|at| Timestamp(at.timestamp_millis()))
    }

    /// The last `count` times from `first` to `until`, both included, oldest first.
    pub fn last_between(&self, zone: Tz, first: Timestamp, until: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut window_ms = 60_000;
        loop {
            let from = first.max(until.plus_ms(-window_ms));
            let mut found = Vec::new();
            let mut at = from.plus_ms(-1);
            while let Some(next) = self.next_in(zone, at).filter(|next| *next <= until) {
                found.push(next);
                at = next;
            }
            if found.len() >= count || from == first {
                return found.split_off(found.len().saturating_sub(count));
            }
            window_ms *= 4;
        }
    }

    fn next_fixed(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut wall = after.with_timezone(&zone).naive_local();
        loop {
            wall = self.next_wall(wall)?;
            let at = instant_of(zone, wall)?;
            if at > after {
                return Some(at);
            }
        }
    }

    fn next_passing(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut from = after;
        loop {
            let offset = offset(zone, from);
            let at = (self.next_wall(from.naive_utc() + offset)? - offset).and_utc();
            match first_change(zone, from, at) {
                None => return Some(at),
                // What is due at the change itself is still to come.
                Some(change) => from = change - Duration::milliseconds(1),
            }
            if let Some(at) = self.due_at_change(zone, from) {
                return Some(at);
            }
            from += Duration::milliseconds(1);
        }
    }

    /// Whether the first moment under a new offset is due.
    fn due_at_change(&self, zone: Tz, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let change = before + Duration::milliseconds(1);
        let wall = change.naive_utc() + offset(zone, change);
        (self.next_wall(wall - Duration::milliseconds(1)) == Some(wall)).then_some(change)
    }

    /// The next time on a wall whose clock never changes.
    fn next_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.next_after(&after.and_utc()).map(|at| at.naive_utc())
    }
}

/// When the clocks of `zone` show `wall`: the first time if twice, the moment of the jump if never.
fn instant_of(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let at = |wall: NaiveDateTime| match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        MappedLocalTime::None => None,
    };
    let minute = wall - Duration::seconds(wall.and_utc().timestamp().rem_euclid(60));
    at(wall).or_else(|| (1..=GAP_MINUTES_MAX).find_map(|minutes| at(minute + Duration::minutes(minutes))))
}

fn offset(zone: Tz, at: DateTime<Utc>) -> Duration {
    Duration::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// The first moment later than `from` and not later than `until` at which another offset holds than at `from`.
fn first_change(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let before = offset(zone, from);
    let mut same = from;
    while same < until {
        let mut other = (same + Duration::hours(LOOK_HOURS)).min(until);
        if offset(zone, other) == before {
            same = other;
            continue;
        }
        while other - same > Duration::milliseconds(1) {
            let middle = same + (other - same) / 2;
            if offset(zone, middle) == before { same = middle } else { other = middle }
        }
        // Clocks change on whole seconds; the search went by milliseconds from a `from` that may stand anywhere.
        return DateTime::from_timestamp(other.timestamp_millis().div_euclid(1000), 0).filter(|at| *at > from).or(Some(other));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    /// The times in Berlin at which `rule` is due from `after` on.
    fn due(rule: &str, after: &str, count: usize) -> Vec<String> {
        let rule = CronRule::parse(rule).unwrap();
        let mut last = at(after);
        let mut found = Vec::new();
        for _ in 0..count {
            last = rule.next_in(BERLIN, last).unwrap();
            found.push(last.to_datetime().with_timezone(&BERLIN).format("%m-%d %H:%M:%S%:z").to_string());
        }
        found
    }

    #[test]
    fn a_daily_time_keeps_its_place_on_the_wall() {
        let days = due("0 9 * * *", "2026-03-28T00:00:00+01:00", 3);
        assert_eq!(days, ["03-28 09:00:00+01:00", "03-29 09:00:00+02:00", "03-30 09:00:00+02:00"]);
    }

    #[test]
    fn a_time_in_the_skipped_hour_is_due_when_the_clock_jumps() {
        let days = due("30 2 * * *", "2026-03-28T00:00:00+01:00", 3);
        assert_eq!(days, ["03-28 02:30:00+01:00", "03-29 03:00:00+02:00", "03-30 02:30:00+02:00"]);
        let several = due("15,45 2 * * *", "2026-03-29T00:00:00+01:00", 2);
        assert_eq!(several, ["03-29 03:00:00+02:00", "03-30 02:15:00+02:00"], "once, not twice at once");
    }

    #[test]
    fn a_time_in_the_hour_that_comes_twice_is_due_once() {
        let days = due("30 2 * * *", "2026-10-24T12:00:00+02:00", 2);
        assert_eq!(days, ["10-25 02:30:00+02:00", "10-26 02:30:00+01:00"]);
    }

    #[test]
    fn a_rule_of_every_half_hour_follows_the_time_that_passes() {
        let spring = due("*/30 * * * *", "2026-03-29T01:00:00+01:00", 3);
        assert_eq!(spring, ["03-29 01:30:00+01:00", "03-29 03:00:00+02:00", "03-29 03:30:00+02:00"]);
        let autumn = due("*/30 * * * *", "2026-10-25T02:00:00+02:00", 5);
        assert_eq!(
            autumn,
            [
                "10-25 02:30:00+02:00",
                "10-25 02:00:00+01:00",
                "10-25 02:30:00+01:00",
                "10-25 03:00:00+01:00",
                "10-25 03:30:00+01:00"
            ]
        );
        let hourly = due("@hourly", "2026-03-29T00:30:00+01:00", 3);
        assert_eq!(hourly, ["03-29 01:00:00+01:00", "03-29 03:00:00+02:00", "03-29 04:00:00+02:00"]);
        assert_eq!(due("20 * * * *", "2026-10-25T02:30:00+02:00", 1), ["10-25 02:20:00+01:00"]);
    }

    #[test]
    fn a_rule_of_once_a_year_finds_its_day_behind_every_change() {
        assert_eq!(due("* 5 25 12 *", "2026-01-01T00:00:00+01:00", 1), ["12-25 05:00:00+01:00"]);
        assert_eq!(due("* 5 1 7 *", "2026-01-01T00:00:00+01:00", 1), ["07-01 05:00:00+02:00"]);
    }

    #[test]
    fn a_day_that_a_place_skipped_is_not_lost() {
        let rule = CronRule::parse("0 12 * * *").unwrap();
        // Samoa had no 30 December 2011: its noon is due when the 31st begins.
        let next = rule.next_in(Tz::Pacific__Apia, at("2011-12-30T00:00:00Z"));
        assert_eq!(next, Some(at("2011-12-30T10:00:00Z")));
    }

    #[test]
    fn the_last_times_of_a_stretch_are_found_without_counting_all() {
        let rule = CronRule::parse("* * * * * *").unwrap();
        let last = rule.last_between(Tz::UTC, at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), 2);
        assert_eq!(last, [at("2025-12-31T23:59:59Z"), at("2026-01-01T00:00:00Z")]);
        let daily = CronRule::parse("@daily").unwrap();
        let all = daily.last_between(Tz::UTC, at("2026-01-01T00:00:00Z"), at("2026-01-03T12:00:00Z"), 10);
        assert_eq!(all.len(), 3);
        assert_eq!(daily.last_between(Tz::UTC, at("2026-01-01T00:00:01Z"), at("2026-01-01T12:00:00Z"), 10), []);
    }
}
