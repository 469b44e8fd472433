//! A function: its name, its version, and how its executions are limited, retried and timed.
//! Never holds the steps themselves; those are `stack`'s.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::limits::FUNCTION_NAME_CHARS_MAX;

/// A function's name: `[a-z0-9_-]+` in groups separated by `/`. It is shown as it was written, and compared
/// with `-` and `_` as the same character.
#[derive(Debug, Clone)]
pub struct FunctionName(Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a function's name is not empty and has at most {FUNCTION_NAME_CHARS_MAX} characters")]
    Length,
    #[error("a function's name has only a-z, 0-9, `_`, `-` and `/` between groups; found `{0}`")]
    Character(char),
    #[error("names that begin with `async-` are reserved")]
    Reserved,
    #[error("a function's name has no empty group")]
    EmptyGroup,
}

impl FunctionName {
    /// Reads a name; upper case is folded.
    ///
    /// # Errors
    /// What about the text does not make a name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || text.len() > FUNCTION_NAME_CHARS_MAX {
            return Err(NameError::Length);
        }
        let name = text.to_ascii_lowercase();
        if let Some(odd) = name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '/')) {
            return Err(NameError::Character(odd));
        }
        if name.split('/').any(str::is_empty) {
            return Err(NameError::EmptyGroup);
        }
        let name = Self(name.into());
        if name.folded().take(6).eq("async_".bytes()) { Err(NameError::Reserved) } else { Ok(name) }
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The spelling by which names are compared: `-` as `_`.
    pub fn key(&self) -> String {
        self.0.replace('-', "_")
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| if byte == b'-' { b'_' } else { byte })
    }
}

impl PartialEq for FunctionName {
    fn eq(&self, other: &Self) -> bool {
        self.folded().eq(other.folded())
    }
}

impl Eq for FunctionName {}

impl PartialOrd for FunctionName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FunctionName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}

impl std::hash::Hash for FunctionName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded().for_each(|byte| state.write_u8(byte));
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The content address of a function's definition: the first 16 hex digits of its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FunctionVersion(pub Arc<str>);

impl fmt::Display for FunctionVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an endpoint answers when the caller does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionMode {
    #[default]
    Sync,
    Async,
}

/// What one execution may use, after folder, function, step and call have been merged. Serialised with the execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecutionConfig {
    /// Milliseconds of running per attempt; queueing and durable waits do not count.
    pub max_execution_ms: i64,
    pub memory_limit_bytes: u64,
    /// Thousandths of a core.
    pub cpu_millicores: u32,
    pub retry: RetryPolicy,
    pub timeout: TimeoutHandling,
}

impl Default for ExecutionConfig {
    fn default() -> Self {
        Self {
            max_execution_ms: 300_000,
            memory_limit_bytes: 512_000_000,
            cpu_millicores: 1000,
            retry: RetryPolicy::default(),
            timeout: TimeoutHandling::default(),
        }
    }
}

