//! Section `retention`: how long what is over is kept, and when to look for what is kept no longer.
//! Never shortens what a function sets for itself.

use super::monitor::parse_cron;
use super::settings::Settings;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// Cron expression, five or six fields.
    pub cron: String,
    /// Finished executions of functions without a `retention` of their own, in milliseconds.
    pub finished_ms: i64,
    /// The same for those that failed or ran out of time.
    pub failed_ms: i64,
    /// Dead messages, and with them their executions.
    pub dead_messages_ms: i64,
    /// Alerts that are over.
    pub alerts_ms: i64,
    /// Audited calls.
    pub audit_ms: i64,
}

impl RetentionConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let finished_ms = days(settings, "retention.finished_days");
        let failed_days = settings.integer("retention.failed_days", 0..=36_500);
        Self {
            cron: settings.parsed("retention.cron", String::new(), parse_cron),
            finished_ms,
            failed_ms: if failed_days == 0 { finished_ms } else { failed_days.saturating_mul(DAY_MS) },
            dead_messages_ms: days(settings, "retention.dead_messages_days"),
            alerts_ms: days(settings, "retention.alerts_days"),
            audit_ms: days(settings, "retention.audit_days"),
        }
    }
}

fn days(settings: &mut Settings, name: &str) -> i64 {
    settings.integer(name, 1..=36_500).saturating_mul(DAY_MS)
}
