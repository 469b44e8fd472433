//! Section `schedules`: what counts as late, and how far back is made up for.
//! Never holds what a single schedule sets for itself.

use super::settings::Settings;
use crate::domain::schedule::Bounds;

pub(super) fn read(settings: &mut Settings) -> Bounds {
    Bounds {
        late_after_ms: settings.integer("schedules.late_after_s", 1..=86_400) * 1000,
        catch_up_within_ms: settings.integer("schedules.catch_up_within_h", 0..=720) * 3_600_000,
    }
}