impl ExecutionConfig {
    /// As it is stored: nothing where nobody has set anything, which is mostly so. What the defaults are is thereby stored, too.
    pub fn to_stored_text(&self) -> String {
        if *self == Self::default() {
            return "{}".to_owned();
        }
        serde_json::to_string(self).expect("settings have text keys only")
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Retries after the first attempt.
    pub max_retries: u32,
    pub backoff: Backoff,
    pub initial_delay_ms: i64,
    pub max_delay_ms: i64,
    /// The share by which a delay is spread, 0 … 1.
    pub jitter: f64,
    /// Codes that are retried; empty means the default set.
    pub retry_on: Vec<String>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 0,
            backoff: Backoff::Exponential,
            initial_delay_ms: 1000,
            max_delay_ms: 300_000,
            jitter: 0.2,
            retry_on: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backoff {
    Fixed,
    Linear,
    Exponential,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeoutHandling {
    pub on_timeout: OnTimeout,
    pub cleanup_resources: bool,
    pub notify_callback: bool,
}

impl Default for TimeoutHandling {
    fn default() -> Self {
        Self { on_timeout: OnTimeout::Cancel, cleanup_resources: true, notify_callback: true }
    }
}

/// How long a function's finished executions are kept, by how they ended, in milliseconds. `None`: as the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    pub completed_ms: Option<i64>,
    pub failed_ms: Option<i64>,
    pub timed_out_ms: Option<i64>,
    pub cancelled_ms: Option<i64>,
}

impl Retention {
    pub fn of_all(ms: i64) -> Self {
        Self { completed_ms: Some(ms), failed_ms: Some(ms), timed_out_ms: Some(ms), cancelled_ms: Some(ms) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnTimeout {
    Cancel,
    Retry,
    Notify,
}

/// The keys of an `async_function_config` that one place sets; narrower places win key by key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConfigPatch {
    pub execution_mode: Option<ExecutionMode>,
    pub max_execution_ms: Option<i64>,
    pub memory_limit_bytes: Option<u64>,
    pub cpu_millicores: Option<u32>,
    pub max_retries: Option<u32>,
    pub backoff: Option<Backoff>,
    pub initial_delay_ms: Option<i64>,
    pub max_delay_ms: Option<i64>,
    pub jitter: Option<f64>,
    pub retry_on: Option<Vec<String>>,
    pub on_timeout: Option<OnTimeout>,
    pub cleanup_resources: Option<bool>,
    pub notify_callback: Option<bool>,
}

impl ConfigPatch {
    /// This patch, with the keys that `narrower` sets replaced by its own.
    #[must_use]
    pub fn overlaid(&self, narrower: &Self) -> Self {
        Self {
            execution_mode: narrower.execution_mode.or(self.execution_mode),
            max_execution_ms: narrower.max_execution_ms.or(self.max_execution_ms),
            memory_limit_bytes: narrower.memory_limit_bytes.or(self.memory_limit_bytes),
            cpu_millicores: narrower.cpu_millicores.or(self.cpu_millicores),
            max_retries: narrower.max_retries.or(self.max_retries),
            backoff: narrower.backoff.or(self.backoff),
            initial_delay_ms: narrower.initial_delay_ms.or(self.initial_delay_ms),
            max_delay_ms: narrower.max_delay_ms.or(self.max_delay_ms),
            jitter: narrower.jitter.or(self.jitter),
            retry_on: narrower.retry_on.clone().or_else(|| self.retry_on.clone()),
            on_timeout: narrower.on_timeout.or(self.on_timeout),
            cleanup_resources: narrower.cleanup_resources.or(self.cleanup_resources),
            notify_callback: narrower.notify_callback.or(self.notify_callback),
        }
    }

    /// The settings of an execution: these keys over `defaults`.
    pub fn applied_to(&self, defaults: &ExecutionConfig) -> ExecutionConfig {
        ExecutionConfig {
            max_execution_ms: self.max_execution_ms.unwrap_or(defaults.max_execution_ms),
            memory_limit_bytes: self.memory_limit_bytes.unwrap_or(defaults.memory_limit_bytes),
            cpu_millicores: self.cpu_millicores.unwrap_or(defaults.cpu_millicores),
            retry: self.retry_over(&defaults.retry),
            timeout: TimeoutHandling {
                on_timeout: self.on_timeout.unwrap_or(defaults.timeout.on_timeout),
                cleanup_resources: self.cleanup_resources.unwrap_or(defaults.timeout.cleanup_resources),
                notify_callback: self.notify_callback.unwrap_or(defaults.timeout.notify_callback),
            },
        }
    }

    /// The retry policy that these keys make over `defaults`.
    pub fn retry_over(&self, defaults: &RetryPolicy) -> RetryPolicy {
        RetryPolicy {
            max_retries: self.max_retries.unwrap_or(defaults.max_retries),
            backoff: self.backoff.unwrap_or(defaults.backoff),
            initial_delay_ms: self.initial_delay_ms.unwrap_or(defaults.initial_delay_ms),
            max_delay_ms: self.max_delay_ms.unwrap_or(defaults.max_delay_ms),
            jitter: self.jitter.unwrap_or(defaults.jitter),
            retry_on: self.retry_on.clone().unwrap_or_else(|| defaults.retry_on.clone()),
        }
    }
}

impl RetryPolicy {
    /// The delay before retry number `retry` (from 1), in milliseconds; `random` in 0 … 1 spreads it by `jitter`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "delays are at most days, floats carry them"
    )]
    pub fn delay_ms(&self, retry: u32, random: f64) -> i64 {
        let retry = retry.max(1);
        let factor = match self.backoff {
            Backoff::Fixed => 1.0,
            Backoff::Linear => f64::from(retry),
            Backoff::Exponential => 2f64.powi(i32::try_from(retry.min(60)).unwrap_or(60) - 1),
        };
        let base = (self.initial_delay_ms as f64 * factor).min(self.max_delay_ms as f64);
        let spread = base * self.jitter.clamp(0.0, 1.0) * (random * 2.0 - 1.0);
        (base + spread).clamp(0.0, self.max_delay_ms as f64) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_as_nothing_keeps_its_meaning() {
        let full = r#"{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}"#;
        let read = |text: &str| serde_json::from_str::<ExecutionConfig>(text).unwrap();
        assert_eq!(read("{}"), read(full), "stores are full of it: write other defaults out instead");
        assert_eq!(ExecutionConfig::default().to_stored_text(), "{}");
        let patient = ExecutionConfig { max_execution_ms: 1, ..ExecutionConfig::default() };
        assert_eq!(read(&patient.to_stored_text()), patient);
    }
}
