//! Section `monitor`: when to look for what is stuck.
//! Never decides what stuck means beyond its bound.

use super::settings::Settings;

#[derive(Debug, Clone)]
pub struct MonitorConfig {
    /// Cron expression, five or six fields.
    pub cron: String,
    pub stuck_after_s: i64,
}

impl MonitorConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            cron: settings.parsed("monitor.cron", String::new(), parse_cron),
            stuck_after_s: settings.integer("monitor.stuck_after_s", 1..=31_622_400),
        }
    }
}

fn parse_cron(text: &str) -> Result<String, String> {
    let fields: Vec<_> = text.split_whitespace().collect();
    if matches!(fields.len(), 5 | 6) {
        Ok(text.to_owned())
    } else {
        Err(format!("a cron expression has five fields, or six with seconds in front; \"{text}\" has {}", fields.len()))
    }
}
