//! Section `retention`: how long what has ended is kept.
//! Never shortens what a function sets for itself.

use super::settings::Settings;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) fn read_ms(settings: &mut Settings) -> i64 {
    settings.integer("retention.finished_days", 1..=36_500).saturating_mul(DAY_MS)
}
