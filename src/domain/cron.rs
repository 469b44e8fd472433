//! Cron rules as crontab reads them: five fields, six with seconds in front, seven with years behind, names, ranges, steps.
//! Never asks the time: whoever wants the next one says from when.

mod local;

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, TimeZone, Utc};
use cron::Schedule;

/// A rule that has been checked.
#[derive(Debug, Clone)]
pub struct CronRule {
    /// Due when any of them is: days of the month and days of the week that are both restricted are alternatives.
    either: Vec<Schedule>,
    /// Its minute or its hour is `*`: it goes by the time that passes, not by the clock on the wall.
    follows_time: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("a cron rule has five fields, six with seconds in front, or seven with years behind; found {0}")]
    Fields(usize),
    #[error("`{0}` is no cron rule; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually")]
    Macro(String),
    #[error("`{part}` is no {field}; they go from {min} to {max}")]
    Value { field: &'static str, part: String, min: u32, max: u32 },
    #[error("`{part}` of the {field}s begins behind its end")]
    Backwards { field: &'static str, part: String },
    #[error("no day ever fits `{0}`")]
    Never(String),
}

/// One field: what its values are called, from where to where they go, and their names from the first on.
struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MONTH_NAMES: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_NAMES: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 7] = [
    Field { name: "second", min: 0, max: 59, names: &[] },
    Field { name: "minute", min: 0, max: 59, names: &[] },
    Field { name: "hour", min: 0, max: 23, names: &[] },
    Field { name: "day of the month", min: 1, max: 31, names: &[] },
    Field { name: "month", min: 1, max: 12, names: MONTH_NAMES },
    Field { name: "day of the week", min: 0, max: 7, names: DAY_NAMES },
    Field { name: "year", min: 1970, max: 2100, names: &[] },
];

impl CronRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// What about it does not hold.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let written = text.trim();
        let spelled = if written.starts_with('@') { expand(written)? } else { written };
        let mut parts: Vec<&str> = spelled.split_whitespace().collect();
        match parts.len() {
            5 => parts.insert(0, "0"),
            6 | 7 => {}
            count => return Err(CronError::Fields(count)),
        }
        let mut sets = Vec::with_capacity(parts.len());
        for (field, part) in FIELDS.iter().zip(&parts) {
            sets.push(field.read(part)?);
        }
        let weekdays: BTreeSet<u32> = sets[5].iter().map(|day| day % 7 + 1).collect();
        let free = |part: &str| part.starts_with(['*', '?']);
        let never = || CronError::Never(written.to_owned());
        let time = format!("{} {} {}", list(&sets[0]), list(&sets[1]), list(&sets[2]));
        let (month, month_day, week_day) = (list(&sets[4]), list(&sets[3]), list(&weekdays));
        let years = sets.get(6).map_or_else(|| "*".to_owned(), list);
        let spelled = if free(parts[3]) || free(parts[5]) {
            vec![format!("{time} {month_day} {month} {week_day} {years}")]
        } else {
            vec![format!("{time} {month_day} {month} * {years}"), format!("{time} * {month} {week_day} {years}")]
        };
        let either = spelled.iter().map(|rule| Schedule::from_str(rule).map_err(|_| never())).collect::<Result<_, _>>()?;
        let follows_time = parts[1].starts_with('*') || parts[2].starts_with('*');
        let rule = Self { either, follows_time };
        // A leap year and the seven years before it hold every day that there is.
        let anchor = Utc.timestamp_opt(1_700_000_000, 0).single().ok_or_else(never)?;
        rule.next_after(&anchor).map(|_| rule).ok_or_else(never)
    }

    /// When it is due next, later than `after`, in the time zone of `after`.
    pub fn next_after<Z: TimeZone>(&self, after: &DateTime<Z>) -> Option<DateTime<Z>> {
        self.either.iter().filter_map(|schedule| schedule.after(after).next()).min()
    }
}

impl Field {
    fn read(&self, text: &str) -> Result<BTreeSet<u32>, CronError> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step.parse().ok().filter(|step| *step > 0).ok_or_else(|| self.wrong(part))?)),
                None => (part, None),
            };
            let (first, last) = match range.split_once('-') {
                _ if range == "*" || range == "?" => (self.min, self.max),
                Some((first, last)) => (self.value(first, part)?, self.value(last, part)?),
                // `5/10` means from 5 on.
                None if step.is_some() => (self.value(range, part)?, self.max),
                None => (self.value(range, part)?, self.value(range, part)?),
            };
            // `fri-sun`: Sunday is 7 where it ends a range.
            let last = if last == 0 && first > 0 && self.max == 7 { 7 } else { last };
            if first > last {
                return Err(CronError::Backwards { field: self.name, part: part.to_owned() });
            }
            values.extend((first..=last).step_by(step.unwrap_or(1)));
        }
        Ok(values)
    }

    fn value(&self, text: &str, part: &str) -> Result<u32, CronError> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(place) => u32::try_from(place).ok().map(|place| place + self.min),
            None => text.parse().ok(),
        };
        value.filter(|value| (self.min..=self.max).contains(value)).ok_or_else(|| self.wrong(part))
    }

    fn wrong(&self, part: &str) -> CronError {
        CronError::Value { field: self.name, part: part.to_owned(), min: self.min, max: self.max }
    }
}

