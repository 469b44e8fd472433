//! Sections `monitor` and `alerts`: when to look for what a person should know of, and whom to tell.
//! Never decides what a condition means beyond its bound.

use super::settings::Settings;

/// A year.
const SECONDS_MAX: i64 = 31_622_400;

#[derive(Debug, Clone)]
pub struct MonitorConfig {
    /// Cron expression, five or six fields.
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
    let fields: Vec<_> = text.split_whitespace().collect();
    if matches!(fields.len(), 5 | 6) {
        Ok(text.to_owned())
    } else {
        Err(format!("a cron expression has five fields, or six with seconds in front; \"{text}\" has {}", fields.len()))
    }
}
