//! A key that lets a caller in: what it may do, which functions it may start, until when, how often.
//! Never holds the key itself: only its digest outlives the moment of its making.

mod pattern;
mod plan;
mod rate;
mod scopes;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::function::FunctionName;
use super::timestamp::Timestamp;
use super::value::Value;

pub use pattern::FunctionPattern;
pub use plan::{KeyPlan, PlanError};
pub use rate::{KeyRate, Meter};
pub use scopes::{Scope, Scopes};

/// The name of the key that the configuration gives; no other may have it.
pub const CONFIGURED: &str = "default";
const PREFIX: &str = "rbk_";
/// Characters that are kept for people to tell keys apart; the rest still has more than 200 bits.
const HINT_CHARS: usize = 8;

/// A key as it is kept. Its name is its identity, and is never used again.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessKey {
    pub name: String,
    /// How the key begins.
    pub hint: String,
    pub digest: [u8; 32],
    pub scopes: Scopes,
    /// Which functions it may start; empty means all.
    pub functions: Vec<FunctionPattern>,
    pub expires_at: Option<Timestamp>,
    pub rate: Option<KeyRate>,
    pub created_at: Timestamp,
    /// The key that made it; `None` for the command line and for a server without keys.
    pub created_by: Option<String>,
    pub revoked_at: Option<Timestamp>,
}

impl AccessKey {
    /// The key that the configuration gives: it may do everything.
    pub fn configured(key: &str) -> Self {
        Self {
            name: CONFIGURED.to_owned(),
            hint: String::new(),
            digest: digest(key),
            scopes: Scopes::ALL,
            functions: Vec::new(),
            expires_at: None,
            rate: None,
            created_at: Timestamp(0),
            created_by: None,
            revoked_at: None,
        }
    }

    pub fn may_start(&self, function: &FunctionName) -> bool {
        self.functions.is_empty() || self.functions.iter().any(|pattern| pattern.matches(function))
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// What it is good for: `active`, `expired` or `revoked`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self {
            Self { revoked_at: Some(_), .. } => "revoked",
            key if key.is_expired(now) => "expired",
            _ => "active",
        }
    }

    /// As it may be shown.
    pub fn shown(&self, now: Timestamp) -> Value {
        let instant = |at: Option<Timestamp>| at.map_or(Value::Null, Value::Timestamp);
        Value::object([
            ("name", Value::text(self.name.as_str())),
            ("hint", Value::text(format!("{}…", self.hint))),
            ("state", Value::text(self.state(now))),
            ("scopes", Value::array(self.scopes.words().map(Value::text).collect())),
            ("functions", Value::array(self.functions.iter().map(|pattern| Value::text(pattern.as_str())).collect())),
            ("rate_limit", self.rate.map_or(Value::Null, KeyRate::shown)),
            ("expires_at", instant(self.expires_at)),
            ("created_at", Value::Timestamp(self.created_at)),
            ("created_by", self.created_by.as_deref().map_or(Value::Null, Value::text)),
            ("revoked_at", instant(self.revoked_at)),
        ])
    }
}

/// What is kept of a key. It is random, so one round of a plain hash is as good as many.
pub fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// A new key of 256 random bits.
pub fn fresh_key() -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_is_long_printable_and_never_the_same() {
        let (one, other) = (fresh_key(), fresh_key());
        assert!(one.starts_with("rbk_") && one.len() == 47 && one.bytes().all(|byte| byte.is_ascii_graphic()), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_shown_of_a_key_tells_neither_it_nor_its_digest() {
        let plan = KeyPlan::from_value(&Value::from_json_text(r#"{"name": "n8n", "scopes": ["invoke"]}"#).unwrap(), Timestamp(0));
        let (key, secret) = plan.unwrap().into_key(Timestamp(5), None);
        let shown = key.shown(Timestamp(6)).to_json_text();
        assert!(!shown.contains(&secret) && !shown.contains(&hex::encode(key.digest)), "{shown}");
        assert!(shown.contains(&secret[..8]) && shown.contains(r#""state":"active""#), "{shown}");
        assert_eq!(key.digest, digest(&secret));
    }

    #[test]
    fn a_key_ends_at_its_time_and_when_it_is_revoked() {
        let key = AccessKey { expires_at: Some(Timestamp(10)), ..AccessKey::configured("x") };
        assert_eq!([key.state(Timestamp(9)), key.state(Timestamp(10))], ["active", "expired"]);
        let revoked = AccessKey { revoked_at: Some(Timestamp(1)), ..key };
        assert_eq!(revoked.state(Timestamp(2)), "revoked");
    }
}