fn expand(text: &str) -> Result<&'static str, CronError> {
    match text.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(CronError::Macro(text.to_owned())),
    }
}

fn list(values: &BTreeSet<u32>) -> String {
    values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When `rule` is due after `from`, the first two times.
    fn due(rule: &str, from: &str) -> Vec<String> {
        let rule = CronRule::parse(rule).unwrap();
        let from: DateTime<Utc> = from.parse().unwrap();
        let first = rule.next_after(&from).unwrap();
        let second = rule.next_after(&first).unwrap();
        [first, second].iter().map(|at| at.format("%a %Y-%m-%d %H:%M:%S").to_string()).collect()
    }

    fn error(rule: &str) -> String {
        CronRule::parse(rule).unwrap_err().to_string()
    }

    #[test]
    fn five_fields_are_minutes_and_six_are_seconds() {
        assert_eq!(due("*/30 * * * *", "2026-01-01T00:00:00Z"), ["Thu 2026-01-01 00:30:00", "Thu 2026-01-01 01:00:00"]);
        assert_eq!(due("*/30 * * * * *", "2026-01-01T00:00:00Z"), ["Thu 2026-01-01 00:00:30", "Thu 2026-01-01 00:01:00"]);
    }

    #[test]
    fn a_seventh_field_names_years() {
        assert_eq!(due("0 0 9 1 1 * 2030,2032", "2026-01-01T00:00:00Z"), ["Tue 2030-01-01 09:00:00", "Thu 2032-01-01 09:00:00"]);
        assert_eq!(error("0 0 0 1 1 * 1999"), "no day ever fits `0 0 0 1 1 * 1999`");
        assert_eq!(error("0 0 0 1 1 * 26"), "`26` is no year; they go from 1970 to 2100");
    }

    #[test]
    fn weekdays_are_counted_as_crontab_counts_them() {
        for rule in ["0 9 * * 1", "0 9 * * mon", "0 9 * * Mon-Mon"] {
            assert_eq!(due(rule, "2026-01-01T00:00:00Z"), ["Mon 2026-01-05 09:00:00", "Mon 2026-01-12 09:00:00"]);
        }
        for rule in ["0 9 * * 0", "0 9 * * 7", "0 9 * * sun"] {
            assert_eq!(due(rule, "2026-01-01T00:00:00Z"), ["Sun 2026-01-04 09:00:00", "Sun 2026-01-11 09:00:00"]);
        }
        assert_eq!(due("0 0 * * sat-sun", "2026-01-01T00:00:00Z"), ["Sat 2026-01-03 00:00:00", "Sun 2026-01-04 00:00:00"]);
    }

    #[test]
    fn days_of_the_month_and_of_the_week_are_alternatives() {
        assert_eq!(due("0 0 2 * 6", "2026-01-01T00:00:00Z"), ["Fri 2026-01-02 00:00:00", "Sat 2026-01-03 00:00:00"]);
    }

    #[test]
    fn a_leap_day_comes_and_the_thirtieth_of_february_never() {
        assert_eq!(due("0 0 29 2 *", "2026-01-01T00:00:00Z")[0], "Tue 2028-02-29 00:00:00");
        assert_eq!(error("0 0 30 2 *"), "no day ever fits `0 0 30 2 *`");
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_named() {
        assert_eq!(error("* * *"), "a cron rule has five fields, six with seconds in front, or seven with years behind; found 3");
        assert_eq!(error("0 25 * * *"), "`25` is no hour; they go from 0 to 23");
        assert_eq!(error("*/0 * * * *"), "`*/0` is no minute; they go from 0 to 59");
        assert_eq!(error("30-10 * * * *"), "`30-10` of the minutes begins behind its end");
        assert_eq!(error("0 0 * * funday"), "`funday` is no day of the week; they go from 0 to 7");
        assert_eq!(
            error("@never"),
            "`@never` is no cron rule; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually"
        );
        assert_eq!(error(""), "a cron rule has five fields, six with seconds in front, or seven with years behind; found 0");
    }
}
