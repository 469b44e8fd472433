//! Section `callbacks`: the ladder, the bounds and the signing secret of deliveries.
//! Never shows the secret.

use std::fmt;

use base64::Engine as _;

use super::settings::Settings;

#[derive(Clone)]
pub struct CallbacksConfig {
    pub delays_ms: Vec<i64>,
    pub timeout_ms: i64,
    pub connect_timeout_ms: i64,
    pub per_destination_min: usize,
    pub per_destination_max: usize,
    pub in_flight_max: usize,
    pub inline_bytes_max: usize,
    /// `whsec_…`; else made on first start and kept in the store.
    pub secret: Option<String>,
    /// Signs beside `secret`, for receivers that do not know it yet.
    pub previous_secret: Option<String>,
    /// Whether messages carry a `v1a` signature too.
    pub sign_v1a: bool,
}

impl CallbacksConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let config = Self {
            delays_ms: settings.integers("callbacks.delays_ms", 0..=30 * 24 * 60 * 60 * 1000),
            timeout_ms: settings.integer("callbacks.timeout_ms", 1_000..=300_000),
            connect_timeout_ms: settings.integer("callbacks.connect_timeout_ms", 100..=60_000),
            per_destination_min: settings.size("callbacks.per_destination_min", 1..=10_000),
            per_destination_max: settings.size("callbacks.per_destination_max", 1..=10_000),
            in_flight_max: settings.size("callbacks.in_flight_max", 1..=100_000),
            inline_bytes_max: settings.size("callbacks.inline_bytes_max", 0..=16 * 1024 * 1024),
            secret: settings.parsed("callbacks.secret", None, parse_secret),
            previous_secret: settings.parsed("callbacks.previous_secret", None, parse_secret),
            sign_v1a: settings.flag("callbacks.sign_v1a"),
        };
        if config.previous_secret.is_some() && config.secret.is_none() {
            settings.refuse("callbacks.previous_secret", "is set without callbacks.secret");
        }
        if config.per_destination_min > config.per_destination_max {
            settings.refuse("callbacks.per_destination_min", "is more than callbacks.per_destination_max");
        }
        if config.per_destination_min > config.in_flight_max {
            settings.refuse("callbacks.per_destination_min", "is more than callbacks.in_flight_max");
        }
        config
    }
}

impl fmt::Debug for CallbacksConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbacksConfig")
            .field("delays_ms", &self.delays_ms)
            .field("timeout_ms", &self.timeout_ms)
            .field("in_flight_max", &self.in_flight_max)
            .field("secret", &self.secret.is_some())
            .finish_non_exhaustive()
    }
}

fn parse_secret(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let decoded = text.strip_prefix("whsec_").and_then(|key| base64::engine::general_purpose::STANDARD.decode(key).ok());
    match decoded {
        Some(bytes) if (24..=64).contains(&bytes.len()) => Ok(Some(text.to_owned())),
        _ => Err("a signing secret is whsec_ and the base64 of 24 to 64 bytes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_prefix_and_its_length() {
        assert!(parse_secret("whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0").unwrap().is_some());
        assert_eq!(parse_secret(""), Ok(None));
        for odd in ["MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0", "whsec_c2hvcnQ=", "whsec_?"] {
            let message = parse_secret(odd).unwrap_err();
            assert!(!message.contains(odd), "the secret must not be shown: {message}");
        }
    }
}
