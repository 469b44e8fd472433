//! How we log: the set-up and the names of fields.
//! Never logs a secret, a header of a caller or a URL's query.

pub mod field;

use tracing_subscriber::EnvFilter;

use crate::config::LogConfig;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("log.filter (--log, RINGBACK_LOG) does not hold: {0}")]
    Filter(String),
    #[error("logging was set up before: {0}")]
    Twice(String),
}

/// Starts logging to standard error. Once per process.
///
/// # Errors
/// A filter that does not hold, or a second call.
pub fn start(log: &LogConfig) -> Result<(), LogError> {
    let filter = filter(&log.filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if log.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        use std::io::IsTerminal as _;
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        builder.with_ansi(colour).with_target(false).try_init()
    };
    started.map_err(|error| LogError::Twice(error.to_string()))
}

fn filter(directives: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder().parse(directives).map_err(|error| LogError::Filter(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_does_not_hold_is_refused_by_the_name_of_its_setting() {
        assert!(filter("info,ringback=debug").is_ok());
        let error = filter("info,ringback=loud").unwrap_err().to_string();
        assert!(error.contains("log.filter"), "{error}");
    }
}
