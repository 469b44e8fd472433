//! Section `executions`: how many at once. `limits` ends up here as well.
//! Never holds what a single function sets for itself.

use super::limits;
use super::settings::Settings;
use crate::domain::function::ExecutionConfig;

#[derive(Debug, Clone)]
pub struct ExecutionsConfig {
    pub max_running: usize,
    /// Queued executions above which new calls get 429.
    pub max_queued: usize,
    /// Bytes that executions may hold together before nothing more begins.
    pub memory_total_bytes: usize,
    /// Programs of `lambda` and `template_engine` that run at the same time.
    pub sandboxes_max: usize,
    pub defaults: ExecutionConfig,
}

impl ExecutionsConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            max_running: settings.size("executions.max_running", 1..=10_000_000),
            max_queued: settings.size("executions.max_queued", 1..=1_000_000_000),
            memory_total_bytes: settings.size("limits.memory_total_bytes", 1_000_000..=1 << 50),
            sandboxes_max: settings.size("executions.sandboxes_max", 1..=1000),
            defaults: limits::read(settings),
        }
    }
}
