//! Section `log`: what is logged, and in which form.
//! Never says where: logs go to standard error.

use std::io::IsTerminal as _;

use super::settings::Settings;

#[derive(Debug, Clone)]
pub struct LogConfig {
    pub filter: String,
    /// One JSON object a line; else text for people.
    pub json: bool,
}

impl LogConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let format = settings.choice("log.format", &[("auto", None), ("text", Some(false)), ("json", Some(true))]);
        Self { filter: settings.text("log.filter"), json: format.unwrap_or_else(|| !std::io::stderr().is_terminal()) }
    }
}
