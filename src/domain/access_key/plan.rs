//! A key that somebody wants made, as it is written in a call or on a command line.
//! Never accepts a word that it does not know: a misspelt limit would be none.

use super::{AccessKey, CONFIGURED, FunctionPattern, HINT_CHARS, KeyRate, Scope, Scopes, digest, fresh_key};
use crate::domain::limits::{KEY_FUNCTIONS_MAX, KEY_NAME_CHARS_MAX};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

const WORDS: [&str; 6] = ["name", "scopes", "functions", "rate_limit", "expires_at", "expires_in_s"];
/// Ten years; what lasts longer does not expire.
const EXPIRES_IN_S_MAX: i64 = 10 * 366 * 86_400;

/// What a new key shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPlan {
    pub name: String,
    pub scopes: Scopes,
    pub functions: Vec<FunctionPattern>,
    pub expires_at: Option<Timestamp>,
    pub rate: Option<KeyRate>,
}

/// Why there will be no such key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PlanError(String);

impl From<String> for PlanError {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for PlanError {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl KeyPlan {
    /// # Errors
    /// The first thing that does not hold.
    pub fn from_value(value: &Value, now: Timestamp) -> Result<Self, PlanError> {
        let fields = value.as_object().ok_or("a key is described by an object")?;
        if let Some(odd) = fields.fields.keys().find(|name| !WORDS.contains(&&***name)) {
            return Err(format!("a key has no \"{odd}\"; there are {}", WORDS.join(", ")).into());
        }
        let scopes = read_scopes(&value.field("scopes"))?;
        let functions = read_patterns(&value.field("functions"))?;
        if !functions.is_empty() && scopes.has(Scope::Manage) {
            return Err(
                "functions limit what a key may start, and a key with the scope manage may do everything; leave one out".into()
            );
        }
        if !functions.is_empty() && !scopes.has(Scope::Invoke) {
            return Err(
                "functions limit what a key may start, and without the scope invoke it may start nothing; leave them out".into(),
            );
        }
        let rate = value.field("rate_limit");
        Ok(Self {
            name: read_name(&value.field("name"))?,
            scopes,
            functions,
            expires_at: read_end(value, now)?,
            rate: if rate.is_null() { None } else { Some(KeyRate::from_value(&rate)?) },
        })
    }

    /// The key to be kept, and the secret that is shown this once.
    pub fn into_key(self, now: Timestamp, created_by: Option<String>) -> (AccessKey, String) {
        let secret = fresh_key();
        let key = AccessKey {
            name: self.name,
            hint: secret.chars().take(HINT_CHARS).collect(),
            digest: digest(&secret),
            scopes: self.scopes,
            functions: self.functions,
            expires_at: self.expires_at,
            rate: self.rate,
            created_at: now,
            created_by,
            revoked_at: None,
        };
        (key, secret)
    }
}

fn read_name(value: &Value) -> Result<String, PlanError> {
    let name = value.as_str().unwrap_or_default();
    let fine = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if name.is_empty() || !fine || name.len() > KEY_NAME_CHARS_MAX {
        return Err(format!(
            "name is missing or has other characters than a-z, A-Z, 0-9, `_`, `-` and `.` (at most {KEY_NAME_CHARS_MAX})"
        )
        .into());
    }
    if name == CONFIGURED {
        return Err(format!("\"{CONFIGURED}\" is the name of the configuration's own key; take another").into());
    }
    Ok(name.to_owned())
}

fn read_scopes(value: &Value) -> Result<Scopes, PlanError> {
    let words: Vec<&str> = match value {
        Value::Text(text) => text.split(',').map(str::trim).collect(),
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap_or_default()).collect(),
        _ => Vec::new(),
    };
    let scopes: Option<Scopes> = words.iter().map(|word| Scope::parse(word)).collect();
    match scopes {
        Some(scopes) if !words.is_empty() => Ok(scopes),
        _ => Err("scopes is a list of invoke, read and manage".into()),
    }
}

fn read_patterns(value: &Value) -> Result<Vec<FunctionPattern>, PlanError> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        _ => return Err("functions is a list of names or patterns such as \"orders/*\"".into()),
    };
    if items.len() > KEY_FUNCTIONS_MAX {
        return Err(format!("functions has {} entries; there may be {KEY_FUNCTIONS_MAX}", items.len()).into());
    }
    Ok(items.iter().map(|item| FunctionPattern::parse(item.as_str().unwrap_or_default())).collect::<Result<_, _>>()?)
}

