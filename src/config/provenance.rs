//! Where each setting's value came from, for people who ask.
//! Never holds a secret: values are masked when they enter.

use std::fmt;

use super::raw::Raw;

/// The place that gave a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// A file and the line in it.
    File {
        path: String,
        line: usize,
    },
    Environment(String),
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// Every setting with the value in force, masked, in the order of its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    pub settings: Vec<ShownSetting>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSetting {
    /// `section.key`.
    pub name: String,
    /// As TOML would write it; a secret is masked.
    pub value: String,
    pub origin: Origin,
}

impl ShownSetting {
    /// The value for machines: a number as a number, a list as a list.
    pub fn json(&self) -> serde_json::Value {
        let line = format!("value = {}", self.value);
        let read = toml::from_str::<serde_json::Map<String, serde_json::Value>>(&line).ok();
        read.and_then(|mut table| table.remove("value")).unwrap_or_else(|| serde_json::Value::from(self.value.as_str()))
    }
}

impl Provenance {
    pub fn of(&self, name: &str) -> Option<&ShownSetting> {
        self.settings.iter().find(|setting| setting.name == name)
    }
}

const MASK: &str = "********";
/// Settings that are a secret as a whole.
const SECRETS: [&str; 7] = [
    "access.api_key",
    "alerts.webhook",
    "callbacks.previous_secret",
    "callbacks.secret",
    "store.decryption_keys",
    "store.encryption_key",
    "telemetry.otlp_headers",
];

/// The value of a setting as it may be shown.
pub(super) fn masked(name: &str, value: &Raw) -> String {
    match value {
        Raw::Text(text) if SECRETS.contains(&name) && !text.is_empty() => format!("\"{MASK}\""),
        Raw::List(items) if SECRETS.contains(&name) => Raw::List(vec![Raw::Text(MASK.to_owned()); items.len()]).to_string(),
        Raw::Text(text) => Raw::Text(without_password(text)).to_string(),
        other => other.to_string(),
    }
}

/// A URL with its password masked; any other text as it is.
pub fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let Some((user, host)) = authority.rsplit_once('@') else { return without_password_parameter(text) };
    let user = user.split_once(':').map_or(user, |(name, _)| name);
    without_password_parameter(&format!("{scheme}://{user}:{MASK}@{host}{path}"))
}

/// Postgres also takes the password as a parameter of the query string.
fn without_password_parameter(url: &str) -> String {
    let Some((before, query)) = url.split_once('?') else { return url.to_owned() };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}={MASK}"),
        _ => part.to_owned(),
    });
    format!("{before}?{}", parts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_alone_and_in_a_list() {
        let hidden = || Raw::Text("hidden".to_owned());
        assert_eq!(masked("store.encryption_key", &hidden()), "\"********\"");
        assert_eq!(masked("store.decryption_keys", &Raw::List(vec![hidden(), hidden()])), "[\"********\", \"********\"]");
    }

    #[test]
    fn a_password_in_a_url_is_masked() {
        assert_eq!(without_password("postgres://me:geheim@db/x"), "postgres://me:********@db/x");
        assert_eq!(without_password("postgres://me:a@b@db:5432/x"), "postgres://me:********@db:5432/x");
        assert_eq!(without_password("postgres://db/x?password=geheim&a=1"), "postgres://db/x?password=********&a=1");
        assert_eq!(without_password("sqlite://ringback.db"), "sqlite://ringback.db");
    }
}
