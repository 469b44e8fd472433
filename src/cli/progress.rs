//! Bars and spinners for work that takes a while, on standard error.
//! Never seen by machines: indicatif hides them where that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);

/// A bar towards a known number: `3 of 9 have ended`.
pub fn bar(length: u64, what: &'static str) -> ProgressBar {
    drawn("{spinner} {pos} of {len} {msg} {bar:30} {elapsed}", ProgressBar::new(length), what)
}

/// Counts towards nobody knows what: `300 executions`.
pub fn counter(what: &'static str) -> ProgressBar {
    drawn("{spinner} {pos} {msg} {elapsed}", ProgressBar::no_length(), what)
}

/// Says what goes on at the moment, below the lines that stay.
pub fn spinner() -> ProgressBar {
    drawn("{spinner} {msg} {elapsed}", ProgressBar::new_spinner(), "")
}

fn drawn(template: &str, bar: ProgressBar, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates are constant, and a test draws each");
    let bar = bar.with_style(style).with_message(what);
    bar.enable_steady_tick(TICK);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_can_be_drawn() {
        bar(3, "have ended").finish_and_clear();
        counter("executions").finish_and_clear();
        spinner().finish_and_clear();
    }
}