fn read_end(value: &Value, now: Timestamp) -> Result<Option<Timestamp>, PlanError> {
    let (at, in_s) = (value.field("expires_at"), value.field("expires_in_s"));
    let end = match (at.is_null(), in_s.is_null()) {
        (true, true) => return Ok(None),
        (false, false) => return Err("expires_at and expires_in_s say the same; leave one out".into()),
        (false, true) => {
            at.as_str().and_then(Timestamp::parse_rfc3339).ok_or("expires_at is a time such as 2030-01-31T12:00:00Z")?
        }
        (true, false) => {
            let seconds = in_s.as_integer().filter(|seconds| (1..=EXPIRES_IN_S_MAX).contains(seconds));
            now.plus_ms(
                seconds.ok_or_else(|| format!("expires_in_s is a number of seconds from 1 to {EXPIRES_IN_S_MAX}"))? * 1000,
            )
        }
    };
    if end > now { Ok(Some(end)) } else { Err("expires_at is over already".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Result<KeyPlan, String> {
        KeyPlan::from_value(&Value::from_json_text(json).unwrap(), Timestamp(1000)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_plan_is_read_whole() {
        let read = plan(
            r#"{"name": "n8n", "scopes": ["invoke", "read"], "functions": ["orders/*"], "expires_in_s": 60,
                "rate_limit": {"limit": 5, "per": "second"}}"#,
        );
        let read = read.unwrap();
        assert_eq!((read.scopes.to_text().as_str(), read.expires_at), ("invoke,read", Some(Timestamp(61_000))));
        assert_eq!((read.functions.len(), read.rate), (1, Some(KeyRate { limit: 5, per_ms: 1000 })));
        assert_eq!(plan(r#"{"name": "a", "scopes": "invoke, read"}"#).unwrap().scopes.to_text(), "invoke,read");
    }

    #[test]
    fn what_does_not_hold_is_refused_by_name() {
        for (json, words) in [
            ("[]", "object"),
            (r#"{"scopes": ["read"]}"#, "name"),
            (r#"{"name": "a b", "scopes": ["read"]}"#, "name"),
            (r#"{"name": "default", "scopes": ["read"]}"#, "take another"),
            (r#"{"name": "a"}"#, "scopes"),
            (r#"{"name": "a", "scopes": []}"#, "scopes"),
            (r#"{"name": "a", "scopes": ["admin"]}"#, "scopes"),
            (r#"{"name": "a", "scopes": ["invoke"], "functions": "x"}"#, "functions"),
            (r#"{"name": "a", "scopes": ["invoke"], "functions": ["A"]}"#, "no pattern"),
            (r#"{"name": "a", "scopes": ["manage"], "functions": ["a"]}"#, "everything"),
            (r#"{"name": "a", "scopes": ["read"], "functions": ["a"]}"#, "nothing"),
            (r#"{"name": "a", "scopes": ["read"], "expires_at": "1970-01-01T00:00:00Z"}"#, "over already"),
            (r#"{"name": "a", "scopes": ["read"], "expires_at": "soon"}"#, "expires_at"),
            (r#"{"name": "a", "scopes": ["read"], "expires_in_s": 0}"#, "expires_in_s"),
            (r#"{"name": "a", "scopes": ["read"], "expires_in_s": 5, "expires_at": "2030-01-01T00:00:00Z"}"#, "leave one out"),
            (r#"{"name": "a", "scopes": ["read"], "rate_limit": {}}"#, "rate_limit.limit"),
            (r#"{"name": "a", "scopes": ["read"], "ratelimit": {}}"#, "no \"ratelimit\""),
        ] {
            let message = plan(json).unwrap_err();
            assert!(message.contains(words), "{json}: {message}");
        }
    }
}
