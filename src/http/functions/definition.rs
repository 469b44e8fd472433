//! A definition as it may be shown: what looks like a secret is masked, what is taken from `env` is not.
//! Never shows a credential because it stands in an unusual place: names, headers written as text and URLs are looked at.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::value::Value;

const MASK: &str = "********";

/// Names whose values are secrets, wherever they stand.
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)^(?:.*[-_])?(?:authorization|cookie|secret|secrets|password|passwd|passphrase|token|credential|credentials|api[-_]?key|apikey|private[-_]?key|access[-_]?key|signing[-_]?key|auth[-_]?key)$";
    Regex::new(pattern).expect("the pattern is fixed, and a test uses it")
});
/// A header as one text, `Name: value`.
static HEADER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*([A-Za-z0-9_-]+)\s*:\s*(.+)$").expect("the pattern is fixed, and a test uses it"));
/// User and password in a URL.
static USERINFO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"://[^/\s@{}]+@").expect("the pattern is fixed, and a test uses it"));
/// `token=…` in a URL's query.
static QUERY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)([?&][A-Za-z0-9_-]*(?:token|secret|key|password|signature|sig)=)([^&\s{}]+)")
        .expect("the pattern is fixed, and a test uses it")
});
/// A value that only says where the secret is taken from, perhaps behind a scheme.
static TAKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:(?:bearer|basic|token)\s+)?\{\{[^{}]*\}\}\s*$").expect("the pattern is fixed, and a test uses it")
});

pub fn masked(definition: &Value) -> Value {
    match definition {
        Value::Object(object) => Value::object(object.fields.iter().map(|(name, value)| {
            let secret = SECRET_NAME.is_match(name);
            let shown = match &**name {
                "callback" => callback(value),
                _ if secret => hidden(value),
                _ => masked(value),
            };
            (name.clone(), shown)
        })),
        Value::Array(items) => Value::array(items.iter().map(masked).collect()),
        Value::Text(text) => Value::text(masked_text(text)),
        other => other.clone(),
    }
}

/// Whether a text holds what only a masked definition holds.
pub fn is_masked(definition: &str) -> bool {
    definition.contains(MASK)
}

/// Of a callback every header and credential is private, whatever its name.
fn callback(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return masked(value) };
    Value::object(object.fields.iter().map(|(name, value)| {
        let shown = match &**name {
            "headers" | "secret" | "auth" => hidden(value),
            _ => masked(value),
        };
        (name.clone(), shown)
    }))
}

/// A secret's value: every text in it, unless it only says where the secret is taken from.
fn hidden(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::object(object.fields.iter().map(|(name, value)| (name.clone(), hidden(value)))),
        Value::Array(items) => Value::array(items.iter().map(hidden).collect()),
        Value::Text(text) if text.is_empty() || TAKEN.is_match(text) => value.clone(),
        Value::Null | Value::Bool(_) => value.clone(),
        _ => Value::text(MASK),
    }
}

fn masked_text(text: &str) -> String {
    if let Some(header) = HEADER.captures(text)
        && SECRET_NAME.is_match(&header[1])
        && !TAKEN.is_match(&header[2])
    {
        return format!("{}: {MASK}", &header[1]);
    }
    let text = USERINFO.replace_all(text, format!("://{MASK}@"));
    QUERY.replace_all(&text, format!("${{1}}{MASK}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> String {
        masked(&Value::from_json_text(json).unwrap()).to_json_text()
    }

    #[test]
    fn what_looks_like_a_secret_is_masked() {
        for json in [
            r#"{"headers": {"Authorization": "Bearer hush"}}"#,
            r#"{"headers": ["Authorization: Bearer hush", "X-Api-Key: hush"]}"#,
            r#"{"callback": {"secret": "whsec_hush", "auth": {"type": "basic", "username": "u", "password": "hush"}}}"#,
            r#"{"callback": {"url": "https://a.example/", "headers": {"X-Tenant": "hush"}, "auth": {"value": "hush"}}}"#,
            r#"{"url": "https://user:hush@api.example/x"}"#,
            r#"{"url": "https://api.example/x?a=1&access_token=hush&b=2"}"#,
            r#"{"value": {"client_secret": "hush", "apiKey": "hush", "tokens": {}, "stripe-token": 7}}"#,
            r#"{"password": ["hush", {"a": "hush"}]}"#,
            r#"{"token": "{{ env.T }}hush"}"#,
        ] {
            let text = shown(json);
            assert!(!text.contains("hush") && text.contains(MASK), "{text}");
            assert!(is_masked(&text));
        }
    }

    #[test]
    fn where_a_secret_is_taken_from_is_shown_and_so_is_everything_else() {
        for json in [
            r#"{"headers":{"Authorization":"Bearer {{ env.TOKEN }}"}}"#,
            r#"{"headers":["Authorization: {{ env.TOKEN }}","Content-Type: application/json"]}"#,
            r#"{"url":"https://api.example/{{ input.id }}?key={{ env.KEY }}&page=2"}"#,
            r#"{"key":"id","value":"{{ input.token }}","tokenise":"x","idempotency_key":"k"}"#,
            r#"{"secret":null,"token":"","description":"Note: the token is kept"}"#,
        ] {
            assert_eq!(shown(json), json);
        }
    }
}
