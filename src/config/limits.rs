//! Section `limits`: what one execution may use unless something narrower says otherwise.
//! Never a fixed bound of the program: those are `domain::limits`.

use super::settings::Settings;
use crate::domain::function::{Backoff, ExecutionConfig, OnTimeout, RetryPolicy, TimeoutHandling};

const YEAR_S: i64 = 366 * 24 * 60 * 60;

pub(super) fn read(settings: &mut Settings) -> ExecutionConfig {
    let backoffs = [("exponential", Backoff::Exponential), ("linear", Backoff::Linear), ("fixed", Backoff::Fixed)];
    let timeouts = [("cancel", OnTimeout::Cancel), ("retry", OnTimeout::Retry), ("notify", OnTimeout::Notify)];
    ExecutionConfig {
        max_execution_ms: settings.integer("limits.max_execution_time_s", 1..=YEAR_S).saturating_mul(1000),
        memory_limit_bytes: settings.integer("limits.memory_limit_bytes", 1_000_000..=1 << 40).unsigned_abs(),
        cpu_millicores: u32::try_from(settings.integer("limits.cpu_millicores", 1..=1_000_000)).unwrap_or(u32::MAX),
        retry: RetryPolicy {
            max_retries: u32::try_from(settings.integer("limits.max_retries", 0..=1000)).unwrap_or(u32::MAX),
            backoff: settings.choice("limits.backoff_strategy", &backoffs),
            initial_delay_ms: settings.integer("limits.initial_delay_ms", 0..=YEAR_S * 1000),
            max_delay_ms: settings.integer("limits.max_delay_ms", 0..=YEAR_S * 1000),
            jitter: settings.decimal("limits.jitter", 0.0..=1.0),
            retry_on: settings.texts("limits.retry_on"),
        },
        timeout: TimeoutHandling {
            on_timeout: settings.choice("limits.on_timeout", &timeouts),
            cleanup_resources: settings.flag("limits.cleanup_resources"),
            notify_callback: settings.flag("limits.notify_callback"),
        },
    }
}
