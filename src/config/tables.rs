//! Section `tables`: which tables stacks may write.
//! Never declares a table itself.

use super::settings::Settings;

#[derive(Debug, Clone, Copy)]
pub struct TablesConfig {
    /// Any table may be written; else only declared ones.
    pub open: bool,
}

impl TablesConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { open: settings.choice("tables.mode", &[("open", true), ("declared", false)]) }
    }
}
