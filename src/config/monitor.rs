//! Sections `monitor` and `alerts`: when to look for what a person should know of, and whom to tell.
//! Never decides what a condition means beyond its bound.

use super::settings::Settings;
use crate::domain::cron::CronRule;

/// A year.
const SECONDS_MAX: i64 = 31_622_400;

#[derive(Debug, Clone)]
pub struct MonitorConfig {
    /// A cron expression that reads.
    pub cron: String,
    pub stuck_after_s: i64,
    pub callback_overdue_after_s: i64,
    pub queue_old_after_s: i64,
    pub schedule_missed_after_s: i64,
    pub storage_lag_after_ms: i64,
}

#[derive(Debug, Clone)]
pub struct AlertsConfig {
    /// Where alerts are sent, if anywhere.
    pub webhook: Option<String>,
}

impl AlertsConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { webhook: settings.parsed("alerts.webhook", None, parse_webhook) }
    }
}

impl MonitorConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            cron: settings.parsed("monitor.cron", String::new(), parse_cron),
            stuck_after_s: settings.integer("monitor.stuck_after_s", 1..=SECONDS_MAX),
            callback_overdue_after_s: settings.integer("monitor.callback_overdue_after_s", 1..=SECONDS_MAX),
            schedule_missed_after_s: settings.integer("monitor.schedule_missed_after_s", 1..=SECONDS_MAX),
            queue_old_after_s: settings.integer("monitor.queue_old_after_s", 1..=SECONDS_MAX),
            storage_lag_after_ms: settings.integer("monitor.storage_lag_after_ms", 1..=3_600_000),
        }
    }
}

fn parse_webhook(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.map(|_| Some(text.to_owned())).ok_or_else(|| "it is no http or https URL".to_owned())
}

pub(super) fn parse_cron(text: &str) -> Result<String, String> {
    CronRule::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cron_expression_is_read_before_anything_starts() {
        assert_eq!(parse_cron("@hourly"), Ok("@hourly".to_owned()));
        assert_eq!(parse_cron("61 * * * *"), Err("`61` is no minute; they go from 0 to 59".to_owned()));
    }
}
